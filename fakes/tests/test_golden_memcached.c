/* SPDX-License-Identifier: Apache-2.0
 * test_golden_memcached.c - the fake memcached answers Python tooz as
 * memcached 1.6.18 did, byte for byte.
 */
#include "golden.h"
#include "golden_memcached.h"
#include "mc_desk.h"
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Changes that the recorded server had counted before: see the table. */
#define CHANGES_BEFORE 313

/* Where the CAS number stands in a line of these bytes, or 0: the last word
 * of "cas key flags exptime bytes cas" and "VALUE key flags bytes cas". */
static size_t cas_at(const struct golden_line *line, size_t *ret_end)
{
    const char *text = (const char *)line->bytes;
    const char *end = memchr(text, '\r', line->length);
    size_t words = 1, at = 0;

    for (const char *c = text; end != NULL && c < end; c++)
        if (*c == ' ' && ++words > 0)
            at = (size_t)(c + 1 - text);
    if (end == NULL || !((words == 6 && memcmp(text, "cas ", 4) == 0) ||
                         (words == 5 && memcmp(text, "VALUE ", 6) == 0)))
        return 0;
    *ret_end = (size_t)(end - text);
    return at;
}

/* The line as an empty server would have it. */
static void count_from_zero(struct golden_line *line)
{
    char number[24] = "";
    size_t end = 0, at = cas_at(line, &end), length, rest;
    int64_t cas = 0;

    if (at == 0)
        return;
    rest = line->length - end;
    memcpy(number, line->bytes + at, end - at);
    sscanf(number, "%" SCNd64, &cas);
    snprintf(number, sizeof number, "%" PRId64, cas - CHANGES_BEFORE);
    length = strlen(number);
    memmove(line->bytes + at + length, line->bytes + end, rest);
    memcpy(line->bytes + at, number, length);
    line->length = at + length + rest;
}

UNIT(golden_memcached, tooz_is_answered_as_memcached_did)
{
    struct golden_line line;
    struct mc_desk d;
    int sent = 0, compared = 0, asides = 0, row = 0;

    mc_desk_start(&d, 0);
    while (golden_next(golden_memcached, &row, &line) != NULL) {
        count_from_zero(&line);
        if (line.what == '<') {
            compared++;
            mc_desk_expect(&d, line.bytes, line.length, line.step, line.row);
            continue;
        }
        mc_desk_say(&d, line.bytes, line.length);
        if (line.what == '>')
            sent++;
        else if (++asides && memcmp(line.bytes, "cas ", 4) == 0)
            expect(&d, "STORED\r\n");
        else if (memcmp(line.bytes, "delete _TOOZ_GROUP_", 19) == 0)
            expect(&d, "DELETED\r\n");
    }
    /* Nothing of the record was passed over; five commands want no reply. */
    unit_int(sent, 104);
    unit_int(compared, 99);
    unit_int(asides, 6);
    mc_desk_end(&d);
}
