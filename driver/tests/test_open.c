/* SPDX-License-Identifier: Apache-2.0
 * test_open.c - what sg_open() refuses, the bounds it sets, and the names.
 */
#include "core.h"
#include "rig.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static int open_url(const char *url, const struct sg_options *o)
{
    struct sg *sg = NULL;
    int rc = sg_open(url, o, &sg);

    unit_int(sg != NULL, rc == SG_OK);
    sg_close(sg);
    return rc;
}

static void ended(void *arg)
{
    ++*(unsigned *)arg;
}

UNIT(open, never_needs_the_server)
{
    unit_int(open_url("kazoo://127.0.0.1:1?timeout=5", NULL), SG_OK);
    unit_int(open_url("memcached://127.0.0.1:1?timeout=5", NULL), SG_OK);
    unit_int(open_url("redis://127.0.0.1:1?timeout=5", NULL), SG_OK);
    unit_int(
        open_url("redis://127.0.0.1:1", &(struct sg_options){.member = "m"}),
        SG_OK);
}

UNIT(open, wrong_use_is_refused)
{
    struct sg_options o = {.member = "a b"};

    unit_int(sg_open("redis://h", NULL, NULL), SG_EINVAL);
    unit_int(open_url(NULL, NULL), SG_EINVAL);
    unit_int(open_url("redis://h", &o), SG_ENAME);
    unit_true(strstr(sg_why(), "byte 0x20 at offset 1") != NULL);
    unit_int(open_url("nothing://h", NULL), SG_EURL);
    unit_int(open_url("redis://h?nonsense=1", NULL), SG_EURL);
    unit_int(open_url("memcached://h?timeout=1", NULL), SG_ETIMEOUT);
}

UNIT(open, a_negative_duration_is_refused)
{
    unit_int(open_url("redis://h", &(struct sg_options){.timeout_ms = -1}),
             SG_EINVAL);
    unit_int(open_url("redis://h", &(struct sg_options){.beat_ms = -1}),
             SG_EINVAL);
    unit_int(open_url("redis://h", &(struct sg_options){.deadline_ms = -1}),
             SG_EINVAL);
    unit_int(open_url("redis://h", &(struct sg_options){.tick_ms = -1}),
             SG_EINVAL);
    unit_int(
        open_url("redis://h", &(struct sg_options){.report_interval_ms = -1}),
        SG_EINVAL);
}

UNIT(open, a_beat_above_a_third_of_T_is_refused)
{
    struct sg_options o = {.timeout_ms = 30000, .beat_ms = 10001};

    unit_int(open_url("redis://h", &o), SG_ETIMEOUT);
    unit_true(strstr(sg_why(), "a beat of 10001 ms") != NULL);
    unit_true(strstr(sg_why(), "of 30000 ms") != NULL);
    unit_true(strstr(sg_why(), "10000 ms") != NULL);
    o.beat_ms = 10000;
    unit_int(open_url("redis://h", &o), SG_OK);
    o.beat_ms = INT64_MAX;
    unit_int(open_url("redis://h", &o), SG_ETIMEOUT);
}

static struct sg_bounds bounds_of(const char *url, const struct sg_options *o)
{
    struct sg_bounds bounds = {0};
    struct sg *sg;

    unit_int(sg_open(url, o, &sg), SG_OK);
    unit_int(sg_get_bounds(sg, &bounds), SG_OK);
    sg_close(sg);
    return bounds;
}

UNIT(open, the_default_deadline_is_a_sixth_of_T_within_limits)
{
    static const struct {
        int64_t timeout_ms, deadline_ms;
    } table[] = {{300, 200},   {1200, 200},   {1206, 201},
                 {6000, 1000}, {12000, 2000}, {60000, 2000}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct sg_options o = {.timeout_ms = table[i].timeout_ms};
        struct sg_bounds b = bounds_of("redis://h", &o);
        unit_int(b.timeout_ms, table[i].timeout_ms);
        unit_int(b.deadline_ms, table[i].deadline_ms);
    }
    unit_int(bounds_of("redis://h", &(struct sg_options){.deadline_ms = 7})
                 .deadline_ms,
             7);
    unit_int(
        bounds_of("redis://h", &(struct sg_options){.deadline_ms = INT64_MAX})
            .deadline_ms,
        SG_DEADLINE_MAX);
}

