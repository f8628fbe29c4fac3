/* SPDX-License-Identifier: Apache-2.0
 * zk_session.h - ZooKeeper's sessions: who they are, and when they end.
 *
 * A session that is connected over a link on which the server can hear it
 * counts as just heard, at every moment. From the moment that this ends it
 * ages, and expires at the next whole multiple of the tick after its timeout.
 * In real time (fake_is_real_time) it ages from each of its requests and pings.
 */
#ifndef FAKE_ZK_SESSION_H
#define FAKE_ZK_SESSION_H

#include "service.h"
#include "zk_wire.h"

struct fake_zk;
struct fake_zk_conn;
struct fake_zk_node;

enum { FAKE_ZK_PASSWORD = 16 };

struct fake_zk_session {
    int64_t id;
    uint8_t password[FAKE_ZK_PASSWORD];
    int32_t timeout_ms;
    struct fake_zk_conn *conn;    /* NULL: it has none now                 */
    const struct fake_link *link; /* of its newest connection: compare only */
    char *label;                  /* that link's                           */
    struct fake_zk_node **nodes;  /* its ephemeral ones, sorted by path    */
    size_t n_nodes, nodes_room;
    bool is_ageing;
    int64_t due_ms; /* when it expires, if it is ageing      */
    struct fake_zk_session *next, *prev; /* among those that age            */
};

struct fake_zk_sessions {
    struct fake_zk_session **all; /* sorted by id                           */
    size_t count, room;
    int64_t last_id; /* never used again, not even after a loss of data     */
    int64_t lost_id; /* the last one that was lost with the data            */
    struct fake_zk_session *first, *last; /* ageing, in the order of ending */
    struct fake_timer timer;
};

void fake_zk_sessions_init(struct fake_zk *zk);
void fake_zk_sessions_clear(struct fake_zk *zk);
/* After a start with data: each has its full timeout again. */
void fake_zk_sessions_renew(struct fake_zk *zk);

/* NULL: out of memory. Only a session that nobody was told of is freed so. */
struct fake_zk_session *fake_zk_session_new(struct fake_zk *zk);
void fake_zk_session_free(struct fake_zk *zk, struct fake_zk_session *session);
/* This connection is the session's now. False: out of memory. */
bool fake_zk_session_take(struct fake_zk_conn *c,
                          struct fake_zk_session *session, int32_t timeout_ms);

/* The first frame of a connection. (zk_greet.c) */
void fake_zk_greet(struct fake_zk_conn *c, const uint8_t *bytes, size_t length);

/* A sign of life has come by this connection. */
void fake_zk_session_heard(struct fake_zk_conn *c);
/* What its link lets through, or whose time it is, has changed. */
void fake_zk_session_weigh(struct fake_zk_conn *c);
void fake_zk_session_left(struct fake_zk_conn *c);

/* Ends it: its nodes go, in one zxid. Its connection is left as it is. */
void fake_zk_session_end(struct fake_zk *zk, struct fake_zk_session *session);
int fake_zk_expire_sessions(struct fake *f, const struct fake_link *link);

struct fake_zk_session *fake_zk_session_find(const struct fake_zk *zk,
                                             int64_t id);
/* Its ephemeral nodes. -ENOMEM; never when put back where one was dropped. */
int fake_zk_session_own(struct fake_zk_session *session,
                        struct fake_zk_node *node);
void fake_zk_session_disown(struct fake_zk_session *session,
                            const struct fake_zk_node *node);

#endif
