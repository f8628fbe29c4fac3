/* SPDX-License-Identifier: Apache-2.0
 * neighbours.c - chapter 13: members of Python tooz beside ours; who sees
 * whom, and what stays out of sight.
 */
#include "scenario.h"

/* ---- joins and leaves ------------------------------------------------- */

NEIGHBOUR_SCENARIO(joins_and_leaves_are_seen_both_ways, "13.sees 1.1 4.1")
{
    struct neighbour *p = neighbour_new(w, "p");
    struct member *c = member_joined(w, "c", "compute");
    struct member *b = observer_new(w, "b");

    expect_neighbour_sees(p, "compute", "c");
    neighbour_join(p, "compute");
    expect_up(b, "compute", "p");
    expect_up(b, "compute", "c");
    expect_list(b, "compute", "c p");
    expect_neighbour_sees(p, "compute", "c p");

    member_leave(c, "compute");
    expect_neighbour_sees(p, "compute", "p");
    expect_down(b, "compute", "c", SG_NOT_A_MEMBER);
    neighbour_leave(p, "compute");
    expect_down(b, "compute", "p", SG_NOT_A_MEMBER);
    expect_list(b, "compute", "");
    expect_neighbour_sees(p, "compute", "");
}

NEIGHBOUR_SCENARIO(a_group_that_python_made_is_joined_by_ours, "13.sees 5.4")
{
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");

    neighbour_create(p, "compute");
    neighbour_join(p, "compute");
    expect_groups(b, "compute");
    expect_list(b, "compute", "p");
    member_join(c, "compute");
    expect_neighbour_sees(p, "compute", "c p");
    expect_list(b, "compute", "c p");

    world_pass(w, 2 * world_D(w));
    expect_list(b, "compute", "c p");
    expect_neighbour_sees(p, "compute", "c p");
}

NEIGHBOUR_SCENARIO(who_stops_has_left_both_ways, "13.sees 4.2")
{
    struct neighbour *p = neighbour_new(w, "p");
    struct neighbour *q = neighbour_new(w, "q");
    struct member *c = member_joined(w, "c", "compute");
    struct member *b = observer_new(w, "b");

    neighbour_join(p, "compute");
    member_close(c);
    expect_neighbour_sees(q, "compute", "p");
    neighbour_close(p);
    expect_down(b, "compute", "p", SG_NOT_A_MEMBER);
    expect_list(b, "compute", "");
    expect_neighbour_sees(q, "compute", "");
}

/* Who gave his name to Python as text is stored as text by some. */
NEIGHBOUR_SCENARIO(a_name_given_as_text_is_the_same_name, "13.sees 13.harmless")
{
    struct member *c = member_joined(w, "c", "compute");
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new_text(w, "p");

    neighbour_join(p, "compute");
    expect_up(b, "compute", "p");
    expect_list(b, "compute", "c p");
    expect_metadata(b, "compute", "p", "\xc4\x00", 2);
    member_leave(c, "compute");
    member_join(c, "compute");
    expect_neighbour_sees(p, "compute", "c p");
    neighbour_crash(p);
    world_pass(w, world_D(w));
    expect_gone(b, "compute", "p");
    expect_list(b, "compute", "c");
}

/* msgpack's map header changes at 16 entries: one writes 16, another 17. */
NEIGHBOUR_SCENARIO(both_write_a_group_of_seventeen, "13.harmless 5.2")
{
    struct member *b = observer_new(w, "b");
    struct member *c = member_new(w, "c");
    struct member *d = member_new(w, "d");
    struct neighbour *p = neighbour_new(w, "p");

    world_populate(w, "crowd", "m", 14);
    member_join(c, "crowd");
    neighbour_join(p, "crowd");
    expect_list_count(b, "crowd", 16, 0);
    member_join(d, "crowd");
    expect_list_count(b, "crowd", 17, 0);
    expect_neighbour_sees(
        p, "crowd", "c d m0 m1 m10 m11 m12 m13 m2 m3 m4 m5 m6 m7 m8 m9 p");

    neighbour_leave(p, "crowd");
    member_leave(c, "crowd");
    expect_list_count(b, "crowd", 15, 0);
    expect_neighbour_sees(p, "crowd",
                          "d m0 m1 m10 m11 m12 m13 m2 m3 m4 m5 m6 m7 m8 m9");
}

/* ---- crashes ---------------------------------------------------------- */

NEIGHBOUR_SCENARIO(a_crash_of_pythons_is_down_by_D, "13.sees 3.1 3.4")
{
    const int64_t T = world_T(w, 10 * SECOND);
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");

    member_joined(w, "c", "compute");
    neighbour_join(p, "compute");
    world_pass(w, 2 * T);
    neighbour_crash(p);
    expect_up(b, "compute", "p");
    world_pass(w, T - world_early(w) - 1);
    expect_up(b, "compute", "p");
    world_pass(w, world_early(w) + 1 + world_late(w));
    expect_gone(b, "compute", "p");
    expect_list(b, "compute", "c");
    expect_up(b, "compute", "c");
}

NEIGHBOUR_SCENARIO(a_crash_of_ours_is_seen_by_python, "13.sees 3.1")
{
    const int64_t T = world_T(w, 10 * SECOND);
    struct neighbour *p = neighbour_new(w, "p");
    struct member *c = member_joined(w, "c", "compute");
    struct member *b = observer_new(w, "b");

    member_joined(w, "d", "compute");
    neighbour_join(p, "compute");
    world_pass(w, 2 * T);
    member_crash(c);
    world_pass(w, T - world_early(w) - 1);
    expect_neighbour_sees(p, "compute", "c d p");
    world_pass(w, world_early(w) + 1 + world_late(w));
    expect_neighbour_sees(p, "compute", "d p");
    expect_gone(b, "compute", "c");
    expect_list(b, "compute", "d p");
}

