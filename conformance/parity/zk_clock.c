/* SPDX-License-Identifier: Apache-2.0
 * zk_clock.c - what rules the time of a real ZooKeeper: its tick, asked, and
 * where ticks begin, measured.
 *
 * ExpiryQueue.roundToNextInterval() makes sessions end at whole multiples of
 * tickTime of System.nanoTime(), which OpenJDK takes from CLOCK_MONOTONIC on
 * Linux. A server in another time namespace would have other multiples: so
 * one session is left to end, and the moment compared.
 */
#include "zk_run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define FRAME 128

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- a connection that waits ------------------------------------------- */

static int dial(const char *host, int port)
{
    struct timeval patience = {PATIENCE_MS / 1000, 0};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port)};
    int fd;

    if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
        return -EINVAL;
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) !=
            0 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        int err = -errno;
        close(fd);
        return err;
    }
    return fd;
}

static bool read_all(int fd, void *at, size_t n)
{
    uint8_t *to = at;

    while (n > 0) {
        ssize_t got = recv(fd, to, n, 0);
        if (got <= 0)
            return false;
        to += got;
        n -= (size_t)got;
    }
    return true;
}

/* A whole frame, at most FRAME bytes. */
static bool read_frame(int fd, uint8_t frame[FRAME], size_t *ret_length)
{
    uint8_t head[4];

    if (!read_all(fd, head, sizeof head))
        return false;
    size_t n = (size_t)head[2] << 8 | head[3];
    if (head[0] != 0 || head[1] != 0 || n > FRAME)
        return false;
    *ret_length = n;
    return read_all(fd, frame, n);
}

/* Sends what `write` makes, and reads one frame. */
static bool ask(struct parity_run *run, int fd, const char *text,
                uint8_t frame[FRAME], size_t *ret_length)
{
    struct parity_bytes out = {0};
    bool is_greeting = strncmp(text, "open", 4) == 0;
    int err = is_greeting ? parity_zk_greet(run, 0, text + 4, &out)
                          : parity_zk_encode(run, 0, text, &out);
    bool is_sent =
        err == 0 && !out.is_short &&
        send(fd, out.at, out.length, MSG_NOSIGNAL) == (ssize_t)out.length;

    parity_bytes_free(&out);
    return is_sent && read_frame(fd, frame, ret_length);
}

/* ---- the tick ---------------------------------------------------------- */

static int64_t read_tick(const char *host, int port)
{
    char text[4096], *at;
    size_t length = 0;
    ssize_t got;
    int fd = dial(host, port);

    if (fd < 0)
        return fd;
    if (send(fd, "conf", 4, MSG_NOSIGNAL) != 4)
        length = sizeof text;
    while (length < sizeof text - 1 &&
           (got = recv(fd, text + length, sizeof text - 1 - length, 0)) > 0)
        length += (size_t)got;
    close(fd);
    text[length < sizeof text ? length : 0] = '\0';
    at = strstr(text, "tickTime=");
    return at == NULL ? -EPROTO : strtoll(at + 9, NULL, 10);
}

/* ---- where it begins --------------------------------------------------- */

/* How long after a whole multiple of its tick the server ended a session that
 * had two ticks to live; -1: it could not be seen. */
static int64_t measure(struct parity_run *run, const char *host, int port,
                       int64_t tick_ms)
{
    int dying = dial(host, port), watching = dial(host, port);
    int64_t phase_ms = -1;
    char text[64];
    uint8_t frame[FRAME];
    size_t length;

    if (dying < 0 || watching < 0)
        goto out;
    snprintf(text, sizeof text, "open %d", (int)(2 * tick_ms));
    if (!ask(run, dying, text, frame, &length) ||
        !ask(run, watching, "open 60000", frame, &length) ||
        !ask(run, dying, "create /~ @ open 1", frame, &length) ||
        !ask(run, watching, "exists /~ 1", frame, &length))
        goto out;
    close(dying);
    dying = -1;
    if (length < 16 || !read_frame(watching, frame, &length))
        goto out;
    phase_ms = now_ms() % tick_ms;
    ask(run, watching, "close", frame, &length);
out:
    if (dying >= 0)
        close(dying);
    if (watching >= 0)
        close(watching);
    return phase_ms;
}

/* A busy machine is late now and then: the earliest of some counts. */
static int64_t find_phase(const char *host, int port,
                          const struct parity_setting *setting)
{
    int64_t best_ms = -1;

    for (int i = 0; i < 4; i++) {
        struct parity_zk zk = {.exact_op = SIZE_MAX};
        char prefix[16];
        snprintf(prefix, sizeof prefix, "ph%06x",
                 (unsigned)now_ms() & 0xffffffu);
        struct parity_run run = {
            .setting = setting, .prefix = prefix, .own = &zk};
        int64_t phase_ms = measure(&run, host, port, setting->own[0]);
        free(zk.sessions);
        for (int c = 0; c < PARITY_CONNS; c++)
            free(zk.conns[c].awaited);
        if (phase_ms >= 0 && (best_ms < 0 || phase_ms < best_ms))
            best_ms = phase_ms;
        if (best_ms >= 0 && best_ms < setting->own[0] / 8)
            break;
    }
    return best_ms;
}

int parity_zk_calibrate(const char *host, int port,
                        struct parity_setting *ret_setting, char why[128])
{
    const int64_t tick_ms = PARITY_ZK_TICK_MS;

    *ret_setting = (struct parity_setting){.period_ms = tick_ms,
                                           .offset_ms = tick_ms / 8,
                                           .spread_ms = tick_ms / 4,
                                           .late_ms = tick_ms / 2,
                                           .own = {tick_ms}};
    if (host == NULL)
        return 0;
    int64_t its_ms = read_tick(host, port);
    if (its_ms != tick_ms) {
        snprintf(why, 128, "the server's tickTime is %lld ms, not %lld%s",
                 (long long)its_ms, (long long)tick_ms,
                 its_ms < 0 ? " (it must answer the word conf)" : "");
        return -EINVAL;
    }
    int64_t phase_ms = find_phase(host, port, ret_setting);
    if (phase_ms < 0 || phase_ms >= tick_ms / 4) {
        snprintf(why, 128, "a session ended %lld ms after a whole tick",
                 (long long)phase_ms);
        return -EINVAL;
    }
    return 0;
}
