/* SPDX-License-Identifier: Apache-2.0
 * redis_conn.h - one connection to one Redis server: made when it is needed,
 * asked one thing at a time, and closed by anyone at any time.
 *
 * Of hiredis 0.14 this uses what writes a request and what reads a reply. The
 * socket and the waiting are here, because hiredis stands in a read() that
 * nobody can end, writes without MSG_NOSIGNAL, and ends the process when it
 * finds no memory while it connects.
 */
#ifndef SG_REDIS_CONN_H
#define SG_REDIS_CONN_H

#include "redis_reply.h"

#include <pthread.h>

struct sg_redis_conn {
    const struct sg_target *target;
    const struct sg_backend_env *env;
    char where[128];     /* "redis localhost:6379"                  */
    redisReader *reader; /* NULL: not connected */
    redisReplyObjectFunctions readers; /* hiredis's, with limits            */
    void *(*make_array)(const redisReadTask *task, int elements);
    bool is_odd;              /* an array of a shape that we never ask   */
    bool is_inside;           /* atomic: the worker is in hiredis        */
    uint64_t serial;          /* of the last question                    */
    int64_t age_ms, asked_ms; /* the server's age, and when we asked     */

    pthread_mutex_t lock; /* guards the two below                    */
    int fd;               /* -1: none; only the worker changes it    */
    bool is_interrupted;  /* for good                                */
};

/* Memory and a lock; no connection yet. */
int sg_redis_conn_init(struct sg_redis_conn *conn,
                       const struct sg_target *target,
                       const struct sg_backend_env *env);
void sg_redis_conn_free(struct sg_redis_conn *conn);
/* From another thread: whatever waits returns, and nothing waits again. */
void sg_redis_conn_interrupt(struct sg_redis_conn *conn);
/* In the child of a fork. */
void sg_redis_conn_forked(struct sg_redis_conn *conn);

/* Connect, log in, choose the database, ask for role and age, unless that is
 * done. SG_EUNKNOWN, SG_ENOMEM. */
int sg_redis_conn_ready(struct sg_redis_conn *conn, struct sg_op *op);
void sg_redis_conn_drop(struct sg_redis_conn *conn);
/* The server's age now; -1: it did not say. */
int64_t sg_redis_conn_age_ms(const struct sg_redis_conn *conn);

/* A request; its arrays live as long as the op. */
struct sg_redis_request {
    const char **argv;
    size_t *bytes;
    int count, room;
};
/* False: out of memory. */
bool sg_redis_request_init(struct sg_redis_request *request, struct sg_op *op,
                           size_t room);
void sg_redis_request_add(struct sg_redis_request *request, const void *bytes,
                          size_t length);
/* Send it and wait for the answer, any answer; on a failure the connection is
 * closed. *ret is freed with freeReplyObject(). */
int sg_redis_conn_ask(struct sg_redis_conn *conn, struct sg_op *op,
                      const struct sg_redis_request *request, redisReply **ret);
/* The two halves of it, for several at once; the caller closes. */
int sg_redis_conn_post(struct sg_redis_conn *conn, struct sg_op *op,
                       const struct sg_redis_request *request);
int sg_redis_conn_receive(struct sg_redis_conn *conn, struct sg_op *op,
                          redisReply **ret);
/* Note that the answer is not one, and close the connection. */
int sg_redis_conn_garbage(struct sg_redis_conn *conn, struct sg_op *op,
                          const char *what);

#endif
