/* SPDX-License-Identifier: Apache-2.0
 * zk_watch.h - who watches what: one watch for each path, kind and connection.
 */
#ifndef FAKE_ZK_WATCH_H
#define FAKE_ZK_WATCH_H

#include "zk_wire.h"

struct fake_zk;
struct fake_zk_conn;
struct fake_zk_node;

enum fake_zk_event {
    FAKE_ZK_NODE_CREATED = 1,
    FAKE_ZK_NODE_DELETED = 2,
    FAKE_ZK_DATA_CHANGED = 3,
    FAKE_ZK_CHILDREN_CHANGED = 4,
};

/* The server keeps the watches of getData and exists together. */
enum fake_zk_watch_kind { FAKE_ZK_WATCH_DATA, FAKE_ZK_WATCH_CHILDREN };

/* Told once and gone; told every time; told of all that is below, too. */
enum fake_zk_watch_mode { FAKE_ZK_ONCE, FAKE_ZK_PERSISTENT, FAKE_ZK_RECURSIVE };

struct fake_zk_watch {
    struct fake_zk_conn *conn;
    struct fake_zk_watch_row *row;
    struct fake_zk_watch *next, *prev;           /* of the row, oldest first */
    struct fake_zk_watch *conn_next, *conn_prev; /* of the connection       */
    enum fake_zk_watch_mode mode;
};

/* Never without a watch. */
struct fake_zk_watch_row {
    struct fake_zk_watch_row *next; /* with the same hash                   */
    struct fake_zk_watch *first, *last;
    size_t count;
    enum fake_zk_watch_kind kind;
    uint32_t hash;
    int32_t length;
    char path[];
};

struct fake_zk_watches {
    struct fake_zk_watch_row **rows; /* a hash of (kind, path)              */
    size_t n_rows, n_slots, count, n_recursive;
    uint64_t event; /* number of the event being told                       */
};

/* 0 or FAKE_ZK_NO_MEMORY. */
int fake_zk_watch_add(struct fake_zk_conn *c, enum fake_zk_watch_kind kind,
                      enum fake_zk_watch_mode mode, struct fake_zk_text path);
/* By anybody? */
bool fake_zk_watch_is_kept(const struct fake_zk *zk,
                           enum fake_zk_watch_kind kind,
                           struct fake_zk_text path);
/* False: this connection had none. */
bool fake_zk_watch_drop(struct fake_zk_conn *c, enum fake_zk_watch_kind kind,
                        struct fake_zk_text path);
void fake_zk_watch_drop_all(struct fake_zk_conn *c);
void fake_zk_watches_clear(struct fake_zk *zk);
void fake_zk_send_event(struct fake_zk_conn *c, enum fake_zk_event event,
                        struct fake_zk_text path);
void fake_zk_told_created(struct fake_zk *zk, const struct fake_zk_node *node);
void fake_zk_told_deleted(struct fake_zk *zk, const struct fake_zk_node *node);
void fake_zk_told_changed(struct fake_zk *zk, const struct fake_zk_node *node);

#endif
