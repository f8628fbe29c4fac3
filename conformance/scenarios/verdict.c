/* SPDX-License-Identifier: Apache-2.0
 * verdict.c - chapter 2: UP, DOWN and UNKNOWN are three different answers.
 */
#include "scenario.h"

/* It has seen `a`, a member of "compute", UP. */
static struct member *observer_of_a(struct world *w)
{
    struct member *b;

    member_joined(w, "a", "compute");
    b = observer_new(w, "b");
    expect_up(b, "compute", "a");
    return b;
}

/* Whether `a` is up: neither earlier nor later. */
static void expect_unknown_at_the_deadline(struct world *w, struct member *b)
{
    clock_begin(w);
    expect_unknown(b, "compute", "a", SG_TIMED_OUT);
    expect_took(w, world_deadline(w), world_deadline(w));
}

SCENARIO(verdict, who_never_joined_is_down_and_no_error, "2.1 2.10")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    expect_down(b, "nowhere", "nobody", SG_NOT_A_MEMBER);
    member_join(a, "compute");
    expect_down(b, "compute", "nobody", SG_NOT_A_MEMBER);
}

SCENARIO(verdict, a_dark_network_is_unknown_at_the_deadline, "2.2 2.6")
{
    struct member *b = observer_of_a(w);

    member_dark(b, BOTH_WAYS);
    expect_unknown_at_the_deadline(w, b);

    member_light(b);
    expect_up(b, "compute", "a");
}

SCENARIO(verdict, a_network_dark_one_way_is_unknown, "2.2 2.6")
{
    struct member *b = observer_new(w, "b");
    struct member *c = observer_new(w, "c");

    member_joined(w, "a", "compute");
    expect_up(b, "compute", "a");
    expect_up(c, "compute", "a");
    member_dark(b, TO_CLIENT);
    member_dark(c, TO_SERVER);
    expect_unknown_at_the_deadline(w, b);
    expect_unknown(c, "compute", "a", SG_TIMED_OUT);
}

SCENARIO(verdict, a_dark_network_before_the_first_answer_is_unknown, "2.2 2.6")
{
    struct member *b = observer_new(w, "b");

    member_dark(b, BOTH_WAYS);
    expect_unknown_at_the_deadline(w, b);
}

SCENARIO(verdict, a_refused_connection_is_unknown, "2.2")
{
    struct member *b = observer_new(w, "b");

    member_joined(w, "a", "compute");
    member_fault(b, FAULT_REFUSE, 0, 0);
    expect_silence(b, "compute", "a");

    member_heal(b);
    expect_up_within(b, "compute", "a", world_beat(w));
}

SCENARIO(verdict, a_reset_before_the_work_is_asked_again, "2.2 2.8")
{
    struct member *b = observer_of_a(w);

    member_fault(b, FAULT_CUT, 1, 0);
    expect_up(b, "compute", "a");
}

SCENARIO(verdict, a_server_that_always_resets_is_unknown, "2.2")
{
    struct member *b = observer_of_a(w);

    member_fault(b, FAULT_CUT, 0, 0);
    expect_silence(b, "compute", "a");

    member_heal(b);
    expect_up_within(b, "compute", "a", world_beat(w));
}

SCENARIO(verdict, garbage_is_unknown, "2.2 11.2")
{
    struct member *b = observer_of_a(w);

    member_fault(b, FAULT_NOISE, 0, 0);
    expect_silence(b, "compute", "a");

    /* A library may have taken garbage for a session; 8.2 bounds its return. */
    member_heal(b);
    expect_up_within(b, "compute", "a", world_healing(w));
}

SCENARIO(verdict, a_byte_at_a_time_ends_by_the_deadline, "2.6 2.2")
{
    struct member *b = observer_of_a(w);

    member_fault(b, FAULT_DRIBBLE, 0, 80);
    clock_begin(w);
    expect_silence(b, "compute", "a");
    expect_took(w, world_deadline(w), world_deadline(w));

    member_heal(b);
    expect_up_within(b, "compute", "a", world_beat(w));
}

SCENARIO(verdict, a_late_answer_never_serves_another_question, "2.7")
{
    struct member *b = observer_of_a(w);

    member_fault(b, FAULT_DELAY, 1, world_deadline(w) + 50);
    expect_unknown(b, "compute", "a", SG_TIMED_OUT);
    expect_down(b, "compute", "nobody", SG_NOT_A_MEMBER);
    expect_up(b, "compute", "a");
    world_pass(w, 2 * world_deadline(w));
    expect_down(b, "compute", "nobody", SG_NOT_A_MEMBER);
}

SCENARIO(verdict, a_cut_reply_is_never_taken_for_an_answer, "2.2 2.8")
{
    struct member *b = observer_new(w, "b");
    const struct sg_question q = {.group = "compute", .member = "a"};

    member_joined(w, "a", "compute");
    expect_up(b, "compute", "a");
    for (int64_t byte = 0; byte < 40; byte++) {
        member_fault(b, FAULT_CUT_REPLY, 1, byte);
        expect_verdict(b, &q, SG_UP);
    }
}

SCENARIO(verdict, a_name_that_does_not_resolve_is_unknown_in_time, "2.6 2.2")
{
    struct member *b = observer_without_dns(w, "b");

    expect_unknown_at_the_deadline(w, b);
}

