/* SPDX-License-Identifier: Apache-2.0
 * pair.c - two stores in one world: services and readers of a migration.
 */
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "compute"

/* ---- bounds ----------------------------------------------------------- */

/* A real memcached counts whole seconds: with less than 3 s of them nothing
 * would be certain for longer than a beat. */
int64_t world_old_T(const struct world *w)
{
    if (place_old_is_zk(w->place))
        return w->place->is_fake ? 4 * SECOND : SECOND;
    return w->place->is_fake ? MINUTE : 4 * SECOND;
}

int64_t world_report(const struct world *w)
{
    return w->place->is_fake ? 10 * SECOND : 300;
}

static bool ends_at_once(const struct world *w)
{
    return place_old_is_zk(w->place);
}

/* A fake memcached takes up to a second off, a real one two (mc_live.c). The
 * reader of Mitaka compares clocks, and takes nothing off. */
int64_t world_residual_least(const struct world *w)
{
    int64_t early = w->place->old == PLACE_OLD_MITAKA ? 0
                    : w->place->is_fake               ? SECOND
                                                      : 2 * SECOND;
    int64_t least =
        world_old_T(w) - world_report(w) - early - w->place->grain_ms;

    return ends_at_once(w) || least < 0 ? 0 : least;
}

int64_t world_residual_most(const struct world *w)
{
    /* Mitaka's reader still says up at the very end of service_down_time. */
    int64_t last = w->place->old == PLACE_OLD_MITAKA ? 1 : 0;

    return ends_at_once(w) ? w->place->grain_ms
                           : world_old_T(w) + last + w->place->grain_ms;
}

void world_needs_production(struct world *w)
{
    if (!w->place->is_fake)
        world_fail(w, WORLD_SKIPPED,
                   "its numbers are of a report every 10 s and 60 s of "
                   "service_down_time");
}

size_t world_fleet(const struct world *w)
{
    bool is_zk = place_old_is_zk(w->place) || w->place->store == &store_kazoo;

    if (!w->place->is_fake)
        return 10;
    if (strcmp(w->size, "memcheck") == 0)
        return 4;
    if (strcmp(w->size, "gate") == 0)
        return is_zk ? 200 : 1000;
    return strcmp(w->size, "nightly") == 0 ? 1000 : 50;
}

size_t world_roll(const struct world *w, size_t n)
{
    bool is_small = strcmp(w->size, "memcheck") == 0 || !w->place->is_fake;
    bool is_large =
        strcmp(w->size, "gate") == 0 || strcmp(w->size, "nightly") == 0;
    size_t most = is_small ? 4 : is_large ? 100 : 10;

    return n < most ? n : most;
}

/* ---- services and readers --------------------------------------------- */

/* On a real server a scenario finds what the one before left behind: its
 * hosts have names of their own. */
static void host_name(const struct world *w, const char *host, char to[64])
{
    if (w->place->is_fake)
        snprintf(to, 64, "%s", host);
    else
        snprintf(to, 64, "%s-%lld", host, (long long)w->start_ms);
}

static void member_id(struct world *w, const char *host,
                      char to[SG_NAME_MAX + 1])
{
    char name[64];

    host_name(w, host, name);
    if (sg_service_member(TOPIC, name, NULL, to) != SG_OK)
        world_fail(w, WORLD_BROKEN, "%s: %s", host, sg_why());
}

static void need_pair(struct world *w)
{
    if (w->place->old == PLACE_ALONE)
        world_fail(w, WORLD_BROKEN, "this place is no pair of stores");
}

/* Whoever starts again is another process, with randomness of its own, which
 * comes of the label. */
static void number_label(const struct world *w, const char *name,
                         enum world_side side, char to[64])
{
    static const char *const on[] = {"new", "old", "both"};
    int length = snprintf(to, 64, "%.40s@%s", name, on[side]);
    unsigned before = 0;

    for (const struct member *m = w->members; m != NULL; m = m->next)
        before += strncmp(m->label, to, (size_t)length) == 0 &&
                  (m->label[length] == '\0' || m->label[length] == '#');
    if (before > 0)
        snprintf(to + length, (size_t)(64 - length), "#%u", before + 1);
}

struct member *service_idle(struct world *w, const char *host,
                            enum world_side side)
{
    char id[SG_NAME_MAX + 1], label[64];

