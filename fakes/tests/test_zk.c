/* SPDX-License-Identifier: Apache-2.0
 * test_zk.c - the fake ZooKeeper's answers, byte by byte, each as ZooKeeper
 * 3.8.0 of Debian 12 gave it to the same request.
 */
#include "unit.h"
#include "zk_raw.h"

#include <stdlib.h>
#include <string.h>

/* ---- the encoding ----------------------------------------------------- */

UNIT(zk_wire, a_reader_never_leaves_its_bytes)
{
    static const uint8_t bytes[] = {0, 0, 0, 9, 'a', 'b'};
    struct fake_zk_reader r = fake_zk_reader(bytes, sizeof bytes);

    unit_true(fake_zk_read_text(&r).at == NULL);
    unit_true(r.is_bad);
    unit_int(fake_zk_read_int(&r), 0);
    r = fake_zk_reader(bytes, 3);
    unit_int(fake_zk_read_long(&r), 0);
    unit_true(r.is_bad);
    r = fake_zk_reader("\xff\xff\xff\xfe", 4);
    unit_true(fake_zk_read_text(&r).at == NULL && r.is_bad);
    r = fake_zk_reader("\xff\xff\xff\xff", 4);
    unit_true(fake_zk_read_text(&r).length == -1 && !r.is_bad);
}

/* ---- the greeting ----------------------------------------------------- */

UNIT(zk_greet, timeouts_are_clamped_to_2_and_20_ticks)
{
    static const int32_t rows[][2] = {{0, 4000},
                                      {-5, 4000},
                                      {4001, 4001},
                                      {39999, 39999},
                                      {INT32_MAX, 40000}};
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        raw_open(&c, &h, h.link, rows[i][0]);
        unit_int(c.timeout_ms, rows[i][1]);
        raw_hang_up(&c);
    }
    raw_hub_close(&h);
}

UNIT(zk_greet, a_session_is_joined_again_with_its_password_only)
{
    struct raw_hub h;
    struct raw a, b, wrong;

    raw_hub_open(&h, 0);
    raw_open(&a, &h, h.link, 10000);
    unit_true(raw_reopen(&b, &h, h.link, &a));
    unit_bytes(b.password, 16, a.password, 16);
    unit_true(raw_is_closed(&a));
    unit_int(raw_exists(&b, "/", false), 0);
    wrong = b;
    wrong.password[3] ^= 1;
    raw_hang_up(&a);
    unit_true(!raw_reopen(&a, &h, h.link, &wrong));
    unit_int(a.session, 0);
    unit_int(a.timeout_ms, 0);
    unit_true(raw_is_closed(&a));
    /* As on the server, the attempt has cost the session its connection. */
    unit_true(raw_is_closed(&b));
    raw_hang_up(&a);
    raw_hang_up(&b);
    wrong.session = 77;
    unit_true(!raw_reopen(&a, &h, h.link, &wrong));
    unit_true(raw_is_closed(&a));
    raw_hang_up(&a);
    raw_hub_close(&h);
}

/* An old client does not send the read-only byte, and gets none. */
UNIT(zk_greet, the_read_only_byte_is_answered_if_it_was_sent)
{
    static const uint8_t hello[48] = {[3] = 44, [31] = 16};
    struct raw_hub h;
    struct raw c;
    uint8_t out[64];

    raw_hub_open(&h, 0);
    raw_dial(&c, &h, h.link);
    raw_send(&c, hello, sizeof hello);
    raw_settle(&h);
    unit_int(fake_link_greeting(h.link, out), 40);
    unit_int(out[3], 36);
    raw_hang_up(&c);
    raw_open(&c, &h, h.link, 4000);
    unit_int(fake_link_greeting(h.link, out), 41);
    unit_int(out[3], 37);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_greet, a_client_from_the_future_is_closed_without_an_answer)
{
    struct raw_hub h;
    struct raw c, d;

    raw_hub_open(&h, 0);
    raw_open(&d, &h, raw_link(&h, "b"), 4000);
    raw_dial(&c, &h, h.link);
    raw_greet(&c, 4000, NULL, 1000);
    unit_true(!raw_take_welcome(&c));
    unit_true(raw_is_closed(&c));
    unit_int(raw_exists(&d, "/", false), 0);
    raw_hang_up(&c);
    raw_hang_up(&d);
    raw_hub_close(&h);
}

