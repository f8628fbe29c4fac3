/* SPDX-License-Identifier: Apache-2.0
 * zk.h - an instance of the ZooKeeper back end, and its verbs.
 *
 * One lock guards what the library's threads, `interrupt` and the slot share:
 * the sessions' counters, the rounds and the flag. It is never held across a
 * call of the library or of the env.
 */
#ifndef SG_ZK_H
#define SG_ZK_H

#include "backend.h"

#include <pthread.h>
#include <zookeeper/zookeeper.h>

struct sg_zk_session;
struct sg_zk_own;

/* Of a step: the session is over, open a fresh one and begin again. */
#define SG_ZK_EXPIRED 1000

/* Sessions of ours that are remembered after their handle was thrown away. */
#define SG_ZK_PAST 8u

struct sg_backend {
    const struct sg_target *target;
    const struct sg_backend_env *env;
    char *hosts;        /* "address:port,address:port"                 */
    char *base, *marks; /* "/tooz" and "/tooz_sg", chroot before       */
    char *auth;         /* "user:password", or NULL                    */
    const struct ACL_vector *acl;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_interrupted; /* guarded by the lock                         */
    size_t owed;         /* rounds given up and not answered; the same  */

    /* the slot's */
    struct sg_zk_session *session; /* carries the registration; may be NULL */
    struct sg_zk_session *beside;  /* see zk_heal.c                         */
    struct sg_zk_own *own;    /* nodes of ours that stand, or may            */
    int64_t past[SG_ZK_PAST]; /* sessions that were ours, the oldest goes */
    size_t n_past;
    bool is_lost;        /* a session was, and no beat has said so yet  */
    bool is_unconnected; /* found so by a verb, and since               */
    int64_t unconnected_ms;
    uint64_t connects_then;
    pthread_t closer; /* says goodbye for a session that is not used */
    bool has_closer;
};

#define SG_ZK_PORT 2181

/* zk_instance.c: the slots, of any back end on ZooKeeper. `tree`: the node
 * below which groups stand. */
int sg_zk_open(const struct sg_target *target, const struct sg_backend_env *env,
               const char *tree, struct sg_backend **ret_b);
void sg_zk_close(struct sg_backend *b);
void sg_zk_interrupt(struct sg_backend *b);
void sg_zk_forked(struct sg_backend *b);
size_t sg_zk_owed(struct sg_backend *b);
/* Run a step on a session, a fresh one if the server ended the last. */
int sg_zk_run(struct sg_backend *b, struct sg_op *op, sg_verb_fn *step);

/* Steps of the verbs: SG_OK, an error that is said, or SG_ZK_EXPIRED. */
sg_verb_fn sg_zk_join, sg_zk_leave, sg_zk_beat, sg_zk_ask, sg_zk_list,
    sg_zk_groups, sg_zk_get_metadata, sg_zk_set_metadata, sg_zk_set_marks;

/* Before and after (when it failed) every verb: is the session one that never
 * comes back (zk_heal.c)? */
void sg_zk_heal_before(struct sg_backend *b, const struct sg_op *op);
void sg_zk_heal_after(struct sg_backend *b, const struct sg_op *op);

/* ---- nodes of ours (zk_own.c) ----------------------------------------- */

/* A member node that our session made, or may have made: a reply was lost.
 * So a repeated join is told from a new incarnation, and a repeated leave
 * from one that was never joined. */
struct sg_zk_own {
    struct sg_zk_own *next;
    char *group, *member;
    char token[SG_TOKEN_BYTES + 1];
    bool is_leaving; /* its delete was sent, the reply is missing   */
};
struct sg_zk_own *sg_zk_own_find(struct sg_backend *b, const struct sg_op *op);
struct sg_zk_own *sg_zk_own_add(struct sg_backend *b, const struct sg_op *op);
void sg_zk_own_remove(struct sg_backend *b, struct sg_zk_own *own);
/* The session is over, and its nodes with it; leaves are remembered. */
void sg_zk_own_expired(struct sg_backend *b);
bool sg_zk_own_is_empty(const struct sg_backend *b);
void sg_zk_own_free(struct sg_backend *b);

/* Our own node and its group, read so that a change can be made conditional
 * on both (zk_leave.c). SG_OK, SG_ENOTJOINED, SG_EREPLACED, other errors. */
struct sg_zk_standing {
    int32_t group_version, member_version;
    uint64_t epoch;
};
int sg_zk_standing(struct sg_backend *b, struct sg_op *op,
                   struct sg_zk_standing *ret);
/* Does the server grant the T that was asked? SG_ETIMEOUT, said. */
int sg_zk_check_timeout(struct sg_backend *b, struct sg_op *op);
/* Write metadata into our own node. SG_EREPLACED, SG_ENOTJOINED. */
int sg_zk_metadata(struct sg_backend *b, struct sg_op *op, uint64_t *ret_epoch);

/* tooz's empty value, when none is given. */
static inline const char *sg_zk_value(const struct sg_op_group *group,
                                      int *ret_bytes)
{
    if (group->metadata == NULL) {
        *ret_bytes = 2;
        return "\xc4\x00";
    }
    *ret_bytes = (int)group->metadata_bytes;
    return group->metadata;
}

static inline bool sg_zk_is_ephemeral(const struct Stat *stat)
{
    /* 0 on persistent nodes, the lowest number on containers. */
    return stat->ephemeralOwner != 0 && stat->ephemeralOwner != INT64_MIN;
}

#endif
