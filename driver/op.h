/* SPDX-License-Identifier: Apache-2.0
 * op.h - a task: one operation on its way to a back end and back.
 *
 * Two hands hold a task at most: the one that posted it and the worker that
 * runs it. Either may let go first; the last frees it, so an operation given
 * up at its deadline can still be answered into memory that exists.
 */
#ifndef SG_OP_H
#define SG_OP_H

#include "backend.h"

struct sg_block;
struct sg_task {
    struct sg_op op; /* first: all that a back end sees             */
    struct sg_block *blocks;
    int refs; /* atomic                                      */
    int code; /* the answer; read after is_done              */
    bool is_done, is_given_up, is_posted; /* under the handle's lock         */
    int64_t limit_ms; /* of a public call, to say it                 */
    int64_t sent_ms;  /* when its slot was last entered              */
    uint64_t *wishes; /* heart: the wish of each group that it serves */
    struct sg_task *next;
};

/* A task with room for `groups` and `sights`, one reference, all zero. NULL:
 * out of memory. */
struct sg_task *sg_task_new(enum sg_verb verb, size_t groups, size_t sights);
struct sg_task *sg_task_hold(struct sg_task *task);
void sg_task_drop(struct sg_task *task); /* NULL is allowed             */
/* Forget the answers of a first run before the second. */
void sg_task_again(struct sg_task *task);

#endif
