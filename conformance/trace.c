/* SPDX-License-Identifier: Apache-2.0
 * trace.c - what happened in one world, a line per event, with its time.
 */
#include "trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void trace_free(struct trace *t)
{
    free(t->text);
    *t = (struct trace){0};
}

void trace_add(struct trace *t, int64_t at_ms, const char *actor,
               const char *text)
{
    char head[120];
    int n = snprintf(head, sizeof head, "%6" PRId64 ".%03d %-8.64s ",
                     at_ms / 1000, (int)(at_ms % 1000), actor);
    size_t body = strlen(text), need = t->length + (size_t)n + body + 2;

    if (need > t->room) {
        char *more = realloc(t->text, need * 2);
        if (more == NULL)
            return; /* a trace is a help, its loss no verdict */
        t->text = more;
        t->room = need * 2;
    }
    memcpy(t->text + t->length, head, (size_t)n);
    memcpy(t->text + t->length + n, text, body);
    t->length += (size_t)n + body;
    t->text[t->length++] = '\n';
    t->text[t->length] = '\0';
}

/* Where the line that ends before `end` begins. */
static size_t line_start(const struct trace *t, size_t end)
{
    size_t at = end - 1;

    while (at > 0 && t->text[at - 1] != '\n')
        at--;
    return at;
}

void trace_add_sorted(struct trace *t, int64_t at_ms, const char *actor,
                      const char *text)
{
    size_t before = t->length, head, place;
    char line[1400];

    trace_add(t, at_ms, actor, text);
    head = t->length - before - strlen(text) - 1;
    if (t->length == before || t->length - before >= sizeof line)
        return;
    memcpy(line, t->text + before, t->length - before);
    line[t->length - before] = '\0';
    place = before;
    while (place > 0) {
        size_t start = line_start(t, place);
        if (strncmp(t->text + start, line, head) != 0 ||
            strncmp(t->text + start, line, place - start) <= 0)
            break;
        place = start;
    }
    memmove(t->text + place + (t->length - before), t->text + place,
            before - place);
    memcpy(t->text + place, line, t->length - before);
}

unsigned trace_rank(struct trace *t, uint64_t epoch)
{
    if (epoch == 0)
        return 0;
    for (size_t i = 0; i < t->n_epochs; i++)
        if (t->epochs[i] == epoch)
            return (unsigned)i + 1;
    if (t->n_epochs < TRACE_EPOCHS)
        t->epochs[t->n_epochs++] = epoch;
    return (unsigned)t->n_epochs;
}

void trace_print(const struct trace *t, FILE *to, const char *prefix,
                 size_t lines)
{
    const char *at = t->text + t->length;

    if (t->text == NULL)
        return;
    while (at > t->text && lines > 0) {
        at--;
        while (at > t->text && at[-1] != '\n')
            at--;
        lines--;
    }
    while (*at != '\0') {
        const char *end = strchr(at, '\n');
        fprintf(to, "%s%.*s\n", prefix, (int)(end - at), at);
        at = end + 1;
    }
}
