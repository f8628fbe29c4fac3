/* SPDX-License-Identifier: Apache-2.0
 * pack.h - reading and writing msgpack, total over any bytes.
 *
 * The values come from a store that anybody may write to, so nothing here
 * trusts a length or a count, recurses, or allocates. Group values are read
 * with the cursor and never re-encoded: what is not ours is copied as it is.
 * The rules that a Python member adds (msgpack 1.0 with raw=False and
 * strict_map_key=True, as oslo.serialization uses it) are in sg_pack_check(),
 * for what we are about to write.
 */
#ifndef SG_PACK_H
#define SG_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Python's reader gives up above this many containers in each other. */
#define SG_PACK_DEPTH_MAX 1024u

/* Can a Python member read these bytes as one value, with at most `max_depth`
 * containers in each other? 0, or SG_EMETADATA with the offset of the byte
 * that breaks the rule, and the rule; neither may be NULL. */
int sg_pack_check(const void *bytes, size_t length, unsigned max_depth,
                  size_t *ret_offset, const char **ret_rule);
/* The body of an extension value, to which oslo.serialization gives a meaning:
 * the broken rule, or NULL. `ext_depth` bounds extensions in each other. */
const char *sg_pack_ext_rule(int code, const uint8_t *body, size_t length,
                             unsigned ext_depth);
/* sg_pack_check() inside an extension. */
int sg_pack_check_inside(const void *bytes, size_t length, unsigned max_depth,
                         unsigned ext_depth, size_t *ret_offset,
                         const char **ret_rule);

/* A cursor that cannot run past the end. A reader that returns false has not
 * moved it. */
struct sg_pack {
    const uint8_t *at, *end;
};

enum sg_pack_kind {
    SG_PACK_NIL,
    SG_PACK_FALSE,
    SG_PACK_TRUE,
    SG_PACK_UINT,
    SG_PACK_INT,
    SG_PACK_FLOAT,
    SG_PACK_STR,
    SG_PACK_BIN,
    SG_PACK_ARRAY,
    SG_PACK_MAP,
    SG_PACK_EXT,
};
/* One head, with what belongs to it. Elements of a container follow. */
struct sg_pack_head {
    enum sg_pack_kind kind;
    uint64_t number;     /* uint; int: two's complement; float: its bits,
                          * all zero for 0.0; array, map: the count      */
    const uint8_t *body; /* str, bin, ext                               */
    size_t length;
    int code; /* ext                                         */
};
bool sg_pack_next(struct sg_pack *p, struct sg_pack_head *ret_head);
/* Step over one whole value, however deep. */
bool sg_pack_skip(struct sg_pack *p);
bool sg_pack_map(struct sg_pack *p, uint32_t *ret_count);
bool sg_pack_array(struct sg_pack *p, uint32_t *ret_count);
/* A str or a bin: Python members use both for names. */
bool sg_pack_text(struct sg_pack *p, const char **ret_text, size_t *ret_length);
bool sg_pack_bool(struct sg_pack *p, bool *ret);
bool sg_pack_uint(struct sg_pack *p, uint64_t *ret);
/* Would Python take this one value for true? What it cannot read is. */
bool sg_pack_is_true(const void *bytes, size_t length);

/* Writers: the shortest form, as Python writes it. `to` has room for the body
 * and SG_PACK_HEAD_MAX bytes more; they return the length written. */
#define SG_PACK_HEAD_MAX 5u
size_t sg_pack_put_map(uint8_t *to, uint32_t count);
size_t sg_pack_put_array(uint8_t *to, uint32_t count);
size_t sg_pack_put_bin(uint8_t *to, const void *bytes, uint32_t length);
size_t sg_pack_put_str(uint8_t *to, const char *text, uint32_t length);
size_t sg_pack_put_bool(uint8_t *to, bool value);

#endif
