/* SPDX-License-Identifier: Apache-2.0
 * zk_ask.c - the requests that change nothing, one by one or many in one.
 */
#include "zk.h"

#include <string.h>

/* ---- one node ---------------------------------------------------------- */

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
    return q->is_watched
               ? fake_zk_watch_add(call->conn, kind, FAKE_ZK_ONCE, q->path)
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
int fake_zk_exists(struct fake_zk_call *call)
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

int fake_zk_get(struct fake_zk_call *call)
{
    struct question q;
    int error = ask_readable(call, &q, FAKE_ZK_WATCH_DATA);

    if (error != 0)
        return error;
    fake_zk_write_text(&call->out, data_of(q.node));
    answer_stat(call, q.node);
    return FAKE_ZK_OK;
}

static void write_names(struct fake_zk_call *call,
                        const struct fake_zk_node *node)
{
    fake_zk_write_int(&call->out, (int32_t)node->n_kids);
    for (size_t i = 0; i < node->n_kids; i++)
        fake_zk_write_text(&call->out, fake_zk_text(node->kids[i]->name));
}

int fake_zk_children(struct fake_zk_call *call)
{
    struct question q;
    int error = ask_readable(call, &q, FAKE_ZK_WATCH_CHILDREN);

    if (error != 0)
        return error;
    write_names(call, q.node);
    return FAKE_ZK_OK;
}

int fake_zk_children2(struct fake_zk_call *call)
{
    struct fake_zk_call again = *call;
    int error = fake_zk_children(call);

    if (error == 0)
        answer_stat(call, fake_zk_tree_find(&call->zk->tree,
                                            fake_zk_read_text(&again.in)));
    return error;
}

int fake_zk_get_acl(struct fake_zk_call *call)
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
int fake_zk_sync(struct fake_zk_call *call)
{
    struct fake_zk_text path = fake_zk_read_text(&call->in);

    if (call->in.is_bad)
        return FAKE_ZK_MARSHALLING;
    fake_zk_write_text(&call->out, path);
    return FAKE_ZK_OK;
}

/* ---- lists of the server's --------------------------------------------- */

static bool begins_with(const char *path, struct fake_zk_text prefix)
{
    size_t length = (size_t)prefix.length;

    return strncmp(path, prefix.at, length) == 0;
}

/* Java's trim(): what is not above a space is taken off both ends. */
static bool is_all(struct fake_zk_text prefix)
{
    while (prefix.length > 0 && (uint8_t)prefix.at[0] <= ' ') {
        prefix.at++;
        prefix.length--;
    }
    while (prefix.length > 0 && (uint8_t)prefix.at[prefix.length - 1] <= ' ')
        prefix.length--;
    return prefix.length <= 0 || fake_zk_text_is(prefix, "/");
}

/* The session's own, whoever may read them. */
int fake_zk_ephemerals(struct fake_zk_call *call)
{
    const struct fake_zk_session *session = call->conn->session;
    struct fake_zk_text prefix = fake_zk_read_text(&call->in);
    size_t at = call->out.length;
    int32_t count = 0;

    if (call->in.is_bad)
        return FAKE_ZK_MARSHALLING;
    fake_zk_write_int(&call->out, 0);
    for (size_t i = 0; session != NULL && i < session->n_nodes; i++) {
        const char *path = session->nodes[i]->path;
        if (!is_all(prefix) && !begins_with(path, prefix))
            continue;
        fake_zk_write_text(&call->out, fake_zk_text(path));
        count++;
    }
    fake_zk_write_int_at(&call->out, at, count);
    return FAKE_ZK_OK;
}

/* getAllChildrenNumber: all that is under a node. The server keeps its root
 * under two names, "" and "/", and counts the second under the first. */
