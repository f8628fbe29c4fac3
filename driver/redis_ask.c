/* SPDX-License-Identifier: Apache-2.0
 * redis_ask.c - the verbs of an observer: sights, groups, metadata; and an
 * operator's marks.
 */
#include "redis_call.h"
#include "redis_scripts.h"

#include <string.h>

SG_REDIS_SCRIPT(ask);
SG_REDIS_SCRIPT(list);
SG_REDIS_SCRIPT(groups);
SG_REDIS_SCRIPT(get_metadata);
SG_REDIS_SCRIPT(set_marks);

/* ---- asking ----------------------------------------------------------- */

enum { EXISTS = 1, BORN, HEAD }; /* ask and list, after the serial */
enum {
    ASK_NUMBER,
    ASK_PART,
    ASK_STANDS,
    ASK_OWNER,
    ASK_LIVE,
    ASK_MARKS,
    ASK_ROW
};
enum { LIST_NAME, LIST_OWNER, LIST_LIVE, LIST_MARKS, LIST_ROW };

static void call_group(struct sg_redis_call *call)
{
    const char *group = call->op->groups[0].name;

    sg_redis_call_key(call, "_group:", group);
    sg_redis_call_key(call, "_sg_owners:", group);
    sg_redis_call_key(call, "_sg_marks:", group);
    sg_redis_call_key(call, "_sg_born:", group);
    sg_redis_call_serial(call);
    sg_redis_call_key(call, "_beats:", "");
}

static bool read_head(struct sg_redis_call *call, const redisReply *reply)
{
    struct sg_redis_text born;
    int64_t exists;

    if (!sg_redis_reply_count(sg_redis_reply_at(reply, EXISTS), 1, &exists) ||
        !sg_redis_reply_text(sg_redis_reply_at(reply, BORN), &born))
        return false;
    call->op->group_exists = exists == 1;
    call->op->group_birth = sg_redis_reply_birth(born);
    call->op->server_age_ms = sg_redis_conn_age_ms(&call->b->conn);
    return true;
}

/* Row `row` of an answer to ask; *ret_number counts from 0. */
static bool read_row(const struct sg_op *op, const redisReply *reply,
                     size_t row, struct sg_redis_row *ret,
                     struct sg_redis_text *ret_part, size_t *ret_number)
{
    size_t at = HEAD + row * ASK_ROW;
    int64_t number, stands;

    if (!sg_redis_reply_count(sg_redis_reply_at(reply, at + ASK_NUMBER),
                              (int64_t)op->n_sights, &number) ||
        number == 0 ||
        !sg_redis_reply_text(sg_redis_reply_at(reply, at + ASK_PART),
                             ret_part) ||
        !sg_redis_reply_count(sg_redis_reply_at(reply, at + ASK_STANDS), 1,
                              &stands) ||
        !sg_redis_reply_text(sg_redis_reply_at(reply, at + ASK_OWNER),
                             &ret->owner) ||
        !sg_redis_reply_text(sg_redis_reply_at(reply, at + ASK_LIVE),
                             &ret->live) ||
        !sg_redis_reply_text(sg_redis_reply_at(reply, at + ASK_MARKS),
                             &ret->marks))
        return false;
    ret->stands = stands == 1;
    *ret_number = (size_t)number - 1;
    return true;
}

static int add_part(struct sg_redis_call *call, struct sg_sight *whole,
                    const struct sg_redis_row *row, struct sg_redis_text name)
{
    struct sg_sight *part = &whole->parts[whole->n_parts];
    char *copy;

    /* What another program called so is nobody's part. */
    if (name.bytes == NULL || !sg_name_is_safe(name.bytes, name.length))
        return SG_OK;
    copy = sg_op_copy(call->op, name.bytes, name.length);
    if (copy == NULL)
        return sg_redis_call_no_memory(call->op);
    if (!sg_name_is_part(whole->member, copy))
        return sg_redis_call_garbage(call, "ask: a part of another name");
    part->member = copy;
    sg_redis_reply_sight(row, part);
    whole->n_parts++;
    return SG_OK;
}

