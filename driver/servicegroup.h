/* SPDX-License-Identifier: Apache-2.0
 * servicegroup.h - who belongs to a group, and who is alive.
 *
 * A handle is one member (or, without a member name, an observer) of one
 * store chosen by a URL. Python tooz members of the same store share the
 * groups.
 *
 *   kazoo://127.0.0.1:2181?timeout=5        (alias zookeeper://)
 *   memcached://localhost:11211?timeout=5
 *   redis://localhost:6379?timeout=5
 *
 * Verdicts    UP, DOWN or UNKNOWN. A question that failed is UNKNOWN, with a
 *             reason: it is never turned into DOWN.
 * Durations   int64_t milliseconds, always spelled _ms.
 * Deadlines   every call that may wait ends by its deadline (options;
 *             default T/6, at least 200 ms, at most 2 s) plus 10 ms. What a
 *             client library does longer goes on behind the caller's back.
 * Errors      0, SG_PENDING, or one negative SG_E* code; sg_why() has the
 *             sentence. Outputs are untouched on an error.
 * Ownership   strings passed in are copied; a ret_ pointer is the caller's.
 * Threads     a handle may be used from many threads; close it from one.
 * Fork        in a child every call answers SG_EFORKED; sg_close() there frees
 *             our own memory only and sends nothing.
 * Names       groups and members: 1 to 200 bytes of printable ASCII without
 *             space and slash; not ".", "..", "LIST", "leader", "locks",
 *             "__created__". Everything else is SG_ENAME before a byte is
 *             sent.
 */
#ifndef SERVICEGROUP_H
#define SERVICEGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SG_NAME_MAX 200   /* bytes of a group or member name             */
#define SG_REASON_MAX 255 /* bytes of a mark's disabled_reason           */
#define SG_NUMERIC_MAX 64 /* bytes of a numeric address, with its NUL    */

struct sg;
struct sg_backend_kind;

enum sg_error {
    SG_OK = 0,
    SG_PENDING = 1,    /* not confirmed by the deadline: the wish stands,
                        * the heart completes it and says so              */
    SG_EINVAL = -1,    /* the caller broke the rules above                */
    SG_ENOMEM = -2,    /* nothing was changed                             */
    SG_EUNKNOWN = -3,  /* no trustworthy answer: ask again                */
    SG_ENOTSUP = -4,   /* this back end does not promise that             */
    SG_EURL = -5,      /* bad URL, scheme or option                       */
    SG_ENAME = -6,     /* a name this library refuses                     */
    SG_EMETADATA = -7, /* metadata that Python could not read             */
    SG_ETOOBIG = -8,   /* metadata above the declared limit               */
    SG_ENOTJOINED = -9,
    SG_EINUSE = -10,    /* NAME_IN_USE: the id lives under another token
                         * in other groups only                            */
    SG_EREPLACED = -11, /* a newer incarnation holds the name              */
    SG_ETIMEOUT = -12,  /* a T that cannot be kept                         */
    SG_EREFUSED = -13,  /* the server said no (rights, memory, read-only)  */
    SG_EFORKED = -14,
};

enum sg_status { SG_UNKNOWN = 0, SG_DOWN, SG_UP };

enum sg_reason {
    SG_NO_REASON = 0, /* UP                                              */
    /* DOWN: a closed list */
    SG_NOT_A_MEMBER,
    SG_EXPIRED,  /* the entry stands, its liveness is gone          */
    SG_REPLACED, /* another token is alive under the name (also
                  * UNKNOWN, for T from the first sight)            */
    SG_FORCED,   /* an operator's mark, or the question said so     */
    /* UNKNOWN */
    SG_TIMED_OUT,    /* no answer by the deadline                       */
    SG_UNREACHABLE,  /* no connection                                   */
    SG_CUT,          /* the connection ended before the answer          */
    SG_GARBAGE,      /* an answer that is none                          */
    SG_WRONG_ROLE,   /* a replica, a read-only server                   */
    SG_SERVER_ERROR, /* loading, out of memory, no rights, ...          */
    SG_LOST_DATA,    /* the store lost what it held less than T ago     */
    SG_BUSY,         /* two calls are still stuck in the client library */
    SG_NO_MEMORY,
};

