/* SPDX-License-Identifier: Apache-2.0
 * worker.c - the thread that stands in the client library, so that nobody
 * else has to.
 *
 * A handle has one worker and one instance of its back end. An operation that
 * missed its deadline is given up: the back end is interrupted if it can be.
 * A session that must be kept stays with its worker; any other worker is left
 * behind with its connection, closes it when the library lets go of it, and
 * ends, while the next operation gets a new worker and a new connection. So a
 * late answer never meets a later question. At most two are left behind; then
 * the answer is UNKNOWN at once.
 */
#include "core.h"

#include "why.h"

#include <stdlib.h>
#include <string.h>

#define LEFT_BEHIND_MAX 2u

struct sg_worker {
    struct sg *sg;
    pthread_cond_t work;
    struct sg_task *head, **tail, *current;
    struct sg_backend *backend; /* set and cleared under the lock            */
    struct sg_backend_env env;
    struct sg_resolved resolved;
    bool has_answered; /* this instance, once                       */
    bool is_left, is_stopping;
};

/* ---- what the back end is lent ---------------------------------------- */

static int64_t lend_now(void *arg)
{
    struct sg_worker *w = arg;
    return w->sg->env.now_ms(w->sg->env.arg);
}

static int64_t lend_wall(void *arg)
{
    struct sg_worker *w = arg;
    return w->sg->env.wall_us(w->sg->env.arg);
}

static void lend_random(void *arg, void *to, size_t bytes)
{
    struct sg_worker *w = arg;
    w->sg->env.random(w->sg->env.arg, to, bytes);
}

static void lend_waited(void *arg)
{
    struct sg_worker *w = arg;
    sg_lock(w->sg);
    w->sg->waits++;
    sg_unlock(w->sg);
}

/* Does anybody still wait for what this worker does? */
static bool lend_wanted(void *arg)
{
    struct sg_worker *w = arg;
    bool is_wanted;

    sg_lock(w->sg);
    is_wanted = w->current != NULL && !w->current->is_given_up;
    sg_unlock(w->sg);
    return is_wanted;
}

/* Lock held. The answer is for whoever still waits for it. */
static void finish(struct sg *sg, struct sg_task *task, int code)
{
    if (!task->is_given_up) {
        task->code = code;
        task->is_done = true;
        sg->in_flight--;
        sg->finished++;
    }
    sg_changed(sg);
}

static void lend_done(void *arg, struct sg_op *op, int code)
{
    struct sg_worker *w = arg;
    struct sg_task *task = (struct sg_task *)op;
    struct sg *sg = w->sg;

    sg_lock(sg);
    finish(sg, task, code);
    sg_task_drop(task);
    sg_unlock(sg);
}

/* ---- the instance ----------------------------------------------------- */

static void close_instance(struct sg_worker *w)
{
    struct sg_backend *b;

    sg_lock(w->sg);
    b = w->backend;
    w->backend = NULL;
    w->has_answered = false;
    sg_unlock(w->sg);
    if (b != NULL)
        w->sg->kind->close(b);
}

static int open_instance(struct sg_worker *w, struct sg_op *op)
{
    struct sg *sg = w->sg;
    struct sg_backend *b = NULL;
    int rc;

    if (sg_url_resolve(sg->url, &sg->env, &w->resolved) != 0)
        return sg_op_fail(op, SG_EUNKNOWN, SG_UNREACHABLE,
                          "no address for host \"%.100s\"",
                          sg->url->endpoints[0].name);
    rc = sg->kind->open(&w->resolved.target, &w->env, &b);
    if (rc != SG_OK)
        return sg_op_fail(op, rc, SG_NO_MEMORY, "out of memory");
    sg_lock(sg);
    w->backend = b;
    sg_unlock(sg);
    return SG_OK;
}

static int run_verb(struct sg_worker *w, struct sg_task *task)
{
    struct sg *sg = w->sg;

    task->sent_ms = sg_now(sg);
    if (sg->kind->promises & SG_EVENTED)
        return sg->kind->start(w->backend, &task->op);
    if (sg->kind->verb[task->op.verb] == NULL)
        return sg_op_fail(&task->op, SG_ENOTSUP, SG_NO_REASON,
                          "%s:// does not do that", sg->kind->scheme);
    return sg->kind->verb[task->op.verb](w->backend, &task->op);
}

