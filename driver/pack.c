/* SPDX-License-Identifier: Apache-2.0
 * pack.c - msgpack heads, read and written.
 *
 * github.com/msgpack/msgpack/blob/master/spec.md is the format.
 */
#include "pack.h"

#include <string.h>

static uint64_t big_endian(const uint8_t *at, size_t n)
{
    uint64_t value = 0;

    while (n-- > 0)
        value = value << 8 | *at++;
    return value;
}

/* How the formats 0xc0 to 0xdf are made up: so many bytes of number or
 * length, and whether an ext code follows. */
struct format {
    enum sg_pack_kind kind;
    uint8_t width; /* of the number or the length                 */
    uint8_t fixed; /* ext without a length: its body              */
};

static const struct format formats[] = {
    [0x00] = {SG_PACK_NIL, 0, 0},   [0x02] = {SG_PACK_FALSE, 0, 0},
    [0x03] = {SG_PACK_TRUE, 0, 0},  [0x04] = {SG_PACK_BIN, 1, 0},
    [0x05] = {SG_PACK_BIN, 2, 0},   [0x06] = {SG_PACK_BIN, 4, 0},
    [0x07] = {SG_PACK_EXT, 1, 0},   [0x08] = {SG_PACK_EXT, 2, 0},
    [0x09] = {SG_PACK_EXT, 4, 0},   [0x0a] = {SG_PACK_FLOAT, 4, 0},
    [0x0b] = {SG_PACK_FLOAT, 8, 0}, [0x0c] = {SG_PACK_UINT, 1, 0},
    [0x0d] = {SG_PACK_UINT, 2, 0},  [0x0e] = {SG_PACK_UINT, 4, 0},
    [0x0f] = {SG_PACK_UINT, 8, 0},  [0x10] = {SG_PACK_INT, 1, 0},
    [0x11] = {SG_PACK_INT, 2, 0},   [0x12] = {SG_PACK_INT, 4, 0},
    [0x13] = {SG_PACK_INT, 8, 0},   [0x14] = {SG_PACK_EXT, 0, 1},
    [0x15] = {SG_PACK_EXT, 0, 2},   [0x16] = {SG_PACK_EXT, 0, 4},
    [0x17] = {SG_PACK_EXT, 0, 8},   [0x18] = {SG_PACK_EXT, 0, 16},
    [0x19] = {SG_PACK_STR, 1, 0},   [0x1a] = {SG_PACK_STR, 2, 0},
    [0x1b] = {SG_PACK_STR, 4, 0},   [0x1c] = {SG_PACK_ARRAY, 2, 0},
    [0x1d] = {SG_PACK_ARRAY, 4, 0}, [0x1e] = {SG_PACK_MAP, 2, 0},
    [0x1f] = {SG_PACK_MAP, 4, 0},
};

static bool take_body(struct sg_pack *p, struct sg_pack_head *head,
                      uint64_t length)
{
    if (length > (uint64_t)(p->end - p->at))
        return false;
    head->body = p->at;
    head->length = (size_t)length;
    p->at += length;
    return true;
}

/* The formats that hold everything in their first byte, str bodies excepted. */
static bool next_fix(struct sg_pack *p, uint8_t first,
                     struct sg_pack_head *head)
{
    if (first < 0x80) {
        *head = (struct sg_pack_head){.kind = SG_PACK_UINT, .number = first};
    } else if (first < 0x90) {
        head->kind = SG_PACK_MAP;
        head->number = first & 0x0f;
    } else if (first < 0xa0) {
        head->kind = SG_PACK_ARRAY;
        head->number = first & 0x0f;
    } else if (first < 0xc0) {
        head->kind = SG_PACK_STR;
        return take_body(p, head, first & 0x1f);
    } else {
        head->kind = SG_PACK_INT;
        head->number = (uint64_t)(int64_t)(int8_t)first;
    }
    return true;
}

static bool next_format(struct sg_pack *p, const struct format *format,
                        struct sg_pack_head *head)
{
    uint64_t number = format->fixed;

    if ((size_t)(p->end - p->at) < format->width)
        return false;
    if (format->width > 0)
        number = big_endian(p->at, format->width);
    p->at += format->width;
    head->kind = format->kind;
    head->number = number;
    if (format->kind == SG_PACK_INT && format->width < 8 &&
        number >> (8 * format->width - 1) != 0)
        head->number = number | UINT64_MAX << (8 * format->width);
    if (format->kind == SG_PACK_EXT) {
        if (p->at == p->end)
            return false;
        head->code = (int8_t)*p->at++;
    }
    if (format->kind == SG_PACK_STR || format->kind == SG_PACK_BIN ||
        format->kind == SG_PACK_EXT)
        return take_body(p, head, number);
    return true;
}

bool sg_pack_next(struct sg_pack *p, struct sg_pack_head *ret_head)
{
    struct sg_pack q = *p;
    struct sg_pack_head head = {.kind = SG_PACK_NIL};
    uint8_t first;
    bool is_whole;

    if (q.at == q.end)
        return false;
    first = *q.at++;
    if (first == 0xc1) /* never used, and no reader takes it */
        return false;
    if (first < 0xc0 || first > 0xdf)
        is_whole = next_fix(&q, first, &head);
    else
        is_whole = next_format(&q, &formats[first - 0xc0], &head);
    if (!is_whole)
        return false;
    *p = q;
    *ret_head = head;
    return true;
}

