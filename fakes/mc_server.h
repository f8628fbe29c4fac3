/* SPDX-License-Identifier: Apache-2.0
 * mc_server.h - what a memcached server does, whichever protocol asked.
 *
 * After each command fake_mc_server_settle() takes out what is dead; within
 * one command an item that was just given a past expiry can still be read,
 * as the real server reads it for `gat`.
 */
#ifndef FAKE_MC_SERVER_H
#define FAKE_MC_SERVER_H

#include "mc_store.h"
#include "mc_time.h"
#include "service.h"

#define FAKE_MC_VERSION "1.6.18"

enum fake_mc_counter {
    FAKE_MC_CMD_GET,
    FAKE_MC_CMD_SET,
    FAKE_MC_CMD_FLUSH,
    FAKE_MC_CMD_TOUCH,
    FAKE_MC_GET_HITS,
    FAKE_MC_GET_MISSES,
    FAKE_MC_DELETE_MISSES,
    FAKE_MC_DELETE_HITS,
    FAKE_MC_INCR_MISSES,
    FAKE_MC_INCR_HITS,
    FAKE_MC_DECR_MISSES,
    FAKE_MC_DECR_HITS,
    FAKE_MC_CAS_MISSES,
    FAKE_MC_CAS_HITS,
    FAKE_MC_CAS_BADVAL,
    FAKE_MC_TOUCH_HITS,
    FAKE_MC_TOUCH_MISSES,
    FAKE_MC_TOTAL_ITEMS,
    FAKE_MC_TOTAL_CONNECTIONS,
    FAKE_MC_COUNTERS
};

struct fake_mc {
    struct fake *fake;
    struct fake_hub *hub;
    struct fake_mc_time time;
    struct fake_mc_store store;
    struct fake_timer timer; /* the next expiry or the planned flush         */
    bool is_flush_planned;
    int64_t flush_s; /* what was stored at or before this tick is dead,
                      * once it has come (settings.oldest_live)          */
    unsigned runs;   /* restarts                                         */
    uint64_t sent;   /* how often gathered answers went to a client      */
    unsigned connections;
    uint64_t counters[FAKE_MC_COUNTERS];
};

enum fake_mc_verb {
    FAKE_MC_SET,
    FAKE_MC_ADD,
    FAKE_MC_REPLACE,
    FAKE_MC_APPEND,
    FAKE_MC_PREPEND,
    FAKE_MC_CAS,
};

enum fake_mc_answer {
    FAKE_MC_DONE,
    FAKE_MC_NOT_STORED,
    FAKE_MC_EXISTS,
    FAKE_MC_NOT_FOUND,
    FAKE_MC_NON_NUMERIC,
    FAKE_MC_TOO_LARGE,
    FAKE_MC_NO_MEMORY,
};

/* A value on its way in. `item` NULL: none. */
struct fake_mc_upload {
    struct fake_mc_item *item;
    enum fake_mc_verb verb;
    int64_t exptime;  /* as the client wrote it                           */
    size_t got, want; /* bytes after the key                              */
};

struct fake_mc_key {
    const uint8_t *bytes;
    size_t length;
};

/* Take out what is dead and plan the moment when something more will be. */
void fake_mc_server_settle(struct fake_mc *mc);

/* Begin to store: makes upload->item, with `want` and `got` left at 0, or
 * answers TOO_LARGE or NO_MEMORY; a plain set that fails so also loses the
 * old value, as memcached prefers no value to a stale one. */
enum fake_mc_answer fake_mc_server_begin(struct fake_mc *mc,
                                         enum fake_mc_verb verb,
                                         struct fake_mc_key key, uint32_t flags,
                                         int64_t exptime, uint64_t value_bytes,
                                         struct fake_mc_upload *upload);
/* The value is there: store it; *ret_cas is its number. The upload is over
 * whatever the answer. */
enum fake_mc_answer fake_mc_server_finish(struct fake_mc *mc,
                                          struct fake_mc_upload *upload,
                                          uint64_t *ret_cas);
void fake_mc_server_drop(struct fake_mc_upload *upload);

struct fake_mc_item *fake_mc_server_get(struct fake_mc *mc,
                                        struct fake_mc_key key);
/* Its value stands in an answer that is gathered and not yet sent. */
void fake_mc_server_hold(struct fake_mc *mc, struct fake_mc_item *item);
struct fake_mc_item *fake_mc_server_touch(struct fake_mc *mc,
                                          struct fake_mc_key key,
                                          int64_t exptime);
/* `cas` 0: any. DONE, EXISTS or NOT_FOUND. */
enum fake_mc_answer fake_mc_server_delete(struct fake_mc *mc,
                                          struct fake_mc_key key, uint64_t cas);

struct fake_mc_delta {
    bool is_decrement;
    uint64_t by;
    uint64_t cas; /* 0: any                                           */
};
/* DONE: *ret_item holds the new number *ret_value. Else EXISTS, NOT_FOUND,
 * NON_NUMERIC or NO_MEMORY. */
enum fake_mc_answer fake_mc_server_delta(struct fake_mc *mc,
                                         struct fake_mc_key key,
                                         const struct fake_mc_delta *delta,
                                         uint64_t *ret_value,
                                         struct fake_mc_item **ret_item);
/* `delay` as flush_all's argument. */
void fake_mc_server_flush(struct fake_mc *mc, int64_t delay);

/* A note of the trace about one key: "<verb> <key>", control characters and
 * whatever else is not plain text escaped; with " <exptime>" if wanted. */
void fake_mc_server_note(struct fake_mc *mc, const char *verb,
                         struct fake_mc_key key, const int64_t *exptime);
struct fake_mc_key fake_mc_server_key_of(const struct fake_mc_item *item);

#endif
