/* SPDX-License-Identifier: Apache-2.0
 * membership.c - the groups of one handle: what is wished, what is known.
 */
#include "core.h"

#include <stdlib.h>
#include <string.h>

struct sg_membership *sg_membership_find(struct sg *sg, const char *group)
{
    for (size_t i = 0; i < sg->n_memberships; i++)
        if (strcmp(sg->memberships[i].group, group) == 0)
            return &sg->memberships[i];
    return NULL;
}

struct sg_membership *sg_membership_add(struct sg *sg, const char *group)
{
    struct sg_membership *more;
    char *copy = strdup(group);

    if (copy == NULL)
        return NULL;
    more = realloc(sg->memberships, (sg->n_memberships + 1) * sizeof *more);
    if (more == NULL) {
        free(copy);
        return NULL;
    }
    sg->memberships = more;
    more[sg->n_memberships] = (struct sg_membership){.group = copy};
    return &more[sg->n_memberships++];
}

void sg_membership_wish(struct sg_membership *m, enum sg_wish wish)
{
    m->wish = wish;
    m->wish_number++;
    m->is_todo = false;
    if (wish == SG_WISH_JOIN)
        m->was_joined = false;
}

void sg_membership_event(struct sg_membership *m, enum sg_event_kind kind,
                         int error)
{
    m->event = kind;
    m->event_error = error;
}

void sg_membership_joined(struct sg *sg, struct sg_membership *m,
                          const struct sg_task *task)
{
    int64_t audit_ms = (int64_t)task->op.groups[0].size * 30;

    m->state = SG_STATE_JOINED;
    m->epoch = task->op.groups[0].epoch;
    m->size = task->op.groups[0].size;
    m->birth = task->op.groups[0].birth;
    m->sent_ms = task->sent_ms;
    m->is_in_store = true;
    m->was_joined = true;
    m->is_todo = false;
    memcpy(m->token, task->op.token, sizeof m->token);
    if (audit_ms < sg->bounds.timeout_ms)
        audit_ms = sg->bounds.timeout_ms;
    m->audit_due_ms = task->sent_ms + audit_ms;
    if (m->sweep_due_ms == 0)
        m->sweep_due_ms = task->sent_ms + sg->bounds.timeout_ms;
    /* It joined under a token that has been given up since: once more. */
    if (memcmp(m->token, sg->token, sizeof m->token) != 0)
        m->is_todo = true;
}

struct sg_task *sg_membership_task(struct sg *sg, enum sg_verb verb,
                                   const struct sg_membership *m)
{
    struct sg_task *task = sg_task_new(verb, 1, 0);
    struct sg_op *op;
    struct sg_op_group *group;
    /* What stands in the store stands under the token of its join. */
    const char *token =
        verb != SG_VERB_JOIN && m->is_in_store ? m->token : sg->token;

    if (task == NULL)
        return NULL;
    op = &task->op;
    group = &op->groups[0];
    op->member = sg_op_copy(op, sg->member, strlen(sg->member));
    op->token = sg_op_copy(op, token, SG_TOKEN_BYTES);
    op->timeout_ms = sg->bounds.timeout_ms;
    op->beat_ms = sg->bounds.beat_ms;
    group->name = sg_op_copy(op, m->group, strlen(m->group));
    group->epoch = m->epoch;
    if (m->metadata != NULL) {
        group->metadata = sg_op_copy(op, m->metadata, m->metadata_bytes);
        group->metadata_bytes = m->metadata_bytes;
    }
    task->wishes = sg_op_alloc(op, sizeof *task->wishes);
    if (op->member == NULL || op->token == NULL || group->name == NULL ||
        (m->metadata != NULL && group->metadata == NULL) ||
        task->wishes == NULL) {
        sg_task_drop(task);
        return NULL;
    }
    task->wishes[0] = m->wish_number;
    group->is_last = true;
    /* A join that is under way counts: it shares the liveness record. */
    for (size_t i = 0; i < sg->n_memberships; i++) {
        const struct sg_membership *other = &sg->memberships[i];
        if (other != m && (other->is_in_store || other->wish == SG_WISH_JOIN))
            group->is_last = false;
    }
    return task;
}

void sg_memberships_free(struct sg *sg)
{
    for (size_t i = 0; i < sg->n_memberships; i++) {
        free(sg->memberships[i].group);
        free(sg->memberships[i].metadata);
    }
    free(sg->memberships);
    sg->memberships = NULL;
    sg->n_memberships = 0;
}
