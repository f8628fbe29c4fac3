/* SPDX-License-Identifier: Apache-2.0
 * zk_watch.c - watches: kept by path, told in the order of changes. They
 * belong to a connection; its client sets them again on the next.
 */
#include "zk.h"

#include <stdlib.h>
#include <string.h>

/* ---- the table -------------------------------------------------------- */

/* FNV-1a. */
static uint32_t hash_of(enum fake_zk_watch_kind kind, struct fake_zk_text path)
{
    uint32_t hash = 2166136261u ^ (uint32_t)kind;

    for (int32_t i = 0; i < path.length; i++)
        hash = (hash ^ (uint8_t)path.at[i]) * 16777619u;
    return hash;
}

/* The pointer that holds the row, or NULL at a chain's end. */
static struct fake_zk_watch_row **seek(const struct fake_zk_watches *table,
                                       enum fake_zk_watch_kind kind,
                                       struct fake_zk_text path)
{
    uint32_t hash = hash_of(kind, path);
    struct fake_zk_watch_row **at;

    if (table->n_slots == 0)
        return NULL;
    at = &table->rows[hash & (table->n_slots - 1)];
    for (; *at != NULL; at = &(*at)->next) {
        struct fake_zk_text other = {(*at)->path, (*at)->length};
        if ((*at)->hash == hash && (*at)->kind == kind &&
            fake_zk_text_equal(other, path))
            break;
    }
    return at;
}

static int grow(struct fake_zk_watches *table)
{
    size_t n = table->n_slots == 0 ? 64 : table->n_slots * 2;
    struct fake_zk_watch_row **rows;

    if (table->n_rows < table->n_slots)
        return FAKE_ZK_OK;
    rows = calloc(n, sizeof(struct fake_zk_watch_row *));
    if (rows == NULL)
        return FAKE_ZK_NO_MEMORY;
    for (size_t i = 0; i < table->n_slots; i++) {
        while (table->rows[i] != NULL) {
            struct fake_zk_watch_row *row = table->rows[i];
            table->rows[i] = row->next;
            row->next = rows[row->hash & (n - 1)];
            rows[row->hash & (n - 1)] = row;
        }
    }
    free(table->rows);
    table->rows = rows;
    table->n_slots = n;
    return FAKE_ZK_OK;
}

static struct fake_zk_watch_row *row_for(struct fake_zk_watches *table,
                                         enum fake_zk_watch_kind kind,
                                         struct fake_zk_text path)
{
    struct fake_zk_watch_row **at, *row;
    size_t length = (size_t)path.length;

    if (grow(table) != FAKE_ZK_OK)
        return NULL;
    at = seek(table, kind, path);
    if (*at != NULL)
        return *at;
    row = calloc(1, sizeof *row + length + 1);
    if (row == NULL)
        return NULL;
    row->kind = kind;
    row->hash = hash_of(kind, path);
    row->length = path.length;
    if (length > 0)
        memcpy(row->path, path.at, length);
    *at = row;
    table->n_rows++;
    return row;
}

static void row_drop(struct fake_zk_watches *table,
                     struct fake_zk_watch_row *row)
{
    struct fake_zk_text path = {row->path, row->length};
    struct fake_zk_watch_row **at = seek(table, row->kind, path);

    *at = row->next;
    table->n_rows--;
    free(row);
}

/* ---- one watch -------------------------------------------------------- */

static void watch_free(struct fake_zk *zk, struct fake_zk_watch *watch)
{
    struct fake_zk_watch_row *row = watch->row;
    struct fake_zk_conn *c = watch->conn;

    if (watch->prev == NULL)
        row->first = watch->next;
    else
        watch->prev->next = watch->next;
    if (watch->next == NULL)
        row->last = watch->prev;
    else
        watch->next->prev = watch->prev;
    if (watch->conn_prev == NULL)
        c->watches = watch->conn_next;
    else
        watch->conn_prev->conn_next = watch->conn_next;
    if (watch->conn_next != NULL)
        watch->conn_next->conn_prev = watch->conn_prev;
    row->count--;
    c->n_watches--;
    zk->watches.count--;
    zk->watches.n_recursive -= watch->mode == FAKE_ZK_RECURSIVE;
    free(watch);
}

