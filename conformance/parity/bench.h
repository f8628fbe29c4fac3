/* SPDX-License-Identifier: Apache-2.0
 * bench.h - scripts run on both, compared, run again, shrunk.
 */
#ifndef PARITY_BENCH_H
#define PARITY_BENCH_H

#include "lane.h"

/* One protocol, one real server, and what was seen of them. */
struct parity_bench {
    const struct parity_protocol *protocol;
    const char *host;
    int port;
    struct parity_setting setting;
    size_t lanes;      /* scripts at once                                   */
    uint64_t prefixes; /* the next one                                      */
    bool is_on_terminal;

    size_t ops, ops_after_wait, refused_ops, scripts;
    size_t late;  /* runs that were not compared, and done again              */
    size_t moved; /* how often the server's clock was not where it was     */
    size_t unsteady, divergences, never_compared;
    char broken[256]; /* the first reason why the run proves nothing, or ""  */
};

struct parity_job {
    const struct parity_script *script;
    char prefix[PARITY_PREFIX_LENGTH + 1];
    struct parity_outcome real, fake;
};
void parity_job_free(struct parity_job *job); /* not the script            */

/* Says why the run is broken, if it is not yet. */
void parity_bench_break(struct parity_bench *bench, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* One line of progress on a terminal. */
void parity_bench_tell(const struct parity_bench *bench, const char *format,
                       ...) __attribute__((format(printf, 2, 3)));

/* All at once, in real time. Outcomes are written over. */
int parity_real_run(struct parity_bench *bench, struct parity_job *const *jobs,
                    size_t n);
/* One, on a hub of its own. */
int parity_virtual_run(struct parity_bench *bench, struct parity_job *job);

/* Runs all on both, as many at once as the bench allows, late ones again.
 * What is late after all attempts has real.is_late. */
int parity_bench_run(struct parity_bench *bench, struct parity_job *jobs,
                     size_t n);
/* The first op at which the two differ; SIZE_MAX: none. */
size_t parity_job_difference(const struct parity_job *job);

/* Makes a script that differs as short as it can: *ret_job owns nothing but
 * outcomes, *ret_script is its script. */
int parity_shrink(struct parity_bench *bench,
                  const struct parity_script *script,
                  struct parity_script *ret_script, struct parity_job *ret_job);

#endif
