/* SPDX-License-Identifier: Apache-2.0
 * redis_words.c - the commands that Redis scripts are made of.
 *
 * In a template stand for: $k a key, $v a value, $f a field, $m a member, $i
 * something like an integer, $c a channel, $g a pattern, $P a lifetime in ms,
 * $G one that no other has, $A a moment in ms, $n seconds, $B many seconds,
 * $s a script with its arguments, $h the same by its name, $l its text, $q a
 * command's name.
 */
#include "redis_make.h"

#include <string.h>

/* ---- commands --------------------------------------------------------- */

static const char *const strings[] = {"SET $k $v",
                                      "SET $k $v",
                                      "SET $k $v NX",
                                      "SET $k $v XX",
                                      "SET $k $v GET",
                                      "SET $k $v PX $P",
                                      "SET $k $v PX $P",
                                      "SET $k $v NX GET",
                                      "SET $k $v KEEPTTL",
                                      "SET $k $v EX $B",
                                      "SET $k $v PXAT $A",
                                      "SET $k $v EX 0",
                                      "SET $k $v PX 1 EX 1",
                                      "SET $k $v PX x",
                                      "SET $k $v XX KEEPTTL GET",
                                      "SET $k $v EXAT @s+54321",
                                      "GET $k",
                                      "GET $k",
                                      "GETSET $k $v",
                                      "GETDEL $k",
                                      "GETEX $k",
                                      "GETEX $k PX $P",
                                      "GETEX $k PERSIST",
                                      "GETEX $k PXAT $A",
                                      "GETEX $k PXAT 1",
                                      "PSETEX $k $P $v",
                                      "PSETEX $k 0 $v",
                                      "SETNX $k $v",
                                      "MSET $k $v $k $v",
                                      "MSET $k $v $k",
                                      "MSETNX $k $v $k $v",
                                      "MGET $k $k $k",
                                      "STRLEN $k",
                                      "APPEND $k $v",
                                      "INCR $k",
                                      "DECR $k",
                                      "INCRBY $k $i",
                                      "DECRBY $k $i",
                                      "GETRANGE $k $i $i",
                                      "SETRANGE $k $i $v",
                                      NULL};

static const char *const hashes[] = {"HSET $k $f $v",
                                     "HSET $k $f $v $f $v",
                                     "HSET $k $f $v $f",
                                     "HMSET $k $f $v $f $v",
                                     "HSETNX $k $f $v",
                                     "HGET $k $f",
                                     "HGETALL $k",
                                     "HMGET $k $f $f",
                                     "HDEL $k $f",
                                     "HDEL $k $f $f $f",
                                     "HEXISTS $k $f",
                                     "HLEN $k",
                                     "HKEYS $k",
                                     "HVALS $k",
                                     "HINCRBY $k $f $i",
                                     "HSTRLEN $k $f",
                                     "HSCAN $k 0",
                                     "HSCAN $k 0 MATCH $g COUNT 5",
                                     NULL};

static const char *const sets[] = {
    "SADD $k $m",           "SADD $k $m $m $m",
    "SREM $k $m",           "SREM $k $m $m",
    "SISMEMBER $k $m",      "SMISMEMBER $k $m $m",
    "SMEMBERS $k",          "SCARD $k",
    "SMOVE $k $k $m",       "SINTER $k $k",
    "SUNION $k $k",         "SDIFF $k $k",
    "SDIFFSTORE $k $k $k",  "SINTERSTORE $k $k $k",
    "SUNIONSTORE $k $k $k", "SSCAN $k 0",
    "SSCAN $k 0 MATCH $g",  NULL};

static const char *const keys[] = {"DEL $k",
                                   "DEL $k $k $k",
                                   "UNLINK $k $k",
                                   "EXISTS $k $k",
                                   "TYPE $k",
                                   "RENAME $k $k",
                                   "RENAMENX $k $k",
                                   "TOUCH $k",
                                   "COPY $k $k",
                                   "COPY $k $k REPLACE",
                                   "COPY $k $k DB 1",
                                   "KEYS ~$g",
                                   "SCAN 0 MATCH ~* COUNT 100000",
                                   "SCAN 0 MATCH ~* COUNT 100000 TYPE hash",
                                   "SCAN 0 MATCH ~$g COUNT 100000",
                                   "SCAN x",
                                   "SCAN 0 COUNT 0",
                                   "SCAN 0 MATCH",
                                   NULL};

static const char *const expiry[] = {"PEXPIRE $k $P",
                                     "PEXPIRE $k $P",
                                     "PEXPIRE $k $P NX",
                                     "PEXPIRE $k $P XX",
                                     "PEXPIRE $k $G GT",
                                     "PEXPIRE $k $G LT",
                                     "PEXPIRE $k $G XX GT",
                                     "PEXPIREAT $k $A",
                                     "PEXPIREAT $k 1",
                                     "EXPIRE $k $B",
                                     "EXPIRE $k $B GT",
                                     "EXPIRE $k $B LT",
                                     "EXPIRE $k -1",
                                     "EXPIRE $k 0",
                                     "EXPIRE $k x",
                                     "EXPIRE $k 10 NX GT",
                                     "EXPIRE $k 10 GT LT",
                                     "EXPIRE $k 10 FOO",
                                     "EXPIRE $k 9223372036854775807",
                                     "EXPIREAT $k @s+43210",
                                     "EXPIREAT $k @s-5",
                                     "PERSIST $k",
                                     "PERSIST $k",
                                     "TTL $k",
                                     "PTTL $k",
                                     "PTTL $k",
                                     "PEXPIRETIME $k",
                                     "EXPIRETIME $k",
                                     NULL};

