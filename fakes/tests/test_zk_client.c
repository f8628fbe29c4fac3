/* SPDX-License-Identifier: Apache-2.0
 * test_zk_client.c - the fake ZooKeeper and libzookeeper 3.8.0, multi-threaded.
 * The library's threads run beside; this thread polls the hub until what is
 * awaited has come, and never waits for a time to pass.
 */
#include "fake.h"
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zookeeper/zookeeper.h>

/* ---- hub and clients -------------------------------------------------- */

enum { TICK_MS = 2000, TIMEOUT_MS = 10000 };

struct place {
    struct fake_hub *hub;
    struct fake *zk;
};

static void place_open(struct place *p)
{
    struct fake_hub_options options = {.virtual_clock = true};

    zoo_set_debug_level((ZooLogLevel)0);
    unit_int(fake_hub_new(&options, &p->hub), 0);
    unit_int(fake_zookeeper_new(p->hub, TICK_MS, &p->zk), 0);
}

struct client {
    struct place *place;
    struct fake_link *link;
    zhandle_t *zh;
    atomic_int connected, expired, is_closed;
    pthread_mutex_t lock; /* guards events */
    char events[1024];
};

static void watcher(zhandle_t *zh, int type, int state, const char *path,
                    void *context)
{
    struct client *c = context;

    (void)zh;
    if (type == ZOO_SESSION_EVENT && state == ZOO_CONNECTED_STATE)
        atomic_fetch_add(&c->connected, 1);
    if (type == ZOO_SESSION_EVENT && state == ZOO_EXPIRED_SESSION_STATE)
        atomic_fetch_add(&c->expired, 1);
    if (type != ZOO_SESSION_EVENT) {
        pthread_mutex_lock(&c->lock);
        size_t used = strlen(c->events);
        snprintf(c->events + used, sizeof c->events - used, "%d %s;", type,
                 path);
        pthread_mutex_unlock(&c->lock);
    }
    fake_wake(c->place->hub);
}

/* Real time only ends a test that would hang. */
static void poll_until(struct place *p, atomic_int *what, int least)
{
    time_t start = time(NULL);

    while (atomic_load(what) < least && time(NULL) - start < 60)
        fake_poll(p->hub, 10);
    unit_true(atomic_load(what) >= least);
}

static void poll_until_settled(struct client *c)
{
    time_t start = time(NULL);

    while (!fake_link_is_settled(c->link) && time(NULL) - start < 60)
        fake_poll(c->place->hub, 10);
    unit_true(fake_link_is_settled(c->link));
}

