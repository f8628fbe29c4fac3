/* SPDX-License-Identifier: Apache-2.0
 * test_redis_client.c - hiredis, on a thread of its own, at the Redis fake.
 */
#include "fake.h"
#include "unit.h"

#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS 200

struct visit {
    struct fake_hub *hub;
    int port;
    char said[256]; /* what went wrong; empty: nothing                       */
    atomic_bool is_over;
};

static redisReply *ask_for(redisContext *context, struct visit *visit, int type,
                           const char *what, redisReply *reply)
{
    if (visit->said[0] == '\0' && (reply == NULL || reply->type != type))
        snprintf(visit->said, sizeof visit->said, "%s: %s", what,
                 reply == NULL        ? context->errstr
                 : reply->str == NULL ? "another type"
                                      : reply->str);
    return reply;
}

static void drop(redisReply *reply)
{
    if (reply != NULL)
        freeReplyObject(reply);
}

/* Every kind of reply once. */
static void ask_each(redisContext *context, struct visit *visit)
{
    static const char bytes[] = "a\0\r\n";
    redisReply *reply;

    drop(ask_for(context, visit, REDIS_REPLY_STATUS, "set",
                 redisCommand(context, "SET %b %b", bytes, (size_t)4, bytes,
                              (size_t)4)));
    reply = ask_for(context, visit, REDIS_REPLY_STRING, "get",
                    redisCommand(context, "GET %b", bytes, (size_t)4));
    if (reply != NULL && reply->type == REDIS_REPLY_STRING &&
        (reply->len != 4 || memcmp(reply->str, bytes, 4) != 0))
        snprintf(visit->said, sizeof visit->said, "get: other bytes");
    drop(reply);
    drop(ask_for(context, visit, REDIS_REPLY_NIL, "get none",
                 redisCommand(context, "GET none")));
    drop(ask_for(context, visit, REDIS_REPLY_INTEGER, "eval",
                 redisCommand(context, "EVAL %s 0", "return 7")));
    drop(ask_for(context, visit, REDIS_REPLY_ERROR, "get a hash",
                 redisCommand(context, "EVALSHA x 0")));
    drop(ask_for(context, visit, REDIS_REPLY_ARRAY, "mget",
                 redisCommand(context, "MGET a b")));
}

static void pipeline(redisContext *context, struct visit *visit)
{
    for (int i = 0; i < ROUNDS; i++)
        redisAppendCommand(context, "INCR n");
    for (int i = 1; i <= ROUNDS && visit->said[0] == '\0'; i++) {
        void *reply = NULL;
        redisGetReply(context, &reply);
        drop(ask_for(context, visit, REDIS_REPLY_INTEGER, "incr", reply));
    }
}

static void *visit_it(void *arg)
{
    struct visit *visit = arg;
    struct timeval most = {5, 0};
    redisContext *context =
        redisConnectWithTimeout("127.0.0.1", visit->port, most);

    if (context == NULL || context->err != 0) {
        snprintf(visit->said, sizeof visit->said, "no connection");
    } else {
        redisSetTimeout(context, most);
        ask_each(context, visit);
        pipeline(context, visit);
    }
    if (context != NULL)
        redisFree(context);
    visit->is_over = true;
    fake_wake(visit->hub);
    return NULL;
}

UNIT(redis_client, hiredis_understands_it)
{
    struct fake_hub_options options = {.virtual_clock = true};
    struct visit visit = {0};
    struct fake *fake;
    struct fake_link *link;
    pthread_t thread;

    unit_int(fake_hub_new(&options, &visit.hub), 0);
    unit_int(fake_redis_new(visit.hub, &fake), 0);
    unit_int(fake_listen(fake, "hiredis", &link), 0);
    visit.port = fake_link_port(link);
    unit_int(pthread_create(&thread, NULL, visit_it, &visit), 0);
    while (!visit.is_over)
        fake_poll(visit.hub, 1000);
    pthread_join(thread, NULL);
    unit_text(visit.said, "");
    unit_int(fake_count(fake, link, "INCR"), ROUNDS);
    unit_int(fake_refused(fake), 0);
    fake_hub_free(visit.hub);
}
