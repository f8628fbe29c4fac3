/* SPDX-License-Identifier: Apache-2.0
 * redis_sha1.c - SHA-1 (FIPS 180-4), the name of a script.
 */
#include "redis.h"

#include <string.h>

static uint32_t rotate(uint32_t word, unsigned by)
{
    return word << by | word >> (32 - by);
}

static void add_block(uint32_t hash[5], const uint8_t *block)
{
    static const uint32_t k[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc,
                                  0xca62c1d6};
    uint32_t w[80], a = hash[0], b = hash[1], c = hash[2], d = hash[3],
                    e = hash[4];

    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)block[i * 4] << 24 | (uint32_t)block[i * 4 + 1] << 16 |
               (uint32_t)block[i * 4 + 2] << 8 | block[i * 4 + 3];
    for (unsigned i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (unsigned i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? (b & c) | (~b & d)
                     : i < 40 ? b ^ c ^ d
                     : i < 60 ? (b & c) | (b & d) | (c & d)
                              : b ^ c ^ d;
        uint32_t next = rotate(a, 5) + f + e + k[i / 20] + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    hash[0] += a;
    hash[1] += b;
    hash[2] += c;
    hash[3] += d;
    hash[4] += e;
}

void fake_redis_sha1_hex(struct redis_span text, char ret_hex[41])
{
    static const char digits[] = "0123456789abcdef";
    uint32_t hash[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
                        0xc3d2e1f0};
    uint8_t tail[128] = {0};
    size_t whole = text.length / 64 * 64, rest = text.length - whole;
    size_t tail_length = rest < 56 ? 64 : 128;

    for (size_t i = 0; i < whole; i += 64)
        add_block(hash, text.at + i);
    if (rest > 0)
        memcpy(tail, text.at + whole, rest);
    tail[rest] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        tail[tail_length - 1 - i] =
            (uint8_t)((uint64_t)text.length * 8 >> (8 * i));
    for (size_t i = 0; i < tail_length; i += 64)
        add_block(hash, tail + i);
    for (unsigned i = 0; i < 40; i++)
        ret_hex[i] = digits[hash[i / 8] >> (28 - i % 8 * 4) & 15];
    ret_hex[40] = '\0';
}
