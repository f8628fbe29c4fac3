/* SPDX-License-Identifier: Apache-2.0
 * zk_hello.c - the first words of a connection: a session asked for, new or
 * old, and what became of it.
 */
#include "zk_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An id that no session was ever given. Another for each script: the server
 * closes the connection that asked for the same id before, before it has
 * answered it. */
static int64_t nobody(const char *prefix)
{
    uint64_t hash = 0;

    for (; *prefix != '\0'; prefix++)
        hash = hash * 131 + (unsigned char)*prefix;
    return INT64_C(0x7e57000000000000) | (int64_t)(hash & 0xffffffffffff);
}

struct hello {
    int64_t timeout_ms, zxid, id;
    uint8_t password[PARITY_ZK_PASSWORD];
    size_t session;
    bool is_old_client;
};

static struct parity_zk_conn *conn_of(struct parity_run *run, int conn)
{
    struct parity_zk *zk = run->own;

    return &zk->conns[conn];
}

/* sN */
static int read_session(const struct parity_zk *zk, const char *prefix,
                        struct parity_zk_word word, struct hello *hello)
{
    int64_t number;

    if (word.length < 2 || word.at[0] != 's')
        return -EINVAL;
    word.at++;
    word.length--;
    int err = parity_zk_number(word, &number);
    if (err != 0 || number < 1)
        return -EINVAL;
    hello->session = (size_t)number;
    hello->id = nobody(prefix);
    if (hello->session > zk->n_sessions ||
        zk->sessions[hello->session - 1].id == 0)
        return 0;
    const struct parity_zk_session *s = &zk->sessions[hello->session - 1];
    hello->id = s->id;
    memcpy(hello->password, s->password, sizeof s->password);
    return 0;
}

static int read_hello(const struct parity_zk *zk, const char *prefix,
                      const char *args, struct hello *ret_hello)
{
    struct parity_zk_words words = {args};
    struct parity_zk_word word = parity_zk_next(&words);
    int err = 0;

    *ret_hello = (struct hello){.timeout_ms = 8 * PARITY_ZK_TICK_MS};
    if (word.length > 0 && !parity_zk_is(word, "sweep"))
        err = parity_zk_number(word, &ret_hello->timeout_ms);
    while (err == 0 && (word = parity_zk_next(&words)).length > 0) {
        if (parity_zk_is(word, "wrong"))
            ret_hello->password[0] ^= 0xff;
        else if (parity_zk_is(word, "future"))
            ret_hello->zxid = INT64_MAX;
        else if (parity_zk_is(word, "seen"))
            ret_hello->zxid = zk->seen_zxid;
        else if (parity_zk_is(word, "old"))
            ret_hello->is_old_client = true;
        else
            err = read_session(zk, prefix, word, ret_hello);
    }
    return err;
}

static int begin_session(struct parity_zk *zk)
{
    if (zk->n_sessions == zk->sessions_room) {
        size_t room = zk->sessions_room == 0 ? 8 : zk->sessions_room * 2;
        void *more = realloc(zk->sessions, room * sizeof *zk->sessions);
        if (more == NULL)
            return -ENOMEM;
        zk->sessions = more;
        zk->sessions_room = room;
    }
    zk->sessions[zk->n_sessions++] = (struct parity_zk_session){0};
    return 0;
}

static int greet_without(struct parity_run *run, struct parity_zk_conn *c,
                         struct parity_zk_words words, struct parity_bytes *out)
{
    struct parity_zk_word kind = parity_zk_next(&words);
    struct parity_zk_word word = parity_zk_next(&words);

    if (parity_zk_is(kind, "raw")) {
        c->talk = PARITY_ZK_RAW;
        return parity_unescape(word.at, word.length, run->prefix, out);
    }
    if (word.length != 4)
        return -EINVAL;
    c->talk = PARITY_ZK_WORD;
    memcpy(c->word, word.at, 4);
    parity_bytes_add(out, word.at, 4);
    return 0;
}

int parity_zk_greet(struct parity_run *run, int conn, const char *args,
                    struct parity_bytes *out)
{
    struct parity_zk *zk = run->own;
    struct parity_zk_conn *c = conn_of(run, conn);
    struct parity_zk_words words = {args};
    struct parity_zk_word first = parity_zk_next(&words);
    struct hello hello;

