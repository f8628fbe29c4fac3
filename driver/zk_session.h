/* SPDX-License-Identifier: Apache-2.0
 * zk_session.h - a handle of libzookeeper and what its watcher has seen.
 */
#ifndef SG_ZK_SESSION_H
#define SG_ZK_SESSION_H

#include "zk.h"

struct sg_zk_round;

struct sg_zk_session {
    struct sg_backend *b;
    zhandle_t *zh;
    int asked_ms;
    int64_t opened_ms;
    bool is_authed; /* the slot's */
    /* guarded by the instance's lock */
    struct sg_zk_round *rounds; /* not answered, or not dropped            */
    uint64_t connects;    /* how often it came to a connection           */
    int64_t connected_ms; /* when, last                                  */
    bool is_connected;    /* as far as the watcher was told              */
};

/* Is `id` our session, or one that was thrown away? Its nodes stand until the
 * server ends it, and they are ours, not another incarnation's. */
bool sg_zk_session_is_ours(const struct sg_backend *b, int64_t id);
bool sg_zk_session_is_past(const struct sg_backend *b, int64_t id);

/* Make sure that there is a usable session, connected or not yet. */
int sg_zk_session_ensure(struct sg_backend *b, struct sg_op *op);
/* Wait until the session is connected, once in its life. Not a wait of the
 * verb: it is the making of the connection. */
int sg_zk_session_connect(struct sg_backend *b, struct sg_op *op);
/* Stand still until `s` is connected, or its attempt to be has failed. */
void sg_zk_session_probe(struct sg_zk_session *s);
/* The session is over: note the loss, go on with `next` or with none. */
void sg_zk_session_replace(struct sg_backend *b, struct sg_zk_session *next);

struct sg_zk_session *sg_zk_session_open(struct sg_backend *b);
/* Frees the rounds as well. NULL is allowed. */
void sg_zk_session_close(struct sg_zk_session *s);
/* The same from a thread of its own: a goodbye may take long. */
void sg_zk_session_retire(struct sg_zk_session *s);
void sg_zk_session_retire_wait(struct sg_backend *b);

/* What the library says now, without its watcher's delay. */
bool sg_zk_session_is_connected(const struct sg_zk_session *s);
bool sg_zk_session_is_over(const struct sg_zk_session *s);
int64_t sg_zk_session_id(const struct sg_zk_session *s);
uint64_t sg_zk_session_connects(struct sg_zk_session *s);
int64_t sg_zk_session_connected_ms(struct sg_zk_session *s);

#endif
