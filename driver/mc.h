/* SPDX-License-Identifier: Apache-2.0
 * mc.h - the memcached back end from inside: one instance, its commands, and
 * the names of its keys.
 *
 * The client is our own: libmemcached 1.1.4 takes most errors in the answer
 * to a gets for "not found" (a member would be DOWN because the server was out
 * of memory), ends the process on an answer of the wrong kind (an assertion
 * that Debian compiles in; "OK" to a cas will do) and reads outside its buffer
 * on a hostile length. Measured.
 *
 * A verb is plain code: commands one after the other, each waits for its
 * answer. Every command returns SG_OK or has called sg_op_fail(). A
 * connection on which one failed is never used again.
 */
#ifndef SG_MC_H
#define SG_MC_H

#include "backend.h"
#include "mc_reply.h"
#include "mc_socket.h"

/* ---- keys ------------------------------------------------------------- */

/* tooz's: _TOOZ_GROUP_<g> is a map of members, _TOOZ_GROUP_LIST an array of
 * groups, _TOOZ_MEMBER_<m> the liveness. Ours lie beside them, in names that
 * tooz neither lists nor scans. */
enum sg_mc_space {
    SG_MC_GROUP,
    SG_MC_LIST,
    SG_MC_MEMBER,
    SG_MC_EPOCH,
    SG_MC_BORN,
    SG_MC_MARKS,
    SG_MC_CLEAN,
};
/* The server's limit is 250; the longest prefix has 13, a name 200. */
#define SG_MC_KEY_MAX 224u
size_t sg_mc_key_write(enum sg_mc_space space, const char *name,
                       size_t name_length, char to[SG_MC_KEY_MAX]);
/* An item of a gets that asks for a key; false: out of memory. */
bool sg_mc_item_ask(struct sg_op *op, enum sg_mc_space space, const char *name,
                    struct sg_mc_item *ret_item);

/* pymemcache's serializer in tooz: 1 raw bytes, 2 msgpack. */
#define SG_MC_RAW 1u
#define SG_MC_PACKED 2u

/* ---- an instance ------------------------------------------------------ */

struct sg_mc_bytes {
    uint8_t *at;
    size_t length, room;
};
void sg_mc_bytes_free(struct sg_mc_bytes *bytes);

struct sg_mc_suspects;
struct sg_backend {
    const struct sg_endpoint *endpoint;
    const struct sg_backend_env *env;
    struct sg_mc_socket socket;
    bool is_connected, is_dead, has_heard;
    bool has_stats;
    int64_t uptime_ms, uptime_at_ms; /* of the server, at env time; -1      */
    struct sg_mc_suspects *suspects; /* mc_sweep.c                          */
};

/* ---- commands (mc_command.c, mc_exchange.c) --------------------------- */

/* One gets of all items. The values point into *ret_bytes, which the caller
 * frees, on failure too. */
int sg_mc_gets(struct sg_backend *b, struct sg_op *op, struct sg_mc_item *items,
               size_t n_items, struct sg_mc_bytes *ret_bytes);

struct sg_mc_write {
    const char *command; /* "cas", "add" or "set"                       */
    const char *key;
    size_t key_length;
    uint32_t flags;
    int64_t exptime_s; /* 0: never; above 30 days: a Unix time        */
    const void *value;
    size_t length;
    uint64_t cas; /* of "cas"                                    */
};
/* *ret_stored false: another was faster (cas, add), or the key is gone. The
 * old value stands then, and also when the server finds the new one too large
 * (SG_ETOOBIG). */
int sg_mc_write(struct sg_backend *b, struct sg_op *op,
                const struct sg_mc_write *write, bool *ret_stored);
/* A cas of what `seen` showed, or an add if it showed nothing. */
int sg_mc_replace(struct sg_backend *b, struct sg_op *op,
                  const struct sg_mc_item *seen, uint32_t flags,
                  int64_t exptime_s, const void *value, size_t length,
                  bool *ret_stored);
int sg_mc_incr(struct sg_backend *b, struct sg_op *op, const char *key,
               uint64_t by, bool *ret_is_there, uint64_t *ret_value);
int sg_mc_touch(struct sg_backend *b, struct sg_op *op, const char *key,
                int64_t exptime_s, bool *ret_is_there);
/* The server's age now; one `stats` per connection. */
int sg_mc_age(struct sg_backend *b, struct sg_op *op, int64_t *ret_age_ms);

/* After a lost cas: stand back for a random while, twice as long each time;
 * an error when all of it would be more than io_limit_ms. */
struct sg_mc_patience {
    int64_t window_ms, spent_ms;
};
int sg_mc_again(struct sg_backend *b, struct sg_op *op,
                struct sg_mc_patience *patience, const char *what);

/* ---- liveness (mc_live.c) --------------------------------------------- */

/* Whole seconds that keep a key for T and not much longer. */
int64_t sg_mc_exptime_s(int64_t timeout_ms);

struct sg_mc_live {
    bool is_alive; /* what Python takes for true                  */
    bool is_stamp; /* ours, so `stamp` is filled                  */
    struct sg_stamp stamp;
};
struct sg_mc_live sg_mc_live_read(const struct sg_mc_item *item);
/* Alive and under this token? */
bool sg_mc_live_is(const struct sg_mc_live *live, const char *token);
/* Write our own stamp over what `seen` showed. */
int sg_mc_live_write(struct sg_backend *b, struct sg_op *op, uint64_t epoch,
                     const struct sg_mc_item *seen, bool *ret_stored);
/* Take the key away if it is still what `seen` showed. */
int sg_mc_live_remove(struct sg_backend *b, struct sg_op *op,
                      const struct sg_mc_item *seen, bool *ret_removed);

/* A group's birth, or 0 (mc_scene.c). */
uint64_t sg_mc_birth_read(const struct sg_mc_item *item);

/* ---- verbs ------------------------------------------------------------ */

sg_verb_fn sg_mc_join, sg_mc_leave, sg_mc_beat, sg_mc_sweep, sg_mc_ask,
    sg_mc_list, sg_mc_groups, sg_mc_get_metadata, sg_mc_set_metadata,
    sg_mc_set_marks;

void sg_mc_suspects_free(struct sg_mc_suspects *suspects);

#endif