UNIT(open, bounds_are_the_back_ends)
{
    struct sg_bounds b = bounds_of("kazoo://h?timeout=6", NULL);

    unit_int(b.timeout_ms, 6000);
    unit_int(b.beat_ms, 2000);
    unit_int(b.early_ms, 0);
    unit_int(b.late_ms, 2000); /* the tick that servers have by default */
    b = bounds_of("kazoo://h?timeout=6", &(struct sg_options){.tick_ms = 200});
    unit_int(b.late_ms, 200);
    unit_true(b.metadata_max_bytes > 0);
    unit_int(sg_get_bounds(NULL, &b), SG_EINVAL);
}

/* ---- a back end of one's own ------------------------------------------ */

static int open_kind(struct sg_backend_kind kind)
{
    struct sg_options o = {.kind = &kind};

    return open_url("stub://h", &o);
}

UNIT(open, a_table_that_cannot_work_is_refused)
{
    struct stub *stub = stub_new(STUB_HEARS, 0, NULL, NULL);
    struct stub *evented = stub_new(STUB_EVENTED, 0, NULL, NULL);
    struct sg_backend_kind kind = *stub_kind(stub);

    unit_int(open_kind(kind), SG_OK);
    kind.version++;
    unit_int(open_kind(kind), SG_EINVAL);
    unit_true(strstr(sg_why(), "version 2, not 1") != NULL);
    kind = *stub_kind(stub);
    kind.open = NULL;
    unit_int(open_kind(kind), SG_EINVAL);
    kind = *stub_kind(stub);
    kind.close = NULL;
    unit_int(open_kind(kind), SG_EINVAL);
    kind = *stub_kind(stub);
    kind.slack = NULL;
    unit_int(open_kind(kind), SG_EINVAL);
    kind = *stub_kind(stub);
    kind.options = NULL;
    unit_int(open_kind(kind), SG_EINVAL);
    kind = *stub_kind(stub);
    kind.verb[SG_VERB_ASK] = NULL;
    unit_int(open_kind(kind), SG_EINVAL);
    kind = *stub_kind(stub);
    kind.promises = SG_NEEDS_SWEEP;
    kind.verb[SG_VERB_SWEEP] = NULL;
    unit_int(open_kind(kind), SG_EINVAL);
    kind = *stub_kind(evented);
    unit_int(open_kind(kind), SG_OK);
    kind.start = NULL;
    unit_int(open_kind(kind), SG_EINVAL);
    kind = *stub_kind(evented);
    kind.forget = NULL;
    unit_int(open_kind(kind), SG_EINVAL);
    stub_free(stub);
    stub_free(evented);
}

/* A table that says it writes, and has no slot to do it with, would be found
 * out by the first join. */
UNIT(open, a_table_that_writes_has_the_slots_for_it)
{
    static const enum sg_verb verbs[] = {SG_VERB_JOIN, SG_VERB_LEAVE,
                                         SG_VERB_BEAT};
    struct stub *stub = stub_new(STUB_HEARS, SG_CAN_WRITE, NULL, NULL);

    for (size_t i = 0; i < 3; i++) {
        struct sg_backend_kind kind = *stub_kind(stub);
        kind.verb[verbs[i]] = NULL;
        unit_int(open_kind(kind), SG_EINVAL);
        kind.promises = 0;
        unit_int(open_kind(kind), SG_OK);
    }
    stub_free(stub);
}

UNIT(open, a_handle_that_did_not_open_does_not_end)
{
    unsigned count = 0;
    struct sg_env env = {.arg = &count, .ended = ended};
    struct sg_options o = {.env = &env, .member = "a b"};

    unit_int(open_url("redis://h", &o), SG_ENAME);
    unit_int(count, 0);
    o.member = "ab";
    unit_int(open_url("redis://h", &o), SG_OK);
    unit_int(count, 1);
}

/* ---- the surroundings' defaults --------------------------------------- */

