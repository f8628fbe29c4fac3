/* SPDX-License-Identifier: Apache-2.0
 * migration_fleet.c - a fleet of services is rolled from the old store to the
 * new one, one after the other, and every second every reader is asked about
 * every host.
 *
 * A restart takes 10 s. In the specification's orders a host counts as
 * false-down as long as the api says DOWN of it, the restart included, as in
 * the simulation that the numbers come from. With the bridge only a service
 * that runs counts, and none may be.
 */
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS_MAX 1000

struct fleet {
    struct world *w;
    size_t n;
    struct member *service[HOSTS_MAX]; /* NULL: being restarted            */
    char name[HOSTS_MAX][32];
    const char *names[HOSTS_MAX];
    int64_t false_down_ms[HOSTS_MAX];
    int64_t unit; /* a second of production; less on a real server          */
    int64_t began;
    bool counts_restarts;
    bool is_done[HOSTS_MAX]; /* in this roll                             */
};

static struct fleet *fleet_new(struct world *w, size_t n, enum world_side side)
{
    struct fleet *f = calloc(1, sizeof *f);

    expect_that(w, f != NULL);
    world_T(w, 30 * SECOND); /* with a beat of 10 s, as the old driver's */
    f->w = w;
    f->n = n;
    f->unit = world_report(w) / 10;
    for (size_t i = 0; i < n; i++) {
        snprintf(f->name[i], sizeof f->name[i], "node%zu", i);
        f->names[i] = f->name[i];
        f->service[i] = service_start(w, f->name[i], side);
        /* Their beats are not all at one moment. */
        world_pass(w, world_report(w) / (int64_t)n);
    }
    f->began = world_now(w);
    return f;
}

static int64_t at(const struct fleet *f)
{
    return world_now(f->w) - f->began;
}

/* `ms` of everybody's life, as seen by one reader. */
static void watch(struct fleet *f, struct member *reader, int64_t ms)
{
    static bool is_up[HOSTS_MAX];

    services_are_up(reader, f->names, f->n, is_up);
    for (size_t i = 0; i < f->n; i++)
        if (!is_up[i] && (f->counts_restarts || f->service[i] != NULL))
            f->false_down_ms[i] += ms;
}

struct count {
    size_t hit;
    int64_t mean_ms, max_ms;
};

static struct count count(const struct fleet *f)
{
    struct count c = {0, 0, 0};

    for (size_t i = 0; i < f->n; i++) {
        c.hit += f->false_down_ms[i] > 0;
        c.mean_ms += f->false_down_ms[i];
        if (f->false_down_ms[i] > c.max_ms)
            c.max_ms = f->false_down_ms[i];
    }
    c.mean_ms /= (int64_t)f->n;
    return c;
}

/* Where a service is in the roll: host i stops after i gaps, and is back on
 * `side` 10 s later. */
static void roll_step(struct fleet *f, int64_t gap, enum world_side side)
{
    for (size_t i = 0; i < f->n; i++) {
        int64_t stop = (int64_t)i * gap, back = stop + 10 * f->unit;
        if (f->is_done[i])
            continue;
        if (f->service[i] != NULL && at(f) >= stop) {
            service_stop(f->service[i]);
            f->service[i] = NULL;
        } else if (f->service[i] == NULL && at(f) >= back) {
            f->service[i] = service_start(f->w, f->name[i], side);
            f->is_done[i] = true;
        }
    }
}

/* Roll all of them; `reader_at` says who looks, at each second. */
typedef struct member *reader_at(const struct fleet *f, struct readers *r,
                                 int64_t when);

/* A second; in a roll of hours five. */
static int64_t look_every(const struct fleet *f, int64_t gap)
{
    return gap >= 60 * f->unit ? 5 * f->unit : f->unit;
}

static void roll(struct fleet *f, struct readers *r, int64_t gap,
                 enum world_side side, int64_t until, reader_at *reader)
{
    int64_t next, step = look_every(f, gap);

    f->began = next = world_now(f->w);
    memset(f->is_done, 0, sizeof f->is_done);
    while (at(f) < until) {
        roll_step(f, gap, side);
        watch(f, reader(f, r, at(f)), step);
        next += step;
        world_pass(f->w, next - world_now(f->w));
    }
}

/* Nobody is restarted; each reader in turn looks. */
static void look_anywhere(struct fleet *f, struct readers *r, int64_t ms)
{
    for (int64_t t = 0; t < ms; t += f->unit) {
        watch(f, r->on[t / f->unit % 3], f->unit);
        world_pass(f->w, f->unit);
    }
}

/* ---- the specification's order ---------------------------------------- */

/* The computes are restarted first; the api is, 60 s after the last one is
 * back, with the new configuration. */
static int64_t api_restart(const struct fleet *f, int64_t gap)
{
    return (int64_t)(f->n - 1) * gap + 70 * f->unit;
}

static int64_t gap_of;

static struct member *api_last(const struct fleet *f, struct readers *r,
                               int64_t when)
{
    return r->on[when < api_restart(f, gap_of) ? OLD_STORE : NEW_STORE];
}

