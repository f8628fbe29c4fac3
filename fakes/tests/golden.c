/* SPDX-License-Identifier: Apache-2.0
 * golden.c - recorded conversations of Python tooz, and how they are read.
 */
#include "golden.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* The bytes between '<' and '>'; where it ends, or NULL. */
static const char *read_hex(const char *at, struct golden_line *line)
{
    while (*at != '\0' && *at != '>') {
        char digits[3] = {at[0], at[1], '\0'}, *end;
        if (*at == ' ') {
            at++;
            continue;
        }
        line->bytes[line->length++] = (uint8_t)strtoul(digits, &end, 16);
        if (end != digits + 2 || line->length == GOLDEN_MAX)
            return NULL;
        at += 2;
    }
    return *at == '>' ? at + 1 : NULL;
}

static void read_bytes(const char *at, struct golden_line *line)
{
    line->length = 0;
    while (at != NULL && *at != '\0' && line->length < GOLDEN_MAX) {
        if (*at == '<')
            at = read_hex(at + 1, line);
        else
            line->bytes[line->length++] = (uint8_t)*at++;
    }
    if (at == NULL || *at != '\0')
        unit_fail(line->step, line->row, "the line cannot be read");
}

const struct golden_line *golden_next(const char *const *lines, int *row,
                                      struct golden_line *line)
{
    while (lines[*row] != NULL && strncmp(lines[*row], "== ", 3) == 0)
        line->step = lines[(*row)++] + 3;
    if (lines[*row] == NULL)
        return NULL;
    line->row = *row;
    line->client = lines[*row][0] - 'A';
    line->what = lines[*row][1];
    read_bytes(lines[*row] + 3, line);
    ++*row;
    return line;
}
