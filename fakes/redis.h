/* SPDX-License-Identifier: Apache-2.0
 * redis.h - what the sources of the Redis fake share: server, client, call.
 *
 * It behaves as Redis 7.0.15, the one of Debian 12; replies and error texts
 * were compared with that server. Knowingly different:
 * - a key is gone at its millisecond and not one later, as an event;
 * - sets and KEYS list in order of insertion, the server in none;
 * - RESP2 only: HELLO 3 is refused;
 * - a script sees no cjson, cmsgpack, struct, bit; a "#!" line is refused;
 *   one that never ends is ended; error() with a table that has no `err`
 *   is an error reply (7.0.15 falls over its own null pointer there).
 */
#ifndef FAKE_REDIS_H
#define FAKE_REDIS_H

#include "redis_store.h"
#include "service.h"

struct redis_lua;
struct redis_client;
struct redis_call;

/* ---- server ----------------------------------------------------------- */

struct redis_server {
    struct fake *fake;
    struct fake_hub *hub;
    struct redis_store store;
    struct fake_timer expiry; /* at the first key that will be over          */
    int64_t now_ms;           /* stands still while a command runs           */
    int64_t wall_less_now_ms;
    struct redis_client *clients;
    size_t client_count, watch_count;
    uint64_t serial; /* which server of its hub this is                      */
    unsigned starts;
    char run_id[41];
    int64_t last_client_id;
    uint64_t commands, expired;
    unsigned events; /* notify-keyspace-events                               */
    struct redis_client *subscribers;
    struct redis_client *at_work; /* whose requests are being run            */
    struct redis_lua *lua; /* scripts; NULL until the first                  */
};

/* ---- commands --------------------------------------------------------- */

/* As the server's own flags (COMMAND INFO), where they matter here. */
enum {
    REDIS_WRITE = 1,
    REDIS_DENYOOM = 2,      /* needs memory                                   */
    REDIS_NOSCRIPT = 4,     /* not from a script                              */
    REDIS_LOADING_OK = 8,   /* also while loading                             */
    REDIS_NO_AUTH = 16,     /* also before AUTH                               */
    REDIS_OWN = 32,         /* a library's own traffic, in the counts         */
    REDIS_UNQUEUED = 64,    /* runs inside MULTI, at once                     */
    REDIS_PUBSUB_OK = 128,  /* also while subscribed                         */
    REDIS_MAY_SPREAD = 256, /* no write, yet not from a read-only script     */
};

struct redis_command {
    const char *name; /* "get"; a subcommand: "script|load"                  */
    int arity;        /* with the name; below zero: at least so many         */
    unsigned flags;
    void (*run)(struct redis_call *call);
    const struct redis_command *subs; /* ends with a NULL name               */
};

/* One command being run: by a client, from its queue or from its script. */
struct redis_call {
    struct redis_server *server;
    struct redis_client *client;
    const struct redis_command *command;
    const struct redis_span *args; /* args[0] is the name                    */
    size_t count;
    unsigned *db;
    struct redis_out *out;
};

/* NULL: unknown, and `out` (if any) says so. */
const struct redis_command *fake_redis_lookup(const struct redis_span *args,
                                              size_t count,
                                              struct redis_out *out);
bool fake_redis_arity_fits(const struct redis_command *command, size_t count);
/* A request of a client: count, check, queue or run it. */
void fake_redis_receive(struct redis_client *client,
                        const struct redis_span *args, size_t count);
/* Run without checks. */
void fake_redis_run(struct redis_call *call);

extern const struct redis_command fake_redis_commands[];

#define REDIS_TEXT_SYNTAX "ERR syntax error"
#define REDIS_TEXT_TYPE                                                        \
    "WRONGTYPE Operation against a key holding the wrong kind of value"
#define REDIS_TEXT_INTEGER "ERR value is not an integer or out of range"
#define REDIS_TEXT_READONLY                                                    \
    "READONLY You can't write against a read only replica."
