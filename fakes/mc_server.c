/* SPDX-License-Identifier: Apache-2.0
 * mc_server.c - what a memcached server does, whichever protocol asked.
 *
 * The order of tests follows memcached 1.6.18: items.c (do_item_get),
 * memcached.c (do_store_item, do_add_delta) and proto_text.c.
 */
#include "mc_server.h"
#include "mc_escape.h"
#include "mc_number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* settings.item_size_max */
#define LARGEST_ITEM (1024 * 1024)

struct fake_mc_key fake_mc_server_key_of(const struct fake_mc_item *item)
{
    return (struct fake_mc_key){item->bytes, item->key_bytes};
}

void fake_mc_server_note(struct fake_mc *mc, const char *verb,
                         struct fake_mc_key key, const int64_t *exptime)
{
    char text[FAKE_MC_ESCAPED(FAKE_MC_KEY_MAX)];

    fake_mc_escape(key.bytes, key.length, text);
    if (exptime == NULL)
        fake_note(mc->fake, "%s %s", verb, text);
    else
        fake_note(mc->fake, "%s %s %" PRId64, verb, text, *exptime);
}

/* ---- time ------------------------------------------------------------- */

static void plan(struct fake_mc *mc)
{
    const struct fake_mc_item *next = fake_mc_store_next(&mc->store);
    int64_t tick_s = next == NULL ? FAKE_MC_NEVER : next->expiry_s;

    if (mc->is_flush_planned && mc->flush_s < tick_s)
        tick_s = mc->flush_s;
    int64_t due_ms = fake_mc_time_due_ms(&mc->time, tick_s);
    if (tick_s == FAKE_MC_NEVER)
        fake_timer_stop(mc->hub, &mc->timer);
    else if (!mc->timer.is_set || mc->timer.due_ms != due_ms)
        fake_timer_set(mc->hub, &mc->timer, due_ms);
}

static void flush_now(struct fake_mc *mc)
{
    mc->is_flush_planned = false;
    fake_mc_store_clear(&mc->store);
    fake_note(mc->fake, "flushed");
}

void fake_mc_server_settle(struct fake_mc *mc)
{
    int64_t now_s = fake_mc_time_now_s(&mc->time);
    struct fake_mc_item *next;

    if (mc->is_flush_planned && mc->flush_s <= now_s)
        flush_now(mc);
    while ((next = fake_mc_store_next(&mc->store)) != NULL &&
           next->expiry_s <= now_s) {
        fake_mc_server_note(mc, "expired", fake_mc_server_key_of(next), NULL);
        fake_mc_store_remove(&mc->store, next);
    }
    plan(mc);
}

/* flush_all n: dead at tick now + n - 1, and what is stored in that same
 * second is dead as well (items.c, item_is_flushed). A Unix time that has
 * passed flushes nothing. */
void fake_mc_server_flush(struct fake_mc *mc, int64_t delay)
{
    bool is_past = false;

    mc->counters[FAKE_MC_CMD_FLUSH]++;
    mc->is_flush_planned = false;
    mc->flush_s = FAKE_MC_AT_ONCE;
    if (delay > 0) {
        int64_t tick_s = fake_mc_time_expiry(&mc->time, delay);
        is_past = tick_s == FAKE_MC_AT_ONCE;
        mc->flush_s = is_past ? tick_s : tick_s - 1;
        mc->is_flush_planned = mc->flush_s > fake_mc_time_now_s(&mc->time);
    }
    if (mc->is_flush_planned)
        return;
    /* The server draws a number here, to tell older items from newer. */
    mc->store.cas++;
    if (!is_past)
        flush_now(mc);
}

/* ---- store ------------------------------------------------------------ */

/* What one command has touched to death, it finds no more. */
static struct fake_mc_item *find(struct fake_mc *mc, struct fake_mc_key key)
{
    struct fake_mc_item *item =
        fake_mc_store_find(&mc->store, key.bytes, key.length);

    if (item == NULL || item->expiry_s <= fake_mc_time_now_s(&mc->time))
        return NULL;
    return item;
}

