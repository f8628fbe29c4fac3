/* SPDX-License-Identifier: Apache-2.0
 * redis_resp.c - read requests, multibulk and inline, as networking.c does.
 *
 * Limits and texts are those of Redis 7.0.15 (processMultibulkBuffer,
 * processInlineBuffer). A request is parsed again from its start when more
 * bytes have come: the state between two reads is the bytes alone.
 */
#include "redis_resp.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_LIMIT (64 * 1024)           /* PROTO_INLINE_MAX_SIZE          */
#define BULK_LIMIT (512LL * 1024 * 1024) /* proto-max-bulk-len             */
#define STRANGER_ARGS 10                 /* before AUTH, where it is asked */
#define STRANGER_BULK 16384

static enum redis_read refuse(struct redis_request *request, const char *what)
{
    snprintf(request->error, sizeof request->error, "ERR Protocol error: %s",
             what);
    return REDIS_READ_BAD;
}

static bool add_arg(struct redis_request *request, struct redis_span arg)
{
    if (request->count == request->room) {
        size_t room = request->room == 0 ? 16 : request->room * 2;
        struct redis_span *args =
            realloc(request->args, room * sizeof *request->args);
        if (args == NULL)
            return false;
        request->args = args;
        request->room = room;
    }
    request->args[request->count++] = arg;
    return true;
}

/* The number of a "*3" or "$5" line, which starts at *at; leaves *at behind
 * the line's end. */
static enum redis_read read_number(struct redis_request *request,
                                   struct redis_span in, size_t *at,
                                   const char *too_long, const char *invalid,
                                   int64_t *ret_number)
{
    const uint8_t *start = in.at + *at;
    const uint8_t *end = memchr(start, '\r', in.length - *at);
    struct redis_span digits;

    if (end == NULL)
        return in.length - *at > LINE_LIMIT ? refuse(request, too_long)
                                            : REDIS_READ_MORE;
    /* The byte after the CR is skipped unseen, but it must be there. */
    if ((size_t)(end - in.at) + 2 > in.length)
        return REDIS_READ_MORE;
    digits.at = start + 1;
    digits.length = (size_t)(end - start) - 1;
    if (!fake_redis_span_integer(digits, ret_number))
        return refuse(request, invalid);
    *at = (size_t)(end - in.at) + 2;
    return REDIS_READ_ONE;
}

static enum redis_read read_bulk(struct redis_request *request,
                                 struct redis_span in, size_t *at,
                                 bool is_stranger)
{
    int64_t length;
    enum redis_read read;

    if (*at == in.length)
        return REDIS_READ_MORE;
    if (in.at[*at] != '$') {
        char text[40];
        snprintf(text, sizeof text, "expected '$', got '%c'", in.at[*at]);
        return refuse(request, text);
    }
    read = read_number(request, in, at, "too big bulk count string",
                       "invalid bulk length", &length);
    if (read != REDIS_READ_ONE)
        return read;
    if (length < 0 || length > BULK_LIMIT)
        return refuse(request, "invalid bulk length");
    if (is_stranger && length > STRANGER_BULK)
        return refuse(request, "unauthenticated bulk length");
    if (in.length - *at < (size_t)length + 2)
        return REDIS_READ_MORE;
    if (!add_arg(request, (struct redis_span){in.at + *at, (size_t)length}))
        return REDIS_READ_BAD;
    *at += (size_t)length + 2;
    return REDIS_READ_ONE;
}

static enum redis_read read_multibulk(struct redis_request *request,
                                      struct redis_span in, bool is_stranger,
                                      size_t *ret_used)
{
    size_t at = 0;
    int64_t count;
    enum redis_read read =
        read_number(request, in, &at, "too big mbulk count string",
                    "invalid multibulk length", &count);

    if (read != REDIS_READ_ONE)
        return read;
    if (count > INT_MAX)
        return refuse(request, "invalid multibulk length");
    if (is_stranger && count > STRANGER_ARGS)
        return refuse(request, "unauthenticated multibulk length");
    for (int64_t i = 0; i < count; i++) {
        read = read_bulk(request, in, &at, is_stranger);
        if (read != REDIS_READ_ONE)
            return read;
    }
    *ret_used = at;
    return REDIS_READ_ONE;
}

