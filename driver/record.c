/* SPDX-License-Identifier: Apache-2.0
 * record.c - what else is kept of a member: its metadata, and an operator's
 * marks.
 */
#include "call.h"
#include "why.h"

#include <stdlib.h>
#include <string.h>

static int copy_out(const struct sg_op_group *found, void **ret_metadata,
                    size_t *ret_bytes)
{
    void *copy = malloc(found->metadata_bytes + 1);

    if (copy == NULL)
        return sg_why_set(SG_ENOMEM, "out of memory");
    if (found->metadata_bytes > 0)
        memcpy(copy, found->metadata, found->metadata_bytes);
    *ret_metadata = copy;
    *ret_bytes = found->metadata_bytes;
    return SG_OK;
}

static bool has_metadata(const struct sg *sg, struct sg_task *const *tasks,
                         const int *codes)
{
    size_t s = 0;

    (void)tasks;
    while (s < sg->n_stores && codes[s] != SG_OK && codes[s] != SG_PENDING)
        s++;
    return s < sg->n_stores && codes[s] == SG_OK;
}

/* The first store that has it, the new one before the old one. */
int sg_get_metadata(struct sg *sg, const char *group, const char *member,
                    void **ret_metadata, size_t *ret_bytes)
{
    struct sg_call call;
    int rc = sg_call_check(sg, group, &member, 1);

    if (rc == SG_OK)
        rc = sg_call_begin(&call, sg, SG_VERB_GET_METADATA, 0, group, &member,
                           1);
    if (rc != SG_OK)
        return rc;
    sg_call_run(&call, 0, has_metadata);
    for (size_t s = 0; s < sg->n_stores; s++) {
        if (call.code[s] != SG_OK)
            continue;
        rc = copy_out(&call.task[s]->op.groups[0], ret_metadata, ret_bytes);
        sg_call_end(&call);
        return rc;
    }
    rc = sg_call_code(&call);
    sg_call_end(&call);
    return rc;
}

/* ---- an operator's word ----------------------------------------------- */

int sg_set_marks(struct sg *sg, const char *group, const char *member,
                 const struct sg_marks *marks)
{
    struct sg_call call;
    int rc = sg_call_check(sg, group, &member, 1);

    if (rc != SG_OK)
        return rc;
    if (marks == NULL)
        return sg_why_set(SG_EINVAL, "marks are NULL");
    rc = sg_call_begin(&call, sg, SG_VERB_SET_MARKS, SG_HAS_MARKS, group,
                       &member, 1);
    if (rc != SG_OK)
        return rc;
    for (size_t s = 0; s < sg->n_stores; s++) {
        struct sg_marks *to;
        if (call.task[s] == NULL)
            continue;
        to = &call.task[s]->op.marks;
        *to = *marks;
        to->disabled_reason[SG_REASON_MAX] = '\0';
    }
    sg_call_run(&call, 0, NULL);
    rc = sg_call_code(&call);
    sg_call_end(&call);
    return rc;
}

static void add_marks(struct sg_marks *all, const struct sg_marks *more)
{
    all->forced_down = all->forced_down || more->forced_down;
    if (!all->disabled)
        memcpy(all->disabled_reason, more->disabled_reason,
               sizeof all->disabled_reason);
    all->disabled = all->disabled || more->disabled;
}

int sg_get_marks(struct sg *sg, const char *group, const char *member,
                 struct sg_marks *ret_marks)
{
    struct sg_marks all = {0};
    struct sg_call call;
    int rc = sg_call_check(sg, group, &member, 1);

    if (rc == SG_OK)
        rc = sg_call_begin(&call, sg, SG_VERB_ASK, SG_HAS_MARKS, group, &member,
                           1);
    if (rc != SG_OK)
        return rc;
    sg_call_run(&call, 0, NULL);
    rc = sg_call_code(&call);
    for (size_t s = 0; s < sg->n_stores; s++)
        if (call.code[s] == SG_OK)
            add_marks(&all, &call.task[s]->op.sights[0].marks);
    if (rc == SG_OK)
        *ret_marks = all;
    sg_call_end(&call);
    return rc;
}
