/* SPDX-License-Identifier: Apache-2.0
 * backend.h - the table that a back end fills, and the rules of calling it.
 *
 * One static const table per back end. A back end includes this header and
 * its client library, and nothing else of the driver. It reports what a store
 * shows (sights); judging is the core's.
 *
 * BLOCKING back ends are plain code on a worker thread the core owns: a slot
 * stands still for its answers and returns. Calls of one instance arrive one
 * at a time, from one thread, `interrupt` excepted. At its deadline the core
 * gives an operation up: it calls `interrupt` from another thread if the slot
 * is there, and does not wait for the return. Without SG_KEEPS_SESSION the
 * instance is then closed by its worker when the slot returns, and a new
 * instance is opened for the next operation.
 *
 * EVENTED back ends fill `start` and `forget` instead of the verb slots:
 * start() begins the operation and returns at once; the back end calls
 * env->done(env->arg, op, code) exactly once, from any thread, unless
 * forget(op) came first and returned true.
 *
 * Every verb may be run twice for one wish (a lost reply): token and epoch
 * make it idempotent, and that is the back end's duty.
 *
 * `interrupt`, `owed` and `forget` are called with the handle locked: a back
 * end must not hold a lock that they take while it calls back into its env.
 *
 * No slot takes the time, a random number or a name's address from the
 * system: they come with the env. No slot logs or prints.
 */
#ifndef SG_BACKEND_H
#define SG_BACKEND_H

#include "servicegroup.h"

#define SG_BACKEND_VERSION 1u
#define SG_TOKEN_BYTES 16 /* hex digits of an owner's token              */

/* ---- where to: the URL, already checked against `options` ------------- */

struct sg_endpoint {
    const char *name;    /* as written in the URL                       */
    const char *address; /* numeric; "": the name has none now          */
    int port;
};
struct sg_target {
    const char *scheme;
    const struct sg_endpoint *endpoints;
    size_t n_endpoints; /* 0: `path` is a socket (redis:///...)        */
    const char *user, *password; /* NULL when absent                       */
    const char *path;   /* "" when absent                              */
    int64_t timeout_ms; /* T                                           */
    /* The value of an option of the URL, or NULL. The last one wins. */
    const char *(*option)(const struct sg_target *target, const char *name);
    const void *options; /* the core's                                  */
};

enum sg_option_rule {
    SG_OPTION_HONOURED = 1,
    SG_OPTION_ACCEPTED,    /* cannot matter here: logged once             */
    SG_OPTION_ENCRYPTION,  /* refused when it asks for encryption         */
    SG_OPTION_T_INT,       /* seconds, whole: T when no finer one is given */
    SG_OPTION_T_FLOAT,     /* seconds, membership_timeout: beats T_INT    */
    SG_OPTION_T_INT_FIRST, /* whole seconds, beats T_INT                  */
    SG_OPTION_T_MS,        /* the same in whole milliseconds              */
};
struct sg_option {
    const char *name; /* NULL ends the table                         */
    enum sg_option_rule rule;
};

struct sg_slack {
    int64_t early_ms, late_ms;
};

/* ---- what the core lends to an instance ------------------------------- */

struct sg_op;
struct sg_backend_env {
    void *arg;
    int64_t (*now_ms)(void *arg);
    int64_t (*wall_us)(void *arg);
    void (*random)(void *arg, void *to, size_t bytes);
    /* Count one wait: call it each time the slot is about to stand still. */
    void (*waited)(void *arg);
    /* The longest a client library may stand in one call, as a backstop for
     * libraries that have no interrupt; real milliseconds. */
    int64_t io_limit_ms;
    void (*done)(void *arg, struct sg_op *op, int code); /* EVENTED         */
    /* Is the operation of the slot that runs still waited for? A BLOCKING
     * slot asks after it forgot earlier interrupts, so that one that came
     * before the slot began is not lost. Never under a lock that interrupt
     * takes. NULL: it is. */
    bool (*is_wanted)(void *arg);
};

/* ---- an operation ----------------------------------------------------- */

enum sg_verb {
    SG_VERB_JOIN,
    SG_VERB_LEAVE,
    SG_VERB_BEAT,
    SG_VERB_SWEEP,
    SG_VERB_ASK,
    SG_VERB_LIST,
    SG_VERB_GROUPS,
    SG_VERB_GET_METADATA,
    SG_VERB_SET_METADATA,
    SG_VERB_SET_MARKS,
    SG_VERBS /* their number                                */
};

