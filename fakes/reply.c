/* SPDX-License-Identifier: Apache-2.0
 * reply.c - the way to the client: changed by a fault, held by delay or by
 * darkness, then written.
 */
#include "hub.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/sockios.h>

/* ---- what comes from the service -------------------------------------- */

static void keep_greeting(struct fake_conn *conn, const uint8_t *bytes,
                          size_t length)
{
    struct fake_link *link = conn->link;
    size_t room = sizeof link->greeting - link->greeting_length;

    if (link->newest != conn)
        return;
    if (length > room)
        length = room;
    memcpy(link->greeting + link->greeting_length, bytes, length);
    link->greeting_length += length;
}

/* Ends like a line: a reader of lines must not wait for what never comes. And
 * begins as it did: libzookeeper takes the first four bytes for a length, and
 * waits for what is not there until its own timer ends it, in real time (two
 * thirds of the timeout, seen). Such a server is dark, and tested as such. */
static void make_noise(uint8_t *bytes, size_t length, bool keeps_length)
{
    size_t kept = keeps_length && length > 4 ? 4 : 0;

    memset(bytes + kept, 0xfe, length - kept);
    if (!keeps_length && length >= 2)
        memcpy(bytes + length - 2, "\r\n", 2);
}

void fake_conn_write(struct fake_conn *conn, const void *bytes, size_t length)
{
    if (conn->server != FAKE_HALF_OPEN || length == 0)
        return;
    keep_greeting(conn, bytes, length);
    if (!conn->is_in_data)
        fake_reply_came(conn, bytes, length);
    else if (fake_bytes_add(&conn->answer, bytes, length) != 0)
        fake_conn_reset(conn);
}

/* ---- the fault -------------------------------------------------------- */

static void queue(struct fake_conn *conn, const void *bytes, size_t length)
{
    const struct fake_strike *strike = &conn->strike;
    int64_t now = fake_now(conn->link->fake->hub);
    struct fake_chunk *chunk;

    if (length == 0)
        return;
    chunk = fake_chunk_new(bytes, length);
    if (chunk == NULL) {
        fake_conn_reset(conn);
        return;
    }
    if (strike->kind == FAKE_NOISE)
        make_noise(chunk->bytes, length,
                   conn->link->fake->service->clients_return);
    if (strike->kind == FAKE_DELAY || strike->kind == FAKE_DRIBBLE)
        chunk->due_ms =
            strike->amount < INT64_MAX - now ? now + strike->amount : INT64_MAX;
    if (strike->kind == FAKE_DRIBBLE)
        chunk->step_ms = strike->amount;
    fake_queue_add(&conn->output, chunk);
}

/* The client's half gets what was let pass and is reset; the server's half
 * learns at once that the connection is lost. */
static void cut_reply(struct fake_conn *conn, const void *bytes, size_t length)
{
    struct fake_strike *strike = &conn->strike;

    if ((int64_t)length >= strike->amount)
        length = (size_t)strike->amount;
    queue(conn, bytes, length);
    strike->amount -= (int64_t)length;
    if (strike->amount == 0) {
        fake_reply_end(conn, FAKE_END_RESET);
        fake_conn_end_server(conn);
    }
}

void fake_reply_came(struct fake_conn *conn, const void *bytes, size_t length)
{
    struct fake_strike *strike = &conn->strike;
    bool is_first = !strike->has_reply;

    if (!conn->is_socket_open || conn->ending != FAKE_END_NONE)
        return;
    strike->has_reply = true;
    switch (strike->kind) {
    case FAKE_CUT_AFTER:
        fake_conn_reset(conn);
        break;
    case FAKE_CUT_REPLY:
        cut_reply(conn, bytes, length);
        break;
    case FAKE_LIE:
        if (is_first)
            queue(conn, strike->bytes, strike->length);
        strike->is_swallowed = strike->length == 0;
        break;
    default:
        queue(conn, bytes, length);
        break;
    }
    fake_reply_go_on(conn);
}

/* ---- delay and darkness ----------------------------------------------- */

/* One byte of the first chunk, which keeps the rest for its next step. */
static void let_byte_pass(struct fake_conn *conn, struct fake_chunk *chunk)
{
    struct fake_chunk *one = fake_chunk_new(chunk->bytes + chunk->given, 1);

    if (one == NULL) {
        fake_conn_reset(conn);
        return;
    }
    fake_queue_add(&conn->ready, one);
    chunk->given++;
    chunk->due_ms = fake_now(conn->link->fake->hub) + chunk->step_ms;
    if (chunk->given == chunk->length)
        free(fake_queue_take(&conn->output));
}

