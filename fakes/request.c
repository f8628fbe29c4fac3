/* SPDX-License-Identifier: Apache-2.0
 * request.c - the way to the server: held by darkness, struck by faults, and
 * given to the service as far as it takes it.
 */
#include "hub.h"

#include <stdlib.h>

static bool can_pass(const struct fake_conn *conn)
{
    return !fake_link_is_dark(conn->link, FAKE_TO_SERVER);
}

static void open_server(struct fake_conn *conn)
{
    struct fake *f = conn->link->fake;

    if (!f->is_up) {
        if (!f->service->parks_when_down)
            fake_conn_reset(conn);
        return;
    }
    conn->server = FAKE_HALF_OPEN;
    conn->client = f->service->open(f, conn);
    if (conn->client == NULL)
        fake_conn_reset(conn);
}

/* The service takes what it can; all that it writes meanwhile is one reply,
 * however many requests were in one read. */
static void offer_input(struct fake_conn *conn)
{
    struct fake *f = conn->link->fake;

    conn->is_in_data = true;
    while (conn->server == FAKE_HALF_OPEN && conn->input.length > 0) {
        size_t taken = f->service->data(f, conn->client, conn->input.at,
                                        conn->input.length);
        if (taken == 0)
            break;
        if (taken > conn->input.length)
            taken = conn->input.length;
        fake_bytes_drop(&conn->input, taken);
    }
    conn->is_in_data = false;
    if (conn->answer.length > 0)
        fake_reply_came(conn, conn->answer.at, conn->answer.length);
    conn->answer.length = 0;
    if (conn->server == FAKE_HALF_ENDING)
        fake_reply_end(conn, FAKE_END_CLOSE);
}

/* What rules the reply of the request before ends here, unless that reply is
 * still to come: a long request may take several reads. */
static bool strike(struct fake_conn *conn, const struct fake_chunk *chunk)
{
    struct fake_strike next;

    if (fake_fault_strike(conn->link, chunk->bytes, chunk->length, &next) != 0)
        return false;
    if (next.kind != 0 || conn->strike.has_reply) {
        fake_strike_end(&conn->strike);
        conn->strike = next;
    }
    return next.kind != FAKE_CUT;
}

static void give(struct fake_conn *conn, const struct fake_chunk *chunk)
{
    if (!strike(conn, chunk) ||
        fake_bytes_add(&conn->input, chunk->bytes, chunk->length) != 0) {
        fake_conn_reset(conn);
        return;
    }
    offer_input(conn);
}

void fake_request_go_on(struct fake_conn *conn)
{
    /* Asked from within `data`: who called that goes on afterwards. */
    if (!can_pass(conn) || conn->is_in_data)
        return;
    if (conn->server == FAKE_HALF_WAITING)
        open_server(conn);
    while (conn->server == FAKE_HALF_OPEN && conn->held.first != NULL) {
        struct fake_chunk *chunk = fake_queue_take(&conn->held);
        give(conn, chunk);
        free(chunk);
    }
    if (!conn->is_socket_open)
        fake_conn_end_server(conn);
}

void fake_request_came(struct fake_conn *conn, const void *bytes, size_t length)
{
    /* The server closed: what comes while the last reply is written is read
     * and dropped, or the kernel would reset instead of ending in order. */
    if (conn->server != FAKE_HALF_OPEN && conn->server != FAKE_HALF_WAITING)
        return;
    struct fake_chunk *chunk = fake_chunk_new(bytes, length);
    if (chunk == NULL) {
        fake_conn_reset(conn);
        return;
    }
    fake_queue_add(&conn->held, chunk);
    fake_request_go_on(conn);
}

/* In the dark the server does not hear of it, and gets later what was sent.
 * A connection that no server has heard of has nothing to tell, unless it
 * sent something. */
static void leave_server(struct fake_conn *conn)
{
    if (can_pass(conn) ||
        (conn->server == FAKE_HALF_WAITING && conn->held.first == NULL))
        fake_conn_end_server(conn);
}

void fake_request_client_left(struct fake_conn *conn)
{
    conn->has_client_left = true;
    fake_conn_drop_client(conn, false);
    leave_server(conn);
}

/* What the client has sent and nobody has read yet was sent all the same. */
static void read_rest(struct fake_conn *conn)
{
    struct fake_hub *hub = conn->link->fake->hub;
    ssize_t n;
    int fd;

    while (conn->is_socket_open &&
           uv_fileno((uv_handle_t *)&conn->socket, &fd) == 0) {
        n = recv(fd, hub->read_buffer, sizeof hub->read_buffer, MSG_DONTWAIT);
        if (n <= 0)
            return;
        fake_request_came(conn, hub->read_buffer, (size_t)n);
    }
}

void fake_request_abandon(struct fake_conn *conn)
{
    read_rest(conn);
    fake_conn_drop_client(conn, true);
    leave_server(conn);
}
