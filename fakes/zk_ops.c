/* SPDX-License-Identifier: Apache-2.0
 * zk_ops.c - one request of a ZooKeeper session and its answer.
 */
#include "zk.h"

#include <stdio.h>
#include <string.h>

/* ---- writes ----------------------------------------------------------- */

bool fake_zk_read_op(struct fake_zk_reader *in, int32_t type,
                     struct fake_zk_op *ret_op)
{
    struct fake_zk_op op = {.type = type, .path = fake_zk_read_text(in)};

    switch (type) {
    case FAKE_ZK_OP_CREATE:
    case FAKE_ZK_OP_CREATE2:
    case FAKE_ZK_OP_CREATE_CONTAINER:
    case FAKE_ZK_OP_CREATE_TTL:
        op.data = fake_zk_read_text(in);
        op.acl = fake_zk_acl_skip(in);
        op.flags = fake_zk_read_int(in);
        op.ttl_ms = type == FAKE_ZK_OP_CREATE_TTL ? fake_zk_read_long(in) : -1;
        break;
    case FAKE_ZK_OP_SET:
        op.data = fake_zk_read_text(in);
        op.version = fake_zk_read_int(in);
        break;
    case FAKE_ZK_OP_SET_ACL:
        op.acl = fake_zk_acl_skip(in);
        op.version = fake_zk_read_int(in);
        break;
    case FAKE_ZK_OP_DELETE:
    case FAKE_ZK_OP_CHECK:
        op.version = fake_zk_read_int(in);
        break;
    default:
        return false;
    }
    *ret_op = op;
    return !in->is_bad;
}

static void answer_step(struct fake_zk_writer *out,
                        const struct fake_zk_step *step, int32_t type)
{
    if (step->type == FAKE_ZK_OP_CREATE)
        fake_zk_write_text(out, fake_zk_text(step->node->path));
    if (type != FAKE_ZK_OP_CREATE && type != FAKE_ZK_OP_DELETE)
        fake_zk_write_stat(out, &step->stat);
}

static int change(struct fake_zk_call *call, int32_t type)
{
    struct fake_zk_txn txn = fake_zk_txn_begin(call->zk, call->conn);
    struct fake_zk_op op;
    int error = FAKE_ZK_MARSHALLING;

    if (fake_zk_read_op(&call->in, type, &op))
        error = fake_zk_txn_apply(&txn, &op);
    if (error != 0)
        return error;
    answer_step(&call->out, txn.last, type);
    if (call->out.has_failed) {
        fake_zk_txn_undo(&txn);
        return FAKE_ZK_NO_MEMORY;
    }
    fake_zk_txn_commit(&txn);
    return FAKE_ZK_OK;
}

static int create(struct fake_zk_call *call)
{
    return change(call, FAKE_ZK_OP_CREATE);
}

static int create2(struct fake_zk_call *call)
{
    return change(call, FAKE_ZK_OP_CREATE2);
}

static int create_container(struct fake_zk_call *call)
{
    return change(call, FAKE_ZK_OP_CREATE_CONTAINER);
}

static int create_ttl(struct fake_zk_call *call)
{
    return change(call, FAKE_ZK_OP_CREATE_TTL);
}

static int delete_path(struct fake_zk_call *call)
{
    return change(call, FAKE_ZK_OP_DELETE);
}

static int set(struct fake_zk_call *call)
{
    return change(call, FAKE_ZK_OP_SET);
}

static int set_acl(struct fake_zk_call *call)
{
    return change(call, FAKE_ZK_OP_SET_ACL);
}

/* ---- the session's own ------------------------------------------------ */

static int ping(struct fake_zk_call *call)
{
    (void)call;
    return FAKE_ZK_OK;
}

static int auth(struct fake_zk_call *call)
{
    (void)fake_zk_read_int(&call->in); /* its type: not looked at */
    struct fake_zk_text scheme = fake_zk_read_text(&call->in);
    struct fake_zk_text secret = fake_zk_read_text(&call->in);

    if (call->in.is_bad)
        return FAKE_ZK_AUTH_FAILED;
    return fake_zk_auth_add(&call->conn->auths, scheme, secret);
}

static int set_watches(struct fake_zk_call *call)
{
    return fake_zk_set_watches(call, false);
}

static int set_watches2(struct fake_zk_call *call)
{
    return fake_zk_set_watches(call, true);
}

static int close_session(struct fake_zk_call *call)
{
    if (call->conn->session != NULL)
        fake_zk_session_end(call->zk, call->conn->session);
    return FAKE_ZK_OK;
}

/* ---- the table -------------------------------------------------------- */

