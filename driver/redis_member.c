/* SPDX-License-Identifier: Apache-2.0
 * redis_member.c - the verbs of a member: join, leave, beat, its metadata.
 */
#include "redis_call.h"
#include "redis_scripts.h"

SG_REDIS_SCRIPT(join);
SG_REDIS_SCRIPT(leave);
SG_REDIS_SCRIPT(beat);
SG_REDIS_SCRIPT(set_metadata);

/* tooz's value when the caller gives none: empty msgpack bytes. */
static void add_metadata(struct sg_redis_call *call,
                         const struct sg_op_group *group)
{
    static const unsigned char empty[2] = {0xc4, 0x00};

    if (group->metadata == NULL)
        sg_redis_call_bytes(call, empty, sizeof empty);
    else
        sg_redis_call_bytes(call, group->metadata, group->metadata_bytes);
}

/* ---- being a member --------------------------------------------------- */

static int read_join(struct sg_redis_call *call, const redisReply *reply)
{
    struct sg_op *op = call->op;
    int64_t joined, size;
    uint64_t epoch;

    if (!sg_redis_reply_count(sg_redis_reply_at(reply, 1), 1, &joined))
        return sg_redis_call_garbage(call, "join");
    if (joined == 0)
        return sg_op_fail(op, SG_EINUSE, SG_NO_REASON,
                          "\"%.60s\" lives in other groups of %s, under "
                          "another incarnation: stop that one, or take another "
                          "name",
                          op->member, call->b->conn.where);
    if (!sg_redis_reply_epoch(sg_redis_reply_at(reply, 2), &epoch) ||
        !sg_redis_reply_count(sg_redis_reply_at(reply, 3), INT64_MAX, &size))
        return sg_redis_call_garbage(call, "join");
    op->groups[0].epoch = epoch;
    op->groups[0].size = (size_t)size;
    op->groups[0].found = SG_FOUND_MINE;
    return SG_OK;
}

int sg_redis_join(struct sg_backend *b, struct sg_op *op)
{
    struct sg_op_group *group = &op->groups[0];
    struct sg_redis_call call;
    redisReply *reply;
    int rc;

    sg_redis_call_begin(&call, b, op, &join_script, 7, 6);
    sg_redis_call_key(&call, "_groups", "");
    sg_redis_call_key(&call, "_group:", group->name);
    sg_redis_call_key(&call, "_sg_owners:", group->name);
    sg_redis_call_key(&call, "_beats:", op->member);
    sg_redis_call_key(&call, "_sg_epoch", "");
    sg_redis_call_key(&call, "_sg_born:", group->name);
    sg_redis_call_key(&call, "_sg_seen:", group->name);
    sg_redis_call_serial(&call);
    sg_redis_call_text(&call, group->name);
    sg_redis_call_text(&call, op->member);
    sg_redis_call_text(&call, op->token);
    sg_redis_call_number(&call, op->timeout_ms);
    add_metadata(&call, group);
    rc = sg_redis_call_run(&call, 2, &reply);
    if (rc != SG_OK)
        return rc;
    rc = read_join(&call, reply);
    freeReplyObject(reply);
    return rc;
}

/* {serial, found}, of a verb that changes one's own entry only. */
static int run_own(struct sg_redis_call *call)
{
    struct sg_op *op = call->op;
    redisReply *reply;
    int64_t found;
    bool is_read;
    int rc = sg_redis_call_run(call, 2, &reply);

    if (rc != SG_OK)
        return rc;
    is_read = sg_redis_reply_count(sg_redis_reply_at(reply, 1),
                                   SG_FOUND_ANOTHERS, &found);
    freeReplyObject(reply);
    if (!is_read)
        return sg_redis_call_garbage(call, call->script->name);
    op->groups[0].found = (enum sg_found)found;
    if (found == SG_FOUND_MINE)
        return SG_OK;
    if (found == SG_FOUND_ANOTHERS)
        return sg_op_fail(op, SG_EREPLACED, SG_NO_REASON,
                          "another incarnation holds \"%.60s\" in group "
                          "\"%.60s\"",
                          op->member, op->groups[0].name);
    return sg_op_fail(op, SG_ENOTJOINED, SG_NO_REASON,
                      "\"%.60s\" is not in group \"%.60s\"", op->member,
                      op->groups[0].name);
}

