/* SPDX-License-Identifier: Apache-2.0
 * migration_bridge.c - a store is lost while both are used: that failure must
 * not be felt in the other one.
 */
#include "scenario.h"

/* UP while the one that is left says so; DOWN of the others is not known. */
SCENARIO(migration, the_old_store_is_lost, "14.3 14.2")
{
    struct readers r = readers_new(w);
    struct member *service = service_start(w, "node1", BOTH_STORES);

    service_start(w, "node2", OLD_STORE);
    expect_row(&r, "node2", SAYS_UP, SAYS_DOWN, SAYS_UP);
    world_old_stop(w);
    for (int i = 0; i < 10; i++) {
        expect_up(r.on[BOTH_STORES], "compute", member_name(service));
        expect_up(r.on[NEW_STORE], "compute", member_name(service));
        expect_silence(r.on[BOTH_STORES], "compute", "compute:node2");
        expect_silence(r.on[OLD_STORE], "compute", member_name(service));
        world_pass(w, world_report(w));
    }
    world_old_start(w, true);
    world_pass(w, 2 * world_report(w));
    expect_row(&r, "node1", SAYS_UP, SAYS_UP, SAYS_UP);
}

SCENARIO(migration, the_new_store_is_lost, "14.3 14.2")
{
    struct readers r = readers_new(w);
    struct member *service = service_start(w, "node1", BOTH_STORES);

    world_server_stop(w);
    for (int i = 0; i < 10; i++) {
        expect_up(r.on[BOTH_STORES], "compute", member_name(service));
        expect_up(r.on[OLD_STORE], "compute", member_name(service));
        expect_silence(r.on[NEW_STORE], "compute", member_name(service));
        expect_silence(r.on[BOTH_STORES], "compute", "compute:node2");
        world_pass(w, world_report(w));
    }
    world_server_start(w, false);
    world_pass(w, world_T(w, 10 * SECOND) + 2 * world_report(w));
    expect_row(&r, "node1", SAYS_UP, SAYS_UP, SAYS_UP);
}

/* The join is not complete without the new store, and stands in the old one
 * at once; the heart completes it. */
SCENARIO(migration, joins_while_the_new_store_is_away, "14.3 1.5")
{
    struct readers r = readers_new(w);
    struct member *service;

    world_server_stop(w);
    service = service_idle(w, "node1", BOTH_STORES);
    expect_join(service, "compute", 0, SG_PENDING);
    expect_up(r.on[OLD_STORE], "compute", member_name(service));
    expect_up(r.on[BOTH_STORES], "compute", member_name(service));
    world_server_start(w, false);
    world_pass(w, world_T(w, 10 * SECOND) + 2 * world_report(w));
    expect_row(&r, "node1", SAYS_UP, SAYS_UP, SAYS_UP);
    expect_state(service, "compute", SG_STATE_JOINED);
}

/* Metadata goes where it is kept. */
SCENARIO(migration, metadata_goes_to_the_store_that_keeps_it, "14.2 6.1")
{
    struct readers r = readers_new(w);
    struct member *service = service_idle(w, "node1", BOTH_STORES);

    expect_join_with(service, "compute", "\xa1x", 2, SG_OK);
    expect_metadata(r.on[NEW_STORE], "compute", member_name(service), "\xa1x",
                    2);
    expect_metadata(r.on[BOTH_STORES], "compute", member_name(service), "\xa1x",
                    2);
}