/* The rows after those of the names: the parts, in any order. */
static int read_parts(struct sg_redis_call *call, const redisReply *reply,
                      size_t rows)
{
    struct sg_op *op = call->op;
    size_t *room = sg_op_alloc(op, op->n_sights * sizeof *room);
    struct sg_redis_text name;
    struct sg_redis_row row;
    size_t number;
    int rc = SG_OK;

    if (room == NULL)
        return sg_redis_call_no_memory(op);
    for (size_t i = op->n_sights; i < rows; i++) {
        if (!read_row(op, reply, i, &row, &name, &number) ||
            !op->sights[number].with_parts)
            return sg_redis_call_garbage(call,
                                         "ask: a part that nobody asked for");
        room[number]++;
    }
    for (size_t i = 0; i < op->n_sights; i++) {
        struct sg_sight *whole = &op->sights[i];
        if (room[i] == 0)
            continue;
        whole->parts = sg_op_alloc(op, room[i] * sizeof *whole->parts);
        if (whole->parts == NULL)
            return sg_redis_call_no_memory(op);
    }
    for (size_t i = op->n_sights; i < rows && rc == SG_OK; i++) {
        read_row(op, reply, i, &row, &name, &number);
        rc = add_part(call, &op->sights[number], &row, name);
    }
    return rc;
}

static int read_ask(struct sg_redis_call *call, const redisReply *reply)
{
    struct sg_op *op = call->op;
    size_t rows = (reply->elements - HEAD) / ASK_ROW;

    if ((reply->elements - HEAD) % ASK_ROW != 0 || rows < op->n_sights ||
        !read_head(call, reply))
        return sg_redis_call_garbage(call, "ask");
    for (size_t i = 0; i < op->n_sights; i++) {
        struct sg_redis_text part;
        struct sg_redis_row row;
        size_t number;
        if (!read_row(op, reply, i, &row, &part, &number) || number != i)
            return sg_redis_call_garbage(call, "ask: a row of another name");
        op->sights[i].parts = NULL;
        op->sights[i].n_parts = 0;
        sg_redis_reply_sight(&row, &op->sights[i]);
    }
    return rows == op->n_sights ? SG_OK : read_parts(call, reply, rows);
}

int sg_redis_ask(struct sg_backend *b, struct sg_op *op)
{
    struct sg_redis_call call;
    redisReply *reply;
    int rc;

    sg_redis_call_begin(&call, b, op, &ask_script, 4, 2 + 2 * op->n_sights);
    call_group(&call);
    for (size_t i = 0; i < op->n_sights; i++) {
        sg_redis_call_text(&call, op->sights[i].member);
        sg_redis_call_text(&call, op->sights[i].with_parts ? "1" : "0");
    }
    rc = sg_redis_call_run(&call, HEAD, &reply);
    if (rc != SG_OK)
        return rc;
    rc = read_ask(&call, reply);
    freeReplyObject(reply);
    return rc;
}

/* One entry of the group; a name that no member of ours or of the common
 * rules can have is skipped, and counted. */
static int read_entry(struct sg_redis_call *call, const redisReply *reply,
                      size_t at)
{
    struct sg_op *op = call->op;
    struct sg_sight *sight = &op->sights[op->n_sights];
    struct sg_redis_row row = {.stands = true};
    struct sg_redis_text name;

    if (!sg_redis_reply_text(sg_redis_reply_at(reply, at + LIST_NAME), &name) ||
        name.bytes == NULL ||
        !sg_redis_reply_text(sg_redis_reply_at(reply, at + LIST_OWNER),
                             &row.owner) ||
        !sg_redis_reply_text(sg_redis_reply_at(reply, at + LIST_LIVE),
                             &row.live) ||
        !sg_redis_reply_text(sg_redis_reply_at(reply, at + LIST_MARKS),
                             &row.marks))
        return sg_redis_call_garbage(call, "list");
    if (!sg_name_is_safe(name.bytes, name.length)) {
        op->skipped++;
        return SG_OK;
    }
    sight->member = sg_op_copy(op, name.bytes, name.length);
    if (sight->member == NULL)
        return sg_redis_call_no_memory(op);
    sg_redis_reply_sight(&row, sight);
    op->n_sights++;
    return SG_OK;
}

static int read_list(struct sg_redis_call *call, const redisReply *reply)
{
    struct sg_op *op = call->op;
    size_t rows = (reply->elements - HEAD) / LIST_ROW;
    int rc = SG_OK;

    op->n_sights = 0;
    op->skipped = 0;
    if ((reply->elements - HEAD) % LIST_ROW != 0 || !read_head(call, reply))
        return sg_redis_call_garbage(call, "list");
    op->sights = sg_op_alloc(op, rows * sizeof *op->sights);
    if (op->sights == NULL)
        return sg_redis_call_no_memory(op);
    for (size_t i = 0; i < rows && rc == SG_OK; i++)
        rc = read_entry(call, reply, HEAD + i * LIST_ROW);
    return rc;
}

