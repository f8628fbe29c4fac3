/* SPDX-License-Identifier: Apache-2.0
 * heart.c - beats, puts back what was lost, and stops when it was replaced.
 *
 * The heart is passive: sg_heart_due() says when something is due and
 * sg_heart_step() does it. It posts one operation at a time and never waits;
 * an answer, or its deadline, is an event of a later step. One thread per
 * handle runs it, or the user's loop does.
 *
 * A beat renews, and finds out: all is ours (good), a record is gone (join
 * again, now), or another's token stands there (that incarnation is over).
 */
#include "core.h"

#include <stdio.h>
#include <string.h>

static int64_t random_below(struct sg *sg, int64_t bound)
{
    uint64_t r;

    sg->env.random(sg->env.arg, &r, sizeof r);
    return bound <= 0 ? 0 : (int64_t)(r % (uint64_t)bound);
}

void sg_new_token(struct sg *sg)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char raw[SG_TOKEN_BYTES / 2];

    sg->env.random(sg->env.arg, raw, sizeof raw);
    for (size_t i = 0; i < sizeof raw; i++) {
        sg->token[2 * i] = digits[raw[i] >> 4];
        sg->token[2 * i + 1] = digits[raw[i] & 15];
    }
    sg->token[SG_TOKEN_BYTES] = '\0';
}

static void log_once(struct sg *sg, bool is_failing, const char *why)
{
    char line[400];

    if (sg->is_failing == is_failing)
        return;
    sg->is_failing = is_failing;
    if (is_failing)
        snprintf(line, sizeof line, "%s: beats fail: %s", sg->member, why);
    else
        snprintf(line, sizeof line, "%s: beats are answered again", sg->member);
    sg->env.log(sg->env.arg, line);
}

/* ---- what may be done now --------------------------------------------- */

/* Under a public call, too: one that sets metadata takes its time, and the
 * member is alive meanwhile. A join or leave under way is not in the store. */
static bool wants_beat(const struct sg_membership *m)
{
    return m->wish == SG_WISH_JOIN && m->is_in_store;
}

static bool wants_sweep(const struct sg_membership *m)
{
    return wants_beat(m) && m->state == SG_STATE_JOINED;
}

static struct sg_membership *next_todo(struct sg *sg)
{
    for (size_t i = 0; i < sg->n_memberships; i++) {
        struct sg_membership *m = &sg->memberships[i];
        if (m->is_todo && m->wish != SG_WISH_NONE && m->public_calls == 0)
            return m;
    }
    return NULL;
}

static struct sg_membership *next_sweep(struct sg *sg, int64_t now)
{
    if (!(sg->kind->promises & SG_NEEDS_SWEEP))
        return NULL;
    for (size_t i = 0; i < sg->n_memberships; i++) {
        struct sg_membership *m = &sg->memberships[i];
        if (wants_sweep(m) && now >= m->sweep_due_ms)
            return m;
    }
    return NULL;
}

/* ---- posting ---------------------------------------------------------- */

/* A heart has all of its beat to wait, but no more than a caller would. */
static bool post(struct sg *sg, struct sg_task *task)
{
    int64_t limit_ms = sg->bounds.deadline_ms;

    if (task == NULL)
        return false;
    if (limit_ms > sg->bounds.beat_ms)
        limit_ms = sg->bounds.beat_ms;
    if (sg_post(sg, task) != SG_OK) {
        log_once(sg, true, task->op.why);
        sg_task_drop(task);
        return false;
    }
    sg->heart_task = task;
    sg->heart_deadline_ms = sg_now(sg) + limit_ms;
    return true;
}

static bool fill_beat(struct sg *sg, struct sg_task *task)
{
    struct sg_op *op = &task->op;
    size_t n = 0;

    op->member = sg_op_copy(op, sg->member, strlen(sg->member));
    op->token = sg_op_copy(op, sg->token, SG_TOKEN_BYTES);
    op->timeout_ms = sg->bounds.timeout_ms;
    op->beat_ms = sg->bounds.beat_ms;
    task->wishes = sg_op_alloc(op, op->n_groups * sizeof *task->wishes);
    if (op->member == NULL || op->token == NULL || task->wishes == NULL)
        return false;
    for (size_t i = 0; i < sg->n_memberships; i++) {
        const struct sg_membership *m = &sg->memberships[i];
        struct sg_op_group *group = &op->groups[n];
        if (!wants_beat(m))
            continue;
        group->name = sg_op_copy(op, m->group, strlen(m->group));
        if (group->name == NULL)
            return false;
        group->epoch = m->epoch;
        group->birth = m->birth;
        group->audit = sg->kind->promises & SG_NEEDS_AUDIT &&
                       sg_now(sg) >= m->audit_due_ms;
        task->wishes[n++] = m->wish_number;
    }
    return true;
}

