/* SPDX-License-Identifier: Apache-2.0
 * neighbour.h - a member of Python tooz from inside: a child process that
 * does one thing at a time, as the world tells it.
 *
 * It has a link of its own, like a member. While its answer is awaited the
 * world is served and no virtual time passes; the answer line is the event,
 * so real time decides nothing. A child that dies unasked or does not answer
 * within a generous real limit makes the scenario BROKEN, with its stderr.
 */
#ifndef NEIGHBOUR_H
#define NEIGHBOUR_H

#include "world.h"

#include <sys/types.h>

struct neighbour {
    struct neighbour *next;
    struct world *w;
    char label[64];
    char name[256];
    bool is_text; /* its id is a str to Python                   */
    pid_t pid;    /* 0: gone                                     */
    int talk;     /* a socket: its stdin and stdout; -1          */
    int errors;   /* a file with its stderr; -1                  */
    char *line;   /* what it said last, and not yet a whole line */
    size_t length, room;
    char *answer; /* of the last verb                            */
    struct fake_link *links[PLACE_SERVERS_MAX];
    int64_t beat_due_ms;
    bool is_stopped, is_dark; /* not stepped                        */
    bool is_asked;            /* it owes an answer                  */
};

/* Spawned by world.neighbour, a command for the shell, and told to start: its
 * answer is to be heard. */
struct neighbour *neighbour_open(struct world *w, const char *name,
                                 const char *label, bool is_text);
/* Ends the process as it stands. */
void neighbour_end(struct neighbour *n);
void neighbour_free(struct neighbour *n);

/* One request, one answer, valid until the next request or beat; NULL when
 * there is none, and the world is then BROKEN. */
const char *neighbour_ask(struct neighbour *n, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same without waiting; neighbour_hear() takes the answer. */
int neighbour_tell(struct neighbour *n, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *neighbour_hear(struct neighbour *n);

/* Wait until it has ended by itself, and its connections with it. */
void neighbour_await_end(struct neighbour *n);
void neighbour_signal(struct neighbour *n, int signal);
/* Its network; it would stand in its socket, so it is not told to beat. */
void neighbour_set_dark(struct neighbour *n, bool is_dark);

/* When its next beat is due; INT64_MAX: not to be stepped now. */
int64_t neighbour_due(const struct neighbour *n);
void neighbour_step(struct neighbour *n);

#endif
