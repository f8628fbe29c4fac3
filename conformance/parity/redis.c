/* SPDX-License-Identifier: Apache-2.0
 * redis.c - Redis as sg-parity knows it.
 */
#include "redis_run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* What both servers are set to: all events there are. */
static const char *const set_events[] = {"CONFIG", "SET",
                                         "notify-keyspace-events", "KEAmn"};
#define SET_EVENTS sizeof set_events / sizeof *set_events, set_events

/* Half of the grid, less what an end of a key may come late itself. */
#define LATE_MS 170

/* ---- the real server -------------------------------------------------- */

static int dial(const char *host, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port)};
    struct timeval patience = {.tv_sec = 5};
    int fd;

    if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
        return -EINVAL;
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    int err = -errno;
    close(fd);
    return err;
}

/* Sends all at once; true when as many "+OK" came as there must. */
static bool ask_all(int fd, const struct parity_bytes *requests, size_t answers)
{
    char got[512];
    size_t have = 0, want = answers * 5;

    if (requests->is_short || send(fd, requests->at, requests->length,
                                   MSG_NOSIGNAL) != (ssize_t)requests->length)
        return false;
    while (have < want) {
        ssize_t n = recv(fd, got + have, want - have, 0);
        if (n <= 0)
            return false;
        have += (size_t)n;
    }
    for (size_t i = 0; i < answers; i++)
        if (memcmp(got + i * 5, "+OK\r\n", 5) != 0)
            return false;
    return true;
}

/* Ten keys of many may be over at once, and the server looks for them some
 * at a time: it shall look often, and at many. */
static int calibrate(const char *host, int port,
                     struct parity_setting *ret_setting, char why[128])
{
    static const char *const hz[] = {"CONFIG", "SET", "hz", "500"};
    static const char *const effort[] = {"CONFIG", "SET",
                                         "active-expire-effort", "10"};
    struct parity_bytes requests = {0};
    bool is_good;
    int fd;

    *ret_setting = (struct parity_setting){.period_ms = 1, .late_ms = LATE_MS};
    if (host == NULL)
        return 0;
    fd = dial(host, port);
    if (fd < 0) {
        snprintf(why, 128, "%s:%d: %s", host, port, strerror(-fd));
        return fd;
    }
    parity_redis_add_request(&requests, SET_EVENTS);
    parity_redis_add_request(&requests, 4, hz);
    parity_redis_add_request(&requests, 4, effort);
    is_good = ask_all(fd, &requests, 3);
    parity_bytes_free(&requests);
    close(fd);
    if (is_good)
        return 0;
    snprintf(why, 128, "%s:%d: it refuses CONFIG SET", host, port);
    return -EPROTO;
}

static int make_fake(struct fake_hub *hub, const struct parity_setting *setting,
                     struct fake **ret_fake)
{
    (void)setting;
    return fake_redis_new(hub, ret_fake);
}

/* ---- a run ------------------------------------------------------------ */

int64_t parity_redis_wall_ms(const struct parity_run *run)
{
    const struct redis_own *own = run->own;
    return run->nominal_ms + own->wall_less_ms;
}

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int begin(struct parity_run *run)
{
    struct redis_own *own = calloc(1, sizeof *own);

    if (own == NULL)
        return -ENOMEM;
    if (run->hub != NULL)
        own->wall_less_ms = fake_wall_ms(run->hub) - fake_now(run->hub);
    else
        own->wall_less_ms =
            clock_ms(CLOCK_REALTIME) - clock_ms(CLOCK_MONOTONIC);
    run->own = own;
    return 0;
}

static void forget(struct redis_conn *conn)
{
    free(conn->awaited);
    free(conn->queued);
    parity_redis_drop(&conn->held);
    parity_redis_drop(&conn->left);
    *conn = (struct redis_conn){0};
}

static void end(struct parity_run *run)
{
    struct redis_own *own = run->own;

    if (own == NULL)
        return;
    for (int i = 0; i < PARITY_CONNS; i++)
        forget(&own->conns[i]);
    parity_ranks_free(&own->shas);
    parity_ranks_free(&own->ids);
    parity_bytes_free(&own->cursor);
    parity_redis_drop(&own->loop);
    free(own);
    run->own = NULL;
}

static int greet(struct parity_run *run, int conn, const char *args,
                 struct parity_bytes *out)
{
    struct redis_own *own = run->own;

    (void)args;
    parity_redis_add_request(out, SET_EVENTS);
    return parity_redis_await(&own->conns[conn], REDIS_HIDDEN, 0) ? 0 : -ENOMEM;
}

static size_t awaited(const struct parity_run *run, int conn)
{
    const struct redis_own *own = run->own;
    return own->conns[conn].count;
}

static void gone(struct parity_run *run, int conn)
{
    struct redis_own *own = run->own;

    parity_redis_flush(run, conn);
    forget(&own->conns[conn]);
}

/* Only who has subscribed gets messages. */
static int barrier(struct parity_run *run, int conn, struct parity_bytes *out)
{
    static const char *const ping[] = {"PING", "|"};
    struct redis_own *own = run->own;
    struct redis_conn *c = &own->conns[conn];

    if (c->channels + c->patterns == 0)
        return 0;
    parity_redis_add_request(out, 2, ping);
    return parity_redis_await(c, REDIS_BARRIER, 0) ? 0 : -ENOMEM;
}

/* Everything that begins with the prefix, in every database. */
static int sweep(struct parity_run *run, int conn, struct parity_bytes *out)
{
    static const char script[] =
        "for db = 0, 15 do redis.call('SELECT', db) local at = '0' repeat "
        "local found = redis.call('SCAN', at, 'MATCH', ARGV[1] .. '*', "
        "'COUNT', 1000) at = found[1] for _, key in ipairs(found[2]) do "
        "redis.call('UNLINK', key) end until at == '0' end";
    const char *words[] = {"EVAL", script, "0", run->prefix};
    struct redis_own *own = run->own;

    parity_redis_add_request(out, 4, words);
    return parity_redis_await(&own->conns[conn], REDIS_HIDDEN, 0) ? 0 : -ENOMEM;
}

const struct parity_protocol parity_redis = {
    .name = "redis",
    .most_connections = 2400,
    .lanes = 350,
    .ops = 50,
    .calibrate = calibrate,
    .make_fake = make_fake,
    .generate = parity_redis_generate,
    .begin = begin,
    .end = end,
    .greet = greet,
    .encode = parity_redis_encode,
    .take = parity_redis_take,
    .awaited = awaited,
    .gone = gone,
    .barrier = barrier,
    .sweep = sweep,
};
