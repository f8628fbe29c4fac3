/* SPDX-License-Identifier: Apache-2.0
 * bridged.c - a bridge between two stubs, and a clock that its waits move.
 */
#include "bridged.h"

#include "core.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define START_MS 1000000
#define PATIENCE_S 20 /* real time, after which a test has hung      */

/* ---- the surroundings ------------------------------------------------- */

int64_t bridged_now(struct bridged *b)
{
    int64_t now;

    pthread_mutex_lock(&b->lock);
    now = b->now_ms;
    pthread_mutex_unlock(&b->lock);
    return now;
}

void bridged_pass(struct bridged *b, int64_t ms)
{
    pthread_mutex_lock(&b->lock);
    b->now_ms += ms;
    pthread_mutex_unlock(&b->lock);
}

static int64_t now_ms(void *arg)
{
    return bridged_now(arg);
}

static void next_random(void *arg, void *to, size_t bytes)
{
    struct bridged *b = arg;

    pthread_mutex_lock(&b->lock);
    memset(to, 0, bytes);
    memcpy(to, &b->random, bytes < 8 ? bytes : 8);
    b->random++;
    pthread_mutex_unlock(&b->lock);
}

static void no_log(void *arg, const char *sentence)
{
    (void)arg;
    (void)sentence;
}

static void changed(void *arg)
{
    struct bridged *b = arg;

    pthread_mutex_lock(&b->lock);
    b->changes++;
    pthread_cond_broadcast(&b->cond);
    pthread_mutex_unlock(&b->lock);
}

static void ended(void *arg)
{
    struct bridged *b = arg;

    pthread_mutex_lock(&b->lock);
    b->ended++;
    pthread_cond_broadcast(&b->cond);
    pthread_mutex_unlock(&b->lock);
}

/* ---- time ------------------------------------------------------------- */

static uint64_t changes_of(struct bridged *b)
{
    uint64_t changes;

    pthread_mutex_lock(&b->lock);
    changes = b->changes;
    pthread_mutex_unlock(&b->lock);
    return changes;
}

/* Locked. */
static void await_signal(struct bridged *b)
{
    struct timespec limit;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += PATIENCE_S;
    if (pthread_cond_timedwait(&b->cond, &b->lock, &limit) == 0)
        return;
    pthread_mutex_unlock(&b->lock);
    unit_fail(__FILE__, __LINE__, "nothing moves any more");
}

void bridged_rest(struct bridged *b)
{
    for (;;) {
        uint64_t seen = changes_of(b);
        struct sg_pulse pulse;
        sg_get_pulse(b->sg, &pulse);
        if (pulse.left_behind == 0 &&
            pulse.in_flight == stub_counts(b->stub[0]).standing +
                                   stub_counts(b->stub[1]).standing)
            return;
        pthread_mutex_lock(&b->lock);
        if (b->changes == seen)
            await_signal(b);
        pthread_mutex_unlock(&b->lock);
    }
}

static bool is_news(struct bridged *b)
{
    bool is_new;

    pthread_mutex_lock(&b->lock);
    is_new = b->changes != b->taken;
    b->taken = b->changes;
    pthread_mutex_unlock(&b->lock);
    return is_new;
}

static void wait(void *arg, int64_t until_ms)
{
    struct bridged *b = arg;

    if (is_news(b))
        return;
    bridged_rest(b);
    if (!is_news(b) && until_ms > bridged_now(b))
        bridged_pass(b, until_ms - bridged_now(b));
}

void bridged_beat(struct bridged *b)
{
    struct sg_bounds bounds;
    struct sg_pulse pulse;

    unit_int(sg_get_bounds(b->sg, &bounds), SG_OK);
    bridged_pass(b, bounds.beat_ms);

    do {
        bridged_rest(b);
        sg_step(b->sg);
        bridged_rest(b);
        sg_get_pulse(b->sg, &pulse);
    } while (pulse.next_due_ms <= bridged_now(b));
}

/* ---- making and ending ------------------------------------------------ */

static struct sg *open_on(struct bridged *b, struct stub *stub)
{
    const struct sg_env env = {.arg = b,
                               .now_ms = now_ms,
                               .random = next_random,
                               .log = no_log,
                               .wait = wait,
                               .wake = changed,
                               .abandoned = changed,
                               .ended = ended,
                               .own_heart = true};
    const struct sg_options options = {
        .member = "m", .env = &env, .kind = stub_kind(stub)};
    char url[128];
    struct sg *sg;

    stub_url(stub, "127.0.0.1", url, sizeof url);
    if (sg_open(url, &options, &sg) != SG_OK)
        unit_fail(__FILE__, __LINE__, "open: %s", sg_why());
    return sg;
}

/* No worker has begun: nobody stands on the lock that is left. */
static void make_one(struct sg *bridge, struct sg *old)
{
    bridge->label = "new";
    bridge->store[bridge->n_stores++] = old;
    bridge->refs++;
    old->label = "old";
    old->bridge = bridge;
    old->lock = bridge->lock;
    old->changed = bridge->changed;
    pthread_cond_destroy(&old->own_changed);
    pthread_mutex_destroy(&old->own_lock);
}

struct bridged *bridged_new(unsigned new_promises, unsigned old_promises)
{
    struct bridged *b = calloc(1, sizeof *b);

    if (b == NULL)
        unit_fail(__FILE__, __LINE__, "out of memory");
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->cond, NULL);
    b->now_ms = START_MS;
    b->random = 1;
    b->stub[0] = stub_new(STUB_HEARS, new_promises, changed, b);
    b->stub[1] = stub_new(STUB_HEARS, old_promises, changed, b);
    b->sg = open_on(b, b->stub[0]);
    make_one(b->sg, open_on(b, b->stub[1]));
    return b;
}

void bridged_free(struct bridged *b)
{
    stub_release_for_ever(b->stub[0]);
    stub_release_for_ever(b->stub[1]);
    sg_close(b->sg);
    pthread_mutex_lock(&b->lock);
    while (b->ended < 2)
        await_signal(b);
    pthread_mutex_unlock(&b->lock);
    stub_free(b->stub[0]);
    stub_free(b->stub[1]);
    pthread_cond_destroy(&b->cond);
    pthread_mutex_destroy(&b->lock);
    free(b);
}
