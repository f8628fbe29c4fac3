/* SPDX-License-Identifier: Apache-2.0
 * member.c - a member of a world: a handle with a network and a clock of its
 * own.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the driver asks of its surroundings ------------------------- */

static int64_t lend_now(void *arg)
{
    return world_clock(((struct member *)arg)->w);
}

static int64_t lend_wall(void *arg)
{
    return fake_wall_ms(((struct member *)arg)->w->hub) * 1000;
}

/* splitmix64: one seed and one name give one sequence. */
static void lend_random(void *arg, void *to, size_t bytes)
{
    struct member *m = arg;
    unsigned char *out = to;

    while (bytes > 0) {
        uint64_t z = __atomic_add_fetch(&m->random_state, 0x9e3779b97f4a7c15u,
                                        __ATOMIC_RELAXED);
        size_t n = bytes < sizeof z ? bytes : sizeof z;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        memcpy(out, &z, n);
        out += n;
        bytes -= n;
    }
}

/* Blocks like a resolver whose server is gone, until the call is given up. */
static int lend_no_dns(void *arg, const char *host,
                       char ret_numeric[SG_NUMERIC_MAX])
{
    struct member *m = arg;

    (void)host;
    (void)ret_numeric;
    pthread_mutex_lock(&m->dns_lock);
    m->is_resolving = true;
    fake_wake(m->w->hub);
    while (!m->is_released)
        pthread_cond_wait(&m->dns_changed, &m->dns_lock);
    m->is_resolving = false;
    pthread_mutex_unlock(&m->dns_lock);
    return -1;
}

static void lend_wait(void *arg, int64_t until_ms)
{
    world_wait(arg, until_ms);
}

static void lend_wake(void *arg)
{
    struct member *m = arg;

    __atomic_add_fetch(&m->wakes, 1, __ATOMIC_RELEASE);
    fake_wake(m->w->hub);
}

static void release_dns(struct member *m)
{
    pthread_mutex_lock(&m->dns_lock);
    m->is_released = true;
    pthread_cond_broadcast(&m->dns_changed);
    pthread_mutex_unlock(&m->dns_lock);
}

/* On a fake the library that stands in the call is let go, so that real time
 * decides nothing; a real one comes back by its own limit. A bridge stands in
 * two libraries: the one whose link holds nothing is answered anyway. */
static void lend_abandoned(void *arg)
{
    struct member *m = arg;
    size_t n = m->w->n_servers, holding = 0;

    for (size_t i = 0; i < n && m->w->place->is_fake; i++)
        holding += fake_link_is_holding(m->links[i]);
    for (size_t i = 0; i < n && m->w->place->is_fake; i++)
        if (holding == 0 || fake_link_is_holding(m->links[i]))
            fake_link_abandon(m->links[i]);
    release_dns(m);
}

static void lend_ended(void *arg)
{
    struct member *m = arg;
    struct world *w = m->w;

    /* The wake first: once the count is down the hub may be gone. */
    fake_wake(w->hub);
    __atomic_sub_fetch(&w->open_handles, 1, __ATOMIC_RELEASE);
}

static void on_event(void *arg, const struct sg_event *event)
{
    static const char *const names[] = {
        "", "JOINED", "LOST", "REJOINED", "REPLACED", "LEFT", "REFUSED"};
    struct member *m = arg;

    m->events[event->kind]++;
    world_note(m->w, m->label, "event %s %s epoch#%u", names[event->kind],
               event->group, trace_rank(&m->w->trace, event->epoch));
}

/* ---- opening ---------------------------------------------------------- */

static void write_url(struct member *m, char *url, size_t bytes,
                      const char *tail)
{
    struct world *w = m->w;
    size_t at = (size_t)snprintf(url, bytes, "%s://", w->place->store->scheme);

    for (size_t i = 0; i < w->n_new; i++)
        at +=
            (size_t)snprintf(url + at, bytes - at, "%s%s:%d", i > 0 ? "," : "",
                             m->has_no_dns ? "name.invalid" : "127.0.0.1",
                             fake_link_port(m->links[i]));
    snprintf(url + at, bytes - at, "%s", tail == NULL ? "" : tail);
}

