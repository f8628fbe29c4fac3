/* SPDX-License-Identifier: Apache-2.0
 * redis_map.c - a hash table whose entries keep their order.
 */
#include "redis_map.h"

#include <stdlib.h>
#include <string.h>

struct redis_bytes *fake_redis_bytes(struct redis_span span)
{
    struct redis_bytes *bytes = malloc(sizeof *bytes + span.length);
    if (bytes == NULL)
        return NULL;
    bytes->length = span.length;
    if (span.length > 0)
        memcpy(bytes->at, span.at, span.length);
    return bytes;
}

struct redis_span fake_redis_bytes_span(const struct redis_bytes *bytes)
{
    return (struct redis_span){bytes->at, bytes->length};
}

struct redis_span fake_redis_name(const struct redis_entry *entry)
{
    return (struct redis_span){entry->name, entry->length};
}

/* FNV-1a. Names made to collide only make a test slow. */
static uint64_t hash_of(struct redis_span name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < name.length; i++)
        hash = (hash ^ name.at[i]) * 0x100000001b3u;
    return hash;
}

struct redis_entry *fake_redis_map_find(const struct redis_map *map,
                                        struct redis_span name)
{
    struct redis_entry *entry;
    uint64_t hash;

    if (map->bucket_count == 0)
        return NULL;
    hash = hash_of(name);
    entry = map->buckets[hash & (map->bucket_count - 1)];
    while (entry != NULL &&
           (entry->hash != hash ||
            !fake_redis_span_equal(fake_redis_name(entry), name)))
        entry = entry->chain;
    return entry;
}

/* Twice the buckets. A full table that cannot grow still works: false only
 * when there is none at all. */
static bool grow(struct redis_map *map)
{
    size_t count = map->bucket_count == 0 ? 8 : map->bucket_count * 2;
    struct redis_entry **buckets = calloc(count, sizeof(struct redis_entry *));

    if (buckets == NULL)
        return map->bucket_count > 0;
    for (struct redis_entry *e = map->first; e != NULL; e = e->after) {
        struct redis_entry **bucket = &buckets[e->hash & (count - 1)];
        e->chain = *bucket;
        *bucket = e;
    }
    free(map->buckets);
    map->buckets = buckets;
    map->bucket_count = count;
    return true;
}

struct redis_entry *fake_redis_map_add(struct redis_map *map,
                                       struct redis_span name, void *value)
{
    struct redis_entry *entry, **bucket;

    if (map->count >= map->bucket_count && !grow(map))
        return NULL;
    entry = malloc(sizeof *entry + name.length);
    if (entry == NULL)
        return NULL;
    entry->value = value;
    entry->hash = hash_of(name);
    entry->number = ++map->last_number;
    entry->length = name.length;
    if (name.length > 0)
        memcpy(entry->name, name.at, name.length);
    bucket = &map->buckets[entry->hash & (map->bucket_count - 1)];
    entry->chain = *bucket;
    *bucket = entry;
    entry->before = map->last;
    entry->after = NULL;
    if (map->last == NULL)
        map->first = entry;
    else
        map->last->after = entry;
    map->last = entry;
    map->count++;
    return entry;
}

void fake_redis_map_remove(struct redis_map *map, struct redis_entry *entry)
{
    struct redis_entry **at =
        &map->buckets[entry->hash & (map->bucket_count - 1)];

    while (*at != entry)
        at = &(*at)->chain;
    *at = entry->chain;
    if (entry->before == NULL)
        map->first = entry->after;
    else
        entry->before->after = entry->after;
    if (entry->after == NULL)
        map->last = entry->before;
    else
        entry->after->before = entry->before;
    map->count--;
    if (map->free_value != NULL)
        map->free_value(entry->value);
    free(entry);
}

void fake_redis_map_clear(struct redis_map *map)
{
    struct redis_entry *entry = map->first;

    while (entry != NULL) {
        struct redis_entry *after = entry->after;
        if (map->free_value != NULL)
            map->free_value(entry->value);
        free(entry);
        entry = after;
    }
    free(map->buckets);
    map->buckets = NULL;
    map->bucket_count = map->count = 0;
    map->first = map->last = NULL;
}

static int compare(const void *a, const void *b)
{
    const struct redis_entry *const *x = a, *const *y = b;
    return fake_redis_span_compare(fake_redis_name(*x), fake_redis_name(*y));
}

struct redis_entry **fake_redis_map_sorted(const struct redis_map *map)
{
    struct redis_entry **list;
    size_t n = 0;

    if (map->count == 0)
        return NULL;
    list = calloc(map->count, sizeof(struct redis_entry *));
    if (list == NULL)
        return NULL;
    for (struct redis_entry *e = map->first; e != NULL; e = e->after)
        list[n++] = e;
    qsort(list, n, sizeof(struct redis_entry *), compare);
    return list;
}
