/* SPDX-License-Identifier: Apache-2.0
 * socket.h - one non-blocking connection, with what is on its way.
 */
#ifndef PARITY_SOCKET_H
#define PARITY_SOCKET_H

#include "parity.h"

struct parity_socket {
    int fd; /* -1: not open                                                  */
    struct parity_bytes in, out;
    size_t sent; /* of out                                                   */
    size_t hold; /* send no more of out than this for now; 0: all of it      */
};

/* Begins to connect. Numeric host. */
int parity_socket_open(struct parity_socket *s, const char *host, int port);
/* Closes, forgets what was on its way. */
void parity_socket_close(struct parity_socket *s);
void parity_socket_free(struct parity_socket *s);

/* Sends and receives what can be now. False: the other side has closed (what
 * came before that is in `in`). */
bool parity_socket_serve(struct parity_socket *s);
/* Is there something that may be sent and is not? */
bool parity_socket_is_sending(const struct parity_socket *s);

#endif
