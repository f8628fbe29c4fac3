/* SPDX-License-Identifier: Apache-2.0
 * program.c - the servers of the program, their links and their clock.
 */
#include "program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- names ------------------------------------------------------------ */

static const char *const names[PROGRAM_KINDS] = {"kazoo", "memcached", "redis"};

const char *program_kind_name(enum program_kind kind)
{
    return names[kind];
}

enum program_kind program_kind_of(const char *name)
{
    int kind = 0;

    while (kind < PROGRAM_KINDS && strcmp(names[kind], name) != 0)
        kind++;
    return (enum program_kind)kind;
}

void program_print_url(const struct program_link *link, FILE *out)
{
    fprintf(out, "%s://127.0.0.1:%d", names[link->kind],
            fake_link_port(link->link));
}

void program_print_urls(const struct program *p, FILE *out)
{
    for (int kind = 0; kind < PROGRAM_KINDS; kind++) {
        const struct program_link *link = p->links;
        while (link != NULL && link->kind != (enum program_kind)kind)
            link = link->next;
        if (link == NULL)
            continue;
        program_print_url(link, out);
        fputc('\n', out);
    }
    if (p->control_port != 0)
        fprintf(out, "control 127.0.0.1:%d\n", p->control_port);
}

/* ---- links ------------------------------------------------------------ */

int program_listen(struct program *p, enum program_kind kind, int port,
                   struct program_link **ret_link)
{
    struct program_link *link = calloc(1, sizeof *link), **end = &p->links;
    int err;

    if (link == NULL)
        return -ENOMEM;
    link->kind = kind;
    snprintf(link->name, sizeof link->name, "%s-%u", names[kind],
             p->n_listened[kind] + 1);
    err = fake_listen_at(p->fakes[kind], link->name, port, &link->link);
    if (err != 0) {
        free(link);
        return err;
    }
    p->n_listened[kind]++;
    while (*end != NULL)
        end = &(*end)->next;
    *end = link;
    *ret_link = link;
    return 0;
}

void program_unlisten(struct program *p, struct program_link *link)
{
    struct program_link **at = &p->links;

    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    fake_link_close(link->link);
    free(link);
}

/* ---- the clock -------------------------------------------------------- */

int program_set_rate(struct program *p, double rate)
{
    int err = fake_set_rate(p->hub, rate);

    if (err == 0)
        p->rate = rate;
    return err;
}

/* A day in 33 000 years: no sum with a time to live overflows. */
#define LAST_MS INT64_C(1000000000000000)

/* While it is moved by hand the clock does not run: in these moments that
 * nobody lived through every connected ZooKeeper session keeps pinging. */
int program_step(struct program *p, int64_t by_ms)
{
    int64_t now = fake_now(p->hub);
    int err;

    if (by_ms < 0 || by_ms > LAST_MS || now > LAST_MS - by_ms)
        return -ERANGE;
    err = fake_set_rate(p->hub, 0);
    if (err != 0)
        return err;
    fake_advance(p->hub, fake_now(p->hub) + by_ms);
    return fake_set_rate(p->hub, p->rate);
}

/* ---- birth and death -------------------------------------------------- */

static int64_t wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int new_fake(struct program *p, enum program_kind kind,
                    const struct program_plan *plan)
{
    switch (kind) {
    case PROGRAM_KAZOO:
        return fake_zookeeper_new(p->hub, plan->tick_ms, &p->fakes[kind]);
    case PROGRAM_MEMCACHED:
        return fake_memcached_new(p->hub, plan->phase_ms, &p->fakes[kind]);
    default:
        return fake_redis_new(p->hub, &p->fakes[kind]);
    }
}

static int serve(struct program *p, enum program_kind kind,
                 const struct program_plan *plan, char *ret_why, size_t size)
{
    struct program_link *link;
    int err = new_fake(p, kind, plan);

    if (err == 0)
        err = program_listen(p, kind, plan->port[kind], &link);
    if (err != 0 && plan->port[kind] != 0)
        snprintf(ret_why, size, "%s cannot listen on port %d: %s", names[kind],
                 plan->port[kind], strerror(-err));
    else if (err != 0)
        snprintf(ret_why, size, "cannot serve %s: %s", names[kind],
                 strerror(-err));
    return err;
}

int program_open(struct program *p, const struct program_plan *plan,
                 char *ret_why, size_t size)
{
    struct fake_hub_options options = {.virtual_clock = true,
                                       .wall_start_ms = wall_ms()};
    int err;

    *p = (struct program){0};
    err = fake_hub_new(&options, &p->hub);
    if (err != 0)
        snprintf(ret_why, size, "cannot begin: %s", strerror(-err));
    for (int kind = 0; err == 0 && kind < PROGRAM_KINDS; kind++)
        if (plan->is_wanted[kind])
            err = serve(p, (enum program_kind)kind, plan, ret_why, size);
    if (err == 0 && !plan->is_stopped)
        program_set_rate(p, 1);
    if (err != 0)
        program_close(p);
    return err;
}

void program_close(struct program *p)
{
    fake_hub_free(p->hub);
    while (p->links != NULL) {
        struct program_link *link = p->links;
        p->links = link->next;
        free(link);
    }
    *p = (struct program){0};
}
