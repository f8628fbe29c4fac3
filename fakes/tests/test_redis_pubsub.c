/* SPDX-License-Identifier: Apache-2.0
 * test_redis_pubsub.c - channels, patterns, subscribed connections; HELLO and
 * RESET. The answers are those of redis-server 7.0.15 (Debian 12), taken from
 * it.
 */
#include "redis_desk.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define SUBSCRIBED(kind, name, n) "*3\r\n$" kind "\r\n$" name "\r\n:" n "\r\n"
#define SUB_A SUBSCRIBED("9\r\nsubscribe", "1\r\na", "1")
#define IN_CONTEXT                                                             \
    "only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are "        \
    "allowed in this context\r\n"

/* Nothing is asked: this has come. */
static void hears(struct redis_desk *d, int client, const char *want)
{
    char got[2048];
    size_t have = redis_desk_hear(d, client, got, sizeof got);
    unit_bytes(got, have, want, strlen(want));
}

/* The answer to a PING is the next thing that comes. */
static void hears_nothing(struct redis_desk *d, int client)
{
    redis_ask(d, client, "ping x", "*2\r\n$4\r\npong\r\n$1\r\nx\r\n");
}

/* ---- messages --------------------------------------------------------- */

UNIT(redis_pubsub, a_message_reaches_who_has_subscribed)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "subscribe a", SUB_A);
    redis_ask(&d, 1, "publish b no", ":0\r\n");
    redis_ask(&d, 1, "publish a yes", ":1\r\n");
    hears(&d, 0, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$3\r\nyes\r\n");
    redis_ask(&d, 2, "subscribe a", SUB_A);
    redis_ask(&d, 1, "publish a \"\\x00\"", ":2\r\n");
    redis_desk_hang_up(&d, 2);
    redis_ask(&d, 1, "publish a z", ":1\r\n");
    redis_ask(&d, 0, "unsubscribe a",
              "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n\0\r\n"
              "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nz\r\n"
              "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n");
    redis_ask(&d, 1, "publish a z", ":0\r\n");
    redis_ask(&d, 0, "ping", "+PONG\r\n");
    redis_desk_end(&d);
}

UNIT(redis_pubsub, a_message_comes_once_for_each_pattern)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "psubscribe a* [b-d]? a*",
              "*3\r\n$10\r\npsubscribe\r\n$2\r\na*\r\n:1\r\n"
              "*3\r\n$10\r\npsubscribe\r\n$6\r\n[b-d]?\r\n:2\r\n"
              "*3\r\n$10\r\npsubscribe\r\n$2\r\na*\r\n:2\r\n");
    redis_ask(&d, 0, "subscribe ab",
              "*3\r\n$9\r\nsubscribe\r\n$2\r\nab\r\n:3\r\n");
    redis_ask(&d, 1, "publish ab v", ":2\r\n");
    hears(&d, 0,
          "*3\r\n$7\r\nmessage\r\n$2\r\nab\r\n$1\r\nv\r\n"
          "*4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$2\r\nab\r\n$1\r\nv\r\n");
    redis_ask(&d, 1, "publish cx v", ":1\r\n");
    hears(&d, 0,
          "*4\r\n$8\r\npmessage\r\n$6\r\n[b-d]?\r\n$2\r\ncx\r\n"
          "$1\r\nv\r\n");
    redis_ask(&d, 0, "punsubscribe",
              "*3\r\n$12\r\npunsubscribe\r\n$2\r\na*\r\n:2\r\n"
              "*3\r\n$12\r\npunsubscribe\r\n$6\r\n[b-d]?\r\n:1\r\n");
    redis_ask(&d, 0, "punsubscribe",
              "*3\r\n$12\r\npunsubscribe\r\n$-1\r\n:1\r\n");
    redis_desk_end(&d);
}

