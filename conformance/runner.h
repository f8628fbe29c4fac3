/* SPDX-License-Identifier: Apache-2.0
 * runner.h - the table of scenarios, what to run, and what came out.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include "world.h"

#define RUNNER_PLACES_MAX 24
#define RUNNER_ONLY_MAX 32

struct runner_options {
    const char *places[RUNNER_PLACES_MAX];
    size_t n_places;
    const char *only[RUNNER_ONLY_MAX]; /* parts of "chapter/name"         */
    size_t n_only;      /* 0: all                                      */
    const char *clause; /* only scenarios that name it                 */
    const char *size;
    const char *control, *old_control;
    const char *neighbour;  /* command; NULL: scenarios without          */
    const char *trace_file; /* every trace goes there                      */
    uint64_t seed;
    int64_t tick_ms;
    size_t jobs; /* processes that play on fakes; 0: one for each CPU */
    bool is_list, is_forked;
};

/* All scenarios, sorted by chapter and name; NULL ends. */
const struct scenario *const *runner_scenarios(size_t *ret_count);
bool runner_names_clause(const struct scenario *s, const char *clause);

/* Exit status: 0 passed, 1 failed, 2 wrong use, 3 BROKEN. */
int runner_run(const struct runner_options *options, const char *program);

/* clauses.c: do CONTRACT.md, the scenarios and the list of open clauses
 * cover each other? Prints what does not; 0 or 1. */
int clauses_check(const char *contract_file, const char *open_file);

#endif
