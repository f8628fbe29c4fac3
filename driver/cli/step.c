/* SPDX-License-Identifier: Apache-2.0
 * step.c - the steps of a migration, and whether the next one is safe.
 *
 * With readers that look at both stores ("either") no live service is ever
 * down while its fleet is rolled; what can go wrong is to take a step while
 * somebody still depends on what it takes away.
 */
#include "step.h"

#include <string.h>

static const struct {
    const char *name, *text;
} steps[STEPS] = {
    [STEP_BRIDGE] = {"bridge-readers",
                     "give every reader (api, scheduler, conductor, ...) the "
                     "bridge: it reads both stores"},
    [STEP_ROLL] = {"roll",
                   "restart the services one after the other with the new "
                   "store, or with the bridge to write both"},
    [STEP_SWITCH] = {"switch-readers", "give every reader the new store alone"},
    [STEP_DROP] = {"drop-old", "stop writing the old store and shut it down"},
};

enum step step_find(const char *name)
{
    int s = 0;

    while (s < STEPS && strcmp(steps[s].name, name) != 0)
        s++;
    return (enum step)s;
}

const char *step_name(enum step step)
{
    return steps[step].name;
}

const char *step_text(enum step step)
{
    return steps[step].text;
}

bool step_is_timed(enum step step)
{
    return step == STEP_SWITCH || step == STEP_DROP;
}

/* ---- a host ------------------------------------------------------------ */

static int64_t shorter_ms(const struct fleet *f, const struct host *h)
{
    int64_t a = host_for_ms(f, h, OLD), b = host_for_ms(f, h, NEW);

    return a < b ? a : b;
}

/* Both must answer, or a reader of both would not know either. */
static struct hold silence(const struct fleet *f, const struct host *h)
{
    static const int order[] = {OLD, NEW};
    static const char *const why[] = {[OLD] = "the old store does not say",
                                      [NEW] = "the new store does not say"};

    for (int i = 0; i < STORES; i++) {
        const struct sg_verdict *v = &h->in[order[i]].verdict;
        if (v->status == SG_UNKNOWN)
            return (struct hold){UNKNOWN, why[order[i]],
                                 sg_reason_name(v->reason),
                                 host_for_ms(f, h, order[i])};
    }
    return (struct hold){.safety = SAFE};
}

/* Up nowhere: dead, or alive where these URLs do not look. */
static const char nowhere[] =
    "is up in neither store: if it lives, its configuration is another one, or "
    "--old has another form (era, key, layout) or order of servers than it; if "
    "it is dead, say forced_down in --hosts";

struct hold step_host(const struct judgement *j, const struct host *h)
{
    const struct fleet *f = j->fleet;
    struct hold hold = silence(f, h);
    bool is_new = host_is_up(h, NEW), is_old = host_is_up(h, OLD);

    if (hold.why != NULL || !host_is_awaited(h))
        return hold;
    hold = (struct hold){UNSAFE, NULL, NULL, 0};
    if (h->in[OLD].verdict.reason == SG_FORCED) {
        hold.why = is_new && step_is_timed(j->step)
                       ? "is forced down by a mark in the old store only"
                       : NULL;
        hold.for_ms = host_for_ms(f, h, OLD);
    } else if (!is_new && !is_old) {
        hold.why = nowhere;
        hold.for_ms = shorter_ms(f, h);
    } else if (step_is_timed(j->step) && !is_new) {
        hold.why = "is up in the old store only";
        hold.for_ms = shorter_ms(f, h);
    } else if (step_is_timed(j->step) &&
               host_for_ms(f, h, NEW) < j->needed_ms) {
        hold.why = "has not been up in the new store for long enough";
        hold.for_ms = host_for_ms(f, h, NEW);
    }
    return hold;
}

/* ---- a reader ---------------------------------------------------------- */

static bool is_any_left(const struct fleet *f)
{
    for (size_t i = 0; i < f->n_hosts; i++)
        if (host_is_up(&f->hosts[i], OLD) && !host_is_up(&f->hosts[i], NEW))
            return true;
    return false;
}

struct hold step_reader(const struct judgement *j, const struct reader *r)
{
    struct hold hold = {UNSAFE, NULL, NULL, -1};

    if (r->reads == READS_NEITHER)
        hold.why = "reads neither of these two stores";
    else if (j->step == STEP_ROLL && r->reads == READS_OLD)
        hold.why = "reads the old store only: who is rolled would be down";
    else if (j->step == STEP_ROLL && r->reads == READS_NEW &&
             is_any_left(j->fleet))
        hold.why = "reads the new store only: who is not rolled is down";
    else if (j->step == STEP_DROP && r->reads != READS_NEW)
        hold.why = "still reads the old store";
    return hold;
}

/* ---- all --------------------------------------------------------------- */

static enum safety worse(enum safety worst, const struct hold *hold)
{
    if (hold->why == NULL)
        return worst;
    return worst == SAFE || hold->safety == UNKNOWN ? hold->safety : worst;
}

enum safety step_judge(const struct judgement *j)
{
    enum safety worst = SAFE;

    for (size_t i = 0; i < j->fleet->n_hosts; i++) {
        struct hold hold = step_host(j, &j->fleet->hosts[i]);
        worst = worse(worst, &hold);
    }
    for (size_t i = 0; i < j->readers->n; i++) {
        struct hold hold = step_reader(j, &j->readers->at[i]);
        worst = worse(worst, &hold);
    }
    return worst;
}

static bool is_all(const struct readers *readers, enum reads reads)
{
    for (size_t i = 0; i < readers->n; i++)
        if (readers->at[i].reads != reads)
            return false;
    return readers->n > 0;
}

enum step step_next(const struct fleet *f, const struct readers *readers)
{
    bool is_begun = is_all(readers, READS_BOTH);

    for (size_t i = 0; i < f->n_hosts && readers->n == 0; i++)
        is_begun = is_begun || host_is_up(&f->hosts[i], NEW);
    if (is_any_left(f))
        return is_begun ? STEP_ROLL : STEP_BRIDGE;
    return is_all(readers, READS_NEW) ? STEP_DROP : STEP_SWITCH;
}
