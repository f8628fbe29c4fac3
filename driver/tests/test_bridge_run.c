/* SPDX-License-Identifier: Apache-2.0
 * test_bridge_run.c - a bridge on its way: which answers are waited for, and
 * what is said when one store does it and the other has no memory.
 */
#include "bridged.h"
#include "core.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define WRITES (SG_CAN_WRITE | SG_HAS_METADATA | SG_HAS_MARKS)

static const struct stub_reply STANDS = {.stands = true};
static const struct stub_reply NO_MEMORY = {.code = SG_ENOMEM};

static const struct stub_scene UP = {.sight = {.entry = true,
                                               .alive = true,
                                               .same_owner = true,
                                               .epoch = 5,
                                               .last_seen_ms = 42},
                                     .group_exists = true,
                                     .server_age_ms = -1};
static const struct stub_scene GONE = {
    .sight = {.last_seen_ms = -1}, .group_exists = true, .server_age_ms = -1};

static struct bridged *showing(const struct stub_scene *new_scene,
                               const struct stub_scene *old_scene,
                               unsigned old_promises)
{
    struct bridged *b = bridged_new(WRITES, old_promises);

    stub_show(b->stub[0], new_scene);
    stub_show(b->stub[1], old_scene);
    return b;
}

static size_t asked(struct bridged *b, int store)
{
    return stub_calls(b->stub[store], SG_VERB_ASK);
}

/* The verdict, its reason, and how long it took. */
static void says(struct bridged *b, const struct sg_question *q,
                 enum sg_status status, enum sg_reason reason, int64_t ms)
{
    int64_t begin = bridged_now(b);
    struct sg_verdict v = {.epoch = 99};

    unit_int(sg_ask(b->sg, q, &v), SG_OK);
    unit_int(v.status, status);
    unit_int(v.reason, reason);
    unit_int(bridged_now(b) - begin, ms);
}

static const struct sg_question x = {.group = "g", .member = "x"};

/* ---- enough ----------------------------------------------------------- */

UNIT(bridge_run, both_are_heard_when_both_answer)
{
    struct bridged *b = showing(&UP, &GONE, 0);

    for (size_t i = 1; i <= 20; i++) {
        says(b, &x, SG_UP, SG_NO_REASON, 0);
        unit_int((int64_t)asked(b, 1), (int64_t)i);
    }
    unit_int(stub_counts(b->stub[1]).interrupted, 0);
    bridged_free(b);
}

UNIT(bridge_run, up_waits_a_tenth_for_the_silent_and_then_not_at_all)
{
    struct bridged *b = showing(&UP, &GONE, 0);
    struct sg_pulse pulse;

    stub_always(b->stub[1], SG_VERB_ASK, STANDS);
    says(b, &x, SG_UP, SG_NO_REASON, BRIDGED_TENTH);
    unit_text(sg_why(), "no answer within 201 ms; ask again");
    unit_int(stub_counts(b->stub[1]).interrupted, 1);
    for (int i = 0; i < 20; i++)
        says(b, &x, SG_UP, SG_NO_REASON, 0);
    unit_int((int64_t)asked(b, 0), 21);
    unit_int((int64_t)asked(b, 1), 1);
    bridged_rest(b);
    sg_get_pulse(b->sg, &pulse);
    unit_int(pulse.in_flight, 0);
    unit_int(pulse.left_behind, 0);
    /* It is given a chance again after a deadline. */
    bridged_pass(b, BRIDGED_DEADLINE);
    says(b, &x, SG_UP, SG_NO_REASON, BRIDGED_TENTH);
    unit_int((int64_t)asked(b, 1), 2);
    bridged_free(b);
}

UNIT(bridge_run, the_new_ones_verdict_counts_where_both_say_up)
{
    struct bridged *b = showing(&UP, &UP, 0);
    struct stub_scene newer = UP;
    struct sg_verdict v;

    newer.sight.epoch = 6;
    newer.sight.last_seen_ms = 43;
    stub_show(b->stub[0], &newer);
    for (int i = 0; i < 20; i++) {
        unit_int(sg_verdict(b->sg, "g", "x", &v), SG_OK);
        unit_int((int64_t)v.epoch, 6);
        unit_int(v.last_seen_ms, 43);
    }
    bridged_free(b);
}

