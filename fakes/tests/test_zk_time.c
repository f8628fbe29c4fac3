/* SPDX-License-Identifier: Apache-2.0
 * test_zk_time.c - the fake ZooKeeper's sessions in virtual time, and what
 * the harness can do to it.
 */
#include "unit.h"
#include "zk_raw.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A member: a session of `timeout_ms` by its own link, with one ephemeral. */
struct member {
    struct raw raw;
    struct fake_link *link;
    char path[16];
};

static void member_open(struct member *m, struct raw_hub *h, const char *name,
                        int32_t timeout_ms)
{
    m->link = raw_link(h, name);
    snprintf(m->path, sizeof m->path, "/%s", name);
    raw_open(&m->raw, h, m->link, timeout_ms);
    unit_int(raw_create(&m->raw, m->path, 1), 0);
}

/* A hub with one member, "/m". */
static void start(struct raw_hub *h, struct member *m, int32_t timeout_ms)
{
    raw_hub_open(h, 0);
    member_open(m, h, "m", timeout_ms);
}

static void end(struct raw_hub *h, struct member *m)
{
    raw_hang_up(&m->raw);
    raw_hub_close(h);
}

/* The member's session by a new connection; its welcome is awaited. */
static void greet_again(struct raw *again, struct member *m, int64_t last_zxid)
{
    raw_dial(again, m->raw.h, m->link);
    raw_greet(again, m->raw.timeout_ms, &m->raw, last_zxid);
}

static bool is_there(struct raw_hub *h, const char *path)
{
    char *dump = fake_dump(h->zk), text[64];

    unit_true(dump != NULL);
    snprintf(text, sizeof text, "\n%s ", path);
    bool is = strstr(dump, text) != NULL;
    free(dump);
    return is;
}

/* There just before `at_ms`, gone with it. */
static void ends_at(struct raw_hub *h, const char *path, int64_t at_ms)
{
    fake_advance(h->hub, at_ms - 1);
    unit_true(is_there(h, path));
    fake_advance(h->hub, at_ms);
    unit_true(!is_there(h, path));
}

UNIT(zk_time, a_lost_connection_ends_at_the_next_tick_after_the_timeout)
{
    static const struct {
        int64_t at_ms, end_ms;
        int32_t timeout_ms;
    } rows[] = {
        {100, 6000, 4000}, {1999, 6000, 4000},   {2000, 8000, 4000},
        {1, 12000, 10000}, {1999, 12000, 10000}, {500, 8000, 5700},
    };
    struct raw_hub h;
    struct member m;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(&h, &m, rows[i].timeout_ms);
        fake_advance(h.hub, rows[i].at_ms);
        raw_hang_up(&m.raw);
        ends_at(&h, "/m", rows[i].end_ms);
        raw_hub_close(&h);
    }
}

UNIT(zk_time, a_connected_session_never_ends)
{
    struct raw_hub h;
    struct member m;

    start(&h, &m, 4000);
    unit_true(fake_next_due(h.hub) == INT64_MAX);
    fake_advance(h.hub, 1000000);
    unit_int(raw_exists(&m.raw, "/m", false), 0);
    end(&h, &m);
}

UNIT(zk_time, a_closed_session_ends_at_once)
{
    struct raw_hub h;
    struct member m, o;

    start(&h, &m, 4000);
    member_open(&o, &h, "o", 4000);
    raw_exists(&o.raw, "/m", true);
    raw_op(&m.raw, -11);
    unit_int(raw_ask(&m.raw), 0);
    unit_true(raw_is_closed(&m.raw));
    raw_exists(&o.raw, "/o", false);
    unit_text(raw_last.events, "deleted /m;");
    unit_true(fake_link_is_settled(m.link));
    raw_hang_up(&o.raw);
    end(&h, &m);
}

UNIT(zk_time, coming_back_in_time_stops_the_clock)
{
    struct raw_hub h;
    struct member m;
    struct raw again;

    start(&h, &m, 4000);
    raw_hang_up(&m.raw);
    fake_advance(h.hub, 5999);
    unit_true(raw_reopen(&again, &h, m.link, &m.raw));
    fake_advance(h.hub, 100000);
    unit_true(is_there(&h, "/m"));
    raw_hang_up(&again);
    ends_at(&h, "/m", 106000);
    unit_true(!raw_reopen(&again, &h, m.link, &m.raw));
    unit_true(raw_is_closed(&again));
    raw_hang_up(&again);
    raw_hub_close(&h);
}

