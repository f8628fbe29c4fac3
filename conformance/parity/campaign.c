/* SPDX-License-Identifier: Apache-2.0
 * campaign.c - a whole run: kept scripts, then generated ones, and a verdict.
 */
#include "campaign.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* So many scripts that differ are run again alone; more say no more. */
#define MOST_ALONE 8
/* So many batches are run before the late ones are run again. */
#define BATCHES 3

/* ---- one script's verdict --------------------------------------------- */

static void tell_difference(const struct parity_job *job, const char *name)
{
    printf("DIVERGENCE %s, at op %zu\n", name, parity_job_difference(job) + 1);
    parity_script_print(job->script, stdout);
    puts("the real server said:");
    parity_transcript_print(&job->real.transcript, "  ", stdout);
    puts("the fake said:");
    parity_transcript_print(&job->fake.transcript, "  ", stdout);
}

/* Could it be run at all? */
static bool is_sound(struct parity_bench *bench, const struct parity_job *job,
                     const char *name)
{
    const struct parity_outcome *bad =
        job->real.error != 0 ? &job->real : &job->fake;

    if (bad->error != 0) {
        const char *text = bad->error_op < job->script->count
                               ? job->script->ops[bad->error_op].text
                               : "";
        parity_bench_break(bench, "%s, op %zu (%.60s): %s", name,
                           bad->error_op + 1, text, strerror(-bad->error));
        return false;
    }
    if (job->real.is_late) {
        bench->never_compared++;
        parity_bench_break(bench, "%s was late each time", name);
        return false;
    }
    return true;
}

static void count(struct parity_bench *bench, const struct parity_job *job)
{
    const struct parity_script *script = job->script;

    bench->scripts++;
    bench->ops += job->real.ops;
    bench->refused_ops += job->fake.refused_ops;
    for (size_t i = 0; i < job->real.ops; i++)
        bench->ops_after_wait += script->ops[i].wait_ms > 0;
}

/* ---- kept scripts ----------------------------------------------------- */

static bool is_ours(const struct parity_bench *bench,
                    const struct parity_script *script, const char *path)
{
    const char *name = bench->protocol->name;
    size_t n = 0;
    const char *text = parity_script_text(script, "protocol", &n);

    if (text != NULL && n == strlen(name) && memcmp(text, name, n) == 0)
        return true;
    fprintf(stderr, "%s: no script with \"protocol %s\"\n", path, name);
    return false;
}

static void judge_replay(struct parity_campaign *campaign,
                         const struct parity_job *job, const char *path)
{
    struct parity_bench *bench = &campaign->bench;
    bool is_good = is_sound(bench, job, path);

    if (is_good && parity_job_difference(job) != SIZE_MAX) {
        bench->divergences++;
        tell_difference(job, path);
        is_good = false;
    }
    if (is_good)
        count(bench, job);
    campaign->passed += is_good;
    campaign->failed += !is_good;
}

int parity_campaign_replay(struct parity_campaign *campaign)
{
    struct parity_bench *bench = &campaign->bench;
    struct parity_script *scripts;
    struct parity_job *jobs;
    size_t n = 0;
    int err = 0;

    while (campaign->replays[n] != NULL)
        n++;
    scripts = calloc(n + 1, sizeof *scripts);
    jobs = calloc(n + 1, sizeof *jobs);
    if (scripts == NULL || jobs == NULL)
        err = -ENOMEM;
    for (size_t i = 0; i < n && err == 0; i++) {
        jobs[i].script = &scripts[i];
        err = parity_file_read(campaign->replays[i], &scripts[i]);
        if (err == 0 && !is_ours(bench, &scripts[i], campaign->replays[i]))
            err = -EINVAL;
    }
    if (err == 0)
        err = parity_bench_run(bench, jobs, n);
    for (size_t i = 0; i < n && scripts != NULL && jobs != NULL; i++) {
        if (err == 0)
            judge_replay(campaign, &jobs[i], campaign->replays[i]);
        parity_job_free(&jobs[i]);
        parity_script_free(&scripts[i]);
    }
    free(scripts);
    free(jobs);
    return err;
}

/* ---- generated scripts ------------------------------------------------ */

