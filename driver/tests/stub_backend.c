/* SPDX-License-Identifier: Apache-2.0
 * stub_backend.c - a back end without a store, told what to answer.
 */
#include "stub_notes.h"
#include "unit.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUEUE_MAX 16
#define HELD_MAX 16
#define PATIENCE_S 20 /* real time, after which a test has hung      */

struct queue {
    struct stub_reply reply[QUEUE_MAX], always;
    size_t head, count;
};
struct stub {
    struct sg_backend_kind kind;
    void (*changed)(void *arg);
    void *arg;
    pthread_mutex_t lock; /* guards all below                            */
    pthread_cond_t cond;
    struct queue queues[SG_VERBS];
    struct stub_scene scene;
    struct stub_counts counts;
    struct stub_notes notes;
    unsigned releases;
    bool is_open_door;
    int open_code;
    uint64_t epoch;
};

/* EVENTED: an operation that has begun and is not answered. */
struct held {
    struct sg_op *op;
    struct stub_reply reply;
    unsigned releases; /* of the stub, when it began                  */
};
struct sg_backend {
    struct stub *stub;
    const struct sg_backend_env *env;
    unsigned number;
    bool is_interrupted, can_hear; /* can_hear: it stands and is not deaf   */
    pthread_t answerer;
    struct held held[HELD_MAX];
    size_t n_held;
    bool is_closing;
};

/* ---- answering -------------------------------------------------------- */

/* Locked. */
static struct stub_reply take_reply(struct stub *s, enum sg_verb verb)
{
    struct queue *q = &s->queues[verb];
    struct stub_reply reply = q->always;

    if (q->count > 0) {
        reply = q->reply[q->head];
        q->head = (q->head + 1) % QUEUE_MAX;
        q->count--;
    }
    reply.stands = reply.stands && !s->is_open_door;
    return reply;
}

static void show_sight(const struct stub *s, struct sg_sight *sight)
{
    const char *member = sight->member;
    bool with_parts = sight->with_parts;

    *sight = s->scene.sight;
    sight->member = member;
    sight->with_parts = with_parts;
    sight->parts = with_parts ? s->scene.sight.parts : NULL;
    sight->n_parts = with_parts ? s->scene.sight.n_parts : 0;
}

/* Locked. Fill the answer; memory is the op's. */
static void fill_list(struct stub *s, struct sg_op *op)
{
    size_t n = s->scene.n_names;

    op->skipped = s->scene.skipped;
    if (op->verb == SG_VERB_GROUPS) {
        op->names = sg_op_alloc(op, (n + 1) * sizeof *op->names);
        op->n_names = op->names == NULL ? 0 : n;
        for (size_t i = 0; i < op->n_names; i++)
            op->names[i] =
                sg_op_copy(op, s->scene.names[i], strlen(s->scene.names[i]));
        return;
    }
    op->sights = sg_op_alloc(op, (n + 1) * sizeof *op->sights);
    op->n_sights = op->sights == NULL ? 0 : n;
    for (size_t i = 0; i < op->n_sights; i++) {
        op->sights[i].member =
            sg_op_copy(op, s->scene.names[i], strlen(s->scene.names[i]));
        show_sight(s, &op->sights[i]);
    }
}

static int answer(struct stub *s, struct sg_op *op,
                  const struct stub_reply *reply)
{
    pthread_mutex_lock(&s->lock);
    op->liveness = reply->liveness;
    op->group_exists = s->scene.group_exists;
    op->group_birth = s->scene.group_birth;
    op->server_age_ms = s->scene.server_age_ms;
    for (size_t i = 0; i < op->n_groups; i++) {
        op->groups[i].found = reply->found;
        op->groups[i].size = s->scene.group_size;
    }
    if (op->verb == SG_VERB_JOIN && reply->code == SG_OK)
        op->groups[0].epoch = ++s->epoch;
    if (op->verb == SG_VERB_GET_METADATA) {
        op->groups[0].metadata =
            sg_op_copy(op, s->scene.metadata, s->scene.metadata_bytes);
        op->groups[0].metadata_bytes = s->scene.metadata_bytes;
    }
    if (op->verb == SG_VERB_LIST || op->verb == SG_VERB_GROUPS)
        fill_list(s, op);
    else
        for (size_t i = 0; i < op->n_sights; i++)
            show_sight(s, &op->sights[i]);
    pthread_mutex_unlock(&s->lock);
    if (reply->code == SG_OK)
        return SG_OK;
    return sg_op_fail(op, reply->code, reply->reason, "the stub says %s",
                      sg_error_name(reply->code));
}

