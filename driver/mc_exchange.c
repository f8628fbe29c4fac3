/* SPDX-License-Identifier: Apache-2.0
 * mc_exchange.c - a request goes out, its answer comes back.
 */
#include "mc_exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A gets of all members of a large group is the largest honest answer: some
 * 10 MB. Above this nobody is honest. */
#define ANSWER_MAX ((size_t)256 << 20)

void sg_mc_bytes_free(struct sg_mc_bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct sg_mc_bytes){NULL, 0, 0};
}

/* ---- how a command fails ---------------------------------------------- */

int sg_mc_fail(struct sg_backend *b, struct sg_op *op, enum sg_reason reason,
               const char *command, const char *what)
{
    b->is_dead = true;
    return sg_op_fail(op, SG_EUNKNOWN, reason, "memcached %.60s:%d, %.90s: %s",
                      b->endpoint->name, b->endpoint->port, command, what);
}

static int fail_io(struct sg_backend *b, struct sg_op *op, enum sg_mc_io io,
                   const char *command)
{
    if (io == SG_MC_IO_LATE)
        return sg_mc_fail(b, op, SG_TIMED_OUT, command, "no answer in time");
    if (!b->has_heard)
        return sg_mc_fail(
            b, op, SG_UNREACHABLE, command,
            "the connection was closed at once; is it memcached, and "
            "has it room for one more?");
    return sg_mc_fail(b, op, SG_CUT, command,
                      "the connection was closed before the answer; ask again");
}

/* What a server says goes into a log: printable, or a question mark. */
static int fail_said(struct sg_backend *b, struct sg_op *op,
                     const struct sg_mc_said *said, const char *command)
{
    char text[64];
    size_t n = said->length < sizeof text - 1 ? said->length : sizeof text - 1;

    for (size_t i = 0; i < n; i++) {
        char c = said->text[i];
        text[i] = c >= ' ' && c < 0x7f ? c : '?';
    }
    text[n] = '\0';
    return sg_mc_fail(b, op, SG_SERVER_ERROR, command, text);
}

/* The request is out and may be done: not SG_ENOMEM, which says that nothing
 * was. And the core makes a new connection only after an SG_EUNKNOWN. */
static int fail_memory(struct sg_backend *b, struct sg_op *op,
                       const char *command)
{
    return sg_mc_fail(b, op, SG_NO_MEMORY, command,
                      "out of memory for the answer; ask again");
}

/* ---- send, and collect the answer ------------------------------------- */

int sg_mc_ready(struct sg_backend *b, struct sg_op *op)
{
    enum sg_mc_io io;
    char what[80], error[64];
    int number;

    if (b->is_dead)
        return sg_mc_fail(b, op, SG_UNREACHABLE, "connect",
                          "this connection has failed before");
    if (b->is_connected)
        return SG_OK;
    io = sg_mc_socket_connect(&b->socket, b->endpoint->address,
                              b->endpoint->port, &number);
    b->is_connected = io == SG_MC_IO_OK;
    if (b->is_connected)
        return SG_OK;
    if (io == SG_MC_IO_LATE)
        return sg_mc_fail(b, op, SG_UNREACHABLE, "connect",
                          "no answer in time");
    snprintf(what, sizeof what, "%s; is it running?",
             strerror_r(number, error, sizeof error));
    return sg_mc_fail(b, op, SG_UNREACHABLE, "connect", what);
}

static bool make_room(struct sg_mc_bytes *bytes)
{
    size_t room = bytes->room == 0 ? 4096 : 2 * bytes->room;
    uint8_t *at;

    if (bytes->length < bytes->room)
        return true;
    at = room > ANSWER_MAX ? NULL : realloc(bytes->at, room);
    if (at == NULL)
        return false;
    bytes->at = at;
    bytes->room = room;
    return true;
}

static int receive(struct sg_backend *b, struct sg_op *op, const char *command,
                   struct sg_mc_bytes *bytes, sg_mc_step_fn *step, void *arg)
{
    enum sg_mc_step is = SG_MC_MORE;
    struct sg_mc_said said = {"", 0};

    while (is == SG_MC_MORE) {
        size_t n = 0;
        enum sg_mc_io io;
        if (!make_room(bytes))
            return fail_memory(b, op, command);
        io = sg_mc_socket_receive(&b->socket, bytes->at + bytes->length,
                                  bytes->room - bytes->length, &n);
        if (io != SG_MC_IO_OK)
            return fail_io(b, op, io, command);
        bytes->length += n;
        b->has_heard = true;
        is = step(arg, bytes, &said);
    }
    if (is == SG_MC_REFUSED)
        return fail_said(b, op, &said, command);
    if (is == SG_MC_GARBAGE)
        return sg_mc_fail(b, op, SG_GARBAGE, command,
                          "the answer is none; is it memcached?");
    return SG_OK;
}

int sg_mc_exchange(struct sg_backend *b, struct sg_op *op, const char *command,
                   struct iovec *parts, size_t n_parts,
                   struct sg_mc_bytes *bytes, sg_mc_step_fn *step, void *arg)
{
    enum sg_mc_io io;

    /* Said again on a new connection: that one's answers are not in step. */
    if (b->has_heard && !sg_mc_socket_is_quiet(&b->socket))
        return sg_mc_fail(b, op, SG_CUT, command,
                          "something came that nobody had asked for");
    io = sg_mc_socket_send(&b->socket, parts, n_parts);
    if (io == SG_MC_IO_LATE)
        return fail_io(b, op, io, command);
    /* A server that has closed may have said why: read on. */
    return receive(b, op, command, bytes, step, arg);
}

/* ---- after a lost cas ------------------------------------------------- */

int sg_mc_again(struct sg_backend *b, struct sg_op *op,
                struct sg_mc_patience *patience, const char *what)
{
    uint32_t random = 0;
    int64_t ms;

    /* 1 000 members that join one group at once: 2 s so, 10 s without. */
    patience->window_ms =
        patience->window_ms == 0 ? 2 : 2 * patience->window_ms;
    if (patience->window_ms > 512)
        patience->window_ms = 512;
    b->env->random(b->env->arg, &random, sizeof random);
    ms = 1 + (int64_t)(random % (uint64_t)patience->window_ms);
    patience->spent_ms += ms;
    if (patience->spent_ms > b->env->io_limit_ms)
        return sg_op_fail(op, SG_EUNKNOWN, SG_TIMED_OUT,
                          "memcached %.60s:%d: others change %.90s faster than "
                          "this member can",
                          b->endpoint->name, b->endpoint->port, what);
    if (sg_mc_socket_pause(&b->socket, (int)ms) != SG_MC_IO_OK)
        return fail_io(b, op, SG_MC_IO_CLOSED, what);
    return SG_OK;
}
