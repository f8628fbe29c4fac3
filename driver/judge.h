/* SPDX-License-Identifier: Apache-2.0
 * judge.h - from what a store shows to UP, DOWN or UNKNOWN. No I/O.
 */
#ifndef SG_JUDGE_H
#define SG_JUDGE_H

#include "memory.h"

/* What holds for every name of one answer. */
struct sg_scene {
    struct sg_memory *memory;
    const char *group;
    int64_t now_ms, timeout_ms;
    bool is_lost; /* the store lost data less than T ago             */
};

/* Set the scene from an answered ASK or LIST. */
struct sg_scene sg_scene_of(struct sg_memory *memory, const struct sg_op *op,
                            int64_t now_ms, int64_t timeout_ms);
struct sg_verdict sg_judge(const struct sg_scene *scene,
                           const struct sg_sight *sight);
/* A verdict from no answer. */
struct sg_verdict sg_judge_silence(enum sg_reason reason);

#endif
