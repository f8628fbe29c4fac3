/* SPDX-License-Identifier: Apache-2.0
 * redis_reply.c - what came on a connection: answers awaited, messages not.
 */
#include "redis_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is awaited -------------------------------------------------- */

bool parity_redis_await(struct redis_conn *conn, enum redis_shape shape,
                        size_t names)
{
    size_t end = conn->first + conn->count;

    if (conn->count == 0)
        end = conn->first = 0;
    if (end == conn->room) {
        size_t room = conn->room == 0 ? 16 : conn->room * 2;
        struct redis_awaited *awaited =
            realloc(conn->awaited, room * sizeof *awaited);
        if (awaited == NULL)
            return false;
        conn->awaited = awaited;
        conn->room = room;
    }
    conn->awaited[end] = (struct redis_awaited){.shape = shape, .names = names};
    conn->count++;
    return true;
}

static void done(struct redis_conn *conn)
{
    conn->first++;
    conn->count--;
}

/* ---- transactions and subscriptions ----------------------------------- */

static bool queue(struct redis_conn *conn, enum redis_shape shape)
{
    if (conn->queued_count == conn->queued_room) {
        size_t room = conn->queued_room == 0 ? 16 : conn->queued_room * 2;
        enum redis_shape *queued = realloc(conn->queued, room * sizeof *queued);
        if (queued == NULL)
            return false;
        conn->queued = queued;
        conn->queued_room = room;
    }
    conn->queued[conn->queued_count++] = shape;
    return true;
}

/* How many it has subscribed to stands in the answers about that, which may
 * lie inside that of EXEC. */
static void follow(struct redis_conn *conn, const struct redis_value *value)
{
    for (size_t i = 0; i < value->count; i++)
        follow(conn, &value->items[i]);
    if (value->kind != '*' || value->count != 3 ||
        value->items[2].kind != ':' || value->items[2].number < 0)
        return;
    size_t number = (size_t)value->items[2].number;
    bool is_of_patterns = parity_redis_is(&value->items[0], "psubscribe") ||
                          parity_redis_is(&value->items[0], "punsubscribe");
    if (is_of_patterns && number >= conn->channels)
        conn->patterns = number - conn->channels;
    else if ((parity_redis_is(&value->items[0], "subscribe") ||
              parity_redis_is(&value->items[0], "unsubscribe")) &&
             number >= conn->patterns)
        conn->channels = number - conn->patterns;
}

/* One answer of SUBSCRIBE or UNSUBSCRIBE: are there more? */
static bool has_more(struct redis_awaited *awaited, size_t before)
{
    if (!awaited->is_begun) {
        awaited->is_begun = true;
        awaited->is_of_all = awaited->names == 0;
        if (awaited->is_of_all)
            awaited->names = before > 0 ? before : 1;
    }
    return --awaited->names > 0;
}

/* ---- saying ----------------------------------------------------------- */

static void say(struct parity_run *run, int conn, struct parity_bytes *line)
{
    struct redis_own *own = run->own;

    parity_bytes_add(line, "", 1);
    own->is_short = own->is_short || line->is_short;
    parity_say(run, conn, "%s",
               own->is_short ? "short of memory" : (const char *)line->at);
    parity_bytes_free(line);
}

/* Messages may come in between, when the transaction subscribes. */
static void show_exec(struct parity_run *run, struct redis_conn *conn,
                      const struct redis_value *value, struct parity_bytes *out)
{
    size_t next = 0;

    if (value->kind != '*') {
        parity_redis_show(run, value, REDIS_PLAIN, out);
        return;
    }
    parity_bytes_text(out, "exec [");
    for (size_t i = 0; i < value->count; i++) {
        bool is_push = parity_redis_is_push(&value->items[i]);
        enum redis_shape shape = is_push || next >= conn->queued_count
                                     ? REDIS_PLAIN
                                     : conn->queued[next++];
        parity_bytes_text(out, i > 0 ? ", " : "");
        parity_redis_show(run, &value->items[i], shape, out);
    }
    parity_bytes_text(out, "]");
}

