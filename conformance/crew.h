/* SPDX-License-Identifier: Apache-2.0
 * crew.h - processes that share a list of plays.
 */
#ifndef CREW_H
#define CREW_H

#include "world.h"

#include <stdio.h>

struct crew_work {
    size_t n; /* plays                                       */
    void *arg;
    /* Play number i, and say what happened: TAP, and its trace when `trace` is
     * not NULL. Runs in a worker. */
    enum world_end (*play)(void *arg, size_t i, FILE *tap, FILE *trace);
    /* What came of it; in the order of the list, in the caller's process.
     * The texts are the caller's until this returns. */
    void (*take)(void *arg, size_t i, enum world_end end, const char *tap,
                 const char *trace);
    /* Instead, when the process that played it died; `status` of waitpid(). */
    void (*died)(void *arg, size_t i, int status);
};

/* How many workers this machine has room for: one for each CPU that we may
 * use. */
size_t crew_room(void);

/* All plays, by `n_workers` processes, each on a CPU of its own; with
 * `is_forked` each play has a process of its own. A worker that ends otherwise
 * than it should (a sanitizer's last word, a signal) is a play that died.
 * To be called before this process has threads.
 * 0, or -1 with errno: no process, no memory; plays may be left out then. */
int crew_run(const struct crew_work *work, size_t n_workers, bool is_forked,
             bool with_traces);

#endif
