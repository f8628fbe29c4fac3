/* SPDX-License-Identifier: Apache-2.0
 * store.h - raw access to a store, beside the driver: what an operator, a
 * Python member or an accident may do to it.
 *
 * One table per scheme, spoken with the client library directly, on a fake
 * and on a real server alike. Everything blocks: the world calls it on a
 * thread of its own while it goes on serving its fakes. Functions returning
 * int give 0, -ENOTSUP where this store has no such thing, or another
 * negative errno.
 */
#ifndef STORE_H
#define STORE_H

#include "scenario.h"

struct store; /* one raw session; the table's file defines it */

/* Where stores honestly differ, and the contract says so. */
enum store_trait {
    STORE_HAS_REPLICAS = 1,    /* a server may be one that must not be asked  */
    STORE_TELLS_AGE = 2,       /* a young server is known for young (8.2)     */
    STORE_SHARES_LIVENESS = 4, /* one record for all groups of an id (1.8)    */
    STORE_EPOCHS_LAST = 8,     /* epochs grow across a loss of data (10.1)    */
    STORE_HEALS_IN_TWO = 16,   /* two beats after a loss of data (8.2)        */
    /* What Python tooz does here and nowhere else (13): */
    STORE_GROUP_IS_ONE_VALUE = 32, /* one bad entry breaks all its readers    */
    STORE_ELECTS_INSIDE = 64,      /* elections and locks stand among groups  */
    STORE_REFUSED_JOIN_WRITES = 128, /* the metadata, and then refuses */
};

struct store_kind {
    const char *scheme; /* as sg_backend_kind's: kazoo memcached redis */
    unsigned traits;    /* enum store_trait                            */

    int (*connect)(const char *host, int port, struct store **ret_store);
    /* Ends its session: what it populated goes with it where sessions
     * carry members. */
    void (*disconnect)(struct store *s);
    int (*wipe)(struct store *s); /* everything in the server       */
    /* `n` members "<prefix>0".. with tooz's own bytes, no owner record, alive
     * for a day (ephemeral nodes of this session); the group is made. */
    int (*populate)(struct store *s, const char *group, const char *prefix,
                    size_t n);
    int (*evict)(struct store *s, enum world_thing thing, const char *group,
                 const char *member);
    /* An entry nobody of ours could have written, in a group that stands:
     * it must cost nobody else anything. Redis: a field whose owner record is
     * junk, without liveness, named with a space; memcached: an entry named
     * with a space whose inner value is no map; ZooKeeper: a
     * persistent child `leader` with a child of its own. */
    int (*write_damaged)(struct store *s, const char *group,
                         const char *member);
    int (*write_python)(struct store *s, const char *group, const char *member);
    /* All state as sorted text that changes when anything changes but the
     * passing of time; the caller frees. */
    int (*digest)(struct store *s, char **ret_text);
    /* Make the server refuse writes, as a replica or as full; and heal it. */
    int (*read_only)(struct store *s);
    int (*out_of_memory)(struct store *s);
    int (*healthy)(struct store *s);
    /* End the session whose first answer to its client was these bytes. */
    int (*end_session)(const char *host, int port, const uint8_t *greeting,
                       size_t length);
};

extern const struct store_kind store_redis, store_memcached, store_kazoo;

#endif