struct sg_verdict {
    enum sg_status status;
    enum sg_reason reason;
    int64_t age_ms;       /* since the store was asked; 0 for a fresh answer */
    uint64_t epoch;       /* of the incarnation seen; 0: a stranger's, none  */
    int64_t last_seen_ms; /* Unix ms of the last beat seen by the store (ours
                           * on memcached); -1 where nobody knows            */
    bool disabled;        /* an operator's mark; never changes the status    */
};

/* ---- what the library asks of its surroundings ------------------------ */

/* NULL slots mean the default: CLOCK_BOOTTIME (it counts a suspend), the
 * wall clock, arc4random, getaddrinfo, no log, and waiting on a condition.
 * Everything must live until `ended`, which comes after sg_close(), and after
 * any call left behind in a client library has returned. Slots may be called
 * from any thread of the library. */
struct sg_env {
    void *arg;
    int64_t (*now_ms)(void *arg);  /* monotonic                   */
    int64_t (*wall_us)(void *arg); /* Unix microseconds           */
    void (*random)(void *arg, void *to, size_t bytes);
    /* Host name to numeric address; may take for ever; 0 or negative. */
    int (*resolve)(void *arg, const char *host,
                   char ret_numeric[SG_NUMERIC_MAX]);
    void (*log)(void *arg, const char *sentence);
    /* Stand still until something may have changed, at most until
     * `until_ms`. Called by public calls only, without locks held. */
    void (*wait)(void *arg, int64_t until_ms);
    void (*wake)(void *arg); /* something has changed       */
    /* A call was given up while a client library still stands in it. Called
     * with the handle locked: no sg_ call from here. */
    void (*abandoned)(void *arg);
    /* Nothing here is called any more: the handle is closed and no call is
     * left behind. From any thread. */
    void (*ended)(void *arg);
    bool own_heart;      /* true: sg_step() is called by the user's loop   */
    int64_t io_limit_ms; /* the longest that a client library without an
                          * interrupt may stand in one call, in real time;
                          * 0: the deadline                                 */
};

/* ---- a handle --------------------------------------------------------- */

enum sg_event_kind {
    SG_EV_JOINED = 1, /* a PENDING join is complete                      */
    SG_EV_LOST,       /* the registration is gone or was not renewed for T */
    SG_EV_REJOINED,   /* the heart put it back, with a greater epoch     */
    SG_EV_REPLACED,   /* another incarnation holds the name: heart ended */
    SG_EV_LEFT,       /* a PENDING leave is complete                     */
    SG_EV_REFUSED,    /* a PENDING join was refused for good             */
};
struct sg_event {
    enum sg_event_kind kind;
    const char *group; /* valid during the callback                       */
    uint64_t epoch;
    int error;         /* SG_EV_REFUSED: the code                         */
    const char *store; /* through a bridge "new" or "old"; else NULL      */
};
/* Runs on the heart's thread, or inside sg_step(); must not call sg_close().*/
typedef void sg_event_fn(void *arg, const struct sg_event *event);

struct sg_options {
    const char *member;         /* NULL: an observer                         */
    int64_t timeout_ms;         /* T; beats the URL; 0: the URL's or tooz's
                                 * default (30 s, kazoo 10 s)                */
    int64_t report_interval_ms; /* nova's; the beat is min(this, T/3)        */
    int64_t beat_ms;            /* the beat itself; refused above T/3        */
    int64_t deadline_ms;        /* of every call; 0: the default above       */
    int64_t tick_ms;            /* ZooKeeper's tickTime, which no client can
                                 * ask; 0: 2000                              */
    sg_event_fn *on_event;
    void *event_arg;
    const struct sg_env *env; /* copied; NULL: all defaults                */
    /* A back end of your own (backend.h) instead of the one that the URL's
     * scheme names; must outlive the handle. */
    const struct sg_backend_kind *kind;
};

