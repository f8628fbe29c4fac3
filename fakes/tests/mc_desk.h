/* SPDX-License-Identifier: Apache-2.0
 * mc_desk.h - one fake memcached server and one raw client, for its tests.
 */
#ifndef MC_DESK_H
#define MC_DESK_H

#include "fake.h"

/* Where the desk's clocks begin: a whole second, and a Unix time. */
#define MC_DESK_START_MS INT64_C(1000000)
#define MC_DESK_WALL_S INT64_C(1700000000)

struct mc_desk {
    struct fake_hub *hub;
    struct fake *fake;
    struct fake_link *link;
    int fd;
    char *trace;
    size_t trace_length;
    void *trace_file;
};

void mc_desk_start(struct mc_desk *d, int64_t phase_ms);
void mc_desk_end(struct mc_desk *d);

/* A new connection in place of the old one. */
void mc_desk_redial(struct mc_desk *d);
/* Bytes go, and have been served when it returns. */
void mc_desk_say(struct mc_desk *d, const void *bytes, size_t length);
/* Exactly these bytes come, and no more. */
void mc_desk_expect(struct mc_desk *d, const void *want, size_t length,
                    const char *file, int line);
/* The server ends the connection, in order; the desk dials again. */
void mc_desk_expect_end(struct mc_desk *d, const char *file, int line);
/* The trace since the last look. */
void mc_desk_expect_trace(struct mc_desk *d, const char *want, const char *file,
                          int line);
void mc_desk_expect_dump(struct mc_desk *d, const char *want, const char *file,
                         int line);

#define say(d, text) mc_desk_say((d), (text), sizeof(text) - 1)
#define expect(d, text)                                                        \
    mc_desk_expect((d), (text), sizeof(text) - 1, __FILE__, __LINE__)
#define ask(d, text, want)                                                     \
    do {                                                                       \
        say(d, text);                                                          \
        expect(d, want);                                                       \
    } while (0)
#define expect_end(d) mc_desk_expect_end((d), __FILE__, __LINE__)
#define expect_trace(d, want)                                                  \
    mc_desk_expect_trace((d), want, __FILE__, __LINE__)
#define expect_dump(d, want) mc_desk_expect_dump((d), want, __FILE__, __LINE__)

#endif
