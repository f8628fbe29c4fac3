/* SPDX-License-Identifier: Apache-2.0
 * mc_marks.c - an operator's marks of one group.
 */
#include "mc_marks.h"

#include <stdlib.h>
#include <string.h>

bool sg_mc_marks_read(const struct sg_mc_item *item, struct sg_mc_marks *ret)
{
    struct sg_mc_marks all = {0, {NULL, NULL}};
    struct sg_pack p;

    *ret = all;
    if (!item->is_there)
        return true;
    p = (struct sg_pack){item->value, item->value + item->length};
    if (item->flags != SG_MC_PACKED || !sg_pack_map(&p, &all.count))
        return false;
    all.body = p;
    for (uint64_t i = 0; i < 2 * (uint64_t)all.count; i++)
        if (!sg_pack_skip(&p))
            return false;
    if (p.at != p.end)
        return false;
    *ret = all;
    return true;
}

bool sg_mc_marks_next(struct sg_mc_marks *walk, struct sg_mc_mark *ret_mark)
{
    struct sg_mc_mark mark = {.member = "", .pair = {walk->body.at, NULL}};
    const uint8_t *value;

    if (walk->count == 0)
        return false;
    if (!sg_pack_text(&walk->body, &mark.member, &mark.member_length))
        sg_pack_skip(&walk->body);
    value = walk->body.at;
    sg_pack_skip(&walk->body);
    sg_marks_read(value, (size_t)(walk->body.at - value), &mark.marks);
    mark.pair.end = walk->body.at;
    walk->count--;
    *ret_mark = mark;
    return true;
}

int sg_mc_marks_unreadable(struct sg_backend *b, struct sg_op *op,
                           const struct sg_mc_item *item)
{
    return sg_op_fail(op, SG_EUNKNOWN, SG_GARBAGE,
                      "memcached %.60s:%d: the operator's marks in %.90s are "
                      "damaged; delete the key and set them anew",
                      b->endpoint->name, b->endpoint->port, item->key);
}

static bool is_of(const struct sg_mc_mark *mark, const char *member)
{
    return mark->member_length == strlen(member) &&
           memcmp(mark->member, member, mark->member_length) == 0;
}

static bool is_set(const struct sg_marks *marks)
{
    return marks->disabled || marks->forced_down ||
           marks->disabled_reason[0] != '\0';
}

bool sg_mc_marks_with(const struct sg_mc_marks *all, const char *member,
                      const struct sg_marks *marks,
                      struct sg_mc_bytes *ret_value)
{
    struct sg_mc_marks walk = *all;
    struct sg_mc_mark mark;
    uint32_t count = is_set(marks);
    size_t room = 2 * SG_PACK_HEAD_MAX + strlen(member) + SG_MARKS_MAX, n;
    uint8_t *to;

    while (sg_mc_marks_next(&walk, &mark)) {
        count += !is_of(&mark, member);
        room += (size_t)(mark.pair.end - mark.pair.at);
    }
    to = malloc(room);
    if (to == NULL)
        return false;
    n = sg_pack_put_map(to, count);
    for (walk = *all; sg_mc_marks_next(&walk, &mark);) {
        size_t length = (size_t)(mark.pair.end - mark.pair.at);
        if (is_of(&mark, member))
            continue;
        memcpy(to + n, mark.pair.at, length);
        n += length;
    }
    if (is_set(marks)) {
        n += sg_pack_put_bin(to + n, member, (uint32_t)strlen(member));
        n += sg_marks_write(marks, to + n);
    }
    *ret_value = (struct sg_mc_bytes){to, n, room};
    return true;
}

/* ---- verb: set the marks of one name ---------------------------------- */

static int set_once(struct sg_backend *b, struct sg_op *op,
                    struct sg_mc_item *item, bool *ret_stored)
{
    struct sg_mc_bytes bytes = {NULL, 0, 0}, value = {NULL, 0, 0};
    struct sg_mc_marks all;
    int rc = sg_mc_gets(b, op, item, 1, &bytes);

    if (rc == SG_OK && !sg_mc_marks_read(item, &all))
        rc = sg_mc_marks_unreadable(b, op, item);
    if (rc == SG_OK &&
        !sg_mc_marks_with(&all, op->sights[0].member, &op->marks, &value))
        rc = SG_ENOMEM;
    if (rc == SG_OK)
        rc = sg_mc_replace(b, op, item, SG_MC_PACKED, 0, value.at, value.length,
                           ret_stored);
    sg_mc_bytes_free(&value);
    sg_mc_bytes_free(&bytes);
    return rc;
}

int sg_mc_set_marks(struct sg_backend *b, struct sg_op *op)
{
    struct sg_mc_patience patience = {0, 0};
    bool is_stored = false;

    for (;;) {
        struct sg_mc_item item;
        int rc;
        if (!sg_mc_item_ask(op, SG_MC_MARKS, op->groups[0].name, &item))
            return SG_ENOMEM;
        rc = set_once(b, op, &item, &is_stored);
        if (rc != SG_OK || is_stored)
            return rc;
        rc = sg_mc_again(b, op, &patience, item.key);
        if (rc != SG_OK)
            return rc;
    }
}
