/* SPDX-License-Identifier: Apache-2.0
 * trace.h - what happened in one world, a line per event, with its time.
 *
 * No port, token, xid or real time stands in it, and epochs stand as ranks,
 * so that one seed gives one trace, byte for byte.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TRACE_EPOCHS 64

struct trace {
    char *text;
    size_t length, room;
    uint64_t epochs[TRACE_EPOCHS];
    size_t n_epochs;
};

void trace_free(struct trace *t);
/* "  12.345 actor text" */
void trace_add(struct trace *t, int64_t at_ms, const char *actor,
               const char *text);
/* The same, put before greater lines that one moment and actor gave just now:
 * two servers work at once, and neither is first. */
void trace_add_sorted(struct trace *t, int64_t at_ms, const char *actor,
                      const char *text);
/* The order in which this epoch was first seen, from 1; 0 stays 0. */
unsigned trace_rank(struct trace *t, uint64_t epoch);
/* The last `lines` lines, each after `prefix`. */
void trace_print(const struct trace *t, FILE *to, const char *prefix,
                 size_t lines);

#endif
