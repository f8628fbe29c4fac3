/* SPDX-License-Identifier: Apache-2.0
 * redis_store.c - keys, and a heap of those that will be over.
 */
#include "redis_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void free_key(void *value)
{
    struct redis_key *key = value;
    free(key->text);
    fake_redis_map_clear(&key->map);
    free(key);
}

void fake_redis_store_init(struct redis_store *store)
{
    memset(store, 0, sizeof *store);
    for (unsigned db = 0; db < REDIS_DBS; db++)
        store->dbs[db].free_value = free_key;
}

void fake_redis_store_clear(struct redis_store *store)
{
    for (unsigned db = 0; db < REDIS_DBS; db++)
        fake_redis_map_clear(&store->dbs[db]);
    free(store->heap);
    store->heap = NULL;
    store->heap_count = store->heap_room = store->key_count = 0;
}

const char *fake_redis_type_name(enum redis_type type)
{
    static const char *const names[] = {"string", "hash", "set"};
    return names[type];
}

/* ---- the heap --------------------------------------------------------- */

static bool is_before(const struct redis_key *a, const struct redis_key *b)
{
    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms;
    if (a->db != b->db)
        return a->db < b->db;
    return fake_redis_span_compare(fake_redis_name(a->entry),
                                   fake_redis_name(b->entry)) < 0;
}

static void put(struct redis_store *store, size_t place, struct redis_key *key)
{
    store->heap[place] = key;
    key->heap_place = place;
}

