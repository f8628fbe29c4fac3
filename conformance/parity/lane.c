/* SPDX-License-Identifier: Apache-2.0
 * lane.c - one script on its way through one server, step by step.
 */
#include "lane.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void parity_outcome_free(struct parity_outcome *outcome)
{
    if (outcome == NULL)
        return;
    parity_transcript_free(&outcome->transcript);
    *outcome = (struct parity_outcome){0};
}

void parity_say(struct parity_run *run, int conn, const char *format, ...)
{
    va_list args;

    if (run->transcript == NULL)
        return;
    va_start(args, format);
    parity_transcript_add(run->transcript, run->op, conn, run->prefix, format,
                          args);
    va_end(args);
}

/* ---- what came -------------------------------------------------------- */

static void fail(struct parity_lane *lane, int error)
{
    lane->outcome->error = error;
    lane->outcome->error_op = lane->run.op;
    lane->phase = PARITY_PHASE_OVER;
}

static void close_conn(struct parity_lane *lane, int conn)
{
    parity_socket_close(&lane->sockets[conn]);
    if (lane->protocol->gone != NULL)
        lane->protocol->gone(&lane->run, conn);
}

static void say_bytes(struct parity_lane *lane, int conn, const char *what)
{
    const struct parity_bytes *in = &lane->sockets[conn].in;
    struct parity_bytes text = {0};

    parity_escape(in->at, in->length < 64 ? in->length : 64, &text);
    parity_bytes_add(&text, "", 1);
    if (!text.is_short)
        parity_say(&lane->run, conn, "%s %zu bytes: %s", what, in->length,
                   (const char *)text.at);
    parity_bytes_free(&text);
}

static void take(struct parity_lane *lane, int conn)
{
    struct parity_bytes *in = &lane->sockets[conn].in;

    if (in->is_short) {
        fail(lane, -ENOMEM);
        return;
    }
    if (in->length == 0)
        return;
    ssize_t n = lane->protocol->take(&lane->run, conn, in->at, in->length);
    if (n < 0) {
        say_bytes(lane, conn, "unframed");
        close_conn(lane, conn);
        return;
    }
    parity_bytes_cut(in, (size_t)n);
}

static void serve(struct parity_lane *lane)
{
    for (int conn = 0; conn < PARITY_CONNS; conn++) {
        struct parity_socket *s = &lane->sockets[conn];
        if (s->fd < 0)
            continue;
        bool is_open = parity_socket_serve(s);
        take(lane, conn);
        if (is_open || s->fd < 0)
            continue;
        if (s->in.length > 0)
            say_bytes(lane, conn, "cut off");
        parity_say(&lane->run, conn, "closed");
        close_conn(lane, conn);
    }
}

static bool is_waiting(const struct parity_lane *lane)
{
    for (int conn = 0; conn < PARITY_CONNS; conn++) {
        const struct parity_socket *s = &lane->sockets[conn];
        if (s->fd >= 0 && (s->sent < s->out.length ||
                           lane->protocol->awaited(&lane->run, conn) > 0))
            return true;
    }
    return false;
}

/* ---- what goes -------------------------------------------------------- */

typedef int write_fn(struct parity_run *run, int conn,
                     struct parity_bytes *out);

static void ask(struct parity_lane *lane, write_fn *write, int but_conn)
{
    for (int conn = 0; conn < PARITY_CONNS && write != NULL; conn++) {
        struct parity_socket *s = &lane->sockets[conn];
        if (s->fd < 0 || conn == but_conn)
            continue;
        int err = write(&lane->run, conn, &s->out);
        if (err != 0 || s->out.is_short) {
            fail(lane, err != 0 ? err : -ENOMEM);
            return;
        }
    }
}

static void connect_and_greet(struct parity_lane *lane, int conn,
                              const char *args)
{
    struct parity_socket *s = &lane->sockets[conn];

    if (s->fd >= 0)
        close_conn(lane, conn);
    int err = parity_socket_open(s, lane->host, lane->port);
    if (err == -ECONNREFUSED) {
        parity_say(&lane->run, conn, "refused");
        return;
    }
    if (err == 0 && lane->protocol->greet != NULL)
        err = lane->protocol->greet(&lane->run, conn, args, &s->out);
    if (err != 0)
        fail(lane, err);
}

static const struct parity_op *op_of(const struct parity_lane *lane)
{
    return &lane->run.script->ops[lane->run.op];
}

/* NULL: not that verb; else what follows it. */
static const char *args_of(const char *text, const char *verb)
{
    size_t n = strlen(verb);

    if (strncmp(text, verb, n) != 0)
        return NULL;
    if (text[n] == '\0')
        return text + n;
    return text[n] == ' ' ? text + n + 1 : NULL;
}