/* ---- standing still --------------------------------------------------- */

static void tell(struct stub *s)
{
    if (s->changed != NULL)
        s->changed(s->arg);
}

/* True when it was released; false when it was interrupted. Whoever lets go
 * of a call counts it as gone, at once: what the counts say never depends on
 * when its thread wakes up. */
static bool stand(struct stub *s, struct sg_backend *b, bool is_deaf)
{
    unsigned releases;
    bool is_cut = false;

    pthread_mutex_lock(&s->lock);
    releases = s->releases;
    s->counts.standing += !s->is_open_door;
    if (b != NULL)
        b->can_hear = !is_deaf;
    pthread_mutex_unlock(&s->lock);
    tell(s);
    pthread_mutex_lock(&s->lock);
    while (s->releases == releases && !s->is_open_door) {
        is_cut = !is_deaf && b->is_interrupted;
        if (is_cut)
            break;
        pthread_cond_wait(&s->cond, &s->lock);
    }
    if (b != NULL)
        b->is_interrupted = b->can_hear = false;
    pthread_mutex_unlock(&s->lock);
    return !is_cut;
}

void stub_stand(struct stub *s)
{
    stand(s, NULL, true);
}

/* ---- the blocking form ------------------------------------------------ */

static struct stub_reply begin(struct sg_backend *b, struct sg_op *op)
{
    struct stub *s = b->stub;
    struct stub_reply reply;
    int64_t now_ms = b->env->now_ms(b->env->arg);
    bool was_wanted =
        b->env->is_wanted == NULL || b->env->is_wanted(b->env->arg);

    b->env->waited(b->env->arg);
    pthread_mutex_lock(&s->lock);
    stub_notes_add(&s->notes, op, now_ms, b->number, was_wanted);
    pthread_cond_broadcast(&s->cond);
    reply = take_reply(s, op->verb);
    b->is_interrupted = b->is_interrupted && !was_wanted;
    pthread_mutex_unlock(&s->lock);
    return reply;
}

static int block(struct sg_backend *b, struct sg_op *op)
{
    struct stub_reply reply = begin(b, op);

    if (reply.stands && !stand(b->stub, b, reply.is_deaf))
        return sg_op_fail(op, SG_EUNKNOWN, SG_CUT, "interrupted");
    return answer(b->stub, op, &reply);
}

static void stub_interrupt(struct sg_backend *b)
{
    pthread_mutex_lock(&b->stub->lock);
    b->stub->counts.interrupted++;
    b->stub->counts.standing -= b->can_hear;
    b->can_hear = false;
    b->is_interrupted = true;
    pthread_cond_broadcast(&b->stub->cond);
    pthread_mutex_unlock(&b->stub->lock);
}

/* ---- the evented form ------------------------------------------------- */

static int stub_start(struct sg_backend *b, struct sg_op *op)
{
    struct stub *s = b->stub;
    struct stub_reply reply = begin(b, op);
    bool is_full;

    pthread_mutex_lock(&s->lock);
    is_full = b->n_held == HELD_MAX;
    if (!is_full)
        b->held[b->n_held++] = (struct held){op, reply, s->releases};
    s->counts.standing += !is_full && reply.stands;
    pthread_cond_broadcast(&s->cond);
    pthread_mutex_unlock(&s->lock);
    if (reply.stands)
        tell(s);
    return is_full ? sg_op_fail(op, SG_EUNKNOWN, SG_SERVER_ERROR, "too many")
                   : SG_OK;
}

static bool stands_still(const struct stub *s, const struct held *h)
{
    return h->reply.stands && h->releases == s->releases && !s->is_open_door;
}

/* Locked. */
static void unhold(struct sg_backend *b, size_t i)
{
    b->held[i] = b->held[--b->n_held];
}

static bool stub_forget(struct sg_backend *b, struct sg_op *op)
{
    bool is_found = false;

    pthread_mutex_lock(&b->stub->lock);
    for (size_t i = 0; i < b->n_held && !is_found; i++) {
        if (b->held[i].op != op)
            continue;
        if (stands_still(b->stub, &b->held[i]))
            b->stub->counts.standing--;
        unhold(b, i);
        is_found = true;
        b->stub->counts.forgotten++;
    }
    pthread_mutex_unlock(&b->stub->lock);
    return is_found;
}

