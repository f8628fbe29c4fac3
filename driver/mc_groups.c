/* SPDX-License-Identifier: Apache-2.0
 * mc_groups.c - the list of groups, and what is healed in it.
 */
#include "mc_groups.h"

#include "pack.h"

#include <stdlib.h>
#include <string.h>

/* The elements; false for a list that is not there or no array. */
static bool open_list(const struct sg_mc_item *list, struct sg_pack *ret_body,
                      uint32_t *ret_count)
{
    struct sg_pack p;

    if (!list->is_there || list->flags != SG_MC_PACKED)
        return false;
    p = (struct sg_pack){list->value, list->value + list->length};
    if (!sg_pack_array(&p, ret_count))
        return false;
    *ret_body = p;
    return true;
}

bool sg_mc_groups_is_sound(const struct sg_mc_item *list)
{
    struct sg_pack p;
    uint32_t count;

    if (!list->is_there)
        return true;
    if (!open_list(list, &p, &count))
        return false;
    while (count-- > 0)
        if (!sg_pack_skip(&p))
            return false;
    return p.at == p.end;
}

bool sg_mc_groups_has(const struct sg_mc_item *list, const char *group)
{
    struct sg_pack p;
    uint32_t count;

    if (!open_list(list, &p, &count))
        return false;
    while (count-- > 0) {
        const char *name;
        size_t length;
        if (sg_pack_text(&p, &name, &length)) {
            if (length == strlen(group) && memcmp(name, group, length) == 0)
                return true;
        } else if (!sg_pack_skip(&p)) {
            return false;
        }
    }
    return false;
}

bool sg_mc_groups_with(const struct sg_mc_item *list, const char *const *groups,
                       size_t n, struct sg_mc_bytes *ret_value)
{
    struct sg_pack body = {NULL, NULL};
    uint32_t count = 0;
    size_t room = SG_PACK_HEAD_MAX, kept = 0, length;
    uint8_t *to;

    if (open_list(list, &body, &count))
        kept = (size_t)(body.end - body.at);
    room += kept;
    for (size_t i = 0; i < n; i++)
        room += SG_PACK_HEAD_MAX + strlen(groups[i]);
    to = malloc(room);
    if (to == NULL)
        return false;
    length = sg_pack_put_array(to, count + (uint32_t)n);
    if (kept > 0)
        memcpy(to + length, body.at, kept);
    length += kept;
    for (size_t i = 0; i < n; i++)
        length += sg_pack_put_bin(to + length, groups[i],
                                  (uint32_t)strlen(groups[i]));
    *ret_value = (struct sg_mc_bytes){to, length, room};
    return true;
}

/* One try with the list as it was read. */
static int heal_once(struct sg_backend *b, struct sg_op *op,
                     const struct sg_mc_item *list, const char *const *groups,
                     size_t n, bool *ret_is_healed)
{
    const char **missing = sg_op_alloc(op, (n + 1) * sizeof *missing);
    struct sg_mc_bytes value;
    size_t n_missing = 0;
    int rc;

    if (missing == NULL)
        return SG_ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (!sg_mc_groups_has(list, groups[i]))
            missing[n_missing++] = groups[i];
    *ret_is_healed = n_missing == 0 || !sg_mc_groups_is_sound(list);
    if (*ret_is_healed)
        return SG_OK;
    if (!sg_mc_groups_with(list, missing, n_missing, &value))
        return SG_ENOMEM;
    rc = sg_mc_replace(b, op, list, SG_MC_PACKED, 0, value.at, value.length,
                       ret_is_healed);
    sg_mc_bytes_free(&value);
    /* A list of thousands of groups is full; they work without it. */
    if (rc == SG_ETOOBIG) {
        *ret_is_healed = true;
        rc = SG_OK;
    }
    return rc;
}

int sg_mc_groups_heal(struct sg_backend *b, struct sg_op *op,
                      const struct sg_mc_item *list, const char *const *groups,
                      size_t n)
{
    struct sg_mc_patience patience = {0, 0};
    struct sg_mc_item again = *list;
    struct sg_mc_bytes bytes = {NULL, 0, 0};
    bool is_healed = false;
    int rc = heal_once(b, op, list, groups, n, &is_healed);

    while (rc == SG_OK && !is_healed) {
        rc = sg_mc_again(b, op, &patience, list->key);
        if (rc != SG_OK)
            break;
        again = (struct sg_mc_item){.key = list->key,
                                    .key_length = list->key_length};
        sg_mc_bytes_free(&bytes);
        rc = sg_mc_gets(b, op, &again, 1, &bytes);
        if (rc == SG_OK)
            rc = heal_once(b, op, &again, groups, n, &is_healed);
    }
    sg_mc_bytes_free(&bytes);
    return rc;
}

/* ---- verb: the groups ------------------------------------------------- */

static int read_names(struct sg_op *op, const struct sg_mc_item *list)
{
    struct sg_pack p;
    uint32_t count = 0;

    if (!open_list(list, &p, &count))
        return SG_OK;
    op->names = sg_op_alloc(op, count * sizeof *op->names);
    if (op->names == NULL)
        return SG_ENOMEM;
    while (count-- > 0) {
        const char *name;
        size_t length;
        if (!sg_pack_text(&p, &name, &length)) {
            sg_pack_skip(&p);
            op->skipped++;
        } else if (!sg_name_is_safe(name, length)) {
            op->skipped++;
        } else {
            op->names[op->n_names] = sg_op_copy(op, name, length);
            if (op->names[op->n_names] == NULL)
                return SG_ENOMEM;
            op->n_names++;
        }
    }
    return SG_OK;
}

int sg_mc_groups(struct sg_backend *b, struct sg_op *op)
{
    struct sg_mc_item list;
    struct sg_mc_bytes bytes;
    int rc;

    op->n_names = 0;
    if (!sg_mc_item_ask(op, SG_MC_LIST, "", &list))
        return SG_ENOMEM;
    rc = sg_mc_gets(b, op, &list, 1, &bytes);
    if (rc == SG_OK && !sg_mc_groups_is_sound(&list))
        rc = sg_op_fail(op, SG_EUNKNOWN, SG_GARBAGE,
                        "memcached %.60s:%d: the value of %s is damaged; "
                        "delete the key, it is healed within a beat",
                        b->endpoint->name, b->endpoint->port, list.key);
    if (rc == SG_OK)
        rc = read_names(op, &list);
    sg_mc_bytes_free(&bytes);
    return rc;
}
