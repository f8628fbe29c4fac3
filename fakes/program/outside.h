/* SPDX-License-Identifier: Apache-2.0
 * outside.h - what comes to the program by no port: signals, the end of its
 * owner, lines of standard input. One descriptor for all, to be watched; and
 * standard output, which must not keep the end from coming.
 */
#ifndef PROGRAM_OUTSIDE_H
#define PROGRAM_OUTSIDE_H

#include "program.h"

#include <sys/types.h>

struct program_outside {
    struct program *program;
    int epoll, signals, owner; /* -1: none                                  */
    bool has_stdin;            /* the control language comes by it          */
    bool is_file;              /* it is a file: always ready, never watched */
    bool is_skipping;          /* the rest of a line that is too long       */
    char *input;
    size_t have;
};

/* Blocks the signals. 0, or -errno and in `ret_why` a sentence. */
int program_outside_open(struct program_outside *o, struct program *p,
                         pid_t owner, bool has_stdin, char *ret_why,
                         size_t size);
void program_outside_close(struct program_outside *o);
/* Takes what is there. Not from within fake_poll(). */
void program_outside_run(struct program_outside *o);
/* To standard output. Waits while nobody reads it, but not beyond the end of
 * the program: then what is left is lost. */
void program_outside_print(struct program_outside *o, const char *text,
                           size_t length);

#endif
