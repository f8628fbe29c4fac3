/* SPDX-License-Identifier: Apache-2.0
 * test_heart.c - when beats, sweeps and audits are sent.
 */
#include "rig.h"
#include "unit.h"

#include <sched.h>
#include <string.h>

static const struct stub_reply STANDS = {
    .stands = true, .liveness = SG_FOUND_MINE, .found = SG_FOUND_MINE};
static const struct stub_reply FAILS = {.code = SG_EUNKNOWN,
                                        .reason = SG_UNREACHABLE};

static int64_t beats(struct rig *rig)
{
    return (int64_t)stub_calls(rig->stub, SG_VERB_BEAT);
}

static int64_t beat_at(struct rig *rig, size_t index)
{
    return stub_call(rig->stub, SG_VERB_BEAT, index).at_ms;
}

/* ---- the period ------------------------------------------------------- */

UNIT(heart, beats_come_at_a_third_of_T)
{
    struct rig *rig = rig_member(0);
    int64_t start;

    rig_pass(rig, 5 * RIG_T);
    unit_int(beats(rig), 0);
    unit_true(rig_pulse(rig).next_due_ms == INT64_MAX);
    rig_join(rig, "g");
    start = rig_now(rig);
    unit_int(rig_pulse(rig).next_due_ms, start + RIG_BEAT);
    rig_pass(rig, 10 * RIG_BEAT);
    unit_int(beats(rig), 10);
    for (size_t i = 0; i < 10; i++)
        unit_int(beat_at(rig, i), start + (int64_t)(i + 1) * RIG_BEAT);
    rig_free(rig);
}

static void period_is(const struct sg_options *o, int64_t period_ms)
{
    struct rig *rig = rig_new(STUB_HEARS, RIG_WRITES);
    struct sg_bounds bounds;
    int64_t start;

    rig_open(rig, o);
    unit_int(sg_get_bounds(rig->sg, &bounds), SG_OK);
    unit_int(bounds.beat_ms, period_ms);
    rig_join(rig, "g");
    start = rig_now(rig);
    rig_pass(rig, 3 * period_ms);
    unit_int(beats(rig), 3);
    unit_int(beat_at(rig, 2) - start, 3 * period_ms);
    rig_free(rig);
}

UNIT(heart, the_period_is_the_shorter_of_interval_and_third)
{
    period_is(&(struct sg_options){.timeout_ms = 60000}, 20000);
    period_is(
        &(struct sg_options){.timeout_ms = 60000, .report_interval_ms = 10000},
        10000);
    period_is(
        &(struct sg_options){.timeout_ms = 60000, .report_interval_ms = 30000},
        20000);
    period_is(&(struct sg_options){.timeout_ms = 60000, .beat_ms = 15000},
              15000);
    period_is(&(struct sg_options){.timeout_ms = 1000}, 333);
}

UNIT(heart, one_beat_renews_every_group)
{
    struct rig *rig = rig_joined(0);
    int64_t start = rig_now(rig);
    struct stub_call beat;

    rig_pass(rig, 4000);
    rig_join(rig, "h");
    rig_pass(rig, RIG_BEAT);
    unit_int(beats(rig), 1);
    beat = stub_last(rig->stub, SG_VERB_BEAT);
    unit_int(beat.at_ms, start + RIG_BEAT); /* a second join delays none */
    unit_int((int64_t)beat.n_groups, 2);
    unit_text(beat.group, "g");
    unit_text(beat.second, "h");
    unit_text(beat.member, "m");
    unit_int((int64_t)beat.epoch, 1);
    unit_int(sg_leave(rig->sg, "g"), SG_OK);
    rig_pass(rig, RIG_BEAT);
    beat = stub_last(rig->stub, SG_VERB_BEAT);
    unit_int((int64_t)beat.n_groups, 1);
    unit_text(beat.group, "h");
    unit_int(sg_leave(rig->sg, "h"), SG_OK);
    unit_true(rig_pulse(rig).next_due_ms == INT64_MAX);
    rig_free(rig);
}

