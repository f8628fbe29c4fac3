/* SPDX-License-Identifier: Apache-2.0
 * old_place.c - which of several memcached servers holds a key, as the old
 * client places it.
 *
 * Writers and readers agree only with the same list in the same order. A
 * server that is down moves its keys: the decimal of the hash with the number
 * of the attempt behind it is hashed again.
 */
#include "old_place.h"

#include "backend.h"

#include <nettle/sha1.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

size_t sg_old_key(const char *group, const char *member, int is_hashed,
                  char to[SG_OLD_KEY_MAX])
{
    char host[SG_NAME_MAX + 1], *at = to;
    uint8_t digest[SHA1_DIGEST_SIZE];
    struct sha1_ctx sha1;
    const char *part;
    int n;

    sg_service_host(group, member, host, &part);
    n = snprintf(to, SG_OLD_KEY_MAX, "%.200s:%.200s", group, host);
    if (!is_hashed)
        return (size_t)n;
    sha1_init(&sha1);
    sha1_update(&sha1, (size_t)n, (const uint8_t *)to);
    sha1_digest(&sha1, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        at += snprintf(at, 3, "%02x", digest[i]);
    return (size_t)(at - to);
}

uint32_t sg_old_hash(const void *key, size_t length)
{
    uint32_t crc = (uint32_t)crc32(0, key, (uInt)length);
    uint32_t hash = crc >> 16 & 0x7fff;

    return hash == 0 ? 1 : hash;
}

uint32_t sg_old_rehash(uint32_t hash, unsigned attempt)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%u%u", (unsigned)hash, attempt);

    return sg_old_hash(text, (size_t)n);
}
