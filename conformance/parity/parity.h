/* SPDX-License-Identifier: Apache-2.0
 * parity.h - the seam between the core of sg-parity and its three protocols.
 *
 * A script is text, one op a line. The core runs it twice: on the real server
 * (hundreds of scripts at once, each under its own prefix, in real time) and
 * on the fake (alone, on a virtual clock), and compares the two transcripts.
 * A protocol makes scripts, turns an op into bytes and bytes into lines; the
 * core owns sockets, time, comparison, shrinking, files.
 *
 * Everything runs on one thread. Both runs use the same protocol code, so it
 * must not depend on where it runs, but for what struct parity_run says.
 * Functions returning int give 0 or a negative errno.
 */
#ifndef PARITY_H
#define PARITY_H

#include "fake.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- dice: seeded, the same on every machine -------------------------- */

struct parity_dice {
    uint64_t state;
};
uint64_t parity_dice_u64(struct parity_dice *dice); /* splitmix64           */
/* 0..n-1; 0 when n is 0. */
unsigned parity_dice_below(struct parity_dice *dice, unsigned n);
bool parity_dice_one_in(struct parity_dice *dice, unsigned n);
/* One of the texts of a list that ends with NULL. */
const char *parity_dice_pick(struct parity_dice *dice,
                             const char *const *texts);

/* ---- bytes ------------------------------------------------------------ */

