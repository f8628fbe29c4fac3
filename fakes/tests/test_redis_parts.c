/* SPDX-License-Identifier: Apache-2.0
 * test_redis_parts.c - the Redis fake's reader, patterns, map and heap alone.
 */
#include "redis.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the reader ------------------------------------------------------- */

/* One request, given in a block of exactly its size, so that a sanitizer
 * sees a byte read too far. */
static enum redis_read read_exact(struct redis_request *request,
                                  const char *text, size_t length,
                                  size_t *ret_used)
{
    uint8_t *bytes = malloc(length > 0 ? length : 1);
    enum redis_read read;

    unit_true(bytes != NULL);
    memcpy(bytes, text, length);
    read = fake_redis_read(request, bytes, length, false, ret_used);
    if (read == REDIS_READ_ONE && request->count > 0 &&
        request->args[0].at >= bytes && request->args[0].at < bytes + length)
        request->count = 0; /* they die with the block */
    free(bytes);
    return read;
}

UNIT(redis_read, every_prefix_is_too_short)
{
    static const char *const requests[] = {"*2\r\n$3\r\nGET\r\n$3\r\na\r\n\r\n",
                                           "*0\r\n",
                                           "PING\r\n",
                                           "\n",
                                           "set \"a \\x00\\\"\" 'b\\'' c\n",
                                           "*-1\r\n",
                                           "*1\r\n$0\r\n\r\n"};

    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        size_t length = strlen(requests[i]), used = 0;
        struct redis_request request = {0};
        for (size_t n = 0; n < length; n++)
            unit_int(read_exact(&request, requests[i], n, &used),
                     REDIS_READ_MORE);
        unit_int(read_exact(&request, requests[i], length, &used),
                 REDIS_READ_ONE);
        unit_int((int64_t)used, (int64_t)length);
        fake_redis_request_clear(&request);
    }
}

UNIT(redis_read, inline_words_are_unquoted)
{
    static const char line[] =
        "  a \"b c\\n\\x41\\q\" 'd\\'\\n' \"\" e\"f\"\r\n";
    static const char *const want[] = {"a", "b c\nAq", "d'\\n", "", "ef"};
    struct redis_request request = {0};
    size_t used = 0;

    unit_int(fake_redis_read(&request, (const uint8_t *)line, sizeof line - 1,
                             false, &used),
             REDIS_READ_ONE);
    unit_int((int64_t)request.count, 5);
    for (size_t i = 0; i < 5; i++)
        unit_bytes(request.args[i].at, request.args[i].length, want[i],
                   strlen(want[i]));
    fake_redis_request_clear(&request);
}

UNIT(redis_read, limits_are_the_servers)
{
    static const struct {
        const char *text, *error;
        bool is_stranger;
    } rows[] = {
        {"*2147483648\r\n", "ERR Protocol error: invalid multibulk length", 0},
        {"*01\r\n", "ERR Protocol error: invalid multibulk length", 0},
        {"*1\r\n$536870913\r\n", "ERR Protocol error: invalid bulk length", 0},
        {"*11\r\n", "ERR Protocol error: unauthenticated multibulk length", 1},
        {"*1\r\n$16385\r\n", "ERR Protocol error: unauthenticated bulk length",
         1},
        {"POST / HTTP/1.1\r\n", "", 0},
    };
    struct redis_request request = {0};
    size_t used;
    char *big = malloc(65538);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unit_int(fake_redis_read(&request, (const uint8_t *)rows[i].text,
                                 strlen(rows[i].text), rows[i].is_stranger,
                                 &used),
                 REDIS_READ_BAD);
        unit_text(request.error, rows[i].error);
    }
    unit_true(big != NULL);
    memset(big, 'a', 65538);
    unit_int(fake_redis_read(&request, (uint8_t *)big, 65536, false, &used),
             REDIS_READ_MORE);
    unit_int(fake_redis_read(&request, (uint8_t *)big, 65537, false, &used),
             REDIS_READ_BAD);
    unit_text(request.error, "ERR Protocol error: too big inline request");
    free(big);
    fake_redis_request_clear(&request);
}

/* ---- spans ------------------------------------------------------------ */

