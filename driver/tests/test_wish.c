/* SPDX-License-Identifier: Apache-2.0
 * test_wish.c - joins and leaves that the heart has to finish.
 */
#include "rig.h"
#include "unit.h"

#include <string.h>

static const struct stub_reply STANDS = {
    .stands = true, .liveness = SG_FOUND_MINE, .found = SG_FOUND_MINE};
static const struct stub_reply FAILS = {.code = SG_EUNKNOWN,
                                        .reason = SG_UNREACHABLE};
static const struct stub_reply NO_LIVENESS = {.liveness = SG_FOUND_NOTHING,
                                              .found = SG_FOUND_MINE};

static int64_t beats(struct rig *rig)
{
    return (int64_t)stub_calls(rig->stub, SG_VERB_BEAT);
}

/* ---- pending joins and leaves ----------------------------------------- */

UNIT(wish, a_pending_join_is_completed_once_and_said)
{
    struct rig *rig = rig_member(0);
    uint64_t epoch = 77;

    stub_next(rig->stub, SG_VERB_JOIN, STANDS);
    unit_int(sg_join(rig->sg, "g", "\x80", 1, 0, &epoch), SG_PENDING);
    unit_int((int64_t)epoch, 77);
    unit_int(rig_standing(rig, "g").state, SG_STATE_PENDING);
    unit_int(rig_standing(rig, "g").safe_ms, 0);
    unit_int((int64_t)rig->n_events, 0);
    rig_pass(rig, RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 2);
    unit_int((int64_t)rig->n_events, 1);
    rig_expect(rig, 0, "g", SG_EV_JOINED);
    unit_int((int64_t)rig->events[0].epoch, 1);
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    rig_pass(rig, 5 * RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 2);
    unit_int((int64_t)rig->n_events, 1);
    unit_int(beats(rig), 5);
    rig_free(rig);
}

UNIT(wish, a_pending_join_is_tried_until_it_is_answered)
{
    struct rig *rig = rig_member(0);

    stub_always(rig->stub, SG_VERB_JOIN, FAILS);
    unit_int(sg_join(rig->sg, "g", NULL, 0, 0, NULL), SG_PENDING);
    rig_pass(rig, 10 * RIG_BEAT);
    unit_true(stub_calls(rig->stub, SG_VERB_JOIN) >= 10);
    unit_true(stub_calls(rig->stub, SG_VERB_JOIN) <= 21);
    unit_int((int64_t)rig->n_events, 0);
    unit_int(beats(rig), 0);
    stub_always(rig->stub, SG_VERB_JOIN, (struct stub_reply){0});
    rig_pass(rig, RIG_BEAT);
    rig_expect(rig, 0, "g", SG_EV_JOINED);
    rig_free(rig);
}

UNIT(wish, a_leave_withdraws_a_pending_join)
{
    struct rig *rig = rig_member(0);

    stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    unit_int(sg_join(rig->sg, "g", NULL, 0, 0, NULL), SG_PENDING);
    unit_int(sg_leave(rig->sg, "g"), SG_OK);
    rig_pass(rig, 5 * RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 1);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 1);
    unit_int((int64_t)rig->n_events, 0);
    unit_int(sg_leave(rig->sg, "g"), SG_ENOTJOINED);
    rig_free(rig);
}

UNIT(wish, a_pending_join_that_is_refused_for_good_says_so)
{
    static const int codes[] = {SG_EINUSE, SG_EREPLACED, SG_ETIMEOUT,
                                SG_ETOOBIG};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct rig *rig = rig_member(0);
        stub_next(rig->stub, SG_VERB_JOIN, FAILS);
        stub_next(rig->stub, SG_VERB_JOIN,
                  (struct stub_reply){.code = codes[i]});
        unit_int(sg_join(rig->sg, "g", NULL, 0, 0, NULL), SG_PENDING);
        rig_pass(rig, 3 * RIG_BEAT);
        unit_int((int64_t)rig->n_events, 1);
        rig_expect(rig, 0, "g", SG_EV_REFUSED);
        unit_int(rig->events[0].error, codes[i]);
        unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 2);
        unit_true(rig_pulse(rig).next_due_ms == INT64_MAX);
        rig_free(rig);
    }
}

UNIT(wish, a_server_that_refuses_for_now_is_asked_again)
{
    struct rig *rig = rig_member(0);

    stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    stub_next(rig->stub, SG_VERB_JOIN,
              (struct stub_reply){.code = SG_EREFUSED});
    unit_int(sg_join(rig->sg, "g", NULL, 0, 0, NULL), SG_PENDING);
    rig_pass(rig, 3 * RIG_BEAT);
    rig_expect(rig, 0, "g", SG_EV_JOINED);
    rig_free(rig);
}

UNIT(wish, all_or_nothing_undoes_what_was_not_confirmed)
{
    struct rig *rig = rig_member(0);

    stub_next(rig->stub, SG_VERB_JOIN, STANDS);
    unit_int(sg_join(rig->sg, "g", NULL, 0, SG_JOIN_ALL_OR_NOTHING, NULL),
             SG_EUNKNOWN);
    unit_true(stub_call(rig->stub, SG_VERB_JOIN, 0).all_or_nothing);
    unit_int(rig_standing(rig, "g").state, SG_STATE_NONE);
    rig_pass(rig, 5 * RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 1);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 1);
    unit_true(stub_last(rig->stub, SG_VERB_LEAVE).is_last);
    unit_int(beats(rig), 0);
    unit_int((int64_t)rig->n_events, 0);
    unit_int(sg_leave(rig->sg, "g"), SG_ENOTJOINED);
    rig_join(rig, "g");
    rig_free(rig);
}

UNIT(wish, a_leave_that_is_not_answered_is_finished_and_said)
{
    struct rig *rig = rig_joined(0);

    stub_next(rig->stub, SG_VERB_LEAVE, STANDS);
    unit_int(sg_leave(rig->sg, "g"), SG_PENDING);
    unit_int((int64_t)rig->n_events, 0);
    rig_pass(rig, RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 2);
    unit_int((int64_t)rig->n_events, 1);
    rig_expect(rig, 0, "g", SG_EV_LEFT);
    unit_int(beats(rig), 0);
    unit_true(rig_pulse(rig).next_due_ms == INT64_MAX);
    rig_free(rig);
}

UNIT(wish, a_join_takes_a_pending_leave_back)
{
    struct rig *rig = rig_joined(0);

    stub_next(rig->stub, SG_VERB_LEAVE, FAILS);
    unit_int(sg_leave(rig->sg, "g"), SG_PENDING);
    rig_join(rig, "g");
    rig_pass(rig, 3 * RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 1);
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    unit_int((int64_t)rig->n_events, 0);
    unit_true(beats(rig) >= 2);
    rig_free(rig);
}

/* The record stands under the token with which it was joined; a leave under a
 * newer one would not find its own. */
UNIT(wish, a_leave_shows_the_token_of_its_join)
{
    struct rig *rig = rig_joined(0);
    struct stub_call first = stub_last(rig->stub, SG_VERB_JOIN);

    rig_join(rig, "h");
    stub_next(rig->stub, SG_VERB_LEAVE, FAILS);
    unit_int(sg_leave(rig->sg, "g"), SG_PENDING);
    stub_next(rig->stub, SG_VERB_BEAT, NO_LIVENESS);
    rig_pass(rig, 2 * RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 2);
    unit_text(stub_last(rig->stub, SG_VERB_LEAVE).token, first.token);
    unit_true(strcmp(stub_last(rig->stub, SG_VERB_JOIN).token, first.token) !=
              0);
    rig_free(rig);
}
