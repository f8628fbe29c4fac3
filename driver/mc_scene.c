/* SPDX-License-Identifier: Apache-2.0
 * mc_scene.c - the first gets of a question, and what its answer shows.
 */
#include "mc_scene.h"

#include <stdlib.h>
#include <string.h>

enum {
    GROUP = SG_MC_SCENE_GROUP,
    BORN = SG_MC_SCENE_BORN,
    MARKS = SG_MC_SCENE_MARKS,
    HEADS = SG_MC_SCENE_HEADS
};

/* ---- names, found quickly --------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const struct sg_sight *const *x = a, *const *y = b;
    int order = strcmp((*x)->member, (*y)->member);

    if (order != 0)
        return order;
    return *x < *y ? -1 : *x > *y;
}

bool sg_mc_index_make(struct sg_op *op, struct sg_sight *sights, size_t n,
                      struct sg_mc_index *ret)
{
    ret->n = n;
    ret->at = sg_op_alloc(op, n * sizeof(struct sg_sight *));
    if (ret->at == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        ret->at[i] = &sights[i];
    if (n > 1)
        qsort(ret->at, n, sizeof(struct sg_sight *), by_name);
    return true;
}

static int compare(const char *name, size_t length, const char *member)
{
    int order = strncmp(name, member, length);

    return order != 0 ? order : -(member[length] != '\0');
}

struct sg_sight **sg_mc_index_find(const struct sg_mc_index *index,
                                   const char *name, size_t length,
                                   size_t *ret_n)
{
    size_t low = 0, high = index->n;

    *ret_n = 0;
    if (memchr(name, '\0', length) != NULL)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(name, length, index->at[middle]->member) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + *ret_n < index->n &&
           compare(name, length, index->at[low + *ret_n]->member) == 0)
        ++*ret_n;
    return index->at + low;
}

/* ---- what is filled in ------------------------------------------------ */

void sg_mc_show_entry(struct sg_sight *sight, const struct sg_mc_entry *entry)
{
    sight->entry = true;
    sight->epoch = entry->epoch;
    memcpy(sight->token, entry->token, sizeof sight->token);
}

/* Tokens are compared as they stand: a stranger's is "". */
void sg_mc_show_live(struct sg_sight *sight, const struct sg_mc_item *item)
{
    struct sg_mc_live live = sg_mc_live_read(item);

    sight->alive = live.is_alive;
    sight->last_seen_ms = live.is_stamp ? live.stamp.beat_ms : -1;
    sight->same_owner =
        live.is_alive &&
        strcmp(sight->token, live.is_stamp ? live.stamp.token : "") == 0;
}

void sg_mc_show_marks(const struct sg_mc_marks *marks,
                      const struct sg_mc_index *index)
{
    struct sg_mc_marks walk = *marks;
    struct sg_mc_mark mark;

    while (sg_mc_marks_next(&walk, &mark)) {
        size_t n;
        struct sg_sight **at =
            sg_mc_index_find(index, mark.member, mark.member_length, &n);
        for (size_t i = 0; i < n; i++)
            at[i]->marks = mark.marks;
    }
}

uint64_t sg_mc_birth_read(const struct sg_mc_item *item)
{
    char text[24] = "";
    char *end;
    uint64_t birth;

    if (!item->is_there || item->length == 0 || item->length >= sizeof text)
        return 0;
    memcpy(text, item->value, item->length);
    birth = strtoull(text, &end, 10);
    return *end == '\0' ? birth : 0;
}

/* ---- the first gets --------------------------------------------------- */

int sg_mc_scene_look(struct sg_mc_scene *s, size_t n_lives)
{
    struct sg_op *op = s->op;
    const char *group = op->groups[0].name;
    int rc = sg_mc_age(s->b, op, &op->server_age_ms);

    if (rc != SG_OK)
        return rc;
    s->items = sg_op_alloc(op, (HEADS + n_lives) * sizeof *s->items);
    if (s->items == NULL ||
        !sg_mc_item_ask(op, SG_MC_GROUP, group, &s->items[GROUP]) ||
        !sg_mc_item_ask(op, SG_MC_BORN, group, &s->items[BORN]) ||
        !sg_mc_item_ask(op, SG_MC_MARKS, group, &s->items[MARKS]))
        return SG_ENOMEM;
    for (size_t i = 0; i < n_lives; i++)
        if (!sg_mc_item_ask(op, SG_MC_MEMBER, op->sights[i].member,
                            &s->items[HEADS + i]))
            return SG_ENOMEM;
    rc = sg_mc_gets(s->b, op, s->items, HEADS + n_lives, &s->bytes);
    if (rc != SG_OK)
        return rc;
    s->group = sg_mc_group_read(&s->items[GROUP]);
    if (s->group.standing == SG_MC_UNREADABLE)
        return sg_mc_group_unreadable(s->b, op, &s->items[GROUP]);
    if (!sg_mc_marks_read(&s->items[MARKS], &s->marks))
        return sg_mc_marks_unreadable(s->b, op, &s->items[MARKS]);
    op->group_exists = s->group.standing == SG_MC_STANDS;
    op->group_birth = sg_mc_birth_read(&s->items[BORN]);
    return SG_OK;
}

int sg_mc_scene_look_lives(struct sg_mc_scene *s, struct sg_sight *sights,
                           size_t n)
{
    struct sg_mc_item *lives = sg_op_alloc(s->op, n * sizeof *lives);
    struct sg_mc_bytes bytes = {NULL, 0, 0};
    int rc;

    if (n == 0)
        return SG_OK;
    if (lives == NULL)
        return SG_ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (!sg_mc_item_ask(s->op, SG_MC_MEMBER, sights[i].member, &lives[i]))
            return SG_ENOMEM;
    rc = sg_mc_gets(s->b, s->op, lives, n, &bytes);
    for (size_t i = 0; i < n && rc == SG_OK; i++)
        sg_mc_show_live(&sights[i], &lives[i]);
    sg_mc_bytes_free(&bytes);
    return rc;
}
