/* SPDX-License-Identifier: Apache-2.0
 * judge.c - from what a store shows to UP, DOWN or UNKNOWN. No I/O.
 *
 * The order of the tests is the policy: an operator's word beats everything,
 * life beats doubt about the store, and doubt about the store beats DOWN.
 */
#include "judge.h"

struct sg_scene sg_scene_of(struct sg_memory *memory, const struct sg_op *op,
                            int64_t now_ms, int64_t timeout_ms)
{
    bool is_lost = sg_memory_group(memory, op->groups[0].name, op->group_exists,
                                   op->group_birth, now_ms, timeout_ms);
    bool is_young = op->server_age_ms >= 0 && op->server_age_ms < timeout_ms;

    return (struct sg_scene){
        .memory = memory,
        .group = op->groups[0].name,
        .now_ms = now_ms,
        .timeout_ms = timeout_ms,
        .is_lost = is_lost || is_young,
    };
}

struct sg_verdict sg_judge_silence(enum sg_reason reason)
{
    return (struct sg_verdict){
        .status = SG_UNKNOWN,
        .reason = reason == SG_NO_REASON ? SG_GARBAGE : reason,
        .last_seen_ms = -1,
    };
}

static void set(struct sg_verdict *v, enum sg_status status,
                enum sg_reason reason)
{
    v->status = status;
    v->reason = reason;
}

static struct sg_verdict judge_one(const struct sg_scene *scene,
                                   const struct sg_sight *sight)
{
    struct sg_verdict v = {.last_seen_ms = sight->last_seen_ms,
                           .epoch = sight->entry ? sight->epoch : 0,
                           .disabled = sight->marks.disabled};

    if (sight->marks.forced_down) {
        set(&v, SG_DOWN, SG_FORCED);
    } else if (sight->entry && sight->alive && sight->same_owner) {
        set(&v, SG_UP, SG_NO_REASON);
    } else if (sight->entry && sight->alive) {
        int64_t since =
            sg_memory_replaced(scene->memory, scene->group, sight->member,
                               sight->token, scene->now_ms);
        bool is_fresh = scene->now_ms - since < scene->timeout_ms;
        set(&v, is_fresh ? SG_UNKNOWN : SG_DOWN, SG_REPLACED);
    } else if (sight->is_garbage) {
        set(&v, SG_UNKNOWN, SG_GARBAGE);
    } else if (scene->is_lost) {
        set(&v, SG_UNKNOWN, SG_LOST_DATA);
    } else {
        set(&v, SG_DOWN, sight->entry ? SG_EXPIRED : SG_NOT_A_MEMBER);
    }
    return v;
}

/* Which of two parts speaks for the whole: the one most alive, then the
 * newer incarnation. */
static bool speaks_louder(const struct sg_verdict *a,
                          const struct sg_verdict *b)
{
    static const int rank[] = {[SG_UNKNOWN] = 1, [SG_DOWN] = 0, [SG_UP] = 2};

    if (rank[a->status] != rank[b->status])
        return rank[a->status] > rank[b->status];
    if ((a->reason == SG_NOT_A_MEMBER) != (b->reason == SG_NOT_A_MEMBER))
        return b->reason == SG_NOT_A_MEMBER;
    return a->epoch > b->epoch;
}

struct sg_verdict sg_judge(const struct sg_scene *scene,
                           const struct sg_sight *sight)
{
    struct sg_verdict whole = judge_one(scene, sight);
    bool is_disabled = whole.disabled;

    if (whole.reason == SG_FORCED)
        return whole;
    for (size_t i = 0; i < sight->n_parts; i++) {
        struct sg_verdict part = judge_one(scene, &sight->parts[i]);
        part.disabled = part.disabled || is_disabled;
        if (speaks_louder(&part, &whole))
            whole = part;
    }
    return whole;
}