UNIT(heart, a_late_step_sends_one_beat_and_no_burst)
{
    struct rig *rig = rig_joined(0);

    pthread_mutex_lock(&rig->lock);
    rig->now_ms += 5 * RIG_BEAT; /* the process was paused */
    pthread_mutex_unlock(&rig->lock);
    rig_settle(rig);
    unit_int(beats(rig), 1);
    rig_pass(rig, RIG_BEAT);
    unit_int(beats(rig), 2);
    rig_free(rig);
}

/* What a public call does on the side must not take a beat away: a member
 * that is busy with its metadata is alive. */
static void look_when_due(struct rig *rig)
{
    unit_true(rig_pulse(rig).next_due_ms <= rig_now(rig) + RIG_BEAT);
}

UNIT(heart, a_metadata_call_under_way_keeps_the_next_beat_due)
{
    struct rig *rig = rig_joined(0);

    stub_next(rig->stub, SG_VERB_SET_METADATA, STANDS);
    rig->during = look_when_due;
    unit_int(sg_set_metadata(rig->sg, "g", "\x80", 1), SG_EUNKNOWN);
    unit_true(rig->during == NULL);
    rig_free(rig);
}

UNIT(heart, metadata_calls_do_not_push_the_beat_away)
{
    struct rig *rig = rig_joined(0);
    int64_t start = rig_now(rig);

    /* It stands across the moment at which the beat is due. */
    rig_pass(rig, RIG_BEAT - 1000);
    stub_next(rig->stub, SG_VERB_SET_METADATA, STANDS);
    unit_int(sg_set_metadata(rig->sg, "g", "\x80", 1), SG_EUNKNOWN);
    rig_settle(rig);
    unit_int(beats(rig), 1);
    unit_true(beat_at(rig, 0) - start <= RIG_BEAT + RIG_DEADLINE);
    rig_free(rig);
}

static uint64_t changes(struct rig *rig)
{
    uint64_t n;

    pthread_mutex_lock(&rig->lock);
    n = rig->changes;
    pthread_mutex_unlock(&rig->lock);
    return n;
}

static void note_changes(struct rig *rig)
{
    stub_release(rig->stub);
    while (rig_pulse(rig).in_flight > 0)
        sched_yield();
    rig->noted = changes(rig);
}

/* A heart that looked while the call was still under way sleeps without a
 * limit: the end of the call has to wake it. */
UNIT(heart, the_end_of_a_public_call_wakes_the_heart)
{
    struct rig *rig = rig_joined(0);

    stub_next(rig->stub, SG_VERB_SET_METADATA, STANDS);
    rig->during = note_changes;
    unit_int(sg_set_metadata(rig->sg, "g", "\x80", 1), SG_OK);
    unit_true(changes(rig) > rig->noted);
    rig_free(rig);
}

/* ---- a beat that fails ------------------------------------------------ */

static void fails_and_backs_off(uint64_t random, int64_t least, int64_t most)
{
    struct rig *rig = rig_joined(0);
    int64_t start = rig_now(rig), pause;

    stub_always(rig->stub, SG_VERB_BEAT, FAILS);
    for (size_t i = 0; i < 6; i++) {
        rig_random(rig, random);
        rig_pass(rig, rig_pulse(rig).next_due_ms - rig_now(rig));
        unit_int(beats(rig), (int64_t)i + 1);
    }
    unit_int(beat_at(rig, 0) - start, RIG_BEAT);
    for (size_t i = 1; i < 6; i++) {
        pause = beat_at(rig, i) - beat_at(rig, i - 1);
        unit_true(pause >= least && pause <= most);
    }
    rig_free(rig);
}

