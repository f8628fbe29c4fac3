/* SPDX-License-Identifier: Apache-2.0
 * servicegroup.c - a handle: its lock, closing, stepping, forking.
 */
#include "core.h"

#include "why.h"

#include <stdlib.h>
#include <string.h>

/* ---- fork ------------------------------------------------------------- */

/* Asking getpid() at each call would be a system call each time; the child
 * counts itself instead. The one piece of state outside a handle. */
static unsigned fork_number;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void count_fork(void)
{
    fork_number++;
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, count_fork);
}

unsigned sg_fork_number(void)
{
    return fork_number;
}

void sg_watch_forks(void)
{
    pthread_once(&fork_once, watch_forks);
}

int sg_check_handle(const struct sg *sg)
{
    if (sg == NULL)
        return sg_why_set(SG_EINVAL, "the handle is NULL");
    if (sg->fork_number != sg_fork_number())
        return sg_why_set(SG_EFORKED, "this handle was opened before a fork; "
                                      "open another in the child");
    return SG_OK;
}

/* ---- lock and memory -------------------------------------------------- */

void sg_lock(struct sg *sg)
{
    pthread_mutex_lock(sg->lock);
}

void sg_unlock(struct sg *sg)
{
    pthread_mutex_unlock(sg->lock);
}

void sg_changed(struct sg *sg)
{
    pthread_cond_broadcast(sg->changed);
    if (sg->env.wake != NULL)
        sg->env.wake(sg->env.arg);
}

void sg_hold(struct sg *sg)
{
    sg->refs++;
}

void sg_free(struct sg *sg)
{
    struct sg_env env = sg->env;
    bool was_opened = sg->is_open;

    sg_memberships_free(sg);
    sg_memory_free(sg->memory);
    sg_url_free(sg->url);
    free(sg->member);
    free(sg);
    if (was_opened && env.ended != NULL)
        env.ended(env.arg);
}

void sg_drop_unlock(struct sg *sg)
{
    struct sg *bridge = sg->bridge;
    bool is_last = --sg->refs == 0;

    if (is_last && bridge != NULL) { /* the lock is the bridge's */
        sg_free(sg);
        sg_drop_unlock(bridge);
        return;
    }
    sg_unlock(sg);
    if (!is_last)
        return;
    pthread_cond_destroy(sg->changed);
    pthread_mutex_destroy(sg->lock);
    sg_free(sg);
}

/* ---- close ------------------------------------------------------------ */

static bool owes_leave(const struct sg_membership *m)
{
    return m->wish != SG_WISH_NONE;
}

struct leaves {
    struct sg_task **tasks;
    size_t count;
};

/* Post a leave for every group of one store at once. Lock held. */
static struct leaves post_leaves(struct sg *sg)
{
    struct leaves leaves = {calloc(sg->n_memberships + 1, sizeof(void *)), 0};
    size_t owed = 0;

    if (leaves.tasks == NULL)
        return leaves;
    for (size_t i = 0; i < sg->n_memberships; i++)
        owed += owes_leave(&sg->memberships[i]);
    for (size_t i = 0; i < sg->n_memberships; i++) {
        struct sg_membership *m = &sg->memberships[i];
        struct sg_task *task;
        if (!owes_leave(m))
            continue;
        task = sg_membership_task(sg, SG_VERB_LEAVE, m);
        if (task == NULL)
            continue;
        task->op.groups[0].is_last = --owed == 0;
        if (sg_post(sg, task) == SG_OK)
            leaves.tasks[leaves.count++] = task;
        else
            sg_task_drop(task);
    }
    return leaves;
}

static void await_leaves(struct sg *sg, struct leaves leaves,
                         int64_t deadline_ms)
{
    for (size_t i = 0; i < leaves.count; i++) {
        while (!leaves.tasks[i]->is_done && sg_now(sg) < deadline_ms)
            sg_wait(sg, deadline_ms);
        sg_give_up(sg, leaves.tasks[i]);
    }
    for (size_t i = 0; i < leaves.count; i++)
        sg_task_drop(leaves.tasks[i]);
    free(leaves.tasks);
}

