/* SPDX-License-Identifier: Apache-2.0
 * mc_ask.c - what the store shows of some names, or of all of a group.
 *
 * One gets: the group first, liveness after it. The server reads the keys in
 * this order and a member that joins again writes them in the other, so what
 * is seen of a join halfway is two tokens. Parts (`x`:*) are only known from
 * the group's value; their liveness costs a second gets. Nothing is written.
 */
#include "mc_scene.h"

#include <string.h>

/* ---- verb: ask -------------------------------------------------------- */

/* Parts of all names asked, in one array; those of one name side by side. */
struct parts {
    struct sg_sight *at;
    struct sg_sight **whole; /* of each                                     */
    size_t n, room;
};

static bool add_part(struct sg_mc_scene *s, struct parts *parts,
                     struct sg_sight *whole, const struct sg_mc_entry *entry)
{
    struct sg_sight *part;

    if (parts->n == parts->room) {
        size_t room = parts->room == 0 ? 8 : 2 * parts->room;
        struct parts more = {sg_op_alloc(s->op, room * sizeof *more.at),
                             sg_op_alloc(s->op, room * sizeof *more.whole),
                             parts->n, room};
        if (more.at == NULL || more.whole == NULL)
            return false;
        if (parts->n > 0) {
            memcpy(more.at, parts->at, parts->n * sizeof *more.at);
            memcpy(more.whole, parts->whole, parts->n * sizeof *more.whole);
        }
        *parts = more;
    }
    part = &parts->at[parts->n];
    part->member = sg_op_copy(s->op, entry->name, entry->name_length);
    if (part->member == NULL)
        return false;
    sg_mc_show_entry(part, entry);
    parts->whole[parts->n++] = whole;
    return true;
}

/* `x:y:z` is a part of `x` and of `x:y`. */
static bool show_as_part(struct sg_mc_scene *s, const struct sg_mc_index *asked,
                         struct parts *parts, const struct sg_mc_entry *entry)
{
    for (size_t i = 1; i + 1 < entry->name_length; i++) {
        size_t n = 0;
        struct sg_sight **at;
        if (entry->name[i] != ':')
            continue;
        at = sg_mc_index_find(asked, entry->name, i, &n);
        for (size_t j = 0; j < n; j++)
            if (at[j]->with_parts && !add_part(s, parts, at[j], entry))
                return false;
    }
    return true;
}

static bool show_entries(struct sg_mc_scene *s, const struct sg_mc_index *asked,
                         struct parts *parts)
{
    struct sg_mc_group walk = s->group;
    struct sg_mc_entry entry;

    while (sg_mc_group_next(&walk, &entry)) {
        size_t n;
        struct sg_sight **at;
        if (!entry.is_sound)
            continue;
        at = sg_mc_index_find(asked, entry.name, entry.name_length, &n);
        for (size_t i = 0; i < n; i++)
            sg_mc_show_entry(at[i], &entry);
        if (!show_as_part(s, asked, parts, &entry))
            return false;
    }
    return true;
}

/* Hand each name its own parts. */
static bool deal_parts(struct sg_mc_scene *s, const struct parts *parts)
{
    for (size_t i = 0; i < parts->n; i++)
        parts->whole[i]->n_parts++;
    for (size_t i = 0; i < parts->n; i++) {
        struct sg_sight *whole = parts->whole[i];
        if (whole->parts == NULL) {
            whole->parts =
                sg_op_alloc(s->op, whole->n_parts * sizeof *whole->parts);
            if (whole->parts == NULL)
                return false;
            whole->n_parts = 0; /* counted again while they are filled in */
        }
        whole->parts[whole->n_parts++] = parts->at[i];
    }
    return true;
}

static int ask(struct sg_mc_scene *s)
{
    struct sg_op *op = s->op;
    struct parts parts = {NULL, NULL, 0, 0};
    struct sg_mc_index asked, found;
    int rc = sg_mc_scene_look(s, op->n_sights);

    if (rc != SG_OK)
        return rc;
    if (!sg_mc_index_make(op, op->sights, op->n_sights, &asked) ||
        !show_entries(s, &asked, &parts) ||
        !sg_mc_index_make(op, parts.at, parts.n, &found))
        return SG_ENOMEM;
    for (size_t i = 0; i < op->n_sights; i++)
        sg_mc_show_live(&op->sights[i], &s->items[SG_MC_SCENE_HEADS + i]);
    sg_mc_show_marks(&s->marks, &asked);
    sg_mc_show_marks(&s->marks, &found);
    rc = sg_mc_scene_look_lives(s, parts.at, parts.n);
    if (rc == SG_OK && !deal_parts(s, &parts))
        rc = SG_ENOMEM;
    return rc;
}

int sg_mc_ask(struct sg_backend *b, struct sg_op *op)
{
    struct sg_mc_scene s = {.b = b, .op = op};
    int rc = ask(&s);

    sg_mc_bytes_free(&s.bytes);
    return rc;
}

/* ---- verb: list ------------------------------------------------------- */

static bool show_all(struct sg_mc_scene *s, struct sg_sight *sights,
                     size_t *ret_n)
{
    struct sg_mc_group walk = s->group;
    struct sg_mc_entry entry;
    size_t n = 0;

    while (sg_mc_group_next(&walk, &entry)) {
        if (!entry.is_sound) {
            s->op->skipped++;
            continue;
        }
        sights[n].member = sg_op_copy(s->op, entry.name, entry.name_length);
        if (sights[n].member == NULL)
            return false;
        sg_mc_show_entry(&sights[n++], &entry);
    }
    *ret_n = n;
    return true;
}

/* A name that stands twice, as str and as bin: the last counts. Answers in
 * the order of the names. */
static struct sg_sight *
without_doubles(struct sg_op *op, const struct sg_mc_index *all, size_t *ret_n)
{
    struct sg_sight *sights = sg_op_alloc(op, all->n * sizeof *sights);
    size_t n = 0;

    for (size_t i = 0; i < all->n && sights != NULL; i++)
        if (i + 1 == all->n ||
            strcmp(all->at[i]->member, all->at[i + 1]->member) != 0)
            sights[n++] = *all->at[i];
    *ret_n = n;
    return sights;
}

static int list(struct sg_mc_scene *s)
{
    struct sg_op *op = s->op;
    struct sg_sight *all;
    struct sg_mc_index index;
    size_t n = 0;
    int rc;

    op->n_sights = 0;
    op->skipped = 0;
    rc = sg_mc_scene_look(s, 0);
    if (rc != SG_OK)
        return rc;
    all = sg_op_alloc(op, s->group.count * sizeof *all);
    if (all == NULL || !show_all(s, all, &n) ||
        !sg_mc_index_make(op, all, n, &index))
        return SG_ENOMEM;
    op->sights = without_doubles(op, &index, &n);
    if (op->sights == NULL || !sg_mc_index_make(op, op->sights, n, &index))
        return SG_ENOMEM;
    rc = sg_mc_scene_look_lives(s, op->sights, n);
    if (rc != SG_OK)
        return rc;
    sg_mc_show_marks(&s->marks, &index);
    op->n_sights = n;
    return SG_OK;
}

int sg_mc_list(struct sg_backend *b, struct sg_op *op)
{
    struct sg_mc_scene s = {.b = b, .op = op};
    int rc = list(&s);

    sg_mc_bytes_free(&s.bytes);
    return rc;
}