enum sg_found { SG_FOUND_NOTHING, SG_FOUND_MINE, SG_FOUND_ANOTHERS };

/* What a store shows of one name in one group. */
struct sg_sight {
    const char *member; /* asked                                       */
    bool with_parts;    /* asked: look for `member`:* as well          */
    bool entry;         /* the group's record holds the name           */
    bool alive;         /* its liveness stands                         */
    bool is_garbage;    /* something stands there that nobody can read */
    bool same_owner;    /* entry's token equals the live one; both
                         * without a token (strangers) are equal       */
    uint64_t epoch;     /* of the entry; 0: a stranger's               */
    char token[SG_TOKEN_BYTES + 1]; /* of the entry; "" a stranger's        */
    int64_t last_seen_ms;   /* Unix ms; -1 unknown                         */
    struct sg_marks marks;  /* of this very name                           */
    struct sg_sight *parts; /* with_parts: the parts found                 */
    size_t n_parts;
};

struct sg_op_group {
    const char *name;
    const void *metadata; /* join, set: asked. get: answered             */
    size_t metadata_bytes;
    bool is_last;        /* leave: no other group of this handle is left */
    bool audit;          /* beat: look into the group's record itself,
                          * where that is not part of every beat        */
    uint64_t epoch;      /* join: answered. Else: as last known         */
    enum sg_found found; /* beat, leave, set: answered                  */
    uint64_t birth;      /* of the group. join: answered. beat: as last
                          * known, then as found; 0: none, or not told  */
    size_t size;         /* join, audited beat: entries seen, if known  */
};

/* Asked fields are the core's and live as long as the op. Answers point into
 * memory of sg_op_alloc(), which lives as long. After the core has given the
 * op up nobody reads the answers, but they may still be written. */
struct sg_op {
    enum sg_verb verb;
    /* asked */
    const char *member; /* own id; NULL for an observer                */
    const char *token;  /* own token, SG_TOKEN_BYTES hex digits        */
    int64_t timeout_ms; /* T                                           */
    int64_t beat_ms;
    struct sg_op_group *groups; /* the verb's groups; one for most         */
    size_t n_groups;
    struct sg_sight *sights; /* ask: n names. list: answered                */
    size_t n_sights;
    struct sg_marks marks; /* set_marks, of sights[0].member              */
    bool all_or_nothing;   /* join: 1.5's flag                            */
    /* answered */
    enum sg_found liveness; /* beat: the liveness record, where there is one */
    bool group_exists;      /* ask, list                                   */
    uint64_t group_birth;   /* ask, list: differs when the group was made
                             * anew; 0: no birth is recorded               */
    int64_t server_age_ms;  /* at the time of the answer; -1: cannot know  */
    size_t skipped;         /* list, groups: entries that are damaged      */
    const char **names;     /* groups: answered                            */
    size_t n_names;
    enum sg_reason reason; /* of a failure                                */
    char why[256];         /* its sentence; never a password              */
};

/* Zeroed memory that lives as long as the op; NULL: out of memory. */
void *sg_op_alloc(struct sg_op *op, size_t bytes);
char *sg_op_copy(struct sg_op *op, const void *bytes,
                 size_t length); /* + NUL */
