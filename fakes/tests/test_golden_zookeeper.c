/* SPDX-License-Identifier: Apache-2.0
 * test_golden_zookeeper.c - the fake ZooKeeper answers Python tooz as
 * ZooKeeper 3.8.0 did, frame for frame.
 *
 * Both answers are put into words that name what differs from run to run (the
 * first zxid, sessions, times) by what it stands for, and the words are equal.
 */
#include "golden.h"
#include "golden_zookeeper.h"
#include "unit.h"
#include "zk_raw.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS = 4, CREATE = 1, EXISTS = 3, GET = 4, SET = 5, CHILDREN = 8 };

/* ---- an answer in words ----------------------------------------------- */

struct teller {
    int64_t zxid_before, sessions[CLIENTS];
    char words[1024];
    size_t length;
};

static void tell(struct teller *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(struct teller *t, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    t->length += (size_t)vsnprintf(t->words + t->length,
                                   sizeof t->words - t->length, format, list);
    va_end(list);
    unit_true(t->length < sizeof t->words);
}

/* 0 stays 0: it means none. */
static void tell_zxid(struct teller *t, const char *name, int64_t zxid)
{
    tell(t, " %s %" PRId64, name, zxid == 0 ? 0 : zxid - t->zxid_before);
}

static void tell_text(struct teller *t, struct fake_zk_text text)
{
    tell(t, " ");
    for (int32_t i = 0; i < text.length; i++)
        tell(t, "%02x", (unsigned char)text.at[i]);
}

static void tell_owner(struct teller *t, int64_t session)
{
    int i = 0;

    while (i < CLIENTS && t->sessions[i] != session)
        i++;
    if (session == 0 || i == CLIENTS)
        tell(t, session == 0 ? " owner none" : " owner ?");
    else
        tell(t, " owner %c", 'A' + i);
}

static void tell_stat(struct teller *t, struct fake_zk_reader *r)
{
    int64_t ctime, mtime;

    tell_zxid(t, "made", fake_zk_read_long(r));
    tell_zxid(t, "set", fake_zk_read_long(r));
    ctime = fake_zk_read_long(r);
    mtime = fake_zk_read_long(r);
    tell(t, ctime == 0 ? " never" : mtime == ctime ? " at once" : " later");
    tell(t, " v%d", (int)fake_zk_read_int(r));
    tell(t, " c%d", (int)fake_zk_read_int(r));
    tell(t, " a%d", (int)fake_zk_read_int(r));
    tell_owner(t, fake_zk_read_long(r));
    tell(t, " bytes %d", (int)fake_zk_read_int(r));
    tell(t, " children %d", (int)fake_zk_read_int(r));
    tell_zxid(t, "child", fake_zk_read_long(r));
}

static int by_text(const void *a, const void *b)
{
    const struct fake_zk_text *x = a, *y = b;
    int32_t least = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->at, y->at, (size_t)least);

    return order != 0 ? order : x->length - y->length;
}

/* The server promises no order (it is that of a hash table). */
static void tell_children(struct teller *t, struct fake_zk_reader *r)
{
    struct fake_zk_text names[8];
    int32_t n = fake_zk_read_int(r);

    unit_true(n >= 0 && n <= 8);
    for (int32_t i = 0; i < n; i++)
        names[i] = fake_zk_read_text(r);
    if (n > 1)
        qsort(names, (size_t)n, sizeof *names, by_text);
    tell(t, " %d children", (int)n);
    for (int32_t i = 0; i < n; i++)
        tell_text(t, names[i]);
}

/* A frame without its length, in answer to `op`. `is_bare`: the head only. */
static void tell_answer(struct teller *t, struct fake_zk_reader r, int32_t op,
                        bool is_bare)
{
    int32_t error;

    t->length = 0;
    tell(t, "xid %d", (int)fake_zk_read_int(&r));
    tell_zxid(t, "zxid", fake_zk_read_long(&r));
    error = fake_zk_read_int(&r);
    tell(t, " error %d", (int)error);
    if (is_bare)
        return;
    if (error == 0 && (op == CREATE || op == GET))
        tell_text(t, fake_zk_read_text(&r));
    if (error == 0 && (op == EXISTS || op == GET || op == SET))
        tell_stat(t, &r);
    if (error == 0 && op == CHILDREN)
        tell_children(t, &r);
    tell(t, r.is_bad || r.left != 0 ? " and the frame is wrong" : ".");
}

