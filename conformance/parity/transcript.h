/* SPDX-License-Identifier: Apache-2.0
 * transcript.h - what a run was told, line by line.
 */
#ifndef PARITY_TRANSCRIPT_H
#define PARITY_TRANSCRIPT_H

#include "parity.h"

#include <stdarg.h>
#include <stdio.h>

struct parity_line {
    size_t op; /* from 0                                                     */
    int conn;
    char *text;
};

struct parity_transcript {
    struct parity_line *lines;
    size_t count, room;
    size_t settled; /* so many lines belong to ops that are over             */
    bool is_short;  /* memory ran out                                        */
};

void parity_transcript_add(struct parity_transcript *t, size_t op, int conn,
                           const char *prefix, const char *format, va_list args)
    __attribute__((format(printf, 5, 0)));
/* The op is over: its lines are put in order, those of its own connection
 * first, then the others by number. */
void parity_transcript_settle(struct parity_transcript *t, int own_conn);
/* Throws away what was added since. */
void parity_transcript_forget(struct parity_transcript *t);
void parity_transcript_free(struct parity_transcript *t); /* NULL allowed   */

/* The first op whose lines differ; SIZE_MAX: they are equal. */
size_t parity_transcript_compare(const struct parity_transcript *a,
                                 const struct parity_transcript *b);
/* Each line with this before it. */
void parity_transcript_print(const struct parity_transcript *t,
                             const char *before, FILE *out);

#endif
