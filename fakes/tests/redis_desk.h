/* SPDX-License-Identifier: Apache-2.0
 * redis_desk.h - one fake Redis on a virtual clock and raw clients of it.
 *
 * Requests are written as inline commands, which the server takes as well:
 *     redis_ask(&d, 0, "set k \"a b\" px 10", "+OK\r\n");
 */
#ifndef REDIS_DESK_H
#define REDIS_DESK_H

#include "fake.h"

#define REDIS_DESK_START_MS INT64_C(1000000)
#define REDIS_DESK_WALL_MS INT64_C(1700000000000)
#define REDIS_DESK_CLIENTS 3

struct redis_desk {
    struct fake_hub *hub;
    struct fake *fake;
    struct fake_link *link;
    int fds[REDIS_DESK_CLIENTS]; /* -1: not connected                        */
    char trace[16384];
};

void redis_desk_start(struct redis_desk *d);
void redis_desk_end(struct redis_desk *d);
void redis_desk_pass(struct redis_desk *d, int64_t ms);
void redis_desk_hang_up(struct redis_desk *d, int client);

/* Clients dial when they first speak. */
void redis_desk_say(struct redis_desk *d, int client, const void *bytes,
                    size_t length);
/* What comes within a moment, and how much; up to room. */
size_t redis_desk_hear(struct redis_desk *d, int client, char *got,
                       size_t room);
void redis_desk_ask(struct redis_desk *d, int client, const char *request,
                    const char *want, size_t want_length, const char *file,
                    int line);
void redis_desk_expect_trace(struct redis_desk *d, const char *want,
                             const char *file, int line);
void redis_desk_expect_dump(struct redis_desk *d, const char *want,
                            const char *file, int line);
bool redis_desk_is_closed(struct redis_desk *d, int client);

#define redis_ask(d, client, request, want)                                    \
    redis_desk_ask((d), (client), (request), (want), sizeof(want) - 1,         \
                   __FILE__, __LINE__)
#define redis_trace(d, want)                                                   \
    redis_desk_expect_trace((d), (want), __FILE__, __LINE__)
#define redis_dump(d, want)                                                    \
    redis_desk_expect_dump((d), (want), __FILE__, __LINE__)

#endif
