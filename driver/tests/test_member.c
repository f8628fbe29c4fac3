/* SPDX-License-Identifier: Apache-2.0
 * test_member.c - join, leave, metadata and close, as their caller sees them.
 */
#include "rig.h"
#include "unit.h"

#include <string.h>

#define WRITES (SG_CAN_WRITE | SG_HAS_METADATA)

static const struct stub_reply STANDS = {.stands = true};
static const struct stub_reply FAILS = {.code = SG_EUNKNOWN,
                                        .reason = SG_UNREACHABLE};

static struct rig *member(void)
{
    struct rig *rig = rig_new(STUB_HEARS, WRITES);

    rig_open(rig, NULL);
    return rig;
}

static int join(struct rig *rig, const char *group, const char *metadata)
{
    return sg_join(rig->sg, group, metadata,
                   metadata == NULL ? 0 : strlen(metadata), 0, NULL);
}

static void metadata_was(struct rig *rig, enum sg_verb verb, const char *text)
{
    struct stub_call call = stub_last(rig->stub, verb);

    unit_bytes(call.metadata, call.metadata_bytes, text, strlen(text));
}

static int64_t calls(struct rig *rig, enum sg_verb verb)
{
    return (int64_t)stub_calls(rig->stub, verb);
}

/* ---- wrong use -------------------------------------------------------- */

UNIT(member, an_observer_does_not_join)
{
    struct rig *rig = rig_new(STUB_HEARS, WRITES);
    struct sg_standing standing;

    rig_open_observer(rig);
    unit_int(join(rig, "g", NULL), SG_EINVAL);
    unit_true(strstr(sg_why(), "observer") != NULL);
    unit_int(sg_leave(rig->sg, "g"), SG_EINVAL);
    unit_int(sg_set_metadata(rig->sg, "g", "\x80", 1), SG_EINVAL);
    unit_int(sg_standing(rig->sg, "g", &standing), SG_EINVAL);
    unit_int(stub_counts(rig->stub).opened, 0);
    rig_free(rig);
}

UNIT(member, no_handle_is_no_crash)
{
    struct sg_standing standing;

    unit_int(sg_join(NULL, "g", NULL, 0, 0, NULL), SG_EINVAL);
    unit_int(sg_leave(NULL, "g"), SG_EINVAL);
    unit_int(sg_set_metadata(NULL, "g", "\x80", 1), SG_EINVAL);
    unit_int(sg_standing(NULL, "g", &standing), SG_EINVAL);
    sg_step(NULL);
    sg_close(NULL);
}

UNIT(member, bad_names_are_refused_before_anything_is_sent)
{
    static const char *const names[] = {"a b", "", "LIST", "a/b", NULL};
    struct rig *rig = member();

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unit_int(join(rig, names[i], NULL), SG_ENAME);
        unit_int(sg_leave(rig->sg, names[i]), SG_ENAME);
    }
    unit_int(stub_counts(rig->stub).opened, 0);
    rig_free(rig);
}

UNIT(member, a_store_that_cannot_write_is_not_joined)
{
    struct rig *rig = rig_new(STUB_HEARS, 0);

    rig_open(rig, NULL);
    unit_int(join(rig, "g", NULL), SG_ENOTSUP);
    unit_text(sg_why(), "stub:// cannot write");
    rig_free(rig);
}

UNIT(member, metadata_that_cannot_be_is_refused_before_anything_is_sent)
{
    static const char big[26] = "\xb8"
                                "abcdefghijklmnopqrstuvwx";
    struct rig *rig = member();

    unit_int(sg_join(rig->sg, "g", big, 25, 0, NULL), SG_ETOOBIG);
    unit_true(strstr(sg_why(), "25 bytes; stub:// takes up to 24") != NULL);
    unit_int(join(rig, "g", "\xc1"), SG_EMETADATA);
    unit_true(strstr(sg_why(), "at byte 0") != NULL);
    unit_int(join(rig, "g", "\x80\x80"), SG_EMETADATA);
    unit_int(sg_join(rig->sg, "g", "", 0, 0, NULL), SG_EMETADATA);
    unit_int(sg_join(rig->sg, "g", NULL, 3, 0, NULL), SG_EINVAL);
    unit_int(sg_set_metadata(rig->sg, "g", NULL, 0), SG_EINVAL);
    unit_int(stub_counts(rig->stub).opened, 0);
    rig_free(rig);

    rig = rig_new(STUB_HEARS, SG_CAN_WRITE);
    rig_open(rig, NULL);
    unit_int(join(rig, "g", "\x80"), SG_ENOTSUP);
    unit_int(join(rig, "g", NULL), SG_OK);
    rig_free(rig);
}