/* The api is restarted first; it is back after 10 s. */
static struct member *api_first(const struct fleet *f, struct readers *r,
                                int64_t when)
{
    return r->on[when < 10 * f->unit ? OLD_STORE : NEW_STORE];
}

static struct member *either(const struct fleet *f, struct readers *r,
                             int64_t when)
{
    (void)f;
    (void)when;
    return r->on[BOTH_STORES];
}

/* What the arithmetic says, in seconds. The computes first: each is false-down
 * from its stop, plus what memcache still remembers (49 to 60 s, by the phase
 * of its last beat), to the api's restart. The api first: from its restart to
 * the join of each. At R = 10 s, D = 60 s that is
 *
 *                      10 hosts, 5 s    100 hosts, 5 s    100 hosts, 60 s
 *   computes first     mean 37 max 58   mean 263 max 512  mean 2985 max 5958
 *   api first          mean 22 max 45   mean 248 max 495  mean 2970 max 5940
 *
 * over a store like memcache; ZooKeeper remembers nothing. */
static void expect_window(struct fleet *f, int64_t gap, bool is_api_first)
{
    struct world *w = f->w;
    struct count c = count(f);
    int64_t u = f->unit, n = (int64_t)f->n;
    bool forgets = world_residual_most(w) <= world_grain(w);
    int64_t residual = forgets || is_api_first ? 0 : 545 * u / 10;
    int64_t slack = (residual > 0 ? 6 * u : 2 * u) + look_every(f, gap) - u;
    int64_t longest =
        is_api_first ? (n - 1) * gap : api_restart(f, gap) - residual;
    /* .. and on ZooKeeper the first one's own restart beside. */
    int64_t mean = longest - (n - 1) * gap / 2 +
                   (is_api_first && forgets ? 10 * u / n : 0);

    /* The first one is back when the api is; on ZooKeeper its own restart
     * was seen before. */
    expect_number(w, (int64_t)c.hit, is_api_first && !forgets ? n - 1 : n);
    expect_that(w, llabs(c.mean_ms - mean) <= slack);
    expect_that(w, llabs(c.max_ms - longest) <= slack + u);
}

static void expect_no_false_down(struct fleet *f)
{
    expect_number(f->w, (int64_t)count(f).hit, 0);
}

static void specification(struct world *w, size_t n, int64_t gap_s,
                          bool is_api_first)
{
    struct readers r;
    struct fleet *f;

    world_needs_production(w);
    r = readers_new(w);
    f = fleet_new(w, world_roll(w, n), OLD_STORE);

    f->counts_restarts = true;
    gap_of = gap_s * f->unit;
    roll(f, &r, gap_of, NEW_STORE, api_restart(f, gap_of) + 10 * f->unit,
         is_api_first ? api_first : api_last);
    expect_window(f, gap_of, is_api_first);
    free(f);
}

SCENARIO(migration, computes_first_10_hosts_5_s_apart, "14.2")
{
    specification(w, 10, 5, false);
}

SCENARIO(migration, computes_first_100_hosts_5_s_apart, "14.2")
{
    specification(w, 100, 5, false);
}

SCENARIO(migration, computes_first_100_hosts_60_s_apart, "14.2")
{
    specification(w, 100, 60, false);
}

SCENARIO(migration, api_first_10_hosts_5_s_apart, "14.2")
{
    specification(w, 10, 5, true);
}

SCENARIO(migration, api_first_100_hosts_5_s_apart, "14.2")
{
    specification(w, 100, 5, true);
}

SCENARIO(migration, api_first_100_hosts_60_s_apart, "14.2")
{
    specification(w, 100, 60, true);
}

/* ---- with the bridge -------------------------------------------------- */

/* 5 s apart; a large fleet in the same time, several at once. */
static int64_t bridge_gap(const struct fleet *f)
{
    return f->n <= 50 ? 5 * f->unit : 250 * f->unit / (int64_t)f->n;
}

SCENARIO(migration, readers_of_both_see_no_false_down, "14.3")
{
    struct readers r = readers_new(w);
    struct fleet *f = fleet_new(w, world_fleet(w), OLD_STORE);
    int64_t gap = bridge_gap(f);

    roll(f, &r, gap, NEW_STORE, (int64_t)f->n * gap + 80 * f->unit, either);
    expect_no_false_down(f);
    free(f);
}

/* First to both, then to the new store alone; readers look where they like
 * as soon as everybody writes both. */
SCENARIO(migration, writers_of_both_can_be_read_anywhere, "14.3")
{
    struct readers r = readers_new(w);
    size_t n = world_fleet(w);
    struct fleet *f = fleet_new(w, n > 200 ? 200 : n, OLD_STORE);
    int64_t gap = bridge_gap(f), all = (int64_t)f->n * gap + 20 * f->unit;

    roll(f, &r, gap, BOTH_STORES, all, either);
    expect_no_false_down(f);
    look_anywhere(f, &r, 30 * f->unit);
    roll(f, &r, gap, NEW_STORE, all, either);
    expect_no_false_down(f);
    free(f);
}