UNIT(bridge_run, who_may_hold_a_mark_is_waited_for)
{
    struct bridged *b = showing(&UP, &GONE, SG_HAS_MARKS);

    stub_always(b->stub[1], SG_VERB_ASK, STANDS);
    says(b, &x, SG_UP, SG_NO_REASON, BRIDGED_DEADLINE);
    says(b, &x, SG_UP, SG_NO_REASON, BRIDGED_DEADLINE);
    unit_int((int64_t)asked(b, 1), 2);
    bridged_free(b);
}

UNIT(bridge_run, a_mark_is_the_last_word_of_either)
{
    struct stub_scene forced = UP;
    struct bridged *b;

    forced.sight.marks.forced_down = true;
    b = showing(&forced, &UP, SG_HAS_MARKS);
    stub_next(b->stub[1], SG_VERB_ASK, STANDS);
    says(b, &x, SG_DOWN, SG_FORCED, BRIDGED_TENTH);
    bridged_free(b);
    b = showing(&UP, &forced, SG_HAS_MARKS);
    stub_next(b->stub[0], SG_VERB_ASK, STANDS);
    says(b, &x, SG_DOWN, SG_FORCED, BRIDGED_TENTH);
    bridged_free(b);
}

UNIT(bridge_run, down_and_unknown_wait_for_all)
{
    struct bridged *b = showing(&GONE, &GONE, 0);

    says(b, &x, SG_DOWN, SG_NOT_A_MEMBER, 0);
    stub_always(b->stub[1], SG_VERB_ASK, STANDS);
    says(b, &x, SG_UNKNOWN, SG_TIMED_OUT, BRIDGED_DEADLINE);
    says(b, &x, SG_UNKNOWN, SG_TIMED_OUT, BRIDGED_DEADLINE);
    if (strstr(sg_why(), "no answer within 2000 ms") == NULL)
        unit_text(sg_why(), "no answer within 2000 ms");
    unit_int((int64_t)asked(b, 1), 3);
    bridged_free(b);
}

UNIT(bridge_run, a_silent_one_is_asked_when_the_other_is_not_enough)
{
    struct bridged *b = showing(&UP, &UP, 0);

    stub_next(b->stub[1], SG_VERB_ASK, STANDS);
    says(b, &x, SG_UP, SG_NO_REASON, BRIDGED_TENTH);
    stub_show(b->stub[0], &GONE);
    says(b, &x, SG_UP, SG_NO_REASON, 0);
    unit_int((int64_t)asked(b, 1), 2);
    /* It has answered: it is no silent one any more. */
    stub_show(b->stub[0], &UP);
    says(b, &x, SG_UP, SG_NO_REASON, 0);
    unit_int((int64_t)asked(b, 1), 3);
    bridged_free(b);
}

UNIT(bridge_run, a_silent_one_is_asked_when_the_other_falls_silent)
{
    struct bridged *b = bridged_new(0, 0);

    stub_show(b->stub[0], &UP);
    stub_show(b->stub[1], &UP);
    stub_next(b->stub[1], SG_VERB_ASK, STANDS);
    says(b, &x, SG_UP, SG_NO_REASON, BRIDGED_TENTH);
    stub_always(b->stub[0], SG_VERB_ASK, STANDS);
    says(b, &x, SG_UP, SG_NO_REASON, 2 * BRIDGED_TENTH);
    says(b, &x, SG_UP, SG_NO_REASON, 0);
    unit_int((int64_t)asked(b, 0), 2);
    unit_int((int64_t)asked(b, 1), 3);
    bridged_free(b);
}

UNIT(bridge_run, both_silent_are_both_asked)
{
    struct bridged *b = showing(&UP, &UP, 0);

    for (int store = 0; store < 2; store++)
        stub_next(b->stub[store], SG_VERB_ASK, STANDS);
    says(b, &x, SG_UNKNOWN, SG_TIMED_OUT, BRIDGED_DEADLINE);
    says(b, &x, SG_UP, SG_NO_REASON, 0);
    unit_int((int64_t)asked(b, 0), 2);
    unit_int((int64_t)asked(b, 1), 2);
    bridged_free(b);
}

