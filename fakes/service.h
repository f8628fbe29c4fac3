/* SPDX-License-Identifier: Apache-2.0
 * service.h - what one protocol gives to the hub, and what the hub gives back.
 * Internal to fakes/. All on the polling thread.
 */
#ifndef FAKE_SERVICE_H
#define FAKE_SERVICE_H

#include "fake.h"

struct fake_conn; /* one client's connection, seen behind its link */

struct fake_service {
    const char *name; /* "redis": first word of its trace lines              */

    /* A client came; returns its state, NULL = refuse it (or no memory). */
    void *(*open)(struct fake *f, struct fake_conn *conn);
    /* Bytes came: take as many whole requests as there are and return how
     * many bytes they were; the rest is offered again with what follows.
     * May close the connection. */
    size_t (*data)(struct fake *f, void *client, const uint8_t *bytes,
                   size_t length);
    /* The connection has ended, whoever ended it: free its state. */
    void (*close)(struct fake *f, void *client);

    /* Optional (NULL: nothing to do, or -ENOTSUP for a verb). */
    void (*link_changed)(struct fake *f, struct fake_link *link, bool is_dark);
    void (*time_changed)(struct fake *f); /* fake_is_real_time() has        */
    void (*wipe)(struct fake *f);         /* all data gone             */
    void (*restarted)(struct fake *f, bool kept_data);
    int (*evict)(struct fake *f, const char *key);
    int (*expire_sessions)(struct fake *f, const struct fake_link *link);
    char *(*dump)(const struct fake *f);
    void (*free)(struct fake *f); /* the service's own state   */

    bool parks_when_down; /* stop: hold new connections, do not refuse     */
    bool clients_return;  /* clients reconnect by themselves at once       */
};

/* Make a server of this service; `state` is the service's own. */
int fake_new(struct fake_hub *hub, const struct fake_service *service,
             void *state, struct fake **ret_fake);
void *fake_state(const struct fake *f);
struct fake_hub *fake_hub_of(const struct fake *f);
bool fake_is_up(const struct fake *f);
/* Does the clock go as fast as the clients' own? */
bool fake_is_real_time(const struct fake_hub *hub);
int64_t fake_started_ms(const struct fake *f); /* hub time it came up       */
enum fake_condition fake_condition_of(const struct fake *f);

/* Queue bytes to the client, through the link. The bytes are copied. */
void fake_conn_write(struct fake_conn *conn, const void *bytes, size_t length);
/* Close after what is queued has been written. service->close follows, when
 * the outermost call into the service has returned: never from in here.
 * Where clients_return, the client is awaited again, unless this is called
 * from `data` of the same connection: that answers a goodbye. */
void fake_conn_close(struct fake_conn *conn);
struct fake_link *fake_conn_link(const struct fake_conn *conn);
/* Its client loses patience: the client's side is reset, while what it had
 * sent stays on its way, as with fake_link_abandon(). */
void fake_conn_abandon(struct fake_conn *conn);
/* The service will never answer this connection: it counts as held. */
void fake_conn_hold(struct fake_conn *conn);
const char *fake_link_label(const struct fake_link *link);
/* Is this direction of the connection's link dark now? */
bool fake_link_is_dark(const struct fake_link *link, enum fake_direction which);

/* Count one received command on its link and server. `own_traffic`: the
 * library's (connect, ping, INFO), left out of the count of all. */
void fake_count_command(struct fake_conn *conn, const char *name,
                        bool own_traffic);
void fake_count_refused(struct fake *f, const char *what);

/* One line of the trace: "<service> <text>". */
void fake_note(struct fake *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- timers: ordered by time, then by when they were set -------------- */
struct fake_timer {
    int64_t due_ms;
    uint64_t order;
    void (*fire)(void *arg);
    void *arg;
    bool is_set;
    struct fake_timer *child, *next, *prev; /* the clock's; do not touch     */
};
/* Set (or move) a timer owned by the caller. Due at or before now: fires at
 * the next fake_advance or fake_poll. */
void fake_timer_set(struct fake_hub *hub, struct fake_timer *timer,
                    int64_t due_ms);
void fake_timer_stop(struct fake_hub *hub, struct fake_timer *timer);

#endif
