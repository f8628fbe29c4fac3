/* SPDX-License-Identifier: Apache-2.0
 * mc_beat.c - one beat: is the liveness ours, renew it, and do the groups
 * still stand?
 *
 * A beat costs the same however large the groups are. Their values, with all
 * members in them, are read only when there is a reason: the liveness was
 * lost, a group's key is gone, or the core asks for an audit.
 */
#include "mc_group.h"
#include "mc_groups.h"

#include <string.h>

enum { LIVE, LIST, BORN }; /* from there on, one for each group              */

struct beat {
    struct sg_backend *b;
    struct sg_op *op;
    struct sg_mc_item *items;
    struct sg_mc_bytes bytes;
};

static int look(struct beat *t)
{
    size_t n = BORN + t->op->n_groups;

    sg_mc_bytes_free(&t->bytes);
    t->items = sg_op_alloc(t->op, n * sizeof *t->items);
    if (t->items == NULL ||
        !sg_mc_item_ask(t->op, SG_MC_MEMBER, t->op->member, &t->items[LIVE]) ||
        !sg_mc_item_ask(t->op, SG_MC_LIST, "", &t->items[LIST]))
        return SG_ENOMEM;
    for (size_t i = 0; i < t->op->n_groups; i++)
        if (!sg_mc_item_ask(t->op, SG_MC_BORN, t->op->groups[i].name,
                            &t->items[BORN + i]))
            return SG_ENOMEM;
    return sg_mc_gets(t->b, t->op, t->items, n, &t->bytes);
}

/* ---- liveness --------------------------------------------------------- */

/* Renew what is ours; op->liveness says what was found. */
static int renew(struct beat *t)
{
    struct sg_mc_patience patience = {0, 0};

    for (;;) {
        struct sg_mc_live live;
        bool is_stored = false;
        int rc = look(t);
        if (rc != SG_OK)
            return rc;
        live = sg_mc_live_read(&t->items[LIVE]);
        t->op->liveness = SG_FOUND_NOTHING;
        if (!live.is_alive)
            return SG_OK;
        t->op->liveness = SG_FOUND_ANOTHERS;
        if (!sg_mc_live_is(&live, t->op->token))
            return SG_OK;
        t->op->liveness = SG_FOUND_MINE;
        rc = sg_mc_live_write(t->b, t->op, live.stamp.epoch, &t->items[LIVE],
                              &is_stored);
        if (rc != SG_OK || is_stored)
            return rc;
        rc = sg_mc_again(t->b, t->op, &patience, t->items[LIVE].key);
        if (rc != SG_OK)
            return rc;
    }
}

/* ---- groups ----------------------------------------------------------- */

/* Look for our entry in the group's value itself. One that nobody can read
 * does not hold it: the join that follows says what is wrong with it, and the
 * other groups go on. */
static int audit(struct beat *t, struct sg_op_group *group)
{
    struct sg_mc_item item;
    struct sg_mc_bytes bytes = {NULL, 0, 0};
    struct sg_mc_entry entry;
    int rc;

    if (!sg_mc_item_ask(t->op, SG_MC_GROUP, group->name, &item))
        return SG_ENOMEM;
    rc = sg_mc_gets(t->b, t->op, &item, 1, &bytes);
    if (rc == SG_OK) {
        struct sg_mc_group value = sg_mc_group_read(&item);
        group->found = SG_FOUND_NOTHING;
        group->size = value.standing == SG_MC_STANDS ? value.count : 0;
        if (sg_mc_group_find(&value, t->op->member, &entry))
            group->found = strcmp(entry.token, t->op->token) == 0
                               ? SG_FOUND_MINE
                               : SG_FOUND_ANOTHERS;
    }
    sg_mc_bytes_free(&bytes);
    return rc;
}

/* A touch keeps a group from being evicted, and finds out that it was; and
 * where another member has made the group anew meanwhile, its birth does. */
static int touch(struct beat *t, struct sg_op_group *group)
{
    uint64_t birth =
        sg_mc_birth_read(&t->items[BORN + (group - t->op->groups)]);
    bool is_anew = birth != group->birth;
    char key[SG_MC_KEY_MAX];
    bool is_there = false;
    int rc;

    sg_mc_key_write(SG_MC_GROUP, group->name, strlen(group->name), key);
    rc = sg_mc_touch(t->b, t->op, key, 0, &is_there);
    if (rc != SG_OK)
        return rc;
    group->found = SG_FOUND_MINE;
    group->birth = birth;
    return is_there && !is_anew && !group->audit ? SG_OK : audit(t, group);
}

static int heal_list(struct beat *t)
{
    struct sg_op *op = t->op;
    const char **names = sg_op_alloc(op, op->n_groups * sizeof *names);
    size_t n = 0;

    if (names == NULL)
        return SG_ENOMEM;
    for (size_t i = 0; i < op->n_groups; i++)
        if (op->groups[i].found == SG_FOUND_MINE)
            names[n++] = op->groups[i].name;
    return sg_mc_groups_heal(t->b, op, &t->items[LIST], names, n);
}

static int beat(struct beat *t)
{
    struct sg_op *op = t->op;
    int rc = renew(t);

    for (size_t i = 0; i < op->n_groups && rc == SG_OK; i++) {
        if (op->liveness == SG_FOUND_MINE)
            rc = touch(t, &op->groups[i]);
        else if (op->liveness == SG_FOUND_NOTHING)
            rc = audit(t, &op->groups[i]);
        else
            op->groups[i].found = SG_FOUND_ANOTHERS;
    }
    if (rc == SG_OK && op->liveness == SG_FOUND_MINE)
        rc = heal_list(t);
    return rc;
}

int sg_mc_beat(struct sg_backend *b, struct sg_op *op)
{
    struct beat t = {.b = b, .op = op};
    int rc = beat(&t);

    sg_mc_bytes_free(&t.bytes);
    return rc;
}
