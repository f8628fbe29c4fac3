/* SPDX-License-Identifier: Apache-2.0
 * world.c - a world from its making to its end: one scenario, one place.
 */
#include "neighbour.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- making ----------------------------------------------------------- */

/* The virtual clock does not begin at 0, so that a forgotten "0 means never"
 * shows; its wall clock is a fixed day, phases of whole seconds by the seed. */
static void open_hub(struct world *w)
{
    struct fake_hub_options options = {
        .virtual_clock = w->place->is_fake,
        .start_ms = 100 * SECOND + (int64_t)(w->seed % 1000),
        .wall_start_ms = INT64_C(1795000000000) + (int64_t)(w->seed % 977),
    };

    if (fake_hub_new(&options, &w->hub) != 0)
        world_fail(w, WORLD_BROKEN, "no hub");
    w->start_ms = fake_now(w->hub);
}

/* 32 hexadecimal digits in a row are a UUID of some client (kazoo names its
 * contenders by them): another one in each run. */
static void blot_identities(char *text)
{
    size_t run = 0;

    for (char *at = text;; at++) {
        if (*at != '\0' && strchr("0123456789abcdef", *at) != NULL) {
            run++;
            continue;
        }
        if (run == 32)
            memset(at - run, '*', run);
        run = 0;
        if (*at == '\0')
            return;
    }
}

static void take_note(void *arg, const char *line)
{
    struct world *w = arg;
    char text[1200];

    if (w->is_stopping)
        return;
    snprintf(text, sizeof text, "%s", line);
    blot_identities(text);
    if (w->place->old == PLACE_ALONE)
        trace_add(&w->trace, world_now(w), "server", text);
    else
        trace_add_sorted(&w->trace, world_now(w), "server", text);
}

static int open_fake(struct world *w, struct fake **ret)
{
    if (w->place->store == &store_redis)
        return fake_redis_new(w->hub, ret);
    if (w->place->store == &store_kazoo)
        return fake_zookeeper_new(w->hub, w->place->tick_ms, ret);
    return fake_memcached_new(w->hub, (int64_t)(w->seed * 331 % 1000), ret);
}

/* The old store's tick is 2 s: its sessions are of 4 s. */
static int open_old(struct world *w, struct fake **ret)
{
    const struct place *p = w->place;

    if (!p->is_fake)
        return fake_proxy_new(w->hub, p->old_host, p->old_port, ret);
    if (place_old_is_zk(p))
        return fake_zookeeper_new(w->hub, 2 * SECOND, ret);
    return fake_memcached_new(w->hub, (int64_t)(w->seed * 577 % 1000), ret);
}

static void open_new_servers(struct world *w)
{
    if (w->place->is_fake) {
        if (open_fake(w, &w->servers[0]) != 0)
            world_fail(w, WORLD_BROKEN, "the fake does not start");
        fake_set_trace(w->hub, take_note, w);
        w->n_servers = 1;
        return;
    }
    for (size_t i = 0; i < w->place->servers; i++)
        if (fake_proxy_new(w->hub, w->place->host[i], w->place->port[i],
                           &w->servers[i]) != 0)
            world_fail(w, WORLD_BROKEN, "no proxy");
    w->n_servers = w->place->servers;
}

static void open_servers(struct world *w)
{
    open_new_servers(w);
    w->n_new = w->n_servers;
    if (w->place->old == PLACE_ALONE)
        return;
    if (open_old(w, &w->servers[w->n_servers]) != 0)
        world_fail(w, WORLD_BROKEN, "the old store does not start");
    w->n_servers++;
}

/* The longest T of the place: a pair's old store has its own. */
static int64_t longest_T(const struct world *w)
{
    int64_t T = w->place->timeout_ms;

    if (w->place->old != PLACE_ALONE && world_old_T(w) > T)
        T = world_old_T(w);
    return T;
}

/* A real server is used again: empty it, and let it be older than T, or
 * every DOWN would rightly be UNKNOWN. */
static void prepare_real(struct world *w)
{
    int64_t age, T = longest_T(w);

    if (w->place->is_fake)
        return;
    world_server_restore(w);
    age = world_clock(w) - w->place->up_since_ms;
    world_server_flush(w);
    if (age < T + SECOND)
        world_pass(w, T + SECOND - age);
    w->start_ms = world_clock(w);
}

/* ---- ending ----------------------------------------------------------- */

static void check_harness(struct world *w)
{
    if (w->end != WORLD_PASSED)
        return;
    if (w->checks == 0) {
        w->end = WORLD_BROKEN;
        snprintf(w->why, sizeof w->why, "the scenario asserted nothing");
        return;
    }
    for (struct member *m = w->members; m != NULL; m = m->next) {
        unsigned struck = 0;
        for (size_t i = 0; i < w->n_servers; i++)
            if (m->links[i] != NULL)
                struck += fake_link_struck(m->links[i]);
        if (struck < m->faults_set) {
            w->end = WORLD_BROKEN;
            snprintf(w->why, sizeof w->why,
                     "%s was to have %u faults, and %u struck", m->label,
                     m->faults_set, struck);
        }
    }
}

