/* SPDX-License-Identifier: Apache-2.0
 * test_mc_number.c - numbers as memcached reads them; its keys that expire.
 */
#include "mc_escape.h"
#include "mc_number.h"
#include "mc_store.h"
#include "mc_time.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *text;
    bool is_number;
    int64_t value;
};

UNIT(mc_number, reads_64_bits_as_strtoull)
{
    static const struct row rows[] = {
        {"0", true, 0},
        {"12", true, 12},
        {" 12", true, 12},
        {"+12", true, 12},
        {"12 x", true, 12},
        {"12\r\n", true, 12},
        {"0012", true, 12},
        {"-0", true, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"18446744073709551615", true, -1},
        {"-18446744073709551615", true, 1},
        {"", false, 0},
        {"-", false, 0},
        {"x", false, 0},
        {"12x", false, 0},
        {"0x12", false, 0},
        {"-1", false, 0},
        {"18446744073709551616", false, 0},
        {"99999999999999999999", false, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        uint64_t value = 77;
        bool is = fake_mc_number_u64(r->text, strlen(r->text), &value);
        unit_int_at(is, r->is_number, r->text, __FILE__, __LINE__);
        unit_int_at((int64_t)value, is ? r->value : 77, r->text, __FILE__,
                    __LINE__);
    }
}

UNIT(mc_number, cuts_32_bits_down)
{
    uint32_t u = 7;
    int32_t i = 7;

    unit_true(fake_mc_number_u32("4294967295", 10, &u) && u == UINT32_MAX);
    unit_true(fake_mc_number_u32("4294967297", 10, &u) && u == 1);
    unit_true(!fake_mc_number_u32("-1", 2, &u) && u == 1);
    unit_true(fake_mc_number_i32("-1", 2, &i) && i == -1);
    unit_true(fake_mc_number_i32("4294967297", 10, &i) && i == 1);
    unit_true(fake_mc_number_i32("-9223372036854775808", 20, &i) && i == 0);
    unit_true(!fake_mc_number_i32("9223372036854775808", 19, &i) && i == 0);
    unit_true(fake_mc_number_i32("1\0002", 3, &i) && i == 1);
}

UNIT(mc_escape, shows_what_is_not_plain_text)
{
    char out[FAKE_MC_ESCAPED(6)];

    unit_int((int64_t)fake_mc_escape("a \\\n\xff~", 6, out), 18);
    unit_text(out, "a\\x20\\x5c\\x0a\\xff~");
}

/* ---- the store -------------------------------------------------------- */

static struct fake_mc_item *put(struct fake_mc_store *store, unsigned n,
                                int64_t expiry_s)
{
    char key[16];
    struct fake_mc_item *item;

    snprintf(key, sizeof key, "k%05u", n);
    item = fake_mc_item_new(key, strlen(key), 3);
    unit_true(item != NULL);
    memcpy(fake_mc_item_value(item), "abc", 3);
    item->expiry_s = expiry_s;
    unit_int(fake_mc_store_put(store, item), 0);
    return item;
}

/* Ten thousand items, expiring in an order that is not theirs. */
UNIT(mc_store, gives_out_items_by_expiry_and_then_by_key)
{
    struct fake_mc_store store = {0};
    struct fake_mc_item *item;
    int64_t last_s = -1;
    char last[16] = "";
    size_t seen = 0;

    for (unsigned i = 0; i < 10000; i++)
        put(&store, i * 7919 % 10000, i * 31 % 100);
    for (unsigned i = 0; i < 10000; i += 3)
        put(&store, i, FAKE_MC_NEVER);
    while ((item = fake_mc_store_next(&store)) != NULL) {
        unit_true(item->expiry_s >= last_s);
        unit_true(item->expiry_s > last_s ||
                  memcmp(item->bytes, last, item->key_bytes) > 0);
        last_s = item->expiry_s;
        memcpy(last, item->bytes, item->key_bytes);
        fake_mc_store_remove(&store, item);
        seen++;
    }
    unit_int((int64_t)seen, 10000 - 3334);
    unit_int((int64_t)store.count, 3334);
    unit_int((int64_t)store.bytes, 3334 * (48 + 7 + 3 + 2 + 8));
    fake_mc_store_end(&store);
}

UNIT(mc_store, an_item_moves_when_its_expiry_does)
{
    struct fake_mc_store store = {0};
    struct fake_mc_item *a = put(&store, 1, 10), *b = put(&store, 2, 20);

    unit_true(fake_mc_store_next(&store) == a);
    fake_mc_store_set_expiry(&store, a, 30);
    unit_true(fake_mc_store_next(&store) == b);
    fake_mc_store_set_expiry(&store, b, FAKE_MC_NEVER);
    unit_true(fake_mc_store_next(&store) == a);
    fake_mc_store_set_expiry(&store, b, 5);
    unit_true(fake_mc_store_next(&store) == b);
    fake_mc_store_clear(&store);
    unit_true(fake_mc_store_next(&store) == NULL);
    unit_int((int64_t)store.count, 0);
    put(&store, 1, 10);
    unit_int((int64_t)store.cas, 3);
    fake_mc_store_end(&store);
}

UNIT(mc_store, finds_and_sorts_keys_of_any_bytes)
{
    static const struct key {
        const char *bytes;
        size_t length;
    } keys[] = {{"b", 1}, {"a\0b", 3}, {"a", 1}, {"\xff", 1}, {"ab", 2}};
    static const size_t sorted[] = {2, 1, 4, 0, 3};
    struct fake_mc_store store = {0};
    struct fake_mc_item **all;

    for (size_t i = 0; i < 5; i++) {
        struct fake_mc_item *item =
            fake_mc_item_new(keys[i].bytes, keys[i].length, 0);
        unit_true(item != NULL);
        item->expiry_s = FAKE_MC_NEVER;
        unit_int(fake_mc_store_put(&store, item), 0);
    }
    all = fake_mc_store_sorted(&store);
    unit_true(all != NULL);
    for (size_t i = 0; i < 5; i++)
        unit_bytes(all[i]->bytes, all[i]->key_bytes, keys[sorted[i]].bytes,
                   keys[sorted[i]].length);
    unit_true(all[5] == NULL);
    unit_true(fake_mc_store_find(&store, "a\0b", 3) == all[1]);
    unit_true(fake_mc_store_find(&store, "a\0c", 3) == NULL);
    free(all);
    fake_mc_store_end(&store);
}
