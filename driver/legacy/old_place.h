/* SPDX-License-Identifier: Apache-2.0
 * old_place.h - which of several memcached servers holds a key, as the old
 * client places it.
 */
#ifndef SG_LEGACY_OLD_PLACE_H
#define SG_LEGACY_OLD_PLACE_H

#include <stddef.h>
#include <stdint.h>

/* "<topic>:<host>", or its SHA-1 in hex where oslo.cache mangles keys. */
#define SG_OLD_KEY_MAX 420
size_t sg_old_key(const char *group, const char *member, int is_hashed,
                  char to[SG_OLD_KEY_MAX]);

/* python-memcached's cmemcache_hash of a key. */
uint32_t sg_old_hash(const void *key, size_t length);
/* A server was dead: where it looks next, at try 0 to 9. */
uint32_t sg_old_rehash(uint32_t hash, unsigned attempt);
#define SG_OLD_TRIES 10u

#endif
