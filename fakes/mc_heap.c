/* SPDX-License-Identifier: Apache-2.0
 * mc_heap.c - the keys that will expire, the next one on top.
 */
#include "mc_heap.h"
#include "mc_store.h"
#include "mc_time.h"

#include <errno.h>
#include <stdlib.h>

static bool is_before(const struct fake_mc_item *a,
                      const struct fake_mc_item *b)
{
    if (a->expiry_s != b->expiry_s)
        return a->expiry_s < b->expiry_s;
    return fake_mc_item_compare(a, b) < 0;
}

/* An item's heap_at is its place plus one: 0 = not here. */
static void set(struct fake_mc_heap *heap, size_t at, struct fake_mc_item *item)
{
    heap->items[at] = item;
    item->heap_at = at + 1;
}

static void sift(struct fake_mc_heap *heap, size_t at)
{
    struct fake_mc_item *item = heap->items[at];

    while (at > 0 && is_before(item, heap->items[(at - 1) / 2])) {
        set(heap, at, heap->items[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < heap->count &&
            is_before(heap->items[child + 1], heap->items[child]))
            child++;
        if (child >= heap->count || !is_before(heap->items[child], item))
            break;
        set(heap, at, heap->items[child]);
        at = child;
    }
    set(heap, at, item);
}

int fake_mc_heap_reserve(struct fake_mc_heap *heap, size_t count)
{
    size_t room = heap->room;

    if (count <= room)
        return 0;
    while (room < count)
        room = room == 0 ? 16 : room * 2;
    struct fake_mc_item **items =
        realloc(heap->items, room * sizeof(struct fake_mc_item *));
    if (items == NULL)
        return -ENOMEM;
    heap->items = items;
    heap->room = room;
    return 0;
}

void fake_mc_heap_remove(struct fake_mc_heap *heap, struct fake_mc_item *item)
{
    if (item->heap_at == 0)
        return;
    size_t at = item->heap_at - 1;
    item->heap_at = 0;
    struct fake_mc_item *last = heap->items[--heap->count];
    if (last == item)
        return;
    set(heap, at, last);
    sift(heap, at);
}

void fake_mc_heap_place(struct fake_mc_heap *heap, struct fake_mc_item *item)
{
    if (item->expiry_s == FAKE_MC_NEVER) {
        fake_mc_heap_remove(heap, item);
        return;
    }
    if (item->heap_at == 0)
        set(heap, heap->count++, item);
    sift(heap, item->heap_at - 1);
}

struct fake_mc_item *fake_mc_heap_top(const struct fake_mc_heap *heap)
{
    return heap->count == 0 ? NULL : heap->items[0];
}
