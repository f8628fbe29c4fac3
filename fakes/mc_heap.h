/* SPDX-License-Identifier: Apache-2.0
 * mc_heap.h - the keys that will expire, the next one on top.
 *
 * Ordered by tick, then by key, so that keys that die at one tick are taken
 * out in the order of their names.
 */
#ifndef FAKE_MC_HEAP_H
#define FAKE_MC_HEAP_H

#include <stddef.h>

struct fake_mc_item;

struct fake_mc_heap {
    struct fake_mc_item **items;
    size_t count, room;
};

/* Make room for `count` items, so that adding cannot fail. 0 or -ENOMEM. */
int fake_mc_heap_reserve(struct fake_mc_heap *heap, size_t count);

/* Put the item where its expiry_s belongs: add, move or, at FAKE_MC_NEVER,
 * take out. Room must have been reserved. */
void fake_mc_heap_place(struct fake_mc_heap *heap, struct fake_mc_item *item);
void fake_mc_heap_remove(struct fake_mc_heap *heap, struct fake_mc_item *item);

struct fake_mc_item *fake_mc_heap_top(const struct fake_mc_heap *heap);

#endif
