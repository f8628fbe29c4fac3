/* SPDX-License-Identifier: Apache-2.0
 * conn.c - one client's connection: its socket, its two halves, its end.
 */
#include "hub.h"

#include <poll.h>
#include <stdlib.h>

/* ---- the client's half ------------------------------------------------ */

static void handle_closed(uv_handle_t *handle)
{
    struct fake_conn *conn = handle->data;

    conn->is_handle_closed = true;
    fake_conn_free_if_done(conn);
}

/* The client may have gone first, its end not being read yet. */
static bool has_hung_up(struct fake_conn *conn)
{
    struct pollfd p = {.events = POLLRDHUP};

    if (conn->has_client_left)
        return true;
    if (uv_fileno((uv_handle_t *)&conn->socket, &p.fd) != 0)
        return true;
    return poll(&p, 1, 0) > 0;
}

void fake_conn_drop_client(struct fake_conn *conn, bool reset)
{
    if (!conn->is_socket_open)
        return;
    /* A client that never got a byte waits for its library's own reconnect
     * timer (T/60 of real time): nobody waits for that before the fault that
     * turned it away is healed. */
    if (conn->link->fake->service->clients_return && !conn->has_said_goodbye &&
        !has_hung_up(conn)) {
        if (conn->has_answered)
            conn->link->awaited++;
        else
            conn->link->is_retried = true;
    }
    conn->is_socket_open = false;
    fake_timer_stop(conn->link->fake->hub, &conn->timer);
    fake_queue_clear(&conn->output);
    fake_queue_clear(&conn->ready);
    if (!reset || uv_tcp_close_reset(&conn->socket, handle_closed) != 0)
        uv_close((uv_handle_t *)&conn->socket, handle_closed);
}

static void alloc_read(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct fake_conn *conn = handle->data;
    struct fake_hub *hub = conn->link->fake->hub;

    (void)suggested;
    *ret_buf = uv_buf_init(hub->read_buffer, sizeof hub->read_buffer);
}

static void has_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct fake_conn *conn = stream->data;
    struct fake_hub *hub = conn->link->fake->hub;

    if (n == 0)
        return;
    hub->has_served = true;
    fake_hub_enter(hub);
    if (n > 0)
        fake_request_came(conn, buf->base, (size_t)n);
    else
        fake_request_client_left(conn);
    fake_hub_leave(hub);
}

/* ---- the server's half ------------------------------------------------ */

void fake_conn_end_server(struct fake_conn *conn)
{
    struct fake_hub *hub = conn->link->fake->hub;

    /* A waiting one as well: its client may be gone already, and then nobody
     * but fake_hub_leave() is left to free it. */
    if (conn->server == FAKE_HALF_WAITING || conn->server == FAKE_HALF_OPEN) {
        conn->server = FAKE_HALF_ENDING;
        conn->next_ending = NULL;
        *hub->ending_end = conn;
        hub->ending_end = &conn->next_ending;
    }
    fake_queue_clear(&conn->held);
}

void fake_conn_finish_server(struct fake_conn *conn)
{
    struct fake *f = conn->link->fake;
    void *client = conn->client;

    conn->server = FAKE_HALF_ENDED;
    conn->client = NULL;
    if (client != NULL)
        f->service->close(f, client);
}

void fake_conn_reset(struct fake_conn *conn)
{
    fake_conn_end_server(conn);
    fake_conn_drop_client(conn, true);
}

void fake_conn_close(struct fake_conn *conn)
{
    if (conn->server != FAKE_HALF_OPEN)
        return;
    conn->has_said_goodbye = conn->is_in_data;
    /* In `data` the last answer is not queued yet; request.c ends both. */
    if (!conn->is_in_data)
        fake_reply_end(conn, FAKE_END_CLOSE);
    fake_conn_end_server(conn);
}

struct fake_link *fake_conn_link(const struct fake_conn *conn)
{
    return conn->link;
}

void fake_conn_abandon(struct fake_conn *conn)
{
    struct fake_hub *hub = conn->link->fake->hub;

    fake_hub_enter(hub);
    fake_request_abandon(conn);
    fake_hub_leave(hub);
}

void fake_conn_hold(struct fake_conn *conn)
{
    conn->is_on_hold = true;
}

/* ---- birth and death -------------------------------------------------- */

static void link_in(struct fake_conn *conn, struct fake_link *link)
{
    struct fake_conn **end = &link->conns;

    while (*end != NULL) {
        conn->prev = *end;
        end = &(*end)->next;
    }
    *end = conn;
    conn->link = link;
    link->refs++;
    link->newest = conn;
    link->greeting_length = 0;
    if (link->awaited > 0)
        link->awaited--;
    link->is_retried = false;
}

static void link_out(struct fake_conn *conn)
{
    struct fake_link *link = conn->link;

    if (conn->prev == NULL)
        link->conns = conn->next;
    else
        conn->prev->next = conn->next;
    if (conn->next != NULL)
        conn->next->prev = conn->prev;
    if (link->newest == conn)
        link->newest = NULL;
    fake_link_unref(link);
}

void fake_conn_free_if_done(struct fake_conn *conn)
{
    if (conn->server != FAKE_HALF_ENDED || !conn->is_handle_closed ||
        conn->is_dirty)
        return;
    link_out(conn);
    fake_bytes_clear(&conn->input);
    fake_bytes_clear(&conn->answer);
    fake_strike_end(&conn->strike);
    free(conn);
}

static bool is_refused(struct fake_link *link)
{
    struct fake_strike strike;

    return fake_fault_strike(link, NULL, 0, &strike) != 0 ||
           strike.kind == FAKE_REFUSE;
}

void fake_conn_accept(struct fake_link *link)
{
    struct fake_hub *hub = link->fake->hub;
    struct fake_conn *conn = calloc(1, sizeof *conn);

    /* The loop does not ask again for one that was not accepted. */
    if (conn == NULL) {
        link->is_accept_due = hub->is_accept_due = true;
        return;
    }
    link->is_accept_due = false;
    uv_tcp_init(&hub->loop, &conn->socket); /* only sets fields: cannot fail */
    conn->socket.data = conn;
    conn->timer.fire = fake_reply_timer_fired;
    conn->timer.arg = conn;
    conn->is_socket_open = true;
    link_in(conn, link);
    uv_stream_t *stream = (uv_stream_t *)&conn->socket;
    if (uv_accept((uv_stream_t *)&link->listener, stream) != 0 ||
        uv_tcp_nodelay(&conn->socket, 1) != 0 ||
        uv_read_start(stream, alloc_read, has_read) != 0 || is_refused(link))
        fake_conn_reset(conn);
    else
        fake_request_go_on(conn);
}