void parity_campaign_script(const struct parity_campaign *campaign,
                            size_t index, struct parity_script *ret_script)
{
    const struct parity_protocol *protocol = campaign->bench.protocol;
    struct parity_dice dice = {campaign->seed};

    /* Neighbouring seeds have no scripts in common. */
    dice.state = parity_dice_u64(&dice) + index;
    dice.state = parity_dice_u64(&dice);
    *ret_script = (struct parity_script){0};
    parity_script_option(ret_script, "protocol", protocol->name);
    protocol->generate(&dice, ret_script,
                       campaign->ops_a_script > 0 ? campaign->ops_a_script
                                                  : protocol->ops);
}

/* Again, with nothing beside it: does it still differ? */
static bool differs_alone(struct parity_bench *bench,
                          const struct parity_job *job)
{
    struct parity_job again = {.script = job->script};
    bool differs = parity_bench_run(bench, &again, 1) == 0 &&
                   !again.real.is_late &&
                   parity_job_difference(&again) != SIZE_MAX;

    parity_job_free(&again);
    return differs;
}

static void write_found(struct parity_campaign *campaign,
                        const struct parity_job *job, size_t index)
{
    const char *protocol = campaign->bench.protocol->name;
    char name[96], *path = NULL;
    char head[512];

    snprintf(name, sizeof name, "%s-%" PRIu64 "-%zu.script", protocol,
             campaign->seed, index);
    snprintf(head, sizeof head,
             "# Found as script %zu of seed %" PRIu64 ", and shrunk. Again:\n"
             "#   build/sg-parity %s --real HOST:PORT --replay %s/%s\n",
             index, campaign->seed, protocol, campaign->keep_dir, name);
    int err = parity_file_write(campaign->keep_dir, name, head, job, &path);
    if (err == 0)
        printf("shrunk to %zu ops, again by: build/sg-parity %s --real %s:%d "
               "--replay %s\n",
               job->script->count, protocol, campaign->bench.host,
               campaign->bench.port, path);
    else
        fprintf(stderr, "%s/%s: %s\n", campaign->keep_dir, name,
                strerror(-err));
    free(path);
}

static void shrink(struct parity_campaign *campaign,
                   const struct parity_job *job, size_t index)
{
    struct parity_script script = {0};
    struct parity_job shrunk = {0};
    char name[64];

    snprintf(name, sizeof name, "in script %zu of seed %" PRIu64, index,
             campaign->seed);
    int err = parity_shrink(&campaign->bench, job->script, &script, &shrunk);
    if (err == 0 && parity_job_difference(&shrunk) != SIZE_MAX) {
        tell_difference(&shrunk, name);
        write_found(campaign, &shrunk, index);
    } else {
        tell_difference(job, name);
        write_found(campaign, job, index);
    }
    parity_job_free(&shrunk);
    parity_script_free(&script);
}

static size_t least_differing(const struct parity_job *jobs, size_t n,
                              const bool *is_judged)
{
    size_t least = SIZE_MAX, at = SIZE_MAX;

    for (size_t i = 0; i < n; i++) {
        size_t op = parity_job_difference(&jobs[i]);
        if (!is_judged[i] && op < least) {
            least = op;
            at = i;
        }
    }
    return at;
}

/* Those that differ earliest first. The first that differs alone as well is
 * shrunk, and the run is over; the rest is counted, not proven. */
static void judge_batch(struct parity_campaign *campaign,
                        struct parity_job *jobs, size_t n, size_t first)
{
    struct parity_bench *bench = &campaign->bench;
    bool *is_judged = calloc(n, sizeof *is_judged);
    size_t at, alone = 0;
    char name[64];

    if (is_judged == NULL) {
        parity_bench_break(bench, "out of memory");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "script %zu of seed %" PRIu64, first + i,
                 campaign->seed);
        is_judged[i] = !is_sound(bench, &jobs[i], name);
        if (!is_judged[i])
            count(bench, &jobs[i]);
    }
    while ((at = least_differing(jobs, n, is_judged)) != SIZE_MAX) {
        is_judged[at] = true;
        if (bench->divergences > 0 || alone++ >= MOST_ALONE) {
            bench->divergences++;
        } else if (differs_alone(bench, &jobs[at])) {
            bench->divergences++;
            shrink(campaign, &jobs[at], first + at);
        } else {
            bench->unsteady++;
            printf("unsteady: script %zu of seed %" PRIu64 "\n", first + at,
                   campaign->seed);
            tell_difference(&jobs[at], "that did not come again alone");
        }
    }
    free(is_judged);
}

