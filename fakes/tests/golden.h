/* SPDX-License-Identifier: Apache-2.0
 * golden.h - recorded conversations of Python tooz, and how they are read.
 *
 * One string each:
 *     "== step"      the call of tooz, and the error it ended with
 *     "A> bytes"     client A (B, C, D) sent this in one piece
 *     "A< bytes"     the server answered exactly this
 *     "A~ bytes"     the answer began like this and the rest is not recorded
 *     "A* bytes"     sent here to come to the state of the next step
 * In bytes, <81c4 06> stands for bytes that are no text.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stddef.h>
#include <stdint.h>

#define GOLDEN_MAX 512

struct golden_line {
    const char *step; /* the last "== step" before it, and ...      */
    int row;          /* ... its number in the table                  */
    int client;       /* 0 for A                                      */
    char what;        /* > < ~ *                                      */
    uint8_t bytes[GOLDEN_MAX];
    size_t length;
};

/* The line at *row, which must be 0 at first, and go on; NULL ends it. */
const struct golden_line *golden_next(const char *const *lines, int *row,
                                      struct golden_line *line);

#endif
