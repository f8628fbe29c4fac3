/* SPDX-License-Identifier: Apache-2.0
 * test_zk_watch.c - watches that last, and the requests about watches, as
 * ZooKeeper 3.8.0 of Debian 12 answered them.
 */
#include "unit.h"
#include "zk_raw.h"

enum { ADD = 106, CHECK = 17, REMOVE = 18 };
enum { PERSISTENT, RECURSIVE };
enum { CHILDREN = 1, DATA, ANY };

struct pair {
    struct raw_hub h;
    struct raw watcher, maker;
};

static void open_pair(struct pair *p)
{
    raw_hub_open(&p->h, 0);
    raw_open(&p->watcher, &p->h, p->h.link, 4000);
    raw_open(&p->maker, &p->h, p->h.link, 4000);
}

static void close_pair(struct pair *p)
{
    raw_hang_up(&p->watcher);
    raw_hang_up(&p->maker);
    raw_hub_close(&p->h);
}

static int ask(struct raw *c, int op, const char *path, int number)
{
    struct fake_zk_writer *w = raw_op(c, op);

    raw_put_text(w, path);
    fake_zk_write_int(w, number);
    return raw_ask(c);
}

static const char *heard(struct pair *p)
{
    (void)raw_exists(&p->watcher, "/nobody", false);
    return raw_last.events;
}

UNIT(zk_watch, a_persistent_one_tells_every_time)
{
    struct pair p;

    open_pair(&p);
    unit_int(ask(&p.watcher, ADD, "/a", PERSISTENT), 0);
    unit_int(fake_zk_read_int(&raw_last.body), 0);
    raw_create(&p.maker, "/a", 0);
    raw_set(&p.maker, "/a", "1", -1);
    raw_set(&p.maker, "/a", "2", -1);
    raw_create(&p.maker, "/a/b", 0);
    raw_set(&p.maker, "/a/b", "1", -1);
    raw_delete(&p.maker, "/a/b", -1);
    raw_delete(&p.maker, "/a", -1);
    unit_text(heard(&p), "created /a;changed /a;changed /a;children /a;"
                         "children /a;deleted /a;");
    raw_create(&p.maker, "/a", 0);
    unit_text(heard(&p), "created /a;");
    close_pair(&p);
}

UNIT(zk_watch, a_recursive_one_tells_of_all_below_and_of_no_children)
{
    struct pair p;

    open_pair(&p);
    unit_int(ask(&p.watcher, ADD, "/a", RECURSIVE), 0);
    raw_create(&p.maker, "/a", 0);
    raw_create(&p.maker, "/a/b", 0);
    raw_create(&p.maker, "/a/b/c", 0);
    raw_set(&p.maker, "/a/b/c", "1", -1);
    raw_create(&p.maker, "/ab", 0);
    raw_delete(&p.maker, "/a/b/c", -1);
    unit_text(heard(&p), "created /a;created /a/b;created /a/b/c;"
                         "changed /a/b/c;deleted /a/b/c;");
    unit_int(ask(&p.watcher, ADD, "/", RECURSIVE), 0);
    unit_int(ask(&p.watcher, ADD, "/a/b", PERSISTENT), 0);
    raw_set(&p.maker, "/a/b", "1", -1); /* three watches, one event */
    unit_text(heard(&p), "changed /a/b;");
    raw_create(&p.maker, "/z", 0);
    unit_text(heard(&p), "created /z;");
    close_pair(&p);
}

UNIT(zk_watch, who_may_not_read_below_is_told_nothing_of_it)
{
    struct pair p;

    open_pair(&p);
    raw_create(&p.maker, "/a", 0);
    unit_int(ask(&p.watcher, ADD, "/a", RECURSIVE), 0);
    struct fake_zk_writer *w = raw_op(&p.maker, 1);
    raw_put_text(w, "/a/secret");
    raw_put_text(w, "x");
    fake_zk_write_int(w, 1);
    fake_zk_write_int(w, 30); /* all but to read */
    raw_put_text(w, "world");
    raw_put_text(w, "anyone");
    fake_zk_write_int(w, 0);
    unit_int(raw_ask(&p.maker), 0);
    raw_create(&p.maker, "/a/open", 0);
    unit_text(heard(&p), "created /a/open;");
    close_pair(&p);
}

