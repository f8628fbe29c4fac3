/* SPDX-License-Identifier: Apache-2.0
 * bench.c - scripts run on both, as many at once as the server bears.
 */
#include "bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A late run is done again this often, each time with fewer beside it. */
#define ATTEMPTS 4

void parity_job_free(struct parity_job *job)
{
    if (job == NULL)
        return;
    parity_outcome_free(&job->real);
    parity_outcome_free(&job->fake);
}

void parity_bench_break(struct parity_bench *bench, const char *format, ...)
{
    va_list args;

    if (bench->broken[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(bench->broken, sizeof bench->broken, format, args);
    va_end(args);
}

void parity_bench_tell(const struct parity_bench *bench, const char *format,
                       ...)
{
    va_list args;

    if (!bench->is_on_terminal)
        return;
    va_start(args, format);
    fputs("\r\033[K", stderr);
    vfprintf(stderr, format, args);
    va_end(args);
}

/* Never used before on this server by this run, and hardly by another. */
static void choose_prefix(struct parity_bench *bench, struct parity_job *job)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    uint64_t number = bench->prefixes++;

    for (int i = PARITY_PREFIX_LENGTH - 1; i > 0; i--) {
        job->prefix[i] = digits[number % 36];
        number /= 36;
    }
    job->prefix[0] = 'p';
    job->prefix[PARITY_PREFIX_LENGTH] = '\0';
}

static size_t conns_of(const struct parity_script *script)
{
    bool is_used[PARITY_CONNS] = {true};
    size_t n = 0;

    for (size_t i = 0; i < script->count; i++)
        is_used[script->ops[i].conn] = true;
    for (size_t i = 0; i < PARITY_CONNS; i++)
        n += is_used[i];
    return n;
}

/* As many of the jobs as may run at once, from the front. */
static size_t batch_of(const struct parity_bench *bench,
                       struct parity_job *const *jobs, size_t n, size_t lanes)
{
    size_t conns = 0, i = 0;

    for (; i < n && i < lanes; i++) {
        conns += conns_of(jobs[i]->script);
        if (i > 0 && conns > bench->protocol->most_connections)
            break;
    }
    return i;
}

static int calibrate(struct parity_bench *bench)
{
    char why[128] = "";
    int err = bench->protocol->calibrate(bench->host, bench->port,
                                         &bench->setting, why);

    if (err != 0)
        parity_bench_break(bench, "the real server: %s", why);
    return err;
}

static int run_batch(struct parity_bench *bench, struct parity_job **jobs,
                     size_t n)
{
    const struct parity_protocol *protocol = bench->protocol;
    int err = protocol->still_holds == NULL ? 0 : calibrate(bench);

    for (size_t i = 0; i < n; i++)
        choose_prefix(bench, jobs[i]);
    if (err == 0)
        err = parity_real_run(bench, jobs, n);
    if (err != 0)
        return err;
    if (protocol->still_holds == NULL ||
        protocol->still_holds(bench->host, bench->port, &bench->setting))
        return 0;
    for (size_t i = 0; i < n; i++)
        jobs[i]->real.is_late = true;
    bench->moved++;
    return 0;
}

/* Moves the late ones to the front and says how many they are. */
static size_t keep_late(struct parity_job **jobs, size_t n)
{
    size_t late = 0;

    for (size_t i = 0; i < n; i++)
        if (jobs[i]->real.is_late)
            jobs[late++] = jobs[i];
    return late;
}

/* The fake follows each batch, as the setting may change with the next. */
static int run_on_fake(struct parity_bench *bench, struct parity_job **jobs,
                       size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (jobs[i]->real.is_late)
            continue;
        int err = parity_virtual_run(bench, jobs[i]);
        if (err != 0)
            return err;
    }
    return 0;
}

static int run_once(struct parity_bench *bench, struct parity_job **jobs,
                    size_t n, size_t lanes)
{
    for (size_t done = 0; done < n;) {
        size_t batch = batch_of(bench, jobs + done, n - done, lanes);
        parity_bench_tell(bench, "%s: scripts %zu to %zu of %zu at once",
                          bench->protocol->name, done + 1, done + batch, n);
        int err = run_batch(bench, jobs + done, batch);
        if (err == 0)
            err = run_on_fake(bench, jobs + done, batch);
        if (err != 0)
            return err;
        done += batch;
    }
    return 0;
}

int parity_bench_run(struct parity_bench *bench, struct parity_job *jobs,
                     size_t n)
{
    struct parity_job **left = calloc(n == 0 ? 1 : n, sizeof(void *));
    size_t lanes = bench->lanes, n_left = n;
    int err = 0;

    if (left == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        left[i] = &jobs[i];
    for (int i = 0; i < ATTEMPTS && n_left > 0 && err == 0; i++) {
        err = run_once(bench, left, n_left, lanes);
        n_left = keep_late(left, n_left);
        bench->late += n_left;
        lanes = lanes > 8 ? lanes / 4 : 2;
    }
    free(left);
    return err;
}

size_t parity_job_difference(const struct parity_job *job)
{
    return parity_transcript_compare(&job->real.transcript,
                                     &job->fake.transcript);
}
