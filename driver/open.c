/* SPDX-License-Identifier: Apache-2.0
 * open.c - a handle from a URL: one store, or the two of a bridge.
 */
#include "bridge.h"
#include "core.h"
#include "name.h"
#include "why.h"

#include <stdlib.h>
#include <string.h>

static bool has_slots(const struct sg_backend_kind *kind)
{
    bool writes = kind->promises & SG_CAN_WRITE;
    bool sweeps = kind->promises & SG_NEEDS_SWEEP;

    if (kind->promises & SG_EVENTED)
        return kind->start != NULL && kind->forget != NULL;
    return kind->verb[SG_VERB_ASK] != NULL &&
           (!writes || (kind->verb[SG_VERB_JOIN] != NULL &&
                        kind->verb[SG_VERB_LEAVE] != NULL &&
                        kind->verb[SG_VERB_BEAT] != NULL)) &&
           (!sweeps || kind->verb[SG_VERB_SWEEP] != NULL);
}

static int check_kind(const struct sg_backend_kind *kind)
{
    if (kind->version != SG_BACKEND_VERSION)
        return sg_why_set(SG_EINVAL, "back end %s has version %u, not %u",
                          kind->scheme, kind->version, SG_BACKEND_VERSION);
    if (kind->open == NULL || kind->close == NULL || kind->slack == NULL ||
        kind->options == NULL || !has_slots(kind))
        return sg_why_set(SG_EINVAL,
                          "back end %s promises what it has no slot for",
                          kind->scheme);
    return SG_OK;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static int set_bounds(struct sg *sg, const struct sg_options *o)
{
    struct sg_bounds *b = &sg->bounds;
    struct sg_slack slack;

    if (o->timeout_ms < 0 || o->beat_ms < 0 || o->report_interval_ms < 0 ||
        o->deadline_ms < 0 || o->tick_ms < 0)
        return sg_why_set(SG_EINVAL, "a duration is negative");
    b->timeout_ms = sg->url->target.timeout_ms;
    slack = sg->kind->slack(b->timeout_ms, o->tick_ms > 0 ? o->tick_ms : 2000);
    b->early_ms = slack.early_ms;
    b->late_ms = slack.late_ms;
    b->metadata_max_bytes = sg->kind->metadata_max_bytes;
    b->beat_ms = b->timeout_ms / 3 > 0 ? b->timeout_ms / 3 : 1;
    if (o->beat_ms > b->beat_ms)
        return sg_why_set(SG_ETIMEOUT,
                          "a beat of %lld ms is too slow for a membership "
                          "timeout of %lld ms; at most a third of it, %lld ms, "
                          "leaves room for a beat that fails",
                          (long long)o->beat_ms, (long long)b->timeout_ms,
                          (long long)b->beat_ms);
    if (o->beat_ms > 0)
        b->beat_ms = o->beat_ms;
    if (o->report_interval_ms > 0 && o->report_interval_ms < b->beat_ms)
        b->beat_ms = o->report_interval_ms;
    b->deadline_ms = o->deadline_ms > 0
                         ? clamp(o->deadline_ms, 1, SG_DEADLINE_MAX)
                         : clamp(b->timeout_ms / 6, 200, 2000);
    if (sg->env.io_limit_ms <= 0)
        sg->env.io_limit_ms = b->deadline_ms;
    return SG_OK;
}

static int set_member(struct sg *sg, const char *member)
{
    char why[300];
    int rc;

    if (member == NULL)
        return SG_OK;
    rc = sg_name_check("member", member, why, sizeof why);
    if (rc != SG_OK)
        return sg_why_set(rc, "%s", why);
    sg->member = strdup(member);
    if (sg->member == NULL)
        return sg_why_set(SG_ENOMEM, "out of memory");
    sg_new_token(sg);
    return SG_OK;
}

/* Once per process and back end, however many handles there are. */
static void give_notice(const struct sg_backend_kind *kind,
                        const struct sg_env *env)
{
    static const struct sg_backend_kind *given[8];

    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        const struct sg_backend_kind *none = NULL;
        if (__atomic_compare_exchange_n(&given[i], &none, kind, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            env->log(env->arg, kind->notice);
            return;
        }
        if (none == kind)
            return;
    }
}

static int set_url(struct sg *sg, const char *url, const struct sg_options *o)
{
    char why[400];
    int rc;

    if (url == NULL)
        return sg_why_set(SG_EINVAL, "the URL is NULL");
    if (o->kind != NULL && (rc = check_kind(o->kind)) != SG_OK)
        return rc;
    rc = sg_url_parse(url, o->kind, o->timeout_ms, &sg->env, why, sizeof why,
                      &sg->kind, &sg->url);
    if (rc == SG_OK && sg->kind->notice != NULL)
        give_notice(sg->kind, &sg->env);
    return rc == SG_OK ? rc : sg_why_set(rc, "%s", why);
}

static void init_lock(struct sg *sg)
{
    pthread_condattr_t attr;

    pthread_mutex_init(&sg->own_lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&sg->own_changed, &attr);
    pthread_condattr_destroy(&attr);
    sg->lock = &sg->own_lock;
    sg->changed = &sg->own_changed;
}

static struct sg *new_handle(const struct sg_options *o)
{
    struct sg *sg = calloc(1, sizeof *sg);

    if (sg == NULL)
        return NULL;
    sg->refs = 1;
    sg->fork_number = sg_fork_number();
    sg->env = sg_env_fill(o->env);
    sg->on_event = o->on_event;
    sg->event_arg = o->event_arg;
    return sg;
}

/* What a store needs beside its URL. */
static int fill_store(struct sg *sg, const struct sg_options *o)
{
    int rc = set_bounds(sg, o);

    if (rc == SG_OK)
        rc = set_member(sg, o->member);
    if (rc == SG_OK && (sg->memory = sg_memory_new()) == NULL)
        rc = sg_why_set(SG_ENOMEM, "out of memory");
    return rc;
}

/* One of the two. Its lock, and the end of its surroundings, are the
 * bridge's. */
static int open_store(struct sg *bridge, const char *label, const char *url,
                      const struct sg_options *o)
{
    struct sg_options own = *o;
    struct sg *sg = new_handle(o);
    int rc;

    if (sg == NULL)
        return sg_why_set(SG_ENOMEM, "out of memory");
    own.kind = NULL;
    rc = set_url(sg, url, &own);
    if (rc == SG_OK && sg->kind == &sg_bridge_kind)
        rc = sg_why_set(SG_EURL, "a bridge between bridges is none");
    if (rc == SG_OK)
        rc = fill_store(sg, &own);
    if (rc != SG_OK) {
        char why[512];
        strncpy(why, sg_why(), sizeof why - 1);
        why[sizeof why - 1] = '\0';
        sg_free(sg);
        return sg_why_set(rc, "the %s store: %s", label, why);
    }
    sg->label = label;
    sg->store[0] = sg;
    sg->n_stores = 1;
    sg->bridge = bridge;
    sg->lock = bridge->lock;
    sg->changed = bridge->changed;
    bridge->refs++;
    bridge->store[bridge->n_stores++] = sg;
    return SG_OK;
}

static int open_stores(struct sg *sg, const struct sg_options *o)
{
    const struct sg_target *target = &sg->url->target;
    int rc = open_store(sg, "new", target->option(target, "new"), o);

    if (rc == SG_OK)
        rc = open_store(sg, "old", target->option(target, "old"), o);
    if (rc == SG_OK)
        sg_bridge_bounds(sg);
    return rc;
}

static void undo_open(struct sg *sg)
{
    for (size_t i = 0; i < sg->n_stores; i++)
        if (sg->store[i] != sg)
            sg_free(sg->store[i]);
    pthread_cond_destroy(&sg->own_changed);
    pthread_mutex_destroy(&sg->own_lock);
    sg_free(sg);
}

static int start_hearts(struct sg *sg)
{
    for (size_t i = 0; i < sg->n_stores; i++) {
        if (sg_heart_start(sg->store[i]) == SG_OK)
            continue;
        while (i-- > 0)
            sg_heart_stop(sg->store[i]);
        return sg_why_set(SG_ENOMEM, "no thread for the heart");
    }
    return SG_OK;
}

int sg_open(const char *url, const struct sg_options *options,
            struct sg **ret_sg)
{
    static const struct sg_options defaults;
    const struct sg_options *o = options == NULL ? &defaults : options;
    struct sg *sg;
    int rc;

    if (ret_sg == NULL)
        return sg_why_set(SG_EINVAL, "nowhere to put the handle");
    sg_watch_forks();
    sg = new_handle(o);
    if (sg == NULL)
        return sg_why_set(SG_ENOMEM, "out of memory");
    init_lock(sg);
    rc = set_url(sg, url, o);
    if (rc == SG_OK && sg->kind == &sg_bridge_kind) {
        rc = set_member(sg, o->member);
        if (rc == SG_OK)
            rc = open_stores(sg, o);
    } else if (rc == SG_OK) {
        sg->store[sg->n_stores++] = sg;
        rc = fill_store(sg, o);
    }
    if (rc == SG_OK)
        rc = start_hearts(sg);
    if (rc != SG_OK) {
        undo_open(sg);
        return rc;
    }
    sg->is_open = true;
    *ret_sg = sg;
    return SG_OK;
}