/* True when there was something to beat for. */
static bool post_beat(struct sg *sg)
{
    struct sg_task *task;
    size_t n = 0;

    for (size_t i = 0; i < sg->n_memberships; i++)
        n += wants_beat(&sg->memberships[i]);
    if (n == 0)
        return false;
    task = sg_task_new(SG_VERB_BEAT, n, 0);
    if (task != NULL && !fill_beat(sg, task)) {
        sg_task_drop(task);
        task = NULL;
    }
    return post(sg, task);
}

static void begin_cycle(struct sg *sg, int64_t now)
{
    sg->next_beat_ms = now + sg->bounds.beat_ms;
    for (size_t i = 0; i < sg->n_memberships; i++) {
        struct sg_membership *m = &sg->memberships[i];
        bool is_stale = memcmp(m->token, sg->token, sizeof m->token) != 0;
        if (m->public_calls > 0)
            continue; /* its own caller is at it */
        if (m->wish == SG_WISH_LEAVE ||
            (m->wish == SG_WISH_JOIN && (!m->is_in_store || is_stale)))
            m->is_todo = true;
    }
    post_beat(sg);
}

static void begin_todo(struct sg *sg, struct sg_membership *m)
{
    m->is_todo = false;
    post(sg,
         sg_membership_task(
             sg, m->wish == SG_WISH_LEAVE ? SG_VERB_LEAVE : SG_VERB_JOIN, m));
}

static void begin_sweep(struct sg *sg, struct sg_membership *m, int64_t now)
{
    m->sweep_due_ms = now + sg->bounds.timeout_ms;
    post(sg, sg_membership_task(sg, SG_VERB_SWEEP, m));
}

/* ---- answers ---------------------------------------------------------- */

static void lose(struct sg *sg, struct sg_membership *m)
{
    (void)sg;
    if (m->state == SG_STATE_JOINED) { /* what is PENDING was never there */
        sg_membership_event(m, SG_EV_LOST, 0);
        m->state = SG_STATE_LOST;
    }
    m->is_in_store = false;
    m->is_todo = true;
}

static void replace(struct sg_membership *m)
{
    sg_membership_wish(m, SG_WISH_NONE);
    m->state = SG_STATE_REPLACED;
    m->is_in_store = false;
    sg_membership_event(m, SG_EV_REPLACED, SG_EREPLACED);
}

/* The membership that entry `i` of the task was for, if its user has not
 * changed his mind since. */
static struct sg_membership *still_wished(struct sg *sg,
                                          const struct sg_task *task, size_t i)
{
    struct sg_membership *m = sg_membership_find(sg, task->op.groups[i].name);

    return m != NULL && m->wish_number == task->wishes[i] ? m : NULL;
}

/* The liveness itself is gone: a pause above T, or a store that lost it. The
 * return is a new incarnation, under a new token, in every group, so that a
 * reader between liveness and entry sees two tokens and not a wrong UP. */
static void lose_all(struct sg *sg)
{
    sg_new_token(sg);
    for (size_t i = 0; i < sg->n_memberships; i++)
        if (sg->memberships[i].wish == SG_WISH_JOIN)
            lose(sg, &sg->memberships[i]);
}

static void set_audit(struct sg *sg, struct sg_membership *m,
                      const struct sg_op_group *group, int64_t now)
{
    int64_t period_ms;

    if (!group->audit)
        return;
    m->size = group->size;
    period_ms = (int64_t)m->size * 30;
    if (period_ms < sg->bounds.timeout_ms)
        period_ms = sg->bounds.timeout_ms;
    m->audit_due_ms = now + period_ms;
}

