/* SPDX-License-Identifier: Apache-2.0
 * mc_live.c - the names of the keys, and the liveness value.
 */
#include "mc.h"
#include "pack.h"

#include <stdio.h>
#include <string.h>

/* An expiry above 30 days is a Unix time, and this one is in 1970: a cas with
 * it is memcached's compare-and-delete (measured with 1.6.18). */
#define IN_1970 2592001
#define EXPTIME_MAX 2592000

/* The server's clock is the whole seconds of CLOCK_MONOTONIC, looked at once
 * a second (memcached.c: clock_handler), so a key lives up to one second less
 * than asked. Each look comes about 1 ms later than the one before: every
 * quarter of an hour one falls just before a whole second and the next just
 * after the next but one, and what is written between them lives up to two
 * seconds less (measured with 1.6.18). */
#define CLOCK_LAG_S 2

size_t sg_mc_key_write(enum sg_mc_space space, const char *name,
                       size_t name_length, char to[SG_MC_KEY_MAX])
{
    static const char *const prefixes[] = {
        [SG_MC_GROUP] = "_TOOZ_GROUP_",   [SG_MC_LIST] = "_TOOZ_GROUP_LIST",
        [SG_MC_MEMBER] = "_TOOZ_MEMBER_", [SG_MC_EPOCH] = "_SG_EPOCH",
        [SG_MC_BORN] = "_SG_BORN_",       [SG_MC_MARKS] = "_SG_MARKS_",
        [SG_MC_CLEAN] = "_SG_CLEAN_"};
    int n = snprintf(to, SG_MC_KEY_MAX, "%s%.*s", prefixes[space],
                     (int)name_length, name);

    return (size_t)n < SG_MC_KEY_MAX ? (size_t)n : SG_MC_KEY_MAX - 1;
}

bool sg_mc_item_ask(struct sg_op *op, enum sg_mc_space space, const char *name,
                    struct sg_mc_item *ret_item)
{
    char key[SG_MC_KEY_MAX];
    size_t n = sg_mc_key_write(space, name, strlen(name), key);

    *ret_item =
        (struct sg_mc_item){.key = sg_op_copy(op, key, n), .key_length = n};
    return ret_item->key != NULL;
}

int64_t sg_mc_exptime_s(int64_t timeout_ms)
{
    int64_t exptime_s = (timeout_ms + 999) / 1000 + CLOCK_LAG_S;

    return exptime_s < EXPTIME_MAX ? exptime_s : EXPTIME_MAX;
}

struct sg_mc_live sg_mc_live_read(const struct sg_mc_item *item)
{
    struct sg_mc_live live = {.is_alive = item->is_there && item->length > 0};

    if (live.is_alive && item->flags == SG_MC_PACKED)
        live.is_alive = sg_pack_is_true(item->value, item->length);
    live.is_stamp = live.is_alive && item->flags != SG_MC_PACKED &&
                    sg_stamp_read(item->value, item->length, &live.stamp);
    return live;
}

bool sg_mc_live_is(const struct sg_mc_live *live, const char *token)
{
    return live->is_stamp && strcmp(live->stamp.token, token) == 0;
}

int sg_mc_live_write(struct sg_backend *b, struct sg_op *op, uint64_t epoch,
                     const struct sg_mc_item *seen, bool *ret_stored)
{
    struct sg_stamp stamp = {
        .epoch = epoch,
        .timeout_ms = op->timeout_ms,
        .beat_ms = b->env->wall_us(b->env->arg) / 1000,
    };
    char text[SG_STAMP_MAX];
    size_t n;

    memcpy(stamp.token, op->token, SG_TOKEN_BYTES);
    if (stamp.beat_ms < 0)
        stamp.beat_ms = 0;
    n = sg_stamp_write(&stamp, text);
    return sg_mc_replace(b, op, seen, SG_MC_RAW,
                         sg_mc_exptime_s(op->timeout_ms), text, n, ret_stored);
}

int sg_mc_live_remove(struct sg_backend *b, struct sg_op *op,
                      const struct sg_mc_item *seen, bool *ret_removed)
{
    return sg_mc_replace(b, op, seen, SG_MC_RAW, IN_1970, seen->value,
                         seen->length, ret_removed);
}
