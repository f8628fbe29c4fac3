/* SPDX-License-Identifier: Apache-2.0
 * expect.c - what a scenario expects. UP, DOWN, UNKNOWN and an error are four
 * different answers to every expectation.
 */
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every expectation comes through here: one was made, and the world is sound.
 */
static void check(struct world *w)
{
    w->checks++;
    if (w->end == WORLD_BROKEN)
        world_fail(w, WORLD_BROKEN, "%s", w->why);
}

static void note_verdict(struct member *m, const char *group, const char *name,
                         int rc, const struct sg_verdict *v)
{
    if (rc == SG_OK)
        world_note(m->w, m->label, "asks %s/%s -> %s %s epoch#%u", group, name,
                   sg_status_name(v->status), sg_reason_name(v->reason),
                   trace_rank(&m->w->trace, v->epoch));
    else
        world_note(m->w, m->label, "asks %s/%s -> %s", group, name,
                   sg_error_name(rc));
}

static struct sg_verdict ask(struct member *m, const struct sg_question *q)
{
    struct sg_verdict v = {0};
    int rc = sg_ask(m->sg, q, &v);

    note_verdict(m, q->group, q->member, rc, &v);
    check(m->w);
    if (rc != SG_OK)
        world_fail(m->w, WORLD_FAILED,
                   "%s asked %s/%s: the call failed: %s: %s", m->label,
                   q->group, q->member, sg_error_name(rc), sg_why());
    return v;
}

static struct sg_verdict expect_status(struct member *m,
                                       const struct sg_question *q,
                                       enum sg_status status,
                                       const char *reason_name)
{
    struct sg_verdict v = ask(m, q);
    const char *reason = sg_reason_name(v.reason);

    if (v.status != status ||
        (reason_name != NULL && strcmp(reason, reason_name) != 0))
        world_fail(m->w, WORLD_FAILED,
                   "%s asked %s/%s: got %s %s, want %s %s%s%s", m->label,
                   q->group, q->member, sg_status_name(v.status), reason,
                   sg_status_name(status), reason_name ? reason_name : "",
                   v.status == SG_UNKNOWN ? ": " : "",
                   v.status == SG_UNKNOWN ? sg_why() : "");
    return v;
}

void expect_up(struct member *m, const char *group, const char *name)
{
    struct sg_question q = {.group = group, .member = name};
    expect_status(m, &q, SG_UP, NULL);
}

void expect_down(struct member *m, const char *group, const char *name,
                 enum sg_reason reason)
{
    struct sg_question q = {.group = group, .member = name};
    expect_status(m, &q, SG_DOWN, sg_reason_name(reason));
}

void expect_gone(struct member *m, const char *group, const char *name)
{
    struct sg_question q = {.group = group, .member = name};
    struct sg_verdict v = expect_status(m, &q, SG_DOWN, NULL);

    if (v.reason != SG_EXPIRED && v.reason != SG_NOT_A_MEMBER)
        world_fail(m->w, WORLD_FAILED,
                   "%s asked %s/%s: DOWN for %s, want "
                   "EXPIRED or NOT_A_MEMBER",
                   m->label, group, name, sg_reason_name(v.reason));
}

void expect_unknown(struct member *m, const char *group, const char *name,
                    enum sg_reason reason)
{
    struct sg_question q = {.group = group, .member = name};
    expect_status(m, &q, SG_UNKNOWN, sg_reason_name(reason));
}

/* In which way nobody answered may depend on how fast a library noticed: the
 * trace says silence. */
void expect_silence(struct member *m, const char *group, const char *name)
{
    struct sg_verdict v = {0};
    int rc = sg_verdict(m->sg, group, name, &v);
    bool is_silence = v.reason == SG_TIMED_OUT || v.reason == SG_UNREACHABLE ||
                      v.reason == SG_CUT || v.reason == SG_GARBAGE ||
                      v.reason == SG_BUSY || v.reason == SG_SERVER_ERROR;

    check(m->w);
    if (rc != SG_OK || v.status != SG_UNKNOWN || !is_silence)
        world_fail(m->w, WORLD_FAILED,
                   "%s asked %s/%s: got %s %s %s, want UNKNOWN for silence",
                   m->label, group, name, sg_error_name(rc),
                   sg_status_name(v.status), sg_reason_name(v.reason));
    world_note(m->w, m->label, "asks %s/%s -> silence", group, name);
}