static void beat_answered(struct sg *sg, const struct sg_task *task)
{
    const struct sg_op *op = &task->op;

    sg->beats++;
    if (op->liveness == SG_FOUND_NOTHING) {
        lose_all(sg);
        return;
    }
    for (size_t i = 0; i < op->n_groups; i++) {
        struct sg_membership *m = still_wished(sg, task, i);
        if (m == NULL)
            continue;
        if (op->liveness == SG_FOUND_ANOTHERS ||
            op->groups[i].found == SG_FOUND_ANOTHERS) {
            replace(m);
        } else if (op->groups[i].found == SG_FOUND_NOTHING) {
            lose(sg, m);
        } else {
            if (m->state == SG_STATE_LOST)
                sg_membership_event(m, SG_EV_REJOINED, 0);
            m->state = SG_STATE_JOINED;
            m->sent_ms = task->sent_ms;
            m->birth = op->groups[i].birth;
            set_audit(sg, m, &op->groups[i], sg_now(sg));
        }
    }
}

static void join_answered(struct sg *sg, struct sg_membership *m,
                          const struct sg_task *task, int code)
{
    bool is_return = m->was_joined;

    switch (code) {
    case SG_OK:
        sg_membership_joined(sg, m, task);
        sg_membership_event(m, is_return ? SG_EV_REJOINED : SG_EV_JOINED, 0);
        return;
    case SG_EINUSE:
    case SG_EREPLACED:
        if (is_return) {
            replace(m);
            return;
        }
        /* fall through */
    case SG_ETIMEOUT:
    case SG_ETOOBIG:
        sg_membership_wish(m, SG_WISH_NONE);
        m->state = SG_STATE_NONE;
        sg_membership_event(m, SG_EV_REFUSED, code);
        return;
    default:
        return; /* the next beat tries again */
    }
}

static void leave_answered(struct sg_membership *m, int code)
{
    if (code != SG_OK && code != SG_ENOTJOINED && code != SG_EREPLACED)
        return;
    if (m->state != SG_STATE_NONE) /* NONE: a join is undone, quietly */
        sg_membership_event(m, SG_EV_LEFT, 0);
    sg_membership_wish(m, SG_WISH_NONE);
    m->state = SG_STATE_NONE;
    m->is_in_store = false;
}

/* Registered, but not renewed for T: it must be taken for gone. */
static void notice_silence(struct sg *sg, int64_t now)
{
    for (size_t i = 0; i < sg->n_memberships; i++) {
        struct sg_membership *m = &sg->memberships[i];
        if (m->state == SG_STATE_JOINED && m->wish == SG_WISH_JOIN &&
            now - m->sent_ms >= sg->bounds.timeout_ms) {
            m->state = SG_STATE_LOST;
            sg_membership_event(m, SG_EV_LOST, 0);
        }
    }
}

/* The next try comes within the period, never at once, and not at the moment
 * at which everybody else who lost the same server tries. */
static void failed(struct sg *sg, enum sg_verb verb, const char *why,
                   int64_t now)
{
    int64_t half = (sg->bounds.beat_ms + 1) / 2;
    int64_t next = now + half + random_below(sg, half);

    log_once(sg, true, why);
    /* A sweep that fails takes no beat's place. */
    if (verb != SG_VERB_SWEEP || next < sg->next_beat_ms)
        sg->next_beat_ms = next;
    for (size_t i = 0; i < sg->n_memberships; i++)
        sg->memberships[i].is_todo = false;
}

static void answered(struct sg *sg, const struct sg_task *task, int64_t now)
{
    const struct sg_op *op = &task->op;
    struct sg_membership *m;

    if (task->code == SG_EUNKNOWN || task->code == SG_ENOMEM ||
        task->code == SG_EREFUSED) {
        failed(sg, op->verb, op->why, now);
        return;
    }
    log_once(sg, false, "");
    if (op->verb == SG_VERB_BEAT) {
        if (task->code == SG_OK)
            beat_answered(sg, task);
        return;
    }
    m = still_wished(sg, task, 0);
    if (m == NULL)
        return;
    if (op->verb == SG_VERB_JOIN)
        join_answered(sg, m, task, task->code);
    else if (op->verb == SG_VERB_LEAVE)
        leave_answered(m, task->code);
}

/* Lock held; left for the time of a callback. */
static void deliver(struct sg *sg)
{
    for (size_t i = 0; i < sg->n_memberships; i++) {
        struct sg_membership *m = &sg->memberships[i];
        char group[SG_NAME_MAX + 1];
        struct sg_event event = {m->event, group, m->epoch, m->event_error,
                                 sg->label};
        if (m->event == 0)
            continue;
        m->event = 0;
        if (sg->on_event == NULL)
            continue;
        snprintf(group, sizeof group, "%s", m->group);
        sg_unlock(sg);
        sg->on_event(sg->event_arg, &event);
        sg_lock(sg);
    }
}

