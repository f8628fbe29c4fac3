/* SPDX-License-Identifier: Apache-2.0
 * test_redis.c - keys, types and their times. The answers are those of
 * redis-server 7.0.15 (Debian 12), taken from it.
 */
#include "redis_desk.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define WRONGTYPE                                                              \
    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"

UNIT(redis, strings_in_all_their_forms)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "get k", "$-1\r\n");
    redis_ask(&d, 0, "set k v", "+OK\r\n");
    redis_ask(&d, 0, "get k", "$1\r\nv\r\n");
    redis_ask(&d, 0, "set k w nx", "$-1\r\n");
    redis_ask(&d, 0, "set k w nx get", "$1\r\nv\r\n");
    redis_ask(&d, 0, "set none w xx", "$-1\r\n");
    redis_ask(&d, 0, "set k w xx get", "$1\r\nv\r\n");
    redis_ask(&d, 0, "getset k x", "$1\r\nw\r\n");
    redis_ask(&d, 0, "append k yz", ":3\r\n");
    redis_ask(&d, 0, "strlen k", ":3\r\n");
    redis_ask(&d, 0, "mset a 1 b 2", "+OK\r\n");
    redis_ask(&d, 0, "msetnx a 3 c 4", ":0\r\n");
    redis_ask(&d, 0, "mget a none b", "*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n2\r\n");
    redis_ask(&d, 0, "getdel a", "$1\r\n1\r\n");
    redis_ask(&d, 0, "setnx a 5", ":1\r\n");
    redis_ask(&d, 0, "incr a", ":6\r\n");
    redis_ask(&d, 0, "decrby a 10", ":-4\r\n");
    redis_ask(&d, 0, "incr k", NOT_INTEGER);
    redis_ask(&d, 0, "set a 9223372036854775807", "+OK\r\n");
    redis_ask(&d, 0, "incr a",
              "-ERR increment or decrement would overflow\r\n");
    redis_ask(&d, 0, "set a 01", "+OK\r\n");
    redis_ask(&d, 0, "incr a", NOT_INTEGER);
    redis_desk_end(&d);
}

UNIT(redis, hashes)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "hset h a 1 b 2", ":2\r\n");
    redis_ask(&d, 0, "hset h a 3 c 4", ":1\r\n");
    redis_ask(&d, 0, "hsetnx h a 9", ":0\r\n");
    redis_ask(&d, 0, "hget h a", "$1\r\n3\r\n");
    redis_ask(&d, 0, "hmget h c none", "*2\r\n$1\r\n4\r\n$-1\r\n");
    redis_ask(&d, 0, "hgetall h",
              "*6\r\n$1\r\na\r\n$1\r\n3\r\n$1\r\nb\r\n$1\r\n2\r\n"
              "$1\r\nc\r\n$1\r\n4\r\n");
    redis_ask(&d, 0, "hkeys h", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
    redis_ask(&d, 0, "hvals h", "*3\r\n$1\r\n3\r\n$1\r\n2\r\n$1\r\n4\r\n");
    redis_ask(&d, 0, "hincrby h b 5", ":7\r\n");
    redis_ask(&d, 0, "hset h t x", ":1\r\n");
    redis_ask(&d, 0, "hincrby h t 1", "-ERR hash value is not an integer\r\n");
    redis_ask(&d, 0, "hdel h a t none", ":2\r\n");
    redis_ask(&d, 0, "hlen h", ":2\r\n");
    redis_ask(&d, 0, "hexists h a", ":0\r\n");
    redis_ask(&d, 0, "hscan h 0 match b",
              "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nb\r\n$1\r\n7\r\n");
    redis_ask(&d, 0, "hset h a",
              "-ERR wrong number of arguments for 'hset' command\r\n");
    redis_ask(&d, 0, "hdel h b c", ":2\r\n");
    redis_ask(&d, 0, "exists h", ":0\r\n");
    redis_desk_end(&d);
}

UNIT(redis, sets)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "sadd s b a b", ":2\r\n");
    redis_ask(&d, 0, "smembers s", "*2\r\n$1\r\nb\r\n$1\r\na\r\n");
    redis_ask(&d, 0, "sismember s a", ":1\r\n");
    redis_ask(&d, 0, "srem s a none", ":1\r\n");
    redis_ask(&d, 0, "scard s", ":1\r\n");
    redis_ask(&d, 0, "srem s b", ":1\r\n");
    redis_ask(&d, 0, "type s", "+none\r\n");
    redis_ask(&d, 0, "smembers s", "*0\r\n");
    redis_desk_end(&d);
}

