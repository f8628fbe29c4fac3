/* SPDX-License-Identifier: Apache-2.0
 * redis_make.c - scripts of Redis ops from dice: when, on which connection.
 *
 * Ops lie on a grid of time. Lifetimes in milliseconds end half between its
 * lines. Lifetimes of whole seconds would end on them, so commands that give
 * such ones lie half between themselves, where no key ends. What must be
 * compared for longer or shorter never has two ends at one moment.
 */
#include "redis_make.h"

#include <string.h>

#define HALF_MS (REDIS_GRID_MS / 2)

/* ---- time ------------------------------------------------------------- */

/* Sums of waits on the grid; short ones are common. */
static int64_t some_wait(struct redis_maker *m)
{
    static const int64_t lines[] = {1, 1, 1, 1, 1, 1, 1, 2, 2, 3};
    return REDIS_GRID_MS *
           lines[parity_dice_below(m->dice, sizeof lines / sizeof *lines)];
}

bool parity_redis_is_free(const struct redis_maker *m, int64_t due_ms)
{
    for (size_t i = 0; i < REDIS_MAKER_DUES; i++)
        if (m->dues[i] == due_ms)
            return false;
    return true;
}

void parity_redis_note_due(struct redis_maker *m, int64_t due_ms)
{
    m->dues[m->due_count++ % REDIS_MAKER_DUES] = due_ms;
}

void parity_redis_note_life(struct redis_maker *m, int64_t life_ms)
{
    struct redis_maker_conn *conn = &m->conns[m->conn];

    if (!conn->is_multi)
        parity_redis_note_due(m, m->now_ms + life_ms);
    else if (conn->life_count < REDIS_MAKER_LIVES)
        conn->lives[conn->life_count++] = life_ms;
}

/* ---- ops -------------------------------------------------------------- */

/* Splits are tried where they hurt: within the first requests. */
static void emit(struct redis_maker *m, int64_t wait_ms, const char *text)
{
    size_t split = 0;

    if (parity_dice_one_in(m->dice, 6))
        split = 1 + parity_dice_below(m->dice, 60);
    parity_script_add(m->script, wait_ms, m->conn, split, "%s", text);
}

static void emit_one(struct redis_maker *m, int64_t wait_ms,
                     const char *template)
{
    struct parity_bytes text = {0};

    m->now_ms += wait_ms;
    parity_redis_fill(m, template, &text);
    parity_bytes_add(&text, "", 1);
    if (text.is_short)
        m->script->is_short = true;
    else
        emit(m, wait_ms, (const char *)text.at);
    parity_bytes_free(&text);
}

/* What a command does to the connection, as far as what is to be asked of it
 * next hangs on that. */
static void follow(struct redis_maker *m, const char *template)
{
    struct redis_maker_conn *conn = &m->conns[m->conn];

    if (strcmp(template, "MULTI") == 0) {
        conn->is_multi = true;
    } else if (strcmp(template, "EXEC") == 0) {
        for (size_t i = 0; i < conn->life_count; i++)
            parity_redis_note_due(m, m->now_ms + conn->lives[i]);
        *conn = (struct redis_maker_conn){0};
    } else if (strcmp(template, "DISCARD") == 0 ||
               strcmp(template, "QUIT") == 0 ||
               strcmp(template, "RESET") == 0) {
        *conn = (struct redis_maker_conn){0};
    }
    if (strncmp(template, "SUBSCRIBE", 9) == 0 ||
        strncmp(template, "PSUBSCRIBE", 10) == 0)
        conn->is_subscribed = !conn->is_multi;
    if (strcmp(template, "UNSUBSCRIBE ; PUNSUBSCRIBE") == 0)
        conn->is_subscribed = false;
}

/* ---- what is asked next ----------------------------------------------- */

static const char *choose(struct redis_maker *m)
{
    const struct redis_maker_conn *conn = &m->conns[m->conn];

    if (conn->is_subscribed)
        return parity_redis_subscriber_op(m->dice);
    if (conn->is_multi && parity_dice_one_in(m->dice, 4))
        return parity_dice_one_in(m->dice, 6) ? "DISCARD" : "EXEC";
    if (!conn->is_multi && parity_dice_one_in(m->dice, 9))
        return parity_dice_one_in(m->dice, 2) ? "WATCH $k $k" : "MULTI";
    return parity_redis_op(m->dice, conn->is_multi);
}

