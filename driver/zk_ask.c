/* SPDX-License-Identifier: Apache-2.0
 * zk_ask.c - what one group shows of some names, in one wait.
 *
 * Every name costs an exists of its node and a get of its marks; the group's
 * exists tells its birth. Parts are found in the list of children and have no
 * stat of their own here; their marks are read in a second wait only when one
 * of them has any.
 */
#include "zk_round.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int refused(struct sg_backend *b, struct sg_op *op, int rc,
                   const char *base, const char *member)
{
    return sg_zk_round_refused(b, op, rc, "reading", base, op->groups[0].name,
                               member);
}

static bool is_answer(int rc)
{
    return rc == ZOK || rc == ZNONODE;
}

static void fill_sight(struct sg_sight *sight, const struct Stat *stat)
{
    /* A persistent child is no member: nobody keeps it alive. */
    if (!sg_zk_is_ephemeral(stat))
        return;
    sight->entry = sight->alive = sight->same_owner = true;
    sight->epoch = (uint64_t)stat->czxid;
    snprintf(sight->token, sizeof sight->token, "%016" PRIx64,
             (uint64_t)stat->ephemeralOwner);
}

static void fill_marks(struct sg_sight *sight,
                       const struct sg_zk_answer *answer)
{
    if (answer->rc == ZOK)
        sg_marks_read(answer->data, answer->bytes, &sight->marks);
}

/* ---- parts ------------------------------------------------------------ */

static bool asks_parts(const struct sg_op *op)
{
    for (size_t i = 0; i < op->n_sights; i++)
        if (op->sights[i].with_parts)
            return true;
    return false;
}

static size_t count_parts(const char *whole,
                          const struct sg_zk_answer *children)
{
    size_t n = 0;

    for (size_t i = 0; i < children->n_names; i++)
        n += sg_name_is_part(whole, children->name[i]) &&
             sg_name_is_safe(children->name[i], strlen(children->name[i]));
    return n;
}

static int fill_parts(struct sg_op *op, struct sg_sight *sight,
                      const struct sg_zk_answer *children)
{
    size_t n = count_parts(sight->member, children);

    sight->n_parts = 0;
    sight->parts = n == 0 ? NULL : sg_op_alloc(op, n * sizeof *sight->parts);
    if (n > 0 && sight->parts == NULL)
        return SG_ENOMEM;
    for (size_t i = 0; i < children->n_names && sight->n_parts < n; i++) {
        const char *name = children->name[i];
        struct sg_sight *part = &sight->parts[sight->n_parts];
        if (!sg_name_is_part(sight->member, name) ||
            !sg_name_is_safe(name, strlen(name)))
            continue;
        part->member = sg_op_copy(op, name, strlen(name));
        if (part->member == NULL)
            return SG_ENOMEM;
        part->entry = part->alive = part->same_owner = true;
        part->last_seen_ms = -1;
        sight->n_parts++;
    }
    return SG_OK;
}

static bool has_name(const struct sg_zk_answer *children, const char *name)
{
    for (size_t i = 0; i < children->n_names; i++)
        if (strcmp(children->name[i], name) == 0)
            return true;
    return false;
}

/* Which parts have a node in the marks' tree? Cleared names cost nothing. */
static size_t parts_with_marks(struct sg_op *op,
                               const struct sg_zk_answer *marks,
                               struct sg_sight **to)
{
    size_t n = 0;

    for (size_t i = 0; i < op->n_sights; i++) {
        struct sg_sight *sight = &op->sights[i];
        for (size_t k = 0; k < sight->n_parts && marks->n_names > 0; k++) {
            if (!has_name(marks, sight->parts[k].member))
                continue;
            if (to != NULL)
                to[n] = &sight->parts[k];
            n++;
        }
    }
    return n;
}

static int read_part_marks(struct sg_backend *b, struct sg_op *op,
                           const struct sg_zk_answer *marks)
{
    size_t n = parts_with_marks(op, marks, NULL);
    struct sg_sight **part;
    struct sg_zk_round *round;
    int rc;

    if (n == 0)
        return SG_OK;
    part = sg_op_alloc(op, n * sizeof *part);
    round = part == NULL ? NULL : sg_zk_round_new(b, n);
    if (round == NULL)
        return SG_ENOMEM;
    parts_with_marks(op, marks, part);
    for (size_t i = 0; i < n; i++)
        sg_zk_round_get(round, b->marks, op->groups[0].name, part[i]->member);
    rc = sg_zk_round_wait(round, op);
    for (size_t i = 0; i < n && rc == SG_OK; i++) {
        const struct sg_zk_answer *answer = sg_zk_round_answer(round, i);
        if (!is_answer(answer->rc))
            rc = refused(b, op, answer->rc, b->marks, part[i]->member);
        else
            fill_marks(part[i], answer);
    }
    sg_zk_round_drop(round);
    return rc;
}

