/* SPDX-License-Identifier: Apache-2.0
 * redis_reply.c - fuzz: any reply that hiredis makes of a server's bytes, and
 * every reader of replies.
 */
#include "redis_reply.h"

#include "fuzz.h"

static void claim_said(const struct sg_op *op)
{
    const char *end = memchr(op->why, '\0', sizeof op->why);

    fuzz_claim(end != NULL && end > op->why);
    for (const char *c = op->why; c < end; c++)
        fuzz_claim(*c >= ' ' && *c != 0x7f);
}

static void read_refusal(const redisReply *reply)
{
    struct sg_op op;

    if (reply->type != REDIS_REPLY_ERROR)
        return;
    memset(&op, 0, sizeof op);
    fuzz_claim(sg_redis_reply_refused(&op, "redis h:1", "ask", reply, NULL) ==
               SG_EUNKNOWN);
    claim_said(&op);
    memset(&op, 0, sizeof op);
    sg_redis_reply_refused(&op, "redis h:1", "AUTH", reply, "hunter2");
    claim_said(&op);
    fuzz_claim(strstr(op.why, "hunter2") == NULL);
    fuzz_claim(op.reason >= SG_TIMED_OUT && op.reason <= SG_NO_MEMORY);
}

static void read_text(const redisReply *reply)
{
    static const char *const fields[] = {"role", "redis_mode",
                                         "uptime_in_seconds", ""};
    struct sg_redis_text text;
    char value[16];

    if (!sg_redis_reply_text(reply, &text))
        return;
    (void)sg_redis_reply_birth(text);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        memset(value, 'x', sizeof value);
        if (sg_redis_reply_info(text, fields[i], value, sizeof value))
            fuzz_claim(memchr(value, '\0', sizeof value) != NULL);
    }
}

static void read_numbers(const redisReply *reply)
{
    int64_t count;
    uint64_t epoch;

    if (sg_redis_reply_count(reply, 9, &count))
        fuzz_claim(count >= 0 && count <= 9);
    if (sg_redis_reply_epoch(reply, &epoch))
        fuzz_claim(epoch > 0);
}

/* Four elements from `i` on as the records of one name. */
static void read_row(const redisReply *reply, size_t i)
{
    struct sg_redis_row row = {.stands = i % 2 == 0};
    struct sg_sight sight = {.member = "m"};

    if (!sg_redis_reply_text(sg_redis_reply_at(reply, i), &row.owner) ||
        !sg_redis_reply_text(sg_redis_reply_at(reply, i + 1), &row.live) ||
        !sg_redis_reply_text(sg_redis_reply_at(reply, i + 2), &row.marks))
        return;
    sg_redis_reply_sight(&row, &sight);
    fuzz_claim(sight.entry == row.stands);
    fuzz_claim(sight.alive == (row.live.length > 0));
    fuzz_claim(!sight.same_owner || sight.entry);
    fuzz_claim(sight.token[0] != '\0' || sight.epoch == 0);
    fuzz_claim(strlen(sight.token) ==
               (sight.token[0] == '\0' ? 0 : SG_TOKEN_BYTES));
    fuzz_claim(memchr(sight.marks.disabled_reason, '\0', SG_REASON_MAX + 1) !=
               NULL);
}

static void read_reply(const redisReply *reply)
{
    size_t n =
        reply != NULL && reply->type == REDIS_REPLY_ARRAY ? reply->elements : 0;

    if (reply == NULL)
        return;
    read_refusal(reply);
    read_text(reply);
    read_numbers(reply);
    fuzz_claim(sg_redis_reply_at(reply, n) == NULL);
    for (size_t i = 0; i < n; i++) {
        read_text(sg_redis_reply_at(reply, i));
        read_numbers(sg_redis_reply_at(reply, i));
        read_row(reply, i);
    }
}

/* hiredis 0.14 allocates for any count that a server names: redis_conn.c
 * limits that, and target `redis` drives it. Here the count is small. */
static void *(*make_array)(const redisReadTask *task, int elements);

static void *make_small_array(const redisReadTask *task, int elements)
{
    return elements > 4096 ? NULL : make_array(task, elements);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    redisReader *reader = redisReaderCreate();
    redisReplyObjectFunctions limited = *reader->fn;
    void *reply;

    make_array = limited.createArray;
    limited.createArray = make_small_array;
    reader->fn = &limited;
    redisReaderFeed(reader, (const char *)bytes, length);
    for (;;) {
        reply = NULL;
        if (redisReaderGetReply(reader, &reply) != REDIS_OK || reply == NULL)
            break;
        read_reply(reply);
        freeReplyObject(reply);
    }
    redisReaderFree(reader);
    return 0;
}
