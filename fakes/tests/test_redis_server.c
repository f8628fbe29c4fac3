/* SPDX-License-Identifier: Apache-2.0
 * test_redis_server.c - transactions, conditions, verbs, counts, pipelines.
 * The answers are those of redis-server 7.0.15 (Debian 12), taken from it.
 */
#include "redis_desk.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OOM "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
#define READONLY "-READONLY You can't write against a read only replica.\r\n"
#define EXECABORT                                                              \
    "-EXECABORT Transaction discarded because of previous errors.\r\n"

/* ---- transactions ----------------------------------------------------- */

UNIT(redis_txn, it_runs_as_a_whole)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "set k x", "+QUEUED\r\n");
    redis_ask(&d, 0, "incr k", "+QUEUED\r\n");
    redis_ask(&d, 0, "get k", "+QUEUED\r\n");
    redis_ask(&d, 1, "get k", "$-1\r\n");
    redis_ask(&d, 0, "exec",
              "*3\r\n+OK\r\n-ERR value is not an integer or out of range\r\n"
              "$1\r\nx\r\n");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "exec", "*0\r\n");
    redis_ask(&d, 0, "exec", "-ERR EXEC without MULTI\r\n");
    redis_ask(&d, 0, "discard", "-ERR DISCARD without MULTI\r\n");
    redis_desk_end(&d);
}

UNIT(redis_txn, what_cannot_be_queued_ends_it)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "multi", "-ERR MULTI calls can not be nested\r\n");
    redis_ask(&d, 0, "watch k", "-ERR WATCH inside MULTI is not allowed\r\n");
    redis_ask(&d, 0, "set k v", "+QUEUED\r\n");
    redis_ask(&d, 0, "exec", "*1\r\n+OK\r\n");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "set k w", "+QUEUED\r\n");
    redis_ask(&d, 0, "get",
              "-ERR wrong number of arguments for 'get' command\r\n");
    redis_ask(&d, 0, "exec", EXECABORT);
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "nosuch a b",
              "-ERR unknown command 'nosuch', with args beginning with: 'a' "
              "'b' \r\n");
    redis_ask(&d, 0, "exec", EXECABORT);
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "set k w", "+QUEUED\r\n");
    redis_ask(&d, 0, "discard", "+OK\r\n");
    redis_ask(&d, 0, "get k", "$1\r\nv\r\n");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "exec", "*0\r\n");
    redis_desk_end(&d);
}

/* Each of these, by another client, spoils a transaction that watches k. */
UNIT(redis_txn, a_touched_watch_ends_it)
{
    static const char *const changes[] = {"hset k f w",
                                          "hset k f v",
                                          "hdel k f",
                                          "del k",
                                          "set k v",
                                          "expire k 9",
                                          "rename k l",
                                          "rename from k",
                                          "flushall",
                                          "flushdb",
                                          "eval \"redis.call('del', 'k')\" 0"};
    struct redis_desk d;
    char got[128];

    redis_desk_start(&d);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        redis_ask(&d, 0, "flushall", "+OK\r\n");
        redis_ask(&d, 0, "hset k f v", ":1\r\n");
        redis_ask(&d, 0, "set from v", "+OK\r\n");
        redis_ask(&d, 0, "watch other k", "+OK\r\n");
        redis_desk_say(&d, 1, changes[i], strlen(changes[i]));
        redis_desk_say(&d, 1, "\r\n", 2);
        unit_true(redis_desk_hear(&d, 1, got, sizeof got) > 0);
        redis_ask(&d, 0, "multi", "+OK\r\n");
        redis_ask(&d, 0, "ping", "+QUEUED\r\n");
        redis_ask(&d, 0, "exec", "*-1\r\n");
        redis_ask(&d, 0, "multi", "+OK\r\n");
        redis_ask(&d, 0, "exec", "*0\r\n");
    }
    redis_desk_end(&d);
}

