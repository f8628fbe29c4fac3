/* SPDX-License-Identifier: Apache-2.0
 * redis_desk.c - one fake Redis on a virtual clock and raw clients of it.
 */
#include "redis_desk.h"
#include "unit.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Polls of at most 10 ms real time each: a limit against hanging only. */
#define MOST_POLLS 500

static void keep_line(void *arg, const char *text)
{
    struct redis_desk *d = arg;
    size_t length = strlen(d->trace);
    snprintf(d->trace + length, sizeof d->trace - length, "%s\n", text);
}

static void settle(struct redis_desk *d)
{
    while (fake_poll(d->hub, 0))
        ;
}

void redis_desk_start(struct redis_desk *d)
{
    struct fake_hub_options options = {.virtual_clock = true,
                                       .start_ms = REDIS_DESK_START_MS,
                                       .wall_start_ms = REDIS_DESK_WALL_MS};

    memset(d, 0, sizeof *d);
    for (int i = 0; i < REDIS_DESK_CLIENTS; i++)
        d->fds[i] = -1;
    unit_int(fake_hub_new(&options, &d->hub), 0);
    unit_int(fake_redis_new(d->hub, &d->fake), 0);
    unit_int(fake_listen(d->fake, "desk", &d->link), 0);
    fake_set_trace(d->hub, keep_line, d);
}

void redis_desk_end(struct redis_desk *d)
{
    for (int i = 0; i < REDIS_DESK_CLIENTS; i++)
        redis_desk_hang_up(d, i);
    fake_hub_free(d->hub);
}

void redis_desk_pass(struct redis_desk *d, int64_t ms)
{
    fake_advance(d->hub, fake_now(d->hub) + ms);
    settle(d);
}

void redis_desk_hang_up(struct redis_desk *d, int client)
{
    if (d->fds[client] >= 0)
        close(d->fds[client]);
    d->fds[client] = -1;
    settle(d);
}

static int dial(struct redis_desk *d)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port =
                                 htons((uint16_t)fake_link_port(d->link)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    unit_true(fd >= 0);
    unit_int(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    unit_int(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    unit_int(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    return fd;
}

void redis_desk_say(struct redis_desk *d, int client, const void *bytes,
                    size_t length)
{
    const char *at = bytes;

    if (d->fds[client] < 0)
        d->fds[client] = dial(d);
    for (int i = 0; length > 0 && i < MOST_POLLS; i++) {
        ssize_t n = send(d->fds[client], at, length, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            break;
        if (n > 0) {
            at += n;
            length -= (size_t)n;
        }
        settle(d);
    }
    unit_int((int64_t)length, 0);
}

/* What has come, waiting for the first byte only: an answer is written as a
 * whole, once the request has been read. */
size_t redis_desk_hear(struct redis_desk *d, int client, char *got, size_t room)
{
    size_t have = 0;

    for (int i = 0; i < MOST_POLLS && have < room; i++) {
        ssize_t n = recv(d->fds[client], got + have, room - have, 0);
        if (n > 0) {
            have += (size_t)n;
            continue;
        }
        if (n == 0 || errno != EAGAIN)
            break;
        if (have > 0 && !fake_poll(d->hub, 0))
            break;
        if (have == 0)
            fake_poll(d->hub, 10);
    }
    return have;
}

static void print_bytes(FILE *to, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fprintf(to, isprint((unsigned char)bytes[i]) ? "%c" : "\\x%02x",
                (unsigned char)bytes[i]);
}

/* Reads on while less has come than is wanted. */
void redis_desk_ask(struct redis_desk *d, int client, const char *request,
                    const char *want, size_t want_length, const char *file,
                    int line)
{
    size_t room = want_length + 8192, have = 0, more;
    char *got = malloc(room), text[700] = "";
    FILE *to;

    unit_true(got != NULL);
    redis_desk_say(d, client, request, strlen(request));
    redis_desk_say(d, client, "\r\n", 2);
    do {
        more = redis_desk_hear(d, client, got + have, room - have);
        have += more;
    } while (more > 0 && have < want_length);
    if (have == want_length && memcmp(got, want, have) == 0) {
        free(got);
        return;
    }
    to = fmemopen(text, sizeof text - 1, "w");
    if (to != NULL) {
        print_bytes(to, got, have);
        fclose(to);
    }
    free(got);
    unit_fail(file, line, "%s: got %s", request, text);
}

void redis_desk_expect_trace(struct redis_desk *d, const char *want,
                             const char *file, int line)
{
    settle(d);
    unit_text_at(d->trace, want, "trace", file, line);
    d->trace[0] = '\0';
}

void redis_desk_expect_dump(struct redis_desk *d, const char *want,
                            const char *file, int line)
{
    char *dump = fake_dump(d->fake);
    char kept[4096] = "";

    if (dump != NULL)
        snprintf(kept, sizeof kept, "%s", dump);
    free(dump);
    unit_text_at(kept, want, "dump", file, line);
}

bool redis_desk_is_closed(struct redis_desk *d, int client)
{
    char byte;

    for (int i = 0; i < MOST_POLLS; i++) {
        ssize_t n = recv(d->fds[client], &byte, 1, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            return true;
        if (n > 0)
            return false;
        if (!fake_poll(d->hub, 1) && i > 20)
            return false;
    }
    return false;
}
