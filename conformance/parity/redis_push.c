/* SPDX-License-Identifier: Apache-2.0
 * redis_push.c - published messages, put in an order that both servers keep.
 */
#include "redis_run.h"

#include <stdlib.h>
#include <string.h>

/* ---- lines held back -------------------------------------------------- */

bool parity_redis_hold(struct redis_held *held, struct parity_bytes *line)
{
    size_t room = held->room == 0 ? 8 : held->room * 2;

    parity_bytes_add(line, "", 1);
    if (line->is_short)
        return false;
    if (held->count == held->room) {
        char **lines = realloc(held->lines, room * sizeof *lines);
        if (lines == NULL)
            return false;
        held->lines = lines;
        held->room = room;
    }
    held->lines[held->count] = strdup((const char *)line->at);
    if (held->lines[held->count] == NULL)
        return false;
    held->count++;
    return true;
}

static int compare(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

void parity_redis_sort(struct redis_held *held)
{
    if (held->count > 1)
        qsort(held->lines, held->count, sizeof *held->lines, compare);
}

void parity_redis_drop(struct redis_held *held)
{
    while (held->count > 0)
        free(held->lines[--held->count]);
    free(held->lines);
    free(held->what);
    *held = (struct redis_held){0};
}

void parity_redis_flush(struct parity_run *run, int conn)
{
    struct redis_own *own = run->own;
    struct redis_held *held = &own->conns[conn].held;

    parity_redis_sort(held);
    for (size_t i = 0; i < held->count; i++)
        parity_say(run, conn, "%s", held->lines[i]);
    parity_redis_drop(held);
}

/* ---- messages --------------------------------------------------------- */

bool parity_redis_is_push(const struct redis_value *value)
{
    return value->kind == '*' &&
           ((value->count == 3 &&
             parity_redis_is(&value->items[0], "message")) ||
            (value->count == 4 &&
             parity_redis_is(&value->items[0], "pmessage")));
}

static bool begins(const struct redis_value *value, const char *text)
{
    size_t n = strlen(text);
    return value->length >= n && memcmp(value->at, text, n) == 0;
}

static bool ends(const struct redis_value *value, const char *text)
{
    size_t n = strlen(text);
    return value->length >= n &&
           memcmp(value->at + value->length - n, text, n) == 0;
}

/* What messages have in common that come in no certain order; nothing
 * added: this one stands where it stands. */
static void find_common(const struct redis_value *channel,
                        const struct redis_value *payload, bool is_pattern,
                        struct parity_bytes *out)
{
    if ((begins(channel, "__keyspace@") &&
         parity_redis_is(payload, "expired")) ||
        (begins(channel, "__keyevent@") && ends(channel, ":expired"))) {
        parity_bytes_text(out, "expired");
    } else if (is_pattern) {
        parity_bytes_add(out, channel->at, channel->length);
        parity_bytes_text(out, "\n");
        parity_bytes_add(out, payload->at, payload->length);
    }
    parity_bytes_add(out, "", 1);
}

void parity_redis_push(struct parity_run *run, int conn,
                       const struct redis_value *value)
{
    struct redis_own *own = run->own;
    struct redis_held *held = &own->conns[conn].held;
    const struct redis_value *payload = &value->items[value->count - 1];
    const struct redis_value *channel = payload - 1;
    struct parity_bytes common = {0}, line = {0};

    if (begins(channel, "__keyevent@") && !begins(payload, run->prefix))
        return;
    find_common(channel, payload, value->count == 4, &common);
    if (common.is_short) {
        own->is_short = true;
        goto out;
    }
    if (held->what == NULL || strcmp(held->what, (char *)common.at) != 0)
        parity_redis_flush(run, conn);
    parity_bytes_text(&line, "push ");
    parity_redis_show(run, value, REDIS_PLAIN, &line);
    if (!parity_redis_hold(held, &line)) {
        own->is_short = true;
        goto out;
    }
    if (held->what == NULL)
        held->what = strdup((char *)common.at);
    if (common.length <= 1)
        parity_redis_flush(run, conn);
out:
    parity_bytes_free(&common);
    parity_bytes_free(&line);
}
