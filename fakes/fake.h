/* SPDX-License-Identifier: Apache-2.0
 * fake.h - in-process ZooKeeper, memcached and Redis servers on one clock.
 *
 * A hub is one event loop, one clock and any number of servers. Everything
 * here runs on the thread that calls fake_poll(); only fake_wake() and the
 * readers of the clock may be called from another. Clients talk to the servers
 * over loopback TCP, so a client that blocks must do so on another thread.
 *
 * Whose clock is it: the hub's clock rules every expiry of every server and
 * every delay of a link. On a virtual hub it moves only by fake_advance().
 * Timers inside a client library stay real. So a ZooKeeper session that is
 * connected over a clear link counts as having pinged at every moment of
 * virtual time; only dark or broken sessions age.
 *
 * Durations are int64_t milliseconds (_ms). Functions returning int give 0
 * or a negative errno. Strings passed in are copied.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_hub;
struct fake;
struct fake_link;

/* ---- the hub ---------------------------------------------------------- */

struct fake_hub_options {
    bool virtual_clock;    /* false: CLOCK_MONOTONIC, fake_advance refused  */
    int64_t start_ms;      /* first value of a virtual clock                */
    int64_t wall_start_ms; /* wall time at that moment, Unix ms (virtual)   */
};

int fake_hub_new(const struct fake_hub_options *options,
                 struct fake_hub **ret_hub);
/* Closes every connection, frees every server and link. NULL is allowed. */
void fake_hub_free(struct fake_hub *hub);

int64_t fake_now(const struct fake_hub *hub);
int64_t fake_wall_ms(const struct fake_hub *hub);

/* The time of the earliest event a server or a link has planned; INT64_MAX
 * when there is none. */
int64_t fake_next_due(const struct fake_hub *hub);

/* Virtual hubs only: move the clock to `to_ms`, stopping at every planned
 * event in order (time, then order of creation). Does no socket I/O beyond
 * queueing what the events write; call fake_poll() to serve it. */
void fake_advance(struct fake_hub *hub, int64_t to_ms);

/* Virtual hubs only: from now on the clock moves by itself within
 * fake_poll(), `rate` times as fast as real time, every planned event at its
 * own moment; fake_advance() does nothing meanwhile. 0: it stands again, as it
 * does in the beginning. -EINVAL: not a number from 0 to FAKE_FASTEST.
 *
 * At rate 1 the time of the clients' libraries is the hub's, as it is on a
 * real hub: there, and only there, a ZooKeeper session lives by what its
 * client really sends. */
#define FAKE_FASTEST 1e6
int fake_set_rate(struct fake_hub *hub, double rate);

/* fake_poll() returns, too, while `fd` (of a kind that epoll knows) can be
 * read. Once for a hub; `fd` must outlive it. */
int fake_watch_fd(struct fake_hub *hub, int fd);

/* Serve sockets (and, on a real hub, due timers). Waits at most
 * `max_real_ms` of real time for something to happen, 0 = do not wait.
 * Returns true when anything was served or the hub was woken. */
bool fake_poll(struct fake_hub *hub, int64_t max_real_ms);

/* Make a waiting fake_poll() return. From any thread. */
void fake_wake(struct fake_hub *hub);

/* One line for each change of stored state ("redis set _tooz_beats:a"): no
 * port, token, epoch, xid or real time in it, so that one seed gives one
 * text. Called on the polling thread. */
typedef void fake_trace_fn(void *arg, const char *line);
void fake_set_trace(struct fake_hub *hub, fake_trace_fn *fn, void *arg);

/* ---- servers ---------------------------------------------------------- */

/* Each starts up (listening begins with the first link), empty and one day
 * old. They belong to the hub and are freed with it. */
int fake_redis_new(struct fake_hub *hub, struct fake **ret_fake);

/* `phase_ms` 0..999: where between two whole hub seconds the server's
 * one-second clock ticks. A key asked to live n s lives n-1..n s. */
int fake_memcached_new(struct fake_hub *hub, int64_t phase_ms,
                       struct fake **ret_fake);

/* Session timeouts are clamped to [2, 20] x tick_ms and expire at the next
 * whole multiple of tick_ms after they are over (ExpiryQueue's buckets). */
int fake_zookeeper_new(struct fake_hub *hub, int64_t tick_ms,
                       struct fake **ret_fake);

/* Not a fake: forwards every connection to a real server, through the same
 * links. Numeric `host` only. */
int fake_proxy_new(struct fake_hub *hub, const char *host, int port,
                   struct fake **ret_fake);

/* Verbs. Each answers -ENOTSUP where the server has no such thing. */

/* Down: connections are reset and new ones refused (ZooKeeper: parked,
 * accepted and unanswered, so that no real reconnect timer of the library
 * ever runs). Up again with or without the data; age starts at 0. */
