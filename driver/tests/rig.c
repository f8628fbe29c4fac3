/* SPDX-License-Identifier: Apache-2.0
 * rig.c - one handle on a stub, and a clock that only the test moves.
 */
#include "rig.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define START_MS 1000000
#define WALL_US INT64_C(1795000000000000)
#define PATIENCE_S 20 /* real time, after which a test has hung      */

/* ---- the surroundings ------------------------------------------------- */

int64_t rig_now(struct rig *rig)
{
    int64_t now;

    pthread_mutex_lock(&rig->lock);
    now = rig->now_ms;
    pthread_mutex_unlock(&rig->lock);
    return now;
}

static int64_t now_ms(void *arg)
{
    return rig_now(arg);
}

static int64_t wall_us(void *arg)
{
    return WALL_US + rig_now(arg) * 1000;
}

static void next_random(void *arg, void *to, size_t bytes)
{
    struct rig *rig = arg;
    uint64_t value;

    pthread_mutex_lock(&rig->lock);
    value = rig->random++;
    pthread_mutex_unlock(&rig->lock);
    memset(to, 0, bytes);
    memcpy(to, &value, bytes < sizeof value ? bytes : sizeof value);
}

void rig_random(struct rig *rig, uint64_t value)
{
    pthread_mutex_lock(&rig->lock);
    rig->random = value;
    pthread_mutex_unlock(&rig->lock);
}

static int resolve(void *arg, const char *host, char numeric[SG_NUMERIC_MAX])
{
    struct rig *rig = arg;

    if (strcmp(host, "nowhere") == 0)
        return -1;
    if (strcmp(host, "stuck") == 0)
        stub_stand(rig->stub);
    strcpy(numeric, "127.0.0.1");
    return 0;
}

static void take_log(void *arg, const char *sentence)
{
    struct rig *rig = arg;
    size_t used;

    pthread_mutex_lock(&rig->lock);
    used = strlen(rig->log);
    snprintf(rig->log + used, sizeof rig->log - used, "%s\n", sentence);
    pthread_mutex_unlock(&rig->lock);
}

static void changed(void *arg)
{
    struct rig *rig = arg;

    pthread_mutex_lock(&rig->lock);
    rig->changes++;
    pthread_cond_broadcast(&rig->cond);
    pthread_mutex_unlock(&rig->lock);
}

static void abandoned(void *arg)
{
    struct rig *rig = arg;

    pthread_mutex_lock(&rig->lock);
    rig->abandoned++;
    pthread_mutex_unlock(&rig->lock);
    changed(rig);
}

static void ended(void *arg)
{
    struct rig *rig = arg;

    pthread_mutex_lock(&rig->lock);
    rig->ended++;
    pthread_cond_broadcast(&rig->cond);
    pthread_mutex_unlock(&rig->lock);
}

static void take_event(void *arg, const struct sg_event *event)
{
    struct rig *rig = arg;
    struct rig_event *e = &rig->events[rig->n_events % RIG_EVENTS_MAX];

    e->kind = event->kind;
    e->epoch = event->epoch;
    e->error = event->error;
    e->at_ms = rig_now(rig);
    snprintf(e->group, sizeof e->group, "%s", event->group);
    rig->n_events++;
    if (rig->on_event != NULL)
        rig->on_event(rig, event);
}

/* ---- time ------------------------------------------------------------- */

static uint64_t changes_of(struct rig *rig)
{
    uint64_t changes;

    pthread_mutex_lock(&rig->lock);
    changes = rig->changes;
    pthread_mutex_unlock(&rig->lock);
    return changes;
}

static void await_change(struct rig *rig, uint64_t seen)
{
    struct timespec limit;
    int late = 0;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&rig->lock);
    while (rig->changes == seen && late == 0)
        late = pthread_cond_timedwait(&rig->cond, &rig->lock, &limit);
    pthread_mutex_unlock(&rig->lock);
    if (late != 0)
        unit_fail(__FILE__, __LINE__, "nothing moves any more");
}

struct sg_pulse rig_pulse(struct rig *rig)
{
    struct sg_pulse pulse;

    sg_get_pulse(rig->sg, &pulse);
    return pulse;
}

/* All that is under way stands still. One worker serves; those left behind
 * stand each in one call. */
static bool is_quiet(struct rig *rig)
{
    struct sg_pulse pulse = rig_pulse(rig);
    struct stub_counts counts = stub_counts(rig->stub);

    if (pulse.in_flight == 0)
        return true;
    if (stub_kind(rig->stub)->promises & SG_EVENTED)
        return counts.standing == pulse.in_flight + pulse.left_behind;
    return counts.standing == pulse.left_behind + 1;
}

static void await_quiet(struct rig *rig)
{
    for (;;) {
        uint64_t seen = changes_of(rig);
        if (is_quiet(rig))
            return;
        await_change(rig, seen);
    }
}

static void move_to(struct rig *rig, int64_t at_ms)
{
    pthread_mutex_lock(&rig->lock);
    if (at_ms > rig->now_ms)
        rig->now_ms = at_ms;
    pthread_mutex_unlock(&rig->lock);
}

/* What changed since the last look is news to the caller, too. */
static bool is_news(struct rig *rig)
{
    bool is_new;

    pthread_mutex_lock(&rig->lock);
    is_new = rig->changes != rig->taken;
    rig->taken = rig->changes;
    pthread_mutex_unlock(&rig->lock);
    return is_new;
}