UNIT(redis_txn, an_untouched_watch_does_not)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "sadd s a", ":1\r\n");
    redis_ask(&d, 0, "watch s k", "+OK\r\n");
    redis_ask(&d, 1, "sadd s a", ":0\r\n");
    redis_ask(&d, 1, "srem s b", ":0\r\n");
    redis_ask(&d, 1, "select 1", "+OK\r\n");
    redis_ask(&d, 1, "set k v", "+OK\r\n");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "exec", "*0\r\n");
    redis_ask(&d, 0, "watch s", "+OK\r\n");
    redis_ask(&d, 0, "unwatch", "+OK\r\n");
    redis_ask(&d, 0, "del s", ":1\r\n");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "exec", "*0\r\n");
    redis_desk_end(&d);
}

UNIT(redis_txn, the_end_of_a_watched_key_touches_it)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "psetex k 100 v", "+OK\r\n");
    redis_ask(&d, 0, "watch k", "+OK\r\n");
    redis_desk_pass(&d, 99);
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "exec", "*0\r\n");
    redis_ask(&d, 0, "watch k", "+OK\r\n");
    redis_desk_pass(&d, 1);
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "exec", "*-1\r\n");
    redis_ask(&d, 0, "watch k", "+OK\r\n");
    redis_desk_pass(&d, 1000);
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "exec", "*0\r\n");
    redis_desk_end(&d);
}

UNIT(redis_txn, who_leaves_watches_no_more)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "watch k", "+OK\r\n");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "set k v", "+QUEUED\r\n");
    redis_desk_hang_up(&d, 0);
    redis_ask(&d, 1, "set k w", "+OK\r\n");
    redis_ask(&d, 0, "get k", "$1\r\nw\r\n");
    redis_desk_end(&d);
}

/* ---- conditions ------------------------------------------------------- */

UNIT(redis_condition, a_replica_refuses_writes)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k v", "+OK\r\n");
    redis_ask(&d, 1, "multi", "+OK\r\n");
    redis_ask(&d, 1, "set k w", "+QUEUED\r\n");
    redis_ask(&d, 0, "role", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n");
    fake_set_condition(d.fake, FAKE_READ_ONLY);
    redis_ask(&d, 0, "set k w", READONLY);
    redis_ask(&d, 0, "del none", READONLY);
    redis_ask(&d, 0, "get k", "$1\r\nv\r\n");
    redis_ask(&d, 0, "eval \"return redis.pcall('set','k','w')\" 0", READONLY);
    redis_ask(&d, 0, "eval \"return redis.call('set','a','b')\" 0",
              "-READONLY You can't write against a read only replica. script: "
              "ff967d0ae0e68b4f9e360fa91c54598bc25ad9b6, on "
              "@user_script:1.\r\n");
    redis_ask(&d, 0, "eval \"return redis.call('get','k')\" 0", "$1\r\nv\r\n");
    redis_ask(&d, 0, "role",
              "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:6379\r\n"
              "$9\r\nconnected\r\n:0\r\n");
    redis_ask(&d, 1, "exec",
              "-EXECABORT Transaction discarded because of: READONLY You can't "
              "write against a read only replica.\r\n");
    redis_ask(&d, 1, "multi", "+OK\r\n");
    redis_ask(&d, 1, "set k w", READONLY);
    redis_ask(&d, 1, "exec", EXECABORT);
    fake_set_condition(d.fake, FAKE_HEALTHY);
    redis_ask(&d, 0, "set k w", "+OK\r\n");
    redis_desk_end(&d);
}

UNIT(redis_condition, without_memory_what_grows_is_refused)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k v", "+OK\r\n");
    fake_set_condition(d.fake, FAKE_OUT_OF_MEMORY);
    redis_ask(&d, 0, "set a b", OOM);
    redis_ask(&d, 0, "hset h a b", OOM);
    redis_ask(&d, 0, "get k", "$1\r\nv\r\n");
    redis_ask(&d, 0, "expire k 100", ":1\r\n");
    redis_ask(&d, 0, "eval \"return redis.call('set','a','b')\" 0",
              "-OOM command not allowed when used memory > 'maxmemory'. "
              "script: ff967d0ae0e68b4f9e360fa91c54598bc25ad9b6, on "
              "@user_script:1.\r\n");
    redis_ask(&d, 0,
              "eval \"redis.call('del','k') return redis.call('set','a','b')\" "
              "0",
              "+OK\r\n");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "get a", OOM);
    redis_ask(&d, 0, "exec", EXECABORT);
    redis_ask(&d, 0, "del a", ":1\r\n");
    redis_desk_end(&d);
}

