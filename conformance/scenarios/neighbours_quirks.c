/* SPDX-License-Identifier: Apache-2.0
 * neighbours_quirks.c - chapter 13: where tooz itself breaks a clause, and
 * what our side does.
 */
#include "scenario.h"

/* A reader removes who paused, and tooz's beats never put it back. Ours is
 * back by its own next beat. (On ZooKeeper the server removes, and neither
 * library's new session would bring a node.) */
NEIGHBOUR_SCENARIO(out_after_a_pause_is_python_and_not_ours, "13.sees 3.5")
{
    const int64_t T = world_T(w, 10 * SECOND);
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");
    struct neighbour *q = neighbour_new(w, "q");

    member_join_with(c, "compute", "\xa1o", 2);
    neighbour_join(p, "compute");
    member_pause(c);
    neighbour_pause(p);
    world_pass(w, world_D(w) + T);
    expect_neighbour_sees(q, "compute", "");
    expect_gone(b, "compute", "c");
    expect_gone(b, "compute", "p");

    member_resume(c);
    neighbour_resume(p);
    expect_up_within(b, "compute", "c", world_beat(w) + world_deadline(w));
    expect_metadata(b, "compute", "c", "\xa1o", 2);
    world_pass(w, 2 * T);
    expect_gone(b, "compute", "p");
    expect_list(b, "compute", "c");
    expect_neighbour_fails(p, "leave compute", "MemberNotJoined");
    neighbour_join(p, "compute");
    expect_list(b, "compute", "c p");
}

/* Between the look and the removal of a listing our member comes back. Its
 * heart, which finds its liveness gone, writes the group anew: a removal that
 * looked before loses, on Redis by WATCH, on memcached by CAS. */
NEIGHBOUR_SCENARIO(pythons_listing_loses_against_our_heart,
                   "13.harmless 3.5 3.6")
{
    const int64_t T = world_T(w, 10 * SECOND);
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");
    struct neighbour *q = neighbour_new(w, "q");

    member_join_with(c, "compute", "\xa1o", 2);
    member_pause(c);
    world_pass(w, world_D(w));
    neighbour_list_begins(q, "compute");
    member_resume(c);
    expect_up_within(b, "compute", "c", world_beat(w) + world_deadline(w));
    neighbour_list_ends(q);
    expect_up_during(b, "compute", "c", 2 * T);
    expect_metadata(b, "compute", "c", "\xa1o", 2);
    expect_neighbour_sees(q, "compute", "c");
    expect_events(c, SG_EV_REPLACED, 0);
}

/* A beat of Python's writes its liveness alone, so the same removal hits it
 * alive, and it beats on, a member of nothing. (On ZooKeeper the server has
 * ended its session.) What was removed alive is DOWN to us, as to Python. */
NEIGHBOUR_SCENARIO(pythons_listing_removes_a_live_python, "13.harmless 2.1")
{
    const int64_t T = world_T(w, 10 * SECOND);
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");
    struct neighbour *q = neighbour_new(w, "q");

    member_joined(w, "c", "compute");
    neighbour_join(p, "compute");
    neighbour_pause(p);
    world_pass(w, world_D(w));
    neighbour_list_begins(q, "compute");
    neighbour_resume(p);
    neighbour_list_ends(q);
    expect_down(b, "compute", "p", SG_NOT_A_MEMBER);
    world_pass(w, 2 * T);
    expect_down(b, "compute", "p", SG_NOT_A_MEMBER);
    expect_list(b, "compute", "c");
    expect_neighbour_sees(q, "compute", "c");
    neighbour_join(p, "compute");
    expect_up(b, "compute", "p");
}

NEIGHBOUR_SCENARIO(a_join_during_pythons_listing_stands, "13.sees 1.1")
{
    struct neighbour *q = neighbour_new(w, "q");
    struct member *c = member_joined(w, "c", "compute");
    struct member *d = member_new(w, "d");
    struct member *b = observer_new(w, "b");

    member_kill(c);
    world_pass(w, world_D(w));
    neighbour_list_begins(q, "compute");
    member_join(d, "compute");
    neighbour_list_ends(q);
    expect_up(b, "compute", "d");
    expect_gone(b, "compute", "c");
    expect_neighbour_sees(q, "compute", "d");
}

