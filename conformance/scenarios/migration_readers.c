/* SPDX-License-Identifier: Apache-2.0
 * migration_readers.c - readers that are not all of one kind while a small
 * fleet moves: each gives the answers of its own column of the truth table.
 */
#include "scenario.h"

/* Two hosts of the api, of which one was restarted: whoever asks twice is told
 * two things. */
SCENARIO(migration, two_apis_disagree, "14.2")
{
    struct fleet *f = fleet_new(w, 4, OLD_STORE);
    struct member *one = fleet_reader(f, "api1", OLD_STORE);
    struct member *other = fleet_reader(f, "api2", OLD_STORE);

    fleet_move(f, 0, 2, NEW_STORE);
    other = fleet_reader_restart(f, other, NEW_STORE);
    fleet_settle(f);
    expect_fleet(f, one, "DDUU");
    expect_fleet(f, other, "UUDD");
    fleet_move(f, 2, 4, NEW_STORE);
    fleet_settle(f);
    expect_fleet(f, one, "DDDD");
    expect_fleet(f, other, "UUUU");
    one = fleet_reader_restart(f, one, NEW_STORE);
    expect_fleet(f, one, "UUUU");
    fleet_free(f);
}

/* .. and of both stores they agree, also with one that was just restarted. */
SCENARIO(migration, two_apis_of_both_agree, "14.2 14.3")
{
    struct fleet *f = fleet_new(w, 4, OLD_STORE);
    struct member *one = fleet_reader(f, "api1", BOTH_STORES);
    struct member *other = fleet_reader(f, "api2", BOTH_STORES);

    fleet_move(f, 0, 2, NEW_STORE);
    expect_no_false_down(f, other);
    other = fleet_reader_restart(f, other, BOTH_STORES);
    fleet_move(f, 2, 4, NEW_STORE);
    expect_fleet(f, one, "UUUU");
    expect_fleet(f, other, "UUUU");
    expect_no_false_down(f, one);
    expect_no_false_down(f, other);
    fleet_free(f);
}

/* Somebody's template was not changed. */
SCENARIO(migration, a_new_compute_with_the_old_configuration, "14.2 14.3")
{
    struct fleet *f = fleet_new(w, 3, NEW_STORE);
    struct readers r = fleet_readers(f);

    fleet_add(f, OLD_STORE);
    fleet_pass(f, 60 * fleet_unit(f));
    expect_fleet(f, r.on[NEW_STORE], "UUUD");
    expect_fleet(f, r.on[OLD_STORE], "DDDU");
    expect_fleet(f, r.on[BOTH_STORES], "UUUU");
    fleet_move(f, 3, 4, NEW_STORE);
    expect_fleet(f, r.on[NEW_STORE], "UUUU");
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}

/* While every service writes both, a reader may be configured in any way. */
SCENARIO(migration, a_reader_goes_back_and_forth, "14.2 14.3")
{
    struct fleet *f = fleet_new(w, 4, BOTH_STORES);
    static const enum world_side way[] = {NEW_STORE, OLD_STORE, BOTH_STORES,
                                          OLD_STORE, NEW_STORE, BOTH_STORES};
    struct member *api = fleet_reader(f, "api", OLD_STORE);

    for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
        fleet_pass(f, 15 * fleet_unit(f));
        expect_fleet(f, api, "UUUU");
        expect_no_false_down(f, api);
        api = fleet_reader_restart(f, api, way[i]);
        expect_fleet(f, api, "UUUU");
    }
    fleet_free(f);
}