static int run_some(struct parity_campaign *campaign, size_t first, size_t n)
{
    struct parity_script *scripts = calloc(n, sizeof *scripts);
    struct parity_job *jobs = calloc(n, sizeof *jobs);
    int err = -ENOMEM;

    if (scripts == NULL || jobs == NULL)
        goto out;
    for (size_t i = 0; i < n; i++) {
        parity_campaign_script(campaign, first + i, &scripts[i]);
        jobs[i].script = &scripts[i];
        if (scripts[i].is_short)
            goto out;
    }
    err = parity_bench_run(&campaign->bench, jobs, n);
    if (err == 0)
        judge_batch(campaign, jobs, n, first);
out:
    for (size_t i = 0; i < n && scripts != NULL && jobs != NULL; i++) {
        parity_job_free(&jobs[i]);
        parity_script_free(&scripts[i]);
    }
    free(scripts);
    free(jobs);
    return err;
}

/* What was asked for may be less than one batch. */
static size_t next_batch(const struct parity_campaign *campaign)
{
    const struct parity_bench *bench = &campaign->bench;
    size_t a_script = campaign->ops_a_script > 0 ? campaign->ops_a_script
                                                 : bench->protocol->ops;
    size_t left = campaign->n_ops - bench->ops;
    size_t n = left / a_script + 1;

    size_t most = bench->lanes * BATCHES;

    return n < most ? n : most;
}

static void check(struct parity_bench *bench)
{
    if (bench->ops == 0)
        parity_bench_break(bench, "no op was compared");
    else if (bench->ops_after_wait * 5 < bench->ops)
        parity_bench_break(bench, "of %zu ops only %zu lie after a wait",
                           bench->ops, bench->ops_after_wait);
    else if (bench->refused_ops * 10 > bench->ops)
        parity_bench_break(bench, "of %zu ops the fake refused %zu", bench->ops,
                           bench->refused_ops);
    else if (bench->unsteady * 1000 > bench->scripts + 999)
        parity_bench_break(bench, "of %zu scripts %zu were unsteady",
                           bench->scripts, bench->unsteady);
}

int parity_campaign_generated(struct parity_campaign *campaign)
{
    struct parity_bench *bench = &campaign->bench;
    struct parity_bench before = *bench;
    size_t first = 0;
    int err = 0;

    bench->ops = bench->ops_after_wait = bench->refused_ops = 0;
    while (err == 0 && bench->ops < campaign->n_ops &&
           bench->broken[0] == '\0' &&
           bench->divergences == before.divergences) {
        size_t n = next_batch(campaign);
        parity_bench_tell(bench, "%s: %zu ops of %zu", bench->protocol->name,
                          bench->ops, campaign->n_ops);
        err = run_some(campaign, first, n);
        first += n;
    }
    parity_bench_tell(bench, "%s", "");
    if (err == 0)
        check(bench);
    bool is_good = err == 0 && bench->broken[0] == '\0' &&
                   bench->divergences == before.divergences;
    campaign->passed += is_good;
    campaign->failed += !is_good;
    return err;
}

void parity_campaign_tell(const struct parity_campaign *campaign, FILE *out)
{
    const struct parity_bench *bench = &campaign->bench;
    double ops = bench->ops == 0 ? 1 : (double)bench->ops;

    fprintf(out,
            "parity %s: %zu ops in %zu scripts, %zu lanes, %.1f %% after a "
            "wait, %.1f %% refused, %zu late, clock moved %zu times, "
            "%zu unsteady, %zu divergences, "
            "seed %" PRIu64 "\n",
            bench->protocol->name, bench->ops, bench->scripts, bench->lanes,
            100.0 * (double)bench->ops_after_wait / ops,
            100.0 * (double)bench->refused_ops / ops, bench->late, bench->moved,
            bench->unsteady, bench->divergences, campaign->seed);
}
