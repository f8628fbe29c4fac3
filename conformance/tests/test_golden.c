/* SPDX-License-Identifier: Apache-2.0
 * test_golden.c - whole verbs of the driver before a fake: what they leave in
 * the store is what Python tooz leaves there, and what tooz leaves is read.
 *
 * The bytes of tooz were recorded on Debian 12, from tooz 3.1.0 on Redis
 * 7.0.15, memcached 1.6.18 and ZooKeeper 3.8.0.
 */
#include "served.h"
#include "servicegroup.h"
#include "unit.h"

#include <hiredis/hiredis.h>
#include <libmemcached/memcached.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zookeeper/zookeeper.h>

struct scene {
    struct served *served;
    struct sg *sg;
};

static void begin(struct scene *s, const char *scheme)
{
    const struct sg_env env = {.own_heart = true};
    const struct sg_options options = {
        .member = "node-a", .deadline_ms = 30000, .env = &env};
    char url[100];

    s->served = served_new(scheme);
    unit_true(s->served != NULL);
    snprintf(url, sizeof url, "%s://127.0.0.1:%d?timeout=30", scheme,
             served_port(s->served));
    unit_int(sg_open(url, &options, &s->sg), SG_OK);
}

static void end(struct scene *s)
{
    sg_close(s->sg);
    served_free(s->served);
}

/* ---- what we leave ---------------------------------------------------- */

static bool is_ours(const char *line)
{
    return strncmp(line, "_SG_", 4) == 0 || line[0] == '\0' ||
           strncmp(line, "/ ", 2) == 0 || strncmp(line, "/zoo", 4) == 0 ||
           strstr(line, "\"_tooz_sg_") != NULL;
}

/* What is ours in a line, up to its closing quote, becomes "...". */
static void shorten(char *line)
{
    char *at = strstr(line, "\\xc4\\x02sg");
    char *end;

    if (at == NULL)
        at = strstr(line, "sg1\\x20");
    if (at == NULL)
        return;
    end = strchr(at, '"');
    memcpy(at, "...", 3);
    memmove(at + 3, end, strlen(end) + 1);
}

/* The dump without what tooz knows nothing of. */
static void leaves(struct scene *s, const char *want, int row)
{
    char *dump = served_dump(s->served), *rest = dump, *line;
    char got[4096] = "";
    bool is_skipping = false;

    unit_true(dump != NULL && strlen(dump) < sizeof got);
    while ((line = strsep(&rest, "\n")) != NULL) {
        if (line[0] != ' ')
            is_skipping = is_ours(line);
        if (is_skipping)
            continue;
        shorten(line);
        strcat(strcat(got, line), "\n");
    }
    free(dump);
    unit_text_at(got, want, "tooz's part of the store", __FILE__, row);
}

/* grp1 with tooz's default, grp2 with {'a': 1}; then out of grp1. */
static void join_and_leave(const char *scheme, const char *joined,
                           const char *left)
{
    struct scene s;

    begin(&s, scheme);
    unit_int(sg_join(s.sg, "grp1", NULL, 0, 0, NULL), SG_OK);
    unit_int(sg_join(s.sg, "grp2",
                     "\x81\xa1"
                     "a\x01",
                     4, 0, NULL),
             SG_OK);
    leaves(&s, joined, __LINE__);
    unit_int(sg_set_metadata(s.sg, "grp2", "\xc0", 1), SG_OK);
    unit_int(sg_leave(s.sg, "grp1"), SG_OK);
    leaves(&s, left, __LINE__);
    end(&s);
}

UNIT(golden_left, in_redis)
{
    join_and_leave("redis",
                   "db0 string \"_tooz_beats:node-a\" \"...\" until 31000\n"
                   "db0 hash \"_tooz_group:grp1\"\n"
                   "    \"__created__\" \"1\"\n"
                   "    \"node-a\" \"\\xc4\\x00\"\n"
                   "db0 hash \"_tooz_group:grp2\"\n"
                   "    \"__created__\" \"1\"\n"
                   "    \"node-a\" \"\\x81\\xa1a\\x01\"\n"
                   "db0 set \"_tooz_groups\"\n"
                   "    \"grp1\"\n"
                   "    \"grp2\"\n",
                   "db0 string \"_tooz_beats:node-a\" \"...\" until 31000\n"
                   "db0 hash \"_tooz_group:grp1\"\n"
                   "    \"__created__\" \"1\"\n"
                   "db0 hash \"_tooz_group:grp2\"\n"
                   "    \"__created__\" \"1\"\n"
                   "    \"node-a\" \"\\xc0\"\n"
                   "db0 set \"_tooz_groups\"\n"
                   "    \"grp1\"\n"
                   "    \"grp2\"\n");
}