bool sg_pack_skip(struct sg_pack *p)
{
    struct sg_pack q = *p;
    uint64_t missing = 1;

    while (missing > 0) {
        struct sg_pack_head head;
        /* Each missing value takes a byte at least: no count can lie for
         * longer than the bytes last. */
        if (!sg_pack_next(&q, &head))
            return false;
        missing--;
        if (head.kind == SG_PACK_ARRAY)
            missing += head.number;
        else if (head.kind == SG_PACK_MAP)
            missing += 2 * head.number;
    }
    *p = q;
    return true;
}

/* ---- readers of one kind ---------------------------------------------- */

static bool next_count(struct sg_pack *p, enum sg_pack_kind kind,
                       uint32_t *ret_count)
{
    struct sg_pack q = *p;
    struct sg_pack_head head;

    if (!sg_pack_next(&q, &head) || head.kind != kind)
        return false;
    *p = q;
    *ret_count = (uint32_t)head.number;
    return true;
}

bool sg_pack_map(struct sg_pack *p, uint32_t *ret_count)
{
    return next_count(p, SG_PACK_MAP, ret_count);
}

bool sg_pack_array(struct sg_pack *p, uint32_t *ret_count)
{
    return next_count(p, SG_PACK_ARRAY, ret_count);
}

bool sg_pack_text(struct sg_pack *p, const char **ret_text, size_t *ret_length)
{
    struct sg_pack q = *p;
    struct sg_pack_head head;

    if (!sg_pack_next(&q, &head) ||
        (head.kind != SG_PACK_STR && head.kind != SG_PACK_BIN))
        return false;
    *p = q;
    *ret_text = (const char *)head.body;
    *ret_length = head.length;
    return true;
}

bool sg_pack_bool(struct sg_pack *p, bool *ret)
{
    struct sg_pack q = *p;
    struct sg_pack_head head;

    if (!sg_pack_next(&q, &head) ||
        (head.kind != SG_PACK_TRUE && head.kind != SG_PACK_FALSE))
        return false;
    *p = q;
    *ret = head.kind == SG_PACK_TRUE;
    return true;
}

bool sg_pack_uint(struct sg_pack *p, uint64_t *ret)
{
    struct sg_pack q = *p;
    struct sg_pack_head head;

    if (!sg_pack_next(&q, &head) || head.kind != SG_PACK_UINT)
        return false;
    *p = q;
    *ret = head.number;
    return true;
}

bool sg_pack_is_true(const void *bytes, size_t length)
{
    struct sg_pack p = {bytes, (const uint8_t *)bytes + length};
    struct sg_pack_head head;

    if (length == 0)
        return false;
    if (!sg_pack_next(&p, &head))
        return true;
    switch (head.kind) {
    case SG_PACK_NIL:
    case SG_PACK_FALSE:
        return false;
    case SG_PACK_UINT:
    case SG_PACK_INT:
    case SG_PACK_FLOAT: /* -0.0 is no liveness anybody writes: taken as true */
    case SG_PACK_ARRAY:
    case SG_PACK_MAP:
        return head.number != 0;
    case SG_PACK_STR:
    case SG_PACK_BIN:
        return head.length != 0;
    case SG_PACK_TRUE:
    case SG_PACK_EXT:
        break;
    }
    return true;
}

/* ---- writers ---------------------------------------------------------- */

static size_t put_head(uint8_t *to, uint8_t format, uint32_t number,
                       size_t width)
{
    to[0] = format;
    for (size_t i = 0; i < width; i++)
        to[1 + i] = (uint8_t)(number >> 8 * (width - 1 - i));
    return 1 + width;
}

size_t sg_pack_put_map(uint8_t *to, uint32_t count)
{
    if (count < 16)
        return put_head(to, (uint8_t)(0x80 | count), 0, 0);
    return count <= 0xffff ? put_head(to, 0xde, count, 2)
                           : put_head(to, 0xdf, count, 4);
}

size_t sg_pack_put_array(uint8_t *to, uint32_t count)
{
    if (count < 16)
        return put_head(to, (uint8_t)(0x90 | count), 0, 0);
    return count <= 0xffff ? put_head(to, 0xdc, count, 2)
                           : put_head(to, 0xdd, count, 4);
}

static size_t put_body(uint8_t *to, size_t head, const void *bytes,
                       uint32_t length)
{
    if (length > 0)
        memcpy(to + head, bytes, length);
    return head + length;
}

size_t sg_pack_put_bin(uint8_t *to, const void *bytes, uint32_t length)
{
    size_t head;

    if (length <= 0xff)
        head = put_head(to, 0xc4, length, 1);
    else if (length <= 0xffff)
        head = put_head(to, 0xc5, length, 2);
    else
        head = put_head(to, 0xc6, length, 4);
    return put_body(to, head, bytes, length);
}

size_t sg_pack_put_str(uint8_t *to, const char *text, uint32_t length)
{
    size_t head;

    if (length < 32)
        head = put_head(to, (uint8_t)(0xa0 | length), 0, 0);
    else if (length <= 0xff)
        head = put_head(to, 0xd9, length, 1);
    else if (length <= 0xffff)
        head = put_head(to, 0xda, length, 2);
    else
        head = put_head(to, 0xdb, length, 4);
    return put_body(to, head, text, length);
}

size_t sg_pack_put_bool(uint8_t *to, bool value)
{
    to[0] = value ? 0xc3 : 0xc2;
    return 1;
}
