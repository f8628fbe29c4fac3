/* SPDX-License-Identifier: Apache-2.0
 * zk_txn.c - ZooKeeper's changes: checked and made one by one in one zxid,
 * taken back together, told to watchers and trace only when all are made.
 */
#include "zk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CreateMode.toFlag. */
enum { EPHEMERAL = 1, SEQUENCE = 2, CONTAINER = 4, MOST_FLAGS = 6 };

struct fake_zk_txn fake_zk_txn_begin(struct fake_zk *zk,
                                     const struct fake_zk_conn *conn)
{
    struct fake_zk_txn txn = {.zk = zk, .conn = conn, .zxid = ++zk->zxid};
    return txn;
}

static bool may(const struct fake_zk_txn *txn, const struct fake_zk_node *node,
                int32_t perms)
{
    return fake_zk_acl_allows(node->acl, perms, txn->conn->auths);
}

static bool is_version(int32_t asked, int32_t version)
{
    return asked == -1 || asked == version;
}

/* A step with what most steps may have to put back. */
static struct fake_zk_step *step_new(int32_t type, struct fake_zk_node *node)
{
    struct fake_zk_step *step = calloc(1, sizeof *step);

    if (step == NULL)
        return NULL;
    step->type = type;
    step->node = node;
    step->old_mzxid = node->mzxid;
    step->old_mtime_ms = node->mtime_ms;
    return step;
}

static void add_step(struct fake_zk_txn *txn, struct fake_zk_step *step)
{
    step->stat = fake_zk_node_stat(step->node);
    step->prev = txn->last;
    if (txn->last == NULL)
        txn->first = step;
    else
        txn->last->next = step;
    txn->last = step;
}

static struct fake_zk_session *owner_of(const struct fake_zk *zk,
                                        const struct fake_zk_node *node)
{
    return node->owner == 0 ? NULL : fake_zk_session_find(zk, node->owner);
}

/* ---- create ----------------------------------------------------------- */

/* The name's end is the number of children the parent has ever had. */
static int numbered(struct fake_zk_text path, int32_t number,
                    struct fake_zk_writer *ret_path)
{
    char digits[16];
    int n = snprintf(digits, sizeof digits, "%010" PRId32, number);

    fake_zk_write_raw(ret_path, path.at, (size_t)path.length);
    fake_zk_write_raw(ret_path, digits, (size_t)n);
    return ret_path->has_failed ? FAKE_ZK_NO_MEMORY : FAKE_ZK_OK;
}

static int hang_in(struct fake_zk_txn *txn, struct fake_zk_node *parent,
                   struct fake_zk_node *node)
{
    struct fake_zk_session *owner = owner_of(txn->zk, node);
    struct fake_zk_step *step = step_new(FAKE_ZK_OP_CREATE, node);

    if (step == NULL)
        return FAKE_ZK_NO_MEMORY;
    if (owner != NULL && fake_zk_session_own(owner, node) != 0) {
        free(step);
        return FAKE_ZK_NO_MEMORY;
    }
    if (fake_zk_node_link(&txn->zk->tree, parent, node) != 0) {
        if (owner != NULL)
            fake_zk_session_disown(owner, node);
        free(step);
        return FAKE_ZK_NO_MEMORY;
    }
    step->old_parent_pzxid = parent->pzxid;
    parent->pzxid = txn->zxid;
    parent->created++;
    add_step(txn, step);
    return FAKE_ZK_OK;
}

static int create_at(struct fake_zk_txn *txn, const struct fake_zk_op *op,
                     struct fake_zk_node *parent, struct fake_zk_text path,
                     struct fake_zk_acl *acl)
{
    if (!fake_zk_path_is_valid(path))
        return FAKE_ZK_BAD_ARGUMENTS;
    if (fake_zk_tree_find(&txn->zk->tree, path) != NULL)
        return FAKE_ZK_NODE_EXISTS;
    if (parent->owner != 0)
        return FAKE_ZK_NO_CHILDREN_FOR_EPHEMERALS;
    struct fake_zk_node *node = fake_zk_node_new(path, op->data, acl);
    if (node == NULL)
        return FAKE_ZK_NO_MEMORY;
    node->czxid = node->mzxid = node->pzxid = txn->zxid;
    node->ctime_ms = node->mtime_ms = fake_wall_ms(txn->zk->hub);
    /* What a plain create makes with the flag of containers is none
     * (PrepRequestProcessor.pRequest2TxnCreate); measured. */
    node->is_container = op->type == FAKE_ZK_OP_CREATE_CONTAINER;
    if ((op->flags & EPHEMERAL) != 0 && !node->is_container)
        node->owner = txn->conn->session->id;
    int error = hang_in(txn, parent, node);
    if (error != 0)
        fake_zk_node_free(node);
    return error;
}

