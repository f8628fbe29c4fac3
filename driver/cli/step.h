/* SPDX-License-Identifier: Apache-2.0
 * step.h - the steps of a migration, and whether the next one is safe.
 */
#ifndef CLI_STEP_H
#define CLI_STEP_H

#include "fleet.h"

/* With a bridge: read either, roll, read new, drop old. */
enum step { STEP_BRIDGE, STEP_ROLL, STEP_SWITCH, STEP_DROP, STEPS };

/* "bridge-readers", ...; STEPS: no such step. */
enum step step_find(const char *name);
const char *step_name(enum step step);
const char *step_text(enum step step);

enum safety {
    SAFE,
    UNSAFE,  /* a host would be false-down, or a dead one is hidden        */
    UNKNOWN, /* a store did not answer, so nobody can say                  */
};
/* Why one host holds the step up; NULL: it does not. */
const char *step_holds(const struct fleet *f, enum step step,
                       const struct host *h, int64_t needed_ms,
                       enum safety *ret);
/* All hosts together; the worst. `needed_ms`: how long a host must have been
 * up in the new store. */
enum safety step_judge(const struct fleet *f, enum step step,
                       int64_t needed_ms);
/* What is wrong with the two URLs themselves; NULL: nothing. */
const char *step_misfit(const struct fleet *f);

#endif
