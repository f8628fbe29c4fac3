/* SPDX-License-Identifier: Apache-2.0
 * net.c - libuv's calls about connections, without connections.
 *
 * What libuv promises is kept: no callback comes from within the call that
 * asked for it, and whatever is asked of a handle is called back before the
 * handle is closed.
 */
#include "net.h"

#include "hub.h"

#include <netinet/in.h>

struct write {
    struct write *next;
    uv_write_t *request;
    uv_write_cb called;
};

struct net_end {
    uv_stream_t *stream; /* NULL: closed, and called back               */
    bool is_closing, is_upstream, is_stuck;
    uv_alloc_cb alloc;
    uv_read_cb read; /* NULL: the hub does not read                     */
    uv_connect_t *connect;
    uv_connect_cb connected;
    uv_close_cb closed;
    struct write *first, **last; /* not called back yet                 */
    uint8_t *heard;
    size_t n_heard, room;
};

static struct {
    struct net_end end[NET_ENDS_MAX];
    size_t n;
    struct net_end *newest_upstream;
} net;

void __real_uv_close(uv_handle_t *handle, uv_close_cb closed);
int __wrap_uv_tcp_bind(uv_tcp_t *handle, const struct sockaddr *to,
                       unsigned flags);
int __wrap_uv_listen(uv_stream_t *stream, int backlog, uv_connection_cb called);
int __wrap_uv_tcp_getsockname(const uv_tcp_t *handle, struct sockaddr *name,
                              int *length);
int __wrap_uv_accept(uv_stream_t *server, uv_stream_t *client);
int __wrap_uv_tcp_nodelay(uv_tcp_t *handle, int enable);
int __wrap_uv_tcp_connect(uv_connect_t *request, uv_tcp_t *handle,
                          const struct sockaddr *to, uv_connect_cb called);
int __wrap_uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc,
                         uv_read_cb read);
int __wrap_uv_read_stop(uv_stream_t *stream);
int __wrap_uv_write(uv_write_t *request, uv_stream_t *stream,
                    const uv_buf_t bufs[], unsigned n, uv_write_cb called);
void __wrap_uv_close(uv_handle_t *handle, uv_close_cb closed);
int __wrap_uv_tcp_close_reset(uv_tcp_t *handle, uv_close_cb closed);

/* ---- ends ------------------------------------------------------------- */

static struct net_end *find(const void *handle)
{
    for (size_t i = 0; i < net.n; i++)
        if ((const void *)net.end[i].stream == handle)
            return &net.end[i];
    return NULL;
}

static struct net_end *add(uv_stream_t *stream)
{
    struct net_end *end;

    if (net.n == NET_ENDS_MAX)
        return NULL;
    end = &net.end[net.n++];
    *end = (struct net_end){.stream = stream};
    end->last = &end->first;
    return end;
}

void net_begin(void)
{
    net.n = 0;
    net.newest_upstream = NULL;
}

void net_end(void)
{
    for (size_t i = 0; i < net.n; i++) {
        fuzz_claim(net.end[i].stream == NULL && net.end[i].first == NULL);
        free(net.end[i].heard);
    }
    net.n = 0;
}

struct net_end *net_upstream(void)
{
    return net.newest_upstream;
}

bool net_is_open(const struct net_end *end)
{
    return end != NULL && end->stream != NULL && !end->is_closing;
}

void net_stick(struct net_end *end, bool is_stuck)
{
    end->is_stuck = is_stuck;
}

struct fuzz_bytes net_heard(const struct net_end *end)
{
    return (struct fuzz_bytes){end->heard, end->n_heard};
}

void net_forget(struct net_end *end)
{
    end->n_heard = 0;
}

/* ---- what the other side does ----------------------------------------- */

struct net_end *net_dial(struct fake_link *link)
{
    struct fake_hub *hub = link->fake->hub;
    size_t n = net.n;

    if (n == NET_ENDS_MAX)
        return NULL;
    fake_hub_enter(hub);
    fake_conn_accept(link);
    fake_hub_leave(hub);
    return net.n > n ? &net.end[n] : NULL;
}

void net_say(struct net_end *end, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;

    while (length > 0 && net_is_open(end) && end->read != NULL) {
        uv_stream_t *stream = end->stream;
        uv_buf_t buf = {NULL, 0};
        size_t n;
        end->alloc((uv_handle_t *)stream, 65536, &buf);
        n = length < buf.len ? length : buf.len;
        fuzz_claim(n > 0);
        memcpy(buf.base, at, n);
        end->read(stream, (ssize_t)n, &buf);
        at += n;
        length -= n;
    }
}

void net_hang_up(struct net_end *end)
{
    uv_buf_t buf = {NULL, 0};

    if (net_is_open(end) && end->read != NULL)
        end->read(end->stream, UV_EOF, &buf);
}

/* ---- calling back ----------------------------------------------------- */

