/* SPDX-License-Identifier: Apache-2.0
 * mc.h - the parts of memcached's parity.
 *
 * The text of an op is bytes (see parity_unescape), with these in braces:
 *     {cas N}        the N-th unique number seen in this run, 0 if there is
 * none {unix +S}      the server's Unix time then, S seconds later (or -S) {x
 * N}          N times the letter x {b OPCODE EXTRAS KEY VALUE CAS}  a binary
 * request: OPCODE in hexadecimal; EXTRAS is - or WIDTH:NUMBER,... with NUMBER
 * decimal or unix+S; KEY and VALUE are -, bytes, or *N for N letters x; CAS is
 * decimal or #N A connection speaks binary when the first op on it begins with
 * {b or \x80.
 *
 * Normal form: unique numbers are ranks of first sight (#N; 0 stays 0), values
 * over 64 bytes are their length and a hash, everything else is as it came.
 * After each op follows a question whose answer nothing else gives: `get ~!`,
 * or a noop with an opaque of its own. So silence and noreply are certain.
 */
#ifndef PARITY_MC_H
#define PARITY_MC_H

#include "parity.h"

#define PARITY_MC_HEADER 24
/* The opaque of the questions after ops begins so. */
#define PARITY_MC_QUESTION UINT32_C(0xfe000000)

/* setting.own[] */
enum {
    PARITY_MC_PHASE_MS,  /* the server's clock ticks there in each second    */
    PARITY_MC_UNIX,      /* its Unix time less the number of ticks since 0   */
    PARITY_MC_EVICTIONS, /* until then                                       */
};

struct parity_mc_conn {
    bool is_binary;
    size_t awaited;    /* questions after ops not yet answered               */
    uint32_t requests; /* binary ones: their opaque                          */
    uint32_t questions;
    bool is_answered; /* text: the END of the answer is still to come        */
};

struct parity_mc {
    struct parity_mc_conn conns[PARITY_CONNS];
    struct parity_ranks ranks;
};

/* The server's Unix time at the run's nominal moment. */
int64_t parity_mc_unix(const struct parity_run *run);
int parity_mc_calibrate(const char *host, int port,
                        struct parity_setting *ret_setting, char why[128]);
bool parity_mc_still_holds(const char *host, int port,
                           const struct parity_setting *setting);

int parity_mc_encode(struct parity_run *run, int conn, const char *text,
                     struct parity_bytes *out);
/* The question after an op, counted as awaited. */
void parity_mc_ask(struct parity_run *run, int conn, struct parity_bytes *out);
ssize_t parity_mc_take(struct parity_run *run, int conn, const uint8_t *bytes,
                       size_t length);
void parity_mc_generate(struct parity_dice *dice, struct parity_script *script,
                        size_t n_ops);
/* What one binary request of a generated script looks like, or a text one. */
void parity_mc_make_binary(struct parity_dice *dice, struct parity_bytes *out);
void parity_mc_make_text(struct parity_dice *dice, struct parity_bytes *out);
const char *parity_mc_make_exptime(struct parity_dice *dice, char out[32],
                                   bool is_binary);

#endif
