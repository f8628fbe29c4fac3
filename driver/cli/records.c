/* SPDX-License-Identifier: Apache-2.0
 * records.c - which hosts there should be, from an operator's file.
 */
#include "records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
    const char *name;
    bool is_enabled, is_disabled, is_forced_down;
};

/* A word that is not one of them; NULL: all are. */
static const char *take_words(char *text, struct line *ret)
{
    char *save = NULL, *word;

    *ret = (struct line){.name = strtok_r(text, " \t\r\n", &save)};
    while ((word = strtok_r(NULL, " \t\r\n", &save)) != NULL) {
        if (strcmp(word, "enabled") == 0)
            ret->is_enabled = true;
        else if (strcmp(word, "disabled") == 0)
            ret->is_disabled = true;
        else if (strcmp(word, "forced_down") == 0)
            ret->is_forced_down = true;
        else
            return word;
    }
    return NULL;
}

static bool is_same(const struct host *h, const struct line *line)
{
    return h->is_disabled == line->is_disabled &&
           h->is_forced_down == line->is_forced_down;
}

/* False: what is wrong with it. */
static bool take_line(struct fleet *f, char *text, char *why, size_t why_bytes)
{
    size_t before = f->n_hosts;
    struct line line;
    const char *word;
    struct host *h;

    text[strcspn(text, "#")] = '\0';
    word = take_words(text, &line);
    if (word != NULL) {
        snprintf(why, why_bytes,
                 "\"%.60s\" is none of enabled, disabled and forced_down",
                 word);
        return false;
    }
    if (line.name == NULL)
        return true;
    if (line.is_enabled && line.is_disabled) {
        snprintf(why, why_bytes, "enabled, and disabled");
        return false;
    }
    h = fleet_add(f, line.name);
    if (h == NULL) {
        snprintf(why, why_bytes, "%s", sg_why());
        return false;
    }
    if (f->n_hosts == before && !is_same(h, &line)) {
        snprintf(why, why_bytes, "%.80s stands in a line before, otherwise",
                 line.name);
        return false;
    }
    h->is_disabled = line.is_disabled;
    h->is_forced_down = line.is_forced_down;
    return true;
}

static bool take_lines(struct fleet *f, FILE *file, const char *path, char *why,
                       size_t why_bytes)
{
    char *text = NULL, wrong[400];
    size_t room = 0;
    int number = 0;
    bool is_right = true;

    while (is_right && getline(&text, &room, file) != -1) {
        number++;
        is_right = take_line(f, text, wrong, sizeof wrong);
    }
    free(text);
    if (!is_right)
        snprintf(why, why_bytes, "%s, line %d: %s", path, number, wrong);
    else if (!feof(file))
        snprintf(why, why_bytes, "%s: %s", path, strerror(errno));
    return is_right && feof(file);
}

bool records_read(struct fleet *f, const char *path, char *why,
                  size_t why_bytes)
{
    bool is_stdin = strcmp(path, "-") == 0, is_read;
    FILE *file = is_stdin ? stdin : fopen(path, "re");

    if (file == NULL) {
        snprintf(why, why_bytes, "%s: %s", path, strerror(errno));
        return false;
    }
    is_read = take_lines(f, file, is_stdin ? "stdin" : path, why, why_bytes);
    if (!is_stdin)
        fclose(file);
    return is_read;
}
