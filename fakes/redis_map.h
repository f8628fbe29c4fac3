/* SPDX-License-Identifier: Apache-2.0
 * redis_map.h - names to values, in the order they were added.
 *
 * The order makes every listing (and so every trace) the same in each run,
 * and is what the server gives for small hashes and sets. Each entry has a
 * number that grows: a scan's cursor is the number to go on from, so entries
 * that stay are seen once, whatever comes and goes between two steps.
 */
#ifndef FAKE_REDIS_MAP_H
#define FAKE_REDIS_MAP_H

#include "redis_resp.h"

struct redis_entry {
    struct redis_entry *chain, *before, *after;
    void *value;
    uint64_t hash, number;
    size_t length;
    uint8_t name[];
};

struct redis_map {
    struct redis_entry **buckets;
    size_t bucket_count, count;
    struct redis_entry *first, *last;
    uint64_t last_number;
    void (*free_value)(void *value); /* NULL: values need no freeing         */
};

/* A value of its own: a string, a hash's field. */
struct redis_bytes {
    size_t length;
    uint8_t at[];
};

struct redis_bytes *fake_redis_bytes(struct redis_span span);
struct redis_span fake_redis_bytes_span(const struct redis_bytes *bytes);

struct redis_span fake_redis_name(const struct redis_entry *entry);
struct redis_entry *fake_redis_map_find(const struct redis_map *map,
                                        struct redis_span name);
/* A new last entry; `name` must not be there. NULL: out of memory. */
struct redis_entry *fake_redis_map_add(struct redis_map *map,
                                       struct redis_span name, void *value);
void fake_redis_map_remove(struct redis_map *map, struct redis_entry *entry);
void fake_redis_map_clear(struct redis_map *map);

/* Sorted by name, for the caller to free; NULL when empty or no memory. */
struct redis_entry **fake_redis_map_sorted(const struct redis_map *map);

#endif
