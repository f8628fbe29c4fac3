/* SPDX-License-Identifier: Apache-2.0
 * redis_reply.h - reading what a Redis server answers, whatever it is.
 *
 * Every function is total: any reply, NULL included, any index, any bytes.
 */
#ifndef SG_REDIS_REPLY_H
#define SG_REDIS_REPLY_H

#include "backend.h"

#include <hiredis/hiredis.h>

struct sg_redis_text {
    const char *bytes; /* NULL: nothing is there; no NUL is promised  */
    size_t length;
};

/* Element `i` of an array; NULL: there is none. */
const redisReply *sg_redis_reply_at(const redisReply *array, size_t i);
/* A string, or nothing (nil). False: it is something else. */
bool sg_redis_reply_text(const redisReply *reply, struct sg_redis_text *ret);
/* An integer from 0 to `max`. */
bool sg_redis_reply_count(const redisReply *reply, int64_t max, int64_t *ret);
/* Decimal digits and nothing else, above zero. */
bool sg_redis_reply_epoch(const redisReply *reply, uint64_t *ret);

/* Which birth a text stands for: never 0, and 0 for nothing. */
uint64_t sg_redis_reply_birth(struct sg_redis_text born);

/* The value of one line of INFO ("role:master"), cut to fit; false: no such
 * line. */
bool sg_redis_reply_info(struct sg_redis_text info, const char *field, char *to,
                         size_t to_bytes);

/* What the server said no to: reason, code and sentence in `op`. `where` the
 * server, `what` was asked; `secret` must not be repeated, NULL for none. */
int sg_redis_reply_refused(struct sg_op *op, const char *where,
                           const char *what, const redisReply *error,
                           const char *secret);

/* What the records of one name show. `name` is the core's or the op's. */
struct sg_redis_row {
    bool stands;
    struct sg_redis_text owner, live, marks;
};
void sg_redis_reply_sight(const struct sg_redis_row *row,
                          struct sg_sight *sight);

#endif