/* On ZooKeeper the contenders stand below a child `leader` that stays: every
 * Python reader lists a member of that name, and the group can never be
 * deleted by Python. Our list skips it. */
NEIGHBOUR_SCENARIO(an_election_adds_no_member_to_our_list, "13.harmless 5.1")
{
    struct neighbour *p = neighbour_new(w, "p");
    struct neighbour *q = neighbour_new(w, "q");
    struct member *c = member_joined(w, "c", "compute");
    struct member *b = observer_new(w, "b");

    neighbour_join(p, "compute");
    neighbour_elect(p, "compute");
    neighbour_elect(q, "compute");
    expect_neighbour_sees_elected(q, "compute", "c p", "c leader p");
    expect_list(b, "compute", "c p");
    world_pass(w, 2 * world_D(w));
    expect_list(b, "compute", "c p");

    neighbour_crash(p);
    world_pass(w, world_D(w));
    expect_list(b, "compute", "c");
    member_leave(c, "compute");
    expect_neighbour_sees_elected(q, "compute", "", "leader");
    expect_neighbour_deletes_elected(q, "compute");
    member_join(c, "compute");
    expect_list(observer_new(w, "fresh"), "compute", "c");
}

/* Who remembers the group cannot tell a deletion from a loss of all data,
 * after which others might not be back yet (8.2). */
NEIGHBOUR_SCENARIO(a_group_that_python_deleted_is_unknown_for_T,
                   "13.harmless 8.2")
{
    struct neighbour *p = neighbour_new(w, "p");
    struct member *c = member_joined(w, "c", "compute");
    struct member *d = member_new(w, "d");
    struct member *b = observer_new(w, "b");

    expect_list(b, "compute", "c");
    member_leave(c, "compute");
    neighbour_delete(p, "compute");
    expect_unknown(b, "compute", "d", SG_LOST_DATA);
    member_join(d, "compute");
    expect_up(b, "compute", "d");
    expect_unknown(b, "compute", "c", SG_LOST_DATA);
    expect_list_fails(b, "compute");
    world_pass(w, world_D(w));
    expect_list(b, "compute", "d");
    expect_down(b, "compute", "c", SG_NOT_A_MEMBER);
}

NEIGHBOUR_SCENARIO(a_lock_adds_no_group_to_our_list,
                   "13.harmless 13.outside 5.4")
{
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");

    member_joined(w, "c", "compute");
    neighbour_lock(p, "build");
    expect_neighbour_groups_locked(p, "compute", "compute locks");
    expect_groups(b, "compute");
}

/* Redis has written the metadata before it looks whether that was a join. */
NEIGHBOUR_SCENARIO(a_refused_join_of_pythons_leaves_it_up, "13.harmless 2.1")
{
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");

    member_join_with(c, "compute", "\xa1o", 2);
    neighbour_join_with(p, "compute", "\xa1p", 2);
    expect_neighbour_join_refused(p, "compute", "\xa1x", 2);
    expect_up(b, "compute", "p");
    expect_metadata_after_refusal(b, "compute", "p", "\xa1p", "\xa1x", 2);
    expect_metadata(b, "compute", "c", "\xa1o", 2);
    world_pass(w, 2 * world_D(w));
    expect_list(b, "compute", "c p");
}

/* tooz's start() writes the liveness of its name, joined or not. Where that
 * is all the liveness there is, a process under our member's name takes it
 * over: ours is told and stops acting, and the next join puts it right. */
NEIGHBOUR_SCENARIO(python_under_our_name_is_noticed_by_ours,
                   "13.harmless 10.2 10.4")
{
    struct member *c = member_joined(w, "c", "compute");
    struct member *b = observer_new(w, "b");
    struct neighbour *t;
    struct member *again;

    expect_up(b, "compute", "c");
    t = neighbour_twin(w, "c");
    world_pass(w, world_beat(w) + world_deadline(w));
    expect_taken_where_shared(c, "compute");
    expect_neighbour_join_refused(t, "compute", "\xa1x", 2);
    neighbour_close(t);

    again = member_twin(c);
    member_join(again, "compute");
    expect_up(b, "compute", "c");
    expect_up_during(b, "compute", "c", world_D(w));
}