/* ---- darkness --------------------------------------------------------- */

UNIT(zk_dark, shorter_than_the_timeout_harms_nobody)
{
    struct raw_hub h;
    struct member m;

    start(&h, &m, 6000);
    fake_link_dark(m.link, FAKE_BOTH);
    fake_advance(h.hub, 3999);
    unit_true(!raw_is_closed(&m.raw));
    fake_link_light(m.link);
    fake_advance(h.hub, 100000);
    unit_int(raw_exists(&m.raw, "/m", false), 0);
    end(&h, &m);
}

/* At 2/3 the library gives up, and comes back by a connection that waits. */
UNIT(zk_dark, the_client_gives_up_at_two_thirds_and_is_parked)
{
    struct raw_hub h;
    struct member m;
    struct raw again;

    start(&h, &m, 6000);
    fake_link_dark(m.link, FAKE_BOTH);
    fake_advance(h.hub, 4000);
    unit_true(raw_is_closed(&m.raw));
    unit_true(!fake_link_is_settled(m.link));
    greet_again(&again, &m, 0);
    unit_true(!raw_take_welcome(&again));
    unit_true(fake_link_is_settled(m.link));
    fake_advance(h.hub, 7999);
    unit_true(is_there(&h, "/m"));
    fake_link_light(m.link);
    unit_true(raw_take_welcome(&again));
    unit_int(again.session, m.raw.session);
    unit_int(raw_exists(&again, "/m", false), 0);
    fake_advance(h.hub, 100000);
    unit_true(is_there(&h, "/m"));
    raw_hang_up(&again);
    end(&h, &m);
}

UNIT(zk_dark, longer_ends_the_session_and_says_so_in_the_light)
{
    struct raw_hub h;
    struct member m;
    struct raw again;

    start(&h, &m, 6000);
    fake_advance(h.hub, 500);
    fake_link_dark(m.link, FAKE_BOTH);
    fake_advance(h.hub, 5000);
    unit_true(raw_is_closed(&m.raw));
    greet_again(&again, &m, 0);
    raw_settle(&h);
    h.trace[0] = '\0';
    ends_at(&h, "/m", 8000);
    unit_text(h.trace, "zookeeper expired session of m;zookeeper delete /m;");
    fake_link_light(m.link);
    unit_true(raw_take_welcome(&again));
    unit_int(again.session, 0);
    raw_hang_up(&again);
    end(&h, &m);
}

static void ends_when_dark(enum fake_direction way, int64_t at_ms)
{
    struct raw_hub h;
    struct member m;

    start(&h, &m, 6000);
    fake_link_dark(m.link, way);
    fake_advance(h.hub, 4000);
    unit_true(raw_is_closed(&m.raw));
    ends_at(&h, "/m", at_ms);
    end(&h, &m);
}

/* What only the client does not hear: its pings arrive until it gives up. */
UNIT(zk_dark, towards_the_client_ageing_begins_when_it_gives_up)
{
    ends_when_dark(FAKE_TO_CLIENT, 12000);
}

UNIT(zk_dark, towards_the_server_ageing_begins_at_once)
{
    ends_when_dark(FAKE_TO_SERVER, 8000);
}

/* A request sent in the dark arrives after its sender has given up. */
UNIT(zk_dark, a_late_request_is_still_served)
{
    struct raw_hub h;
    struct member m;

    start(&h, &m, 6000);
    fake_link_dark(m.link, FAKE_BOTH);
    raw_put_create(raw_op(&m.raw, 1), "/late", "x", 0);
    raw_go(&m.raw);
    fake_advance(h.hub, 4000);
    unit_true(raw_is_closed(&m.raw));
    unit_true(!is_there(&h, "/late"));
    fake_link_light(m.link);
    unit_true(is_there(&h, "/late"));
    /* It was the last sign of life: now 4000, plus 6000, next tick. */
    ends_at(&h, "/m", 12000);
    end(&h, &m);
}

/* ---- many ------------------------------------------------------------- */