/* The connection's watch of the row; looks where there is less to look at. */
static struct fake_zk_watch *watch_of(const struct fake_zk_conn *c,
                                      const struct fake_zk_watch_row *row)
{
    struct fake_zk_watch *watch;

    if (c->n_watches < row->count) {
        for (watch = c->watches; watch != NULL; watch = watch->conn_next)
            if (watch->row == row)
                return watch;
        return NULL;
    }
    for (watch = row->first; watch != NULL; watch = watch->next)
        if (watch->conn == c)
            return watch;
    return NULL;
}

static void link_in(struct fake_zk_watch *watch, struct fake_zk_conn *c,
                    struct fake_zk_watch_row *row)
{
    watch->conn = c;
    watch->row = row;
    watch->prev = row->last;
    if (row->last == NULL)
        row->first = watch;
    else
        row->last->next = watch;
    row->last = watch;
    watch->conn_next = c->watches;
    if (c->watches != NULL)
        c->watches->conn_prev = watch;
    c->watches = watch;
    row->count++;
    c->n_watches++;
}

/* One watch for each path, kind and connection: the newest mode holds, so
 * that a read with a watch ends a persistent one (ZOOKEEPER-4466). */
int fake_zk_watch_add(struct fake_zk_conn *c, enum fake_zk_watch_kind kind,
                      enum fake_zk_watch_mode mode, struct fake_zk_text path)
{
    struct fake_zk_watches *table = &c->zk->watches;
    struct fake_zk_watch_row *row = row_for(table, kind, path);
    struct fake_zk_watch *watch;

    if (row == NULL)
        return FAKE_ZK_NO_MEMORY;
    watch = watch_of(c, row);
    if (watch == NULL) {
        watch = calloc(1, sizeof *watch);
        if (watch == NULL) {
            if (row->first == NULL)
                row_drop(table, row);
            return FAKE_ZK_NO_MEMORY;
        }
        link_in(watch, c, row);
        table->count++;
    }
    table->n_recursive -= watch->mode == FAKE_ZK_RECURSIVE;
    table->n_recursive += mode == FAKE_ZK_RECURSIVE;
    watch->mode = mode;
    return FAKE_ZK_OK;
}

bool fake_zk_watch_is_kept(const struct fake_zk *zk,
                           enum fake_zk_watch_kind kind,
                           struct fake_zk_text path)
{
    struct fake_zk_watch_row *const *at = seek(&zk->watches, kind, path);

    return at != NULL && *at != NULL;
}

bool fake_zk_watch_drop(struct fake_zk_conn *c, enum fake_zk_watch_kind kind,
                        struct fake_zk_text path)
{
    struct fake_zk_watches *table = &c->zk->watches;
    struct fake_zk_watch_row **at = seek(table, kind, path), *row;
    struct fake_zk_watch *watch;

    if (at == NULL || *at == NULL)
        return false;
    row = *at;
    watch = watch_of(c, row);
    if (watch == NULL)
        return false;
    watch_free(c->zk, watch);
    if (row->first == NULL)
        row_drop(table, row);
    return true;
}

void fake_zk_watch_drop_all(struct fake_zk_conn *c)
{
    while (c->watches != NULL) {
        struct fake_zk_watch_row *row = c->watches->row;
        watch_free(c->zk, c->watches);
        if (row->first == NULL)
            row_drop(&c->zk->watches, row);
    }
}

void fake_zk_watches_clear(struct fake_zk *zk)
{
    struct fake_zk_watches *table = &zk->watches;

    for (size_t i = 0; i < table->n_slots; i++) {
        while (table->rows[i] != NULL) {
            struct fake_zk_watch_row *row = table->rows[i];
            while (row->first != NULL)
                watch_free(zk, row->first);
            table->rows[i] = row->next;
            free(row);
        }
    }
    free(table->rows);
    memset(table, 0, sizeof *table);
}

/* ---- telling ---------------------------------------------------------- */