/* ---- the record ------------------------------------------------------- */

struct play {
    struct raw_hub hub;
    struct raw clients[CLIENTS];
    struct teller fake, server;
    struct golden_line asked; /* last                                      */
    int sent, greetings, answers, bare, asides;
};

static int32_t op_of(const struct golden_line *asked)
{
    struct fake_zk_reader r =
        fake_zk_reader(asked->bytes + 8, asked->length - 8);

    return fake_zk_read_int(&r);
}

static bool is_greeting(const struct golden_line *asked)
{
    return asked->length == 49;
}

static void say(struct play *p, const struct golden_line *line)
{
    struct raw *c = &p->clients[line->client];

    /* Time passes between two requests, as it did there. */
    fake_advance(p->hub.hub, fake_now(p->hub.hub) + 10);
    p->asked = *line;
    if (is_greeting(line))
        raw_dial(c, &p->hub, p->hub.link);
    raw_send(c, line->bytes, line->length);
}

/* Timeout and session; the password is random. */
static void expect_welcome(struct play *p, const struct golden_line *line)
{
    struct raw *c = &p->clients[line->client];
    struct fake_zk_reader r = fake_zk_reader(line->bytes + 8, line->length - 8);

    p->greetings++;
    unit_true(raw_take_welcome(c));
    unit_int(c->timeout_ms, fake_zk_read_int(&r));
    p->fake.sessions[line->client] = c->session;
    p->server.sessions[line->client] = fake_zk_read_long(&r);
}

/* Of "/" only the head: others had used the recorded server before. */
static bool is_of_root(const struct golden_line *asked)
{
    return op_of(asked) == EXISTS && asked->length == 18;
}

static void expect(struct play *p, const struct golden_line *line)
{
    struct raw_reply reply = {.xid = 0};
    bool is_bare = is_of_root(&p->asked);
    int32_t op = op_of(&p->asked);

    p->answers++;
    p->bare += is_bare;
    if (!raw_take(&p->clients[line->client], &reply))
        unit_fail(line->step, line->row, "no answer");
    tell_answer(&p->fake, fake_zk_reader(reply.frame.bytes, reply.frame.length),
                op, is_bare);
    tell_answer(&p->server, fake_zk_reader(line->bytes + 4, line->length - 4),
                op, is_bare);
    unit_text_at(reply.events, "", "events", line->step, line->row);
    raw_reply_clear(&reply);
    unit_text_at(p->fake.words, p->server.words, "answer", line->step,
                 line->row);
}

static void play_aside(struct play *p, const struct golden_line *line)
{
    struct raw *c = &p->clients[line->client];
    struct raw_reply reply = {.xid = 0};

    p->asides++;
    say(p, line);
    if (is_greeting(line)) {
        unit_true(raw_take_welcome(c));
        return;
    }
    unit_true(raw_take(c, &reply));
    unit_int_at(reply.error, 0, "error", line->step, line->row);
    raw_reply_clear(&reply);
}

static void play(struct play *p, const struct golden_line *line)
{
    if (line->what == '*') {
        play_aside(p, line);
    } else if (line->what == '>') {
        p->sent++;
        say(p, line);
    } else if (is_greeting(&p->asked)) {
        expect_welcome(p, line);
    } else {
        expect(p, line);
    }
}

UNIT(golden_zookeeper, tooz_is_answered_as_zookeeper_did)
{
    struct play p = {.server = {.zxid_before = 0x5f1}};
    struct golden_line line;
    int row = 0;

    raw_hub_open(&p.hub, 1000000);
    while (golden_next(golden_zookeeper, &row, &line) != NULL)
        play(&p, &line);
    /* Nothing of the record was passed over. */
    unit_int(p.sent, 85);
    unit_int(p.greetings, 2);
    unit_int(p.answers, 83);
    unit_int(p.bare, 1);
    unit_int(p.asides, 4);
    for (int i = 0; i < CLIENTS; i++)
        raw_hang_up(&p.clients[i]);
    raw_hub_close(&p.hub);
}