static void open_links(struct member *m)
{
    struct world *w = m->w;

    for (size_t i = 0; i < w->n_servers; i++)
        if (fake_listen(w->servers[i], m->label, &m->links[i]) != 0)
            world_fail(w, WORLD_BROKEN, "no port for %s", m->label);
}

/* The old store's URL. A process of the old layout has a number; here it is
 * the same in every run. */
static void write_old_url(struct member *m, char *url, size_t bytes)
{
    static const char *const form[] = {
        [PLACE_OLD_MC] = "nova-mc://127.0.0.1:%d?service_down_time=%lld",
        [PLACE_OLD_MITAKA] = "nova-mc://127.0.0.1:%d?service_down_time=%lld"
                             "%sera=mitaka%skey=sha1",
        [PLACE_OLD_ZK] = "nova-zk://127.0.0.1:%d?recv_timeout=%lld%spid=4711",
        [PLACE_OLD_JUNO] = "nova-zk://127.0.0.1:%d?recv_timeout=%lld"
                           "%slayout=juno",
    };
    struct world *w = m->w;
    int64_t T = world_old_T(w);
    const char *and = m->side == BOTH_STORES ? "%26" : "&";

    snprintf(url, bytes, form[w->place->old],
             fake_link_port(m->links[w->n_new]),
             (long long)(place_old_is_zk(w->place) ? T : T / SECOND), and, and);
}

static void write_side(struct member *m, char *url, size_t bytes)
{
    char one[300], tail[40];

    snprintf(tail, sizeof tail, "?timeout=%lld",
             (long long)(m->timeout_ms / SECOND));
    if (m->side == OLD_STORE) {
        write_old_url(m, url, bytes);
    } else if (m->side == NEW_STORE) {
        write_url(m, url, bytes, tail);
    } else {
        write_url(m, one, sizeof one, tail);
        snprintf(url, bytes, "bridge://?new=%s&old=", one);
        write_old_url(m, url + strlen(url), bytes - strlen(url));
    }
}

static void open_handle(struct member *m, const char *tail,
                        int64_t report_interval_ms)
{
    struct world *w = m->w;
    bool is_pair = w->place->old != PLACE_ALONE;
    struct sg_env env = {
        .arg = m,
        .now_ms = lend_now,
        .wall_us = lend_wall,
        .random = lend_random,
        .resolve = m->has_no_dns ? lend_no_dns : NULL,
        .wait = lend_wait,
        .wake = lend_wake,
        .abandoned = lend_abandoned,
        .ended = lend_ended,
        .own_heart = true,
        /* On a fake the world decides when a call is over, never a timer of
         * a client library. */
        .io_limit_ms = w->place->is_fake ? 10 * MINUTE : 0,
    };
    struct sg_options options = {
        .member = m->name[0] == '\0' ? NULL : m->name,
        .timeout_ms = tail == NULL && !is_pair ? m->timeout_ms : 0,
        .report_interval_ms = report_interval_ms,
        .deadline_ms = w->place->deadline_ms,
        .tick_ms = w->place->tick_ms,
        .on_event = on_event,
        .event_arg = m,
        .env = &env,
    };
    char url[600];
    int rc;

    if (is_pair)
        write_side(m, url, sizeof url);
    else
        write_url(m, url, sizeof url, tail);
    __atomic_add_fetch(&w->open_handles, 1, __ATOMIC_RELAXED);
    rc = sg_open(url, &options, &m->sg);
    if (rc != SG_OK) {
        __atomic_sub_fetch(&w->open_handles, 1, __ATOMIC_RELAXED);
        world_fail(w, WORLD_BROKEN, "%s cannot open: %s: %s", m->label,
                   sg_error_name(rc), sg_why());
    }
}

static struct member *new_member(struct world *w, const char *name,
                                 const char *label, bool has_no_dns)
{
    struct member *m = calloc(1, sizeof *m);

    if (m == NULL)
        world_fail(w, WORLD_BROKEN, "out of memory");
    m->w = w;
    m->has_no_dns = has_no_dns;
    m->timeout_ms = w->T;
    snprintf(m->label, sizeof m->label, "%s", label);
    snprintf(m->name, sizeof m->name, "%s", name);
    m->random_state = w->seed;
    for (const char *c = label; *c != '\0'; c++)
        m->random_state =
            (m->random_state ^ (unsigned char)*c) * 1099511628211u;
    pthread_mutex_init(&m->dns_lock, NULL);
    pthread_cond_init(&m->dns_changed, NULL);
    *w->members_end = m;
    w->members_end = &m->next;
    open_links(m);
    return m;
}

