/* SPDX-License-Identifier: Apache-2.0
 * test_zk_multi.c - the fake ZooKeeper's transactions, rights and watches,
 * with the answers of ZooKeeper 3.8.0 of Debian 12.
 */
#include "unit.h"
#include "zk_raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- multi ------------------------------------------------------------ */

static void put_header(struct fake_zk_writer *w, int type, bool is_end)
{
    fake_zk_write_int(w, type);
    fake_zk_write_bool(w, is_end);
    fake_zk_write_int(w, -1);
}

static void put_versioned(struct fake_zk_writer *w, int type, const char *path,
                          int version)
{
    put_header(w, type, false);
    raw_put_text(w, path);
    if (type == 5)
        raw_put_text(w, "new");
    fake_zk_write_int(w, version);
}

/* Tests: "+path" create, "-path" delete, "=path" set, "?path" check, each with
 * its version as last digit; '*' instead: any. "%path" a sequence. */
static int multi(struct raw *c, const char *const *ops)
{
    struct fake_zk_writer *w = raw_op(c, 14);

    for (; *ops != NULL; ops++) {
        char path[64];
        size_t n = strlen(*ops) - 2;
        memcpy(path, *ops + 1, n);
        path[n] = '\0';
        int version = (*ops)[n + 1] == '*' ? -1 : (*ops)[n + 1] - '0';
        if ((*ops)[0] == '+' || (*ops)[0] == '%') {
            put_header(w, 1, false);
            raw_put_create(w, path, "x", (*ops)[0] == '%' ? 2 : 0);
        } else {
            int type = (*ops)[0] == '-' ? 2 : (*ops)[0] == '=' ? 5 : 13;
            put_versioned(w, type, path, version);
        }
    }
    put_header(w, -1, true);
    return raw_ask(c);
}

#define MULTI(c, ...) multi(c, (const char *const[]){__VA_ARGS__, NULL})

/* The results as "1 2 5 13", errors as "e-101"; the last: well ended? */
static const char *results(void)
{
    static char text[256];
    struct fake_zk_reader *r = &raw_last.body;
    size_t used = 0;

    text[0] = '\0';
    while (!r->is_bad && r->left > 9) {
        int type = fake_zk_read_int(r);
        unit_true(!fake_zk_read_bool(r));
        int error = fake_zk_read_int(r);
        if (type == -1) {
            unit_int(fake_zk_read_int(r), error);
            used += (size_t)sprintf(text + used, "e%d ", error);
            continue;
        }
        unit_int(error, 0);
        used += (size_t)sprintf(text + used, "%d ", type);
        if (type == 1) {
            struct fake_zk_text path = fake_zk_read_text(r);
            used += (size_t)sprintf(text + used, "%.*s ", path.length, path.at);
        }
        if (type == 5) {
            r->at += 68;
            r->left -= 68;
        }
    }
    unit_int(fake_zk_read_int(r), -1);
    unit_true(fake_zk_read_bool(r));
    unit_int(fake_zk_read_int(r), -1);
    unit_true(!r->is_bad && r->left == 0);
    return text;
}

UNIT(zk_multi, all_of_it_in_one_zxid)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    unit_int(MULTI(&c, "+/m*", "+/m/c*", "%/m/s*", "=/m0", "?/m1"), 0);
    unit_int(raw_last.zxid, 2);
    unit_text(results(), "1 /m 1 /m/c 1 /m/s0000000001 5 13 ");
    unit_int(MULTI(&c, "-/m/c0", "+/m/c*", "=/m1", "=/m2"), 0);
    unit_text(results(), "2 1 /m/c 5 5 ");
    unit_int(raw_exists(&c, "/m/c", false), 0);
    unit_int(fake_zk_read_long(&raw_last.body), 3);
    unit_int((int)fake_count(h.zk, NULL, "multi"), 2);
    unit_int((int)fake_count(h.zk, NULL, "create"), 0);
    put_header(raw_op(&c, 14), -1, true);
    unit_int(raw_ask(&c), 0);
    unit_text(results(), "");
    raw_hang_up(&c);
    raw_hub_close(&h);
}

/* Where the last child came or went. */
static int64_t pzxid_of(struct raw *c, const char *path)
{
    unit_int(raw_exists(c, path, false), 0);
    raw_last.body.at += raw_last.body.left - 8;
    raw_last.body.left = 8;
    return fake_zk_read_long(&raw_last.body);
}

