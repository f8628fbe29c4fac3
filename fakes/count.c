/* SPDX-License-Identifier: Apache-2.0
 * count.c - how often each command was received, by link and by server.
 */
#include "hub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct fake_counter *find(const struct fake_counts *counts,
                                 const char *name)
{
    struct fake_counter *c = counts->first;
    while (c != NULL && strcmp(c->name, name) != 0)
        c = c->next;
    return c;
}

int fake_count_add(struct fake_counts *counts, const char *name,
                   bool own_traffic)
{
    struct fake_counter *c = find(counts, name);

    if (c == NULL) {
        size_t length = strlen(name) + 1;
        c = malloc(sizeof *c + length);
        if (c == NULL)
            return -ENOMEM;
        memcpy(c->name, name, length);
        c->seen = 0;
        c->next = counts->first;
        counts->first = c;
    }
    c->seen++;
    if (!own_traffic)
        counts->all++;
    return 0;
}

void fake_count_clear(struct fake_counts *counts)
{
    while (counts->first != NULL) {
        struct fake_counter *c = counts->first;
        counts->first = c->next;
        free(c);
    }
}

void fake_count_command(struct fake_conn *conn, const char *name,
                        bool own_traffic)
{
    struct fake_link *link = conn->link;

    if (fake_count_add(&link->counts, name, own_traffic) != 0 ||
        fake_count_add(&link->fake->counts, name, own_traffic) != 0)
        fake_conn_reset(conn);
}

void fake_count_refused(struct fake *f, const char *what)
{
    f->refused++;
    fake_note(f, "refused %s", what);
}

unsigned fake_count(const struct fake *f, const struct fake_link *link,
                    const char *command)
{
    const struct fake_counts *counts =
        link == NULL ? &f->counts : &link->counts;

    if (command == NULL)
        return counts->all;
    const struct fake_counter *c = find(counts, command);
    return c == NULL ? 0 : c->seen;
}

unsigned fake_refused(const struct fake *f)
{
    return f->refused;
}
