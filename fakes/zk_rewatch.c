/* SPDX-License-Identifier: Apache-2.0
 * zk_rewatch.c - the requests that are about watches alone: set again after a
 * reconnect, lasting ones, asked about, removed.
 */
#include "zk.h"

#include <string.h>

/* Lasting watches are of both kinds (DataTree.addWatch). */
static int add_lasting(struct fake_zk_conn *c, enum fake_zk_watch_mode mode,
                       struct fake_zk_text path)
{
    int error = fake_zk_watch_add(c, FAKE_ZK_WATCH_CHILDREN, mode, path);

    if (error == FAKE_ZK_OK)
        error = fake_zk_watch_add(c, FAKE_ZK_WATCH_DATA, mode, path);
    return error;
}

/* ---- setWatches: what a client missed while it was away --------------- */

enum list { DATA, EXIST, CHILD, PERSISTENT, RECURSIVE };

/* DataTree.setWatches: an event for what has changed since `zxid`, a watch
 * for what has not. */
static int set_one(struct fake_zk_call *call, enum list list, int64_t zxid,
                   struct fake_zk_text path)
{
    const struct fake_zk_node *node = fake_zk_tree_find(&call->zk->tree, path);
    enum fake_zk_event event = 0;

    if (list == PERSISTENT || list == RECURSIVE)
        return add_lasting(
            call->conn,
            list == RECURSIVE ? FAKE_ZK_RECURSIVE : FAKE_ZK_PERSISTENT, path);
    if (list == EXIST && node != NULL)
        event = FAKE_ZK_NODE_CREATED;
    else if (list != EXIST && node == NULL)
        event = FAKE_ZK_NODE_DELETED;
    else if (list == DATA && node->mzxid > zxid)
        event = FAKE_ZK_DATA_CHANGED;
    else if (list == CHILD && node->pzxid > zxid)
        event = FAKE_ZK_CHILDREN_CHANGED;
    if (event == 0)
        return fake_zk_watch_add(call->conn,
                                 list == CHILD ? FAKE_ZK_WATCH_CHILDREN
                                               : FAKE_ZK_WATCH_DATA,
                                 FAKE_ZK_ONCE, path);
    fake_zk_send_event(call->conn, event, path);
    return FAKE_ZK_OK;
}

/* Reads one list, and sets its watches unless it is only to be read. */
static int set_list(struct fake_zk_call *call, struct fake_zk_reader *in,
                    enum list list, int64_t zxid, bool is_trial)
{
    int32_t count = fake_zk_read_int(in);
    int error = FAKE_ZK_OK;

    /* A null list, or a null in one, ends it where it stands. */
    if (count == -1 && !is_trial)
        return FAKE_ZK_MARSHALLING;
    while (count-- > 0 && !in->is_bad && error == FAKE_ZK_OK) {
        struct fake_zk_text path = fake_zk_read_text(in);
        if (!is_trial && path.at == NULL)
            error = FAKE_ZK_MARSHALLING;
        else if (!is_trial)
            error = set_one(call, list, zxid, path);
    }
    return in->is_bad ? FAKE_ZK_MARSHALLING : error;
}

static int set_lists(struct fake_zk_call *call, struct fake_zk_reader *in,
                     enum list last, bool is_trial)
{
    int64_t zxid = fake_zk_read_long(in);
    int error = FAKE_ZK_OK;

    for (enum list list = DATA; list <= last && error == FAKE_ZK_OK; list++)
        error = set_list(call, in, list, zxid, is_trial);
    return error;
}

int fake_zk_set_watches(struct fake_zk_call *call, bool has_lasting)
{
    enum list last = has_lasting ? RECURSIVE : CHILD;
    struct fake_zk_reader trial = call->in;
    int error = set_lists(call, &trial, last, true);

    if (error == FAKE_ZK_OK)
        error = set_lists(call, &call->in, last, false);
    return error;
}

/* ---- addWatch, checkWatches, removeWatches ----------------------------- */

int fake_zk_add_watch(struct fake_zk_call *call)
{
    static const enum fake_zk_watch_mode modes[] = {FAKE_ZK_PERSISTENT,
                                                    FAKE_ZK_RECURSIVE};
    struct fake_zk_text path = fake_zk_read_text(&call->in);
    int32_t mode = fake_zk_read_int(&call->in);
    int error;

    if (call->in.is_bad || path.at == NULL || mode < 0 || mode > 1)
        return FAKE_ZK_MARSHALLING;
    error = add_lasting(call->conn, modes[mode], path);
    if (error == FAKE_ZK_OK)
        fake_zk_write_int(&call->out, 0); /* an ErrorResponse of no error */
    return error;
}

/* Watcher.WatcherType: children, data, any. */
static int read_kinds(struct fake_zk_call *call, struct fake_zk_text *ret_path,
                      int32_t *ret_kinds)
{
    *ret_path = fake_zk_read_text(&call->in);
    *ret_kinds = fake_zk_read_int(&call->in);
    if (call->in.is_bad || ret_path->at == NULL || *ret_kinds < 1 ||
        *ret_kinds > 3)
        return FAKE_ZK_MARSHALLING;
    return FAKE_ZK_OK;
}

/* The server asks whether anybody watches that path, not this client alone
 * (WatchManager.containsWatcher); measured. */
int fake_zk_check_watches(struct fake_zk_call *call)
{
    struct fake_zk_text path;
    int32_t kinds;
    int error = read_kinds(call, &path, &kinds);

    if (error != FAKE_ZK_OK)
        return error;
    /* PathParentIterator looks for the parent of every path at once. */
    if (path.length > 0 && memchr(path.at, '/', (size_t)path.length) == NULL)
        return FAKE_ZK_MARSHALLING;
    if (path.length > 0 && (kinds & 1) != 0 &&
        fake_zk_watch_is_kept(call->zk, FAKE_ZK_WATCH_CHILDREN, path))
        return FAKE_ZK_OK;
    if (path.length > 0 && (kinds & 2) != 0 &&
        fake_zk_watch_is_kept(call->zk, FAKE_ZK_WATCH_DATA, path))
        return FAKE_ZK_OK;
    return FAKE_ZK_NO_WATCHER;
}

int fake_zk_remove_watches(struct fake_zk_call *call)
{
    struct fake_zk_text path;
    bool was_there = false;
    int32_t kinds;
    int error = read_kinds(call, &path, &kinds);

    if (error != FAKE_ZK_OK)
        return error;
    if ((kinds & 1) != 0)
        was_there =
            fake_zk_watch_drop(call->conn, FAKE_ZK_WATCH_CHILDREN, path);
    if ((kinds & 2) != 0)
        was_there = fake_zk_watch_drop(call->conn, FAKE_ZK_WATCH_DATA, path) ||
                    was_there;
    return was_there ? FAKE_ZK_OK : FAKE_ZK_NO_WATCHER;
}