UNIT(zk_watch, a_read_makes_a_lasting_one_tell_once)
{
    struct pair p;

    open_pair(&p);
    raw_create(&p.maker, "/a", 0);
    unit_int(ask(&p.watcher, ADD, "/a", PERSISTENT), 0);
    unit_int(raw_get(&p.watcher, "/a", true), 0);
    raw_set(&p.maker, "/a", "1", -1);
    raw_set(&p.maker, "/a", "2", -1);
    raw_create(&p.maker, "/a/b", 0); /* that of children is another */
    raw_delete(&p.maker, "/a/b", -1);
    unit_text(heard(&p), "changed /a;children /a;children /a;");
    close_pair(&p);
}

UNIT(zk_watch, the_check_asks_for_anybody_the_removal_for_oneself)
{
    struct pair p;

    open_pair(&p);
    unit_int(ask(&p.watcher, CHECK, "/a", ANY), -121);
    unit_int(raw_exists(&p.watcher, "/a", true), -101);
    unit_int(ask(&p.watcher, CHECK, "/a", DATA), 0);
    unit_int(ask(&p.watcher, CHECK, "/a", ANY), 0);
    unit_int(ask(&p.watcher, CHECK, "/a", CHILDREN), -121);
    unit_int(ask(&p.maker, CHECK, "/a", DATA), 0);
    unit_int(ask(&p.maker, REMOVE, "/a", DATA), -121);
    unit_int(ask(&p.watcher, REMOVE, "/a", CHILDREN), -121);
    unit_int(ask(&p.watcher, REMOVE, "/a", DATA), 0);
    unit_int(ask(&p.watcher, REMOVE, "/a", DATA), -121);
    raw_create(&p.maker, "/a", 0);
    unit_text(heard(&p), "");
    ask(&p.watcher, ADD, "/a", RECURSIVE);
    unit_int(ask(&p.watcher, CHECK, "/a/b", ANY), -121);
    unit_int(ask(&p.watcher, REMOVE, "/a", CHILDREN), 0);
    unit_int(ask(&p.watcher, REMOVE, "/a", ANY), 0);
    unit_int(ask(&p.watcher, REMOVE, "/a", ANY), -121);
    raw_create(&p.maker, "/a/b", 0);
    unit_text(heard(&p), "");
    close_pair(&p);
}

UNIT(zk_watch, requests_about_watches_that_do_not_hold)
{
    struct pair p;

    open_pair(&p);
    unit_int(ask(&p.watcher, ADD, "/a", 2), -5);
    unit_int(ask(&p.watcher, ADD, "/a", -1), -5);
    unit_int(ask(&p.watcher, ADD, "relative", PERSISTENT), 0);
    unit_int(ask(&p.watcher, CHECK, "relative", ANY), -5);
    unit_int(ask(&p.watcher, CHECK, "/a", 0), -5);
    unit_int(ask(&p.watcher, CHECK, "/a", 4), -5);
    unit_int(ask(&p.watcher, REMOVE, "/a", 4), -5);
    raw_put_text(raw_op(&p.watcher, REMOVE), "/a");
    unit_int(raw_ask(&p.watcher), -5);
    unit_int(fake_refused(p.h.zk), 0);
    close_pair(&p);
}

/* setWatches2: data, exist, child, persistent, recursive. */
UNIT(zk_watch, lasting_ones_are_set_again)
{
    struct pair p;

    open_pair(&p);
    raw_create(&p.maker, "/a", 0);
    struct fake_zk_writer *w = raw_op_xid(&p.watcher, 105, -8);
    fake_zk_write_long(w, 0);
    for (int list = 0; list < 3; list++)
        fake_zk_write_int(w, 0);
    fake_zk_write_int(w, 1);
    raw_put_text(w, "/a");
    fake_zk_write_int(w, 1);
    raw_put_text(w, "/b");
    unit_int(raw_ask(&p.watcher), 0);
    unit_text(raw_last.events, ""); /* of what was missed nothing is said */
    raw_set(&p.maker, "/a", "1", -1);
    raw_set(&p.maker, "/a", "2", -1);
    raw_create(&p.maker, "/b", 0);
    raw_create(&p.maker, "/b/c", 0);
    unit_text(heard(&p), "changed /a;changed /a;created /b;created /b/c;");
    raw_hang_up(&p.watcher);
    raw_set(&p.maker, "/a", "3", -1);
    raw_open(&p.watcher, &p.h, p.h.link, 4000);
    unit_text(heard(&p), "");
    close_pair(&p);
}
