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

static int64_t deadline_of(struct member *m)
{
    struct sg_bounds bounds = {0};

    sg_get_bounds(member_handle(m), &bounds);
    return bounds.deadline_ms;
}

/* Of two that are asked together, the second being in no store. */
static void expect_statuses(struct world *w, struct member *reader,
                            const char *name, enum sg_status first,
                            enum sg_status second)
{
    const char *const names[] = {name, "compute:node2"};
    struct sg_verdict v[2] = {{0}};

    expect_number(w, sg_verdicts(member_handle(reader), "compute", names, 2, v),
                  SG_OK);
    expect_number(w, v[0].status, first);
    expect_number(w, v[1].status, second);
}

/* A store that says UP is not made to wait for one that says nothing and
 * could not change it: a tenth of the deadline the first time, for that is
 * when it is found to be silent, and nothing from then on. What is not up is
 * not known before the deadline. */
SCENARIO(migration, a_silent_old_store_is_not_waited_for, "14.3 2.6")
{
    struct readers r = readers_new(w);
    struct member *service = service_start(w, "node1", BOTH_STORES);
    struct member *reader = r.on[BOTH_STORES];
    int64_t deadline = deadline_of(reader);

    expect_row(&r, "node1", SAYS_UP, SAYS_UP, SAYS_UP);
    world_old_pause(w);
    clock_begin(w);
    expect_up(reader, "compute", member_name(service));
    expect_took(w, 1, deadline / 10 + 1);
    clock_begin(w);
    for (int i = 0; i < 100; i++)
        expect_up(reader, "compute", member_name(service));
    expect_took(w, 0, 100 * world_grain(w));
    clock_begin(w);
    expect_silence(reader, "compute", "compute:node2");
    expect_waited(w, OLD_STORE, deadline);
    clock_begin(w);
    expect_statuses(w, reader, member_name(service), SG_UP, SG_UNKNOWN);
    expect_waited(w, OLD_STORE, deadline);
    world_old_resume(w);
    world_pass(w, 2 * world_report(w));
    expect_row(&r, "node1", SAYS_UP, SAYS_UP, SAYS_UP);
    expect_row(&r, "node2", SAYS_DOWN, SAYS_DOWN, SAYS_DOWN);
}

/* The new one may hold an operator's word, which UP in the old one does not
 * outweigh; said is UP, but not before the deadline. */
SCENARIO(migration, a_silent_new_store_is_waited_for, "14.3 2.3")
{
    struct readers r = readers_new(w);
    struct member *service = service_start(w, "node1", BOTH_STORES);
    struct member *reader = r.on[BOTH_STORES];
    int64_t deadline = deadline_of(reader);

    expect_row(&r, "node1", SAYS_UP, SAYS_UP, SAYS_UP);
    world_server_pause(w);
    clock_begin(w);
    expect_up(reader, "compute", member_name(service));
    expect_waited(w, NEW_STORE, deadline);
    clock_begin(w);
    expect_silence(reader, "compute", "compute:node2");
    expect_waited(w, NEW_STORE, deadline);
}

/* An operator's word in the new store needs no word of the old one. */
SCENARIO(migration, a_mark_needs_no_word_of_the_old_store, "14.3 2.3")
{
    struct readers r = readers_new(w);
    struct member *service = service_start(w, "node1", BOTH_STORES);
    struct member *reader = r.on[BOTH_STORES];
    const struct sg_marks marks = {.forced_down = true};

    member_mark(reader, "compute", member_name(service), &marks);
    world_old_pause(w);
    expect_down(reader, "compute", member_name(service), SG_FORCED);
    clock_begin(w);
    expect_down(reader, "compute", member_name(service), SG_FORCED);
    expect_took(w, 0, 0);
}

/* .. and is waited for: the old one, which keeps no marks, says UP at once.
 * Only the new one has heard of this reader when its reply is delayed. */
SCENARIO(migration, a_slow_mark_outweighs_up, "14.3 2.3")
{
    struct member *service = service_start(w, "node1", BOTH_STORES);
    struct member *reader = reader_new(w, "reader@both", BOTH_STORES);
    const struct sg_marks marks = {.forced_down = true};
    int64_t delay = deadline_of(reader) / 2;

    member_mark(reader, "compute", member_name(service), &marks);
    expect_marks(reader, "compute", member_name(service), &marks);
    member_fault(reader, FAULT_DELAY, 1, delay);
    clock_begin(w);
    expect_down(reader, "compute", member_name(service), SG_FORCED);
    expect_took(w, delay, deadline_of(reader));
}
