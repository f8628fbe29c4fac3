/* SPDX-License-Identifier: Apache-2.0
 * server.c - what only a server can do: verbs of the place.
 *
 * A fake does them by call; a real server that the harness started by its
 * control command (ci/real.sh) or by a raw client. A place that cannot do a
 * thing ends the scenario as SKIP, with the reason; a fake always can.
 */
#include "neighbour.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* ---- the control command ---------------------------------------------- */

struct control {
    const char *command, *verb;
};

static int run_control(void *arg)
{
    const struct control *c = arg;
    char line[600];
    int status;

    snprintf(line, sizeof line, "%s %s >&2", c->command, c->verb);
    status = system(line);
    return status < 0 || !WIFEXITED(status) ? -1 : WEXITSTATUS(status);
}

/* 4 is the control command's "this server cannot do that". */
void world_control(struct world *w, enum world_side side, const char *verb)
{
    struct control c = {
        side == OLD_STORE ? w->place->old_control : w->place->control, verb};
    int status = c.command == NULL ? 4 : world_blocking(w, run_control, &c);

    if (status == 4)
        world_fail(w, WORLD_SKIPPED, "this place cannot %s%s", verb,
                   side == OLD_STORE ? " the old store" : "");
    if (status != 0)
        world_fail(w, WORLD_BROKEN, "control %s: status %d", verb, status);
}

static void need_control(struct world *w, const char *verb)
{
    world_control(w, NEW_STORE, verb);
}

static void need_fake(struct world *w, const char *verb, int rc)
{
    if (rc != 0)
        world_fail(w, WORLD_BROKEN, "the fake cannot %s: %s", verb,
                   strerror(-rc));
}

/* ---- the raw client --------------------------------------------------- */

struct raw {
    struct world *w;
    int (*verb)(struct raw *raw);
    enum world_thing thing;
    const char *group, *member, *prefix;
    size_t n;
    char *text;
    uint8_t greeting[64];
    size_t greeting_n;
};

static int raw_main(void *arg)
{
    struct raw *raw = arg;
    struct world *w = raw->w;

    if (w->store == NULL) {
        int rc =
            w->place->store->connect("127.0.0.1", w->store_port, &w->store);
        if (rc != 0)
            return rc;
    }
    return raw->verb(raw);
}

/* The raw client has a link of its own, never dark. */
static void need_raw(struct raw *raw, const char *what)
{
    struct world *w = raw->w;
    int rc;

    if (w->store_link == NULL) {
        if (fake_listen(w->servers[0], "raw", &w->store_link) != 0)
            world_fail(w, WORLD_BROKEN, "no port for the raw client");
        w->store_port = fake_link_port(w->store_link);
    }
    rc = world_blocking(w, raw_main, raw);
    world_settle(w);
    if (rc == -ENOTSUP && !w->place->is_fake)
        world_fail(w, WORLD_SKIPPED, "this place cannot %s", what);
    if (rc != 0)
        world_fail(w, WORLD_BROKEN, "the raw client cannot %s: %s", what,
                   strerror(-rc));
}

static int close_raw(void *arg)
{
    struct world *w = arg;

    w->place->store->disconnect(w->store);
    return 0;
}

void world_store_close(struct world *w)
{
    if (w->store != NULL)
        world_blocking(w, close_raw, w);
    w->store = NULL;
}

/* A server that went away took the raw client's connection with it. */
static void forget_raw(struct world *w)
{
    world_store_close(w);
    if (w->store_link != NULL)
        fake_link_close(w->store_link);
    w->store_link = NULL;
}

/* ---- stop, start, lose ------------------------------------------------ */

void world_server_stop(struct world *w)
{
    forget_raw(w);
    world_note(w, "server", "stops");
    if (w->place->is_fake)
        need_fake(w, "stop", fake_stop(w->servers[0]));
    else
        need_control(w, "kill");
    w->place->is_stopped = !w->place->is_fake;
    world_settle(w);
}

