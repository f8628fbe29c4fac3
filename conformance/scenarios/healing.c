/* SPDX-License-Identifier: Apache-2.0
 * healing.c - chapter 8: everything comes back by itself.
 */
#include "scenario.h"

/* How long a member may take after its store is there again: one beat, and
 * the time that the beat itself may take; two where the client library's old
 * session never comes back (8.2). */
static int64_t one_beat(const struct world *w)
{
    return world_beat(w) + world_deadline(w);
}

SCENARIO(healing, a_restart_that_keeps_data_turns_no_verdict_down, "8.1")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    expect_up(b, "compute", "a");
    world_server_stop(w);
    world_pass(w, world_T(w, 10 * SECOND) / 4);
    expect_silence(b, "compute", "a");
    world_server_start(w, true);
    expect_never_down_during(b, "compute", "a", 2 * world_D(w));
    expect_up(b, "compute", "a");
}

SCENARIO(healing, a_long_restart_that_keeps_data_turns_no_verdict_down, "8.1")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    expect_up(b, "compute", "a");
    world_server_stop(w);
    world_pass(w, 2 * world_D(w));
    expect_state(a, "compute", SG_STATE_LOST);
    world_server_start(w, true);
    expect_never_down_during(b, "compute", "a", 2 * world_beat(w));
    expect_up_within(b, "compute", "a", one_beat(w));
}

SCENARIO(healing, a_restart_that_loses_data_heals_within_one_beat, "8.2 8.7")
{
    static const uint8_t metadata[] = {0xa1, 'x'};
    struct member *a = member_new(w, "a");
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");
    uint64_t before = member_join_with(a, "compute", metadata, 2);

    member_join(c, "compute");
    member_join(c, "network");
    expect_up(b, "compute", "a");
    expect_up(b, "network", "c");
    world_server_stop(w);
    world_pass(w, world_beat(w));
    world_server_start(w, false);
    expect_never_down_during(b, "compute", "a", world_healing(w));
    expect_up(b, "compute", "a");
    expect_up(b, "compute", "c");
    expect_up(b, "network", "c");
    expect_metadata(b, "compute", "a", metadata, 2);
    expect_epoch_grew(a, "compute", before);
}

SCENARIO(healing, a_flush_heals_within_one_beat_and_is_never_down, "8.2")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    uint64_t before = member_join(a, "compute");

    expect_up(b, "compute", "a");
    world_server_flush(w);
    expect_unknown(b, "compute", "a", SG_LOST_DATA);
    expect_list_fails(b, "compute");
    expect_never_down_during(b, "compute", "a", one_beat(w));
    expect_up(b, "compute", "a");
    /* Others may see the join before its own answer is back. */
    world_pass(w, world_deadline(w));
    expect_that(w, member_epoch(a, "compute") > before);
    expect_events(a, SG_EV_REJOINED, 1);
}

/* The first heart to heal makes the group anew; an old observer that asks for
 * one who has not healed yet must not be told DOWN. */
SCENARIO(healing, the_first_to_heal_makes_nobody_else_down, "8.2")
{
    struct member *a = member_new(w, "a");
    struct member *late = member_new(w, "late");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_join(late, "compute");
    expect_up(b, "compute", "a");
    expect_up(b, "compute", "late");
    member_pause(late);
    world_server_flush(w);
    world_pass(w, one_beat(w));
    expect_up(b, "compute", "a");
    expect_unknown(b, "compute", "late", SG_LOST_DATA);

    world_pass(w, world_D(w));
    expect_down(b, "compute", "late", SG_NOT_A_MEMBER);
}

SCENARIO(healing, a_young_server_makes_nobody_down, "8.2")
{
    struct member *b;
    struct member *a = member_new(w, "a");

    member_join(a, "compute");
    member_leave(a, "compute");
    world_server_young(w);
    b = observer_new(w, "b");
    expect_young(b, "compute", "nobody");
    world_pass(w, world_T(w, 10 * SECOND) + SECOND);
    expect_down(b, "compute", "nobody", SG_NOT_A_MEMBER);
}

static void evicted(struct world *w, enum world_thing thing, int64_t bound_ms)
{
    struct member *a = member_new(w, "a");
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_join(c, "compute");
    world_pass(w, 2 * world_T(w, 10 * SECOND));
    world_evict(w, thing, "compute", "a");
    world_pass(w, bound_ms + world_grain(w));
    expect_up(b, "compute", "a");
    expect_up(b, "compute", "c");
    expect_list(b, "compute", "a c");
    expect_groups(b, "compute");
}

SCENARIO(healing, an_evicted_liveness_heals_within_one_beat, "8.3")
{
    evicted(w, WORLD_LIVENESS, one_beat(w));
}

SCENARIO(healing, an_evicted_group_heals_within_one_beat, "8.3")
{
    evicted(w, WORLD_GROUP, one_beat(w));
}

SCENARIO(healing, an_evicted_list_of_groups_heals_within_one_beat, "8.3")
{
    evicted(w, WORLD_LIST, one_beat(w));
}

/* memcached's group value is looked into once in max(T, N x 30 ms). */
SCENARIO(healing, an_entry_cut_out_heals_within_the_audit_period, "8.3")
{
    evicted(w, WORLD_ENTRY, world_T(w, 10 * SECOND) + 2 * one_beat(w));
}

SCENARIO(healing, a_session_ended_by_the_server_is_made_anew, "8.4 10.1")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    uint64_t before = member_join(a, "compute");

    world_pass(w, world_beat(w) / 2);
    member_expire_session(a);
    expect_up_within(b, "compute", "a", one_beat(w));
    expect_that(w, member_epoch(a, "compute") > before);
    expect_events(a, SG_EV_LOST, 1);
    expect_events(a, SG_EV_REJOINED, 1);
}

SCENARIO(healing, a_member_whose_store_is_down_at_boot_joins_later, "1.5 8.2")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    world_server_stop(w);
    expect_join(a, "compute", 0, SG_PENDING);
    world_pass(w, 2 * world_D(w));
    expect_state(a, "compute", SG_STATE_PENDING);
    world_server_start(w, false);
    expect_up_within(b, "compute", "a", world_healing(w));
    expect_events(a, SG_EV_JOINED, 1);
}

SCENARIO(healing, a_full_server_is_no_death_and_heals, "8.6 8.7")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    world_server_out_of_memory(w);
    world_pass(w, world_beat(w) + world_deadline(w));
    world_server_healthy(w);
    expect_never_down_during(b, "compute", "a", world_D(w));
    expect_up(b, "compute", "a");
}

SCENARIO(healing, the_heart_survives_a_long_darkness, "8.7 3.5")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_dark(a, BOTH_WAYS);
    world_pass(w, 20 * world_T(w, 10 * SECOND));
    expect_gone(b, "compute", "a");
    expect_events(a, SG_EV_LOST, 1);
    member_light(a);
    expect_up_within(b, "compute", "a", one_beat(w));
    expect_events(a, SG_EV_REJOINED, 1);
}

/* The specification's own example, with nova's report interval of 10 s: tooz
 * takes such a service down for good after 5 s. */
SCENARIO(healing, the_urls_of_the_specification_keep_a_member_up, "11.3 3.3")
{
    struct member *a = member_by_url(w, "a", "?timeout=5", 10 * SECOND);
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    expect_up_during(b, "compute", "a", world_long(w));
    expect_events(a, SG_EV_LOST, 0);
}
