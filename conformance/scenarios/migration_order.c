/* SPDX-License-Identifier: Apache-2.0
 * migration_order.c - a small fleet goes to the new store in the orders in
 * which the specification's steps can be read, and stops on the way.
 *
 * Every reader of the fleet is asked about every host while time passes, and
 * must answer by the truth table (fleet_pass, fleet_move). What stands here
 * beside it is how that looks to one of them: a letter for each host.
 */
#include "scenario.h"

/* As written: the computes are restarted before the configuration is changed,
 * which changes nothing, so that the api finds an empty store. */
SCENARIO(migration, literal_order, "14.2")
{
    struct fleet *f = fleet_new(w, 4, OLD_STORE);
    struct member *api = fleet_reader(f, "api", OLD_STORE);
    struct member *either = fleet_reader(f, "either", BOTH_STORES);

    fleet_move(f, 0, 4, OLD_STORE);
    expect_fleet(f, api, "UUUU");
    api = fleet_reader_restart(f, api, NEW_STORE);
    fleet_pass(f, 60 * fleet_unit(f));
    expect_fleet(f, api, "DDDD");
    fleet_move(f, 0, 2, NEW_STORE);
    expect_fleet(f, api, "UUDD");
    fleet_move(f, 2, 4, NEW_STORE);
    expect_fleet(f, api, "UUUU");
    expect_no_false_down(f, either);
    fleet_free(f);
}

/* As meant: the computes find the new configuration when they are restarted,
 * and whoever asks calls them all down until he is restarted, too. The api is
 * then right, and a scheduler that was forgotten refuses every host. */
SCENARIO(migration, a_scheduler_is_not_restarted, "14.2")
{
    struct fleet *f = fleet_new(w, 4, OLD_STORE);
    struct member *api = fleet_reader(f, "api", OLD_STORE);
    struct member *scheduler = fleet_reader(f, "scheduler", OLD_STORE);

    fleet_move(f, 0, 4, NEW_STORE);
    fleet_settle(f);
    expect_fleet(f, api, "DDDD");
    api = fleet_reader_restart(f, api, NEW_STORE);
    fleet_pass(f, 30 * fleet_unit(f));
    expect_fleet(f, api, "UUUU");
    expect_no_false_down(f, api);
    expect_fleet(f, scheduler, "DDDD");
    scheduler = fleet_reader_restart(f, scheduler, NEW_STORE);
    expect_fleet(f, scheduler, "UUUU");
    fleet_free(f);
}

/* All are down at once, and each is up as soon as it is back. */
SCENARIO(migration, the_api_goes_first, "14.2")
{
    struct fleet *f = fleet_new(w, 4, OLD_STORE);
    struct member *api = fleet_reader(f, "api", OLD_STORE);
    struct member *either = fleet_reader(f, "either", BOTH_STORES);

    expect_fleet(f, api, "UUUU");
    api = fleet_reader_restart(f, api, NEW_STORE);
    expect_fleet(f, api, "DDDD");
    fleet_move(f, 0, 1, NEW_STORE);
    expect_fleet(f, api, "UDDD");
    fleet_move(f, 1, 4, NEW_STORE);
    expect_fleet(f, api, "UUUU");
    expect_no_false_down(f, either);
    fleet_free(f);
}

/* A reader of one store is wrong about one half, for as long as it lasts. */
SCENARIO(migration, stopped_half_way, "14.2 14.3")
{
    struct fleet *f = fleet_new(w, 4, OLD_STORE);
    struct readers r = fleet_readers(f);

    fleet_move(f, 0, 2, NEW_STORE);
    fleet_settle(f);
    for (int half_minutes = 0; half_minutes < 4; half_minutes++) {
        expect_fleet(f, r.on[OLD_STORE], "DDUU");
        expect_fleet(f, r.on[NEW_STORE], "UUDD");
        expect_fleet(f, r.on[BOTH_STORES], "UUUU");
        fleet_pass(f, 30 * fleet_unit(f));
    }
    fleet_move(f, 2, 4, NEW_STORE);
    expect_fleet(f, r.on[NEW_STORE], "UUUU");
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}

/* One of each kind dies without a word: it is down when the stores that it
 * wrote have forgotten it, wherever the others are. The roll leaves it. */
SCENARIO(migration, some_die_half_way, "14.2 14.4")
{
    struct fleet *f = fleet_new(w, 5, OLD_STORE);
    struct readers r = fleet_readers(f);

    fleet_move(f, 0, 2, NEW_STORE);
    fleet_move(f, 2, 3, BOTH_STORES);
    fleet_crash(f, 1);
    fleet_crash(f, 2);
    fleet_crash(f, 3);
    fleet_pass(f, world_D(w));
    fleet_settle(f);
    expect_fleet(f, r.on[OLD_STORE], "DDDDU");
    expect_fleet(f, r.on[NEW_STORE], "UDDDD");
    expect_fleet(f, r.on[BOTH_STORES], "UDDDU");

    fleet_move(f, 2, 5, NEW_STORE);
    fleet_start(f, 3, NEW_STORE);
    expect_fleet(f, r.on[NEW_STORE], "UDDUU");
    expect_fleet(f, r.on[BOTH_STORES], "UDDUU");
    expect_no_false_down(f, r.on[BOTH_STORES]);
    fleet_free(f);
}