struct member *member_open(struct world *w, const char *name, const char *label,
                           const char *url_tail, int64_t report_interval_ms,
                           bool has_no_dns)
{
    struct member *m = new_member(w, name, label, has_no_dns);

    open_handle(m, url_tail, report_interval_ms);
    return m;
}

struct member *member_open_side(struct world *w, const char *name,
                                const char *label, enum world_side side,
                                int64_t report_interval_ms)
{
    struct member *m = new_member(w, name, label, false);

    m->side = side;
    open_handle(m, NULL, report_interval_ms);
    return m;
}

struct member *member_new(struct world *w, const char *name)
{
    return member_open(w, name, name, NULL, 0, false);
}

struct member *observer_new(struct world *w, const char *label)
{
    return member_open(w, "", label, NULL, 0, false);
}

struct member *member_joined(struct world *w, const char *name,
                             const char *group)
{
    struct member *m = member_new(w, name);

    member_join(m, group);
    return m;
}

struct member *member_twin(struct member *of)
{
    char label[64];

    snprintf(label, sizeof label, "%.60s'", of->label);
    return member_open(of->w, of->name, label, NULL, 0, false);
}

struct member *member_by_url(struct world *w, const char *name,
                             const char *url_tail, int64_t report_interval_ms)
{
    return member_open(w, name, name, url_tail, report_interval_ms, false);
}

struct member *observer_without_dns(struct world *w, const char *label)
{
    return member_open(w, "", label, NULL, 0, true);
}

const char *member_name(const struct member *m)
{
    return m->name;
}

struct sg *member_handle(struct member *m)
{
    return m->sg;
}

/* ---- ending ----------------------------------------------------------- */

void member_end(struct member *m)
{
    if (m->sg == NULL)
        return;
    release_dns(m);
    sg_close(m->sg);
    m->sg = NULL;
}

void member_free(struct member *m)
{
    pthread_cond_destroy(&m->dns_changed);
    pthread_mutex_destroy(&m->dns_lock);
    free(m);
}

bool member_is_holding(struct member *m, size_t store)
{
    bool is_old = m->side == OLD_STORE || store == 1, is_stuck;
    size_t first = is_old ? m->w->n_new : 0;
    size_t end = is_old ? m->w->n_servers : m->w->n_new;

    pthread_mutex_lock(&m->dns_lock);
    is_stuck = m->is_resolving && !m->is_released;
    pthread_mutex_unlock(&m->dns_lock);
    for (size_t i = first; i < end && !is_stuck; i++)
        is_stuck = fake_link_is_holding(m->links[i]);
    return is_stuck;
}

/* ---- verbs ------------------------------------------------------------ */

static void need_ok(struct member *m, const char *verb, const char *group,
                    int rc)
{
    world_note(m->w, m->label, "%s %s -> %s", verb, group, sg_error_name(rc));
    if (m->w->end == WORLD_BROKEN || rc != SG_OK)
        world_fail(m->w, WORLD_FAILED, "%s: %s %s answered %s: %s", m->label,
                   verb, group, sg_error_name(rc), sg_why());
}

uint64_t member_join_with(struct member *m, const char *group,
                          const void *metadata, size_t bytes)
{
    uint64_t epoch = 0;

    need_ok(m, "join", group,
            sg_join(m->sg, group, metadata, bytes, 0, &epoch));
    return epoch;
}

uint64_t member_join(struct member *m, const char *group)
{
    return member_join_with(m, group, NULL, 0);
}

void member_leave(struct member *m, const char *group)
{
    need_ok(m, "leave", group, sg_leave(m->sg, group));
}

void member_close(struct member *m)
{
    world_note(m->w, m->label, "close");
    sg_close(m->sg);
    m->sg = NULL;
    m->is_gone = true;
    world_settle(m->w);
}

void member_set_metadata(struct member *m, const char *group,
                         const void *metadata, size_t bytes)
{
    need_ok(m, "set_metadata", group,
            sg_set_metadata(m->sg, group, metadata, bytes));
}

void member_mark(struct member *m, const char *group, const char *name,
                 const struct sg_marks *marks)
{
    need_ok(m, "mark", name, sg_set_marks(m->sg, group, name, marks));
}

