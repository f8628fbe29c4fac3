/* SPDX-License-Identifier: Apache-2.0
 * test_zk_ask.c - the lists of the fake ZooKeeper and reads in one request, as
 * ZooKeeper 3.8.0 of Debian 12 answered them; and the words of monitors.
 */
#include "unit.h"
#include "zk_raw.h"

#include <string.h>

enum { GET = 4, CHILDREN = 8, MULTI = 14, MULTI_READ = 22, EPHEMERALS = 103 };
enum { COUNT_BELOW = 104, WHO_AM_I = 107 };

static int ask_path(struct raw *c, int op, const char *path)
{
    raw_put_text(raw_op(c, op), path);
    return raw_ask(c);
}

/* The strings of a list, each with a space behind it. */
static const char *list(void)
{
    static char text[512];
    struct fake_zk_reader *r = &raw_last.body;
    int32_t count = fake_zk_read_int(r);
    size_t used = 0;

    text[0] = '\0';
    for (int32_t i = 0; i < count && !r->is_bad; i++) {
        struct fake_zk_text one = fake_zk_read_text(r);
        unit_true(used + (size_t)one.length + 2 < sizeof text);
        memcpy(text + used, one.at, (size_t)one.length);
        used += (size_t)one.length;
        memcpy(text + used++, " ", 2);
    }
    unit_true(!r->is_bad);
    return text;
}

UNIT(zk_ask, ephemerals_of_the_session_by_their_beginning)
{
    struct raw_hub h;
    struct raw c, other;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_open(&other, &h, h.link, 4000);
    raw_create(&c, "/a", 0);
    raw_create(&c, "/a/e", 1);
    raw_create(&c, "/b", 1);
    raw_create(&other, "/a/o", 1);
    unit_int(ask_path(&c, EPHEMERALS, "/a"), 0);
    unit_text(list(), "/a/e ");
    unit_int(ask_path(&c, EPHEMERALS, "/"), 0);
    unit_text(list(), "/a/e /b ");
    unit_int(ask_path(&c, EPHEMERALS, " / \t"), 0);
    unit_text(list(), "/a/e /b ");
    unit_int(ask_path(&c, EPHEMERALS, ""), 0);
    unit_text(list(), "/a/e /b ");
    unit_int(ask_path(&c, EPHEMERALS, NULL), 0);
    unit_text(list(), "/a/e /b ");
    unit_int(ask_path(&c, EPHEMERALS, "/c"), 0);
    unit_text(list(), "");
    raw_op(&c, EPHEMERALS);
    unit_int(raw_ask(&c), -5);
    raw_hang_up(&c);
    raw_hang_up(&other);
    raw_hub_close(&h);
}

UNIT(zk_ask, all_that_is_below)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    unit_int(ask_path(&c, COUNT_BELOW, "/"), 0);
    unit_int(fake_zk_read_int(&raw_last.body), 3);
    raw_create(&c, "/a", 0);
    raw_create(&c, "/a/b", 0);
    raw_create(&c, "/a/b/c", 0);
    raw_create(&c, "/ab", 0);
    unit_int(ask_path(&c, COUNT_BELOW, "/a"), 0);
    unit_int(fake_zk_read_int(&raw_last.body), 2);
    unit_int(ask_path(&c, COUNT_BELOW, "/ab"), 0);
    unit_int(fake_zk_read_int(&raw_last.body), 0);
    unit_int(ask_path(&c, COUNT_BELOW, ""), 0);
    unit_int(fake_zk_read_int(&raw_last.body), 8);
    unit_int(ask_path(&c, COUNT_BELOW, "/none"), -101);
    unit_int(ask_path(&c, COUNT_BELOW, NULL), -5);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

static void whom(struct raw *c, const char *want)
{
    char text[256] = "";

    raw_op(c, WHO_AM_I);
    unit_int(raw_ask(c), 0);
    int32_t count = fake_zk_read_int(&raw_last.body);
    for (int32_t i = 0; i < 2 * count; i++) {
        struct fake_zk_text one = fake_zk_read_text(&raw_last.body);
        strncat(text, one.at, (size_t)one.length);
        strcat(text, i % 2 == 0 ? ":" : " ");
    }
    unit_true(!raw_last.body.is_bad && raw_last.body.left == 0);
    unit_text(text, want);
}

UNIT(zk_ask, who_one_has_proved_to_be)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    whom(&c, "ip:127.0.0.1 ");
    struct fake_zk_writer *w = raw_op_xid(&c, 100, -4);
    fake_zk_write_int(w, 0);
    raw_put_text(w, "digest");
    raw_put_text(w, "user:pw");
    unit_int(raw_ask(&c), 0);
    whom(&c, "digest:user ip:127.0.0.1 ");
    raw_hang_up(&c);
    raw_hub_close(&h);
}