static void sift(struct redis_store *store, struct redis_key *key)
{
    size_t place = key->heap_place;

    while (place > 0 && is_before(key, store->heap[(place - 1) / 2])) {
        put(store, place, store->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        size_t below = place * 2 + 1;
        if (below >= store->heap_count)
            break;
        if (below + 1 < store->heap_count &&
            is_before(store->heap[below + 1], store->heap[below]))
            below++;
        if (!is_before(store->heap[below], key))
            break;
        put(store, place, store->heap[below]);
        place = below;
    }
    put(store, place, key);
}

void fake_redis_store_set_due(struct redis_store *store, struct redis_key *key,
                              int64_t due_ms)
{
    bool was_due = key->due_ms != REDIS_FOREVER;

    key->due_ms = due_ms;
    if (due_ms != REDIS_FOREVER) {
        if (!was_due)
            put(store, store->heap_count++, key);
        sift(store, key);
    } else if (was_due) {
        struct redis_key *last = store->heap[--store->heap_count];
        if (last != key) {
            put(store, key->heap_place, last);
            sift(store, last);
        }
    }
}

struct redis_key *fake_redis_store_next_due(const struct redis_store *store)
{
    return store->heap_count == 0 ? NULL : store->heap[0];
}

/* ---- keys ------------------------------------------------------------- */

struct redis_key *fake_redis_store_find(const struct redis_store *store,
                                        unsigned db, struct redis_span name)
{
    struct redis_entry *entry = fake_redis_map_find(&store->dbs[db], name);
    return entry == NULL ? NULL : entry->value;
}

static bool make_heap_room(struct redis_store *store)
{
    size_t room = store->heap_room == 0 ? 16 : store->heap_room * 2;
    struct redis_key **heap;

    if (store->key_count < store->heap_room)
        return true;
    heap = realloc(store->heap, room * sizeof(struct redis_key *));
    if (heap == NULL)
        return false;
    store->heap = heap;
    store->heap_room = room;
    return true;
}

struct redis_key *fake_redis_store_add(struct redis_store *store, unsigned db,
                                       struct redis_span name,
                                       enum redis_type type,
                                       struct redis_bytes *text)
{
    struct redis_key *key = calloc(1, sizeof *key);

    if (key == NULL || !make_heap_room(store))
        goto out;
    key->db = db;
    key->type = type;
    key->due_ms = REDIS_FOREVER;
    key->map.free_value = type == REDIS_HASH ? free : NULL;
    key->entry = fake_redis_map_add(&store->dbs[db], name, key);
    if (key->entry == NULL)
        goto out;
    key->text = text;
    store->key_count++;
    return key;
out:
    free(key);
    free(text);
    return NULL;
}

void fake_redis_store_remove(struct redis_store *store, struct redis_key *key)
{
    fake_redis_store_set_due(store, key, REDIS_FOREVER);
    store->key_count--;
    fake_redis_map_remove(&store->dbs[key->db], key->entry);
}

bool fake_redis_store_rename(struct redis_store *store, struct redis_key *key,
                             struct redis_span name)
{
    struct redis_map *map = &store->dbs[key->db];
    struct redis_entry *entry = fake_redis_map_add(map, name, key);
    struct redis_entry *old = key->entry;

    if (entry == NULL)
        return false;
    key->entry = entry;
    map->free_value = NULL;
    fake_redis_map_remove(map, old);
    map->free_value = free_key;
    if (key->due_ms != REDIS_FOREVER)
        sift(store, key);
    return true;
}

static void move_in(struct redis_store *store, unsigned db)
{
    struct redis_entry *entry = store->dbs[db].first;

    for (; entry != NULL; entry = entry->after) {
        struct redis_key *key = entry->value;
        int64_t due_ms = key->due_ms;
        fake_redis_store_set_due(store, key, REDIS_FOREVER);
        key->db = db;
        fake_redis_store_set_due(store, key, due_ms);
    }
}

/* Each key leaves the heap by its old place and enters by its new one. */
void fake_redis_store_swap(struct redis_store *store, unsigned a, unsigned b)
{
    struct redis_map keep = store->dbs[a];

    store->dbs[a] = store->dbs[b];
    store->dbs[b] = keep;
    move_in(store, a);
    move_in(store, b);
}

/* ---- dump ------------------------------------------------------------- */

static void add_quoted(struct redis_out *out, struct redis_span span)
{
    fake_redis_add_text(out, " \"");
    fake_redis_add_escaped(out, span);
    fake_redis_add_text(out, "\"");
}

static void dump_map(struct redis_out *out, const struct redis_map *map)
{
    struct redis_entry **sorted = fake_redis_map_sorted(map);

    out->is_broken = out->is_broken || (sorted == NULL && map->count > 0);
    for (size_t i = 0; sorted != NULL && i < map->count; i++) {
        fake_redis_add_text(out, "   ");
        add_quoted(out, fake_redis_name(sorted[i]));
        if (sorted[i]->value != NULL)
            add_quoted(out, fake_redis_bytes_span(sorted[i]->value));
        fake_redis_add_text(out, "\n");
    }
    free(sorted);
}

static void dump_key(struct redis_out *out, const struct redis_key *key)
{
    fake_redis_add_format(out, "db%u %s", key->db,
                          fake_redis_type_name(key->type));
    add_quoted(out, fake_redis_name(key->entry));
    if (key->type == REDIS_STRING)
        add_quoted(out, fake_redis_bytes_span(key->text));
    if (key->due_ms != REDIS_FOREVER)
        fake_redis_add_format(out, " until %" PRId64, key->due_ms);
    fake_redis_add_text(out, "\n");
    if (key->type != REDIS_STRING)
        dump_map(out, &key->map);
}

char *fake_redis_store_dump(const struct redis_store *store)
{
    struct redis_out out = {0};

    for (unsigned db = 0; db < REDIS_DBS; db++) {
        const struct redis_map *map = &store->dbs[db];
        struct redis_entry **sorted = fake_redis_map_sorted(map);
        out.is_broken = out.is_broken || (sorted == NULL && map->count > 0);
        for (size_t i = 0; sorted != NULL && i < map->count; i++)
            dump_key(&out, sorted[i]->value);
        free(sorted);
    }
    fake_redis_add(&out, "", 1);
    if (!out.is_broken)
        return (char *)out.at;
    fake_redis_out_clear(&out);
    return NULL;
}
