/* SPDX-License-Identifier: Apache-2.0
 * pickle_input.h - what the opcodes of a pickle are followed by.
 */
#ifndef SG_LEGACY_PICKLE_INPUT_H
#define SG_LEGACY_PICKLE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sg_pickle_input {
    const uint8_t *at;
    size_t left;
};

/* Each is NULL or false when so much is not there. */
const uint8_t *sg_pickle_take(struct sg_pickle_input *in, size_t n);
/* Little-endian, 1 to 8 bytes. */
bool sg_pickle_take_number(struct sg_pickle_input *in, size_t n, uint64_t *ret);
bool sg_pickle_take_line(struct sg_pickle_input *in, const uint8_t **ret_line,
                         size_t *ret_length);
/* A length of `n` bytes, then as many. */
bool sg_pickle_take_counted(struct sg_pickle_input *in, size_t n,
                            const uint8_t **ret_bytes, size_t *ret_length);

#endif
