/* SPDX-License-Identifier: Apache-2.0
 * zk_hosts.h - the servers of an ensemble, as libzookeeper wants them.
 */
#ifndef SG_ZK_HOSTS_H
#define SG_ZK_HOSTS_H

#include "backend.h"

/* Check the option `hosts`: "host[:port],host[:port][/chroot]". */
bool sg_zk_hosts_check(const char *option, char *why, size_t why_bytes);

/* Where the chroot of the option begins, its slash included; "" if none. */
const char *sg_zk_hosts_chroot(const char *option);

/* "address:port,address:port": the endpoints, then what the option adds,
 * without doubles. `random` shuffles the list when it is not NULL: libzookeeper
 * would shuffle with a generator of its own, and takes the order for the whole
 * process at once. NULL: out of memory. "" when no endpoint has an address. */
char *sg_zk_hosts_list(const struct sg_target *target, int default_port,
                       void (*random)(void *arg, void *to, size_t bytes),
                       void *arg);

#endif