/* In the server's order: the first fault found is the answer. */
static int create(struct fake_zk_txn *txn, const struct fake_zk_op *op)
{
    struct fake_zk_writer name = {0};
    struct fake_zk_text path = op->path, parent_path;
    struct fake_zk_acl *acl = NULL;
    int error;

    if (op->flags < 0 || op->flags > MOST_FLAGS)
        return FAKE_ZK_BAD_ARGUMENTS;
    /* As a server without zookeeper.extendedTypesEnabled. */
    if (op->flags > CONTAINER)
        return FAKE_ZK_UNIMPLEMENTED;
    if (op->type == FAKE_ZK_OP_CREATE_TTL && op->ttl_ms >= 0)
        return FAKE_ZK_BAD_ARGUMENTS;
    if (op->type == FAKE_ZK_OP_CREATE_TTL) {
        fake_count_refused(txn->zk->fake, "createTTL without a ttl");
        return FAKE_ZK_UNIMPLEMENTED;
    }
    if (path.at == NULL)
        return FAKE_ZK_MARSHALLING;
    if (!fake_zk_path_parent(path, &parent_path))
        return FAKE_ZK_BAD_ARGUMENTS;
    error = fake_zk_acl_fix(op->acl, txn->conn->auths, &acl);
    if (error != 0)
        return error;
    struct fake_zk_node *parent =
        fake_zk_tree_find(&txn->zk->tree, parent_path);
    if (parent == NULL)
        error = FAKE_ZK_NO_NODE;
    else if (!may(txn, parent, FAKE_ZK_CREATE))
        error = FAKE_ZK_NO_AUTH;
    else if ((op->flags & SEQUENCE) != 0)
        error = numbered(op->path, parent->created, &name);
    if (error == 0 && name.bytes != NULL) {
        path.at = (const char *)name.bytes;
        path.length = (int32_t)name.length;
    }
    if (error == 0)
        error = create_at(txn, op, parent, path, acl);
    fake_zk_acl_unref(acl);
    fake_zk_writer_clear(&name);
    return error;
}

/* ---- delete ----------------------------------------------------------- */

static void cut_off(struct fake_zk *zk, struct fake_zk_node *node, int64_t zxid)
{
    struct fake_zk_session *owner = owner_of(zk, node);

    if (owner != NULL)
        fake_zk_session_disown(owner, node);
    fake_zk_node_unlink(&zk->tree, node);
    node->parent->pzxid = zxid;
    if (node->parent->is_container && node->parent->n_kids == 0)
        fake_zk_container_emptied(zk);
}

static int delete_node(struct fake_zk_txn *txn, const struct fake_zk_op *op)
{
    const struct fake_zk_tree *tree = &txn->zk->tree;
    struct fake_zk_text parent_path;

    if (op->path.at == NULL)
        return FAKE_ZK_MARSHALLING;
    if (!fake_zk_path_parent(op->path, &parent_path) ||
        fake_zk_path_is_special(op->path))
        return FAKE_ZK_BAD_ARGUMENTS;
    struct fake_zk_node *parent = fake_zk_tree_find(tree, parent_path);
    if (parent == NULL)
        return FAKE_ZK_NO_NODE;
    if (!may(txn, parent, FAKE_ZK_DELETE))
        return FAKE_ZK_NO_AUTH;
    struct fake_zk_node *node = fake_zk_tree_find(tree, op->path);
    if (node == NULL)
        return FAKE_ZK_NO_NODE;
    if (!is_version(op->version, node->version))
        return FAKE_ZK_BAD_VERSION;
    if (node->n_kids > 0)
        return FAKE_ZK_NOT_EMPTY;
    struct fake_zk_step *step = step_new(FAKE_ZK_OP_DELETE, node);
    if (step == NULL)
        return FAKE_ZK_NO_MEMORY;
    step->old_parent_pzxid = parent->pzxid;
    cut_off(txn->zk, node, txn->zxid);
    add_step(txn, step);
    return FAKE_ZK_OK;
}