UNIT(zk_time, sessions_that_end_together_end_in_the_order_of_their_links)
{
    static const char *const names[] = {"c", "a", "d", "b"};
    struct member m[4];
    struct raw_hub h;

    raw_hub_open(&h, 0);
    for (int i = 0; i < 4; i++)
        member_open(&m[i], &h, names[i], 4000);
    raw_create(&m[0].raw, "/c2", 1);
    raw_create(&m[0].raw, "/c1", 1);
    for (int i = 0; i < 4; i++)
        raw_hang_up(&m[(i + 2) % 4].raw);
    h.trace[0] = '\0';
    fake_advance(h.hub, 6000);
    unit_text(h.trace, "zookeeper expired session of a;zookeeper delete /a;"
                       "zookeeper expired session of b;zookeeper delete /b;"
                       "zookeeper expired session of c;zookeeper delete /c;"
                       "zookeeper delete /c1;zookeeper delete /c2;"
                       "zookeeper expired session of d;zookeeper delete /d;");
    raw_hub_close(&h);
}

UNIT(zk_time, watchers_of_the_dead_are_told)
{
    struct raw_hub h;
    struct member m, o;

    start(&h, &m, 4000);
    member_open(&o, &h, "o", 4000);
    raw_exists(&o.raw, "/m", true);
    raw_children(&o.raw, "/", true);
    raw_hang_up(&m.raw);
    fake_advance(h.hub, 6000);
    raw_exists(&o.raw, "/m", false);
    unit_int(raw_last.error, -101);
    unit_text(raw_last.events, "deleted /m;children /;");
    raw_hang_up(&o.raw);
    raw_hub_close(&h);
}

/* ---- verbs ------------------------------------------------------------ */

UNIT(zk_verbs, sessions_of_a_link_can_be_ended)
{
    struct raw_hub h;
    struct member m, o;
    struct raw again;

    start(&h, &m, 4000);
    member_open(&o, &h, "o", 4000);
    unit_int(fake_expire_sessions(h.zk, m.link), 0);
    unit_true(!is_there(&h, "/m"));
    unit_true(is_there(&h, "/o"));
    unit_true(raw_is_closed(&m.raw));
    unit_true(!raw_is_closed(&o.raw));
    unit_true(!fake_link_is_settled(m.link));
    unit_true(!raw_reopen(&again, &h, m.link, &m.raw));
    unit_true(fake_link_is_settled(m.link));
    raw_hang_up(&again);
    /* One that is not connected is ended as well. */
    raw_hang_up(&o.raw);
    unit_int(fake_expire_sessions(h.zk, o.link), 0);
    unit_true(!is_there(&h, "/o"));
    end(&h, &m);
}

UNIT(zk_verbs, a_restart_with_data_gives_everybody_full_time)
{
    struct raw_hub h;
    struct member m;
    struct raw again;

    start(&h, &m, 4000);
    unit_int(fake_stop(h.zk), 0);
    unit_true(raw_is_closed(&m.raw));
    greet_again(&again, &m, 0);
    unit_true(!raw_take_welcome(&again));
    fake_advance(h.hub, 50000);
    unit_true(is_there(&h, "/m"));
    unit_int(fake_start(h.zk, true), 0);
    unit_true(raw_take_welcome(&again));
    unit_int(again.session, m.raw.session);
    unit_int(raw_exists(&again, "/m", false), 0);
    raw_hang_up(&m.raw);
    raw_hang_up(&again);
    unit_int(fake_stop(h.zk), 0);
    fake_advance(h.hub, 60001);
    unit_int(fake_start(h.zk, true), 0);
    ends_at(&h, "/m", 66000);
    raw_hub_close(&h);
}

