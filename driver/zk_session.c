/* SPDX-License-Identifier: Apache-2.0
 * zk_session.c - a handle of libzookeeper and what its watcher has seen.
 *
 * The session carries the registration, so it is kept through every failure
 * until the server itself says that it is over.
 */
#include "zk_round.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The library doubles the timeout in an int before it is negotiated
 * (zookeeper_interest, recv_timeout * 2 / 3). */
#define ASKED_MAX_MS (INT32_MAX / 2)

static void no_log(const char *message)
{
    (void)message;
}

/* On the library's completion thread. */
static void watch(zhandle_t *zh, int type, int state, const char *path,
                  void *context)
{
    struct sg_zk_session *s = context;
    struct sg_backend *b = s->b;
    bool is_connected =
        state == ZOO_CONNECTED_STATE || state == ZOO_READONLY_STATE;
    int64_t now = b->env->now_ms(b->env->arg);

    (void)zh;
    (void)path;
    if (type != ZOO_SESSION_EVENT)
        return;
    pthread_mutex_lock(&b->lock);
    s->is_connected = is_connected;
    if (is_connected) {
        s->connects++;
        s->connected_ms = now;
    }
    pthread_mutex_unlock(&b->lock);
}

struct sg_zk_session *sg_zk_session_open(struct sg_backend *b)
{
    struct sg_zk_session *s = calloc(1, sizeof *s);