UNIT(zk_multi, or_nothing_at_all)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_create(&c, "/m", 0);
    raw_create(&c, "/m/e", 1);
    char *before = fake_dump(h.zk);
    int64_t pzxid = pzxid_of(&c, "/m");
    unit_int(MULTI(&c, "+/n*", "?/m5", "+/o*"), 0);
    unit_text(results(), "e0 e-103 e-2 ");
    unit_int(MULTI(&c, "?/none*", "+/o*"), 0);
    unit_text(results(), "e-101 e-2 ");
    unit_int(MULTI(&c, "%/m/s*", "=/m0", "-/m/e0", "+/m/e*", "=/m/e0", "-/m*"),
             0);
    unit_text(results(), "e0 e0 e0 e0 e0 e-111 ");
    unit_int(MULTI(&c, "-/m/e*", "-/m/e*"), 0);
    unit_text(results(), "e0 e-101 ");
    unit_int(MULTI(&c, "+rel*"), 0);
    unit_text(results(), "e-8 ");
    char *after = fake_dump(h.zk);
    unit_text(after, before);
    unit_int(pzxid_of(&c, "/m"), pzxid);
    /* Counters went back as well, and the ephemeral node to its session. */
    unit_int(raw_create(&c, "/m/s", 2), 0);
    struct fake_zk_text name = fake_zk_read_text(&raw_last.body);
    unit_bytes(name.at, (size_t)name.length, "/m/s0000000001", 14);
    raw_hang_up(&c);
    fake_advance(h.hub, 6000);
    raw_open(&c, &h, h.link, 4000);
    unit_int(raw_exists(&c, "/m/e", false), -101);
    raw_hang_up(&c);
    free(before);
    free(after);
    raw_hub_close(&h);
}

UNIT(zk_multi, one_that_does_not_hold_does_nothing)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    struct fake_zk_writer *w = raw_op(&c, 14);
    put_header(w, 1, false);
    raw_put_create(w, "/m", "x", 0);
    unit_int(raw_ask(&c), -5); /* no end */
    w = raw_op(&c, 14);
    put_header(w, 1, false);
    raw_put_create(w, "/m", "x", 0);
    put_versioned(w, 3, "/m", 0); /* exists does not belong here */
    put_header(w, -1, true);
    unit_int(raw_ask(&c), -5);
    unit_int(raw_exists(&c, "/m", false), -101);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

/* ---- rights ----------------------------------------------------------- */

static int auth(struct raw *c, const char *scheme, const char *secret)
{
    struct fake_zk_writer *w = raw_op_xid(c, 100, -4);

    fake_zk_write_int(w, 0);
    raw_put_text(w, scheme);
    raw_put_text(w, secret);
    int error = raw_ask(c);
    unit_int(raw_last.xid, -4);
    return error;
}

static int create_acl(struct raw *c, const char *path, const char *scheme,
                      const char *id, int perms)
{
    struct fake_zk_writer *w = raw_op(c, 1);

    raw_put_text(w, path);
    raw_put_text(w, "x");
    fake_zk_write_int(w, 1);
    fake_zk_write_int(w, perms);
    raw_put_text(w, scheme);
    raw_put_text(w, id);
    fake_zk_write_int(w, 2);
    return raw_ask(c);
}

