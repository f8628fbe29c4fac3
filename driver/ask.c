/* SPDX-License-Identifier: Apache-2.0
 * ask.c - is it up? The verdicts of an observer.
 */
#include "bridge.h"
#include "call.h"
#include "judge.h"
#include "why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES (2 * SG_NAME_MAX + 16)

static void view_key(char key[KEY_BYTES], const char *group, const char *member,
                     bool any_part)
{
    snprintf(key, KEY_BYTES, "view %d %s %s", any_part, group, member);
}

/* Judge name `i` of one store's answer, and keep what was found. Lock held. */
static struct sg_verdict judge(struct sg *store, const struct sg_task *task,
                               size_t i)
{
    const struct sg_op *op = &task->op;
    const struct sg_sight *sight = &op->sights[i];
    int64_t now_ms = sg_now(store);
    struct sg_scene scene =
        sg_scene_of(store->memory, op, now_ms, store->bounds.timeout_ms);
    struct sg_verdict verdict = sg_judge(&scene, sight);
    char key[KEY_BYTES];

    view_key(key, op->groups[0].name, sight->member, sight->with_parts);
    sg_memory_keep(store->memory, key, &verdict, now_ms);
    return verdict;
}

static struct sg_verdict silence(const struct sg_task *task, int code)
{
    return sg_judge_silence(code == SG_ENOMEM ? SG_NO_MEMORY
                                              : sg_task_reason(task));
}

static void judge_all(struct sg_call *call, size_t count,
                      struct sg_verdict *ret_verdicts)
{
    struct sg *sg = call->sg;

    sg_lock(sg);
    for (size_t i = 0; i < count; i++) {
        struct sg_verdict found[SG_STORES_MAX];
        for (size_t s = 0; s < sg->n_stores; s++)
            found[s] = call->code[s] == SG_OK
                           ? judge(sg->store[s], call->task[s], i)
                           : silence(call->task[s], call->code[s]);
        ret_verdicts[i] = sg_bridge_verdict(found, sg->n_stores);
    }
    sg_unlock(sg);
    sg_call_whole(call); /* says why, where the answer is UNKNOWN */
}

/* ---- enough? ---------------------------------------------------------- */

static bool shows_up(const struct sg_sight *sight)
{
    return sight->entry && sight->alive && sight->same_owner &&
           !sight->marks.forced_down;
}

/* What sg_judge() calls UP of this sight alone, or FORCED. */
static bool is_last_word(const struct sg_sight *sight, bool may_be_forced)
{
    bool is_up = shows_up(sight);

    for (size_t i = 0; i < sight->n_parts && !is_up; i++)
        is_up = shows_up(&sight->parts[i]);
    return sight->marks.forced_down || (is_up && !may_be_forced);
}

/* UP of one store stays UP whatever the other one says, unless that keeps
 * marks: an operator's word may stand there. FORCED stays in any case. */
static bool is_settled(const struct sg *sg, struct sg_task *const *tasks,
                       const int *codes)
{
    bool may_be_forced = false;

    for (size_t s = 0; s < sg->n_stores; s++)
        may_be_forced =
            may_be_forced || (codes[s] == SG_PENDING &&
                              sg->store[s]->kind->promises & SG_HAS_MARKS);
    for (size_t i = 0; i < tasks[0]->op.n_sights; i++) {
        bool is_last = false;
        for (size_t s = 0; s < sg->n_stores; s++)
            is_last = is_last ||
                      (codes[s] == SG_OK &&
                       is_last_word(&tasks[s]->op.sights[i], may_be_forced));
        if (!is_last)
            return false;
    }
    return true;
}

static int ask_stores(struct sg *sg, const char *group,
                      const char *const *members, size_t count, bool any_part,
                      int64_t deadline_ms, struct sg_verdict *ret_verdicts)
{
    struct sg_call call;
    int rc = sg_call_begin(&call, sg, SG_VERB_ASK, 0, group, members, count);

    if (rc != SG_OK)
        return rc;
    for (size_t s = 0; s < sg->n_stores; s++)
        for (size_t i = 0; i < count; i++)
            call.task[s]->op.sights[i].with_parts = any_part;
    sg_call_run(&call, deadline_ms, is_settled);
    judge_all(&call, count, ret_verdicts);
    sg_call_end(&call);
    return SG_OK;
}

/* From what every store said not longer ago than that. */
static bool ask_view(struct sg *sg, const struct sg_question *q,
                     struct sg_verdict *ret_verdict)
{
    struct sg_verdict found[SG_STORES_MAX];
    bool is_found = q->max_age_ms > 0;
    char key[KEY_BYTES];

    if (!is_found)
        return false;
    view_key(key, q->group, q->member, q->any_part);
    sg_lock(sg);
    for (size_t s = 0; s < sg->n_stores && is_found; s++)
        is_found = sg_memory_recall(sg->store[s]->memory, key, sg_now(sg),
                                    q->max_age_ms, &found[s]);
    sg_unlock(sg);
    if (is_found)
        *ret_verdict = sg_bridge_verdict(found, sg->n_stores);
    return is_found;
}

int sg_ask(struct sg *sg, const struct sg_question *question,
           struct sg_verdict *ret_verdict)
{
    int rc;

    if (question == NULL || ret_verdict == NULL)
        return sg_why_set(SG_EINVAL, "the question or its answer is NULL");
    rc = sg_call_check(sg, question->group, &question->member, 1);
    if (rc != SG_OK)
        return rc;
    if (question->forced_down) {
        *ret_verdict = (struct sg_verdict){
            .status = SG_DOWN, .reason = SG_FORCED, .last_seen_ms = -1};
        return SG_OK;
    }
    if (ask_view(sg, question, ret_verdict))
        return SG_OK;
    return ask_stores(sg, question->group, &question->member, 1,
                      question->any_part, question->deadline_ms, ret_verdict);
}

int sg_verdict(struct sg *sg, const char *group, const char *member,
               struct sg_verdict *ret_verdict)
{
    struct sg_question question = {.group = group, .member = member};

    return sg_ask(sg, &question, ret_verdict);
}

int sg_verdicts(struct sg *sg, const char *group, const char *const *members,
                size_t count, struct sg_verdict *ret_verdicts)
{
    int rc;

    if (count > 0 && (members == NULL || ret_verdicts == NULL))
        return sg_why_set(SG_EINVAL, "members or verdicts are NULL");
    rc = sg_call_check(sg, group, members, count);
    if (rc != SG_OK || count == 0)
        return rc;
    return ask_stores(sg, group, members, count, false, 0, ret_verdicts);
}

int sg_is_up(struct sg *sg, const char *group, const char *member, bool *ret_up)
{
    struct sg_verdict verdict;
    int rc = sg_verdict(sg, group, member, &verdict);

    if (rc != SG_OK)
        return rc;
    if (verdict.status == SG_UNKNOWN)
        return verdict.reason == SG_LOST_DATA || verdict.reason == SG_REPLACED
                   ? sg_why_set(SG_EUNKNOWN, "the store says %s",
                                sg_reason_name(verdict.reason))
                   : SG_EUNKNOWN;
    *ret_up = verdict.status == SG_UP;
    return SG_OK;
}
