/* SPDX-License-Identifier: Apache-2.0
 * test_golden_pack.c - msgpack as Python tooz writes and reads it: the same
 * bytes are read, refused and written here.
 */
#include "golden.h"
#include "golden_msgpack.h"
#include "pack.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void reads(const struct golden_value *value, int row)
{
    struct golden g = golden_of(value->bytes);
    struct sg_pack p = {g.bytes, g.bytes + g.length};
    const char *rule = "none";
    size_t offset;

    if (sg_pack_check(g.bytes, g.length, 64, &offset, &rule) != SG_OK)
        unit_fail(value->what, row, "refused at %zu: %s", offset, rule);
    unit_true(sg_pack_skip(&p) && p.at == p.end);
    for (size_t n = 0; n < g.length; n++) {
        p = (struct sg_pack){g.bytes, g.bytes + n};
        if (sg_pack_check(g.bytes, n, 64, &offset, &rule) != SG_EMETADATA ||
            sg_pack_skip(&p))
            unit_fail(value->what, row, "taken after %zu of %zu bytes", n,
                      g.length);
    }
}

UNIT(golden_pack, what_tooz_writes_is_read_and_cut_short_it_is_not)
{
    for (size_t i = 0; i < COUNT(golden_written); i++)
        reads(&golden_written[i], (int)i);
    unit_int(COUNT(golden_written), 53);
}

UNIT(golden_pack, what_tooz_reads_is_read)
{
    for (size_t i = 0; i < COUNT(golden_read); i++)
        reads(&golden_read[i], (int)i);
    unit_int(COUNT(golden_read), 4);
}

UNIT(golden_pack, what_tooz_refuses_is_refused_for_the_same_reason)
{
    for (size_t i = 0; i < COUNT(golden_refused); i++) {
        struct golden g = golden_of(golden_refused[i].bytes);
        const char *what = golden_refused[i].what, *rule = "none";
        size_t offset = 99;
        unit_int_at(sg_pack_check(g.bytes, g.length, 64, &offset, &rule),
                    SG_EMETADATA, "code", what, (int)i);
        unit_text_at(rule, golden_refused[i].rule, "rule", what, (int)i);
        unit_int_at((int64_t)offset, (int64_t)golden_refused[i].offset,
                    "offset", what, (int)i);
    }
    unit_int(COUNT(golden_refused), 7);
}

/* ---- what the values are ---------------------------------------------- */

/* The integer that Python was given, if it was one. */
static bool is_integer(const char *what, uint64_t *ret)
{
    char *end;

    *ret = what[0] == '-' ? (uint64_t)strtoll(what, &end, 10)
                          : strtoull(what, &end, 10);
    return *end == '\0' && end != what;
}

UNIT(golden_pack, integers_are_what_they_were)
{
    size_t integers = 0;

    for (size_t i = 0; i < COUNT(golden_written); i++) {
        const struct golden_value *value = &golden_written[i];
        struct golden g = golden_of(value->bytes);
        struct sg_pack p = {g.bytes, g.bytes + g.length};
        struct sg_pack_head head;
        uint64_t want;
        if (!is_integer(value->what, &want))
            continue;
        integers++;
        unit_true(sg_pack_next(&p, &head));
        unit_int_at(head.kind,
                    value->what[0] == '-' ? SG_PACK_INT : SG_PACK_UINT, "kind",
                    value->what, (int)i);
        unit_int_at((int64_t)head.number, (int64_t)want, "number", value->what,
                    (int)i);
    }
    unit_int((int64_t)integers, 21);
}

/* The writers, given what a head shows; 0: there is no writer for it. */
static size_t write_again(const struct sg_pack_head *head, uint8_t *to)
{
    switch (head->kind) {
    case SG_PACK_FALSE:
    case SG_PACK_TRUE:
        return sg_pack_put_bool(to, head->kind == SG_PACK_TRUE);
    case SG_PACK_STR:
        return sg_pack_put_str(to, (const char *)head->body,
                               (uint32_t)head->length);
    case SG_PACK_BIN:
        return sg_pack_put_bin(to, head->body, (uint32_t)head->length);
    case SG_PACK_ARRAY:
        return sg_pack_put_array(to, (uint32_t)head->number);
    case SG_PACK_MAP:
        return sg_pack_put_map(to, (uint32_t)head->number);
    case SG_PACK_NIL:
    case SG_PACK_UINT:
    case SG_PACK_INT:
    case SG_PACK_FLOAT:
    case SG_PACK_EXT:
        break;
    }
    return 0;
}

UNIT(golden_pack, what_we_write_is_what_tooz_writes)
{
    size_t written = 0;

    for (size_t i = 0; i < COUNT(golden_written); i++) {
        struct golden g = golden_of(golden_written[i].bytes);
        struct sg_pack p = {g.bytes, g.bytes + g.length};
        uint8_t to[GOLDEN_MAX];
        struct sg_pack_head head;
        size_t n;
        unit_true(sg_pack_next(&p, &head));
        n = write_again(&head, to);
        written += n > 0;
        if (n > 0)
            unit_bytes_at(to, n, g.bytes, (size_t)(p.at - g.bytes), "written",
                          golden_written[i].what, (int)i);
    }
    unit_int((int64_t)written, 23);
}
