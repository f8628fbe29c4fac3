/* SPDX-License-Identifier: Apache-2.0
 * zk_marks.c - an operator's word, in a node of its own beside tooz's tree.
 */
#include "zk_round.h"

#include "zk_path.h"

#include <stdlib.h>

#define TRIES 3

struct marks {
    struct sg_backend *b;
    struct sg_op *op;
    char *group, *member; /* paths                                       */
    uint8_t bytes[SG_MARKS_MAX];
    int n;
};

static int set(struct marks *m, int *ret_said)
{
    struct sg_zk_round *round = sg_zk_round_new(m->b, 1);
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    sg_zk_round_set(round, m->member, m->bytes, m->n);
    rc = sg_zk_round_wait(round, m->op);
    *ret_said = sg_zk_round_answer(round, 0)->rc;
    sg_zk_round_drop(round);
    return rc;
}

static int create_all(struct marks *m, int *ret_said)
{
    struct sg_zk_round *round =
        sg_zk_round_new(m->b, sg_zk_path_levels(m->group) + 1);
    size_t i;
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    sg_zk_round_create_levels(round, m->group);
    i = sg_zk_round_create(round, m->member, m->bytes, m->n, 0);
    rc = sg_zk_round_wait(round, m->op);
    *ret_said = sg_zk_round_answer(round, i)->rc;
    for (size_t k = 0; *ret_said == ZNONODE && k < i; k++) {
        int said = sg_zk_round_answer(round, k)->rc;
        if (said != ZOK && said != ZNODEEXISTS)
            *ret_said = said; /* this is why */
    }
    sg_zk_round_drop(round);
    return rc;
}

/* Another operator may make the node, or take it away, in between. */
static int write_marks(struct marks *m)
{
    int said = ZNONODE, rc = SG_OK;

    for (int i = 0; i < TRIES; i++) {
        rc = set(m, &said);
        if (rc == SG_OK && said == ZNONODE)
            rc = create_all(m, &said);
        if (rc != SG_OK || said == ZOK)
            return rc;
        if (said != ZNODEEXISTS && said != ZNONODE)
            break;
    }
    return sg_zk_round_refused(m->b, m->op, said, "writing", m->b->marks,
                               m->op->groups[0].name, m->op->sights[0].member);
}

int sg_zk_set_marks(struct sg_backend *b, struct sg_op *op)
{
    struct marks m = {.b = b, .op = op};
    int rc = SG_ENOMEM;

    m.n = (int)sg_marks_write(&op->marks, m.bytes);
    m.group = sg_zk_path_join(b->marks, op->groups[0].name, NULL);
    m.member =
        sg_zk_path_join(b->marks, op->groups[0].name, op->sights[0].member);
    if (m.group != NULL && m.member != NULL)
        rc = write_marks(&m);
    free(m.member);
    free(m.group);
    return rc;
}