static void closes_on(struct raw_hub *h, const void *bytes, size_t n)
{
    struct raw c;

    raw_dial(&c, h, h->link);
    raw_send(&c, bytes, n);
    unit_true(raw_is_closed(&c));
    raw_hang_up(&c);
    raw_open(&c, h, h->link, 4000);
    raw_send(&c, bytes, n);
    unit_true(raw_is_closed(&c));
    raw_hang_up(&c);
}

UNIT(zk_frames, what_cannot_be_a_frame_closes_the_connection)
{
    struct raw_hub h;

    raw_hub_open(&h, 0);
    closes_on(&h, "\xff\xff\xff\xff", 4);
    closes_on(&h, "\x00\x10\x00\x00", 4);
    closes_on(&h, "\x00\x00\x00\x00", 4);
    closes_on(&h, "\x00\x00\x00\x03...", 7);
    closes_on(&h, "nope", 4);
    raw_hub_close(&h);
}

UNIT(zk_frames, the_longest_frame_is_a_mebibyte_less_one)
{
    enum { BODY = (1 << 20) - 1 - 8 };
    struct raw_hub h;
    struct raw c;
    char *data = calloc(1, BODY);

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    unit_true(data != NULL);
    memset(data, 'd', BODY - 14);
    unit_int(raw_set(&c, "/", data, -1), 0);
    unit_int(raw_get(&c, "/", false), 0);
    unit_int(fake_zk_read_int(&raw_last.body), BODY - 13 - 1);
    free(data);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_frames, requests_may_come_in_pieces_and_together)
{
    static const uint8_t two[] = {0, 0, 0,   14,  0,   0,   0,   1, 0, 0,
                                  0, 3, 0,   0,   0,   1,   '/', 0, 0, 0,
                                  0, 8, 255, 255, 255, 254, 0,   0, 0, 11};
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    for (size_t i = 0; i < sizeof two; i++)
        raw_send(&c, two + i, 1);
    raw_send(&c, two, sizeof two);
    for (int i = 0; i < 2; i++) {
        unit_true(raw_take(&c, &raw_last));
        unit_int(raw_last.xid, 1);
        unit_true(raw_take(&c, &raw_last));
        unit_int(raw_last.xid, -2);
    }
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_words, four_letters_are_answered_and_closed)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_dial(&c, &h, h.link);
    raw_send(&c, "ruok", 4);
    unit_true(raw_is_closed(&c));
    unit_bytes(c.in.bytes, c.in.length, "imok", 4);
    raw_hang_up(&c);
    unit_int(fake_set_condition(h.zk, FAKE_READ_ONLY), 0);
    raw_dial(&c, &h, h.link);
    raw_send(&c, "isro", 4);
    unit_true(raw_is_closed(&c));
    unit_bytes(c.in.bytes, c.in.length, "ro", 2);
    raw_hang_up(&c);
    for (const char *words = "srvrstatmntrdumpconfcons"; *words; words += 4) {
        raw_dial(&c, &h, h.link);
        raw_send(&c, words, 4);
        unit_true(raw_is_closed(&c));
        unit_true(c.in.length > 0);
        raw_hang_up(&c);
    }
    raw_hub_close(&h);
}

/* ---- one request ------------------------------------------------------ */

UNIT(zk_create, paths_flags_and_their_errors)
{
    static const struct {
        const char *path;
        int flags, error;
    } rows[] = {
        {"/a", 0, 0},
        {"/a", 0, -110},
        {"/a/b", 0, 0},
        {"/q/b", 0, -101},
        {"rel", 0, -8},
        {"", 0, -8},
        {"/", 0, -110},
        {"/a/", 0, -8},
        {"/a//b", 0, -101},
        {"//", 0, -8},
        {"a/b", 0, -101},
        {"/a/.", 0, -8},
        {"/a/..", 0, -8},
        {"/a/...", 0, 0},
        {"/a/./b", 0, -101},
        {"/a\x01", 0, -8},
        {"/a\x1f", 0, -8},
        {"/a\x7f", 0, -8},
        {"/a\xc2\x85", 0, -8},
        {"/a\xc2\xa0", 0, 0},
        {"/a\xe2\x82\xac", 0, 0},
        {"/a\xee\x80\x80", 0, -8},
        {"/a\xef\xbf\xbd", 0, -8},
        {"/a\xf0\x9f\x98\x80", 0, -8},
        {"/a\xff", 0, -8},
        {"/a\xc2", 0, -8},
        {"/a\xc0\xaf", 0, -8},
        {NULL, 0, -5},
        {"/zookeeper", 0, -110},
        {"/e", 1, 0},
        {"/e/x", 0, -108},
        {"/f", 4, 0}, /* no container: that is another request */
        {"/g", 5, -6},
        {"/g", 6, -6},
        {"/f", 7, -8},
        {"/f", -1, -8},
        {"s", 2, -8},
        {"/a/", 2, 0},
    };
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    int64_t zxid = 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unit_int(raw_create(&c, rows[i].path, rows[i].flags), rows[i].error);
        unit_int(raw_last.zxid, ++zxid); /* failures use one too */
    }
    unit_int((int)fake_refused(h.zk), 0);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