UNIT(bridge_run, up_in_a_part_is_enough)
{
    struct sg_sight part = UP.sight;
    struct stub_scene scene = GONE;
    struct sg_question q = x;
    struct bridged *b;

    part.member = "x:1";
    scene.sight.parts = &part;
    scene.sight.n_parts = 1;
    b = showing(&scene, &GONE, 0);
    q.any_part = true;
    stub_always(b->stub[1], SG_VERB_ASK, STANDS);
    says(b, &q, SG_UP, SG_NO_REASON, BRIDGED_TENTH);
    says(b, &x, SG_UNKNOWN, SG_TIMED_OUT, BRIDGED_DEADLINE);
    /* Forced is the part and not the whole: another part may be up. */
    part.marks.forced_down = true;
    says(b, &q, SG_DOWN, SG_FORCED, BRIDGED_DEADLINE);
    bridged_free(b);
}

UNIT(bridge_run, another_owners_life_is_not_enough)
{
    struct stub_scene replaced = UP;
    struct bridged *b;

    replaced.sight.same_owner = false;
    b = showing(&replaced, &GONE, 0);
    stub_always(b->stub[1], SG_VERB_ASK, STANDS);
    says(b, &x, SG_UNKNOWN, SG_REPLACED, BRIDGED_DEADLINE);
    bridged_free(b);
}

UNIT(bridge_run, a_list_needs_both_and_metadata_the_first)
{
    struct stub_scene scene = UP;
    struct bridged *b;
    struct sg_names *names = NULL;
    int64_t begin;
    size_t bytes;
    void *metadata;

    scene.metadata = "\xa1x";
    scene.metadata_bytes = 2;
    b = showing(&scene, &GONE, 0);
    stub_always(b->stub[1], SG_VERB_LIST, STANDS);
    stub_always(b->stub[1], SG_VERB_GROUPS, STANDS);
    stub_always(b->stub[1], SG_VERB_GET_METADATA, STANDS);
    begin = bridged_now(b);
    unit_int(sg_list(b->sg, "g", &names), SG_EUNKNOWN);
    unit_int(sg_groups(b->sg, &names), SG_EUNKNOWN);
    unit_int(bridged_now(b) - begin, 2 * BRIDGED_DEADLINE);
    bridged_pass(b, BRIDGED_DEADLINE);
    begin = bridged_now(b);
    unit_int(sg_get_metadata(b->sg, "g", "x", &metadata, &bytes), SG_OK);
    unit_int(bridged_now(b) - begin, BRIDGED_TENTH);
    unit_bytes(metadata, bytes, "\xa1x", 2);
    free(metadata);
    bridged_free(b);
}

UNIT(bridge_run, the_first_ones_metadata_is_waited_for)
{
    struct bridged *b = showing(&UP, &UP, SG_HAS_METADATA);
    int64_t begin = bridged_now(b);
    size_t bytes;
    void *metadata;

    stub_always(b->stub[0], SG_VERB_GET_METADATA, STANDS);
    unit_int(sg_get_metadata(b->sg, "g", "x", &metadata, &bytes), SG_OK);
    unit_int(bridged_now(b) - begin, BRIDGED_DEADLINE);
    free(metadata);
    bridged_free(b);
}

/* ---- one store has no memory ------------------------------------------ */

static enum sg_state state(struct bridged *b)
{
    struct sg_standing standing = {0};

    if (sg_standing(b->sg, "g", &standing) != SG_OK)
        return SG_STATE_NONE;
    return standing.state;
}

static struct bridged *writer(void)
{
    return showing(&UP, &UP, WRITES);
}

static int join(struct bridged *b, unsigned flags)
{
    return sg_join(b->sg, "g", "\xa1x", 2, flags, NULL);
}