/* ---- set, setACL, check ----------------------------------------------- */

static int set(struct fake_zk_txn *txn, const struct fake_zk_op *op)
{
    struct fake_zk_node *node = fake_zk_tree_find(&txn->zk->tree, op->path);

    if (!fake_zk_path_is_valid(op->path))
        return FAKE_ZK_BAD_ARGUMENTS;
    if (node == NULL)
        return FAKE_ZK_NO_NODE;
    if (!may(txn, node, FAKE_ZK_WRITE))
        return FAKE_ZK_NO_AUTH;
    if (!is_version(op->version, node->version))
        return FAKE_ZK_BAD_VERSION;
    size_t length = op->data.length > 0 ? (size_t)op->data.length : 0;
    uint8_t *data = malloc(length + 1);
    struct fake_zk_step *step = step_new(FAKE_ZK_OP_SET, node);
    if (data == NULL || step == NULL) {
        free(data);
        free(step);
        return FAKE_ZK_NO_MEMORY;
    }
    if (length > 0)
        memcpy(data, op->data.at, length);
    step->old_data = node->data;
    step->old_data_length = node->data_length;
    node->data = data;
    node->data_length = op->data.length;
    node->version++;
    node->mzxid = txn->zxid;
    node->mtime_ms = fake_wall_ms(txn->zk->hub);
    add_step(txn, step);
    return FAKE_ZK_OK;
}

static int set_acl(struct fake_zk_txn *txn, const struct fake_zk_op *op)
{
    struct fake_zk_node *node = fake_zk_tree_find(&txn->zk->tree, op->path);
    struct fake_zk_step *step = NULL;
    struct fake_zk_acl *acl = NULL;
    int error;

    if (!fake_zk_path_is_valid(op->path))
        return FAKE_ZK_BAD_ARGUMENTS;
    error = fake_zk_acl_fix(op->acl, txn->conn->auths, &acl);
    if (error != 0)
        return error;
    if (node == NULL)
        error = FAKE_ZK_NO_NODE;
    else if (!may(txn, node, FAKE_ZK_ADMIN))
        error = FAKE_ZK_NO_AUTH;
    else if (!is_version(op->version, node->aversion))
        error = FAKE_ZK_BAD_VERSION;
    else if ((step = step_new(FAKE_ZK_OP_SET_ACL, node)) == NULL)
        error = FAKE_ZK_NO_MEMORY;
    if (error != 0) {
        fake_zk_acl_unref(acl);
        return error;
    }
    step->old_acl = node->acl;
    node->acl = acl;
    node->aversion++;
    add_step(txn, step);
    return FAKE_ZK_OK;
}

static int check(struct fake_zk_txn *txn, const struct fake_zk_op *op)
{
    struct fake_zk_node *node = fake_zk_tree_find(&txn->zk->tree, op->path);

    if (!fake_zk_path_is_valid(op->path))
        return FAKE_ZK_BAD_ARGUMENTS;
    if (node == NULL)
        return FAKE_ZK_NO_NODE;
    if (!may(txn, node, FAKE_ZK_READ))
        return FAKE_ZK_NO_AUTH;
    if (!is_version(op->version, node->version))
        return FAKE_ZK_BAD_VERSION;
    struct fake_zk_step *step = step_new(FAKE_ZK_OP_CHECK, node);
    if (step == NULL)
        return FAKE_ZK_NO_MEMORY;
    add_step(txn, step);
    return FAKE_ZK_OK;
}

int fake_zk_txn_apply(struct fake_zk_txn *txn, const struct fake_zk_op *op)
{
    switch (op->type) {
    case FAKE_ZK_OP_DELETE:
        return delete_node(txn, op);
    case FAKE_ZK_OP_SET:
        return set(txn, op);
    case FAKE_ZK_OP_SET_ACL:
        return set_acl(txn, op);
    case FAKE_ZK_OP_CHECK:
        return check(txn, op);
    case FAKE_ZK_OP_ERROR:
        return FAKE_ZK_MARSHALLING;
    default:
        return create(txn, op);
    }
}

