/* SPDX-License-Identifier: Apache-2.0
 * migration_lost.c - a store is lost while half of a small fleet has moved:
 * what only that store knew is UNKNOWN, and nothing else. When it is back,
 * with its data or without, nobody who ran was ever called DOWN.
 */
#include "scenario.h"

/* .. long ago. */
static struct fleet *half_moved(struct world *w)
{
    struct fleet *f = fleet_new(w, 2, NEW_STORE);

    fleet_add(f, OLD_STORE);
    fleet_add(f, OLD_STORE);
    return f;
}

/* Who never asked a store cannot miss anybody in it (contract 8.2). */
static void acquaint(struct fleet *f)
{
    fleet_pass(f, 5 * fleet_unit(f));
}

/* Switched off too early, and on again. */
SCENARIO(migration, the_old_store_is_lost_midway, "14.3 14.2")
{
    struct fleet *f = half_moved(w);
    struct readers r = fleet_readers(f);

    acquaint(f);
    fleet_store_stop(f, OLD_STORE);
    fleet_pass(f, 20 * fleet_unit(f));
    expect_fleet(f, r.on[OLD_STORE], "????");
    expect_fleet(f, r.on[NEW_STORE], "UUDD");
    expect_fleet(f, r.on[BOTH_STORES], "UU??");

    fleet_store_start(f, OLD_STORE, true);
    fleet_heal(f);
    expect_fleet(f, r.on[OLD_STORE], "DDUU");
    expect_fleet(f, r.on[BOTH_STORES], "UUUU");
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}

/* Its data are gone, and whoever still writes there puts them back. */
SCENARIO(migration, the_old_store_loses_its_data_midway, "14.3 14.2 8.2")
{
    struct fleet *f = half_moved(w);
    struct readers r = fleet_readers(f);

    acquaint(f);
    fleet_store_stop(f, OLD_STORE);
    fleet_store_start(f, OLD_STORE, false);
    fleet_heal(f);
    expect_fleet(f, r.on[OLD_STORE], "DDUU");
    expect_fleet(f, r.on[BOTH_STORES], "UUUU");
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}

/* Whoever moves in the meantime is UP at once. */
SCENARIO(migration, moves_go_on_while_the_old_store_is_away, "14.3 14.2")
{
    struct fleet *f = half_moved(w);
    struct readers r = fleet_readers(f);

    fleet_store_stop(f, OLD_STORE);
    fleet_move(f, 2, 4, NEW_STORE);
    expect_fleet(f, r.on[OLD_STORE], "????");
    expect_fleet(f, r.on[NEW_STORE], "UUUU");
    expect_fleet(f, r.on[BOTH_STORES], "UUUU");
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}

/* Who had moved is there again by itself. */
SCENARIO(migration, the_new_store_is_lost_midway, "14.3 14.2 8.2")
{
    struct fleet *f = half_moved(w);
    struct readers r = fleet_readers(f);

    acquaint(f);
    fleet_store_stop(f, NEW_STORE);
    fleet_pass(f, 20 * fleet_unit(f));
    expect_fleet(f, r.on[NEW_STORE], "????");
    expect_fleet(f, r.on[OLD_STORE], "DDUU");
    expect_fleet(f, r.on[BOTH_STORES], "??UU");

    fleet_store_start(f, NEW_STORE, false);
    fleet_heal(f);
    expect_fleet(f, r.on[NEW_STORE], "UUDD");
    expect_fleet(f, r.on[BOTH_STORES], "UUUU");
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}

/* Those who write both are missed by nobody who reads both. */
static void outlive(struct world *w, enum world_side side)
{
    struct fleet *f = fleet_new(w, 3, BOTH_STORES);
    struct readers r = fleet_readers(f);

    acquaint(f);
    fleet_store_stop(f, side);
    fleet_pass(f, 20 * fleet_unit(f));
    expect_fleet(f, r.on[BOTH_STORES], "UUU");
    fleet_store_start(f, side, false);
    fleet_heal(f);
    for (int reader = NEW_STORE; reader <= BOTH_STORES; reader++) {
        expect_fleet(f, r.on[reader], "UUU");
        expect_no_false_down(f, r.on[reader]);
    }
    fleet_free(f);
}

SCENARIO(migration, writers_of_both_outlive_the_new_store, "14.3 14.2")
{
    outlive(w, NEW_STORE);
}

SCENARIO(migration, writers_of_both_outlive_the_old_store, "14.3 14.2")
{
    outlive(w, OLD_STORE);
}