static void tear_down(struct world *w)
{
    w->is_stopping = true;
    /* Everybody may say goodbye: a library that closes in the dark stands
     * still for its own time (libzookeeper 1.5 s, seen). */
    for (struct member *m = w->members; m != NULL; m = m->next)
        for (size_t i = 0; i < w->n_servers; i++)
            if (m->links[i] != NULL)
                fake_link_heal(m->links[i]);
    for (struct neighbour *n = w->neighbours; n != NULL; n = n->next)
        neighbour_end(n);
    for (struct member *m = w->members; m != NULL; m = m->next)
        member_end(m);
    world_store_close(w);
    while (__atomic_load_n(&w->open_handles, __ATOMIC_ACQUIRE) > 0)
        fake_poll(w->hub, 20);
    fake_hub_free(w->hub);
    w->hub = NULL;
    while (w->members != NULL) {
        struct member *next = w->members->next;
        member_free(w->members);
        w->members = next;
    }
    while (w->neighbours != NULL) {
        struct neighbour *next = w->neighbours->next;
        neighbour_free(w->neighbours);
        w->neighbours = next;
    }
}

enum world_end world_play(const struct scenario *scenario,
                          const struct world_options *options,
                          struct world **ret_world)
{
    struct world *w = calloc(1, sizeof *w);

    *ret_world = w;
    if (w == NULL)
        return WORLD_BROKEN;
    w->place = options->place;
    w->seed = options->seed;
    w->size = options->size;
    w->members_end = &w->members;
    w->neighbours_end = &w->neighbours;
    w->neighbour = options->neighbour;
    w->neighbour_limit_ms = options->neighbour_limit_ms;
    if (setjmp(w->out) == 0) {
        open_hub(w);
        open_servers(w);
        world_T(w, 10 * SECOND);
        prepare_real(w);
        scenario->play(w);
    }
    check_harness(w);
    if (w->hub != NULL)
        tear_down(w);
    return w->end;
}

void world_free(struct world *w)
{
    if (w == NULL)
        return;
    trace_free(&w->trace);
    free(w->remembered);
    free(w);
}

/* ---- telling ---------------------------------------------------------- */

void world_note(struct world *w, const char *actor, const char *format, ...)
{
    char line[1200];
    va_list list;

    if (w->is_stopping)
        return;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    trace_add(&w->trace, world_now(w), actor, line);
}

void world_fail(struct world *w, enum world_end end, const char *format, ...)
{
    if (w->end != WORLD_BROKEN) {
        va_list list;
        va_start(list, format);
        vsnprintf(w->why, sizeof w->why, format, list);
        va_end(list);
        w->end = end;
    }
    longjmp(w->out, 1);
}

void world_broken(struct world *w, const char *format, ...)
{
    va_list list;

    if (w->end == WORLD_BROKEN)
        return;
    va_start(list, format);
    vsnprintf(w->why, sizeof w->why, format, list);
    va_end(list);
    w->end = WORLD_BROKEN;
}

/* ---- bounds and sizes ------------------------------------------------- */

int64_t world_T(struct world *w, int64_t production_ms)
{
    w->T = w->place->is_fake ? production_ms : w->place->timeout_ms;
    return w->T;
}

int64_t world_beat(const struct world *w)
{
    return w->T / 3;
}

int64_t world_deadline(const struct world *w)
{
    int64_t d = w->T / 6;

    if (w->place->deadline_ms > 0)
        return w->place->deadline_ms;
    return d < 200 ? 200 : d > 2000 ? 2000 : d;
}

int64_t world_grain(const struct world *w)
{
    return w->place->grain_ms;
}

/* The slack of the store is the driver's to declare; it is read from the
 * table that the member uses, and held against it by the scenarios. */
static struct sg_bounds bounds_of(const struct world *w)
{
    struct sg_bounds bounds = {0};
    struct sg_options options = {.timeout_ms = w->T,
                                 .tick_ms = w->place->tick_ms};
    char url[64];
    struct sg *sg;

    snprintf(url, sizeof url, "%s://127.0.0.1", w->place->store->scheme);
    if (sg_open(url, &options, &sg) == SG_OK) {
        sg_get_bounds(sg, &bounds);
        sg_close(sg);
    }
    return bounds;
}

int64_t world_early(const struct world *w)
{
    return bounds_of(w).early_ms + w->place->grain_ms;
}

int64_t world_late(const struct world *w)
{
    return bounds_of(w).late_ms + w->place->grain_ms;
}

int64_t world_D(const struct world *w)
{
    return w->T + world_late(w);
}

int64_t world_healing(const struct world *w)
{
    bool is_two = w->place->store->traits & STORE_HEALS_IN_TWO;
    int64_t one = world_beat(w) + world_deadline(w) + w->place->grain_ms;

    return is_two ? 2 * one : one;
}

int64_t world_long(const struct world *w)
{
    return w->place->is_fake ? 10 * MINUTE : MINUTE;
}

int64_t world_steps(const struct world *w, int64_t n)
{
    return w->place->is_fake && strcmp(w->size, "memcheck") != 0 ? n : n / 4;
}

size_t world_crowd(const struct world *w)
{
    if (strcmp(w->size, "memcheck") == 0)
        return 50;
    if (strcmp(w->size, "check") == 0)
        return 1000;
    return 10000;
}