UNIT(redis, a_command_for_another_type_is_refused)
{
    static const char *const requests[] = {
        "get h",         "incr h",     "append h x", "strlen h",
        "getset h x",    "getdel h",   "getex h",    "set h x get",
        "hget k f",      "hset k f v", "hdel k f",   "hkeys k",
        "hincrby k f 1", "sadd k m",   "srem k m",   "smembers h",
        "sismember k m", "hscan k 0",  "sscan h 0",  "scard h"};
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k v", "+OK\r\n");
    redis_ask(&d, 0, "hset h f v", ":1\r\n");
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        redis_ask(&d, 0, requests[i], WRONGTYPE);
    redis_ask(&d, 0, "mget h k", "*2\r\n$-1\r\n$1\r\nv\r\n");
    redis_ask(&d, 0, "set h now-a-string", "+OK\r\n");
    redis_ask(&d, 0, "type h", "+string\r\n");
    redis_desk_end(&d);
}

UNIT(redis, a_key_is_gone_at_its_millisecond)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k v px 1000", "+OK\r\n");
    unit_int(fake_next_due(d.hub), REDIS_DESK_START_MS + 1000);
    redis_desk_pass(&d, 999);
    redis_ask(&d, 0, "get k", "$1\r\nv\r\n");
    redis_ask(&d, 0, "pttl k", ":1\r\n");
    redis_trace(&d, "redis set k px 1000\n");
    redis_desk_pass(&d, 1);
    redis_trace(&d, "redis expired k\n");
    redis_ask(&d, 0, "get k", "$-1\r\n");
    redis_ask(&d, 0, "pttl k", ":-2\r\n");
    unit_int(fake_next_due(d.hub), INT64_MAX);
    redis_desk_end(&d);
}

UNIT(redis, keys_end_in_order_of_time_then_name)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "psetex b 20 v", "+OK\r\n");
    redis_ask(&d, 0, "psetex c 10 v", "+OK\r\n");
    redis_ask(&d, 0, "psetex a 20 v", "+OK\r\n");
    redis_ask(&d, 0, "psetex d 30 v", "+OK\r\n");
    redis_ask(&d, 0, "persist d", ":1\r\n");
    redis_ask(&d, 1, "select 1", "+OK\r\n");
    redis_ask(&d, 1, "psetex a 10 v", "+OK\r\n");
    redis_desk_pass(&d, 0);
    d.trace[0] = '\0';
    redis_desk_pass(&d, 100);
    redis_trace(&d, "redis expired c\nredis expired @1 a\n"
                    "redis expired a\nredis expired b\n");
    redis_ask(&d, 0, "keys *", "*1\r\n$1\r\nd\r\n");
    redis_desk_end(&d);
}

UNIT(redis, a_write_keeps_or_ends_the_time_as_it_should)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "setex k 100 1", "+OK\r\n");
    redis_ask(&d, 0, "incr k", ":2\r\n");
    redis_ask(&d, 0, "append k 0", ":2\r\n");
    redis_ask(&d, 0, "set k 5 keepttl", "+OK\r\n");
    redis_ask(&d, 0, "ttl k", ":100\r\n");
    redis_ask(&d, 0, "rename k l", "+OK\r\n");
    redis_ask(&d, 0, "ttl l", ":100\r\n");
    redis_ask(&d, 0, "set l 6", "+OK\r\n");
    redis_ask(&d, 0, "ttl l", ":-1\r\n");
    redis_ask(&d, 0, "pexpire l 1500", ":1\r\n");
    redis_ask(&d, 0, "ttl l", ":2\r\n");
    redis_ask(&d, 0, "expire l 1 gt", ":0\r\n");
    redis_ask(&d, 0, "expire l 1 lt", ":1\r\n");
    redis_ask(&d, 0, "expire l 1 nx", ":0\r\n");
    redis_ask(&d, 0, "getex l persist", "$1\r\n6\r\n");
    redis_ask(&d, 0, "ttl l", ":-1\r\n");
    redis_ask(&d, 0, "expire l -1", ":1\r\n");
    redis_ask(&d, 0, "exists l", ":0\r\n");
    redis_desk_end(&d);
}

UNIT(redis, absolute_times_are_of_the_wall_clock)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k v pxat 1700000001000", "+OK\r\n");
    redis_ask(&d, 0, "pttl k", ":1000\r\n");
    redis_ask(&d, 0, "pexpiretime k", ":1700000001000\r\n");
    redis_ask(&d, 0, "expireat k 1700000002", ":1\r\n");
    redis_desk_pass(&d, 1999);
    redis_ask(&d, 0, "time", "*2\r\n$10\r\n1700000001\r\n$6\r\n999000\r\n");
    redis_ask(&d, 0, "exists k", ":1\r\n");
    redis_desk_pass(&d, 1);
    redis_ask(&d, 0, "exists k", ":0\r\n");
    redis_ask(&d, 0, "set k v exat 1", "+OK\r\n");
    redis_ask(&d, 0, "get k", "$-1\r\n");
    redis_desk_end(&d);
}