UNIT(redis_condition, while_loading_little_is_answered)
{
    static const char loading[] =
        "-LOADING Redis is loading the dataset in memory\r\n";
    struct redis_desk d;
    redis_desk_start(&d);
    fake_set_condition(d.fake, FAKE_LOADING);
    redis_ask(&d, 0, "get k",
              "-LOADING Redis is loading the dataset in "
              "memory\r\n");
    redis_desk_ask(&d, 0, "ping", loading, sizeof loading - 1, __FILE__,
                   __LINE__);
    redis_desk_ask(&d, 0, "eval \"return 1\" 0", loading, sizeof loading - 1,
                   __FILE__, __LINE__);
    redis_ask(&d, 0, "select 1", "+OK\r\n");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "time", "+QUEUED\r\n");
    redis_desk_ask(&d, 0, "get k", loading, sizeof loading - 1, __FILE__,
                   __LINE__);
    redis_ask(&d, 0, "exec", EXECABORT);
    fake_set_condition(d.fake, FAKE_HEALTHY);
    redis_ask(&d, 0, "ping", "+PONG\r\n");
    redis_desk_end(&d);
}

UNIT(redis_condition, a_password_is_asked_for)
{
    static const char noauth[] = "-NOAUTH Authentication required.\r\n";
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "auth x",
              "-ERR AUTH <password> called without any password configured "
              "for the default user. Are you sure your configuration is "
              "correct?\r\n");
    fake_set_condition(d.fake, FAKE_NEEDS_AUTH);
    redis_desk_ask(&d, 0, "get k", noauth, sizeof noauth - 1, __FILE__,
                   __LINE__);
    redis_desk_ask(&d, 0, "ping", noauth, sizeof noauth - 1, __FILE__,
                   __LINE__);
    redis_ask(&d, 0, "exec",
              "-EXECABORT Transaction discarded because of: NOAUTH "
              "Authentication required.\r\n");
    redis_ask(&d, 0, "auth wrong",
              "-WRONGPASS invalid username-password pair or user is "
              "disabled.\r\n");
    redis_ask(&d, 0, "auth other secret",
              "-WRONGPASS invalid username-password pair or user is "
              "disabled.\r\n");
    redis_ask(&d, 0, "auth secret", "+OK\r\n");
    redis_ask(&d, 0, "get k", "$-1\r\n");
    redis_ask(&d, 1, "auth default secret", "+OK\r\n");
    redis_ask(&d, 1, "ping", "+PONG\r\n");
    redis_ask(&d, 2, "*11",
              "-ERR Protocol error: unauthenticated multibulk length\r\n");
    unit_true(redis_desk_is_closed(&d, 2));
    redis_desk_end(&d);
}

/* ---- verbs ------------------------------------------------------------ */

/* The line "name:..." of INFO into `value`. */
static void info(struct redis_desk *d, const char *name, char *value,
                 size_t room)
{
    char got[4096], *at, *end;

    redis_desk_say(d, 0, "info\r\n", 6);
    got[redis_desk_hear(d, 0, got, sizeof got - 1)] = '\0';
    at = strstr(got, name);
    unit_true(at != NULL);
    at += strlen(name) + 1;
    end = strchr(at, '\r');
    unit_true(end != NULL);
    snprintf(value, room, "%.*s", (int)(end - at), at);
}