/* ---- the end ---------------------------------------------------------- */

/* Nothing here needs memory: each goes back to a place it has just left. */
static void undo(struct fake_zk *zk, struct fake_zk_step *step)
{
    struct fake_zk_node *node = step->node, *parent = node->parent;
    struct fake_zk_session *owner = owner_of(zk, node);

    switch (step->type) {
    case FAKE_ZK_OP_CREATE:
        cut_off(zk, node, step->old_parent_pzxid);
        parent->created--;
        fake_zk_node_free(node);
        break;
    case FAKE_ZK_OP_DELETE:
        (void)fake_zk_node_link(&zk->tree, parent, node);
        if (owner != NULL)
            (void)fake_zk_session_own(owner, node);
        parent->pzxid = step->old_parent_pzxid;
        break;
    case FAKE_ZK_OP_SET:
        free(node->data);
        node->data = step->old_data;
        node->data_length = step->old_data_length;
        node->version--;
        node->mzxid = step->old_mzxid;
        node->mtime_ms = step->old_mtime_ms;
        break;
    case FAKE_ZK_OP_SET_ACL:
        fake_zk_acl_unref(node->acl);
        node->acl = step->old_acl;
        node->aversion--;
        break;
    default:
        break;
    }
}

void fake_zk_txn_undo(struct fake_zk_txn *txn)
{
    struct fake_zk_step *step = txn->last, *prev;

    for (; step != NULL; step = prev) {
        prev = step->prev;
        undo(txn->zk, step);
        free(step);
    }
    txn->first = txn->last = NULL;
}

static void tell(struct fake_zk *zk, const struct fake_zk_step *step)
{
    const struct fake_zk_node *node = step->node;

    switch (step->type) {
    case FAKE_ZK_OP_CREATE:
        fake_note(zk->fake, "create %s%s", node->path,
                  node->is_container ? " container"
                  : node->owner != 0 ? " ephemeral"
                                     : "");
        fake_zk_told_created(zk, node);
        break;
    case FAKE_ZK_OP_DELETE:
        fake_note(zk->fake, "delete %s", node->path);
        fake_zk_told_deleted(zk, node);
        break;
    case FAKE_ZK_OP_SET:
        fake_note(zk->fake, "set %s", node->path);
        fake_zk_told_changed(zk, node);
        break;
    case FAKE_ZK_OP_SET_ACL:
        fake_note(zk->fake, "setACL %s", node->path);
        break;
    default:
        break;
    }
}

void fake_zk_txn_commit(struct fake_zk_txn *txn)
{
    struct fake_zk_step *step, *next;

    for (step = txn->first; step != NULL; step = step->next)
        tell(txn->zk, step);
    /* Only now: an earlier step may speak of a node deleted by a later. */
    for (step = txn->first; step != NULL; step = next) {
        next = step->next;
        if (step->type == FAKE_ZK_OP_DELETE)
            fake_zk_node_free(step->node);
        free(step->old_data);
        fake_zk_acl_unref(step->old_acl);
        free(step);
    }
    txn->first = txn->last = NULL;
}

/* ---- the server's own deletions --------------------------------------- */

void fake_zk_remove(struct fake_zk *zk, struct fake_zk_node *node, int64_t zxid)
{
    struct fake_zk_step step = {.type = FAKE_ZK_OP_DELETE, .node = node};

    cut_off(zk, node, zxid);
    tell(zk, &step);
    fake_zk_node_free(node);
}

void fake_zk_remove_all(struct fake_zk *zk, struct fake_zk_node *top,
                        int64_t zxid)
{
    struct fake_zk_node *node = top, *parent;

    for (;;) {
        while (node->n_kids > 0)
            node = node->kids[node->n_kids - 1];
        if (node == top)
            break;
        parent = node->parent;
        fake_zk_remove(zk, node, zxid);
        node = parent;
    }
    fake_zk_remove(zk, top, zxid);
}