UNIT(bridge_run, a_join_that_one_has_no_memory_for_is_pending)
{
    for (int store = 0; store < 2; store++) {
        struct bridged *b = writer();
        stub_next(b->stub[store], SG_VERB_JOIN, NO_MEMORY);
        unit_int(join(b, 0), SG_PENDING);
        unit_int(state(b), SG_STATE_PENDING);
        bridged_beat(b);
        unit_int(state(b), SG_STATE_JOINED);
        unit_int((int64_t)stub_calls(b->stub[store], SG_VERB_JOIN), 2);
        unit_int((int64_t)stub_calls(b->stub[!store], SG_VERB_JOIN), 1);
        bridged_free(b);
    }
}

UNIT(bridge_run, all_or_nothing_without_memory_in_one_is_unknown)
{
    for (int store = 0; store < 2; store++) {
        struct bridged *b = writer();
        stub_next(b->stub[store], SG_VERB_JOIN, NO_MEMORY);
        unit_int(join(b, SG_JOIN_ALL_OR_NOTHING), SG_EUNKNOWN);
        unit_int(state(b), SG_STATE_NONE);
        bridged_beat(b);
        unit_int((int64_t)stub_calls(b->stub[!store], SG_VERB_LEAVE), 1);
        unit_int((int64_t)stub_calls(b->stub[store], SG_VERB_JOIN), 1);
        bridged_free(b);
    }
}

UNIT(bridge_run, no_memory_in_both_is_no_memory)
{
    struct bridged *b = writer();

    for (int store = 0; store < 2; store++)
        stub_next(b->stub[store], SG_VERB_JOIN, NO_MEMORY);
    unit_int(join(b, 0), SG_ENOMEM);
    unit_int(state(b), SG_STATE_NONE);
    bridged_beat(b);
    unit_int((int64_t)stub_calls(b->stub[0], SG_VERB_JOIN), 1);
    unit_int((int64_t)stub_calls(b->stub[1], SG_VERB_JOIN), 1);
    bridged_free(b);
}

UNIT(bridge_run, no_memory_beside_a_refusal_is_the_refusal)
{
    const struct stub_reply taken = {.code = SG_EINUSE};
    struct bridged *b = writer();

    stub_next(b->stub[0], SG_VERB_JOIN, NO_MEMORY);
    stub_next(b->stub[1], SG_VERB_JOIN, taken);
    unit_int(join(b, 0), SG_EINUSE);
    unit_int(state(b), SG_STATE_NONE);
    bridged_free(b);
}

/* The wish of both is the new value, whichever store has it by now. */
UNIT(bridge_run, metadata_that_one_has_no_memory_for_is_unknown)
{
    for (int store = 0; store < 2; store++) {
        struct bridged *b = writer();
        unit_int(join(b, 0), SG_OK);
        stub_next(b->stub[store], SG_VERB_SET_METADATA, NO_MEMORY);
        unit_int(sg_set_metadata(b->sg, "g", "\xa1y", 2), SG_EUNKNOWN);
        for (int i = 0; i < 2; i++)
            unit_bytes(b->sg->store[i]->memberships[0].metadata, 2, "\xa1y", 2);
        for (int i = 0; i < 2; i++)
            stub_next(b->stub[i], SG_VERB_SET_METADATA, NO_MEMORY);
        unit_int(sg_set_metadata(b->sg, "g", "\xa1z", 2), SG_ENOMEM);
        for (int i = 0; i < 2; i++)
            unit_bytes(b->sg->store[i]->memberships[0].metadata, 2, "\xa1y", 2);
        bridged_free(b);
    }
}

UNIT(bridge_run, marks_that_one_has_no_memory_for_are_unknown)
{
    const struct sg_marks marks = {.disabled = true};

    for (int store = 0; store < 2; store++) {
        struct bridged *b = writer();
        stub_next(b->stub[store], SG_VERB_SET_MARKS, NO_MEMORY);
        unit_int(sg_set_marks(b->sg, "g", "x", &marks), SG_EUNKNOWN);
        if (strstr(sg_why(), "memory") == NULL)
            unit_text(sg_why(), "out of memory");
        bridged_free(b);
    }
}
