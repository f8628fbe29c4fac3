/* SPDX-License-Identifier: Apache-2.0
 * call.c - one public question, on its way to each store of a handle.
 */
#include "call.h"

#include "bridge.h"
#include "name.h"
#include "why.h"

#include <string.h>

/* ---- to every store and back ------------------------------------------ */

struct run {
    struct sg *sg;
    struct sg_task *const *tasks;
    int *codes;
    sg_enough_fn *is_enough; /* NULL: nothing but all is                  */
    int64_t deadline_ms;
    int64_t grace_ms;   /* for the others, when one says enough            */
    int64_t rest_at_ms; /* when the silent ones are asked                  */
    int64_t end_ms;
    size_t n_passed; /* silent ones that were not asked yet                */
    bool has_enough;
};

static void post(struct run *r, size_t i)
{
    r->tasks[i]->limit_ms = r->deadline_ms - sg_now(r->sg);
    r->codes[i] = sg_post(r->sg->store[i], r->tasks[i]);
    if (r->codes[i] == SG_OK)
        r->codes[i] = SG_PENDING;
}

static bool is_pending(const struct run *r, size_t i)
{
    return r->tasks[i] != NULL && r->codes[i] == SG_PENDING;
}

/* All of them, or all but the silent ones. */
static void post_first(struct run *r)
{
    int64_t now_ms = sg_now(r->sg);

    for (size_t i = 0; i < r->sg->n_stores; i++) {
        bool is_silent = now_ms < r->sg->store[i]->silent_until_ms;
        if (r->tasks[i] == NULL)
            continue;
        r->codes[i] = SG_PENDING;
        if (r->is_enough != NULL && is_silent)
            r->n_passed++;
        else
            post(r, i);
    }
}

static void post_rest(struct run *r)
{
    for (size_t i = 0; i < r->sg->n_stores; i++)
        if (is_pending(r, i) && !r->tasks[i]->is_posted)
            post(r, i);
    r->n_passed = 0;
}

/* How many stand out? */
static size_t take_answers(struct run *r)
{
    size_t n_left = 0;

    for (size_t i = 0; i < r->sg->n_stores; i++) {
        if (!is_pending(r, i) || !r->tasks[i]->is_posted)
            continue;
        if (r->tasks[i]->is_done) {
            r->codes[i] = r->tasks[i]->code;
            r->sg->store[i]->silent_until_ms = 0;
        } else {
            n_left++;
        }
    }
    return n_left;
}

static void give_up(struct run *r, size_t i)
{
    struct sg *store = r->sg->store[i];
    struct sg_task *task = r->tasks[i];
    int64_t now_ms = sg_now(r->sg);

    if (now_ms < r->deadline_ms)
        task->limit_ms -= r->deadline_ms - now_ms;
    store->silent_until_ms = now_ms + store->bounds.deadline_ms;
    sg_give_up(store, task);
}

static void give_up_rest(struct run *r)
{
    for (size_t i = 0; i < r->sg->n_stores; i++) {
        if (!is_pending(r, i))
            continue;
        r->codes[i] = SG_EUNKNOWN;
        if (r->tasks[i]->is_posted)
            give_up(r, i);
        else
            sg_op_fail(&r->tasks[i]->op, SG_EUNKNOWN, SG_TIMED_OUT,
                       "it was silent a moment ago and was not asked again");
    }
}

static void look_for_enough(struct run *r, int64_t now_ms)
{
    if (r->has_enough || r->is_enough == NULL ||
        !r->is_enough(r->sg, r->tasks, r->codes))
        return;
    r->has_enough = true;
    if (r->end_ms > now_ms + r->grace_ms)
        r->end_ms = now_ms + r->grace_ms;
}

static bool is_over(struct run *r)
{
    int64_t now_ms = sg_now(r->sg);
    size_t n_left = take_answers(r);

    look_for_enough(r, now_ms);
    if (r->n_passed > 0 && !r->has_enough &&
        (n_left == 0 || now_ms >= r->rest_at_ms)) {
        post_rest(r);
        n_left = take_answers(r);
    }
    return n_left == 0 || now_ms >= r->end_ms;
}

static int64_t next_look(const struct run *r)
{
    bool asks_rest = r->n_passed > 0 && !r->has_enough;

    return asks_rest && r->rest_at_ms < r->end_ms ? r->rest_at_ms : r->end_ms;
}