static void send_op(struct parity_lane *lane)
{
    const struct parity_op *op = op_of(lane);
    struct parity_socket *s = &lane->sockets[op->conn];

    if (s->fd < 0) {
        parity_say(&lane->run, op->conn, "not connected");
        return;
    }
    int err = lane->protocol->encode(&lane->run, op->conn, op->text, &s->out);
    if (err != 0 || s->out.is_short)
        fail(lane, err != 0 ? err : -ENOMEM);
    if (op->split < s->out.length)
        s->hold = op->split;
}

/* ---- phases ----------------------------------------------------------- */

static void turn_to(struct parity_lane *lane, enum parity_lane_phase phase)
{
    if (lane->phase == PARITY_PHASE_OVER)
        return;
    lane->phase = phase;
    lane->is_asked = false;
}

static void begin_sweep(struct parity_lane *lane)
{
    bool is_swept = lane->run.hub == NULL && lane->protocol->sweep != NULL;

    lane->run.transcript = NULL;
    turn_to(lane, is_swept ? PARITY_PHASE_SWEEP_OPEN : PARITY_PHASE_OVER);
}

static void next_op(struct parity_lane *lane)
{
    const struct parity_script *script = lane->run.script;

    if (lane->run.op >= script->count) {
        begin_sweep(lane);
        return;
    }
    lane->run.nominal_ms += op_of(lane)->wait_ms;
    turn_to(lane, PARITY_PHASE_WAIT);
}

static void finish_op(struct parity_lane *lane, int64_t now_ms)
{
    bool is_late = lane->run.hub == NULL &&
                   now_ms - lane->run.nominal_ms > lane->run.setting->late_ms;

    parity_transcript_settle(&lane->outcome->transcript, op_of(lane)->conn);
    lane->outcome->ops = ++lane->run.op;
    if (is_late) {
        lane->outcome->is_late = true;
        begin_sweep(lane);
    } else {
        next_op(lane);
    }
}

static enum parity_lane_stand wait_phase(struct parity_lane *lane,
                                         int64_t now_ms)
{
    const int64_t every_ms = lane->protocol->keepalive_ms;
    const int64_t due_ms = lane->run.nominal_ms;

    if (now_ms >= due_ms) {
        turn_to(lane, op_of(lane)->wait_ms > 0 ? PARITY_PHASE_BEFORE
                                               : PARITY_PHASE_OPEN);
        lane->keepalive_at_ms = now_ms + every_ms;
        return PARITY_LANE_BYTES;
    }
    lane->wake_ms = due_ms;
    if (every_ms <= 0 || lane->run.hub != NULL)
        return PARITY_LANE_TIME;
    if (now_ms >= lane->keepalive_at_ms) {
        ask(lane, lane->protocol->keepalive, -1);
        lane->keepalive_at_ms = now_ms + every_ms;
        serve(lane);
    }
    if (lane->keepalive_at_ms < due_ms)
        lane->wake_ms = lane->keepalive_at_ms;
    return PARITY_LANE_TIME;
}

static enum parity_lane_stand open_phase(struct parity_lane *lane)
{
    const struct parity_op *op = op_of(lane);
    const char *args = args_of(op->text, "open");

    if (args_of(op->text, "drop") != NULL) {
        if (lane->sockets[op->conn].fd >= 0)
            close_conn(lane, op->conn);
        turn_to(lane, PARITY_PHASE_AFTER);
        return PARITY_LANE_PAUSE;
    }
    if (!lane->is_asked) {
        lane->is_asked = true;
        if (args != NULL || lane->sockets[op->conn].fd < 0)
            connect_and_greet(lane, op->conn, args == NULL ? "" : args);
    } else if (!is_waiting(lane)) {
        turn_to(lane, args == NULL ? PARITY_PHASE_OP : PARITY_PHASE_AFTER);
    }
    return PARITY_LANE_BYTES;
}

static enum parity_lane_stand op_phase(struct parity_lane *lane)
{
    struct parity_socket *s = &lane->sockets[op_of(lane)->conn];

    if (!lane->is_asked) {
        lane->is_asked = true;
        send_op(lane);
    } else if (s->fd >= 0 && s->hold > 0 && s->sent == s->hold) {
        s->hold = 0;
        return PARITY_LANE_PAUSE;
    } else if (!is_waiting(lane)) {
        turn_to(lane, PARITY_PHASE_AFTER);
    }
    return PARITY_LANE_BYTES;
}

/* Barriers on all but one connection, and then the next phase. */
static bool is_past_barriers(struct parity_lane *lane, int but_conn)
{
    if (!lane->is_asked) {
        lane->is_asked = true;
        ask(lane, lane->protocol->barrier, but_conn);
    }
    serve(lane);
    return !is_waiting(lane);
}