UNIT(heart, after_a_failure_it_tries_within_half_to_one_period)
{
    fails_and_backs_off(0, RIG_BEAT / 2, RIG_BEAT / 2);
    fails_and_backs_off(RIG_BEAT / 2 - 1, RIG_BEAT - 1, RIG_BEAT - 1);
    fails_and_backs_off(UINT64_MAX, RIG_BEAT / 2, RIG_BEAT);
    fails_and_backs_off(123456789, RIG_BEAT / 2, RIG_BEAT);
}

UNIT(heart, the_shortest_beat_backs_off_too)
{
    struct rig *rig = rig_new(STUB_HEARS, RIG_WRITES);

    rig_open(rig, &(struct sg_options){.beat_ms = 1});
    rig_join(rig, "g");
    stub_always(rig->stub, SG_VERB_BEAT, FAILS);
    rig_pass(rig, 1);
    unit_int(beats(rig), 1);
    unit_true(rig_pulse(rig).next_due_ms > rig_now(rig));
    rig_free(rig);
}

UNIT(heart, a_dark_server_costs_a_beat_its_deadline)
{
    struct rig *rig = rig_joined(0);
    int64_t first;

    stub_always(rig->stub, SG_VERB_BEAT, STANDS);
    rig_random(rig, 0);
    rig_pass(rig, RIG_BEAT + RIG_DEADLINE - 1);
    unit_int(stub_counts(rig->stub).interrupted, 0);
    rig_pass(rig, 1);
    unit_int(stub_counts(rig->stub).interrupted, 1);
    first = beat_at(rig, 0);
    unit_int(rig_pulse(rig).next_due_ms, first + RIG_DEADLINE + RIG_BEAT / 2);
    rig_free(rig);
}

UNIT(heart, a_beat_has_no_longer_than_its_period)
{
    struct rig *rig = rig_new(STUB_HEARS, RIG_WRITES);
    int64_t start;

    rig_open(rig, &(struct sg_options){.timeout_ms = 300});
    rig_join(rig, "g");
    start = rig_now(rig);
    stub_always(rig->stub, SG_VERB_BEAT, STANDS);
    rig_pass(rig, 199);
    unit_int(stub_counts(rig->stub).interrupted, 0);
    rig_pass(rig, 1);
    unit_int(stub_counts(rig->stub).interrupted, 1);
    unit_int(beat_at(rig, 0) - start, 100);
    rig_free(rig);
}

UNIT(heart, a_loss_and_a_recovery_are_logged_once)
{
    struct rig *rig = rig_joined(0);

    rig_pass(rig, RIG_BEAT);
    stub_always(rig->stub, SG_VERB_BEAT, FAILS);
    rig_pass(rig, 3 * RIG_BEAT);
    unit_true(beats(rig) > 3);
    unit_text(rig->log, "m: beats fail: the stub says SG_EUNKNOWN\n");
    stub_always(
        rig->stub, SG_VERB_BEAT,
        (struct stub_reply){.liveness = SG_FOUND_MINE, .found = SG_FOUND_MINE});
    rig_pass(rig, 3 * RIG_BEAT);
    unit_text(rig->log, "m: beats fail: the stub says SG_EUNKNOWN\n"
                        "m: beats are answered again\n");
    rig_free(rig);
}

UNIT(heart, a_beat_that_is_refused_has_failed)
{
    struct rig *rig = rig_joined(0);

    stub_next(
        rig->stub, SG_VERB_BEAT,
        (struct stub_reply){.code = SG_EREFUSED, .reason = SG_SERVER_ERROR});
    rig_random(rig, 0);
    rig_pass(rig, RIG_BEAT);
    unit_text(rig->log, "m: beats fail: the stub says SG_EREFUSED\n");
    unit_int(rig_pulse(rig).next_due_ms, rig_now(rig) + RIG_BEAT / 2);
    rig_free(rig);
}

