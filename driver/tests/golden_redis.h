/* SPDX-License-Identifier: Apache-2.0
 * golden_redis.h - what Python tooz leaves in Redis.
 *
 * Recorded on Debian 12: what had changed in Redis 7.0.15 after each call of
 * tooz 3.1.0 (or of a later one, where the call says so), whose members node-a
 * to node-d use groups grp1 and grp2. The notation of the bytes is golden.h's.
 */
#ifndef GOLDEN_REDIS_H
#define GOLDEN_REDIS_H

#include <stddef.h>
#include <stdint.h>

static const struct golden_record {
    const char *after, *key;
    const char *field; /* of a hash; NULL: a string, or a set's member */
    const char *value; /* NULL: it is gone                            */
    int64_t ttl_ms;    /* 0: none                                     */
} golden_records[] = {
    {"start node-a", "_tooz_beats:node-a", NULL, "Not dead!", 30000},
    {"start node-b", "_tooz_beats:node-b", NULL, "Not dead!", 30000},
    {"create_group(b'grp1')", "_tooz_group:grp1", "__created__", "1", 0},
    {"create_group(b'grp1')", "_tooz_groups", NULL, "grp1", 0},
    {"create_group(b'grp2')", "_tooz_group:grp2", "__created__", "1", 0},
    {"create_group(b'grp2')", "_tooz_groups", NULL, "grp2", 0},
    {"node-a join_group(b'grp1') default caps", "_tooz_group:grp1", "node-a",
     "<c400>", 0},
    {"node-a leave_group", "_tooz_group:grp1", "node-a", NULL, 0},
    {"node-a join_group(b'grp1', None)", "_tooz_group:grp1", "node-a", "<c0>",
     0},
    {"node-a update_capabilities {}", "_tooz_group:grp1", "node-a", "<80>", 0},
    {"node-a update_capabilities str 'cap'", "_tooz_group:grp1", "node-a",
     "<a3>cap", 0},
    {"node-a update_capabilities bytes b'cap'", "_tooz_group:grp1", "node-a",
     "<c403>cap", 0},
    {"node-a update_capabilities dict "
     "{weight:1,host:'n<c3b6>de',ratio:0.5,up:True,none:None}",
     "_tooz_group:grp1", "node-a",
     "<85a6>weight<01a4>host<a5>n<c3b6>de<a5>ratio<cb3fe0000000000000a2>up"
     "<c3a4>none<c0>",
     0},
    {"node-a update_capabilities list [1,-1,300,70000,'x',b'y',None,False]",
     "_tooz_group:grp1", "node-a", "<9801ffcd012cce000111>p<a1>x<c401>y<c0c2>",
     0},
    {"node-a update_capabilities int-key dict {1:2}", "_tooz_group:grp1",
     "node-a", "<810102>", 0},
    {"node-a update_capabilities {'a':1}", "_tooz_group:grp1", "node-a",
     "<81a1>a<01>", 0},
    {"dup join", "_tooz_group:grp1", "node-a", "<81a1>a<02>", 0},
    {"node-b join_group str 'cap-b'", "_tooz_group:grp1", "node-b", "<a5>cap-b",
     0},
    {"delete_group(b'grp2')", "_tooz_group:grp2", "__created__", NULL, 0},
    {"delete_group(b'grp2')", "_tooz_groups", NULL, NULL, 0},
    {"run_watchers join", "_tooz_beats:node-c", NULL, "Not dead!", 30000},
    {"run_watchers join", "_tooz_group:grp1", "node-c", "<c0>", 0},
    {"run_watchers after C.stop", "_tooz_beats:node-c", NULL, NULL, 0},
    {"run_watchers after C.stop", "_tooz_group:grp1", "node-c", NULL, 0},
    {"node-a run_watchers (leader election)", "b'_tooz'_b'leader_of_grp1'_lock",
     NULL, "51633936e67a11f1afe702fc00000001", 30000},
    {"node-a get_lock(b'lk1').acquire()", "b'_tooz'_b'lk1'_lock", NULL,
     "51c5ae18e67a11f1afe702fc00000001", 30000},
    {"lock release", "b'_tooz'_b'lk1'_lock", NULL, NULL, 0},
    {"node-a stop", "b'_tooz'_b'leader_of_grp1'_lock", NULL, NULL, 0},
    {"node-a stop", "_tooz_beats:node-a", NULL, NULL, 0},
    {"node-a stop", "_tooz_group:grp1", "node-a", NULL, 0},
    {"node-a stop", "b'_tooz'_lk2_lock", NULL, NULL, 0},
    {"node-b stop", "_tooz_beats:node-b", NULL, NULL, 0},
    {"node-b stop", "_tooz_group:grp1", "node-b", NULL, 0},
    {"delete_group after all left", "_tooz_beats:node-d", NULL, "Not dead!",
     30000},
    {"delete_group after all left", "_tooz_groups", NULL, NULL, 0},
    {"delete_group after all left", "_tooz_group:grp1", "__created__", NULL, 0},
    {"node-a join_group(b'grp1') default caps, after 9.0.1", "_tooz_group:grp1",
     "node-a", "<c0>", 0},
    {"node-a run_watchers (leader election), after 9.0.1",
     "_tooz_leader_of_grp1_lock", NULL, "55af467ee67a11f18ea202fc00000001",
     30000},
    {"node-a get_lock(b'lk1').acquire(), after 9.0.1", "_tooz_lk1_lock", NULL,
     "5623dc46e67a11f18ea202fc00000001", 30000},
    {"lock release, after 9.0.1", "_tooz_lk1_lock", NULL, NULL, 0},
    {"node-a stop, after 9.0.1", "_tooz_lk2_lock", NULL, NULL, 0},
    {"node-a stop, after 9.0.1", "_tooz_leader_of_grp1_lock", NULL, NULL, 0},
};

#endif
