/* SPDX-License-Identifier: Apache-2.0
 * zk_wire.c - reading and writing ZooKeeper's jute encoding.
 */
#include "zk_wire.h"

#include <stdlib.h>
#include <string.h>

struct fake_zk_text fake_zk_text(const char *string)
{
    struct fake_zk_text text = {string, (int32_t)strlen(string)};
    return text;
}

bool fake_zk_text_equal(struct fake_zk_text a, struct fake_zk_text b)
{
    return a.length == b.length &&
           (a.length <= 0 || memcmp(a.at, b.at, (size_t)a.length) == 0);
}

bool fake_zk_text_is(struct fake_zk_text a, const char *b)
{
    return fake_zk_text_equal(a, fake_zk_text(b));
}

/* ---- reading ---------------------------------------------------------- */

struct fake_zk_reader fake_zk_reader(const void *bytes, size_t length)
{
    struct fake_zk_reader r = {bytes, length, false};
    return r;
}

static uint64_t read_number(struct fake_zk_reader *r, size_t size)
{
    uint64_t value = 0;

    if (r->is_bad || r->left < size) {
        r->is_bad = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        value = value << 8 | r->at[i];
    r->at += size;
    r->left -= size;
    return value;
}

int32_t fake_zk_read_int(struct fake_zk_reader *r)
{
    return (int32_t)(uint32_t)read_number(r, 4);
}

int64_t fake_zk_read_long(struct fake_zk_reader *r)
{
    return (int64_t)read_number(r, 8);
}

bool fake_zk_read_bool(struct fake_zk_reader *r)
{
    return read_number(r, 1) != 0;
}

struct fake_zk_text fake_zk_read_text(struct fake_zk_reader *r)
{
    struct fake_zk_text text = {NULL, -1};
    int32_t length = fake_zk_read_int(r);

    if (r->is_bad || length == -1)
        return text;
    if (length < 0 || (size_t)length > r->left) {
        r->is_bad = true;
        return text;
    }
    text.at = (const char *)r->at;
    text.length = length;
    r->at += length;
    r->left -= (size_t)length;
    return text;
}

/* ---- writing ---------------------------------------------------------- */

static uint8_t *reserve(struct fake_zk_writer *w, size_t more)
{
    if (w->has_failed)
        return NULL;
    if (more > w->room - w->length) {
        size_t room = w->room < 128 ? 256 : w->room * 2;
        if (room < w->length + more)
            room = w->length + more;
        uint8_t *bytes = realloc(w->bytes, room);
        if (bytes == NULL) {
            w->has_failed = true;
            return NULL;
        }
        w->bytes = bytes;
        w->room = room;
    }
    w->length += more;
    return w->bytes + w->length - more;
}

static void put_number(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = size; i-- > 0; value >>= 8)
        at[i] = (uint8_t)value;
}

static void write_number(struct fake_zk_writer *w, uint64_t value, size_t size)
{
    uint8_t *at = reserve(w, size);

    if (at != NULL)
        put_number(at, value, size);
}

void fake_zk_write_int(struct fake_zk_writer *w, int32_t value)
{
    write_number(w, (uint32_t)value, 4);
}

void fake_zk_write_long(struct fake_zk_writer *w, int64_t value)
{
    write_number(w, (uint64_t)value, 8);
}

void fake_zk_write_bool(struct fake_zk_writer *w, bool value)
{
    write_number(w, value, 1);
}

void fake_zk_write_raw(struct fake_zk_writer *w, const void *bytes, size_t n)
{
    uint8_t *at = n == 0 ? NULL : reserve(w, n);

    if (at != NULL)
        memcpy(at, bytes, n);
}

void fake_zk_write_text(struct fake_zk_writer *w, struct fake_zk_text text)
{
    fake_zk_write_int(w, text.length);
    if (text.length > 0)
        fake_zk_write_raw(w, text.at, (size_t)text.length);
}

void fake_zk_write_int_at(struct fake_zk_writer *w, size_t at, int32_t value)
{
    if (!w->has_failed && w->length >= 4 && at <= w->length - 4)
        put_number(w->bytes + at, (uint32_t)value, 4);
}

void fake_zk_writer_clear(struct fake_zk_writer *w)
{
    free(w->bytes);
    memset(w, 0, sizeof *w);
}