struct sg_verdict expect_verdict(struct member *m,
                                 const struct sg_question *question,
                                 enum sg_status status)
{
    return expect_status(m, question, status, NULL);
}

void expect_up_during(struct member *m, const char *group, const char *name,
                      int64_t ms)
{
    int64_t end = world_now(m->w) + ms;

    do {
        int64_t left = end - world_now(m->w);
        int64_t step = m->w->T / 7; /* no divisor of the beat: every phase */
        expect_up(m, group, name);
        world_pass(m->w, left < step ? left : step);
    } while (world_now(m->w) < end);
    expect_up(m, group, name);
}

/* On a real machine that is busy an observer may not get its answer in time;
 * that is UNKNOWN and no false verdict. On a fake there is no such excuse. */
static bool is_false_verdict(const struct member *m, const struct sg_verdict *v)
{
    return v->status == SG_DOWN ||
           (v->status == SG_UNKNOWN &&
            (m->w->place->is_fake || v->reason != SG_TIMED_OUT));
}

void expect_all_up_during(struct member *m, const char *group,
                          const char *const *names, size_t n, int64_t ms)
{
    struct sg_verdict verdicts[64];
    int64_t end = world_now(m->w) + ms;
    unsigned answers = 0, silences = 0;

    do {
        int rc =
            n > 64 ? SG_EINVAL : sg_verdicts(m->sg, group, names, n, verdicts);
        check(m->w);
        if (rc != SG_OK)
            world_fail(m->w, WORLD_FAILED, "%s asks for %zu: %s", m->label, n,
                       sg_error_name(rc));
        for (size_t i = 0; i < n; i++)
            if (is_false_verdict(m, &verdicts[i]))
                world_fail(m->w, WORLD_FAILED, "%s asks %s/%s: %s %s, want UP",
                           m->label, group, names[i],
                           sg_status_name(verdicts[i].status),
                           sg_reason_name(verdicts[i].reason));
        silences += verdicts[0].status == SG_UNKNOWN;
        answers++;
        world_pass(m->w, m->w->T / 7);
    } while (world_now(m->w) < end);
    if (silences * 10 > answers)
        world_fail(m->w, WORLD_BROKEN, "%u of %u questions were not answered",
                   silences, answers);
}

void expect_up_within(struct member *m, const char *group, const char *name,
                      int64_t ms)
{
    struct sg_question q = {.group = group, .member = name};
    int64_t end = world_now(m->w) + ms + world_grain(m->w);
    struct sg_verdict v = ask(m, &q);

    while (v.status != SG_UP && world_now(m->w) < end) {
        int64_t left = end - world_now(m->w), step = m->w->T / 20;
        world_pass(m->w, left < step ? left : step);
        v = ask(m, &q);
    }
    if (v.status != SG_UP)
        world_fail(m->w, WORLD_FAILED,
                   "%s asked %s/%s: still %s %s after %" PRId64 " ms, want UP",
                   m->label, group, name, sg_status_name(v.status),
                   sg_reason_name(v.reason), ms);
}

/* ---- lists ------------------------------------------------------------ */

static char *joined(const struct sg_names *names)
{
    size_t bytes = 1, at = 0;
    char *text;

    for (size_t i = 0; i < names->count; i++)
        bytes += strlen(names->name[i]) + 1;
    text = calloc(1, bytes);
    for (size_t i = 0; text != NULL && i < names->count; i++)
        at += (size_t)sprintf(text + at, "%s%s", i > 0 ? " " : "",
                              names->name[i]);
    return text;
}

static void need_list(struct member *m, const char *what, int rc)
{
    check(m->w);
    if (rc != SG_OK) {
        world_note(m->w, m->label, "lists %s -> %s", what, sg_error_name(rc));
        world_fail(m->w, WORLD_FAILED, "%s lists %s: %s: %s", m->label, what,
                   sg_error_name(rc), sg_why());
    }
}

