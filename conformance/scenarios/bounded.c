/* SPDX-License-Identifier: Apache-2.0
 * bounded.c - clause 2.6: every call ends by its deadline, whatever happens.
 */
#include "scenario.h"

#include <stdlib.h>

/* Each call of a handle that has joined "compute" as "a" and asks about it. */
static void verdict(struct sg *sg)
{
    struct sg_verdict v;
    sg_verdict(sg, "compute", "a", &v);
}

static void verdicts(struct sg *sg)
{
    static const char *const names[] = {"a", "b", "c"};
    struct sg_verdict v[3];
    sg_verdicts(sg, "compute", names, 3, v);
}

static void list(struct sg *sg)
{
    struct sg_names *names = NULL;
    if (sg_list(sg, "compute", &names) == SG_OK)
        sg_names_free(names);
}

static void groups(struct sg *sg)
{
    struct sg_names *names = NULL;
    if (sg_groups(sg, &names) == SG_OK)
        sg_names_free(names);
}

static void get_metadata(struct sg *sg)
{
    void *metadata;
    size_t n;
    if (sg_get_metadata(sg, "compute", "a", &metadata, &n) == SG_OK)
        free(metadata);
}

static void set_metadata(struct sg *sg)
{
    sg_set_metadata(sg, "compute", "\xc0", 1);
}

static void set_marks(struct sg *sg)
{
    static const struct sg_marks none;
    sg_set_marks(sg, "compute", "a", &none);
}

static void get_marks(struct sg *sg)
{
    struct sg_marks marks;
    sg_get_marks(sg, "compute", "a", &marks);
}

static void join_another(struct sg *sg)
{
    sg_join(sg, "network", NULL, 0, SG_JOIN_ALL_OR_NOTHING, NULL);
}

static void leave(struct sg *sg)
{
    sg_leave(sg, "compute");
}

static void (*const calls[])(struct sg *sg) = {
    verdict,      verdicts,  list,      groups,       get_metadata,
    set_metadata, set_marks, get_marks, join_another, leave,
};

/* A call may end sooner: libzookeeper gives a silent connection up after two
 * thirds of T. That it does not end sooner where nothing is known is asserted
 * of single calls in verdict.c. */
static void every_call_ends_in_time(struct world *w, struct member *a)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        clock_begin(w);
        calls[i](member_handle(a));
        expect_took(w, 0, world_deadline(w));
    }
    clock_begin(w);
    member_close(a);
    expect_took(w, 0, world_deadline(w));
}

SCENARIO(bounded, every_call_on_a_dark_link, "2.6")
{
    struct member *a = member_new(w, "a");

    member_join(a, "compute");
    member_dark(a, BOTH_WAYS);
    every_call_ends_in_time(w, a);
}

SCENARIO(bounded, every_call_where_answers_are_lost, "2.6")
{
    struct member *a = member_new(w, "a");

    member_join(a, "compute");
    member_dark(a, TO_CLIENT);
    every_call_ends_in_time(w, a);
}

SCENARIO(bounded, every_call_on_a_server_of_a_byte_per_80_ms, "2.6")
{
    struct member *a = member_new(w, "a");

    member_join(a, "compute");
    member_fault(a, FAULT_DRIBBLE, 0, 80);
    every_call_ends_in_time(w, a);
}

SCENARIO(bounded, every_call_of_a_name_that_does_not_resolve, "2.6")
{
    struct member *b = observer_without_dns(w, "b");

    for (int i = 0; i < 3; i++) {
        clock_begin(w);
        verdict(member_handle(b));
        expect_took(w, 0, world_deadline(w));
        clock_begin(w);
        list(member_handle(b));
        expect_took(w, 0, world_deadline(w));
    }
    clock_begin(w);
    member_close(b);
    expect_took(w, 0, world_deadline(w));
}

SCENARIO(bounded, one_dark_member_delays_nobody, "2.6 3.4")
{
    struct member *a = member_new(w, "a");
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    member_join(c, "compute");
    member_dark(a, BOTH_WAYS);
    clock_begin(w);
    expect_up(b, "compute", "c");
    expect_took(w, 0, 0);
    expect_up_during(b, "compute", "c", 3 * world_D(w));
}
