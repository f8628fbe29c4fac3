/* SPDX-License-Identifier: Apache-2.0
 * test_worker.c - deadlines, calls left behind, stale connections: the rules
 * of backend.h, against a back end that is stuck on purpose.
 */
#include "rig.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static const struct stub_reply STANDS = {
    .stands = true, .liveness = SG_FOUND_MINE, .found = SG_FOUND_MINE};
static const struct stub_reply CUT = {SG_EUNKNOWN, SG_CUT, 0, 0, false, false};

static struct rig *observer(enum stub_form form, unsigned promises)
{
    struct rig *rig = rig_new(form, promises);

    rig_open_observer(rig);
    return rig;
}

static struct sg_verdict ask(struct rig *rig)
{
    struct sg_verdict verdict = {0};

    unit_int(sg_verdict(rig->sg, "g", "x", &verdict), SG_OK);
    return verdict;
}

/* ---- deadlines -------------------------------------------------------- */

UNIT(worker, an_answer_costs_no_time)
{
    struct rig *rig = observer(STUB_HEARS, 0);
    int64_t start = rig_now(rig);

    unit_int(ask(rig).status, SG_DOWN);
    unit_int(rig_now(rig), start);
    unit_int((int64_t)rig_pulse(rig).finished, 1);
    unit_int((int64_t)rig_pulse(rig).waits, 1);
    rig_free(rig);
}

static void given_up_exactly(enum stub_form form, unsigned promises)
{
    struct rig *rig = observer(form, promises);
    int64_t start = rig_now(rig);
    struct sg_verdict verdict;

    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    verdict = ask(rig);
    unit_int(verdict.status, SG_UNKNOWN);
    unit_int(verdict.reason, SG_TIMED_OUT);
    unit_true(strstr(sg_why(), "2000 ms") != NULL);
    unit_int(rig_now(rig) - start, RIG_DEADLINE);
    unit_int(rig_pulse(rig).in_flight, 0);
    unit_int((int64_t)rig_pulse(rig).finished, 0);
    rig_free(rig);
}

UNIT(worker, a_call_is_given_up_at_its_deadline)
{
    given_up_exactly(STUB_DEAF, 0);
    given_up_exactly(STUB_HEARS, 0);
    given_up_exactly(STUB_HEARS, SG_KEEPS_SESSION);
    given_up_exactly(STUB_DEAF, SG_KEEPS_SESSION);
    given_up_exactly(STUB_EVENTED, 0);
}

UNIT(worker, a_question_may_bring_its_own_deadline)
{
    struct rig *rig = observer(STUB_HEARS, 0);
    struct sg_question q = {.group = "g", .member = "x", .deadline_ms = 7};
    int64_t start = rig_now(rig);
    struct sg_verdict verdict;

    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    unit_int(sg_ask(rig->sg, &q, &verdict), SG_OK);
    unit_int(verdict.reason, SG_TIMED_OUT);
    unit_int(rig_now(rig) - start, 7);
    rig_free(rig);
}

UNIT(worker, a_deadline_of_for_ever_is_no_overflow)
{
    struct rig *rig = rig_new(STUB_HEARS, 0);
    struct sg_options o = {.deadline_ms = INT64_MAX};
    struct sg_question q = {
        .group = "g", .member = "x", .deadline_ms = INT64_MAX};
    struct sg_verdict verdict;

    rig_open(rig, &o);
    unit_int(ask(rig).status, SG_DOWN);
    unit_int(sg_ask(rig->sg, &q, &verdict), SG_OK);
    unit_int(verdict.status, SG_DOWN);
    rig_free(rig);
}

/* ---- interrupts, and calls left behind -------------------------------- */

