/* SPDX-License-Identifier: Apache-2.0
 * zk_digest.c - the hash in a digest identity; SHA-1 itself is shared with
 * the fake Redis, which names its scripts by it.
 */
#include "redis.h"
#include "zk_acl.h"

static unsigned value_of(char hex)
{
    return (unsigned)(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

/* Three hex digits are two of base64: 40 and the padding make 28. */
void fake_zk_digest(struct fake_zk_text secret, char ret_digest[FAKE_ZK_DIGEST])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    struct redis_span span = {(const uint8_t *)secret.at,
                              (size_t)secret.length};
    char hex[48];

    fake_redis_sha1_hex(span, hex);
    hex[40] = hex[41] = '0';
    for (unsigned i = 0; i < 14; i++) {
        unsigned bits = value_of(hex[i * 3]) << 8 |
                        value_of(hex[i * 3 + 1]) << 4 |
                        value_of(hex[i * 3 + 2]);
        ret_digest[i * 2] = digits[bits >> 6];
        ret_digest[i * 2 + 1] = digits[bits & 63];
    }
    ret_digest[FAKE_ZK_DIGEST - 1] = '=';
}
