/* SPDX-License-Identifier: Apache-2.0
 * mc_group.c - the value of a group, read and changed; no I/O.
 */
#include "mc_group.h"

#include <stdlib.h>
#include <string.h>

static bool is_text(const char *text, size_t length, const char *want)
{
    return strlen(want) == length && memcmp(text, want, length) == 0;
}

/* ---- reading ---------------------------------------------------------- */

struct sg_mc_group sg_mc_group_read(const struct sg_mc_item *item)
{
    struct sg_mc_group group = {.standing = SG_MC_UNREADABLE};
    struct sg_pack_head head;
    struct sg_pack p;

    if (!item->is_there)
        return (struct sg_mc_group){.standing = SG_MC_MISSING};
    p = (struct sg_pack){item->value, item->value + item->length};
    if (item->flags != SG_MC_PACKED || !sg_pack_next(&p, &head))
        return group;
    if (head.kind == SG_PACK_NIL && p.at == p.end)
        group.standing = SG_MC_MISSING;
    if (head.kind != SG_PACK_MAP)
        return group;
    group.body = p;
    group.count = (uint32_t)head.number;
    for (uint64_t i = 0; i < 2 * head.number; i++)
        if (!sg_pack_skip(&p))
            return group;
    if (p.at == p.end)
        group.standing = SG_MC_STANDS;
    return group;
}

int sg_mc_group_unreadable(struct sg_backend *b, struct sg_op *op,
                           const struct sg_mc_item *item)
{
    return sg_op_fail(op, SG_EUNKNOWN, SG_GARBAGE,
                      "memcached %.60s:%d: the value of %.90s is damaged, for "
                      "Python members too; delete the key, members come back "
                      "within a beat",
                      b->endpoint->name, b->endpoint->port, item->key);
}

/* The inner map: {capabilities: ..., sg: ...}. A pair whose framing is whole
 * but which is none of these is kept and passed over. */
static bool read_inner(struct sg_pack value, struct sg_mc_entry *entry)
{
    uint32_t count;

    if (!sg_pack_map(&value, &count))
        return false;
    while (count-- > 0) {
        const char *key = "", *owner;
        size_t length = 0, owner_length;
        struct sg_pack start, inner;
        if (!sg_pack_text(&value, &key, &length) && !sg_pack_skip(&value))
            return false;
        start = value;
        if (!sg_pack_skip(&value))
            return false;
        inner = (struct sg_pack){start.at, value.at};
        if (is_text(key, length, "capabilities"))
            entry->metadata = inner;
        else if (is_text(key, length, "sg") &&
                 sg_pack_text(&inner, &owner, &owner_length))
            sg_owner_read(owner, owner_length, &entry->epoch, entry->token);
    }
    return true;
}

bool sg_mc_group_next(struct sg_mc_group *walk, struct sg_mc_entry *ret_entry)
{
    struct sg_mc_entry entry = {.name = "", .pair = {walk->body.at, NULL}};
    struct sg_pack *p = &walk->body;
    bool has_name;

    if (walk->standing != SG_MC_STANDS || walk->count == 0)
        return false;
    has_name = sg_pack_text(p, &entry.name, &entry.name_length);
    if (!has_name)
        sg_pack_skip(p);
    entry.is_sound = read_inner(*p, &entry) && has_name &&
                     sg_name_is_safe(entry.name, entry.name_length);
    sg_pack_skip(p);
    entry.pair.end = p->at;
    walk->count--;
    *ret_entry = entry;
    return true;
}

bool sg_mc_entry_is(const struct sg_mc_entry *entry, const char *name)
{
    return is_text(entry->name, entry->name_length, name);
}

bool sg_mc_group_find(const struct sg_mc_group *group, const char *name,
                      struct sg_mc_entry *ret_entry)
{
    struct sg_mc_group walk = *group;
    struct sg_mc_entry entry;
    bool is_found = false;

    while (sg_mc_group_next(&walk, &entry)) {
        if (!sg_mc_entry_is(&entry, name))
            continue;
        *ret_entry = entry;
        is_found = true;
    }
    return is_found;
}

/* ---- writing ---------------------------------------------------------- */

static size_t own_room(const struct sg_mc_own *own)
{
    return own == NULL
               ? 0
               : strlen(own->name) + own->metadata_bytes + SG_OWNER_MAX + 64;
}

static size_t put_own(uint8_t *to, const struct sg_mc_own *own)
{
    char owner[SG_OWNER_MAX];
    size_t owner_length = sg_owner_write(own->epoch, own->token, owner);
    size_t n = sg_pack_put_bin(to, own->name, (uint32_t)strlen(own->name));

    n += sg_pack_put_map(to + n, 2);
    n += sg_pack_put_bin(to + n, "capabilities", 12);
    if (own->metadata == NULL) {
        n += sg_pack_put_bin(to + n, "", 0); /* tooz's, until 8.x */
    } else {
        memcpy(to + n, own->metadata, own->metadata_bytes);
        n += own->metadata_bytes;
    }
    n += sg_pack_put_bin(to + n, "sg", 2);
    return n + sg_pack_put_bin(to + n, owner, (uint32_t)owner_length);
}

static uint32_t count_kept(struct sg_mc_group walk,
                           sg_mc_dropped_fn *is_dropped, const void *arg)
{
    struct sg_mc_entry entry;
    uint32_t kept = 0;

    for (uint32_t i = 0; sg_mc_group_next(&walk, &entry); i++)
        kept += !is_dropped(arg, i, &entry);
    return kept;
}

static size_t put_pair(uint8_t *to, const struct sg_mc_entry *entry)
{
    size_t length = (size_t)(entry->pair.end - entry->pair.at);

    memcpy(to, entry->pair.at, length);
    return length;
}

bool sg_mc_group_rewrite(const struct sg_mc_group *group,
                         sg_mc_dropped_fn *is_dropped, const void *arg,
                         const struct sg_mc_own *own,
                         struct sg_mc_bytes *ret_value, uint32_t *ret_count)
{
    struct sg_mc_group walk = *group;
    struct sg_mc_entry entry;
    uint32_t count = count_kept(walk, is_dropped, arg) + (own != NULL);
    size_t room = SG_PACK_HEAD_MAX + own_room(own), n;
    uint8_t *to;

    if (group->standing == SG_MC_STANDS)
        room += (size_t)(group->body.end - group->body.at);
    to = malloc(room);
    if (to == NULL)
        return false;
    n = sg_pack_put_map(to, count);
    for (uint32_t i = 0; sg_mc_group_next(&walk, &entry); i++) {
        if (!is_dropped(arg, i, &entry)) {
            n += put_pair(to + n, &entry);
        } else if (own != NULL) {
            n += put_own(to + n, own);
            own = NULL;
        }
    }
    if (own != NULL)
        n += put_own(to + n, own);
    *ret_value = (struct sg_mc_bytes){to, n, room};
    *ret_count = count;
    return true;
}

static bool is_named(const void *arg, uint32_t index,
                     const struct sg_mc_entry *entry)
{
    (void)index;
    return sg_mc_entry_is(entry, arg);
}

bool sg_mc_group_splice(const struct sg_mc_group *group, const char *name,
                        const struct sg_mc_own *own,
                        struct sg_mc_bytes *ret_value, uint32_t *ret_count)
{
    return sg_mc_group_rewrite(group, is_named, name, own, ret_value,
                               ret_count);
}