UNIT(worker, a_given_up_call_is_interrupted_and_its_connection_closed)
{
    struct rig *rig = observer(STUB_HEARS, 0);
    struct stub_counts counts;

    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    unit_int(ask(rig).reason, SG_TIMED_OUT);
    unit_int((int64_t)rig->abandoned, 1);
    rig_await_left(rig, 0);
    counts = stub_counts(rig->stub);
    unit_int(counts.interrupted, 1);
    unit_int(counts.closed, 1);
    unit_int(ask(rig).status, SG_DOWN);
    unit_int(stub_last(rig->stub, SG_VERB_ASK).instance, 2);
    rig_free(rig);
}

UNIT(worker, an_answered_call_is_not_interrupted)
{
    struct rig *rig = observer(STUB_HEARS, 0);

    ask(rig);
    ask(rig);
    unit_int(stub_counts(rig->stub).interrupted, 0);
    unit_int(stub_counts(rig->stub).opened, 1);
    unit_int((int64_t)rig->abandoned, 0);
    rig_free(rig);
}

UNIT(worker, two_may_be_left_behind_and_then_it_is_busy_at_once)
{
    struct rig *rig = observer(STUB_DEAF, 0);
    int64_t start = rig_now(rig);

    stub_always(rig->stub, SG_VERB_ASK, STANDS);
    unit_int(ask(rig).reason, SG_TIMED_OUT);
    unit_int(rig_pulse(rig).left_behind, 1);
    unit_int(ask(rig).reason, SG_TIMED_OUT);
    unit_int(rig_pulse(rig).left_behind, 2);
    unit_int(rig_now(rig) - start, 2 * RIG_DEADLINE);
    for (int i = 0; i < 3; i++) {
        unit_int(ask(rig).reason, SG_BUSY);
        unit_true(strstr(sg_why(), "stuck") != NULL);
    }
    unit_int(rig_now(rig) - start, 2 * RIG_DEADLINE);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_ASK), 2);
    rig_free(rig);
}

UNIT(worker, what_was_left_behind_is_forgotten_when_it_returns)
{
    struct rig *rig = observer(STUB_DEAF, 0);

    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    ask(rig);
    ask(rig);
    unit_int(ask(rig).reason, SG_BUSY);
    stub_release(rig->stub);
    rig_await_left(rig, 0);
    unit_int(stub_counts(rig->stub).closed, 2);
    unit_int(ask(rig).status, SG_DOWN);
    unit_int(stub_last(rig->stub, SG_VERB_ASK).instance, 3);
    /* The two late answers were nobody's. */
    unit_int((int64_t)rig_pulse(rig).finished, 1);
    rig_free(rig);
}

UNIT(worker, one_left_behind_leaves_room_for_the_next)
{
    struct rig *rig = observer(STUB_DEAF, 0);

    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    unit_int(ask(rig).reason, SG_TIMED_OUT);
    unit_int(ask(rig).status, SG_DOWN);
    unit_int(rig_pulse(rig).left_behind, 1);
    rig_free(rig);
}

UNIT(worker, a_session_is_kept_when_a_call_is_given_up)
{
    struct rig *rig = observer(STUB_HEARS, SG_KEEPS_SESSION);

    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    unit_int(ask(rig).reason, SG_TIMED_OUT);
    unit_int(ask(rig).status, SG_DOWN);
    unit_int(stub_counts(rig->stub).interrupted, 1);
    unit_int(stub_counts(rig->stub).opened, 1);
    unit_int(stub_counts(rig->stub).closed, 0);
    unit_int(rig_pulse(rig).left_behind, 0);
    rig_free(rig);
}

UNIT(worker, a_session_that_hears_nothing_keeps_its_place)
{
    struct rig *rig = observer(STUB_HEARS, SG_KEEPS_SESSION);
    struct stub_reply deaf = STANDS;

    deaf.is_deaf = true;
    stub_next(rig->stub, SG_VERB_ASK, deaf);
    for (int i = 0; i < 4; i++)
        unit_int(ask(rig).reason, SG_TIMED_OUT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_ASK), 1);
    unit_int(rig_pulse(rig).left_behind, 0);
    stub_release(rig->stub);
    unit_int(ask(rig).status, SG_DOWN);
    /* The three that waited behind it were taken out of the queue. */
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_ASK), 2);
    unit_int(stub_counts(rig->stub).opened, 1);
    rig_free(rig);
}

