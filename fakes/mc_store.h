/* SPDX-License-Identifier: Apache-2.0
 * mc_store.h - what a memcached server keeps: items by key, and by expiry.
 *
 * Knows no protocol and no clock. An item belongs to who made it until it is
 * put into the store.
 */
#ifndef FAKE_MC_STORE_H
#define FAKE_MC_STORE_H

#include "mc_heap.h"

#include <stdbool.h>
#include <stdint.h>

#define FAKE_MC_KEY_MAX 250

struct fake_mc_item {
    struct fake_mc_item *next; /* in its bucket                              */
    size_t heap_at;
    uint64_t cas;               /* before it is put: the one asked for, or 0  */
    int64_t expiry_s, stored_s; /* ticks                                     */
    uint64_t read_before;       /* the next answers that go hold its value   */
    uint32_t flags;
    uint32_t hash;
    size_t key_bytes;
    size_t value_bytes; /* without the CR LF that follows             */
    uint8_t bytes[];    /* key, value, CR LF                          */
};

/* NULL: out of memory. The value is not set, the CR LF after it is. */
struct fake_mc_item *fake_mc_item_new(const void *key, size_t key_bytes,
                                      size_t value_bytes);
uint8_t *fake_mc_item_value(struct fake_mc_item *item);
/* By key, as strcmp() would. */
int fake_mc_item_compare(const struct fake_mc_item *a,
                         const struct fake_mc_item *b);
/* What the real server counts against its limit of 1 MiB for one item: a
 * header of 48 bytes, key and NUL, flags unless 0, value, CR LF, cas. */
uint64_t fake_mc_item_size(size_t key_bytes, uint32_t flags,
                           uint64_t value_bytes);

struct fake_mc_store {
    struct fake_mc_item **buckets;
    size_t bucket_count; /* a power of two, or 0 before the first item       */
    size_t count;
    uint64_t bytes;
    uint64_t cas; /* the last unique number given out                 */
    struct fake_mc_heap heap;
};

struct fake_mc_item *fake_mc_store_find(const struct fake_mc_store *store,
                                        const void *key, size_t key_bytes);
/* Replaces an item of that key; gives it the next cas. On -ENOMEM nothing
 * has changed and the item is still the caller's. */
int fake_mc_store_put(struct fake_mc_store *store, struct fake_mc_item *item);
/* Frees it. */
void fake_mc_store_remove(struct fake_mc_store *store,
                          struct fake_mc_item *item);
void fake_mc_store_set_expiry(struct fake_mc_store *store,
                              struct fake_mc_item *item, int64_t expiry_s);
/* The item that expires next; NULL when none will. */
struct fake_mc_item *fake_mc_store_next(const struct fake_mc_store *store);
/* Empty; cas goes on. */
void fake_mc_store_clear(struct fake_mc_store *store);
/* Empty, and nothing left to free. */
void fake_mc_store_end(struct fake_mc_store *store);

/* All items, sorted by key, in an array the caller frees; NULL: out of
 * memory. Valid until the store changes. */
struct fake_mc_item **fake_mc_store_sorted(const struct fake_mc_store *store);

#endif
