/* SPDX-License-Identifier: Apache-2.0
 * tally.c - how many scenarios ended how, by chapter and place.
 */
#include "tally.h"

#include <stdio.h>
#include <string.h>

static size_t chapter_index(struct tally *t, const char *chapter)
{
    size_t i = 0;

    while (i < t->n_chapters && strcmp(t->chapters[i], chapter) != 0)
        i++;
    if (i == t->n_chapters && i < TALLY_CHAPTERS_MAX - 1)
        t->chapters[t->n_chapters++] = chapter;
    return i;
}

static void add_to(struct tally_cell *c, enum world_end end)
{
    c->passed += end == WORLD_PASSED;
    c->failed += end == WORLD_FAILED;
    c->skipped += end == WORLD_SKIPPED;
    c->broken += end == WORLD_BROKEN;
}

void tally_add(struct tally *t, const char *chapter, size_t place,
               enum world_end end)
{
    add_to(&t->total, end);
    add_to(&t->by_place[place], end);
    add_to(&t->cells[chapter_index(t, chapter)][place], end);
}

static void print_cell(const struct tally_cell *c)
{
    char text[40];
    unsigned all = c->passed + c->failed + c->broken + c->skipped;
    int n = snprintf(text, sizeof text, "%u/%u", c->passed, all);

    if (c->skipped > 0)
        n += snprintf(text + n, sizeof text - (size_t)n, " s%u", c->skipped);
    if (c->failed > 0)
        n += snprintf(text + n, sizeof text - (size_t)n, " F%u", c->failed);
    if (c->broken > 0)
        snprintf(text + n, sizeof text - (size_t)n, " B%u", c->broken);
    printf(" %16s", text);
}

void tally_print(const struct tally *t, const struct place *places,
                 size_t n_places)
{
    printf("#\n# passed of played (s skipped, F failed, B broken)\n# %-12s",
           "");
    for (size_t p = 0; p < n_places; p++)
        printf(" %16.16s", places[p].label);
    for (size_t c = 0; c < t->n_chapters; c++) {
        printf("\n# %-12s", t->chapters[c]);
        for (size_t p = 0; p < n_places; p++)
            print_cell(&t->cells[c][p]);
    }
    printf("\n# %-12s", "all");
    for (size_t p = 0; p < n_places; p++)
        print_cell(&t->by_place[p]);
    printf("\n#\n");
}
