/* SPDX-License-Identifier: Apache-2.0
 * zk_path.c - which paths ZooKeeper takes for a node: PathUtils.validatePath
 * of the server, whose characters are Java's (UTF-16).
 */
#include "zk_tree.h"

#include <string.h>

bool fake_zk_path_is_special(struct fake_zk_text path)
{
    return fake_zk_text_is(path, "/") || fake_zk_text_is(path, "/zookeeper") ||
           fake_zk_text_is(path, "/zookeeper/quota") ||
           fake_zk_text_is(path, "/zookeeper/config");
}

bool fake_zk_path_parent(struct fake_zk_text path,
                         struct fake_zk_text *ret_parent)
{
    const char *slash =
        path.length > 0 ? memrchr(path.at, '/', (size_t)path.length) : NULL;

    if (slash == NULL || memchr(path.at, 0, (size_t)path.length) != NULL)
        return false;
    ret_parent->at = path.at;
    ret_parent->length = (int32_t)(slash - path.at);
    return true;
}

/* The next character and its length in bytes. What is not UTF-8 is read by
 * Java as U+FFFD, and what lies beyond 16 bits as surrogates: both refused,
 * so one answer, 0, does for both. */
static size_t next_char(const uint8_t *at, size_t left, uint32_t *ret_char)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800};
    size_t length = at[0] < 0x80             ? 1
                    : (at[0] & 0xe0) == 0xc0 ? 2
                    : (at[0] & 0xf0) == 0xe0 ? 3
                                             : 0;
    uint32_t c = length == 1 ? at[0] : at[0] & (0x7fu >> length);

    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (at[i] & 0x3f);
    }
    *ret_char = c;
    return c < least[length] ? 0 : length;
}

static bool is_allowed(uint32_t c)
{
    return !(c <= 0x1f || (c >= 0x7f && c <= 0x9f) ||
             (c >= 0xd800 && c <= 0xf8ff) || (c >= 0xfff0 && c <= 0xffff));
}

static bool is_name(const uint8_t *at, size_t length)
{
    if (length == 0 || (length <= 2 && memcmp(at, "..", length) == 0))
        return false;
    while (length > 0) {
        uint32_t c = 0;
        size_t used = next_char(at, length, &c);
        if (used == 0 || !is_allowed(c))
            return false;
        at += used;
        length -= used;
    }
    return true;
}

bool fake_zk_path_is_valid(struct fake_zk_text path)
{
    const uint8_t *at = (const uint8_t *)path.at, *end;

    if (path.length <= 0 || at[0] != '/')
        return false;
    if (path.length == 1)
        return true;
    for (end = at + path.length; at < end;) {
        const uint8_t *slash = memchr(at + 1, '/', (size_t)(end - at - 1));
        const uint8_t *stop = slash != NULL ? slash : end;
        if (!is_name(at + 1, (size_t)(stop - at - 1)))
            return false;
        at = stop;
    }
    return true;
}
