/* SPDX-License-Identifier: Apache-2.0
 * golden_memcached.h - what Python tooz leaves in memcached.
 *
 * Recorded on Debian 12: what had changed in memcached 1.6.18 after each call
 * of tooz 3.1.0 (or of a later one, where the call says so), whose members
 * node-a to node-d use groups grp1 and grp2. The notation of the bytes is
 * golden.h's.
 */
#ifndef GOLDEN_MEMCACHED_H
#define GOLDEN_MEMCACHED_H

#include <stddef.h>
#include <stdint.h>

static const struct golden_item {
    const char *after, *key;
    uint32_t flags;
    int64_t exptime_s;
    const char *value; /* NULL: the key is gone                       */
    /* Of a group: "<member>=<capabilities> ..."; of the list: the groups. */
    const char *holds;
} golden_items[] = {
    {"start node-a", "_TOOZ_MEMBER_node-a", 1, 30, "It's alive!", NULL},
    {"start node-b", "_TOOZ_MEMBER_node-b", 1, 30, "It's alive!", NULL},
    {"create_group(b'grp1')", "_TOOZ_GROUP_LIST", 2, 0, "<91c404>grp1", "grp1"},
    {"create_group(b'grp1')", "_TOOZ_GROUP_grp1", 2, 0, "<80>", ""},
    {"create_group(b'grp2')", "_TOOZ_GROUP_LIST", 2, 0,
     "<92c404>grp1<c404>grp2", "grp1 grp2"},
    {"create_group(b'grp2')", "_TOOZ_GROUP_grp2", 2, 0, "<80>", ""},
    {"node-a join_group(b'grp1') default caps", "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-a<81c40c>capabilities<c400>", "node-a=<c400>"},
    {"node-a leave_group", "_TOOZ_GROUP_grp1", 2, 0, "<80>", ""},
    {"node-a join_group(b'grp1', None)", "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-a<81c40c>capabilities<c0>", "node-a=<c0>"},
    {"node-a update_capabilities {}", "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-a<81c40c>capabilities<80>", "node-a=<80>"},
    {"node-a update_capabilities str 'cap'", "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-a<81c40c>capabilities<a3>cap", "node-a=<a3>cap"},
    {"node-a update_capabilities bytes b'cap'", "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-a<81c40c>capabilities<c403>cap", "node-a=<c403>cap"},
    {"node-a update_capabilities dict "
     "{weight:1,host:'n<c3b6>de',ratio:0.5,up:True,none:None}",
     "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-a<81c40c>capabilities<85a6>weight<01a4>host<a5>n<c3b6>de"
     "<a5>ratio<cb3fe0000000000000a2>up<c3a4>none<c0>",
     "node-a=<85a6>weight<01a4>host<a5>n<c3b6>de<a5>ratio"
     "<cb3fe0000000000000a2>up<c3a4>none<c0>"},
    {"node-a update_capabilities list [1,-1,300,70000,'x',b'y',None,False]",
     "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-a<81c40c>capabilities<9801ffcd012cce000111>p<a1>x<c401>y"
     "<c0c2>",
     "node-a=<9801ffcd012cce000111>p<a1>x<c401>y<c0c2>"},
    {"node-a update_capabilities int-key dict {1:2}", "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-a<81c40c>capabilities<810102>", "node-a=<810102>"},
    {"create_group(b'grp1') while still listed", "_TOOZ_GROUP_grp1", 2, 0,
     "<80>", ""},
    {"node-a join_group(b'grp1', None)", "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-a<81c40c>capabilities<c0>", "node-a=<c0>"},
    {"node-a update_capabilities {'a':1}", "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-a<81c40c>capabilities<81a1>a<01>", "node-a=<81a1>a<01>"},
    {"node-b join_group str 'cap-b'", "_TOOZ_GROUP_grp1", 2, 0,
     "<82c406>node-a<81c40c>capabilities<81a1>a<01c406>node-b<81c40c>"
     "capabilities<a5>cap-b",
     "node-a=<81a1>a<01> node-b=<a5>cap-b"},
    {"delete_group(b'grp2')", "_TOOZ_GROUP_LIST", 2, 0, "<91c404>grp1", "grp1"},
    {"delete_group(b'grp2')", "_TOOZ_GROUP_grp2", 0, 0, NULL, NULL},
    {"run_watchers join", "_TOOZ_GROUP_grp1", 2, 0,
     "<83c406>node-a<81c40c>capabilities<81a1>a<01c406>node-b<81c40c>"
     "capabilities<a5>cap-b<c406>node-c<81c40c>capabilities<c0>",
     "node-a=<81a1>a<01> node-b=<a5>cap-b node-c=<c0>"},
    {"run_watchers join", "_TOOZ_MEMBER_node-c", 1, 30, "It's alive!", NULL},
    {"run_watchers after C.stop", "_TOOZ_GROUP_grp1", 2, 0,
     "<82c406>node-a<81c40c>capabilities<81a1>a<01c406>node-b<81c40c>"
     "capabilities<a5>cap-b",
     "node-a=<81a1>a<01> node-b=<a5>cap-b"},
    {"run_watchers after C.stop", "_TOOZ_MEMBER_node-c", 0, 0, NULL, NULL},
    {"node-a run_watchers (leader election)",
     "__TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1", 1, 30, "node-a", NULL},
    {"node-a get_lock(b'lk1').acquire()", "__TOOZ_LOCK_lk1", 1, 30, "node-a",
     NULL},
    {"lock release", "__TOOZ_LOCK_lk1", 0, 0, NULL, NULL},
    {"node-a stop", "_TOOZ_GROUP_grp1", 2, 0,
     "<81c406>node-b<81c40c>capabilities<a5>cap-b", "node-b=<a5>cap-b"},
    {"node-a stop", "_TOOZ_MEMBER_node-a", 0, 0, NULL, NULL},
    {"node-a stop", "__TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1", 0, 0, NULL, NULL},
    {"node-b stop", "_TOOZ_GROUP_grp1", 2, 0, "<80>", ""},
    {"node-b stop", "_TOOZ_MEMBER_node-b", 0, 0, NULL, NULL},
    {"delete_group after all left", "_TOOZ_GROUP_LIST", 2, 0, "<90>", ""},
    {"delete_group after all left", "_TOOZ_MEMBER_node-d", 1, 30, "It's alive!",
     NULL},
    {"delete_group after all left", "_TOOZ_GROUP_grp1", 0, 0, NULL, NULL},
    {"node-a join_group(b'grp1') default caps, after 9.0.1", "_TOOZ_GROUP_grp1",
     2, 0, "<81c406>node-a<81c40c>capabilities<c0>", "node-a=<c0>"},
};

#endif
