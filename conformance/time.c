/* SPDX-License-Identifier: Apache-2.0
 * time.c - how time passes in a world: the only file that lets it.
 */
#include "neighbour.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A world that is not at rest after so long in real time will never be: no
 * client here works for more than milliseconds on a fake that answers (a
 * library's reconnect delay of T/60 at T = 60 s is the longest, 1 s; under
 * memcheck everything takes some 30 times as long). */
#define REST_LIMIT_MS (30 * SECOND)

static int64_t real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t world_clock(const struct world *w)
{
    return fake_now(w->hub);
}

int64_t world_now(const struct world *w)
{
    return fake_now(w->hub) - w->start_ms;
}

/* ---- what is due ------------------------------------------------------ */

static int64_t member_due(struct member *m)
{
    struct sg_pulse pulse;

    if (m->sg == NULL || m->is_paused)
        return INT64_MAX;
    sg_get_pulse(m->sg, &pulse);
    return pulse.next_due_ms;
}

static bool member_is_quiet(struct member *m)
{
    struct sg_pulse pulse;

    if (m->sg == NULL)
        return true;
    sg_get_pulse(m->sg, &pulse);
    if (pulse.left_behind > 0)
        return false;
    for (size_t i = 0; i < m->w->n_servers; i++)
        if (!fake_link_is_settled(m->links[i]))
            return false;
    for (size_t store = 0; store < 2; store++)
        if (pulse.pending[store] > 0 && !member_is_holding(m, store))
            return false;
    return true;
}

static bool is_quiet(struct world *w)
{
    for (struct member *m = w->members; m != NULL; m = m->next)
        if (!member_is_quiet(m))
            return false;
    return true;
}

static void say_restless(struct world *w)
{
    for (struct member *m = w->members; m != NULL; m = m->next) {
        struct sg_pulse p;
        if (member_is_quiet(m))
            continue;
        sg_get_pulse(m->sg, &p);
        world_broken(w,
                     "the world does not come to rest: %s has %u calls in "
                     "flight, %u left behind, %zu owed; its link is %s",
                     m->label, p.in_flight, p.left_behind, p.owed,
                     fake_link_is_settled(m->links[0]) ? "settled"
                                                       : "awaiting it back");
        return;
    }
    world_broken(w, "the world does not come to rest: something is always due");
}

/* The first member, in the order of their making, with something to do. */
static struct member *next_to_step(struct world *w)
{
    for (struct member *m = w->members; m != NULL; m = m->next)
        if (member_due(m) <= world_clock(w))
            return m;
    return NULL;
}

/* Neighbours come after members. */
static struct neighbour *next_neighbour(struct world *w)
{
    for (struct neighbour *n = w->neighbours; n != NULL; n = n->next)
        if (neighbour_due(n) <= world_clock(w))
            return n;
    return NULL;
}

/* ---- settling --------------------------------------------------------- */

static void settle_virtual(struct world *w)
{
    int64_t limit = real_ms() + REST_LIMIT_MS;
    struct neighbour *n;
    struct member *m;

    for (;;) {
        bool moved = fake_poll(w->hub, 0);
        if (moved)
            continue;
        if (!is_quiet(w)) {
            fake_poll(w->hub, 5);
        } else if ((m = next_to_step(w)) != NULL) {
            sg_step(m->sg);
        } else if ((n = next_neighbour(w)) != NULL) {
            neighbour_step(n);
        } else {
            /* One more idle pass: an answer may have come in between. */
            if (!fake_poll(w->hub, 0) && is_quiet(w) && next_to_step(w) == NULL)
                return;
        }
        if (real_ms() > limit) {
            say_restless(w);
            return;
        }
    }
}

static void step_members(struct world *w)
{
    for (struct member *m = w->members; m != NULL; m = m->next)
        if (member_due(m) <= world_clock(w))
            sg_step(m->sg);
}

static void step_all(struct world *w)
{
    struct neighbour *n = next_neighbour(w);

    step_members(w);
    if (n != NULL)
        neighbour_step(n);
}

void world_settle(struct world *w)
{
    if (w->place->is_fake) {
        settle_virtual(w);
    } else {
        while (fake_poll(w->hub, 0))
            step_all(w);
        step_all(w);
    }
}

/* ---- moving on -------------------------------------------------------- */

static int64_t next_event(struct world *w, int64_t until_ms)
{
    int64_t next = fake_next_due(w->hub);

    for (struct member *m = w->members; m != NULL; m = m->next) {
        int64_t due = member_due(m);
        if (due < next)
            next = due;
    }
    for (struct neighbour *n = w->neighbours; n != NULL; n = n->next)
        if (neighbour_due(n) < next)
            next = neighbour_due(n);
    if (next > until_ms)
        next = until_ms;
    return next < world_clock(w) ? world_clock(w) : next;
}

void world_advance(struct world *w, int64_t until_ms)
{
    int64_t next = next_event(w, until_ms);

    if (w->place->is_fake) {
        fake_advance(w->hub, next);
        world_settle(w);
    } else {
        int64_t wait_ms = next - world_clock(w);
        fake_poll(w->hub, wait_ms > 0 ? wait_ms : 0);
        step_all(w);
    }
}

/* Everything due before the caller's deadline runs meanwhile, and a call that
 * was answered costs no virtual time. The driver looked for its answer before
 * it came here: a wake since the last return means that it must look again. */
static bool was_woken(struct member *m)
{
    unsigned wakes = __atomic_load_n(&m->wakes, __ATOMIC_ACQUIRE);
    bool is_new = wakes != m->wakes_seen;

    m->wakes_seen = wakes;
    return is_new;
}

void world_wait(struct member *m, int64_t until_ms)
{
    struct world *w = m->w;

    if (w->end == WORLD_BROKEN && w->place->is_fake) {
        fake_advance(w->hub, until_ms);
        return;
    }
    if (was_woken(m))
        return;
    world_settle(w);
    if (!was_woken(m) && world_clock(w) < until_ms)
        world_advance(w, until_ms);
}

void world_pass(struct world *w, int64_t ms)
{
    int64_t end = world_clock(w) + ms;

    world_settle(w);
    while (world_clock(w) < end && w->end != WORLD_BROKEN)
        world_advance(w, end);
    world_settle(w);
}

/* A real server: hearts go on while a neighbour thinks. */
void world_serve(struct world *w, int64_t max_real_ms)
{
    fake_poll(w->hub, max_real_ms);
    if (!w->place->is_fake)
        step_members(w);
}

/* ---- blocking work beside --------------------------------------------- */

struct blocking {
    struct world *w;
    int (*work)(void *arg);
    void *arg;
    int code;
    bool is_done; /* atomic                                      */
};

static void *blocking_main(void *arg)
{
    struct blocking *b = arg;

    b->code = b->work(b->arg);
    __atomic_store_n(&b->is_done, true, __ATOMIC_RELEASE);
    fake_wake(b->w->hub);
    return NULL;
}

int world_blocking(struct world *w, int (*work)(void *arg), void *arg)
{
    struct blocking b = {.w = w, .work = work, .arg = arg};
    pthread_t thread;

    if (pthread_create(&thread, NULL, blocking_main, &b) != 0) {
        world_broken(w, "no thread for the raw client");
        return -1;
    }
    while (!__atomic_load_n(&b.is_done, __ATOMIC_ACQUIRE)) {
        fake_poll(w->hub, 20);
        if (!w->place->is_fake)
            step_all(w); /* hearts go on while a server is restarted */
    }
    pthread_join(thread, NULL);
    return b.code;
}