    need_pair(w);
    member_id(w, host, id);
    number_label(w, host, side, label);
    return member_open_side(w, id, label, side, world_report(w));
}

/* On a real machine that is busy the answer may come too late: then the heart
 * completes the join, and to join again changes nothing (contract 1.3, 1.5). */
void service_join(struct member *service)
{
    struct world *w = service->w;

    if (!w->place->is_fake) {
        int rc = sg_join(service->sg, TOPIC, NULL, 0, 0, NULL);
        world_note(w, service->label, "join -> %s", sg_error_name(rc));
        if (rc == SG_OK)
            return;
        if (rc == SG_PENDING)
            world_pass(w, world_report(w));
    }
    member_join(service, TOPIC);
}

struct member *service_start(struct world *w, const char *host,
                             enum world_side side)
{
    struct member *service = service_idle(w, host, side);

    service_join(service);
    return service;
}

void service_stop(struct member *service)
{
    struct world *w = service->w;

    if (service->side == OLD_STORE && !place_old_is_zk(w->place))
        member_kill(service);
    else
        member_close(service);
}

struct member *reader_new(struct world *w, const char *name,
                          enum world_side side)
{
    char label[64];

    need_pair(w);
    number_label(w, name, side, label);
    return member_open_side(w, "", label, side, 0);
}

struct readers readers_new(struct world *w)
{
    return (struct readers){{
        [NEW_STORE] = reader_new(w, "reader", NEW_STORE),
        [OLD_STORE] = reader_new(w, "reader", OLD_STORE),
        [BOTH_STORES] = reader_new(w, "reader", BOTH_STORES),
    }};
}

/* ---- asking ----------------------------------------------------------- */

static enum side_says says_of(const struct sg_verdict *verdict)
{
    return verdict->status == SG_UP     ? SAYS_UP
           : verdict->status == SG_DOWN ? SAYS_DOWN
                                        : SAYS_UNKNOWN;
}

/* How the call ended; the reason of the last UNKNOWN is in `ret_reason`. */
static int say(struct member *reader, const char *const *hosts, size_t n,
               enum side_says *ret_says, enum sg_reason *ret_reason)
{
    char(*id)[SG_NAME_MAX + 1] = calloc(n, sizeof *id);
    const char **name = calloc(n, sizeof *name);
    struct sg_verdict *verdict = calloc(n, sizeof *verdict);
    int rc = SG_ENOMEM;

    if (id != NULL && name != NULL && verdict != NULL) {
        for (size_t i = 0; i < n; i++) {
            member_id(reader->w, hosts[i], id[i]);
            name[i] = id[i];
        }
        rc = sg_verdicts(reader->sg, TOPIC, name, n, verdict);
    }
    for (size_t i = 0; i < n && rc == SG_OK; i++) {
        ret_says[i] = says_of(&verdict[i]);
        if (ret_says[i] == SAYS_UNKNOWN)
            *ret_reason = verdict[i].reason;
    }
    free(verdict);
    free(name);
    free(id);
    return rc;
}

static void need_answer(struct member *reader, int rc)
{
    struct world *w = reader->w;

    w->checks++;
    if (w->end == WORLD_BROKEN)
        world_fail(w, WORLD_BROKEN, "%s", w->why);
    if (rc != SG_OK)
        world_fail(w, WORLD_FAILED, "%s: %s: %s", reader->label,
                   sg_error_name(rc), sg_why());
}

/* On a real machine that is busy an answer may come too late, which is no
 * verdict at all; whoever asks again has it. On a fake there is no excuse. */
void services_say(struct member *reader, const char *const *hosts, size_t n,
                  enum side_says *ret_says)
{
    enum sg_reason reason = SG_NO_REASON;
    int rc = say(reader, hosts, n, ret_says, &reason);

    if (rc == SG_OK && reason == SG_TIMED_OUT && !reader->w->place->is_fake)
        rc = say(reader, hosts, n, ret_says, &reason);
    need_answer(reader, rc);
}

bool service_is_up(struct member *reader, const char *host)
{
    enum sg_reason reason = SG_NO_REASON;
    enum side_says says = SAYS_UNKNOWN;

    need_answer(reader, say(reader, &host, 1, &says, &reason));
    if (says == SAYS_UNKNOWN)
        world_fail(reader->w, WORLD_FAILED, "%s of %s: UNKNOWN, %s: %s",
                   reader->label, host, sg_reason_name(reason), sg_why());
    world_note(reader->w, reader->label, "%s is %s", host,
               says == SAYS_UP ? "up" : "down");
    return says == SAYS_UP;
}

