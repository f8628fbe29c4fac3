/* SPDX-License-Identifier: Apache-2.0
 * redis_run.h - what the sources of parity's Redis protocol share.
 *
 * An op is words, one request after the other:
 *     SET ~a v PX 625 ; GET ~a          a pipeline of two
 *     inline PING                       not as an array of bulk strings
 *     raw 2 *x\r\n                      so many answers (or the end) await it
 *     loop SSCAN ~a % COUNT 20          `%` is the cursor of the step before;
 *     loopend                           what all steps together brought
 * A word "" is empty; @+625 is the Unix time in ms, so much after the op's
 * nominal time, @s+625 the same in s with that many s; sha=TEXT is the SHA-1
 * of a script.
 *
 * Written down, what differs by right:
 * - listings of sets, hashes, keys and channels are sorted, as the real
 *   server keeps them in no order;
 * - times to live are cut to the grid on which generators lay them, long
 *   ones to 100 s; SHA-1 sums and ids of clients are ranks;
 * - UNSUBSCRIBE of all names them sorted, each without how many are left;
 * - of INFO only what both promise is shown; counts of all keys, of all
 *   patterns and the time of day are "some";
 * - messages of one moment that come in the order of a hash table are
 *   sorted: those for several patterns, those of keys that expired; of
 *   "__keyevent@" only those about keys of this script count.
 */
#ifndef PARITY_REDIS_RUN_H
#define PARITY_REDIS_RUN_H

#include "parity.h"

/* Ops lie on multiples of it, the ends of keys half between: a server that
 * is late by less than half of it gives the same answers. */
#define REDIS_GRID_MS 500

/* How an answer is written down. */
enum redis_shape {
    REDIS_PLAIN,
    REDIS_SORTED, /* an array in no order                                    */
    REDIS_PAIRS,  /* the same, of pairs                                      */
    REDIS_SCAN,   /* cursor, then REDIS_SORTED                               */
    REDIS_SCAN_PAIRS,
    REDIS_SOME, /* that there is a number                                    */
    REDIS_TIME,
    REDIS_LEFT_MS, /* PTTL                                                   */
    REDIS_LEFT_S,
    REDIS_UNTIL_MS, /* PEXPIRETIME                                           */
    REDIS_UNTIL_S,
    REDIS_ID, /* of a client                                                 */
    REDIS_HELLO,
    REDIS_INFO,
    REDIS_SUBSCRIBE,   /* one answer for each name                           */
    REDIS_UNSUBSCRIBE, /* the same; for all there are, when none is named    */
    REDIS_EXEC,
    REDIS_DISCARD,
    REDIS_LOOP,   /* one step                                                */
    REDIS_HIDDEN, /* the core asked, not the script                          */
    REDIS_BARRIER,
    REDIS_END, /* the connection closes                                      */
};

/* ---- values ----------------------------------------------------------- */

struct redis_value {
    char kind; /* + - : $ *; `_` for null, `0` for a null array              */
    int64_t number;
    const uint8_t *at; /* + - $: into the bytes that came                    */
    size_t length;
    struct redis_value *items;
    size_t count;
};

/* The first value's bytes; 0: it is not whole, -EPROTO: it is none. */
ssize_t parity_redis_measure(const uint8_t *bytes, size_t length);
/* A value that is whole. False: out of memory. */
bool parity_redis_read(const uint8_t *bytes, size_t length,
                       struct redis_value *ret_value);
void parity_redis_value_free(struct redis_value *value);
bool parity_redis_is(const struct redis_value *value, const char *text);

/* ---- state of a run --------------------------------------------------- */

struct redis_awaited {
    enum redis_shape shape;
    size_t names; /* subscribe, unsubscribe: so many more answers            */
    bool is_begun, is_pattern, is_of_all;
};

/* Messages that may be put in order, as lines. */
struct redis_held {
    char **lines;
    size_t count, room;
    char *what; /* that they have in common                                  */
};

struct redis_conn {
    struct redis_awaited *awaited; /* from `first` on                        */
    size_t first, count, room;
    enum redis_shape *queued; /* of the commands since MULTI                 */
    size_t queued_count, queued_room;
    size_t channels, patterns; /* it has subscribed to                       */
    struct redis_held held;
    struct redis_held left; /* answers to UNSUBSCRIBE of all                 */
};

struct redis_own {
    int64_t wall_less_ms; /* Unix time less the place's clock                */
    struct redis_conn conns[PARITY_CONNS];
    struct parity_ranks shas, ids;
    struct parity_bytes cursor; /* of the loop; empty: it has not begun      */
    struct redis_held loop;
    bool is_loop_over;
    bool is_short; /* out of memory: the run says so                         */
};

/* Unix time of the op at work. */
int64_t parity_redis_wall_ms(const struct parity_run *run);

/* False: out of memory. */
bool parity_redis_await(struct redis_conn *conn, enum redis_shape shape,
                        size_t names);

/* ---- redis_ask.c ------------------------------------------------------ */

int parity_redis_encode(struct parity_run *run, int conn, const char *text,
                        struct parity_bytes *out);
void parity_redis_add_request(struct parity_bytes *out, size_t count,
                              const char *const *words);

/* ---- redis_reply.c, redis_show.c, redis_push.c ------------------------ */

ssize_t parity_redis_take(struct parity_run *run, int conn,
                          const uint8_t *bytes, size_t length);
/* Add the value as text. */
void parity_redis_show(struct parity_run *run, const struct redis_value *value,
                       enum redis_shape shape, struct parity_bytes *out);

bool parity_redis_is_push(const struct redis_value *value);
void parity_redis_push(struct parity_run *run, int conn,
                       const struct redis_value *value);
/* Say what is held back. */
void parity_redis_flush(struct parity_run *run, int conn);
bool parity_redis_hold(struct redis_held *held, struct parity_bytes *line);
void parity_redis_sort(struct redis_held *held);
void parity_redis_drop(struct redis_held *held);

/* ---- redis_make.c ----------------------------------------------------- */

void parity_redis_generate(struct parity_dice *dice,
                           struct parity_script *script, size_t n_ops);

#endif
