/* SPDX-License-Identifier: Apache-2.0
 * ranks.c - numbers that differ by right, told by their rank of first sight.
 */
#include "parity.h"

#include <stdlib.h>

size_t parity_rank(struct parity_ranks *ranks, uint64_t value)
{
    for (size_t i = 0; i < ranks->count; i++)
        if (ranks->values[i] == value)
            return i + 1;
    if (ranks->count == ranks->room) {
        size_t room = ranks->room == 0 ? 16 : ranks->room * 2;
        uint64_t *values = realloc(ranks->values, room * sizeof *values);
        if (values == NULL)
            return 0;
        ranks->values = values;
        ranks->room = room;
    }
    ranks->values[ranks->count++] = value;
    return ranks->count;
}

uint64_t parity_rank_value(const struct parity_ranks *ranks, size_t rank,
                           uint64_t otherwise)
{
    if (rank == 0 || rank > ranks->count)
        return otherwise;
    return ranks->values[rank - 1];
}

void parity_ranks_free(struct parity_ranks *ranks)
{
    if (ranks == NULL)
        return;
    free(ranks->values);
    *ranks = (struct parity_ranks){0};
}