UNIT(env, defaults_are_filled_in)
{
    struct sg_env env = sg_env_fill(NULL);
    char numeric[SG_NUMERIC_MAX], a[16] = {0}, b[16] = {0};
    int64_t then = env.now_ms(env.arg);

    unit_true(env.now_ms(env.arg) >= then && then > 0);
    unit_true(env.wall_us(env.arg) > INT64_C(1600000000000000));
    env.random(env.arg, a, sizeof a);
    env.random(env.arg, b, sizeof b);
    unit_true(memcmp(a, b, sizeof a) != 0);
    unit_int(env.resolve(env.arg, "localhost", numeric), 0);
    unit_text(numeric, "127.0.0.1");
    unit_true(env.resolve(env.arg, "", numeric) != 0);
    env.log(env.arg, "is heard by nobody");
    unit_true(env.wait == NULL && env.wake == NULL && env.ended == NULL);
    unit_true(!env.own_heart);
}

static int64_t always_7(void *arg)
{
    (void)arg;
    return 7;
}

UNIT(env, what_is_given_is_kept)
{
    struct sg_env given = {.now_ms = always_7, .own_heart = true};
    struct sg_env env = sg_env_fill(&given);

    unit_int(env.now_ms(env.arg), 7);
    unit_true(env.own_heart);
    unit_true(env.wall_us != NULL && env.random != NULL);
}

static int64_t as_ms(struct timespec at)
{
    unit_true(at.tv_nsec >= 0 && at.tv_nsec < 1000000000);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

UNIT(env, a_deadline_lies_so_far_ahead_and_never_wraps)
{
    static const int64_t in_ms[] = {0, 1, 999, 1000, 86400000};
    struct timespec clock;

    for (size_t i = 0; i < sizeof in_ms / sizeof *in_ms; i++) {
        int64_t before, at;
        clock_gettime(CLOCK_MONOTONIC, &clock);
        before = as_ms(clock);
        at = as_ms(sg_env_deadline(in_ms[i]));
        clock_gettime(CLOCK_MONOTONIC, &clock);
        unit_true(at >= before + in_ms[i] && at <= as_ms(clock) + in_ms[i] + 1);
    }
    unit_true(as_ms(sg_env_deadline(INT64_MAX)) > as_ms(clock) + 86400000);
    unit_true(as_ms(sg_env_deadline(INT64_MIN)) <= as_ms(clock) + 60000);
}

/* ---- names and sentences ---------------------------------------------- */

UNIT(why, names_are_the_enums)
{
    unit_text(sg_error_name(SG_OK), "SG_OK");
    unit_text(sg_error_name(SG_PENDING), "SG_PENDING");
    unit_text(sg_error_name(SG_EINVAL), "SG_EINVAL");
    unit_text(sg_error_name(SG_ENOTJOINED), "SG_ENOTJOINED");
    unit_text(sg_error_name(SG_EINUSE), "SG_EINUSE");
    unit_text(sg_error_name(SG_EFORKED), "SG_EFORKED");
    unit_text(sg_error_name(-15), "(no such error)");
    unit_text(sg_error_name(2), "(no such error)");
    unit_text(sg_error_name(INT32_MIN + 1), "(no such error)");
    unit_text(sg_error_name(INT32_MIN), "(no such error)");
    unit_text(sg_status_name(SG_UP), "UP");
    unit_text(sg_status_name(SG_DOWN), "DOWN");
    unit_text(sg_status_name(SG_UNKNOWN), "UNKNOWN");
    unit_text(sg_status_name((enum sg_status)9), "UNKNOWN");
    unit_text(sg_reason_name(SG_NO_REASON), "-");
    unit_text(sg_reason_name(SG_NOT_A_MEMBER), "NOT_A_MEMBER");
    unit_text(sg_reason_name(SG_FORCED), "FORCED");
    unit_text(sg_reason_name(SG_TIMED_OUT), "TIMED_OUT");
    unit_text(sg_reason_name(SG_NO_MEMORY), "NO_MEMORY");
    unit_text(sg_reason_name((enum sg_reason)99), "(no such reason)");
}

static void *fail_there(void *arg)
{
    unit_int(sg_leave(NULL, "g"), SG_EINVAL);
    *(bool *)arg = strcmp(sg_why(), "the handle is NULL") == 0;
    return NULL;
}

UNIT(why, each_thread_has_its_own_sentence)
{
    pthread_t thread;
    bool is_said = false;

    open_url("etcd://h", NULL);
    unit_int(pthread_create(&thread, NULL, fail_there, &is_said), 0);
    pthread_join(thread, NULL);
    unit_true(is_said);
    unit_true(strstr(sg_why(), "etcd") != NULL);
}
