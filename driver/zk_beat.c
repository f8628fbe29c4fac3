/* SPDX-License-Identifier: Apache-2.0
 * zk_beat.c - is everything of ours still there, and the session alive?
 *
 * The library pings by itself; a beat renews nothing. It finds out.
 */
#include "zk_round.h"

static int judge_beat(struct sg_backend *b, struct sg_op *op,
                      const struct sg_zk_round *round)
{
    int64_t id = sg_zk_session_id(b->session);

    for (size_t i = 0; i < op->n_groups; i++) {
        const struct sg_zk_answer *answer = sg_zk_round_answer(round, i);
        struct sg_op_group *group = &op->groups[i];
        if (answer->rc == ZNONODE ||
            sg_zk_session_is_past(b, answer->stat.ephemeralOwner))
            group->found = SG_FOUND_NOTHING;
        else if (answer->rc != ZOK)
            return sg_zk_round_refused(b, op, answer->rc, "reading", b->base,
                                       group->name, op->member);
        else
            group->found = answer->stat.ephemeralOwner == id
                               ? SG_FOUND_MINE
                               : SG_FOUND_ANOTHERS;
    }
    return SG_OK;
}

/* A group where the node is not ours any more is forgotten: a join there is
 * a new incarnation. */
static void forget_own(struct sg_backend *b, const struct sg_op *op)
{
    for (size_t i = 0; i < op->n_groups; i++) {
        struct sg_op one = {.member = op->member, .groups = &op->groups[i]};
        struct sg_zk_own *own = sg_zk_own_find(b, &one);
        if (own != NULL && op->groups[i].found != SG_FOUND_MINE)
            sg_zk_own_remove(b, own);
    }
}

/* The session was lost since the last beat: NOTHING, unless a newer
 * incarnation took one of the names meanwhile. Then each group's own word
 * stands, so that nobody joins over it again. */
static enum sg_found liveness(const struct sg_backend *b,
                              const struct sg_op *op)
{
    for (size_t i = 0; i < op->n_groups; i++)
        if (op->groups[i].found == SG_FOUND_ANOTHERS)
            return SG_FOUND_MINE;
    return b->is_lost ? SG_FOUND_NOTHING : SG_FOUND_MINE;
}

static int beat(struct sg_backend *b, struct sg_op *op)
{
    struct sg_zk_round *round = sg_zk_round_new(b, op->n_groups);
    int rc = SG_OK;

    if (round == NULL)
        return SG_ENOMEM;
    for (size_t i = 0; i < op->n_groups; i++)
        sg_zk_round_exists(round, b->base, op->groups[i].name, op->member);
    if (op->n_groups > 0)
        rc = sg_zk_round_wait(round, op);
    if (rc == SG_OK)
        rc = judge_beat(b, op, round);
    sg_zk_round_drop(round);
    return rc;
}

int sg_zk_beat(struct sg_backend *b, struct sg_op *op)
{
    int rc = beat(b, op);

    if (rc != SG_OK)
        return rc;
    forget_own(b, op);
    op->liveness = liveness(b, op);
    b->is_lost = false;
    return SG_OK;
}
