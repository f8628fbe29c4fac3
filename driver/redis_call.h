/* SPDX-License-Identifier: Apache-2.0
 * redis_call.h - one run of one script: keys and arguments in, an array out.
 *
 * Every script gets a serial number as its first argument and answers it as
 * its first element. So an answer that was delivered twice, or that belongs
 * to an earlier question, is known as such and serves nobody.
 */
#ifndef SG_REDIS_CALL_H
#define SG_REDIS_CALL_H

#include "redis.h"

struct sg_redis_script {
    const char *name, *text, *sha1;
};

/* `name`_script, of the strings that ci/embed.sh made. */
#define SG_REDIS_SCRIPT(name)                                                  \
    static const struct sg_redis_script name##_script = {                      \
        #name, sg_redis_##name##_lua, sg_redis_##name##_sha1}

struct sg_redis_call {
    struct sg_backend *b;
    struct sg_op *op;
    const struct sg_redis_script *script;
    struct sg_redis_request request;
    bool is_short; /* of memory: the run will say so              */
    char n_keys[24], serial[24];
};

/* `call` stays where it is until the run is over. */
void sg_redis_call_begin(struct sg_redis_call *call, struct sg_backend *b,
                         struct sg_op *op, const struct sg_redis_script *script,
                         size_t n_keys, size_t n_args);
/* <ns><kind><name>; name may be "". All keys come before all arguments. */
void sg_redis_call_key(struct sg_redis_call *call, const char *kind,
                       const char *name);
/* The serial: the first argument. */
void sg_redis_call_serial(struct sg_redis_call *call);
void sg_redis_call_bytes(struct sg_redis_call *call, const void *bytes,
                         size_t length);
void sg_redis_call_text(struct sg_redis_call *call, const char *text);
void sg_redis_call_number(struct sg_redis_call *call, int64_t number);
/* Run it: one command and one wait, and one more command when the server does
 * not know the script. *ret is an array that begins with the serial and has
 * at least `least` elements; freeReplyObject() it. */
int sg_redis_call_run(struct sg_redis_call *call, size_t least,
                      redisReply **ret);
/* Note that the answer is not one, and close the connection. */
int sg_redis_call_garbage(struct sg_redis_call *call, const char *what);
int sg_redis_call_no_memory(struct sg_op *op);

#endif
