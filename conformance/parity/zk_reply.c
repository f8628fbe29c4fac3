/* SPDX-License-Identifier: Apache-2.0
 * zk_reply.c - ZooKeeper's answers and events as lines of a transcript.
 *
 * Written normalisation: children and lists of paths, identities and rights
 * are sorted (hash sets on the server). zxids of changes and in Stats are
 * ranks by first sight; those of other answers speak of what other clients
 * did, and are told only when they are 0 or -1. ctime is left out, mtime told
 * as whole ticks after it. Session ids are the script's numbers. What events
 * bring while a session ends is sorted, for it ends in a hash set's order.
 */
#include "zk_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void parity_zk_say(struct parity_run *run, int conn, struct parity_bytes *line)
{
    struct parity_zk *zk = run->own;

    parity_bytes_add(line, "", 1);
    if (line->is_short)
        zk->is_short = true;
    else
        parity_say(run, conn, "%s", (const char *)line->at);
    parity_bytes_free(line);
}

/* ---- reading ----------------------------------------------------------- */

int64_t parity_zk_read(struct parity_zk_reader *in, size_t n_bytes)
{
    uint64_t value = 0;

    if (in->is_bad || in->left < n_bytes) {
        in->is_bad = true;
        return 0;
    }
    for (size_t i = 0; i < n_bytes; i++)
        value = value << 8 | in->at[i];
    in->at += n_bytes;
    in->left -= n_bytes;
    return n_bytes == 4 ? (int32_t)(uint32_t)value : (int64_t)value;
}

struct text {
    const uint8_t *at; /* NULL: null                                         */
    size_t length;
};

static struct text read_text(struct parity_zk_reader *in)
{
    struct text text = {NULL, 0};
    int64_t length = parity_zk_read(in, 4);

    if (in->is_bad || length == -1)
        return text;
    if (length < 0 || (size_t)length > in->left) {
        in->is_bad = true;
        return text;
    }
    text.at = in->at;
    text.length = (size_t)length;
    in->at += length;
    in->left -= (size_t)length;
    return text;
}

/* ---- parts of a line --------------------------------------------------- */

struct teller {
    struct parity_run *run;
    struct parity_zk *zk;
    struct parity_zk_reader in;
    struct parity_bytes line;
};

static void tell_text(struct teller *t, struct parity_bytes *line, char quote)
{
    struct text text = read_text(&t->in);

    if (text.at == NULL) {
        parity_bytes_text(line, "null");
        return;
    }
    parity_bytes_add(line, &quote, quote != ' ');
    parity_escape(text.at, text.length, line);
    parity_bytes_add(line, &quote, quote != ' ');
}

static void tell_zxid(struct teller *t, const char *name)
{
    int64_t zxid = parity_zk_read(&t->in, 8);

    if (zxid > t->zk->seen_zxid)
        t->zk->seen_zxid = zxid;
    parity_bytes_format(&t->line, " %s=%zu", name,
                        zxid == 0 ? 0
                                  : parity_rank(&t->zk->zxids, (uint64_t)zxid));
}

/* Rounded; whatever the bytes say. */
static int64_t ticks_between(int64_t tick_ms, int64_t from_ms, int64_t to_ms)
{
    int64_t ms = (int64_t)((uint64_t)to_ms - (uint64_t)from_ms);
    int64_t ticks = ms / tick_ms, rest_ms = ms % tick_ms;

    return ticks + (2 * rest_ms >= tick_ms) - (2 * rest_ms <= -tick_ms);
}

static void tell_stat(struct teller *t)
{
    struct parity_zk_reader *in = &t->in;

    tell_zxid(t, "c");
    tell_zxid(t, "m");
    int64_t ctime_ms = parity_zk_read(in, 8);
    int64_t mtime_ms = parity_zk_read(in, 8);
    int64_t ticks = ticks_between(t->run->setting->own[0], ctime_ms, mtime_ms);
    parity_bytes_format(&t->line, " +%lld", (long long)ticks);
    parity_bytes_format(&t->line, " v=%d", (int)parity_zk_read(in, 4));
    parity_bytes_format(&t->line, " cv=%d", (int)parity_zk_read(in, 4));
    parity_bytes_format(&t->line, " av=%d owner=", (int)parity_zk_read(in, 4));
    parity_zk_say_owner(t->zk, parity_zk_read(in, 8), &t->line);
    parity_bytes_format(&t->line, " size=%d", (int)parity_zk_read(in, 4));
    parity_bytes_format(&t->line, " kids=%d", (int)parity_zk_read(in, 4));
    tell_zxid(t, "p");
}

