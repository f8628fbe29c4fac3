/* SPDX-License-Identifier: Apache-2.0
 * mc_socket.c - connect, send, receive, and be woken up.
 */
#include "mc_socket.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool sg_mc_socket_init(struct sg_mc_socket *s, int64_t limit_ms)
{
    s->fd = -1;
    s->is_interrupted = false;
    s->limit_ms = limit_ms > INT_MAX ? INT_MAX : (int)limit_ms;
    return pthread_mutex_init(&s->lock, NULL) == 0;
}

static enum sg_mc_io wait_for(struct sg_mc_socket *s, short events, int ms)
{
    struct pollfd p = {.fd = s->fd, .events = events};
    int n;

    do
        n = poll(&p, 1, ms);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return SG_MC_IO_CLOSED;
    return n == 0 ? SG_MC_IO_LATE : SG_MC_IO_OK;
}

/* ---- connect ---------------------------------------------------------- */

/* Under the lock, so that an interrupt finds either none or the whole. */
static bool keep(struct sg_mc_socket *s, int fd)
{
    bool is_kept;

    pthread_mutex_lock(&s->lock);
    is_kept = !s->is_interrupted;
    if (is_kept)
        s->fd = fd;
    pthread_mutex_unlock(&s->lock);
    if (!is_kept)
        close(fd);
    return is_kept;
}

/* An interrupt between socket() and connect() finds nothing to shut down. */
static bool is_interrupted(struct sg_mc_socket *s)
{
    bool is;

    pthread_mutex_lock(&s->lock);
    is = s->is_interrupted;
    pthread_mutex_unlock(&s->lock);
    return is;
}

static enum sg_mc_io connect_to(struct sg_mc_socket *s,
                                const struct addrinfo *to, int *ret_errno)
{
    const int one = 1;
    socklen_t length = sizeof *ret_errno;
    enum sg_mc_io io;
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    IPPROTO_TCP);

    *ret_errno = errno;
    if (fd < 0)
        return SG_MC_IO_CLOSED;
    *ret_errno = ECANCELED;
    if (!keep(s, fd))
        return SG_MC_IO_CLOSED;
    /* Without it a request after a beat waits for the server's delayed
     * acknowledgement: 44 ms on loopback, measured. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
        return SG_MC_IO_OK;
    *ret_errno = errno;
    if (errno != EINPROGRESS || is_interrupted(s))
        return SG_MC_IO_CLOSED;
    io = wait_for(s, POLLOUT, s->limit_ms);
    if (io != SG_MC_IO_OK)
        return io;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, ret_errno, &length) != 0)
        *ret_errno = errno;
    return *ret_errno == 0 ? SG_MC_IO_OK : SG_MC_IO_CLOSED;
}

enum sg_mc_io sg_mc_socket_connect(struct sg_mc_socket *s, const char *address,
                                   int port, int *ret_errno)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *to;
    char digits[16];
    enum sg_mc_io io;

    snprintf(digits, sizeof digits, "%d", port);
    *ret_errno = EADDRNOTAVAIL;
    if (getaddrinfo(address, digits, &hints, &to) != 0)
        return SG_MC_IO_CLOSED;
    io = connect_to(s, to, ret_errno);
    freeaddrinfo(to);
    return io;
}

/* ---- send and receive ------------------------------------------------- */

static void use_up(struct msghdr *message, size_t sent)
{
    while (message->msg_iovlen > 0 && sent >= message->msg_iov->iov_len) {
        sent -= message->msg_iov->iov_len;
        message->msg_iov++;
        message->msg_iovlen--;
    }
    if (sent > 0) {
        message->msg_iov->iov_base = (char *)message->msg_iov->iov_base + sent;
        message->msg_iov->iov_len -= sent;
    }
}

enum sg_mc_io sg_mc_socket_send(struct sg_mc_socket *s, struct iovec *parts,
                                size_t n_parts)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = n_parts};

    while (message.msg_iovlen > 0) {
        ssize_t n = sendmsg(s->fd, &message, MSG_NOSIGNAL);
        enum sg_mc_io io = SG_MC_IO_OK;
        if (n >= 0)
            use_up(&message, (size_t)n);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            io = wait_for(s, POLLOUT, s->limit_ms);
        else if (errno != EINTR)
            io = SG_MC_IO_CLOSED;
        if (io != SG_MC_IO_OK)
            return io;
    }
    return SG_MC_IO_OK;
}

enum sg_mc_io sg_mc_socket_receive(struct sg_mc_socket *s, void *to,
                                   size_t room, size_t *ret_length)
{
    for (;;) {
        ssize_t n = recv(s->fd, to, room, 0);
        enum sg_mc_io io = SG_MC_IO_OK;
        if (n > 0) {
            *ret_length = (size_t)n;
            return SG_MC_IO_OK;
        }
        if (n == 0)
            return SG_MC_IO_CLOSED;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            io = wait_for(s, POLLIN, s->limit_ms);
        else if (errno != EINTR)
            io = SG_MC_IO_CLOSED;
        if (io != SG_MC_IO_OK)
            return io;
    }
}

enum sg_mc_io sg_mc_socket_pause(struct sg_mc_socket *s, int ms)
{
    return wait_for(s, POLLIN, ms) == SG_MC_IO_LATE ? SG_MC_IO_OK
                                                    : SG_MC_IO_CLOSED;
}

bool sg_mc_socket_is_quiet(const struct sg_mc_socket *s)
{
    char byte;

    return recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

/* ---- the end ---------------------------------------------------------- */

void sg_mc_socket_close(struct sg_mc_socket *s)
{
    int fd;

    pthread_mutex_lock(&s->lock);
    fd = s->fd;
    s->fd = -1;
    pthread_mutex_unlock(&s->lock);
    if (fd >= 0)
        close(fd);
}

void sg_mc_socket_interrupt(struct sg_mc_socket *s)
{
    pthread_mutex_lock(&s->lock);
    s->is_interrupted = true;
    if (s->fd >= 0)
        shutdown(s->fd, SHUT_RDWR); /* whoever polls it wakes up */
    pthread_mutex_unlock(&s->lock);
}

void sg_mc_socket_free(struct sg_mc_socket *s)
{
    sg_mc_socket_close(s);
    pthread_mutex_destroy(&s->lock);
}

void sg_mc_socket_forked(struct sg_mc_socket *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}
