/* SPDX-License-Identifier: Apache-2.0
 * play.h - a whole back end before a hostile server, as one input says: what
 * its targets share.
 *
 * The first part of an input says how the server behaves, which allocation
 * fails and which verbs are run; the others are the server's answers (peer.h),
 * or all that follows is the script of the library that is played (zoo.h).
 */
#ifndef FUZZ_PLAY_H
#define FUZZ_PLAY_H

#include "peer.h"
#include "scene.h"
#include "zoo.h"

/* A back end with a socket of its own. */
struct play_peer {
    const struct sg_backend_kind *kind;
    /* What `how`, the input's first byte, says beside the server's manners.
     * It stays where it is until the end. May be NULL. */
    void (*set_up)(struct scene *s, struct peer *p, const uint8_t *how);
    /* What an answered verb owes to what was received. */
    void (*claim)(const struct scene *s, const struct peer *p,
                  const struct sg_op *op);
};
void play_peer(const struct play_peer *play, const uint8_t *bytes,
               size_t length);

/* .. and one above libzookeeper. */
struct play_zoo {
    const struct sg_backend_kind *kind;
    void (*set_up)(struct scene *s, const uint8_t *how); /* may be NULL      */
    void (*claim)(const struct zoo *z, const struct sg_op *op);
};
void play_zoo(const struct play_zoo *play, const uint8_t *bytes, size_t length);

#endif
