/* SPDX-License-Identifier: Apache-2.0
 * mc_groups.h - the list of groups: one msgpack array of ids; no I/O but
 * sg_mc_groups_heal().
 */
#ifndef SG_MC_GROUPS_H
#define SG_MC_GROUPS_H

#include "mc.h"

/* False: there, and no array of whole values; leave it alone. */
bool sg_mc_groups_is_sound(const struct sg_mc_item *list);
bool sg_mc_groups_has(const struct sg_mc_item *list, const char *group);
/* The list's value with `n` groups more. False: out of memory. */
bool sg_mc_groups_with(const struct sg_mc_item *list, const char *const *groups,
                       size_t n, struct sg_mc_bytes *ret_value);

/* Put the groups in that are missing from it: one cas, or none. `list` was
 * just read; when the cas is lost it is read again. */
int sg_mc_groups_heal(struct sg_backend *b, struct sg_op *op,
                      const struct sg_mc_item *list, const char *const *groups,
                      size_t n);

#endif
