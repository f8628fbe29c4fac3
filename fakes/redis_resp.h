/* SPDX-License-Identifier: Apache-2.0
 * redis_resp.h - Redis's wire protocol, RESP2: requests in, replies out.
 */
#ifndef FAKE_REDIS_RESP_H
#define FAKE_REDIS_RESP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that belong to somebody else. Binary-safe: NUL is a byte. */
struct redis_span {
    const uint8_t *at;
    size_t length;
};

struct redis_span fake_redis_span(const char *text);
bool fake_redis_span_is(struct redis_span span, const char *text); /* no case */
bool fake_redis_span_equal(struct redis_span a, struct redis_span b);
int fake_redis_span_compare(struct redis_span a, struct redis_span b);
/* Redis's own strictness: no plus, blank, leading zero or "-0". */
bool fake_redis_span_integer(struct redis_span span, int64_t *ret_value);
/* Shell pattern with * ? [^a-z] and backslash, as KEYS takes. */
bool fake_redis_span_matches(struct redis_span span, struct redis_span pattern);

/* ---- requests --------------------------------------------------------- */

struct redis_request {
    struct redis_span *args; /* into the bytes read, or into `unquoted`      */
    size_t count, room;
    uint8_t *unquoted; /* arguments of an inline command                     */
    char error[80];    /* for REDIS_READ_BAD; empty: close without a word    */
};

enum redis_read {
    REDIS_READ_MORE, /* not whole yet                                        */
    REDIS_READ_ONE,  /* `count` may be 0: an empty line, nothing to answer   */
    REDIS_READ_BAD,  /* not the protocol: say `error` and close              */
};

/* Take one request off the front. `is_stranger`: the limits for a client
 * that has not authenticated where it must. Out of memory is REDIS_READ_BAD
 * without a word. */
enum redis_read fake_redis_read(struct redis_request *request,
                                const uint8_t *bytes, size_t length,
                                bool is_stranger, size_t *ret_used);
void fake_redis_request_clear(struct redis_request *request);

/* ---- replies ---------------------------------------------------------- */

/* Once memory has run out everything more is dropped and `is_broken` stays:
 * half a reply must not reach the client. */
struct redis_out {
    uint8_t *at;
    size_t length, room;
    bool is_broken;
};

void fake_redis_add(struct redis_out *out, const void *bytes, size_t length);
void fake_redis_add_text(struct redis_out *out, const char *text);
void fake_redis_add_format(struct redis_out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Printable form, blanks too: "a\x20b". */
void fake_redis_add_escaped(struct redis_out *out, struct redis_span span);
/* Put bytes in before what was added since `length_then`. */
void fake_redis_insert(struct redis_out *out, size_t length_then,
                       const char *text);

void fake_redis_reply_status(struct redis_out *out, const char *text);
/* `text` without its dash: "ERR syntax error". Line ends become blanks. */
void fake_redis_reply_error(struct redis_out *out, const char *text);
void fake_redis_reply_errorf(struct redis_out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A whole line of status ('+') or error ('-'), cleaned of line ends. */
void fake_redis_reply_line(struct redis_out *out, char kind,
                           struct redis_span text);
void fake_redis_reply_integer(struct redis_out *out, int64_t value);
void fake_redis_reply_bulk(struct redis_out *out, struct redis_span span);
void fake_redis_reply_null(struct redis_out *out);       /* $-1              */
void fake_redis_reply_null_array(struct redis_out *out); /* *-1              */
void fake_redis_reply_array(struct redis_out *out, size_t count);
void fake_redis_out_clear(struct redis_out *out);

#endif
