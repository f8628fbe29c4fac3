/* SPDX-License-Identifier: Apache-2.0
 * leave.c - chapter 4: who leaves is gone, and nobody else is.
 */
#include "scenario.h"

SCENARIO(leave, observer_says_down_after_leave, "4.1 1.1")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    expect_up(b, "compute", "a");

    member_leave(a, "compute");
    expect_down(b, "compute", "a", SG_NOT_A_MEMBER);
}

SCENARIO(leave, leaving_one_group_keeps_the_others, "4.2")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_join(a, "network");
    member_leave(a, "compute");
    expect_down(b, "compute", "a", SG_NOT_A_MEMBER);
    expect_up(b, "network", "a");

    world_pass(w, 2 * world_D(w));
    expect_up(b, "network", "a");
}

SCENARIO(leave, closing_the_handle_leaves_all, "4.2")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_join(a, "network");
    member_close(a);
    expect_down(b, "compute", "a", SG_NOT_A_MEMBER);
    expect_down(b, "network", "a", SG_NOT_A_MEMBER);
    expect_list(b, "network", "");
}

SCENARIO(leave, who_has_not_joined_cannot_leave, "4.3")
{
    struct member *a = member_new(w, "a");
    struct member *other = member_new(w, "other");

    member_join(other, "compute");
    world_remember_state(w);
    expect_leave(a, "compute", SG_ENOTJOINED);
    expect_leave(a, "nowhere", SG_ENOTJOINED);
    expect_same_state(w);
}

SCENARIO(leave, leave_then_join_works_at_once, "4.4 10.1")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    uint64_t first = member_join(a, "compute");

    member_leave(a, "compute");
    expect_that(w, member_join(a, "compute") > first);
    expect_up(b, "compute", "a");

    world_pass(w, 2 * world_D(w));
    expect_up(b, "compute", "a");
}

SCENARIO(leave, a_late_leave_of_a_replaced_one_keeps_the_newer, "4.5 10.2")
{
    struct member *old = member_new(w, "a");
    struct member *twin = member_twin(old);
    struct member *b = observer_new(w, "b");

    member_join(old, "compute");
    member_join(twin, "compute");
    expect_leave(old, "compute", SG_EREPLACED);
    expect_up(b, "compute", "a");

    world_pass(w, 2 * world_D(w));
    expect_up(b, "compute", "a");
}

/* The newer one joins between the moments at which the leave looks and
 * removes, where a store needs two: its heart tries again one beat after the
 * join that failed, and the answer to the look is slow. */
static void overtake(struct world *w, struct member *b, const char *name)
{
    struct member *old = member_new(w, name);
    struct member *twin = member_twin(old);
    const int64_t delay = world_deadline(w) / 2;

    member_join(old, "compute");
    member_fault(twin, FAULT_REFUSE, 0, 0);
    expect_join(twin, "compute", 0, SG_PENDING);
    member_heal(twin);
    world_pass(w, world_beat(w) - delay / 2);
    expect_up(b, "compute", name);

    member_fault(old, FAULT_DELAY, 1, delay);
    expect_that(w, sg_leave(member_handle(old), "compute") != SG_PENDING);
    expect_up_within(b, "compute", name, 0);
    expect_state(twin, "compute", SG_STATE_JOINED);
    expect_events(twin, SG_EV_LOST, 0);
}

/* Three times: a look of two requests may come in two pieces, and then the
 * second is slow as well and sees the newer one. */
SCENARIO(leave, a_leave_that_is_overtaken_keeps_the_newer, "4.5")
{
    struct member *b = observer_new(w, "b");

    overtake(w, b, "a");
    overtake(w, b, "c");
    overtake(w, b, "d");
}

SCENARIO(leave, closing_a_replaced_one_keeps_the_newer, "4.5")
{
    struct member *old = member_new(w, "a");
    struct member *twin = member_twin(old);
    struct member *b = observer_new(w, "b");

    member_join(old, "compute");
    member_join(twin, "compute");
    member_close(old);
    expect_up(b, "compute", "a");
}

SCENARIO(leave, a_leave_without_a_server_is_pending_and_completed, "4.1 2.6")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    world_T(w, 10 * SECOND);
    member_join(a, "compute");
    member_dark(a, BOTH_WAYS);
    expect_leave(a, "compute", SG_PENDING);

    member_light(a);
    world_pass(w, world_beat(w) + world_deadline(w) + world_grain(w));
    expect_down(b, "compute", "a", SG_NOT_A_MEMBER);
    expect_events(a, SG_EV_LEFT, 1);
}

SCENARIO(leave, a_leave_whose_reply_was_lost_is_done, "4.1")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_fault(a, FAULT_CUT_AFTER, 1, 0);
    expect_leave(a, "compute", SG_OK);
    expect_down(b, "compute", "a", SG_NOT_A_MEMBER);
    expect_leave(a, "compute", SG_ENOTJOINED);
}