/* Several requests in one op, or one. */
static void make_op(struct redis_maker *m, int64_t wait_ms)
{
    size_t requests = 1;
    struct parity_bytes text = {0};

    if (parity_dice_one_in(m->dice, 5))
        requests += 1 + parity_dice_below(m->dice, 3);
    m->now_ms += wait_ms;
    for (size_t i = 0; i < requests; i++) {
        const char *template = choose(m);
        parity_bytes_text(&text, i > 0 ? " ; " : "");
        parity_redis_fill(m, template, &text);
        follow(m, template);
        if (strcmp(template, "QUIT") == 0)
            break;
    }
    parity_bytes_add(&text, "", 1);
    if (text.is_short)
        m->script->is_short = true;
    else
        emit(m, wait_ms, (const char *)text.at);
    parity_bytes_free(&text);
}

/* A lifetime of whole seconds, between two lines of the grid. */
static bool make_between(struct redis_maker *m)
{
    static const char *const templates[] = {
        "SETEX $k $n $v", "SET $k $v EX $n",    "EXPIRE $k $n",
        "GETEX $k EX $n", "SET $k $v EX $n NX", NULL};
    const struct redis_maker_conn *conn = &m->conns[m->conn];

    if (conn->is_multi || conn->is_subscribed ||
        !parity_redis_is_free(m, m->now_ms + HALF_MS))
        return false;
    emit_one(m, HALF_MS, parity_dice_pick(m->dice, templates));
    m->owed_ms = HALF_MS;
    return true;
}

/* A set or hash too big for one step, and all steps, with changes between. */
static void make_loop(struct redis_maker *m)
{
    static const char *const steps[] = {
        "loop SSCAN ~big % COUNT 20", "loop SSCAN ~big % MATCH m* COUNT 25",
        "loop HSCAN ~bigh % COUNT 30 MATCH f*", NULL};
    const char *step = parity_dice_pick(m->dice, steps);
    bool is_hash = strstr(step, "HSCAN") != NULL;
    struct parity_bytes text = {0};

    parity_bytes_text(&text, is_hash ? "HSET ~bigh" : "SADD ~big");
    for (unsigned i = 0; i < 150; i++)
        parity_bytes_format(&text, is_hash ? " f%u v" : " m%u", i);
    parity_bytes_add(&text, "", 1);
    if (text.is_short) {
        m->script->is_short = true;
        goto out;
    }
    emit(m, 0, (const char *)text.at);
    for (unsigned i = 0; i < 9; i++) {
        emit(m, i == 4 ? REDIS_GRID_MS : 0, step);
        if (strstr(step, "MATCH") != NULL)
            parity_script_add(m->script, 0, m->conn, 0,
                              is_hash ? "HSET ~bigh x%u v ; HDEL ~bigh x%u"
                                      : "SADD ~big x%u ; SREM ~big x%u",
                              i, i > 0 ? i - 1 : 0);
    }
    m->now_ms += REDIS_GRID_MS;
    emit(m, 0, "loopend");
out:
    parity_bytes_free(&text);
}

/* Most scripts have one that listens, some two. */
static void begin_listening(struct redis_maker *m)
{
    static const char *const templates[] = {
        "PSUBSCRIBE __keyspace@*__:~*",
        "PSUBSCRIBE __keyspace@0__:~* ~c*",
        "SUBSCRIBE __keyspace@0__:~a __keyspace@0__:~b __keyspace@1__:~a",
        "SUBSCRIBE ~c1 ~c2",
        "PSUBSCRIBE ~c* ~c? ~c[12]",
        "SUBSCRIBE __keyevent@0__:expired __keyevent@0__:persist",
        NULL};

    for (m->conn = 3; m->conn > 1; m->conn--) {
        if (!parity_dice_one_in(m->dice, 4)) {
            /* Every script's events come to who asks for them so. */
            const char *template = parity_dice_one_in(m->dice, 40)
                                       ? "PSUBSCRIBE __keyevent@0__:*"
                                       : parity_dice_pick(m->dice, templates);
            emit_one(m, 0, template);
            follow(m, template);
        }
        if (!parity_dice_one_in(m->dice, 3))
            break;
    }
}

void parity_redis_generate(struct parity_dice *dice,
                           struct parity_script *script, size_t n_ops)
{
    struct redis_maker m = {.dice = dice, .script = script};

    begin_listening(&m);
    while (script->count < n_ops && !script->is_short) {
        int64_t wait_ms = m.owed_ms;
        if (parity_dice_one_in(dice, 4))
            wait_ms += some_wait(&m);
        m.owed_ms = 0;
        /* Those that listen are asked little. */
        m.conn = (int)parity_dice_below(dice, 2);
        if (parity_dice_one_in(dice, 8))
            m.conn = 2 + (int)parity_dice_below(dice, 2);
        if (wait_ms == 0 && parity_dice_one_in(dice, 20) && make_between(&m))
            continue;
        if (wait_ms == 0 && parity_dice_one_in(dice, 250) &&
            !m.conns[m.conn].is_multi && !m.conns[m.conn].is_subscribed)
            make_loop(&m);
        else
            make_op(&m, wait_ms);
    }
}
