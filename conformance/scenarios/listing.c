/* SPDX-License-Identifier: Apache-2.0
 * listing.c - chapter 5: the list is exactly the members that are UP.
 */
#include "scenario.h"

SCENARIO(listing, the_list_is_exactly_who_is_up, "5.1 5.5")
{
    struct member *a = member_new(w, "a");
    struct member *c = member_new(w, "c");
    struct member *d = member_new(w, "d");
    struct member *b = observer_new(w, "b");

    expect_list(b, "compute", "");
    member_join(c, "compute");
    member_join(a, "compute");
    member_join(d, "compute");
    expect_list(b, "compute", "a c d");

    member_leave(c, "compute");
    expect_list(b, "compute", "a d");
    member_crash(d);
    world_pass(w, world_D(w));
    expect_list(b, "compute", "a");
    expect_gone(b, "compute", "d");
    expect_up(b, "compute", "a");
}

/* msgpack's map header changes at 16 and at 65 536 entries. */
static void list_of(struct world *w, size_t n)
{
    struct member *b = observer_new(w, "b");

    world_populate(w, "crowd", "m", n);
    expect_list_count(b, "crowd", n, 0);
    expect_up(b, "crowd", "m0");
    expect_down(b, "crowd", "nobody", SG_NOT_A_MEMBER);
}

SCENARIO(listing, a_list_of_one, "5.2")
{
    list_of(w, 1);
}

SCENARIO(listing, a_list_of_15, "5.2")
{
    list_of(w, 15);
}

SCENARIO(listing, a_list_of_16, "5.2")
{
    list_of(w, 16);
}

SCENARIO(listing, a_list_of_17, "5.2")
{
    list_of(w, 17);
}

SCENARIO(listing, a_list_of_a_crowd, "5.2")
{
    list_of(w, world_crowd(w));
}

SCENARIO(listing, joining_and_leaving_a_crowd_harms_nobody, "5.2 6.5")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    world_populate(w, "crowd", "m", 15);
    member_join(a, "crowd");
    expect_list_count(b, "crowd", 16, 0);
    expect_up(b, "crowd", "m14");
    member_leave(a, "crowd");
    expect_list_count(b, "crowd", 15, 0);
    expect_up(b, "crowd", "m14");
}

SCENARIO(listing, a_damaged_entry_fails_nobody_else, "5.3 11.2")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    world_write_damaged(w, "compute", "broken");
    expect_up(b, "compute", "a");
    expect_list(b, "compute", "a");
    expect_list_count(b, "compute", 1, 1);

    world_pass(w, 3 * world_T(w, 10 * SECOND));
    expect_list(b, "compute", "a");
}

SCENARIO(listing, a_python_member_is_listed_and_up, "5.1 5.5")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    const struct sg_question q = {.group = "compute", .member = "python"};

    member_join(a, "compute");
    world_write_python(w, "compute", "python");
    expect_list(b, "compute", "a python");
    expect_up(b, "compute", "python");
    expect_that(w, expect_verdict(b, &q, SG_UP).last_seen_ms == -1);
}

SCENARIO(listing, groups_are_listed, "5.4")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    expect_groups(b, "");
    member_join(a, "volume");
    member_join(a, "compute");
    expect_groups(b, "compute volume");
    member_leave(a, "volume");
    expect_groups(b, "compute volume");
}

SCENARIO(listing, many_verdicts_and_the_list_agree, "5.5")
{
    static const struct sg_marks forced = {.forced_down = true};
    static const char *const names[] = {"a", "c", "dead", "forced", "nobody"};
    struct member *a = member_new(w, "a");
    struct member *c = member_new(w, "c");
    struct member *dead = member_new(w, "dead");
    struct member *f = member_new(w, "forced");
    struct member *b = observer_new(w, "b");
    struct sg_verdict v[5];

    member_join(a, "compute");
    member_join(c, "compute");
    member_join(f, "compute");
    member_join(dead, "compute");
    member_mark(b, "compute", "forced", &forced);
    member_crash(dead);
    world_pass(w, world_D(w));
    expect_list(b, "compute", "a c");
    expect_number(w, sg_verdicts(member_handle(b), "compute", names, 5, v),
                  SG_OK);
    expect_that(w, v[0].status == SG_UP && v[1].status == SG_UP);
    expect_that(w, v[2].status == SG_DOWN && v[3].status == SG_DOWN);
    expect_that(w, v[3].reason == SG_FORCED);
    expect_that(w, v[4].reason == SG_NOT_A_MEMBER);
}
