/* SPDX-License-Identifier: Apache-2.0
 * test_vclock.c - the hub's clock: order of timers, virtual and real.
 */
#include "service.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

struct world {
    struct fake_hub *hub;
    char fired[64];
    int64_t at[64];
    unsigned count;
};

struct mark {
    struct fake_timer timer;
    struct world *world;
    char name;
    struct mark *sets;  /* set by this one when it fires...                 */
    int64_t after_ms;   /* ...so much later                                 */
    struct mark *stops; /* stopped by this one                              */
};

static void start(struct world *w, bool is_virtual)
{
    struct fake_hub_options options = {.virtual_clock = is_virtual,
                                       .start_ms = 1000,
                                       .wall_start_ms = 1700000000000};
    memset(w, 0, sizeof *w);
    unit_int(fake_hub_new(&options, &w->hub), 0);
}

static void fire(void *arg)
{
    struct mark *m = arg;
    struct world *w = m->world;

    w->at[w->count] = fake_now(w->hub);
    w->fired[w->count++] = m->name;
    if (m->sets != NULL)
        fake_timer_set(w->hub, &m->sets->timer, fake_now(w->hub) + m->after_ms);
    if (m->stops != NULL)
        fake_timer_stop(w->hub, &m->stops->timer);
}

static struct mark mark(struct world *w, char name)
{
    struct mark m = {.world = w, .name = name, .timer.fire = fire};
    return m;
}

static void set(struct mark *m, int64_t due_ms)
{
    m->timer.arg = m;
    fake_timer_set(m->world->hub, &m->timer, due_ms);
}

UNIT(vclock, timers_fire_by_time_then_by_when_they_were_set)
{
    struct world w;
    start(&w, true);
    struct mark a = mark(&w, 'a'), b = mark(&w, 'b'), c = mark(&w, 'c'),
                d = mark(&w, 'd'), e = mark(&w, 'e');
    set(&e, 1300);
    set(&c, 1200);
    set(&a, 1100);
    set(&b, 1200);
    set(&d, 1200);
    set(&c, 1200); /* moved: now behind d */
    unit_int(fake_next_due(w.hub), 1100);
    fake_advance(w.hub, 1200);
    unit_text(w.fired, "abdc");
    unit_int(w.at[0], 1100);
    unit_int(w.at[3], 1200);
    unit_int(fake_next_due(w.hub), 1300);
    fake_advance(w.hub, 1299);
    unit_text(w.fired, "abdc");
    fake_advance(w.hub, 5000);
    unit_text(w.fired, "abdce");
    unit_int(w.at[4], 1300);
    unit_int(fake_now(w.hub), 5000);
    unit_int(fake_next_due(w.hub), INT64_MAX);
    fake_hub_free(w.hub);
}

UNIT(vclock, what_an_event_plans_happens_in_the_same_advance)
{
    struct world w;
    start(&w, true);
    struct mark a = mark(&w, 'a'), b = mark(&w, 'b'), c = mark(&w, 'c'),
                d = mark(&w, 'd');
    d.timer.arg = &d;
    a.sets = &d;
    a.after_ms = 50;
    a.stops = &c;
    set(&a, 1100);
    set(&c, 1120);
    set(&b, 1200);
    fake_advance(w.hub, 9000);
    unit_text(w.fired, "adb");
    unit_int(w.at[1], 1150);
    unit_true(!c.timer.is_set && !d.timer.is_set);
    fake_hub_free(w.hub);
}

UNIT(vclock, what_is_overdue_fires_once_at_the_present_time)
{
    struct world w;
    start(&w, true);
    struct mark a = mark(&w, 'a'), b = mark(&w, 'b');
    set(&a, 10);
    unit_true(fake_poll(w.hub, 0));
    unit_text(w.fired, "a");
    unit_int(w.at[0], 1000);
    set(&b, 10);
    fake_advance(w.hub, 500);
    unit_text(w.fired, "ab");
    unit_int(w.at[1], 1000); /* never back */
    unit_int(fake_now(w.hub), 1000);
    unit_true(!fake_poll(w.hub, 0));
    fake_hub_free(w.hub);
}

UNIT(vclock, wall_time_follows_the_virtual_clock)
{
    struct world w;
    start(&w, true);
    unit_int(fake_wall_ms(w.hub), 1700000000000);
    fake_advance(w.hub, 61000);
    unit_int(fake_now(w.hub), 61000);
    unit_int(fake_wall_ms(w.hub), 1700000060000);
    fake_hub_free(w.hub);
}

struct tally {
    struct fake_timer *last;
    unsigned fired, out_of_order;
};

struct tallied {
    struct fake_timer timer;
    struct tally *tally;
};

static void count_one(void *arg)
{
    struct tallied *one = arg;
    struct fake_timer *t = &one->timer, *last = one->tally->last;

    if (last != NULL && (t->due_ms < last->due_ms ||
                         (t->due_ms == last->due_ms && t->order < last->order)))
        one->tally->out_of_order++;
    one->tally->fired++;
    one->tally->last = t;
}

UNIT(vclock, thousands_set_moved_and_stopped_fire_each_once_and_in_order)
{
    enum { TIMERS = 2000, STEPS = 20000 };
    struct world w;
    struct tally tally = {0};
    uint32_t seed = 7;
    unsigned want = 0;
    start(&w, true);
    struct tallied *all = calloc(TIMERS, sizeof *all);
    unit_true(all != NULL);
    for (int i = 0; i < STEPS; i++) {
        seed = seed * 1103515245 + 12345;
        struct tallied *one = &all[(seed >> 8) % TIMERS];
        one->tally = &tally;
        one->timer.fire = count_one;
        one->timer.arg = one;
        if ((seed >> 24) % 4 == 0)
            fake_timer_stop(w.hub, &one->timer);
        else
            fake_timer_set(w.hub, &one->timer, 2000 + (seed >> 16) % 300);
    }
    for (int i = 0; i < TIMERS; i++)
        want += all[i].timer.is_set;
    unit_true(want > TIMERS / 2);
    fake_advance(w.hub, 2150);
    unit_true(tally.fired > 0 && tally.fired < want);
    fake_advance(w.hub, 2300);
    unit_int(tally.fired, want);
    unit_int(tally.out_of_order, 0);
    free(all);
    fake_hub_free(w.hub);
}

UNIT(vclock, a_real_hub_fires_in_poll_and_cannot_be_advanced)
{
    struct world w;
    start(&w, false);
    struct mark a = mark(&w, 'a'), b = mark(&w, 'b');
    int64_t begin = fake_now(w.hub);
    set(&b, begin + 100000);
    set(&a, begin + 20);
    fake_advance(w.hub, begin + 200000);
    unit_text(w.fired, "");
    unit_true(fake_now(w.hub) < begin + 100000);
    while (w.count == 0)
        unit_true(fake_poll(w.hub, 60000));
    unit_text(w.fired, "a");
    unit_true(w.at[0] >= begin + 20);
    fake_timer_stop(w.hub, &b.timer);
    fake_hub_free(w.hub);
}