UNIT(zk_verbs, a_restart_without_data_knows_nobody)
{
    struct raw_hub h;
    struct member m;
    struct raw again, fresh;

    raw_hub_open(&h, 0);
    char *empty = fake_dump(h.zk);
    member_open(&m, &h, "m", 4000);
    raw_create(&m.raw, "/m2", 0);
    int64_t seen = raw_last.zxid;
    unit_int(fake_stop(h.zk), 0);
    raw_hang_up(&m.raw);
    unit_int(fake_start(h.zk, false), 0);
    char *after = fake_dump(h.zk);
    unit_text(after, empty);
    greet_again(&again, &m, seen); /* the library tells what it has seen */
    unit_true(!raw_take_welcome(&again));
    unit_true(raw_is_closed(&again));
    raw_hang_up(&again);
    unit_true(!raw_reopen(&again, &h, m.link, &m.raw));
    raw_hang_up(&again);
    raw_open(&fresh, &h, m.link, 4000);
    unit_true(fresh.session != m.raw.session);
    unit_int(raw_create(&fresh, "/n", 0), 0);
    unit_int(raw_last.zxid, 2);
    while (raw_last.zxid <= seen) /* the server has caught up: still not */
        raw_create(&fresh, "/n", 0);
    greet_again(&again, &m, seen);
    unit_true(!raw_take_welcome(&again));
    raw_hang_up(&again);
    raw_hang_up(&fresh);
    free(empty);
    free(after);
    raw_hub_close(&h);
}

UNIT(zk_verbs, a_flush_takes_the_nodes_and_leaves_the_sessions)
{
    struct raw_hub h;
    struct member m;

    start(&h, &m, 4000);
    raw_create(&m.raw, "/g", 0);
    raw_create(&m.raw, "/g/a", 0);
    raw_create(&m.raw, "/g/b", 1);
    raw_children(&m.raw, "/g", true);
    h.trace[0] = '\0';
    unit_int(fake_flush(h.zk), 0);
    unit_true(strstr(h.trace, "zookeeper delete /m;zookeeper delete /g/b;"
                              "zookeeper delete /g/a;zookeeper delete /g;"));
    unit_int(raw_exists(&m.raw, "/g", false), -101);
    unit_text(raw_last.events, "children /g;");
    unit_int(raw_exists(&m.raw, "/zookeeper", false), 0);
    unit_int(raw_create(&m.raw, "/m", 1), 0);
    raw_hang_up(&m.raw);
    ends_at(&h, "/m", 6000);
    raw_hub_close(&h);
}

UNIT(zk_verbs, a_node_can_be_evicted)
{
    struct raw_hub h;
    struct member m;

    start(&h, &m, 4000);
    raw_create(&m.raw, "/g", 0);
    raw_create(&m.raw, "/g/a", 0);
    raw_exists(&m.raw, "/m", true);
    unit_int(fake_evict(h.zk, "/g"), 0);
    unit_int(fake_evict(h.zk, "/m"), 0);
    unit_int(fake_evict(h.zk, "/m"), -ENOENT);
    unit_int(fake_evict(h.zk, "/"), -EINVAL);
    unit_int(fake_evict(h.zk, "/zookeeper"), -EINVAL);
    unit_int(raw_exists(&m.raw, "/g", false), -101);
    unit_text(raw_last.events, "deleted /m;");
    raw_hang_up(&m.raw);
    fake_advance(h.hub, 10000);
    raw_hub_close(&h);
}

UNIT(zk_dump, one_line_for_each_node)
{
    struct raw_hub h;
    struct member m;

    start(&h, &m, 4000);
    raw_create(&m.raw, "/g", 0);
    raw_set(&m.raw, "/g", "a \"b\"\n", -1);
    raw_set(&m.raw, "/m", NULL, -1);
    char *dump = fake_dump(h.zk);
    unit_text(dump, "/ v0 c0 \"\"\n"
                    "/g v1 c2 \"a \\x22b\\x22\\x0a\"\n"
                    "/m ephemeral v1 c1 null\n"
                    "/zookeeper v0 c0 \"\"\n"
                    "/zookeeper/config v0 c0 \"\" acl world:anyone:1\n"
                    "/zookeeper/quota v0 c0 \"\"\n");
    free(dump);
    unit_text(h.trace, "zookeeper create /m ephemeral;zookeeper create /g;"
                       "zookeeper set /g;zookeeper set /m;");
    end(&h, &m);
}

UNIT(zk_new, an_absurd_tick_is_refused)
{
    struct fake_hub_options options = {.virtual_clock = true};
    struct fake_hub *hub;
    struct fake *zk;

    unit_int(fake_hub_new(&options, &hub), 0);
    unit_int(fake_zookeeper_new(hub, 0, &zk), -EINVAL);
    unit_int(fake_zookeeper_new(hub, INT64_MAX, &zk), -EINVAL);
    unit_int(fake_zookeeper_new(hub, 1, &zk), 0);
    fake_hub_free(hub);
}
