/* SPDX-License-Identifier: Apache-2.0
 * redis_table.c - the commands it speaks; arity and flags are those that
 * COMMAND INFO of Redis 7.0.15 tells.
 */
#include "redis.h"

#define W REDIS_WRITE
#define M (REDIS_WRITE | REDIS_DENYOOM)
#define NS REDIS_NOSCRIPT
#define L REDIS_LOADING_OK
#define OWN REDIS_OWN
#define TXN (NS | L | REDIS_UNQUEUED)

static const struct redis_command client_subs[] = {
    {"client|getname", 2, NS | L | OWN, fake_redis_client_getname, NULL},
    {"client|id", 2, NS | L | OWN, fake_redis_client_id, NULL},
    {"client|setname", 3, NS | L | OWN, fake_redis_client_setname, NULL},
    {NULL, 0, 0, NULL, NULL},
};

static const struct redis_command config_subs[] = {
    {"config|get", -3, NS | L | OWN, fake_redis_empty_array, NULL},
    {NULL, 0, 0, NULL, NULL},
};

static const struct redis_command script_subs[] = {
    {"script|exists", -3, NS | OWN, fake_redis_script_exists, NULL},
    {"script|flush", -2, NS | OWN, fake_redis_script_flush, NULL},
    {"script|load", 3, NS | OWN, fake_redis_script_load, NULL},
    {NULL, 0, 0, NULL, NULL},
};

const struct redis_command fake_redis_commands[] = {
    {"append", 3, M, fake_redis_append, NULL},
    {"auth", -2, NS | L | REDIS_NO_AUTH | OWN, fake_redis_auth, NULL},
    {"client", -2, NS | L | OWN, NULL, client_subs},
    {"command", -1, L | OWN, fake_redis_empty_array, NULL},
    {"config", -2, NS | L | OWN, NULL, config_subs},
    {"dbsize", 1, 0, fake_redis_dbsize, NULL},
    {"decr", 2, M, fake_redis_decr, NULL},
    {"decrby", 3, M, fake_redis_decrby, NULL},
    {"del", -2, W, fake_redis_del, NULL},
    {"discard", 1, TXN, fake_redis_discard, NULL},
    {"echo", 2, L, fake_redis_echo, NULL},
    {"eval", -3, NS, fake_redis_eval, NULL},
    {"eval_ro", -3, NS, fake_redis_eval, NULL},
    {"evalsha", -3, NS, fake_redis_evalsha, NULL},
    {"evalsha_ro", -3, NS, fake_redis_evalsha, NULL},
    {"exec", 1, TXN, fake_redis_exec, NULL},
    {"exists", -2, 0, fake_redis_exists, NULL},
    {"expire", -3, W, fake_redis_expire, NULL},
    {"expireat", -3, W, fake_redis_expire, NULL},
    {"expiretime", 2, 0, fake_redis_ttl, NULL},
    {"flushall", -1, W, fake_redis_flushall, NULL},
    {"flushdb", -1, W, fake_redis_flushdb, NULL},
    {"get", 2, 0, fake_redis_get, NULL},
    {"getdel", 2, W, fake_redis_getdel, NULL},
    {"getex", -2, W, fake_redis_getex, NULL},
    {"getset", 3, M, fake_redis_getset, NULL},
    {"hdel", -3, W, fake_redis_hdel, NULL},
    {"hexists", 3, 0, fake_redis_hexists, NULL},
    {"hget", 3, 0, fake_redis_hget, NULL},
    {"hgetall", 2, 0, fake_redis_hgetall, NULL},
    {"hincrby", 4, M, fake_redis_hincrby, NULL},
    {"hkeys", 2, 0, fake_redis_hkeys, NULL},
    {"hlen", 2, 0, fake_redis_hlen, NULL},
    {"hmget", -3, 0, fake_redis_hmget, NULL},
    {"hmset", -4, M, fake_redis_hset, NULL},
    {"hscan", -3, 0, fake_redis_hscan, NULL},
    {"hset", -4, M, fake_redis_hset, NULL},
    {"hsetnx", 4, M, fake_redis_hsetnx, NULL},
    {"hstrlen", 3, 0, fake_redis_hstrlen, NULL},
    {"hvals", 2, 0, fake_redis_hvals, NULL},
    {"incr", 2, M, fake_redis_incr, NULL},
    {"incrby", 3, M, fake_redis_incrby, NULL},
    {"info", -1, L | OWN, fake_redis_info, NULL},
    {"keys", 2, 0, fake_redis_keys, NULL},
    {"mget", -2, 0, fake_redis_mget, NULL},
    {"mset", -3, M, fake_redis_mset, NULL},
    {"msetnx", -3, M, fake_redis_msetnx, NULL},
    {"multi", 1, TXN, fake_redis_multi, NULL},
    {"persist", 2, W, fake_redis_persist, NULL},
    {"pexpire", -3, W, fake_redis_expire, NULL},
    {"pexpireat", -3, W, fake_redis_expire, NULL},
    {"pexpiretime", 2, 0, fake_redis_ttl, NULL},
    {"ping", -1, OWN, fake_redis_ping, NULL},
    {"psetex", 4, M, fake_redis_setex, NULL},
    {"pttl", 2, 0, fake_redis_ttl, NULL},
    {"quit", -1, TXN | REDIS_NO_AUTH | OWN, fake_redis_quit, NULL},
    {"rename", 3, W, fake_redis_rename, NULL},
    {"renamenx", 3, W, fake_redis_renamenx, NULL},
    {"role", 1, NS | L | OWN, fake_redis_role, NULL},
    {"sadd", -3, M, fake_redis_sadd, NULL},
    {"scan", -2, 0, fake_redis_scan_keys, NULL},
    {"scard", 2, 0, fake_redis_scard, NULL},
    {"script", -2, NS | OWN, NULL, script_subs},
    {"select", 2, L | OWN, fake_redis_select, NULL},
    {"set", -3, M, fake_redis_set, NULL},
    {"setex", 4, M, fake_redis_setex, NULL},
    {"setnx", 3, M, fake_redis_setnx, NULL},
    {"sismember", 3, 0, fake_redis_sismember, NULL},
    {"smembers", 2, 0, fake_redis_smembers, NULL},
    {"smismember", -3, 0, fake_redis_smismember, NULL},
    {"srem", -3, W, fake_redis_srem, NULL},
    {"sscan", -3, 0, fake_redis_sscan, NULL},
    {"strlen", 2, 0, fake_redis_strlen, NULL},
    {"time", 1, L, fake_redis_time, NULL},
    {"touch", -2, 0, fake_redis_exists, NULL},
    {"ttl", 2, 0, fake_redis_ttl, NULL},
    {"type", 2, 0, fake_redis_type, NULL},
    {"unlink", -2, W, fake_redis_del, NULL},
    {"unwatch", 1, NS | L, fake_redis_unwatch, NULL},
    {"watch", -2, TXN, fake_redis_watch, NULL},
    {NULL, 0, 0, NULL, NULL},
};