void world_server_start(struct world *w, bool keep_data)
{
    world_note(w, "server", "starts %s", keep_data ? "again" : "empty");
    if (w->place->is_fake)
        need_fake(w, "start", fake_start(w->servers[0], keep_data));
    else
        need_control(w, keep_data ? "start-keep" : "start-empty");
    w->place->up_since_ms = world_clock(w);
    w->place->is_stopped = false;
    world_settle(w);
}

static int verb_wipe(struct raw *raw)
{
    return raw->w->place->store->wipe(raw->w->store);
}

void world_server_flush(struct world *w)
{
    struct raw raw = {.w = w, .verb = verb_wipe};

    world_note(w, "server", "loses all data");
    if (w->place->is_fake)
        need_fake(w, "flush", fake_flush(w->servers[0]));
    else
        need_raw(&raw, "lose its data");
    world_settle(w);
}

/* A real server is young when it has just been started: it lost its data,
 * too, so a scenario of youth begins with nobody joined. */
void world_server_young(struct world *w)
{
    if (!w->place->is_fake) {
        world_server_stop(w);
        world_server_start(w, false);
        return;
    }
    world_note(w, "server", "is young");
    need_fake(w, "be young", fake_set_age(w->servers[0], 0));
}

/* A fake that is paused is a network that is dark for everybody. */
void world_server_pause(struct world *w)
{
    world_note(w, "server", "pauses");
    if (w->place->is_fake) {
        for (struct member *m = w->members; m != NULL; m = m->next)
            fake_link_dark(m->links[0], FAKE_BOTH);
        for (struct neighbour *n = w->neighbours; n != NULL; n = n->next)
            neighbour_set_dark(n, true);
        world_settle(w);
    } else {
        need_control(w, "pause");
        w->place->is_paused = true;
    }
}

void world_server_resume(struct world *w)
{
    world_note(w, "server", "resumes");
    if (w->place->is_fake) {
        for (struct member *m = w->members; m != NULL; m = m->next)
            if (!m->is_paused)
                fake_link_light(m->links[0]);
        for (struct neighbour *n = w->neighbours; n != NULL; n = n->next)
            if (!n->is_stopped)
                neighbour_set_dark(n, false);
    } else {
        need_control(w, "resume");
        w->place->is_paused = false;
    }
    world_settle(w);
}

/* ---- conditions ------------------------------------------------------- */

static int verb_read_only(struct raw *raw)
{
    return raw->w->place->store->read_only(raw->w->store);
}

static int verb_out_of_memory(struct raw *raw)
{
    return raw->w->place->store->out_of_memory(raw->w->store);
}

static int verb_healthy(struct raw *raw)
{
    return raw->w->place->store->healthy(raw->w->store);
}

static void set_condition(struct world *w, enum fake_condition condition,
                          int (*verb)(struct raw *raw), const char *what)
{
    struct raw raw = {.w = w, .verb = verb};

    world_note(w, "server", "is %s", what);
    if (w->place->is_fake)
        need_fake(w, what, fake_set_condition(w->servers[0], condition));
    else
        need_raw(&raw, what);
    w->place->is_unwell = !w->place->is_fake && condition != FAKE_HEALTHY;
    world_settle(w);
}

void world_server_restore(struct world *w)
{
    if (w->place->is_paused)
        world_server_resume(w);
    if (w->place->is_stopped)
        world_server_start(w, false);
    if (w->place->is_unwell)
        world_server_healthy(w);
    world_old_restore(w);
}

void world_server_read_only(struct world *w)
{
    set_condition(w, FAKE_READ_ONLY, verb_read_only, "read-only");
}

void world_server_out_of_memory(struct world *w)
{
    set_condition(w, FAKE_OUT_OF_MEMORY, verb_out_of_memory, "out of memory");
}

void world_server_healthy(struct world *w)
{
    set_condition(w, FAKE_HEALTHY, verb_healthy, "healthy");
}

/* ---- what others write and remove ------------------------------------- */

static int verb_evict(struct raw *raw)
{
    return raw->w->place->store->evict(raw->w->store, raw->thing, raw->group,
                                       raw->member);
}

