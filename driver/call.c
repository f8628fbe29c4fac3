/* SPDX-License-Identifier: Apache-2.0
 * call.c - one public question, on its way to each store of a handle.
 */
#include "call.h"

#include "bridge.h"
#include "name.h"
#include "why.h"

#include <string.h>

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

void sg_call_run(struct sg_call *call, int64_t in_ms)
{
    struct sg *sg = call->sg;

    if (in_ms <= 0)
        in_ms = sg->bounds.deadline_ms;
    if (in_ms > SG_DEADLINE_MAX)
        in_ms = SG_DEADLINE_MAX;
    sg_lock(sg);
    sg_run(sg, call->task, call->code, sg_now(sg) + in_ms);
    sg_unlock(sg);
}

static int say(const struct sg_call *call, int code)
{
    for (size_t i = 0; i < call->sg->n_stores && code != SG_OK; i++)
        if (call->task[i] != NULL && call->code[i] == code)
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