/* Lock held. All stores at once: one that is silent delays no other. */
static void leave_all(struct sg *sg, int64_t deadline_ms)
{
    struct leaves leaves[SG_STORES_MAX];

    for (size_t i = 0; i < sg->n_stores; i++)
        leaves[i] = post_leaves(sg->store[i]);
    for (size_t i = 0; i < sg->n_stores; i++)
        await_leaves(sg->store[i], leaves[i], deadline_ms);
}

/* In the child of a fork the locks may be held by threads that are not here:
 * touch none, say nothing to anybody, give the memory back. */
static void close_in_child(struct sg *sg)
{
    size_t n_stores = sg->n_stores;
    struct sg *stores[SG_STORES_MAX];

    memcpy(stores, sg->store, sizeof stores);
    sg->is_open = false; /* its surroundings are the parent's, too */
    for (size_t i = 0; i < n_stores; i++) {
        sg_worker_forked(stores[i]);
        sg_task_drop(stores[i]->heart_task);
        if (stores[i] != sg)
            sg_free(stores[i]);
    }
    sg_free(sg);
}

/* Lock held. */
static bool has_worker(const struct sg *sg)
{
    bool has_one = false;

    for (size_t i = 0; i < sg->n_stores; i++)
        has_one = has_one || sg->store[i]->worker != NULL;
    return has_one;
}

/* A store of a bridge is freed by its last holder, as the bridge is. */
static void drop_stores(struct sg *sg)
{
    for (size_t i = 0; i < sg->n_stores; i++) {
        if (sg->store[i] == sg)
            continue;
        sg_lock(sg);
        sg_drop_unlock(sg->store[i]);
    }
}

void sg_close(struct sg *sg)
{
    int64_t deadline_ms;

    if (sg == NULL)
        return;
    if (sg->fork_number != sg_fork_number()) {
        close_in_child(sg);
        return;
    }
    deadline_ms = sg_now(sg) + sg->bounds.deadline_ms;
    for (size_t i = 0; i < sg->n_stores; i++)
        sg_heart_stop(sg->store[i]);
    sg_lock(sg);
    leave_all(sg, deadline_ms);
    for (size_t i = 0; i < sg->n_stores; i++)
        sg_worker_stop(sg->store[i]);
    while (has_worker(sg) && sg_now(sg) < deadline_ms)
        sg_wait(sg, deadline_ms);
    sg_unlock(sg);
    drop_stores(sg);
    sg_lock(sg);
    sg_drop_unlock(sg);
}

/* ---- bounds, pulse, stepping ------------------------------------------ */

int sg_get_bounds(struct sg *sg, struct sg_bounds *ret_bounds)
{
    int rc = sg_check_handle(sg);

    if (rc == SG_OK)
        *ret_bounds = sg->bounds;
    return rc;
}

/* Lock held. */
static void add_pulse(struct sg_pulse *p, const struct sg *sg, size_t store)
{
    int64_t due_ms = sg_heart_due(sg);
    size_t owed = sg_worker_owed(sg);

    if (due_ms < p->next_due_ms)
        p->next_due_ms = due_ms;
    p->in_flight += sg->in_flight;
    p->left_behind += sg->left_behind;
    p->owed += owed;
    p->pending[store] = sg->in_flight + owed;
    p->finished += sg->finished;
    p->beats += sg->beats;
    p->waits += sg->waits;
}

void sg_get_pulse(struct sg *sg, struct sg_pulse *ret_pulse)
{
    *ret_pulse = (struct sg_pulse){.next_due_ms = INT64_MAX};
    if (sg_check_handle(sg) != SG_OK)
        return;
    sg_lock(sg);
    for (size_t i = 0; i < sg->n_stores; i++)
        add_pulse(ret_pulse, sg->store[i], i);
    sg_unlock(sg);
}

void sg_step(struct sg *sg)
{
    if (sg_check_handle(sg) != SG_OK || !sg->env.own_heart)
        return;
    sg_lock(sg);
    for (size_t i = 0; i < sg->n_stores; i++)
        sg_heart_step(sg->store[i]);
    sg_unlock(sg);
}
