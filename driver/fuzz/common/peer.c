/* SPDX-License-Identifier: Apache-2.0
 * peer.c - the calls of a socket, answered by a script.
 */
#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

static struct peer *peer;

/* ---- the script ------------------------------------------------------- */

void peer_begin(struct peer *p)
{
    p->queue = malloc(p->script.length + 1);
    p->heard = malloc(p->script.length + 1);
    p->queued = p->n_heard = 0;
    p->is_asked = p->is_over = false;
    peer = p;
}

void peer_end(struct peer *p)
{
    free(p->queue);
    free(p->heard);
    peer = NULL;
}

void peer_forget(struct peer *p)
{
    p->n_heard = 0;
}

bool peer_has_said(const struct peer *p, const char *text)
{
    return p->n_heard > 0 &&
           memmem(p->heard, p->n_heard, text, strlen(text)) != NULL;
}

bool peer_ends_with(const struct peer *p, const char *text)
{
    size_t n = strlen(text);

    return p->n_heard >= n && memcmp(p->heard + p->n_heard - n, text, n) == 0;
}

/* Something was sent: the first of a request brings its answer. */
static void was_asked(void)
{
    struct fuzz_bytes answer;

    if (peer->is_asked)
        return;
    peer->is_asked = true;
    if (!fuzz_part(&peer->script, &answer))
        return;
    memcpy(peer->queue + peer->queued, answer.at, answer.length);
    peer->queued += answer.length;
}

static size_t give(void *to, size_t room)
{
    size_t n = peer->queued < room ? peer->queued : room;

    if (n > peer->piece)
        n = peer->piece;
    memcpy(to, peer->queue, n);
    memcpy(peer->heard + peer->n_heard, peer->queue, n);
    peer->n_heard += n;
    peer->queued -= n;
    memmove(peer->queue, peer->queue + n, peer->queued);
    peer->is_asked = false;
    return n;
}

/* ---- the calls -------------------------------------------------------- */

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t length);
ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t room, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t n, int ms);

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t length)
{
    (void)fd;
    (void)to;
    (void)length;
    peer->queued = 0;
    peer->is_asked = peer->is_over = false;
    if (!peer->refuses)
        return 0;
    errno = ECONNREFUSED;
    return -1;
}

/* A part at a time, if the peer is slow. */
static ssize_t take(size_t length)
{
    if (peer->is_over) {
        errno = EPIPE;
        return -1;
    }
    was_asked();
    return (ssize_t)(length < peer->piece ? length : peer->piece);
}

ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags)
{
    (void)fd;
    (void)bytes;
    fuzz_claim((flags & MSG_NOSIGNAL) != 0);
    return take(length);
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
    size_t length = 0;

    (void)fd;
    fuzz_claim((flags & MSG_NOSIGNAL) != 0);
    for (size_t i = 0; i < message->msg_iovlen; i++)
        length += message->msg_iov[i].iov_len;
    return take(length);
}

ssize_t __wrap_recv(int fd, void *to, size_t room, int flags)
{
    (void)fd;
    (void)flags;
    if (peer->queued > 0)
        return (ssize_t)give(to, room);
    if (peer->end == PEER_IS_SILENT) {
        errno = EAGAIN;
        return -1;
    }
    peer->is_over = true;
    errno = ECONNRESET;
    return peer->end == PEER_CLOSES ? 0 : -1;
}

/* A connection that has ended is ready to be read, too. */
int __wrap_poll(struct pollfd *fds, nfds_t n, int ms)
{
    bool can_read = peer->queued > 0 || peer->is_over ||
                    (ms == PEER_LIMIT_MS && peer->end != PEER_IS_SILENT);

    fuzz_claim(n == 1);
    fds->revents = 0;
    if ((fds->events & POLLOUT) != 0)
        fds->revents |= POLLOUT;
    if ((fds->events & POLLIN) != 0 && can_read)
        fds->revents |= POLLIN;
    if (fds->revents == 0)
        peer->now_ms += ms;
    return fds->revents != 0;
}
