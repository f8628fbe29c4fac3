/* SPDX-License-Identifier: Apache-2.0
 * server.c - what every server has whatever it speaks: up or down, its age,
 * its condition, and the verbs of the harness.
 */
#include "hub.h"

#include <errno.h>
#include <stdlib.h>

#define ONE_DAY_MS INT64_C(86400000)

int fake_new(struct fake_hub *hub, const struct fake_service *service,
             void *state, struct fake **ret_fake)
{
    struct fake *f = calloc(1, sizeof *f), **end = &hub->fakes;

    if (f == NULL)
        return -ENOMEM;
    f->hub = hub;
    f->service = service;
    f->state = state;
    f->is_up = true;
    f->started_ms = fake_now(hub) - ONE_DAY_MS;
    while (*end != NULL)
        end = &(*end)->next;
    *end = f;
    *ret_fake = f;
    return 0;
}

void fake_server_close_links(struct fake *f)
{
    while (f->links != NULL)
        fake_link_close(f->links);
}

void fake_server_free_state(struct fake *f)
{
    if (f->service->free != NULL)
        f->service->free(f);
    f->state = NULL;
}

void fake_server_free(struct fake *f)
{
    fake_count_clear(&f->counts);
    free(f);
}

void *fake_state(const struct fake *f)
{
    return f->state;
}

struct fake_hub *fake_hub_of(const struct fake *f)
{
    return f->hub;
}

bool fake_is_up(const struct fake *f)
{
    return f->is_up;
}

int64_t fake_started_ms(const struct fake *f)
{
    return f->started_ms;
}

enum fake_condition fake_condition_of(const struct fake *f)
{
    return f->condition;
}

/* ---- verbs ------------------------------------------------------------ */

/* What stores nothing is a proxy: the real server behind it has its own
 * age and its own end. */
static bool is_store(const struct fake *f)
{
    return f->service->wipe != NULL;
}

int fake_stop(struct fake *f)
{
    if (!is_store(f))
        return -ENOTSUP;
    if (!f->is_up)
        return 0;
    fake_hub_enter(f->hub);
    f->is_up = false;
    fake_note(f, "stopped");
    for (struct fake_link *link = f->links; link != NULL; link = link->next)
        fake_link_reset(link);
    fake_hub_leave(f->hub);
    return 0;
}

static void give_on_all(struct fake *f)
{
    for (struct fake_link *link = f->links; link != NULL; link = link->next) {
        for (struct fake_conn *c = link->conns; c != NULL; c = c->next)
            fake_request_go_on(c);
    }
}

int fake_start(struct fake *f, bool keep_data)
{
    if (!is_store(f))
        return -ENOTSUP;
    if (f->is_up)
        return 0;
    fake_hub_enter(f->hub);
    f->is_up = true;
    f->started_ms = fake_now(f->hub);
    if (!keep_data)
        f->service->wipe(f);
    fake_note(f, keep_data ? "started with its data" : "started empty");
    if (f->service->restarted != NULL)
        f->service->restarted(f, keep_data);
    give_on_all(f);
    fake_hub_leave(f->hub);
    return 0;
}

int fake_set_age(struct fake *f, int64_t age_ms)
{
    if (!is_store(f))
        return -ENOTSUP;
    if (age_ms < 0)
        return -EINVAL;
    f->started_ms = fake_now(f->hub) - age_ms;
    return 0;
}

int fake_flush(struct fake *f)
{
    if (!is_store(f))
        return -ENOTSUP;
    fake_hub_enter(f->hub);
    f->service->wipe(f);
    fake_note(f, "flushed");
    fake_hub_leave(f->hub);
    return 0;
}

int fake_evict(struct fake *f, const char *key)
{
    if (f->service->evict == NULL)
        return -ENOTSUP;
    fake_hub_enter(f->hub);
    int err = f->service->evict(f, key);
    if (err == 0)
        fake_note(f, "evicted %s", key);
    fake_hub_leave(f->hub);
    return err;
}

int fake_expire_sessions(struct fake *f, const struct fake_link *link)
{
    if (f->service->expire_sessions == NULL)
        return -ENOTSUP;
    fake_hub_enter(f->hub);
    int err = f->service->expire_sessions(f, link);
    fake_hub_leave(f->hub);
    return err;
}

int fake_set_condition(struct fake *f, enum fake_condition condition)
{
    if (!is_store(f))
        return -ENOTSUP;
    f->condition = condition;
    return 0;
}

char *fake_dump(const struct fake *f)
{
    return f->service->dump == NULL ? NULL : f->service->dump(f);
}
