/* SPDX-License-Identifier: Apache-2.0
 * test_zk_container.c - containers of the fake ZooKeeper: made, filled,
 * removed when the server looks.
 */
#include "unit.h"
#include "zk_raw.h"

#include <stdlib.h>

enum { CREATE = 1, DELETE = 2, MULTI = 14, CREATE2 = 15, CONTAINER = 19 };

static int make(struct raw *c, int op, const char *path, int flags)
{
    raw_put_create(raw_op(c, op), path, "x", flags);
    return raw_ask(c);
}

/* One create in a transaction: type and error of its answer. */
static int make_in_multi(struct raw *c, int op, const char *path, int flags,
                         int *ret_type)
{
    struct fake_zk_writer *w = raw_op(c, MULTI);

    fake_zk_write_int(w, op);
    fake_zk_write_bool(w, false);
    fake_zk_write_int(w, -1);
    raw_put_create(w, path, "x", flags);
    fake_zk_write_int(w, -1);
    fake_zk_write_bool(w, true);
    fake_zk_write_int(w, -1);
    int error = raw_ask(c);
    *ret_type = fake_zk_read_int(&raw_last.body);
    (void)fake_zk_read_bool(&raw_last.body);
    return error != 0 ? error : fake_zk_read_int(&raw_last.body);
}

static void advance(struct raw *c, int64_t to_ms)
{
    fake_advance(c->h->hub, to_ms);
    raw_settle(c->h);
}

UNIT(zk_container, is_made_by_its_own_request)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    unit_int(make(&c, CREATE, "/plain", 4), 0);
    unit_int(make(&c, CREATE2, "/plain2", 4), 0);
    unit_int(make(&c, CONTAINER, "/c", 4), 0);
    unit_int((int64_t)raw_last.body.left, 4 + 2 + 68); /* path and stat */
    unit_int(make(&c, CONTAINER, "/c0", 0), 0);
    unit_int(make(&c, CONTAINER, "/c-", 2), 0);
    unit_int(make(&c, CONTAINER, "/c5", 5), -6);
    unit_int(make(&c, CONTAINER, "/c7", 7), -8);
    unit_int(make(&c, CREATE, "/c/kid", 1), 0);
    char *dump = fake_dump(h.zk);
    unit_text(dump, "/ v0 c0 \"\"\n/c container v0 c3 \"x\"\n"
                    "/c/kid ephemeral v0 c6 \"x\"\n"
                    "/c-0000000004 container v0 c5 \"x\"\n"
                    "/c0 container v0 c4 \"x\"\n/plain v0 c1 \"x\"\n"
                    "/plain2 v0 c2 \"x\"\n/zookeeper v0 c0 \"\"\n"
                    "/zookeeper/config v0 c0 \"\" acl world:anyone:1\n"
                    "/zookeeper/quota v0 c0 \"\"\n");
    free(dump);
    unit_int(fake_refused(h.zk), 0);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_container, in_a_transaction_the_flags_decide)
{
    struct raw_hub h;
    struct raw c;
    int type;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    unit_int(make_in_multi(&c, CREATE, "/c", 4, &type), 0);
    unit_int(type, CREATE2);
    unit_int(fake_zk_read_text(&raw_last.body).length, 2);
    unit_int((int64_t)raw_last.body.left, 68 + 9);
    unit_int(make_in_multi(&c, CONTAINER, "/p", 0, &type), 0);
    unit_int(type, CREATE);
    unit_int(fake_zk_read_text(&raw_last.body).length, 2);
    unit_int((int64_t)raw_last.body.left, 9);
    unit_int(make_in_multi(&c, CREATE, "/t", 5, &type), -5);
    unit_int(make_in_multi(&c, CREATE, "/t", 9, &type), -8);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_container, a_spent_one_goes_when_a_minute_is_full)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    make(&c, CONTAINER, "/used", 4);
    make(&c, CONTAINER, "/used/in", 4);
    make(&c, CONTAINER, "/never", 4);
    make(&c, CONTAINER, "/full", 4);
    raw_create(&c, "/full/kid", 0);
    raw_create(&c, "/used/in/kid", 0);
    unit_int(fake_next_due(h.hub), INT64_MAX);
    advance(&c, 1000);
    raw_delete(&c, "/used/in/kid", -1);
    unit_int(raw_exists(&c, "/used/in", true), 0);
    advance(&c, 59999);
    unit_int(raw_exists(&c, "/used/in", true), 0);
    advance(&c, 60000);
    unit_int(raw_exists(&c, "/used/in", false), -101);
    unit_text(raw_last.events, "deleted /used/in;");
    unit_int(raw_exists(&c, "/used", false), 0); /* spent by that: the next */
    advance(&c, 120000);
    unit_int(raw_exists(&c, "/used", false), -101);
    unit_int(raw_exists(&c, "/never", false), 0);
    unit_int(raw_exists(&c, "/full", false), 0);
    unit_int(fake_next_due(h.hub), INT64_MAX);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_container, one_that_is_filled_again_stays)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    make(&c, CONTAINER, "/c", 4);
    raw_create(&c, "/c/kid", 0);
    raw_delete(&c, "/c/kid", -1);
    raw_create(&c, "/c/kid", 0);
    advance(&c, 60000);
    unit_int(raw_exists(&c, "/c", false), 0);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_container, the_minutes_count_from_the_servers_start)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    make(&c, CONTAINER, "/c", 4);
    raw_create(&c, "/c/kid", 0);
    raw_delete(&c, "/c/kid", -1);
    raw_hang_up(&c);
    fake_advance(h.hub, 30000);
    unit_int(fake_stop(h.zk), 0);
    fake_advance(h.hub, 70000);
    unit_int(fake_start(h.zk, true), 0);
    raw_open(&c, &h, h.link, 4000);
    advance(&c, 129999);
    unit_int(raw_exists(&c, "/c", false), 0);
    advance(&c, 130000);
    unit_int(raw_exists(&c, "/c", false), -101);
    raw_hang_up(&c);
    raw_hub_close(&h);
}