#define REDIS_TEXT_OOM "OOM command not allowed when used memory > 'maxmemory'."
#define REDIS_TEXT_NOSCRIPT "NOSCRIPT No matching script. Please use EVAL."
/* Ours: the process itself has no memory left. */
#define REDIS_TEXT_MEMORY "ERR the fake is out of memory"

/* ---- clients ---------------------------------------------------------- */

struct redis_queued {
    struct redis_queued *next;
    const struct redis_command *command;
    size_t count;
    struct redis_span args[];
};

struct redis_watch {
    struct redis_watch *next;
    unsigned db;
    size_t length;
    uint8_t name[];
};

struct redis_client {
    struct redis_client *next, *before;
    struct redis_server *server;
    struct fake_conn *conn;
    int64_t id;
    unsigned db;
    bool is_authenticated;
    bool is_closing;
    unsigned noscripts; /* NOSCRIPT replies that no EVAL has followed yet    */
    struct redis_bytes *name;
    bool is_multi;
    bool is_aborted; /* a command could not be queued                        */
    bool is_touched; /* a watched key changed                                */
    struct redis_queued *first, *last;
    size_t queued;
    unsigned any_flags, all_flags; /* of the queued commands                 */
    struct redis_watch *watches;
    struct redis_map channels, patterns; /* names to NULL                    */
    bool is_subscribed;
    struct redis_client *next_subscriber, *subscriber_before;
    struct redis_request request;
    struct redis_out out;
};

/* Give it what waits in its `out`. (redis.c) */
void fake_redis_answer(struct redis_client *client);
/* AUTH and HELLO AUTH; NULL user: none was given. False: the client is told.
 * (redis_server.c) */
bool fake_redis_log_in(struct redis_call *call, const struct redis_span *user,
                       struct redis_span password);
bool fake_redis_set_client_name(struct redis_call *call,
                                struct redis_span name);

/* redis_txn.c */
void fake_redis_queue(struct redis_call *call);
void fake_redis_unwatch_all(struct redis_client *client);
void fake_redis_discard_all(struct redis_client *client); /* unwatches too   */
void fake_redis_touch(struct redis_server *server, unsigned db,
                      struct redis_span name);

/* ---- changes (redis_change.c) ----------------------------------------- */

/* Say what was done to a key: a line of the trace, and its watchers know.
 * `detail` a field or member, {NULL, 0} for none; `px_ms` 0 for none. */
void fake_redis_changed(struct redis_server *server, unsigned db,
                        const char *verb, struct redis_span name,
                        struct redis_span detail, int64_t px_ms);
void fake_redis_did(struct redis_call *call, const char *verb,
                    struct redis_span name);
void fake_redis_did_member(struct redis_call *call, const char *verb,
                           struct redis_span name, struct redis_span member);
void fake_redis_did_px(struct redis_call *call, const char *verb,
                       struct redis_span name, int64_t px_ms);
/* Look at the clock, and at the keys whose time has come by it. */
void fake_redis_tick(struct redis_server *server);
/* Remove the keys whose time has come, in order. */
void fake_redis_expire_due(struct redis_server *server);
/* Set the timer to the next of them. */
void fake_redis_arm(struct redis_server *server);
/* All keys of `db`, or of all with REDIS_DBS; their watchers know. */
void fake_redis_flush(struct redis_server *server, unsigned db);

/* ---- subscriptions (redis_pubsub.c) ----------------------------------- */

void fake_redis_unsubscribe_all(struct redis_client *client);
/* How many messages that made. */
int64_t fake_redis_publish_to(struct redis_server *server,
                              struct redis_span channel,
                              struct redis_span payload);
/* Different channels, or patterns, that anybody has subscribed to. */
size_t fake_redis_count_names(const struct redis_server *server,
                              bool of_patterns);

/* ---- keyspace events (redis_event.c) ---------------------------------- */

