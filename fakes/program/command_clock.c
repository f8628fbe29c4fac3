/* SPDX-License-Identifier: Apache-2.0
 * command_clock.c - the control language: the clock.
 */
#include "command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* Every command of the clock answers with what it is then. */
static void now(struct program_call *call)
{
    const struct program *p = call->program;

    program_ok(call, "now %" PRId64 " rate %g wall %" PRId64, fake_now(p->hub),
               p->rate, fake_wall_ms(p->hub));
}

static void set_rate(struct program_call *call, double rate)
{
    int err = program_set_rate(call->program, rate);

    if (err == 0)
        now(call);
    else
        program_verdict(call, err);
}

static void stop(struct program_call *call)
{
    set_rate(call, 0);
}

static void run(struct program_call *call)
{
    set_rate(call, 1);
}

/* Digits with at most one point among them: what strtod() takes beyond that
 * ("inf", "0x1p3") is nothing anybody means here. */
static void rate(struct program_call *call)
{
    const char *word = program_word(call, 1);
    char *end = NULL;
    double x = -1;

    if (*word >= '0' && *word <= '9' && word[1] != 'x' && word[1] != 'X')
        x = strtod(word, &end);
    if (x > 0 && x <= FAKE_FASTEST && *end == '\0')
        set_rate(call, x);
    else
        program_refuse(call, "\"%s\" is no number above 0, up to %.0f", word,
                       FAKE_FASTEST);
}

static void step(struct program_call *call)
{
    int64_t ms = program_word_ms(call, 1);
    int err;

    if (ms < 0)
        return;
    err = program_step(call->program, ms);
    if (err == 0)
        now(call);
    else if (err == -ERANGE)
        program_refuse(call, "that is too far");
    else
        program_verdict(call, err);
}

const struct program_command program_clock_commands[] = {
    {"now", "", "the clock: milliseconds since the start, rate, Unix ms", 0, 0,
     now},
    {"stop", "", "the clock stands, and all that would expire waits", 0, 0,
     stop},
    {"run", "", "it goes on, as fast as real time", 0, 0, run},
    {"rate", "X", "it goes on, X times as fast as real time", 1, 1, rate},
    {"step", "MS", "move it on at once, running or not; events in their order",
     1, 1, step},
    {0},
};
