/* SPDX-License-Identifier: Apache-2.0
 * fleet.c - the services of a migration, those who ask about them, and the
 * comparison of every answer with the truth.
 */
#include "truth.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READERS_MAX 8

struct watcher {
    struct member *reader;
    int64_t asked_ms;
    unsigned false_downs;
    enum side_says says[FLEET_MAX];
};

struct fleet {
    struct world *w;
    struct truth *truth;
    size_t n, n_watchers;
    int64_t unit, healed_ms; /* when all was well after a store's return     */
    struct member *service[FLEET_MAX]; /* NULL: it does not run              */
    char name[FLEET_MAX][16];
    const char *names[FLEET_MAX];
    struct watcher watcher[READERS_MAX];
};

/* ---- making ----------------------------------------------------------- */

static struct fleet *fleet_empty(struct world *w)
{
    struct fleet *f = calloc(1, sizeof *f);

    if (f == NULL)
        world_fail(w, WORLD_BROKEN, "no memory for a fleet");
    world_T(w, 30 * SECOND); /* with a beat of 10 s, as the old driver's */
    f->w = w;
    f->unit = world_report(w) / 10;
    f->truth = truth_new(w);
    if (f->truth == NULL) {
        free(f);
        world_fail(w, WORLD_BROKEN, "no memory for the truth");
    }
    return f;
}

void fleet_add(struct fleet *f, enum world_side side)
{
    size_t i = f->n;

    if (i == FLEET_MAX)
        world_fail(f->w, WORLD_BROKEN, "a fleet of more than %d", FLEET_MAX);
    snprintf(f->name[i], sizeof f->name[i], "node%zu", i);
    f->names[i] = f->name[i];
    f->n++;
    fleet_start(f, i, side);
}

struct fleet *fleet_new(struct world *w, size_t n, enum world_side side)
{
    struct fleet *f = fleet_empty(w);

    for (size_t i = 0; i < n; i++) {
        fleet_add(f, side);
        /* Their beats are not all at one moment. */
        world_pass(w, world_report(w) / (int64_t)n);
    }
    return f;
}

void fleet_free(struct fleet *f)
{
    if (f == NULL)
        return;
    truth_free(f->truth);
    free(f);
}

size_t fleet_size(const struct fleet *f)
{
    return f->n;
}

int64_t fleet_unit(const struct fleet *f)
{
    return f->unit;
}

bool fleet_runs(const struct fleet *f, size_t host)
{
    return f->service[host] != NULL;
}

/* ---- what happens to services and stores ------------------------------ */

void fleet_start(struct fleet *f, size_t host, enum world_side side)
{
    f->service[host] = service_start(f->w, f->name[host], side);
    truth_started(f->truth, host, side);
}

void fleet_stop(struct fleet *f, size_t host)
{
    truth_stopped(f->truth, host, world_now(f->w));
    service_stop(f->service[host]);
    f->service[host] = NULL;
}

void fleet_crash(struct fleet *f, size_t host)
{
    truth_crashed(f->truth, host, world_now(f->w));
    member_kill(f->service[host]);
    f->service[host] = NULL;
}

void fleet_store_stop(struct fleet *f, enum world_side side)
{
    if (side == OLD_STORE)
        world_old_stop(f->w);
    else
        world_server_stop(f->w);
    truth_store_lost(f->truth, side);
}

/* What was lost is UNKNOWN for T, and written again by the second beat
 * (contract 8.2). */
static int64_t healing(const struct fleet *f, enum world_side side,
                       bool keep_data)
{
    const struct world *w = f->w;
    int64_t T = side == OLD_STORE ? world_old_T(w) : w->T;
    int64_t beats = 2 * world_report(w) + world_grain(w);

    if (side == NEW_STORE && world_healing(w) > beats)
        beats = world_healing(w);
    return keep_data ? beats : T + beats;
}

void fleet_store_start(struct fleet *f, enum world_side side, bool keep_data)
{
    struct world *w = f->w;
    int64_t now;

    if (side == OLD_STORE)
        world_old_start(w, keep_data);
    else
        world_server_start(w, keep_data);
    now = world_now(w);
    f->healed_ms = now + healing(f, side, keep_data);
    truth_store_back(f->truth, side, keep_data, now, f->healed_ms - now);
}

/* ---- who asks --------------------------------------------------------- */

