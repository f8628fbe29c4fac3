/* SPDX-License-Identifier: Apache-2.0
 * shrink.c - a script that differs, made as short as it goes on to differ.
 *
 * Delta debugging (Zeller, Hildebrandt: Simplifying and isolating
 * failure-inducing input, 2002), with all candidates of a round run at once,
 * as what a round costs is the waits of one script.
 */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CANDIDATES 120
#define MOST_ROUNDS 40

struct candidate {
    struct parity_script script;
    bool *keep; /* of the ops of the script it was made from                 */
    bool differs;
};

struct shrinker {
    struct parity_bench *bench;
    struct parity_script best;
    struct candidate candidates[MOST_CANDIDATES];
    size_t n;
    bool is_short;
};

/* ---- candidates ------------------------------------------------------- */

static void clear(struct shrinker *s)
{
    for (size_t i = 0; i < s->n; i++) {
        parity_script_free(&s->candidates[i].script);
        free(s->candidates[i].keep);
    }
    s->n = 0;
}

/* NULL: there are enough, or memory ran out. Keeps every op. */
static struct candidate *add(struct shrinker *s)
{
    struct candidate *c = &s->candidates[s->n];

    if (s->n == MOST_CANDIDATES)
        return NULL;
    *c = (struct candidate){0};
    c->keep = malloc(s->best.count + 1);
    if (c->keep == NULL) {
        s->is_short = true;
        return NULL;
    }
    memset(c->keep, true, s->best.count);
    s->n++;
    return c;
}

static bool run(struct shrinker *s)
{
    struct parity_job *jobs = calloc(s->n == 0 ? 1 : s->n, sizeof *jobs);

    if (jobs == NULL)
        return false;
    for (size_t i = 0; i < s->n; i++)
        jobs[i].script = &s->candidates[i].script;
    bool is_run = parity_bench_run(s->bench, jobs, s->n) == 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct parity_job *job = &jobs[i];
        s->candidates[i].differs =
            is_run && !job->real.is_late && job->real.error == 0 &&
            job->fake.error == 0 && parity_job_difference(job) != SIZE_MAX;
        parity_job_free(&jobs[i]);
    }
    free(jobs);
    return is_run;
}

/* From masks to scripts, and whether these differ. */
static bool run_parts(struct shrinker *s)
{
    for (size_t i = 0; i < s->n; i++) {
        parity_script_part(&s->best, s->candidates[i].keep,
                           &s->candidates[i].script);
        s->is_short |= s->candidates[i].script.is_short;
    }
    return !s->is_short && run(s);
}

static int64_t weight(const struct parity_script *script)
{
    int64_t wait_ms = 0, splits = 0;

    for (size_t i = 0; i < script->count; i++) {
        wait_ms += script->ops[i].wait_ms;
        splits += script->ops[i].split > 0;
    }
    return (int64_t)script->count * 1000000000 + wait_ms * 1000 + splits;
}

/* The lightest that differs becomes the best. False: none is lighter. */
static bool take_best(struct shrinker *s)
{
    struct candidate *best = NULL;

    for (size_t i = 0; i < s->n; i++) {
        struct candidate *c = &s->candidates[i];
        if (c->differs && weight(&c->script) < weight(&s->best) &&
            (best == NULL || weight(&c->script) < weight(&best->script)))
            best = c;
    }
    if (best == NULL)
        return false;
    parity_script_free(&s->best);
    s->best = best->script;
    best->script = (struct parity_script){0};
    return true;
}

/* ---- rounds ----------------------------------------------------------- */

/* Leaves out each half, each quarter, ... each op. */
static void add_chunks(struct shrinker *s)
{
    size_t n = s->best.count;

    for (size_t size = (n + 1) / 2; size > 0 && n > 1; size /= 2) {
        for (size_t at = 0; at < n; at += size) {
            struct candidate *c = add(s);
            if (c == NULL)
                return;
            memset(c->keep + at, false, size < n - at ? size : n - at);
        }
    }
}

/* What could be left out alone may be left out together: the first two of
 * those, the first three, ... and the same from the end. */
static size_t add_unions(struct shrinker *s, bool **masks, size_t n_masks,
                         bool is_backwards)
{
    size_t ops = s->best.count, added = 0;
    bool *sum = malloc(ops + 1);

    if (sum == NULL)
        return 0;
    memset(sum, true, ops);
    for (size_t i = 0; i < n_masks; i++) {
        const bool *mask = masks[is_backwards ? n_masks - 1 - i : i];
        for (size_t op = 0; op < ops; op++)
            sum[op] = sum[op] && mask[op];
        struct candidate *c = add(s);
        if (c == NULL)
            break;
        memcpy(c->keep, sum, ops);
        added++;
    }
    free(sum);
    return added;
}

