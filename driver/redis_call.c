/* SPDX-License-Identifier: Apache-2.0
 * redis_call.c - EVALSHA, and EVAL when the server does not know the script.
 */
#include "redis_call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COMMAND, SCRIPT, KEY_COUNT, FIXED };

void sg_redis_call_begin(struct sg_redis_call *call, struct sg_backend *b,
                         struct sg_op *op, const struct sg_redis_script *script,
                         size_t n_keys, size_t n_args)
{
    *call = (struct sg_redis_call){.b = b, .op = op, .script = script};
    call->is_short =
        !sg_redis_request_init(&call->request, op, FIXED + n_keys + n_args);
    snprintf(call->n_keys, sizeof call->n_keys, "%zu", n_keys);
    snprintf(call->serial, sizeof call->serial, "%" PRIu64, ++b->conn.serial);
    sg_redis_call_text(call, "EVALSHA");
    sg_redis_call_text(call, script->sha1);
    sg_redis_call_text(call, call->n_keys);
}

void sg_redis_call_bytes(struct sg_redis_call *call, const void *bytes,
                         size_t length)
{
    if (bytes == NULL)
        call->is_short = true;
    if (!call->is_short)
        sg_redis_request_add(&call->request, bytes, length);
}

void sg_redis_call_text(struct sg_redis_call *call, const char *text)
{
    sg_redis_call_bytes(call, text, text == NULL ? 0 : strlen(text));
}

void sg_redis_call_key(struct sg_redis_call *call, const char *kind,
                       const char *name)
{
    size_t bytes = strlen(call->b->space) + strlen(kind) + strlen(name) + 1;
    char *key = sg_op_alloc(call->op, bytes);

    if (key != NULL)
        snprintf(key, bytes, "%s%s%s", call->b->space, kind, name);
    sg_redis_call_text(call, key);
}

void sg_redis_call_serial(struct sg_redis_call *call)
{
    sg_redis_call_text(call, call->serial);
}

void sg_redis_call_number(struct sg_redis_call *call, int64_t number)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%" PRId64, number);

    sg_redis_call_bytes(call, sg_op_copy(call->op, text, (size_t)length),
                        (size_t)length);
}

int sg_redis_call_garbage(struct sg_redis_call *call, const char *what)
{
    return sg_redis_conn_garbage(&call->b->conn, call->op, what);
}

int sg_redis_call_no_memory(struct sg_op *op)
{
    return sg_op_fail(op, SG_ENOMEM, SG_NO_MEMORY, "out of memory");
}

static bool is_unknown_script(const redisReply *reply)
{
    static const char word[] = "NOSCRIPT";

    return reply->type == REDIS_REPLY_ERROR && reply->len >= sizeof word - 1 &&
           memcmp(reply->str, word, sizeof word - 1) == 0;
}

static int ask(struct sg_redis_call *call, redisReply **ret)
{
    struct sg_redis_conn *conn = &call->b->conn;
    int rc = sg_redis_conn_ask(conn, call->op, &call->request, ret);

    if (rc != SG_OK || !is_unknown_script(*ret))
        return rc;
    freeReplyObject(*ret);
    *ret = NULL;
    call->request.argv[COMMAND] = "EVAL";
    call->request.bytes[COMMAND] = strlen("EVAL");
    call->request.argv[SCRIPT] = call->script->text;
    call->request.bytes[SCRIPT] = strlen(call->script->text);
    return sg_redis_conn_ask(conn, call->op, &call->request, ret);
}

static int check_reply(struct sg_redis_call *call, const redisReply *reply,
                       size_t least)
{
    struct sg_redis_conn *conn = &call->b->conn;
    struct sg_redis_text serial;
    int rc;

    if (reply->type == REDIS_REPLY_ERROR) {
        rc = sg_redis_reply_refused(call->op, conn->where, call->script->name,
                                    reply, conn->target->password);
        /* Ask the next time who it has become. */
        if (call->op->reason == SG_WRONG_ROLE)
            sg_redis_conn_drop(conn);
        return rc;
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < least)
        return sg_redis_call_garbage(call, call->script->name);
    if (!sg_redis_reply_text(sg_redis_reply_at(reply, 0), &serial) ||
        serial.length != strlen(call->serial) ||
        memcmp(serial.bytes, call->serial, serial.length) != 0)
        return sg_redis_call_garbage(call, "it belongs to another question");
    return SG_OK;
}

int sg_redis_call_run(struct sg_redis_call *call, size_t least,
                      redisReply **ret)
{
    redisReply *reply = NULL;
    int rc;

    if (call->is_short)
        return sg_redis_call_no_memory(call->op);
    rc = sg_redis_conn_ready(&call->b->conn, call->op);
    if (rc != SG_OK)
        return rc;
    call->b->conn.env->waited(call->b->conn.env->arg);
    rc = ask(call, &reply);
    if (rc == SG_OK)
        rc = check_reply(call, reply, least);
    if (rc == SG_OK)
        *ret = reply;
    else if (reply != NULL)
        freeReplyObject(reply);
    return rc;
}