static struct watcher *find(struct fleet *f, const struct member *reader)
{
    for (size_t i = 0; i < f->n_watchers; i++)
        if (f->watcher[i].reader == reader)
            return &f->watcher[i];
    world_fail(f->w, WORLD_BROKEN, "%s is no reader of this fleet",
               reader->label);
}

struct member *fleet_reader(struct fleet *f, const char *label,
                            enum world_side side)
{
    if (f->n_watchers == READERS_MAX)
        world_fail(f->w, WORLD_BROKEN, "more than %d readers", READERS_MAX);
    f->watcher[f->n_watchers] =
        (struct watcher){.reader = reader_new(f->w, label, side)};
    return f->watcher[f->n_watchers++].reader;
}

struct member *fleet_reader_restart(struct fleet *f, struct member *reader,
                                    enum world_side side)
{
    struct watcher *watcher = find(f, reader);
    char name[64];

    snprintf(name, sizeof name, "%.*s", (int)strcspn(reader->label, "@"),
             reader->label);
    member_close(reader);
    *watcher = (struct watcher){.reader = reader_new(f->w, name, side)};
    return watcher->reader;
}

struct readers fleet_readers(struct fleet *f)
{
    return (struct readers){{
        [NEW_STORE] = fleet_reader(f, "reader", NEW_STORE),
        [OLD_STORE] = fleet_reader(f, "reader", OLD_STORE),
        [BOTH_STORES] = fleet_reader(f, "reader", BOTH_STORES),
    }};
}

/* ---- asking ----------------------------------------------------------- */

static const char *word(enum side_says says)
{
    static const char *const words[] = {"?",
                                        "UP",
                                        "DOWN",
                                        "UP or DOWN",
                                        "UNKNOWN",
                                        "UP or UNKNOWN",
                                        "DOWN or UNKNOWN",
                                        "anything"};

    return words[says & 7];
}

/* On a real server time passes while it answers: what was true at the one end
 * or at the other. */
void fleet_ask(struct fleet *f, struct member *reader, enum side_says *ret_says)
{
    struct world *w = f->w;
    int64_t before = world_now(w), after;

    services_say(reader, f->names, f->n, ret_says);
    after = world_now(w);
    for (size_t i = 0; i < f->n; i++) {
        enum side_says want = truth_says(f->truth, i, reader->side, before) |
                              truth_says(f->truth, i, reader->side, after);
        if (!(ret_says[i] & want))
            world_fail(
                w, WORLD_FAILED, "%s says %s of %s, and the truth table %s",
                reader->label, word(ret_says[i]), f->name[i], word(want));
    }
}

static void watch(struct fleet *f, struct watcher *watcher)
{
    struct member *reader = watcher->reader;
    enum side_says says[FLEET_MAX];

    fleet_ask(f, reader, says);
    watcher->asked_ms = world_now(f->w);
    for (size_t i = 0; i < f->n; i++) {
        if (says[i] != watcher->says[i])
            world_note(f->w, reader->label, "%s is %s", f->name[i],
                       word(says[i]));
        watcher->says[i] = says[i];
        watcher->false_downs += says[i] == SAYS_DOWN && fleet_runs(f, i);
    }
}

static const struct watcher *of_side(const struct fleet *f,
                                     enum world_side side, int64_t now_ms)
{
    for (size_t i = 0; i < f->n_watchers; i++)
        if (f->watcher[i].reader->side == side &&
            f->watcher[i].asked_ms == now_ms)
            return &f->watcher[i];
    return NULL;
}

/* Where the table leaves it open, the phase of a beat, readers asked at one
 * moment must still agree. On a fake it is one. */
static void compare_columns(struct fleet *f)
{
    int64_t now = world_now(f->w);
    const struct watcher *both = of_side(f, BOTH_STORES, now);
    const struct watcher *old = of_side(f, OLD_STORE, now);
    const struct watcher *new_store = of_side(f, NEW_STORE, now);

    if (!f->w->place->is_fake || both == NULL || old == NULL ||
        new_store == NULL)
        return;
    for (size_t i = 0; i < f->n; i++) {
        enum side_says want = truth_either(new_store->says[i], old->says[i]);
        if (both->says[i] != want)
            world_fail(f->w, WORLD_FAILED,
                       "of %s the new store says %s and the old one %s, and %s "
                       "%s",
                       f->name[i], word(new_store->says[i]), word(old->says[i]),
                       both->reader->label, word(both->says[i]));
    }
}