/* One round of leaving out: first apart, then together. */
static bool leave_out(struct shrinker *s)
{
    bool *masks[MOST_CANDIDATES];
    size_t n_masks = 0;

    clear(s);
    add_chunks(s);
    if (!run_parts(s))
        return false;
    for (size_t i = 0; i < s->n; i++) {
        if (!s->candidates[i].differs)
            continue;
        masks[n_masks++] = s->candidates[i].keep;
        s->candidates[i].keep = NULL;
    }
    clear(s);
    add_unions(s, masks,
               n_masks < MOST_CANDIDATES / 2 ? n_masks : MOST_CANDIDATES / 2,
               false);
    add_unions(s, masks, n_masks, true);
    bool is_shorter = run_parts(s) && take_best(s);
    while (n_masks > 0)
        free(masks[--n_masks]);
    return is_shorter;
}

/* A whole copy of the best, to be changed. */
static struct parity_script *add_copy(struct shrinker *s)
{
    struct candidate *c = add(s);

    if (c == NULL)
        return NULL;
    parity_script_part(&s->best, c->keep, &c->script);
    if (c->script.is_short) {
        s->is_short = true;
        return NULL;
    }
    return &c->script;
}

/* No wait at all, each wait alone gone, and each split; each wait halved to
 * a whole number of periods. */
static bool calm_down(struct shrinker *s)
{
    int64_t period_ms = s->bench->setting.period_ms;
    struct parity_script *copy;

    clear(s);
    copy = add_copy(s);
    for (size_t i = 0; copy != NULL && i < copy->count; i++)
        copy->ops[i].wait_ms = 0;
    for (size_t i = 0; i < s->best.count; i++) {
        const struct parity_op *op = &s->best.ops[i];
        if (op->wait_ms > 0 && (copy = add_copy(s)) != NULL)
            copy->ops[i].wait_ms = 0;
        int64_t half_ms = op->wait_ms / 2 / period_ms * period_ms;
        if (half_ms > 0 && (copy = add_copy(s)) != NULL)
            copy->ops[i].wait_ms = half_ms;
        if (op->split > 0 && (copy = add_copy(s)) != NULL)
            copy->ops[i].split = 0;
    }
    return !s->is_short && run(s) && take_best(s);
}

/* ---- the whole -------------------------------------------------------- */

/* What comes after the difference is of no use. */
static bool cut_off(struct shrinker *s)
{
    struct parity_job job = {.script = &s->best};
    struct parity_script part;
    bool *keep;

    if (parity_bench_run(s->bench, &job, 1) != 0 || job.real.is_late) {
        parity_job_free(&job);
        return true;
    }
    size_t last = parity_job_difference(&job);
    parity_job_free(&job);
    keep = calloc(s->best.count + 1, sizeof *keep);
    if (keep == NULL)
        return false;
    for (size_t i = 0; i < s->best.count; i++)
        keep[i] = last == SIZE_MAX || i <= last;
    parity_script_part(&s->best, keep, &part);
    free(keep);
    parity_script_free(&s->best);
    s->best = part;
    return !part.is_short;
}

static bool copy_all(const struct parity_script *script,
                     struct parity_script *ret_copy)
{
    bool *keep = malloc(script->count + 1);

    if (keep == NULL)
        return false;
    memset(keep, true, script->count);
    parity_script_part(script, keep, ret_copy);
    free(keep);
    return !ret_copy->is_short;
}

int parity_shrink(struct parity_bench *bench,
                  const struct parity_script *script,
                  struct parity_script *ret_script, struct parity_job *ret_job)
{
    struct shrinker *s = calloc(1, sizeof *s);
    int err = -ENOMEM;

    if (s == NULL)
        return -ENOMEM;
    s->bench = bench;
    if (!copy_all(script, &s->best) || !cut_off(s))
        goto out;
    calm_down(s);
    for (int i = 0; i < MOST_ROUNDS; i++) {
        parity_bench_tell(bench, "shrinking: %zu ops", s->best.count);
        if (!leave_out(s) && !calm_down(s))
            break;
    }
    *ret_script = s->best;
    s->best = (struct parity_script){0};
    *ret_job = (struct parity_job){.script = ret_script};
    err = parity_bench_run(bench, ret_job, 1);
out:
    clear(s);
    parity_script_free(&s->best);
    free(s);
    return err;
}
