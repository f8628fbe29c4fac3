/* SPDX-License-Identifier: Apache-2.0
 * test_redis_more.c - commands on several sets, parts of strings, copies and
 * other databases; settings. The answers are those of redis-server 7.0.15
 * (Debian 12), taken from it.
 */
#include "redis_desk.h"
#include "unit.h"

#define WRONGTYPE                                                              \
    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"

UNIT(redis_algebra, sets_meet_join_and_part)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "sadd s a b c", ":3\r\n");
    redis_ask(&d, 0, "sadd t b c d", ":3\r\n");
    redis_ask(&d, 0, "set k v", "+OK\r\n");
    redis_ask(&d, 0, "sinter s t", "*2\r\n$1\r\nb\r\n$1\r\nc\r\n");
    redis_ask(&d, 0, "sinter s none", "*0\r\n");
    redis_ask(&d, 0, "sunion s t",
              "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n");
    redis_ask(&d, 0, "sdiff s t", "*1\r\n$1\r\na\r\n");
    redis_ask(&d, 0, "sdiff s s", "*0\r\n");
    redis_ask(&d, 0, "sdiff none k", WRONGTYPE);
    redis_ask(&d, 0, "sinterstore k s t", ":2\r\n");
    redis_ask(&d, 0, "type k", "+set\r\n");
    redis_ask(&d, 0, "pexpire k 100", ":1\r\n");
    redis_ask(&d, 0, "sdiffstore k s t", ":1\r\n");
    redis_ask(&d, 0, "pttl k", ":-1\r\n");
    redis_ask(&d, 0, "sinterstore s s none", ":0\r\n");
    redis_ask(&d, 0, "exists s", ":0\r\n");
    redis_desk_end(&d);
}

UNIT(redis_algebra, a_member_moves)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "sadd s a b", ":2\r\n");
    redis_ask(&d, 0, "set k v", "+OK\r\n");
    redis_ask(&d, 0, "smove none k a", ":0\r\n");
    redis_ask(&d, 0, "smove s k a", WRONGTYPE);
    redis_ask(&d, 0, "smove s s a", ":1\r\n");
    redis_ask(&d, 0, "smove s t x", ":0\r\n");
    redis_ask(&d, 0, "smove s t a", ":1\r\n");
    redis_ask(&d, 0, "smove s t b", ":1\r\n");
    redis_dump(&d, "db0 string \"k\" \"v\"\n"
                   "db0 set \"t\"\n    \"a\"\n    \"b\"\n");
    redis_desk_end(&d);
}

UNIT(redis_string, parts_are_read_and_written)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set k hello", "+OK\r\n");
    redis_ask(&d, 0, "getrange k 1 -2", "$3\r\nell\r\n");
    redis_ask(&d, 0, "getrange k -100 0", "$1\r\nh\r\n");
    redis_ask(&d, 0, "getrange k 3 99", "$2\r\nlo\r\n");
    redis_ask(&d, 0, "getrange k -1 -3", "$0\r\n\r\n");
    redis_ask(&d, 0, "getrange none 0 -1", "$0\r\n\r\n");
    redis_ask(&d, 0, "set one h", "+OK\r\n");
    redis_ask(&d, 0, "getrange one -1 -3", "$0\r\n\r\n");
    redis_ask(&d, 0, "getrange one -3 -2", "$1\r\nh\r\n");
    redis_ask(&d, 0, "setrange k 3 p!", ":5\r\n");
    redis_ask(&d, 0, "setrange k 6 x", ":7\r\n");
    redis_ask(&d, 0, "get k", "$7\r\nhelp!\0x\r\n");
    redis_ask(&d, 0, "setrange none 5 \"\"", ":0\r\n");
    redis_ask(&d, 0, "exists none", ":0\r\n");
    redis_ask(&d, 0, "setrange k -1 x", "-ERR offset is out of range\r\n");
    redis_ask(&d, 0, "setrange k 600000000 x",
              "-ERR string exceeds maximum allowed size "
              "(proto-max-bulk-len)\r\n");
    redis_desk_end(&d);
}

