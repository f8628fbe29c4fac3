/* SPDX-License-Identifier: Apache-2.0
 * mc_phase.c - where in each second a memcached server's clock ticks.
 *
 * The server's time is a number that a timer sets once a second to the whole
 * seconds of CLOCK_MONOTONIC (memcached.c, clock_handler). The timer is set
 * anew each time it fires, so it is late by a little more each second (about
 * 1 ms, measured on Debian 12 with 1.6.18), and when that has added up to a
 * second the number leaps by two. `stats` tells the number, as Unix time.
 */
#include "mc.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "socket.h"

/* Ops lie so long after a tick or later, and are late when they come too
 * near to the next one. */
#define AFTER_TICK_MS 200
#define SPREAD_MS 100
#define LATE_MS 450
#define MOST_DRIFT_MS 150
/* A moment seen less exactly is no good. */
#define BLUR_MS 15
#define ANSWER_MS 5000
#define TICK_MS 20000

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t floor_s(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
}

static int64_t unix_at(const struct parity_setting *setting, int64_t at_ms)
{
    return setting->own[PARITY_MC_UNIX] +
           floor_s(at_ms - setting->own[PARITY_MC_PHASE_MS]);
}

int64_t parity_mc_unix(const struct parity_run *run)
{
    const struct parity_setting *setting = run->setting;

    if (run->hub == NULL)
        return unix_at(setting, run->nominal_ms);
    /* As the server that starts: the wall's time at its last tick. */
    int64_t phase_ms = setting->own[PARITY_MC_PHASE_MS];
    int64_t wall_less_now_ms = fake_wall_ms(run->hub) - fake_now(run->hub);
    return floor_s(run->nominal_ms - phase_ms) +
           floor_s(phase_ms + wall_less_now_ms);
}

/* ---- asking ----------------------------------------------------------- */

static bool read_stat(const struct parity_bytes *in, const char *name,
                      int64_t *ret)
{
    const char *at = memmem(in->at, in->length, name, strlen(name));

    if (at == NULL)
        return false;
    *ret = strtoll(at + strlen(name), NULL, 10);
    return true;
}

/* One `stats`: the server's time and how much it has evicted. */
static int ask(struct parity_socket *s, int64_t *ret_unix,
               int64_t *ret_evictions)
{
    const int64_t end_ms = now_ms() + ANSWER_MS;

    s->in.length = 0;
    parity_bytes_text(&s->out, "stats\r\n");
    while (parity_socket_serve(s) && now_ms() < end_ms) {
        struct pollfd fd = {.fd = s->fd, .events = POLLIN};
        if (parity_socket_is_sending(s))
            fd.events |= POLLOUT;
        if (s->in.is_short || s->out.is_short)
            return -ENOMEM;
        if (s->in.length > 5 &&
            memcmp(s->in.at + s->in.length - 5, "END\r\n", 5) == 0) {
            parity_bytes_add(&s->in, "", 1); /* numbers end somewhere */
            return read_stat(&s->in, "STAT time ", ret_unix) &&
                           read_stat(&s->in, "STAT evictions ", ret_evictions)
                       ? 0
                       : -EPROTO;
        }
        poll(&fd, 1, 100);
    }
    return -ECONNRESET;
}

/* Waits until the number changes. */
static int watch(struct parity_socket *s, struct parity_setting *ret_setting)
{
    const int64_t end_ms = now_ms() + TICK_MS;
    int64_t before_s, evictions, unix_s, before_ms = now_ms();
    int err = ask(s, &before_s, &evictions);

    while (err == 0 && now_ms() < end_ms) {
        err = ask(s, &unix_s, &evictions);
        int64_t after_ms = now_ms();
        if (err == 0 && unix_s != before_s && after_ms - before_ms < BLUR_MS) {
            int64_t tick_ms = (before_ms + after_ms) / 2;
            int64_t phase_ms = tick_ms % 1000;
            *ret_setting = (struct parity_setting){
                .period_ms = 1000,
                .offset_ms = (phase_ms + AFTER_TICK_MS) % 1000,
                .spread_ms = SPREAD_MS,
                .late_ms = LATE_MS,
                .own = {phase_ms, unix_s - floor_s(tick_ms - phase_ms),
                        evictions}};
            return 0;
        }
        before_s = unix_s;
        before_ms = after_ms;
        poll(NULL, 0, 1);
    }
    return err == 0 ? -ETIMEDOUT : err;
}

int parity_mc_calibrate(const char *host, int port,
                        struct parity_setting *ret_setting, char why[128])
{
    struct parity_socket s = {.fd = -1};
    int err;

    if (host == NULL) {
        *ret_setting = (struct parity_setting){.period_ms = 1000,
                                               .offset_ms = 550,
                                               .spread_ms = SPREAD_MS,
                                               .late_ms = LATE_MS,
                                               .own = {350, 0, 0}};
        return 0;
    }
    err = parity_socket_open(&s, host, port);
    if (err == 0)
        err = watch(&s, ret_setting);
    parity_socket_free(&s);
    if (err != 0)
        snprintf(why, 128, "memcached at %s:%d tells no time: %s", host, port,
                 strerror(-err));
    return err;
}

bool parity_mc_still_holds(const char *host, int port,
                           const struct parity_setting *setting)
{
    struct parity_setting now;
    char why[128];

    if (parity_mc_calibrate(host, port, &now, why) != 0)
        return false;
    int64_t drift_ms = (now.own[PARITY_MC_PHASE_MS] -
                        setting->own[PARITY_MC_PHASE_MS] + 1000) %
                       1000;
    int64_t middle_ms =
        now_ms() / 1000 * 1000 + setting->own[PARITY_MC_PHASE_MS] + 500;
    return (drift_ms <= MOST_DRIFT_MS || drift_ms >= 1000 - BLUR_MS) &&
           unix_at(&now, middle_ms) == unix_at(setting, middle_ms) &&
           now.own[PARITY_MC_EVICTIONS] == setting->own[PARITY_MC_EVICTIONS];
}