/* Two entries for a member of ours, and a second or two more than T. */
#define LIST "_TOOZ_GROUP_LIST 2 never \"\\x92\\xc4\\x04grp1\\xc4\\x04grp2\"\n"
#define ENTRY "\"\\x81\\xc4\\x06node-a\\x82\\xc4\\x0ccapabilities"
#define LIVE "_TOOZ_MEMBER_node-a 1 33000 \"...\"\n"

UNIT(golden_left, in_memcached)
{
    join_and_leave("memcached",
                   LIST "_TOOZ_GROUP_grp1 2 never " ENTRY "\\xc4\\x00...\"\n"
                        "_TOOZ_GROUP_grp2 2 never " ENTRY
                        "\\x81\\xa1a\\x01...\"\n" LIVE,
                   LIST "_TOOZ_GROUP_grp1 2 never \"\\x80\"\n"
                        "_TOOZ_GROUP_grp2 2 never " ENTRY "\\xc0...\"\n" LIVE);
}

UNIT(golden_left, in_zookeeper)
{
    join_and_leave("kazoo",
                   "/tooz v0 c1 \"\"\n"
                   "/tooz/grp1 v0 c2 \"\"\n"
                   "/tooz/grp1/node-a ephemeral v0 c3 \"\\xc4\\x00\"\n"
                   "/tooz/grp2 v0 c4 \"\"\n"
                   "/tooz/grp2/node-a ephemeral v0 c5 \"\\x81\\xa1a\\x01\"\n",
                   "/tooz v0 c1 \"\"\n"
                   "/tooz/grp1 v0 c2 \"\"\n"
                   "/tooz/grp2 v0 c3 \"\"\n"
                   "/tooz/grp2/node-a ephemeral v1 c4 \"\\xc0\"\n");
}

/* ---- what tooz leaves ------------------------------------------------- */

/* node-a with {'a': 1}, node-b with 'cap-b', both alive, of grp1; in Redis and
 * memcached node-c, who is not; in ZooKeeper the remains of an election. */
static void reads(struct scene *s, const char *gone, bool is_zookeeper)
{
    struct sg_names *names;
    struct sg_verdict verdict;
    void *metadata;
    size_t bytes;

    unit_int(sg_groups(s->sg, &names), SG_OK);
    unit_int((int64_t)names->count, 2);
    unit_text(names->name[0], "grp1");
    unit_text(names->name[1], "grp2");
    sg_names_free(names);
    unit_int(sg_list(s->sg, "grp1", &names), SG_OK);
    unit_int((int64_t)names->count, 2);
    unit_text(names->name[0], "node-a");
    unit_text(names->name[1], "node-b");
    /* The remains of the election are no member. */
    unit_int((int64_t)names->skipped, is_zookeeper);
    sg_names_free(names);
    unit_int(sg_get_metadata(s->sg, "grp1", "node-b", &metadata, &bytes),
             SG_OK);
    unit_bytes(metadata, bytes,
               "\xa5"
               "cap-b",
               6);
    free(metadata);
    unit_int(sg_verdict(s->sg, "grp1", "node-b", &verdict), SG_OK);
    unit_int(verdict.status, SG_UP);
    /* A node has one by itself; elsewhere strangers have none. */
    unit_true((verdict.epoch != 0) == is_zookeeper);
    unit_int(sg_verdict(s->sg, "grp1", gone, &verdict), SG_OK);
    unit_int(verdict.status, SG_DOWN);
    unit_int(sg_list(s->sg, "grp2", &names), SG_OK);
    unit_int((int64_t)names->count, 0);
    sg_names_free(names);
}

/* One command; every word but the value is text without a space. */
static void command(redisContext *redis, const char *words, const void *value,
                    size_t bytes)
{
    char format[100];
    redisReply *reply;

    snprintf(format, sizeof format, "%s %%b", words);
    reply = redisCommand(redis, format, value, bytes);
    unit_true(reply != NULL && reply->type != REDIS_REPLY_ERROR);
    freeReplyObject(reply);
}

