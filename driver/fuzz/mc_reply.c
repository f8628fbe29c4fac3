/* SPDX-License-Identifier: Apache-2.0
 * mc_reply.c - fuzz: what a memcached server says, in one piece and byte by
 * byte: the readers end with the same word, and look at nothing that has not
 * come.
 */
#include "mc_reply.h"

#include "fuzz.h"

#define ITEMS 4

static const char *const keys[ITEMS] = {"_TOOZ_GROUP_g", "_SG_BORN_g",
                                        "_TOOZ_MEMBER_m", "_TOOZ_MEMBER_m"};

/* One reading of an answer. */
struct reading {
    struct sg_mc_values values;
    struct sg_mc_item items[ITEMS];
    struct sg_mc_said said;
    struct sg_mc_line line;
    int64_t uptime_s;
};

typedef enum sg_mc_step step_fn(struct reading *r, const uint8_t *bytes,
                                size_t length);

static enum sg_mc_step values_step(struct reading *r, const uint8_t *bytes,
                                   size_t length)
{
    return sg_mc_values_step(&r->values, bytes, length, &r->said);
}

static enum sg_mc_step line_step(struct reading *r, const uint8_t *bytes,
                                 size_t length)
{
    return sg_mc_line_step(bytes, length, &r->line, &r->said);
}

static enum sg_mc_step stats_step(struct reading *r, const uint8_t *bytes,
                                  size_t length)
{
    return sg_mc_stats_step(bytes, length, &r->uptime_s, &r->said);
}

static void begin(struct reading *r)
{
    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < ITEMS; i++) {
        r->items[i].key = keys[i];
        r->items[i].key_length = strlen(keys[i]);
    }
    r->values.items = r->items;
    r->values.n_items = ITEMS;
    r->uptime_s = -1;
}

static void claim_inside(const struct reading *r, enum sg_mc_step step,
                         const uint8_t *bytes, size_t length)
{
    const uint8_t *said = (const uint8_t *)r->said.text;

    if (step == SG_MC_REFUSED)
        fuzz_claim(said >= bytes && said + r->said.length <= bytes + length);
    if (step != SG_MC_DONE)
        return;
    for (size_t i = 0; i < ITEMS; i++)
        if (r->items[i].is_there)
            fuzz_claim(r->items[i].offset <= length &&
                       r->items[i].length <= length - r->items[i].offset);
}

/* As much at a time as `piece`: what came so far stands in a block of its
 * own, of exactly its length. */
static enum sg_mc_step read_pieces(struct reading *r, step_fn *read,
                                   struct fuzz_bytes all, size_t piece,
                                   size_t *ret_length)
{
    enum sg_mc_step step = SG_MC_MORE;
    size_t length = 0;

    begin(r);
    while (step == SG_MC_MORE && length < all.length) {
        uint8_t *copy;
        length = all.length - length < piece ? all.length : length + piece;
        copy = fuzz_copy((struct fuzz_bytes){all.at, length});
        step = read(r, copy, length);
        claim_inside(r, step, copy, length);
        free(copy);
    }
    *ret_length = length;
    return step;
}

/* Bytes behind the end are garbage when they come with it, and unseen when
 * they come later. */
static void compare(step_fn *read, struct fuzz_bytes all, size_t piece)
{
    struct reading whole, part;
    size_t length, whole_length;
    enum sg_mc_step slow = read_pieces(&part, read, all, piece, &length);
    enum sg_mc_step fast =
        read_pieces(&whole, read, (struct fuzz_bytes){all.at, length},
                    SIZE_MAX / 2, &whole_length);

    fuzz_claim(slow == fast);
    if (slow != SG_MC_DONE)
        return;
    for (size_t i = 0; i < ITEMS; i++)
        fuzz_claim(part.items[i].is_there == whole.items[i].is_there &&
                   part.items[i].offset == whole.items[i].offset &&
                   part.items[i].length == whole.items[i].length &&
                   part.items[i].cas == whole.items[i].cas);
    fuzz_claim(part.line.word == whole.line.word &&
               part.line.number == whole.line.number &&
               part.uptime_s == whole.uptime_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static step_fn *const readers[] = {values_step, line_step, stats_step};
    struct fuzz_bytes all = {bytes, length};

    if (length > 4096)
        return 0;
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        compare(readers[i], all, 1);
        compare(readers[i], all, 7);
        compare(readers[i], all, SIZE_MAX / 2);
    }
    return 0;
}