uint64_t member_epoch(struct member *m, const char *group)
{
    struct sg_standing standing = {0};

    need_ok(m, "standing", group, sg_standing(m->sg, group, &standing));
    return standing.epoch;
}

/* ---- being paused, dying ---------------------------------------------- */

void member_dark(struct member *m, enum world_way way)
{
    world_note(m->w, m->label, "dark %s%s", way & TO_SERVER ? ">" : "",
               way & TO_CLIENT ? "<" : "");
    for (size_t i = 0; i < m->w->n_servers; i++)
        fake_link_dark(m->links[i], (enum fake_direction)way);
    world_settle(m->w);
}

void member_light(struct member *m)
{
    world_note(m->w, m->label, "light");
    for (size_t i = 0; i < m->w->n_servers; i++)
        fake_link_light(m->links[i]);
    world_settle(m->w);
}

/* A stopped process sends nothing and reads nothing; its sockets stand. The
 * threads of a client library cannot be stopped apart, so its network is. */
void member_pause(struct member *m)
{
    world_note(m->w, m->label, "pause");
    m->is_paused = true;
    for (size_t i = 0; i < m->w->n_servers; i++)
        fake_link_dark(m->links[i], FAKE_BOTH);
    world_settle(m->w);
}

void member_resume(struct member *m)
{
    world_note(m->w, m->label, "resume");
    for (size_t i = 0; i < m->w->n_servers; i++)
        fake_link_light(m->links[i]);
    m->is_paused = false;
    world_settle(m->w);
}

void member_kill(struct member *m)
{
    world_note(m->w, m->label, "killed");
    m->is_paused = m->is_gone = true;
    for (size_t i = 0; i < m->w->n_servers; i++)
        fake_link_dark(m->links[i], FAKE_BOTH);
    world_settle(m->w);
}

void member_beat(struct member *m)
{
    struct sg_pulse pulse;
    uint64_t before;

    world_settle(m->w);
    sg_get_pulse(m->sg, &pulse);
    if (pulse.next_due_ms == INT64_MAX)
        world_fail(m->w, WORLD_BROKEN, "%s has no heart to beat", m->label);
    before = pulse.beats;
    while (pulse.beats == before && m->w->end != WORLD_BROKEN) {
        int64_t now = world_clock(m->w);
        world_advance(m->w,
                      pulse.next_due_ms > now ? pulse.next_due_ms : now + 1);
        sg_get_pulse(m->sg, &pulse);
    }
    world_note(m->w, m->label, "beat");
}

void member_crash(struct member *m)
{
    member_beat(m);
    member_kill(m);
}

/* ---- faults ----------------------------------------------------------- */

/* A fault that strikes so many times must not wait on every server of an
 * ensemble for the client to come by: it goes where the client is. */
static bool is_struck_there(const struct member *m, size_t server,
                            unsigned times)
{
    return times == 0 || m->w->n_servers == 1 ||
           fake_link_clients(m->links[server]) > 0;
}

void member_fault(struct member *m, enum world_fault fault, unsigned times,
                  int64_t amount)
{
    static const enum fake_fault_kind kinds[] = {
        [FAULT_REFUSE] = FAKE_REFUSE,       [FAULT_CUT] = FAKE_CUT,
        [FAULT_CUT_AFTER] = FAKE_CUT_AFTER, [FAULT_CUT_REPLY] = FAKE_CUT_REPLY,
        [FAULT_DELAY] = FAKE_DELAY,         [FAULT_DRIBBLE] = FAKE_DRIBBLE,
        [FAULT_NOISE] = FAKE_NOISE,
    };
    struct fake_fault row = {
        .kind = kinds[fault], .times = times, .amount = amount};

    world_note(m->w, m->label, "fault %d times %u", (int)fault, times);
    m->faults_set++;
    for (size_t i = 0; i < m->w->n_servers; i++)
        if (is_struck_there(m, i, times) &&
            fake_link_fault(m->links[i], &row) != 0)
            world_fail(m->w, WORLD_BROKEN, "no memory for a fault");
}

void member_heal(struct member *m)
{
    world_note(m->w, m->label, "heal");
    for (size_t i = 0; i < m->w->n_servers; i++)
        fake_link_heal(m->links[i]);
    world_settle(m->w);
}