UNIT(heart, a_dark_member_knows_it_after_T_and_comes_back)
{
    struct rig *rig = rig_joined(0);
    int64_t start = rig_now(rig);

    stub_always(rig->stub, SG_VERB_BEAT, FAILS);
    rig_pass(rig, RIG_T + RIG_BEAT);
    unit_int((int64_t)rig->n_events, 1);
    rig_expect(rig, 0, "g", SG_EV_LOST);
    unit_true(rig->events[0].at_ms - start >= RIG_T);
    unit_int(rig_standing(rig, "g").state, SG_STATE_LOST);
    stub_always(
        rig->stub, SG_VERB_BEAT,
        (struct stub_reply){.liveness = SG_FOUND_MINE, .found = SG_FOUND_MINE});
    rig_pass(rig, RIG_BEAT);
    unit_int((int64_t)rig->n_events, 2);
    rig_expect(rig, 1, "g", SG_EV_REJOINED);
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    rig_free(rig);
}

/* ---- what it may still do --------------------------------------------- */

UNIT(heart, safe_time_counts_from_the_sending_of_the_last_beat)
{
    struct rig *rig = rig_member(0);
    struct sg_standing standing;

    unit_int(sg_standing(rig->sg, "g", &standing), SG_ENOTJOINED);
    rig_join(rig, "g");
    standing = rig_standing(rig, "g");
    unit_int(standing.state, SG_STATE_JOINED);
    unit_int((int64_t)standing.epoch, 1);
    unit_int(standing.safe_ms, RIG_T - 500); /* the stub may be early */
    stub_always(rig->stub, SG_VERB_BEAT, FAILS);
    rig_pass(rig, RIG_T - 501);
    unit_int(rig_standing(rig, "g").safe_ms, 1);
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    rig_pass(rig, 1);
    unit_int(rig_standing(rig, "g").safe_ms, 0);
    unit_int(rig_standing(rig, "g").state, SG_STATE_LOST);
    rig_free(rig);
}

UNIT(heart, a_slow_beat_counts_from_when_it_was_sent)
{
    struct rig *rig = rig_joined(0);

    stub_next(rig->stub, SG_VERB_BEAT, STANDS);
    rig_pass(rig, RIG_BEAT + 1500);
    unit_int(rig_standing(rig, "g").safe_ms, RIG_T - 500 - RIG_BEAT - 1500);
    stub_release(rig->stub);
    rig_settle(rig);
    unit_int(rig_standing(rig, "g").safe_ms, RIG_T - 500 - 1500);
    rig_free(rig);
}

/* ---- sweeps and audits ------------------------------------------------ */

static void show_size(struct rig *rig, size_t size)
{
    stub_show(rig->stub,
              &(struct stub_scene){.server_age_ms = -1, .group_size = size});
}

UNIT(heart, a_group_is_swept_once_per_T)
{
    struct rig *rig = rig_joined(SG_NEEDS_SWEEP);
    int64_t start = rig_now(rig);

    rig_pass(rig, 5 * RIG_T + RIG_BEAT / 2);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_SWEEP), 5);
    for (size_t i = 0; i < 5; i++)
        unit_int(stub_call(rig->stub, SG_VERB_SWEEP, i).at_ms,
                 start + (int64_t)(i + 1) * RIG_T);
    unit_text(stub_last(rig->stub, SG_VERB_SWEEP).group, "g");
    unit_int(beats(rig), 15);
    rig_free(rig);
}

UNIT(heart, who_needs_no_sweep_and_no_audit_gets_none)
{
    struct rig *rig = rig_joined(0);

    rig_pass(rig, 5 * RIG_T);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_SWEEP), 0);
    for (size_t i = 0; i < 15; i++)
        unit_true(!stub_call(rig->stub, SG_VERB_BEAT, i).audit);
    rig_free(rig);
}

/* The beat is what keeps the member alive: a sweep that fails must not take
 * its place in time. */
