/* SPDX-License-Identifier: Apache-2.0
 * test_redis_event.c - keyspace events: which, of what, in which order, and
 * the letters that ask for them. As redis-server 7.0.15 (Debian 12) sends
 * them, taken from it.
 */
#include "redis_desk.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKED "*2\r\n$22\r\nnotify-keyspace-events\r\n"

/* Client 2 listens; client 0 acts. */
static void start(struct redis_desk *d, const char *letters)
{
    char request[64];

    redis_desk_start(d);
    snprintf(request, sizeof request, "config set notify-keyspace-events %s",
             letters);
    redis_ask(d, 0, request, "+OK\r\n");
    redis_ask(d, 2, "psubscribe __key*",
              "*3\r\n$10\r\npsubscribe\r\n$6\r\n__key*\r\n:1\r\n");
}

/* The last `n` bulk strings of a message that begins at `at`, into text. */
static const char *add_message(const char *at, char *text, size_t room)
{
    for (int i = 0; i < 4; i++) {
        size_t length = strlen(text);
        char *end;
        at = strchr(at, '$');
        unit_true(at != NULL);
        long n = strtol(at + 1, &end, 10);
        unit_true(n >= 0 && n < 200);
        at = end + 2;
        if (i >= 2)
            snprintf(text + length, room - length, "%.*s%s", (int)n, at,
                     i == 2 ? " " : "; ");
        at += n + 2;
    }
    return at;
}

/* What client 2 is told of a request of client 0: "channel payload; ...". */
static void expect(struct redis_desk *d, const char *request, const char *want,
                   int line)
{
    static const char ping[] = "ping |\r\n", pong[] = "pong\r\n";
    char got[4096], text[2048] = "", answer[256];
    size_t have = 0, n;

    redis_desk_say(d, 0, request, strlen(request));
    redis_desk_say(d, 0, "\r\n", 2);
    unit_true(*request == '\0' ||
              redis_desk_hear(d, 0, answer, sizeof answer) > 0);
    redis_desk_say(d, 2, ping, sizeof ping - 1);
    got[0] = '\0';
    while (strstr(got, pong) == NULL &&
           (n = redis_desk_hear(d, 2, got + have, sizeof got - 1 - have)) > 0) {
        have += n;
        got[have] = '\0';
    }
    for (const char *at = got; strncmp(at, "*4", 2) == 0;)
        at = add_message(at, text, sizeof text);
    unit_text_at(text, want, request, __FILE__, line);
}

#define events(d, request, want) expect((d), (request), (want), __LINE__)

/* ---- letters ---------------------------------------------------------- */

UNIT(redis_event, letters_are_kept_in_the_servers_order)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "config get notify-keyspace-events", ASKED "$0\r\n\r\n");
    redis_ask(&d, 0, "config set notify-keyspace-events nmExzhsl$gK",
              "+OK\r\n");
    redis_ask(&d, 0, "config get notify-keyspace-*",
              ASKED "$11\r\ng$lshzxnKEm\r\n");
    redis_ask(&d, 0, "config set notify-keyspace-events g$lshzxetd", "+OK\r\n");
    redis_ask(&d, 0, "config get notify-keyspace-events", ASKED "$1\r\nA\r\n");
    redis_ask(&d, 0, "config set notify-keyspace-events q",
              "-ERR CONFIG SET failed (possibly related to argument "
              "'notify-keyspace-events') - Invalid event class character. Use "
              "'Ag$lshzxeKEtmdn'.\r\n");
    redis_ask(&d, 0, "config set notify-keyspace-events KEAmn", "+OK\r\n");
    redis_ask(&d, 0, "config get notify-keyspace-events",
              ASKED "$4\r\nAKEm\r\n");
    redis_ask(&d, 0, "config set nosuch 1",
              "-ERR Unknown option or number of arguments for CONFIG SET - "
              "'nosuch'\r\n");
    unit_int(fake_refused(d.fake), 1);
    redis_desk_end(&d);
}

UNIT(redis_event, a_failed_setting_loses_the_letter_n)
{
    struct redis_desk d;
    char got[256];

    start(&d, "KAn");
    events(&d, "set a v", "__keyspace@0__:a new; __keyspace@0__:a set; ");
    redis_desk_say(&d, 0, "config set notify-keyspace-events q\r\n", 37);
    unit_true(redis_desk_hear(&d, 0, got, sizeof got) > 0);
    events(&d, "set b v", "__keyspace@0__:b set; ");
    redis_desk_end(&d);
}

UNIT(redis_event, only_what_is_asked_for_is_sent)
{
    static const struct {
        const char *letters, *want;
    } rows[] = {
        {"\"\"", ""},
        {"A", ""},
        {"K", ""},
        {"Kg", "__keyspace@0__:a expire; "},
        {"E$", "__keyevent@0__:set a; "},
        {"KEA", "__keyspace@0__:a set; __keyevent@0__:set a; "
                "__keyspace@0__:a expire; __keyevent@0__:expire a; "},
        {"En", "__keyevent@0__:new a; "},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct redis_desk d;
        start(&d, rows[i].letters);
        events(&d, "psetex a 100 v", rows[i].want);
        redis_desk_end(&d);
    }
}

