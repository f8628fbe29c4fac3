/* SPDX-License-Identifier: Apache-2.0
 * mc_reply.h - what a memcached server says, told apart; no I/O.
 *
 * Each reader looks at all bytes of an answer that have come so far and says
 * whether more must come. Nothing is an answer but the exact sentences of
 * doc/protocol.txt: a value that was not asked for, a number that is none, a
 * byte after the end is garbage, and garbage is never "not found".
 */
#ifndef SG_MC_REPLY_H
#define SG_MC_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest line of an answer: a VALUE line has 250 bytes of key. */
#define SG_MC_LINE_MAX 1024u

enum sg_mc_step {
    SG_MC_MORE, /* the answer is not complete                  */
    SG_MC_DONE,
    SG_MC_GARBAGE,
    SG_MC_REFUSED, /* the server says an error: `said`            */
};

struct sg_mc_said {
    const char *text; /* points into the answer                      */
    size_t length;
};

/* One key of a gets. The answer comes in the order of the keys. */
struct sg_mc_item {
    const char *key; /* asked                                       */
    size_t key_length;
    bool is_there;
    uint32_t flags;
    uint64_t cas;
    size_t offset, length; /* of the value within the answer              */
    const uint8_t *value;  /* set by the reader of the whole answer       */
};

struct sg_mc_values {
    struct sg_mc_item *items;
    size_t n_items;
    size_t next_item; /* none before it may come any more            */
    size_t parsed;    /* bytes of the answer that are understood     */
};
enum sg_mc_step sg_mc_values_step(struct sg_mc_values *v, const uint8_t *bytes,
                                  size_t length, struct sg_mc_said *ret_said);

enum sg_mc_word {
    SG_MC_STORED,
    SG_MC_NOT_STORED,
    SG_MC_EXISTS,
    SG_MC_NOT_FOUND,
    SG_MC_TOUCHED,
    SG_MC_NUMBER,
    SG_MC_TOO_LARGE,
};
struct sg_mc_line {
    enum sg_mc_word word;
    uint64_t number;
};
enum sg_mc_step sg_mc_line_step(const uint8_t *bytes, size_t length,
                                struct sg_mc_line *ret_line,
                                struct sg_mc_said *ret_said);

/* The answer to `stats`; *ret_uptime_s stays as it is when it is not told. */
enum sg_mc_step sg_mc_stats_step(const uint8_t *bytes, size_t length,
                                 int64_t *ret_uptime_s,
                                 struct sg_mc_said *ret_said);

#endif