UNIT(redis_span, integers_are_strict)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "01",
                                      "-0",
                                      "1.0",
                                      "x",
                                      "-01",
                                      "1e3",
                                      "9223372036854775808",
                                      "-9223372036854775809"};
    int64_t value = 0;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        unit_true(!fake_redis_span_integer(fake_redis_span(bad[i]), &value));
    unit_true(fake_redis_span_integer(fake_redis_span("0"), &value));
    unit_int(value, 0);
    unit_true(fake_redis_span_integer(fake_redis_span("9223372036854775807"),
                                      &value));
    unit_int(value, INT64_MAX);
    unit_true(fake_redis_span_integer(fake_redis_span("-9223372036854775808"),
                                      &value));
    unit_int(value, INT64_MIN);
}

UNIT(redis_span, patterns)
{
    static const struct {
        const char *text, *pattern;
        bool want;
    } rows[] = {
        {"", "", true},           {"", "*", true},
        {"a", "", false},         {"abc", "a*c", true},
        {"abc", "a*b", false},    {"abc", "a?c", true},
        {"abc", "[a-c]bc", true}, {"abc", "[^a]bc", false},
        {"abc", "[c-a]bc", true}, {"a*c", "a\\*c", true},
        {"abc", "a\\*c", false},  {"abc", "*a*b*c*", true},
        {"aab", "*ab", true},     {"]", "[]", false},
        {"a", "[a", true},        {"-", "[a\\-]", true},
        {"ab", "a", false},       {"a", "ab", false},
        {"a\\", "a\\", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        unit_int(fake_redis_span_matches(fake_redis_span(rows[i].text),
                                         fake_redis_span(rows[i].pattern)),
                 rows[i].want);
}

UNIT(redis_span, a_pattern_of_many_stars_is_soon_done)
{
    char text[2001], pattern[201];

    memset(text, 'a', 2000);
    text[2000] = '\0';
    for (size_t i = 0; i < 200; i += 2)
        memcpy(pattern + i, "*a", 2);
    pattern[199] = 'b';
    pattern[200] = '\0';
    unit_true(!fake_redis_span_matches(fake_redis_span(text),
                                       fake_redis_span(pattern)));
}

/* ---- map and heap ----------------------------------------------------- */

UNIT(redis_map, it_keeps_its_order_through_growth)
{
    struct redis_map map = {0};
    struct redis_entry *entry;
    char name[16];
    int next = 0;

    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "%d", i);
        unit_true(fake_redis_map_add(&map, fake_redis_span(name), NULL) !=
                  NULL);
    }
    for (int i = 0; i < 1000; i += 3) {
        snprintf(name, sizeof name, "%d", i);
        entry = fake_redis_map_find(&map, fake_redis_span(name));
        unit_true(entry != NULL);
        fake_redis_map_remove(&map, entry);
    }
    for (entry = map.first; entry != NULL; entry = entry->after, next++) {
        next += next % 3 == 0;
        snprintf(name, sizeof name, "%d", next);
        unit_true(fake_redis_span_equal(fake_redis_name(entry),
                                        fake_redis_span(name)));
    }
    unit_int((int64_t)map.count, 666);
    unit_true(fake_redis_map_find(&map, fake_redis_span("3")) == NULL);
    fake_redis_map_clear(&map);
}

/* Times are set, moved and taken away at random; the next is always the
 * least. */
UNIT(redis_store, the_next_due_is_the_least)
{
    enum { KEYS = 50 };
    struct redis_store store;
    struct redis_key *keys[KEYS];
    uint32_t random = 1;
    char name[16];

    fake_redis_store_init(&store);
    for (int i = 0; i < KEYS; i++) {
        snprintf(name, sizeof name, "%02d", i);
        keys[i] = fake_redis_store_add(&store, 0, fake_redis_span(name),
                                       REDIS_SET, NULL);
        unit_true(keys[i] != NULL);
    }
    for (int round = 0; round < 5000; round++) {
        const struct redis_key *least = NULL;
        random = random * 1664525u + 1013904223u;
        fake_redis_store_set_due(&store, keys[(random >> 8) % KEYS],
                                 random >> 30 == 0 ? REDIS_FOREVER
                                                   : (random >> 16) % 100);
        for (int i = 0; i < KEYS; i++)
            if (keys[i]->due_ms != REDIS_FOREVER &&
                (least == NULL || keys[i]->due_ms < least->due_ms))
                least = keys[i];
        unit_true(fake_redis_store_next_due(&store) == least);
    }
    fake_redis_store_clear(&store);
}
