/* SPDX-License-Identifier: Apache-2.0
 * scene.c - the verbs of a back end, run by bytes.
 */
#include "scene.h"

#include "contract.h"
#include "peer.h"
#include "shortage.h"

enum {
    WITH_PARTS = 0x10, /* ask                                           */
    TWO_GROUPS = 0x20, /* beat                                          */
    WITH_METADATA = 0x40,
    AUDIT = 0x40,
    IS_LAST = 0x80,
    ALL_OR_NOTHING = 0x80,
};

static const char metadata[] = "\x81\xa4host\xa2h1";

/* ---- what the core lends ---------------------------------------------- */

static int64_t now_ms(void *arg)
{
    return *((struct scene *)arg)->now_ms;
}

static int64_t wall_us(void *arg)
{
    return now_ms(arg) * 1000 + INT64_C(1700000000000000);
}

static void give_random(void *arg, void *to, size_t bytes)
{
    struct scene *s = arg;
    uint8_t *at = to;

    for (size_t i = 0; i < bytes; i++) {
        s->random = s->random * 1103515245u + 12345u;
        at[i] = (uint8_t)(s->random >> 16);
    }
}

static void count_wait(void *arg)
{
    ((struct scene *)arg)->waits++;
}

static const char *no_option(const struct sg_target *target, const char *name)
{
    (void)target;
    (void)name;
    return NULL;
}

void scene_begin(struct scene *s, const struct sg_backend_kind *kind,
                 int64_t *now)
{
    *s = (struct scene){
        .kind = kind,
        .endpoint = {"localhost", "127.0.0.1", kind->default_port},
        .memory = sg_memory_new(),
        .now_ms = now,
        .random = 1};
    s->target = (struct sg_target){.scheme = kind->scheme,
                                   .endpoints = &s->endpoint,
                                   .n_endpoints = 1,
                                   .path = "",
                                   .timeout_ms = 5000,
                                   .option = no_option};
    s->env = (struct sg_backend_env){.arg = s,
                                     .now_ms = now_ms,
                                     .wall_us = wall_us,
                                     .random = give_random,
                                     .waited = count_wait,
                                     .io_limit_ms = PEER_LIMIT_MS};
}

void scene_end(struct scene *s)
{
    if (s->b != NULL)
        s->kind->close(s->b);
    sg_memory_free(s->memory);
}

/* ---- a verb ----------------------------------------------------------- */

static size_t n_sights(enum sg_verb verb)
{
    switch (verb) {
    case SG_VERB_ASK:
        return 2;
    case SG_VERB_SET_MARKS:
    case SG_VERB_GET_METADATA:
        return 1;
    default:
        return 0;
    }
}

static void fill(struct sg_op *op, uint8_t what)
{
    static const char *const names[] = {"m", "n"}, *const groups[] = {"g", "h"};

    op->member = "m";
    op->token = SCENE_TOKEN;
    op->timeout_ms = 5000;
    op->beat_ms = 1600;
    op->all_or_nothing = (what & ALL_OR_NOTHING) != 0;
    op->marks =
        (struct sg_marks){.forced_down = true, .disabled_reason = "disk"};
    for (size_t i = 0; i < op->n_groups; i++) {
        op->groups[i] = (struct sg_op_group){
            .name = groups[i],
            .is_last = (what & IS_LAST) != 0,
            .audit = (what & AUDIT) != 0,
            .epoch = 7,
            .birth = 5,
        };
        if (op->verb != SG_VERB_GET_METADATA && (what & WITH_METADATA) != 0) {
            op->groups[i].metadata = metadata;
            op->groups[i].metadata_bytes = sizeof metadata - 1;
        }
    }
    for (size_t i = 0; i < op->n_sights; i++) {
        op->sights[i].member = names[i];
        op->sights[i].with_parts = i == 1 && (what & WITH_PARTS) != 0;
    }
}

/* As the core does: an instance that failed is closed, unless it keeps a
 * session. */
static void close_failed(struct scene *s, int code)
{
    if (code == SG_OK || (s->kind->promises & SG_KEEPS_SESSION) != 0)
        return;
    s->kind->close(s->b);
    s->b = NULL;
}

int scene_verb(struct scene *s, uint8_t what, unsigned nth,
               struct sg_task **ret_task)
{
    enum sg_verb verb = (enum sg_verb)((what & 0x0f) % SG_VERBS);
    size_t groups = verb == SG_VERB_BEAT && (what & TWO_GROUPS) != 0 ? 2 : 1;
    struct sg_task *task;
    bool was_short;
    int code;

    if (s->kind->verb[verb] == NULL)
        verb = SG_VERB_ASK;
    task = sg_task_new(verb, groups, n_sights(verb));
    if (s->b == NULL)
        fuzz_claim(s->kind->open(&s->target, &s->env, &s->b) == SG_OK);
    fill(&task->op, what);
    fuzz_shortage(nth);
    code = s->kind->verb[verb](s->b, &task->op);
    was_short = fuzz_was_short();
    fuzz_shortage(0);
    contract_claim(&task->op, code, was_short, s->target.password,
                   s->kind->promises);
    if (code == SG_OK && (verb == SG_VERB_ASK || verb == SG_VERB_LIST))
        contract_judge(s->memory, &task->op, *s->now_ms);
    close_failed(s, code);
    *ret_task = task;
    return code;
}
