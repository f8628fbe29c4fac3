/* SPDX-License-Identifier: Apache-2.0
 * redis_out.c - write replies into a buffer that grows.
 */
#include "redis_resp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(struct redis_out *out, size_t more)
{
    size_t room = out->room < 256 ? 256 : out->room;
    uint8_t *at;

    if (out->is_broken)
        return false;
    if (more <= out->room - out->length)
        return true;
    if (more > SIZE_MAX / 4 - out->length) {
        out->is_broken = true;
        return false;
    }
    while (room < out->length + more)
        room *= 2;
    at = realloc(out->at, room);
    if (at == NULL) {
        out->is_broken = true;
        return false;
    }
    out->at = at;
    out->room = room;
    return true;
}

void fake_redis_add(struct redis_out *out, const void *bytes, size_t length)
{
    if (length == 0 || !make_room(out, length))
        return;
    memcpy(out->at + out->length, bytes, length);
    out->length += length;
}

void fake_redis_add_text(struct redis_out *out, const char *text)
{
    fake_redis_add(out, text, strlen(text));
}

static void add_format(struct redis_out *out, const char *format, va_list list)
{
    va_list again;
    int length;

    va_copy(again, list);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0 || !make_room(out, (size_t)length + 1))
        return;
    vsnprintf((char *)out->at + out->length, (size_t)length + 1, format, list);
    out->length += (size_t)length;
}

void fake_redis_add_format(struct redis_out *out, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add_format(out, format, list);
    va_end(list);
}

void fake_redis_add_escaped(struct redis_out *out, struct redis_span span)
{
    for (size_t i = 0; i < span.length; i++) {
        uint8_t byte = span.at[i];
        if (byte > 0x20 && byte < 0x7f && byte != '\\' && byte != '"')
            fake_redis_add(out, &byte, 1);
        else
            fake_redis_add_format(out, "\\x%02x", byte);
    }
}

void fake_redis_insert(struct redis_out *out, size_t length_then,
                       const char *text)
{
    size_t length = strlen(text);

    if (!make_room(out, length))
        return;
    memmove(out->at + length_then + length, out->at + length_then,
            out->length - length_then);
    memcpy(out->at + length_then, text, length);
    out->length += length;
}

void fake_redis_reply_line(struct redis_out *out, char kind,
                           struct redis_span text)
{
    size_t start;

    while (
        kind == '-' && text.length > 0 &&
        (text.at[text.length - 1] == '\r' || text.at[text.length - 1] == '\n'))
        text.length--;
    fake_redis_add(out, &kind, 1);
    start = out->length;
    fake_redis_add(out, text.at, text.length);
    for (size_t i = start; !out->is_broken && i < out->length; i++)
        if (out->at[i] == '\r' || out->at[i] == '\n')
            out->at[i] = ' ';
    fake_redis_add(out, "\r\n", 2);
}

void fake_redis_reply_status(struct redis_out *out, const char *text)
{
    fake_redis_reply_line(out, '+', fake_redis_span(text));
}

void fake_redis_reply_error(struct redis_out *out, const char *text)
{
    fake_redis_reply_line(out, '-', fake_redis_span(text));
}

void fake_redis_reply_errorf(struct redis_out *out, const char *format, ...)
{
    struct redis_out text = {0};
    va_list list;

    va_start(list, format);
    add_format(&text, format, list);
    va_end(list);
    if (text.is_broken)
        out->is_broken = true;
    else
        fake_redis_reply_line(out, '-',
                              (struct redis_span){text.at, text.length});
    fake_redis_out_clear(&text);
}

void fake_redis_reply_integer(struct redis_out *out, int64_t value)
{
    fake_redis_add_format(out, ":%" PRId64 "\r\n", value);
}

void fake_redis_reply_bulk(struct redis_out *out, struct redis_span span)
{
    fake_redis_add_format(out, "$%zu\r\n", span.length);
    fake_redis_add(out, span.at, span.length);
    fake_redis_add(out, "\r\n", 2);
}

void fake_redis_reply_null(struct redis_out *out)
{
    fake_redis_add_text(out, "$-1\r\n");
}

void fake_redis_reply_null_array(struct redis_out *out)
{
    fake_redis_add_text(out, "*-1\r\n");
}

void fake_redis_reply_array(struct redis_out *out, size_t count)
{
    fake_redis_add_format(out, "*%zu\r\n", count);
}

void fake_redis_out_clear(struct redis_out *out)
{
    free(out->at);
    *out = (struct redis_out){0};
}