SCENARIO(verdict, a_stopped_server_is_unknown, "2.2 2.6")
{
    struct member *b = observer_of_a(w);

    world_server_stop(w);
    clock_begin(w);
    expect_silence(b, "compute", "a");
    expect_took(w, 0, world_deadline(w));
    expect_list_fails(b, "compute");
}

SCENARIO(verdict, a_silent_server_is_unknown_to_every_call, "2.2 2.6")
{
    struct member *b = observer_of_a(w);

    world_server_pause(w);
    expect_unknown_at_the_deadline(w, b);
    clock_begin(w);
    /* libzookeeper gives a silent server up after two thirds of T. */
    expect_list_fails(b, "compute");
    expect_took(w, 0, world_deadline(w));
    world_server_resume(w);
    expect_up_within(b, "compute", "a", world_beat(w));
}

SCENARIO(verdict, a_server_that_may_not_be_trusted_is_unknown, "2.2")
{
    struct member *b;

    member_joined(w, "a", "compute");
    world_server_read_only(w);
    b = observer_new(w, "b");
    expect_untrusted(b, "compute", "a");
}

SCENARIO(verdict, forced_in_the_question_asks_nobody, "2.3 2.10")
{
    struct member *b = observer_new(w, "b");
    const struct sg_question q = {
        .group = "compute", .member = "a", .forced_down = true};

    member_joined(w, "a", "compute");
    member_dark(b, BOTH_WAYS);
    cost_begin(b);
    expect_that(w, expect_verdict(b, &q, SG_DOWN).reason == SG_FORCED);
    expect_cost(b, COST_NOTHING);
}

SCENARIO(verdict, a_forced_member_stays_forced_through_everything, "2.3 6.3")
{
    static const struct sg_marks forced = {.forced_down = true};
    struct member *a = member_joined(w, "a", "compute");
    struct member *b = observer_new(w, "b");

    member_mark(b, "compute", "a", &forced);
    expect_down(b, "compute", "a", SG_FORCED);
    expect_list(b, "compute", "");

    member_pause(a);
    world_pass(w, world_D(w));
    expect_down(b, "compute", "a", SG_FORCED);
    member_resume(a);
    world_pass(w, 2 * world_beat(w) + world_deadline(w));
    expect_down(b, "compute", "a", SG_FORCED);

    member_leave(a, "compute");
    expect_down(b, "compute", "a", SG_FORCED);
    member_join(a, "compute");
    expect_down(b, "compute", "a", SG_FORCED);
    expect_marks(b, "compute", "a", &forced);
}

SCENARIO(verdict, a_mark_taken_back_lets_the_member_be_up, "2.3 6.3")
{
    static const struct sg_marks forced = {.forced_down = true}, none;
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_mark(b, "compute", "a", &forced);
    member_join(a, "compute");
    expect_down(b, "compute", "a", SG_FORCED);
    member_mark(b, "compute", "a", &none);
    expect_up(b, "compute", "a");
}

SCENARIO(verdict, the_local_view_tells_its_age_and_keeps_the_bound, "2.4")
{
    const int64_t bound = 3 * SECOND;
    struct member *a = member_joined(w, "a", "compute");
    struct member *b = observer_new(w, "b");
    const struct sg_question q = {
        .group = "compute", .member = "a", .max_age_ms = bound};

    expect_that(w, expect_verdict(b, &q, SG_UP).age_ms == 0);
    member_leave(a, "compute");
    world_pass(w, bound / 2);
    cost_begin(b);
    expect_that(w, expect_verdict(b, &q, SG_UP).age_ms >= bound / 2);
    expect_cost(b, COST_NOTHING);

    world_pass(w, bound / 2 + 1);
    expect_that(w, expect_verdict(b, &q, SG_DOWN).age_ms == 0);
}

SCENARIO(verdict, asking_changes_nothing_in_the_store, "2.5")
{
    static const struct sg_marks mark = {.disabled = true};
    struct member *a = member_joined(w, "a", "compute");
    struct member *dead = member_joined(w, "dead", "compute");
    struct member *b = observer_new(w, "b");

    member_mark(b, "compute", "a", &mark);
    member_pause(a);
    member_pause(dead);
    world_remember_state(w);
    expect_up(b, "compute", "a");
    expect_down(b, "compute", "nobody", SG_NOT_A_MEMBER);
    expect_down(b, "nowhere", "nobody", SG_NOT_A_MEMBER);
    expect_list(b, "compute", "a dead");
    expect_groups(b, "compute");
    expect_marks(b, "compute", "a", &mark);
    expect_same_state(w);

    world_pass(w, 2 * world_D(w));
    world_remember_state(w);
    expect_gone(b, "compute", "dead");
    expect_list(b, "compute", "");
    expect_same_state(w);
}

SCENARIO(verdict, a_disabled_member_is_up_and_shown_disabled, "6.3 2.10")
{
    static const struct sg_marks mark = {.disabled = true,
                                         .disabled_reason = "maintenance"};
    struct member *b = observer_new(w, "b");
    const struct sg_question q = {.group = "compute", .member = "a"};

    member_joined(w, "a", "compute");
    member_mark(b, "compute", "a", &mark);
    expect_that(w, expect_verdict(b, &q, SG_UP).disabled);
    expect_list(b, "compute", "a");
    expect_marks(b, "compute", "a", &mark);
}