static void wait(void *arg, int64_t until_ms)
{
    struct rig *rig = arg;
    void (*during)(struct rig *) = rig->during;
    int64_t due;

    if (is_news(rig))
        return;
    await_quiet(rig);
    if (is_news(rig))
        return;
    if (during != NULL) {
        rig->during = NULL;
        during(rig);
        return;
    }
    due = rig_pulse(rig).next_due_ms;
    move_to(rig, due < until_ms ? due : until_ms);
    if (due <= until_ms)
        sg_step(rig->sg);
}

void rig_settle(struct rig *rig)
{
    unsigned steps = 0;

    await_quiet(rig);
    while (rig_pulse(rig).next_due_ms <= rig_now(rig)) {
        sg_step(rig->sg);
        await_quiet(rig);
        if (++steps > 1000)
            unit_fail(__FILE__, __LINE__, "the heart spins");
    }
}

void rig_pass(struct rig *rig, int64_t ms)
{
    int64_t end = rig_now(rig) + ms, due;

    rig_settle(rig);
    while ((due = rig_pulse(rig).next_due_ms) <= end) {
        move_to(rig, due);
        rig_settle(rig);
    }
    move_to(rig, end);
}

void rig_await_left(struct rig *rig, unsigned left_behind)
{
    for (;;) {
        uint64_t seen = changes_of(rig);
        if (rig_pulse(rig).left_behind == left_behind)
            return;
        await_change(rig, seen);
    }
}

/* ---- making and ending ------------------------------------------------ */

struct rig *rig_new(enum stub_form form, unsigned promises)
{
    struct rig *rig = calloc(1, sizeof *rig);

    if (rig == NULL)
        unit_fail(__FILE__, __LINE__, "out of memory");
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->cond, NULL);
    rig->now_ms = START_MS;
    rig->random = 1;
    rig->stub = stub_new(form, promises, changed, rig);
    rig->env = (struct sg_env){
        .arg = rig,
        .now_ms = now_ms,
        .wall_us = wall_us,
        .random = next_random,
        .resolve = resolve,
        .log = take_log,
        .wait = wait,
        .wake = changed,
        .abandoned = abandoned,
        .ended = ended,
        .own_heart = true,
    };
    return rig;
}

void rig_use_real_time(struct rig *rig)
{
    rig->env = (struct sg_env){.arg = rig, .ended = ended};
}

static void open_at(struct rig *rig, const char *host, struct sg_options *o)
{
    char url[128];
    int rc;

    stub_url(rig->stub, host, url, sizeof url);
    o->kind = stub_kind(rig->stub);
    o->env = &rig->env;
    o->on_event = take_event;
    o->event_arg = rig;
    rc = sg_open(url, o, &rig->sg);
    if (rc != SG_OK)
        unit_fail(__FILE__, __LINE__, "open: %s: %s", sg_error_name(rc),
                  sg_why());
}

void rig_open(struct rig *rig, const struct sg_options *options)
{
    static const struct sg_options none;
    struct sg_options o = options == NULL ? none : *options;

    o.member = "m";
    open_at(rig, "127.0.0.1", &o);
}

void rig_open_host(struct rig *rig, const char *host)
{
    struct sg_options o = {.member = "m"};

    open_at(rig, host, &o);
}

void rig_open_observer(struct rig *rig)
{
    struct sg_options o = {0};

    open_at(rig, "127.0.0.1", &o);
}

struct rig *rig_member(unsigned promises)
{
    struct rig *rig = rig_new(STUB_HEARS, RIG_WRITES | promises);

    rig_open(rig, NULL);
    return rig;
}

void rig_join(struct rig *rig, const char *group)
{
    unit_int(sg_join(rig->sg, group, NULL, 0, 0, NULL), SG_OK);
}

struct rig *rig_joined(unsigned promises)
{
    struct rig *rig = rig_member(promises);

    rig_join(rig, "g");
    return rig;
}

void rig_close(struct rig *rig)
{
    sg_close(rig->sg);
    rig->sg = NULL;
    rig_await_end(rig);
}

void rig_await_end(struct rig *rig)
{
    struct timespec limit;
    int late = 0;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&rig->lock);
    while (rig->ended == 0 && late == 0)
        late = pthread_cond_timedwait(&rig->cond, &rig->lock, &limit);
    pthread_mutex_unlock(&rig->lock);
    if (late != 0)
        unit_fail(__FILE__, __LINE__, "the handle does not end");
}

void rig_free(struct rig *rig)
{
    if (rig->sg != NULL) {
        rig->during = NULL;
        stub_release_for_ever(rig->stub);
        sg_close(rig->sg);
        rig->sg = NULL;
        rig_await_end(rig);
    }
    stub_free(rig->stub);
    pthread_cond_destroy(&rig->cond);
    pthread_mutex_destroy(&rig->lock);
    free(rig);
}

struct sg_standing rig_standing(struct rig *rig, const char *group)
{
    struct sg_standing standing = {0};

    if (sg_standing(rig->sg, group, &standing) != SG_OK)
        standing.state = SG_STATE_NONE;
    return standing;
}

void rig_expect(const struct rig *rig, size_t index, const char *group,
                enum sg_event_kind kind)
{
    unit_true(index < rig->n_events);
    unit_text(rig->events[index].group, group);
    unit_int(rig->events[index].kind, kind);
}