/* ---- sorted lists ------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_name(struct teller *t, struct parity_bytes *item)
{
    tell_text(t, item, ' ');
}

static void read_ace(struct teller *t, struct parity_bytes *item)
{
    parity_bytes_format(item, "%d:", (int)parity_zk_read(&t->in, 4));
    tell_text(t, item, ' ');
    parity_bytes_text(item, ":");
    tell_text(t, item, ' ');
}

static void read_client(struct teller *t, struct parity_bytes *item)
{
    tell_text(t, item, ' ');
    parity_bytes_text(item, ":");
    tell_text(t, item, ' ');
}

static void tell_list(struct teller *t,
                      void (*read)(struct teller *t, struct parity_bytes *))
{
    int64_t count = parity_zk_read(&t->in, 4);
    size_t n = 0, room = 0;
    char **items = NULL;

    for (int64_t i = 0; i < count && !t->in.is_bad; i++) {
        struct parity_bytes item = {0};
        read(t, &item);
        parity_zk_keep(t->zk, &items, &n, &room, item.at, item.length);
        parity_bytes_free(&item);
    }
    if (n > 0)
        qsort(items, n, sizeof *items, by_text);
    parity_bytes_format(&t->line, " %lld [", (long long)count);
    for (size_t i = 0; i < n; i++) {
        parity_bytes_text(&t->line, i == 0 ? "" : " ");
        parity_bytes_text(&t->line, items[i]);
        free(items[i]);
    }
    parity_bytes_text(&t->line, "]");
    free(items);
}

/* ---- bodies ------------------------------------------------------------ */

static void tell_body(struct teller *t, enum parity_zk_form form);

/* A path that was made: swept afterwards. */
static void tell_path(struct teller *t, bool is_new)
{
    struct parity_zk_reader peek = t->in;
    struct text path = read_text(&peek);

    if (is_new && path.at != NULL)
        parity_zk_keep(t->zk, &t->zk->created, &t->zk->n_created,
                       &t->zk->created_room, path.at, path.length);
    parity_bytes_text(&t->line, " ");
    tell_text(t, &t->line, ' ');
}

static void tell_multi(struct teller *t)
{
    for (;;) {
        int64_t type = parity_zk_read(&t->in, 4);
        bool is_end = parity_zk_read(&t->in, 1) != 0;
        int64_t error = parity_zk_read(&t->in, 4);
        if (t->in.is_bad || is_end)
            break;
        const struct parity_zk_verb *verb =
            type == -1 ? NULL : parity_zk_verb_of((int32_t)type);
        parity_bytes_format(&t->line, " (%s %d",
                            verb == NULL ? "error" : verb->name, (int)error);
        if (verb != NULL)
            tell_body(t, verb->form);
        else
            parity_bytes_format(&t->line, " %d",
                                (int)parity_zk_read(&t->in, 4));
        parity_bytes_text(&t->line, ")");
    }
}

static void tell_body(struct teller *t, enum parity_zk_form form)
{
    switch (form) {
    case PARITY_ZK_NOTHING:
        break;
    case PARITY_ZK_PATH:
        tell_path(t, true);
        break;
    case PARITY_ZK_PATH_STAT:
        tell_path(t, true);
        tell_stat(t);
        break;
    case PARITY_ZK_STAT:
        tell_stat(t);
        break;
    case PARITY_ZK_DATA_STAT:
        parity_bytes_text(&t->line, " ");
        tell_text(t, &t->line, '"');
        tell_stat(t);
        break;
    case PARITY_ZK_NAMES:
        tell_list(t, read_name);
        break;
    case PARITY_ZK_NAMES_STAT:
        tell_list(t, read_name);
        tell_stat(t);
        break;
    case PARITY_ZK_ACL_STAT:
        tell_list(t, read_ace);
        tell_stat(t);
        break;
    case PARITY_ZK_NUMBER:
        parity_bytes_format(&t->line, " %d", (int)parity_zk_read(&t->in, 4));
        break;
    case PARITY_ZK_CLIENTS:
        tell_list(t, read_client);
        break;
    case PARITY_ZK_MULTI:
        tell_multi(t);
        break;
    case PARITY_ZK_BYTES:
        parity_bytes_format(&t->line, " %zu bytes", t->in.left);
        t->in.left = 0;
        break;
    }
}

/* ---- events ------------------------------------------------------------ */

