/* SPDX-License-Identifier: Apache-2.0
 * zk_run.h - what the sources of the protocol kazoo share: ZooKeeper's jute
 * as text and as bytes. Written anew from the protocol, without the fake's
 * codec: a shared one would hide a shared misreading.
 *
 * An op is a request, or several with " ; " between:
 *
 *     create|create2|container PATH DATA ACL FLAGS   ttl ... FLAGS TTL
 *     delete|check PATH VERSION    set PATH DATA VERSION
 *     exists|get|children|children2 PATH WATCH(0|1)
 *     getacl|sync|below|ephemerals PATH    setacl PATH ACL VERSION
 *     whoami    ping    close    auth SCHEME SECRET
 *     setwatches ZXID d=PATH e=PATH c=PATH p=PATH r=PATH ...
 *     addwatch PATH MODE    checkwatches|removewatches PATH TYPE
 *     multi REQUEST | REQUEST ...    read get PATH 0 | children PATH 0 ...
 *     raw OPCODE BYTES
 *
 * DATA and PATH: @ is null, "" is empty. ACL: "open", "none", "null", or
 * PERMS:SCHEME:ID,... ZXID: 0, "seen" (the highest yet), or a rank as the
 * transcript shows it. And the verb open:
 *
 *     open [TIMEOUT_MS [sN [wrong] [future] [seen]] [old]]
 *     open word FOUR       open raw BYTES
 *
 * sN is the N-th session that the script has begun.
 */
#ifndef PARITY_ZK_RUN_H
#define PARITY_ZK_RUN_H

#include "parity.h"

#define PARITY_ZK_TICK_MS 500
#define PARITY_ZK_PASSWORD 16

/* What comes back, and how it is told. */
enum parity_zk_form {
    PARITY_ZK_NOTHING,
    PARITY_ZK_PATH,
    PARITY_ZK_PATH_STAT,
    PARITY_ZK_STAT,
    PARITY_ZK_DATA_STAT,
    PARITY_ZK_NAMES,
    PARITY_ZK_NAMES_STAT,
    PARITY_ZK_ACL_STAT,
    PARITY_ZK_NUMBER,
    PARITY_ZK_CLIENTS,
    PARITY_ZK_MULTI,
    PARITY_ZK_BYTES,
};

struct parity_zk_verb {
    const char *name;
    int32_t op;
    /* p path, d data, s string, a list of rights, i int, l long, b bool,
     * 0 an int 0; in this order in the request. NULL: by hand. */
    const char *args;
    enum parity_zk_form form;
    bool is_change; /* has a zxid of its own                                 */
};
const struct parity_zk_verb *parity_zk_verb(const char *name, size_t length);
/* NULL: none of ours. */
const struct parity_zk_verb *parity_zk_verb_of(int32_t op);

struct parity_zk_awaited {
    int32_t xid;
    const struct parity_zk_verb *verb; /* NULL: a ping nobody shall hear of  */
    bool is_keepalive; /* at no certain moment                               */
};

enum parity_zk_talk {
    PARITY_ZK_GREETED, /* requests and answers                               */
    PARITY_ZK_GREETING,
    PARITY_ZK_WORD, /* all that comes is one text                            */
    PARITY_ZK_RAW,  /* only the end is awaited                               */
};

struct parity_zk_conn {
    enum parity_zk_talk talk;
    int32_t xid;
    size_t session; /* its number, from 1                                    */
    bool is_open, is_closing; /* the server shall close it                   */
    struct parity_zk_awaited *awaited;
    size_t n_awaited, room;
    char word[5];
    struct parity_bytes heard; /* the answer to a word                       */
    char **events;             /* not told yet                               */
    size_t n_events, events_room;
};

struct parity_zk_session {
    int64_t id;
    uint8_t password[PARITY_ZK_PASSWORD];
};

struct parity_zk {
    struct parity_zk_conn conns[PARITY_CONNS];
    struct parity_zk_session *sessions;
    size_t n_sessions, sessions_room;
    struct parity_ranks zxids;
    int64_t seen_zxid;
    size_t exact_op; /* the op in which the order of events is certain       */
    char **created;  /* paths, to be swept                                   */
    size_t n_created, created_room;
    bool is_short; /* memory ran out                                         */
};

/* A copy at the end of a list of texts. */
void parity_zk_keep(struct parity_zk *zk, char ***list, size_t *count,
                    size_t *room, const void *text, size_t length);

/* ---- zk_text.c: requests ----------------------------------------------- */

int parity_zk_encode(struct parity_run *run, int conn, const char *text,
                     struct parity_bytes *out);
/* A frame without a body; verb NULL: a quiet ping. */
int parity_zk_ping(struct parity_run *run, int conn, bool is_keepalive,
                   struct parity_bytes *out);

/* Words of a text, with spaces between. */
struct parity_zk_words {
    const char *at;
};
struct parity_zk_word {
    const char *at;
    size_t length; /* 0: no more                                             */
};
struct parity_zk_word parity_zk_next(struct parity_zk_words *words);
bool parity_zk_is(struct parity_zk_word word, const char *text);
int parity_zk_number(struct parity_zk_word word, int64_t *ret_value);

/* ---- zk_hello.c: greetings --------------------------------------------- */

int parity_zk_greet(struct parity_run *run, int conn, const char *args,
                    struct parity_bytes *out);
void parity_zk_say_hello(struct parity_run *run, int conn, const uint8_t *at,
                         size_t length);
/* "s3" of a session of the script, "0", or "other". */
void parity_zk_say_owner(const struct parity_zk *zk, int64_t id,
                         struct parity_bytes *line);

/* ---- zk_reply.c: answers and events ------------------------------------ */

void parity_zk_say_frame(struct parity_run *run, int conn, const uint8_t *at,
                         size_t length);
void parity_zk_say_events(struct parity_run *run, int conn);
/* The line, and frees it. */
void parity_zk_say(struct parity_run *run, int conn, struct parity_bytes *line);

struct parity_zk_reader {
    const uint8_t *at;
    size_t left;
    bool is_bad;
};
int64_t parity_zk_read(struct parity_zk_reader *in, size_t n_bytes);

/* ---- zk_word.c: four-letter words -------------------------------------- */

void parity_zk_say_word(struct parity_run *run, int conn);

/* ---- zk_stage.c: making scripts ---------------------------------------- */

void parity_zk_generate(struct parity_dice *dice, struct parity_script *script,
                        size_t n_ops);

/* ---- zk_clock.c: what rules the server's time -------------------------- */

int parity_zk_calibrate(const char *host, int port,
                        struct parity_setting *ret_setting, char why[128]);

#endif