/* Take the answer, or notice the deadline. True when the heart is free. */
static bool take_answer(struct sg *sg, int64_t now)
{
    struct sg_task *task = sg->heart_task;

    if (task == NULL)
        return true;
    if (!task->is_done && now < sg->heart_deadline_ms)
        return false;
    sg->heart_task = NULL;
    if (task->is_done) {
        answered(sg, task, now);
    } else {
        sg_give_up(sg, task);
        failed(sg, task->op.verb, "no answer by the deadline", now);
    }
    sg_task_drop(task);
    return true;
}

void sg_heart_step(struct sg *sg)
{
    if (sg->member == NULL || sg->is_closing)
        return;
    for (;;) {
        int64_t now = sg_now(sg);
        struct sg_membership *m;
        bool is_free = take_answer(sg, now);
        notice_silence(sg, now);
        deliver(sg);
        if (!is_free || sg->heart_task != NULL || sg->is_closing)
            return;
        if ((m = next_todo(sg)) != NULL)
            begin_todo(sg, m);
        else if (now >= sg->next_beat_ms)
            begin_cycle(sg, now);
        else if ((m = next_sweep(sg, now)) != NULL)
            begin_sweep(sg, m, now);
        else
            return;
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t sg_heart_due(const struct sg *sg)
{
    int64_t due = INT64_MAX;
    bool is_needed = false;

    if (sg->member == NULL || sg->is_closing)
        return INT64_MAX;
    if (sg->heart_task != NULL)
        return sg->heart_task->is_done ? 0 : sg->heart_deadline_ms;
    for (size_t i = 0; i < sg->n_memberships; i++) {
        const struct sg_membership *m = &sg->memberships[i];
        bool is_busy = m->public_calls > 0;
        if (m->wish == SG_WISH_NONE || (is_busy && !wants_beat(m)))
            continue;
        is_needed = true;
        if (m->is_todo && !is_busy)
            return 0;
        if (wants_sweep(m) && sg->kind->promises & SG_NEEDS_SWEEP)
            due = earlier(due, m->sweep_due_ms);
    }
    return is_needed ? earlier(due, sg->next_beat_ms) : INT64_MAX;
}

void sg_heart_first_beat(struct sg *sg)
{
    int64_t first = sg_now(sg) + sg->bounds.beat_ms;
    size_t wished = 0;

    for (size_t i = 0; i < sg->n_memberships; i++)
        wished += sg->memberships[i].wish != SG_WISH_NONE;
    if (wished <= 1 || sg->next_beat_ms > first)
        sg->next_beat_ms = first;
    sg_changed(sg);
}

/* ---- the thread ------------------------------------------------------- */

static void *heart_main(void *arg)
{
    struct sg *sg = arg;

    sg_lock(sg);
    while (!sg->is_closing) {
        int64_t due;
        sg_heart_step(sg);
        due = sg_heart_due(sg);
        if (sg->is_closing)
            break;
        if (due == INT64_MAX) {
            pthread_cond_wait(sg->changed, sg->lock);
        } else if (due > sg_now(sg)) {
            struct timespec at = sg_env_deadline(due - sg_now(sg));
            pthread_cond_timedwait(sg->changed, sg->lock, &at);
        }
    }
    sg_unlock(sg);
    return NULL;
}

int sg_heart_start(struct sg *sg)
{
    if (sg->member == NULL || sg->env.own_heart)
        return SG_OK;
    if (pthread_create(&sg->heart, NULL, heart_main, sg) != 0)
        return SG_ENOMEM;
    sg->has_heart = true;
    return SG_OK;
}

void sg_heart_stop(struct sg *sg)
{
    sg_lock(sg);
    sg->is_closing = true;
    sg_changed(sg);
    sg_unlock(sg);
    if (sg->has_heart)
        pthread_join(sg->heart, NULL);
    sg->has_heart = false;
    sg_lock(sg);
    if (sg->heart_task != NULL) {
        sg_give_up(sg, sg->heart_task);
        sg_task_drop(sg->heart_task);
        sg->heart_task = NULL;
    }
    sg_unlock(sg);
}
