/* SPDX-License-Identifier: Apache-2.0
 * name.c - which names every store can hold, and why another cannot.
 *
 * The common subset of what tooz can keep in ZooKeeper, memcached and Redis:
 * ZooKeeper refuses '/' and control bytes, memcached blanks and keys above
 * 250 bytes, and Python members stumble over non-ASCII names.
 */
#include "name.h"

#include <stdio.h>
#include <string.h>

/* Words that a layout of tooz has taken: memcached's group list shares its
 * prefix with group values; ZooKeeper keeps elections and locks in nodes of
 * these names; Redis marks a group that exists with this field. */
static const char *const reserved[] = {".",      "..",    "LIST",
                                       "leader", "locks", "__created__"};

static const char *reserved_word(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strlen(reserved[i]) == length &&
            memcmp(reserved[i], name, length) == 0)
            return reserved[i];
    return NULL;
}

static bool is_safe_byte(char c)
{
    return c > ' ' && c < 0x7f && c != '/';
}

bool sg_name_is_safe(const char *name, size_t length)
{
    if (length == 0 || length > SG_NAME_MAX ||
        reserved_word(name, length) != NULL)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_safe_byte(name[i]))
            return false;
    return true;
}

bool sg_name_is_part(const char *whole, const char *name)
{
    size_t n = strlen(whole);

    return strncmp(whole, name, n) == 0 && name[n] == ':' &&
           name[n + 1] != '\0';
}

int sg_name_check(const char *what, const char *name, char *why,
                  size_t why_bytes)
{
    size_t length = name == NULL ? 0 : strlen(name);

    if (length == 0) {
        snprintf(why, why_bytes,
                 "%s name is empty; names have 1 to %d bytes of printable "
                 "ASCII without space and slash",
                 what, SG_NAME_MAX);
        return SG_ENAME;
    }
    for (size_t i = 0; i < length; i++) {
        if (is_safe_byte(name[i]))
            continue;
        snprintf(why, why_bytes,
                 "%s name has byte 0x%02x at offset %zu; names have 1 to %d "
                 "bytes of printable ASCII without space and slash",
                 what, (unsigned char)name[i], i, SG_NAME_MAX);
        return SG_ENAME;
    }
    if (length > SG_NAME_MAX) {
        snprintf(why, why_bytes, "%s name has %zu bytes; names have 1 to %d",
                 what, length, SG_NAME_MAX);
        return SG_ENAME;
    }
    if (reserved_word(name, length) != NULL) {
        snprintf(why, why_bytes,
                 "%s name \"%s\" is a word that a store's "
                 "layout reserves; choose another",
                 what, name);
        return SG_ENAME;
    }
    return SG_OK;
}
