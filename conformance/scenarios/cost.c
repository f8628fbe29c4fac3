/* SPDX-License-Identifier: Apache-2.0
 * cost.c - chapter 12: what each call costs, in commands and in waits.
 */
#include "scenario.h"

/* A warm connection: the library has greeted, the scripts are known. */
static struct member *warm_observer(struct world *w)
{
    static const struct sg_marks none;
    static const char *const names[] = {"x", "y", "z"};
    struct member *b = observer_new(w, "b");
    struct member *other = member_new(w, "warm");
    struct sg_question q = {.group = "warm", .member = "warm"};
    struct sg_verdict v[3];

    member_join(other, "warm");
    expect_verdict(b, &q, SG_UP);
    expect_list(b, "warm", "warm");
    expect_groups(b, "warm");
    expect_no_metadata(b, "warm", "nobody");
    expect_number(w, sg_verdicts(member_handle(b), "warm", names, 3, v), SG_OK);
    member_mark(b, "warm", "warm", &none);
    member_leave(other, "warm");
    member_close(other);
    return b;
}

/* Has done everything once, and is joined nowhere. */
static struct member *warm_member(struct world *w, const char *name)
{
    struct member *a = member_new(w, name);

    member_join(a, "first");
    member_beat(a);
    member_set_metadata(a, "first", "\xc0", 1);
    member_leave(a, "first");
    return a;
}

SCENARIO(cost, of_one_verdict, "12.verdict")
{
    struct member *b = warm_observer(w);
    struct member *a = member_new(w, "a");

    member_join(a, "compute");
    cost_begin(b);
    expect_up(b, "compute", "a");
    expect_cost(b, COST_VERDICT);

    cost_begin(b);
    expect_down(b, "compute", "nobody", SG_NOT_A_MEMBER);
    expect_cost(b, COST_VERDICT);
}

SCENARIO(cost, of_many_verdicts, "12.verdicts")
{
    static const char *const names[] = {"a", "c", "nobody"};
    struct member *b = warm_observer(w);
    struct member *a = member_new(w, "a");
    struct sg_verdict v[3];

    member_join(a, "compute");
    cost_begin(b);
    expect_number(w, sg_verdicts(member_handle(b), "compute", names, 3, v),
                  SG_OK);
    expect_cost(b, COST_VERDICTS);
}

SCENARIO(cost, of_a_list, "12.list")
{
    struct member *b = warm_observer(w);
    struct member *a = member_new(w, "a");

    member_join(a, "compute");
    cost_begin(b);
    expect_list(b, "compute", "a");
    expect_cost(b, COST_LIST);
}

SCENARIO(cost, of_a_join, "12.join")
{
    struct member *a = warm_member(w, "a");
    struct member *c = member_new(w, "c");
    struct member *twin = member_twin(a);

    member_join(c, "compute");
    cost_begin(a);
    member_join(a, "compute");
    expect_cost(a, COST_JOIN);

    expect_up(twin, "compute", "a");
    cost_begin(twin);
    member_join(twin, "compute");
    expect_cost(twin, COST_JOIN_REPLACING);
}

SCENARIO(cost, of_a_join_that_makes_the_group, "12.join")
{
    struct member *a = warm_member(w, "a");

    cost_begin(a);
    member_join(a, "compute");
    expect_cost(a, COST_JOIN_CREATING);
}

SCENARIO(cost, of_a_leave, "12.leave")
{
    struct member *a = warm_member(w, "a");

    member_join(a, "compute");
    member_join(a, "network");
    cost_begin(a);
    member_leave(a, "network");
    expect_cost(a, COST_LEAVE);
    cost_begin(a);
    member_leave(a, "compute");
    expect_cost(a, COST_LEAVE_LAST);
}

SCENARIO(cost, of_a_beat, "12.beat")
{
    struct member *a = warm_member(w, "a");

    member_join(a, "compute");
    member_beat(a);
    cost_begin(a);
    member_beat(a);
    expect_cost(a, COST_BEAT);
}

SCENARIO(cost, of_a_beat_for_two_groups, "12.beat")
{
    struct member *a = warm_member(w, "a");

    member_join(a, "compute");
    member_join(a, "network");
    member_beat(a);
    cost_begin(a);
    member_beat(a);
    expect_cost(a, COST_BEAT_TWO_GROUPS);
}

SCENARIO(cost, of_metadata, "12.metadata-write 12.metadata-read")
{
    struct member *b = warm_observer(w);
    struct member *a = warm_member(w, "a");

    member_join(a, "compute");
    cost_begin(a);
    member_set_metadata(a, "compute", "\x01", 1);
    expect_cost(a, COST_SET_METADATA);
    cost_begin(b);
    expect_metadata(b, "compute", "a", "\x01", 1);
    expect_cost(b, COST_GET_METADATA);
}

SCENARIO(cost, of_the_groups, "12.groups")
{
    struct member *b = warm_observer(w);

    cost_begin(b);
    expect_groups(b, "warm");
    expect_cost(b, COST_GROUPS);
}

SCENARIO(cost, of_a_mark, "12.mark")
{
    static const struct sg_marks mark = {.disabled = true};
    struct member *b = warm_observer(w);

    cost_begin(b);
    member_mark(b, "warm", "warm", &mark);
    expect_cost(b, COST_MARK);
    cost_begin(b);
    member_mark(b, "compute", "a", &mark);
    expect_cost(b, COST_MARK_FIRST);
}

SCENARIO(cost, of_a_verdict_from_the_view, "12.view 2.4")
{
    struct member *b = warm_observer(w);
    struct member *a = member_new(w, "a");
    const struct sg_question q = {
        .group = "compute", .member = "a", .max_age_ms = SECOND};

    member_join(a, "compute");
    expect_verdict(b, &q, SG_UP);
    cost_begin(b);
    expect_verdict(b, &q, SG_UP);
    expect_cost(b, COST_NOTHING);
}

SCENARIO(cost, of_knowing_whether_one_may_act, "12.standing 10.4")
{
    struct member *a = warm_member(w, "a");

    member_join(a, "compute");
    cost_begin(a);
    expect_state(a, "compute", SG_STATE_JOINED);
    expect_cost(a, COST_NOTHING);
}