/* ---- join ------------------------------------------------------------- */

UNIT(member, a_join_brings_everything)
{
    struct rig *rig = member();
    struct stub_call call;
    uint64_t epoch = 0;

    unit_int(sg_join(rig->sg, "g", "\xa1x", 2, 0, &epoch), SG_OK);
    unit_int((int64_t)epoch, 1);
    call = stub_last(rig->stub, SG_VERB_JOIN);
    unit_text(call.group, "g");
    unit_text(call.member, "m");
    unit_int((int64_t)strlen(call.token), SG_TOKEN_BYTES);
    unit_true(!call.all_or_nothing);
    metadata_was(rig, SG_VERB_JOIN, "\xa1x");
    rig_free(rig);
}

UNIT(member, joining_again_changes_only_the_metadata_given)
{
    struct rig *rig = member();
    uint64_t epoch = 0;

    unit_int(join(rig, "g", "\xa1x"), SG_OK);
    unit_int(sg_join(rig->sg, "g", NULL, 0, 0, &epoch), SG_OK);
    unit_int((int64_t)epoch, 1);
    unit_int(calls(rig, SG_VERB_JOIN), 1);
    unit_int(calls(rig, SG_VERB_SET_METADATA), 0);
    unit_int(join(rig, "g", "\xa1y"), SG_OK);
    unit_int(calls(rig, SG_VERB_JOIN), 1);
    metadata_was(rig, SG_VERB_SET_METADATA, "\xa1y");
    rig_free(rig);
}

UNIT(member, a_refused_join_leaves_nothing)
{
    static const int codes[] = {SG_EINUSE,  SG_EREFUSED, SG_ETIMEOUT,
                                SG_ETOOBIG, SG_ENOMEM,   SG_ENOTSUP};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct rig *rig = member();
        uint64_t epoch = 77;
        stub_next(
            rig->stub, SG_VERB_JOIN,
            (struct stub_reply){.code = codes[i], .reason = SG_SERVER_ERROR});
        unit_int(sg_join(rig->sg, "g", NULL, 0, 0, &epoch), codes[i]);
        unit_true(strstr(sg_why(), sg_error_name(codes[i])) != NULL);
        unit_int((int64_t)epoch, 77);
        unit_int(rig_standing(rig, "g").state, SG_STATE_NONE);
        unit_true(rig_pulse(rig).next_due_ms == INT64_MAX);
        unit_int(sg_leave(rig->sg, "g"), SG_ENOTJOINED);
        rig_pass(rig, 3 * RIG_BEAT);
        unit_int(calls(rig, SG_VERB_JOIN), 1);
        unit_int((int64_t)rig->n_events, 0);
        rig_free(rig);
    }
}

UNIT(member, an_unconfirmed_join_says_why)
{
    struct rig *rig = member();
    int64_t start = rig_now(rig);

    stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    unit_int(join(rig, "g", NULL), SG_PENDING);
    unit_text(sg_why(), "the stub says SG_EUNKNOWN");
    unit_int(rig_now(rig), start);
    stub_next(rig->stub, SG_VERB_JOIN, STANDS);
    unit_int(join(rig, "g", NULL), SG_PENDING);
    unit_true(strstr(sg_why(), "2000 ms") != NULL);
    unit_int(rig_now(rig) - start, RIG_DEADLINE);
    rig_free(rig);
}

/* ---- metadata --------------------------------------------------------- */

UNIT(member, a_second_join_keeps_the_metadata_of_a_pending_one)
{
    struct rig *rig = member();

    stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    unit_int(join(rig, "g", "\xa1x"), SG_PENDING);
    unit_int(join(rig, "g", NULL), SG_OK);
    metadata_was(rig, SG_VERB_JOIN, "\xa1x");
    /* ... but a join after a leave begins anew. */
    unit_int(sg_leave(rig->sg, "g"), SG_OK);
    unit_int(join(rig, "g", NULL), SG_OK);
    metadata_was(rig, SG_VERB_JOIN, "");
    rig_free(rig);
}

