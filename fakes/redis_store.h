/* SPDX-License-Identifier: Apache-2.0
 * redis_store.h - the keys of sixteen databases and when each is over.
 * Times are the hub's milliseconds; the store does not know what time it is.
 */
#ifndef FAKE_REDIS_STORE_H
#define FAKE_REDIS_STORE_H

#include "redis_map.h"

#define REDIS_DBS 16
#define REDIS_FOREVER INT64_MAX

enum redis_type { REDIS_STRING, REDIS_HASH, REDIS_SET };

struct redis_key {
    struct redis_entry *entry; /* its name                                   */
    unsigned db;
    enum redis_type type;
    struct redis_bytes *text; /* string                                      */
    struct redis_map map;     /* hash: fields to redis_bytes; set: to NULL   */
    int64_t due_ms;           /* gone when now >= due_ms                     */
    size_t heap_place;        /* while it is due at all                      */
};

struct redis_store {
    struct redis_map dbs[REDIS_DBS];
    struct redis_key **heap; /* by time, database, name                      */
    size_t heap_count, heap_room;
    size_t key_count; /* never above heap_room: to be due needs no memory    */
};

void fake_redis_store_init(struct redis_store *store);
void fake_redis_store_clear(struct redis_store *store); /* of everything     */
const char *fake_redis_type_name(enum redis_type type);

struct redis_key *fake_redis_store_find(const struct redis_store *store,
                                        unsigned db, struct redis_span name);
/* A new key, empty. Strings take `text` over, other types give NULL; it is
 * freed when there is no memory for the key. */
struct redis_key *fake_redis_store_add(struct redis_store *store, unsigned db,
                                       struct redis_span name,
                                       enum redis_type type,
                                       struct redis_bytes *text);
void fake_redis_store_remove(struct redis_store *store, struct redis_key *key);
/* The key gets another name, which must be free. */
bool fake_redis_store_rename(struct redis_store *store, struct redis_key *key,
                             struct redis_span name);
/* All keys of `a` are of `b` from now on, and the other way. */
void fake_redis_store_swap(struct redis_store *store, unsigned a, unsigned b);
void fake_redis_store_set_due(struct redis_store *store, struct redis_key *key,
                              int64_t due_ms);
/* The next to be over, NULL when none is. */
struct redis_key *fake_redis_store_next_due(const struct redis_store *store);

/* Canonical text of all. NULL: out of memory. */
char *fake_redis_store_dump(const struct redis_store *store);

#endif