/* ---- commands --------------------------------------------------------- */

UNIT(redis_event, each_command_says_what_it_did)
{
    static const struct {
        const char *request, *want;
    } rows[] = {
        {"set a 1", "new a; set a; "},
        {"set a 1 nx", ""},
        {"set b 1 px 9000 get", "keymiss b; new b; set b; expire b; "},
        {"getset a 2", "set a; "},
        {"setnx a 3", ""},
        {"mset a 1 c 2", "set a; new c; set c; "},
        {"append a 2", "append a; "},
        {"incr a", "incrby a; "},
        {"decrby a 5", "incrby a; "},
        {"setrange a 0 x", "setrange a; "},
        {"setrange none 0 \"\"", ""},
        {"getex a px 9000", "expire a; "},
        {"getex a persist", "persist a; "},
        {"getex a pxat 1", "del a; "},
        {"getdel c", "del c; "},
        {"get c", "keymiss c; "},
        {"mget c b none", "keymiss c; keymiss none; "},
        {"ttl none", "keymiss none; "},
        {"incr none", "new none; incrby none; "},
        {"expire none -1", "del none; "},
        {"expire none 100", ""},
        {"expire b 100", "expire b; "},
        {"persist b", "persist b; "},
        {"persist b", ""},
        {"rename b c", "new c; rename_from b; rename_to c; "},
        {"set b x", "new b; set b; "},
        {"rename b c", "new c; rename_from b; rename_to c; "},
        {"rename c c", ""},
        {"copy c d", "new d; copy_to d; "},
        {"del c none d", "del c; del d; "},
        {"hset h f 1 g 2", "new h; hset h; "},
        {"hset h f 1", "hset h; "},
        {"hsetnx h f 2", ""},
        {"hincrby h f 2", "hincrby h; "},
        {"hdel h f x", "hdel h; "},
        {"hdel h x", ""},
        {"hdel h g", "hdel h; del h; "},
        {"sadd s a b", "new s; sadd s; "},
        {"sadd s a", ""},
        {"srem s a", "srem s; "},
        {"smove s t b", "srem s; del s; new t; sadd t; "},
        {"sunionstore u t none", "keymiss none; new u; sunionstore u; "},
        {"sinterstore u t u", "sinterstore u; "},
        {"sdiffstore u t t", "del u; "},
        {"smove t t b", ""},
        {"srem t b", "srem t; del t; "},
        {"flushall", ""},
        {"eval \"redis.call('set','a','1') redis.call('del','a')\" 0",
         "new a; set a; del a; "},
    };
    struct redis_desk d;

    start(&d, "EAmn");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char want[512] = "", word[64];
        for (const char *at = rows[i].want; *at != '\0';) {
            size_t n = strcspn(at, ";");
            snprintf(word, sizeof word, "%.*s", (int)n, at);
            snprintf(want + strlen(want), sizeof want - strlen(want),
                     "__keyevent@0__:%s; ", word);
            at += n + 2;
        }
        events(&d, rows[i].request, want);
    }
    redis_desk_end(&d);
}

UNIT(redis_event, the_end_of_a_key_is_an_event)
{
    struct redis_desk d;

    start(&d, "Ex");
    events(&d, "psetex b 20 v", "");
    events(&d, "psetex a 20 v", "");
    events(&d, "set k v", "");
    redis_desk_pass(&d, 19);
    events(&d, "ping", "");
    redis_desk_pass(&d, 1);
    events(&d, "", "__keyevent@0__:expired a; __keyevent@0__:expired b; ");
    events(&d, "set c v pxat 1", "__keyevent@0__:expired c; ");
    unit_int(fake_evict(d.fake, "k"), 0);
    events(&d, "config set notify-keyspace-events Ee", "");
    events(&d, "set k v pxat 1", "");
    events(&d, "set k v", "");
    unit_int(fake_evict(d.fake, "k"), 0);
    events(&d, "", "__keyevent@0__:evicted k; ");
    redis_desk_end(&d);
}

UNIT(redis_event, each_database_has_its_own)
{
    struct redis_desk d;

    start(&d, "KA");
    redis_ask(&d, 0, "select 3", "+OK\r\n");
    events(&d, "set a v", "__keyspace@3__:a set; ");
    events(&d, "copy a b db 4", "__keyspace@4__:b copy_to; ");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    events(&d, "set a w", "");
    events(&d, "exec", "__keyspace@3__:a set; ");
    redis_desk_end(&d);
}

/* ---- after a restart --------------------------------------------------- */

UNIT(redis_event, a_restart_forgets_the_setting)
{
    struct redis_desk d;

    redis_desk_start(&d);
    redis_ask(&d, 0, "config set notify-keyspace-events KEA", "+OK\r\n");
    unit_int(fake_stop(d.fake), 0);
    redis_desk_hang_up(&d, 0);
    unit_int(fake_start(d.fake, true), 0);
    redis_ask(&d, 0, "config get notify-keyspace-events", ASKED "$0\r\n\r\n");
    redis_desk_end(&d);
}
