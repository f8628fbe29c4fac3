/* SPDX-License-Identifier: Apache-2.0
 * mc_desk.c - one fake memcached server and one raw client, for its tests.
 */
#include "mc_desk.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Polls of at most 10 ms real time each: a limit against hanging only. */
#define MOST_POLLS 1000

static void keep_line(void *arg, const char *line)
{
    struct mc_desk *d = arg;

    fprintf(d->trace_file, "%s\n", line);
}

static void open_trace(struct mc_desk *d)
{
    d->trace_file = open_memstream(&d->trace, &d->trace_length);
    unit_true(d->trace_file != NULL);
}

static void dial(struct mc_desk *d)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port =
                                 htons((uint16_t)fake_link_port(d->link)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    d->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unit_true(d->fd >= 0);
    unit_int(connect(d->fd, (struct sockaddr *)&to, sizeof to), 0);
    unit_int(fcntl(d->fd, F_SETFL, O_NONBLOCK), 0);
    while (fake_poll(d->hub, 0))
        ;
}

void mc_desk_redial(struct mc_desk *d)
{
    close(d->fd);
    dial(d);
}

void mc_desk_start(struct mc_desk *d, int64_t phase_ms)
{
    struct fake_hub_options options = {.virtual_clock = true,
                                       .start_ms = MC_DESK_START_MS,
                                       .wall_start_ms = MC_DESK_WALL_S * 1000};

    memset(d, 0, sizeof *d);
    unit_int(fake_hub_new(&options, &d->hub), 0);
    unit_int(fake_memcached_new(d->hub, phase_ms, &d->fake), 0);
    unit_int(fake_listen(d->fake, "desk", &d->link), 0);
    open_trace(d);
    fake_set_trace(d->hub, keep_line, d);
    dial(d);
}

void mc_desk_end(struct mc_desk *d)
{
    close(d->fd);
    fake_hub_free(d->hub);
    fclose(d->trace_file);
    free(d->trace);
}

void mc_desk_say(struct mc_desk *d, const void *bytes, size_t length)
{
    const char *at = bytes;

    for (int i = 0; length > 0 && i < MOST_POLLS; i++) {
        ssize_t n = send(d->fd, at, length, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            break;
        if (n > 0) {
            at += n;
            length -= (size_t)n;
        }
        while (fake_poll(d->hub, 0))
            ;
    }
    unit_int((int64_t)length, 0);
}

/* Bytes; 0: the end; -1: reset, or nothing for too long. */
static ssize_t hear(struct mc_desk *d, char *buf, size_t room)
{
    for (int i = 0; i < MOST_POLLS; i++) {
        ssize_t n = recv(d->fd, buf, room, 0);
        if (n >= 0 || errno != EAGAIN)
            return n;
        fake_poll(d->hub, 10);
    }
    return -1;
}

void mc_desk_expect(struct mc_desk *d, const void *want, size_t length,
                    const char *file, int line)
{
    char *got = malloc(length + 256);
    size_t have = 0;
    ssize_t n;

    unit_true(got != NULL);
    while (have < length && (n = hear(d, got + have, length - have)) > 0)
        have += (size_t)n;
    /* The whole answer was written at once: what is too much is here. */
    n = recv(d->fd, got + have, 256, 0);
    if (n > 0)
        have += (size_t)n;
    unit_bytes_at(got, have, want, length, "answer", file, line);
    free(got);
}

void mc_desk_expect_end(struct mc_desk *d, const char *file, int line)
{
    char byte;

    unit_int_at(hear(d, &byte, 1), 0, "end of stream", file, line);
    mc_desk_redial(d);
}

void mc_desk_expect_trace(struct mc_desk *d, const char *want, const char *file,
                          int line)
{
    fclose(d->trace_file);
    unit_text_at(d->trace, want, "trace", file, line);
    free(d->trace);
    open_trace(d);
}

void mc_desk_expect_dump(struct mc_desk *d, const char *want, const char *file,
                         int line)
{
    char *got = fake_dump(d->fake);

    unit_true(got != NULL);
    unit_text_at(got, want, "dump", file, line);
    free(got);
}
