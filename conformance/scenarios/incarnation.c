/* SPDX-License-Identifier: Apache-2.0
 * incarnation.c - chapter 10: which of two is the one, and may it still act.
 */
#include "scenario.h"

SCENARIO(incarnation, every_join_has_a_greater_epoch, "10.1")
{
    struct member *a = member_new(w, "a");
    struct member *twin = member_twin(a);
    struct member *b = observer_new(w, "b");
    const struct sg_question q = {.group = "compute", .member = "a"};
    uint64_t first = member_join(a, "compute"), second, third;

    expect_that(w, expect_verdict(b, &q, SG_UP).epoch == first);
    member_leave(a, "compute");
    second = member_join(a, "compute");
    expect_that(w, second > first);
    third = member_join(twin, "compute");
    expect_that(w, third > second);
    expect_that(w, expect_verdict(b, &q, SG_UP).epoch == third);
}

SCENARIO(incarnation, the_newest_join_wins_and_the_old_heart_ends, "10.2")
{
    struct member *a = member_new(w, "a");
    struct member *twin = member_twin(a);
    struct member *b = observer_new(w, "b");
    const struct sg_question q = {.group = "compute", .member = "a"};
    uint64_t newer;

    member_join(a, "compute");
    newer = member_join(twin, "compute");
    expect_that(w, expect_verdict(b, &q, SG_UP).epoch == newer);

    world_pass(w, world_beat(w) + world_deadline(w) + world_grain(w));
    expect_state(a, "compute", SG_STATE_REPLACED);
    expect_events(a, SG_EV_REPLACED, 1);
    expect_state(twin, "compute", SG_STATE_JOINED);

    expect_up_during(b, "compute", "a", 2 * world_D(w));
    expect_that(w, expect_verdict(b, &q, SG_UP).epoch == newer);
    expect_events(twin, SG_EV_REPLACED, 0);
}

SCENARIO(incarnation, a_crashed_winner_is_not_kept_up_by_the_loser, "10.2 10.3")
{
    struct member *a = member_new(w, "a");
    struct member *twin = member_twin(a);
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_join(twin, "compute");
    member_kill(twin);
    world_pass(w, world_D(w));
    expect_gone(b, "compute", "a");
    world_pass(w, 2 * world_D(w));
    expect_gone(b, "compute", "a");
}

SCENARIO(incarnation, a_node_of_another_is_never_taken_for_ones_own, "10.3 1.4")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    struct member *again;

    member_join(a, "compute");
    member_crash(a);
    again = member_twin(a);
    member_join(again, "compute");
    world_pass(w, 3 * world_D(w));
    expect_up(b, "compute", "a");
    expect_events(again, SG_EV_LOST, 0);
    expect_events(again, SG_EV_REPLACED, 0);
}

SCENARIO(incarnation, a_member_knows_how_long_it_may_act, "10.4")
{
    const int64_t T = world_T(w, 10 * SECOND);
    struct member *a = member_new(w, "a");

    member_join(a, "compute");
    member_beat(a);
    expect_safe(a, "compute", T, T);
    member_dark(a, BOTH_WAYS);
    world_pass(w, T / 2);
    expect_safe(a, "compute", T - T / 2, T - T / 2);
    world_pass(w, T - T / 2);
    expect_safe(a, "compute", 0, 0);
    expect_state(a, "compute", SG_STATE_LOST);
}

SCENARIO(incarnation, a_slow_answer_lends_no_time_to_act, "10.4")
{
    const int64_t T = world_T(w, 10 * SECOND);
    const int64_t delay = world_deadline(w) / 5;
    struct member *a = member_new(w, "a");

    member_join(a, "compute");
    member_fault(a, FAULT_DELAY, 0, delay);
    member_beat(a);
    expect_safe(a, "compute", T - world_deadline(w) - world_early(w),
                T - delay);
    member_heal(a);
}

SCENARIO(incarnation, a_cut_member_stops_before_anybody_says_down, "10.4 3.1")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_beat(a);
    member_dark(a, BOTH_WAYS);
    for (int i = 0; i < 30; i++) {
        expect_never_down_while_safe(a, b, "compute");
        world_pass(w, world_D(w) / 28);
    }
    expect_gone(b, "compute", "a");
    expect_safe(a, "compute", 0, 0);
}

SCENARIO(incarnation, an_id_alive_in_another_group_is_in_use, "1.8")
{
    struct member *a = member_new(w, "a");
    struct member *twin = member_twin(a);
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    expect_in_use(twin, "network");
    expect_up(b, "compute", "a");
    world_pass(w, 2 * world_D(w));
    expect_up(b, "compute", "a");
}

/* x in groups A and B crashes, and a new x joins A only. */
SCENARIO(incarnation, a_leftover_under_another_token_is_not_up_for_ever, "2.9")
{
    const int64_t T = world_T(w, 10 * SECOND);
    struct member *x = member_new(w, "x");
    struct member *other = member_new(w, "other");
    struct member *b = observer_new(w, "b");
    struct member *again;

    member_join(x, "A");
    member_join(x, "B");
    member_join(other, "B");
    member_crash(x);
    again = member_twin(x);
    member_join(again, "A");
    expect_up(b, "A", "x");
    expect_replaced_where_shared(b, "B", "x");

    world_pass(w, T + world_late(w) + 1);
    expect_not_up(b, "B", "x");
    expect_up(b, "A", "x");

    world_pass(w, 3 * T);
    expect_down(b, "B", "x", SG_NOT_A_MEMBER);
    expect_up(b, "A", "x");
}

SCENARIO(incarnation, a_pending_member_may_not_act, "10.4")
{
    struct member *a = member_new(w, "a");

    member_dark(a, BOTH_WAYS);
    expect_join(a, "compute", 0, SG_PENDING);
    expect_safe(a, "compute", 0, 0);
}
