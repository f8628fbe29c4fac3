/* SPDX-License-Identifier: Apache-2.0
 * ask.c - the calls of an observer: verdicts, lists, metadata, marks.
 */
#include "core.h"
#include "judge.h"
#include "name.h"
#include "why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_names(const struct sg *sg, const char *group,
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

static int64_t deadline_of(const struct sg *sg, int64_t asked_ms)
{
    int64_t in_ms = asked_ms > 0 ? asked_ms : sg->bounds.deadline_ms;

    return sg_now(sg) + (in_ms < SG_DEADLINE_MAX ? in_ms : SG_DEADLINE_MAX);
}

/* A task about `members` of one group. NULL: out of memory, said. */
static struct sg_task *new_task(const struct sg *sg, enum sg_verb verb,
                                const char *group, const char *const *members,
                                size_t count, bool any_part)
{
    struct sg_task *task = sg_task_new(verb, 1, count);
    bool is_full = task != NULL;

    if (is_full) {
        struct sg_op *op = &task->op;
        op->timeout_ms = sg->bounds.timeout_ms;
        op->groups[0].name = sg_op_copy(op, group, strlen(group));
        is_full = op->groups[0].name != NULL;
        for (size_t i = 0; i < count && is_full; i++) {
            op->sights[i].member =
                sg_op_copy(op, members[i], strlen(members[i]));
            op->sights[i].with_parts = any_part;
            is_full = op->sights[i].member != NULL;
        }
    }
    if (is_full)
        return task;
    sg_task_drop(task);
    sg_why_set(SG_ENOMEM, "out of memory");
    return NULL;
}

/* ---- verdicts --------------------------------------------------------- */

static struct sg_scene scene_of(struct sg *sg, const struct sg_task *task)
{
    return sg_scene_of(sg->memory, &task->op, sg_now(sg),
                       sg->bounds.timeout_ms);
}

#define KEY_BYTES (2 * SG_NAME_MAX + 16)

static void view_key(char key[KEY_BYTES], const char *group, const char *member,
                     bool any_part)
{
    snprintf(key, KEY_BYTES, "view %d %s %s", any_part, group, member);
}

/* Judge all sights of an answered task; an unanswered one gives UNKNOWN. */
static void judge_all(struct sg *sg, const struct sg_task *task, int code,
                      struct sg_verdict *ret_verdicts)
{
    struct sg_scene scene;

    if (code != SG_OK) {
        sg_say(task, code);
        for (size_t i = 0; i < task->op.n_sights; i++)
            ret_verdicts[i] = sg_judge_silence(
                code == SG_ENOMEM ? SG_NO_MEMORY : sg_task_reason(task));
        return;
    }
    sg_lock(sg);
    scene = scene_of(sg, task);
    for (size_t i = 0; i < task->op.n_sights; i++) {
        const struct sg_sight *sight = &task->op.sights[i];
        char key[KEY_BYTES];
        ret_verdicts[i] = sg_judge(&scene, sight);
        view_key(key, task->op.groups[0].name, sight->member,
                 sight->with_parts);
        sg_memory_keep(sg->memory, key, &ret_verdicts[i], scene.now_ms);
    }
    sg_unlock(sg);
}

static int ask_store(struct sg *sg, const char *group,
                     const char *const *members, size_t count, bool any_part,
                     int64_t deadline_ms, struct sg_verdict *ret_verdicts)
{
    struct sg_task *task =
        new_task(sg, SG_VERB_ASK, group, members, count, any_part);
    int code;

    if (task == NULL)
        return SG_ENOMEM;
    code = sg_run(sg, task, deadline_of(sg, deadline_ms));
    judge_all(sg, task, code, ret_verdicts);
    sg_task_drop(task);
    return SG_OK;
}

static bool ask_view(struct sg *sg, const struct sg_question *q,
                     struct sg_verdict *ret_verdict)
{
    char key[KEY_BYTES];
    bool is_found;

    if (q->max_age_ms <= 0)
        return false;
    view_key(key, q->group, q->member, q->any_part);
    sg_lock(sg);
    is_found = sg_memory_recall(sg->memory, key, sg_now(sg), q->max_age_ms,
                                ret_verdict);
    sg_unlock(sg);
    return is_found;
}

int sg_ask(struct sg *sg, const struct sg_question *question,
           struct sg_verdict *ret_verdict)
{
    int rc;