/* One step of a scan: its items wait for "loopend". */
static void take_step(struct parity_run *run, int conn,
                      const struct redis_value *value)
{
    struct redis_own *own = run->own;
    bool is_whole = value->kind == '*' && value->count == 2 &&
                    value->items[0].kind == '$' && value->items[1].kind == '*';
    struct parity_bytes line = {0};

    if (!is_whole) {
        own->is_loop_over = true;
        parity_redis_show(run, value, REDIS_PLAIN, &line);
        say(run, conn, &line);
        return;
    }
    for (size_t i = 0; i < value->items[1].count; i++) {
        parity_redis_show(run, &value->items[1].items[i], REDIS_PLAIN, &line);
        if (!parity_redis_hold(&own->loop, &line))
            own->is_short = true;
        parity_bytes_free(&line);
    }
    own->is_loop_over = parity_redis_is(&value->items[0], "0");
    parity_bytes_cut(&own->cursor, own->cursor.length);
    parity_bytes_add(&own->cursor, value->items[0].at, value->items[0].length);
}

/* One of the answers to UNSUBSCRIBE without a name: the server goes through
 * its table of them. */
static void take_left(struct parity_run *run, int number,
                      const struct redis_value *value, bool is_last)
{
    struct redis_own *own = run->own;
    struct redis_held *left = &own->conns[number].left;
    struct parity_bytes line = {0};

    parity_redis_show(run, &value->items[0], REDIS_PLAIN, &line);
    parity_bytes_text(&line, " ");
    parity_redis_show(run, &value->items[1], REDIS_PLAIN, &line);
    if (!parity_redis_hold(left, &line))
        own->is_short = true;
    parity_bytes_free(&line);
    if (!is_last)
        return;
    parity_redis_sort(left);
    for (size_t i = 0; i < left->count; i++)
        parity_say(run, number, "%s", left->lines[i]);
    parity_redis_drop(left);
    parity_redis_show(run, &value->items[2], REDIS_PLAIN, &line);
    parity_bytes_text(&line, " left");
    say(run, number, &line);
}

/* ---- one value -------------------------------------------------------- */

static void take_answer(struct parity_run *run, int number,
                        const struct redis_value *value)
{
    struct redis_own *own = run->own;
    struct redis_conn *conn = &own->conns[number];
    struct redis_awaited *awaited = &conn->awaited[conn->first];
    enum redis_shape shape = awaited->shape;
    struct parity_bytes line = {0};
    size_t before = awaited->is_pattern ? conn->patterns : conn->channels;
    bool is_queued = value->kind == '+' && parity_redis_is(value, "QUEUED");
    bool is_one_of = (shape == REDIS_SUBSCRIBE || shape == REDIS_UNSUBSCRIBE) &&
                     value->kind == '*' && value->count == 3;
    bool is_last = !is_one_of || !has_more(awaited, before);

    follow(conn, value);
    if (is_queued && !queue(conn, shape))
        own->is_short = true;
    if (shape == REDIS_LOOP && !is_queued)
        take_step(run, number, value);
    else if (is_one_of && awaited->is_of_all)
        take_left(run, number, value, is_last);
    else if (shape == REDIS_EXEC)
        show_exec(run, conn, value, &line);
    else if (shape != REDIS_HIDDEN && shape != REDIS_BARRIER)
        parity_redis_show(run, value, shape, &line);
    if (line.length > 0)
        say(run, number, &line);
    if (parity_redis_is(value, "RESET"))
        conn->channels = conn->patterns = 0;
    if (shape == REDIS_EXEC ||
        (shape == REDIS_DISCARD && value->kind == '+' && !is_queued))
        conn->queued_count = 0;
    if (is_last)
        done(conn);
}

static void take_value(struct parity_run *run, int number,
                       const struct redis_value *value)
{
    struct redis_own *own = run->own;
    struct redis_conn *conn = &own->conns[number];

    if (parity_redis_is_push(value)) {
        parity_redis_push(run, number, value);
        return;
    }
    parity_redis_flush(run, number);
    if (conn->count > 0 && conn->awaited[conn->first].shape != REDIS_END) {
        take_answer(run, number, value);
        return;
    }
    struct parity_bytes line = {0};
    parity_bytes_text(&line, "unasked ");
    follow(conn, value);
    parity_redis_show(run, value, REDIS_PLAIN, &line);
    say(run, number, &line);
}

ssize_t parity_redis_take(struct parity_run *run, int conn,
                          const uint8_t *bytes, size_t length)
{
    size_t used = 0;

    while (used < length) {
        ssize_t n = parity_redis_measure(bytes + used, length - used);
        struct redis_value value;
        if (n < 0)
            return n;
        if (n == 0)
            break;
        if (!parity_redis_read(bytes + used, (size_t)n, &value))
            return -ENOMEM;
        take_value(run, conn, &value);
        parity_redis_value_free(&value);
        used += (size_t)n;
    }
    return (ssize_t)used;
}
