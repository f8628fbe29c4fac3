/* SPDX-License-Identifier: Apache-2.0
 * zk_heal.c - a session that never comes back, and the one that replaces it.
 *
 * A ZooKeeper that lost its data refuses the old session for ever: it has
 * seen a later zxid than the server has ("our last zxid is 0x0, client must
 * try another server"), and the library tries again with the same session
 * without end. So a verb that fails on a handle without connection opens a
 * fresh handle beside it; when the old one comes back, the fresh one goes.
 *
 * The heart of a member opens it at once. When the fresh one has been
 * connected for half a beat, in which the old one had many tries (the library
 * waits timeout/60 between two), and the old one is still without, the old
 * one is thrown away and the registration with it.
 *
 * Where nothing hangs on the session (an observer), every verb heals: it
 * opens the fresh handle when the old one has been without for a beat, and
 * takes it as soon as it is connected.
 */
#include "zk_round.h"

static int64_t beat_of(const struct sg_op *op)
{
    return op->beat_ms > 0 ? op->beat_ms : op->timeout_ms / 3;
}

/* What a heart posts, while it is not registered as well. */
static bool is_heart(const struct sg_op *op)
{
    return op->verb == SG_VERB_BEAT || op->verb == SG_VERB_JOIN ||
           op->verb == SG_VERB_LEAVE;
}

static void drop_beside(struct sg_backend *b)
{
    sg_zk_session_retire(b->beside);
    b->beside = NULL;
}

/* For how long has the session been without connection, as far as verbs have
 * seen? -1: this is the first to see it. */
static int64_t unconnected_for(struct sg_backend *b)
{
    int64_t now = b->env->now_ms(b->env->arg);
    uint64_t connects = sg_zk_session_connects(b->session);

    if (b->is_unconnected && connects == b->connects_then)
        return now - b->unconnected_ms;
    b->is_unconnected = true;
    b->unconnected_ms = now;
    b->connects_then = connects;
    return -1;
}

/* Is it time to give the old session up? */
static bool is_given_up(struct sg_backend *b, const struct sg_op *op,
                        int64_t unconnected_ms)
{
    int64_t half = beat_of(op) / 2;
    int64_t now = b->env->now_ms(b->env->arg);

    if (b->beside == NULL || !sg_zk_session_is_connected(b->beside))
        return false;
    if (sg_zk_own_is_empty(b))
        return true;
    return is_heart(op) && unconnected_ms >= half &&
           now - sg_zk_session_connected_ms(b->beside) >= half;
}

void sg_zk_heal_before(struct sg_backend *b, const struct sg_op *op)
{
    int64_t unconnected_ms;

    if (b->session == NULL || sg_zk_session_is_connected(b->session)) {
        b->is_unconnected = false;
        drop_beside(b);
        return;
    }
    if (b->beside != NULL && sg_zk_session_is_over(b->beside))
        drop_beside(b);
    unconnected_ms = unconnected_for(b);
    if (unconnected_ms < 0 || !is_given_up(b, op, unconnected_ms))
        return;
    sg_zk_session_replace(b, b->beside);
    b->beside = NULL;
}

/* A connection that a server took while it started is never answered (seen);
 * the library gives it up after two thirds of the timeout, two beats. */
static bool is_stuck(struct sg_backend *b, const struct sg_op *op)
{
    int64_t now = b->env->now_ms(b->env->arg);

    return sg_zk_session_connects(b->beside) == 0 &&
           now - b->beside->opened_ms >= beat_of(op) / 2;
}

static bool wants_beside(struct sg_backend *b, const struct sg_op *op)
{
    int64_t now = b->env->now_ms(b->env->arg);

    if (b->session == NULL || !b->is_unconnected ||
        sg_zk_session_is_connected(b->session))
        return false;
    if (is_heart(op) && b->connects_then > 0)
        return true;
    return sg_zk_own_is_empty(b) && now - b->unconnected_ms >= beat_of(op);
}

void sg_zk_heal_after(struct sg_backend *b, const struct sg_op *op)
{
    if (!wants_beside(b, op))
        return;
    if (b->beside != NULL && is_stuck(b, op))
        drop_beside(b);
    if (b->beside == NULL)
        b->beside = sg_zk_session_open(b); /* NULL: the next one tries again */
    /* If the server is there, the next verb shall find it connected. */
    if (b->beside != NULL && sg_zk_session_connects(b->beside) == 0)
        sg_zk_session_probe(b->beside);
}
