/* SPDX-License-Identifier: Apache-2.0
 * mc_stats.h - what a memcached server says of itself.
 */
#ifndef FAKE_MC_STATS_H
#define FAKE_MC_STATS_H

#include "mc_server.h"

typedef void fake_mc_stat_fn(void *arg, const char *name, const char *value);

/* `stats`: those rows of the real server that a client can act on. */
void fake_mc_stats_general(const struct fake_mc *mc, fake_mc_stat_fn *each,
                           void *arg);
/* `stats settings`: as little as says which kind of server this is. */
void fake_mc_stats_settings(fake_mc_stat_fn *each, void *arg);
/* `stats reset` */
void fake_mc_stats_reset(struct fake_mc *mc);

#endif
