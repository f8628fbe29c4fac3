/* SPDX-License-Identifier: Apache-2.0
 * pack_check.c - which bytes a Python member can read as one value.
 *
 * One value that it cannot read breaks the whole group for every Python
 * member of a memcached group, so nothing is written that was not looked at
 * here. Measured with msgpack 1.0.3 and oslo.serialization 5.0.0.
 */
#include "pack.h"

#include "servicegroup.h"

#define EXT_DEPTH_MAX 8u

struct level {
    uint64_t left; /* values still to come                        */
    bool is_map;   /* an even number of them: the next is a key   */
};

struct check {
    struct sg_pack p;
    const uint8_t *start;
    const uint8_t *wrong; /* the byte that breaks `rule`                 */
    const char *rule;
    unsigned depth, max_depth, ext_depth;
    struct level levels[SG_PACK_DEPTH_MAX];
};

static bool refuse(struct check *c, const uint8_t *at, const char *rule)
{
    c->wrong = at;
    c->rule = rule;
    return false;
}

/* ---- strict UTF-8 ----------------------------------------------------- */

/* RFC 3629, table 3-7 of Unicode: no overlong form, no surrogate, nothing
 * above U+10FFFF. The length of the sequence at `at`, or 0. */
static size_t utf8_step(const uint8_t *at, const uint8_t *end)
{
    uint8_t first = at[0], low = 0x80, high = 0xbf;
    size_t n;

    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        n = 2;
    else if (first >= 0xe0 && first <= 0xef)
        n = 3;
    else if (first >= 0xf0 && first <= 0xf4)
        n = 4;
    else
        return 0;
    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f;
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    if ((size_t)(end - at) < n || at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

static bool check_utf8(struct check *c, const uint8_t *at, size_t length)
{
    const uint8_t *end = at + length;

    while (at < end) {
        size_t n = utf8_step(at, end);
        if (n == 0)
            return refuse(c, at, "a str must be valid UTF-8");
        at += n;
    }
    return true;
}

/* ---- one value after the other ---------------------------------------- */

static bool next_is_key(const struct check *c)
{
    const struct level *level = &c->levels[c->depth - 1];

    return level->is_map && level->left % 2 == 0;
}

static bool open_level(struct check *c, const uint8_t *at,
                       const struct sg_pack_head *head)
{
    if (c->depth == c->max_depth)
        return refuse(c, at, "arrays and maps are nested too deep");
    c->levels[c->depth].is_map = head->kind == SG_PACK_MAP;
    c->levels[c->depth].left =
        head->kind == SG_PACK_MAP ? 2 * head->number : head->number;
    c->depth++;
    return true;
}

static bool check_head(struct check *c, const uint8_t *at, bool is_key)
{
    struct sg_pack_head head;
    const char *rule;

    if (!sg_pack_next(&c->p, &head))
        return refuse(c, at,
                      at < c->p.end && *at == 0xc1
                          ? "0xc1 begins no value"
                          : "the value ends in the middle");
    if (is_key && head.kind != SG_PACK_STR && head.kind != SG_PACK_BIN)
        return refuse(c, at, "a map key must be a str or a bin");
    switch (head.kind) {
    case SG_PACK_STR:
        return check_utf8(c, head.body, head.length);
    case SG_PACK_EXT:
        rule =
            sg_pack_ext_rule(head.code, head.body, head.length, c->ext_depth);
        return rule == NULL || refuse(c, at, rule);
    case SG_PACK_ARRAY:
    case SG_PACK_MAP:
        return open_level(c, at, &head);
    case SG_PACK_NIL:
    case SG_PACK_FALSE:
    case SG_PACK_TRUE:
    case SG_PACK_UINT:
    case SG_PACK_INT:
    case SG_PACK_FLOAT:
    case SG_PACK_BIN:
        break;
    }
    return true;
}

static bool check_value(struct check *c)
{
    if (!check_head(c, c->p.at, false))
        return false;
    while (c->depth > 0) {
        struct level *level = &c->levels[c->depth - 1];
        bool is_key = next_is_key(c);
        if (level->left == 0) {
            c->depth--;
            continue;
        }
        level->left--;
        if (!check_head(c, c->p.at, is_key))
            return false;
    }
    return c->p.at == c->p.end ||
           refuse(c, c->p.at, "bytes follow after the value");
}

int sg_pack_check_inside(const void *bytes, size_t length, unsigned max_depth,
                         unsigned ext_depth, size_t *ret_offset,
                         const char **ret_rule)
{
    static const uint8_t nothing[1];
    const uint8_t *start = length > 0 ? bytes : nothing;
    struct check c;

    c.p = (struct sg_pack){start, start + length};
    c.start = start;
    c.depth = 0;
    c.max_depth = max_depth < SG_PACK_DEPTH_MAX ? max_depth : SG_PACK_DEPTH_MAX;
    c.ext_depth = ext_depth;
    if (check_value(&c))
        return SG_OK;
    *ret_offset = (size_t)(c.wrong - c.start);
    *ret_rule = c.rule;
    return SG_EMETADATA;
}

int sg_pack_check(const void *bytes, size_t length, unsigned max_depth,
                  size_t *ret_offset, const char **ret_rule)
{
    return sg_pack_check_inside(bytes, length, max_depth, EXT_DEPTH_MAX,
                                ret_offset, ret_rule);
}