/* memcached -M, which evicts nothing: a new item finds no memory. */
static struct fake_mc_item *new_item(struct fake_mc *mc, struct fake_mc_key key,
                                     uint32_t flags, int64_t expiry_s,
                                     size_t value_bytes)
{
    struct fake_mc_item *item;

    if (fake_condition_of(mc->fake) == FAKE_OUT_OF_MEMORY)
        return NULL;
    item = fake_mc_item_new(key.bytes, key.length, value_bytes);
    if (item == NULL)
        return NULL;
    item->flags = flags;
    item->expiry_s = expiry_s;
    return item;
}

/* Frees the item when it cannot be put. */
static enum fake_mc_answer put(struct fake_mc *mc, struct fake_mc_item *item)
{
    item->stored_s = fake_mc_time_now_s(&mc->time);
    if (!mc->is_flush_planned && item->stored_s <= mc->flush_s)
        item->expiry_s = FAKE_MC_AT_ONCE;
    if (fake_mc_store_put(&mc->store, item) != 0) {
        free(item);
        return FAKE_MC_NO_MEMORY;
    }
    mc->counters[FAKE_MC_TOTAL_ITEMS]++;
    return FAKE_MC_DONE;
}

enum fake_mc_answer fake_mc_server_begin(struct fake_mc *mc,
                                         enum fake_mc_verb verb,
                                         struct fake_mc_key key, uint32_t flags,
                                         int64_t exptime, uint64_t value_bytes,
                                         struct fake_mc_upload *upload)
{
    int64_t expiry_s = fake_mc_time_expiry(&mc->time, exptime);
    enum fake_mc_answer answer = FAKE_MC_NO_MEMORY;
    struct fake_mc_item *item = NULL, *old;

    if (fake_mc_item_size(key.length, flags, value_bytes) > LARGEST_ITEM)
        answer = FAKE_MC_TOO_LARGE;
    else
        item = new_item(mc, key, flags, expiry_s, (size_t)value_bytes);
    if (item != NULL) {
        *upload = (struct fake_mc_upload){item, verb, exptime, 0, 0};
        return FAKE_MC_DONE;
    }
    old = find(mc, key);
    if (verb == FAKE_MC_SET && old != NULL) {
        fake_mc_server_note(mc, "delete", key, NULL);
        fake_mc_store_remove(&mc->store, old);
    }
    return answer;
}

void fake_mc_server_drop(struct fake_mc_upload *upload)
{
    free(upload->item);
    *upload = (struct fake_mc_upload){0};
}

/* What the old value and the new one make together, in place of the new. */
static enum fake_mc_answer join(struct fake_mc *mc, enum fake_mc_verb verb,
                                struct fake_mc_item *old,
                                struct fake_mc_item **item)
{
    struct fake_mc_item *added = *item, *both;
    struct fake_mc_key key = fake_mc_server_key_of(old);
    size_t value_bytes = old->value_bytes + added->value_bytes;

    if (added->cas != 0 && added->cas != old->cas)
        return FAKE_MC_EXISTS;
    if (fake_mc_item_size(key.length, old->flags, value_bytes) > LARGEST_ITEM)
        return FAKE_MC_NOT_STORED;
    both = new_item(mc, key, old->flags, old->expiry_s, value_bytes);
    if (both == NULL)
        return FAKE_MC_NOT_STORED;
    bool is_old_first = verb == FAKE_MC_APPEND;
    struct fake_mc_item *first = is_old_first ? old : added;
    struct fake_mc_item *second = is_old_first ? added : old;
    uint8_t *value = fake_mc_item_value(both);
    memcpy(value, fake_mc_item_value(first), first->value_bytes);
    memcpy(value + first->value_bytes, fake_mc_item_value(second),
           second->value_bytes);
    free(added);
    *item = both;
    return FAKE_MC_DONE;
}

