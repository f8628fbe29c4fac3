/* SPDX-License-Identifier: Apache-2.0
 * vclock.c - the hub's clock, virtual or real, and the timers that follow it.
 *
 * A pairing heap: a timer is its own node, so setting one cannot fail, and
 * ten thousand sessions that beat cost a few comparisons each.
 */
#include "hub.h"

#include <errno.h>
#include <time.h>

static int64_t clock_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t clock_ms(clockid_t id)
{
    return clock_ns(id) / 1000000;
}

int64_t fake_vclock_real_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

/* Clients on other threads read the clock; only the polling one moves it. */
static int64_t virtual_now(const struct fake_hub *hub)
{
    return __atomic_load_n(&hub->now_ms, __ATOMIC_ACQUIRE);
}

static void move_to(struct fake_hub *hub, int64_t ms)
{
    if (ms > hub->now_ms)
        __atomic_store_n(&hub->now_ms, ms, __ATOMIC_RELEASE);
}

int64_t fake_now(const struct fake_hub *hub)
{
    return hub->is_virtual ? virtual_now(hub) : fake_vclock_real_ms();
}

int64_t fake_wall_ms(const struct fake_hub *hub)
{
    if (!hub->is_virtual)
        return clock_ms(CLOCK_REALTIME);
    return virtual_now(hub) + hub->wall_less_now_ms;
}

static bool is_before(const struct fake_timer *a, const struct fake_timer *b)
{
    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms;
    return a->order < b->order;
}

/* Both are roots: no siblings. `prev` of a first child is its parent. */
static struct fake_timer *meld(struct fake_timer *a, struct fake_timer *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    if (is_before(b, a)) {
        struct fake_timer *swap = a;
        a = b;
        b = swap;
    }
    b->next = a->child;
    if (b->next != NULL)
        b->next->prev = b;
    b->prev = a;
    a->child = b;
    return a;
}

static struct fake_timer *meld_children(struct fake_timer *first)
{
    struct fake_timer *pairs = NULL, *root = NULL;

    while (first != NULL) {
        struct fake_timer *a = first, *b = a->next;
        first = b == NULL ? NULL : b->next;
        a->next = a->prev = NULL;
        if (b != NULL)
            b->next = b->prev = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs != NULL) {
        struct fake_timer *a = pairs;
        pairs = a->next;
        a->next = NULL;
        root = meld(root, a);
    }
    return root;
}

void fake_timer_stop(struct fake_hub *hub, struct fake_timer *timer)
{
    if (!timer->is_set)
        return;
    struct fake_timer *rest = meld_children(timer->child);
    if (hub->timers == timer) {
        hub->timers = rest;
    } else {
        if (timer->prev->child == timer)
            timer->prev->child = timer->next;
        else
            timer->prev->next = timer->next;
        if (timer->next != NULL)
            timer->next->prev = timer->prev;
        hub->timers = meld(hub->timers, rest);
    }
    timer->child = timer->next = timer->prev = NULL;
    timer->is_set = false;
}

void fake_timer_set(struct fake_hub *hub, struct fake_timer *timer,
                    int64_t due_ms)
{
    fake_timer_stop(hub, timer);
    timer->due_ms = due_ms;
    timer->order = hub->next_order++;
    timer->child = timer->next = timer->prev = NULL;
    timer->is_set = true;
    hub->timers = meld(hub->timers, timer);
}

int64_t fake_next_due(const struct fake_hub *hub)
{
    return hub->timers == NULL ? INT64_MAX : hub->timers->due_ms;
}

/* Each event is complete, ended connections included, before the next. */
static void fire_first(struct fake_hub *hub)
{
    struct fake_timer *timer = hub->timers;

    hub->depth++; /* not fake_hub_enter(), which may move the clock */
    fake_timer_stop(hub, timer);
    timer->fire(timer->arg);
    fake_hub_leave(hub);
}

bool fake_vclock_fire_due(struct fake_hub *hub)
{
    /* A timer set meanwhile waits for the next call, or one that always sets
     * itself again would keep us here. */
    uint64_t end = hub->next_order;
    int64_t now = fake_now(hub);
    bool has_fired = false;

    while (hub->timers != NULL && hub->timers->due_ms <= now &&
           hub->timers->order < end) {
        fire_first(hub);
        has_fired = true;
    }
    return has_fired;
}

static void advance(struct fake_hub *hub, int64_t to_ms)
{
    while (hub->timers != NULL && hub->timers->due_ms <= to_ms) {
        move_to(hub, hub->timers->due_ms);
        fire_first(hub);
    }
    move_to(hub, to_ms);
}

void fake_advance(struct fake_hub *hub, int64_t to_ms)
{
    if (hub->is_virtual && hub->rate == 0)
        advance(hub, to_ms);
}

/* ---- a virtual clock that runs by itself ------------------------------ */

bool fake_is_real_time(const struct fake_hub *hub)
{
    return !hub->is_virtual || hub->rate == 1;
}

/* Far enough for any plan, and no sum of two of them overflows. */
static int64_t whole_ms(double ms)
{
    const double most = 4e18;

    return ms < most ? (int64_t)ms : (int64_t)most;
}

void fake_vclock_catch_up(struct fake_hub *hub)
{
    int64_t to_ms;
    double gone_ms;

    /* Within an event the clock stands where the event is. */
    if (hub->rate == 0 || hub->depth > 0)
        return;
    gone_ms = (double)(clock_ns(CLOCK_MONOTONIC) - hub->from_real_ns) / 1e6;
    to_ms = hub->from_ms + whole_ms(gone_ms * hub->rate);
    if (fake_next_due(hub) <= to_ms)
        hub->has_served = true;
    advance(hub, to_ms);
}

int64_t fake_vclock_wait_ms(const struct fake_hub *hub)
{
    int64_t due_ms = fake_next_due(hub), real_ns = clock_ns(CLOCK_MONOTONIC);
    double wait_ms;

    if (due_ms == INT64_MAX || (hub->is_virtual && hub->rate == 0))
        return INT64_MAX;
    if (!hub->is_virtual)
        return due_ms - real_ns / 1000000;
    wait_ms = (double)(due_ms - hub->from_ms) / hub->rate -
              (double)(real_ns - hub->from_real_ns) / 1e6;
    return wait_ms < 0 ? 0 : whole_ms(wait_ms) + 1;
}

int fake_set_rate(struct fake_hub *hub, double rate)
{
    bool was_real;

    if (!hub->is_virtual)
        return -ENOTSUP;
    if (!(rate >= 0 && rate <= FAKE_FASTEST))
        return -EINVAL;
    fake_hub_enter(hub);
    was_real = fake_is_real_time(hub);
    hub->rate = rate;
    hub->from_ms = hub->now_ms;
    hub->from_real_ns = clock_ns(CLOCK_MONOTONIC);
    for (struct fake *f = hub->fakes; f != NULL; f = f->next)
        if (was_real != fake_is_real_time(hub) &&
            f->service->time_changed != NULL)
            f->service->time_changed(f);
    fake_hub_leave(hub);
    return 0;
}
