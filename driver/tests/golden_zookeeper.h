/* SPDX-License-Identifier: Apache-2.0
 * golden_zookeeper.h - what Python tooz leaves in ZooKeeper.
 *
 * Recorded on Debian 12: what had changed in ZooKeeper 3.8.0 after each call of
 * tooz 3.1.0 (or of a later one, where the call says so), whose members node-a
 * to node-d use groups grp1 and grp2. The notation of the bytes is golden.h's.
 */
#ifndef GOLDEN_ZOOKEEPER_H
#define GOLDEN_ZOOKEEPER_H

#include <stddef.h>
#include <stdint.h>

static const struct golden_node {
    const char *after, *path;
    const char *data; /* NULL: it is gone                             */
    int is_ephemeral, is_sequential;
    int version; /* of the data                                       */
} golden_nodes[] = {
    {"start node-a", "/tooz", "", 0, 0, 0},
    {"create_group(b'grp1')", "/tooz/grp1", "", 0, 0, 0},
    {"create_group(b'grp2')", "/tooz/grp2", "", 0, 0, 0},
    {"node-a join_group(b'grp1') default caps", "/tooz/grp1/node-a", "<c400>",
     1, 0, 0},
    {"node-a leave_group", "/tooz/grp1/node-a", NULL, 0, 0, 0},
    {"node-a join_group(b'grp1', None)", "/tooz/grp1/node-a", "<c0>", 1, 0, 0},
    {"node-a update_capabilities {}", "/tooz/grp1/node-a", "<80>", 1, 0, 1},
    {"node-a update_capabilities str 'cap'", "/tooz/grp1/node-a", "<a3>cap", 1,
     0, 2},
    {"node-a update_capabilities bytes b'cap'", "/tooz/grp1/node-a",
     "<c403>cap", 1, 0, 3},
    {"node-a update_capabilities dict "
     "{weight:1,host:'n<c3b6>de',ratio:0.5,up:True,none:None}",
     "/tooz/grp1/node-a",
     "<85a6>weight<01a4>host<a5>n<c3b6>de<a5>ratio<cb3fe0000000000000a2>up"
     "<c3a4>none<c0>",
     1, 0, 4},
    {"node-a update_capabilities list [1,-1,300,70000,'x',b'y',None,False]",
     "/tooz/grp1/node-a", "<9801ffcd012cce000111>p<a1>x<c401>y<c0c2>", 1, 0, 5},
    {"node-a update_capabilities int-key dict {1:2}", "/tooz/grp1/node-a",
     "<810102>", 1, 0, 6},
    {"node-a update_capabilities {'a':1}", "/tooz/grp1/node-a", "<81a1>a<01>",
     1, 0, 7},
    {"node-b join_group str 'cap-b'", "/tooz/grp1/node-b", "<a5>cap-b", 1, 0,
     0},
    {"delete_group(b'grp2')", "/tooz/grp2", NULL, 0, 0, 0},
    {"run_watchers join", "/tooz/grp1/node-c", "<c0>", 1, 0, 0},
    {"run_watchers after C.stop", "/tooz/grp1/node-c", NULL, 0, 0, 0},
    {"node-a run_watchers (leader election)", "/tooz/grp1/leader", "", 0, 0, 0},
    {"node-a run_watchers (leader election)",
     "/tooz/grp1/leader/b5bcf6fe4610460eb646b9b897282ed4__lock__0000000000",
     "node-a", 1, 1, 0},
    {"stand_down",
     "/tooz/grp1/leader/b5bcf6fe4610460eb646b9b897282ed4__lock__0000000000",
     NULL, 0, 0, 0},
    {"node-a get_lock(b'lk1').acquire()", "/tooz/locks", "", 0, 0, 0},
    {"node-a get_lock(b'lk1').acquire()", "/tooz/locks/lk1", "", 0, 0, 0},
    {"node-a get_lock(b'lk1').acquire()",
     "/tooz/locks/lk1/1406c576f0774c60a84e9bcad1bb5076__lock__0000000000",
     "node-a", 1, 1, 0},
    {"lock release",
     "/tooz/locks/lk1/1406c576f0774c60a84e9bcad1bb5076__lock__0000000000", NULL,
     0, 0, 0},
    {"node-a stop", "/tooz/grp1/node-a", NULL, 0, 0, 0},
    {"node-a stop",
     "/tooz/locks/lk2/cca42267eb8d4ef0b21d7d0203bdf4cb__lock__0000000000", NULL,
     0, 0, 0},
    {"node-b stop", "/tooz/grp1/node-b", NULL, 0, 0, 0},
    {"node-a join_group(b'grp1') default caps, after 9.0.1",
     "/tooz/grp1/node-a", "<c0>", 1, 0, 0},
};

#endif