static void hear_event(struct parity_run *run, int conn,
                       struct parity_zk_reader in)
{
    static const char *const names[] = {"none", "created", "deleted", "changed",
                                        "children"};
    struct parity_zk *zk = run->own;
    struct parity_zk_conn *c = &zk->conns[conn];
    struct teller t = {run, zk, in, {0}};
    int64_t event = parity_zk_read(&t.in, 4);
    int64_t state = parity_zk_read(&t.in, 4);

    if (event < 0 || event > 4)
        parity_bytes_format(&t.line, "event %d ", (int)event);
    else
        parity_bytes_format(&t.line, "event %s ", names[event]);
    tell_text(&t, &t.line, ' ');
    if (state != 3)
        parity_bytes_format(&t.line, " state %d", (int)state);
    if (t.in.is_bad || t.in.left > 0)
        parity_bytes_text(&t.line, " and does not hold");
    parity_zk_keep(zk, &c->events, &c->n_events, &c->events_room, t.line.at,
                   t.line.length);
    parity_bytes_free(&t.line);
}

void parity_zk_say_events(struct parity_run *run, int conn)
{
    struct parity_zk *zk = run->own;
    struct parity_zk_conn *c = &zk->conns[conn];

    if (zk->exact_op != run->op && c->n_events > 1)
        qsort(c->events, c->n_events, sizeof *c->events, by_text);
    for (size_t i = 0; i < c->n_events; i++) {
        parity_say(run, conn, "%s", c->events[i]);
        free(c->events[i]);
    }
    c->n_events = 0;
}

/* ---- a frame ----------------------------------------------------------- */

/* Which answer this is: the first that bears its number. Authentication is
 * answered at once, before requests that were sent earlier. */
static bool is_awaited(struct parity_zk_conn *c, int32_t xid,
                       struct parity_zk_awaited *ret_awaited)
{
    for (size_t i = 0; i < c->n_awaited; i++) {
        if (c->awaited[i].xid != xid)
            continue;
        *ret_awaited = c->awaited[i];
        memmove(c->awaited + i, c->awaited + i + 1,
                (c->n_awaited - i - 1) * sizeof *c->awaited);
        c->n_awaited--;
        return true;
    }
    return false;
}

static void say_reply(struct parity_run *run, int conn,
                      const struct parity_zk_verb *verb,
                      struct parity_zk_reader in, int64_t zxid, int error)
{
    struct teller t = {run, run->own, in, {0}};

    parity_bytes_format(&t.line, "%s %d", verb->name, error);
    if (zxid == 0 || zxid == -1)
        parity_bytes_format(&t.line, " z=%d", (int)zxid);
    else if (verb->is_change && error == 0)
        parity_bytes_format(&t.line, " z=#%zu",
                            parity_rank(&t.zk->zxids, (uint64_t)zxid));
    /* Good-bye, a proof that is none, an operation nobody knows. */
    if (verb->op == -11 || error == -115 || zxid == -1)
        t.zk->conns[conn].is_closing = true;
    if (error == 0)
        tell_body(&t, verb->form);
    if (t.in.is_bad)
        parity_bytes_text(&t.line, " and does not hold");
    else if (t.in.left > 0)
        parity_bytes_format(&t.line, " and %zu bytes more", t.in.left);
    parity_zk_say(run, conn, &t.line);
}

void parity_zk_say_frame(struct parity_run *run, int conn, const uint8_t *at,
                         size_t length)
{
    struct parity_zk *zk = run->own;
    struct parity_zk_reader in = {at, length, false};
    struct parity_zk_awaited awaited;
    int32_t xid = (int32_t)parity_zk_read(&in, 4);
    int64_t zxid = parity_zk_read(&in, 8);
    int error = (int)parity_zk_read(&in, 4);

    if (in.is_bad) {
        parity_say(run, conn, "a frame of %zu bytes", length);
        return;
    }
    if (xid == -1) {
        hear_event(run, conn, in);
        return;
    }
    if (zxid > zk->seen_zxid)
        zk->seen_zxid = zxid;
    bool is_known = is_awaited(&zk->conns[conn], xid, &awaited);
    /* What comes within a wait is told, in one list, at its end. */
    if (!is_known || !awaited.is_keepalive)
        parity_zk_say_events(run, conn);
    if (!is_known)
        parity_say(run, conn, "an answer nobody asked for: %d", error);
    else if (awaited.verb != NULL)
        say_reply(run, conn, awaited.verb, in, zxid, error);
    else if (error != 0)
        parity_say(run, conn, "ping %d", error);
}