UNIT(redis, impossible_times_are_refused)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k v ex 0",
              "-ERR invalid expire time in 'set' command\r\n");
    redis_ask(&d, 0, "psetex k -1 v",
              "-ERR invalid expire time in 'psetex' command\r\n");
    redis_ask(&d, 0, "set k v ex 9223372036854775807",
              "-ERR invalid expire time in 'set' command\r\n");
    redis_ask(&d, 0, "set k v px 9223372036854775807",
              "-ERR invalid expire time in 'set' command\r\n");
    redis_ask(&d, 0, "set k v px x", NOT_INTEGER);
    redis_ask(&d, 0, "set k v px 1 ex 1", "-ERR syntax error\r\n");
    redis_ask(&d, 0, "expire k 1 nx gt",
              "-ERR NX and XX, GT or LT options at the same time are not "
              "compatible\r\n");
    redis_ask(&d, 0, "set k v pxat 9223372036854775807", "+OK\r\n");
    redis_ask(&d, 0, "exists k", ":1\r\n");
    redis_desk_end(&d);
}

UNIT(redis, a_scan_sees_once_what_stays)
{
    struct redis_desk d;
    char request[64], got[512];
    unsigned seen = 0, cursor = 0, steps = 0;

    redis_desk_start(&d);
    for (int i = 0; i < 25; i++) {
        snprintf(request, sizeof request, "set stays%02d v", i);
        redis_ask(&d, 0, request, "+OK\r\n");
    }
    do {
        snprintf(request, sizeof request, "scan %u count 10\r\n", cursor);
        redis_desk_say(&d, 0, request, strlen(request));
        got[redis_desk_hear(&d, 0, got, sizeof got - 1)] = '\0';
        unit_int(sscanf(got, "*2 $%*u %u", &cursor), 1);
        for (char *at = got; (at = strstr(at, "stays")) != NULL; at++)
            seen++;
        redis_ask(&d, 0, "set passes v", "+OK\r\n");
        redis_ask(&d, 0, "del passes", ":1\r\n");
        steps++;
    } while (cursor != 0 && steps < 100);
    unit_int(seen, 25);
    unit_true(steps >= 3);
    redis_ask(&d, 0, "scan x", "-ERR invalid cursor\r\n");
    redis_desk_end(&d);
}

UNIT(redis, databases_are_apart)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k zero", "+OK\r\n");
    redis_ask(&d, 0, "select 15", "+OK\r\n");
    redis_ask(&d, 0, "get k", "$-1\r\n");
    redis_ask(&d, 0, "set k fifteen px 50", "+OK\r\n");
    redis_ask(&d, 0, "select 16", "-ERR DB index is out of range\r\n");
    redis_ask(&d, 1, "get k", "$4\r\nzero\r\n");
    redis_dump(&d, "db0 string \"k\" \"zero\"\n"
                   "db15 string \"k\" \"fifteen\" until 1000050\n");
    redis_ask(&d, 0, "flushdb", "+OK\r\n");
    redis_ask(&d, 1, "dbsize", ":1\r\n");
    redis_trace(&d, "redis set k\nredis set @15 k px 50\n"
                    "redis flushdb @15\n");
    redis_desk_end(&d);
}

UNIT(redis, trace_and_dump_show_any_byte)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set \"a b\\x00\" \"\\r\\n\\\"\"", "+OK\r\n");
    redis_ask(&d, 0, "hset h \"\\xff\" v", ":1\r\n");
    redis_ask(&d, 0, "sadd s z \"\"", ":2\r\n");
    redis_ask(&d, 0, "get \"a b\\x00\"", "$3\r\n\r\n\"\r\n");
    redis_ask(&d, 0, "srem s z \"\"", ":2\r\n");
    redis_ask(&d, 0, "pexpire h 10", ":1\r\n");
    redis_ask(&d, 0, "sadd s y x", ":2\r\n");
    redis_trace(&d, "redis set a\\x20b\\x00\n"
                    "redis hset h \\xff\n"
                    "redis sadd s z\nredis sadd s \"\"\n"
                    "redis srem s z\nredis srem s \"\"\nredis del s\n"
                    "redis pexpire h px 10\n"
                    "redis sadd s y\nredis sadd s x\n");
    redis_dump(&d, "db0 string \"a\\x20b\\x00\" \"\\x0d\\x0a\\x22\"\n"
                   "db0 hash \"h\" until 1000010\n    \"\\xff\" \"v\"\n"
                   "db0 set \"s\"\n    \"x\"\n    \"y\"\n");
    redis_desk_end(&d);
}