UNIT(heart, a_sweep_that_fails_does_not_move_the_beat)
{
    struct rig *rig = rig_new(STUB_HEARS, RIG_WRITES | SG_NEEDS_SWEEP);
    int64_t start;

    /* Sweeps are due between beats: 30 s and 8 s have no common moment. */
    rig_open(rig, &(struct sg_options){.beat_ms = 8000});
    rig_join(rig, "g");
    start = rig_now(rig);
    stub_always(rig->stub, SG_VERB_SWEEP, FAILS);
    rig_random(rig, 3999);
    rig_pass(rig, 2 * RIG_T);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_SWEEP), 2);
    for (size_t i = 0; i < 7; i++)
        unit_int(beat_at(rig, i) - start, (int64_t)(i + 1) * 8000);
    rig_free(rig);
}

static void audits_every(size_t size, int64_t period_ms)
{
    struct rig *rig = rig_member(SG_NEEDS_AUDIT);
    int64_t start, last = -1;
    size_t n;

    show_size(rig, size);
    rig_join(rig, "g");
    start = rig_now(rig);
    rig_pass(rig, 4 * period_ms + RIG_BEAT / 2);
    n = 0;
    for (int64_t i = 0; i < beats(rig); i++) {
        struct stub_call beat = stub_call(rig->stub, SG_VERB_BEAT, (size_t)i);
        if (!beat.audit)
            continue;
        n++;
        last = beat.at_ms;
        unit_int(last - start, (int64_t)n * period_ms);
    }
    unit_int((int64_t)n, 4);
    rig_free(rig);
}

UNIT(heart, the_audit_period_grows_with_the_group)
{
    audits_every(0, RIG_T);
    audits_every(1000, RIG_T); /* 30 ms for each of 1 000 is T       */
    audits_every(2000, 2 * RIG_T);
    audits_every(10000, 10 * RIG_T);
}

UNIT(heart, each_audit_looks_at_the_size_again)
{
    struct rig *rig = rig_member(SG_NEEDS_AUDIT);

    show_size(rig, 0);
    rig_join(rig, "g");
    show_size(rig, 2000);
    rig_pass(rig, 5 * RIG_T);
    /* At T, 3 T and 5 T: from the first audit on it takes 2 T. */
    for (size_t i = 0; i < 15; i++)
        unit_int(stub_call(rig->stub, SG_VERB_BEAT, i).audit,
                 i == 2 || i == 8 || i == 14);
    rig_free(rig);
}

/* ---- the default heart, in real time ---------------------------------- */

static struct rig *in_real_time(void)
{
    struct rig *rig = rig_new(STUB_HEARS, RIG_WRITES);

    rig_use_real_time(rig);
    rig_open(rig, &(struct sg_options){.timeout_ms = 300});
    rig_join(rig, "g");
    return rig;
}

UNIT(heart, the_default_heart_beats_by_itself)
{
    struct rig *rig = in_real_time();
    int64_t joined_ms = stub_call(rig->stub, SG_VERB_JOIN, 0).at_ms;

    stub_await(rig->stub, SG_VERB_BEAT, 3);
    for (size_t i = 0; i < 3; i++)
        unit_true(beat_at(rig, i) - joined_ms >= ((int64_t)i + 1) * 50);
    unit_true(beat_at(rig, 0) - joined_ms >= 100);
    sg_step(rig->sg); /* is the user's only with own_heart: nothing happens */
    rig_close(rig);
    unit_int(stub_counts(rig->stub).closed, stub_counts(rig->stub).opened);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 1);
    rig_free(rig);
}

UNIT(heart, the_default_heart_goes_on_after_metadata_calls)
{
    struct rig *rig = in_real_time();

    for (size_t beat = 1; beat <= 3; beat++) {
        for (int i = 0; i < 20; i++)
            unit_true(sg_set_metadata(rig->sg, "g", "\x80", 1) >= 0);
        stub_await(rig->stub, SG_VERB_BEAT, beat);
    }
    rig_free(rig);
}