static void is_text(const char *text)
{
    struct fake_zk_text got = fake_zk_read_text(&raw_last.body);

    unit_bytes(got.at, (size_t)got.length, text, strlen(text));
}

UNIT(zk_create, sequences_count_all_children_ever_made)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_create(&c, "/a", 0);
    raw_create(&c, "/a/b", 0);
    unit_int(raw_create(&c, "/a/s-", 2), 0);
    is_text("/a/s-0000000001");
    raw_delete(&c, "/a/b", -1);
    unit_int(raw_create(&c, "/a/s-", 3), 0);
    is_text("/a/s-0000000002");
    raw_put_create(raw_op(&c, 15), "/a/", "xyz", 3);
    unit_int(raw_ask(&c), 0);
    is_text("/a/0000000003");
    int64_t czxid = fake_zk_read_long(&raw_last.body);
    unit_int(czxid, raw_last.zxid);
    raw_last.body.at += 36;
    unit_int(fake_zk_read_long(&raw_last.body), c.session);
    unit_int(fake_zk_read_int(&raw_last.body), 3);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

struct stat {
    int64_t czxid, mzxid, ctime, mtime, owner, pzxid;
    int32_t version, cversion, aversion, length, kids;
};

static struct stat stat_of(struct raw *c, const char *path)
{
    struct stat s;
    struct fake_zk_reader *r = &raw_last.body;

    unit_int(raw_exists(c, path, false), 0);
    s.czxid = fake_zk_read_long(r);
    s.mzxid = fake_zk_read_long(r);
    s.ctime = fake_zk_read_long(r);
    s.mtime = fake_zk_read_long(r);
    s.version = fake_zk_read_int(r);
    s.cversion = fake_zk_read_int(r);
    s.aversion = fake_zk_read_int(r);
    s.owner = fake_zk_read_long(r);
    s.length = fake_zk_read_int(r);
    s.kids = fake_zk_read_int(r);
    s.pzxid = fake_zk_read_long(r);
    unit_true(!r->is_bad && r->left == 0);
    return s;
}

