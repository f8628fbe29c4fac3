/* SPDX-License-Identifier: Apache-2.0
 * mc_store.c - what a memcached server keeps: items by key, and by expiry.
 */
#include "mc_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- items ------------------------------------------------------------ */

/* FNV-1a: keys come from tests, not from enemies of the hash. */
static uint32_t hash_of(const uint8_t *key, size_t key_bytes)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < key_bytes; i++)
        hash = (hash ^ key[i]) * 16777619u;
    return hash;
}

struct fake_mc_item *fake_mc_item_new(const void *key, size_t key_bytes,
                                      size_t value_bytes)
{
    struct fake_mc_item *item;

    if (value_bytes > SIZE_MAX - sizeof *item - key_bytes - 2)
        return NULL;
    item = malloc(sizeof *item + key_bytes + value_bytes + 2);
    if (item == NULL)
        return NULL;
    memset(item, 0, sizeof *item);
    item->key_bytes = key_bytes;
    item->value_bytes = value_bytes;
    memcpy(item->bytes, key, key_bytes);
    memcpy(item->bytes + key_bytes + value_bytes, "\r\n", 2);
    item->hash = hash_of(item->bytes, key_bytes);
    return item;
}

uint8_t *fake_mc_item_value(struct fake_mc_item *item)
{
    return item->bytes + item->key_bytes;
}

int fake_mc_item_compare(const struct fake_mc_item *a,
                         const struct fake_mc_item *b)
{
    size_t shorter = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
    int order = memcmp(a->bytes, b->bytes, shorter);

    if (order != 0)
        return order;
    return (a->key_bytes > b->key_bytes) - (a->key_bytes < b->key_bytes);
}

uint64_t fake_mc_item_size(size_t key_bytes, uint32_t flags,
                           uint64_t value_bytes)
{
    return 48 + key_bytes + 1 + (flags == 0 ? 0 : 4) + value_bytes + 2 + 8;
}

static uint64_t size_of(const struct fake_mc_item *item)
{
    return fake_mc_item_size(item->key_bytes, item->flags, item->value_bytes);
}

/* ---- buckets ---------------------------------------------------------- */

static struct fake_mc_item **bucket_of(const struct fake_mc_store *store,
                                       uint32_t hash)
{
    return &store->buckets[hash & (store->bucket_count - 1)];
}

static void insert(struct fake_mc_store *store, struct fake_mc_item *item)
{
    struct fake_mc_item **bucket = bucket_of(store, item->hash);

    item->next = *bucket;
    *bucket = item;
}

/* Room for one more. */
static int grow(struct fake_mc_store *store)
{
    struct fake_mc_item **old = store->buckets, *item;
    size_t old_count = store->bucket_count;

    if (store->count < old_count)
        return 0;
    size_t count = old_count == 0 ? 64 : old_count * 2;
    struct fake_mc_item **buckets = calloc(count, sizeof *buckets);
    if (buckets == NULL)
        return -ENOMEM;
    store->buckets = buckets;
    store->bucket_count = count;
    for (size_t i = 0; i < old_count; i++)
        while ((item = old[i]) != NULL) {
            old[i] = item->next;
            insert(store, item);
        }
    free(old);
    return 0;
}

/* ---- the store -------------------------------------------------------- */

struct fake_mc_item *fake_mc_store_find(const struct fake_mc_store *store,
                                        const void *key, size_t key_bytes)
{
    struct fake_mc_item *item = NULL;
    uint32_t hash = hash_of(key, key_bytes);

    if (store->bucket_count > 0)
        item = *bucket_of(store, hash);
    while (item != NULL &&
           (item->hash != hash || item->key_bytes != key_bytes ||
            memcmp(item->bytes, key, key_bytes) != 0))
        item = item->next;
    return item;
}

void fake_mc_store_remove(struct fake_mc_store *store,
                          struct fake_mc_item *item)
{
    struct fake_mc_item **at = bucket_of(store, item->hash);

    while (*at != item)
        at = &(*at)->next;
    *at = item->next;
    fake_mc_heap_remove(&store->heap, item);
    store->count--;
    store->bytes -= size_of(item);
    free(item);
}

int fake_mc_store_put(struct fake_mc_store *store, struct fake_mc_item *item)
{
    struct fake_mc_item *old;

    /* Room for all, not only for those that expire: a touch cannot fail. */
    if (grow(store) != 0 ||
        fake_mc_heap_reserve(&store->heap, store->count + 1) != 0)
        return -ENOMEM;
    old = fake_mc_store_find(store, item->bytes, item->key_bytes);
    if (old != NULL)
        fake_mc_store_remove(store, old);
    insert(store, item);
    fake_mc_heap_place(&store->heap, item);
    store->count++;
    store->bytes += size_of(item);
    item->cas = ++store->cas;
    return 0;
}

void fake_mc_store_set_expiry(struct fake_mc_store *store,
                              struct fake_mc_item *item, int64_t expiry_s)
{
    item->expiry_s = expiry_s;
    fake_mc_heap_place(&store->heap, item);
}

struct fake_mc_item *fake_mc_store_next(const struct fake_mc_store *store)
{
    return fake_mc_heap_top(&store->heap);
}

void fake_mc_store_clear(struct fake_mc_store *store)
{
    struct fake_mc_item *item;

    for (size_t i = 0; i < store->bucket_count; i++)
        while ((item = store->buckets[i]) != NULL) {
            store->buckets[i] = item->next;
            free(item);
        }
    store->heap.count = 0;
    store->count = 0;
    store->bytes = 0;
}

void fake_mc_store_end(struct fake_mc_store *store)
{
    fake_mc_store_clear(store);
    free(store->buckets);
    free(store->heap.items);
    *store = (struct fake_mc_store){0};
}

static int compare(const void *a, const void *b)
{
    const struct fake_mc_item *const *left = a, *const *right = b;

    return fake_mc_item_compare(*left, *right);
}

struct fake_mc_item **fake_mc_store_sorted(const struct fake_mc_store *store)
{
    struct fake_mc_item **all, *item;
    size_t n = 0;

    all = calloc(store->count + 1, sizeof(struct fake_mc_item *));
    if (all == NULL)
        return NULL;
    for (size_t i = 0; i < store->bucket_count; i++)
        for (item = store->buckets[i]; item != NULL; item = item->next)
            all[n++] = item;
    if (n > 0)
        qsort(all, n, sizeof(struct fake_mc_item *), compare);
    return all;
}
