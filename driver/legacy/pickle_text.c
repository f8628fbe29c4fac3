/* SPDX-License-Identifier: Apache-2.0
 * pickle_text.c - strings as pickles spell them.
 *
 * Python 2 prints a str as its repr (either quote, all escapes); unicode is
 * written raw-unicode-escape; newer protocols carry UTF-8.
 */
#include "pickle.h"

#include <string.h>

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `digits` hex digits; -1: they are not there. */
static int64_t hex_number(const uint8_t *at, size_t left, size_t digits)
{
    int64_t value = 0;

    if (left < digits)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        int digit = hex(at[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static struct sg_pickle *new_text(struct sg_op *op, size_t room,
                                  uint8_t **ret_to)
{
    struct sg_pickle *text = sg_pickle_new(op, SG_PICKLE_TEXT);

    *ret_to = sg_op_alloc(op, room + 1);
    if (text == NULL || *ret_to == NULL)
        return NULL;
    text->bytes = *ret_to;
    return text;
}

/* ---- 'S': a quoted str ------------------------------------------------ */

static size_t octal(const uint8_t *at, size_t left, uint8_t *ret_byte)
{
    unsigned value = 0;
    size_t n = 0;

    while (n < 3 && n < left && at[n] >= '0' && at[n] <= '7')
        value = value * 8 + (at[n++] - '0');
    *ret_byte = (uint8_t)value;
    return n;
}

/* One escape after its backslash; how many bytes it takes, 0: an error. */
static size_t unescape(const uint8_t *at, size_t left, uint8_t *ret_byte)
{
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    const char *known;

    if (left == 0)
        return 0;
    if (*at == 'x') {
        int64_t value = hex_number(at + 1, left - 1, 2);
        *ret_byte = (uint8_t)value;
        return value < 0 ? 0 : 3;
    }
    if (*at >= '0' && *at <= '7')
        return octal(at, left, ret_byte);
    known = *at == '\0' ? NULL : strchr(from, *at);
    if (known == NULL)
        return 0; /* the caller keeps the backslash */
    *ret_byte = (uint8_t)to[known - from];
    return 1;
}

struct sg_pickle *sg_pickle_quoted(struct sg_op *op, const uint8_t *line,
                                   size_t length, int python)
{
    struct sg_pickle *text;
    uint8_t *to;

    while (python == 2 && length > 0 && line[length - 1] <= ' ')
        length--;
    if (length < 2 || line[0] != line[length - 1] ||
        (line[0] != '\'' && line[0] != '"'))
        return NULL;
    text = new_text(op, length, &to);
    if (text == NULL)
        return NULL;
    for (size_t i = 1; i < length - 1;) {
        size_t used = 0;
        if (line[i] == '\\') {
            if (i + 1 == length - 1 ||
                (line[i + 1] == 'x' &&
                 hex_number(line + i + 2, length - 1 - (i + 2), 2) < 0))
                return NULL;
            used =
                unescape(line + i + 1, length - 1 - (i + 1), &to[text->length]);
            if (used == 0 && line[i + 1] == '\n')
                used = 1; /* a continued line: nothing */
            else if (used == 0)
                to[text->length++] = '\\';
            else
                text->length++;
            i += 1 + used;
            continue;
        }
        to[text->length++] = line[i++];
    }
    if (python == 2) {
        text->kind = SG_PICKLE_BYTES;
        return text;
    }
    for (size_t i = 0; i < text->length; i++)
        if (to[i] >= 0x80)
            return NULL; /* Python 3 decodes it as ASCII */
    return text;
}

/* ---- 'V': unicode, raw-unicode-escape --------------------------------- */

struct sg_pickle *sg_pickle_escaped(struct sg_op *op, const uint8_t *line,
                                    size_t length)
{
    uint8_t *to;
    struct sg_pickle *text = new_text(op, length, &to);

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < length;) {
        size_t slashes = 0, digits;
        int64_t point;
        while (i + slashes < length && line[i + slashes] == '\\')
            slashes++;
        if (slashes == 0) {
            to[text->length++] = line[i++];
            continue;
        }
        /* Only an odd backslash before u or U escapes. */
        digits = i + slashes == length      ? 0
                 : line[i + slashes] == 'u' ? 4
                 : line[i + slashes] == 'U' ? 8
                                            : 0;
        if (slashes % 2 == 0 || digits == 0) {
            memset(to + text->length, '\\', slashes);
            text->length += slashes;
            i += slashes;
            continue;
        }
        memset(to + text->length, '\\', slashes - 1);
        text->length += slashes - 1;
        i += slashes + 1;
        point = hex_number(line + i, length - i, digits);
        if (point < 0 || point > 0x10ffff)
            return NULL;
        text->is_wide = text->is_wide || point > 0xff;
        to[text->length++] = (uint8_t)point;
        i += digits;
    }
    return text;
}

/* ---- UTF-8 ------------------------------------------------------------ */

/* One character; its length, 0: not UTF-8. Lone surrogates pass, as they do
 * in pickles. */
static size_t decode(const uint8_t *at, size_t left, uint32_t *ret_point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = at[0] < 0x80       ? 1
               : at[0] >> 5 == 6  ? 2
               : at[0] >> 4 == 14 ? 3
               : at[0] >> 3 == 30 ? 4
                                  : 0;
    uint32_t point;

    if (n == 0 || n > left)
        return 0;
    point = n == 1 ? at[0] : at[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (at[i] >> 6 != 2)
            return 0;
        point = point << 6 | (at[i] & 0x3fu);
    }
    *ret_point = point;
    return point < least[n] || point > 0x10ffff ? 0 : n;
}

struct sg_pickle *sg_pickle_utf8(struct sg_op *op, const uint8_t *bytes,
                                 size_t length)
{
    uint8_t *to;
    struct sg_pickle *text = new_text(op, length, &to);

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < length;) {
        uint32_t point = 0;
        size_t n = decode(bytes + i, length - i, &point);
        if (n == 0)
            return NULL;
        text->is_wide = text->is_wide || point > 0xff;
        to[text->length++] = (uint8_t)point;
        i += n;
    }
    return text;
}