    words.at = args;
    c->is_open = true;
    if (parity_zk_is(first, "word") || parity_zk_is(first, "raw"))
        return greet_without(run, c, words, out);
    int err = read_hello(zk, run->prefix, args, &hello);
    if (err == 0 && hello.id == 0)
        err = begin_session(zk);
    if (err != 0)
        return err;
    c->talk = PARITY_ZK_GREETING;
    c->session = hello.id == 0 ? zk->n_sessions : hello.session;
    parity_bytes_big(out, hello.is_old_client ? 44 : 45, 4);
    parity_bytes_big(out, 0, 4);
    parity_bytes_big(out, (uint64_t)hello.zxid, 8);
    parity_bytes_big(out, (uint64_t)hello.timeout_ms, 4);
    parity_bytes_big(out, (uint64_t)hello.id, 8);
    parity_bytes_big(out, sizeof hello.password, 4);
    parity_bytes_add(out, hello.password, sizeof hello.password);
    if (!hello.is_old_client)
        parity_bytes_big(out, 0, 1);
    return 0;
}

/* ---- the answer -------------------------------------------------------- */

/* Ids are told as the numbers of the script. */
static void say_session(struct parity_run *run, int conn, int64_t id,
                        int64_t timeout_ms, const uint8_t *password,
                        int read_only)
{
    struct parity_zk *zk = run->own;
    size_t number = conn_of(run, conn)->session;
    struct parity_zk_session *s =
        number > zk->n_sessions ? NULL : &zk->sessions[number - 1];
    struct parity_bytes line = {0};

    if (id == 0) {
        conn_of(run, conn)->is_closing = true;
        parity_say(run, conn, "no session, timeout %lld, read-only %d",
                   (long long)timeout_ms, read_only);
        return;
    }
    if (s != NULL && s->id == 0) {
        s->id = id;
        memcpy(s->password, password, PARITY_ZK_PASSWORD);
    }
    parity_bytes_text(&line, "session ");
    parity_zk_say_owner(zk, id, &line);
    parity_bytes_format(
        &line, " timeout %lld, read-only %d%s", (long long)timeout_ms,
        read_only,
        s != NULL && memcmp(s->password, password, PARITY_ZK_PASSWORD) == 0
            ? ""
            : ", another password");
    parity_zk_say(run, conn, &line);
}

/* A session has one connection: the server closes the older, whether the
 * newer has the right password or not. */
static void close_older(struct parity_run *run, int conn)
{
    struct parity_zk *zk = run->own;

    for (int i = 0; i < PARITY_CONNS; i++)
        if (i != conn && zk->conns[i].is_open &&
            zk->conns[i].talk == PARITY_ZK_GREETED &&
            zk->conns[i].session == zk->conns[conn].session)
            zk->conns[i].is_closing = true;
}

void parity_zk_say_hello(struct parity_run *run, int conn, const uint8_t *at,
                         size_t length)
{
    struct parity_zk_reader in = {at, length, false};
    struct parity_zk_conn *c = conn_of(run, conn);

    c->talk = PARITY_ZK_GREETED;
    close_older(run, conn);
    int64_t version = parity_zk_read(&in, 4);
    int64_t timeout_ms = parity_zk_read(&in, 4);
    int64_t id = parity_zk_read(&in, 8);
    int64_t n = parity_zk_read(&in, 4);
    if (in.is_bad || version != 0 || n != PARITY_ZK_PASSWORD ||
        in.left < PARITY_ZK_PASSWORD || in.left > PARITY_ZK_PASSWORD + 1) {
        parity_say(run, conn, "a greeting of %zu bytes that does not hold",
                   length);
        return;
    }
    say_session(run, conn, id, timeout_ms, in.at,
                in.left == PARITY_ZK_PASSWORD ? -1 : in.at[PARITY_ZK_PASSWORD]);
}

void parity_zk_say_owner(const struct parity_zk *zk, int64_t id,
                         struct parity_bytes *line)
{
    for (size_t i = 0; i < zk->n_sessions; i++) {
        if (id != 0 && zk->sessions[i].id == id) {
            parity_bytes_format(line, "s%zu", i + 1);
            return;
        }
    }
    parity_bytes_text(line, id == 0 ? "0" : "other");
}