/* ---- failures of an answer -------------------------------------------- */

static struct stub_reply unknown(enum sg_reason reason)
{
    return (struct stub_reply){SG_EUNKNOWN, reason, 0, 0, false, false};
}

UNIT(worker, a_failure_closes_the_connection_but_not_a_session)
{
    struct rig *plain = observer(STUB_HEARS, 0);
    struct rig *kept = observer(STUB_HEARS, SG_KEEPS_SESSION);

    ask(plain);
    stub_next(plain->stub, SG_VERB_ASK, unknown(SG_GARBAGE));
    unit_int(ask(plain).reason, SG_GARBAGE);
    unit_text(sg_why(), "the stub says SG_EUNKNOWN");
    unit_int(stub_counts(plain->stub).closed, 1);
    unit_int(ask(plain).status, SG_DOWN);
    unit_int(stub_counts(plain->stub).opened, 2);

    ask(kept);
    stub_next(kept->stub, SG_VERB_ASK, unknown(SG_GARBAGE));
    unit_int(ask(kept).reason, SG_GARBAGE);
    unit_int(ask(kept).status, SG_DOWN);
    unit_int(stub_counts(kept->stub).opened, 1);
    rig_free(plain);
    rig_free(kept);
}

UNIT(worker, a_refusal_keeps_the_connection)
{
    struct rig *rig = observer(STUB_HEARS, 0);
    struct sg_marks marks = {.disabled = true};

    stub_kind(rig->stub)->promises |= SG_HAS_MARKS;
    stub_next(rig->stub, SG_VERB_SET_MARKS,
              (struct stub_reply){SG_EREFUSED, SG_SERVER_ERROR, 0, 0, 0, 0});
    unit_int(sg_set_marks(rig->sg, "g", "x", &marks), SG_EREFUSED);
    unit_text(sg_why(), "the stub says SG_EREFUSED");
    ask(rig);
    unit_int(stub_counts(rig->stub).opened, 1);
    rig_free(rig);
}

static void stale_once(unsigned promises, unsigned instances)
{
    struct rig *rig = observer(STUB_HEARS, promises);

    ask(rig);
    stub_next(rig->stub, SG_VERB_ASK, CUT);
    unit_int(ask(rig).status, SG_DOWN);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_ASK), 3);
    unit_int(stub_counts(rig->stub).opened, instances);
    rig_free(rig);
}

UNIT(worker, a_stale_connection_is_renewed_and_asked_once_more)
{
    stale_once(0, 2);
    stale_once(SG_KEEPS_SESSION, 1);
}

UNIT(worker, a_first_connection_that_is_cut_is_not_tried_again)
{
    struct rig *rig = observer(STUB_HEARS, 0);

    stub_next(rig->stub, SG_VERB_ASK, CUT);
    unit_int(ask(rig).reason, SG_CUT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_ASK), 1);
    /* ... nor is the next, which has not answered either. */
    stub_next(rig->stub, SG_VERB_ASK, CUT);
    unit_int(ask(rig).reason, SG_CUT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_ASK), 2);
    rig_free(rig);
}

static void cut_twice(unsigned promises)
{
    struct rig *rig = observer(STUB_HEARS, promises);

    ask(rig);
    stub_always(rig->stub, SG_VERB_ASK, CUT);
    unit_int(ask(rig).reason, SG_CUT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_ASK), 3);
    rig_free(rig);
}

UNIT(worker, a_cut_is_tried_again_only_once)
{
    cut_twice(0);
    cut_twice(SG_KEEPS_SESSION);
}

