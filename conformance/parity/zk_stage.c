/* SPDX-License-Identifier: Apache-2.0
 * zk_stage.c - scripts of the protocol kazoo: four clients in a small tree,
 * who come, go without a word, come back too late or just in time.
 */
#include "zk_run.h"
#include "zk_wish.h"

#define TICK PARITY_ZK_TICK_MS
#define MOST_AT_ONCE 3
/* One long script makes all that run beside it wait for its end. */
#define MOST_TICKS 20

struct client {
    bool is_open;
    int session, timeout; /* in ticks                                        */
};

/* A session whose connection was dropped. */
struct orphan {
    int session, timeout;
    int64_t since; /* in ticks                                               */
};

struct stage {
    struct parity_zk_wish wish; /* its text is the op in the making          */
    struct parity_script *script;
    struct client clients[PARITY_CONNS];
    struct orphan orphans[8];
    size_t n_orphans;
    int n_sessions;
    int64_t now, wait; /* in ticks; the wait before the next op              */
    unsigned at_once;  /* ops without a wait, one after the other            */
};

static unsigned below(struct stage *s, unsigned n)
{
    return parity_zk_below(&s->wish, n);
}

static bool one_in(struct stage *s, unsigned n)
{
    return parity_zk_one_in(&s->wish, n);
}

static const char *pick(struct stage *s, const char *const *texts)
{
    return parity_zk_pick(&s->wish, texts);
}

static void write(struct stage *s, const char *text)
{
    parity_zk_write(&s->wish, text);
}

/* What was written is one op. */
static void emit(struct stage *s, int conn)
{
    size_t split = one_in(s, 40) ? 1 + below(s, 40) : 0;

    parity_bytes_add(&s->wish.text, "", 1);
    if (s->wish.text.is_short)
        s->script->is_short = true;
    else
        parity_script_add(s->script, s->wait * TICK, conn, split, "%s",
                          (const char *)s->wish.text.at);
    s->now += s->wait;
    s->wait = 0;
    s->wish.text.length = 0;
}

/* ---- sessions ---------------------------------------------------------- */

static int timeout(struct stage *s)
{
    static const int ticks[] = {2, 2, 3, 3, 4, 5, 8};

    return ticks[below(s, 7)];
}

static void orphan(struct stage *s, int conn)
{
    struct client *c = &s->clients[conn];

    if (!c->is_open)
        return;
    c->is_open = false;
    /* When the server sees it is the server's affair: the next op waits. */
    s->at_once = MOST_AT_ONCE;
    if (s->n_orphans == sizeof s->orphans / sizeof s->orphans[0])
        s->n_orphans--;
    s->orphans[s->n_orphans++] =
        (struct orphan){c->session, c->timeout, s->now + s->wait};
}

static void open_new(struct stage *s, int conn)
{
    struct client *c = &s->clients[conn];
    int asked = timeout(s);

    orphan(s, conn);
    *c = (struct client){true, ++s->n_sessions, asked};
    if (one_in(s, 12)) { /* as the server clamps it */
        bool is_short = one_in(s, 2);
        c->timeout = is_short ? 2 : 20;
        parity_bytes_format(&s->wish.text, "open %d", is_short ? 0 : 1000000);
    } else {
        parity_bytes_format(&s->wish.text, "open %d", asked * TICK);
    }
    if (one_in(s, 12))
        write(s, " old");
    emit(s, conn);
}

/* Whether it is still there, the script need not know: if it is not, the
 * next op on this connection begins a session of its own. */
static void open_again(struct stage *s, int conn, int session)
{
    struct client *c = &s->clients[conn];
    int asked = timeout(s);

    orphan(s, conn);
    *c = (struct client){true, session, asked};
    parity_bytes_format(&s->wish.text, "open %d s%d", asked * TICK, session);
    if (one_in(s, 10))
        write(s, " wrong");
    else if (one_in(s, 12))
        write(s, " future");
    else if (one_in(s, 3))
        write(s, " seen");
    emit(s, conn);
}

/* Just in time, just too late, or a little before. */
static void come_back(struct stage *s, int conn)
{
    if (s->n_orphans == 0 || one_in(s, 8)) {
        open_again(s, conn, 1 + (int)below(s, (unsigned)s->n_sessions + 1));
        return;
    }
    size_t i = below(s, (unsigned)s->n_orphans);
    struct orphan o = s->orphans[i];
    s->orphans[i] = s->orphans[--s->n_orphans];
    int64_t at = o.since + o.timeout + (int64_t)below(s, 3) - 1;
    if (at > s->now + s->wait && at < MOST_TICKS && !one_in(s, 4))
        s->wait = at - s->now;
    open_again(s, conn, o.session);
}