/* Open by URL. Never needs the server and never waits. NULL options: an
 * observer with defaults. SG_EURL, SG_ENAME, SG_ETIMEOUT, SG_EINVAL,
 * SG_ENOMEM. Release with sg_close(). */
int sg_open(const char *url, const struct sg_options *options,
            struct sg **ret_sg);

/* Leave every group, stop the heart, free the handle. NULL is allowed. Ends
 * by the deadline; what could not be left by then expires. */
void sg_close(struct sg *sg);

/* The last failure on this thread, as a sentence; never NULL. Valid until
 * the next sg_ call on the same thread. */
const char *sg_why(void);
const char *sg_error_name(int error);         /* "SG_ENAME"                 */
const char *sg_status_name(enum sg_status s); /* "UP"                       */
const char *sg_reason_name(enum sg_reason r); /* "NOT_A_MEMBER"             */

/* ---- being a member --------------------------------------------------- */

enum sg_join_flags { SG_JOIN_ALL_OR_NOTHING = 1 };

/* Join `group`, creating it if it is missing, with `metadata` (one msgpack
 * value; NULL: the empty value of tooz). SG_OK: every observer says UP.
 * Joined already by this handle: changes the metadata given, nothing else.
 * SG_PENDING: see above; with SG_JOIN_ALL_OR_NOTHING SG_EUNKNOWN instead, and
 * what a lost reply may have left is gone by T. ret_epoch may be NULL. */
int sg_join(struct sg *sg, const char *group, const void *metadata,
            size_t metadata_bytes, unsigned flags, uint64_t *ret_epoch);

/* SG_ENOTJOINED, SG_EREPLACED (the newer one stays), SG_PENDING. */
int sg_leave(struct sg *sg, const char *group);

int sg_set_metadata(struct sg *sg, const char *group, const void *metadata,
                    size_t metadata_bytes);

enum sg_state {
    SG_STATE_NONE = 0,
    SG_STATE_PENDING,
    SG_STATE_JOINED,
    SG_STATE_LOST,
    SG_STATE_REPLACED,
};
struct sg_standing {
    enum sg_state state;
    uint64_t epoch;  /* a fencing token: grows with every incarnation   */
    int64_t safe_ms; /* no observer can say DOWN by expiry for so long  */
};
/* May I still act? No I/O, no wait. SG_ENOTJOINED. */
int sg_standing(struct sg *sg, const char *group,
                struct sg_standing *ret_standing);

/* ---- asking ----------------------------------------------------------- */

struct sg_question {
    const char *group, *member;
    bool forced_down;    /* answer DOWN, FORCED without asking the server   */
    bool any_part;       /* UP while `member` or any `member`:* is UP       */
    int64_t max_age_ms;  /* > 0: an answer of this age is good enough       */
    int64_t deadline_ms; /* 0: the handle's                                 */
};

/* SG_OK with a verdict, UNKNOWN included; negative for wrong use only. */
int sg_ask(struct sg *sg, const struct sg_question *question,
           struct sg_verdict *ret_verdict);
int sg_verdict(struct sg *sg, const char *group, const char *member,
               struct sg_verdict *ret_verdict);
/* `ret_verdicts` has room for `count`. */
int sg_verdicts(struct sg *sg, const char *group, const char *const *members,
                size_t count, struct sg_verdict *ret_verdicts);
/* UNKNOWN is SG_EUNKNOWN and leaves *ret_up untouched. */
int sg_is_up(struct sg *sg, const char *group, const char *member,
             bool *ret_up);