UNIT(member, metadata_goes_with_a_pending_join)
{
    struct rig *rig = member();

    unit_int(sg_set_metadata(rig->sg, "g", "\xa1x", 2), SG_ENOTJOINED);
    stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    unit_int(join(rig, "g", "\xa1x"), SG_PENDING);
    unit_int(sg_set_metadata(rig->sg, "g", "\xa1y", 2), SG_PENDING);
    unit_int(calls(rig, SG_VERB_SET_METADATA), 0);
    rig_pass(rig, RIG_BEAT);
    metadata_was(rig, SG_VERB_JOIN, "\xa1y");
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    rig_free(rig);
}

/* A join that was sent before has the old value with it. */
UNIT(member, metadata_given_while_a_join_is_under_way_is_not_lost)
{
    struct rig *rig = member();

    stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    unit_int(join(rig, "g", "\xa1x"), SG_PENDING);
    stub_next(rig->stub, SG_VERB_JOIN, STANDS);
    rig_pass(rig, RIG_BEAT);
    unit_int(stub_counts(rig->stub).standing, 1);
    unit_int(sg_set_metadata(rig->sg, "g", "\xa1y", 2), SG_PENDING);
    stub_release(rig->stub);
    rig_settle(rig);
    rig_pass(rig, 2 * RIG_BEAT);
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    metadata_was(rig, SG_VERB_JOIN, "\xa1y");
    unit_int((int64_t)rig->n_events, 1);
    unit_int(rig->events[0].kind, SG_EV_JOINED);
    rig_free(rig);
}

UNIT(member, metadata_given_while_silent_reaches_the_store)
{
    struct rig *rig = member();

    unit_int(join(rig, "g", "\xa1x"), SG_OK);
    stub_always(rig->stub, SG_VERB_BEAT, FAILS);
    rig_pass(rig, RIG_T + RIG_BEAT);
    unit_int(rig_standing(rig, "g").state, SG_STATE_LOST);
    unit_int(sg_set_metadata(rig->sg, "g", "\xa1y", 2), SG_PENDING);
    stub_always(
        rig->stub, SG_VERB_BEAT,
        (struct stub_reply){.liveness = SG_FOUND_MINE, .found = SG_FOUND_MINE});
    rig_pass(rig, 2 * RIG_BEAT);
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    metadata_was(rig, SG_VERB_JOIN, "\xa1y");
    unit_int((int64_t)rig->n_events, 2);
    unit_int(rig->events[1].kind, SG_EV_REJOINED);
    rig_free(rig);
}

UNIT(member, metadata_of_a_member_says_what_the_store_says)
{
    static const int codes[] = {SG_ENOTJOINED, SG_EREPLACED, SG_EREFUSED,
                                SG_EUNKNOWN};
    struct rig *rig = member();

    unit_int(join(rig, "g", NULL), SG_OK);
    unit_int(sg_set_metadata(rig->sg, "g", "\xa1x", 2), SG_OK);
    metadata_was(rig, SG_VERB_SET_METADATA, "\xa1x");
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        stub_next(rig->stub, SG_VERB_SET_METADATA,
                  (struct stub_reply){.code = codes[i], .reason = SG_CUT});
        if (codes[i] == SG_EUNKNOWN) /* ... and the second try */
            stub_next(rig->stub, SG_VERB_SET_METADATA,
                      (struct stub_reply){.code = codes[i]});
        unit_int(sg_set_metadata(rig->sg, "g", "\xa1z", 2), codes[i]);
    }
    rig_free(rig);
}

/* ---- leave ------------------------------------------------------------ */

