/* SPDX-License-Identifier: Apache-2.0
 * expect_trait.c - expectations where stores honestly differ, and the
 * contract says how. The only place that asks which store it is, by trait.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>

static bool has(struct member *m, enum store_trait trait)
{
    return m->w->place->store->traits & trait;
}

static struct sg_verdict verdict(struct member *m, const char *group,
                                 const char *name)
{
    struct sg_verdict v = {0};
    int rc = sg_verdict(m->sg, group, name, &v);

    expect_number(m->w, rc, SG_OK);
    world_note(m->w, m->label, "asks %s/%s -> %s %s epoch#%u", group, name,
               sg_status_name(v.status), sg_reason_name(v.reason),
               trace_rank(&m->w->trace, v.epoch));
    return v;
}

static void fail(struct member *m, const char *group, const char *name,
                 struct sg_verdict v, const char *want)
{
    world_fail(m->w, WORLD_FAILED, "%s asked %s/%s: got %s %s, want %s",
               m->label, group, name, sg_status_name(v.status),
               sg_reason_name(v.reason), want);
}

void expect_never_down_during(struct member *m, const char *group,
                              const char *name, int64_t ms)
{
    int64_t end = world_now(m->w) + ms, step = m->w->T / 23;

    do {
        struct sg_verdict v = verdict(m, group, name);
        if (v.status == SG_DOWN)
            fail(m, group, name, v, "UP or UNKNOWN");
        world_pass(m->w, step);
    } while (world_now(m->w) < end);
}

/* Asked first, because the member's answer can only shrink meanwhile. */
void expect_never_down_while_safe(struct member *a, struct member *b,
                                  const char *group)
{
    struct sg_verdict v = verdict(b, group, a->name);
    struct sg_standing standing = {0};

    expect_number(a->w, sg_standing(a->sg, group, &standing), SG_OK);
    if (v.status == SG_DOWN && standing.safe_ms > 0)
        world_fail(a->w, WORLD_FAILED,
                   "%s is DOWN to %s and believes that it "
                   "may act for %lld ms",
                   a->label, b->label, (long long)standing.safe_ms);
}

void expect_not_up(struct member *m, const char *group, const char *name)
{
    struct sg_verdict v = verdict(m, group, name);

    if (v.status == SG_UP)
        fail(m, group, name, v, "anything but UP");
}

void expect_young(struct member *m, const char *group, const char *name)
{
    if (has(m, STORE_TELLS_AGE))
        expect_unknown(m, group, name, SG_LOST_DATA);
    else
        expect_down(m, group, name, SG_NOT_A_MEMBER);
}

void expect_untrusted(struct member *m, const char *group, const char *name)
{
    if (has(m, STORE_HAS_REPLICAS))
        expect_unknown(m, group, name, SG_WRONG_ROLE);
    else
        expect_up(m, group, name);
}

void expect_in_use(struct member *m, const char *group)
{
    bool is_shared = has(m, STORE_SHARES_LIVENESS);

    expect_join(m, group, 0, is_shared ? SG_EINUSE : SG_OK);
}

void expect_replaced_where_shared(struct member *m, const char *group,
                                  const char *name)
{
    if (has(m, STORE_SHARES_LIVENESS))
        expect_unknown(m, group, name, SG_REPLACED);
    else
        expect_up(m, group, name);
}

void expect_epoch_grew(struct member *m, const char *group, uint64_t before)
{
    uint64_t now = member_epoch(m, group);

    if (has(m, STORE_EPOCHS_LAST))
        expect_that(m->w, now > before);
    else
        expect_that(m->w, now > 0);
}

/* 1 ms is less than any store here can keep. ZooKeeper's server decides, so
 * there it is the first join that is told; 150 ms is below 2 ticks of any
 * place. */
void expect_timeout_refused(struct world *w)
{
    struct sg_options options = {
        .member = "a", .timeout_ms = 900, .beat_ms = 500};
    struct member *m;
    struct sg *sg = NULL;
    char url[64];
    int rc;

    snprintf(url, sizeof url, "%s://127.0.0.1", w->place->store->scheme);
    rc = sg_open(url, &options, &sg);
    expect_number(w, rc, SG_ETIMEOUT);
    options = (struct sg_options){.member = "a", .timeout_ms = 1};
    rc = sg_open(url, &options, &sg);
    if (rc == SG_OK) {
        sg_close(sg);
        /* Not 1 ms here: the library takes two thirds of what it asks for as
         * its own limit for connecting, in real time. */
        w->T = 150;
        m = member_new(w, "a");
        expect_join(m, "compute", 0, SG_ETIMEOUT);
        expect_that(w, strstr(sg_why(), "150 ms") != NULL);
    } else {
        expect_number(w, rc, SG_ETIMEOUT);
        expect_that(w, strstr(sg_why(), " 1 ms") != NULL);
    }
}
