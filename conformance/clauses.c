/* SPDX-License-Identifier: Apache-2.0
 * clauses.c - do the contract, the scenarios and the list of open clauses
 * cover each other?
 *
 * A clause is a line of CONTRACT.md that begins with its number in bold,
 * "**3.1** ...", or a row, "| **12.join** | ...". An open clause is a line
 * "3.6 what it waits for" of the list.
 */
#include "runner.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CLAUSES_MAX 400

struct clause {
    char number[32];
    bool is_open, is_covered;
};
struct clauses {
    struct clause list[CLAUSES_MAX];
    size_t n;
    unsigned wrong;
};

static struct clause *find(struct clauses *c, const char *number, size_t length)
{
    for (size_t i = 0; i < c->n; i++)
        if (strlen(c->list[i].number) == length &&
            strncmp(c->list[i].number, number, length) == 0)
            return &c->list[i];
    return NULL;
}

static void complain(struct clauses *c, const char *what, const char *number)
{
    printf("%s: %s\n", number, what);
    c->wrong++;
}

static void read_clause(struct clauses *c, const char *line)
{
    const char *at = line + strspn(line, "| ");
    size_t n;

    if (strncmp(at, "**", 2) != 0 || !isdigit((unsigned char)at[2]))
        return;
    at += 2;
    n = strcspn(at, "*");
    if (n >= sizeof c->list[0].number || strncmp(at + n, "**", 2) != 0 ||
        memchr(at, '.', n) == NULL || c->n == CLAUSES_MAX)
        return;
    if (find(c, at, n) != NULL) {
        complain(c, "stands twice in the contract", line);
        return;
    }
    memcpy(c->list[c->n++].number, at, n);
}

static void read_open(struct clauses *c, const char *line)
{
    size_t n = strcspn(line, " \n");
    struct clause *clause;

    if (n == 0 || line[0] == '#')
        return;
    clause = find(c, line, n);
    if (clause == NULL)
        complain(c, "is open, but no clause of the contract", line);
    else if (line[n] != ' ' || line[n + 1] == '\n')
        complain(c, "is open, but does not say what it waits for", line);
    else
        clause->is_open = true;
}

static int read_lines(struct clauses *c, const char *file,
                      void (*take)(struct clauses *c, const char *line))
{
    FILE *in = fopen(file, "r");
    char *line = NULL;
    size_t room = 0;

    if (in == NULL) {
        perror(file);
        return -1;
    }
    while (getline(&line, &room, in) >= 0)
        take(c, line);
    free(line);
    fclose(in);
    return 0;
}

static void cover(struct clauses *c, const struct scenario *s)
{
    if (*s->clauses == '\0')
        complain(c, "names no clause", s->name);
    for (const char *at = s->clauses; *at != '\0';) {
        size_t n = strcspn(at, " ");
        struct clause *clause = find(c, at, n);
        if (clause == NULL)
            complain(c, "names a clause that the contract does not have",
                     s->name);
        else
            clause->is_covered = true;
        at += n + strspn(at + n, " ");
    }
}

int clauses_check(const char *contract_file, const char *open_file)
{
    struct clauses *c = calloc(1, sizeof *c);
    size_t count, open = 0, covered = 0;
    const struct scenario *const *all = runner_scenarios(&count);
    unsigned wrong;

    if (c == NULL || read_lines(c, contract_file, read_clause) != 0 ||
        (open_file != NULL && read_lines(c, open_file, read_open) != 0)) {
        free(c);
        return 2;
    }
    for (size_t i = 0; i < count; i++)
        cover(c, all[i]);
    for (size_t i = 0; i < c->n; i++) {
        const struct clause *clause = &c->list[i];
        open += clause->is_open;
        covered += clause->is_covered;
        if (clause->is_open && clause->is_covered)
            complain(c, "is covered by a scenario and listed as open",
                     clause->number);
        else if (!clause->is_open && !clause->is_covered)
            complain(c, "has no scenario and is not listed as open",
                     clause->number);
    }
    printf("%zu clauses: %zu covered by %zu scenarios, %zu open\n", c->n,
           covered, count, open);
    for (size_t i = 0; i < c->n; i++)
        if (c->list[i].is_open)
            printf("open: %s\n", c->list[i].number);
    if (c->n == 0)
        complain(c, "holds no clause", contract_file);
    wrong = c->wrong;
    free(c);
    return wrong > 0 ? 1 : 0;
}
