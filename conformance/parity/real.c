/* SPDX-License-Identifier: Apache-2.0
 * real.c - many lanes at once through the real server, in real time.
 */
#include "bench.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

/* An answer that has not come by then never will. */
#define SILENCE_MS 5000
/* How long the server is left alone to see what it was sent. */
#define PAUSE_MS 3
/* Lanes begin one after the other, not all at one moment. */
#define STAGGER_MS 2

struct runner {
    struct parity_lane lane;
    enum parity_lane_stand stand;
    int64_t next_ms; /* look at it then, whatever comes                      */
    bool has_begun, is_ready;
};

struct crowd {
    struct runner *runners;
    size_t n;
    struct pollfd *fds;
    struct runner **owners; /* of fds                                        */
    size_t n_fds;
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The first moment at or after `at_ms` where a script may begin. */
static int64_t align(const struct parity_setting *setting, int64_t at_ms)
{
    int64_t period_ms = setting->period_ms > 0 ? setting->period_ms : 1;
    int64_t since_ms = (at_ms - setting->offset_ms) % period_ms;

    return since_ms == 0 ? at_ms : at_ms + period_ms - since_ms;
}

static void step(struct runner *runner)
{
    int64_t now = now_ms();

    runner->is_ready = false;
    runner->stand = parity_lane_step(&runner->lane, now);
    if (runner->stand == PARITY_LANE_TIME)
        runner->next_ms = runner->lane.wake_ms;
    else if (runner->stand == PARITY_LANE_PAUSE)
        runner->next_ms = now + PAUSE_MS;
    else if (runner->stand == PARITY_LANE_BYTES)
        runner->next_ms = now + SILENCE_MS;
}

static void rouse(struct runner *runner)
{
    if (runner->stand == PARITY_LANE_BYTES && runner->next_ms <= now_ms() &&
        !runner->is_ready)
        parity_lane_give_up(&runner->lane);
    step(runner);
}

static void watch(struct crowd *crowd, struct runner *runner)
{
    /* In a pause what comes can wait, and would only make it shorter. */
    if (runner->stand == PARITY_LANE_PAUSE)
        return;
    for (int conn = 0; conn < PARITY_CONNS; conn++) {
        const struct parity_socket *s = &runner->lane.sockets[conn];
        if (s->fd < 0)
            continue;
        short events = parity_socket_is_sending(s) ? POLLIN | POLLOUT : POLLIN;
        crowd->fds[crowd->n_fds] =
            (struct pollfd){.fd = s->fd, .events = events};
        crowd->owners[crowd->n_fds++] = runner;
    }
}

/* Waits for bytes or time. False: all are over. */
static int wait_for_some(struct crowd *crowd)
{
    int64_t next_ms = INT64_MAX;

    crowd->n_fds = 0;
    for (size_t i = 0; i < crowd->n; i++) {
        struct runner *runner = &crowd->runners[i];
        if (runner->stand == PARITY_LANE_OVER)
            continue;
        watch(crowd, runner);
        if (runner->next_ms < next_ms)
            next_ms = runner->next_ms;
    }
    if (next_ms == INT64_MAX)
        return 0;
    int64_t wait_ms = next_ms - now_ms();
    int timeout = wait_ms < 0 ? 0 : wait_ms > 60000 ? 60000 : (int)wait_ms;
    if (poll(crowd->fds, crowd->n_fds, timeout) < 0 && errno != EINTR)
        return -errno;
    for (size_t i = 0; i < crowd->n_fds; i++)
        if (crowd->fds[i].revents != 0)
            crowd->owners[i]->is_ready = true;
    return 1;
}

static int run_all(struct crowd *crowd)
{
    int status;

    while ((status = wait_for_some(crowd)) > 0) {
        int64_t now = now_ms();
        for (size_t i = 0; i < crowd->n; i++) {
            struct runner *runner = &crowd->runners[i];
            if (runner->stand != PARITY_LANE_OVER &&
                (runner->is_ready || runner->next_ms <= now))
                rouse(runner);
        }
    }
    return status;
}

static int begin_all(struct parity_bench *bench, struct crowd *crowd,
                     struct parity_job *const *jobs,
                     const struct parity_place *place)
{
    const struct parity_setting *setting = &bench->setting;
    int64_t base_ms = now_ms() + 20 + (int64_t)crowd->n / 4;

    for (size_t i = 0; i < crowd->n; i++) {
        struct runner *runner = &crowd->runners[i];
        int64_t at_ms = align(setting, base_ms + (int64_t)i * STAGGER_MS);
        if (setting->spread_ms > 0)
            at_ms += (int64_t)(i * 7919) % setting->spread_ms;
        parity_outcome_free(&jobs[i]->real);
        int err =
            parity_lane_begin(&runner->lane, bench->protocol, jobs[i]->script,
                              place, at_ms, jobs[i]->prefix, &jobs[i]->real);
        if (err != 0)
            return err;
        runner->has_begun = true;
        runner->stand = PARITY_LANE_TIME;
    }
    return 0;
}

int parity_real_run(struct parity_bench *bench, struct parity_job *const *jobs,
                    size_t n)
{
    struct parity_place place = {&bench->setting, NULL, bench->host,
                                 bench->port};
    struct crowd crowd = {.n = n};
    int err = -ENOMEM;

    if (n == 0)
        return 0;
    crowd.runners = calloc(n, sizeof *crowd.runners);
    crowd.fds = calloc(n * PARITY_CONNS, sizeof *crowd.fds);
    crowd.owners = calloc(n * PARITY_CONNS, sizeof *crowd.owners);
    if (crowd.runners == NULL || crowd.fds == NULL || crowd.owners == NULL)
        goto out;
    err = begin_all(bench, &crowd, jobs, &place);
    if (err == 0)
        err = run_all(&crowd);
    for (size_t i = 0; i < n; i++)
        if (crowd.runners[i].has_begun)
            parity_lane_end(&crowd.runners[i].lane);
out:
    free(crowd.runners);
    free(crowd.fds);
    free(crowd.owners);
    return err;
}