static void word(struct stage *s)
{
    static const char *const words[] = {
        "ruok", "ruok", "isro", "srvr", "stat", "conf", "cons", "dump",
        "dump", "envi", "wchs", "wchc", "wchp", "dirs", "crst", NULL};
    static const char *const nonsense[] = {"\\xff\\xff\\xff\\xff",
                                           "\\0\\0\\0\\x05hello", "quit",
                                           "\\x7f\\0\\0\\0", NULL};
    int conn = PARITY_CONNS - 1;

    if (s->clients[conn].is_open) {
        orphan(s, conn);
        write(s, "drop");
        emit(s, conn);
        s->wait = 1;
    }
    if (one_in(s, 12)) {
        write(s, "open raw ");
        write(s, pick(s, nonsense));
    } else {
        write(s, "open word ");
        /* Rare: ten lines for each name that ever stood below the root keep
         * the server busy, and the other clients waiting. */
        write(s, one_in(s, 200) ? "mntr" : pick(s, words));
    }
    emit(s, conn);
}

static void prove(struct stage *s, int conn)
{
    static const char *const proofs[] = {
        "auth digest user:pw",    "auth digest user:pw",
        "auth digest bob:secret", "auth digest user:wrong",
        "auth ip \"\"",           NULL};

    write(s, one_in(s, 15) ? "auth sasl x" : pick(s, proofs));
    emit(s, conn);
}

static void leave(struct stage *s, int conn)
{
    if (one_in(s, 3)) {
        write(s, "close");
        s->clients[conn].is_open = false;
    } else {
        write(s, "drop");
        orphan(s, conn);
    }
    emit(s, conn);
}

/* ---- scripts ----------------------------------------------------------- */

/* An op on a connection that is not open begins a session by itself. */
static void talk(struct stage *s, int conn)
{
    unsigned n = one_in(s, 10) ? 2 + below(s, 4) : 1;

    if (!s->clients[conn].is_open)
        s->clients[conn] = (struct client){true, ++s->n_sessions, 8};
    s->wish.is_piped = n > 1;
    for (unsigned i = 0; i < n; i++) {
        if (i > 0)
            write(s, " ; ");
        s->wish.is_followed = i + 1 < n;
        parity_zk_write_request(&s->wish);
    }
    emit(s, conn);
}

/* Alone: what no server knows is refused before what was asked earlier is
 * answered. */
static void mumble(struct stage *s, int conn)
{
    parity_zk_write_nonsense(&s->wish);
    emit(s, conn);
}

static void step(struct stage *s)
{
    int conn = (int)below(s, one_in(s, 6) ? PARITY_CONNS : 3);

    /* Each op at one moment makes the next a little late. */
    s->at_once =
        s->at_once == MOST_AT_ONCE || one_in(s, 4) ? 0 : s->at_once + 1;
    s->wait = s->at_once > 0 ? 0 : one_in(s, 4) ? 2 : 1;
    if (one_in(s, 16))
        leave(s, conn);
    else if (one_in(s, s->n_orphans > 0 ? 10 : 40))
        come_back(s, conn);
    else if (one_in(s, 40))
        open_new(s, conn);
    else if (one_in(s, 40))
        word(s);
    else if (one_in(s, 25) && s->clients[conn].is_open)
        prove(s, conn);
    else if (one_in(s, 60))
        mumble(s, conn);
    else
        talk(s, conn);
}

void parity_zk_generate(struct parity_dice *dice, struct parity_script *script,
                        size_t n_ops)
{
    struct stage s = {.wish = {.dice = dice}, .script = script};

    open_new(&s, 0);
    write(&s, "create /~ x open 0");
    emit(&s, 0);
    write(&s, "create /~/a x open 0 ; create /~/b \"\" open 0 ; "
              "create /~/a/x abc open 0");
    emit(&s, 0);
    open_new(&s, 1);
    while (script->count < n_ops && s.now < MOST_TICKS && !script->is_short)
        step(&s);
    parity_bytes_free(&s.wish.text);
}
