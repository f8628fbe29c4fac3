/* SPDX-License-Identifier: Apache-2.0
 * truth.c - what must be said of a service, by what has happened to it.
 *
 * This knows nothing of the driver: bounds of the place, and a history.
 */
#include "truth.h"

#include "world.h"

#include <stdlib.h>

#define STORES 2 /* NEW_STORE and OLD_STORE                     */

/* After its end a service is UP for less than `least_ms`, and DOWN from
 * `most_ms` on. */
struct window {
    int64_t least_ms, most_ms;
};

/* One service in one store. */
struct trail {
    bool runs;
    int64_t ended_ms;
    struct window window; /* all zero: never there, or gone at once        */
};

struct outage {
    bool is_away;
    int64_t healed_ms;
};

struct truth {
    struct trail trail[FLEET_MAX][STORES];
    struct outage outage[STORES];
    struct window stopped_on_old, crashed[STORES];
};

/* A session lives until its server has heard nothing for its timeout, rounded
 * up to a tick; the last ping was up to a third of it before the crash. */
static struct window crashed_on_old(struct world *w)
{
    int64_t T = world_old_T(w), grain = world_grain(w);

    if (place_old_is_zk(w->place))
        return (struct window){T - T / 3 - grain, T + 2 * SECOND + grain};
    return (struct window){world_residual_least(w), world_residual_most(w)};
}

struct truth *truth_new(struct world *w)
{
    struct truth *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->stopped_on_old =
        (struct window){world_residual_least(w), world_residual_most(w)};
    t->crashed[OLD_STORE] = crashed_on_old(w);
    /* The last beat was up to a beat before the crash. */
    t->crashed[NEW_STORE] =
        (struct window){w->T - world_beat(w) - world_early(w), world_D(w)};
    return t;
}

void truth_free(struct truth *t)
{
    free(t);
}

/* ---- what happens ----------------------------------------------------- */

static bool is_on(enum world_side side, size_t store)
{
    return side == BOTH_STORES || (size_t)side == store;
}

void truth_started(struct truth *t, size_t host, enum world_side side)
{
    for (size_t s = 0; s < STORES; s++)
        if (is_on(side, s))
            t->trail[host][s].runs = true;
}

static void end(struct trail *trail, struct window window, int64_t at_ms)
{
    *trail = (struct trail){.ended_ms = at_ms, .window = window};
}

/* Nova's old drivers never left. What they wrote stands until it runs out; of
 * ZooKeeper the session is closed. All others leave. */
void truth_stopped(struct truth *t, size_t host, int64_t at_ms)
{
    const struct window at_once = {0, 0};
    struct trail *on = t->trail[host];
    bool is_old_driver = on[OLD_STORE].runs && !on[NEW_STORE].runs;

    if (on[NEW_STORE].runs)
        end(&on[NEW_STORE], at_once, at_ms);
    if (on[OLD_STORE].runs)
        end(&on[OLD_STORE], is_old_driver ? t->stopped_on_old : at_once, at_ms);
}

void truth_crashed(struct truth *t, size_t host, int64_t at_ms)
{
    for (size_t s = 0; s < STORES; s++)
        if (t->trail[host][s].runs)
            end(&t->trail[host][s], t->crashed[s], at_ms);
}

void truth_store_lost(struct truth *t, enum world_side side)
{
    t->outage[side].is_away = true;
}

void truth_store_back(struct truth *t, enum world_side side, bool keeps_data,
                      int64_t at_ms, int64_t healing_ms)
{
    t->outage[side] = (struct outage){.healed_ms = at_ms + healing_ms};
    for (size_t i = 0; i < FLEET_MAX && !keeps_data; i++)
        if (!t->trail[i][side].runs)
            t->trail[i][side] = (struct trail){.runs = false};
}

/* ---- what is said ----------------------------------------------------- */

static unsigned of_trail(const struct trail *trail, int64_t at_ms)
{
    int64_t age_ms = at_ms - trail->ended_ms;

    if (trail->runs || age_ms < trail->window.least_ms)
        return SAYS_UP;
    return age_ms >= trail->window.most_ms ? SAYS_DOWN : SAYS_EITHER;
}

static enum side_says of_store(const struct truth *t, size_t host, size_t store,
                               int64_t at_ms)
{
    const struct outage *outage = &t->outage[store];
    unsigned says = of_trail(&t->trail[host][store], at_ms);

    if (outage->is_away)
        return SAYS_UNKNOWN;
    return says | (at_ms < outage->healed_ms ? SAYS_UNKNOWN : 0u);
}

/* UP if any says so; DOWN if both do; else nobody knows. */
enum side_says truth_either(enum side_says one, enum side_says other)
{
    unsigned says = (one | other) & SAYS_UP;
    bool one_is_low = one & (SAYS_DOWN | SAYS_UNKNOWN);
    bool other_is_low = other & (SAYS_DOWN | SAYS_UNKNOWN);

    says |= one & other & SAYS_DOWN;
    if (one_is_low && other_is_low)
        says |= (one | other) & SAYS_UNKNOWN;
    return says;
}

enum side_says truth_says(const struct truth *t, size_t host,
                          enum world_side side, int64_t at_ms)
{
    if (side != BOTH_STORES)
        return of_store(t, host, side, at_ms);
    return truth_either(of_store(t, host, NEW_STORE, at_ms),
                        of_store(t, host, OLD_STORE, at_ms));
}
