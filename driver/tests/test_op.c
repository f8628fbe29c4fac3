/* SPDX-License-Identifier: Apache-2.0
 * test_op.c - tasks, and the memory that lives as long as one.
 */
#include "op.h"
#include "unit.h"

#include <pthread.h>
#include <string.h>

UNIT(op, a_new_task_is_empty_and_has_room)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 2, 3);

    unit_int(task->op.verb, SG_VERB_ASK);
    unit_int((int64_t)task->op.n_groups, 2);
    unit_int((int64_t)task->op.n_sights, 3);
    unit_int(task->op.server_age_ms, -1);
    unit_true(task->op.groups[1].name == NULL);
    unit_true(task->op.sights[2].member == NULL);
    unit_true(!task->is_done && !task->is_given_up && !task->is_posted);
    sg_task_drop(task);
}

UNIT(op, room_for_nothing_is_room)
{
    struct sg_task *task = sg_task_new(SG_VERB_GROUPS, 0, 0);

    unit_true(task != NULL);
    sg_task_drop(task);
    sg_task_drop(NULL);
}

UNIT(op, its_memory_is_zero_and_lives_as_long_as_the_task)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 1, 0);
    char *blocks[100], *text;

    for (size_t i = 0; i < 100; i++) {
        blocks[i] = sg_op_alloc(&task->op, i + 1);
        for (size_t n = 0; n <= i; n++)
            unit_int(blocks[i][n], 0);
        memset(blocks[i], (int)i, i + 1);
    }
    for (size_t i = 0; i < 100; i++)
        unit_int(blocks[i][i], (int)i);
    text = sg_op_copy(&task->op, "abcdef", 3);
    unit_text(text, "abc");
    unit_text(sg_op_copy(&task->op, NULL, 0), "");
    unit_true((uintptr_t)sg_op_alloc(&task->op, 1) % _Alignof(max_align_t) ==
              0);
    sg_task_drop(task);
}

UNIT(op, an_impossible_size_is_no_memory)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 1, 0);

    unit_true(sg_op_alloc(&task->op, SIZE_MAX) == NULL);
    unit_true(sg_op_alloc(&task->op, SIZE_MAX / 2 + 1) == NULL);
    sg_task_drop(task);
    unit_true(sg_task_new(SG_VERB_ASK, SIZE_MAX / 4, 0) == NULL);
    unit_true(sg_task_new(SG_VERB_ASK, 0, SIZE_MAX / 4) == NULL);
    /* A product that would come out small. */
    unit_true(sg_task_new(SG_VERB_ASK, 0,
                          SIZE_MAX / sizeof(struct sg_sight) + 2) == NULL);
}

UNIT(op, the_last_of_two_hands_frees)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 1, 0);

    unit_true(sg_task_hold(task) == task);
    sg_task_drop(task);
    unit_text(sg_op_copy(&task->op, "still here", 10), "still here");
    sg_task_drop(task);
}

static void *drop_many(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        sg_task_hold(arg);
        sg_task_drop(arg);
    }
    sg_task_drop(arg);
    return NULL;
}

UNIT(op, two_threads_may_let_go)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 1, 1);
    pthread_t thread;

    sg_task_hold(task);
    unit_int(pthread_create(&thread, NULL, drop_many, task), 0);
    drop_many(task);
    pthread_join(thread, NULL);
}

UNIT(op, a_failure_keeps_its_sentence)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 1, 0);
    char text[400];

    unit_int(sg_op_fail(&task->op, SG_EUNKNOWN, SG_CUT, "%s at %d", "cut", 7),
             SG_EUNKNOWN);
    unit_int(task->op.reason, SG_CUT);
    unit_text(task->op.why, "cut at 7");
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    sg_op_fail(&task->op, SG_EREFUSED, SG_SERVER_ERROR, "%s", text);
    unit_int((int64_t)strlen(task->op.why), sizeof task->op.why - 1);
    sg_task_drop(task);
}

UNIT(op, a_second_run_begins_without_the_answers_of_the_first)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 1, 2);
    struct sg_op *op = &task->op;

    op->groups[0].name = "g";
    op->groups[0].epoch = 3;
    op->sights[0].member = "x";
    op->sights[1].member = "y";
    op->sights[1].with_parts = true;
    /* A first run that answered half of it, and was cut. */
    op->liveness = op->groups[0].found = SG_FOUND_ANOTHERS;
    op->group_exists = true;
    op->group_birth = 7;
    op->server_age_ms = 1;
    op->skipped = 4;
    op->sights[1].entry = op->sights[1].alive = true;
    op->sights[1].marks.forced_down = true;
    op->sights[1].n_parts = 1;
    sg_op_fail(op, SG_EUNKNOWN, SG_CUT, "cut");
    sg_task_again(task);
    unit_int(op->reason, SG_NO_REASON);
    unit_text(op->why, "");
    unit_int(op->liveness, SG_FOUND_NOTHING);
    unit_int(op->groups[0].found, SG_FOUND_NOTHING);
    unit_true(!op->group_exists);
    unit_int((int64_t)op->group_birth, 0);
    unit_int(op->server_age_ms, -1);
    unit_int((int64_t)op->skipped, 0);
    unit_true(!op->sights[1].entry && !op->sights[1].alive);
    unit_true(!op->sights[1].marks.forced_down);
    unit_int((int64_t)op->sights[1].n_parts, 0);
    /* ... and with every question. */
    unit_text(op->groups[0].name, "g");
    unit_int((int64_t)op->groups[0].epoch, 3);
    unit_text(op->sights[0].member, "x");
    unit_text(op->sights[1].member, "y");
    unit_true(op->sights[1].with_parts && !op->sights[0].with_parts);
    sg_task_drop(task);
}
