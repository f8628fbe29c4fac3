/* SPDX-License-Identifier: Apache-2.0
 * memory.h - what one observer remembers between its questions.
 *
 * Three things: the birth of each group it has seen (a store that lost its
 * data shows the group missing, or born anew), when it first saw an entry
 * whose name lives under another token, and its last verdicts with their age.
 * Not locked: the handle's lock guards it. Bounded: when full, the oldest
 * goes, which costs an UNKNOWN that would have been right, never a wrong UP.
 */
#ifndef SG_MEMORY_H
#define SG_MEMORY_H

#include "backend.h"

struct sg_memory;

struct sg_memory *sg_memory_new(void);
void sg_memory_free(struct sg_memory *memory);

/* The store showed `group` (existing or not, with this birth) at `now_ms`.
 * True while the store must be taken to have lost the group's data: for
 * `timeout_ms` from the moment it was missed or found born anew. */
bool sg_memory_group(struct sg_memory *memory, const char *group, bool exists,
                     uint64_t birth, int64_t now_ms, int64_t timeout_ms);

/* The entry of `member` carries `token`, its liveness another one. Returns
 * since when this observer has seen that (now, the first time). */
int64_t sg_memory_replaced(struct sg_memory *memory, const char *group,
                           const char *member, const char *token,
                           int64_t now_ms);

/* The last verdict of a question; `key` holds its every part, after "view ". */
void sg_memory_keep(struct sg_memory *memory, const char *key,
                    const struct sg_verdict *verdict, int64_t now_ms);
bool sg_memory_recall(const struct sg_memory *memory, const char *key,
                      int64_t now_ms, int64_t max_age_ms,
                      struct sg_verdict *ret_verdict);

#endif
