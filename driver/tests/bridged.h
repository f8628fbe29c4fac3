/* SPDX-License-Identifier: Apache-2.0
 * bridged.h - a bridge between two stubs, and a clock that its waits move.
 *
 * A bridge finds its stores by their schemes, which stubs do not have: here
 * two handles are made one as sg_open() does it. A call that waits moves the
 * clock as far as it would wait, as soon as all that is under way stands still.
 */
#ifndef BRIDGED_H
#define BRIDGED_H

#include "stub_backend.h"

#include <pthread.h>

#define BRIDGED_DEADLINE 2000
#define BRIDGED_TENTH 201 /* the time that is left when there is enough   */

struct bridged {
    struct stub *stub[2]; /* the new store, the old one                  */
    struct sg *sg;
    pthread_mutex_t lock; /* guards all below                            */
    pthread_cond_t cond;
    int64_t now_ms;
    uint64_t changes, taken, random;
    unsigned ended;
};

/* A member "m" of both; `promises` of each. */
struct bridged *bridged_new(unsigned new_promises, unsigned old_promises);
void bridged_free(struct bridged *b);

int64_t bridged_now(struct bridged *b);
void bridged_pass(struct bridged *b, int64_t ms);
/* Wait (really) until all that is under way stands still. */
void bridged_rest(struct bridged *b);
/* Let a beat's time pass, and do what is due then. */
void bridged_beat(struct bridged *b);

#endif