static enum fake_mc_answer compare(struct fake_mc *mc,
                                   const struct fake_mc_item *old,
                                   const struct fake_mc_item *item)
{
    if (old == NULL) {
        mc->counters[FAKE_MC_CAS_MISSES]++;
        return FAKE_MC_NOT_FOUND;
    }
    /* 0 is never a match, though it stands for "any" elsewhere. */
    if (item->cas != old->cas) {
        mc->counters[FAKE_MC_CAS_BADVAL]++;
        return FAKE_MC_EXISTS;
    }
    mc->counters[FAKE_MC_CAS_HITS]++;
    return FAKE_MC_DONE;
}

/* May the item be stored? Append and prepend change it on the way. */
static enum fake_mc_answer judge(struct fake_mc *mc, enum fake_mc_verb verb,
                                 struct fake_mc_item *old,
                                 struct fake_mc_item **item)
{
    switch (verb) {
    case FAKE_MC_ADD:
        return old == NULL ? FAKE_MC_DONE : FAKE_MC_NOT_STORED;
    case FAKE_MC_REPLACE:
        return old != NULL ? FAKE_MC_DONE : FAKE_MC_NOT_STORED;
    case FAKE_MC_CAS:
        return compare(mc, old, *item);
    case FAKE_MC_APPEND:
    case FAKE_MC_PREPEND:
        return old == NULL ? FAKE_MC_NOT_STORED : join(mc, verb, old, item);
    case FAKE_MC_SET:
    default:
        return FAKE_MC_DONE;
    }
}

static void note_stored(struct fake_mc *mc, enum fake_mc_verb verb,
                        const struct fake_mc_item *item, int64_t exptime)
{
    static const char *const names[] = {
        [FAKE_MC_SET] = "set",         [FAKE_MC_ADD] = "add",
        [FAKE_MC_REPLACE] = "replace", [FAKE_MC_APPEND] = "append",
        [FAKE_MC_PREPEND] = "prepend", [FAKE_MC_CAS] = "cas",
    };
    bool has_exptime =
        verb == FAKE_MC_SET || verb == FAKE_MC_ADD || verb == FAKE_MC_REPLACE;

    fake_mc_server_note(mc, names[verb], fake_mc_server_key_of(item),
                        has_exptime ? &exptime : NULL);
}

enum fake_mc_answer fake_mc_server_finish(struct fake_mc *mc,
                                          struct fake_mc_upload *upload,
                                          uint64_t *ret_cas)
{
    struct fake_mc_item *item = upload->item;
    struct fake_mc_item *old = find(mc, fake_mc_server_key_of(item));
    enum fake_mc_answer answer = judge(mc, upload->verb, old, &item);

    mc->counters[FAKE_MC_CMD_SET]++;
    upload->item = NULL;
    if (answer != FAKE_MC_DONE) {
        free(item);
        return answer;
    }
    answer = put(mc, item);
    if (answer == FAKE_MC_DONE) {
        note_stored(mc, upload->verb, item, upload->exptime);
        *ret_cas = item->cas;
    }
    return answer;
}

/* ---- one key ---------------------------------------------------------- */

struct fake_mc_item *fake_mc_server_get(struct fake_mc *mc,
                                        struct fake_mc_key key)
{
    struct fake_mc_item *item = find(mc, key);

    mc->counters[FAKE_MC_CMD_GET]++;
    mc->counters[item == NULL ? FAKE_MC_GET_MISSES : FAKE_MC_GET_HITS]++;
    return item;
}

struct fake_mc_item *fake_mc_server_touch(struct fake_mc *mc,
                                          struct fake_mc_key key,
                                          int64_t exptime)
{
    struct fake_mc_item *item = find(mc, key);

    mc->counters[FAKE_MC_CMD_TOUCH]++;
    mc->counters[item == NULL ? FAKE_MC_TOUCH_MISSES : FAKE_MC_TOUCH_HITS]++;
    if (item == NULL)
        return NULL;
    fake_mc_server_note(mc, "touch", key, &exptime);
    fake_mc_store_set_expiry(&mc->store, item,
                             fake_mc_time_expiry(&mc->time, exptime));
    return item;
}