static void expect_says(struct readers *r, enum world_side side,
                        const char *host, enum side_says want)
{
    struct member *reader = r->on[side];
    bool is_up = service_is_up(reader, host);

    if (!((is_up ? SAYS_UP : SAYS_DOWN) & want))
        world_fail(reader->w, WORLD_FAILED, "%s says %s of %s", reader->label,
                   is_up ? "UP" : "DOWN", host);
}

void expect_row(struct readers *r, const char *host, enum side_says old,
                enum side_says new_store, enum side_says both)
{
    expect_says(r, OLD_STORE, host, old);
    expect_says(r, NEW_STORE, host, new_store);
    expect_says(r, BOTH_STORES, host, both);
}

void expect_row_during(struct readers *r, const char *host, int64_t ms,
                       enum side_says old, enum side_says new_store,
                       enum side_says both)
{
    struct world *w = r->on[NEW_STORE]->w;
    int64_t end = world_now(w) + ms, step = w->place->is_fake ? SECOND : 200;

    while (world_now(w) + step <= end) {
        expect_row(r, host, old, new_store, both);
        world_pass(w, step);
    }
    if (world_now(w) < end)
        world_pass(w, end - world_now(w));
}

/* ---- the old store ---------------------------------------------------- */

static void need_old_fake(struct world *w, const char *verb, int rc)
{
    if (rc != 0)
        world_fail(w, WORLD_BROKEN, "the old store cannot %s: %s", verb,
                   strerror(-rc));
}

void world_old_stop(struct world *w)
{
    world_note(w, "old server", "stops");
    if (w->place->is_fake)
        need_old_fake(w, "stop", fake_stop(w->servers[w->n_new]));
    else
        world_control(w, OLD_STORE, "kill");
    w->place->is_old_stopped = !w->place->is_fake;
    world_settle(w);
}

static void start_fake(struct world *w, bool keep_data)
{
    struct fake *old = w->servers[w->n_new];

    need_old_fake(w, "start", fake_start(old, keep_data));
    if (keep_data) /* it only was not to be reached */
        fake_set_age(old, 24 * 60 * MINUTE);
}

void world_old_start(struct world *w, bool keep_data)
{
    world_note(w, "old server", "starts %s", keep_data ? "again" : "empty");
    if (w->place->is_fake) {
        start_fake(w, keep_data);
    } else {
        world_control(w, OLD_STORE, keep_data ? "start-keep" : "start-empty");
        w->place->up_since_ms = world_clock(w); /* the younger of the two */
    }
    w->place->is_old_stopped = false;
    world_settle(w);
}

void world_old_pause(struct world *w)
{
    world_note(w, "old server", "pauses");
    if (w->place->is_fake) {
        for (struct member *m = w->members; m != NULL; m = m->next)
            fake_link_dark(m->links[w->n_new], FAKE_BOTH);
    } else {
        world_control(w, OLD_STORE, "pause");
        w->place->is_old_paused = true;
    }
    world_settle(w);
}

void world_old_resume(struct world *w)
{
    world_note(w, "old server", "resumes");
    if (w->place->is_fake) {
        for (struct member *m = w->members; m != NULL; m = m->next)
            if (!m->is_paused)
                fake_link_light(m->links[w->n_new]);
    } else {
        world_control(w, OLD_STORE, "resume");
        w->place->is_old_paused = false;
    }
    world_settle(w);
}

void world_old_restore(struct world *w)
{
    if (w->place->is_old_paused)
        world_old_resume(w);
    if (w->place->is_old_stopped)
        world_old_start(w, false);
}

/* A client of a real ZooKeeper notices by itself that nothing comes:
 * libzookeeper gives up a connection that was silent for two thirds of T, here
 * well below a second, and from then on the answer is there at once (76 to 484
 * ms, seen). On a fake it counts no time of its own. */
void expect_waited(struct world *w, enum world_side side, int64_t deadline_ms)
{
    bool is_zk = side == OLD_STORE ? place_old_is_zk(w->place)
                                   : w->place->store == &store_kazoo;
    bool knows_itself = is_zk && !w->place->is_fake;

    expect_took(w, knows_itself ? 0 : deadline_ms, deadline_ms);
}