/* ---- the question ----------------------------------------------------- */

/* Numbers of the answers: two per sight, then these. */
struct asked {
    size_t group, children, marks;
    bool has_parts;
};

static struct asked post(struct sg_backend *b, struct sg_op *op,
                         struct sg_zk_round *round)
{
    const char *group = op->groups[0].name;
    struct asked asked = {.has_parts = asks_parts(op)};

    sg_zk_round_sync(round, b->base);
    for (size_t i = 0; i < op->n_sights; i++) {
        sg_zk_round_exists(round, b->base, group, op->sights[i].member);
        sg_zk_round_get(round, b->marks, group, op->sights[i].member);
    }
    asked.group = sg_zk_round_exists(round, b->base, group, NULL);
    if (asked.has_parts) {
        asked.children = sg_zk_round_children(round, b->base, group);
        asked.marks = sg_zk_round_children(round, b->marks, group);
    }
    return asked;
}

static int fill_sights(struct sg_backend *b, struct sg_op *op,
                       const struct sg_zk_round *round)
{
    for (size_t i = 0; i < op->n_sights; i++) {
        const struct sg_zk_answer *node = sg_zk_round_answer(round, 2 * i);
        const struct sg_zk_answer *marks = sg_zk_round_answer(round, 2 * i + 1);
        struct sg_sight *sight = &op->sights[i];
        if (!is_answer(node->rc))
            return refused(b, op, node->rc, b->base, sight->member);
        if (!is_answer(marks->rc))
            return refused(b, op, marks->rc, b->marks, sight->member);
        sight->last_seen_ms = -1;
        if (node->rc == ZOK)
            fill_sight(sight, &node->stat);
        fill_marks(sight, marks);
    }
    return SG_OK;
}

static int fill_group(struct sg_backend *b, struct sg_op *op,
                      const struct sg_zk_answer *group)
{
    if (!is_answer(group->rc))
        return refused(b, op, group->rc, b->base, NULL);
    op->server_age_ms = -1;
    op->group_exists = group->rc == ZOK;
    op->group_birth = group->rc == ZOK ? (uint64_t)group->stat.czxid : 0;
    return SG_OK;
}

static int fill_all_parts(struct sg_backend *b, struct sg_op *op,
                          const struct sg_zk_answer *children,
                          const struct sg_zk_answer *marks)
{
    if (!is_answer(children->rc))
        return refused(b, op, children->rc, b->base, NULL);
    if (!is_answer(marks->rc))
        return refused(b, op, marks->rc, b->marks, NULL);
    for (size_t i = 0; i < op->n_sights; i++)
        if (op->sights[i].with_parts &&
            fill_parts(op, &op->sights[i], children) != SG_OK)
            return SG_ENOMEM;
    return read_part_marks(b, op, marks);
}

int sg_zk_ask(struct sg_backend *b, struct sg_op *op)
{
    struct sg_zk_round *round = sg_zk_round_new(b, 2 * op->n_sights + 3);
    struct asked asked;
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    asked = post(b, op, round);
    rc = sg_zk_round_wait(round, op);
    if (rc == SG_OK)
        rc = fill_group(b, op, sg_zk_round_answer(round, asked.group));
    if (rc == SG_OK)
        rc = fill_sights(b, op, round);
    if (rc == SG_OK && asked.has_parts)
        rc = fill_all_parts(b, op, sg_zk_round_answer(round, asked.children),
                            sg_zk_round_answer(round, asked.marks));
    sg_zk_round_drop(round);
    return rc;
}

int sg_zk_get_metadata(struct sg_backend *b, struct sg_op *op)
{
    const char *member = op->n_sights > 0 ? op->sights[0].member : op->member;
    struct sg_op_group *group = &op->groups[0];
    struct sg_zk_round *round = sg_zk_round_new(b, 1);
    const struct sg_zk_answer *answer;
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    sg_zk_round_sync(round, b->base);
    answer = sg_zk_round_answer(
        round, sg_zk_round_get(round, b->base, group->name, member));
    rc = sg_zk_round_wait(round, op);
    if (rc == SG_OK && !is_answer(answer->rc)) {
        rc = refused(b, op, answer->rc, b->base, member);
    } else if (rc == SG_OK &&
               (answer->rc == ZNONODE || !sg_zk_is_ephemeral(&answer->stat))) {
        rc = sg_op_fail(op, SG_ENOTJOINED, SG_NOT_A_MEMBER,
                        "%.60s is not a member of %.60s", member, group->name);
    } else if (rc == SG_OK) {
        group->metadata = sg_op_copy(op, answer->data, answer->bytes);
        group->metadata_bytes = answer->bytes;
        group->epoch = (uint64_t)answer->stat.czxid;
        if (group->metadata == NULL)
            rc = SG_ENOMEM;
    }
    sg_zk_round_drop(round);
    return rc;
}
