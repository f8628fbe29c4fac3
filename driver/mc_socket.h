/* SPDX-License-Identifier: Apache-2.0
 * mc_socket.h - one TCP connection that another thread can wake up.
 *
 * No clock is read: `limit_ms` bounds each single wait for the socket, as a
 * backstop; whoever keeps a deadline calls sg_mc_socket_interrupt().
 */
#ifndef SG_MC_SOCKET_H
#define SG_MC_SOCKET_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct sg_mc_socket {
    pthread_mutex_t lock; /* guards the next two against the interrupter */
    int fd;               /* -1: none                                    */
    bool is_interrupted;  /* for good                                    */
    int limit_ms;
};

enum sg_mc_io { SG_MC_IO_OK, SG_MC_IO_CLOSED, SG_MC_IO_LATE };

/* False: out of memory. */
bool sg_mc_socket_init(struct sg_mc_socket *s, int64_t limit_ms);
/* Numeric addresses only. On CLOSED *ret_errno says why. */
enum sg_mc_io sg_mc_socket_connect(struct sg_mc_socket *s, const char *address,
                                   int port, int *ret_errno);
/* All of it; `parts` is used up on the way. */
enum sg_mc_io sg_mc_socket_send(struct sg_mc_socket *s, struct iovec *parts,
                                size_t n_parts);
/* At least one byte. */
enum sg_mc_io sg_mc_socket_receive(struct sg_mc_socket *s, void *to,
                                   size_t room, size_t *ret_length);
/* Stand still for `ms` with nothing to come: a byte or an end is CLOSED. */
enum sg_mc_io sg_mc_socket_pause(struct sg_mc_socket *s, int ms);
/* Nothing has come that was not received: an answer that comes twice must not
 * meet the next question. An end is for the next receive to find. */
bool sg_mc_socket_is_quiet(const struct sg_mc_socket *s);
void sg_mc_socket_close(struct sg_mc_socket *s);
void sg_mc_socket_interrupt(struct sg_mc_socket *s);
void sg_mc_socket_free(struct sg_mc_socket *s);
/* In the child of a fork, where the lock may be held for ever: the parent has
 * the same connection, so the descriptor is closed and nothing is said. */
void sg_mc_socket_forked(struct sg_mc_socket *s);

#endif
