/* SPDX-License-Identifier: Apache-2.0
 * env.h - the defaults of what a handle asks of its surroundings.
 */
#ifndef SG_ENV_H
#define SG_ENV_H

#include "servicegroup.h"

#include <time.h>

/* `given` with its empty slots filled; NULL: all defaults. `wait` and `wake`
 * and `abandoned` may stay NULL. */
struct sg_env sg_env_fill(const struct sg_env *given);
/* The moment on CLOCK_MONOTONIC `in_ms` from now, for a condition. */
struct timespec sg_env_deadline(int64_t in_ms);

#endif
