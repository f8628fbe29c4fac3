/* SPDX-License-Identifier: Apache-2.0
 * main.c - sg-conformance: its arguments.
 */
#include "runner.h"

#include <argp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_CLAUSE = 256,
    KEY_SIZE,
    KEY_TICK,
    KEY_CONTROL,
    KEY_OLD_CONTROL,
    KEY_TRACE,
    KEY_NEIGHBOUR,
    KEY_CLAUSES,
    KEY_OPEN
};

struct arguments {
    struct runner_options run;
    const char *contract, *open;
};

static const struct argp_option options[] = {
    {"place", 'p', "PLACE", 0,
     "fake:redis, fake:kazoo, fake:memcached, or the URL of a real server "
     "with numeric hosts; may be given again (default: the three fakes)",
     0},
    {"only", 'o', "TEXT", 0,
     "scenarios whose chapter/name holds TEXT; may be given again", 0},
    {"clause", KEY_CLAUSE, "N.M", 0, "scenarios that prove this clause", 0},
    {"list", 'l', 0, 0, "list the scenarios and their clauses", 0},
    {"jobs", 'j', "N", 0,
     "processes that play at the same time, on fakes (default: one for each "
     "CPU); 1: all in this one",
     0},
    {"fork", 'f', 0, 0, "each scenario in a process of its own", 0},
    {"seed", 's', "N", 0, "of names, jitter and phases (default 1)", 0},
    {"size", KEY_SIZE, "SIZE", 0, "check, gate, nightly or memcheck", 0},
    {"tick", KEY_TICK, "MS", 0, "tickTime of the ZooKeeper place", 0},
    {"control", KEY_CONTROL, "COMMAND", 0,
     "a real place: COMMAND VERB kills, starts, pauses it; it is emptied "
     "before every scenario",
     0},
    {"old-control", KEY_OLD_CONTROL, "COMMAND", 0,
     "the same of the old store of a pair", 0},
    {"neighbour", KEY_NEIGHBOUR, "COMMAND", 0,
     "play the scenarios with members of Python tooz, too: COMMAND is an "
     "agent (neighbours/tooz_agent.py)",
     0},
    {"trace", KEY_TRACE, "FILE", 0, "write every trace to FILE", 0},
    {"clauses", KEY_CLAUSES, "FILE", 0,
     "do the clauses of FILE (CONTRACT.md) and the scenarios cover each "
     "other?",
     0},
    {"open", KEY_OPEN, "FILE", 0, "with --clauses: those known to be open", 0},
    {0},
};

static int take(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case 'p':
        if (a->run.n_places == RUNNER_PLACES_MAX)
            argp_error(state, "more than %d places", RUNNER_PLACES_MAX);
        a->run.places[a->run.n_places++] = text;
        return 0;
    case 'o':
        if (a->run.n_only == RUNNER_ONLY_MAX)
            argp_error(state, "--only more than %d times", RUNNER_ONLY_MAX);
        a->run.only[a->run.n_only++] = text;
        return 0;
    case KEY_CLAUSE:
        a->run.clause = text;
        return 0;
    case 'l':
        a->run.is_list = true;
        return 0;
    case 'j':
        a->run.jobs = strtoul(text, NULL, 10);
        if (a->run.jobs == 0)
            argp_error(state, "no number of jobs: \"%s\"", text);
        return 0;
    case 'f':
        a->run.is_forked = true;
        return 0;
    case 's':
        a->run.seed = strtoull(text, NULL, 10);
        return 0;
    case KEY_SIZE:
        if (strcmp(text, "check") != 0 && strcmp(text, "gate") != 0 &&
            strcmp(text, "nightly") != 0 && strcmp(text, "memcheck") != 0)
            argp_error(state, "no size \"%s\"", text);
        a->run.size = text;
        return 0;
    case KEY_TICK:
        a->run.tick_ms = strtoll(text, NULL, 10);
        return 0;
    case KEY_CONTROL:
        a->run.control = text;
        return 0;
    case KEY_OLD_CONTROL:
        a->run.old_control = text;
        return 0;
    case KEY_TRACE:
        a->run.trace_file = text;
        return 0;
    case KEY_NEIGHBOUR:
        a->run.neighbour = text;
        return 0;
    case KEY_CLAUSES:
        a->contract = text;
        return 0;
    case KEY_OPEN:
        a->open = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = take,
        .doc = "Plays the scenarios of the service group contract on fakes and "
               "real servers."
               "\v"
               "TAP goes to standard output. Status: 0 passed, 1 failed, "
               "2 wrong use, 3 broken harness.",
    };
    static const char *const fakes[] = {
        "fake:kazoo",
        "fake:memcached",
        "fake:redis",
        "fake:nova-mc+fake:kazoo",
        "fake:nova-mc+fake:memcached",
        "fake:nova-mc+fake:redis",
        "fake:nova-zk+fake:kazoo",
        "fake:nova-zk+fake:memcached",
        "fake:nova-zk+fake:redis",
        "fake:nova-mitaka+fake:memcached",
        "fake:nova-juno+fake:kazoo",
    };
    struct arguments a = {.run = {.size = "check", .seed = 1}};

    argp_err_exit_status = 2;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    signal(SIGPIPE, SIG_IGN);
    if (a.contract != NULL)
        return clauses_check(a.contract, a.open);
    if (a.run.n_places == 0) {
        memcpy(a.run.places, fakes, sizeof fakes);
        a.run.n_places = sizeof fakes / sizeof *fakes;
    }
    return runner_run(&a.run, argv[0]);
}
