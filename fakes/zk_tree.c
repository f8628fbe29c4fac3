/* SPDX-License-Identifier: Apache-2.0
 * zk_tree.c - ZooKeeper's nodes, found by walking sorted arrays of children.
 */
#include "zk_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- children --------------------------------------------------------- */

static int compare(const char *name, const char *other, size_t length)
{
    int order = strncmp(name, other, length);

    if (order != 0)
        return order;
    return name[length] == '\0' ? 0 : 1;
}

/* Where `name` is, or would be. */
static size_t place_of(const struct fake_zk_node *parent, const char *name,
                       size_t length, bool *ret_is_there)
{
    size_t low = 0, high = parent->n_kids;

    *ret_is_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(parent->kids[middle]->name, name, length);
        if (order == 0)
            *ret_is_there = true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct fake_zk_node *fake_zk_tree_find(const struct fake_zk_tree *tree,
                                       struct fake_zk_text path)
{
    struct fake_zk_node *node = tree->root;
    const char *at = path.at, *end;

    if (path.length == 0 || fake_zk_text_is(path, "/"))
        return node;
    if (path.length < 0 || memchr(at, 0, (size_t)path.length) != NULL)
        return NULL;
    end = at + path.length;
    while (at < end) {
        if (*at++ != '/')
            return NULL;
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t length = (size_t)((slash != NULL ? slash : end) - at);
        bool is_there;
        size_t place = place_of(node, at, length, &is_there);
        if (length == 0 || !is_there)
            return NULL;
        node = node->kids[place];
        at += length;
    }
    return node;
}

/* ---- nodes ------------------------------------------------------------ */

static uint8_t *copy_of(struct fake_zk_text data)
{
    uint8_t *copy = malloc(data.length > 0 ? (size_t)data.length : 1);

    if (copy != NULL && data.length > 0)
        memcpy(copy, data.at, (size_t)data.length);
    return copy;
}

struct fake_zk_node *fake_zk_node_new(struct fake_zk_text path,
                                      struct fake_zk_text data,
                                      struct fake_zk_acl *acl)
{
    size_t length = (size_t)path.length;
    struct fake_zk_node *node = calloc(1, sizeof *node + length + 1);

    if (node == NULL)
        return NULL;
    node->data = copy_of(data);
    if (node->data == NULL) {
        free(node);
        return NULL;
    }
    node->data_length = data.length;
    memcpy(node->path, path.at, length);
    const char *slash = strrchr(node->path, '/');
    node->name = slash == NULL ? node->path : slash + 1;
    node->acl = fake_zk_acl_ref(acl);
    return node;
}

void fake_zk_node_free(struct fake_zk_node *node)
{
    /* Leaf by leaf: a path may be half a million levels deep. */
    struct fake_zk_node *top = node;

    while (node != NULL) {
        if (node->n_kids > 0) {
            node = node->kids[node->n_kids - 1];
            continue;
        }
        struct fake_zk_node *up = node == top ? NULL : node->parent;
        if (up != NULL)
            up->n_kids--;
        free(node->kids);
        free(node->data);
        fake_zk_acl_unref(node->acl);
        free(node);
        node = up;
    }
}

int fake_zk_node_link(struct fake_zk_tree *tree, struct fake_zk_node *parent,
                      struct fake_zk_node *node)
{
    bool is_there;
    size_t place = place_of(parent, node->name, strlen(node->name), &is_there);

    if (parent->n_kids == parent->kids_room) {
        size_t room = parent->kids_room == 0 ? 4 : parent->kids_room * 2;
        void *kids = realloc(parent->kids, room * sizeof *parent->kids);
        if (kids == NULL)
            return -ENOMEM;
        parent->kids = kids;
        parent->kids_room = room;
    }
    memmove(parent->kids + place + 1, parent->kids + place,
            (parent->n_kids - place) * sizeof *parent->kids);
    parent->kids[place] = node;
    parent->n_kids++;
    node->parent = parent;
    tree->count++;
    return 0;
}

void fake_zk_node_unlink(struct fake_zk_tree *tree, struct fake_zk_node *node)
{
    struct fake_zk_node *parent = node->parent;
    bool is_there;
    size_t place = place_of(parent, node->name, strlen(node->name), &is_there);

    parent->n_kids--;
    memmove(parent->kids + place, parent->kids + place + 1,
            (parent->n_kids - place) * sizeof *parent->kids);
    tree->count--;
}

struct fake_zk_node *fake_zk_node_next(const struct fake_zk_node *top,
                                       const struct fake_zk_node *node)
{
    if (node->n_kids > 0)
        return node->kids[0];
    for (; node != top; node = node->parent) {
        const struct fake_zk_node *parent = node->parent;
        bool is_there;
        size_t place =
            place_of(parent, node->name, strlen(node->name), &is_there);
        if (place + 1 < parent->n_kids)
            return parent->kids[place + 1];
    }
    return NULL;
}

struct fake_zk_stat fake_zk_node_stat(const struct fake_zk_node *node)
{
    int32_t n_kids = (int32_t)node->n_kids;
    struct fake_zk_stat stat = {
        .czxid = node->czxid,
        .mzxid = node->mzxid,
        .ctime_ms = node->ctime_ms,
        .mtime_ms = node->mtime_ms,
        .version = node->version,
        /* Creations plus deletions: DataNode.copyStat of the server. The
         * children that a new server is born with were never created. */
        .cversion = node->created * 2 - n_kids,
        .aversion = node->aversion,
        .owner = node->owner,
        .data_length = node->data_length < 0 ? 0 : node->data_length,
        .n_kids = n_kids,
        .pzxid = node->pzxid,
    };
    return stat;
}

void fake_zk_write_stat(struct fake_zk_writer *w,
                        const struct fake_zk_stat *stat)
{
    fake_zk_write_long(w, stat->czxid);
    fake_zk_write_long(w, stat->mzxid);
    fake_zk_write_long(w, stat->ctime_ms);
    fake_zk_write_long(w, stat->mtime_ms);
    fake_zk_write_int(w, stat->version);
    fake_zk_write_int(w, stat->cversion);
    fake_zk_write_int(w, stat->aversion);
    fake_zk_write_long(w, stat->owner);
    fake_zk_write_int(w, stat->data_length);
    fake_zk_write_int(w, stat->n_kids);
    fake_zk_write_long(w, stat->pzxid);
}

/* ---- the tree --------------------------------------------------------- */

static struct fake_zk_node *plant(struct fake_zk_tree *tree, const char *path,
                                  struct fake_zk_node *parent, int32_t perms)
{
    struct fake_zk_acl *acl = fake_zk_acl_new_world(perms);
    struct fake_zk_node *node = NULL;

    if (acl != NULL)
        node = fake_zk_node_new(fake_zk_text(path), fake_zk_text(""), acl);
    fake_zk_acl_unref(acl);
    if (node == NULL || parent == NULL)
        return node;
    if (fake_zk_node_link(tree, parent, node) == 0)
        return node;
    fake_zk_node_free(node);
    return NULL;
}

/* As a fresh 3.8.0 server shows them; measured. */
int fake_zk_tree_init(struct fake_zk_tree *tree)
{
    struct fake_zk_node *zookeeper = NULL, *config = NULL;

    tree->count = 1;
    tree->root = plant(tree, "/", NULL, FAKE_ZK_ALL);
    if (tree->root != NULL)
        zookeeper = plant(tree, "/zookeeper", tree->root, FAKE_ZK_ALL);
    if (zookeeper != NULL &&
        plant(tree, "/zookeeper/quota", zookeeper, FAKE_ZK_ALL) != NULL)
        config = plant(tree, "/zookeeper/config", zookeeper, FAKE_ZK_READ);
    if (config == NULL) {
        fake_zk_tree_clear(tree);
        return -ENOMEM;
    }
    config->aversion = -1;
    return 0;
}

void fake_zk_tree_clear(struct fake_zk_tree *tree)
{
    fake_zk_node_free(tree->root);
    tree->root = NULL;
    tree->count = 0;
}