    if (s == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    s->b = b;
    s->opened_ms = b->env->now_ms(b->env->arg);
    s->asked_ms = b->target->timeout_ms > ASKED_MAX_MS
                      ? ASKED_MAX_MS
                      : (int)b->target->timeout_ms;
    /* Both are the whole process's: no output on stderr, and the order of
     * the hosts as we shuffled it. */
    zoo_set_debug_level((ZooLogLevel)0);
    zoo_deterministic_conn_order(1);
    s->zh = zookeeper_init2(b->hosts, watch, s->asked_ms, NULL, s,
                            ZOO_NO_LOG_CLIENTENV, no_log);
    if (s->zh == NULL) {
        free(s);
        return NULL;
    }
    /* Addresses are numeric; without this 3.8.0 calls getaddrinfo() in every
     * turn of its loop. */
    zoo_set_servers_resolution_delay(s->zh, -1);
    return s;
}

void sg_zk_session_close(struct sg_zk_session *s)
{
    if (s == NULL)
        return;
    /* Joins both threads; a completion that was still queued is called with
     * ZCLOSING, or never. */
    zookeeper_close(s->zh);
    /* What is counted of rounds is the instance's, and its slot may run. */
    pthread_mutex_lock(&s->b->lock);
    while (s->rounds != NULL)
        sg_zk_round_free(s->rounds);
    pthread_mutex_unlock(&s->b->lock);
    free(s);
}

static void *close_main(void *arg)
{
    sg_zk_session_close(arg);
    return NULL;
}

void sg_zk_session_retire_wait(struct sg_backend *b)
{
    if (b->has_closer)
        pthread_join(b->closer, NULL);
    b->has_closer = false;
}

void sg_zk_session_retire(struct sg_zk_session *s)
{
    struct sg_backend *b;

    if (s == NULL)
        return;
    b = s->b;
    sg_zk_session_retire_wait(b);
    if (pthread_create(&b->closer, NULL, close_main, s) == 0)
        b->has_closer = true;
    else
        sg_zk_session_close(s);
}

bool sg_zk_session_is_connected(const struct sg_zk_session *s)
{
    int state = zoo_state(s->zh);

    return state == ZOO_CONNECTED_STATE || state == ZOO_READONLY_STATE;
}

bool sg_zk_session_is_over(const struct sg_zk_session *s)
{
    return is_unrecoverable(s->zh) != ZOK;
}

int64_t sg_zk_session_id(const struct sg_zk_session *s)
{
    return zoo_client_id(s->zh)->client_id;
}

uint64_t sg_zk_session_connects(struct sg_zk_session *s)
{
    uint64_t n;

    pthread_mutex_lock(&s->b->lock);
    n = s->connects;
    pthread_mutex_unlock(&s->b->lock);
    return n;
}

int64_t sg_zk_session_connected_ms(struct sg_zk_session *s)
{
    int64_t at;

    pthread_mutex_lock(&s->b->lock);
    at = s->connected_ms;
    pthread_mutex_unlock(&s->b->lock);
    return at;
}

bool sg_zk_session_is_past(const struct sg_backend *b, int64_t id)
{
    for (size_t i = 0; i < b->n_past && i < SG_ZK_PAST; i++)
        if (b->past[i] == id && id != 0)
            return true;
    return false;
}

bool sg_zk_session_is_ours(const struct sg_backend *b, int64_t id)
{
    return id == sg_zk_session_id(b->session) || sg_zk_session_is_past(b, id);
}

void sg_zk_session_replace(struct sg_backend *b, struct sg_zk_session *next)
{
    if (b->session != NULL)
        b->past[b->n_past++ % SG_ZK_PAST] = sg_zk_session_id(b->session);
    b->is_lost = true;
    b->is_unconnected = false;
    sg_zk_own_expired(b);
    sg_zk_session_retire(b->session);
    b->session = next;
}

/* ---- making a session usable ------------------------------------------ */

static int open_failed(struct sg_backend *b, struct sg_op *op)
{
    if (errno == ENOMEM)
        return sg_op_fail(op, SG_ENOMEM, SG_NO_MEMORY, "out of memory");
    return sg_op_fail(op, SG_EUNKNOWN, SG_UNREACHABLE,
                      "no ZooKeeper handle for %.150s: %s", b->hosts,
                      strerror(errno));
}

/* One read whose answer means that the connection stands. */
static int barrier(struct sg_zk_session *s, struct sg_op *op)
{
    struct sg_zk_round *round = sg_zk_round_new_on(s, 1);
    int rc;

    if (round == NULL)
        return sg_op_fail(op, SG_ENOMEM, SG_NO_MEMORY, "out of memory");
    sg_zk_round_exists(round, s->b->base, NULL, NULL);
    rc = sg_zk_round_wait_quietly(round, op);
    sg_zk_round_drop(round);
    return rc;
}

/* The library refuses credentials between two attempts to connect (state 0),
 * and takes them at any other time. */
static int authenticate(struct sg_backend *b, struct sg_op *op)
{
    for (int tries = 0; b->auth != NULL && !b->session->is_authed; tries++) {
        int rc = zoo_add_auth(b->session->zh, "digest", b->auth,
                              (int)strlen(b->auth), NULL, NULL);
        b->session->is_authed = rc == ZOK;
        if (rc == ZOK)
            break;
        if (tries == 3)
            return sg_op_fail(op, SG_EUNKNOWN, SG_SERVER_ERROR,
                              "user and password cannot be sent to %.150s: %s",
                              b->hosts, zerror(rc));
        rc = barrier(b->session, op);
        if (rc != SG_OK)
            return rc;
    }
    return SG_OK;
}

int sg_zk_session_ensure(struct sg_backend *b, struct sg_op *op)
{
    if (b->hosts[0] == '\0')
        return sg_op_fail(op, SG_EUNKNOWN, SG_UNREACHABLE,
                          "no ZooKeeper server has an address");
    if (b->session != NULL && sg_zk_session_is_over(b->session))
        sg_zk_session_replace(b, NULL);
    if (b->session == NULL)
        b->session = sg_zk_session_open(b);
    if (b->session == NULL)
        return open_failed(b, op);
    return authenticate(b, op);
}

int sg_zk_session_connect(struct sg_backend *b, struct sg_op *op)
{
    if (sg_zk_session_connects(b->session) > 0)
        return SG_OK;
    return barrier(b->session, op);
}

void sg_zk_session_probe(struct sg_zk_session *s)
{
    struct sg_op aside = {.reason = SG_NO_REASON};

    (void)barrier(s, &aside);
}