enum {
    REDIS_EVENT_GENERIC = 4, /* 1 and 2 are K and E                          */
    REDIS_EVENT_STRING = 8,
    REDIS_EVENT_LIST = 16,
    REDIS_EVENT_SET = 32,
    REDIS_EVENT_HASH = 64,
    REDIS_EVENT_ZSET = 128,
    REDIS_EVENT_EXPIRED = 256,
    REDIS_EVENT_EVICTED = 512,
    REDIS_EVENT_STREAM = 1024,
    REDIS_EVENT_MISS = 2048,
    REDIS_EVENT_MODULE = 4096,
    REDIS_EVENT_NEW = 8192,
};

/* The letters of notify-keyspace-events, both ways. */
bool fake_redis_events_take(struct redis_span letters, unsigned *ret_flags);
void fake_redis_events_write(unsigned flags, char ret_letters[16]);
/* Something of this kind happened to a key: tell who has subscribed. */
void fake_redis_event(struct redis_server *server, unsigned db, unsigned kind,
                      const char *event, struct redis_span name);
void fake_redis_tell(struct redis_call *call, unsigned kind, const char *event,
                     struct redis_span name);

/* ---- for the commands (redis_change.c, too) --------------------------- */

struct redis_key *fake_redis_find(struct redis_call *call,
                                  struct redis_span name);
/* The same to read it: that it is not there is an event. */
struct redis_key *fake_redis_look(struct redis_call *call,
                                  struct redis_span name);
/* A new key, and the event of that; see fake_redis_store_add(). */
struct redis_key *fake_redis_create(struct redis_call *call,
                                    struct redis_span name,
                                    enum redis_type type,
                                    struct redis_bytes *text);
/* A key that is there goes by a command; the event is "del". */
void fake_redis_delete(struct redis_call *call, struct redis_key *key);
/* The key if it has that type. False: another, and the client is told.
 * Missing: true and NULL. Commands that do not write look, others find. */
bool fake_redis_find_type(struct redis_call *call, struct redis_span name,
                          enum redis_type type, struct redis_key **ret_key);
bool fake_redis_look_type(struct redis_call *call, struct redis_span name,
                          enum redis_type type, struct redis_key **ret_key);
/* Remove an emptied hash or set, with its note. */
void fake_redis_remove_if_empty(struct redis_call *call, struct redis_key *key);
/* Set a string anew; its time is kept or ends. False: no memory, told. */
bool fake_redis_set_text(struct redis_call *call, struct redis_span name,
                         struct redis_span text, bool keeps_due);
bool fake_redis_take_integer(struct redis_call *call, struct redis_span span,
                             int64_t *ret_value);
int64_t fake_redis_wall_ms(const struct redis_server *server);
/* "until Unix ms" as hub time. */
int64_t fake_redis_due_from_wall(const struct redis_server *server,
                                 int64_t wall_ms);

/* One step of HSCAN or SSCAN. */
void fake_redis_scan_value(struct redis_call *call, enum redis_type type);

void fake_redis_sha1_hex(struct redis_span text, char ret_hex[41]);

/* redis_script.c */
bool fake_redis_script_is_known(struct redis_server *server,
                                struct redis_span sha);

/* ---- the commands themselves ------------------------------------------ */