UNIT(redis_verbs, a_restart_is_another_run)
{
    struct redis_desk d;
    char run_id[64], after[64];

    redis_desk_start(&d);
    redis_ask(&d, 0, "psetex k 5000 v", "+OK\r\n");
    redis_ask(&d, 0, "script load \"return 1\"",
              "$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n");
    info(&d, "run_id", run_id, sizeof run_id);
    unit_int((int64_t)strlen(run_id), 40);
    info(&d, "uptime_in_seconds", after, sizeof after);
    unit_text(after, "86400");
    unit_int(fake_stop(d.fake), 0);
    redis_desk_hang_up(&d, 0);
    redis_desk_pass(&d, 1000);
    unit_int(fake_start(d.fake, true), 0);
    redis_desk_pass(&d, 2000);
    info(&d, "run_id", after, sizeof after);
    unit_true(strcmp(run_id, after) != 0);
    info(&d, "uptime_in_seconds", after, sizeof after);
    unit_text(after, "2");
    redis_ask(&d, 0, "pttl k", ":2000\r\n");
    redis_ask(&d, 0, "evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0",
              "-NOSCRIPT No matching script. Please use EVAL.\r\n");
    unit_int(fake_stop(d.fake), 0);
    redis_desk_hang_up(&d, 0);
    unit_int(fake_start(d.fake, false), 0);
    redis_ask(&d, 0, "dbsize", ":0\r\n");
    redis_desk_end(&d);
}

UNIT(redis_verbs, two_servers_have_two_run_ids)
{
    struct redis_desk d;
    struct fake *other;
    struct fake_link *first;
    char one[64], two[64];

    redis_desk_start(&d);
    first = d.link;
    unit_int(fake_redis_new(d.hub, &other), 0);
    info(&d, "run_id", one, sizeof one);
    redis_desk_hang_up(&d, 0);
    unit_int(fake_listen(other, "other", &d.link), 0);
    info(&d, "run_id", two, sizeof two);
    unit_true(strcmp(one, two) != 0);
    unit_true(first != d.link);
    redis_desk_end(&d);
}

UNIT(redis_verbs, evict_and_flush_touch_watchers)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "psetex k 10 v", "+OK\r\n");
    redis_ask(&d, 0, "set l v", "+OK\r\n");
    redis_ask(&d, 0, "watch k", "+OK\r\n");
    unit_true(fake_evict(d.fake, "none") < 0);
    unit_int(fake_evict(d.fake, "k"), 0);
    redis_trace(&d, "redis set k px 10\nredis set l\nredis evicted k\n");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "exec", "*-1\r\n");
    redis_ask(&d, 0, "watch l", "+OK\r\n");
    unit_int(fake_flush(d.fake), 0);
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "exec", "*-1\r\n");
    redis_dump(&d, "");
    unit_int(fake_next_due(d.hub), INT64_MAX);
    redis_desk_end(&d);
}

/* ---- counts ----------------------------------------------------------- */

UNIT(redis_counts, own_traffic_is_left_out)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "ping", "+PONG\r\n");
    redis_ask(&d, 0, "select 1", "+OK\r\n");
    redis_ask(&d, 0, "client getname", "$-1\r\n");
    redis_ask(&d, 0, "config get x", "*0\r\n");
    redis_ask(&d, 0, "Set k v", "+OK\r\n");
    redis_ask(&d, 1, "multi", "+OK\r\n");
    redis_ask(&d, 1, "get k", "+QUEUED\r\n");
    redis_ask(&d, 1, "exec", "*1\r\n$-1\r\n");
    unit_int(fake_count(d.fake, d.link, "PING"), 1);
    unit_int(fake_count(d.fake, d.link, "CLIENT"), 1);
    unit_int(fake_count(d.fake, d.link, "SET"), 1);
    unit_int(fake_count(d.fake, d.link, "GET"), 1);
    unit_int(fake_count(d.fake, d.link, NULL), 4);
    unit_int(fake_refused(d.fake), 0);
    redis_ask(&d, 0, "hello 3", "-NOPROTO unsupported protocol version\r\n");
    unit_int(fake_count(d.fake, NULL, "HELLO"), 1);
    unit_int(fake_refused(d.fake), 1);
    redis_ask(&d, 0, "client foo",
              "-ERR unknown subcommand 'foo'. Try CLIENT HELP.\r\n");
    unit_int(fake_refused(d.fake), 2);
    unit_int(fake_count(d.fake, NULL, NULL), 4);
    redis_desk_end(&d);
}

