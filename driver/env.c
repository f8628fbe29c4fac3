/* SPDX-License-Identifier: Apache-2.0
 * env.c - the defaults of what a handle asks of its surroundings.
 *
 * CLOCK_BOOTTIME, because a machine that was suspended must know on waking
 * that its registration may be gone; CLOCK_MONOTONIC would have stood still.
 */
#include "env.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int64_t default_now_ms(void *arg)
{
    struct timespec now;

    (void)arg;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t default_wall_us(void *arg)
{
    struct timespec now;

    (void)arg;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void default_random(void *arg, void *to, size_t bytes)
{
    (void)arg;
    arc4random_buf(to, bytes);
}

static int default_resolve(void *arg, const char *host,
                           char ret_numeric[SG_NUMERIC_MAX])
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int failed;

    (void)arg;
    /* Always the loopback (RFC 6761, 6.3), also where no hosts file says so. */
    if (strcasecmp(host, "localhost") == 0) {
        strcpy(ret_numeric, "127.0.0.1");
        return 0;
    }
    /* IPv4 first, as the servers' defaults listen: Debian's redis and
     * memcached bind 127.0.0.1, and a name may stand for ::1 first. */
    hints.ai_family = AF_INET;
    failed = getaddrinfo(host, NULL, &hints, &found);
    if (failed != 0) {
        hints.ai_family = AF_UNSPEC;
        failed = getaddrinfo(host, NULL, &hints, &found);
    }
    if (failed != 0)
        return -1;
    failed = getnameinfo(found->ai_addr, found->ai_addrlen, ret_numeric,
                         SG_NUMERIC_MAX, NULL, 0, NI_NUMERICHOST);
    freeaddrinfo(found);
    return failed == 0 ? 0 : -1;
}

static void default_log(void *arg, const char *sentence)
{
    (void)arg;
    (void)sentence;
}

struct sg_env sg_env_fill(const struct sg_env *given)
{
    struct sg_env env = {0};

    if (given != NULL)
        env = *given;
    if (env.now_ms == NULL)
        env.now_ms = default_now_ms;
    if (env.wall_us == NULL)
        env.wall_us = default_wall_us;
    if (env.random == NULL)
        env.random = default_random;
    if (env.resolve == NULL)
        env.resolve = default_resolve;
    if (env.log == NULL)
        env.log = default_log;
    return env;
}

struct timespec sg_env_deadline(int64_t in_ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    if (in_ms > 0) {
        if (in_ms > INT32_MAX)
            in_ms = INT32_MAX; /* waiting again is cheap, overflow is not */
        at.tv_sec += in_ms / 1000;
        at.tv_nsec += (in_ms % 1000) * 1000000;
        if (at.tv_nsec >= 1000000000) {
            at.tv_nsec -= 1000000000;
            at.tv_sec++;
        }
    }
    return at;
}