/* ---- inline: words, quoted as sds.c's sdssplitargs reads them --------- */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static int hex_value(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
        return (byte | 0x20) - 'a' + 10;
    return -1;
}

/* One escape in double quotes, at[0] being the backslash; how many bytes. */
static size_t unescape(const uint8_t *at, size_t length, uint8_t *ret_byte)
{
    static const char from[] = "nrtba", to[] = "\n\r\t\b\a";
    const char *found;

    if (length >= 4 && at[1] == 'x' && hex_value(at[2]) >= 0 &&
        hex_value(at[3]) >= 0) {
        *ret_byte = (uint8_t)(hex_value(at[2]) * 16 + hex_value(at[3]));
        return 4;
    }
    found = at[1] == '\0' ? NULL : strchr(from, at[1]);
    *ret_byte = found == NULL ? at[1] : (uint8_t)to[found - from];
    return 2;
}

/* One word from `line` into `to`; false: its quotes do not close. */
static bool take_word(struct redis_span *line, uint8_t *to, size_t *ret_length)
{
    uint8_t quote = 0;
    size_t n = 0, i = 0;

    for (; i < line->length && (quote != 0 || !is_blank(line->at[i]));) {
        uint8_t byte = line->at[i];
        if (quote == '"' && byte == '\\' && i + 1 < line->length) {
            i += unescape(line->at + i, line->length - i, &to[n++]);
        } else if (quote == '\'' && byte == '\\' && i + 1 < line->length &&
                   line->at[i + 1] == '\'') {
            to[n++] = '\'';
            i += 2;
        } else if (quote != 0 && byte == quote) {
            /* A closing quote must end the word. */
            if (i + 1 < line->length && !is_blank(line->at[i + 1]))
                return false;
            quote = 0;
            i++;
        } else if (quote == 0 && (byte == '"' || byte == '\'')) {
            quote = byte;
            i++;
        } else {
            to[n++] = byte;
            i++;
        }
    }
    line->at += i;
    line->length -= i;
    *ret_length = n;
    return quote == 0;
}

static enum redis_read split_line(struct redis_request *request,
                                  struct redis_span line)
{
    uint8_t *to = malloc(line.length + 1);
    const uint8_t *nul = memchr(line.at, '\0', line.length);

    if (to == NULL)
        return REDIS_READ_BAD;
    free(request->unquoted);
    request->unquoted = to;
    if (nul != NULL)
        line.length = (size_t)(nul - line.at);
    for (;;) {
        size_t length;
        while (line.length > 0 && is_blank(line.at[0])) {
            line.at++;
            line.length--;
        }
        if (line.length == 0)
            return REDIS_READ_ONE;
        if (!take_word(&line, to, &length))
            return refuse(request, "unbalanced quotes in request");
        if (!add_arg(request, (struct redis_span){to, length}))
            return REDIS_READ_BAD;
        to += length;
    }
}

static enum redis_read read_inline(struct redis_request *request,
                                   struct redis_span in, size_t *ret_used)
{
    const uint8_t *end = memchr(in.at, '\n', in.length);
    struct redis_span line = in;
    enum redis_read read;

    if (end == NULL)
        return in.length > LINE_LIMIT
                   ? refuse(request, "too big inline request")
                   : REDIS_READ_MORE;
    line.length = (size_t)(end - in.at);
    if (line.length > 0 && line.at[line.length - 1] == '\r')
        line.length--;
    *ret_used = (size_t)(end - in.at) + 1;
    read = split_line(request, line);
    /* A browser was led here: the server closes without a word. */
    if (read == REDIS_READ_ONE && request->count > 0 &&
        (fake_redis_span_is(request->args[0], "host:") ||
         fake_redis_span_is(request->args[0], "post")))
        return REDIS_READ_BAD;
    return read;
}

enum redis_read fake_redis_read(struct redis_request *request,
                                const uint8_t *bytes, size_t length,
                                bool is_stranger, size_t *ret_used)
{
    struct redis_span in = {bytes, length};

    request->count = 0;
    request->error[0] = '\0';
    if (length == 0)
        return REDIS_READ_MORE;
    if (bytes[0] == '*')
        return read_multibulk(request, in, is_stranger, ret_used);
    return read_inline(request, in, ret_used);
}

void fake_redis_request_clear(struct redis_request *request)
{
    free(request->args);
    free(request->unquoted);
    *request = (struct redis_request){0};
}
