/* SPDX-License-Identifier: Apache-2.0
 * mc_stats.c - what a memcached server says of itself.
 */
#include "mc_stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LIMIT_MAXBYTES "67108864"

struct sink {
    fake_mc_stat_fn *each;
    void *arg;
};

static void say(const struct sink *sink, const char *name, int64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, value);
    sink->each(sink->arg, name, text);
}

/* A new process says 2, not 0: its counter starts two seconds early, so that
 * no moment is 0 (memcached.c, stats_init; seen). */
static int64_t uptime_s(const struct fake_mc *mc)
{
    int64_t started_s = fake_mc_time_at_s(&mc->time, fake_started_ms(mc->fake));

    return fake_mc_time_now_s(&mc->time) - started_s + 2;
}

static void say_counters(const struct fake_mc *mc, const struct sink *sink)
{
    static const char *const names[] = {
        [FAKE_MC_CMD_GET] = "cmd_get",
        [FAKE_MC_CMD_SET] = "cmd_set",
        [FAKE_MC_CMD_FLUSH] = "cmd_flush",
        [FAKE_MC_CMD_TOUCH] = "cmd_touch",
        [FAKE_MC_GET_HITS] = "get_hits",
        [FAKE_MC_GET_MISSES] = "get_misses",
        [FAKE_MC_DELETE_MISSES] = "delete_misses",
        [FAKE_MC_DELETE_HITS] = "delete_hits",
        [FAKE_MC_INCR_MISSES] = "incr_misses",
        [FAKE_MC_INCR_HITS] = "incr_hits",
        [FAKE_MC_DECR_MISSES] = "decr_misses",
        [FAKE_MC_DECR_HITS] = "decr_hits",
        [FAKE_MC_CAS_MISSES] = "cas_misses",
        [FAKE_MC_CAS_HITS] = "cas_hits",
        [FAKE_MC_CAS_BADVAL] = "cas_badval",
        [FAKE_MC_TOUCH_HITS] = "touch_hits",
        [FAKE_MC_TOUCH_MISSES] = "touch_misses",
        [FAKE_MC_TOTAL_ITEMS] = "total_items",
        [FAKE_MC_TOTAL_CONNECTIONS] = "total_connections",
    };

    for (size_t i = 0; i < FAKE_MC_COUNTERS; i++)
        say(sink, names[i], (int64_t)mc->counters[i]);
}

void fake_mc_stats_general(const struct fake_mc *mc, fake_mc_stat_fn *each,
                           void *arg)
{
    struct sink sink = {each, arg};

    /* Not our own: it must change with each restart, and be the same in
     * each run of a test. */
    say(&sink, "pid", 1000 + mc->runs);
    say(&sink, "uptime", uptime_s(mc));
    say(&sink, "time", fake_mc_time_wall_s(&mc->time));
    each(arg, "version", FAKE_MC_VERSION);
    say(&sink, "pointer_size", 64);
    say(&sink, "max_connections", 1024);
    say(&sink, "curr_connections", mc->connections);
    say_counters(mc, &sink);
    each(arg, "limit_maxbytes", LIMIT_MAXBYTES);
    say(&sink, "accepting_conns", 1);
    say(&sink, "threads", 1);
    say(&sink, "bytes", (int64_t)mc->store.bytes);
    say(&sink, "curr_items", (int64_t)mc->store.count);
    say(&sink, "evictions", 0);
}

void fake_mc_stats_settings(fake_mc_stat_fn *each, void *arg)
{
    each(arg, "maxbytes", LIMIT_MAXBYTES);
    each(arg, "maxconns", "1024");
    each(arg, "evictions", "on");
    each(arg, "cas_enabled", "yes");
    each(arg, "binding_protocol", "auto-negotiate");
    each(arg, "auth_enabled_sasl", "no");
    each(arg, "item_size_max", "1048576");
    each(arg, "flush_enabled", "yes");
}

void fake_mc_stats_reset(struct fake_mc *mc)
{
    memset(mc->counters, 0, sizeof mc->counters);
}