UNIT(zk_stat, a_new_server_looks_like_a_new_server)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    struct stat root = stat_of(&c, "/");
    unit_int(root.cversion, -1);
    unit_int(root.kids, 1);
    unit_int(root.czxid, 0);
    unit_int(stat_of(&c, "/zookeeper").cversion, -2);
    unit_int(stat_of(&c, "/zookeeper/config").aversion, -1);
    unit_int(stat_of(&c, "").kids, 1);
    unit_int(raw_set(&c, "/zookeeper/config", "", -1), -102);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_stat, each_change_moves_its_own_fields)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_create(&c, "/a", 0);
    fake_advance(h.hub, 700);
    raw_set(&c, "/a", "12345", 0);
    raw_create(&c, "/a/b", 1);
    raw_delete(&c, "/a/b", 0);
    struct stat s = stat_of(&c, "/a");
    unit_int(s.mzxid - s.czxid, 1);
    unit_int(s.pzxid - s.czxid, 3);
    unit_int(s.ctime, 1700000000000);
    unit_int(s.mtime, 1700000000700);
    unit_int(s.version, 1);
    unit_int(s.cversion, 2);
    unit_int(s.length, 5);
    unit_int(s.kids + s.owner, 0);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_ops, set_and_delete_and_their_errors)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_create(&c, "/a", 0);
    raw_create(&c, "/a/b", 0);
    unit_int(raw_set(&c, "/a", "y", 5), -103);
    unit_int(raw_set(&c, "/a", "y", -2), -103);
    unit_int(raw_set(&c, "/a", NULL, 0), 0);
    unit_int(raw_get(&c, "/a", false), 0);
    unit_int(fake_zk_read_int(&raw_last.body), -1);
    unit_int(raw_set(&c, "/none", "y", -1), -101);
    unit_int(raw_set(&c, "rel", "y", -1), -8);
    unit_int(raw_set(&c, NULL, "y", -1), -8);
    unit_int(raw_delete(&c, "/a", -1), -111);
    unit_int(raw_delete(&c, "/a", 77), -103);
    unit_int(raw_delete(&c, "/none", 5), -101);
    unit_int(raw_delete(&c, "/none/x", -1), -101);
    unit_int(raw_delete(&c, "rel", -1), -8);
    unit_int(raw_delete(&c, NULL, -1), -5);
    unit_int(raw_delete(&c, "/", -1), -8);
    unit_int(raw_delete(&c, "/zookeeper/quota", -1), -8);
    unit_int(raw_get(&c, NULL, false), -5);
    unit_int(raw_get(&c, "/a/", false), -101);
    unit_int(raw_delete(&c, "/a/b", 0), 0);
    unit_int(raw_delete(&c, "/a", 1), 0);
    unit_int(raw_exists(&c, "/a", false), -101);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_ops, ten_thousand_children_are_no_burden)
{
    struct raw_hub h;
    struct raw c;
    struct fake_zk_writer all = {0};

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_create(&c, "/g", 0);
    for (int i = 0; i < 10000; i++) {
        struct fake_zk_writer *w = raw_op(&c, 1);
        raw_put_create(w, "/g/m-", "", 3);
        fake_zk_write_int_at(w, 0, (int32_t)(w->length - 4));
        fake_zk_write_raw(&all, w->bytes, w->length);
    }
    raw_send(&c, all.bytes, all.length);
    for (int i = 0; i < 10000; i++)
        unit_true(raw_take(&c, &raw_last) && raw_last.error == 0);
    unit_int(raw_children(&c, "/g", false), 0);
    unit_int(fake_zk_read_int(&raw_last.body), 10000);
    is_text("m-0000000000");
    raw_hang_up(&c);
    fake_advance(h.hub, 6000);
    raw_open(&c, &h, h.link, 4000);
    unit_int(stat_of(&c, "/g").kids, 0);
    fake_zk_writer_clear(&all);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_ops, what_is_not_spoken_is_refused_aloud)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_op(&c, 16); /* reconfig: known to the server, so it stays */
    unit_int(raw_ask(&c), -6);
    unit_int(raw_exists(&c, "/", false), 0);
    raw_op(&c, 999);
    unit_int(raw_ask(&c), -6);
    unit_int(raw_last.zxid, -1);
    unit_true(raw_is_closed(&c));
    unit_int((int)fake_refused(h.zk), 2);
    raw_hang_up(&c);
    raw_open(&c, &h, h.link, 4000);
    fake_zk_write_int(raw_op(&c, 3), 100); /* bodies that do not hold */
    unit_int(raw_ask(&c), -5);
    fake_zk_write_int(raw_op(&c, 1), INT32_MAX);
    unit_int(raw_ask(&c), -5);
    raw_put_text(raw_op(&c, 4), "/");
    unit_int(raw_ask(&c), -5);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_ops, read_only_refuses_writes)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    unit_int(fake_set_condition(h.zk, FAKE_READ_ONLY), 0);
    unit_int(raw_create(&c, "/a", 0), -119);
    unit_int(raw_delete(&c, "/a", -1), -119);
    unit_int(raw_exists(&c, "/", false), 0);
    unit_int(fake_set_condition(h.zk, FAKE_HEALTHY), 0);
    unit_int(raw_create(&c, "/a", 0), 0);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_ops, what_was_asked_is_counted)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_create(&c, "/a", 0);
    raw_exists(&c, "/a", false);
    raw_exists(&c, "/b", false);
    raw_op(&c, 11);
    unit_int(raw_ask(&c), 0);
    unit_int(raw_last.xid, -2); /* whatever was asked */
    unit_int((int)fake_count(h.zk, h.link, "exists"), 2);
    unit_int((int)fake_count(h.zk, NULL, "create"), 1);
    unit_int((int)fake_count(h.zk, NULL, "ping"), 1);
    unit_int((int)fake_count(h.zk, NULL, "connect"), 1);
    unit_int((int)fake_count(h.zk, NULL, NULL), 3);
    raw_hang_up(&c);
    raw_hub_close(&h);
}
