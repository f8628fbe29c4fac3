/* SPDX-License-Identifier: Apache-2.0
 * store_redis.c - raw access to Redis, with hiredis.
 */
#include "store.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct store {
    redisContext *c;
};

#define DAY_MS "86400000"

/* tooz's own bytes: its liveness value, and no capabilities as 3.1 writes. */
#define TOOZ_ALIVE "Not dead!"
#define TOOZ_NONE "\xc4\x00"

static int answer(redisReply *reply)
{
    int rc = reply == NULL                      ? -EIO
             : reply->type == REDIS_REPLY_ERROR ? -EPROTO
                                                : 0;

    freeReplyObject(reply);
    return rc;
}

static int command(struct store *s, const char *format, ...)
{
    va_list list;
    redisReply *reply;

    va_start(list, format);
    reply = redisvCommand(s->c, format, list);
    va_end(list);
    return answer(reply);
}

static int redis_connect(const char *host, int port, struct store **ret_store)
{
    struct store *s = calloc(1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->c = redisConnect(host, port);
    if (s->c == NULL || s->c->err != 0) {
        redisFree(s->c);
        free(s);
        return -ECONNREFUSED;
    }
    *ret_store = s;
    return 0;
}

static void redis_disconnect(struct store *s)
{
    redisFree(s->c);
    free(s);
}

static int redis_wipe(struct store *s)
{
    return command(s, "FLUSHALL");
}

static int make_group(struct store *s, const char *group)
{
    int rc = command(s, "SADD _tooz_groups %s", group);

    return rc != 0 ? rc
                   : command(s, "HSETNX _tooz_group:%s __created__ 1", group);
}

static int redis_write_python(struct store *s, const char *group,
                              const char *member)
{
    int rc = make_group(s, group);

    if (rc == 0)
        rc = command(s, "PSETEX _tooz_beats:%s " DAY_MS " %s", member,
                     TOOZ_ALIVE);
    return rc != 0 ? rc
                   : command(s, "HSET _tooz_group:%s %s %b", group, member,
                             TOOZ_NONE, (size_t)2);
}

/* Pipelined in slices, so that neither side's buffers grow with n. */
static int redis_populate(struct store *s, const char *group,
                          const char *prefix, size_t n)
{
    int rc = make_group(s, group);

    for (size_t at = 0; at < n && rc == 0;) {
        size_t slice = n - at < 500 ? n - at : 500;
        for (size_t i = at; i < at + slice; i++) {
            redisAppendCommand(s->c, "PSETEX _tooz_beats:%s%lu " DAY_MS " %s",
                               prefix, (unsigned long)i, TOOZ_ALIVE);
            redisAppendCommand(s->c, "HSET _tooz_group:%s %s%lu %b", group,
                               prefix, (unsigned long)i, TOOZ_NONE, (size_t)2);
        }
        for (size_t i = 0; i < 2 * slice && rc == 0; i++) {
            void *reply = NULL;
            redisGetReply(s->c, &reply);
            rc = answer(reply);
        }
        at += slice;
    }
    return rc;
}

static int redis_evict(struct store *s, enum world_thing thing,
                       const char *group, const char *member)
{
    switch (thing) {
    case WORLD_LIVENESS:
        return command(s, "DEL _tooz_beats:%s", member);
    case WORLD_GROUP:
        return command(s, "DEL _tooz_group:%s", group);
    case WORLD_ENTRY:
        return command(s, "HDEL _tooz_group:%s %s", group, member);
    case WORLD_LIST:
        return command(s, "DEL _tooz_groups");
    }
    return -ENOTSUP;
}

static int redis_write_damaged(struct store *s, const char *group,
                               const char *member)
{
    int rc = command(s, "HSET _tooz_group:%s %b \xc1", group, "a b", (size_t)3);

    return rc != 0
               ? rc
               : command(s, "HSET _tooz_sg_owners:%s %s junk", group, member);
}

/* ---- digest ----------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    const redisReply *x = *(redisReply *const *)a, *y = *(redisReply *const *)b;

    return strcmp(x->str, y->str);
}

/* DUMP is the value's own serialisation; a hash of few fields keeps the order
 * in which they were set, and nothing here writes without meaning to. */
static int dump_key(struct store *s, FILE *out, const redisReply *key)
{
    redisReply *reply = redisCommand(s->c, "DUMP %b", key->str, key->len);

    if (reply == NULL || reply->type != REDIS_REPLY_STRING) {
        freeReplyObject(reply);
        return reply == NULL ? -EIO : 0; /* expired meanwhile */
    }
    fprintf(out, "%s ", key->str);
    for (size_t i = 0; i < (size_t)reply->len; i++)
        fprintf(out, "%02x", (unsigned char)reply->str[i]);
    fputc('\n', out);
    freeReplyObject(reply);
    return 0;
}

static int redis_digest(struct store *s, char **ret_text)
{
    redisReply *keys = redisCommand(s->c, "KEYS *");
    size_t size;
    FILE *out;
    int rc = 0;

    if (keys == NULL || keys->type != REDIS_REPLY_ARRAY) {
        freeReplyObject(keys);
        return -EIO;
    }
    out = open_memstream(ret_text, &size);
    if (out == NULL) {
        freeReplyObject(keys);
        return -ENOMEM;
    }
    qsort(keys->element, keys->elements, sizeof *keys->element, by_key);
    for (size_t i = 0; i < keys->elements && rc == 0; i++)
        rc = dump_key(s, out, keys->element[i]);
    fclose(out);
    freeReplyObject(keys);
    return rc;
}

/* ---- conditions ------------------------------------------------------- */

/* A replica of a port where nobody answers stays a replica, and serves what
 * it has: just what a verdict must not trust. */
static int redis_read_only(struct store *s)
{
    int rc = command(s, "CONFIG SET replica-serve-stale-data yes");

    return rc != 0 ? rc : command(s, "REPLICAOF 127.0.0.1 1");
}

static int redis_out_of_memory(struct store *s)
{
    return command(s, "CONFIG SET maxmemory 1");
}

static int redis_healthy(struct store *s)
{
    int rc = command(s, "CONFIG SET maxmemory 0");

    return rc != 0 ? rc : command(s, "REPLICAOF NO ONE");
}

const struct store_kind store_redis = {
    .scheme = "redis",
    .traits = STORE_HAS_REPLICAS | STORE_TELLS_AGE | STORE_SHARES_LIVENESS |
              STORE_EPOCHS_LAST | STORE_REFUSED_JOIN_WRITES,
    .connect = redis_connect,
    .disconnect = redis_disconnect,
    .wipe = redis_wipe,
    .populate = redis_populate,
    .evict = redis_evict,
    .write_damaged = redis_write_damaged,
    .write_python = redis_write_python,
    .digest = redis_digest,
    .read_only = redis_read_only,
    .out_of_memory = redis_out_of_memory,
    .healthy = redis_healthy,
};
