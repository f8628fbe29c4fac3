/* SPDX-License-Identifier: Apache-2.0
 * zk_multi.c - ZooKeeper's transactions: all of it in one zxid, or nothing.
 */
#include "zk.h"

enum { ERROR_RESULT = -1 };

void fake_zk_write_multi_header(struct fake_zk_writer *out, int32_t type,
                                bool is_end, int32_t error)
{
    fake_zk_write_int(out, type);
    fake_zk_write_bool(out, is_end);
    fake_zk_write_int(out, error);
}

/* The server makes what is created anew, of the flags alone (Op.create). */
static void remake(struct fake_zk_op *op)
{
    enum { CONTAINER = 4, MOST_FLAGS = 6 };
    bool has_ttl = op->flags > CONTAINER && op->flags <= MOST_FLAGS;

    if (op->type == FAKE_ZK_OP_CREATE_TTL && has_ttl)
        return;
    op->ttl_ms = -1;
    op->type = op->flags == CONTAINER ? FAKE_ZK_OP_CREATE_CONTAINER
                                      : FAKE_ZK_OP_CREATE;
    /* It cannot be cast to a CreateTTLRequest there; measured. */
    if (has_ttl)
        op->type = FAKE_ZK_OP_ERROR;
}

/* The next operation; false at the end or when the request does not hold. */
static bool next_op(struct fake_zk_reader *in, struct fake_zk_op *ret_op)
{
    int32_t type = fake_zk_read_int(in);
    bool is_end = fake_zk_read_bool(in);

    (void)fake_zk_read_int(in);
    if (in->is_bad || is_end)
        return false;
    if (type == FAKE_ZK_OP_SET_ACL || !fake_zk_read_op(in, type, ret_op)) {
        in->is_bad = true;
        return false;
    }
    if (type != FAKE_ZK_OP_DELETE && type != FAKE_ZK_OP_SET &&
        type != FAKE_ZK_OP_CHECK)
        remake(ret_op);
    return true;
}

/* Nothing was done: 0 for what would have been, the reason, and for the rest
 * "inconsistency". The header of the whole says no error; measured. */
static void answer_failure(struct fake_zk_writer *out, size_t failed,
                           size_t count, int error)
{
    for (size_t i = 0; i < count; i++) {
        int code = i < failed    ? FAKE_ZK_OK
                   : i == failed ? error
                                 : FAKE_ZK_INCONSISTENCY;
        fake_zk_write_multi_header(out, ERROR_RESULT, false, code);
        fake_zk_write_int(out, code);
    }
}

/* A path alone for all that is created, but for containers. */
static void answer_success(struct fake_zk_writer *out,
                           const struct fake_zk_txn *txn)
{
    const struct fake_zk_step *step;

    for (step = txn->first; step != NULL; step = step->next) {
        bool is_create = step->type == FAKE_ZK_OP_CREATE;
        bool is_container = is_create && step->node->is_container;
        fake_zk_write_multi_header(
            out, is_container ? FAKE_ZK_OP_CREATE2 : step->type, false, 0);
        if (is_create)
            fake_zk_write_text(out, fake_zk_text(step->node->path));
        if (is_container || step->type == FAKE_ZK_OP_SET)
            fake_zk_write_stat(out, &step->stat);
    }
}

int fake_zk_multi(struct fake_zk_call *call)
{
    struct fake_zk_txn txn = fake_zk_txn_begin(call->zk, call->conn);
    struct fake_zk_reader trial = call->in;
    struct fake_zk_op op;
    size_t count = 0, done = 0;
    int error = FAKE_ZK_OK;
    bool has_null = false;

    for (; next_op(&trial, &op); count++)
        has_null = has_null || op.path.at == NULL;
    if (trial.is_bad)
        return FAKE_ZK_MARSHALLING;
    /* Java stumbles over it before it begins, and answers the error with the
     * list of what it did behind it; measured. */
    if (has_null) {
        fake_zk_write_multi_header(&call->out, -1, true, -1);
        call->keeps_body = true;
        return FAKE_ZK_MARSHALLING;
    }
    while (done < count && next_op(&call->in, &op)) {
        error = fake_zk_txn_apply(&txn, &op);
        if (error != FAKE_ZK_OK)
            break;
        done++;
    }
    if (error == FAKE_ZK_NO_MEMORY || error == FAKE_ZK_MARSHALLING) {
        fake_zk_txn_undo(&txn);
        return error;
    }
    if (error == FAKE_ZK_OK)
        answer_success(&call->out, &txn);
    else
        answer_failure(&call->out, done, count, error);
    fake_zk_write_multi_header(&call->out, -1, true, -1);
    if (error != FAKE_ZK_OK || call->out.has_failed)
        fake_zk_txn_undo(&txn);
    else
        fake_zk_txn_commit(&txn);
    return FAKE_ZK_OK;
}