int fake_zk_count_below(struct fake_zk_call *call)
{
    const struct fake_zk_node *top, *node;
    struct fake_zk_text path = fake_zk_read_text(&call->in);
    int32_t count = 0;

    if (call->in.is_bad || path.at == NULL)
        return FAKE_ZK_MARSHALLING;
    top = fake_zk_tree_find(&call->zk->tree, path);
    if (top == NULL)
        return FAKE_ZK_NO_NODE;
    if (!may(call, top, FAKE_ZK_READ))
        return FAKE_ZK_NO_AUTH;
    for (node = fake_zk_node_next(top, top); node != NULL;
         node = fake_zk_node_next(top, node))
        count++;
    fake_zk_write_int(&call->out, count + (path.length == 0));
    return FAKE_ZK_OK;
}

static void write_client(struct fake_zk_writer *out, const char *scheme,
                         struct fake_zk_text user)
{
    fake_zk_write_text(out, fake_zk_text(scheme));
    fake_zk_write_text(out, user);
}

/* Whom the connection has proved to be; its address is known anyhow. */
int fake_zk_who_am_i(struct fake_zk_call *call)
{
    const struct fake_zk_auth *auth;
    int32_t count = 1;

    for (auth = call->conn->auths; auth != NULL; auth = auth->next)
        count++;
    fake_zk_write_int(&call->out, count);
    for (auth = call->conn->auths; auth != NULL; auth = auth->next) {
        struct fake_zk_text user = {auth->id, 0};
        while (user.at[user.length] != ':')
            user.length++;
        write_client(&call->out, "digest", user);
    }
    write_client(&call->out, "ip", fake_zk_text("127.0.0.1"));
    return FAKE_ZK_OK;
}

/* ---- multiRead --------------------------------------------------------- */

/* Nothing is watched: the server's Op.getData() forgets the wish. */
static int read_one(struct fake_zk_call *call, int32_t type,
                    struct fake_zk_text path)
{
    const struct fake_zk_node *node = fake_zk_tree_find(&call->zk->tree, path);

    if (node == NULL)
        return FAKE_ZK_NO_NODE;
    if (!may(call, node, FAKE_ZK_READ))
        return FAKE_ZK_NO_AUTH;
    fake_zk_write_multi_header(&call->out, type, false, 0);
    if (type == FAKE_ZK_OP_GET) {
        fake_zk_write_text(&call->out, data_of(node));
        answer_stat(call, node);
    } else {
        write_names(call, node);
    }
    return FAKE_ZK_OK;
}

/* False: behind the last, or it does not hold. */
static bool next_read(struct fake_zk_reader *in, int32_t *ret_type,
                      struct fake_zk_text *ret_path)
{
    int32_t type = fake_zk_read_int(in);
    bool is_end = fake_zk_read_bool(in);

    (void)fake_zk_read_int(in);
    if (in->is_bad || is_end)
        return false;
    *ret_type = type;
    *ret_path = fake_zk_read_text(in);
    (void)fake_zk_read_bool(in);
    if (type != FAKE_ZK_OP_GET && type != FAKE_ZK_OP_CHILDREN)
        in->is_bad = true;
    return !in->is_bad;
}

/* Each for itself: an error of one is no error of another's. But Java
 * stumbles over a null path, and then answers what it has so far behind the
 * error; measured. */
int fake_zk_multi_read(struct fake_zk_call *call)
{
    struct fake_zk_reader trial = call->in;
    struct fake_zk_text path;
    int32_t type;

    while (next_read(&trial, &type, &path))
        ;
    if (trial.is_bad)
        return FAKE_ZK_MARSHALLING;
    while (!call->keeps_body && next_read(&call->in, &type, &path)) {
        int error = FAKE_ZK_OK;
        if (path.at == NULL)
            call->keeps_body = true;
        else
            error = read_one(call, type, path);
        if (error != FAKE_ZK_OK) {
            fake_zk_write_multi_header(&call->out, -1, false, error);
            fake_zk_write_int(&call->out, error);
        }
    }
    fake_zk_write_multi_header(&call->out, -1, true, -1);
    return call->keeps_body ? FAKE_ZK_MARSHALLING : FAKE_ZK_OK;
}