enum fake_mc_answer fake_mc_server_delete(struct fake_mc *mc,
                                          struct fake_mc_key key, uint64_t cas)
{
    struct fake_mc_item *item = find(mc, key);

    if (item == NULL) {
        mc->counters[FAKE_MC_DELETE_MISSES]++;
        return FAKE_MC_NOT_FOUND;
    }
    if (cas != 0 && cas != item->cas)
        return FAKE_MC_EXISTS;
    mc->counters[FAKE_MC_DELETE_HITS]++;
    fake_mc_server_note(mc, "delete", key, NULL);
    fake_mc_store_remove(&mc->store, item);
    return FAKE_MC_DONE;
}

void fake_mc_server_hold(struct fake_mc *mc, struct fake_mc_item *item)
{
    item->read_before = mc->sent + 1;
}

/* A number no longer than the old value is written over it, and padded with
 * blanks: "10" less 1 is "9 ". A longer one makes a new item, and so does any
 * while the old value is still to be sent to somebody (its refcount). */
static enum fake_mc_answer
write_number(struct fake_mc *mc, struct fake_mc_item **item, uint64_t value)
{
    struct fake_mc_item *old = *item, *longer;
    char digits[24];
    size_t n = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, value);

    bool is_held = old->read_before == mc->sent + 1;
    if (n <= old->value_bytes && !is_held) {
        memcpy(fake_mc_item_value(old), digits, n);
        memset(fake_mc_item_value(old) + n, ' ', old->value_bytes - n);
        old->cas = ++mc->store.cas;
        return FAKE_MC_DONE;
    }
    longer =
        new_item(mc, fake_mc_server_key_of(old), old->flags, old->expiry_s, n);
    if (longer == NULL)
        return FAKE_MC_NO_MEMORY;
    memcpy(fake_mc_item_value(longer), digits, n);
    if (put(mc, longer) != FAKE_MC_DONE)
        return FAKE_MC_NO_MEMORY;
    *item = longer;
    return FAKE_MC_DONE;
}

/* An item over half the limit is kept in pieces, which incr does not read. */
static bool is_chunked(const struct fake_mc_item *item)
{
    return fake_mc_item_size(item->key_bytes, item->flags, item->value_bytes) >
           LARGEST_ITEM / 2;
}

static uint64_t apply(const struct fake_mc_delta *delta, uint64_t value)
{
    if (!delta->is_decrement)
        return value + delta->by;
    return delta->by > value ? 0 : value - delta->by;
}

enum fake_mc_answer fake_mc_server_delta(struct fake_mc *mc,
                                         struct fake_mc_key key,
                                         const struct fake_mc_delta *delta,
                                         uint64_t *ret_value,
                                         struct fake_mc_item **ret_item)
{
    bool is_decrement = delta->is_decrement;
    struct fake_mc_item *item = find(mc, key);
    enum fake_mc_answer answer;
    uint64_t value;

    if (item == NULL) {
        mc->counters[is_decrement ? FAKE_MC_DECR_MISSES
                                  : FAKE_MC_INCR_MISSES]++;
        return FAKE_MC_NOT_FOUND;
    }
    if (item->value_bytes == 0 || is_chunked(item))
        return FAKE_MC_NON_NUMERIC;
    if (delta->cas != 0 && delta->cas != item->cas)
        return FAKE_MC_EXISTS;
    if (!fake_mc_number_u64(fake_mc_item_value(item), item->value_bytes,
                            &value))
        return FAKE_MC_NON_NUMERIC;
    value = apply(delta, value);
    mc->counters[is_decrement ? FAKE_MC_DECR_HITS : FAKE_MC_INCR_HITS]++;
    answer = write_number(mc, &item, value);
    if (answer != FAKE_MC_DONE)
        return answer;
    fake_mc_server_note(mc, is_decrement ? "decr" : "incr", key, NULL);
    *ret_value = value;
    *ret_item = item;
    return FAKE_MC_DONE;
}
