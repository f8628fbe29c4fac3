/* SPDX-License-Identifier: Apache-2.0
 * command_server.c - the control language: what happens to a server.
 */
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void stop_server(struct program_call *call)
{
    struct fake *f = program_word_server(call, 1);

    if (f != NULL)
        program_verdict(call, fake_stop(f));
}

static void start_server(struct program_call *call)
{
    struct fake *f = program_word_server(call, 1);
    const char *how = program_word(call, 2);

    if (f == NULL)
        return;
    if (strcmp(how, "keep") != 0 && strcmp(how, "empty") != 0)
        program_refuse(call, "\"%s\" is neither keep nor empty", how);
    else
        program_verdict(call, fake_start(f, strcmp(how, "keep") == 0));
}

static void flush(struct program_call *call)
{
    struct fake *f = program_word_server(call, 1);

    if (f != NULL)
        program_verdict(call, fake_flush(f));
}

static void evict(struct program_call *call)
{
    struct fake *f = program_word_server(call, 1);

    if (f != NULL)
        program_verdict(call, fake_evict(f, program_word(call, 2)));
}

static void age(struct program_call *call)
{
    struct fake *f = program_word_server(call, 1);
    int64_t ms = f == NULL ? -1 : program_word_ms(call, 2);

    if (ms > INT64_MAX / 4)
        program_refuse(call, "that is too old");
    else if (ms >= 0)
        program_verdict(call, fake_set_age(f, ms));
}

/* A condition that a server knows nothing of would change nothing: who asks
 * for it is told. */
static void condition(struct program_call *call)
{
    enum { K = 1 << PROGRAM_KAZOO, M = 1 << PROGRAM_MEMCACHED };
    enum { R = 1 << PROGRAM_REDIS };
    static const struct {
        const char *name;
        enum fake_condition condition;
        unsigned kinds; /* that know it */
    } rows[] = {{"healthy", FAKE_HEALTHY, K | M | R},
                {"read-only", FAKE_READ_ONLY, K | R},
                {"out-of-memory", FAKE_OUT_OF_MEMORY, M | R},
                {"loading", FAKE_LOADING, R},
                {"needs-auth", FAKE_NEEDS_AUTH, R}};
    struct fake *f = program_word_server(call, 1);
    const char *name = program_word(call, 2);
    int err = -ENOTSUP;

    if (f == NULL)
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        if ((rows[i].kinds & 1u << program_kind_of(program_word(call, 1))) != 0)
            err = fake_set_condition(f, rows[i].condition);
        program_verdict(call, err);
        return;
    }
    program_refuse(call,
                   "\"%s\" is none of healthy, read-only, out-of-memory, "
                   "loading, needs-auth",
                   name);
}

static void dump(struct program_call *call)
{
    struct fake *f = program_word_server(call, 1);
    char *text;

    if (f == NULL)
        return;
    text = fake_dump(f);
    if (text == NULL) {
        program_verdict(call, -ENOMEM);
    } else {
        program_ok(call, "%s", "");
        program_lines(call, text);
    }
    free(text);
}

static void refused(struct program_call *call)
{
    struct fake *f = program_word_server(call, 1);

    if (f != NULL)
        program_ok(call, "%u", fake_refused(f));
}

const struct program_command program_server_commands[] = {
    {"stop-server", "SERVER", "it is down: clients are cut off, and refused", 1,
     1, stop_server},
    {"start-server", "SERVER keep|empty",
     "it is up again, with its data or not", 2, 2, start_server},
    {"flush", "SERVER", "it loses all data and stays up", 1, 1, flush},
    {"evict", "SERVER KEY", "it loses one key, or znode", 2, 2, evict},
    {"condition", "SERVER HOW",
     "healthy; kazoo, redis: read-only; memcached, redis: out-of-memory; "
     "redis: "
     "loading, needs-auth (\"secret\")",
     2, 2, condition},
    {"age", "SERVER MS", "it has been up so long", 2, 2, age},
    {"dump", "SERVER", "its data, sorted; lines", 1, 1, dump},
    {"refused", "SERVER", "how many requests it did not speak", 1, 1, refused},
    {0},
};
