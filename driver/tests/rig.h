/* SPDX-License-Identifier: Apache-2.0
 * rig.h - one handle on a stub, and a clock that only the test moves.
 *
 * A public call that waits moves the clock to what is due next (a step of the
 * heart, or its own deadline) as soon as nothing but standing calls is under
 * way; no test here waits for real time to pass.
 */
#ifndef RIG_H
#define RIG_H

#include "stub_backend.h"

#include <pthread.h>

#define RIG_T 30000 /* T where a test does not say                 */
#define RIG_BEAT 10000
#define RIG_DEADLINE 2000
#define RIG_EVENTS_MAX 32
#define RIG_WRITES (SG_CAN_WRITE | SG_HAS_METADATA)

struct rig_event {
    enum sg_event_kind kind;
    char group[SG_NAME_MAX + 1];
    uint64_t epoch;
    int error;
    int64_t at_ms;
};

struct rig {
    struct stub *stub;
    struct sg *sg;
    struct sg_env env; /* may be changed before rig_open()            */
    /* Runs once, when a public call is about to let time pass. */
    void (*during)(struct rig *rig);
    /* Runs in each event's callback; may be NULL. */
    void (*on_event)(struct rig *rig, const struct sg_event *event);
    uint64_t noted; /* a test's own                                */
    struct rig_event events[RIG_EVENTS_MAX];
    size_t n_events;
    pthread_mutex_t lock; /* guards all below                            */
    pthread_cond_t cond;
    int64_t now_ms;
    uint64_t changes, taken;
    uint64_t random; /* the next random number; then one more       */
    unsigned abandoned, ended;
    char log[2048];
};

struct rig *rig_new(enum stub_form form, unsigned promises);
/* Before rig_open(): the default clock, wait and heart. Real time passes; only
 * the stub's calls and the end can be waited for. */
void rig_use_real_time(struct rig *rig);
/* The options' member, env, kind and callback are the rig's; NULL: all. */
void rig_open(struct rig *rig, const struct sg_options *options);
/* Defaults, with a host in the URL: "nowhere" has no address, "stuck" has one
 * when the stub is released. */
void rig_open_host(struct rig *rig, const char *host);
void rig_open_observer(struct rig *rig);
/* rig_new() and rig_open() of a member "m" that writes; and in "g". */
struct rig *rig_member(unsigned promises);
struct rig *rig_joined(unsigned promises);
void rig_join(struct rig *rig, const char *group);
/* Wait (really) for env.ended, which comes once after sg_close(). */
void rig_await_end(struct rig *rig);
void rig_close(struct rig *rig); /* sg_close(), and that */
/* Lets go of what stands, closes the handle if it is open. */
void rig_free(struct rig *rig);

int64_t rig_now(struct rig *rig);
void rig_random(struct rig *rig, uint64_t value);
struct sg_pulse rig_pulse(struct rig *rig);
/* Let time pass, from due to due. */
void rig_pass(struct rig *rig, int64_t ms);
/* Wait (really) until all that is under way stands still, and step the heart
 * for what has been answered. */
void rig_settle(struct rig *rig);
/* Wait (really) until so many calls are left behind. */
void rig_await_left(struct rig *rig, unsigned left_behind);
/* The state of one group; SG_STATE_NONE when sg_standing() refuses. */
struct sg_standing rig_standing(struct rig *rig, const char *group);
/* The event number `index` (0 the first) was this one. */
void rig_expect(const struct rig *rig, size_t index, const char *group,
                enum sg_event_kind kind);

#endif