static void look_all(struct fleet *f)
{
    for (size_t i = 0; i < f->n_watchers; i++)
        watch(f, &f->watcher[i]);
    compare_columns(f);
}

void expect_fleet(struct fleet *f, struct member *reader, const char *says)
{
    static const char letters[] = " UD ?"; /* by enum side_says */
    struct watcher *watcher = find(f, reader);
    char got[FLEET_MAX + 1] = "";

    watch(f, watcher);
    for (size_t i = 0; i < f->n; i++)
        got[i] = letters[watcher->says[i]];
    if (strcmp(got, says) != 0)
        world_fail(f->w, WORLD_FAILED, "%s sees \"%s\", not \"%s\"",
                   reader->label, got, says);
}

void expect_no_false_down(struct fleet *f, struct member *reader)
{
    expect_number_at(f->w, find(f, reader)->false_downs, 0, reader->label);
}

/* ---- time ------------------------------------------------------------- */

/* Nobody's answer is in doubt, nor another one `ms` later. */
static bool is_calm(const struct fleet *f, int64_t ms)
{
    int64_t now = world_now(f->w);

    for (size_t i = 0; i < f->n; i++)
        for (int side = NEW_STORE; side <= OLD_STORE; side++) {
            unsigned says = truth_says(f->truth, i, side, now);
            if ((says & (says - 1)) != 0 ||
                says != truth_says(f->truth, i, side, now + ms))
                return false;
        }
    return true;
}

/* A second. Before the gate, where a run must be short, five of those in which
 * nothing is to change: that it does not is seen all the same. */
static int64_t pass_step(const struct fleet *f)
{
    bool is_short =
        strcmp(f->w->size, "gate") != 0 && strcmp(f->w->size, "nightly") != 0;

    return is_short && is_calm(f, 5 * f->unit) ? 5 * f->unit : f->unit;
}

void fleet_pass(struct fleet *f, int64_t ms)
{
    int64_t end = world_now(f->w) + ms;

    while (world_now(f->w) < end) {
        int64_t next = world_now(f->w) + pass_step(f);
        look_all(f);
        world_pass(f->w, (next < end ? next : end) - world_now(f->w));
    }
}

void fleet_settle(struct fleet *f)
{
    fleet_pass(f, world_residual_most(f->w) + f->unit);
}

void fleet_heal(struct fleet *f)
{
    fleet_pass(f, f->healed_ms - world_now(f->w) + 5 * f->unit);
}

enum phase { WAITS, IS_DOWN, IS_DONE };

/* Host i stops after i gaps, and is then restarted. Who is dead stays so. */
static bool move_one(struct fleet *f, const struct fleet_roll *roll, size_t i,
                     int64_t at, enum phase *phase)
{
    int64_t stop = (int64_t)(i - roll->first) * roll->gap_ms;

    if (*phase == WAITS && at >= stop) {
        *phase = fleet_runs(f, i) ? IS_DOWN : IS_DONE;
        if (fleet_runs(f, i))
            fleet_stop(f, i);
    } else if (*phase == IS_DOWN && at >= stop + roll->restart_ms) {
        *phase = IS_DONE;
        fleet_start(f, i, roll->side);
    }
    return *phase == IS_DONE;
}

static bool move_all(struct fleet *f, const struct fleet_roll *roll, int64_t at,
                     enum phase *phase)
{
    bool is_done = true;

    for (size_t i = roll->first; i < roll->end; i++)
        is_done = move_one(f, roll, i, at, &phase[i]) && is_done;
    return is_done;
}

void fleet_roll(struct fleet *f, const struct fleet_roll *roll)
{
    enum phase phase[FLEET_MAX] = {WAITS};
    int64_t began = world_now(f->w), next = began;

    bool is_done = false;

    while (!is_done || world_now(f->w) - began < roll->lasts_ms) {
        int64_t at = world_now(f->w) - began;
        is_done = move_all(f, roll, at, phase);
        if (roll->look != NULL)
            roll->look(f, at, roll->arg);
        else
            look_all(f);
        next += roll->every_ms;
        world_pass(f->w, next - world_now(f->w));
    }
}

void fleet_move(struct fleet *f, size_t first, size_t end, enum world_side side)
{
    fleet_roll(f, &(struct fleet_roll){.first = first,
                                       .end = end,
                                       .side = side,
                                       .gap_ms = 3 * f->unit,
                                       .restart_ms = 6 * f->unit,
                                       .every_ms = f->unit});
}
