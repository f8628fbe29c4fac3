/* SPDX-License-Identifier: Apache-2.0
 * zk_wire.h - ZooKeeper's jute encoding: big-endian integers, and strings and
 * buffers that begin with their length, -1 standing for null.
 */
#ifndef FAKE_ZK_WIRE_H
#define FAKE_ZK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A string that belongs to somebody else; at NULL, length -1: null. */
struct fake_zk_text {
    const char *at;
    int32_t length;
};

struct fake_zk_text fake_zk_text(const char *string);
bool fake_zk_text_is(struct fake_zk_text a, const char *b);
bool fake_zk_text_equal(struct fake_zk_text a, struct fake_zk_text b);

/* Total: what does not fit into the frame makes the reader bad, and every
 * later read answers 0, false or null. */
struct fake_zk_reader {
    const uint8_t *at;
    size_t left;
    bool is_bad;
};

struct fake_zk_reader fake_zk_reader(const void *bytes, size_t length);
int32_t fake_zk_read_int(struct fake_zk_reader *r);
int64_t fake_zk_read_long(struct fake_zk_reader *r);
bool fake_zk_read_bool(struct fake_zk_reader *r);
struct fake_zk_text fake_zk_read_text(struct fake_zk_reader *r);

/* Grows; once memory is short it has failed and takes nothing more. */
struct fake_zk_writer {
    uint8_t *bytes;
    size_t length, room;
    bool has_failed;
};

void fake_zk_write_int(struct fake_zk_writer *w, int32_t value);
void fake_zk_write_long(struct fake_zk_writer *w, int64_t value);
void fake_zk_write_bool(struct fake_zk_writer *w, bool value);
void fake_zk_write_raw(struct fake_zk_writer *w, const void *bytes, size_t n);
void fake_zk_write_text(struct fake_zk_writer *w, struct fake_zk_text text);
/* Put `value` over four bytes that were written before. */
void fake_zk_write_int_at(struct fake_zk_writer *w, size_t at, int32_t value);
void fake_zk_writer_clear(struct fake_zk_writer *w);

#endif
