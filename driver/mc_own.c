/* SPDX-License-Identifier: Apache-2.0
 * mc_own.c - what a member does with its own entry, and only with it: leave,
 * and metadata.
 */
#include "mc_group.h"

#include <string.h>

enum { GROUP, LIVE, ITEMS };

struct own {
    struct sg_mc_item items[ITEMS];
    struct sg_mc_bytes bytes;
    struct sg_mc_group group;
    struct sg_mc_entry entry;
};

static int look(struct sg_backend *b, struct sg_op *op, const char *member,
                size_t n_items, struct own *o)
{
    struct sg_op_group *asked = &op->groups[0];
    int rc;

    sg_mc_bytes_free(&o->bytes);
    if (!sg_mc_item_ask(op, SG_MC_GROUP, asked->name, &o->items[GROUP]) ||
        !sg_mc_item_ask(op, SG_MC_MEMBER, member, &o->items[LIVE]))
        return SG_ENOMEM;
    rc = sg_mc_gets(b, op, o->items, n_items, &o->bytes);
    if (rc != SG_OK)
        return rc;
    o->group = sg_mc_group_read(&o->items[GROUP]);
    if (o->group.standing == SG_MC_UNREADABLE)
        return sg_mc_group_unreadable(b, op, &o->items[GROUP]);
    if (!sg_mc_group_find(&o->group, member, &o->entry))
        return sg_op_fail(op, SG_ENOTJOINED, SG_NO_REASON,
                          "\"%.100s\" is not in group \"%.100s\"", member,
                          asked->name);
    return SG_OK;
}

/* The same, and the entry must be under our token. */
static int look_own(struct sg_backend *b, struct sg_op *op, size_t n_items,
                    struct own *o)
{
    int rc = look(b, op, op->member, n_items, o);

    op->groups[0].found = SG_FOUND_NOTHING;
    if (rc != SG_OK)
        return rc;
    op->groups[0].found = SG_FOUND_MINE;
    if (strcmp(o->entry.token, op->token) == 0)
        return SG_OK;
    op->groups[0].found = SG_FOUND_ANOTHERS;
    return sg_op_fail(op, SG_EREPLACED, SG_NO_REASON,
                      "\"%.100s\" in group \"%.100s\" is a newer incarnation's",
                      op->member, op->groups[0].name);
}

/* One cas of the group: without our entry, or with `own` in its place. */
static int write_group(struct sg_backend *b, struct sg_op *op,
                       const struct own *o, const struct sg_mc_own *own,
                       bool *ret_stored)
{
    struct sg_mc_bytes value;
    uint32_t count;
    int rc;

    if (!sg_mc_group_splice(&o->group, op->member, own, &value, &count))
        return SG_ENOMEM;
    rc = sg_mc_replace(b, op, &o->items[GROUP], SG_MC_PACKED, 0, value.at,
                       value.length, ret_stored);
    sg_mc_bytes_free(&value);
    return rc;
}

/* ---- leave ------------------------------------------------------------ */

static int leave(struct sg_backend *b, struct sg_op *op, struct own *o)
{
    struct sg_mc_patience patience = {0, 0};
    bool is_done = false;
    int rc;

    for (;;) {
        rc = look_own(b, op, ITEMS, o);
        if (rc == SG_OK)
            rc = write_group(b, op, o, NULL, &is_done);
        if (rc != SG_OK || is_done)
            return rc;
        rc = sg_mc_again(b, op, &patience, o->items[GROUP].key);
        if (rc != SG_OK)
            return rc;
    }
}

/* No other group needs the liveness; it goes if it is still ours. */
static int end_life(struct sg_backend *b, struct sg_op *op, const struct own *o)
{
    struct sg_mc_live live = sg_mc_live_read(&o->items[LIVE]);
    bool is_removed;

    if (!op->groups[0].is_last || !sg_mc_live_is(&live, op->token))
        return SG_OK;
    return sg_mc_live_remove(b, op, &o->items[LIVE], &is_removed);
}

int sg_mc_leave(struct sg_backend *b, struct sg_op *op)
{
    struct own o = {.bytes = {NULL, 0, 0}};
    char why[sizeof op->why];
    int rc = leave(b, op, &o), end;

    if (rc == SG_OK || rc == SG_ENOTJOINED || rc == SG_EREPLACED) {
        memcpy(why, op->why, sizeof why);
        end = end_life(b, op, &o);
        if (end != SG_OK)
            rc = end;
        else
            memcpy(op->why, why, sizeof why);
    }
    sg_mc_bytes_free(&o.bytes);
    return rc;
}

/* ---- metadata --------------------------------------------------------- */

static int set_metadata(struct sg_backend *b, struct sg_op *op, struct own *o)
{
    struct sg_mc_patience patience = {0, 0};
    struct sg_mc_own own = {
        .name = op->member,
        .token = op->token,
        .metadata = op->groups[0].metadata,
        .metadata_bytes = op->groups[0].metadata_bytes,
    };
    bool is_done = false;
    int rc;

    for (;;) {
        rc = look_own(b, op, 1, o);
        own.epoch = o->entry.epoch;
        if (rc == SG_OK)
            rc = write_group(b, op, o, &own, &is_done);
        if (rc != SG_OK || is_done)
            return rc;
        rc = sg_mc_again(b, op, &patience, o->items[GROUP].key);
        if (rc != SG_OK)
            return rc;
    }
}

int sg_mc_set_metadata(struct sg_backend *b, struct sg_op *op)
{
    struct own o = {.bytes = {NULL, 0, 0}};
    int rc = set_metadata(b, op, &o);

    sg_mc_bytes_free(&o.bytes);
    return rc;
}

int sg_mc_get_metadata(struct sg_backend *b, struct sg_op *op)
{
    struct own o = {.bytes = {NULL, 0, 0}};
    struct sg_op_group *group = &op->groups[0];
    const char *member = op->n_sights > 0 ? op->sights[0].member : op->member;
    int rc = look(b, op, member, 1, &o);

    if (rc == SG_OK && o.entry.metadata.at == NULL)
        rc = sg_op_fail(op, SG_EUNKNOWN, SG_GARBAGE,
                        "the entry of \"%.100s\" in group \"%.100s\" has no "
                        "capabilities; let the member join again",
                        member, group->name);
    if (rc == SG_OK) {
        group->metadata_bytes =
            (size_t)(o.entry.metadata.end - o.entry.metadata.at);
        group->metadata =
            sg_op_copy(op, o.entry.metadata.at, group->metadata_bytes);
        if (group->metadata == NULL)
            rc = SG_ENOMEM;
    }
    sg_mc_bytes_free(&o.bytes);
    return rc;
}
