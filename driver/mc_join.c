/* SPDX-License-Identifier: Apache-2.0
 * mc_join.c - join a group: look, take an epoch, live, and stand in it.
 *
 * The liveness is written before the entry, so nobody sees an entry of ours
 * without it; and whoever looks between the two sees two tokens, never a
 * wrong UP. The entry is always written anew by cas: a clean-up that looked
 * before loses.
 */
#include "mc_group.h"
#include "mc_groups.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { GROUP, LIVE, LIST, BORN, ITEMS };

struct join {
    struct sg_backend *b;
    struct sg_op *op;
    struct sg_op_group *asked;
    struct sg_mc_patience patience;
    /* of the last look */
    struct sg_mc_item items[ITEMS];
    struct sg_mc_bytes bytes;
    struct sg_mc_group group;
    struct sg_mc_entry entry;
    bool has_entry;
    struct sg_mc_live live;
    /* under this join */
    uint64_t epoch;
    bool has_lived; /* the liveness is written                     */
    bool had_live;  /* what stood there before, to put it back     */
    const void *old_value;
    size_t old_length;
    uint32_t old_flags;
};

static int look(struct join *j)
{
    struct sg_op *op = j->op;
    int rc;

    sg_mc_bytes_free(&j->bytes);
    if (!sg_mc_item_ask(op, SG_MC_GROUP, j->asked->name, &j->items[GROUP]) ||
        !sg_mc_item_ask(op, SG_MC_MEMBER, op->member, &j->items[LIVE]) ||
        !sg_mc_item_ask(op, SG_MC_LIST, "", &j->items[LIST]) ||
        !sg_mc_item_ask(op, SG_MC_BORN, j->asked->name, &j->items[BORN]))
        return SG_ENOMEM;
    rc = sg_mc_gets(j->b, op, j->items, ITEMS, &j->bytes);
    if (rc != SG_OK)
        return rc;
    j->group = sg_mc_group_read(&j->items[GROUP]);
    if (j->group.standing == SG_MC_UNREADABLE)
        return sg_mc_group_unreadable(j->b, op, &j->items[GROUP]);
    j->has_entry = sg_mc_group_find(&j->group, op->member, &j->entry);
    j->live = sg_mc_live_read(&j->items[LIVE]);
    j->asked->birth = sg_mc_birth_read(&j->items[BORN]);
    return SG_OK;
}

static bool is_mine(const struct join *j)
{
    return sg_mc_live_is(&j->live, j->op->token);
}

/* ---- the epoch -------------------------------------------------------- */

/* Missing: begin with the wall clock in microseconds, so that a store that
 * lost its data goes on above what it had. */
static int seed_epoch(struct join *j, const char *key, bool *ret_stored)
{
    int64_t wall_us = j->b->env->wall_us(j->b->env->arg);
    char text[24];
    struct sg_mc_write write = {.command = "add",
                                .key = key,
                                .key_length = strlen(key),
                                .flags = SG_MC_RAW,
                                .value = text};

    j->epoch = wall_us > 0 ? (uint64_t)wall_us : 1;
    write.length = (size_t)snprintf(text, sizeof text, "%" PRIu64, j->epoch);
    return sg_mc_write(j->b, j->op, &write, ret_stored);
}

static int take_epoch_once(struct join *j, uint64_t by)
{
    char key[SG_MC_KEY_MAX];
    bool is_there = false;
    int rc;

    sg_mc_key_write(SG_MC_EPOCH, "", 0, key);
    rc = sg_mc_incr(j->b, j->op, key, by, &is_there, &j->epoch);
    if (rc != SG_OK || is_there)
        return rc;
    rc = seed_epoch(j, key, &is_there);
    if (rc != SG_OK || is_there)
        return rc;
    rc = sg_mc_incr(j->b, j->op, key, by, &is_there, &j->epoch);
    if (rc == SG_OK && !is_there)
        rc = sg_op_fail(j->op, SG_EUNKNOWN, SG_SERVER_ERROR,
                        "memcached %.60s:%d keeps losing the key %s",
                        j->b->endpoint->name, j->b->endpoint->port, key);
    return rc;
}

/* Greater than that of the entry that it replaces, even if the epoch key was
 * evicted and the wall clock that seeded it anew went back. An entry near the
 * end of the range is no honest one. */
static int take_epoch(struct join *j)
{
    int rc = take_epoch_once(j, 1);

    if (rc == SG_OK && j->has_entry && j->entry.epoch >= j->epoch &&
        j->entry.epoch < UINT64_MAX / 4)
        rc = take_epoch_once(j, j->entry.epoch - j->epoch + 1);
    /* incr goes round from 2^64 - 1 to 0, which is a stranger's. */
    if (rc == SG_OK && j->epoch == 0)
        rc = sg_op_fail(j->op, SG_EUNKNOWN, SG_GARBAGE,
                        "memcached %.60s:%d: the counter of epochs is 0; ask "
                        "again",
                        j->b->endpoint->name, j->b->endpoint->port);
    return rc;
}

/* ---- liveness --------------------------------------------------------- */

/* What is about to be overwritten is put back if the join is refused. */
static int keep_old(struct join *j)
{
    const struct sg_mc_item *item = &j->items[LIVE];

    j->had_live = j->live.is_alive;
    if (!j->had_live)
        return SG_OK;
    j->old_value = sg_op_copy(j->op, item->value, item->length);
    j->old_length = item->length;
    j->old_flags = item->flags;
    return j->old_value == NULL ? SG_ENOMEM : SG_OK;
}

