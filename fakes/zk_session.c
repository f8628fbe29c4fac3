/* SPDX-License-Identifier: Apache-2.0
 * zk_session.c - ZooKeeper's sessions: birth, ageing, expiry.
 */
#include "zk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table -------------------------------------------------------- */

static size_t place_of(const struct fake_zk_sessions *table, int64_t id)
{
    size_t low = 0, high = table->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->all[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct fake_zk_session *fake_zk_session_find(const struct fake_zk *zk,
                                             int64_t id)
{
    size_t place = place_of(&zk->sessions, id);

    if (place == zk->sessions.count || zk->sessions.all[place]->id != id)
        return NULL;
    return zk->sessions.all[place];
}

/* Makes room for one more; the arrays here only grow. */
static void *grow(void *array, size_t count, size_t *room)
{
    size_t more = *room == 0 ? 8 : *room * 2;

    if (count < *room)
        return array;
    array = realloc(array, more * sizeof(void *));
    if (array != NULL)
        *room = more;
    return array;
}

/* Not secret, only not guessed by mistake: splitmix64 of the id. */
static void fill_password(uint8_t password[FAKE_ZK_PASSWORD], int64_t id)
{
    uint64_t state = (uint64_t)id;

    for (size_t i = 0; i < FAKE_ZK_PASSWORD; i++) {
        uint64_t z = state += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        password[i] = (uint8_t)(z >> 56);
    }
}

struct fake_zk_session *fake_zk_session_new(struct fake_zk *zk)
{
    struct fake_zk_sessions *table = &zk->sessions;
    void *all = grow(table->all, table->count, &table->room);
    struct fake_zk_session *session;

    if (all == NULL)
        return NULL;
    table->all = all;
    session = calloc(1, sizeof *session);
    if (session == NULL)
        return NULL;
    session->id = ++table->last_id;
    fill_password(session->password, session->id);
    table->all[table->count++] = session;
    zk->zxid++; /* the server logs createSession like any change */
    return session;
}

static void stop_ageing(struct fake_zk *zk, struct fake_zk_session *session);

void fake_zk_session_free(struct fake_zk *zk, struct fake_zk_session *session)
{
    struct fake_zk_sessions *table = &zk->sessions;
    size_t place = place_of(table, session->id);

    stop_ageing(zk, session);
    if (session->conn != NULL)
        session->conn->session = NULL;
    table->count--;
    memmove(table->all + place, table->all + place + 1,
            (table->count - place) * sizeof *table->all);
    free(session->nodes);
    free(session->label);
    free(session);
}

/* ---- ephemeral nodes -------------------------------------------------- */

static size_t node_place(const struct fake_zk_session *session,
                         const struct fake_zk_node *node)
{
    size_t low = 0, high = session->n_nodes;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(session->nodes[middle]->path, node->path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int fake_zk_session_own(struct fake_zk_session *session,
                        struct fake_zk_node *node)
{
    void *nodes = grow(session->nodes, session->n_nodes, &session->nodes_room);
    size_t place;

    if (nodes == NULL)
        return -ENOMEM;
    session->nodes = nodes;
    place = node_place(session, node);
    memmove(session->nodes + place + 1, session->nodes + place,
            (session->n_nodes - place) * sizeof *session->nodes);
    session->nodes[place] = node;
    session->n_nodes++;
    return 0;
}

void fake_zk_session_disown(struct fake_zk_session *session,
                            const struct fake_zk_node *node)
{
    size_t place = node_place(session, node);

    if (place == session->n_nodes || session->nodes[place] != node)
        return;
    session->n_nodes--;
    memmove(session->nodes + place, session->nodes + place + 1,
            (session->n_nodes - place) * sizeof *session->nodes);
}

/* ---- ageing ----------------------------------------------------------- */

/* Order of ending: by time, then by the link's label: never by what real
 * time decided, such as which client of many came first. */
static bool ends_before(const struct fake_zk_session *a,
                        const struct fake_zk_session *b)
{
    int order = strcmp(a->label, b->label);

    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms;
    return order != 0 ? order < 0 : a->id < b->id;
}

static void set_timer(struct fake_zk *zk)
{
    struct fake_zk_sessions *table = &zk->sessions;

    if (table->first == NULL)
        fake_timer_stop(zk->hub, &table->timer);
    else if (!table->timer.is_set ||
             table->timer.due_ms != table->first->due_ms)
        fake_timer_set(zk->hub, &table->timer, table->first->due_ms);
}

/* ExpiryQueue.roundToNextInterval: never early, up to one tick late. */
static int64_t end_of(const struct fake_zk *zk, int64_t timeout_ms)
{
    return ((fake_now(zk->hub) + timeout_ms) / zk->tick_ms + 1) * zk->tick_ms;
}

static void start_ageing(struct fake_zk *zk, struct fake_zk_session *session)
{
    struct fake_zk_sessions *table = &zk->sessions;
    struct fake_zk_session *before = table->last;

    if (session->is_ageing)
        return;
    session->is_ageing = true;
    session->due_ms = end_of(zk, session->timeout_ms);
    while (before != NULL && ends_before(session, before))
        before = before->prev;
    session->prev = before;
    session->next = before == NULL ? table->first : before->next;
    if (before == NULL)
        table->first = session;
    else
        before->next = session;
    if (session->next == NULL)
        table->last = session;
    else
        session->next->prev = session;
    set_timer(zk);
}

static void stop_ageing(struct fake_zk *zk, struct fake_zk_session *session)
{
    struct fake_zk_sessions *table = &zk->sessions;

    if (!session->is_ageing)
        return;
    session->is_ageing = false;
    if (session->prev == NULL)
        table->first = session->next;
    else
        session->prev->next = session->next;
    if (session->next == NULL)
        table->last = session->prev;
    else
        session->next->prev = session->prev;
    session->next = session->prev = NULL;
    set_timer(zk);
}

static bool is_dark(const struct fake_zk_conn *c, enum fake_direction which)
{
    return fake_link_is_dark(fake_conn_link(c->conn), which);
}

/* In real time the client's pings are all there is: from each on it ages. */
static void hear(struct fake_zk *zk, struct fake_zk_session *session)
{
    if (session->is_ageing &&
        session->due_ms == end_of(zk, session->timeout_ms))
        return;
    stop_ageing(zk, session);
    start_ageing(zk, session);
}

void fake_zk_session_heard(struct fake_zk_conn *c)
{
    if (c->session != NULL && c->session->conn == c &&
        fake_is_real_time(c->zk->hub))
        hear(c->zk, c->session);
    fake_zk_session_weigh(c);
}

void fake_zk_session_weigh(struct fake_zk_conn *c)
{
    struct fake_zk_session *session = c->session;
    struct fake_hub *hub = c->zk->hub;
    bool is_real = fake_is_real_time(hub);

    if (session == NULL || session->conn != c)
        return;
    if (is_real || is_dark(c, FAKE_TO_SERVER))
        start_ageing(c->zk, session);
    else
        stop_ageing(c->zk, session);
    /* The library closes its socket when it has heard nothing for two thirds
     * of the timeout, and comes again by another. Its clock is real and may
     * stand still beside ours: so its patience is ours to measure. */
    if (is_real || (!is_dark(c, FAKE_TO_SERVER) && !is_dark(c, FAKE_TO_CLIENT)))
        fake_timer_stop(hub, &c->gives_up);
    else if (!c->gives_up.is_set)
        fake_timer_set(hub, &c->gives_up,
                       fake_now(hub) + (int64_t)session->timeout_ms * 2 / 3);
}

bool fake_zk_session_take(struct fake_zk_conn *c,
                          struct fake_zk_session *session, int32_t timeout_ms)
{
    const struct fake_link *link = fake_conn_link(c->conn);
    char *label = strdup(fake_link_label(link));

    if (label == NULL)
        return false;
    stop_ageing(c->zk, session); /* its place is by the old label */
    free(session->label);
    session->label = label;
    session->link = link;
    session->timeout_ms = timeout_ms;
    session->conn = c;
    c->session = session;
    fake_zk_session_heard(c);
    return true;
}

void fake_zk_session_left(struct fake_zk_conn *c)
{
    struct fake_zk_session *session = c->session;

    c->session = NULL;
    if (session == NULL || session->conn != c)
        return;
    session->conn = NULL;
    start_ageing(c->zk, session);
}

/* ---- the end ---------------------------------------------------------- */

void fake_zk_session_end(struct fake_zk *zk, struct fake_zk_session *session)
{
    size_t n = session->n_nodes;
    int64_t zxid = ++zk->zxid;

    /* Taken from the session first, so that none is looked up to be dropped. */
    session->n_nodes = 0;
    for (size_t i = 0; i < n; i++)
        fake_zk_remove(zk, session->nodes[i], zxid);
    fake_zk_session_free(zk, session);
}

static void expire(struct fake_zk *zk, struct fake_zk_session *session)
{
    struct fake_zk_conn *c = session->conn;

    fake_note(zk->fake, "expired session of %s", session->label);
    fake_zk_session_end(zk, session);
    if (c != NULL)
        fake_zk_hang_up(c);
}

static void timer_fired(void *arg)
{
    struct fake_zk *zk = arg;
    struct fake_zk_sessions *table = &zk->sessions;

    /* A server that is down ends nobody; sessions_renew follows its start. */
    if (!fake_is_up(zk->fake))
        return;
    while (table->first != NULL && table->first->due_ms <= fake_now(zk->hub))
        expire(zk, table->first);
}

int fake_zk_expire_sessions(struct fake *f, const struct fake_link *link)
{
    struct fake_zk *zk = fake_state(f);
    struct fake_zk_sessions *table = &zk->sessions;
    size_t i = 0;

    while (i < table->count) {
        struct fake_zk_session *session = table->all[i];
        /* A closed link's address may be another's now; its label is not. */
        if (session->link == link &&
            strcmp(session->label, fake_link_label(link)) == 0)
            expire(zk, session);
        else
            i++;
    }
    return 0;
}

void fake_zk_sessions_init(struct fake_zk *zk)
{
    /* Unlike any other number, and the same in every run. */
    zk->sessions.last_id = INT64_C(0x100000000000000);
    zk->sessions.timer.fire = timer_fired;
    zk->sessions.timer.arg = zk;
}

void fake_zk_sessions_clear(struct fake_zk *zk)
{
    struct fake_zk_sessions *table = &zk->sessions;

    while (table->count > 0)
        fake_zk_session_free(zk, table->all[table->count - 1]);
    free(table->all);
    table->all = NULL;
    table->room = 0;
    table->lost_id = table->last_id;
}

void fake_zk_sessions_renew(struct fake_zk *zk)
{
    for (size_t i = 0; i < zk->sessions.count; i++) {
        struct fake_zk_session *session = zk->sessions.all[i];
        stop_ageing(zk, session);
        if (session->conn == NULL)
            start_ageing(zk, session);
    }
}