    if (question == NULL || ret_verdict == NULL)
        return sg_why_set(SG_EINVAL, "the question or its answer is NULL");
    rc = check_names(sg, question->group, &question->member, 1);
    if (rc != SG_OK)
        return rc;
    if (question->forced_down) {
        *ret_verdict = (struct sg_verdict){
            .status = SG_DOWN, .reason = SG_FORCED, .last_seen_ms = -1};
        return SG_OK;
    }
    if (ask_view(sg, question, ret_verdict))
        return SG_OK;
    return ask_store(sg, question->group, &question->member, 1,
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
    rc = check_names(sg, group, members, count);
    if (rc != SG_OK || count == 0)
        return rc;
    return ask_store(sg, group, members, count, false, 0, ret_verdicts);
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

/* ---- lists ------------------------------------------------------------ */

void sg_names_free(struct sg_names *names)
{
    if (names == NULL)
        return;
    for (size_t i = 0; i < names->count; i++)
        free(names->name[i]);
    free(names->name);
    free(names);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct sg_names *names_new(size_t room, size_t skipped)
{
    struct sg_names *names = calloc(1, sizeof *names);

    if (names == NULL)
        return NULL;
    names->skipped = skipped;
    names->name = calloc(room + 1, sizeof *names->name);
    if (names->name != NULL)
        return names;
    free(names);
    return NULL;
}

static bool names_add(struct sg_names *names, const char *name)
{
    names->name[names->count] = strdup(name);
    if (names->name[names->count] == NULL)
        return false;
    names->count++;
    return true;
}

static int names_done(struct sg_names *names, bool is_whole,
                      struct sg_names **ret_names)
{
    if (!is_whole) {
        sg_names_free(names);
        return sg_why_set(SG_ENOMEM, "out of memory");
    }
    qsort(names->name, names->count, sizeof *names->name, by_name);
    *ret_names = names;
    return SG_OK;
}

/* The members that a single question would call UP. While the store must be
 * taken to have lost data, a list would be a list of DOWNs by silence. */
static int list_up(struct sg *sg, const struct sg_task *task,
                   struct sg_names **ret_names)
{
    const struct sg_op *op = &task->op;
    struct sg_names *names = names_new(op->n_sights, op->skipped);
    bool is_whole = names != NULL;
    struct sg_scene scene;

    sg_lock(sg);
    scene = scene_of(sg, task);
    for (size_t i = 0; i < op->n_sights && is_whole; i++)
        if (sg_judge(&scene, &op->sights[i]).status == SG_UP)
            is_whole = names_add(names, op->sights[i].member);
    sg_unlock(sg);
    if (is_whole && scene.is_lost) {
        sg_names_free(names);
        return sg_why_set(SG_EUNKNOWN,
                          "the store lost its data less than %lld "
                          "ms ago; ask again, or ask for one",
                          (long long)sg->bounds.timeout_ms);
    }
    return names_done(names, is_whole, ret_names);
}

int sg_list(struct sg *sg, const char *group, struct sg_names **ret_names)
{
    struct sg_task *task;
    int rc = check_names(sg, group, NULL, 0);

    if (rc != SG_OK)
        return rc;
    task = new_task(sg, SG_VERB_LIST, group, NULL, 0, false);
    if (task == NULL)
        return SG_ENOMEM;
    rc = sg_run(sg, task, deadline_of(sg, 0));
    rc = rc == SG_OK ? list_up(sg, task, ret_names) : sg_say(task, rc);
    sg_task_drop(task);
    return rc;
}

int sg_groups(struct sg *sg, struct sg_names **ret_names)
{
    struct sg_task *task;
    int rc = sg_check_handle(sg);

    if (rc != SG_OK)
        return rc;
    task = new_task(sg, SG_VERB_GROUPS, "-", NULL, 0, false);
    if (task == NULL)
        return SG_ENOMEM;
    rc = sg_run(sg, task, deadline_of(sg, 0));
    if (rc == SG_OK) {
        struct sg_names *names = names_new(task->op.n_names, task->op.skipped);
        bool is_whole = names != NULL;
        for (size_t i = 0; i < task->op.n_names && is_whole; i++)
            is_whole = names_add(names, task->op.names[i]);
        rc = names_done(names, is_whole, ret_names);
    } else {
        sg_say(task, rc);
    }
    sg_task_drop(task);
    return rc;
}

/* ---- metadata and marks ----------------------------------------------- */

int sg_get_metadata(struct sg *sg, const char *group, const char *member,
                    void **ret_metadata, size_t *ret_bytes)
{
    struct sg_task *task;
    int rc = check_names(sg, group, &member, 1);

    if (rc != SG_OK)
        return rc;
    task = new_task(sg, SG_VERB_GET_METADATA, group, &member, 1, false);
    if (task == NULL)
        return SG_ENOMEM;
    rc = sg_run(sg, task, deadline_of(sg, 0));
    if (rc == SG_OK) {
        const struct sg_op_group *found = &task->op.groups[0];
        void *copy = malloc(found->metadata_bytes + 1);
        if (copy == NULL) {
            rc = sg_why_set(SG_ENOMEM, "out of memory");
        } else {
            if (found->metadata_bytes > 0)
                memcpy(copy, found->metadata, found->metadata_bytes);
            *ret_metadata = copy;
            *ret_bytes = found->metadata_bytes;
        }
    } else {
        sg_say(task, rc);
    }
    sg_task_drop(task);
    return rc;
}

int sg_set_marks(struct sg *sg, const char *group, const char *member,
                 const struct sg_marks *marks)
{
    struct sg_task *task;
    int rc = check_names(sg, group, &member, 1);

    if (rc != SG_OK)
        return rc;
    if (marks == NULL)
        return sg_why_set(SG_EINVAL, "marks are NULL");
    if (!(sg->kind->promises & SG_HAS_MARKS))
        return sg_why_set(SG_ENOTSUP, "%s:// keeps no marks", sg->kind->scheme);
    task = new_task(sg, SG_VERB_SET_MARKS, group, &member, 1, false);
    if (task == NULL)
        return SG_ENOMEM;
    task->op.marks = *marks;
    task->op.marks.disabled_reason[SG_REASON_MAX] = '\0';
    rc = sg_run(sg, task, deadline_of(sg, 0));
    if (rc != SG_OK)
        sg_say(task, rc);
    sg_task_drop(task);
    return rc;
}

int sg_get_marks(struct sg *sg, const char *group, const char *member,
                 struct sg_marks *ret_marks)
{
    struct sg_task *task;
    int rc = check_names(sg, group, &member, 1);

    if (rc != SG_OK)
        return rc;
    task = new_task(sg, SG_VERB_ASK, group, &member, 1, false);
    if (task == NULL)
        return SG_ENOMEM;
    rc = sg_run(sg, task, deadline_of(sg, 0));
    if (rc == SG_OK)
        *ret_marks = task->op.sights[0].marks;
    else
        sg_say(task, rc);
    sg_task_drop(task);
    return rc;
}