static const struct row {
    int32_t op;
    const char *name;
    int (*run)(struct fake_zk_call *call);
    bool is_own_traffic;
    bool is_write; /* refused by ReadOnlyRequestProcessor */
} rows[] = {
    {FAKE_ZK_OP_CREATE, "create", create, false, true},
    {FAKE_ZK_OP_CREATE2, "create2", create2, false, true},
    {FAKE_ZK_OP_CREATE_CONTAINER, "create", create_container, false, true},
    {FAKE_ZK_OP_CREATE_TTL, "create", create_ttl, false, true},
    {FAKE_ZK_OP_DELETE, "delete", delete_path, false, true},
    {FAKE_ZK_OP_EXISTS, "exists", fake_zk_exists, false, false},
    {FAKE_ZK_OP_GET, "get", fake_zk_get, false, false},
    {FAKE_ZK_OP_SET, "set", set, false, true},
    {FAKE_ZK_OP_GET_ACL, "getACL", fake_zk_get_acl, false, false},
    {FAKE_ZK_OP_SET_ACL, "setACL", set_acl, false, true},
    {FAKE_ZK_OP_CHILDREN, "getChildren", fake_zk_children, false, false},
    {FAKE_ZK_OP_CHILDREN2, "getChildren", fake_zk_children2, false, false},
    {FAKE_ZK_OP_SYNC, "sync", fake_zk_sync, false, true},
    {FAKE_ZK_OP_EPHEMERALS, "getEphemerals", fake_zk_ephemerals, false, false},
    {FAKE_ZK_OP_COUNT_BELOW, "getAllChildrenNumber", fake_zk_count_below, false,
     false},
    {FAKE_ZK_OP_WHO_AM_I, "whoAmI", fake_zk_who_am_i, false, false},
    {FAKE_ZK_OP_MULTI_READ, "multiRead", fake_zk_multi_read, false, false},
    {FAKE_ZK_OP_MULTI, "multi", fake_zk_multi, false, true},
    {FAKE_ZK_OP_PING, "ping", ping, true, false},
    {FAKE_ZK_OP_AUTH, "auth", auth, true, false},
    {FAKE_ZK_OP_SET_WATCHES, "setWatches", set_watches, true, false},
    {FAKE_ZK_OP_SET_WATCHES2, "setWatches", set_watches2, true, false},
    {FAKE_ZK_OP_ADD_WATCH, "addWatch", fake_zk_add_watch, false, false},
    {FAKE_ZK_OP_CHECK_WATCHES, "checkWatches", fake_zk_check_watches, false,
     false},
    {FAKE_ZK_OP_REMOVE_WATCHES, "removeWatches", fake_zk_remove_watches, false,
     false},
    {FAKE_ZK_OP_CLOSE, "close", close_session, true, false},
};

static const struct row *row_of(int32_t op)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].op == op)
            return &rows[i];
    return NULL;
}

/* Known to a real server, though not to this one: such a server does not
 * close the connection over them, as it does over numbers it never heard of. */
static bool is_real_op(int32_t op)
{
    return op == FAKE_ZK_OP_CHECK || op == 16 || op == 20;
}

static const struct row *refuse(struct fake_zk_call *call, int32_t op)
{
    static const struct row refused = {0};
    char what[32];

    snprintf(what, sizeof what, "operation %d", (int)op);
    fake_count_refused(call->zk->fake, what);
    return &refused;
}

static int run(struct fake_zk_call *call, const struct row *row)
{
    if (row->run == NULL)
        return FAKE_ZK_UNIMPLEMENTED;
    fake_count_command(call->conn->conn, row->name, row->is_own_traffic);
    if (row->is_write && fake_condition_of(call->zk->fake) == FAKE_READ_ONLY)
        return FAKE_ZK_NOT_READ_ONLY;
    return row->run(call);
}

/* The zxid of an answer: authentication comes before there is one, and an
 * unknown request never gets one; measured. */
static int64_t zxid_of(const struct fake_zk_call *call, int32_t op,
                       bool is_unknown)
{
    if (is_unknown)
        return -1;
    return op == FAKE_ZK_OP_AUTH ? 0 : call->zk->zxid;
}

enum { HEADER = 20 }; /* length, xid, zxid, error */

static void finish(struct fake_zk_call *call, int32_t xid, int64_t zxid,
                   int error)
{
    struct fake_zk_writer *w = &call->out;

    if (error == FAKE_ZK_NO_MEMORY)
        w->has_failed = true;
    if (error != FAKE_ZK_OK && !w->has_failed && !call->keeps_body)
        w->length = HEADER;
    fake_zk_write_int_at(w, 4, xid);
    fake_zk_write_int_at(w, 8, (int32_t)((uint64_t)zxid >> 32));
    fake_zk_write_int_at(w, 12, (int32_t)(uint64_t)zxid);
    fake_zk_write_int_at(w, 16, error);
    fake_zk_send(call->conn, w);
}

void fake_zk_request(struct fake_zk_conn *c, const uint8_t *bytes,
                     size_t length)
{
    static const uint8_t header[HEADER];
    struct fake_zk_call call = {.zk = c->zk, .conn = c};
    const struct row *row;

    call.in = fake_zk_reader(bytes, length);
    int32_t xid = fake_zk_read_int(&call.in);
    int32_t op = fake_zk_read_int(&call.in);
    if (call.in.is_bad) {
        fake_zk_hang_up(c);
        return;
    }
    if (op == FAKE_ZK_OP_PING)
        xid = -2; /* ClientCnxn.PING_XID, whatever was asked */
    row = row_of(op);
    bool is_unknown = row == NULL && !is_real_op(op);
    if (row == NULL)
        row = refuse(&call, op);
    fake_zk_write_raw(&call.out, header, sizeof header);
    int error = run(&call, row);
    finish(&call, xid, zxid_of(&call, op, is_unknown), error);
    if (is_unknown || op == FAKE_ZK_OP_CLOSE || error == FAKE_ZK_AUTH_FAILED)
        fake_zk_hang_up(c);
}
