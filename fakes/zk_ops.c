/* SPDX-License-Identifier: Apache-2.0
 * zk_ops.c - one request of a ZooKeeper session and its answer.
 */
#include "zk.h"

#include <stdio.h>
#include <string.h>

/* ---- reads ------------------------------------------------------------ */

struct question {
    struct fake_zk_text path;
    bool is_watched;
    struct fake_zk_node *node;
};

/* The path and the wish to watch, of which every read is made. */
static int ask(struct fake_zk_call *call, struct question *q)
{
    q->path = fake_zk_read_text(&call->in);
    q->is_watched = fake_zk_read_bool(&call->in);
    if (call->in.is_bad || q->path.at == NULL)
        return FAKE_ZK_MARSHALLING;
    q->node = fake_zk_tree_find(&call->zk->tree, q->path);
    return FAKE_ZK_OK;
}

static bool may(const struct fake_zk_call *call,
                const struct fake_zk_node *node, int32_t perms)
{
    return fake_zk_acl_allows(node->acl, perms, call->conn->auths);
}

static int watch(struct fake_zk_call *call, const struct question *q,
                 enum fake_zk_watch_kind kind)
{
    return q->is_watched ? fake_zk_watch_add(call->conn, kind, q->path)
                         : FAKE_ZK_OK;
}

static void answer_stat(struct fake_zk_call *call,
                        const struct fake_zk_node *node)
{
    struct fake_zk_stat stat = fake_zk_node_stat(node);

    fake_zk_write_stat(&call->out, &stat);
}

static struct fake_zk_text data_of(const struct fake_zk_node *node)
{
    struct fake_zk_text data = {(const char *)node->data, node->data_length};

    return data;
}

/* Asks no rights; and a node that is not there can be watched. */
static int exists(struct fake_zk_call *call)
{
    struct question q;
    int error = ask(call, &q);

    if (error == 0 && q.path.length > 0 &&
        memchr(q.path.at, 0, (size_t)q.path.length) != NULL)
        error = FAKE_ZK_BAD_ARGUMENTS;
    if (error == 0)
        error = watch(call, &q, FAKE_ZK_WATCH_DATA);
    if (error == 0 && q.node == NULL)
        error = FAKE_ZK_NO_NODE;
    if (error == 0)
        answer_stat(call, q.node);
    return error;
}

static int ask_readable(struct fake_zk_call *call, struct question *q,
                        enum fake_zk_watch_kind kind)
{
    int error = ask(call, q);

    if (error != 0)
        return error;
    if (q->node == NULL)
        return FAKE_ZK_NO_NODE;
    if (!may(call, q->node, FAKE_ZK_READ))
        return FAKE_ZK_NO_AUTH;
    return watch(call, q, kind);
}

static int get(struct fake_zk_call *call)
{
    struct question q;
    int error = ask_readable(call, &q, FAKE_ZK_WATCH_DATA);

    if (error != 0)
        return error;
    fake_zk_write_text(&call->out, data_of(q.node));
    answer_stat(call, q.node);
    return FAKE_ZK_OK;
}

static int children(struct fake_zk_call *call)
{
    struct question q;
    int error = ask_readable(call, &q, FAKE_ZK_WATCH_CHILDREN);

    if (error != 0)
        return error;
    fake_zk_write_int(&call->out, (int32_t)q.node->n_kids);
    for (size_t i = 0; i < q.node->n_kids; i++)
        fake_zk_write_text(&call->out, fake_zk_text(q.node->kids[i]->name));
    return FAKE_ZK_OK;
}

static int children2(struct fake_zk_call *call)
{
    struct fake_zk_call again = *call;
    int error = children(call);

    if (error == 0)
        answer_stat(call, fake_zk_tree_find(&call->zk->tree,
                                            fake_zk_read_text(&again.in)));
    return error;
}

static int get_acl(struct fake_zk_call *call)
{
    struct fake_zk_text path = fake_zk_read_text(&call->in);
    const struct fake_zk_node *node;

    if (call->in.is_bad || path.at == NULL)
        return FAKE_ZK_MARSHALLING;
    node = fake_zk_tree_find(&call->zk->tree, path);
    if (node == NULL)
        return FAKE_ZK_NO_NODE;
    if (!may(call, node, FAKE_ZK_READ | FAKE_ZK_ADMIN))
        return FAKE_ZK_NO_AUTH;
    fake_zk_write_acl(&call->out, node->acl, !may(call, node, FAKE_ZK_ADMIN));
    answer_stat(call, node);
    return FAKE_ZK_OK;
}

/* One server has nothing to wait for, and does not look at the path. */
static int sync_path(struct fake_zk_call *call)
{
    struct fake_zk_text path = fake_zk_read_text(&call->in);

    if (call->in.is_bad)
        return FAKE_ZK_MARSHALLING;
    fake_zk_write_text(&call->out, path);
    return FAKE_ZK_OK;
}

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
        if (type == FAKE_ZK_OP_CREATE_TTL)
            (void)fake_zk_read_long(in);
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
    if (type == FAKE_ZK_OP_CREATE || type == FAKE_ZK_OP_CREATE2)
        fake_zk_write_text(out, fake_zk_text(step->node->path));
    if (type == FAKE_ZK_OP_CREATE2 || type == FAKE_ZK_OP_SET ||
        type == FAKE_ZK_OP_SET_ACL)
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
    {FAKE_ZK_OP_EXISTS, "exists", exists, false, false},
    {FAKE_ZK_OP_GET, "get", get, false, false},
    {FAKE_ZK_OP_SET, "set", set, false, true},
    {FAKE_ZK_OP_GET_ACL, "getACL", get_acl, false, false},
    {FAKE_ZK_OP_SET_ACL, "setACL", set_acl, false, true},
    {FAKE_ZK_OP_CHILDREN, "getChildren", children, false, false},
    {FAKE_ZK_OP_CHILDREN2, "getChildren", children2, false, false},
    {FAKE_ZK_OP_SYNC, "sync", sync_path, false, true},
    {FAKE_ZK_OP_MULTI, "multi", fake_zk_multi, false, true},
    {FAKE_ZK_OP_PING, "ping", ping, true, false},
    {FAKE_ZK_OP_AUTH, "auth", auth, true, false},
    {FAKE_ZK_OP_SET_WATCHES, "setWatches", set_watches, true, false},
    {FAKE_ZK_OP_SET_WATCHES2, "setWatches", set_watches2, true, false},
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
    return op == 13 || (op >= 16 && op <= 18) || op == 20 || op == 22 ||
           (op >= 103 && op <= 107);
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
    if (error != FAKE_ZK_OK && !w->has_failed)
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
