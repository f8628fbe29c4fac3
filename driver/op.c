/* SPDX-License-Identifier: Apache-2.0
 * op.c - tasks, and the memory that lives as long as one.
 */
#include "op.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sg_block {
    struct sg_block *next;
    max_align_t bytes[];
};

void *sg_op_alloc(struct sg_op *op, size_t bytes)
{
    struct sg_task *task = (struct sg_task *)op;
    struct sg_block *block;

    if (bytes > SIZE_MAX / 2)
        return NULL;
    block = calloc(1, sizeof *block + bytes);
    if (block == NULL)
        return NULL;
    block->next = task->blocks;
    task->blocks = block;
    return block->bytes;
}

char *sg_op_copy(struct sg_op *op, const void *bytes, size_t length)
{
    char *copy = sg_op_alloc(op, length + 1);

    if (copy != NULL && length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

int sg_op_fail(struct sg_op *op, int code, enum sg_reason reason,
               const char *format, ...)
{
    va_list list;

    op->reason = reason;
    va_start(list, format);
    vsnprintf(op->why, sizeof op->why, format, list);
    va_end(list);
    return code;
}

struct sg_task *sg_task_new(enum sg_verb verb, size_t groups, size_t sights)
{
    struct sg_task *task;

    if (groups > SIZE_MAX / 2 / sizeof *task->op.groups ||
        sights > SIZE_MAX / 2 / sizeof *task->op.sights)
        return NULL;
    task = calloc(1, sizeof *task);
    if (task == NULL)
        return NULL;
    task->refs = 1;
    task->op.verb = verb;
    task->op.server_age_ms = -1;
    task->op.n_groups = groups;
    task->op.n_sights = sights;
    task->op.groups = sg_op_alloc(&task->op, groups * sizeof *task->op.groups);
    task->op.sights = sg_op_alloc(&task->op, sights * sizeof *task->op.sights);
    if (task->op.groups == NULL || task->op.sights == NULL) {
        sg_task_drop(task);
        return NULL;
    }
    return task;
}

struct sg_task *sg_task_hold(struct sg_task *task)
{
    __atomic_add_fetch(&task->refs, 1, __ATOMIC_RELAXED);
    return task;
}

void sg_task_drop(struct sg_task *task)
{
    if (task == NULL ||
        __atomic_sub_fetch(&task->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    while (task->blocks != NULL) {
        struct sg_block *next = task->blocks->next;
        free(task->blocks);
        task->blocks = next;
    }
    free(task);
}

void sg_task_again(struct sg_task *task)
{
    task->op.reason = SG_NO_REASON;
    task->op.why[0] = '\0';
    task->op.liveness = SG_FOUND_NOTHING;
    task->op.group_exists = false;
    task->op.group_birth = 0;
    task->op.server_age_ms = -1;
    task->op.skipped = 0;
    task->op.n_names = 0;
    if (task->op.verb == SG_VERB_LIST)
        task->op.n_sights = 0; /* they were the answer */
    for (size_t i = 0; i < task->op.n_groups; i++)
        task->op.groups[i].found = SG_FOUND_NOTHING;
    for (size_t i = 0; i < task->op.n_sights; i++) {
        struct sg_sight *sight = &task->op.sights[i];
        *sight = (struct sg_sight){.member = sight->member,
                                   .with_parts = sight->with_parts};
    }
}