struct parity_bytes {
    uint8_t *at;
    size_t length, room;
    bool is_short; /* memory ran out: what is there is not all             */
};
void parity_bytes_add(struct parity_bytes *bytes, const void *from, size_t n);
void parity_bytes_text(struct parity_bytes *bytes, const char *text);
void parity_bytes_format(struct parity_bytes *bytes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void parity_bytes_big(struct parity_bytes *bytes, uint64_t value,
                      size_t n_bytes); /* big-endian                        */
void parity_bytes_cut(struct parity_bytes *bytes, size_t n); /* off the front */
void parity_bytes_free(struct parity_bytes *bytes);          /* NULL allowed */

/* Text of a script to bytes: `~` is the prefix, \xNN a byte, \r \n \t \0 \\
 * \~ as in C. -EINVAL: another escape. */
int parity_unescape(const char *text, size_t length, const char *prefix,
                    struct parity_bytes *out);
/* The other way, for lines of a transcript: what is not plain ASCII as \xNN
 * (backslash as \\). The core puts `~` back for the prefix: see parity_say. */
void parity_escape(const void *from, size_t n, struct parity_bytes *out);

/* ---- scripts ---------------------------------------------------------- */

#define PARITY_CONNS 4

struct parity_op {
    int64_t wait_ms; /* before it                                            */
    int conn;        /* 0..PARITY_CONNS-1                                    */
    size_t split;    /* so many bytes first, then the rest; 0: all at once   */
    char *text;      /* the protocol's, or one of the core's verbs:
                      * "open [ARGS]" (an open one is dropped first), and
                      * "drop" (close the socket without a goodbye)          */
};

struct parity_script {
    char *options; /* lines "NAME VALUE\n" of its head; NULL: none           */
    struct parity_op *ops;
    size_t count, room;
    bool is_short;
};
/* For generators. No line end in the text. */
void parity_script_add(struct parity_script *script, int64_t wait_ms, int conn,
                       size_t split, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void parity_script_option(struct parity_script *script, const char *name,
                          const char *value);
/* The number an option gives, or `otherwise`. */
int64_t parity_script_number(const struct parity_script *script,
                             const char *name, int64_t otherwise);

/* ---- one run of one script on one of the two -------------------------- */

/* What was found out about the real server before the run, and rules time. */
struct parity_setting {
    /* A script's time 0 lies where the place's clock (CLOCK_MONOTONIC in ms;
     * on the fake the hub's) is offset_ms modulo period_ms. 1, 0: anywhere. */
    int64_t period_ms, offset_ms;
    /* On the real server it may begin up to so much later, so that not all
     * scripts speak in the same millisecond. */
    int64_t spread_ms;
    /* An op whose last reply came later than so much after its nominal time
     * makes the run late: it is not compared, but run again. */
    int64_t late_ms;
    int64_t own[4]; /* the protocol's: tickTime, phase, ...                  */
};

struct parity_run {
    const struct parity_script *script;
    const struct parity_setting *setting;
    const char *prefix; /* 8 characters a-z0-9; the same in both runs        */
    struct fake_hub *hub; /* NULL: on the real server                       */
    int64_t nominal_ms; /* of the op at work, by the place's clock           */
    void *own;          /* the protocol's, made by begin()                   */
    size_t op;          /* the number of the op at work, from 0         */
    /* The core's (transcript.h); NULL: what is said is lost. */
    struct parity_transcript *transcript;
};

/* Add one line to the transcript, of what came on this connection; no line
 * end in it; the prefix in it becomes `~`. The core writes number of the op
 * and connection before it. Lines of one op are put in order: those of its
 * own connection first, then the others by number. */
void parity_say(struct parity_run *run, int conn, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Numbers that differ between the two by right (cas, zxid, session ids):
 * their rank by first sight, 1 2 3 ... 0 when memory ran out. */
struct parity_ranks {
    uint64_t *values;
    size_t count, room;
};
size_t parity_rank(struct parity_ranks *ranks, uint64_t value);
/* The value of a rank seen before; `otherwise` when there is none. */
uint64_t parity_rank_value(const struct parity_ranks *ranks, size_t rank,
                           uint64_t otherwise);
void parity_ranks_free(struct parity_ranks *ranks);

/* ---- a protocol ------------------------------------------------------- */

struct parity_protocol {
    const char *name;        /* "redis": `protocol redis` in the script      */
    size_t most_connections; /* the real server bears at once                */
    size_t lanes;            /* scripts at once, unless --lanes says so      */
    size_t ops;              /* of a generated script, about                 */
    int64_t keepalive_ms;    /* see keepalive(); 0: none                     */

    /* Ask the real server what rules its time; may block for seconds. NULL
     * host: there is none, make one up. `why`: what is wrong, on failure. */
    int (*calibrate)(const char *host, int port,
                     struct parity_setting *ret_setting, char why[128]);
    /* Optional: is that still so (after a batch of runs)? No: all of it
     * counts as late. With it, calibrate() is asked before each batch. */
    bool (*still_holds)(const char *host, int port,
                        const struct parity_setting *setting);
    int (*make_fake)(struct fake_hub *hub, const struct parity_setting *setting,
                     struct fake **ret_fake);

    /* Fill an empty script with about n_ops ops. */
    void (*generate)(struct parity_dice *dice, struct parity_script *script,
                     size_t n_ops);

    /* State of one run in run->own; end() frees it (and accepts NULL own). */
    int (*begin)(struct parity_run *run);
    void (*end)(struct parity_run *run);

    /* A connection was made, by the verb "open ARGS" or, with "", because an
     * op needs one: bytes to send before anything else, if any. Optional. */
    int (*greet)(struct parity_run *run, int conn, const char *args,
                 struct parity_bytes *out);
    /* The bytes of one op, and note (in own) what is to come back. -EINVAL:
     * no such text. Nothing to send is allowed. */
    int (*encode)(struct parity_run *run, int conn, const char *text,
                  struct parity_bytes *out);
    /* Bytes that came: take whole messages from the front, parity_say() each
     * in a normal form (or keep quiet about answers to barriers), return how
     * many bytes were taken; -EPROTO: cannot be framed. Total: hostile bytes
     * are a normal case. */
    ssize_t (*take)(struct parity_run *run, int conn, const uint8_t *bytes,
                    size_t length);
    /* How many answers are still to come (greetings, barriers included). The
     * core waits until 0, or until the server closes: then it says "closed". */
    size_t (*awaited)(const struct parity_run *run, int conn);
    /* The connection is gone: closed by the server or dropped. Nothing is
     * awaited of it. Optional when own state has nothing by connection. */
    void (*gone)(struct parity_run *run, int conn);

    /* Optional: bytes (and awaited answers) that make sure that every pushed
     * message has come before; none: not needed for this connection. Asked of
     * every open connection after a wait, and of all but the op's own after
     * each op. */
    int (*barrier)(struct parity_run *run, int conn, struct parity_bytes *out);
    /* Optional: sent on every open connection each keepalive_ms of a wait, on
     * the real server only (on a fake no time passes within a wait). */
    int (*keepalive)(struct parity_run *run, int conn,
                     struct parity_bytes *out);
    /* Optional: on the real server, after the script, on a new connection 0
     * (greeted by "sweep"): remove what the script left. Its answers are
     * awaited and what is said is thrown away. */
    int (*sweep)(struct parity_run *run, int conn, struct parity_bytes *out);
};

extern const struct parity_protocol parity_kazoo, parity_memcached,
    parity_redis;

#endif
