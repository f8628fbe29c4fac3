/* SPDX-License-Identifier: Apache-2.0
 * servicegroup.c - a handle: opening, closing, stepping, forking.
 */
#include "core.h"

#include "env.h"
#include "name.h"
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
    pthread_mutex_lock(&sg->lock);
}

void sg_unlock(struct sg *sg)
{
    pthread_mutex_unlock(&sg->lock);
}

void sg_changed(struct sg *sg)
{
    pthread_cond_broadcast(&sg->changed);
    if (sg->env.wake != NULL)
        sg->env.wake(sg->env.arg);
}

void sg_hold(struct sg *sg)
{
    sg->refs++;
}

static void free_handle(struct sg *sg)
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
    bool is_last = --sg->refs == 0;

    sg_unlock(sg);
    if (!is_last)
        return;
    pthread_cond_destroy(&sg->changed);
    pthread_mutex_destroy(&sg->lock);
    free_handle(sg);
}

/* ---- open ------------------------------------------------------------- */

static bool has_slots(const struct sg_backend_kind *kind)
{
    bool writes = kind->promises & SG_CAN_WRITE;
    bool sweeps = kind->promises & SG_NEEDS_SWEEP;

    if (kind->promises & SG_EVENTED)
        return kind->start != NULL && kind->forget != NULL;
    return kind->verb[SG_VERB_ASK] != NULL &&
           (!writes || (kind->verb[SG_VERB_JOIN] != NULL &&
                        kind->verb[SG_VERB_LEAVE] != NULL &&
                        kind->verb[SG_VERB_BEAT] != NULL)) &&
           (!sweeps || kind->verb[SG_VERB_SWEEP] != NULL);
}

static int check_kind(const struct sg_backend_kind *kind)
{
    if (kind->version != SG_BACKEND_VERSION)
        return sg_why_set(SG_EINVAL, "back end %s has version %u, not %u",
                          kind->scheme, kind->version, SG_BACKEND_VERSION);
    if (kind->open == NULL || kind->close == NULL || kind->slack == NULL ||
        kind->options == NULL || !has_slots(kind))
        return sg_why_set(SG_EINVAL,
                          "back end %s promises what it has no slot for",
                          kind->scheme);
    return SG_OK;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static int set_bounds(struct sg *sg, const struct sg_options *o)
{
    struct sg_bounds *b = &sg->bounds;
    struct sg_slack slack;

    if (o->timeout_ms < 0 || o->beat_ms < 0 || o->report_interval_ms < 0 ||
        o->deadline_ms < 0 || o->tick_ms < 0)
        return sg_why_set(SG_EINVAL, "a duration is negative");
    b->timeout_ms = sg->url->target.timeout_ms;
    slack = sg->kind->slack(b->timeout_ms, o->tick_ms > 0 ? o->tick_ms : 2000);
    b->early_ms = slack.early_ms;
    b->late_ms = slack.late_ms;
    b->metadata_max_bytes = sg->kind->metadata_max_bytes;
    b->beat_ms = b->timeout_ms / 3 > 0 ? b->timeout_ms / 3 : 1;
    if (o->beat_ms > b->beat_ms)
        return sg_why_set(SG_ETIMEOUT,
                          "a beat of %lld ms is too slow for a membership "
                          "timeout of %lld ms; at most a third of it, %lld ms, "
                          "leaves room for a beat that fails",
                          (long long)o->beat_ms, (long long)b->timeout_ms,
                          (long long)b->beat_ms);
    if (o->beat_ms > 0)
        b->beat_ms = o->beat_ms;
    if (o->report_interval_ms > 0 && o->report_interval_ms < b->beat_ms)
        b->beat_ms = o->report_interval_ms;
    b->deadline_ms = o->deadline_ms > 0
                         ? clamp(o->deadline_ms, 1, SG_DEADLINE_MAX)
                         : clamp(b->timeout_ms / 6, 200, 2000);
    if (sg->env.io_limit_ms <= 0)
        sg->env.io_limit_ms = b->deadline_ms;
    return SG_OK;
}

static int set_member(struct sg *sg, const char *member)
{
    char why[300];
    int rc;

    if (member == NULL)
        return SG_OK;
    rc = sg_name_check("member", member, why, sizeof why);
    if (rc != SG_OK)
        return sg_why_set(rc, "%s", why);
    sg->member = strdup(member);
    if (sg->member == NULL)
        return sg_why_set(SG_ENOMEM, "out of memory");
    sg_new_token(sg);
    return SG_OK;
}

static int set_url(struct sg *sg, const char *url, const struct sg_options *o)
{
    char why[400];
    int rc;

    if (url == NULL)
        return sg_why_set(SG_EINVAL, "the URL is NULL");
    if (o->kind != NULL && (rc = check_kind(o->kind)) != SG_OK)
        return rc;
    rc = sg_url_parse(url, o->kind, o->timeout_ms, &sg->env, why, sizeof why,
                      &sg->kind, &sg->url);
    return rc == SG_OK ? rc : sg_why_set(rc, "%s", why);
}

static void init_lock(struct sg *sg)
{
    pthread_condattr_t attr;

    pthread_mutex_init(&sg->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&sg->changed, &attr);
    pthread_condattr_destroy(&attr);
}

int sg_open(const char *url, const struct sg_options *options,
            struct sg **ret_sg)
{
    static const struct sg_options defaults;
    const struct sg_options *o = options == NULL ? &defaults : options;
    struct sg *sg;
    int rc;

    if (ret_sg == NULL)
        return sg_why_set(SG_EINVAL, "nowhere to put the handle");
    pthread_once(&fork_once, watch_forks);
    sg = calloc(1, sizeof *sg);
    if (sg == NULL)
        return sg_why_set(SG_ENOMEM, "out of memory");
    sg->refs = 1;
    sg->fork_number = sg_fork_number();
    sg->env = sg_env_fill(o->env);
    sg->on_event = o->on_event;
    sg->event_arg = o->event_arg;
    rc = set_url(sg, url, o);
    if (rc == SG_OK)
        rc = set_bounds(sg, o);
    if (rc == SG_OK)
        rc = set_member(sg, o->member);
    if (rc == SG_OK && (sg->memory = sg_memory_new()) == NULL)
        rc = sg_why_set(SG_ENOMEM, "out of memory");
    if (rc != SG_OK) {
        free_handle(sg);
        return rc;
    }
    init_lock(sg);
    if (sg_heart_start(sg) != SG_OK) {
        sg_lock(sg);
        sg_drop_unlock(sg);
        return sg_why_set(SG_ENOMEM, "no thread for the heart");
    }
    sg->is_open = true;
    *ret_sg = sg;
    return SG_OK;
}

/* ---- close ------------------------------------------------------------ */

static bool owes_leave(const struct sg_membership *m)
{
    return m->wish != SG_WISH_NONE;
}

/* Post a leave for every group at once. Lock held. */
static struct sg_task **post_leaves(struct sg *sg, size_t *ret_count)
{
    struct sg_task **tasks = calloc(sg->n_memberships + 1, sizeof *tasks);
    size_t n = 0, owed = 0;

    *ret_count = 0;
    if (tasks == NULL)
        return NULL;
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
            tasks[n++] = task;
        else
            sg_task_drop(task);
    }
    *ret_count = n;
    return tasks;
}