static void expect_names(struct member *m, const char *what,
                         struct sg_names *names, const char *want)
{
    char *text = joined(names), copy[1500];

    sg_names_free(names);
    snprintf(copy, sizeof copy, "%s", text == NULL ? "(no memory)" : text);
    free(text);
    world_note(m->w, m->label, "lists %s -> \"%.200s\"", what, copy);
    if (strcmp(copy, want) != 0)
        world_fail(m->w, WORLD_FAILED,
                   "%s lists %s: got \"%.300s\", want "
                   "\"%.300s\"",
                   m->label, what, copy, want);
}

void expect_list(struct member *m, const char *group, const char *names)
{
    struct sg_names *got = NULL;

    need_list(m, group, sg_list(m->sg, group, &got));
    expect_names(m, group, got, names);
}

void expect_groups(struct member *m, const char *names)
{
    struct sg_names *got = NULL;

    need_list(m, "the groups", sg_groups(m->sg, &got));
    expect_names(m, "the groups", got, names);
}

void expect_list_count(struct member *m, const char *group, size_t count,
                       size_t skipped)
{
    struct sg_names *got = NULL;
    size_t n, s;

    need_list(m, group, sg_list(m->sg, group, &got));
    n = got->count;
    s = got->skipped;
    sg_names_free(got);
    world_note(m->w, m->label, "lists %s -> %zu, %zu skipped", group, n, s);
    if (n != count || s != skipped)
        world_fail(m->w, WORLD_FAILED,
                   "%s lists %s: %zu names and %zu "
                   "skipped, want %zu and %zu",
                   m->label, group, n, s, count, skipped);
}

void expect_list_fails(struct member *m, const char *group)
{
    struct sg_names *got = NULL;
    int rc = sg_list(m->sg, group, &got);

    check(m->w);
    sg_names_free(got);
    world_note(m->w, m->label, "lists %s -> %s", group, sg_error_name(rc));
    if (rc != SG_EUNKNOWN)
        world_fail(m->w, WORLD_FAILED, "%s lists %s: %s, want SG_EUNKNOWN",
                   m->label, group, sg_error_name(rc));
}

/* ---- codes ------------------------------------------------------------ */

static void expect_code(struct member *m, const char *verb, const char *group,
                        int got, int want)
{
    check(m->w);
    world_note(m->w, m->label, "%s %.40s -> %s", verb, group,
               sg_error_name(got));
    if (got != want)
        world_fail(m->w, WORLD_FAILED, "%s: %s %.80s answered %s, want %s: %s",
                   m->label, verb, group, sg_error_name(got),
                   sg_error_name(want), got == SG_OK ? "" : sg_why());
}

void expect_join(struct member *m, const char *group, unsigned flags, int code)
{
    expect_code(m, "join", group, sg_join(m->sg, group, NULL, 0, flags, NULL),
                code);
}

void expect_join_with(struct member *m, const char *group, const void *metadata,
                      size_t bytes, int code)
{
    expect_code(m, "join", group,
                sg_join(m->sg, group, metadata, bytes, 0, NULL), code);
}

void expect_leave(struct member *m, const char *group, int code)
{
    expect_code(m, "leave", group, sg_leave(m->sg, group), code);
}

void expect_set_metadata(struct member *m, const char *group,
                         const void *metadata, size_t bytes, int code)
{
    expect_code(m, "set_metadata", group,
                sg_set_metadata(m->sg, group, metadata, bytes), code);
}

void expect_no_metadata(struct member *m, const char *group, const char *name)
{
    void *got = NULL;
    size_t n;
    int rc = sg_get_metadata(m->sg, group, name, &got, &n);

    free(rc == SG_OK ? got : NULL);
    expect_code(m, "get_metadata", name, rc, SG_ENOTJOINED);
}

