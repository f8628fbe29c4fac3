/* SPDX-License-Identifier: Apache-2.0
 * expiry.c - chapter 3: who stops is down in time, and only who stops.
 */
#include "scenario.h"

static void crash_at_both_edges(struct world *w, int64_t production_ms)
{
    const int64_t T = world_T(w, production_ms);
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_crash(a);
    expect_up(b, "compute", "a");

    world_pass(w, T - world_early(w) - 1);
    expect_up(b, "compute", "a");

    world_pass(w, world_early(w) + 1 + world_late(w));
    expect_gone(b, "compute", "a");
}

SCENARIO(expiry, crashed_is_up_for_T_and_down_by_D_at_5_s, "3.1")
{
    crash_at_both_edges(w, 5 * SECOND);
}

SCENARIO(expiry, crashed_is_up_for_T_and_down_by_D_at_30_s, "3.1")
{
    crash_at_both_edges(w, 30 * SECOND);
}

SCENARIO(expiry, crashed_is_up_for_T_and_down_by_D_at_40_s, "3.1")
{
    crash_at_both_edges(w, 40 * SECOND);
}

/* The last beat is somewhere in the period before: the outer window. */
static void kill_at_phase(struct world *w, int64_t part_of_8)
{
    const int64_t T = world_T(w, 10 * SECOND);
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    world_pass(w, 2 * T + world_beat(w) * part_of_8 / 8);
    member_kill(a);
    world_pass(w, T - world_beat(w) - world_early(w) - 1);
    expect_up(b, "compute", "a");

    world_pass(w, world_beat(w) + world_early(w) + 1 + world_late(w));
    expect_gone(b, "compute", "a");
}

SCENARIO(expiry, killed_just_after_a_beat_is_down_by_D, "3.1")
{
    kill_at_phase(w, 1);
}

SCENARIO(expiry, killed_between_two_beats_is_down_by_D, "3.1")
{
    kill_at_phase(w, 4);
}

SCENARIO(expiry, killed_just_before_a_beat_is_down_by_D, "3.1")
{
    kill_at_phase(w, 7);
}

SCENARIO(expiry, down_stays_down_and_a_return_is_a_new_incarnation, "3.2 10.1")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    uint64_t first = member_join(a, "compute");

    member_pause(a);
    world_pass(w, world_D(w));
    expect_gone(b, "compute", "a");
    world_pass(w, 3 * world_T(w, 10 * SECOND));
    expect_gone(b, "compute", "a");

    member_resume(a);
    expect_up_within(b, "compute", "a", world_beat(w) + world_deadline(w));
    expect_that(w, member_epoch(a, "compute") > first);
}

SCENARIO(expiry, one_expiry_changes_nobody_else, "3.4")
{
    struct member *a = member_new(w, "a");
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_join(c, "compute");
    member_crash(a);
    expect_up_during(b, "compute", "c", 2 * world_D(w));
    expect_gone(b, "compute", "a");
    expect_list(b, "compute", "c");
}

SCENARIO(expiry, a_paused_member_comes_back_by_itself, "3.5 6.2")
{
    static const uint8_t metadata[] = {0x81, 0xa1, 'a', 0x01};
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join_with(a, "compute", metadata, sizeof metadata);
    member_join(a, "network");
    member_pause(a);
    world_pass(w, world_D(w));
    expect_gone(b, "compute", "a");
    expect_gone(b, "network", "a");

    member_resume(a);
    expect_up_within(b, "compute", "a", world_beat(w) + world_deadline(w));
    expect_up_within(b, "network", "a", world_grain(w));
    expect_metadata(b, "compute", "a", metadata, sizeof metadata);
    expect_events(a, SG_EV_REJOINED, 2);
}

SCENARIO(expiry, fifty_members_that_beat_are_never_down, "3.3")
{
    static const char *const names[] = {
        "m00", "m01", "m02", "m03", "m04", "m05", "m06", "m07", "m08", "m09",
        "m10", "m11", "m12", "m13", "m14", "m15", "m16", "m17", "m18", "m19",
        "m20", "m21", "m22", "m23", "m24", "m25", "m26", "m27", "m28", "m29",
        "m30", "m31", "m32", "m33", "m34", "m35", "m36", "m37", "m38", "m39",
        "m40", "m41", "m42", "m43", "m44", "m45", "m46", "m47", "m48", "m49"};
    struct member *b = observer_new(w, "b");

    for (size_t i = 0; i < 50; i++) {
        member_join(member_new(w, names[i]), "compute");
        world_pass(w, world_beat(w) / 50);
    }
    expect_all_up_during(b, "compute", names, 50, 20 * world_T(w, 10 * SECOND));
}

SCENARIO(expiry, hearts_remove_the_registrations_of_the_dead, "3.6")
{
    const int64_t T = world_T(w, 10 * SECOND);
    struct member *a = member_new(w, "a");
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_join(c, "compute");
    member_crash(a);
    world_pass(w, world_D(w) + 2 * T + 2 * world_beat(w));
    expect_down(b, "compute", "a", SG_NOT_A_MEMBER);
    expect_up(b, "compute", "c");
}

/* A cleaner whose every answer comes late looks, and before it writes the
 * member that it saw dead is back: at a different step of it each time. */
SCENARIO(expiry, a_late_cleaner_never_hits_who_has_come_back, "3.6 2.8")
{
    const int64_t T = world_T(w, 10 * SECOND);
    const int64_t late = T / 50;
    struct member *x = member_new(w, "x");
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");

    member_join(x, "compute");
    member_join(c, "compute");
    for (int64_t step = 0; step < world_steps(w, 12); step++) {
        member_pause(x);
        world_pass(w, world_D(w));
        member_fault(c, FAULT_DELAY, 0, late);
        world_pass(w, step * late / 2);
        member_resume(x);
        expect_up_within(b, "compute", "x", world_beat(w) + world_deadline(w));
        expect_up_during(b, "compute", "x", T);
        member_heal(c);
    }
    expect_list(b, "compute", "c x");
}