struct sg_names {
    size_t count;
    size_t skipped; /* foreign or damaged entries, not in the list     */
    char **name;    /* sorted                                          */
};
void sg_names_free(struct sg_names *names);
/* The members that are UP. SG_EUNKNOWN. */
int sg_list(struct sg *sg, const char *group, struct sg_names **ret_names);
int sg_groups(struct sg *sg, struct sg_names **ret_names);

/* *ret_metadata is one allocation, free() it. SG_ENOTJOINED. */
int sg_get_metadata(struct sg *sg, const char *group, const char *member,
                    void **ret_metadata, size_t *ret_bytes);

/* ---- an operator's word ----------------------------------------------- */

struct sg_marks {
    bool disabled;    /* shown in verdicts, never changes them           */
    bool forced_down; /* makes every verdict DOWN, FORCED                */
    char disabled_reason[SG_REASON_MAX + 1];
};
/* Whole records, of any name, joined or not; they outlive everything the
 * member does. Where a question is asked with any_part, a mark on `x` holds
 * for its parts `x`:* as well. */
int sg_set_marks(struct sg *sg, const char *group, const char *member,
                 const struct sg_marks *marks);
int sg_get_marks(struct sg *sg, const char *group, const char *member,
                 struct sg_marks *ret_marks);

/* ---- services: nova's names as members --------------------------------- */

/* The member id of a service: "<topic>:<host>", with ":<part>" for one of
 * several processes of it; the group is the topic. With the topic in it, two
 * services of one host are two members also where liveness is kept by id;
 * ask about "<topic>:<host>" with any_part. SG_ENAME: no colon in topic or
 * host. */
int sg_service_member(const char *topic, const char *host, const char *part,
                      char ret_member[SG_NAME_MAX + 1]);

/* ---- configuration as nova's operators know it ------------------------- */

/* From an oslo-style INI file: [DEFAULT] servicegroup_driver = tooz | mc | zk,
 * servicegroup_tooz_url, servicegroup_bridge_from = mc | zk (ours: the driver
 * is tooz and the store that is left stands there too), report_interval,
 * service_down_time, memcached_servers, servicegroup_mc_era = liberty |
 * mitaka; [cache] enabled, backend, memcache_servers; [zookeeper] address,
 * recv_timeout, sg_prefix, sg_layout = process | juno. */
struct sg_config {
    char *url; /* for sg_open()                               */
    int64_t report_interval_ms;   /* for sg_options                     */
    int64_t service_down_time_ms; /* after nova's rule: above the interval */
    char warning[400];            /* what an operator should know, or ""   */
};
/* SG_EURL with file, option and rule said; SG_ENOTSUP: servicegroup_driver is
 * db, which is not this library's; SG_ENOMEM. */
int sg_config_read(const char *path, struct sg_config **ret_config);
void sg_config_free(struct sg_config *config);

/* ---- bounds, cost, and stepping by hand ------------------------------- */

struct sg_bounds {
    int64_t timeout_ms; /* T                                               */
    int64_t early_ms,
        late_ms; /* a crash is UP for T - early, DOWN by T + late */
    int64_t beat_ms, deadline_ms;
    size_t metadata_max_bytes;
};
int sg_get_bounds(struct sg *sg, struct sg_bounds *ret_bounds);

struct sg_pulse {
    int64_t next_due_ms;  /* when sg_step() has something to do; INT64_MAX   */
    unsigned in_flight;   /* operations posted and not answered              */
    unsigned left_behind; /* given up, still inside a client library         */
    size_t owed;          /* given up, and may still be done by the server   */
    /* in_flight and owed of each store: of a bridge, the new one and the old */
    size_t pending[2];
    uint64_t finished; /* operations answered since open                  */
    uint64_t beats;    /* of those, confirmed beats                       */
    uint64_t waits;    /* how often a call stood still for an answer      */
};
void sg_get_pulse(struct sg *sg, struct sg_pulse *ret_pulse);

/* With env.own_heart: take answers, do what is due. Never waits. */
void sg_step(struct sg *sg);

#ifdef __cplusplus
}
#endif
#endif
