/* SPDX-License-Identifier: Apache-2.0
 * net.h - a network without sockets: libuv's calls as the linker's --wrap
 * gives them to the hub, so that thousands of connections a second need no
 * port and no kernel.
 */
#ifndef FUZZ_NET_H
#define FUZZ_NET_H

#include "fake.h"
#include "fuzz.h"

#define NET_ENDS_MAX 64

/* One connection, as its other side sees it. */
struct net_end;

void net_begin(void);
/* After fake_hub_free(): everything is closed, everything was called back. */
void net_end(void);

/* A client connects to `link`. NULL: too many. */
struct net_end *net_dial(struct fake_link *link);
/* The newest connection that the hub itself has made (the proxy's), or NULL. */
struct net_end *net_upstream(void);
/* Nothing, where the connection is closed or nobody reads from it. */
void net_say(struct net_end *end, const void *bytes, size_t length);
void net_hang_up(struct net_end *end);
bool net_is_open(const struct net_end *end);
/* While it is stuck, what is written to it stays on its way. */
void net_stick(struct net_end *end, bool is_stuck);
/* All that was written to it since the last net_forget(). */
struct fuzz_bytes net_heard(const struct net_end *end);
void net_forget(struct net_end *end);

/* Serve until nothing moves. */
void net_settle(struct fake_hub *hub);

#endif
