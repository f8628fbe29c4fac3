/* SPDX-License-Identifier: Apache-2.0
 * echo.c - a small service and a small client, for the tests of the hub.
 */
#include "echo.h"

#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>

/* No test waits so long, unless it fails: memcheck on a busy machine. */
#define PATIENCE_MS 60000

/* ---- the service ------------------------------------------------------ */

struct client {
    struct fake_conn *conn;
    struct fake_timer timer;
    size_t scanned; /* bytes without an end of line, offered before         */
};

static void answer_later(void *arg)
{
    struct client *c = arg;
    fake_conn_write(c->conn, "later\n", 6);
}

static void *echo_open(struct fake *f, struct fake_conn *conn)
{
    struct echo *e = fake_state(f);
    struct client *c = e->has_refused ? NULL : calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    e->opened++;
    e->last = conn;
    c->conn = conn;
    c->timer.fire = answer_later;
    c->timer.arg = c;
    fake_count_command(conn, "open", true);
    return c;
}

static bool is_word(const uint8_t *line, size_t n, const char *word)
{
    return n == strlen(word) && memcmp(line, word, n) == 0;
}

static void take_line(struct echo *e, struct client *c, const uint8_t *line,
                      size_t n)
{
    size_t old = strlen(e->heard);

    fake_count_command(c->conn, "line", false);
    if (old + n < sizeof e->heard) {
        memcpy(e->heard + old, line, n);
        e->heard[old + n] = '\0';
    }
    if (is_word(line, n, "later\n")) {
        fake_timer_set(e->hub, &c->timer, fake_now(e->hub) + 10);
    } else if (is_word(line, n, "quit\n")) {
        fake_conn_write(c->conn, "bye\n", 4);
        fake_conn_close(c->conn);
    } else if (is_word(line, n, "hold\n")) {
        fake_conn_hold(c->conn);
    } else if (is_word(line, n, "leave\n")) {
        fake_conn_abandon(c->conn);
    } else if (!is_word(line, n, "mute\n")) {
        /* In two parts: the hub makes one reply of them. */
        fake_conn_write(c->conn, line, n / 2);
        fake_conn_write(c->conn, line + n / 2, n - n / 2);
    }
}

static size_t echo_data(struct fake *f, void *client, const uint8_t *bytes,
                        size_t length)
{
    struct client *c = client;
    const uint8_t *end = memchr(bytes + c->scanned, '\n', length - c->scanned);

    c->scanned = end == NULL ? length : 0;
    if (end == NULL)
        return 0;
    take_line(fake_state(f), c, bytes, (size_t)(end - bytes) + 1);
    return (size_t)(end - bytes) + 1;
}

static void echo_close(struct fake *f, void *client)
{
    struct echo *e = fake_state(f);
    struct client *c = client;

    e->closed++;
    fake_timer_stop(fake_hub_of(f), &c->timer);
    free(c);
}

static void echo_link_changed(struct fake *f, struct fake_link *link,
                              bool is_dark)
{
    struct echo *e = fake_state(f);
    (void)link;
    e->dark = is_dark;
}

static void echo_wipe(struct fake *f)
{
    struct echo *e = fake_state(f);
    e->wiped++;
}

static void echo_restarted(struct fake *f, bool kept_data)
{
    struct echo *e = fake_state(f);
    if (kept_data)
        e->restarted_kept++;
    else
        e->restarted_empty++;
}

static int echo_evict(struct fake *f, const char *key)
{
    (void)f;
    return strcmp(key, "there") == 0 ? 0 : -ENOENT;
}

int echo_serve(struct fake_hub *hub, bool returning, struct echo *e)
{
    static const struct fake_service plain = {.name = "echo",
                                              .open = echo_open,
                                              .data = echo_data,
                                              .close = echo_close,
                                              .link_changed = echo_link_changed,
                                              .wipe = echo_wipe,
                                              .restarted = echo_restarted,
                                              .evict = echo_evict};
    static const struct fake_service returns = {.name = "echo",
                                                .open = echo_open,
                                                .data = echo_data,
                                                .close = echo_close,
                                                .wipe = echo_wipe,
                                                .parks_when_down = true,
                                                .clients_return = true};

    e->hub = hub;
    e->dark = -1;
    int err = fake_new(hub, returning ? &returns : &plain, e, &e->fake);
    return err != 0 ? err : fake_listen(e->fake, "client", &e->link);
}

static void keep_line(void *arg, const char *line)
{
    struct echo *e = arg;
    strcat(strcat(e->trace, line), "\n");
}

void echo_start(struct echo *e, bool returning)
{
    struct fake_hub_options options = {
        .virtual_clock = true, .start_ms = 1000, .wall_start_ms = 5000};
    struct fake_hub *hub = NULL;

    memset(e, 0, sizeof *e);
    unit_int(fake_hub_new(&options, &hub), 0);
    unit_int(echo_serve(hub, returning, e), 0);
    fake_set_trace(hub, keep_line, e);
}

void echo_end(struct echo *e)
{
    fake_hub_free(e->hub);
    unit_int(e->closed, e->opened);
}

/* ---- the client ------------------------------------------------------- */

static int64_t real_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int echo_dial(const struct fake_link *link)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)fake_link_port(link)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    unit_true(fd >= 0);
    unit_int(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

void echo_say(struct fake_hub *hub, int fd, const void *bytes, size_t length)
{
    const char *at = bytes;
    int64_t until = real_ms() + PATIENCE_MS;

    while (length > 0 && real_ms() < until) {
        ssize_t n = send(fd, at, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            break;
        if (n < 0) {
            fake_poll(hub, 1);
        } else {
            at += n;
            length -= (size_t)n;
        }
    }
    unit_int((int64_t)length, 0);
}

/* Bytes; 0: the end in order; -1: reset; -2: it took too long. */
static ssize_t hear_some(struct fake_hub *hub, int fd, void *buf, size_t room)
{
    int64_t until = real_ms() + PATIENCE_MS;

    while (real_ms() < until) {
        ssize_t n = recv(fd, buf, room, MSG_DONTWAIT);
        if (n >= 0)
            return n;
        if (errno != EAGAIN)
            return -1;
        fake_poll(hub, 1);
    }
    return -2;
}

size_t echo_hear(struct fake_hub *hub, int fd, void *buf, size_t want)
{
    size_t have = 0;

    while (have < want) {
        ssize_t n = hear_some(hub, fd, (char *)buf + have, want - have);
        if (n <= 0)
            break;
        have += (size_t)n;
    }
    return have;
}

char echo_how_ended(struct fake_hub *hub, int fd)
{
    char byte;
    ssize_t n = hear_some(hub, fd, &byte, 1);

    return n == 0 ? 'e' : n == -1 ? 'r' : n == 1 ? 'b' : '?';
}

bool echo_is_silent(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}

bool echo_until(struct fake_hub *hub, const unsigned *at, unsigned want)
{
    int64_t until = real_ms() + PATIENCE_MS;

    while (*at < want && real_ms() < until)
        fake_poll(hub, 1);
    return *at == want;
}

bool echo_until_heard(struct echo *e, const char *all)
{
    int64_t until = real_ms() + PATIENCE_MS;

    while (strlen(e->heard) < strlen(all) && real_ms() < until)
        fake_poll(e->hub, 1);
    return strcmp(e->heard, all) == 0;
}

bool echo_until_holding(struct echo *e, bool want)
{
    int64_t until = real_ms() + PATIENCE_MS;

    while (fake_link_is_holding(e->link) != want && real_ms() < until)
        fake_poll(e->hub, 1);
    return fake_link_is_holding(e->link) == want;
}
