/* SPDX-License-Identifier: Apache-2.0
 * zk_tree.h - ZooKeeper's nodes: paths, data, stats, children. Knows nothing
 * of requests, rights or sessions.
 */
#ifndef FAKE_ZK_TREE_H
#define FAKE_ZK_TREE_H

#include "zk_acl.h"
#include "zk_wire.h"

struct fake_zk_node {
    struct fake_zk_node *parent;
    struct fake_zk_node **kids; /* sorted by name                           */
    size_t n_kids, kids_room;
    const char *name; /* the end of `path`                        */
    uint8_t *data;
    int32_t data_length; /* -1: null, as some clients write          */
    struct fake_zk_acl *acl;
    int64_t czxid, mzxid, pzxid, ctime_ms, mtime_ms;
    int64_t owner; /* session of an ephemeral node, or 0       */
    int32_t version, aversion;
    int32_t created; /* children ever made: the next sequence    */
    bool is_container;
    char path[];
};

/* The eleven fields of jute's Stat. */
struct fake_zk_stat {
    int64_t czxid, mzxid, ctime_ms, mtime_ms;
    int32_t version, cversion, aversion;
    int64_t owner;
    int32_t data_length, n_kids;
    int64_t pzxid;
};

struct fake_zk_tree {
    struct fake_zk_node *root;
    size_t count;
};

/* "/", "/zookeeper" and its two children. -ENOMEM leaves it empty. */
int fake_zk_tree_init(struct fake_zk_tree *tree);
void fake_zk_tree_clear(struct fake_zk_tree *tree);

/* NULL when there is none; "" is the root, as the server has it. */
struct fake_zk_node *fake_zk_tree_find(const struct fake_zk_tree *tree,
                                       struct fake_zk_text path);

/* A node that hangs nowhere yet. NULL: out of memory. */
struct fake_zk_node *fake_zk_node_new(struct fake_zk_text path,
                                      struct fake_zk_text data,
                                      struct fake_zk_acl *acl);
/* With all that is under it. NULL is allowed. */
void fake_zk_node_free(struct fake_zk_node *node);

/* Linking may lack memory (-ENOMEM); linking again in the place that an
 * unlinking made free never does. */
int fake_zk_node_link(struct fake_zk_tree *tree, struct fake_zk_node *parent,
                      struct fake_zk_node *node);
void fake_zk_node_unlink(struct fake_zk_tree *tree, struct fake_zk_node *node);

/* Of all that is under `top`, the one after `node`: parents first, then
 * children by name. NULL: that was the last. */
struct fake_zk_node *fake_zk_node_next(const struct fake_zk_node *top,
                                       const struct fake_zk_node *node);

struct fake_zk_stat fake_zk_node_stat(const struct fake_zk_node *node);
void fake_zk_write_stat(struct fake_zk_writer *w,
                        const struct fake_zk_stat *stat);

/* The root, /zookeeper and its two: not to be deleted by anybody. */
bool fake_zk_path_is_special(struct fake_zk_text path);
/* PathUtils.validatePath of the server. */
bool fake_zk_path_is_valid(struct fake_zk_text path);
/* What stands before the last '/': "" for a child of the root. */
bool fake_zk_path_parent(struct fake_zk_text path,
                         struct fake_zk_text *ret_parent);

#endif
