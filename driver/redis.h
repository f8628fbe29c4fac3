/* SPDX-License-Identifier: Apache-2.0
 * redis.h - an instance of the Redis back end, and its verbs.
 */
#ifndef SG_REDIS_H
#define SG_REDIS_H

#include "redis_conn.h"

struct sg_backend {
    struct sg_redis_conn conn;
    const char *space; /* the namespace that all keys begin with      */
};

sg_verb_fn sg_redis_join, sg_redis_leave, sg_redis_beat, sg_redis_ask,
    sg_redis_list, sg_redis_groups, sg_redis_get_metadata,
    sg_redis_set_metadata, sg_redis_set_marks;

#endif