UNIT(redis_counts, looking_for_a_script_is_no_operation)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "evalsha 4e6d8fc8bb01276962cce5371fa795a7763657ae 0",
              "-NOSCRIPT No matching script. Please use EVAL.\r\n");
    unit_int(fake_count(d.fake, NULL, "NOSCRIPT"), 1);
    unit_int(fake_count(d.fake, NULL, "EVALSHA"), 0);
    redis_ask(&d, 0, "eval \"return redis.call('set','k','v')\" 0", "+OK\r\n");
    unit_int(fake_count(d.fake, NULL, "EVAL"), 1);
    unit_int(fake_count(d.fake, NULL, NULL), 0);
    redis_ask(&d, 0, "eval \"return redis.call('set','k','v')\" 0", "+OK\r\n");
    unit_int(fake_count(d.fake, NULL, NULL), 1);
    redis_ask(&d, 0, "evalsha 7ab8e1b8b39e5dd0be3a2ae3c5a7e87cbb2e46d2 0",
              "-NOSCRIPT No matching script. Please use EVAL.\r\n");
    redis_ask(&d, 0, "script load \"return 1\"",
              "$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n");
    redis_ask(&d, 0, "evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0",
              ":1\r\n");
    unit_int(fake_count(d.fake, NULL, "EVALSHA"), 1);
    unit_int(fake_count(d.fake, NULL, "SET"), 0);
    unit_int(fake_count(d.fake, NULL, NULL), 2);
    redis_desk_end(&d);
}

/* ---- the wire --------------------------------------------------------- */

UNIT(redis_wire, a_pipeline_may_be_cut_at_every_byte)
{
    static const char asked[] = "*3\r\n$3\r\nSET\r\n$2\r\n\r\n\r\n$0\r\n\r\n"
                                "get \"\\r\\n\"\r\n"
                                "*0\r\n\r\n"
                                "*1\r\n$4\r\nPING\r\n"
                                "*2\r\n$4\r\nECHO\r\n$5\r\n*1\r\n$\r\n";
    static const char want[] = "+OK\r\n$0\r\n\r\n+PONG\r\n$5\r\n*1\r\n$\r\n";
    struct redis_desk d;

    redis_desk_start(&d);
    for (size_t cut = 0; cut < sizeof asked; cut++) {
        char got[128];
        size_t have = 0, n;
        redis_desk_say(&d, 0, asked, cut);
        redis_desk_pass(&d, 0);
        redis_desk_say(&d, 0, asked + cut, sizeof asked - 1 - cut);
        while (have < sizeof want - 1 &&
               (n = redis_desk_hear(&d, 0, got + have, sizeof got - have)) > 0)
            have += n;
        unit_bytes(got, have, want, sizeof want - 1);
    }
    redis_desk_end(&d);
}

UNIT(redis_wire, what_is_not_the_protocol_ends_the_connection)
{
    static const struct {
        const char *asked, *want;
    } rows[] = {
        {"*x", "-ERR Protocol error: invalid multibulk length\r\n"},
        {"*1\r\nx", "-ERR Protocol error: expected '$', got 'x'\r\n"},
        {"*1\r\n$-1", "-ERR Protocol error: invalid bulk length\r\n"},
        {"get \"a", "-ERR Protocol error: unbalanced quotes in request\r\n"},
        {"get \"a\"b", "-ERR Protocol error: unbalanced quotes in request\r\n"},
    };
    struct redis_desk d;
    redis_desk_start(&d);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        redis_desk_ask(&d, 0, rows[i].asked, rows[i].want, strlen(rows[i].want),
                       __FILE__, __LINE__);
        unit_true(redis_desk_is_closed(&d, 0));
        redis_desk_hang_up(&d, 0);
    }
    unit_int(fake_refused(d.fake), 5);
    redis_ask(&d, 0, "quit", "+OK\r\n");
    unit_true(redis_desk_is_closed(&d, 0));
    redis_desk_end(&d);
}