UNIT(zk_acl, lists_and_their_errors)
{
    static const struct {
        const char *scheme, *id;
        int error;
    } rows[] = {
        {"world", "x", -114},
        {"world", "anyone", 0},
        {"auth", "", -114},
        {"foo", "x", -114},
        {"digest", "nocolon", -114},
        {"digest", "a:b:c", -114},
        {"digest", "a:b", 0},
        {"digest", ":", -114},
        {"digest", "a:", -114},
        {"ip", "127.0.0.1", 0},
        {"ip", "bad", -114},
        {"ip", "127.0.0.1/8", 0},
        {"ip", "127.0.0.1/99", -114},
        {"world", NULL, -5},
        {NULL, "x", -114},
    };
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        unit_int(create_acl(&c, "/s", rows[i].scheme, rows[i].id, 31),
                 rows[i].error);
    for (int count = -1; count <= 0; count++) {
        struct fake_zk_writer *w = raw_op(&c, 1);
        raw_put_text(w, "/s");
        raw_put_text(w, "x");
        fake_zk_write_int(w, count);
        fake_zk_write_int(w, 0);
        unit_int(raw_ask(&c), -114);
    }
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_acl, who_has_not_proved_it_may_not)
{
    static const char id[] = "user:2Om+GBbT2q/tS6pdvACZbbm7/1A=";
    struct raw_hub h;
    struct raw me, other;

    raw_hub_open(&h, 0);
    raw_open(&me, &h, h.link, 4000);
    raw_open(&other, &h, h.link, 4000);
    unit_int(auth(&me, "digest", "user:pw"), 0);
    unit_int(raw_last.zxid, 0);
    unit_int(create_acl(&me, "/n", "auth", "ignored", 31), 0);
    unit_int(raw_exists(&other, "/n0000000000", false), 0);
    unit_int(raw_get(&other, "/n0000000000", false), -102);
    unit_int(raw_children(&other, "/n0000000000", false), -102);
    unit_int(raw_set(&other, "/n0000000000", "", 9), -102);
    unit_int(raw_create(&other, "/n0000000000/x", 0), -102);
    unit_int(raw_create(&me, "/n0000000000/x", 0), 0);
    unit_int(raw_delete(&other, "/n0000000000/x", -1), -102);
    unit_int(raw_get(&me, "/n0000000000", false), 0);
    raw_put_text(raw_op(&me, 6), "/n0000000000");
    unit_int(raw_ask(&me), 0);
    unit_int(fake_zk_read_int(&raw_last.body), 1);
    unit_int(fake_zk_read_int(&raw_last.body), 31);
    unit_int(fake_zk_read_text(&raw_last.body).length, 6);
    struct fake_zk_text got = fake_zk_read_text(&raw_last.body);
    unit_bytes(got.at, (size_t)got.length, id, sizeof id - 1);
    /* Deleting is the parent's right. */
    unit_int(raw_delete(&me, "/n0000000000/x", -1), 0);
    unit_int(raw_delete(&other, "/n0000000000", -1), 0);
    raw_hang_up(&me);
    raw_hang_up(&other);
    raw_hub_close(&h);
}

static int set_acl(struct raw *c, const char *path, int perms, int version)
{
    struct fake_zk_writer *w = raw_op(c, 7);

    raw_put_text(w, path);
    fake_zk_write_int(w, 1);
    fake_zk_write_int(w, perms);
    raw_put_text(w, "world");
    raw_put_text(w, "anyone");
    fake_zk_write_int(w, version);
    return raw_ask(c);
}

UNIT(zk_acl, lists_can_be_changed_by_who_may)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_create(&c, "/a", 0);
    unit_int(set_acl(&c, "/a", 31, 9), -103);
    unit_int(set_acl(&c, "/none", 31, -1), -101);
    unit_int(set_acl(&c, "/a", 1, 0), 0);
    unit_int(raw_set(&c, "/a", "", -1), -102);
    unit_int(raw_get(&c, "/a", false), 0);
    unit_int(set_acl(&c, "/a", 31, 1), -102);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_acl, an_unknown_proof_ends_the_connection)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    unit_int(auth(&c, "ip", "x"), 0);
    unit_int(auth(&c, "world", "anyone"), -115);
    unit_true(raw_is_closed(&c));
    raw_hang_up(&c);
    raw_hub_close(&h);
}

/* ---- watches ---------------------------------------------------------- */

/* What the watcher has heard, told by its next answer. */
static const char *heard(struct raw *c)
{
    (void)raw_exists(c, "/nobody", false);
    return raw_last.events;
}

UNIT(zk_watch, told_once_in_order_and_before_the_next_answer)
{
    struct raw_hub h;
    struct raw w, m;

    raw_hub_open(&h, 0);
    raw_open(&w, &h, h.link, 4000);
    raw_open(&m, &h, h.link, 4000);
    raw_exists(&w, "/w", true);
    raw_create(&m, "/w", 0);
    unit_text(heard(&w), "created /w;");
    raw_exists(&w, "/w", true);
    raw_get(&w, "/w", true);
    raw_children(&w, "/w", true);
    raw_set(&m, "/w", "1", -1);
    raw_set(&m, "/w", "2", -1);
    unit_text(heard(&w), "changed /w;");
    raw_create(&m, "/w/k", 0);
    raw_create(&m, "/w/l", 0);
    unit_text(heard(&w), "children /w;");
    raw_children(&w, "/w/k", true);
    raw_exists(&w, "/w/k", true);
    raw_children(&w, "/w", true);
    raw_delete(&m, "/w/k", -1);
    unit_text(heard(&w), "deleted /w/k;children /w;");
    raw_children(&w, "/w/l", true);
    raw_delete(&m, "/w/l", -1);
    unit_text(heard(&w), "deleted /w/l;");
    raw_get(&w, "/w/n", true); /* fails, and leaves no watch */
    raw_create(&m, "/w/n", 0);
    unit_text(heard(&w), "");
    raw_exists(&w, "/w/own", true);
    raw_children(&w, "/w", true);
    raw_create(&w, "/w/own", 0);
    unit_text(raw_last.events, "created /w/own;children /w;");
    raw_hang_up(&w);
    raw_hang_up(&m);
    raw_hub_close(&h);
}

