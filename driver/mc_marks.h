/* SPDX-License-Identifier: Apache-2.0
 * mc_marks.h - an operator's marks of one group: one msgpack map, member
 * (bin) to the map of sg_marks_write(). No I/O.
 */
#ifndef SG_MC_MARKS_H
#define SG_MC_MARKS_H

#include "mc.h"
#include "pack.h"

struct sg_mc_marks {
    uint32_t count;
    struct sg_pack body;
};
struct sg_mc_mark {
    const char *member; /* not terminated                              */
    size_t member_length;
    struct sg_pack pair; /* key and value as they stand                 */
    struct sg_marks marks;
};
/* False: no map of whole values. A key that is not there has no marks. */
bool sg_mc_marks_read(const struct sg_mc_item *item, struct sg_mc_marks *ret);
/* The next of a walk that begins with a copy. */
bool sg_mc_marks_next(struct sg_mc_marks *walk, struct sg_mc_mark *ret_mark);
/* The value with these marks of `member`, or without any when they are all
 * unset. False: out of memory. */
bool sg_mc_marks_with(const struct sg_mc_marks *all, const char *member,
                      const struct sg_marks *marks,
                      struct sg_mc_bytes *ret_value);
int sg_mc_marks_unreadable(struct sg_backend *b, struct sg_op *op,
                           const struct sg_mc_item *item);

#endif
