/* SPDX-License-Identifier: Apache-2.0
 * golden_redis.h - what Python tooz and Redis 7.0.15 said to each other.
 *
 * Recorded on Debian 12: the bytes on the TCP streams between tooz 3.1.0 with
 * redis-py 4.3.4 and Redis 7.0.15, while its members node-a, node-b, node-c and
 * node-d used groups grp1 and grp2, a leader and locks. In this order, for a
 * state builds up. The notation is golden.h's.
 *
 * Left out of the record: the answers to INFO, and how the Lua scripts of
 * tooz and redis-py came to the server. What lines with '*' do was not
 * recorded either: the replies after them show it.
 */
#ifndef GOLDEN_REDIS_H
#define GOLDEN_REDIS_H

#include <stddef.h>

static const char *const golden_redis[] = {
    "== start node-a",
    "A> *1\r\n$4\r\nINFO\r\n",
    "A~ $",
    "A> *4\r\n$6\r\nPSETEX\r\n$18\r\n_tooz_beats:node-a\r\n$5\r\n30000\r\n$9"
    "\r\nNot dead!\r\n",
    "A< +OK\r\n",
    "== start node-b",
    "B> *1\r\n$4\r\nINFO\r\n",
    "B~ $",
    "B> *4\r\n$6\r\nPSETEX\r\n$18\r\n_tooz_beats:node-b\r\n$5\r\n30000\r\n$9"
    "\r\nNot dead!\r\n",
    "B< +OK\r\n",
    "== create_group(b'grp1')",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "c6ec40a30128b8d86488e3850e926d1c60118037\r\n$1\r\n2\r\n$16\r\n"
    "_tooz_group:grp1\r\n$12\r\n_tooz_groups\r\n$4\r\ngrp1\r\n",
    "A< :1\r\n",
    "== create_group(b'grp1') again: GroupAlreadyExist",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "c6ec40a30128b8d86488e3850e926d1c60118037\r\n$1\r\n2\r\n$16\r\n"
    "_tooz_group:grp1\r\n$12\r\n_tooz_groups\r\n$4\r\ngrp1\r\n",
    "A< :0\r\n",
    "== create_group(b'grp2')",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "c6ec40a30128b8d86488e3850e926d1c60118037\r\n$1\r\n2\r\n$16\r\n"
    "_tooz_group:grp2\r\n$12\r\n_tooz_groups\r\n$4\r\ngrp2\r\n",
    "A< :1\r\n",
    "== node-a join_group(b'grp1') default caps",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*4\r\n$4\r\nHSET\r\n$16\r\n_tooz_group:grp1\r\n"
    "$6\r\nnode-a\r\n$2\r\n<c400>\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n+QUEUED\r\n*1\r\n:1\r\n",
    "== node-a leave_group",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*3\r\n$4\r\nHDEL\r\n$16\r\n_tooz_group:grp1\r\n"
    "$6\r\nnode-a\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n+QUEUED\r\n*1\r\n:1\r\n",
    "== node-a join_group(b'grp1', None)",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*4\r\n$4\r\nHSET\r\n$16\r\n_tooz_group:grp1\r\n"
    "$6\r\nnode-a\r\n$1\r\n<c0>\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n+QUEUED\r\n*1\r\n:1\r\n",
    "== node-a update_capabilities {}",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "cccb120b934124a8e613a354221a1636a0ced4bd\r\n$1\r\n1\r\n$16\r\n"
    "_tooz_group:grp1\r\n$6\r\nnode-a\r\n$1\r\n<80>\r\n",
    "A< :1\r\n",
    "== node-a update_capabilities str 'cap'",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "cccb120b934124a8e613a354221a1636a0ced4bd\r\n$1\r\n1\r\n$16\r\n"
    "_tooz_group:grp1\r\n$6\r\nnode-a\r\n$4\r\n<a3>cap\r\n",
    "A< :1\r\n",
    "== node-a update_capabilities bytes b'cap'",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "cccb120b934124a8e613a354221a1636a0ced4bd\r\n$1\r\n1\r\n$16\r\n"
    "_tooz_group:grp1\r\n$6\r\nnode-a\r\n$5\r\n<c403>cap\r\n",
    "A< :1\r\n",
    "== node-a update_capabilities dict {weight:1,host:'n<c3b6>de"
    "',ratio:0.5,up:True,none:None}",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "cccb120b934124a8e613a354221a1636a0ced4bd\r\n$1\r\n1\r\n$16\r\n"
    "_tooz_group:grp1\r\n$6\r\nnode-a\r\n$45\r\n<85a6>weight<01a4>host<a5>n"
    "<c3b6>de<a5>ratio<cb3fe0000000000000a2>up<c3a4>none<c0>\r\n",
    "A< :1\r\n",
    "== node-a update_capabilities list [1,-1,300,70000,'x',b'y',None,False]",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "cccb120b934124a8e613a354221a1636a0ced4bd\r\n$1\r\n1\r\n$16\r\n"
    "_tooz_group:grp1\r\n$6\r\nnode-a\r\n$18\r\n<9801ffcd012cce000111>p<a1>x"
    "<c401>y<c0c2>\r\n",
    "A< :1\r\n",
    "== node-a update_capabilities int-key dict {1:2}",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "cccb120b934124a8e613a354221a1636a0ced4bd\r\n$1\r\n1\r\n$16\r\n"
    "_tooz_group:grp1\r\n$6\r\nnode-a\r\n$3\r\n<810102>\r\n",
    "A< :1\r\n",
    "== get caps with int key: SerializationError",
    "B> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "B< +OK\r\n",
    "B> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "B< :1\r\n",
    "B> *3\r\n$4\r\nHGET\r\n$16\r\n_tooz_group:grp1\r\n$6\r\nnode-a\r\n",
    "B< $3\r\n<810102>\r\n",
    "B> *1\r\n$7\r\nUNWATCH\r\n",
    "B< +OK\r\n",
    "== get_members with int key",
    "B> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "B< +OK\r\n",
    "B> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "B< :1\r\n",
    "B> *2\r\n$5\r\nHKEYS\r\n$16\r\n_tooz_group:grp1\r\n",
    "B< *2\r\n$11\r\n__created__\r\n$6\r\nnode-a\r\n",
    "B> *2\r\n$4\r\nMGET\r\n$18\r\n_tooz_beats:node-a\r\n",
    "B< *1\r\n$9\r\nNot dead!\r\n",
    "B> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "B< +OK\r\n*0\r\n",
    "== node-a update_capabilities {'a':1}",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "cccb120b934124a8e613a354221a1636a0ced4bd\r\n$1\r\n1\r\n$16\r\n"
    "_tooz_group:grp1\r\n$6\r\nnode-a\r\n$4\r\n<81a1>a<01>\r\n",
    "A< :1\r\n",
    "== dup join: MemberAlreadyExist",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*4\r\n$4\r\nHSET\r\n$16\r\n_tooz_group:grp1\r\n"
    "$6\r\nnode-a\r\n$4\r\n<81a1>a<02>\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n+QUEUED\r\n*1\r\n:0\r\n",
    "== node-b join_group str 'cap-b'",
    "B> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "B< +OK\r\n",
    "B> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "B< :1\r\n",
    "B> *1\r\n$5\r\nMULTI\r\n*4\r\n$4\r\nHSET\r\n$16\r\n_tooz_group:grp1\r\n"
    "$6\r\nnode-b\r\n$6\r\n<a5>cap-b\r\n*1\r\n$4\r\nEXEC\r\n",
    "B< +OK\r\n+QUEUED\r\n*1\r\n:1\r\n",
    "== B join missing: GroupNotCreated",
    "B> *2\r\n$5\r\nWATCH\r\n$17\r\n_tooz_group:nogrp\r\n",
    "B< +OK\r\n",
    "B> *2\r\n$6\r\nEXISTS\r\n$17\r\n_tooz_group:nogrp\r\n",
    "B< :0\r\n",
    "B> *1\r\n$7\r\nUNWATCH\r\n",
    "B< +OK\r\n",
    "== B leave not joined: MemberNotJoined",
    "B> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp2\r\n",
    "B< +OK\r\n",
    "B> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp2\r\n",
    "B< :1\r\n",
    "B> *1\r\n$5\r\nMULTI\r\n*3\r\n$4\r\nHDEL\r\n$16\r\n_tooz_group:grp2\r\n"
    "$6\r\nnode-b\r\n*1\r\n$4\r\nEXEC\r\n",
    "B< +OK\r\n+QUEUED\r\n*1\r\n:0\r\n",
    "== B leave missing group: GroupNotCreated",
    "B> *2\r\n$5\r\nWATCH\r\n$17\r\n_tooz_group:nogrp\r\n",
    "B< +OK\r\n",
    "B> *2\r\n$6\r\nEXISTS\r\n$17\r\n_tooz_group:nogrp\r\n",
    "B< :0\r\n",
    "B> *1\r\n$7\r\nUNWATCH\r\n",
    "B< +OK\r\n",
    "== B update caps not joined: MemberNotJoined",
    "B> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "cccb120b934124a8e613a354221a1636a0ced4bd\r\n$1\r\n1\r\n$16\r\n"
    "_tooz_group:grp2\r\n$6\r\nnode-b\r\n$2\r\n<a1>x\r\n",
    "B< :-2\r\n",
    "== B update caps missing group: GroupNotCreated",
    "B> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "cccb120b934124a8e613a354221a1636a0ced4bd\r\n$1\r\n1\r\n$17\r\n"
    "_tooz_group:nogrp\r\n$6\r\nnode-b\r\n$2\r\n<a1>x\r\n",
    "B< :-1\r\n",
    "== get_members",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *2\r\n$5\r\nHKEYS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< *3\r\n$11\r\n__created__\r\n$6\r\nnode-a\r\n$6\r\nnode-b\r\n",
    "A> *3\r\n$4\r\nMGET\r\n$18\r\n_tooz_beats:node-a\r\n$18\r\n"
    "_tooz_beats:node-b\r\n",
    "A< *2\r\n$9\r\nNot dead!\r\n$9\r\nNot dead!\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n*0\r\n",
    "== get_members missing: GroupNotCreated",
    "A> *2\r\n$5\r\nWATCH\r\n$17\r\n_tooz_group:nogrp\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$17\r\n_tooz_group:nogrp\r\n",
    "A< :0\r\n",
    "A> *1\r\n$7\r\nUNWATCH\r\n",
    "A< +OK\r\n",
    "== get_members empty",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp2\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp2\r\n",
    "A< :1\r\n",
    "A> *2\r\n$5\r\nHKEYS\r\n$16\r\n_tooz_group:grp2\r\n",
    "A< *1\r\n$11\r\n__created__\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n*0\r\n",
    "== get caps of B",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *3\r\n$4\r\nHGET\r\n$16\r\n_tooz_group:grp1\r\n$6\r\nnode-b\r\n",
    "A< $6\r\n<a5>cap-b\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n*0\r\n",
    "== get caps of nobody: MemberNotJoined",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *3\r\n$4\r\nHGET\r\n$16\r\n_tooz_group:grp1\r\n$2\r\nzz\r\n",
    "A< $-1\r\n",
    "A> *1\r\n$7\r\nUNWATCH\r\n",
    "A< +OK\r\n",
    "== get caps missing group: GroupNotCreated",
    "A> *2\r\n$5\r\nWATCH\r\n$17\r\n_tooz_group:nogrp\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$17\r\n_tooz_group:nogrp\r\n",
    "A< :0\r\n",
    "A> *1\r\n$7\r\nUNWATCH\r\n",
    "A< +OK\r\n",
    "== get_groups",
    "A> *2\r\n$8\r\nSMEMBERS\r\n$12\r\n_tooz_groups\r\n",
    "A< *2\r\n$4\r\ngrp2\r\n$4\r\ngrp1\r\n",
    "== heartbeat node-a",
    "A> *4\r\n$6\r\nPSETEX\r\n$18\r\n_tooz_beats:node-a\r\n$5\r\n30000\r\n$9"
    "\r\nNot dead!\r\n",
    "A< +OK\r\n",
    "== delete nonempty: GroupNotEmpty",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "e47a96214548e256ec64eb168ba17283d16099f1\r\n$1\r\n2\r\n$16\r\n"
    "_tooz_group:grp1\r\n$12\r\n_tooz_groups\r\n$4\r\ngrp1\r\n",
    "A< :-3\r\n",
    "== delete missing: GroupNotCreated",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "e47a96214548e256ec64eb168ba17283d16099f1\r\n$1\r\n2\r\n$17\r\n"
    "_tooz_group:nogrp\r\n$12\r\n_tooz_groups\r\n$5\r\nnogrp\r\n",
    "A< :-1\r\n",
    "== delete_group(b'grp2')",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "e47a96214548e256ec64eb168ba17283d16099f1\r\n$1\r\n2\r\n$16\r\n"
    "_tooz_group:grp2\r\n$12\r\n_tooz_groups\r\n$4\r\ngrp2\r\n",
    "A< :1\r\n",
    "== watch_join",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *2\r\n$5\r\nHKEYS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< *3\r\n$11\r\n__created__\r\n$6\r\nnode-a\r\n$6\r\nnode-b\r\n",
    "A> *3\r\n$4\r\nMGET\r\n$18\r\n_tooz_beats:node-a\r\n$18\r\n"
    "_tooz_beats:node-b\r\n",
    "A< *2\r\n$9\r\nNot dead!\r\n$9\r\nNot dead!\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n*0\r\n",
    "== run_watchers quiet",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *2\r\n$5\r\nHKEYS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< *3\r\n$11\r\n__created__\r\n$6\r\nnode-a\r\n$6\r\nnode-b\r\n",
    "A> *3\r\n$4\r\nMGET\r\n$18\r\n_tooz_beats:node-a\r\n$18\r\n"
    "_tooz_beats:node-b\r\n",
    "A< *2\r\n$9\r\nNot dead!\r\n$9\r\nNot dead!\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n*0\r\n",
    "C* *4\r\n$6\r\nPSETEX\r\n$18\r\n_tooz_beats:node-c\r\n$5\r\n30000\r\n$9"
    "\r\nNot dead!\r\n",
    "C* *4\r\n$4\r\nHSET\r\n$16\r\n_tooz_group:grp1\r\n$6\r\nnode-c\r\n$1\r\n"
    "<c0>\r\n",
    "== run_watchers join",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *2\r\n$5\r\nHKEYS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< *4\r\n$11\r\n__created__\r\n$6\r\nnode-a\r\n$6\r\nnode-b\r\n$6\r\n"
    "node-c\r\n",
    "A> *4\r\n$4\r\nMGET\r\n$18\r\n_tooz_beats:node-a\r\n$18\r\n"
    "_tooz_beats:node-b\r\n$18\r\n_tooz_beats:node-c\r\n",
    "A< *3\r\n$9\r\nNot dead!\r\n$9\r\nNot dead!\r\n$9\r\nNot dead!\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n*0\r\n",
    "C* *3\r\n$4\r\nHDEL\r\n$16\r\n_tooz_group:grp1\r\n$6\r\nnode-c\r\n",
    "C* *2\r\n$3\r\nDEL\r\n$18\r\n_tooz_beats:node-c\r\n",
    "== run_watchers after C.stop",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *2\r\n$5\r\nHKEYS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< *3\r\n$11\r\n__created__\r\n$6\r\nnode-a\r\n$6\r\nnode-b\r\n",
    "A> *3\r\n$4\r\nMGET\r\n$18\r\n_tooz_beats:node-a\r\n$18\r\n"
    "_tooz_beats:node-b\r\n",
    "A< *2\r\n$9\r\nNot dead!\r\n$9\r\nNot dead!\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n*0\r\n",
    "== node-a run_watchers (leader election)",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *2\r\n$5\r\nHKEYS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< *3\r\n$11\r\n__created__\r\n$6\r\nnode-a\r\n$6\r\nnode-b\r\n",
    "A> *3\r\n$4\r\nMGET\r\n$18\r\n_tooz_beats:node-a\r\n$18\r\n"
    "_tooz_beats:node-b\r\n",
    "A< *2\r\n$9\r\nNot dead!\r\n$9\r\nNot dead!\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n*0\r\n",
    "A> *6\r\n$3\r\nSET\r\n$31\r\nb'_tooz'_b'leader_of_grp1'_lock\r\n$32\r\n"
    "51633936e67a11f1afe702fc00000001\r\n$2\r\nPX\r\n$5\r\n30000\r\n$2\r\nNX"
    "\r\n",
    "A< +OK\r\n",
    "== B run_watchers",
    "B> *6\r\n$3\r\nSET\r\n$31\r\nb'_tooz'_b'leader_of_grp1'_lock\r\n$32\r\n"
    "51810f6ae67a11f1afe702fc00000001\r\n$2\r\nPX\r\n$5\r\n30000\r\n$2\r\nNX"
    "\r\n",
    "B< $-1\r\n",
    "== A run_watchers again",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *2\r\n$5\r\nHKEYS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< *3\r\n$11\r\n__created__\r\n$6\r\nnode-a\r\n$6\r\nnode-b\r\n",
    "A> *3\r\n$4\r\nMGET\r\n$18\r\n_tooz_beats:node-a\r\n$18\r\n"
    "_tooz_beats:node-b\r\n",
    "A< *2\r\n$9\r\nNot dead!\r\n$9\r\nNot dead!\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n*0\r\n",
    "A> *6\r\n$3\r\nSET\r\n$31\r\nb'_tooz'_b'leader_of_grp1'_lock\r\n$32\r\n"
    "51948e8ce67a11f1afe702fc00000001\r\n$2\r\nPX\r\n$5\r\n30000\r\n$2\r\nNX"
    "\r\n",
    "A< $-1\r\n",
    "== get_members after leader",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *2\r\n$5\r\nHKEYS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< *3\r\n$11\r\n__created__\r\n$6\r\nnode-a\r\n$6\r\nnode-b\r\n",
    "A> *3\r\n$4\r\nMGET\r\n$18\r\n_tooz_beats:node-a\r\n$18\r\n"
    "_tooz_beats:node-b\r\n",
    "A< *2\r\n$9\r\nNot dead!\r\n$9\r\nNot dead!\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n*0\r\n",
    "== get caps of leader child: MemberNotJoined",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *3\r\n$4\r\nHGET\r\n$16\r\n_tooz_group:grp1\r\n$6\r\nleader\r\n",
    "A< $-1\r\n",
    "A> *1\r\n$7\r\nUNWATCH\r\n",
    "A< +OK\r\n",
    "== heartbeat with leader",
    "A> *4\r\n$6\r\nPSETEX\r\n$18\r\n_tooz_beats:node-a\r\n$5\r\n30000\r\n$9"
    "\r\nNot dead!\r\n",
    "A< +OK\r\n",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "1cac51482acf5858da00f6d685d68f886cd6b6b2\r\n$1\r\n1\r\n$31\r\n"
    "b'_tooz'_b'leader_of_grp1'_lock\r\n$32\r\n"
    "51633936e67a11f1afe702fc00000001\r\n$5\r\n30000\r\n",
    "A< :1\r\n",
    "== node-a get_lock(b'lk1').acquire()",
    "A> *6\r\n$3\r\nSET\r\n$20\r\nb'_tooz'_b'lk1'_lock\r\n$32\r\n"
    "51c5ae18e67a11f1afe702fc00000001\r\n$2\r\nPX\r\n$5\r\n30000\r\n$2\r\nNX"
    "\r\n",
    "A< +OK\r\n",
    "== get_groups with lock held",
    "A> *2\r\n$8\r\nSMEMBERS\r\n$12\r\n_tooz_groups\r\n",
    "A< *1\r\n$4\r\ngrp1\r\n",
    "== lock B nonblocking",
    "B> *6\r\n$3\r\nSET\r\n$20\r\nb'_tooz'_b'lk1'_lock\r\n$32\r\n"
    "51db0e20e67a11f1afe702fc00000001\r\n$2\r\nPX\r\n$5\r\n30000\r\n$2\r\nNX"
    "\r\n",
    "B< $-1\r\n",
    "== heartbeat with lock",
    "A> *4\r\n$6\r\nPSETEX\r\n$18\r\n_tooz_beats:node-a\r\n$5\r\n30000\r\n$9"
    "\r\nNot dead!\r\n",
    "A< +OK\r\n",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "1cac51482acf5858da00f6d685d68f886cd6b6b2\r\n$1\r\n1\r\n$31\r\n"
    "b'_tooz'_b'leader_of_grp1'_lock\r\n$32\r\n"
    "51633936e67a11f1afe702fc00000001\r\n$5\r\n30000\r\n",
    "A< :1\r\n",
    "A> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "1cac51482acf5858da00f6d685d68f886cd6b6b2\r\n$1\r\n1\r\n$20\r\n"
    "b'_tooz'_b'lk1'_lock\r\n$32\r\n51c5ae18e67a11f1afe702fc00000001\r\n$5"
    "\r\n30000\r\n",
    "A< :1\r\n",
    "== lock release",
    "A> *5\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "c3f8721cbb97f72bc19e972846bd7aaf91901658\r\n$1\r\n1\r\n$20\r\n"
    "b'_tooz'_b'lk1'_lock\r\n$32\r\n51c5ae18e67a11f1afe702fc00000001\r\n",
    "A< :1\r\n",
    "== get_lock str 'lk2' acquire",
    "A> *6\r\n$3\r\nSET\r\n$17\r\nb'_tooz'_lk2_lock\r\n$32\r\n"
    "51fc6b38e67a11f1afe702fc00000001\r\n$2\r\nPX\r\n$5\r\n30000\r\n$2\r\nNX"
    "\r\n",
    "A< +OK\r\n",
    "== node-a stop",
    "A> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< +OK\r\n",
    "A> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "A< :1\r\n",
    "A> *1\r\n$5\r\nMULTI\r\n*3\r\n$4\r\nHDEL\r\n$16\r\n_tooz_group:grp1\r\n"
    "$6\r\nnode-a\r\n*1\r\n$4\r\nEXEC\r\n",
    "A< +OK\r\n+QUEUED\r\n*1\r\n:1\r\n",
    "A> *5\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "c3f8721cbb97f72bc19e972846bd7aaf91901658\r\n$1\r\n1\r\n$31\r\n"
    "b'_tooz'_b'leader_of_grp1'_lock\r\n$32\r\n"
    "51633936e67a11f1afe702fc00000001\r\n",
    "A< :1\r\n",
    "A> *5\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "c3f8721cbb97f72bc19e972846bd7aaf91901658\r\n$1\r\n1\r\n$17\r\n"
    "b'_tooz'_lk2_lock\r\n$32\r\n51fc6b38e67a11f1afe702fc00000001\r\n",
    "A< :1\r\n",
    "A> *2\r\n$3\r\nDEL\r\n$18\r\n_tooz_beats:node-a\r\n",
    "A< :1\r\n",
    "== node-b stop",
    "B> *2\r\n$5\r\nWATCH\r\n$16\r\n_tooz_group:grp1\r\n",
    "B< +OK\r\n",
    "B> *2\r\n$6\r\nEXISTS\r\n$16\r\n_tooz_group:grp1\r\n",
    "B< :1\r\n",
    "B> *1\r\n$5\r\nMULTI\r\n*3\r\n$4\r\nHDEL\r\n$16\r\n_tooz_group:grp1\r\n"
    "$6\r\nnode-b\r\n*1\r\n$4\r\nEXEC\r\n",
    "B< +OK\r\n+QUEUED\r\n*1\r\n:1\r\n",
    "B> *2\r\n$3\r\nDEL\r\n$18\r\n_tooz_beats:node-b\r\n",
    "B< :1\r\n",
    "D* *4\r\n$6\r\nPSETEX\r\n$18\r\n_tooz_beats:node-d\r\n$5\r\n30000\r\n$9"
    "\r\nNot dead!\r\n",
    "== delete_group after all left",
    "D> *6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    "e47a96214548e256ec64eb168ba17283d16099f1\r\n$1\r\n2\r\n$16\r\n"
    "_tooz_group:grp1\r\n$12\r\n_tooz_groups\r\n$4\r\ngrp1\r\n",
    "D< :1\r\n",
    NULL,
};

#endif