static void put_header(struct fake_zk_writer *w, int type)
{
    fake_zk_write_int(w, type);
    fake_zk_write_bool(w, type == -1);
    fake_zk_write_int(w, -1);
}

static void put_read(struct fake_zk_writer *w, int type, const char *path)
{
    put_header(w, type);
    raw_put_text(w, path);
    fake_zk_write_bool(w, true); /* not heeded */
}

static void is_header(int type, int error)
{
    struct fake_zk_reader *r = &raw_last.body;

    unit_int(fake_zk_read_int(r), type);
    unit_int(fake_zk_read_bool(r), type == -1 && error == -1);
    unit_int(fake_zk_read_int(r), error);
}

UNIT(zk_ask, many_reads_each_for_itself)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_create(&c, "/a", 0);
    raw_create(&c, "/a/b", 0);
    struct fake_zk_writer *w = raw_op(&c, MULTI_READ);
    put_read(w, GET, "/a");
    put_read(w, GET, "/none");
    put_read(w, CHILDREN, "/a");
    put_header(w, -1);
    unit_int(raw_ask(&c), 0);
    is_header(GET, 0);
    unit_int(fake_zk_read_text(&raw_last.body).length, 1);
    raw_last.body.at += 68;
    raw_last.body.left -= 68;
    is_header(-1, -101);
    unit_int(fake_zk_read_int(&raw_last.body), -101);
    is_header(CHILDREN, 0);
    unit_text(list(), "b ");
    is_header(-1, -1);
    unit_int((int64_t)raw_last.body.left, 0);
    raw_set(&c, "/a", "1", -1);
    unit_text(raw_last.events, "");
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(zk_ask, a_null_path_spoils_the_rest)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    struct fake_zk_writer *w = raw_op(&c, MULTI_READ);
    put_read(w, CHILDREN, "/zookeeper/quota");
    put_read(w, GET, NULL);
    put_header(w, -1);
    unit_int(raw_ask(&c), -5);
    unit_int((int64_t)raw_last.body.left, 9 + 4 + 9);
    w = raw_op(&c, MULTI_READ);
    put_read(w, GET, "/");
    put_read(w, 3, "/"); /* exists does not belong here */
    put_header(w, -1);
    unit_int(raw_ask(&c), -5);
    unit_int((int64_t)raw_last.body.left, 0);
    w = raw_op(&c, MULTI);
    put_header(w, 2);
    raw_put_text(w, NULL);
    fake_zk_write_int(w, -1);
    put_header(w, -1);
    unit_int(raw_ask(&c), -5);
    unit_int((int64_t)raw_last.body.left, 9);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

/* ---- words ------------------------------------------------------------- */

static void word_has(struct raw_hub *h, const char *word, const char *want)
{
    struct raw m;

    raw_dial(&m, h, h->link);
    raw_send(&m, word, 4);
    unit_true(raw_is_closed(&m));
    if (memmem(m.in.bytes, m.in.length, want, strlen(want)) == NULL)
        unit_fail(__FILE__, __LINE__, "%s: no '%s' in:\n%.*s", word, want,
                  (int)m.in.length, (const char *)m.in.bytes);
    raw_hang_up(&m);
}

UNIT(zk_words, tell_what_there_is)
{
    struct raw_hub h;
    struct raw c;

    raw_hub_open(&h, 0);
    raw_open(&c, &h, h.link, 4000);
    raw_create(&c, "/e", 1);
    raw_exists(&c, "/e", true);
    raw_exists(&c, "/none", true);
    raw_children(&c, "/", true);
    word_has(&h, "srvr", "\nMode: standalone\nNode count: 6\n");
    word_has(&h, "stat", "\nClients:\n /127.0.0.1:1[1](queued=0,");
    word_has(&h, "cons", ",sid=0x100000000000001,");
    word_has(&h, "mntr", "\nzk_ephemerals_count\t1\n");
    word_has(&h, "mntr", "\nzk_znode_count\t6\n");
    word_has(&h, "mntr", "\nzk_watch_count\t3\n");
    word_has(&h, "conf",
             "\ntickTime=2000\nmaxClientCnxns=0\n"
             "minSessionTimeout=4000\nmaxSessionTimeout=40000\n");
    word_has(&h, "dump", "\n0x100000000000001:\n\t/e\n");
    word_has(&h, "envi", "Environment:\nzookeeper.version=3.8.0");
    word_has(&h, "wchs", "1 connections watching 2 paths\nTotal watches:2\n");
    word_has(&h, "wchc", "0x100000000000001\n\t");
    word_has(&h, "wchp", "/none\n\t0x100000000000001\n");
    word_has(&h, "dirs", "datadir_size: ");
    word_has(&h, "crst", "Connection stats reset.\n");
    word_has(&h, "srst", "Server stats reset.\n");
    word_has(&h, "srvr", "\nReceived: 0\n");
    raw_hang_up(&c);
    raw_hub_close(&h);
}
