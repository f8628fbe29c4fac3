/* SPDX-License-Identifier: Apache-2.0
 * migration.c - the truth table of one service that moves from nova's old
 * driver to the new one: what a reader of the old store, of the new one and
 * of both must say, at every second.
 */
#include "scenario.h"

SCENARIO(migration, runs_on_the_old_store, "14.1 14.2")
{
    struct readers r = readers_new(w);

    service_start(w, "node1", OLD_STORE);
    expect_row_during(&r, "node1", world_old_T(w) + world_T(w, 5 * SECOND),
                      SAYS_UP, SAYS_DOWN, SAYS_UP);
}

SCENARIO(migration, stops_on_the_old_store, "14.1 14.2")
{
    struct readers r = readers_new(w);
    struct member *service = service_start(w, "node1", OLD_STORE);
    int64_t least = world_residual_least(w), most = world_residual_most(w);

    world_pass(w, world_report(w) * 5 / 2);
    service_stop(service);
    expect_row_during(&r, "node1", least, SAYS_UP, SAYS_DOWN, SAYS_UP);
    expect_row_during(&r, "node1", most - least, SAYS_EITHER, SAYS_DOWN,
                      SAYS_EITHER);
    world_pass(w, world_grain(w));
    expect_row_during(&r, "node1", 5 * SECOND, SAYS_DOWN, SAYS_DOWN, SAYS_DOWN);
}

/* A crash is noticed no later than an end in good order, but on ZooKeeper,
 * where the session must run out. */
SCENARIO(migration, crashes_on_the_old_store, "14.1 14.2 14.4")
{
    struct readers r = readers_new(w);
    struct member *service = service_start(w, "node1", OLD_STORE);

    world_pass(w, world_report(w) * 5 / 2);
    member_kill(service);
    world_pass(w, world_old_T(w) + 2 * SECOND + world_grain(w));
    expect_row_during(&r, "node1", 3 * SECOND, SAYS_DOWN, SAYS_DOWN, SAYS_DOWN);
}

SCENARIO(migration, is_started_on_the_new_store_and_then_joins, "14.2")
{
    struct readers r = readers_new(w);
    struct member *before = service_start(w, "node1", OLD_STORE), *after;
    int64_t least = world_residual_least(w);

    world_pass(w, world_report(w));
    service_stop(before);
    after = service_idle(w, "node1", NEW_STORE);
    expect_row_during(&r, "node1", least / 2, SAYS_UP, SAYS_DOWN, SAYS_UP);
    service_join(after);
    expect_row_during(&r, "node1", least - least / 2, SAYS_UP, SAYS_UP,
                      SAYS_UP);
    expect_row_during(&r, "node1", world_residual_most(w) - least, SAYS_EITHER,
                      SAYS_UP, SAYS_UP);
    world_pass(w, world_grain(w));
    expect_row_during(&r, "node1", world_old_T(w), SAYS_DOWN, SAYS_UP, SAYS_UP);
}

SCENARIO(migration, runs_on_the_new_store, "14.2")
{
    struct readers r = readers_new(w);

    service_start(w, "node1", NEW_STORE);
    expect_row_during(&r, "node1", world_old_T(w), SAYS_DOWN, SAYS_UP, SAYS_UP);
}

SCENARIO(migration, runs_on_both, "14.2 14.3")
{
    struct readers r = readers_new(w);

    service_start(w, "node1", BOTH_STORES);
    expect_row_during(&r, "node1", 2 * world_old_T(w), SAYS_UP, SAYS_UP,
                      SAYS_UP);
}

SCENARIO(migration, crashes_on_the_new_store, "14.2 14.4")
{
    struct readers r = readers_new(w);
    int64_t T = world_T(w, 10 * SECOND);
    struct member *service = service_start(w, "node1", NEW_STORE);

    world_pass(w, T);
    member_crash(service);
    world_pass(w, T - world_early(w) - SECOND / 5);
    expect_row(&r, "node1", SAYS_DOWN, SAYS_UP, SAYS_UP);
    world_pass(w, world_late(w) + world_early(w) + SECOND / 5);
    expect_row_during(&r, "node1", 3 * SECOND, SAYS_DOWN, SAYS_DOWN, SAYS_DOWN);
}

/* Each store keeps its own timeout; both together the later one. */
SCENARIO(migration, crashes_while_it_writes_both, "14.2 14.4")
{
    struct readers r = readers_new(w);
    int64_t T = world_T(w, 10 * SECOND), old_T = world_old_T(w), later;
    struct member *service = service_start(w, "node1", BOTH_STORES);

    world_pass(w, T);
    member_kill(service);
    later = world_D(w) > old_T + 2 * SECOND ? world_D(w) : old_T + 2 * SECOND;
    for (int64_t t = 0; t < later; t += SECOND) {
        bool in_new = service_is_up(r.on[NEW_STORE], "node1");
        bool in_old = service_is_up(r.on[OLD_STORE], "node1");
        expect_that(w, service_is_up(r.on[BOTH_STORES], "node1") ==
                           (in_new || in_old));
        world_pass(w, SECOND);
    }
    world_pass(w, world_grain(w));
    expect_row(&r, "node1", SAYS_DOWN, SAYS_DOWN, SAYS_DOWN);
}

SCENARIO(migration, leaves_the_new_store, "14.2")
{
    struct readers r = readers_new(w);
    struct member *service = service_start(w, "node1", NEW_STORE);

    expect_row(&r, "node1", SAYS_DOWN, SAYS_UP, SAYS_UP);
    service_stop(service);
    expect_row_during(&r, "node1", 3 * SECOND, SAYS_DOWN, SAYS_DOWN, SAYS_DOWN);
}

SCENARIO(migration, leaves_both_at_once, "14.5 14.2")
{
    struct readers r = readers_new(w);
    struct member *service = service_start(w, "node1", BOTH_STORES);

    expect_row(&r, "node1", SAYS_UP, SAYS_UP, SAYS_UP);
    member_leave(service, "compute");
    expect_row_during(&r, "node1", 3 * SECOND, SAYS_DOWN, SAYS_DOWN, SAYS_DOWN);
    member_join(service, "compute");
    expect_row(&r, "node1", SAYS_UP, SAYS_UP, SAYS_UP);
}

SCENARIO(migration, was_never_there, "14.2")
{
    struct readers r = readers_new(w);

    service_start(w, "node1", BOTH_STORES);
    expect_row_during(&r, "node2", 3 * SECOND, SAYS_DOWN, SAYS_DOWN, SAYS_DOWN);
}

/* The question says so, and no store is asked. */
SCENARIO(migration, is_forced_down, "14.2 2.3")
{
    struct readers r = readers_new(w);

    service_start(w, "node1", BOTH_STORES);
    for (int side = NEW_STORE; side <= BOTH_STORES; side++) {
        struct sg_question q = {
            .group = "compute", .member = "compute:node1", .forced_down = true};
        struct sg_verdict v = expect_verdict(r.on[side], &q, SG_DOWN);
        expect_number(w, v.reason, SG_FORCED);
    }
}

/* An operator's mark, kept in the new store, speaks for the bridge too. */
SCENARIO(migration, a_mark_beats_both_stores, "14.2 2.3")
{
    struct readers r = readers_new(w);
    struct member *service = service_start(w, "node1", BOTH_STORES);
    struct sg_marks marks = {.forced_down = true};

    member_mark(r.on[BOTH_STORES], "compute", member_name(service), &marks);
    expect_row(&r, "node1", SAYS_UP, SAYS_DOWN, SAYS_DOWN);
}
