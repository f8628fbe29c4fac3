/* SPDX-License-Identifier: Apache-2.0
 * zk_leave.c - changes of our own node: leave, and write metadata.
 *
 * A node that was deleted and made again starts at version 0, so a delete
 * that names the version alone would take a newer owner's node. Who takes a
 * node over therefore bumps the version of the group's node in the same
 * multi (zk_join.c), and every change here checks that version. The group is
 * read before the member: a take-over between the two reads is then seen by
 * the second, and one after both by the check.
 */
#include "zk_round.h"

#include "zk_path.h"

#include <stdlib.h>

#define TRIES 3

static int not_joined(struct sg_op *op)
{
    op->groups[0].found = SG_FOUND_NOTHING;
    return sg_op_fail(op, SG_ENOTJOINED, SG_NOT_A_MEMBER,
                      "%.60s does not stand in %.60s", op->member,
                      op->groups[0].name);
}

static int judge_standing(struct sg_backend *b, struct sg_op *op,
                          const struct sg_zk_answer *group,
                          const struct sg_zk_answer *member,
                          struct sg_zk_standing *ret)
{
    if (group->rc == ZNONODE || member->rc == ZNONODE)
        return not_joined(op);
    if (group->rc != ZOK || member->rc != ZOK)
        return sg_zk_round_refused(
            b, op, group->rc != ZOK ? group->rc : member->rc, "reading",
            b->base, op->groups[0].name, op->member);
    if (!sg_zk_session_is_ours(b, member->stat.ephemeralOwner)) {
        op->groups[0].found = SG_FOUND_ANOTHERS;
        return sg_op_fail(op, SG_EREPLACED, SG_REPLACED,
                          "another session holds %.60s in %.60s", op->member,
                          op->groups[0].name);
    }
    op->groups[0].found = SG_FOUND_MINE;
    *ret = (struct sg_zk_standing){.group_version = group->stat.version,
                                   .member_version = member->stat.version,
                                   .epoch = (uint64_t)member->stat.czxid};
    return SG_OK;
}

int sg_zk_standing(struct sg_backend *b, struct sg_op *op,
                   struct sg_zk_standing *ret)
{
    struct sg_zk_round *round = sg_zk_round_new(b, 2);
    size_t group, member;
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    group = sg_zk_round_exists(round, b->base, op->groups[0].name, NULL);
    member = sg_zk_round_exists(round, b->base, op->groups[0].name, op->member);
    rc = sg_zk_round_wait(round, op);
    if (rc == SG_OK)
        rc = judge_standing(b, op, sg_zk_round_answer(round, group),
                            sg_zk_round_answer(round, member), ret);
    sg_zk_round_drop(round);
    return rc;
}

/* One change of our node, if group and node are as they were read. SG_OK:
 * *ret_rc is the server's word. */
static int change(struct sg_backend *b, struct sg_op *op, bool is_leave,
                  const struct sg_zk_standing *as, int *ret_rc)
{
    struct sg_zk_round *round = sg_zk_round_new(b, 1);
    char *group = sg_zk_path_join(b->base, op->groups[0].name, NULL);
    char *member = sg_zk_path_join(b->base, op->groups[0].name, op->member);
    int rc = SG_ENOMEM, bytes;
    const char *value = sg_zk_value(&op->groups[0], &bytes);
    zoo_op_t step[2];

    if (round == NULL || group == NULL || member == NULL)
        goto out;
    zoo_check_op_init(&step[0], group, as->group_version);
    if (is_leave)
        zoo_delete_op_init(&step[1], member, as->member_version);
    else
        zoo_set_op_init(&step[1], member, value, bytes, as->member_version,
                        sg_zk_round_stat(round));
    sg_zk_round_multi(round, step, 2);
    rc = sg_zk_round_wait(round, op);
    *ret_rc = sg_zk_round_answer(round, 0)->rc;
out:
    sg_zk_round_drop(round);
    free(member);
    free(group);
    return rc;
}

/* Read, then change; again when something moved in between. */
static int change_own(struct sg_backend *b, struct sg_op *op, bool is_leave,
                      struct sg_zk_standing *ret)
{
    int said = ZBADVERSION;

    for (int i = 0; i < TRIES; i++) {
        struct sg_zk_own *own = sg_zk_own_find(b, op);
        int rc = sg_zk_standing(b, op, ret);
        if (rc != SG_OK)
            return rc;
        if (own != NULL)
            own->is_leaving = is_leave;
        rc = change(b, op, is_leave, ret, &said);
        if (rc != SG_OK || said == ZOK)
            return rc;
        if (own != NULL)
            own->is_leaving = false;
        if (said != ZBADVERSION && said != ZNONODE)
            break;
    }
    return sg_zk_round_refused(b, op, said, "changing", b->base,
                               op->groups[0].name, op->member);
}

int sg_zk_leave(struct sg_backend *b, struct sg_op *op)
{
    struct sg_zk_own *own = sg_zk_own_find(b, op);
    bool was_leaving = own != NULL && own->is_leaving;
    struct sg_zk_standing standing;
    int rc = change_own(b, op, true, &standing);

    /* A delete whose reply was lost has done its work. */
    if (rc == SG_ENOTJOINED && was_leaving)
        rc = SG_OK;
    if (own != NULL &&
        (rc == SG_OK || rc == SG_ENOTJOINED || rc == SG_EREPLACED))
        sg_zk_own_remove(b, own);
    return rc;
}

int sg_zk_metadata(struct sg_backend *b, struct sg_op *op, uint64_t *ret_epoch)
{
    struct sg_zk_standing standing = {0, 0, 0};
    int rc = change_own(b, op, false, &standing);

    if (rc == SG_OK)
        *ret_epoch = standing.epoch;
    return rc;
}

int sg_zk_set_metadata(struct sg_backend *b, struct sg_op *op)
{
    uint64_t epoch;

    return sg_zk_metadata(b, op, &epoch);
}
