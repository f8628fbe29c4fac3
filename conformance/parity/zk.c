/* SPDX-License-Identifier: Apache-2.0
 * zk.c - the protocol kazoo: ZooKeeper 3.8, byte for byte.
 *
 * A connection is a session. While a lane waits its sessions ping, as the
 * fake counts a clear link as pinged at every moment; and all ping right
 * before each op after a wait, so that a session that is dropped there was
 * heard of last at that moment, on both. Sessions live whole ticks and end
 * when one begins, so all ops lie within a tick, away from its ends.
 */
#include "zk_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More is no answer to anything asked here. */
#define LONGEST_FRAME (4 << 20)

void parity_zk_keep(struct parity_zk *zk, char ***list, size_t *count,
                    size_t *room, const void *text, size_t length)
{
    char *copy = malloc(length + 1);

    if (*count == *room && copy != NULL) {
        size_t more = *room == 0 ? 8 : *room * 2;
        char **grown = realloc(*list, more * sizeof *grown);
        if (grown != NULL) {
            *list = grown;
            *room = more;
        }
    }
    if (copy == NULL || *count == *room) {
        free(copy);
        zk->is_short = true;
        return;
    }
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    (*list)[(*count)++] = copy;
}

static int begin(struct parity_run *run)
{
    struct parity_zk *zk = calloc(1, sizeof *zk);

    if (zk == NULL)
        return -ENOMEM;
    zk->exact_op = SIZE_MAX;
    run->own = zk;
    return 0;
}

static void forget_events(struct parity_zk_conn *c)
{
    for (size_t i = 0; i < c->n_events; i++)
        free(c->events[i]);
    c->n_events = 0;
}

static void end(struct parity_run *run)
{
    struct parity_zk *zk = run->own;

    if (zk == NULL)
        return;
    for (int i = 0; i < PARITY_CONNS; i++) {
        forget_events(&zk->conns[i]);
        free(zk->conns[i].events);
        free(zk->conns[i].awaited);
        parity_bytes_free(&zk->conns[i].heard);
    }
    for (size_t i = 0; i < zk->n_created; i++)
        free(zk->created[i]);
    free(zk->created);
    free(zk->sessions);
    parity_ranks_free(&zk->zxids);
    free(zk);
    run->own = NULL;
}

/* ---- bytes that came --------------------------------------------------- */

static ssize_t take(struct parity_run *run, int conn, const uint8_t *bytes,
                    size_t length)
{
    struct parity_zk *zk = run->own;
    struct parity_zk_conn *c = &zk->conns[conn];
    size_t used = 0;

    if (c->talk == PARITY_ZK_WORD || c->talk == PARITY_ZK_RAW) {
        parity_bytes_add(&c->heard, bytes, length);
        return (ssize_t)length;
    }
    while (length - used >= 4) {
        struct parity_zk_reader in = {bytes + used, 4, false};
        int64_t n = parity_zk_read(&in, 4);
        if (n < 0 || n > LONGEST_FRAME)
            return -EPROTO;
        if (length - used - 4 < (size_t)n)
            break;
        if (c->talk == PARITY_ZK_GREETING)
            parity_zk_say_hello(run, conn, bytes + used + 4, (size_t)n);
        else
            parity_zk_say_frame(run, conn, bytes + used + 4, (size_t)n);
        used += 4 + (size_t)n;
    }
    return (ssize_t)used;
}

static size_t awaited(const struct parity_run *run, int conn)
{
    const struct parity_zk *zk = run->own;
    const struct parity_zk_conn *c = &zk->conns[conn];

    return c->n_awaited + (c->talk != PARITY_ZK_GREETED) + c->is_closing;
}

static void gone(struct parity_run *run, int conn)
{
    struct parity_zk *zk = run->own;
    struct parity_zk_conn *c = &zk->conns[conn];

    parity_zk_say_events(run, conn);
    if (c->talk == PARITY_ZK_WORD)
        parity_zk_say_word(run, conn);
    else if (c->talk == PARITY_ZK_RAW)
        parity_say(run, conn, "raw: %zu bytes", c->heard.length);
    parity_bytes_free(&c->heard);
    c->n_awaited = 0;
    c->is_open = c->is_closing = false;
    c->talk = PARITY_ZK_GREETED;
}

static int barrier(struct parity_run *run, int conn, struct parity_bytes *out)
{
    return parity_zk_ping(run, conn, false, out);
}

static int keepalive(struct parity_run *run, int conn, struct parity_bytes *out)
{
    return parity_zk_ping(run, conn, true, out);
}

/* ---- afterwards -------------------------------------------------------- */

static int longest_first(const void *a, const void *b)
{
    size_t x = strlen(*(char *const *)a), y = strlen(*(char *const *)b);

    return (x < y) - (x > y);
}

/* Children before parents. With the identities that scripts know; what even
 * they may not delete stays, under a name that nobody else has. */
static int sweep(struct parity_run *run, int conn, struct parity_bytes *out)
{
    static const char proofs[] = "auth digest user:pw ; auth digest bob:secret";
    struct parity_zk *zk = run->own;
    int err = parity_zk_encode(run, conn, proofs, out);

    if (zk->n_created > 0)
        qsort(zk->created, zk->n_created, sizeof *zk->created, longest_first);
    for (size_t i = 0; i < zk->n_created && err == 0; i++) {
        struct parity_bytes text = {0};
        parity_bytes_text(&text, "delete ");
        for (const char *at = zk->created[i]; *at != '\0'; at++)
            parity_bytes_format(&text, "\\x%02x", (unsigned char)*at);
        parity_bytes_add(&text, " -1", 4);
        err = text.is_short
                  ? -ENOMEM
                  : parity_zk_encode(run, conn, (const char *)text.at, out);
        parity_bytes_free(&text);
    }
    return err == 0 ? parity_zk_encode(run, conn, "close", out) : err;
}

static int make_fake(struct fake_hub *hub, const struct parity_setting *setting,
                     struct fake **ret_fake)
{
    return fake_zookeeper_new(hub, setting->own[0], ret_fake);
}

const struct parity_protocol parity_kazoo = {
    .name = "kazoo",
    .most_connections = 4000,
    .lanes = 350,
    .ops = 40,
    .keepalive_ms = PARITY_ZK_TICK_MS,
    .calibrate = parity_zk_calibrate,
    .make_fake = make_fake,
    .generate = parity_zk_generate,
    .begin = begin,
    .end = end,
    .greet = parity_zk_greet,
    .encode = parity_zk_encode,
    .take = take,
    .awaited = awaited,
    .gone = gone,
    .barrier = barrier,
    .keepalive = keepalive,
    .sweep = sweep,
};
