/* SPDX-License-Identifier: Apache-2.0
 * migration_rollback.c - a small fleet that set out for the new store goes
 * back to the old one, from every point of the way.
 */
#include "scenario.h"

/* So many have moved when everybody turns round. What they left in the old
 * store may still stand there when they are back. */
SCENARIO(migration, rolled_back_at_each_point, "14.2 14.3")
{
    struct fleet *f = fleet_new(w, 3, OLD_STORE);
    struct readers r = fleet_readers(f);

    for (size_t moved = 1; moved <= fleet_size(f); moved++) {
        fleet_move(f, 0, moved, NEW_STORE);
        expect_fleet(f, r.on[BOTH_STORES], "UUU");
        fleet_move(f, 0, moved, OLD_STORE);
        expect_fleet(f, r.on[OLD_STORE], "UUU");
        expect_fleet(f, r.on[NEW_STORE], "DDD");
    }
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}

/* Long after: the old store knows nothing any more of those who moved. */
SCENARIO(migration, rolled_back_later, "14.2 14.3")
{
    struct fleet *f = fleet_new(w, 3, NEW_STORE);
    struct readers r = fleet_readers(f);

    fleet_add(f, OLD_STORE);
    expect_fleet(f, r.on[OLD_STORE], "DDDU");
    fleet_move(f, 0, 1, OLD_STORE);
    expect_fleet(f, r.on[OLD_STORE], "UDDU");
    expect_fleet(f, r.on[NEW_STORE], "DUUD");
    fleet_move(f, 1, 3, OLD_STORE);
    fleet_pass(f, 30 * fleet_unit(f));
    expect_fleet(f, r.on[OLD_STORE], "UUUU");
    expect_fleet(f, r.on[NEW_STORE], "DDDD");
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}

/* They died on the new store, where they still stand as expired, with nobody
 * left to remove them: that is no word against the old store's UP. */
SCENARIO(migration, rolled_back_after_a_crash, "14.2 14.3 14.4")
{
    struct fleet *f = fleet_new(w, 2, NEW_STORE);
    struct readers r = fleet_readers(f);

    fleet_pass(f, 5 * fleet_unit(f));
    fleet_crash(f, 0);
    fleet_crash(f, 1);
    fleet_pass(f, world_D(w));
    expect_fleet(f, r.on[BOTH_STORES], "DD");
    fleet_start(f, 0, OLD_STORE);
    expect_fleet(f, r.on[BOTH_STORES], "UD");
    fleet_start(f, 1, OLD_STORE);
    fleet_pass(f, 10 * fleet_unit(f));
    expect_fleet(f, r.on[OLD_STORE], "UU");
    expect_fleet(f, r.on[NEW_STORE], "DD");
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}

/* The api goes back alone: all are down, and stay so until they follow it. */
SCENARIO(migration, api_rolled_back, "14.2")
{
    struct fleet *f = fleet_new(w, 4, NEW_STORE);
    struct member *api = fleet_reader(f, "api", NEW_STORE);
    struct member *either = fleet_reader(f, "either", BOTH_STORES);

    expect_fleet(f, api, "UUUU");
    api = fleet_reader_restart(f, api, OLD_STORE);
    for (int half_minutes = 0; half_minutes < 4; half_minutes++) {
        expect_fleet(f, api, "DDDD");
        fleet_pass(f, 30 * fleet_unit(f));
    }
    fleet_move(f, 0, 1, OLD_STORE);
    expect_fleet(f, api, "UDDD");
    fleet_move(f, 1, 4, OLD_STORE);
    expect_fleet(f, api, "UUUU");
    expect_no_false_down(f, either);
    fleet_free(f);
}

/* Every way in which a service can be restarted; one that wrote both leaves
 * both, and with it what it left in the old store before. */
SCENARIO(migration, a_writer_goes_back_and_forth, "14.2 14.3 14.5")
{
    struct fleet *f = fleet_new(w, 3, OLD_STORE);
    static const enum world_side way[] = {NEW_STORE, OLD_STORE,   BOTH_STORES,
                                          NEW_STORE, BOTH_STORES, OLD_STORE};
    struct readers r = fleet_readers(f);

    for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
        fleet_move(f, 0, 2, way[i]);
        expect_fleet(f, r.on[BOTH_STORES], "UUU");
    }
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}