/* Locked. */
static bool take_ready(struct sg_backend *b, struct held *ret)
{
    for (size_t i = 0; i < b->n_held; i++) {
        const struct held *h = &b->held[i];
        if (stands_still(b->stub, h))
            continue;
        *ret = *h;
        unhold(b, i);
        return true;
    }
    return false;
}

static void *answer_main(void *arg)
{
    struct sg_backend *b = arg;
    struct stub *s = b->stub;
    struct held h;

    pthread_mutex_lock(&s->lock);
    for (;;) {
        bool is_ready = take_ready(b, &h);
        if (!is_ready && b->is_closing)
            break;
        if (!is_ready) {
            pthread_cond_wait(&s->cond, &s->lock);
            continue;
        }
        pthread_mutex_unlock(&s->lock);
        b->env->done(b->env->arg, h.op, answer(s, h.op, &h.reply));
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* ---- the table -------------------------------------------------------- */

static bool is_evented(const struct stub *s)
{
    return s->kind.promises & SG_EVENTED;
}

static int stub_open(const struct sg_target *target,
                     const struct sg_backend_env *env,
                     struct sg_backend **ret_b)
{
    struct stub *s =
        (struct stub *)(uintptr_t)strtoull(target->path + 1, NULL, 16);
    struct sg_backend *b = calloc(1, sizeof *b);
    int code;

    if (b == NULL)
        return SG_ENOMEM;
    b->stub = s;
    b->env = env;
    pthread_mutex_lock(&s->lock);
    code = s->open_code;
    if (code == SG_OK)
        b->number = ++s->counts.opened;
    pthread_mutex_unlock(&s->lock);
    if (code == SG_OK && is_evented(s) &&
        pthread_create(&b->answerer, NULL, answer_main, b) != 0)
        code = SG_ENOMEM;
    if (code != SG_OK) {
        free(b);
        return code;
    }
    *ret_b = b;
    return SG_OK;
}

static void stub_close(struct sg_backend *b)
{
    struct stub *s = b->stub;

    pthread_mutex_lock(&s->lock);
    s->counts.closed++;
    b->is_closing = true;
    pthread_cond_broadcast(&s->cond);
    pthread_mutex_unlock(&s->lock);
    if (is_evented(s))
        pthread_join(b->answerer, NULL);
    free(b);
}

/* The lock may be held by a thread that the child does not have. */
static void stub_forked(struct sg_backend *b)
{
    b->stub->counts.forked++;
    free(b);
}

static struct sg_slack stub_slack(int64_t timeout_ms, int64_t tick_ms)
{
    (void)timeout_ms;
    return (struct sg_slack){.early_ms = 500, .late_ms = tick_ms};
}

static const struct sg_option options[] = {
    {"timeout", SG_OPTION_T_INT},
    {"membership_timeout", SG_OPTION_T_FLOAT},
    {NULL, SG_OPTION_ACCEPTED},
};

static const struct sg_backend_kind table = {
    .version = SG_BACKEND_VERSION,
    .scheme = "stub",
    .default_port = 7,
    .default_timeout_ms = 30000,
    .min_timeout_ms = 3,
    .max_timeout_ms = 86400000,
    .timeout_rule = "a stub lives for a day at most",
    .metadata_max_bytes = 24,
    .options = options,
    .slack = stub_slack,
    .open = stub_open,
    .close = stub_close,
    .forked = stub_forked,
};

struct stub *stub_new(enum stub_form form, unsigned promises,
                      void (*changed)(void *arg), void *arg)
{
    struct stub *s = calloc(1, sizeof *s);

    if (s == NULL)
        unit_fail(__FILE__, __LINE__, "out of memory");
    s->kind = table;
    s->kind.promises = promises | (form == STUB_EVENTED ? SG_EVENTED : 0);
    s->changed = changed;
    s->arg = arg;
    s->scene.server_age_ms = -1;
    if (form == STUB_HEARS)
        s->kind.interrupt = stub_interrupt;
    if (form == STUB_EVENTED) {
        s->kind.start = stub_start;
        s->kind.forget = stub_forget;
    }
    for (size_t v = 0; v < SG_VERBS; v++) {
        s->queues[v].always = (struct stub_reply){.liveness = SG_FOUND_MINE,
                                                  .found = SG_FOUND_MINE};
        if (form != STUB_EVENTED)
            s->kind.verb[v] = block;
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->cond, NULL);
    return s;
}

void stub_free(struct stub *s)
{
    if (s == NULL)
        return;
    pthread_cond_destroy(&s->cond);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

struct sg_backend_kind *stub_kind(struct stub *s)
{
    return &s->kind;
}

void stub_url(const struct stub *s, const char *host, char *to, size_t bytes)
{
    snprintf(to, bytes, "stub://%s/%" PRIxPTR, host, (uintptr_t)s);
}

/* ---- the test's side -------------------------------------------------- */

void stub_next(struct stub *s, enum sg_verb verb, struct stub_reply reply)
{
    struct queue *q = &s->queues[verb];
    bool is_full;

    pthread_mutex_lock(&s->lock);
    is_full = q->count == QUEUE_MAX;
    if (!is_full)
        q->reply[(q->head + q->count++) % QUEUE_MAX] = reply;
    pthread_mutex_unlock(&s->lock);
    if (is_full)
        unit_fail(__FILE__, __LINE__, "the queue of replies is full");
}

void stub_always(struct stub *s, enum sg_verb verb, struct stub_reply reply)
{
    pthread_mutex_lock(&s->lock);
    s->queues[verb].always = reply;
    pthread_mutex_unlock(&s->lock);
}

void stub_show(struct stub *s, const struct stub_scene *scene)
{
    pthread_mutex_lock(&s->lock);
    s->scene = *scene;
    pthread_mutex_unlock(&s->lock);
}

void stub_fail_open(struct stub *s, int code)
{
    pthread_mutex_lock(&s->lock);
    s->open_code = code;
    pthread_mutex_unlock(&s->lock);
}

void stub_release(struct stub *s)
{
    pthread_mutex_lock(&s->lock);
    s->releases++;
    s->counts.standing = 0;
    pthread_cond_broadcast(&s->cond);
    pthread_mutex_unlock(&s->lock);
}

void stub_release_for_ever(struct stub *s)
{
    pthread_mutex_lock(&s->lock);
    s->is_open_door = true;
    s->counts.standing = 0;
    pthread_cond_broadcast(&s->cond);
    pthread_mutex_unlock(&s->lock);
}

struct stub_counts stub_counts(struct stub *s)
{
    struct stub_counts counts;

    pthread_mutex_lock(&s->lock);
    counts = s->counts;
    pthread_mutex_unlock(&s->lock);
    return counts;
}

struct stub_counts stub_counts_in_child(const struct stub *s, size_t *ret_calls)
{
    *ret_calls = s->notes.count;
    return s->counts;
}

size_t stub_calls(struct stub *s, enum sg_verb verb)
{
    size_t count;

    pthread_mutex_lock(&s->lock);
    count = stub_notes_count(&s->notes, verb);
    pthread_mutex_unlock(&s->lock);
    return count;
}

size_t stub_all_calls(struct stub *s)
{
    size_t count;

    pthread_mutex_lock(&s->lock);
    count = s->notes.count;
    pthread_mutex_unlock(&s->lock);
    return count;
}

struct stub_call stub_call(struct stub *s, enum sg_verb verb, size_t index)
{
    const struct stub_call *found;
    struct stub_call call = {0};

    pthread_mutex_lock(&s->lock);
    found = stub_notes_find(&s->notes, verb, index);
    if (found != NULL)
        call = *found;
    pthread_mutex_unlock(&s->lock);
    if (found == NULL)
        unit_fail(__FILE__, __LINE__, "there was no call %zu of verb %d", index,
                  (int)verb);
    return call;
}

struct stub_call stub_last(struct stub *s, enum sg_verb verb)
{
    size_t count = stub_calls(s, verb);

    return stub_call(s, verb, count == 0 ? 0 : count - 1);
}

void stub_await(struct stub *s, enum sg_verb verb, size_t count)
{
    struct timespec limit;
    int late = 0;
    size_t seen;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&s->lock);
    while ((seen = stub_notes_count(&s->notes, verb)) < count && late == 0)
        late = pthread_cond_timedwait(&s->cond, &s->lock, &limit);
    pthread_mutex_unlock(&s->lock);
    if (seen < count)
        unit_fail(__FILE__, __LINE__, "%zu calls of verb %d, not %zu", seen,
                  (int)verb, count);
}