static const char *const scripts[] = {"EVAL $s",
                                      "EVAL $s",
                                      "EVAL $s",
                                      "EVALSHA $h",
                                      "EVALSHA $h",
                                      "EVAL_RO $s",
                                      "EVALSHA_RO $h",
                                      "SCRIPT LOAD $l",
                                      "SCRIPT EXISTS sha=$l sha=$l",
                                      "EVALSHA nosuch 0",
                                      "EVAL return\\x201 1",
                                      "EVAL return\\x201 -1",
                                      "EVAL return\\x201 x",
                                      "SCRIPT NOSUCH",
                                      NULL};

static const char *const server[] = {"PING",
                                     "PING $v",
                                     "PING a b",
                                     "ECHO $v",
                                     "SELECT 0",
                                     "SELECT 0",
                                     "SELECT 0",
                                     "SELECT 1",
                                     "SELECT 99",
                                     "SELECT x",
                                     "INFO",
                                     "INFO server",
                                     "INFO replication clients",
                                     "INFO nosuch",
                                     "ROLE",
                                     "AUTH x",
                                     "AUTH default x",
                                     "AUTH nobody x",
                                     "AUTH a b c",
                                     "TIME",
                                     "DBSIZE",
                                     "CLIENT ID",
                                     "CLIENT GETNAME",
                                     "CLIENT SETNAME ~n",
                                     "CLIENT SETNAME a\\x20b",
                                     "CONFIG GET notify-keyspace-events",
                                     "CONFIG GET databases",
                                     "CONFIG GET nosuch",
                                     "CONFIG SET nosuch 1",
                                     "HELLO",
                                     "HELLO 2 SETNAME ~n",
                                     "HELLO 2 AUTH nobody x",
                                     "HELLO x",
                                     "HELLO 9",
                                     "HELLO 2 FOO",
                                     "UNWATCH",
                                     "EXEC",
                                     "DISCARD",
                                     "RESET",
                                     "QUIT",
                                     "GET",
                                     "SET $k",
                                     "GET $k $k",
                                     "NOSUCH $v $k",
                                     "HSET",
                                     "WATCH",
                                     "MULTI 1",
                                     "CONFIG",
                                     "PUBSUB NOSUCH",
                                     NULL};

static const char *const messages[] = {
    "PUBLISH $c $v",       "PUBLISH $c $v",
    "PUBLISH $c $v",       "PUBLISH $c",
    "PUBSUB CHANNELS ~*",  "PUBSUB CHANNELS ~$g",
    "PUBSUB NUMSUB $c $c", "PUBSUB NUMSUB",
    "PUBSUB NUMPAT",       "UNSUBSCRIBE $c",
    "UNSUBSCRIBE",         "SUBSCRIBE $c",
    "PUNSUBSCRIBE",        NULL};

static const char *const of_subscribers[] = {"SUBSCRIBE $c",
                                             "SUBSCRIBE $c $c",
                                             "PSUBSCRIBE ~$g",
                                             "UNSUBSCRIBE $c",
                                             "UNSUBSCRIBE",
                                             "PUNSUBSCRIBE",
                                             "PUNSUBSCRIBE ~$g",
                                             "PING",
                                             "PING $v",
                                             "GET $k",
                                             "MULTI",
                                             "CONFIG GET databases",
                                             "SUBSCRIBE",
                                             "NOSUCH",
                                             "UNSUBSCRIBE ; PUNSUBSCRIBE",
                                             "RESET",
                                             "QUIT",
                                             NULL};

/* What would lie elsewhere in time at EXEC, what ends the transaction, and
 * what is answered in no order cannot wait. */
static bool can_wait(const char *template)
{
    return strstr(template, "$G") == NULL && strstr(template, "$A") == NULL &&
           strcmp(template, "QUIT") != 0 && strcmp(template, "RESET") != 0 &&
           strcmp(template, "UNSUBSCRIBE") != 0 &&
           strcmp(template, "EXEC") != 0 && strcmp(template, "DISCARD") != 0;
}

const char *parity_redis_op(struct parity_dice *dice, bool is_queued)
{
    static const char *const *const groups[] = {
        strings, strings, strings, hashes, hashes,  sets,   sets,
        keys,    expiry,  expiry,  expiry, scripts, server, messages};
    const char *template;

    do {
        template = parity_dice_pick(
            dice,
            groups[parity_dice_below(dice, sizeof groups / sizeof *groups)]);
    } while (is_queued && !can_wait(template));
    return template;
}

const char *parity_redis_subscriber_op(struct parity_dice *dice)
{
    return parity_dice_pick(dice, of_subscribers);
}