/* The entry was refused, so the liveness must not stay: 1.5. What we replaced
 * gets its own T again if it said one, else ours. */
static void undo_live(struct join *j, int refused)
{
    char why[sizeof j->op->why];
    struct sg_mc_item *item = &j->items[LIVE];
    int64_t timeout_ms = j->op->timeout_ms;
    struct sg_stamp old;
    bool is_done;

    memcpy(why, j->op->why, sizeof why);
    if (look(j) == SG_OK && is_mine(j)) {
        if (j->had_live && sg_stamp_read(j->old_value, j->old_length, &old) &&
            old.timeout_ms > 0 && old.timeout_ms < timeout_ms)
            timeout_ms = old.timeout_ms;
        if (j->had_live)
            sg_mc_replace(j->b, j->op, item, j->old_flags,
                          sg_mc_exptime_s(timeout_ms), j->old_value,
                          j->old_length, &is_done);
        else
            sg_mc_live_remove(j->b, j->op, item, &is_done);
    }
    sg_op_fail(j->op, refused, SG_NO_REASON, "%s", why);
}

/* ---- the entry -------------------------------------------------------- */

static int write_entry(struct join *j, bool *ret_stored)
{
    const struct sg_mc_own own = {
        .name = j->op->member,
        .token = j->op->token,
        .epoch = j->epoch,
        .metadata = j->asked->metadata,
        .metadata_bytes = j->asked->metadata_bytes,
    };
    struct sg_mc_bytes value;
    uint32_t count;
    int rc;

    if (!sg_mc_group_splice(&j->group, own.name, &own, &value, &count))
        return SG_ENOMEM;
    rc = sg_mc_replace(j->b, j->op, &j->items[GROUP], SG_MC_PACKED, 0, value.at,
                       value.length, ret_stored);
    sg_mc_bytes_free(&value);
    j->asked->epoch = j->epoch;
    j->asked->size = count;
    return rc;
}

/* Any number that no earlier birth of this group had. */
static int write_birth(struct join *j)
{
    char key[SG_MC_KEY_MAX], text[24];
    uint64_t birth = 0;
    struct sg_mc_write write = {
        .command = "set", .key = key, .flags = SG_MC_RAW, .value = text};
    bool is_stored;

    j->b->env->random(j->b->env->arg, &birth, sizeof birth);
    birth |= 1;
    j->asked->birth = birth;
    write.key_length = sg_mc_key_write(SG_MC_BORN, j->asked->name,
                                       strlen(j->asked->name), key);
    write.length = (size_t)snprintf(text, sizeof text, "%" PRIu64, birth);
    return sg_mc_write(j->b, j->op, &write, &is_stored);
}

/* ---- the verb --------------------------------------------------------- */

/* A second run of one wish, or a join of what is joined: the epoch stays, and
 * only metadata that is given is written. */
static bool is_joined(const struct join *j)
{
    return !j->has_lived && j->has_entry && is_mine(j) &&
           strcmp(j->entry.token, j->op->token) == 0;
}

/* One attempt on what was seen; *ret_done false: another was faster. */
static int attempt(struct join *j, bool *ret_done)
{
    int rc = SG_OK;

    *ret_done = false;
    if (is_joined(j)) {
        j->epoch = j->asked->epoch = j->entry.epoch;
        j->asked->size = j->group.count;
        *ret_done = j->asked->metadata == NULL;
        return *ret_done ? SG_OK : write_entry(j, ret_done);
    }
    if (!j->has_entry && j->live.is_alive && !is_mine(j))
        return sg_op_fail(j->op, SG_EINUSE, SG_NO_REASON,
                          "the name \"%.100s\" lives in another group, in "
                          "another process; use one name per group and host",
                          j->op->member);
    if (!j->has_lived || !is_mine(j)) {
        rc = take_epoch(j);
        if (rc == SG_OK)
            rc = keep_old(j);
        if (rc == SG_OK)
            rc = sg_mc_live_write(j->b, j->op, j->epoch, &j->items[LIVE],
                                  &j->has_lived);
        if (rc != SG_OK || !j->has_lived)
            return rc;
    }
    return write_entry(j, ret_done);
}

static int join(struct join *j)
{
    bool is_done = false, is_new;
    int rc = look(j);

    for (;;) {
        if (rc != SG_OK)
            return rc;
        is_new = j->group.standing == SG_MC_MISSING;
        rc = attempt(j, &is_done);
        if (rc == SG_OK && is_done)
            break;
        if (rc == SG_OK)
            rc = sg_mc_again(j->b, j->op, &j->patience, j->items[GROUP].key);
        if (rc == SG_OK)
            rc = look(j);
    }
    if (is_new)
        rc = write_birth(j);
    if (rc == SG_OK)
        rc =
            sg_mc_groups_heal(j->b, j->op, &j->items[LIST], &j->asked->name, 1);
    return rc;
}

int sg_mc_join(struct sg_backend *b, struct sg_op *op)
{
    struct join j = {.b = b, .op = op, .asked = &op->groups[0]};
    int rc = join(&j);

    if (rc == SG_ETOOBIG && j.has_lived)
        undo_live(&j, rc);
    /* "Nothing was changed" is no longer true: the wish stands. */
    if (rc == SG_ENOMEM && j.has_lived)
        rc = sg_op_fail(op, SG_EUNKNOWN, SG_NO_MEMORY,
                        "out of memory halfway through a join");
    sg_mc_bytes_free(&j.bytes);
    return rc;
}
