/* SPDX-License-Identifier: Apache-2.0
 * mc_escape.c - keys and values as printable text, for trace and dump.
 */
#include "mc_escape.h"

#include <stdint.h>

size_t fake_mc_escape(const void *bytes, size_t length, char *out)
{
    static const char hex[] = "0123456789abcdef";
    const uint8_t *in = bytes;
    char *at = out;

    for (size_t i = 0; i < length; i++) {
        if (in[i] > ' ' && in[i] < 0x7f && in[i] != '\\') {
            *at++ = (char)in[i];
            continue;
        }
        *at++ = '\\';
        *at++ = 'x';
        *at++ = hex[in[i] >> 4];
        *at++ = hex[in[i] & 15];
    }
    *at = '\0';
    return (size_t)(at - out);
}
