/* SPDX-License-Identifier: Apache-2.0
 * transcript.c - what a run was told, line by line.
 */
#include "transcript.h"

#include <stdlib.h>
#include <string.h>

/* ---- writing ---------------------------------------------------------- */

/* A copy with `~` for the prefix. NULL: out of memory. */
static char *without_prefix(const char *text, const char *prefix)
{
    size_t n = strlen(prefix);
    char *copy = malloc(strlen(text) + 1), *to = copy;

    if (copy == NULL)
        return NULL;
    while (*text != '\0') {
        if (n > 0 && strncmp(text, prefix, n) == 0) {
            *to++ = '~';
            text += n;
        } else {
            *to++ = *text++;
        }
    }
    *to = '\0';
    return copy;
}

static bool make_room(struct parity_transcript *t)
{
    size_t room = t->room == 0 ? 64 : t->room * 2;
    struct parity_line *lines;

    if (t->count < t->room)
        return true;
    lines = realloc(t->lines, room * sizeof *lines);
    if (lines == NULL)
        return false;
    t->lines = lines;
    t->room = room;
    return true;
}

void parity_transcript_add(struct parity_transcript *t, size_t op, int conn,
                           const char *prefix, const char *format, va_list args)
{
    char *text, *copy = NULL;

    if (vasprintf(&text, format, args) < 0) {
        t->is_short = true;
        return;
    }
    copy = without_prefix(text, prefix);
    free(text);
    if (copy == NULL || !make_room(t)) {
        free(copy);
        t->is_short = true;
        return;
    }
    t->lines[t->count++] = (struct parity_line){op, conn, copy};
}

static int place_of(const struct parity_line *line, int own_conn)
{
    return line->conn == own_conn ? -1 : line->conn;
}

/* Lines of one op are few: an insertion sort, which keeps their order. */
void parity_transcript_settle(struct parity_transcript *t, int own_conn)
{
    for (size_t i = t->settled + 1; i < t->count; i++) {
        struct parity_line line = t->lines[i];
        size_t at = i;
        while (at > t->settled && place_of(&t->lines[at - 1], own_conn) >
                                      place_of(&line, own_conn)) {
            t->lines[at] = t->lines[at - 1];
            at--;
        }
        t->lines[at] = line;
    }
    t->settled = t->count;
}

void parity_transcript_forget(struct parity_transcript *t)
{
    while (t->count > t->settled)
        free(t->lines[--t->count].text);
}

void parity_transcript_free(struct parity_transcript *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->count; i++)
        free(t->lines[i].text);
    free(t->lines);
    *t = (struct parity_transcript){0};
}

/* ---- reading ---------------------------------------------------------- */

size_t parity_transcript_compare(const struct parity_transcript *a,
                                 const struct parity_transcript *b)
{
    size_t i = 0;

    for (; i < a->count && i < b->count; i++) {
        const struct parity_line *x = &a->lines[i], *y = &b->lines[i];
        if (x->op != y->op || x->conn != y->conn ||
            strcmp(x->text, y->text) != 0)
            return x->op < y->op ? x->op : y->op;
    }
    if (i < a->count)
        return a->lines[i].op;
    return i < b->count ? b->lines[i].op : SIZE_MAX;
}

void parity_transcript_print(const struct parity_transcript *t,
                             const char *before, FILE *out)
{
    for (size_t i = 0; i < t->count; i++)
        fprintf(out, "%s%zu c%d %s\n", before, t->lines[i].op + 1,
                t->lines[i].conn, t->lines[i].text);
}