void fake_zk_send_event(struct fake_zk_conn *c, enum fake_zk_event event,
                        struct fake_zk_text path)
{
    enum { SYNC_CONNECTED = 3 };
    struct fake_zk_writer w = {0};

    fake_zk_write_int(&w, 0);   /* the length, later                        */
    fake_zk_write_int(&w, -1);  /* ClientCnxn.NOTIFICATION_XID              */
    fake_zk_write_long(&w, -1); /* 3.8 tells no zxid here                   */
    fake_zk_write_int(&w, 0);
    fake_zk_write_int(&w, (int32_t)event);
    fake_zk_write_int(&w, SYNC_CONNECTED);
    fake_zk_write_text(&w, path);
    fake_zk_send(c, &w);
}

struct news {
    enum fake_zk_event event;
    const struct fake_zk_node *node; /* whose path and rights               */
    uint64_t number;
};

/* No connection is told twice of what has one number: a node's end is one
 * event for who watched its data and its children. And who may not read the
 * node is told nothing, though the watch is used up: Debian's 3.8.0 has that
 * of CVE-2024-23944; measured. */
static void tell(struct fake_zk_conn *c, const struct news *news)
{
    if (c->told_event == news->number ||
        !fake_zk_acl_allows(news->node->acl, FAKE_ZK_READ, c->auths))
        return;
    c->told_event = news->number;
    fake_zk_send_event(c, news->event, fake_zk_text(news->node->path));
}

/* The watches set on `path`: the node's own, or one above it. */
static void fire_at(struct fake_zk *zk, enum fake_zk_watch_kind kind,
                    struct fake_zk_text path, const struct news *news)
{
    struct fake_zk_watch_row **at = seek(&zk->watches, kind, path), *row;
    bool is_own = path.length == (int32_t)strlen(news->node->path);
    struct fake_zk_watch *watch, *next;

    if (at == NULL || *at == NULL)
        return;
    row = *at;
    for (watch = row->first; watch != NULL; watch = next) {
        next = watch->next;
        /* Who hears of all below is not told of children besides. */
        if (watch->mode == FAKE_ZK_RECURSIVE
                ? news->event == FAKE_ZK_CHILDREN_CHANGED
                : !is_own)
            continue;
        tell(watch->conn, news);
        if (watch->mode == FAKE_ZK_ONCE)
            watch_free(zk, watch);
    }
    if (row->first == NULL)
        row_drop(&zk->watches, row);
}

static void fire(struct fake_zk *zk, enum fake_zk_watch_kind kind,
                 const struct news *news)
{
    struct fake_zk_text path = fake_zk_text(news->node->path);

    fire_at(zk, kind, path, news);
    while (zk->watches.n_recursive > 0 && path.length > 1) {
        while (path.at[path.length - 1] != '/')
            path.length--;
        if (path.length > 1)
            path.length--;
        fire_at(zk, kind, path, news);
    }
}

static void fire_data(struct fake_zk *zk, const struct fake_zk_node *node,
                      enum fake_zk_event event)
{
    struct news news = {event, node, ++zk->watches.event};

    fire(zk, FAKE_ZK_WATCH_DATA, &news);
}

static void fire_parent(struct fake_zk *zk, const struct fake_zk_node *node)
{
    struct news news = {FAKE_ZK_CHILDREN_CHANGED, node->parent,
                        ++zk->watches.event};

    fire(zk, FAKE_ZK_WATCH_CHILDREN, &news);
}

void fake_zk_told_created(struct fake_zk *zk, const struct fake_zk_node *node)
{
    fire_data(zk, node, FAKE_ZK_NODE_CREATED);
    fire_parent(zk, node);
}

void fake_zk_told_deleted(struct fake_zk *zk, const struct fake_zk_node *node)
{
    struct news news = {FAKE_ZK_NODE_DELETED, node, ++zk->watches.event};

    fire(zk, FAKE_ZK_WATCH_DATA, &news);
    fire(zk, FAKE_ZK_WATCH_CHILDREN, &news);
    fire_parent(zk, node);
}

void fake_zk_told_changed(struct fake_zk *zk, const struct fake_zk_node *node)
{
    fire_data(zk, node, FAKE_ZK_DATA_CHANGED);
}
