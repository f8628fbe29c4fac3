/* SPDX-License-Identifier: Apache-2.0
 * call.h - one public question, on its way to each store of a handle.
 */
#ifndef SG_CALL_H
#define SG_CALL_H

#include "core.h"

struct sg_call {
    struct sg *sg;
    struct sg_task *task[SG_STORES_MAX]; /* NULL: that store is not asked  */
    int code[SG_STORES_MAX];             /* its answer; SG_ENOTSUP then    */
};

/* Can no answer that is still to come change what is said? codes[i] is
 * SG_PENDING for those. Lock held; no side effects. */
typedef bool sg_enough_fn(const struct sg *sg, struct sg_task *const *tasks,
                          const int *codes);

/* Post tasks[i] to store i (NULL: nothing for that one) and wait until all are
 * answered or `deadline_ms` is over, when the rest is given up. Lock held, and
 * again after. codes[i] is the answer's, untouched where nothing was asked.
 *
 * As soon as there is enough (NULL: never before all), the rest has a tenth of
 * the time more: a store in good health answers by then, and what it says is
 * remembered as always. Who is given up is silent: for the time of a deadline
 * it is asked only when the other one was not enough, or has not answered in a
 * tenth of the time either. */
void sg_run(struct sg *sg, struct sg_task *const *tasks, int *codes,
            int64_t deadline_ms, sg_enough_fn *is_enough);

/* The names must be such as sg_name_check() lets through; SG_OK, or an error
 * that is said. */
int sg_call_check(const struct sg *sg, const char *group,
                  const char *const *members, size_t count);
/* A question about `members` of one group for every store that promises
 * `promise` (0: all). SG_OK, SG_ENOTSUP or SG_ENOMEM, said. End it. */
int sg_call_begin(struct sg_call *call, struct sg *sg, enum sg_verb verb,
                  unsigned promise, const char *group,
                  const char *const *members, size_t count);
/* Ask, and wait at most so long (0: as long as the handle's calls may). */
void sg_call_run(struct sg_call *call, int64_t in_ms, sg_enough_fn *is_enough);
/* The answer of all together, said if it is none: sg_bridge_code(). */
int sg_call_code(const struct sg_call *call);
/* The same, where an answer is whole only with every store's. */
int sg_call_whole(const struct sg_call *call);
void sg_call_end(struct sg_call *call);

#endif