static bool call_writes(struct net_end *end, int status)
{
    struct write *w;
    bool has_called = end->first != NULL;

    while ((w = end->first) != NULL) {
        end->first = w->next;
        if (end->first == NULL)
            end->last = &end->first;
        w->called(w->request, status);
        free(w);
    }
    return has_called;
}

static bool call_connect(struct net_end *end, int status)
{
    uv_connect_t *request = end->connect;

    if (request == NULL)
        return false;
    end->connect = NULL;
    end->connected(request, status);
    return true;
}

static bool call_all(void)
{
    bool has_called = false;

    for (size_t i = 0; i < net.n; i++) {
        struct net_end *end = &net.end[i];
        if (!net_is_open(end))
            continue;
        has_called = call_connect(end, 0) || has_called;
        if (!end->is_stuck)
            has_called = call_writes(end, 0) || has_called;
    }
    return has_called;
}

void net_settle(struct fake_hub *hub)
{
    bool has_called, has_served;
    int turns = 0;

    do {
        has_called = call_all();
        has_served = fake_poll(hub, 0);
        fuzz_claim(++turns < 10000);
    } while (has_called || has_served);
}

static void was_closed(uv_handle_t *handle)
{
    struct net_end *end = find(handle);

    call_connect(end, UV_ECANCELED);
    call_writes(end, UV_ECANCELED);
    end->stream = NULL;
    if (net.newest_upstream == end)
        net.newest_upstream = NULL;
    if (end->closed != NULL)
        end->closed(handle);
}

/* ---- libuv's calls ---------------------------------------------------- */

int __wrap_uv_tcp_bind(uv_tcp_t *handle, const struct sockaddr *to,
                       unsigned flags)
{
    (void)handle;
    (void)to;
    (void)flags;
    return 0;
}

int __wrap_uv_listen(uv_stream_t *stream, int backlog, uv_connection_cb called)
{
    (void)stream;
    (void)backlog;
    (void)called;
    return 0;
}

int __wrap_uv_tcp_getsockname(const uv_tcp_t *handle, struct sockaddr *name,
                              int *length)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(1)};

    (void)handle;
    fuzz_claim(*length >= (int)sizeof at);
    memcpy(name, &at, sizeof at);
    *length = sizeof at;
    return 0;
}

int __wrap_uv_accept(uv_stream_t *server, uv_stream_t *client)
{
    (void)server;
    return add(client) == NULL ? UV_ENOMEM : 0;
}

int __wrap_uv_tcp_nodelay(uv_tcp_t *handle, int enable)
{
    (void)handle;
    (void)enable;
    return 0;
}

int __wrap_uv_tcp_connect(uv_connect_t *request, uv_tcp_t *handle,
                          const struct sockaddr *to, uv_connect_cb called)
{
    struct net_end *end = add((uv_stream_t *)handle);

    (void)to;
    if (end == NULL)
        return UV_ENOMEM;
    request->handle = (uv_stream_t *)handle;
    end->is_upstream = true;
    end->connect = request;
    end->connected = called;
    net.newest_upstream = end;
    return 0;
}

int __wrap_uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc,
                         uv_read_cb read)
{
    struct net_end *end = find(stream);

    fuzz_claim(end != NULL && !end->is_closing);
    end->alloc = alloc;
    end->read = read;
    return 0;
}

int __wrap_uv_read_stop(uv_stream_t *stream)
{
    struct net_end *end = find(stream);

    if (end != NULL)
        end->read = NULL;
    return 0;
}

static void hear(struct net_end *end, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    if (end->n_heard + length > end->room) {
        end->room = 2 * (end->n_heard + length);
        end->heard = realloc(end->heard, end->room);
    }
    memcpy(end->heard + end->n_heard, bytes, length);
    end->n_heard += length;
}

int __wrap_uv_write(uv_write_t *request, uv_stream_t *stream,
                    const uv_buf_t bufs[], unsigned n, uv_write_cb called)
{
    struct net_end *end = find(stream);
    struct write *w = malloc(sizeof *w);

    fuzz_claim(end != NULL && !end->is_closing);
    *w = (struct write){NULL, request, called};
    request->handle = stream;
    *end->last = w;
    end->last = &w->next;
    for (unsigned i = 0; i < n; i++)
        hear(end, bufs[i].base, bufs[i].len);
    return 0;
}

void __wrap_uv_close(uv_handle_t *handle, uv_close_cb closed)
{
    struct net_end *end = find(handle);

    if (end == NULL) {
        __real_uv_close(handle, closed);
        return;
    }
    fuzz_claim(!end->is_closing);
    end->is_closing = true;
    end->closed = closed;
    __real_uv_close(handle, was_closed);
}

int __wrap_uv_tcp_close_reset(uv_tcp_t *handle, uv_close_cb closed)
{
    __wrap_uv_close((uv_handle_t *)handle, closed);
    return 0;
}
