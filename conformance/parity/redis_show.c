/* SPDX-License-Identifier: Apache-2.0
 * redis_show.c - answers as text, in the form that both servers share.
 */
#include "redis_run.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LONG_MS INT64_C(60000) /* from here on only about */
#define ABOUT_MS INT64_C(100000)

/* ---- strings ---------------------------------------------------------- */

static bool is_hex(uint8_t byte)
{
    return isdigit(byte) || (byte >= 'a' && byte <= 'f');
}

/* Length of the run of hex digits here. */
static size_t hex_run(const uint8_t *at, size_t length)
{
    size_t n = 0;
    while (n < length && is_hex(at[n]))
        n++;
    return n;
}

static uint64_t first_digits(const uint8_t *at)
{
    char text[17] = "";
    memcpy(text, at, 16);
    return strtoull(text, NULL, 16);
}

/* Names of scripts depend on the prefix: which one it is, not what. */
static void show_text(struct redis_own *own, const struct redis_value *value,
                      struct parity_bytes *out)
{
    for (size_t i = 0; i < value->length;) {
        size_t n = hex_run(value->at + i, value->length - i);
        if (n == 40)
            parity_bytes_format(
                out, "<sha %zu>",
                parity_rank(&own->shas, first_digits(value->at + i)));
        else
            parity_escape(value->at + i, n > 0 ? n : 1, out);
        i += n > 0 ? n : 1;
    }
}

/* ---- arrays ----------------------------------------------------------- */

/* `step` items together are one of those that are sorted. */
static void show_sorted(struct parity_run *run, const struct redis_value *value,
                        size_t step, struct parity_bytes *out)
{
    struct redis_own *own = run->own;
    struct redis_held lines = {0};

    for (size_t i = 0; i < value->count; i += step) {
        struct parity_bytes line = {0};
        for (size_t k = i; k < i + step && k < value->count; k++) {
            parity_bytes_text(&line, k > i ? "=" : "");
            parity_redis_show(run, &value->items[k], REDIS_PLAIN, &line);
        }
        if (!parity_redis_hold(&lines, &line))
            own->is_short = true;
        parity_bytes_free(&line);
    }
    parity_redis_sort(&lines);
    parity_bytes_text(out, "{");
    for (size_t i = 0; i < lines.count; i++)
        parity_bytes_format(out, i > 0 ? ", %s" : "%s", lines.lines[i]);
    parity_bytes_text(out, "}");
    parity_redis_drop(&lines);
}

static void show_items(struct parity_run *run, const struct redis_value *value,
                       size_t from, struct parity_bytes *out)
{
    parity_bytes_text(out, "[");
    for (size_t i = from; i < value->count; i++) {
        parity_bytes_text(out, i > from ? ", " : "");
        parity_redis_show(run, &value->items[i], REDIS_PLAIN, out);
    }
    parity_bytes_text(out, "]");
}

static void show_scan(struct parity_run *run, const struct redis_value *value,
                      size_t step, struct parity_bytes *out)
{
    if (value->count != 2 || value->items[1].kind != '*') {
        show_items(run, value, 0, out);
        return;
    }
    parity_bytes_text(
        out, parity_redis_is(&value->items[0], "0") ? "over " : "not over ");
    show_sorted(run, &value->items[1], step, out);
}

/* server redis version ... id N ...: the id is a rank. */
static void show_hello(struct parity_run *run, const struct redis_value *value,
                       struct parity_bytes *out)
{
    parity_bytes_text(out, "[");
    for (size_t i = 0; i < value->count; i++) {
        bool is_id = i % 2 == 1 && parity_redis_is(&value->items[i - 1], "id");
        parity_bytes_text(out, i > 0 ? ", " : "");
        parity_redis_show(run, &value->items[i], is_id ? REDIS_ID : REDIS_PLAIN,
                          out);
    }
    parity_bytes_text(out, "]");
}

/* ---- numbers ---------------------------------------------------------- */

static void show_left(int64_t left_ms, struct parity_bytes *out)
{
    if (left_ms >= LONG_MS)
        parity_bytes_format(out, "about %" PRId64 " s",
                            (left_ms + ABOUT_MS / 2) / ABOUT_MS *
                                (ABOUT_MS / 1000));
    else
        parity_bytes_format(out, "%" PRId64 " x %d ms", left_ms / REDIS_GRID_MS,
                            REDIS_GRID_MS);
}

