/* SPDX-License-Identifier: Apache-2.0
 * lane.h - one script on its way through one server, step by step.
 *
 * A lane never waits: parity_lane_step() goes as far as it can at a moment of
 * the place's clock and says what it stands before. Who drives it (real.c,
 * virtual.c) lets time pass and bytes flow.
 */
#ifndef PARITY_LANE_H
#define PARITY_LANE_H

#include "script.h"
#include "socket.h"
#include "transcript.h"

#define PARITY_PREFIX_LENGTH 8

/* What a script and a server had to say to each other. */
struct parity_outcome {
    struct parity_transcript transcript;
    bool is_late;   /* not to be compared                                    */
    bool is_silent; /* an answer never came; the script ended there          */
    int error;      /* it could not be run: -EINVAL a bad text, -ENOMEM ...  */
    size_t error_op;
    size_t ops;         /* that were done                                    */
    size_t refused_ops; /* on the fake: ops it does not speak                */
};
void parity_outcome_free(struct parity_outcome *outcome);

enum parity_lane_stand {
    PARITY_LANE_BYTES, /* before bytes that are to come or to go             */
    PARITY_LANE_TIME,  /* before wake_ms                                     */
    PARITY_LANE_PAUSE, /* the server shall see what it has been sent         */
    PARITY_LANE_OVER,
};

enum parity_lane_phase {
    PARITY_PHASE_WAIT, /* until the op's time                                */
    PARITY_PHASE_BEFORE,
    PARITY_PHASE_OPEN,
    PARITY_PHASE_OP,
    PARITY_PHASE_AFTER,
    PARITY_PHASE_SWEEP_OPEN,
    PARITY_PHASE_SWEEP,
    PARITY_PHASE_OVER,
};

/* Where it runs. */
struct parity_place {
    const struct parity_setting *setting;
    struct fake_hub *hub; /* NULL: real                                      */
    const char *host;
    int port;
};

struct parity_lane {
    struct parity_run run;
    const struct parity_protocol *protocol;
    const char *host;
    int port;
    struct parity_outcome *outcome;
    char prefix[PARITY_PREFIX_LENGTH + 1];
    struct parity_socket sockets[PARITY_CONNS];
    enum parity_lane_phase phase;
    bool is_asked; /* the phase's bytes are on their way                     */
    int64_t wake_ms, keepalive_at_ms;
};

/* Time 0 of the script is `start_ms` of the place's clock. The lane refers to
 * everything it is given but the prefix. On failure it needs no end. */
int parity_lane_begin(struct parity_lane *lane,
                      const struct parity_protocol *protocol,
                      const struct parity_script *script,
                      const struct parity_place *place, int64_t start_ms,
                      const char *prefix, struct parity_outcome *outcome);
void parity_lane_end(struct parity_lane *lane);

enum parity_lane_stand parity_lane_step(struct parity_lane *lane,
                                        int64_t now_ms);
/* An answer never came. */
void parity_lane_give_up(struct parity_lane *lane);

/* How many connections it has open. */
size_t parity_lane_conns(const struct parity_lane *lane);

#endif
