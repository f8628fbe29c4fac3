/* SPDX-License-Identifier: Apache-2.0
 * zk_join.c - make our ephemeral node, or take the name over.
 */
#include "zk_round.h"

#include "zk_path.h"

#include <stdlib.h>
#include <string.h>

#define TRIES 3

/* What a join works with. */
struct join {
    struct sg_backend *b;
    struct sg_op *op;
    char *group, *member; /* paths                                       */
    const char *value;
    int bytes;
    uint64_t epoch;
    int said; /* the server's last word on the member's node */
};

/* ZooKeeper clamps what is asked to 2 to 20 of its ticks
 * (minSessionTimeout, maxSessionTimeout). */
int sg_zk_check_timeout(struct sg_backend *b, struct sg_op *op)
{
    int asked = b->session->asked_ms;
    int granted = zoo_recv_timeout(b->session->zh);

    if (granted == asked)
        return SG_OK;
    return sg_op_fail(op, SG_ETIMEOUT, SG_NO_REASON,
                      "a timeout of %d ms was asked and ZooKeeper at %.80s "
                      "grants %d ms: it keeps sessions of 2 to 20 of its "
                      "ticks; choose another timeout or tickTime",
                      asked, b->hosts, granted);
}

/* One request whose answer is the czxid of a node of ours. */
static int create(struct join *join)
{
    struct sg_zk_round *round = sg_zk_round_new(join->b, 1);
    size_t i;
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    i = sg_zk_round_create(round, join->member, join->value, join->bytes,
                           ZOO_EPHEMERAL);
    rc = sg_zk_round_wait(round, join->op);
    join->said = sg_zk_round_answer(round, i)->rc;
    join->epoch = (uint64_t)sg_zk_round_answer(round, i)->stat.czxid;
    sg_zk_round_drop(round);
    return rc;
}

/* The namespace, the group and the node, one after the other in one wait.
 * Two members that do so at once both succeed: what stands, stands. */
static int create_all(struct join *join)
{
    struct sg_zk_round *round =
        sg_zk_round_new(join->b, sg_zk_path_levels(join->group) + 1);
    size_t i;
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    sg_zk_round_create_levels(round, join->group);
    i = sg_zk_round_create(round, join->member, join->value, join->bytes,
                           ZOO_EPHEMERAL);
    rc = sg_zk_round_wait(round, join->op);
    join->said = sg_zk_round_answer(round, i)->rc;
    join->epoch = (uint64_t)sg_zk_round_answer(round, i)->stat.czxid;
    for (size_t k = 0; join->said == ZNONODE && k < i; k++) {
        int said = sg_zk_round_answer(round, k)->rc;
        if (said != ZOK && said != ZNODEEXISTS)
            join->said = said; /* this is why */
    }
    sg_zk_round_drop(round);
    return rc;
}

/* The newest join wins: whatever stands is replaced in one transaction, so
 * that no observer sees the name missing. Setting the group's (empty) data
 * bumps its version, which is what a late leave of the old owner checks, and
 * returns the transaction's zxid, which is the new node's czxid. */
static int take_over(struct join *join)
{
    struct sg_zk_round *round = sg_zk_round_new(join->b, 1);
    zoo_op_t step[3];
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    zoo_set_op_init(&step[0], join->group, "", 0, -1, sg_zk_round_stat(round));
    zoo_delete_op_init(&step[1], join->member, -1);
    zoo_create_op_init(&step[2], join->member, join->value, join->bytes,
                       join->b->acl, ZOO_EPHEMERAL, NULL, 0);
    sg_zk_round_multi(round, step, 3);
    rc = sg_zk_round_wait(round, join->op);
    join->said = sg_zk_round_answer(round, 0)->rc;
    join->epoch = (uint64_t)sg_zk_round_stat(round)->mzxid;
    /* A reply that is too short leaves the stat as it was made. */
    if (rc == SG_OK && join->said == ZOK && sg_zk_round_stat(round)->mzxid <= 0)
        rc = sg_op_fail(join->op, SG_EUNKNOWN, SG_GARBAGE,
                        "ZooKeeper at %.150s sent what is no answer",
                        join->b->hosts);
    sg_zk_round_drop(round);
    return rc;
}

static int make(struct join *join)
{
    int rc = create(join);

    for (int i = 0; rc == SG_OK && join->said != ZOK && i < TRIES; i++) {
        if (join->said == ZNODEEXISTS)
            rc = take_over(join);
        else if (join->said == ZNONODE)
            rc = create_all(join);
        else
            break;
        /* What stood there has gone meanwhile. */
        if (rc == SG_OK && join->said == ZNONODE)
            rc = create(join);
    }
    if (rc != SG_OK || join->said == ZOK)
        return rc;
    return sg_zk_round_refused(join->b, join->op, join->said, "joining",
                               join->b->base, join->op->groups[0].name,
                               join->op->member);
}

/* A node of ours under this very token stands, or may stand: a reply was
 * lost. It keeps its epoch and gets the metadata. SG_ENOTJOINED and
 * SG_EREPLACED: it does not stand. */
static int join_again(struct sg_backend *b, struct sg_op *op)
{
    struct sg_zk_own *own = sg_zk_own_find(b, op);

    if (own == NULL || own->is_leaving || op->token == NULL ||
        strcmp(own->token, op->token) != 0)
        return SG_ENOTJOINED;
    return sg_zk_metadata(b, op, &op->groups[0].epoch);
}

static int join_anew(struct sg_backend *b, struct sg_op *op)
{
    struct join join = {.b = b, .op = op};
    struct sg_zk_own *own = sg_zk_own_add(b, op);
    int rc = SG_ENOMEM;

    join.value = sg_zk_value(&op->groups[0], &join.bytes);
    join.group = sg_zk_path_join(b->base, op->groups[0].name, NULL);
    join.member = sg_zk_path_join(b->base, op->groups[0].name, op->member);
    if (own != NULL && join.group != NULL && join.member != NULL)
        rc = make(&join);
    if (rc == SG_OK) {
        op->groups[0].epoch = join.epoch;
        op->groups[0].found = SG_FOUND_MINE;
    } else if (own != NULL && rc != SG_ZK_EXPIRED &&
               (rc != SG_EUNKNOWN || op->reason == SG_UNREACHABLE)) {
        sg_zk_own_remove(b, own); /* it was refused, or never sent */
    }
    free(join.member);
    free(join.group);
    return rc;
}

int sg_zk_join(struct sg_backend *b, struct sg_op *op)
{
    int rc = sg_zk_session_connect(b, op);

    if (rc == SG_OK)
        rc = sg_zk_check_timeout(b, op);
    if (rc != SG_OK)
        return rc;
    rc = join_again(b, op);
    if (rc == SG_ENOTJOINED || rc == SG_EREPLACED) {
        op->reason = SG_NO_REASON;
        rc = join_anew(b, op);
    }
    if (rc == SG_OK)
        b->is_lost = false;
    return rc;
}
