/* SPDX-License-Identifier: Apache-2.0
 * core.h - a handle from inside.
 *
 * One lock guards everything below it. It is never held across a back end's
 * verb, a callback of the user, or anything that waits. The handle's memory
 * is counted: a worker that was left behind in a client library holds it
 * until it returns, long after sg_close().
 */
#ifndef SG_CORE_H
#define SG_CORE_H

#include "env.h"
#include "memory.h"
#include "op.h"
#include "target.h"

#include <pthread.h>

struct sg_worker;

/* A bridge is a handle of two: the new store first, the old one second. */
#define SG_STORES_MAX 2

/* No deadline is longer: a sum of moments stays a moment. */
#define SG_DEADLINE_MAX INT64_C(31536000000) /* a year */

enum sg_wish { SG_WISH_NONE, SG_WISH_JOIN, SG_WISH_LEAVE };

/* One group of this handle: what its user wants, and what is known. */
struct sg_membership {
    char *group;
    void *metadata; /* NULL: tooz's empty value                    */
    size_t metadata_bytes;
    enum sg_wish wish;
    uint64_t wish_number; /* grows with each change of the wish          */
    enum sg_state state;
    uint64_t epoch;
    bool is_in_store;      /* a record is believed to stand               */
    bool was_joined;       /* once, under this wish: JOINED or REJOINED   */
    bool is_todo;          /* the heart must join or leave, now           */
    unsigned public_calls; /* joins and leaves of the user under way      */
    char token[SG_TOKEN_BYTES + 1]; /* under which it joined               */
    int64_t sent_ms; /* sending of the last confirmed beat          */
    size_t size;     /* of the group, when last looked at           */
    uint64_t birth;  /* of the group, as last told; 0               */
    int64_t audit_due_ms, sweep_due_ms;
    enum sg_event_kind event; /* to be delivered; 0: none                    */
    int event_error;
};

struct sg {
    int refs; /* under the lock                              */
    unsigned fork_number;
    /* constant after open */
    struct sg *store[SG_STORES_MAX]; /* a plain handle: itself             */
    size_t n_stores;
    struct sg *bridge; /* the handle that this one is a store of; NULL    */
    const char *label; /* "new", "old"; NULL: the one store of its handle */
    const struct sg_backend_kind *kind;
    struct sg_url *url;
    struct sg_env env;
    char *member; /* NULL: observer                              */
    struct sg_bounds bounds;
    sg_event_fn *on_event;
    void *event_arg;

    /* A bridge's stores share its own: one wait is for both. */
    pthread_mutex_t *lock, own_lock;
    pthread_cond_t *changed, own_changed; /* an answer came, or the heart
                                           * must look                     */
    /* guarded by the lock */
    char token[SG_TOKEN_BYTES + 1];
    struct sg_membership *memberships;
    size_t n_memberships;
    struct sg_memory *memory;
    struct sg_worker *worker; /* NULL: none yet                              */
    unsigned in_flight, left_behind, workers;
    uint64_t finished, beats, waits;
    int64_t silent_until_ms; /* a bridge's store: see call.h              */
    bool is_open, is_closing;
    /* the heart's */
    pthread_t heart;
    bool has_heart;
    struct sg_task *heart_task;
    int64_t heart_deadline_ms;
    int64_t next_beat_ms;
    bool is_failing; /* the loss was logged, the recovery was not   */
};

static inline int64_t sg_now(const struct sg *sg)
{
    return sg->env.now_ms(sg->env.arg);
}

void sg_lock(struct sg *sg);
void sg_unlock(struct sg *sg);
/* Something changed: wake whoever waits. Lock held. */
void sg_changed(struct sg *sg);
void sg_hold(struct sg *sg);        /* lock held                       */
void sg_drop_unlock(struct sg *sg); /* lock held; may free             */
void sg_free(struct sg *sg);        /* nobody else holds it            */
void sg_watch_forks(void);
/* Number of forks this process has come through (see servicegroup.c). */
unsigned sg_fork_number(void);
/* The first test of every call; SG_OK or an error that is said. */
int sg_check_handle(const struct sg *sg);

/* worker.c: hand a task to the worker, making one if there is none. Lock
 * held. SG_OK, or SG_EUNKNOWN with op.reason SG_BUSY, or SG_ENOMEM. */
int sg_post(struct sg *sg, struct sg_task *task);
/* Give a posted task up. Lock held; nobody will see its answer. */
void sg_give_up(struct sg *sg, struct sg_task *task);
/* Operations given up that may still be done. Lock held. */
size_t sg_worker_owed(const struct sg *sg);
/* No more tasks: the worker says goodbye and ends. Lock held. */
void sg_worker_stop(struct sg *sg);
/* In the child of a fork: free the worker's memory, send nothing. */
void sg_worker_forked(struct sg *sg);
/* Stand still for a change, at most until then. Lock held, and again after. */
void sg_wait(struct sg *sg, int64_t until_ms);
/* Why an answer is none; TIMED_OUT for a task that was given up. */
enum sg_reason sg_task_reason(const struct sg_task *task);
/* Say why a call failed, in this thread's sentence; returns `code`. */
int sg_say(const struct sg_task *task, int code);

/* heart.c; lock held */
void sg_heart_step(struct sg *sg);
int64_t sg_heart_due(const struct sg *sg);
void sg_heart_first_beat(struct sg *sg);
int sg_heart_start(struct sg *sg); /* lock not held                   */
void sg_heart_stop(struct sg *sg); /* lock not held                   */
void sg_new_token(struct sg *sg);

/* membership.c; lock held */
struct sg_membership *sg_membership_find(struct sg *sg, const char *group);
struct sg_membership *sg_membership_add(struct sg *sg, const char *group);
void sg_membership_wish(struct sg_membership *m, enum sg_wish wish);
/* A join was confirmed, by anyone. */
void sg_membership_joined(struct sg *sg, struct sg_membership *m,
                          const struct sg_task *task);
void sg_membership_event(struct sg_membership *m, enum sg_event_kind kind,
                         int error);
/* A task for one verb of one membership, filled in; NULL: out of memory. */
struct sg_task *sg_membership_task(struct sg *sg, enum sg_verb verb,
                                   const struct sg_membership *m);
void sg_memberships_free(struct sg *sg);

#endif
