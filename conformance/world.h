/* SPDX-License-Identifier: Apache-2.0
 * world.h - one world from inside: the clock, the place, the members.
 *
 * On a fake, time is the hub's virtual clock, moved from event to event: the
 * next thing due in any member, server or link. Between two events the world
 * settles: it serves its sockets until every operation under way is answered
 * or provably held back by a link. On a real server the same code waits.
 */
#ifndef WORLD_H
#define WORLD_H

#include "fake.h"
#include "place.h"
#include "trace.h"

#include <pthread.h>
#include <setjmp.h>

enum world_end {
    WORLD_PASSED,
    WORLD_FAILED,
    WORLD_SKIPPED,
    WORLD_BROKEN,
};

struct world_options {
    struct place *place;
    uint64_t seed;
    const char *size;      /* check, gate, nightly, memcheck              */
    const char *neighbour; /* command of neighbours; NULL: none           */
    int64_t neighbour_limit_ms; /* real; how long one may think; 0: default */
};

#define COMMANDS_MAX 40

struct member {
    struct member *next;
    struct world *w;
    char label[64]; /* in the trace                                */
    char name[256]; /* the member's id; "" an observer             */
    struct sg *sg;
    struct fake_link *links[PLACE_SERVERS_MAX];
    int64_t timeout_ms;
    enum world_side side;  /* which store, of a pair                       */
    uint64_t random_state; /* atomic                                      */
    unsigned wakes;        /* atomic; of the driver's waiting calls       */
    unsigned wakes_seen;
    bool is_paused, is_gone; /* not stepped; gone: for good                 */
    unsigned events[SG_EV_REFUSED + 1];
    unsigned faults_set;   /* that must strike before the end             */
    uint64_t waits_before; /* cost_begin()                                */
    unsigned counts_before[COMMANDS_MAX];
    /* a resolver that never answers */
    bool has_no_dns;
    pthread_mutex_t dns_lock;
    pthread_cond_t dns_changed;
    bool is_resolving, is_released; /* under dns_lock                      */
};

struct world {
    jmp_buf out;
    struct place *place;
    const char *size;
    uint64_t seed;
    struct fake_hub *hub;
    struct fake *servers[PLACE_SERVERS_MAX]; /* the fake, or the proxies   */
    size_t n_servers;
    size_t n_new; /* of them the new store's; the old one of a pair is last */
    struct member *members, **members_end;
    struct neighbour *neighbours, **neighbours_end;
    const char *neighbour;
    int64_t neighbour_limit_ms;
    int64_t T, start_ms, clock_mark_ms;
    struct trace trace;
    enum world_end end;
    char why[2048];
    unsigned checks;
    int open_handles; /* atomic                                      */
    char *remembered;
    struct store *store; /* the raw session, opened when first needed   */
    struct fake_link *store_link;
    int store_port;
    bool is_stopping;
};

/* Play one scenario in a world of its own. Returns how it ended; `ret_world`
 * keeps trace and reason until world_free(). */
enum world_end world_play(const struct scenario *scenario,
                          const struct world_options *options,
                          struct world **ret_world);
void world_free(struct world *w);

/* End the scenario, from its own thread. */
void world_fail(struct world *w, enum world_end end, const char *format, ...)
    __attribute__((format(printf, 3, 4), noreturn));
/* Note that the harness cannot be trusted; the scenario ends at its next
 * expectation. May be called while the driver waits. */
void world_broken(struct world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void world_note(struct world *w, const char *actor, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* time.c */
int64_t world_clock(const struct world *w); /* the hub's                 */
void world_settle(struct world *w);
/* One event on, at most until `until_ms` (the hub's clock). */
void world_advance(struct world *w, int64_t until_ms);
/* The wait of a member's public calls (sg_env.wait). */
void world_wait(struct member *m, int64_t until_ms);
/* Sockets, at most for so long in real time; on a real server hearts, too. */
void world_serve(struct world *w, int64_t max_real_ms);
/* Run something that blocks, on a thread, while the world is served. */
int world_blocking(struct world *w, int (*work)(void *arg), void *arg);

/* member.c */
struct member *member_open(struct world *w, const char *name, const char *label,
                           const char *url_tail, int64_t report_interval_ms,
                           bool has_no_dns);
/* Of a pair: with the URL of one store, or of the bridge between both. */
struct member *member_open_side(struct world *w, const char *name,
                                const char *label, enum world_side side,
                                int64_t report_interval_ms);
void member_end(struct member *m); /* close the handle          */
void member_free(struct member *m);
/* Is something held back that an operation on this store (of a bridge: 0 the
 * new one, 1 the old one) may wait for? */
bool member_is_holding(struct member *m, size_t store);

/* server.c */
void world_store_close(struct world *w);
/* Undo what an earlier scenario did to a real server. */
void world_server_restore(struct world *w);
/* A verb of the control command of a real server; SKIP where it has none. */
void world_control(struct world *w, enum world_side side, const char *verb);
/* pair.c */
void world_old_restore(struct world *w);

#endif