void sg_run(struct sg *sg, struct sg_task *const *tasks, int *codes,
            int64_t deadline_ms, sg_enough_fn *is_enough)
{
    int64_t now_ms = sg_now(sg), grace_ms = (deadline_ms - now_ms) / 10 + 1;
    struct run r = {.sg = sg,
                    .tasks = tasks,
                    .codes = codes,
                    .is_enough = is_enough,
                    .deadline_ms = deadline_ms,
                    .grace_ms = grace_ms,
                    .rest_at_ms = now_ms + grace_ms,
                    .end_ms = deadline_ms};

    post_first(&r);
    while (!is_over(&r))
        sg_wait(sg, next_look(&r));
    give_up_rest(&r);
}

/* ---- a question ------------------------------------------------------- */

int sg_call_check(const struct sg *sg, const char *group,
                  const char *const *members, size_t count)
{
    char why[300];
    int rc = sg_check_handle(sg);

    if (rc != SG_OK)
        return rc;
    rc = sg_name_check("group", group, why, sizeof why);
    for (size_t i = 0; i < count && rc == SG_OK; i++)
        rc = sg_name_check("member", members[i], why, sizeof why);
    return rc == SG_OK ? rc : sg_why_set(rc, "%s", why);
}

static struct sg_task *new_task(const struct sg *sg, enum sg_verb verb,
                                const char *group, const char *const *members,
                                size_t count)
{
    struct sg_task *task = sg_task_new(verb, 1, count);
    struct sg_op *op;
    bool is_full;

    if (task == NULL)
        return NULL;
    op = &task->op;
    op->timeout_ms = sg->bounds.timeout_ms;
    op->groups[0].name = sg_op_copy(op, group, strlen(group));
    is_full = op->groups[0].name != NULL;
    for (size_t i = 0; i < count && is_full; i++) {
        op->sights[i].member = sg_op_copy(op, members[i], strlen(members[i]));
        is_full = op->sights[i].member != NULL;
    }
    if (is_full)
        return task;
    sg_task_drop(task);
    return NULL;
}

int sg_call_begin(struct sg_call *call, struct sg *sg, enum sg_verb verb,
                  unsigned promise, const char *group,
                  const char *const *members, size_t count)
{
    size_t asked = 0;

    *call = (struct sg_call){.sg = sg};
    for (size_t i = 0; i < sg->n_stores; i++) {
        const struct sg *store = sg->store[i];
        call->code[i] = SG_ENOTSUP;
        if ((store->kind->promises & promise) != promise)
            continue;
        call->task[i] = new_task(store, verb, group, members, count);
        if (call->task[i] == NULL) {
            sg_call_end(call);
            return sg_why_set(SG_ENOMEM, "out of memory");
        }
        asked++;
    }
    return asked > 0 ? SG_OK
                     : sg_why_set(SG_ENOTSUP, "%s:// keeps no such thing",
                                  sg->kind->scheme);
}

void sg_call_run(struct sg_call *call, int64_t in_ms, sg_enough_fn *is_enough)
{
    struct sg *sg = call->sg;

    if (in_ms <= 0)
        in_ms = sg->bounds.deadline_ms;
    if (in_ms > SG_DEADLINE_MAX)
        in_ms = SG_DEADLINE_MAX;
    sg_lock(sg);
    sg_run(sg, call->task, call->code, sg_now(sg) + in_ms, is_enough);
    sg_unlock(sg);
}

/* Of two that had one answer the first; SG_EUNKNOWN may be one's SG_ENOMEM
 * beside the other's success. */
static int say(const struct sg_call *call, int code)
{
    for (size_t i = 0; i < call->sg->n_stores && code != SG_OK; i++)
        if (call->task[i] != NULL && call->code[i] == code)
            return sg_say(call->task[i], code);
    for (size_t i = 0; i < call->sg->n_stores && code == SG_EUNKNOWN; i++)
        if (call->task[i] != NULL && call->code[i] == SG_ENOMEM)
            return sg_say(call->task[i], code);
    return code;
}

int sg_call_code(const struct sg_call *call)
{
    return say(call, sg_bridge_code(call->code, call->sg->n_stores));
}

int sg_call_whole(const struct sg_call *call)
{
    for (size_t i = 0; i < call->sg->n_stores; i++)
        if (call->code[i] != SG_OK)
            return say(call, call->code[i]);
    return SG_OK;
}

void sg_call_end(struct sg_call *call)
{
    for (size_t i = 0; i < call->sg->n_stores; i++)
        sg_task_drop(call->task[i]);
}