UNIT(zk_watch, a_transaction_tells_its_steps)
{
    struct raw_hub h;
    struct raw w, m;

    raw_hub_open(&h, 0);
    raw_open(&w, &h, h.link, 4000);
    raw_open(&m, &h, h.link, 4000);
    raw_create(&m, "/w", 0);
    raw_get(&w, "/w", true);
    raw_children(&w, "/w", true);
    MULTI(&m, "=/w0", "+/w/a*", "=/w7");
    unit_text(heard(&w), "");
    MULTI(&m, "=/w0", "+/w/a*", "+/w/b*");
    unit_text(heard(&w), "changed /w;children /w;");
    raw_hang_up(&w);
    raw_hang_up(&m);
    raw_hub_close(&h);
}

static void put_list(struct fake_zk_writer *w, const char *const *paths)
{
    int n = 0;

    while (paths[n] != NULL)
        n++;
    fake_zk_write_int(w, n);
    for (int i = 0; i < n; i++)
        raw_put_text(w, paths[i]);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

UNIT(zk_watch, set_again_they_tell_what_was_missed)
{
    struct raw_hub h;
    struct raw w, m;

    raw_hub_open(&h, 0);
    raw_open(&m, &h, h.link, 4000);
    raw_create(&m, "/w", 0);
    raw_create(&m, "/q", 0);
    int64_t seen = raw_last.zxid;
    raw_set(&m, "/w", "later", -1);
    raw_create(&m, "/w/c", 0);
    raw_open(&w, &h, h.link, 4000);
    for (int op = 101; op <= 105; op += 4) {
        struct fake_zk_writer *out = raw_op_xid(&w, op, -8);
        fake_zk_write_long(out, seen);
        put_list(out, LIST("/w", "/q", "/gone"));
        put_list(out, LIST("/w/c", "/nope"));
        put_list(out, LIST("/w", "/q", "/gone"));
        fake_zk_write_long(out, 0); /* two empty lists, in 105 */
        unit_int(raw_ask(&w), 0);
        unit_int(raw_last.xid, -8);
        unit_text(raw_last.events, "changed /w;deleted /gone;created /w/c;"
                                   "children /w;deleted /gone;");
    }
    raw_set(&m, "/q", "", -1);
    raw_create(&m, "/nope", 0);
    raw_create(&m, "/q/k", 0);
    raw_create(&m, "/gone", 0);
    unit_text(heard(&w), "changed /q;created /nope;children /q;");
    fake_zk_write_long(raw_op_xid(&w, 101, -8), 5);
    unit_int(raw_ask(&w), -5);
    raw_hang_up(&w);
    raw_hang_up(&m);
    raw_hub_close(&h);
}

/* As Debian's 3.8.0 does, which has the remedy of CVE-2024-23944. */
UNIT(zk_watch, who_may_not_read_is_told_nothing)
{
    struct raw_hub h;
    struct raw w, m;

    raw_hub_open(&h, 0);
    raw_open(&w, &h, h.link, 4000);
    raw_open(&m, &h, h.link, 4000);
    raw_create(&m, "/w", 0);
    raw_exists(&w, "/w", true);
    unit_int(set_acl(&m, "/w", 30, -1), 0);
    raw_set(&m, "/w", "1", -1);
    unit_text(heard(&w), "");
    unit_int(set_acl(&m, "/w", 31, -1), 0);
    raw_set(&m, "/w", "2", -1);
    unit_text(heard(&w), "");
    raw_exists(&w, "/w", true);
    raw_set(&m, "/w", "3", -1);
    unit_text(heard(&w), "changed /w;");
    raw_hang_up(&w);
    raw_hang_up(&m);
    raw_hub_close(&h);
}

UNIT(zk_watch, gone_with_their_connection)
{
    struct raw_hub h;
    struct raw w, again, m;

    raw_hub_open(&h, 0);
    raw_open(&w, &h, h.link, 4000);
    raw_open(&m, &h, h.link, 4000);
    raw_exists(&w, "/w", true);
    unit_true(raw_reopen(&again, &h, h.link, &w));
    raw_create(&m, "/w", 0);
    unit_text(heard(&again), "");
    raw_hang_up(&w);
    raw_hang_up(&again);
    raw_hang_up(&m);
    raw_hub_close(&h);
}
