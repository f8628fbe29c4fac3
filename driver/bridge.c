/* SPDX-License-Identifier: Apache-2.0
 * bridge.c - one handle on two stores: its table, and how two answers make
 * one.
 */
#include "bridge.h"

#include <stdio.h>

/* ---- bounds ----------------------------------------------------------- */

void sg_bridge_bounds(struct sg *sg)
{
    struct sg_bounds *b = &sg->bounds;
    int64_t up_ms = 0, down_ms = 0;

    *b = sg->store[0]->bounds;
    for (size_t i = 0; i < sg->n_stores; i++) {
        const struct sg_bounds *s = &sg->store[i]->bounds;
        if (s->timeout_ms > b->timeout_ms)
            b->timeout_ms = s->timeout_ms;
        if (s->timeout_ms - s->early_ms > up_ms)
            up_ms = s->timeout_ms - s->early_ms;
        if (s->timeout_ms + s->late_ms > down_ms)
            down_ms = s->timeout_ms + s->late_ms;
        if (s->deadline_ms > b->deadline_ms)
            b->deadline_ms = s->deadline_ms;
        if (s->beat_ms < b->beat_ms)
            b->beat_ms = s->beat_ms;
    }
    b->early_ms = b->timeout_ms - up_ms;
    b->late_ms = down_ms - b->timeout_ms;
}

/* ---- two answers, one ------------------------------------------------- */

/* An operator's word, then life, then doubt. */
static int weight(const struct sg_verdict *v)
{
    if (v->reason == SG_FORCED)
        return 3;
    switch (v->status) {
    case SG_UP:
        return 2;
    case SG_UNKNOWN:
        return 1;
    default:
        return 0;
    }
}

struct sg_verdict sg_bridge_verdict(const struct sg_verdict *verdicts,
                                    size_t count)
{
    struct sg_verdict best = verdicts[0];
    bool is_disabled = best.disabled;

    for (size_t i = 1; i < count; i++) {
        const struct sg_verdict *v = &verdicts[i];
        bool says_more = weight(v) == 0 && best.reason == SG_NOT_A_MEMBER;
        is_disabled = is_disabled || v->disabled;
        if (weight(v) > weight(&best) || (weight(&best) == 0 && says_more))
            best = *v;
    }
    best.disabled = is_disabled;
    return best;
}

bool sg_bridge_may_stand(int code)
{
    return code == SG_OK || code == SG_PENDING || code == SG_EUNKNOWN;
}

/* SG_ENOMEM promises that nothing was changed. Where the other store has done
 * it, or may have, nobody can promise that. */
static int seen_among(int code, const int *codes, size_t count)
{
    for (size_t i = 0; i < count && code == SG_ENOMEM; i++)
        if (sg_bridge_may_stand(codes[i]))
            return SG_EUNKNOWN;
    return code;
}

/* A refusal first, for it says most; then doubt; then what stands over. That
 * one store does not have what the other one has is no failure. */
int sg_bridge_code(const int *codes, size_t count)
{
    static const int order[] = {
        SG_EINVAL,   SG_EFORKED,   SG_ENAME,    SG_EMETADATA,  SG_ETOOBIG,
        SG_EINUSE,   SG_EREPLACED, SG_ETIMEOUT, SG_EREFUSED,   SG_ENOMEM,
        SG_EUNKNOWN, SG_PENDING,   SG_OK,       SG_ENOTJOINED, SG_ENOTSUP};

    for (size_t o = 0; o < sizeof order / sizeof *order; o++)
        for (size_t i = 0; i < count; i++)
            if (codes[i] == order[o])
                return seen_among(order[o], codes, count);
    return SG_ENOTSUP;
}

/* ---- the table -------------------------------------------------------- */

static int check(const struct sg_target *target, char *why, size_t why_bytes)
{
    static const char *const names[] = {"new", "old"};

    for (size_t i = 0; i < 2; i++) {
        if (target->option(target, names[i]) != NULL)
            continue;
        snprintf(why, why_bytes,
                 "a bridge has two stores and the \"%s\" one is missing; the "
                 "form is bridge://?new=URL&old=URL, with %%26 for each & "
                 "inside these",
                 names[i]);
        return SG_EURL;
    }
    return SG_OK;
}

static const struct sg_option options[] = {
    {"new", SG_OPTION_HONOURED},
    {"old", SG_OPTION_HONOURED},
    {NULL, 0},
};

const struct sg_backend_kind sg_bridge_kind = {
    .version = SG_BACKEND_VERSION,
    .scheme = "bridge",
    .promises = SG_CAN_WRITE,
    .default_port = 1,
    .default_timeout_ms = 1,
    .min_timeout_ms = 1,
    .max_timeout_ms = INT64_MAX,
    .timeout_rule = "each of its stores has its own",
    .options = options,
    .check = check,
};