UNIT(golden_read, from_redis)
{
    struct scene s;
    redisContext *redis;

    begin(&s, "redis");
    redis = redisConnect("127.0.0.1", served_port(s.served));
    unit_true(redis != NULL && redis->err == 0);
    command(redis, "SADD _tooz_groups", "grp1", 4);
    command(redis, "SADD _tooz_groups", "grp2", 4);
    command(redis, "HSET _tooz_group:grp1 __created__", "1", 1);
    command(redis, "HSET _tooz_group:grp2 __created__", "1", 1);
    command(redis, "HSET _tooz_group:grp1 node-a",
            "\x81\xa1"
            "a\x01",
            4);
    command(redis, "HSET _tooz_group:grp1 node-b",
            "\xa5"
            "cap-b",
            6);
    command(redis, "HSET _tooz_group:grp1 node-c", "\xc0", 1);
    command(redis, "PSETEX _tooz_beats:node-a 30000", "Not dead!", 9);
    command(redis, "PSETEX _tooz_beats:node-b 30000", "Not dead!", 9);
    redisFree(redis);
    reads(&s, "node-c", false);
    end(&s);
}

static void put(memcached_st *mc, const char *key, uint32_t flags,
                time_t exptime_s, const char *value, size_t bytes)
{
    unit_int(
        memcached_set(mc, key, strlen(key), value, bytes, exptime_s, flags),
        MEMCACHED_SUCCESS);
}
#define PUT(mc, key, flags, exptime_s, value)                                  \
    put((mc), (key), (flags), (exptime_s), (value), sizeof(value) - 1)
#define CAPS                                                                   \
    "\x81\xc4\x0c"                                                             \
    "capabilities"

UNIT(golden_read, from_memcached)
{
    struct scene s;
    memcached_st *mc = memcached_create(NULL);

    begin(&s, "memcached");
    unit_true(mc != NULL);
    memcached_server_add(mc, "127.0.0.1", (in_port_t)served_port(s.served));
    PUT(mc, "_TOOZ_GROUP_LIST", 2, 0, "\x92\xc4\x04grp1\xc4\x04grp2");
    PUT(mc, "_TOOZ_GROUP_grp2", 2, 0, "\x80");
    PUT(mc, "_TOOZ_GROUP_grp1", 2, 0,
        "\x83\xc4\x06node-a" CAPS "\x81\xa1"
        "a\x01\xc4\x06node-b" CAPS "\xa5"
        "cap-b\xc4\x06node-c" CAPS "\xc0");
    PUT(mc, "_TOOZ_MEMBER_node-a", 1, 30, "It's alive!");
    PUT(mc, "_TOOZ_MEMBER_node-b", 1, 30, "It's alive!");
    memcached_free(mc);
    reads(&s, "node-c", false);
    end(&s);
}

static void create(zhandle_t *zh, const char *path, const char *data, int bytes,
                   int flags)
{
    unit_int(
        zoo_create(zh, path, data, bytes, &ZOO_OPEN_ACL_UNSAFE, flags, NULL, 0),
        ZOK);
}

UNIT(golden_read, from_zookeeper)
{
    struct scene s;
    char host[40];
    zhandle_t *zh;

    zoo_set_debug_level((ZooLogLevel)0);
    begin(&s, "kazoo");
    snprintf(host, sizeof host, "127.0.0.1:%d", served_port(s.served));
    zh = zookeeper_init(host, NULL, 30000, NULL, NULL, 0);
    unit_true(zh != NULL);
    create(zh, "/tooz", "", 0, 0);
    create(zh, "/tooz/grp1", "", 0, 0);
    create(zh, "/tooz/grp2", "", 0, 0);
    create(zh, "/tooz/locks", "", 0, 0);
    create(zh, "/tooz/grp1/leader", "", 0, 0);
    create(zh, "/tooz/grp1/node-a",
           "\x81\xa1"
           "a\x01",
           4, ZOO_EPHEMERAL);
    create(zh, "/tooz/grp1/node-b",
           "\xa5"
           "cap-b",
           6, ZOO_EPHEMERAL);
    reads(&s, "node-c", true);
    zookeeper_close(zh);
    end(&s);
}
