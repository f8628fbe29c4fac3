/* SPDX-License-Identifier: Apache-2.0
 * test_redis_options.c - what is looked at first, and what may stand twice.
 * The answers are those of redis-server 7.0.15 (Debian 12), taken from it.
 */
#include "redis_desk.h"
#include "unit.h"

UNIT(redis_options, a_time_may_be_given_twice_in_one_unit)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k v ex 10 ex 20", "+OK\r\n");
    redis_ask(&d, 0, "pttl k", ":20000\r\n");
    redis_ask(&d, 0, "set k v ex 0 ex x px 9", "-ERR syntax error\r\n");
    redis_ask(&d, 0, "set k v px x px 300", "+OK\r\n");
    redis_ask(&d, 0, "pttl k", ":300\r\n");
    redis_ask(&d, 0, "getex k px 100 px 200", "$1\r\nv\r\n");
    redis_ask(&d, 0, "pttl k", ":200\r\n");
    redis_ask(&d, 0, "set k v exat 1 pxat 2", "-ERR syntax error\r\n");
    redis_ask(&d, 0, "set k v px 1 pxat 2", "-ERR syntax error\r\n");
    redis_ask(&d, 0, "set k v ex 1 keepttl", "-ERR syntax error\r\n");
    redis_ask(&d, 0, "getex k persist px 1", "-ERR syntax error\r\n");
    redis_desk_end(&d);
}

UNIT(redis_options, a_scan_looks_at_its_cursor_then_for_its_key)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k v", "+OK\r\n");
    redis_ask(&d, 0, "hset h f v", ":1\r\n");
    redis_ask(&d, 0, "hscan k x", "-ERR invalid cursor\r\n");
    redis_ask(&d, 0, "sscan k x foo", "-ERR invalid cursor\r\n");
    redis_ask(&d, 0, "sscan none x", "-ERR invalid cursor\r\n");
    redis_ask(&d, 0, "hscan k 0 foo",
              "-WRONGTYPE Operation against a key holding the wrong kind of "
              "value\r\n");
    redis_ask(&d, 0, "hscan h 0 foo", "-ERR syntax error\r\n");
    redis_ask(&d, 0, "hscan none 0 foo", "*2\r\n$1\r\n0\r\n*0\r\n");
    redis_ask(&d, 0, "sscan none 7 count x", "*2\r\n$1\r\n0\r\n*0\r\n");
    redis_desk_end(&d);
}

UNIT(redis_options, a_refusal_says_the_word_as_it_was_given)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "pubsub ChannelS a b",
              "-ERR unknown subcommand or wrong number of arguments for "
              "'ChannelS'. Try PUBSUB HELP.\r\n");
    redis_desk_end(&d);
}

UNIT(redis_options, the_same_moment_is_neither_later_nor_earlier)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k v px 500", "+OK\r\n");
    redis_ask(&d, 0, "pexpire k 500 gt", ":0\r\n");
    redis_ask(&d, 0, "pexpire k 500 lt", ":0\r\n");
    redis_ask(&d, 0, "pexpire k 501 gt", ":1\r\n");
    redis_ask(&d, 0, "pexpire k 500 lt", ":1\r\n");
    redis_desk_end(&d);
}