static int run_once(struct sg_worker *w, struct sg_task *task)
{
    int rc = SG_OK;

    if (w->backend == NULL) {
        rc = open_instance(w, &task->op);
        /* A look-up may have taken for ever. What was given up meanwhile must
         * not begin now: its user may have wished the opposite since. */
        if (rc == SG_OK && !lend_wanted(w))
            return sg_op_fail(&task->op, SG_EUNKNOWN, SG_TIMED_OUT,
                              "no connection in time");
    }
    if (rc == SG_OK)
        rc = run_verb(w, task);
    if (rc == SG_ENOMEM && task->op.reason == SG_NO_REASON)
        sg_op_fail(&task->op, rc, SG_NO_MEMORY, "out of memory");
    if (rc != SG_EUNKNOWN)
        w->has_answered = true;
    else if (!(w->sg->kind->promises & SG_KEEPS_SESSION))
        close_instance(w);
    return rc;
}

/* A connection that had answered before and is found closed has only gone
 * stale: make a new one and ask again, once. Every verb may run twice. */
static int run(struct sg_worker *w, struct sg_task *task)
{
    bool had_answered = w->has_answered;
    int rc = run_once(w, task);

    if (rc != SG_EUNKNOWN || task->op.reason != SG_CUT || !had_answered ||
        !lend_wanted(w))
        return rc;
    sg_task_again(task);
    rc = run_once(w, task);
    /* The first run has left already; only its reply was lost. */
    if (rc == SG_ENOTJOINED && task->op.verb == SG_VERB_LEAVE)
        rc = SG_OK;
    return rc;
}

/* ---- the thread ------------------------------------------------------- */

static struct sg_task *take(struct sg_worker *w)
{
    struct sg_task *task;

    while (w->head == NULL && !w->is_stopping && !w->is_left)
        pthread_cond_wait(&w->work, w->sg->lock);
    if (w->head == NULL || w->is_left)
        return NULL;
    task = w->head;
    w->head = task->next;
    if (w->head == NULL)
        w->tail = &w->head;
    w->current = task;
    return task;
}

static void serve(struct sg_worker *w)
{
    struct sg *sg = w->sg;
    struct sg_task *task;

    sg_lock(sg);
    while ((task = take(w)) != NULL) {
        bool is_async = sg->kind->promises & SG_EVENTED;
        int code;
        sg_unlock(sg);
        code = run(w, task);
        sg_lock(sg);
        w->current = NULL;
        if (is_async && code == SG_OK)
            continue; /* done() has it, and the reference */
        finish(sg, task, code);
        sg_task_drop(task); /* locked: a caller that goes on to fork has it */
    }
    sg_unlock(sg);
}

static void *worker_main(void *arg)
{
    struct sg_worker *w = arg;
    struct sg *sg = w->sg;

    serve(w);
    close_instance(w);
    sg_lock(sg);
    if (sg->worker == w)
        sg->worker = NULL;
    if (w->is_left)
        sg->left_behind--;
    if (w->is_stopping)
        sg->in_flight--;
    sg->workers--;
    pthread_cond_destroy(&w->work);
    free(w);
    sg_changed(sg);
    sg_drop_unlock(sg);
    return NULL;
}

static int start_thread(struct sg_worker *w)
{
    pthread_attr_t attr;
    pthread_t thread;
    int failed;

    if (pthread_attr_init(&attr) != 0)
        return -1;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    failed = pthread_create(&thread, &attr, worker_main, w);
    pthread_attr_destroy(&attr);
    return failed;
}

/* Lock held. */
static struct sg_worker *new_worker(struct sg *sg)
{
    struct sg_worker *w = calloc(1, sizeof *w);

    if (w == NULL)
        return NULL;
    w->sg = sg;
    w->tail = &w->head;
    w->env = (struct sg_backend_env){
        .arg = w,
        .now_ms = lend_now,
        .wall_us = lend_wall,
        .random = lend_random,
        .waited = lend_waited,
        .is_wanted = lend_wanted,
        .io_limit_ms = sg->env.io_limit_ms,
        .done = lend_done,
    };
    pthread_cond_init(&w->work, NULL);
    sg->workers++;
    sg_hold(sg);
    if (start_thread(w) == 0)
        return w;
    sg->workers--;
    sg->refs--;
    pthread_cond_destroy(&w->work);
    free(w);
    return NULL;
}

/* ---- the core's side -------------------------------------------------- */

