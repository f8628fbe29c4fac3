/* SPDX-License-Identifier: Apache-2.0
 * test_crew.c - processes that share a list: order, texts, deaths, leaks.
 */
#include "crew.h"
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLAYS 40

struct log {
    size_t order[PLAYS], n;
    enum world_end end[PLAYS];
    bool is_text_right, is_trace_right;
    size_t died[PLAYS], n_died;
    int status;
};

static struct log seen;

static void reset(void)
{
    seen = (struct log){.is_text_right = true, .is_trace_right = true};
}

/* Long texts for some, so that a worker's pipe fills. */
static enum world_end speak(void *arg, size_t i, FILE *tap, FILE *trace)
{
    (void)arg;
    fprintf(tap, "play %zu of %d\n%*s\n", i, PLAYS, i % 7 == 0 ? 300000 : 1,
            "");
    if (trace != NULL)
        fprintf(trace, "trace %zu\n", i);
    return i % 5 == 0 ? WORLD_FAILED : WORLD_PASSED;
}

static void take(void *arg, size_t i, enum world_end end, const char *tap,
                 const char *trace)
{
    char text[40], line[40];

    (void)arg;
    snprintf(text, sizeof text, "play %zu of %d\n", i, PLAYS);
    snprintf(line, sizeof line, "trace %zu\n", i);
    seen.is_text_right &= strncmp(tap, text, strlen(text)) == 0 &&
                          strlen(tap) >= (i % 7 == 0 ? 300000 : 1);
    seen.is_trace_right &= strcmp(trace, line) == 0;
    seen.end[seen.n] = end;
    seen.order[seen.n++] = i;
}

static void died(void *arg, size_t i, int status)
{
    (void)arg;
    seen.died[seen.n_died++] = i;
    seen.status = status;
}

static int run(enum world_end (*play)(void *, size_t, FILE *, FILE *),
               size_t workers, bool is_forked, bool with_traces)
{
    const struct crew_work work = {
        .n = PLAYS, .play = play, .take = take, .died = died};

    reset();
    return crew_run(&work, workers, is_forked, with_traces);
}

static bool is_in_order(void)
{
    for (size_t i = 0; i < seen.n; i++)
        if (seen.order[i] != i ||
            seen.end[i] != (i % 5 == 0 ? WORLD_FAILED : WORLD_PASSED))
            return false;
    return seen.n == PLAYS;
}

UNIT(crew, tells_everything_in_the_order_of_the_list)
{
    static const size_t workers[] = {1, 2, 3, PLAYS + 9};

    for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) {
        unit_int(run(speak, workers[i], false, true), 0);
        unit_true(is_in_order());
        unit_true(seen.is_text_right && seen.is_trace_right);
        unit_int((long long)seen.n_died, 0);
    }
}

UNIT(crew, gives_each_play_a_process_when_asked)
{
    unit_int(run(speak, 2, true, false), 0);
    unit_true(is_in_order());
    unit_int((long long)seen.n_died, 0);
}

UNIT(crew, has_nothing_to_do)
{
    const struct crew_work work = {
        .n = 0, .play = speak, .take = take, .died = died};

    reset();
    unit_int(crew_run(&work, 2, false, false), 0);
    unit_int((long long)seen.n, 0);
}

/* A crash costs one play; the others go on, in new processes. */
static enum world_end crash_some(void *arg, size_t i, FILE *tap, FILE *trace)
{
    if (i == 3 || i == 4 || i == PLAYS - 1)
        kill(getpid(), SIGKILL);
    return speak(arg, i, tap, trace);
}

UNIT(crew, a_crash_costs_one_play)
{
    unit_int(run(crash_some, 2, false, false), 0);
    unit_int((long long)seen.n, PLAYS - 3);
    unit_int((long long)seen.n_died, 3);
    unit_int((long long)seen.died[0], 3);
    unit_int((long long)seen.died[1], 4);
    unit_int((long long)seen.died[2], PLAYS - 1);
    unit_true(WIFSIGNALED(seen.status) && WTERMSIG(seen.status) == SIGKILL);
}

/* As a sanitizer does that finds a leak: the plays were well. */
static void end_badly(void)
{
    _exit(23);
}

static enum world_end leak(void *arg, size_t i, FILE *tap, FILE *trace)
{
    if (i == 0)
        atexit(end_badly);
    return speak(arg, i, tap, trace);
}

UNIT(crew, a_bad_end_is_told_of_the_last_play)
{
    unit_int(run(leak, 1, false, false), 0);
    unit_int((long long)seen.n, PLAYS - 1);
    unit_int((long long)seen.n_died, 1);
    unit_int((long long)seen.died[0], PLAYS - 1);
    unit_int(WEXITSTATUS(seen.status), 23);
}

/* A play that ends its process without a word has not passed. */
static enum world_end go_away(void *arg, size_t i, FILE *tap, FILE *trace)
{
    if (i == 7)
        _exit(0);
    return speak(arg, i, tap, trace);
}

UNIT(crew, silence_is_no_answer)
{
    unit_int(run(go_away, 2, false, false), 0);
    unit_int((long long)seen.n_died, 1);
    unit_int((long long)seen.died[0], 7);
    unit_true(seen.status != 0);
}

UNIT(crew, has_room)
{
    unit_true(crew_room() >= 1);
}
