/* SPDX-License-Identifier: Apache-2.0
 * golden_memcached.h - what Python tooz and memcached 1.6.18 said to each
 * other.
 *
 * Recorded on Debian 12: the bytes on the TCP streams between tooz 3.1.0 with
 * pymemcache 3.5.2 and memcached 1.6.18, while its members node-a, node-b,
 * node-c and node-d used groups grp1 and grp2, a leader and locks. In this
 * order, for a state builds up. The notation is golden.h's.
 *
 * The recorded server had counted 313 changes before: its CAS numbers are
 * those of an empty server, and 313. What lines with '*' do was not recorded:
 * the replies after them show it.
 */
#ifndef GOLDEN_MEMCACHED_H
#define GOLDEN_MEMCACHED_H

#include <stddef.h>

static const char *const golden_memcached[] = {
    "== start node-a",
    "A> set _TOOZ_MEMBER_node-a 1 30 11 noreply\r\nIt's alive!\r\n",
    "== start node-b",
    "B> set _TOOZ_MEMBER_node-b 1 30 11 noreply\r\nIt's alive!\r\n",
    "== create_group(b'grp1')",
    "A> add _TOOZ_GROUP_grp1 2 0 1\r\n<80>\r\n",
    "A< STORED\r\n",
    "A> gets _TOOZ_GROUP_LIST\r\n",
    "A< END\r\n",
    "A> add _TOOZ_GROUP_LIST 2 0 7\r\n<91c404>grp1\r\n",
    "A< STORED\r\n",
    "== create_group(b'grp1') again: GroupAlreadyExist",
    "A> add _TOOZ_GROUP_grp1 2 0 1\r\n<80>\r\n",
    "A< NOT_STORED\r\n",
    "== create_group(b'grp2')",
    "A> add _TOOZ_GROUP_grp2 2 0 1\r\n<80>\r\n",
    "A< STORED\r\n",
    "A> gets _TOOZ_GROUP_LIST\r\n",
    "A< VALUE _TOOZ_GROUP_LIST 2 7 317\r\n<91c404>grp1\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_LIST 2 0 13 317\r\n<92c404>grp1<c404>grp2\r\n",
    "A< STORED\r\n",
    "== node-a join_group(b'grp1') default caps",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 1 316\r\n<80>\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 26 316\r\n<81c406>node-a<81c40c>capabilities"
    "<c400>\r\n",
    "A< STORED\r\n",
    "== node-a leave_group",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 26 320\r\n<81c406>node-a<81c40c>capabilities"
    "<c400>\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 1 320\r\n<80>\r\n",
    "A< STORED\r\n",
    "== node-a join_group(b'grp1', None)",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 1 321\r\n<80>\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 25 321\r\n<81c406>node-a<81c40c>capabilities"
    "<c0>\r\n",
    "A< STORED\r\n",
    "== node-a update_capabilities {}",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 25 322\r\n<81c406>node-a<81c40c>capabilities"
    "<c0>\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 25 322\r\n<81c406>node-a<81c40c>capabilities"
    "<80>\r\n",
    "A< STORED\r\n",
    "== node-a update_capabilities str 'cap'",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 25 323\r\n<81c406>node-a<81c40c>capabilities"
    "<80>\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 28 323\r\n<81c406>node-a<81c40c>capabilities"
    "<a3>cap\r\n",
    "A< STORED\r\n",
    "== node-a update_capabilities bytes b'cap'",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 28 324\r\n<81c406>node-a<81c40c>capabilities"
    "<a3>cap\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 29 324\r\n<81c406>node-a<81c40c>capabilities"
    "<c403>cap\r\n",
    "A< STORED\r\n",
    "== node-a update_capabilities dict {weight:1,host:'n<c3b6>de"
    "',ratio:0.5,up:True,none:None}",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 29 325\r\n<81c406>node-a<81c40c>capabilities"
    "<c403>cap\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 69 325\r\n<81c406>node-a<81c40c>capabilities"
    "<85a6>weight<01a4>host<a5>n<c3b6>de<a5>ratio<cb3fe0000000000000a2>up"
    "<c3a4>none<c0>\r\n",
    "A< STORED\r\n",
    "== node-a update_capabilities list [1,-1,300,70000,'x',b'y',None,False]",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 69 326\r\n<81c406>node-a<81c40c>capabilities"
    "<85a6>weight<01a4>host<a5>n<c3b6>de<a5>ratio<cb3fe0000000000000a2>up"
    "<c3a4>none<c0>\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 42 326\r\n<81c406>node-a<81c40c>capabilities"
    "<9801ffcd012cce000111>p<a1>x<c401>y<c0c2>\r\n",
    "A< STORED\r\n",
    "== node-a update_capabilities int-key dict {1:2}",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 42 327\r\n<81c406>node-a<81c40c>capabilities"
    "<9801ffcd012cce000111>p<a1>x<c401>y<c0c2>\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 27 327\r\n<81c406>node-a<81c40c>capabilities"
    "<810102>\r\n",
    "A< STORED\r\n",
    "== get caps with int key: SerializationError",
    "B> gets _TOOZ_GROUP_grp1\r\n",
    "B< VALUE _TOOZ_GROUP_grp1 2 27 328\r\n<81c406>node-a<81c40c>capabilities"
    "<810102>\r\nEND\r\n",
    "== get_members with int key: SerializationError",
    "B> gets _TOOZ_GROUP_grp1\r\n",
    "B< VALUE _TOOZ_GROUP_grp1 2 27 328\r\n<81c406>node-a<81c40c>capabilities"
    "<810102>\r\nEND\r\n",
    "== node-a update_capabilities after poison: SerializationError",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 27 328\r\n<81c406>node-a<81c40c>capabilities"
    "<810102>\r\nEND\r\n",
    "D* delete _TOOZ_GROUP_grp1\r\n",
    "== create_group(b'grp1') while still listed",
    "A> add _TOOZ_GROUP_grp1 2 0 1\r\n<80>\r\n",
    "A< STORED\r\n",
    "A> gets _TOOZ_GROUP_LIST\r\n",
    "A< VALUE _TOOZ_GROUP_LIST 2 13 319\r\n<92c404>grp1<c404>grp2\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_LIST 2 0 13 319\r\n<92c404>grp1<c404>grp2\r\n",
    "A< STORED\r\n",
    "== node-a join_group(b'grp1', None) again",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 1 329\r\n<80>\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 25 329\r\n<81c406>node-a<81c40c>capabilities"
    "<c0>\r\n",
    "A< STORED\r\n",
    "== node-a update_capabilities {'a':1}",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 25 331\r\n<81c406>node-a<81c40c>capabilities"
    "<c0>\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 28 331\r\n<81c406>node-a<81c40c>capabilities"
    "<81a1>a<01>\r\n",
    "A< STORED\r\n",
    "== dup join: MemberAlreadyExist",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 28 332\r\n<81c406>node-a<81c40c>capabilities"
    "<81a1>a<01>\r\nEND\r\n",
    "== node-b join_group str 'cap-b'",
    "B> gets _TOOZ_GROUP_grp1\r\n",
    "B< VALUE _TOOZ_GROUP_grp1 2 28 332\r\n<81c406>node-a<81c40c>capabilities"
    "<81a1>a<01>\r\nEND\r\n",
    "B> cas _TOOZ_GROUP_grp1 2 0 57 332\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\n",
    "B< STORED\r\n",
    "== B join missing: GroupNotCreated",
    "B> gets _TOOZ_GROUP_nogrp\r\n",
    "B< END\r\n",
    "== B leave not joined: MemberNotJoined",
    "B> gets _TOOZ_GROUP_grp2\r\n",
    "B< VALUE _TOOZ_GROUP_grp2 2 1 318\r\n<80>\r\nEND\r\n",
    "== B leave missing group: GroupNotCreated",
    "B> gets _TOOZ_GROUP_nogrp\r\n",
    "B< END\r\n",
    "== B update caps not joined: MemberNotJoined",
    "B> gets _TOOZ_GROUP_grp2\r\n",
    "B< VALUE _TOOZ_GROUP_grp2 2 1 318\r\n<80>\r\nEND\r\n",
    "== B update caps missing group: GroupNotCreated",
    "B> gets _TOOZ_GROUP_nogrp\r\n",
    "B< END\r\n",
    "== get_members",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 333\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "== get_members missing: GroupNotCreated",
    "A> gets _TOOZ_GROUP_nogrp\r\n",
    "A< END\r\n",
    "== get_members empty",
    "A> gets _TOOZ_GROUP_grp2\r\n",
    "A< VALUE _TOOZ_GROUP_grp2 2 1 318\r\n<80>\r\nEND\r\n",
    "== get caps of B",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 333\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "== get caps of nobody: MemberNotJoined",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 333\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "== get caps missing group: GroupNotCreated",
    "A> gets _TOOZ_GROUP_nogrp\r\n",
    "A< END\r\n",
    "== get_groups",
    "A> get _TOOZ_GROUP_LIST\r\n",
    "A< VALUE _TOOZ_GROUP_LIST 2 13\r\n<92c404>grp1<c404>grp2\r\nEND\r\n",
    "== heartbeat node-a",
    "A> set _TOOZ_MEMBER_node-a 1 30 11 noreply\r\nIt's alive!\r\n",
    "== delete nonempty: GroupNotEmpty",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 333\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "== delete missing: GroupNotCreated",
    "A> gets _TOOZ_GROUP_nogrp\r\n",
    "A< END\r\n",
    "== delete_group(b'grp2')",
    "A> gets _TOOZ_GROUP_grp2\r\n",
    "A< VALUE _TOOZ_GROUP_grp2 2 1 318\r\n<80>\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp2 2 0 1 318\r\n<c0>\r\n",
    "A< STORED\r\n",
    "A> delete _TOOZ_GROUP_grp2 noreply\r\ngets _TOOZ_GROUP_LIST\r\n",
    "A< VALUE _TOOZ_GROUP_LIST 2 13 330\r\n<92c404>grp1<c404>grp2\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_LIST 2 0 7 330\r\n<91c404>grp1\r\n",
    "A< STORED\r\n",
    "== watch_join",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 333\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "== run_watchers quiet",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 333\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "C* set _TOOZ_MEMBER_node-c 1 30 11 noreply\r\nIt's alive!\r\n",
    "C* cas _TOOZ_GROUP_grp1 2 0 81 333\r\n<83c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b<c406>node-c<81c40c>"
    "capabilities<c0>\r\n",
    "== run_watchers join",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 81 338\r\n<83c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b<c406>node-c<81c40c>"
    "capabilities<c0>\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-c\r\n",
    "A< VALUE _TOOZ_MEMBER_node-c 1 11\r\nIt's alive!\r\nEND\r\n",
    "C* cas _TOOZ_GROUP_grp1 2 0 57 338\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\n",
    "C* delete _TOOZ_MEMBER_node-c noreply\r\n",
    "== run_watchers after C.stop",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 339\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "== node-a run_watchers (leader election)",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 339\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "A> add __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1 1 30 6\r\nnode-a\r\n",
    "A< STORED\r\n",
    "== get_leader from B",
    "B> get __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1\r\n",
    "B< VALUE __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1 1 6\r\nnode-a\r\nEND\r\n",
    "== B run_watchers",
    "B> add __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1 1 30 6\r\nnode-b\r\n",
    "B< NOT_STORED\r\n",
    "== get_leader from B after contending",
    "B> get __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1\r\n",
    "B< VALUE __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1 1 6\r\nnode-a\r\nEND\r\n",
    "== A run_watchers again",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 339\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "A> add __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1 1 30 6\r\nnode-a\r\n",
    "A< NOT_STORED\r\n",
    "== get_members after leader",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 339\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "== get caps of leader child: MemberNotJoined",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 339\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> get _TOOZ_MEMBER_node-b\r\n",
    "A< VALUE _TOOZ_MEMBER_node-b 1 11\r\nIt's alive!\r\nEND\r\n",
    "== heartbeat with leader",
    "A> set _TOOZ_MEMBER_node-a 1 30 11 noreply\r\nIt's alive!\r\n"
    "touch __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1 30\r\n",
    "A< TOUCHED\r\n",
    "== node-a get_lock(b'lk1').acquire()",
    "A> add __TOOZ_LOCK_lk1 1 30 6\r\nnode-a\r\n",
    "A< STORED\r\n",
    "== get_groups with lock held",
    "A> get _TOOZ_GROUP_LIST\r\n",
    "A< VALUE _TOOZ_GROUP_LIST 2 7\r\n<91c404>grp1\r\nEND\r\n",
    "== lock B nonblocking",
    "B> add __TOOZ_LOCK_lk1 1 30 6\r\nnode-b\r\n",
    "B< NOT_STORED\r\n",
    "== heartbeat with lock",
    "A> set _TOOZ_MEMBER_node-a 1 30 11 noreply\r\nIt's alive!\r\n"
    "touch __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1 30\r\n",
    "A< TOUCHED\r\n",
    "A> touch __TOOZ_LOCK_lk1 30\r\n",
    "A< TOUCHED\r\n",
    "== lock release",
    "A> get __TOOZ_LOCK_lk1\r\n",
    "A< VALUE __TOOZ_LOCK_lk1 1 6\r\nnode-a\r\nEND\r\n",
    "A> delete __TOOZ_LOCK_lk1\r\n",
    "A< DELETED\r\n",
    "== node-a stop",
    "A> gets _TOOZ_GROUP_grp1\r\n",
    "A< VALUE _TOOZ_GROUP_grp1 2 57 339\r\n<82c406>node-a<81c40c>capabilities"
    "<81a1>a<01c406>node-b<81c40c>capabilities<a5>cap-b\r\nEND\r\n",
    "A> cas _TOOZ_GROUP_grp1 2 0 30 339\r\n<81c406>node-b<81c40c>capabilities"
    "<a5>cap-b\r\n",
    "A< STORED\r\n",
    "A> get __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1\r\n",
    "A< VALUE __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1 1 6\r\nnode-a\r\nEND\r\n",
    "A> delete __TOOZ_LOCK__TOOZ_GROUP_LEADER_grp1\r\n",
    "A< DELETED\r\n",
    "A> delete _TOOZ_MEMBER_node-a noreply\r\n",
    "== node-b stop",
    "B> gets _TOOZ_GROUP_grp1\r\n",
    "B< VALUE _TOOZ_GROUP_grp1 2 30 344\r\n<81c406>node-b<81c40c>capabilities"
    "<a5>cap-b\r\nEND\r\n",
    "B> cas _TOOZ_GROUP_grp1 2 0 1 344\r\n<80>\r\n",
    "B< STORED\r\n",
    "B> delete _TOOZ_MEMBER_node-b noreply\r\n",
    "D* set _TOOZ_MEMBER_node-d 1 30 11 noreply\r\nIt's alive!\r\n",
    "== delete_group after all left",
    "D> gets _TOOZ_GROUP_grp1\r\n",
    "D< VALUE _TOOZ_GROUP_grp1 2 1 345\r\n<80>\r\nEND\r\n",
    "D> cas _TOOZ_GROUP_grp1 2 0 1 345\r\n<c0>\r\n",
    "D< STORED\r\n",
    "D> delete _TOOZ_GROUP_grp1 noreply\r\ngets _TOOZ_GROUP_LIST\r\n",
    "D< VALUE _TOOZ_GROUP_LIST 2 7 336\r\n<91c404>grp1\r\nEND\r\n",
    "D> cas _TOOZ_GROUP_LIST 2 0 1 336\r\n<90>\r\n",
    "D< STORED\r\n",
    NULL,
};

#endif
