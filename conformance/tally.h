/* SPDX-License-Identifier: Apache-2.0
 * tally.h - how many scenarios ended how, by chapter and place.
 */
#ifndef TALLY_H
#define TALLY_H

#include "runner.h"

#define TALLY_CHAPTERS_MAX 32

struct tally_cell {
    unsigned passed, failed, skipped, broken;
};

struct tally {
    struct tally_cell total, by_place[RUNNER_PLACES_MAX];
    struct tally_cell cells[TALLY_CHAPTERS_MAX][RUNNER_PLACES_MAX];
    const char *chapters[TALLY_CHAPTERS_MAX];
    size_t n_chapters;
};

/* `chapter` must outlive the tally. */
void tally_add(struct tally *t, const char *chapter, size_t place,
               enum world_end end);

/* A table for people, as comments of TAP, on standard output. */
void tally_print(const struct tally *t, const struct place *places,
                 size_t n_places);

#endif