UNIT(member, leaving_keeps_the_other_groups)
{
    struct rig *rig = member();
    struct stub_call call;

    unit_int(join(rig, "g", NULL), SG_OK);
    unit_int(join(rig, "h", NULL), SG_OK);
    unit_int(sg_leave(rig->sg, "g"), SG_OK);
    call = stub_last(rig->stub, SG_VERB_LEAVE);
    unit_text(call.group, "g");
    unit_int((int64_t)call.epoch, 1);
    unit_true(!call.is_last);
    unit_int(rig_standing(rig, "g").state, SG_STATE_NONE);
    unit_int(rig_standing(rig, "h").state, SG_STATE_JOINED);
    unit_int(sg_leave(rig->sg, "h"), SG_OK);
    unit_true(stub_last(rig->stub, SG_VERB_LEAVE).is_last);
    unit_int((int64_t)rig->n_events, 0);
    rig_free(rig);
}

/* The record of liveness is shared by all groups of an id: who removes it
 * while a join of another group is on its way makes that group DOWN. */
UNIT(member, a_join_under_way_keeps_the_liveness)
{
    struct rig *rig = member();

    unit_int(join(rig, "g", NULL), SG_OK);
    stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    unit_int(join(rig, "h", NULL), SG_PENDING);
    unit_int(sg_leave(rig->sg, "g"), SG_OK);
    unit_true(!stub_last(rig->stub, SG_VERB_LEAVE).is_last);
    rig_free(rig);
}

UNIT(member, leaving_what_was_not_joined_sends_nothing)
{
    struct rig *rig = member();

    unit_int(sg_leave(rig->sg, "g"), SG_ENOTJOINED);
    unit_text(sg_why(), "m has not joined g");
    unit_int(join(rig, "g", NULL), SG_OK);
    unit_int(sg_leave(rig->sg, "h"), SG_ENOTJOINED);
    unit_int(sg_leave(rig->sg, "g"), SG_OK);
    unit_int(sg_leave(rig->sg, "g"), SG_ENOTJOINED);
    unit_int(calls(rig, SG_VERB_LEAVE), 1);
    rig_free(rig);
}

UNIT(member, what_a_leave_finds_is_said_and_ends_the_membership)
{
    static const int codes[] = {SG_ENOTJOINED, SG_EREPLACED};

    for (size_t i = 0; i < 2; i++) {
        struct rig *rig = member();
        unit_int(join(rig, "g", NULL), SG_OK);
        stub_next(rig->stub, SG_VERB_LEAVE,
                  (struct stub_reply){.code = codes[i]});
        unit_int(sg_leave(rig->sg, "g"), codes[i]);
        unit_int(rig_standing(rig, "g").state, SG_STATE_NONE);
        unit_true(rig_pulse(rig).next_due_ms == INT64_MAX);
        rig_free(rig);
    }
}

UNIT(member, a_leave_that_failed_is_pending)
{
    static const int codes[] = {SG_EUNKNOWN, SG_EREFUSED, SG_ENOMEM};

    for (size_t i = 0; i < 3; i++) {
        struct rig *rig = member();
        unit_int(join(rig, "g", NULL), SG_OK);
        stub_next(
            rig->stub, SG_VERB_LEAVE,
            (struct stub_reply){.code = codes[i], .reason = SG_UNREACHABLE});
        unit_int(sg_leave(rig->sg, "g"), SG_PENDING);
        rig_pass(rig, RIG_BEAT);
        unit_int(calls(rig, SG_VERB_LEAVE), 2);
        unit_int(rig->events[0].kind, SG_EV_LEFT);
        rig_free(rig);
    }
}

/* ---- close ------------------------------------------------------------ */

UNIT(member, closing_leaves_every_group)
{
    struct rig *rig = member();

    unit_int(join(rig, "a", NULL), SG_OK);
    unit_int(join(rig, "b", NULL), SG_OK);
    unit_int(join(rig, "c", NULL), SG_OK);
    unit_int(sg_leave(rig->sg, "b"), SG_OK);
    stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    unit_int(join(rig, "d", NULL), SG_PENDING);
    rig_close(rig);
    unit_int(calls(rig, SG_VERB_LEAVE), 4);
    unit_text(stub_call(rig->stub, SG_VERB_LEAVE, 1).group, "a");
    unit_text(stub_call(rig->stub, SG_VERB_LEAVE, 2).group, "c");
    unit_text(stub_call(rig->stub, SG_VERB_LEAVE, 3).group, "d");
    unit_true(!stub_call(rig->stub, SG_VERB_LEAVE, 1).is_last);
    unit_true(!stub_call(rig->stub, SG_VERB_LEAVE, 2).is_last);
    unit_true(stub_call(rig->stub, SG_VERB_LEAVE, 3).is_last);
    unit_int((int64_t)rig->n_events, 0);
    unit_int(stub_counts(rig->stub).opened, stub_counts(rig->stub).closed);
    rig_free(rig);
}

