/* SPDX-License-Identifier: Apache-2.0
 * test_found.c - what a beat may find, and what comes of it.
 */
#include "rig.h"
#include "unit.h"

#include <string.h>

static const struct stub_reply FAILS = {.code = SG_EUNKNOWN,
                                        .reason = SG_UNREACHABLE};
static const struct stub_reply NO_LIVENESS = {.liveness = SG_FOUND_NOTHING,
                                              .found = SG_FOUND_MINE};
static const struct stub_reply NO_ENTRY = {.liveness = SG_FOUND_MINE,
                                           .found = SG_FOUND_NOTHING};
static const struct stub_reply OTHERS_LIVENESS = {.liveness = SG_FOUND_ANOTHERS,
                                                  .found = SG_FOUND_MINE};
static const struct stub_reply OTHERS_ENTRY = {.liveness = SG_FOUND_MINE,
                                               .found = SG_FOUND_ANOTHERS};

static int64_t beats(struct rig *rig)
{
    return (int64_t)stub_calls(rig->stub, SG_VERB_BEAT);
}

/* ---- what a beat finds ------------------------------------------------ */

UNIT(found, a_lost_liveness_brings_all_back_under_a_new_token)
{
    struct rig *rig = rig_joined(0);
    struct stub_call first, g, h;

    rig_join(rig, "h");
    first = stub_last(rig->stub, SG_VERB_JOIN);
    stub_next(rig->stub, SG_VERB_BEAT, NO_LIVENESS);
    rig_pass(rig, RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 4);
    g = stub_call(rig->stub, SG_VERB_JOIN, 2);
    h = stub_call(rig->stub, SG_VERB_JOIN, 3);
    unit_text(g.group, "g");
    unit_text(h.group, "h");
    unit_int((int64_t)strlen(g.token), SG_TOKEN_BYTES);
    unit_true(strcmp(first.token, g.token) != 0);
    unit_text(g.token, h.token);
    unit_int(g.at_ms, rig_now(rig)); /* at once, not a beat later */
    unit_int((int64_t)rig->n_events, 4);
    rig_expect(rig, 0, "g", SG_EV_LOST);
    rig_expect(rig, 1, "h", SG_EV_LOST);
    rig_expect(rig, 2, "g", SG_EV_REJOINED);
    unit_int((int64_t)rig->events[2].epoch, 3);
    rig_expect(rig, 3, "h", SG_EV_REJOINED);
    unit_int((int64_t)rig_standing(rig, "h").epoch, 4);
    rig_pass(rig, RIG_BEAT);
    unit_text(stub_last(rig->stub, SG_VERB_BEAT).token, g.token);
    rig_free(rig);
}

UNIT(found, a_lost_entry_is_put_back_under_the_same_token)
{
    struct rig *rig = rig_joined(0);
    struct stub_call first = stub_last(rig->stub, SG_VERB_JOIN);

    stub_next(rig->stub, SG_VERB_BEAT, NO_ENTRY);
    rig_pass(rig, RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 2);
    unit_text(stub_last(rig->stub, SG_VERB_JOIN).token, first.token);
    rig_expect(rig, 0, "g", SG_EV_LOST);
    rig_expect(rig, 1, "g", SG_EV_REJOINED);
    rig_free(rig);
}

UNIT(found, what_is_put_back_carries_its_metadata)
{
    struct rig *rig = rig_member(0);
    struct stub_call again;

    unit_int(sg_join(rig->sg, "g", "\xa1x", 2, 0, NULL), SG_OK);
    stub_next(rig->stub, SG_VERB_BEAT, NO_ENTRY);
    rig_pass(rig, RIG_BEAT);
    again = stub_call(rig->stub, SG_VERB_JOIN, 1);
    unit_bytes(again.metadata, again.metadata_bytes, "\xa1x", 2);
    rig_free(rig);
}

UNIT(found, a_return_that_fails_is_tried_with_each_beat)
{
    struct rig *rig = rig_joined(0);

    stub_next(rig->stub, SG_VERB_BEAT, NO_ENTRY);
    for (int i = 0; i < 3; i++)
        stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    rig_pass(rig, RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 2);
    unit_int(rig_standing(rig, "g").state, SG_STATE_LOST);
    rig_pass(rig, 4 * RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 5);
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    unit_int((int64_t)rig->n_events, 2);
    rig_free(rig);
}

