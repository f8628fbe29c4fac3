/* SPDX-License-Identifier: Apache-2.0
 * zk.h - what the sources of the fake ZooKeeper share. Behaviour is that of
 * ZooKeeper 3.8.0 alone in its ensemble, measured with Debian 12's.
 */
#ifndef FAKE_ZK_H
#define FAKE_ZK_H

#include "service.h"
#include "zk_session.h"
#include "zk_tree.h"
#include "zk_watch.h"
#include "zk_wire.h"

/* KeeperException.Code, and one of our own that never goes out. */
enum fake_zk_error {
    FAKE_ZK_NO_MEMORY = 1, /* nothing was changed: close the connection     */
    FAKE_ZK_OK = 0,
    FAKE_ZK_INCONSISTENCY = -2,
    FAKE_ZK_MARSHALLING = -5,
    FAKE_ZK_UNIMPLEMENTED = -6,
    FAKE_ZK_BAD_ARGUMENTS = -8,
    FAKE_ZK_NO_NODE = -101,
    FAKE_ZK_NO_AUTH = -102,
    FAKE_ZK_BAD_VERSION = -103,
    FAKE_ZK_NO_CHILDREN_FOR_EPHEMERALS = -108,
    FAKE_ZK_NODE_EXISTS = -110,
    FAKE_ZK_NOT_EMPTY = -111,
    FAKE_ZK_INVALID_ACL = -114,
    FAKE_ZK_AUTH_FAILED = -115,
    FAKE_ZK_NOT_READ_ONLY = -119,
    FAKE_ZK_NO_WATCHER = -121,
};

/* ZooDefs.OpCode. */
enum fake_zk_code {
    FAKE_ZK_OP_ERROR = -1, /* what cannot be done at all                     */
    FAKE_ZK_OP_CREATE = 1,
    FAKE_ZK_OP_DELETE = 2,
    FAKE_ZK_OP_EXISTS = 3,
    FAKE_ZK_OP_GET = 4,
    FAKE_ZK_OP_SET = 5,
    FAKE_ZK_OP_GET_ACL = 6,
    FAKE_ZK_OP_SET_ACL = 7,
    FAKE_ZK_OP_CHILDREN = 8,
    FAKE_ZK_OP_SYNC = 9,
    FAKE_ZK_OP_PING = 11,
    FAKE_ZK_OP_CHILDREN2 = 12,
    FAKE_ZK_OP_CHECK = 13,
    FAKE_ZK_OP_MULTI = 14,
    FAKE_ZK_OP_CREATE2 = 15,
    FAKE_ZK_OP_CHECK_WATCHES = 17,
    FAKE_ZK_OP_REMOVE_WATCHES = 18,
    FAKE_ZK_OP_CREATE_CONTAINER = 19,
    FAKE_ZK_OP_CREATE_TTL = 21,
    FAKE_ZK_OP_MULTI_READ = 22,
    FAKE_ZK_OP_AUTH = 100,
    FAKE_ZK_OP_SET_WATCHES = 101,
    FAKE_ZK_OP_EPHEMERALS = 103,
    FAKE_ZK_OP_COUNT_BELOW = 104,
    FAKE_ZK_OP_SET_WATCHES2 = 105,
    FAKE_ZK_OP_ADD_WATCH = 106,
    FAKE_ZK_OP_WHO_AM_I = 107,
    FAKE_ZK_OP_CLOSE = -11,
};

struct fake_zk {
    struct fake *fake;
    struct fake_hub *hub;
    int64_t tick_ms;
    int64_t zxid;
    struct fake_zk_tree tree;
    struct fake_zk_sessions sessions;
    struct fake_zk_watches watches;
    struct fake_timer container_check;
    struct fake_zk_conn *conns; /* oldest first                             */
    uint64_t n_received, n_sent;
};

struct fake_zk_conn {
    struct fake_zk *zk;
    struct fake_conn *conn;
    struct fake_zk_conn *next, *prev;
    struct fake_zk_session *session; /* NULL before the greeting            */
    struct fake_zk_auth *auths;
    struct fake_zk_watch *watches;
    size_t n_watches;
    uint64_t told_event; /* the last event sent, not to send it twice       */
    struct fake_timer gives_up; /* the client's patience in the dark        */
    bool is_over; /* nothing more is read                            */
};

/* ---- zk.c: connections and frames ------------------------------------- */

/* Sends `w` as one frame: its first four bytes are kept for the length. Ends
 * the connection when it has failed. Clears it. */
void fake_zk_send(struct fake_zk_conn *c, struct fake_zk_writer *w);
/* Closed after what was sent; no more is read. */
void fake_zk_hang_up(struct fake_zk_conn *c);

