/* SPDX-License-Identifier: Apache-2.0
 * zk_list.c - every member of a group, and every group.
 *
 * The children of a group are its members, alive by standing there. The
 * marks are read in a second wait, of those names only that have any.
 */
#include "zk_round.h"

#include "zk_path.h"

#include <stdlib.h>
#include <string.h>

static int refused(struct sg_backend *b, struct sg_op *op, int rc,
                   const char *base, const char *group)
{
    return sg_zk_round_refused(b, op, rc, "reading", base, group, NULL);
}

static bool is_answer(int rc)
{
    return rc == ZOK || rc == ZNONODE;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(const struct sg_zk_answer *answer)
{
    if (answer->n_names > 1)
        qsort(answer->name, answer->n_names, sizeof *answer->name, compare);
}

static bool has_name(const struct sg_zk_answer *sorted, const char *name)
{
    return sorted->n_names > 0 &&
           bsearch(&name, sorted->name, sorted->n_names, sizeof *sorted->name,
                   compare) != NULL;
}

/* What is being listed. `members` and `marks` are sorted. */
struct listing {
    struct sg_backend *b;
    struct sg_op *op;
    const struct sg_zk_answer *members, *marks;
    struct sg_sight **marked; /* sights that have a node of marks        */
    size_t n_marked;
};

static struct sg_sight *add(struct listing *list, const char *name)
{
    struct sg_op *op = list->op;
    struct sg_sight *sight = &op->sights[op->n_sights];

    sight->member = sg_op_copy(op, name, strlen(name));
    sight->last_seen_ms = -1;
    if (sight->member == NULL)
        return NULL;
    op->n_sights++;
    if (has_name(list->marks, name))
        list->marked[list->n_marked++] = sight;
    return sight;
}

static int add_members(struct listing *list)
{
    for (size_t i = 0; i < list->members->n_names; i++) {
        const char *name = list->members->name[i];
        struct sg_sight *sight;
        /* tooz's elections leave a child `leader`; others are damage. */
        if (!sg_name_is_safe(name, strlen(name))) {
            list->op->skipped++;
            continue;
        }
        sight = add(list, name);
        if (sight == NULL)
            return SG_ENOMEM;
        sight->entry = sight->alive = sight->same_owner = true;
    }
    return SG_OK;
}

static bool has_part(const struct listing *list, const char *whole)
{
    for (size_t i = 0; i < list->members->n_names; i++)
        if (sg_name_is_part(whole, list->members->name[i]))
            return true;
    return false;
}

/* A mark on `x` holds for its parts, and `x` itself may not be a member: such
 * a name comes as a sight without an entry. */
static int add_wholes(struct listing *list)
{
    for (size_t i = 0; i < list->marks->n_names; i++) {
        const char *name = list->marks->name[i];
        if (!sg_name_is_safe(name, strlen(name)) ||
            has_name(list->members, name) || !has_part(list, name))
            continue;
        if (add(list, name) == NULL)
            return SG_ENOMEM;
    }
    return SG_OK;
}

static int make_sights(struct listing *list)
{
    struct sg_op *op = list->op;
    size_t room = list->members->n_names + list->marks->n_names;
    int rc;

    op->n_sights = 0;
    op->sights = NULL;
    if (room == 0)
        return SG_OK;
    sort(list->members);
    sort(list->marks);
    op->sights = sg_op_alloc(op, room * sizeof *op->sights);
    list->marked = sg_op_alloc(op, room * sizeof *list->marked);
    if (op->sights == NULL || list->marked == NULL)
        return SG_ENOMEM;
    rc = add_members(list);
    return rc == SG_OK ? add_wholes(list) : rc;
}

static int read_marks(struct listing *list)
{
    struct sg_backend *b = list->b;
    struct sg_op *op = list->op;
    struct sg_zk_round *round;
    int rc;

    if (list->n_marked == 0)
        return SG_OK;
    round = sg_zk_round_new(b, list->n_marked);
    if (round == NULL)
        return SG_ENOMEM;
    for (size_t i = 0; i < list->n_marked; i++)
        sg_zk_round_get(round, b->marks, op->groups[0].name,
                        list->marked[i]->member);
    rc = sg_zk_round_wait(round, op);
    for (size_t i = 0; i < list->n_marked && rc == SG_OK; i++) {
        const struct sg_zk_answer *answer = sg_zk_round_answer(round, i);
        if (!is_answer(answer->rc))
            rc = refused(b, op, answer->rc, b->marks, op->groups[0].name);
        else if (answer->rc == ZOK)
            sg_marks_read(answer->data, answer->bytes, &list->marked[i]->marks);
    }
    sg_zk_round_drop(round);
    return rc;
}

static int judge_list(struct listing *list, const struct sg_zk_answer *group)
{
    struct sg_backend *b = list->b;
    struct sg_op *op = list->op;
    const char *name = op->groups[0].name;
    int rc;

    if (!is_answer(list->members->rc))
        return refused(b, op, list->members->rc, b->base, name);
    if (!is_answer(list->marks->rc))
        return refused(b, op, list->marks->rc, b->marks, name);
    if (!is_answer(group->rc))
        return refused(b, op, group->rc, b->base, name);
    op->server_age_ms = -1;
    op->group_exists = group->rc == ZOK;
    op->group_birth = group->rc == ZOK ? (uint64_t)group->stat.czxid : 0;
    rc = make_sights(list);
    return rc == SG_OK ? read_marks(list) : rc;
}

int sg_zk_list(struct sg_backend *b, struct sg_op *op)
{
    struct sg_zk_round *round = sg_zk_round_new(b, 3);
    const char *name = op->groups[0].name;
    struct listing list = {.b = b, .op = op};
    const struct sg_zk_answer *group;
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    sg_zk_round_sync(round, b->base);
    list.members =
        sg_zk_round_answer(round, sg_zk_round_children(round, b->base, name));
    list.marks =
        sg_zk_round_answer(round, sg_zk_round_children(round, b->marks, name));
    group = sg_zk_round_answer(round,
                               sg_zk_round_exists(round, b->base, name, NULL));
    op->skipped = 0;
    rc = sg_zk_round_wait(round, op);
    if (rc == SG_OK)
        rc = judge_list(&list, group);
    sg_zk_round_drop(round);
    return rc;
}

/* ---- groups ----------------------------------------------------------- */

static int fill_groups(struct sg_op *op, const struct sg_zk_answer *answer)
{
    op->n_names = op->skipped = 0;
    op->names = sg_op_alloc(op, (answer->n_names + 1) * sizeof *op->names);
    if (op->names == NULL)
        return SG_ENOMEM;
    for (size_t i = 0; i < answer->n_names; i++) {
        const char *name = answer->name[i];
        if (strcmp(name, "locks") == 0)
            continue; /* where tooz keeps its locks */
        if (!sg_name_is_safe(name, strlen(name))) {
            op->skipped++;
            continue;
        }
        op->names[op->n_names] = sg_op_copy(op, name, strlen(name));
        if (op->names[op->n_names] == NULL)
            return SG_ENOMEM;
        op->n_names++;
    }
    return SG_OK;
}

int sg_zk_groups(struct sg_backend *b, struct sg_op *op)
{
    struct sg_zk_round *round = sg_zk_round_new(b, 1);
    const struct sg_zk_answer *answer;
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    sg_zk_round_sync(round, b->base);
    answer =
        sg_zk_round_answer(round, sg_zk_round_children(round, b->base, NULL));
    rc = sg_zk_round_wait(round, op);
    if (rc == SG_OK)
        rc = is_answer(answer->rc) ? fill_groups(op, answer)
                                   : refused(b, op, answer->rc, b->base, NULL);
    sg_zk_round_drop(round);
    return rc;
}
