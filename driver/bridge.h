/* SPDX-License-Identifier: Apache-2.0
 * bridge.h - one handle on two stores, for the time of a migration.
 *
 *   bridge://?new=URL&old=URL      each URL with its & written as %26
 *
 * It writes both and reads either. Each store is a handle of its own inside,
 * with its own T, heart, epochs and memory of what was lost, so that nothing
 * that happens to one is felt by the other.
 */
#ifndef SG_BRIDGE_H
#define SG_BRIDGE_H

#include "core.h"

/* What is true of both together: UP while either is, so DOWN no earlier and
 * no later than the later of the two. */
void sg_bridge_bounds(struct sg *sg);

/* UP if any store says UP; DOWN only if all answered DOWN; else UNKNOWN. An
 * operator's word beats everything, in whichever store it stands. `count`
 * verdicts, the new store's first; for a plain handle it is the one. */
struct sg_verdict sg_bridge_verdict(const struct sg_verdict *verdicts,
                                    size_t count);

/* With this answer of a store, something may have been changed in it. */
bool sg_bridge_may_stand(int code);

/* What a call says that asked several stores. SG_ENOMEM only if nothing was
 * changed in any. */
int sg_bridge_code(const int *codes, size_t count);

#endif