int sg_redis_leave(struct sg_backend *b, struct sg_op *op)
{
    struct sg_op_group *group = &op->groups[0];
    struct sg_redis_call call;

    sg_redis_call_begin(&call, b, op, &leave_script, 4, 4);
    sg_redis_call_key(&call, "_group:", group->name);
    sg_redis_call_key(&call, "_sg_owners:", group->name);
    sg_redis_call_key(&call, "_sg_seen:", group->name);
    sg_redis_call_key(&call, "_beats:", op->member);
    sg_redis_call_serial(&call);
    sg_redis_call_text(&call, op->member);
    sg_redis_call_text(&call, op->token);
    sg_redis_call_text(&call, group->is_last ? "1" : "0");
    return run_own(&call);
}

int sg_redis_set_metadata(struct sg_backend *b, struct sg_op *op)
{
    struct sg_op_group *group = &op->groups[0];
    struct sg_redis_call call;

    sg_redis_call_begin(&call, b, op, &set_metadata_script, 2, 4);
    sg_redis_call_key(&call, "_group:", group->name);
    sg_redis_call_key(&call, "_sg_owners:", group->name);
    sg_redis_call_serial(&call);
    sg_redis_call_text(&call, op->member);
    sg_redis_call_text(&call, op->token);
    add_metadata(&call, group);
    return run_own(&call);
}

static int read_beat(struct sg_redis_call *call, const redisReply *reply)
{
    struct sg_op *op = call->op;
    int64_t found;

    for (size_t i = 0; i <= op->n_groups; i++)
        if (!sg_redis_reply_count(sg_redis_reply_at(reply, 1 + i),
                                  SG_FOUND_ANOTHERS, &found))
            return sg_redis_call_garbage(call, "beat");
    sg_redis_reply_count(sg_redis_reply_at(reply, 1), SG_FOUND_ANOTHERS,
                         &found);
    op->liveness = (enum sg_found)found;
    for (size_t i = 0; i < op->n_groups; i++) {
        sg_redis_reply_count(sg_redis_reply_at(reply, 2 + i), SG_FOUND_ANOTHERS,
                             &found);
        op->groups[i].found = (enum sg_found)found;
    }
    return SG_OK;
}

int sg_redis_beat(struct sg_backend *b, struct sg_op *op)
{
    struct sg_redis_call call;
    redisReply *reply;
    int rc;

    sg_redis_call_begin(&call, b, op, &beat_script, 2 + 4 * op->n_groups,
                        4 + op->n_groups);
    sg_redis_call_key(&call, "_beats:", op->member);
    sg_redis_call_key(&call, "_groups", "");
    for (size_t i = 0; i < op->n_groups; i++) {
        sg_redis_call_key(&call, "_group:", op->groups[i].name);
        sg_redis_call_key(&call, "_sg_owners:", op->groups[i].name);
        sg_redis_call_key(&call, "_sg_clean:", op->groups[i].name);
        sg_redis_call_key(&call, "_sg_seen:", op->groups[i].name);
    }
    sg_redis_call_serial(&call);
    sg_redis_call_text(&call, op->token);
    sg_redis_call_number(&call, op->timeout_ms);
    sg_redis_call_key(&call, "_beats:", "");
    for (size_t i = 0; i < op->n_groups; i++)
        sg_redis_call_text(&call, op->groups[i].name);
    rc = sg_redis_call_run(&call, 2 + op->n_groups, &reply);
    if (rc != SG_OK)
        return rc;
    rc = read_beat(&call, reply);
    freeReplyObject(reply);
    return rc;
}
