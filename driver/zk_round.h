/* SPDX-License-Identifier: Apache-2.0
 * zk_round.h - requests that are sent together, and one wait for them all.
 *
 * Requests go out in the order of the calls and the server works in that
 * order. A round that is given up is forgotten: its memory stays until the
 * library has answered, or ended, every request of it.
 */
#ifndef SG_ZK_ROUND_H
#define SG_ZK_ROUND_H

#include "zk_session.h"

struct sg_zk_answer {
    struct sg_zk_round *round;
    int rc;           /* ZOK, or one of ZOO_ERRORS                   */
    struct Stat stat; /* exists, get, create                         */
    char *data;       /* get; NULL when there is none                */
    size_t bytes;
    char **name; /* children                                    */
    size_t n_names;
};

/* Room for `n` requests of the present session. NULL: out of memory. */
struct sg_zk_round *sg_zk_round_new(struct sg_backend *b, size_t n);
struct sg_zk_round *sg_zk_round_new_on(struct sg_zk_session *s, size_t n);
/* NULL is allowed. */
void sg_zk_round_drop(struct sg_zk_round *round);
/* For the end of its session only; see sg_zk_round_drop(). */
void sg_zk_round_free(struct sg_zk_round *round);

/* First of a round of reads: the server catches up with its leader before it
 * answers them. Without it a follower may answer from before a join that has
 * returned (seen on an ensemble of three). Costs a command and no wait. */
void sg_zk_round_sync(struct sg_zk_round *round, const char *base);
/* The path is base/group/member, a NULL ends it. The number of the answer. */
size_t sg_zk_round_exists(struct sg_zk_round *round, const char *base,
                          const char *group, const char *member);
size_t sg_zk_round_get(struct sg_zk_round *round, const char *base,
                       const char *group, const char *member);
size_t sg_zk_round_children(struct sg_zk_round *round, const char *base,
                            const char *group);
size_t sg_zk_round_set(struct sg_zk_round *round, const char *path,
                       const void *data, int bytes);
size_t sg_zk_round_create(struct sg_zk_round *round, const char *path,
                          const void *data, int bytes, int flags);
/* Creates of every level of `path`, persistent and empty; adds the number of
 * levels. The levels may stand, or be out of our rights: what counts is what
 * is made below them. */
void sg_zk_round_create_levels(struct sg_zk_round *round, const char *path);
/* At most three steps, one multi in a round. `step` may end with the call;
 * a set's stat must be sg_zk_round_stat(). */
size_t sg_zk_round_multi(struct sg_zk_round *round, const zoo_op_t *step,
                         int n);
struct Stat *sg_zk_round_stat(struct sg_zk_round *round);

/* Stand still until everything is answered. SG_OK: each answer's rc is what
 * the server said; else an error that is said, or SG_ZK_EXPIRED. */
int sg_zk_round_wait(struct sg_zk_round *round, struct sg_op *op);
/* The same without counting a wait. */
int sg_zk_round_wait_quietly(struct sg_zk_round *round, struct sg_op *op);
const struct sg_zk_answer *sg_zk_round_answer(const struct sg_zk_round *round,
                                              size_t i);

/* What the server said is not what the verb can live with. `what` was tried
 * on base/group/member. */
int sg_zk_round_refused(struct sg_backend *b, struct sg_op *op, int rc,
                        const char *what, const char *base, const char *group,
                        const char *member);

#endif
