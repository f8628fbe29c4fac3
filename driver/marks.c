/* SPDX-License-Identifier: Apache-2.0
 * marks.c - an operator's marks of one member as a msgpack map.
 */
#include "backend.h"
#include "pack.h"

#include <string.h>

static size_t put_key(uint8_t *to, const char *key)
{
    return sg_pack_put_str(to, key, (uint32_t)strlen(key));
}

size_t sg_marks_write(const struct sg_marks *marks, uint8_t to[SG_MARKS_MAX])
{
    size_t length = strnlen(marks->disabled_reason, SG_REASON_MAX);
    size_t n = sg_pack_put_map(to, 3);

    n += put_key(to + n, "disabled");
    n += sg_pack_put_bool(to + n, marks->disabled);
    /* bin: an operator may write what he likes, UTF-8 or not. */
    n += put_key(to + n, "disabled_reason");
    n += sg_pack_put_bin(to + n, marks->disabled_reason, (uint32_t)length);
    n += put_key(to + n, "forced_down");
    n += sg_pack_put_bool(to + n, marks->forced_down);
    return n;
}

static bool is_key(const char *key, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(key, name, length) == 0;
}

/* A bool, or whatever another writer put there: truth as in the rest. */
static bool read_flag(const struct sg_pack *value)
{
    return sg_pack_is_true(value->at, (size_t)(value->end - value->at));
}

static void read_reason(struct sg_pack value, struct sg_marks *marks)
{
    const char *text;
    size_t length;

    if (!sg_pack_text(&value, &text, &length))
        return;
    if (length > SG_REASON_MAX)
        length = SG_REASON_MAX;
    memcpy(marks->disabled_reason, text, length);
    marks->disabled_reason[length] = '\0';
}

bool sg_marks_read(const void *bytes, size_t length, struct sg_marks *ret)
{
    static const uint8_t nothing[1];
    const uint8_t *start = length > 0 ? bytes : nothing;
    struct sg_pack p = {start, start + length};
    struct sg_marks marks = {0};
    uint32_t count;

    *ret = marks;
    if (!sg_pack_map(&p, &count))
        return false;
    while (count-- > 0) {
        const char *key;
        size_t key_length;
        struct sg_pack value;
        bool is_text = sg_pack_text(&p, &key, &key_length);
        if (!is_text && !sg_pack_skip(&p))
            return false;
        value.at = p.at;
        if (!sg_pack_skip(&p))
            return false;
        value.end = p.at;
        if (!is_text)
            continue;
        if (is_key(key, key_length, "disabled"))
            marks.disabled = read_flag(&value);
        else if (is_key(key, key_length, "forced_down"))
            marks.forced_down = read_flag(&value);
        else if (is_key(key, key_length, "disabled_reason"))
            read_reason(value, &marks);
    }
    *ret = marks;
    return true;
}