UNIT(member, closing_finishes_a_pending_leave)
{
    struct rig *rig = member();

    unit_int(join(rig, "a", NULL), SG_OK);
    stub_next(rig->stub, SG_VERB_LEAVE, FAILS);
    unit_int(sg_leave(rig->sg, "a"), SG_PENDING);
    rig_close(rig);
    unit_int(calls(rig, SG_VERB_LEAVE), 2);
    rig_free(rig);
}

UNIT(member, closing_ends_by_the_deadline)
{
    struct rig *rig = rig_new(STUB_DEAF, WRITES);
    int64_t start;

    rig_open(rig, NULL);
    unit_int(join(rig, "a", NULL), SG_OK);
    unit_int(join(rig, "b", NULL), SG_OK);
    stub_always(rig->stub, SG_VERB_LEAVE, STANDS);
    start = rig_now(rig);
    sg_close(rig->sg);
    rig->sg = NULL;
    unit_int(rig_now(rig) - start, RIG_DEADLINE);
    stub_release_for_ever(rig->stub);
    rig_await_end(rig);
    rig_free(rig);
}

UNIT(member, closing_while_a_beat_stands_still_leaves_all_the_same)
{
    struct rig *rig = rig_new(STUB_DEAF, WRITES);

    rig_open(rig, NULL);
    unit_int(join(rig, "a", NULL), SG_OK);
    stub_next(rig->stub, SG_VERB_BEAT, STANDS);
    rig_pass(rig, RIG_BEAT);
    sg_close(rig->sg);
    rig->sg = NULL;
    unit_int(calls(rig, SG_VERB_LEAVE), 1);
    stub_release_for_ever(rig->stub);
    rig_await_end(rig);
    rig_free(rig);
}

UNIT(member, a_replaced_member_leaves_nothing_at_its_close)
{
    struct rig *rig = member();

    unit_int(join(rig, "a", NULL), SG_OK);
    stub_next(rig->stub, SG_VERB_BEAT,
              (struct stub_reply){.liveness = SG_FOUND_ANOTHERS});
    rig_pass(rig, RIG_BEAT);
    rig_close(rig);
    unit_int(calls(rig, SG_VERB_LEAVE), 0);
    rig_free(rig);
}

/* ---- many threads ----------------------------------------------------- */

struct load {
    struct sg *sg;
    const char *group;
    unsigned failed;
};

/* A T so short is not always kept: what is PENDING then is no failure. */
static void *work(void *arg)
{
    struct load *load = arg;

    for (int i = 0; i < 30; i++) {
        struct sg_verdict verdict;
        struct sg_standing standing;
        load->failed += sg_join(load->sg, load->group, NULL, 0, 0, NULL) < 0;
        load->failed += sg_set_metadata(load->sg, load->group, "\x80", 1) < 0;
        load->failed += sg_verdict(load->sg, load->group, "m", &verdict) != 0;
        load->failed += sg_standing(load->sg, load->group, &standing) != 0;
        load->failed += sg_leave(load->sg, load->group) != 0;
    }
    return NULL;
}

/* In real time, with the heart's thread at work between them. */
UNIT(member, a_handle_may_be_used_from_many_threads)
{
    static const char *const groups[] = {"a", "b", "c", "d"};
    struct rig *rig = rig_new(STUB_HEARS, RIG_WRITES | SG_KEEPS_SESSION);
    struct load loads[4];
    pthread_t threads[4];
    unsigned failed = 0;

    rig_use_real_time(rig);
    rig_open(rig, &(struct sg_options){.timeout_ms = 3, .deadline_ms = 60000});
    for (size_t i = 0; i < 4; i++) {
        loads[i] = (struct load){rig->sg, groups[i], 0};
        unit_int(pthread_create(&threads[i], NULL, work, &loads[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        failed += loads[i].failed;
    }
    unit_int(failed, 0);
    rig_free(rig);
}
