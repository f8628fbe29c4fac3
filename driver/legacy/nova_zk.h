/* SPDX-License-Identifier: Apache-2.0
 * nova_zk.h - where nova's ZooKeeper service group driver kept its members.
 *
 *   J  Grizzly to Juno   P/<topic>/<host>        ephemeral, data a token
 *   P  meant for Kilo    P/<topic>/<host>        persistent, "ZKMembers"
 *                        P/<topic>/<host>/<pid>  ephemeral, data a token
 *   X  Kilo 2015.1.0 and Liberty 12.0.0 as released: as P, but <host> is the
 *      text "None" on every machine (an argument shadowed by a clean-up), so
 *      the store holds no host names at all
 *
 * P is sg_prefix. All nodes are open to everybody.
 */
#ifndef SG_LEGACY_NOVA_ZK_H
#define SG_LEGACY_NOVA_ZK_H

#include "zk_round.h"

#define SG_NOVA_ZK_MARK "ZKMembers"
#define SG_NOVA_ZK_NOBODY "None"

/* "<topic>/<host>" of a member, below the prefix; NULL: out of memory. */
char *sg_nova_zk_host(struct sg_op *op, const char *group, const char *member);
/* "<host>" (layout J), or "<host>/<pid>". */
char *sg_nova_zk_leaf(struct sg_backend *b, struct sg_op *op,
                      const char *group);
bool sg_nova_zk_is_juno(const struct sg_backend *b);

sg_verb_fn sg_nova_zk_join, sg_nova_zk_ask, sg_nova_zk_list;

#endif
