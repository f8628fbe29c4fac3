/* SPDX-License-Identifier: Apache-2.0
 * bytes.c - a growing run of bytes, and how bytes are written in scripts.
 */
#include "parity.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a run of bytes --------------------------------------------------- */

static bool make_room(struct parity_bytes *bytes, size_t n)
{
    size_t room = bytes->room == 0 ? 64 : bytes->room;
    uint8_t *at;

    if (bytes->is_short)
        return false;
    if (bytes->room - bytes->length >= n)
        return true;
    while (room - bytes->length < n)
        room *= 2;
    at = realloc(bytes->at, room);
    if (at == NULL) {
        bytes->is_short = true;
        return false;
    }
    bytes->at = at;
    bytes->room = room;
    return true;
}

void parity_bytes_add(struct parity_bytes *bytes, const void *from, size_t n)
{
    if (n == 0 || !make_room(bytes, n))
        return;
    memcpy(bytes->at + bytes->length, from, n);
    bytes->length += n;
}

void parity_bytes_text(struct parity_bytes *bytes, const char *text)
{
    parity_bytes_add(bytes, text, strlen(text));
}

void parity_bytes_format(struct parity_bytes *bytes, const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) {
        bytes->is_short = true;
        return;
    }
    parity_bytes_add(bytes, text, (size_t)n);
    free(text);
}

void parity_bytes_big(struct parity_bytes *bytes, uint64_t value,
                      size_t n_bytes)
{
    while (n_bytes-- > 0) {
        uint8_t byte = (uint8_t)(value >> 8 * n_bytes);
        parity_bytes_add(bytes, &byte, 1);
    }
}

void parity_bytes_cut(struct parity_bytes *bytes, size_t n)
{
    if (n == 0)
        return;
    if (n > bytes->length)
        n = bytes->length;
    memmove(bytes->at, bytes->at + n, bytes->length - n);
    bytes->length -= n;
}

void parity_bytes_free(struct parity_bytes *bytes)
{
    if (bytes == NULL)
        return;
    free(bytes->at);
    *bytes = (struct parity_bytes){0};
}

/* ---- as scripts write them -------------------------------------------- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* What stands behind a backslash: *ret_byte, and how long that is; 0: none. */
static size_t escaped(const char *text, size_t length, uint8_t *ret_byte)
{
    static const char names[] = "rnt0\\~", bytes[] = "\r\n\t\0\\~";
    const char *name;

    if (length == 0)
        return 0;
    name = memchr(names, text[0], sizeof names - 1);
    if (name != NULL) {
        *ret_byte = (uint8_t)bytes[name - names];
        return 1;
    }
    if (text[0] != 'x' || length < 3 || digit_of(text[1]) < 0 ||
        digit_of(text[2]) < 0)
        return 0;
    *ret_byte = (uint8_t)(digit_of(text[1]) * 16 + digit_of(text[2]));
    return 3;
}

int parity_unescape(const char *text, size_t length, const char *prefix,
                    struct parity_bytes *out)
{
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)text[i];
        if (text[i] == '~') {
            parity_bytes_text(out, prefix);
            continue;
        }
        if (text[i] == '\\') {
            size_t n = escaped(text + i + 1, length - i - 1, &byte);
            if (n == 0)
                return -EINVAL;
            i += n;
        }
        parity_bytes_add(out, &byte, 1);
    }
    return out->is_short ? -ENOMEM : 0;
}

void parity_escape(const void *from, size_t n, struct parity_bytes *out)
{
    const uint8_t *at = from;

    for (size_t i = 0; i < n; i++) {
        if (at[i] == '\\')
            parity_bytes_text(out, "\\\\");
        else if (at[i] >= ' ' && at[i] <= '~')
            parity_bytes_add(out, at + i, 1);
        else
            parity_bytes_format(out, "\\x%02x", at[i]);
    }
}