void fake_redis_append(struct redis_call *call);
void fake_redis_auth(struct redis_call *call);
void fake_redis_client_getname(struct redis_call *call);
void fake_redis_client_id(struct redis_call *call);
void fake_redis_client_setname(struct redis_call *call);
void fake_redis_config_get(struct redis_call *call);
void fake_redis_config_resetstat(struct redis_call *call);
void fake_redis_config_set(struct redis_call *call);
void fake_redis_copy(struct redis_call *call);
void fake_redis_empty_array(struct redis_call *call);
void fake_redis_dbsize(struct redis_call *call);
void fake_redis_decr(struct redis_call *call);
void fake_redis_decrby(struct redis_call *call);
void fake_redis_del(struct redis_call *call);
void fake_redis_discard(struct redis_call *call);
void fake_redis_echo(struct redis_call *call);
void fake_redis_eval(struct redis_call *call);
void fake_redis_evalsha(struct redis_call *call);
void fake_redis_exec(struct redis_call *call);
void fake_redis_exists(struct redis_call *call);
void fake_redis_expire(struct redis_call *call);
void fake_redis_flushall(struct redis_call *call);
void fake_redis_flushdb(struct redis_call *call);
void fake_redis_get(struct redis_call *call);
void fake_redis_getdel(struct redis_call *call);
void fake_redis_getex(struct redis_call *call);
void fake_redis_getrange(struct redis_call *call);
void fake_redis_getset(struct redis_call *call);
void fake_redis_hello(struct redis_call *call);
void fake_redis_hdel(struct redis_call *call);
void fake_redis_hexists(struct redis_call *call);
void fake_redis_hget(struct redis_call *call);
void fake_redis_hgetall(struct redis_call *call);
void fake_redis_hincrby(struct redis_call *call);
void fake_redis_hkeys(struct redis_call *call);
void fake_redis_hlen(struct redis_call *call);
void fake_redis_hmget(struct redis_call *call);
void fake_redis_hscan(struct redis_call *call);
void fake_redis_hset(struct redis_call *call);
void fake_redis_hsetnx(struct redis_call *call);
void fake_redis_hstrlen(struct redis_call *call);
void fake_redis_hvals(struct redis_call *call);
void fake_redis_incr(struct redis_call *call);
void fake_redis_incrby(struct redis_call *call);
void fake_redis_info(struct redis_call *call);
void fake_redis_keys(struct redis_call *call);
void fake_redis_mget(struct redis_call *call);
void fake_redis_mset(struct redis_call *call);
void fake_redis_msetnx(struct redis_call *call);
void fake_redis_multi(struct redis_call *call);
void fake_redis_persist(struct redis_call *call);
void fake_redis_ping(struct redis_call *call);
void fake_redis_publish(struct redis_call *call);
void fake_redis_pubsub_channels(struct redis_call *call);
void fake_redis_pubsub_numpat(struct redis_call *call);
void fake_redis_pubsub_numsub(struct redis_call *call);
void fake_redis_quit(struct redis_call *call);
void fake_redis_rename(struct redis_call *call);
void fake_redis_renamenx(struct redis_call *call);
void fake_redis_reset(struct redis_call *call);
void fake_redis_role(struct redis_call *call);
void fake_redis_sadd(struct redis_call *call);
void fake_redis_scan_keys(struct redis_call *call);
void fake_redis_scard(struct redis_call *call);
void fake_redis_script_exists(struct redis_call *call);
void fake_redis_script_flush(struct redis_call *call);
void fake_redis_script_load(struct redis_call *call);
void fake_redis_select(struct redis_call *call);
void fake_redis_set(struct redis_call *call);
void fake_redis_setex(struct redis_call *call);
void fake_redis_set_algebra(struct redis_call *call);
void fake_redis_setnx(struct redis_call *call);
void fake_redis_setrange(struct redis_call *call);
void fake_redis_sismember(struct redis_call *call);
void fake_redis_smembers(struct redis_call *call);
void fake_redis_smismember(struct redis_call *call);
void fake_redis_smove(struct redis_call *call);
void fake_redis_srem(struct redis_call *call);
void fake_redis_sscan(struct redis_call *call);
void fake_redis_strlen(struct redis_call *call);
void fake_redis_subscribe(struct redis_call *call);
void fake_redis_swapdb(struct redis_call *call);
void fake_redis_time(struct redis_call *call);
void fake_redis_ttl(struct redis_call *call);
void fake_redis_type(struct redis_call *call);
void fake_redis_unsubscribe(struct redis_call *call);
void fake_redis_unwatch(struct redis_call *call);
void fake_redis_watch(struct redis_call *call);

#endif
