/* SPDX-License-Identifier: Apache-2.0
 * desk.h - one fake, hostile clients that an input plays, and a healthy one
 * that must be served all the same.
 *
 * The parts of an input are steps: the first byte says which and, in its high
 * half, of which client; the rest is what is said.
 */
#ifndef FUZZ_DESK_H
#define FUZZ_DESK_H

#include "net.h"

#define DESK_CLIENTS 4

enum desk_step {
    DESK_SAY,     /* all at once                                          */
    DESK_DRIBBLE, /* a byte at a time                                     */
    DESK_HANG_UP, /* the next word comes on a new connection              */
    DESK_WAIT,    /* up to three bytes of milliseconds                    */
    DESK_VERB,    /* stop, start, flush, ...: desk.c                      */
    DESK_LINK,    /* dark, light, heal, ...                               */
    DESK_FAULT,   /* kind, skip, times, amount, match up to a NUL, bytes  */
    DESK_STICK,   /* the client stops reading, or reads again             */
    DESK_DUMP,
    DESK_SETTLE,
    DESK_STEPS
};

struct desk {
    struct fake_hub *hub;
    struct fake *fake;
    struct fake_link *link[2]; /* of the clients, even and odd              */
    struct fake_link *own;     /* of the healthy one                        */
    struct net_end *client[DESK_CLIENTS];
    struct net_end *healthy;
    bool was_stopped;
};

/* What the healthy client asks, and whether that is the answer. */
struct desk_kind {
    int (*make)(struct fake_hub *hub, struct fake **ret_fake);
    struct fuzz_bytes hello; /* first on a connection; may be empty         */
    size_t hello_bytes;      /* of the answer to it                         */
    struct fuzz_bytes question;
    bool (*is_answer)(struct fuzz_bytes answer);
    bool may_be_closed; /* by what another client says, as by the real one  */
};

void desk_open(struct desk *d, const struct desk_kind *kind);
void desk_step(struct desk *d, struct fuzz_bytes step);
/* Everything is healed, the healthy client asks, all is freed. */
void desk_close(struct desk *d, const struct desk_kind *kind);
/* A whole input. */
void desk_run(const struct desk_kind *kind, const uint8_t *bytes,
              size_t length);

#endif
