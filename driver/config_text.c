/* SPDX-License-Identifier: Apache-2.0
 * config_text.c - a file as oslo.config reads it, by inih.
 *
 * inih of Debian 12 takes lines of up to 199 bytes and reads what is longer
 * as lines of its own, while a transport_url of three brokers is longer. It
 * gets such a line in pieces, each as one that goes on.
 */
#include "config_text.h"

#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 150u

struct text {
    FILE *file;
    char *line;
    size_t room, length, at; /* at: where the next piece begins            */
    int number;
    enum sg_config_link link;
    sg_config_fn *take;
    void *arg;
};

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t';
}

static bool is_comment(const char *line)
{
    line += strspn(line, " \t");
    return *line == '#' || *line == ';';
}

/* inih drops spaces around a piece, and takes some bytes for a comment. */
static bool may_part(const char *at)
{
    return !is_space(at[-1]) && !is_space(at[0]) && at[0] != '#' &&
           at[0] != ';';
}

static size_t piece_length(const struct text *t)
{
    const char *begin = t->line + t->at;
    size_t left = t->length - t->at, n = PIECE;

    if (left <= PIECE)
        return left;
    while (n > 1 && !may_part(begin + n))
        n--;
    return n > 1 ? n : PIECE;
}

/* Only an option's value goes on; of anything else the beginning will do. */
static bool goes_on(const char *line)
{
    return !is_comment(line) && *line != '[' &&
           (is_space(*line) || strcspn(line, "=:") < PIECE);
}

static bool next_line(struct text *t)
{
    ssize_t length = getline(&t->line, &t->room, t->file);

    if (length < 0)
        return false;
    t->number++;
    t->at = 0;
    t->length = strcspn(t->line, "\r\n");
    if (t->length > PIECE && !goes_on(t->line))
        t->length = PIECE;
    t->link = is_space(*t->line) ? SG_CONFIG_NEXT_LINE : SG_CONFIG_BEGINS;
    return true;
}

/* As fgets(), for inih. */
static char *next(char *to, int room, void *arg)
{
    struct text *t = arg;
    size_t n;

    if (t->at < t->length)
        t->link = SG_CONFIG_SAME_LINE;
    else if (!next_line(t))
        return NULL;
    n = piece_length(t);
    snprintf(to, (size_t)room, "%s%.*s\n",
             t->link == SG_CONFIG_SAME_LINE ? " " : "", (int)n,
             t->line + t->at);
    t->at += n;
    return to;
}

static int take(void *arg, const char *section, const char *name,
                const char *value)
{
    struct text *t = arg;

    return t->take(t->arg, section, name, value, t->link);
}

/* inih counts pieces. */
static int line_of(struct text *t, int piece)
{
    char to[PIECE + 3];

    rewind(t->file);
    t->number = 0;
    t->at = t->length = 0;
    while (piece-- > 0 && next(to, sizeof to, t) != NULL)
        continue;
    return t->number;
}

int sg_config_parse(const char *path, sg_config_fn *take_one, void *arg)
{
    struct text t = {.file = fopen(path, "re"), .take = take_one, .arg = arg};
    int rc;

    if (t.file == NULL)
        return -1;
    rc = ini_parse_stream(next, &t, take, &t);
    if (!feof(t.file)) /* the last line did not come, or had no room */
        rc = ferror(t.file) ? -1 : -2;
    else if (rc > 0)
        rc = line_of(&t, rc);
    if (t.line != NULL)
        explicit_bzero(t.line, t.room); /* it may hold a password */
    free(t.line);
    fclose(t.file);
    return rc;
}
