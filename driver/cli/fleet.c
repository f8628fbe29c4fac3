/* SPDX-License-Identifier: Apache-2.0
 * fleet.c - the hosts of one group as two stores show them, and since when.
 */
#include "fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A notice of deprecation is one of these. */
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
    *f = (struct fleet){.n_hosts = 0};
}

/* ---- which hosts ------------------------------------------------------ */

/* The first one that does not come before `name`. */
static size_t place_of(const struct fleet *f, const char *name)
{
    size_t low = 0, high = f->n_hosts;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(f->hosts[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct fleet *f)
{
    size_t room = f->room > 0 ? 2 * f->room : 64;
    struct host *more;

    if (f->n_hosts < f->room)
        return true;
    more = realloc(f->hosts, room * sizeof *more);
    if (more == NULL)
        return false;
    f->hosts = more;
    f->room = room;
    return true;
}

struct host *fleet_add(struct fleet *f, const char *name)
{
    char member[SG_NAME_MAX + 1];
    size_t at = place_of(f, name);
    struct host *h = &f->hosts[at];
    char *copy;

    if (at < f->n_hosts && strcmp(h->name, name) == 0)
        return h;
    if (sg_service_member(f->group, name, NULL, member) != SG_OK ||
        !make_room(f) || (copy = strdup(name)) == NULL)
        return NULL;
    h = &f->hosts[at];
    memmove(h + 1, h, (f->n_hosts - at) * sizeof *h);
    *h = (struct host){.name = copy};
    f->n_hosts++;
    return h;
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
    fleet_add(f, host);
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

static bool is_over(const struct fleet *f)
{
    return f->is_over != NULL && f->is_over();
}

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

static void note(struct host *h, int store, const struct sg_verdict *verdict)
{
    struct view *v = &h->in[store];

    v->before = v->verdict.status;
    if (v->since_ms == 0)
        v->before = verdict->status;
    if (v->since_ms == 0 || v->before != verdict->status)
        v->since_ms = now_ms();
    v->verdict = *verdict;
}

/* A store that keeps silent would make every host wait for its deadline: who
 * is not reached within two of them is not asked, and so is unknown. */
static int look_in(struct fleet *f, int store)
{
    int64_t waited_ms = 0;

    for (size_t i = 0; i < f->n_hosts; i++) {
        struct sg_verdict verdict = {
            .status = SG_UNKNOWN, .reason = SG_TIMED_OUT, .last_seen_ms = -1};
        int64_t began_ms = now_ms();
        if (is_over(f))
            return SG_PENDING;
        if (waited_ms <= 2 * f->bounds[store].deadline_ms ||
            f->hosts[i].is_forced_down) {
            int rc = ask(f, &f->hosts[i], store, &verdict);
            if (rc != SG_OK)
                return rc;
        }
        if (verdict.status == SG_UNKNOWN)
            waited_ms += now_ms() - began_ms;
        note(&f->hosts[i], store, &verdict);
    }
    return SG_OK;
}

static enum sg_status combine(const struct host *h)
{
    const struct sg_verdict *n = &h->in[NEW].verdict, *o = &h->in[OLD].verdict;

    if (n->reason == SG_FORCED || o->reason == SG_FORCED)
        return SG_DOWN;
    if (n->status == SG_UP || o->status == SG_UP)
        return SG_UP;
    return n->status == SG_UNKNOWN ? n->status : o->status;
}

int fleet_look(struct fleet *f)
{
    int rc = SG_OK;

    if (f->n_looks > 0) /* a host may have come since */
        fleet_add_listed(f);
    for (int s = 0; s < STORES && rc == SG_OK; s++)
        rc = look_in(f, s);
    if (rc != SG_OK)
        return rc;
    for (size_t i = 0; i < f->n_hosts; i++)
        f->hosts[i].either = combine(&f->hosts[i]);
    f->now_ms = now_ms();
    if (f->n_looks++ == 0) /* from here on everybody has been looked at */
        f->began_ms = f->now_ms;
    return SG_OK;
}

/* ---- one host --------------------------------------------------------- */

bool host_is_up(const struct host *h, int store)
{
    return h->in[store].verdict.status == SG_UP;
}

int64_t host_for_ms(const struct fleet *f, const struct host *h, int store)
{
    return f->now_ms - h->in[store].since_ms;
}

bool host_is_forced(const struct host *h)
{
    return h->is_forced_down || h->in[NEW].verdict.reason == SG_FORCED;
}

bool host_is_awaited(const struct host *h)
{
    bool is_up = host_is_up(h, NEW) || host_is_up(h, OLD);

    return !host_is_forced(h) && (is_up || !h->is_disabled);
}