/* Note why a slot fails, and return `code`. */
int sg_op_fail(struct sg_op *op, int code, enum sg_reason reason,
               const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- the liveness value, and the owner record ------------------------- */

/* "sg1 e=<epoch> k=<16 hex> t=<T ms> b=<beat, Unix ms>", at most 96 bytes.
 * tooz tests a liveness value only for truth, so any text will do for it. */
struct sg_stamp {
    uint64_t epoch;
    char token[SG_TOKEN_BYTES + 1];
    int64_t timeout_ms;
    int64_t beat_ms; /* Unix ms                                     */
};
#define SG_STAMP_MAX 97
size_t sg_stamp_write(const struct sg_stamp *stamp, char to[SG_STAMP_MAX]);
/* False: a stranger's value (alive, epoch 0, no token). Total. */
bool sg_stamp_read(const void *bytes, size_t length, struct sg_stamp *ret);
/* "<epoch> <token>" */
#define SG_OWNER_MAX 40
size_t sg_owner_write(uint64_t epoch, const char *token, char to[SG_OWNER_MAX]);
bool sg_owner_read(const void *bytes, size_t length, uint64_t *ret_epoch,
                   char ret_token[SG_TOKEN_BYTES + 1]);
/* The marks of one member as one msgpack map with str keys disabled,
 * disabled_reason, forced_down; returns the length. The reader is total and
 * leaves what it cannot read false. */
#define SG_MARKS_MAX 320
size_t sg_marks_write(const struct sg_marks *marks, uint8_t to[SG_MARKS_MAX]);
bool sg_marks_read(const void *bytes, size_t length, struct sg_marks *ret);
/* The rule of servicegroup.h; false for names a layout cannot hold. */
bool sg_name_is_safe(const char *name, size_t length);
/* Is `name` a part of `whole`: "<whole>:<something>"? */
bool sg_name_is_part(const char *whole, const char *name);
/* sg_service_member() the other way: host and part (NULL: none) of a member
 * of a group, for layouts that keep them apart. A name that is not made by
 * that rule is a host. Total. */
void sg_service_host(const char *group, const char *member,
                     char ret_host[SG_NAME_MAX + 1], const char **ret_part);

/* ---- the table -------------------------------------------------------- */

enum sg_promise {
    SG_EVENTED = 1,       /* start/forget instead of verb slots          */
    SG_KEEPS_SESSION = 2, /* an instance outlives failures: never closed
                           * because an operation failed                 */
    SG_HAS_EPOCH = 4,
    SG_HAS_TOKEN = 8,
    SG_HAS_METADATA = 16,
    SG_HAS_MARKS = 32,
    SG_CAN_WRITE = 64,
    SG_HAS_LAST_SEEN = 128,
    SG_NEEDS_SWEEP = 256, /* the heart of a group posts SWEEP once per T */
    SG_NEEDS_AUDIT = 512, /* the heart sets `audit` once per
                           * max(T, size x 30 ms)                        */
};

struct sg_backend; /* an instance; the back end defines it        */
typedef int sg_verb_fn(struct sg_backend *b, struct sg_op *op);

/* Codes of a verb slot: SG_OK; SG_EUNKNOWN with a reason (the core retries
 * SG_CUT once if the instance had answered before); SG_ENOTJOINED,
 * SG_EREPLACED, SG_EINUSE, SG_ETIMEOUT, SG_EREFUSED, SG_ETOOBIG, SG_ENOMEM. */
struct sg_backend_kind {
    unsigned version; /* SG_BACKEND_VERSION                          */
    const char *scheme, *alias; /* alias may be NULL                       */
    unsigned promises;
    int default_port;
    int64_t default_timeout_ms; /* tooz's                                  */
    int64_t min_timeout_ms, max_timeout_ms;
    const char *timeout_rule; /* said when T is outside                  */
    size_t metadata_max_bytes;
    const struct sg_option *options;
    /* Logged once per process when a handle is opened; NULL: nothing. */
    const char *notice;

    /* How early or late an expiry may honestly be. `tick_ms`: the server's,
     * where it has one no client can ask. */
    struct sg_slack (*slack)(int64_t timeout_ms, int64_t tick_ms);
    /* Refuse what the URL asks and this back end cannot do; may be NULL. */
    int (*check)(const struct sg_target *target, char *why, size_t why_bytes);

    /* Make an instance; may connect lazily, in the first verb. `target` and
     * `env` stay valid as long as the instance. */
    int (*open)(const struct sg_target *target,
                const struct sg_backend_env *env, struct sg_backend **ret_b);
    /* May say goodbye and stand still for it, bounded by io_limit_ms. */
    void (*close)(struct sg_backend *b);
    /* From another thread, at any time between open and close: make the slot
     * that stands still return soon. NULL: there is no such door. */
    void (*interrupt)(struct sg_backend *b);
    /* How many operations were given up and may still be answered, or done,
     * by this instance; NULL: none can be. From any thread. */
    size_t (*owed)(struct sg_backend *b);
    /* In the child of a fork: free our own memory, send nothing, call
     * nothing of the client library that could. */
    void (*forked)(struct sg_backend *b);

    sg_verb_fn *verb[SG_VERBS]; /* BLOCKING; NULL: SG_ENOTSUP              */
    int (*start)(struct sg_backend *b, struct sg_op *op); /* EVENTED    */
    bool (*forget)(struct sg_backend *b, struct sg_op *op);
};

extern const struct sg_backend_kind sg_redis_kind, sg_zookeeper_kind,
    sg_memcached_kind, sg_bridge_kind, sg_nova_mc_kind, sg_nova_zk_kind;

#endif