static void client_start(struct client *c, struct place *p, const char *label)
{
    char host[32];

    memset(c, 0, sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    c->place = p;
    unit_int(fake_listen(p->zk, label, &c->link), 0);
    snprintf(host, sizeof host, "127.0.0.1:%d", fake_link_port(c->link));
    c->zh = zookeeper_init(host, watcher, TIMEOUT_MS, NULL, c, 0);
    unit_true(c->zh != NULL);
}

static void client_open(struct client *c, struct place *p, const char *label)
{
    client_start(c, p, label);
    poll_until(p, &c->connected, 1);
}

static void *close_handle(void *arg)
{
    struct client *c = arg;

    zookeeper_close(c->zh);
    atomic_store(&c->is_closed, 1);
    fake_wake(c->place->hub);
    return NULL;
}

static void client_close(struct client *c)
{
    pthread_t thread;

    unit_int(pthread_create(&thread, NULL, close_handle, c), 0);
    poll_until(c->place, &c->is_closed, 1);
    pthread_join(thread, NULL);
    pthread_mutex_destroy(&c->lock);
}

static int64_t session_of(struct client *c)
{
    return zoo_client_id(c->zh)->client_id;
}

/* ---- one operation ---------------------------------------------------- */

struct answer {
    struct place *place;
    atomic_int done;
    int rc;
    struct Stat stat;
    char text[64];
    int32_t length;
};

static void finish(struct answer *a, int rc)
{
    struct fake_hub *hub = a->place->hub;

    a->rc = rc;
    atomic_store(&a->done, 1);
    fake_wake(hub);
}

static void got_nothing(int rc, const void *data)
{
    struct answer *a;

    memcpy(&a, &data, sizeof a);
    finish(a, rc);
}

static void got_stat(int rc, const struct Stat *stat, const void *data)
{
    struct answer *a;

    memcpy(&a, &data, sizeof a);
    if (stat != NULL)
        a->stat = *stat;
    finish(a, rc);
}

static void got_text(int rc, const char *value, const void *data)
{
    struct answer *a;

    memcpy(&a, &data, sizeof a);
    if (value != NULL)
        snprintf(a->text, sizeof a->text, "%s", value);
    finish(a, rc);
}

static void got_data(int rc, const char *value, int length,
                     const struct Stat *stat, const void *data)
{
    struct answer *a;

    memcpy(&a, &data, sizeof a);
    if (length > 0 && (size_t)length < sizeof a->text)
        memcpy(a->text, value, (size_t)length);
    a->length = length;
    got_stat(rc, stat, data);
}

static void got_strings(int rc, const struct String_vector *strings,
                        const void *data)
{
    struct answer *a;

    memcpy(&a, &data, sizeof a);
    for (int32_t i = 0; strings != NULL && i < strings->count; i++) {
        size_t used = strlen(a->text);
        snprintf(a->text + used, sizeof a->text - used, "%s ",
                 strings->data[i]);
    }
    finish(a, rc);
}

static struct answer ask(struct client *c)
{
    struct answer a = {.place = c->place};

    return a;
}

static int await(struct answer *a, int sent)
{
    unit_int(sent, ZOK);
    poll_until(a->place, &a->done, 1);
    return a->rc;
}

static int create(struct client *c, const char *path, int flags)
{
    struct answer a = ask(c);

    return await(&a, zoo_acreate(c->zh, path, "data", 4, &ZOO_OPEN_ACL_UNSAFE,
                                 flags, got_text, &a));
}

static int exists(struct client *c, const char *path, int is_watched)
{
    struct answer a = ask(c);

    return await(&a, zoo_aexists(c->zh, path, is_watched, got_stat, &a));
}

static void poll_until_events(struct client *c, const char *events)
{
    time_t start = time(NULL);
    char seen[sizeof c->events];

    do {
        fake_poll(c->place->hub, 10);
        pthread_mutex_lock(&c->lock);
        memcpy(seen, c->events, sizeof seen);
        pthread_mutex_unlock(&c->lock);
    } while (strcmp(seen, events) != 0 && time(NULL) - start < 60);
    unit_text(seen, events);
}

/* ---- tests ------------------------------------------------------------ */

UNIT(zk_client, the_common_operations)
{
    struct place p;
    struct client c;
    struct answer a;

    place_open(&p);
    client_open(&c, &p, "a");
    unit_int(zoo_recv_timeout(c.zh), TIMEOUT_MS);
    unit_int(create(&c, "/a", 0), ZOK);
    unit_int(create(&c, "/a", 0), ZNODEEXISTS);
    unit_int(create(&c, "/no/a", 0), ZNONODE);
    a = ask(&c);
    unit_int(
        await(&a, zoo_acreate(c.zh, "/a/s-", NULL, -1, &ZOO_OPEN_ACL_UNSAFE,
                              ZOO_EPHEMERAL | ZOO_SEQUENCE, got_text, &a)),
        ZOK);
    unit_text(a.text, "/a/s-0000000000");
    a = ask(&c);
    unit_int(await(&a, zoo_aget(c.zh, "/a/s-0000000000", 0, got_data, &a)),
             ZOK);
    unit_int(a.length, -1);
    unit_int(a.stat.ephemeralOwner, session_of(&c));
    a = ask(&c);
    unit_int(await(&a, zoo_aset(c.zh, "/a", "more", 4, 0, got_stat, &a)), ZOK);
    unit_int(a.stat.version, 1);
    a = ask(&c);
    unit_int(await(&a, zoo_aset(c.zh, "/a", "more", 4, 0, got_stat, &a)),
             ZBADVERSION);
    a = ask(&c);
    unit_int(await(&a, zoo_aget(c.zh, "/a", 0, got_data, &a)), ZOK);
    unit_text(a.text, "more");
    a = ask(&c);
    unit_int(await(&a, zoo_aget_children(c.zh, "/a", 0, got_strings, &a)), ZOK);
    unit_text(a.text, "s-0000000000 ");
    a = ask(&c);
    unit_int(await(&a, zoo_async(c.zh, "/a", got_text, &a)), ZOK);
    a = ask(&c);
    unit_int(await(&a, zoo_adelete(c.zh, "/a", -1, got_nothing, &a)),
             ZNOTEMPTY);
    client_close(&c);
    fake_hub_free(p.hub);
}

UNIT(zk_client, transactions)
{
    struct place p;
    struct client c;
    struct answer a;
    zoo_op_t ops[3];
    zoo_op_result_t results[3];
    char path[2][32];

    place_open(&p);
    client_open(&c, &p, "a");
    zoo_create_op_init(&ops[0], "/m", "1", 1, &ZOO_OPEN_ACL_UNSAFE, 0, path[0],
                       sizeof path[0]);
    zoo_create_op_init(&ops[1], "/m/s", "2", 1, &ZOO_OPEN_ACL_UNSAFE,
                       ZOO_SEQUENCE, path[1], sizeof path[1]);
    zoo_check_op_init(&ops[2], "/m", 0);
    a = ask(&c);
    unit_int(await(&a, zoo_amulti(c.zh, 3, ops, results, got_nothing, &a)),
             ZOK);
    unit_text(path[1], "/m/s0000000000");
    zoo_set_op_init(&ops[0], "/m", "3", 1, 0, NULL);
    zoo_delete_op_init(&ops[1], "/none", -1);
    a = ask(&c);
    unit_int(await(&a, zoo_amulti(c.zh, 3, ops, results, got_nothing, &a)),
             ZNONODE);
    unit_int(results[0].err, ZOK);
    unit_int(results[1].err, ZNONODE);
    unit_int(results[2].err, ZRUNTIMEINCONSISTENCY);
    a = ask(&c);
    unit_int(await(&a, zoo_aget(c.zh, "/m", 0, got_data, &a)), ZOK);
    unit_text(a.text, "1");
    client_close(&c);
    fake_hub_free(p.hub);
}

UNIT(zk_client, digest_rights)
{
    struct place p;
    struct client c, other;
    struct answer a;

    place_open(&p);
    client_open(&c, &p, "a");
    client_open(&other, &p, "b");
    a = ask(&c);
    unit_int(
        await(&a, zoo_add_auth(c.zh, "digest", "user:pw", 7, got_nothing, &a)),
        ZOK);
    a = ask(&c);
    unit_int(await(&a, zoo_acreate(c.zh, "/s", "x", 1, &ZOO_CREATOR_ALL_ACL, 0,
                                   got_text, &a)),
             ZOK);
    a = ask(&other);
    unit_int(await(&a, zoo_aget(other.zh, "/s", 0, got_data, &a)), ZNOAUTH);
    /* The library proves it again on its next connection. */
    fake_link_reset(c.link);
    poll_until(&p, &c.connected, 2);
    a = ask(&c);
    unit_int(await(&a, zoo_aget(c.zh, "/s", 0, got_data, &a)), ZOK);
    client_close(&c);
    client_close(&other);
    fake_hub_free(p.hub);
}

UNIT(zk_client, two_watch_each_other)
{
    struct place p;
    struct client a, b;

    place_open(&p);
    client_open(&a, &p, "a");
    client_open(&b, &p, "b");
    unit_int(exists(&a, "/b", 1), ZNONODE);
    unit_int(exists(&b, "/a", 1), ZNONODE);
    unit_int(create(&a, "/a", ZOO_EPHEMERAL), ZOK);
    unit_int(create(&b, "/b", ZOO_EPHEMERAL), ZOK);
    poll_until_events(&a, "1 /b;");
    poll_until_events(&b, "1 /a;");
    unit_int(exists(&b, "/a", 1), ZOK);
    client_close(&a);
    poll_until_events(&b, "1 /a;2 /a;");
    client_close(&b);
    fake_hub_free(p.hub);
}

UNIT(zk_client, watches_are_set_again_on_the_next_connection)
{
    struct place p;
    struct client a, b;

    place_open(&p);
    client_open(&a, &p, "a");
    client_open(&b, &p, "b");
    unit_int(exists(&a, "/missed", 1), ZNONODE);
    unit_int(exists(&a, "/later", 1), ZNONODE);
    fake_link_dark(a.link, FAKE_BOTH);
    fake_advance(p.hub, TIMEOUT_MS * 2 / 3);
    poll_until_settled(&a);
    unit_int(create(&b, "/missed", 0), ZOK);
    fake_link_light(a.link);
    poll_until(&p, &a.connected, 2);
    poll_until_events(&a, "1 /missed;");
    unit_int(create(&b, "/later", 0), ZOK);
    poll_until_events(&a, "1 /missed;1 /later;");
    unit_int((int)fake_count(p.zk, a.link, "setWatches"), 1);
    client_close(&a);
    client_close(&b);
    fake_hub_free(p.hub);
}

UNIT(zk_client, a_short_darkness_keeps_the_session)
{
    struct place p;
    struct client c;

    place_open(&p);
    client_open(&c, &p, "a");
    int64_t session = session_of(&c);
    unit_int(create(&c, "/c", ZOO_EPHEMERAL), ZOK);
    fake_link_dark(c.link, FAKE_BOTH);
    fake_advance(p.hub, TIMEOUT_MS - 1);
    poll_until_settled(&c);
    fake_link_light(c.link);
    poll_until(&p, &c.connected, 2);
    unit_int(session_of(&c), session);
    fake_advance(p.hub, TIMEOUT_MS * 10);
    unit_int(exists(&c, "/c", 0), ZOK);
    client_close(&c);
    fake_hub_free(p.hub);
}

UNIT(zk_client, a_long_darkness_ends_it_to_the_tick)
{
    struct place p;
    struct client c, o;

    place_open(&p);
    client_open(&c, &p, "a");
    client_open(&o, &p, "o");
    unit_int(create(&c, "/c", ZOO_EPHEMERAL), ZOK);
    fake_advance(p.hub, 700);
    fake_link_dark(c.link, FAKE_BOTH);
    fake_advance(p.hub, 11999);
    poll_until_settled(&c);
    unit_int(exists(&o, "/c", 1), ZOK);
    fake_advance(p.hub, 12000);
    poll_until_events(&o, "2 /c;");
    unit_int(atomic_load(&c.expired), 0);
    fake_link_light(c.link);
    poll_until(&p, &c.expired, 1);
    unit_int(zoo_state(c.zh), ZOO_EXPIRED_SESSION_STATE);
    client_close(&c);
    client_close(&o);
    fake_hub_free(p.hub);
}

UNIT(zk_client, an_ended_session_is_told_at_once)
{
    struct place p;
    struct client c;

    place_open(&p);
    client_open(&c, &p, "a");
    unit_int(create(&c, "/c", ZOO_EPHEMERAL), ZOK);
    unit_int(fake_expire_sessions(p.zk, c.link), 0);
    poll_until(&p, &c.expired, 1);
    client_close(&c);
    fake_hub_free(p.hub);
}

UNIT(zk_client, a_restart_with_data_keeps_the_session)
{
    struct place p;
    struct client c;

    place_open(&p);
    client_open(&c, &p, "a");
    int64_t session = session_of(&c);
    unit_int(create(&c, "/c", ZOO_EPHEMERAL), ZOK);
    unit_int(fake_stop(p.zk), 0);
    poll_until_settled(&c);
    fake_advance(p.hub, TIMEOUT_MS * 10);
    unit_int(fake_start(p.zk, true), 0);
    poll_until(&p, &c.connected, 2);
    unit_int(session_of(&c), session);
    unit_int(exists(&c, "/c", 0), ZOK);
    client_close(&c);
    fake_hub_free(p.hub);
}

UNIT(zk_client, a_restart_without_data_never_takes_it_back)
{
    struct place p;
    struct client c, fresh;

    place_open(&p);
    client_open(&c, &p, "a");
    unit_int(create(&c, "/c", ZOO_EPHEMERAL), ZOK);
    unit_int(fake_stop(p.zk), 0);
    poll_until_settled(&c);
    unit_int(fake_start(p.zk, false), 0);
    client_open(&fresh, &p, "b");
    unit_int(exists(&fresh, "/c", 0), ZNONODE);
    unit_int(atomic_load(&c.connected), 1);
    unit_int(atomic_load(&c.expired), 0);
    client_close(&fresh);
    client_close(&c);
    fake_hub_free(p.hub);
}

enum { MANY = 200 };

UNIT(zk_client, two_hundred_sessions)
{
    struct client *c = calloc(MANY, sizeof *c);
    struct place p;
    char label[16];

    unit_true(c != NULL);
    place_open(&p);
    for (int i = 0; i < MANY; i++) {
        snprintf(label, sizeof label, "m%03d", i);
        client_start(&c[i], &p, label);
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(label, sizeof label, "/m%03d", i);
        poll_until(&p, &c[i].connected, 1);
        unit_int(create(&c[i], label, ZOO_EPHEMERAL), ZOK);
    }
    for (int i = 0; i < MANY / 2; i++)
        fake_link_dark(c[i].link, FAKE_BOTH);
    fake_advance(p.hub, TIMEOUT_MS + TICK_MS);
    for (int i = 0; i < MANY / 2; i++) {
        fake_link_light(c[i].link);
        poll_until(&p, &c[i].expired, 1);
    }
    unit_int(exists(&c[MANY - 1], "/m099", 0), ZNONODE);
    unit_int(exists(&c[MANY - 1], "/m100", 0), ZOK);
    for (int i = 0; i < MANY; i++)
        client_close(&c[i]);
    free(c);
    fake_hub_free(p.hub);
}
