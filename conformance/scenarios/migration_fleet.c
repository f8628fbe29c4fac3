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

#include <stdlib.h>

/* Who looks, at each second of a roll. */
struct roll;
typedef struct member *reader_at(const struct roll *roll, int64_t when);

struct roll {
    struct world *w;
    struct fleet *f;
    struct readers r;
    size_t n;
    int64_t unit, gap;
    reader_at *reader;
    bool counts_restarts;
    int64_t false_down_ms[FLEET_MAX];
};

static struct roll *roll_new(struct world *w, size_t n)
{
    struct roll *roll = calloc(1, sizeof *roll);

    expect_that(w, roll != NULL);
    roll->w = w;
    roll->r = readers_new(w);
    roll->f = fleet_new(w, n, OLD_STORE);
    roll->n = n;
    roll->unit = fleet_unit(roll->f);
    return roll;
}

static void roll_free(struct roll *roll)
{
    fleet_free(roll->f);
    free(roll);
}

/* A second; in a roll of hours five. */
static int64_t look_every(const struct roll *roll)
{
    return roll->gap >= 60 * roll->unit ? 5 * roll->unit : roll->unit;
}

/* Everybody's life until the next look, as seen by one reader. */
static void look(struct fleet *f, int64_t at_ms, void *arg)
{
    static enum side_says says[FLEET_MAX];
    struct roll *roll = arg;

    fleet_ask(f, roll->reader(roll, at_ms), says);
    for (size_t i = 0; i < roll->n; i++)
        if (says[i] == SAYS_DOWN && (roll->counts_restarts || fleet_runs(f, i)))
            roll->false_down_ms[i] += look_every(roll);
}

static void pass(struct roll *roll, size_t end, enum world_side side,
                 int64_t lasts_ms, reader_at *reader)
{
    roll->reader = reader;
    fleet_roll(roll->f, &(struct fleet_roll){.end = end,
                                             .side = side,
                                             .gap_ms = roll->gap,
                                             .restart_ms = 10 * roll->unit,
                                             .every_ms = look_every(roll),
                                             .lasts_ms = lasts_ms,
                                             .look = look,
                                             .arg = roll});
}

static void roll_to(struct roll *roll, enum world_side side, int64_t lasts_ms,
                    reader_at *reader)
{
    pass(roll, roll->n, side, lasts_ms, reader);
}

/* Nobody is restarted. */
static void look_on(struct roll *roll, int64_t lasts_ms, reader_at *reader)
{
    pass(roll, 0, BOTH_STORES, lasts_ms, reader);
}

struct count {
    size_t hit;
    int64_t mean_ms, max_ms;
};

static struct count count(const struct roll *roll)
{
    struct count c = {0, 0, 0};

    for (size_t i = 0; i < roll->n; i++) {
        c.hit += roll->false_down_ms[i] > 0;
        c.mean_ms += roll->false_down_ms[i];
        if (roll->false_down_ms[i] > c.max_ms)
            c.max_ms = roll->false_down_ms[i];
    }
    c.mean_ms /= (int64_t)roll->n;
    return c;
}

/* ---- the specification's order ---------------------------------------- */

/* The computes are restarted first; the api is, 60 s after the last one is
 * back, with the new configuration. */
static int64_t api_restart(const struct roll *roll)
{
    return (int64_t)(roll->n - 1) * roll->gap + 70 * roll->unit;
}

static struct member *api_last(const struct roll *roll, int64_t when)
{
    return roll->r.on[when < api_restart(roll) ? OLD_STORE : NEW_STORE];
}

/* The api is restarted first; it is back after 10 s. */
static struct member *api_first(const struct roll *roll, int64_t when)
{
    return roll->r.on[when < 10 * roll->unit ? OLD_STORE : NEW_STORE];
}

static struct member *either(const struct roll *roll, int64_t when)
{
    (void)when;
    return roll->r.on[BOTH_STORES];
}

/* Each of the three in turn. */
static struct member *anywhere(const struct roll *roll, int64_t when)
{
    return roll->r.on[when / roll->unit % 3];
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
static void expect_window(struct roll *roll, bool is_api_first)
{
    struct world *w = roll->w;
    struct count c = count(roll);
    int64_t u = roll->unit, n = (int64_t)roll->n, gap = roll->gap;
    bool forgets = world_residual_most(w) <= world_grain(w);
    int64_t residual = forgets || is_api_first ? 0 : 545 * u / 10;
    int64_t slack = (residual > 0 ? 6 * u : 2 * u) + look_every(roll) - u;
    int64_t longest =
        is_api_first ? (n - 1) * gap : api_restart(roll) - residual;
    /* .. and on ZooKeeper the first one's own restart beside. */
    int64_t mean = longest - (n - 1) * gap / 2 +
                   (is_api_first && forgets ? 10 * u / n : 0);

    /* The first one is back when the api is; on ZooKeeper its own restart
     * was seen before. */
    expect_number(w, (int64_t)c.hit, is_api_first && !forgets ? n - 1 : n);
    expect_that(w, llabs(c.mean_ms - mean) <= slack);
    expect_that(w, llabs(c.max_ms - longest) <= slack + u);
}

static void specification(struct world *w, size_t n, int64_t gap_s,
                          bool is_api_first)
{
    struct roll *roll;

    world_needs_production(w);
    roll = roll_new(w, world_roll(w, n));
    roll->counts_restarts = true;
    roll->gap = gap_s * roll->unit;
    roll_to(roll, NEW_STORE, api_restart(roll) + 10 * roll->unit,
            is_api_first ? api_first : api_last);
    expect_window(roll, is_api_first);
    roll_free(roll);
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
static struct roll *bridge_new(struct world *w, size_t n)
{
    struct roll *roll = roll_new(w, n);

    roll->gap = n <= 50 ? 5 * roll->unit : 250 * roll->unit / (int64_t)n;
    return roll;
}

static void expect_no_false_down_in(struct roll *roll)
{
    expect_number(roll->w, (int64_t)count(roll).hit, 0);
}

SCENARIO(migration, readers_of_both_see_no_false_down, "14.3 14.2")
{
    struct roll *roll = bridge_new(w, world_fleet(w));

    roll_to(roll, NEW_STORE, (int64_t)roll->n * roll->gap + 80 * roll->unit,
            either);
    expect_no_false_down_in(roll);
    roll_free(roll);
}

/* First to both, then to the new store alone; readers look where they like
 * as soon as everybody writes both. */
SCENARIO(migration, writers_of_both_can_be_read_anywhere, "14.3 14.2")
{
    size_t n = world_fleet(w);
    struct roll *roll = bridge_new(w, n > 200 ? 200 : n);
    int64_t all = (int64_t)roll->n * roll->gap + 20 * roll->unit;

    roll_to(roll, BOTH_STORES, all, either);
    expect_no_false_down_in(roll);
    look_on(roll, 30 * roll->unit, anywhere);
    expect_no_false_down_in(roll);
    roll_to(roll, NEW_STORE, all, either);
    expect_no_false_down_in(roll);
    roll_free(roll);
}