/* ---- zk_ops.c: one request -------------------------------------------- */

struct fake_zk_call {
    struct fake_zk *zk;
    struct fake_zk_conn *conn;
    struct fake_zk_reader in;
    struct fake_zk_writer out;
    bool keeps_body; /* though it is an error                               */
};

void fake_zk_request(struct fake_zk_conn *c, const uint8_t *bytes,
                     size_t length);

/* ---- zk_ask.c: requests that change nothing ---------------------------- */

int fake_zk_exists(struct fake_zk_call *call);
int fake_zk_get(struct fake_zk_call *call);
int fake_zk_children(struct fake_zk_call *call);
int fake_zk_children2(struct fake_zk_call *call);
int fake_zk_get_acl(struct fake_zk_call *call);
int fake_zk_sync(struct fake_zk_call *call);
int fake_zk_ephemerals(struct fake_zk_call *call);
int fake_zk_count_below(struct fake_zk_call *call);
int fake_zk_who_am_i(struct fake_zk_call *call);
int fake_zk_multi_read(struct fake_zk_call *call);

/* ---- zk_txn.c: changes, done and undone ------------------------------- */

struct fake_zk_op {
    int32_t type; /* create, create2, delete, set, setACL, check            */
    struct fake_zk_text path, data;
    struct fake_zk_reader acl;
    int32_t flags, version;
    int64_t ttl_ms;
};

/* The body of such an operation, in a request of its own or in a multi.
 * False: it does not hold. (zk_ops.c) */
bool fake_zk_read_op(struct fake_zk_reader *in, int32_t type,
                     struct fake_zk_op *ret_op);

/* ---- zk_multi.c ------------------------------------------------------- */

int fake_zk_multi(struct fake_zk_call *call);
/* Before each answer of many, and behind the last. */
void fake_zk_write_multi_header(struct fake_zk_writer *out, int32_t type,
                                bool is_end, int32_t error);

/* ---- zk_container.c: containers end some time after their last child --- */

void fake_zk_containers_init(struct fake_zk *zk);
/* This one has just lost its last child. */
void fake_zk_container_emptied(struct fake_zk *zk);
/* The server has started again. */
void fake_zk_containers_renew(struct fake_zk *zk);

/* ---- zk_txn.c again --------------------------------------------------- */

/* One change that was made, with what is needed to take it back. */
struct fake_zk_step {
    struct fake_zk_step *next, *prev;
    int32_t type;
    struct fake_zk_node *node;
    struct fake_zk_stat stat; /* of the node, after the step                */
    int64_t old_mzxid, old_mtime_ms, old_parent_pzxid;
    uint8_t *old_data;
    int32_t old_data_length;
    struct fake_zk_acl *old_acl;
};

struct fake_zk_txn {
    struct fake_zk *zk;
    const struct fake_zk_conn *conn; /* NULL: the server itself, may all    */
    int64_t zxid;
    struct fake_zk_step *first, *last;
};

/* Takes the next zxid: failures use one too, as on the server. */
struct fake_zk_txn fake_zk_txn_begin(struct fake_zk *zk,
                                     const struct fake_zk_conn *conn);
/* 0 and a step more, or a code and nothing changed. */
int fake_zk_txn_apply(struct fake_zk_txn *txn, const struct fake_zk_op *op);
void fake_zk_txn_undo(struct fake_zk_txn *txn);
/* Tells the watchers and the trace. */
void fake_zk_txn_commit(struct fake_zk_txn *txn);

/* Deletes a node that has no children, by nobody's request: no rights are
 * asked, and no memory is needed. Told at once. */
void fake_zk_remove(struct fake_zk *zk, struct fake_zk_node *node,
                    int64_t zxid);
/* With all that is under it, in one zxid. */
void fake_zk_remove_all(struct fake_zk *zk, struct fake_zk_node *node,
                        int64_t zxid);

/* ---- zk_rewatch.c: requests about watches alone ------------------------ */

int fake_zk_set_watches(struct fake_zk_call *call, bool has_lasting);
int fake_zk_add_watch(struct fake_zk_call *call);
int fake_zk_check_watches(struct fake_zk_call *call);
int fake_zk_remove_watches(struct fake_zk_call *call);

/* ---- zk_4lw.c, zk_dump.c ---------------------------------------------- */

/* Answers a four-letter word; false: these four bytes are none. */
bool fake_zk_four_letters(struct fake_zk_conn *c, const uint8_t word[4]);
char *fake_zk_dump(const struct fake *f);

#endif
