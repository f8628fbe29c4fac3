/* SPDX-License-Identifier: Apache-2.0
 * echo.h - a small service and a small client, for the tests of the hub.
 *
 * Each line is answered by itself. "mute" is not answered; "quit" is
 * answered by "bye" and the end; "later" is answered 10 ms later, outside
 * `data`; "hold" is never answered, and "leave" abandons its client.
 */
#ifndef ECHO_H
#define ECHO_H

#include "service.h"

struct echo {
    struct fake_hub *hub;
    struct fake *fake;
    struct fake_link *link;
    struct fake_conn *last; /* the newest connection                        */
    unsigned opened, closed, wiped, restarted_kept, restarted_empty;
    int dark;         /* the last news of darkness; -1: none                */
    char heard[4096]; /* every line, with its end                           */
    char trace[1024];
    bool has_refused; /* refuse the next ones                               */
};

/* A virtual clock at 1000, one server, one link. `returning`: a service whose
 * clients are parked and come back. */
void echo_start(struct echo *e, bool returning);
void echo_end(struct echo *e);
int echo_serve(struct fake_hub *hub, bool returning, struct echo *e);

/* The client: descriptors that do not block, the hub is served meanwhile. */
int echo_dial(const struct fake_link *link);
void echo_say(struct fake_hub *hub, int fd, const void *bytes, size_t length);
/* Reads until `want` bytes or the end, at most a minute, as all here. */
size_t echo_hear(struct fake_hub *hub, int fd, void *buf, size_t want);
/* 'e': ended in order, 'r': reset, '?': neither. */
char echo_how_ended(struct fake_hub *hub, int fd);
/* Nothing can be read now. */
bool echo_is_silent(int fd);
/* Serve until `*at` has reached `want`; false after a minute. */
bool echo_until(struct fake_hub *hub, const unsigned *at, unsigned want);
bool echo_until_heard(struct echo *e, const char *all);
bool echo_until_holding(struct echo *e, bool want);

#define say(e, fd, text) echo_say((e)->hub, fd, text, strlen(text))
#define expect_text(e, fd, text)                                               \
    do {                                                                       \
        char got_[256];                                                        \
        size_t n_ = echo_hear((e)->hub, fd, got_, strlen(text));               \
        got_[n_] = '\0';                                                       \
        unit_text(got_, text);                                                 \
    } while (0)

#endif
