/* SPDX-License-Identifier: Apache-2.0
 * mc_time.h - the memcached server's clock, which counts whole seconds.
 *
 * The server compares expiry times with a counter that one timer event moves
 * on once a second (memcached.c, clock_handler). So a key asked to live n s
 * lives until the n-th tick from now: n-1 to n seconds. Moments here are
 * numbers of ticks: tick s happens at s * 1000 + phase_ms of hub time.
 */
#ifndef FAKE_MC_TIME_H
#define FAKE_MC_TIME_H

#include "fake.h"

/* Moments that are no tick. */
#define FAKE_MC_NEVER INT64_MAX
#define FAKE_MC_AT_ONCE INT64_MIN

struct fake_mc_time {
    const struct fake_hub *hub;
    int64_t phase_ms;
    int64_t wall_offset_s; /* tick number + this = the server's Unix time    */
};

/* The server process starts: it reads the wall clock now and, as the real
 * one, never again. */
void fake_mc_time_start(struct fake_mc_time *t, const struct fake_hub *hub,
                        int64_t phase_ms);

/* The last tick at or before now, and at or before a moment of the hub. */
int64_t fake_mc_time_now_s(const struct fake_mc_time *t);
int64_t fake_mc_time_at_s(const struct fake_mc_time *t, int64_t hub_ms);
int64_t fake_mc_time_wall_s(const struct fake_mc_time *t);

/* The hub time of a tick; INT64_MAX for FAKE_MC_NEVER. A tick that has been
 * is now: what is dead since 1970 was never younger. */
int64_t fake_mc_time_due_ms(const struct fake_mc_time *t, int64_t tick_s);

/* The tick at which a key stored now dies: `exptime` 0 = never, negative =
 * at once, up to 30 days = seconds from now, more = Unix time. */
int64_t fake_mc_time_expiry(const struct fake_mc_time *t, int64_t exptime);

#endif
