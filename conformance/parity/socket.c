/* SPDX-License-Identifier: Apache-2.0
 * socket.c - one non-blocking connection, with what is on its way.
 */
#include "socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

int parity_socket_open(struct parity_socket *s, const char *host, int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port)};
    int one = 1;

    if (inet_pton(AF_INET, host, &at.sin_addr) != 1)
        return -EINVAL;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        return -errno;
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(s->fd, (const struct sockaddr *)&at, sizeof at) == 0 ||
        errno == EINPROGRESS)
        return 0;
    int err = -errno;
    parity_socket_close(s);
    return err;
}

void parity_socket_close(struct parity_socket *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->in.length = s->out.length = s->sent = s->hold = 0;
}

void parity_socket_free(struct parity_socket *s)
{
    parity_socket_close(s);
    parity_bytes_free(&s->in);
    parity_bytes_free(&s->out);
}

static size_t sendable(const struct parity_socket *s)
{
    size_t end =
        s->hold > 0 && s->hold < s->out.length ? s->hold : s->out.length;

    return end > s->sent ? end - s->sent : 0;
}

bool parity_socket_is_sending(const struct parity_socket *s)
{
    return s->fd >= 0 && sendable(s) > 0;
}

/* A connection that is not yet made answers EAGAIN (ENOTCONN when asked for
 * bytes), one that failed its error. */
static bool is_not_yet(void)
{
    return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
}

static bool send_some(struct parity_socket *s)
{
    while (sendable(s) > 0) {
        ssize_t n = send(s->fd, s->out.at + s->sent, sendable(s), MSG_NOSIGNAL);
        if (n < 0)
            return is_not_yet();
        s->sent += (size_t)n;
    }
    if (s->sent == s->out.length)
        s->sent = s->out.length = s->hold = 0;
    return true;
}

static bool receive_some(struct parity_socket *s)
{
    uint8_t bytes[16384];

    for (;;) {
        ssize_t n = recv(s->fd, bytes, sizeof bytes, 0);
        if (n == 0)
            return false;
        if (n < 0)
            return is_not_yet();
        parity_bytes_add(&s->in, bytes, (size_t)n);
    }
}

/* Receives even when sending fails: the server may have said why. */
bool parity_socket_serve(struct parity_socket *s)
{
    bool is_sending = send_some(s);

    return receive_some(s) && is_sending;
}
