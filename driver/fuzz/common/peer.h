/* SPDX-License-Identifier: Apache-2.0
 * peer.h - a server made of answers that somebody wrote down: what a back end
 * connects to when connect(), send(), recv() and poll() are ours (the linker's
 * --wrap). Nothing waits, and no time passes but the one that is counted.
 *
 * Every request gets the next part of the script for its answer; a request is
 * all that is sent before something is received again. What was not read of
 * an answer stays before the next one, as it would on a connection.
 */
#ifndef FUZZ_PEER_H
#define FUZZ_PEER_H

#include "fuzz.h"

/* What a back end's io_limit_ms must be: a poll() for so long awaits an answer,
 * a shorter one only stands back. */
#define PEER_LIMIT_MS 20000

enum peer_end {
    PEER_CLOSES, /* the connection ends behind the last byte of an answer */
    PEER_RESETS,
    PEER_IS_SILENT,
};

struct peer {
    struct fuzz_bytes script; /* the parts that are left                     */
    enum peer_end end;
    bool refuses; /* to be connected to                              */
    size_t piece; /* bytes received, or sent, at a time              */

    int64_t now_ms;
    bool is_asked; /* since it last said something                    */
    bool is_over;
    /* Room for the whole script each; a call of the socket allocates nothing,
     * because memory may be short just then. */
    uint8_t *queue, *heard;
    size_t queued;  /* said, not received yet                          */
    size_t n_heard; /* received since peer_forget()                    */
};

/* From now on, and until peer_end(), the one peer of the process. */
void peer_begin(struct peer *p);
void peer_end(struct peer *p);
/* A verb begins: what was received before is another's. */
void peer_forget(struct peer *p);
/* Was this received since? */
bool peer_has_said(const struct peer *p, const char *text);
bool peer_ends_with(const struct peer *p, const char *text);

#endif