static void await_leaves(struct sg *sg, int64_t deadline_ms)
{
    size_t count;
    struct sg_task **tasks = post_leaves(sg, &count);

    for (size_t i = 0; i < count; i++) {
        while (!tasks[i]->is_done && sg_now(sg) < deadline_ms)
            sg_wait(sg, deadline_ms);
        sg_give_up(sg, tasks[i]);
    }
    for (size_t i = 0; i < count; i++)
        sg_task_drop(tasks[i]);
    free(tasks);
}

/* In the child of a fork the locks may be held by threads that are not here:
 * touch none, say nothing to anybody, give the memory back. */
static void close_in_child(struct sg *sg)
{
    sg->is_open = false; /* its surroundings are the parent's, too */
    sg_worker_forked(sg);
    sg_task_drop(sg->heart_task);
    free_handle(sg);
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
    sg_heart_stop(sg);
    sg_lock(sg);
    await_leaves(sg, deadline_ms);
    sg_worker_stop(sg);
    while (sg->worker != NULL && sg_now(sg) < deadline_ms)
        sg_wait(sg, deadline_ms);
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

void sg_get_pulse(struct sg *sg, struct sg_pulse *ret_pulse)
{
    *ret_pulse = (struct sg_pulse){.next_due_ms = INT64_MAX};
    if (sg_check_handle(sg) != SG_OK)
        return;
    sg_lock(sg);
    *ret_pulse = (struct sg_pulse){
        .next_due_ms = sg_heart_due(sg),
        .in_flight = sg->in_flight,
        .left_behind = sg->left_behind,
        .owed = sg_worker_owed(sg),
        .finished = sg->finished,
        .beats = sg->beats,
        .waits = sg->waits,
    };
    sg_unlock(sg);
}

void sg_step(struct sg *sg)
{
    if (sg_check_handle(sg) != SG_OK || !sg->env.own_heart)
        return;
    sg_lock(sg);
    sg_heart_step(sg);
    sg_unlock(sg);
}