UNIT(redis_pubsub, transactions_and_scripts_publish)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "subscribe a", SUB_A);
    redis_ask(&d, 1, "multi", "+OK\r\n");
    redis_ask(&d, 1, "publish a 1", "+QUEUED\r\n");
    hears_nothing(&d, 0);
    redis_ask(&d, 1, "exec", "*1\r\n:1\r\n");
    hears(&d, 0, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n1\r\n");
    redis_ask(&d, 1, "eval \"return redis.call('publish','a','2')\" 0",
              ":1\r\n");
    hears(&d, 0, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n2\r\n");
    redis_ask(&d, 1, "eval_ro \"return redis.pcall('publish','a','2')\" 0",
              "-ERR Write commands are not allowed from read-only "
              "scripts.\r\n");
    redis_ask(&d, 1, "eval \"return redis.pcall('subscribe','a')\" 0",
              "-ERR This Redis command is not allowed from script\r\n");
    hears_nothing(&d, 0);
    /* Its own message stands in the midst of the answer. */
    redis_ask(&d, 2, "multi", "+OK\r\n");
    redis_ask(&d, 2, "subscribe b", "+QUEUED\r\n");
    redis_ask(&d, 2, "publish b x", "+QUEUED\r\n");
    redis_ask(&d, 2, "exec",
              "*2\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:1\r\n"
              "*3\r\n$7\r\nmessage\r\n$1\r\nb\r\n$1\r\nx\r\n:1\r\n");
    redis_desk_end(&d);
}

/* ---- who has subscribed ----------------------------------------------- */

UNIT(redis_pubsub, a_subscribed_connection_takes_little_else)
{
    static const char *const refused[] = {"get", "multi", "publish"};
    static const char *const requests[] = {"get k", "multi", "publish a b"};
    struct redis_desk d;
    char want[256];

    redis_desk_start(&d);
    redis_ask(&d, 0, "subscribe a", SUB_A);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        int n = snprintf(want, sizeof want, "-ERR Can't execute '%s': %s",
                         refused[i], IN_CONTEXT);
        redis_desk_ask(&d, 0, requests[i], want, (size_t)n, __FILE__, __LINE__);
    }
    redis_ask(&d, 0, "config get x",
              "-ERR Can't execute 'config|get': " IN_CONTEXT);
    redis_ask(&d, 0, "get",
              "-ERR wrong number of arguments for 'get' command\r\n");
    redis_ask(&d, 0, "ping", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
    redis_ask(&d, 0, "quit", "+OK\r\n");
    unit_true(redis_desk_is_closed(&d, 0));
    redis_ask(&d, 1, "publish a b", ":0\r\n");
    redis_desk_end(&d);
}

UNIT(redis_pubsub, it_says_who_has_subscribed)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "subscribe a", SUB_A);
    redis_ask(&d, 2, "subscribe a", SUB_A);
    redis_ask(&d, 2, "psubscribe p*",
              "*3\r\n$10\r\npsubscribe\r\n$2\r\np*\r\n:2\r\n");
    redis_ask(&d, 1, "pubsub channels", "*1\r\n$1\r\na\r\n");
    redis_ask(&d, 1, "pubsub channels b*", "*0\r\n");
    redis_ask(&d, 1, "pubsub channels a b",
              "-ERR unknown subcommand or wrong number of arguments for "
              "'channels'. Try PUBSUB HELP.\r\n");
    redis_ask(&d, 1, "pubsub numsub a b",
              "*4\r\n$1\r\na\r\n:2\r\n$1\r\nb\r\n:0\r\n");
    redis_ask(&d, 1, "pubsub numpat", ":1\r\n");
    redis_ask(&d, 2, "reset", "+RESET\r\n");
    redis_ask(&d, 1, "pubsub numpat", ":0\r\n");
    redis_ask(&d, 1, "pubsub numsub a", "*2\r\n$1\r\na\r\n:1\r\n");
    redis_ask(&d, 2, "get k", "$-1\r\n");
    redis_desk_end(&d);
}

/* ---- how a connection begins ------------------------------------------ */

#define HELLO(id)                                                              \
    "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"  \
    "$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:" id "\r\n$4\r\nmode\r\n"               \
    "$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n"     \
    "*0\r\n"

UNIT(redis_hello, it_greets_in_the_second_protocol_only)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "hello", HELLO("1"));
    redis_ask(&d, 1, "hello 2 setname me auth default any", HELLO("2"));
    redis_ask(&d, 1, "client getname", "$2\r\nme\r\n");
    unit_int(fake_refused(d.fake), 0);
    redis_ask(&d, 1, "hello 3", "-NOPROTO unsupported protocol version\r\n");
    unit_int(fake_refused(d.fake), 1);
    redis_ask(&d, 1, "hello 9", "-NOPROTO unsupported protocol version\r\n");
    unit_int(fake_refused(d.fake), 1);
    redis_ask(&d, 1, "hello x",
              "-ERR Protocol version is not an integer or out of range\r\n");
    redis_ask(&d, 1, "hello 2 setname",
              "-ERR Syntax error in HELLO option 'setname'\r\n");
    redis_ask(&d, 1, "hello 2 auth nobody x",
              "-WRONGPASS invalid username-password pair or user is "
              "disabled.\r\n");
    redis_desk_end(&d);
}

UNIT(redis_hello, it_may_bring_the_password)
{
    struct redis_desk d;
    redis_desk_start(&d);
    fake_set_condition(d.fake, FAKE_NEEDS_AUTH);
    redis_ask(&d, 0, "hello 2",
              "-NOAUTH HELLO must be called with the client already "
              "authenticated, otherwise the HELLO <proto> AUTH <user> <pass> "
              "option can be used to authenticate the client and select the "
              "RESP protocol version at the same time\r\n");
    redis_ask(&d, 0, "hello 2 auth default secret", HELLO("1"));
    redis_ask(&d, 0, "get k", "$-1\r\n");
    redis_ask(&d, 0, "reset", "+RESET\r\n");
    redis_ask(&d, 0, "get k", "-NOAUTH Authentication required.\r\n");
    redis_desk_end(&d);
}

UNIT(redis_hello, a_reset_begins_anew)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "client setname me", "+OK\r\n");
    redis_ask(&d, 0, "select 3", "+OK\r\n");
    redis_ask(&d, 0, "watch k", "+OK\r\n");
    redis_ask(&d, 0, "multi", "+OK\r\n");
    redis_ask(&d, 0, "set k v", "+QUEUED\r\n");
    redis_ask(&d, 0, "reset x",
              "-ERR wrong number of arguments for 'reset' command\r\n");
    redis_ask(&d, 0, "reset", "+RESET\r\n");
    redis_ask(&d, 0, "exec", "-ERR EXEC without MULTI\r\n");
    redis_ask(&d, 0, "client getname", "$-1\r\n");
    redis_ask(&d, 0, "set k v", "+OK\r\n");
    redis_dump(&d, "db0 string \"k\" \"v\"\n");
    redis_desk_end(&d);
}
