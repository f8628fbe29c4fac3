/* SPDX-License-Identifier: Apache-2.0
 * join.c - chapter 1: after a join, everybody says UP.
 */
#include "scenario.h"

SCENARIO(join, every_observer_says_up_after_join, "1.1")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    struct member *c = member_new(w, "c");

    member_join(a, "compute");
    expect_up(b, "compute", "a");
    expect_up(c, "compute", "a");
    expect_up(a, "compute", "a");
    expect_state(a, "compute", SG_STATE_JOINED);
}

SCENARIO(join, a_missing_group_is_created, "1.2 5.4")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    expect_groups(b, "");
    member_join(a, "compute");
    member_join(a, "network");
    expect_groups(b, "compute network");
}

SCENARIO(join, joining_again_changes_nothing_but_metadata, "1.3 6.2")
{
    static const uint8_t metadata[] = {0xa3, 'n', 'e', 'w'};
    static const uint8_t none[] = {0xc4, 0x00};
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    uint64_t epoch = member_join(a, "compute");

    expect_metadata(b, "compute", "a", none, sizeof none);
    world_remember_state(w);
    expect_that(w, member_join(a, "compute") == epoch);
    expect_same_state(w);

    expect_that(w, member_join_with(a, "compute", metadata, sizeof metadata) ==
                       epoch);
    expect_metadata(b, "compute", "a", metadata, sizeof metadata);
    expect_list(b, "compute", "a");
}

SCENARIO(join, a_restart_before_expiry_joins_at_once, "1.4 10.2 10.1")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    uint64_t first = member_join(a, "compute");
    struct member *again;

    member_crash(a);
    world_pass(w, world_T(w, 10 * SECOND) / 2);
    again = member_twin(a);
    expect_that(w, member_join(again, "compute") > first);
    expect_up_during(b, "compute", "a", 2 * world_D(w));
}

SCENARIO(join, a_refused_join_leaves_nothing, "1.5 11.1")
{
    static const uint8_t broken[] = {0x81, 0x01, 0x02};
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(b = member_new(w, "other"), "compute");
    world_remember_state(w);
    expect_join_with(a, "compute", broken, sizeof broken, SG_EMETADATA);
    expect_join(a, "com pute", 0, SG_ENAME);
    expect_same_state(w);
}

SCENARIO(join, an_unconfirmed_join_is_pending_and_completed_once, "1.5 10.4")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_dark(a, BOTH_WAYS);
    clock_begin(w);
    expect_join(a, "compute", 0, SG_PENDING);
    expect_took(w, world_deadline(w), world_deadline(w));
    expect_state(a, "compute", SG_STATE_PENDING);
    expect_down(b, "compute", "a", SG_NOT_A_MEMBER);

    member_light(a);
    expect_up_within(b, "compute", "a", world_beat(w) + world_deadline(w));
    expect_state(a, "compute", SG_STATE_JOINED);
    world_pass(w, 3 * world_T(w, 10 * SECOND));
    expect_events(a, SG_EV_JOINED, 1);
    expect_list(b, "compute", "a");
}

SCENARIO(join, a_pending_join_is_withdrawn_by_leave, "1.5")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_dark(a, BOTH_WAYS);
    expect_join(a, "compute", 0, SG_PENDING);
    expect_leave(a, "compute", SG_PENDING);
    member_light(a);
    world_pass(w, 2 * world_D(w));
    expect_gone(b, "compute", "a");
    expect_events(a, SG_EV_JOINED, 0);
}

SCENARIO(join, all_or_nothing_is_nothing_by_T, "1.5")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_dark(a, TO_CLIENT);
    expect_join(a, "compute", SG_JOIN_ALL_OR_NOTHING, SG_EUNKNOWN);
    member_light(a);
    world_pass(w, 2 * world_D(w));
    expect_gone(b, "compute", "a");
    expect_list(b, "compute", "");
}

SCENARIO(join, one_handle_joins_groups_that_are_independent, "1.6")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_join(a, "network");
    member_join(a, "volume");
    world_pass(w, 2 * world_D(w));
    expect_up(b, "compute", "a");
    expect_up(b, "network", "a");
    expect_up(b, "volume", "a");

    member_leave(a, "network");
    expect_list(b, "network", "");
    expect_list(b, "volume", "a");
}

SCENARIO(join, a_join_whose_reply_was_lost_ends_joined_once, "1.7")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "warm");
    member_fault(a, FAULT_CUT_AFTER, 1, 0);
    expect_join(a, "compute", 0, SG_OK);
    expect_up(b, "compute", "a");
    expect_list(b, "compute", "a");

    world_pass(w, 3 * world_D(w));
    expect_list(b, "compute", "a");
    expect_events(a, SG_EV_REPLACED, 0);
}

SCENARIO(join, two_processes_of_one_host_are_independent, "1.8")
{
    struct member *compute = member_new(w, "compute:host1");
    struct member *conductor = member_new(w, "conductor:host1");
    struct member *b = observer_new(w, "b");

    member_join(compute, "compute");
    member_join(conductor, "conductor");
    member_crash(compute);
    world_pass(w, world_D(w));
    expect_gone(b, "compute", "compute:host1");
    expect_up(b, "conductor", "conductor:host1");
}

SCENARIO(join, a_host_is_up_while_any_part_is, "1.8")
{
    struct member *one = member_new(w, "conductor:host1:1");
    struct member *two = member_new(w, "conductor:host1:2");
    struct member *b = observer_new(w, "b");
    struct sg_question host = {
        .group = "conductor", .member = "conductor:host1", .any_part = true};

    expect_verdict(b, &host, SG_DOWN);
    member_join(one, "conductor");
    member_join(two, "conductor");
    expect_verdict(b, &host, SG_UP);

    member_crash(one);
    world_pass(w, world_D(w));
    expect_gone(b, "conductor", "conductor:host1:1");
    expect_verdict(b, &host, SG_UP);

    member_crash(two);
    world_pass(w, world_D(w));
    expect_verdict(b, &host, SG_DOWN);
}

SCENARIO(join, two_that_create_a_group_at_once_both_succeed, "1.2")
{
    struct member *a = member_new(w, "a");
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");

    /* The first creation is on its way when the second one is made. */
    member_dark(a, BOTH_WAYS);
    expect_join(a, "compute", 0, SG_PENDING);
    member_join(c, "compute");
    member_light(a);
    world_pass(w, world_beat(w) + world_deadline(w) + world_grain(w));
    expect_list(b, "compute", "a c");
}