void world_evict(struct world *w, enum world_thing thing, const char *group,
                 const char *member)
{
    static const char *const names[] = {"liveness", "group", "entry", "list"};
    struct raw raw = {.w = w,
                      .verb = verb_evict,
                      .thing = thing,
                      .group = group,
                      .member = member};

    world_note(w, "raw", "evicts %s of %s/%s", names[thing], group,
               member == NULL ? "" : member);
    need_raw(&raw, "evict");
}

static int verb_damaged(struct raw *raw)
{
    return raw->w->place->store->write_damaged(raw->w->store, raw->group,
                                               raw->member);
}

void world_write_damaged(struct world *w, const char *group, const char *member)
{
    struct raw raw = {
        .w = w, .verb = verb_damaged, .group = group, .member = member};

    world_note(w, "raw", "damages %s/%s", group, member);
    need_raw(&raw, "write a damaged entry");
}

static int verb_python(struct raw *raw)
{
    return raw->w->place->store->write_python(raw->w->store, raw->group,
                                              raw->member);
}

void world_write_python(struct world *w, const char *group, const char *member)
{
    struct raw raw = {
        .w = w, .verb = verb_python, .group = group, .member = member};

    world_note(w, "raw", "writes tooz's bytes for %s/%s", group, member);
    need_raw(&raw, "write tooz's bytes");
}

static int verb_populate(struct raw *raw)
{
    return raw->w->place->store->populate(raw->w->store, raw->group,
                                          raw->prefix, raw->n);
}

void world_populate(struct world *w, const char *group, const char *prefix,
                    size_t n)
{
    struct raw raw = {.w = w,
                      .verb = verb_populate,
                      .group = group,
                      .prefix = prefix,
                      .n = n};

    world_note(w, "raw", "populates %s with %zu", group, n);
    need_raw(&raw, "populate");
}

/* ---- the state as text ------------------------------------------------ */

static int verb_digest(struct raw *raw)
{
    return raw->w->place->store->digest(raw->w->store, &raw->text);
}

static char *state_text(struct world *w)
{
    struct raw raw = {.w = w, .verb = verb_digest};

    if (w->place->is_fake)
        return fake_dump(w->servers[0]);
    need_raw(&raw, "show its state");
    return raw.text;
}

void world_remember_state(struct world *w)
{
    free(w->remembered);
    w->remembered = state_text(w);
    if (w->remembered == NULL)
        world_fail(w, WORLD_BROKEN, "no text of the state");
}

void expect_same_state(struct world *w)
{
    char *now = state_text(w);
    bool is_same = now != NULL && strcmp(now, w->remembered) == 0;
    char copy[1000];

    snprintf(copy, sizeof copy, "%s", now == NULL ? "" : now);
    free(now);
    expect_that_at(w, true, "");
    if (!is_same)
        world_fail(w, WORLD_FAILED,
                   "the stored state has changed, it was:\n"
                   "%.700s\nand is:\n%.700s",
                   w->remembered, copy);
}

/* ---- sessions --------------------------------------------------------- */

static int verb_end_session(struct raw *raw)
{
    const struct world *w = raw->w;

    return w->place->store->end_session(w->place->host[0], w->place->port[0],
                                        raw->greeting, raw->greeting_n);
}

/* Where a store has no sessions, what it can end by itself is the liveness. */
void member_expire_session(struct member *m)
{
    struct world *w = m->w;
    struct raw raw = {.w = w, .verb = verb_end_session};

    if (w->place->store->end_session == NULL) {
        world_evict(w, WORLD_LIVENESS, "", m->name);
        return;
    }
    world_note(w, "server", "ends the session of %s", m->label);
    if (w->place->is_fake) {
        need_fake(w, "expire",
                  fake_expire_sessions(w->servers[0], m->links[0]));
    } else {
        for (size_t i = 0; i < w->n_servers && raw.greeting_n < 40; i++)
            raw.greeting_n = fake_link_greeting(m->links[i], raw.greeting);
        /* The member's library would take its session back at once, before
         * the raw client has ended it. */
        for (size_t i = 0; i < w->n_servers; i++)
            fake_link_dark(m->links[i], FAKE_BOTH);
        need_raw(&raw, "end a session");
        for (size_t i = 0; i < w->n_servers; i++)
            fake_link_light(m->links[i]);
    }
    world_settle(w);
}