UNIT(worker, only_a_cut_is_tried_again)
{
    static const enum sg_reason reasons[] = {SG_TIMED_OUT,    SG_UNREACHABLE,
                                             SG_GARBAGE,      SG_WRONG_ROLE,
                                             SG_SERVER_ERROR, SG_NO_REASON};
    struct rig *rig = observer(STUB_HEARS, SG_KEEPS_SESSION);
    size_t calls = 1;

    ask(rig);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        stub_next(rig->stub, SG_VERB_ASK, unknown(reasons[i]));
        unit_int(ask(rig).status, SG_UNKNOWN);
        unit_int((int64_t)stub_calls(rig->stub, SG_VERB_ASK), (int64_t)++calls);
    }
    rig_free(rig);
}

/* The interrupt cuts it, and by then nobody wants it any more. */
static void given_up_then_cut(unsigned promises)
{
    struct rig *rig = observer(STUB_HEARS, promises);

    ask(rig);
    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    unit_int(ask(rig).reason, SG_TIMED_OUT);
    rig_await_left(rig, 0);
    unit_int(ask(rig).status, SG_DOWN);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_ASK), 3);
    rig_free(rig);
}

UNIT(worker, a_given_up_call_is_not_tried_again)
{
    given_up_then_cut(0);
    given_up_then_cut(SG_KEEPS_SESSION);
}

UNIT(worker, a_connection_that_cannot_be_made_is_unknown)
{
    struct rig *rig = rig_new(STUB_HEARS, 0);

    rig_open_host(rig, "nowhere");
    unit_int(ask(rig).reason, SG_UNREACHABLE);
    unit_text(sg_why(), "no address for host \"nowhere\"");
    rig_free(rig);

    rig = observer(STUB_HEARS, 0);
    stub_fail_open(rig->stub, SG_ENOMEM);
    unit_int(ask(rig).reason, SG_NO_MEMORY);
    stub_fail_open(rig->stub, SG_OK);
    unit_int(ask(rig).status, SG_DOWN);
    rig_free(rig);
}

UNIT(worker, a_verb_without_a_slot_is_not_supported)
{
    struct rig *rig = rig_new(STUB_HEARS, 0);
    struct sg_names *names = NULL;

    stub_kind(rig->stub)->verb[SG_VERB_GROUPS] = NULL;
    rig_open_observer(rig);
    unit_int(sg_groups(rig->sg, &names), SG_ENOTSUP);
    unit_text(sg_why(), "stub:// does not do that");
    unit_true(names == NULL);
    rig_free(rig);
}

/* ---- a name look-up that does not end --------------------------------- */

UNIT(worker, a_look_up_that_stands_still_costs_the_deadline)
{
    struct rig *rig = rig_new(STUB_HEARS, SG_KEEPS_SESSION);
    int64_t start;

    rig_open_host(rig, "stuck");
    start = rig_now(rig);
    unit_int(ask(rig).reason, SG_TIMED_OUT);
    unit_int(rig_now(rig) - start, RIG_DEADLINE);
    unit_int(rig_pulse(rig).left_behind, 1);
    rig_free(rig);
}

UNIT(worker, what_was_given_up_before_it_began_never_begins)
{
    struct rig *rig = rig_new(STUB_HEARS, SG_CAN_WRITE);

    rig_open_host(rig, "stuck");
    unit_int(sg_join(rig->sg, "g", NULL, 0, 0, NULL), SG_PENDING);
    unit_int(rig_pulse(rig).left_behind, 1);
    unit_int(sg_leave(rig->sg, "g"), SG_PENDING);
    /* The names are found at last: a join now would bring back a member that
     * has left. */
    stub_release_for_ever(rig->stub);
    rig_await_left(rig, 0);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 0);
    rig_free(rig);
}

UNIT(worker, a_slot_can_ask_whether_it_is_wanted)
{
    struct rig *rig = observer(STUB_HEARS, 0);

    ask(rig);
    unit_true(stub_last(rig->stub, SG_VERB_ASK).was_wanted);
    rig_free(rig);
}

/* ---- the queue -------------------------------------------------------- */

static void ask_beside(struct rig *rig)
{
    unit_int(ask(rig).status, SG_DOWN);
}

/* A beat stands still while a question waits behind it: when the beat is
 * given up, the question goes to a new worker and is answered in time. */