int sg_redis_list(struct sg_backend *b, struct sg_op *op)
{
    struct sg_redis_call call;
    redisReply *reply;
    int rc;

    sg_redis_call_begin(&call, b, op, &list_script, 4, 2);
    call_group(&call);
    rc = sg_redis_call_run(&call, HEAD, &reply);
    if (rc != SG_OK)
        return rc;
    rc = read_list(&call, reply);
    freeReplyObject(reply);
    return rc;
}

static int read_groups(struct sg_redis_call *call, const redisReply *reply)
{
    struct sg_op *op = call->op;
    struct sg_redis_text name;

    op->n_names = 0;
    op->skipped = 0;
    op->names = sg_op_alloc(op, reply->elements * sizeof *op->names);
    if (op->names == NULL)
        return sg_redis_call_no_memory(op);
    for (size_t i = 1; i < reply->elements; i++) {
        if (!sg_redis_reply_text(sg_redis_reply_at(reply, i), &name) ||
            name.bytes == NULL)
            return sg_redis_call_garbage(call, "groups");
        if (!sg_name_is_safe(name.bytes, name.length)) {
            op->skipped++;
            continue;
        }
        op->names[op->n_names] = sg_op_copy(op, name.bytes, name.length);
        if (op->names[op->n_names] == NULL)
            return sg_redis_call_no_memory(op);
        op->n_names++;
    }
    return SG_OK;
}

int sg_redis_groups(struct sg_backend *b, struct sg_op *op)
{
    struct sg_redis_call call;
    redisReply *reply;
    int rc;

    sg_redis_call_begin(&call, b, op, &groups_script, 1, 1);
    sg_redis_call_key(&call, "_groups", "");
    sg_redis_call_serial(&call);
    rc = sg_redis_call_run(&call, 1, &reply);
    if (rc != SG_OK)
        return rc;
    rc = read_groups(&call, reply);
    freeReplyObject(reply);
    return rc;
}

/* ---- metadata and marks ----------------------------------------------- */

static int read_metadata(struct sg_redis_call *call, const redisReply *reply,
                         const char *member)
{
    struct sg_op *op = call->op;
    struct sg_op_group *group = &op->groups[0];
    struct sg_redis_text metadata;
    char *copy;

    if (!sg_redis_reply_text(sg_redis_reply_at(reply, 1), &metadata))
        return sg_redis_call_garbage(call, "get_metadata");
    if (metadata.bytes == NULL)
        return sg_op_fail(op, SG_ENOTJOINED, SG_NO_REASON,
                          "\"%.60s\" is not in group \"%.60s\"", member,
                          group->name);
    copy = sg_op_copy(op, metadata.bytes, metadata.length);
    if (copy == NULL)
        return sg_redis_call_no_memory(op);
    group->metadata = copy;
    group->metadata_bytes = metadata.length;
    group->found = SG_FOUND_MINE;
    return SG_OK;
}

int sg_redis_get_metadata(struct sg_backend *b, struct sg_op *op)
{
    const char *member = op->n_sights > 0 ? op->sights[0].member : op->member;
    struct sg_redis_call call;
    redisReply *reply;
    int rc;

    sg_redis_call_begin(&call, b, op, &get_metadata_script, 1, 2);
    sg_redis_call_key(&call, "_group:", op->groups[0].name);
    sg_redis_call_serial(&call);
    sg_redis_call_text(&call, member);
    rc = sg_redis_call_run(&call, 2, &reply);
    if (rc != SG_OK)
        return rc;
    rc = read_metadata(&call, reply, member);
    freeReplyObject(reply);
    return rc;
}

int sg_redis_set_marks(struct sg_backend *b, struct sg_op *op)
{
    struct sg_redis_call call;
    uint8_t marks[SG_MARKS_MAX];
    redisReply *reply;
    int rc;

    sg_redis_call_begin(&call, b, op, &set_marks_script, 1, 3);
    sg_redis_call_key(&call, "_sg_marks:", op->groups[0].name);
    sg_redis_call_serial(&call);
    sg_redis_call_text(&call, op->sights[0].member);
    sg_redis_call_bytes(&call, marks, sg_marks_write(&op->marks, marks));
    rc = sg_redis_call_run(&call, 1, &reply);
    if (rc == SG_OK)
        freeReplyObject(reply);
    return rc;
}