/* tooz's watchers compare lists, so they tell of ours as of theirs. */
NEIGHBOUR_SCENARIO(pythons_watchers_tell_of_ours, "13.sees")
{
    struct neighbour *p = neighbour_new(w, "p");
    struct member *c = member_joined(w, "c", "compute");
    struct member *d = member_new(w, "d");

    neighbour_watch(p, "compute");
    member_join(d, "compute");
    expect_neighbour_told(p, "+d");
    expect_neighbour_told(p, "");
    member_crash(c);
    member_leave(d, "compute");
    expect_neighbour_told(p, "-d");
    world_pass(w, world_D(w));
    expect_neighbour_told(p, "-c");
}

/* Our hearts sweep the group all the while: they must not hit Python's. */
NEIGHBOUR_SCENARIO(python_that_beats_is_never_down, "13.sees 3.3 3.6")
{
    static const char *const names[] = {"c", "d", "p", "q"};
    const int64_t T = world_T(w, 10 * SECOND);
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");
    struct neighbour *q = neighbour_new(w, "q");

    member_joined(w, "c", "compute");
    neighbour_join(p, "compute");
    member_joined(w, "d", "compute");
    neighbour_join(q, "compute");
    expect_all_up_during(b, "compute", names, 4, world_steps(w, 40) * T);
    expect_neighbour_sees(p, "compute", "c d p q");
}

/* ---- one reads while the other churns --------------------------------- */

NEIGHBOUR_SCENARIO(ours_reads_while_python_churns, "13.sees 13.harmless")
{
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");

    member_joined(w, "c", "compute");
    for (int64_t i = 0; i < world_steps(w, 24); i++) {
        neighbour_join_with(p, "compute", "\xa2no", 3);
        expect_list(b, "compute", "c p");
        neighbour_update(p, "compute", "\xa3yes", 4);
        expect_metadata(b, "compute", "p", "\xa3yes", 4);
        expect_up(b, "compute", "c");
        neighbour_leave(p, "compute");
        expect_down(b, "compute", "p", SG_NOT_A_MEMBER);
        expect_list(b, "compute", "c");
        world_pass(w, world_beat(w) / 5);
    }
}

NEIGHBOUR_SCENARIO(python_reads_while_ours_churns, "13.sees 13.harmless")
{
    struct member *c = member_new(w, "c");
    struct neighbour *p = neighbour_new(w, "p");

    member_joined(w, "d", "compute");
    neighbour_join(p, "compute");
    for (int64_t i = 0; i < world_steps(w, 24); i++) {
        member_join_with(c, "compute", "\xa2no", 3);
        expect_neighbour_sees(p, "compute", "c d p");
        member_set_metadata(c, "compute", "\xa3yes", 4);
        expect_neighbour_reads(p, "compute", "c", "\xa3yes", 4);
        member_leave(c, "compute");
        expect_neighbour_sees(p, "compute", "d p");
        world_pass(w, world_beat(w) / 5);
    }
}

/* ---- what is ours alone ----------------------------------------------- */

NEIGHBOUR_SCENARIO(python_does_not_see_our_extras, "13.outside 2.3")
{
    static const struct sg_marks forced = {.forced_down = true},
                                 disabled = {.disabled = true,
                                             .disabled_reason = "repair"};
    struct neighbour *p = neighbour_new(w, "p");
    struct member *c = member_joined(w, "c", "compute");
    struct member *dead = member_joined(w, "dead", "network");
    struct member *b = observer_new(w, "b");

    member_join(c, "network");
    member_joined(w, "d", "compute");
    member_mark(b, "compute", "d", &forced);
    member_mark(b, "compute", "nobody", &disabled);
    member_mark(b, "nowhere", "d", &disabled);
    member_crash(dead);
    world_pass(w, 3 * world_D(w)); /* epochs, births, owners, leases */

    expect_neighbour_groups(p, "compute network");
    expect_neighbour_sees(p, "compute", "c d");
    expect_neighbour_sees(p, "network", "c");
    expect_list(b, "compute", "c");
    expect_neighbour_fails(p, "meta compute nobody", "MemberNotJoined");
    expect_neighbour_fails(p, "list nowhere", "GroupNotCreated");
    expect_neighbour_fails(p, "delete compute", "GroupNotEmpty");
}

NEIGHBOUR_SCENARIO(python_deletes_a_group_that_ours_have_left, "13.outside")
{
    static const struct sg_marks marks = {.disabled = true,
                                          .disabled_reason = "repair"};
    struct neighbour *p = neighbour_new(w, "p");
    struct member *c = member_joined(w, "c", "compute");
    struct member *b = observer_new(w, "b");

    member_mark(b, "compute", "c", &marks);
    world_pass(w, 2 * world_D(w));
    member_leave(c, "compute");
    neighbour_delete(p, "compute");
    expect_neighbour_groups(p, "");
    expect_neighbour_fails(p, "list compute", "GroupNotCreated");

    neighbour_create(p, "compute");
    expect_neighbour_sees(p, "compute", "");
    member_join(c, "compute");
    expect_up(b, "compute", "c");
    expect_marks(b, "compute", "c", &marks);
    expect_neighbour_sees(p, "compute", "c");
}