static void sweep_phase(struct parity_lane *lane)
{
    struct parity_socket *s = &lane->sockets[0];

    if (lane->phase == PARITY_PHASE_SWEEP_OPEN && !lane->is_asked) {
        lane->is_asked = true;
        connect_and_greet(lane, 0, "sweep");
    } else if (lane->phase == PARITY_PHASE_SWEEP_OPEN && !is_waiting(lane)) {
        turn_to(lane, PARITY_PHASE_SWEEP);
    } else if (lane->phase == PARITY_PHASE_SWEEP && !lane->is_asked) {
        lane->is_asked = true;
        if (s->fd >= 0)
            lane->protocol->sweep(&lane->run, 0, &s->out);
    } else if (lane->phase == PARITY_PHASE_SWEEP && !is_waiting(lane)) {
        turn_to(lane, PARITY_PHASE_OVER);
    }
}

/* ---- a lane ----------------------------------------------------------- */

static enum parity_lane_stand one_step(struct parity_lane *lane, int64_t now_ms)
{
    switch (lane->phase) {
    case PARITY_PHASE_WAIT:
        return wait_phase(lane, now_ms);
    case PARITY_PHASE_BEFORE:
        if (is_past_barriers(lane, -1))
            turn_to(lane, PARITY_PHASE_OPEN);
        break;
    case PARITY_PHASE_OPEN:
        return open_phase(lane);
    case PARITY_PHASE_OP:
        return op_phase(lane);
    case PARITY_PHASE_AFTER:
        if (is_past_barriers(lane, op_of(lane)->conn))
            finish_op(lane, now_ms);
        break;
    case PARITY_PHASE_SWEEP_OPEN:
    case PARITY_PHASE_SWEEP:
        sweep_phase(lane);
        break;
    case PARITY_PHASE_OVER:
        return PARITY_LANE_OVER;
    }
    return PARITY_LANE_BYTES;
}

enum parity_lane_stand parity_lane_step(struct parity_lane *lane,
                                        int64_t now_ms)
{
    for (;;) {
        enum parity_lane_phase phase = lane->phase;
        bool was_asked = lane->is_asked;
        size_t op = lane->run.op;
        serve(lane);
        enum parity_lane_stand stand = one_step(lane, now_ms);
        if (lane->phase == PARITY_PHASE_OVER)
            return PARITY_LANE_OVER;
        if (stand != PARITY_LANE_BYTES)
            return stand;
        if (lane->phase == phase && lane->is_asked == was_asked &&
            lane->run.op == op)
            return stand;
    }
}

void parity_lane_give_up(struct parity_lane *lane)
{
    for (int conn = 0; conn < PARITY_CONNS; conn++)
        if (lane->sockets[conn].fd >= 0 &&
            lane->protocol->awaited(&lane->run, conn) > 0)
            parity_say(&lane->run, conn, "silence");
    if (lane->run.transcript != NULL) {
        parity_transcript_settle(lane->run.transcript, op_of(lane)->conn);
        lane->outcome->is_silent = true;
    }
    lane->phase = PARITY_PHASE_OVER;
}

int parity_lane_begin(struct parity_lane *lane,
                      const struct parity_protocol *protocol,
                      const struct parity_script *script,
                      const struct parity_place *place, int64_t start_ms,
                      const char *prefix, struct parity_outcome *outcome)
{
    *lane = (struct parity_lane){.protocol = protocol,
                                 .host = place->host,
                                 .port = place->port,
                                 .outcome = outcome};
    snprintf(lane->prefix, sizeof lane->prefix, "%s", prefix);
    lane->run = (struct parity_run){.script = script,
                                    .setting = place->setting,
                                    .prefix = lane->prefix,
                                    .hub = place->hub,
                                    .nominal_ms = start_ms,
                                    .transcript = &outcome->transcript};
    for (int conn = 0; conn < PARITY_CONNS; conn++)
        lane->sockets[conn].fd = -1;
    int err = protocol->begin(&lane->run);
    if (err == 0)
        next_op(lane);
    return err;
}

void parity_lane_end(struct parity_lane *lane)
{
    for (int conn = 0; conn < PARITY_CONNS; conn++)
        parity_socket_free(&lane->sockets[conn]);
    lane->protocol->end(&lane->run);
    if (lane->outcome->transcript.is_short && lane->outcome->error == 0)
        lane->outcome->error = -ENOMEM;
}

size_t parity_lane_conns(const struct parity_lane *lane)
{
    size_t n = 0;

    for (int conn = 0; conn < PARITY_CONNS; conn++)
        n += lane->sockets[conn].fd >= 0;
    return n;
}
