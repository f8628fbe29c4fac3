/* SPDX-License-Identifier: Apache-2.0
 * redis_scan.c - KEYS and the three scans.
 */
#include "redis.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The server gives a small hash or set at once, whatever COUNT says. */
#define SMALL 128

struct scan {
    struct redis_span pattern, type; /* NULL: any                            */
    int64_t count;
    size_t length; /* of the reply's elements                                */
    uint64_t next; /* 0: finished                                            */
};

/* As strtoul reads it, but nothing may stand before or after. */
static bool take_cursor(struct redis_call *call, struct redis_span span,
                        uint64_t *ret_cursor)
{
    char text[24], *end;

    if (span.length < sizeof text &&
        (span.length == 0 || !isspace(span.at[0]))) {
        memcpy(text, span.at, span.length);
        text[span.length] = '\0';
        errno = 0;
        *ret_cursor = strtoull(text, &end, 10);
        if (*end == '\0' && errno != ERANGE)
            return true;
    }
    fake_redis_reply_error(call->out, "ERR invalid cursor");
    return false;
}

static bool take_options(struct redis_call *call, size_t from, bool of_keys,
                         struct scan *scan)
{
    for (size_t i = from; i < call->count; i += 2) {
        bool has_value = i + 1 < call->count;
        if (has_value && fake_redis_span_is(call->args[i], "count")) {
            if (!fake_redis_take_integer(call, call->args[i + 1], &scan->count))
                return false;
            if (scan->count >= 1)
                continue;
        } else if (has_value && fake_redis_span_is(call->args[i], "match")) {
            scan->pattern = call->args[i + 1];
            continue;
        } else if (has_value && of_keys &&
                   fake_redis_span_is(call->args[i], "type")) {
            scan->type = call->args[i + 1];
            continue;
        }
        fake_redis_reply_error(call->out, REDIS_TEXT_SYNTAX);
        return false;
    }
    return true;
}

static bool is_wanted(const struct scan *scan, const struct redis_entry *entry,
                      bool of_keys)
{
    const struct redis_key *key = of_keys ? entry->value : NULL;

    if (scan->pattern.at != NULL &&
        !fake_redis_span_matches(fake_redis_name(entry), scan->pattern))
        return false;
    return key == NULL || scan->type.at == NULL ||
           fake_redis_span_is(scan->type, fake_redis_type_name(key->type));
}

static void step(struct scan *scan, const struct redis_map *map, bool of_keys,
                 uint64_t cursor, struct redis_out *out)
{
    int64_t looked = 0;

    for (struct redis_entry *e = map->first; e != NULL; e = e->after) {
        if (e->number < cursor)
            continue;
        if (looked++ == scan->count) {
            scan->next = e->number;
            return;
        }
        if (!is_wanted(scan, e, of_keys))
            continue;
        fake_redis_reply_bulk(out, fake_redis_name(e));
        scan->length++;
        if (of_keys || e->value == NULL)
            continue;
        fake_redis_reply_bulk(out, fake_redis_bytes_span(e->value));
        scan->length++;
    }
}

/* What is left of a scan, when its cursor was read and its map was found. */
static void scan_map(struct redis_call *call, const struct redis_map *map,
                     uint64_t cursor, size_t from)
{
    struct scan scan = {.count = 10};
    struct redis_out found = {0};
    bool of_keys = map >= call->server->store.dbs &&
                   map < call->server->store.dbs + REDIS_DBS;
    char text[24];

    if (!take_options(call, from, of_keys, &scan))
        return;
    if (!of_keys && map->count <= SMALL)
        scan.count = SMALL;
    step(&scan, map, of_keys, cursor, &found);
    snprintf(text, sizeof text, "%" PRIu64, scan.next);
    fake_redis_reply_array(call->out, 2);
    fake_redis_reply_bulk(call->out, fake_redis_span(text));
    fake_redis_reply_array(call->out, scan.length);
    fake_redis_add(call->out, found.at, found.length);
    call->out->is_broken = call->out->is_broken || found.is_broken;
    fake_redis_out_clear(&found);
}

void fake_redis_scan_keys(struct redis_call *call)
{
    uint64_t cursor;

    if (take_cursor(call, call->args[1], &cursor))
        scan_map(call, &call->server->store.dbs[*call->db], cursor, 2);
}

/* The server looks at the cursor before it looks for the key, and where there
 * is none it looks at no option. */
void fake_redis_scan_value(struct redis_call *call, enum redis_type type)
{
    struct redis_key *key;
    uint64_t cursor;

    if (!take_cursor(call, call->args[2], &cursor) ||
        !fake_redis_find_type(call, call->args[1], type, &key))
        return;
    if (key != NULL) {
        scan_map(call, &key->map, cursor, 3);
        return;
    }
    fake_redis_reply_array(call->out, 2);
    fake_redis_reply_bulk(call->out, fake_redis_span("0"));
    fake_redis_reply_array(call->out, 0);
}

void fake_redis_keys(struct redis_call *call)
{
    const struct redis_map *map = &call->server->store.dbs[*call->db];
    struct redis_out found = {0};
    size_t count = 0;

    for (struct redis_entry *e = map->first; e != NULL; e = e->after) {
        if (!fake_redis_span_matches(fake_redis_name(e), call->args[1]))
            continue;
        fake_redis_reply_bulk(&found, fake_redis_name(e));
        count++;
    }
    fake_redis_reply_array(call->out, count);
    fake_redis_add(call->out, found.at, found.length);
    call->out->is_broken = call->out->is_broken || found.is_broken;
    fake_redis_out_clear(&found);
}
