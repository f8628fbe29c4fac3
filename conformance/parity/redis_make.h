/* SPDX-License-Identifier: Apache-2.0
 * redis_make.h - what the generator of Redis scripts keeps in mind.
 */
#ifndef PARITY_REDIS_MAKE_H
#define PARITY_REDIS_MAKE_H

#include "redis_run.h"

#define REDIS_MAKER_DUES 256
#define REDIS_MAKER_LIVES 16

struct redis_maker_conn {
    bool is_multi, is_subscribed;
    int64_t lives[REDIS_MAKER_LIVES]; /* lifetimes that wait for EXEC        */
    size_t life_count;
};

struct redis_maker {
    struct parity_dice *dice;
    struct parity_script *script;
    int64_t now_ms, owed_ms; /* to be back on the grid                       */
    int conn;
    struct redis_maker_conn conns[PARITY_CONNS];
    int64_t dues[REDIS_MAKER_DUES]; /* the latest ends of keys               */
    size_t due_count;
    unsigned long_lives; /* each is another                                  */
};

bool parity_redis_is_free(const struct redis_maker *m, int64_t due_ms);
void parity_redis_note_due(struct redis_maker *m, int64_t due_ms);
/* A key is to live so long from now, or from EXEC. */
void parity_redis_note_life(struct redis_maker *m, int64_t life_ms);

/* ---- redis_words.c, redis_fill.c --------------------------------------- */

/* Add a template with all its `$x` filled in. */
void parity_redis_fill(struct redis_maker *m, const char *template,
                       struct parity_bytes *out);
/* Any command; to be queued only what can wait for EXEC. */
const char *parity_redis_op(struct parity_dice *dice, bool is_queued);
const char *parity_redis_subscriber_op(struct parity_dice *dice);

#endif
