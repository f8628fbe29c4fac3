/* SPDX-License-Identifier: Apache-2.0
 * program.h - the fakes as a program: the servers it serves and their links.
 *
 * Everything the control language can reach hangs on one struct program, so
 * that it can be tested without a process.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "fake.h"

#include <stdio.h>

enum program_kind {
    PROGRAM_KAZOO,
    PROGRAM_MEMCACHED,
    PROGRAM_REDIS,
    PROGRAM_KINDS
};

/* "kazoo", "memcached", "redis": also the schemes of their URLs. */
const char *program_kind_name(enum program_kind kind);
/* PROGRAM_KINDS: no such server. */
enum program_kind program_kind_of(const char *name);

struct program_plan {
    bool is_wanted[PROGRAM_KINDS];
    int port[PROGRAM_KINDS]; /* 0: a free one                               */
    int64_t tick_ms;         /* ZooKeeper's                                 */
    int64_t phase_ms;        /* memcached's                                 */
    bool is_stopped;         /* the clock, to begin with                    */
};

struct program_link {
    struct program_link *next;
    struct fake_link *link;
    enum program_kind kind;
    char name[32]; /* "redis-1"                                             */
};

struct program {
    struct fake_hub *hub;
    struct fake *fakes[PROGRAM_KINDS]; /* NULL: not served                  */
    unsigned n_listened[PROGRAM_KINDS];
    struct program_link *links; /* oldest first                             */
    int control_port;           /* 0: none                                  */
    double rate;                /* of the clock; 0: it stands               */
    bool is_over;               /* "quit" was said                          */
};

/* Serves what is wanted, each on its first link. 0, or -errno and in
 * `ret_why` (of `size` bytes) a sentence. */
int program_open(struct program *p, const struct program_plan *plan,
                 char *ret_why, size_t size);
void program_close(struct program *p);

/* One more link to a server that is served. */
int program_listen(struct program *p, enum program_kind kind, int port,
                   struct program_link **ret_link);
void program_unlisten(struct program *p, struct program_link *link);

/* Real time: the clock's own when it stands. */
int program_set_rate(struct program *p, double rate);
/* The clock, moved on by hand; running or not. -ERANGE: too far. */
int program_step(struct program *p, int64_t by_ms);

/* "redis://127.0.0.1:1234", without an end of line. */
void program_print_url(const struct program_link *link, FILE *out);
/* The first link of each server, then the control port; a line each. */
void program_print_urls(const struct program *p, FILE *out);

#endif