/* Whole seconds of less than a minute are exact, since the grid is laid so;
 * moments in whole seconds are not. */
static void show_number(struct parity_run *run, int64_t number,
                        enum redis_shape shape, struct parity_bytes *out)
{
    struct redis_own *own = run->own;
    bool is_until = shape == REDIS_UNTIL_MS || shape == REDIS_UNTIL_S;
    bool is_seconds = shape == REDIS_LEFT_S || shape == REDIS_UNTIL_S;

    if (shape == REDIS_SOME)
        parity_bytes_text(out, ":some");
    else if (shape == REDIS_ID)
        parity_bytes_format(out, ":#%zu",
                            parity_rank(&own->ids, (uint64_t)number));
    else if ((!is_until && !is_seconds && shape != REDIS_LEFT_MS) ||
             number < 0 || number > INT64_MAX / 1000)
        parity_bytes_format(out, ":%" PRId64, number);
    else {
        int64_t ms = is_seconds ? number * 1000 : number;
        ms -= is_until ? parity_redis_wall_ms(run) : 0;
        if (is_seconds && ms < LONG_MS)
            parity_bytes_format(out, is_until ? ":soon" : ":%" PRId64, number);
        else
            show_left(ms, out);
    }
}

/* ---- INFO ------------------------------------------------------------- */

/* Headings, and the fields that are the same of any two such servers. */
static void show_info(const struct redis_value *value, struct parity_bytes *out)
{
    static const char *const fields[] = {
        "redis_version:",    "redis_mode:",
        "arch_bits:",        "cluster_connections:",
        "maxclients:",       "blocked_clients:",
        "maxmemory:",        "maxmemory_policy:",
        "loading:",          "async_loading:",
        "evicted_keys:",     "role:",
        "connected_slaves:", "master_failover_state:",
        "cluster_enabled:",  "# Server",
        "# Clients",         "# Memory",
        "# Persistence",     "# Stats",
        "# Replication",     "# Cluster",
        "# Keyspace"};
    const char *at = (const char *)value->at, *end = at + value->length;

    parity_bytes_text(out, "info");
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop == NULL ? end : stop) - at);
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            size_t n = strlen(fields[i]);
            if (length < n || memcmp(at, fields[i], n) != 0)
                continue;
            parity_bytes_text(out, " ");
            parity_escape(
                at, length > 0 && at[length - 1] == '\r' ? length - 1 : length,
                out);
        }
        at += length + 1;
    }
}

/* ---- any -------------------------------------------------------------- */

static void show_array(struct parity_run *run, const struct redis_value *value,
                       enum redis_shape shape, struct parity_bytes *out)
{
    switch (shape) {
    case REDIS_SORTED:
        show_sorted(run, value, 1, out);
        break;
    case REDIS_PAIRS:
        show_sorted(run, value, 2, out);
        break;
    case REDIS_SCAN:
        show_scan(run, value, 1, out);
        break;
    case REDIS_SCAN_PAIRS:
        show_scan(run, value, 2, out);
        break;
    case REDIS_HELLO:
        show_hello(run, value, out);
        break;
    case REDIS_TIME:
        parity_bytes_text(out, "some time");
        break;
    default:
        show_items(run, value, 0, out);
        break;
    }
}

void parity_redis_show(struct parity_run *run, const struct redis_value *value,
                       enum redis_shape shape, struct parity_bytes *out)
{
    const char *quote = value->kind == '$' ? "\"" : "";

    switch (value->kind) {
    case '*':
        show_array(run, value, shape, out);
        break;
    case ':':
        show_number(run, value->number, shape, out);
        break;
    case '_':
    case '0':
        parity_bytes_text(out, value->kind == '_' ? "null" : "null array");
        break;
    default:
        if (shape == REDIS_INFO && value->kind == '$') {
            show_info(value, out);
            break;
        }
        if (value->kind == '$')
            parity_bytes_text(out, quote);
        else
            parity_bytes_add(out, &value->kind, 1);
        show_text(run->own, value, out);
        parity_bytes_text(out, quote);
        break;
    }
}