static void replaced_by(struct stub_reply reply)
{
    struct rig *rig = rig_joined(0);

    stub_next(rig->stub, SG_VERB_BEAT, reply);
    rig_pass(rig, RIG_BEAT);
    unit_int((int64_t)rig->n_events, 1);
    rig_expect(rig, 0, "g", SG_EV_REPLACED);
    unit_int(rig->events[0].error, SG_EREPLACED);
    unit_int(rig_standing(rig, "g").state, SG_STATE_REPLACED);
    unit_int(rig_standing(rig, "g").safe_ms, 0);
    unit_true(rig_pulse(rig).next_due_ms == INT64_MAX);
    rig_pass(rig, 5 * RIG_T);
    unit_int(beats(rig), 1);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 1);
    unit_int(sg_leave(rig->sg, "g"), SG_EREPLACED);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 0);
    rig_free(rig);
}

UNIT(found, a_newer_incarnation_ends_this_one)
{
    replaced_by(OTHERS_LIVENESS);
    replaced_by(OTHERS_ENTRY);
}

UNIT(found, a_replaced_member_may_join_again)
{
    struct rig *rig = rig_joined(0);

    stub_next(rig->stub, SG_VERB_BEAT, OTHERS_ENTRY);
    rig_pass(rig, RIG_BEAT);
    rig_join(rig, "g");
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    rig_pass(rig, RIG_BEAT);
    unit_int(beats(rig), 2);
    rig_free(rig);
}

UNIT(found, a_return_that_finds_another_is_replaced)
{
    static const int codes[] = {SG_EINUSE, SG_EREPLACED};

    for (size_t i = 0; i < 2; i++) {
        struct rig *rig = rig_joined(0);
        stub_next(rig->stub, SG_VERB_BEAT, NO_ENTRY);
        stub_next(rig->stub, SG_VERB_JOIN,
                  (struct stub_reply){.code = codes[i]});
        rig_pass(rig, RIG_BEAT);
        rig_expect(rig, 0, "g", SG_EV_LOST);
        rig_expect(rig, 1, "g", SG_EV_REPLACED);
        unit_int(rig_standing(rig, "g").state, SG_STATE_REPLACED);
        unit_true(rig_pulse(rig).next_due_ms == INT64_MAX);
        rig_free(rig);
    }
}

/* One group's record may be gone while another stands. */
UNIT(found, a_group_that_was_never_confirmed_is_not_lost)
{
    struct rig *rig = rig_joined(0);

    stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    unit_int(sg_join(rig->sg, "h", NULL, 0, 0, NULL), SG_PENDING);
    stub_next(rig->stub, SG_VERB_BEAT, NO_LIVENESS);
    stub_always(rig->stub, SG_VERB_JOIN, FAILS);
    rig_pass(rig, RIG_BEAT);
    unit_int(rig_standing(rig, "g").state, SG_STATE_LOST);
    unit_int(rig_standing(rig, "h").state, SG_STATE_PENDING);
    rig_free(rig);
}

/* ---- callbacks -------------------------------------------------------- */

static void leave_late(struct rig *rig, const struct sg_event *event)
{
    if (event->kind == SG_EV_LOST)
        unit_int(sg_leave(rig->sg, event->group), SG_PENDING);
}

static void leave_there(struct rig *rig, const struct sg_event *event)
{
    if (event->kind == SG_EV_LOST)
        unit_int(sg_leave(rig->sg, event->group), SG_OK);
}

UNIT(found, a_leave_from_a_callback_waits_for_its_turn)
{
    struct rig *rig = rig_joined(0);

    rig->on_event = leave_late;
    stub_next(rig->stub, SG_VERB_BEAT, NO_ENTRY);
    stub_next(rig->stub, SG_VERB_LEAVE, FAILS);
    rig_pass(rig, RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 1);
    rig_pass(rig, RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 2);
    rig_expect(rig, 1, "g", SG_EV_LEFT);
    rig_free(rig);
}

UNIT(found, a_callback_may_call)
{
    struct rig *rig = rig_joined(0);

    rig->on_event = leave_there;
    stub_next(rig->stub, SG_VERB_BEAT, NO_ENTRY);
    rig_pass(rig, 2 * RIG_BEAT);
    unit_int((int64_t)rig->n_events, 1);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 1);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 1);
    rig_free(rig);
}
