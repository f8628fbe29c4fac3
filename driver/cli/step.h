/* SPDX-License-Identifier: Apache-2.0
 * step.h - the steps of a migration, and whether the next one is safe.
 */
#ifndef CLI_STEP_H
#define CLI_STEP_H

#include "fleet.h"
#include "reader.h"

/* With a bridge: read either, roll, read new, drop old. */
enum step { STEP_BRIDGE, STEP_ROLL, STEP_SWITCH, STEP_DROP, STEPS };

/* "bridge-readers", ...; STEPS: no such step. */
enum step step_find(const char *name);
const char *step_name(enum step step);
const char *step_text(enum step step);
/* Looked at for a while, or as things stand. */
bool step_is_timed(enum step step);

enum safety {
    SAFE,
    UNSAFE,  /* a host would be false-down, or a dead one is hidden        */
    UNKNOWN, /* a store did not answer, so nobody can say                  */
};

/* A step, and what is known for it. */
struct judgement {
    enum step step;
    const struct fleet *fleet;
    const struct readers *readers;
    int64_t needed_ms; /* how long a host must have been up in the new store */
};

struct hold {
    enum safety safety;
    const char *why;    /* NULL: it does not hold the step up                */
    const char *reason; /* of a store's silence, or NULL                   */
    int64_t for_ms;     /* so long, as far as was looked; -1: not a matter of
                         * time                                               */
};
struct hold step_host(const struct judgement *j, const struct host *h);
struct hold step_reader(const struct judgement *j, const struct reader *r);

/* All together; the worst. */
enum safety step_judge(const struct judgement *j);
/* The one to take now, as far as the stores show. */
enum step step_next(const struct fleet *f, const struct readers *readers);

#endif