int sg_post(struct sg *sg, struct sg_task *task)
{
    struct sg_worker *w = sg->worker;

    if (w == NULL && sg->left_behind >= LEFT_BEHIND_MAX)
        return sg_op_fail(&task->op, SG_EUNKNOWN, SG_BUSY,
                          "%u earlier calls are still stuck in the client "
                          "library",
                          sg->left_behind);
    if (w == NULL)
        w = sg->worker = new_worker(sg);
    if (w == NULL)
        return sg_op_fail(&task->op, SG_ENOMEM, SG_NO_MEMORY,
                          "no memory or no thread for a worker");
    task->is_posted = true;
    task->next = NULL;
    *w->tail = sg_task_hold(task);
    w->tail = &task->next;
    sg->in_flight++;
    pthread_cond_signal(&w->work);
    return SG_OK;
}

static bool unqueue(struct sg_worker *w, struct sg_task *task)
{
    for (struct sg_task **at = &w->head; *at != NULL; at = &(*at)->next) {
        if (*at != task)
            continue;
        *at = task->next;
        if (*at == NULL)
            w->tail = at;
        return true;
    }
    return false;
}

/* Lock held. The worker goes on alone; what it had not begun is given to a
 * new one, or stays unanswered until its deadline. */
static void leave_behind(struct sg *sg, struct sg_worker *w)
{
    struct sg_task *rest = w->head;

    w->is_left = true;
    w->head = NULL;
    w->tail = &w->head;
    sg->worker = NULL;
    sg->left_behind++;
    if (w->backend != NULL && sg->kind->interrupt != NULL)
        sg->kind->interrupt(w->backend);
    while (rest != NULL) {
        struct sg_task *next = rest->next;
        sg->in_flight--;
        if (sg_post(sg, rest) != SG_OK) {
            sg->in_flight++;
            finish(sg, rest, SG_EUNKNOWN);
        }
        sg_task_drop(rest);
        rest = next;
    }
    if (sg->env.abandoned != NULL)
        sg->env.abandoned(sg->env.arg);
}

void sg_give_up(struct sg *sg, struct sg_task *task)
{
    struct sg_worker *w = sg->worker;

    if (task->is_done || task->is_given_up)
        return;
    task->is_given_up = true;
    sg->in_flight--;
    if (w == NULL)
        return;
    if (sg->kind->promises & SG_EVENTED && w->backend != NULL &&
        sg->kind->forget(w->backend, &task->op)) {
        sg_task_drop(task);
    } else if (unqueue(w, task)) {
        sg_task_drop(task);
    } else if (w->current == task) {
        bool is_kept = sg->kind->promises & SG_KEEPS_SESSION &&
                       w->backend != NULL && sg->kind->interrupt != NULL;
        if (is_kept)
            sg->kind->interrupt(w->backend);
        else
            leave_behind(sg, w);
    }
}

size_t sg_worker_owed(const struct sg *sg)
{
    const struct sg_worker *w = sg->worker;

    if (w == NULL || w->backend == NULL || sg->kind->owed == NULL)
        return 0;
    return sg->kind->owed(w->backend);
}

void sg_worker_stop(struct sg *sg)
{
    if (sg->worker == NULL)
        return;
    sg->worker->is_stopping = true;
    sg->in_flight++; /* the goodbye, answered when the thread ends */
    pthread_cond_signal(&sg->worker->work);
}

void sg_worker_forked(struct sg *sg)
{
    struct sg_worker *w = sg->worker;

    if (w == NULL)
        return;
    while (w->head != NULL) {
        struct sg_task *next = w->head->next;
        sg_task_drop(w->head);
        w->head = next;
    }
    if (!(sg->kind->promises & SG_EVENTED)) /* there done() may have it */
        sg_task_drop(w->current);
    if (w->backend != NULL && sg->kind->forked != NULL)
        sg->kind->forked(w->backend);
    free(w);
    sg->worker = NULL;
}

void sg_wait(struct sg *sg, int64_t until_ms)
{
    if (sg->env.wait != NULL) {
        sg_unlock(sg);
        sg->env.wait(sg->env.arg, until_ms);
        sg_lock(sg);
        return;
    }
    struct timespec at = sg_env_deadline(until_ms - sg_now(sg));
    pthread_cond_timedwait(sg->changed, sg->lock, &at);
}

enum sg_reason sg_task_reason(const struct sg_task *task)
{
    return task->is_given_up ? SG_TIMED_OUT : task->op.reason;
}

int sg_say(const struct sg_task *task, int code)
{
    if (task->is_given_up)
        return sg_why_set(code, "no answer within %lld ms; ask again",
                          (long long)task->limit_ms);
    return sg_why_set(code, "%s", task->op.why);
}
