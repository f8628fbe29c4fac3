/* SPDX-License-Identifier: Apache-2.0
 * fleet.c - the hosts of one group as two stores show them, and since when.
 */
#include "fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *store_name(int store)
{
    return store == NEW ? "new" : "old";
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void tell(void *arg, const char *sentence)
{
    (void)arg;
    fprintf(stderr, "servicegroup: %s\n", sentence);
}

int fleet_open(struct fleet *f, const char *new_url, const char *old_url,
               const char *group)
{
    static const struct sg_env env = {.log = tell};
    static const struct sg_options options = {.env = &env};
    int rc = SG_OK;

    *f = (struct fleet){.group = group, .url = {new_url, old_url}};
    f->began_ms = f->now_ms = now_ms();
    for (int s = 0; s < STORES && rc == SG_OK; s++) {
        rc = sg_open(f->url[s], &options, &f->sg[s]);
        if (rc == SG_OK)
            rc = sg_get_bounds(f->sg[s], &f->bounds[s]);
    }
    return rc;
}

void fleet_close(struct fleet *f)
{
    for (int s = 0; s < STORES; s++)
        sg_close(f->sg[s]);
    for (size_t i = 0; i < f->n_hosts; i++)
        free(f->hosts[i].name);
    free(f->hosts);
    f->hosts = NULL;
    f->n_hosts = 0;
}

/* ---- which hosts ------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
    const struct host *x = a, *y = b;

    return strcmp(x->name, y->name);
}

bool fleet_add(struct fleet *f, const char *name, bool is_disabled,
               bool is_forced_down)
{
    char member[SG_NAME_MAX + 1];
    struct host *more;

    if (sg_service_member(f->group, name, NULL, member) != SG_OK)
        return false;
    for (size_t i = 0; i < f->n_hosts; i++)
        if (strcmp(f->hosts[i].name, name) == 0)
            return true;
    more = realloc(f->hosts, (f->n_hosts + 1) * sizeof *more);
    if (more == NULL)
        return false;
    f->hosts = more;
    more[f->n_hosts] = (struct host){.name = strdup(name),
                                     .is_disabled = is_disabled,
                                     .is_forced_down = is_forced_down};
    if (more[f->n_hosts].name == NULL)
        return false;
    f->n_hosts++;
    qsort(f->hosts, f->n_hosts, sizeof *f->hosts, by_name);
    return true;
}

static bool add_line(struct fleet *f, char *line)
{
    char *save, *name, *word;
    bool is_disabled = false, is_forced = false;

    line[strcspn(line, "#\r\n")] = '\0';
    name = strtok_r(line, " \t", &save);
    if (name == NULL)
        return true;
    while ((word = strtok_r(NULL, " \t", &save)) != NULL) {
        if (strcmp(word, "disabled") == 0)
            is_disabled = true;
        else if (strcmp(word, "forced_down") == 0)
            is_forced = true;
        else
            return false;
    }
    return fleet_add(f, name, is_disabled, is_forced);
}

int fleet_add_file(struct fleet *f, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    int number = 0, wrong = 0;
    char line[1024];

    if (file == NULL)
        return -1;
    while (wrong == 0 && fgets(line, sizeof line, file) != NULL) {
        number++;
        if (!add_line(f, line))
            wrong = number;
    }
    if (ferror(file))
        wrong = -1;
    if (!is_stdin)
        fclose(file);
    return wrong;
}

/* The host in "<group>:<host>[:<part>]"; other names are not services. */
static void add_member(struct fleet *f, const char *member)
{
    size_t n = strlen(f->group);
    char host[SG_NAME_MAX + 1];

    if (strncmp(member, f->group, n) != 0 || member[n] != ':')
        return;
    snprintf(host, sizeof host, "%s", member + n + 1);
    host[strcspn(host, ":")] = '\0';
    fleet_add(f, host, false, false);
}

size_t fleet_add_listed(struct fleet *f)
{
    size_t listed = 0;

    for (int s = 0; s < STORES; s++) {
        struct sg_names *names;
        if (sg_list(f->sg[s], f->group, &names) != SG_OK)
            continue;
        listed++;
        for (size_t i = 0; i < names->count; i++)
            add_member(f, names->name[i]);
        sg_names_free(names);
    }
    return listed;
}

/* ---- looking ---------------------------------------------------------- */

static int ask(struct fleet *f, struct host *h, int store,
               struct sg_verdict *ret)
{
    char member[SG_NAME_MAX + 1];
    struct sg_question q = {
        .group = f->group, .member = member, .any_part = true};
    int rc = sg_service_member(f->group, h->name, NULL, member);

    q.forced_down = h->is_forced_down;
    return rc == SG_OK ? sg_ask(f->sg[store], &q, ret) : rc;
}

static void combine(struct host *h)
{
    const struct sg_verdict *n = &h->in[NEW].verdict, *o = &h->in[OLD].verdict;
    const struct sg_verdict *by = n;

    if (n->reason == SG_FORCED || o->reason == SG_FORCED)
        by = n->reason == SG_FORCED ? n : o;
    else if (n->status == SG_UP || o->status == SG_UP)
        by = n->status == SG_UP ? n : o;
    else if (n->status != SG_UNKNOWN && o->status == SG_UNKNOWN)
        by = o;
    h->either = by->status;
    h->reason = by->reason;
}

int fleet_look(struct fleet *f)
{
    for (size_t i = 0; i < f->n_hosts; i++) {
        struct host *h = &f->hosts[i];
        for (int s = 0; s < STORES; s++) {
            bool is_first = h->in[s].since_ms == 0;
            enum sg_status before = h->in[s].verdict.status;
            int rc = ask(f, h, s, &h->in[s].verdict);
            if (rc != SG_OK)
                return rc;
            if (is_first || before != h->in[s].verdict.status)
                h->in[s].since_ms = now_ms();
        }
        combine(h);
    }
    f->now_ms = now_ms();
    return SG_OK;
}

bool host_is_up(const struct host *h, int store)
{
    return h->in[store].verdict.status == SG_UP;
}

int64_t host_for_ms(const struct fleet *f, const struct host *h, int store)
{
    return f->now_ms - h->in[store].since_ms;
}
