/* SPDX-License-Identifier: Apache-2.0
 * truth.h - what must be said of a service, by what has happened to it: the
 * truth table of a migration as a function.
 *
 *   the service                     reader of O   reader of N   of either
 *   runs on O                       UP            DOWN          UP
 *   runs on N                       DOWN          UP            UP
 *   runs on both                    UP            UP            UP
 *   stopped on O, old memcache      UP until 49 to 60 s after   as O
 *   stopped on O, old ZooKeeper     DOWN at once                as O
 *   crashed on O, old ZooKeeper     UP until its session ends   as O
 *   stopped on N, or on both        DOWN at once
 *   crashed on N                                  UP until T    as N
 *   a store does not answer: it is UNKNOWN there, and of either UP if the other
 *   store says so, else UNKNOWN
 *
 * O the old store, N the new one. Each store has a memory of its own: what is
 * left behind in O does not end because the service runs on N.
 */
#ifndef TRUTH_H
#define TRUTH_H

#include "scenario.h"

struct truth;
struct truth *truth_new(struct world *w); /* NULL: no memory               */
void truth_free(struct truth *t);

void truth_started(struct truth *t, size_t host, enum world_side side);
/* In good order, at this moment; and as it stood. */
void truth_stopped(struct truth *t, size_t host, int64_t at_ms);
void truth_crashed(struct truth *t, size_t host, int64_t at_ms);

void truth_store_lost(struct truth *t, enum world_side side);
/* It answers again, with what it had or without. Whoever runs is there again
 * `healing_ms` later; until then nobody is sure. */
void truth_store_back(struct truth *t, enum world_side side, bool keeps_data,
                      int64_t at_ms, int64_t healing_ms);

/* All that a reader of this side may say of the host at this moment. */
enum side_says truth_says(const struct truth *t, size_t host,
                          enum world_side side, int64_t at_ms);
/* What two stores make together. */
enum side_says truth_either(enum side_says one, enum side_says other);

#endif
