/* SPDX-License-Identifier: Apache-2.0
 * mc_time.c - the memcached server's clock, which counts whole seconds.
 */
#include "mc_time.h"

/* REALTIME_MAXDELTA of memcached.h: 30 days, itself still relative. */
#define LONGEST_RELATIVE_S (60 * 60 * 24 * 30)

static int64_t floor_s(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
}

int64_t fake_mc_time_at_s(const struct fake_mc_time *t, int64_t hub_ms)
{
    return floor_s(hub_ms - t->phase_ms);
}

int64_t fake_mc_time_now_s(const struct fake_mc_time *t)
{
    return fake_mc_time_at_s(t, fake_now(t->hub));
}

void fake_mc_time_start(struct fake_mc_time *t, const struct fake_hub *hub,
                        int64_t phase_ms)
{
    t->hub = hub;
    t->phase_ms = phase_ms;
    int64_t now_ms = fake_now(hub);
    int64_t tick_s = fake_mc_time_at_s(t, now_ms);
    int64_t since_tick_ms = now_ms - (tick_s * 1000 + phase_ms);
    t->wall_offset_s = floor_s(fake_wall_ms(hub) - since_tick_ms) - tick_s;
}

int64_t fake_mc_time_wall_s(const struct fake_mc_time *t)
{
    return fake_mc_time_now_s(t) + t->wall_offset_s;
}

int64_t fake_mc_time_due_ms(const struct fake_mc_time *t, int64_t tick_s)
{
    if (tick_s == FAKE_MC_NEVER)
        return INT64_MAX;
    if (tick_s <= fake_mc_time_now_s(t))
        return fake_now(t->hub);
    return tick_s * 1000 + t->phase_ms;
}

int64_t fake_mc_time_expiry(const struct fake_mc_time *t, int64_t exptime)
{
    int64_t now_s = fake_mc_time_now_s(t);

    if (exptime == 0)
        return FAKE_MC_NEVER;
    if (exptime < 0)
        return FAKE_MC_AT_ONCE;
    if (exptime <= LONGEST_RELATIVE_S)
        return now_s + exptime;
    exptime -= t->wall_offset_s;
    return exptime <= now_s ? FAKE_MC_AT_ONCE : exptime;
}
