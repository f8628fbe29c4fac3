/* SPDX-License-Identifier: Apache-2.0
 * act.h - one thing that is done while memory fails, and what may come of it.
 */
#ifndef ACT_H
#define ACT_H

#include "scene.h"

struct act {
    const char *name; /* NULL ends the table                           */
    bool is_joined;   /* in grp1 with {'a': 1}, and marks are set       */
    bool is_told;     /* a change of the store: SG_ENOMEM says there was
                       * none                                          */
    void (*prepare)(struct scene *s); /* before memory fails; or NULL     */
    /* The code; what is wrong with the outputs is said. */
    int (*run)(struct scene *s);
    /* With memory again, before it is seen whether the handle works; NULL:
     * nothing more. */
    void (*after)(struct scene *s, int code);
    bool is_lossy; /* the handle may be gone, or its entry           */
};
extern const struct act acts[];

#endif