void fake_reply_go_on(struct fake_conn *conn)
{
    struct fake_hub *hub = conn->link->fake->hub;

    if (!conn->is_socket_open)
        return;
    fake_timer_stop(hub, &conn->timer);
    while (conn->output.first != NULL) {
        struct fake_chunk *chunk = conn->output.first;
        if (fake_link_is_dark(conn->link, FAKE_TO_CLIENT))
            return;
        if (chunk->due_ms > fake_now(hub)) {
            fake_timer_set(hub, &conn->timer, chunk->due_ms);
            break;
        }
        if (chunk->step_ms > 0)
            let_byte_pass(conn, chunk);
        else
            fake_queue_add(&conn->ready, fake_queue_take(&conn->output));
    }
    if (conn->ready.first != NULL || conn->ending != FAKE_END_NONE)
        fake_reply_mark_dirty(conn);
}

void fake_reply_timer_fired(void *conn)
{
    fake_reply_go_on(conn);
}

void fake_reply_heal(struct fake_conn *conn)
{
    struct fake_chunk *chunk;

    fake_strike_end(&conn->strike);
    for (chunk = conn->output.first; chunk != NULL; chunk = chunk->next) {
        /* What has dribbled away already is gone. */
        memmove(chunk->bytes, chunk->bytes + chunk->given,
                chunk->length - chunk->given);
        chunk->length -= chunk->given;
        chunk->given = 0;
        chunk->due_ms = chunk->step_ms = 0;
    }
}

/* ---- writing ---------------------------------------------------------- */

void fake_reply_mark_dirty(struct fake_conn *conn)
{
    struct fake_hub *hub = conn->link->fake->hub;

    if (conn->is_dirty)
        return;
    conn->is_dirty = true;
    conn->next_dirty = hub->dirty;
    hub->dirty = conn;
}

void fake_reply_end(struct fake_conn *conn, enum fake_ending ending)
{
    if (conn->ending != FAKE_END_NONE || !conn->is_socket_open)
        return;
    conn->ending = ending;
    fake_reply_mark_dirty(conn);
}

static void has_written(uv_write_t *write, int status)
{
    struct fake_chunk *chunk = write->data;
    struct fake_conn *conn = chunk->conn;
    struct fake_hub *hub = conn->link->fake->hub;

    /* That the kernel took it at once is no news. */
    if (chunk->has_waited || status < 0)
        hub->has_served = true;
    free(chunk);
    conn->writes--;
    if (!conn->is_socket_open)
        return;
    fake_hub_enter(hub);
    if (status < 0)
        fake_request_client_left(conn);
    else if (conn->ending != FAKE_END_NONE)
        fake_reply_mark_dirty(conn);
    fake_hub_leave(hub);
}

static void write_ready(struct fake_conn *conn)
{
    uv_stream_t *stream = (uv_stream_t *)&conn->socket;
    struct fake_chunk *chunk;

    while ((chunk = fake_queue_take(&conn->ready)) != NULL) {
        uv_buf_t buf =
            uv_buf_init((char *)chunk->bytes, (unsigned)chunk->length);
        chunk->conn = conn;
        chunk->write.data = chunk;
        if (uv_write(&chunk->write, stream, &buf, 1, has_written) != 0) {
            free(chunk);
            fake_conn_reset(conn);
            return;
        }
        conn->writes++;
        conn->has_answered = true;
        chunk->has_waited = uv_stream_get_write_queue_size(stream) > 0;
    }
}

/* A reset throws away what the kernel has not sent yet, but not what the
 * client's kernel has: wait until all is sent. SIOCOUTQ counts what is not
 * acknowledged, which takes a silent client 40 ms; less than the window that
 * loopback begins with (64 KiB) is sent at once. */
#define SURELY_SENT_BYTES 32768

static bool is_sent(struct fake_conn *conn)
{
    int fd, waiting = 0;

    if (conn->writes > 0 || conn->output.first != NULL)
        return false;
    if (conn->ending == FAKE_END_CLOSE ||
        uv_fileno((uv_handle_t *)&conn->socket, &fd) != 0)
        return true;
    return ioctl(fd, SIOCOUTQ, &waiting) != 0 || waiting < SURELY_SENT_BYTES;
}

/* True: to be looked at again, though no event will say so. */
static bool flush_one(struct fake_conn *conn)
{
    if (!conn->is_socket_open)
        return false;
    write_ready(conn);
    if (!conn->is_socket_open || conn->ending == FAKE_END_NONE)
        return false;
    if (is_sent(conn)) {
        fake_conn_drop_client(conn, conn->ending == FAKE_END_RESET);
        return false;
    }
    return conn->writes == 0 && conn->output.first == NULL;
}

bool fake_reply_flush(struct fake_hub *hub)
{
    struct fake_conn *conn = hub->dirty, *next;
    bool has_done = false;

    hub->dirty = NULL;
    for (; conn != NULL; conn = next) {
        next = conn->next_dirty;
        conn->is_dirty = false;
        if (flush_one(conn))
            fake_reply_mark_dirty(conn);
        else
            has_done = true;
        fake_conn_free_if_done(conn);
    }
    return has_done;
}