void expect_metadata(struct member *m, const char *group, const char *name,
                     const void *metadata, size_t bytes)
{
    void *got = NULL;
    size_t n = 0;
    bool is_same;

    expect_code(m, "get_metadata", name,
                sg_get_metadata(m->sg, group, name, &got, &n), SG_OK);
    is_same = n == bytes && memcmp(got, metadata, n) == 0;
    free(got);
    if (!is_same)
        world_fail(m->w, WORLD_FAILED,
                   "%s: metadata of %s: %zu bytes that "
                   "differ from the %zu wanted",
                   m->label, name, n, bytes);
}

void expect_marks(struct member *m, const char *group, const char *name,
                  const struct sg_marks *marks)
{
    struct sg_marks got = {0};

    expect_code(m, "get_marks", name, sg_get_marks(m->sg, group, name, &got),
                SG_OK);
    if (got.disabled != marks->disabled ||
        got.forced_down != marks->forced_down ||
        strcmp(got.disabled_reason, marks->disabled_reason) != 0)
        world_fail(m->w, WORLD_FAILED,
                   "%s: marks of %s: disabled %d \"%s\" "
                   "forced %d, want %d \"%s\" %d",
                   m->label, name, got.disabled, got.disabled_reason,
                   got.forced_down, marks->disabled, marks->disabled_reason,
                   marks->forced_down);
}

/* ---- standing, events ------------------------------------------------- */

static struct sg_standing standing_of(struct member *m, const char *group)
{
    static const char *const names[] = {"NONE", "PENDING", "JOINED", "LOST",
                                        "REPLACED"};
    struct sg_standing standing = {0};
    int rc = sg_standing(m->sg, group, &standing);

    check(m->w);
    if (rc != SG_OK)
        world_fail(m->w, WORLD_FAILED, "%s: standing in %s: %s", m->label,
                   group, sg_error_name(rc));
    world_note(m->w, m->label, "standing %s -> %s", group,
               names[standing.state]);
    return standing;
}

void expect_state(struct member *m, const char *group, enum sg_state state)
{
    enum sg_state got = standing_of(m, group).state;

    if (got != state)
        world_fail(m->w, WORLD_FAILED, "%s: state %d in %s, want %d", m->label,
                   (int)got, group, (int)state);
}

void expect_safe(struct member *m, const char *group, int64_t least_ms,
                 int64_t most_ms)
{
    int64_t got = standing_of(m, group).safe_ms;

    least_ms -= world_grain(m->w);
    if (got < least_ms || got > most_ms)
        world_fail(m->w, WORLD_FAILED,
                   "%s: may act for %" PRId64 " ms, want "
                   "%" PRId64 " to %" PRId64,
                   m->label, got, least_ms, most_ms);
}

void expect_events(struct member *m, enum sg_event_kind kind, unsigned count)
{
    check(m->w);
    if (m->events[kind] != count)
        world_fail(m->w, WORLD_FAILED,
                   "%s was told %u events of kind %d, "
                   "want %u",
                   m->label, m->events[kind], (int)kind, count);
}

/* ---- time, and anything ----------------------------------------------- */

void clock_begin(struct world *w)
{
    w->clock_mark_ms = world_now(w);
}

void expect_took(struct world *w, int64_t least_ms, int64_t most_ms)
{
    int64_t took = world_now(w) - w->clock_mark_ms;

    check(w);
    /* A real call may be late by 10 ms and a quantum (contract 2.6), and both
     * ends are read off a clock of whole milliseconds. */
    if (!w->place->is_fake) {
        least_ms -= 1;
        most_ms += 10 + world_grain(w);
    }
    if (took < least_ms || took > most_ms)
        world_fail(w, WORLD_FAILED,
                   "it took %" PRId64 " ms, want %" PRId64 " to %" PRId64, took,
                   least_ms, most_ms);
}

void expect_that_at(struct world *w, bool fact, const char *text)
{
    check(w);
    if (!fact)
        world_fail(w, WORLD_FAILED, "not so: %s", text);
}

void expect_number_at(struct world *w, int64_t got, int64_t want,
                      const char *text)
{
    check(w);
    if (got != want)
        world_fail(w, WORLD_FAILED, "%s is %" PRId64 ", want %" PRId64, text,
                   got, want);
}
