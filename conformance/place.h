/* SPDX-License-Identifier: Apache-2.0
 * place.h - where scenarios run: an in-process fake, or a real server.
 */
#ifndef PLACE_H
#define PLACE_H

#include "store.h"

#define PLACE_SERVERS_MAX 8

/* The old store of a pair of places: which of nova's drivers wrote it. */
enum place_old {
    PLACE_ALONE,
    PLACE_OLD_MC,     /* memcache, Kilo and Liberty                      */
    PLACE_OLD_MITAKA, /* memcache, Mitaka and later                      */
    PLACE_OLD_ZK,     /* ZooKeeper, a node for each process              */
    PLACE_OLD_JUNO,   /* ZooKeeper, Juno and before                      */
};

struct place {
    char label[200]; /* "fake:redis", "redis://127.0.0.1:4711"      */
    const struct store_kind *store;
    bool is_fake;
    char host[PLACE_SERVERS_MAX][64];
    int port[PLACE_SERVERS_MAX];
    size_t servers;
    enum place_old old; /* PLACE_ALONE: no pair                            */
    char old_host[64];
    int old_port;
    const char *control;     /* command that takes verbs; NULL: none        */
    const char *old_control; /* the same, of the old store              */
    int64_t timeout_ms;      /* T of a real place                           */
    int64_t deadline_ms; /* of a call there; 0: the driver's default        */
    int64_t tick_ms;     /* ZooKeeper's                                 */
    /* What the machine adds to every bound: the lateness of a timed wait and
     * of a thread that is woken. 0 on a fake. */
    int64_t grain_ms;
    int64_t up_since_ms; /* real: monotonic; of the last start          */
    /* real: what a scenario did to the server and the next must not find    */
    bool is_stopped, is_paused, is_unwell, is_old_stopped, is_old_paused;
};

/* "fake:redis" or a URL with numeric hosts, and before it, for a pair, the old
 * store and a plus: "fake:nova-mc+fake:redis". 0 or -1 with the reason. */
int place_parse(const char *text, const char *control, int64_t tick_ms,
                struct place *ret_place, char *why, size_t why_bytes);

bool place_old_is_zk(const struct place *place);

/* The exact price of one call at this store, from chapter 12: how often each
 * command was sent, and how often the caller stood still. */
struct price {
    const char *commands; /* "gets 1 cas 2"; "" nothing                  */
    unsigned waits;
};
struct price place_price(const struct place *place, enum world_cost cost);

#endif