UNIT(worker, a_stuck_call_does_not_take_the_queue_with_it)
{
    struct rig *rig = rig_new(STUB_DEAF, SG_CAN_WRITE);
    int64_t start;

    rig_open(rig, NULL);
    unit_int(sg_join(rig->sg, "g", NULL, 0, 0, NULL), SG_OK);
    stub_next(rig->stub, SG_VERB_BEAT, STANDS);
    rig_pass(rig, RIG_BEAT + 1500);
    start = rig_now(rig);
    ask_beside(rig);
    unit_int(rig_now(rig) - start, RIG_DEADLINE - 1500);
    unit_int(rig_pulse(rig).left_behind, 1);
    unit_int(rig_pulse(rig).in_flight, 0);
    unit_int(stub_last(rig->stub, SG_VERB_ASK).instance, 2);
    rig_free(rig);
}

UNIT(worker, the_queue_of_a_third_stuck_call_is_busy)
{
    struct rig *rig = rig_new(STUB_DEAF, SG_CAN_WRITE);

    rig_open(rig, NULL);
    unit_int(sg_join(rig->sg, "g", NULL, 0, 0, NULL), SG_OK);
    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    unit_int(ask(rig).reason, SG_TIMED_OUT);
    stub_always(rig->stub, SG_VERB_BEAT, STANDS);
    rig_pass(rig, RIG_BEAT - 500);
    unit_int(stub_counts(rig->stub).standing, 2);
    unit_int(ask(rig).reason, SG_BUSY);
    unit_int(rig_pulse(rig).in_flight, 0);
    rig_free(rig);
}

/* ---- the evented form ------------------------------------------------- */

UNIT(worker, an_evented_answer_comes_from_another_thread)
{
    struct rig *rig = observer(STUB_EVENTED, 0);

    unit_int(ask(rig).status, SG_DOWN);
    unit_int(ask(rig).status, SG_DOWN);
    unit_int((int64_t)rig_pulse(rig).finished, 2);
    unit_int(stub_counts(rig->stub).opened, 1);
    rig_free(rig);
}

UNIT(worker, an_evented_call_given_up_is_forgotten)
{
    struct rig *rig = observer(STUB_EVENTED, 0);

    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    unit_int(ask(rig).reason, SG_TIMED_OUT);
    unit_int(stub_counts(rig->stub).forgotten, 1);
    unit_int(rig_pulse(rig).left_behind, 0);
    unit_int(ask(rig).status, SG_DOWN);
    unit_int(stub_counts(rig->stub).opened, 1);
    rig_free(rig);
}

/* ---- the end ---------------------------------------------------------- */

UNIT(worker, closing_ends_once_and_closes_the_connection)
{
    struct rig *rig = observer(STUB_HEARS, 0);
    int64_t start = rig_now(rig);

    ask(rig);
    rig_close(rig);
    unit_int(rig_now(rig), start);
    unit_int((int64_t)rig->ended, 1);
    unit_int(stub_counts(rig->stub).closed, 1);
    rig_free(rig);
}

UNIT(worker, the_end_waits_for_what_was_left_behind)
{
    struct rig *rig = observer(STUB_DEAF, 0);

    stub_next(rig->stub, SG_VERB_ASK, STANDS);
    ask(rig);
    sg_close(rig->sg);
    rig->sg = NULL;
    pthread_mutex_lock(&rig->lock);
    unit_int((int64_t)rig->ended, 0);
    pthread_mutex_unlock(&rig->lock);
    stub_release(rig->stub);
    rig_await_end(rig);
    unit_int(stub_counts(rig->stub).closed, 1);
    rig_free(rig);
}

UNIT(worker, a_handle_that_never_asked_ends_too)
{
    struct rig *rig = observer(STUB_HEARS, 0);

    sg_close(rig->sg);
    rig->sg = NULL;
    unit_int((int64_t)rig->ended, 1);
    unit_int(stub_counts(rig->stub).opened, 0);
    rig_free(rig);
}