int fake_stop(struct fake *f);
int fake_start(struct fake *f, bool keep_data);
int fake_set_age(struct fake *f, int64_t age_ms);
int fake_flush(struct fake *f);                  /* lose all data, stay up  */
int fake_evict(struct fake *f, const char *key); /* key or znode path       */
/* ZooKeeper: the server ends, now, every session that came by `link`. */
int fake_expire_sessions(struct fake *f, const struct fake_link *link);

enum fake_condition {
    FAKE_HEALTHY = 0,
    FAKE_READ_ONLY,     /* Redis: a replica; writes -READONLY. ZooKeeper: r/o */
    FAKE_OUT_OF_MEMORY, /* writes refused as the server words it            */
    FAKE_LOADING,       /* Redis -LOADING                                   */
    FAKE_NEEDS_AUTH,    /* Redis -NOAUTH until AUTH `secret`                */
};
int fake_set_condition(struct fake *f, enum fake_condition condition);

/* The stored state as canonical text (sorted; values escaped), so that two
 * moments can be compared. The caller frees. NULL: out of memory. */
char *fake_dump(const struct fake *f);

/* How often `command` ("EVALSHA", "gets", "exists") was received by `link`;
 * NULL link: by the whole server; NULL command: all commands. Connection
 * set-up, pings and quits are counted under their own names ("connect",
 * "ping", "auth", "INFO", "stats", "quit", ...), and are not in "all" when
 * the service marked them as the library's own traffic. */
unsigned fake_count(const struct fake *f, const struct fake_link *link,
                    const char *command);
unsigned fake_refused(const struct fake *f); /* requests it does not speak   */

/* ---- links ------------------------------------------------------------ */

/* A link is a listening port of one server and a filter on every connection
 * through it: give each client its own. Port 0 on 127.0.0.1; freed with the
 * hub or by fake_link_close(). */
int fake_listen(struct fake *f, const char *label, struct fake_link **ret_link);
/* The same on a given port. -EADDRINUSE, -EACCES: not to be had. */
int fake_listen_at(struct fake *f, const char *label, int port,
                   struct fake_link **ret_link);
void fake_link_close(struct fake_link *link);
int fake_link_port(const struct fake_link *link);

enum fake_direction { FAKE_TO_SERVER = 1, FAKE_TO_CLIENT = 2, FAKE_BOTH = 3 };

/* Dark: bytes in these directions are held, as a network that lost its way
 * holds them (TCP repeats them later), and given on, oldest connection
 * first, when the link is lit. New connections are accepted and wait. */
void fake_link_dark(struct fake_link *link, enum fake_direction which);
void fake_link_light(struct fake_link *link);

enum fake_fault_kind {
    FAKE_REFUSE = 1, /* new connections are reset at once                  */
    FAKE_CUT,        /* reset, the request is not given to the server      */
    FAKE_CUT_AFTER,  /* give the request, swallow the reply, reset         */
    FAKE_CUT_REPLY,  /* let `amount` bytes of the reply pass, then reset   */
    FAKE_DELAY,      /* hold the reply for `amount` ms                     */
    FAKE_DRIBBLE,    /* one byte of the reply every `amount` ms            */
    FAKE_NOISE,      /* the reply becomes nonsense of the same length      */
    FAKE_LIE,        /* the reply is replaced by `bytes` (well framed)     */
};

/* A request is what one read brings from the client, its reply all that the
 * server sends until the next request: true of every client used here. */
struct fake_fault {
    enum fake_fault_kind kind;
    const char *match; /* strike only requests holding this text; NULL: any */
    unsigned skip;     /* matching requests to let pass first              */
    unsigned times;    /* how often to strike; 0 = until healed            */
    int64_t amount;    /* milliseconds or bytes, by kind                   */
    const void *bytes; /* FAKE_LIE                                         */
    size_t length;
};
int fake_link_fault(struct fake_link *link, const struct fake_fault *fault);
void fake_link_heal(struct fake_link *link); /* drop faults, light up   */
unsigned fake_link_struck(const struct fake_link *link); /* since it was new */

/* Reset the client's side of every connection, while what it had sent stays
 * on its way (a late request can still arrive after its sender gave up). */
void fake_link_abandon(struct fake_link *link);
/* Reset both sides of every connection. */
void fake_link_reset(struct fake_link *link);

/* True while something is held back that could let a waiting client go on:
 * held bytes, a delayed reply, a parked connection. A client that waits for
 * an answer on a link that holds nothing will get it in real time. */
bool fake_link_is_holding(const struct fake_link *link);

/* How many clients are connected by this link now. */
unsigned fake_link_clients(const struct fake_link *link);

/* True when every connection that the server itself closed has been replaced
 * by its client, where clients of that server do so (ZooKeeper), so that
 * real time decides nothing. */
bool fake_link_is_settled(const struct fake_link *link);

/* The first bytes, at most 64, that the server sent on the newest connection
 * of the link (a ZooKeeper session's id and password stand there). */
size_t fake_link_greeting(const struct fake_link *link, uint8_t out[64]);

#endif