UNIT(redis_copy, a_copy_has_the_time_left)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "hset h f v", ":1\r\n");
    redis_ask(&d, 0, "pexpire h 100", ":1\r\n");
    redis_ask(&d, 0, "copy none k", ":0\r\n");
    redis_ask(&d, 0, "copy h k db 2", ":1\r\n");
    redis_ask(&d, 0, "copy h k db 2", ":0\r\n");
    redis_ask(&d, 0, "hset h g w", ":1\r\n");
    redis_ask(&d, 0, "copy h k db 2 replace", ":1\r\n");
    redis_ask(&d, 0, "copy h h",
              "-ERR source and destination objects are the same\r\n");
    redis_ask(&d, 0, "copy h k db 16", "-ERR DB index is out of range\r\n");
    redis_ask(&d, 0, "copy h k foo", "-ERR syntax error\r\n");
    redis_ask(&d, 0, "hdel h f g", ":2\r\n");
    redis_dump(&d, "db2 hash \"k\" until 1000100\n"
                   "    \"f\" \"v\"\n    \"g\" \"w\"\n");
    redis_desk_pass(&d, 100);
    redis_dump(&d, "");
    redis_desk_end(&d);
}

UNIT(redis_copy, databases_change_places)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "set a v px 100", "+OK\r\n");
    redis_ask(&d, 0, "set w v", "+OK\r\n");
    redis_ask(&d, 1, "select 1", "+OK\r\n");
    redis_ask(&d, 1, "set b v px 50", "+OK\r\n");
    redis_ask(&d, 1, "watch w", "+OK\r\n");
    redis_ask(&d, 2, "watch none", "+OK\r\n");
    redis_ask(&d, 0, "swapdb 0 0", "+OK\r\n");
    redis_ask(&d, 0, "swapdb 0 1", "+OK\r\n");
    redis_dump(&d, "db0 string \"b\" \"v\" until 1000050\n"
                   "db1 string \"a\" \"v\" until 1000100\n"
                   "db1 string \"w\" \"v\"\n");
    redis_ask(&d, 1, "multi", "+OK\r\n");
    redis_ask(&d, 1, "exec", "*-1\r\n");
    redis_ask(&d, 2, "multi", "+OK\r\n");
    redis_ask(&d, 2, "exec", "*0\r\n");
    redis_ask(&d, 1, "watch w", "+OK\r\n");
    redis_ask(&d, 2, "watch b", "+OK\r\n");
    redis_ask(&d, 0, "swapdb 1 0", "+OK\r\n");
    redis_ask(&d, 1, "multi", "+OK\r\n");
    redis_ask(&d, 1, "exec", "*-1\r\n");
    redis_ask(&d, 2, "multi", "+OK\r\n");
    redis_ask(&d, 2, "exec", "*-1\r\n");
    redis_ask(&d, 2, "watch b", "+OK\r\n");
    redis_ask(&d, 0, "swapdb 0 1", "+OK\r\n");
    redis_ask(&d, 2, "multi", "+OK\r\n");
    redis_ask(&d, 2, "exec", "*-1\r\n");
    redis_desk_pass(&d, 50);
    redis_ask(&d, 0, "dbsize", ":0\r\n");
    redis_desk_pass(&d, 50);
    redis_ask(&d, 1, "keys *", "*1\r\n$1\r\nw\r\n");
    redis_ask(&d, 0, "swapdb x 1", "-ERR invalid first DB index\r\n");
    redis_ask(&d, 0, "swapdb 1 x", "-ERR invalid second DB index\r\n");
    redis_ask(&d, 0, "swapdb 1 16", "-ERR DB index is out of range\r\n");
    redis_desk_end(&d);
}

UNIT(redis_config, what_clients_ask_about)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "config get Databases timeout",
              "*4\r\n$9\r\nDatabases\r\n$2\r\n16\r\n$7\r\ntimeout\r\n"
              "$1\r\n0\r\n");
    redis_ask(&d, 0, "config get maxm*policy",
              "*2\r\n$16\r\nmaxmemory-policy\r\n$10\r\nnoeviction\r\n");
    redis_ask(&d, 0, "config get nosuch", "*0\r\n");
    redis_ask(&d, 0, "config set notify-keyspace-events",
              "-ERR wrong number of arguments for 'config|set' command\r\n");
    redis_ask(&d, 0, "config set a 1 b", "-ERR syntax error\r\n");
    redis_ask(&d, 0,
              "config set notify-keyspace-events K notify-keyspace-events E",
              "-ERR CONFIG SET failed (possibly related to argument "
              "'notify-keyspace-events') - duplicate parameter\r\n");
    redis_ask(&d, 0, "config resetstat", "+OK\r\n");
    redis_desk_end(&d);
}
