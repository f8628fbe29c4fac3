/* SPDX-License-Identifier: Apache-2.0
 * pickle_input.c - what the opcodes of a pickle are followed by.
 */
#include "pickle_input.h"

#include <string.h>

const uint8_t *sg_pickle_take(struct sg_pickle_input *in, size_t n)
{
    const uint8_t *at = in->at;

    if (n > in->left)
        return NULL;
    in->at += n;
    in->left -= n;
    return at;
}

/* Little-endian, 1 to 8 bytes. */
bool sg_pickle_take_number(struct sg_pickle_input *in, size_t n, uint64_t *ret)
{
    const uint8_t *at = sg_pickle_take(in, n);

    *ret = 0;
    for (size_t i = 0; at != NULL && i < n; i++)
        *ret |= (uint64_t)at[i] << (8 * i);
    return at != NULL;
}

bool sg_pickle_take_line(struct sg_pickle_input *in, const uint8_t **ret_line,
                         size_t *ret_length)
{
    const uint8_t *end = in->left == 0 ? NULL : memchr(in->at, '\n', in->left);

    if (end == NULL)
        return false;
    *ret_length = (size_t)(end - in->at);
    *ret_line = sg_pickle_take(in, *ret_length + 1);
    return true;
}

/* A length of `n` bytes, then as many. */
bool sg_pickle_take_counted(struct sg_pickle_input *in, size_t n,
                            const uint8_t **ret_bytes, size_t *ret_length)
{
    uint64_t length;

    if (!sg_pickle_take_number(in, n, &length) || length > in->left)
        return false;
    *ret_length = (size_t)length;
    *ret_bytes = sg_pickle_take(in, *ret_length);
    return true;
}
