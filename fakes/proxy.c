/* SPDX-License-Identifier: Apache-2.0
 * proxy.c - a service that is a real server's: every connection has one of
 * its own to it, and bytes pass both ways as they are.
 */
#include "hub.h"

#include <errno.h>
#include <stdlib.h>

struct proxy {
    struct sockaddr_storage to;
    struct upstream *leaving;
};

/* Outlives its client until all that the client sent is written, so that a
 * late request arrives at a real server as well. */
struct upstream {
    struct upstream *next, *prev; /* of those that outlive theirs           */
    struct proxy *proxy;
    struct fake_hub *hub;
    struct fake_conn *conn; /* NULL: has ended                              */
    uv_tcp_t socket;
    uv_connect_t connect;
    bool is_connected;
    struct fake_queue early; /* what came before the connection stood       */
    unsigned writes;         /* given to the loop, not yet reported         */
};

/* ---- its end ---------------------------------------------------------- */

static void upstream_closed(uv_handle_t *handle)
{
    struct upstream *up = handle->data;

    fake_queue_clear(&up->early);
    free(up);
}

static bool is_closing(const struct upstream *up)
{
    return uv_is_closing((const uv_handle_t *)&up->socket);
}

static void upstream_close(struct upstream *up)
{
    if (is_closing(up))
        return;
    if (up->prev != NULL)
        up->prev->next = up->next;
    else if (up->proxy->leaving == up)
        up->proxy->leaving = up->next;
    if (up->next != NULL)
        up->next->prev = up->prev;
    uv_close((uv_handle_t *)&up->socket, upstream_closed);
}

static void upstream_lost(struct upstream *up, bool was_reset)
{
    if (up->conn == NULL) {
        upstream_close(up);
        return;
    }
    up->hub->has_served = true;
    fake_hub_enter(up->hub);
    if (was_reset)
        fake_conn_reset(up->conn);
    else
        fake_conn_close(up->conn);
    fake_hub_leave(up->hub);
}

/* ---- to the real server ----------------------------------------------- */

static void has_written(uv_write_t *write, int status)
{
    struct upstream *up = write->handle->data;

    free(write->data);
    up->writes--;
    if (is_closing(up))
        return;
    if (status < 0)
        upstream_lost(up, true);
    else if (up->conn == NULL && up->writes == 0)
        upstream_close(up);
}

static void write_early(struct upstream *up)
{
    struct fake_chunk *chunk;

    while ((chunk = fake_queue_take(&up->early)) != NULL) {
        uv_buf_t buf =
            uv_buf_init((char *)chunk->bytes, (unsigned)chunk->length);
        chunk->write.data = chunk;
        if (uv_write(&chunk->write, (uv_stream_t *)&up->socket, &buf, 1,
                     has_written) != 0) {
            free(chunk);
            upstream_lost(up, true);
            return;
        }
        up->writes++;
    }
}

static size_t proxy_data(struct fake *f, void *client, const uint8_t *bytes,
                         size_t length)
{
    struct upstream *up = client;
    struct fake_chunk *chunk = fake_chunk_new(bytes, length);

    (void)f;
    if (chunk == NULL) {
        fake_conn_reset(up->conn);
        return length;
    }
    fake_queue_add(&up->early, chunk);
    if (up->is_connected)
        write_early(up);
    return length;
}

/* ---- from the real server --------------------------------------------- */

static void alloc_read(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct upstream *up = handle->data;

    (void)suggested;
    *ret_buf = uv_buf_init(up->hub->read_buffer, sizeof up->hub->read_buffer);
}

static void has_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct upstream *up = stream->data;

    if (n < 0) {
        uv_read_stop(stream);
        upstream_lost(up, n != UV_EOF);
    } else if (n > 0 && up->conn != NULL) {
        up->hub->has_served = true;
        fake_hub_enter(up->hub);
        fake_conn_write(up->conn, buf->base, (size_t)n);
        fake_hub_leave(up->hub);
    }
}

static void has_connected(uv_connect_t *connect, int status)
{
    uv_stream_t *stream = connect->handle;
    struct upstream *up = stream->data;

    if (is_closing(up))
        return;
    up->hub->has_served = true;
    if (status != 0 || uv_tcp_nodelay(&up->socket, 1) != 0 ||
        uv_read_start(stream, alloc_read, has_read) != 0) {
        upstream_lost(up, true);
        return;
    }
    up->is_connected = true;
    fake_hub_enter(up->hub);
    write_early(up);
    fake_hub_leave(up->hub);
}

/* ---- one client ------------------------------------------------------- */

static void *proxy_open(struct fake *f, struct fake_conn *conn)
{
    struct proxy *proxy = fake_state(f);
    struct upstream *up = calloc(1, sizeof *up);

    if (up == NULL)
        return NULL;
    up->proxy = proxy;
    up->conn = conn;
    up->hub = fake_hub_of(f);
    uv_tcp_init(&up->hub->loop, &up->socket); /* only sets fields */
    up->socket.data = up;
    if (uv_tcp_connect(&up->connect, &up->socket,
                       (const struct sockaddr *)&proxy->to,
                       has_connected) != 0) {
        upstream_close(up);
        return NULL;
    }
    fake_count_command(conn, "connect", true);
    return up;
}

static void proxy_close(struct fake *f, void *client)
{
    struct upstream *up = client;
    struct proxy *proxy = fake_state(f);

    up->conn = NULL;
    if (up->early.first == NULL && up->writes == 0) {
        upstream_close(up);
        return;
    }
    up->next = proxy->leaving;
    if (up->next != NULL)
        up->next->prev = up;
    proxy->leaving = up;
}

static void proxy_free(struct fake *f)
{
    struct proxy *proxy = fake_state(f);

    while (proxy->leaving != NULL)
        upstream_close(proxy->leaving);
    free(proxy);
}

int fake_proxy_new(struct fake_hub *hub, const char *host, int port,
                   struct fake **ret_fake)
{
    static const struct fake_service service = {.name = "proxy",
                                                .open = proxy_open,
                                                .data = proxy_data,
                                                .close = proxy_close,
                                                .free = proxy_free};
    struct proxy *proxy;
    int err;

    if (port < 1 || port > 65535)
        return -EINVAL;
    proxy = calloc(1, sizeof *proxy);
    if (proxy == NULL)
        return -ENOMEM;
    err = uv_ip4_addr(host, port, (struct sockaddr_in *)&proxy->to);
    if (err != 0)
        err = uv_ip6_addr(host, port, (struct sockaddr_in6 *)&proxy->to);
    if (err == 0)
        err = fake_new(hub, &service, proxy, ret_fake);
    if (err != 0)
        free(proxy);
    return err;
}
