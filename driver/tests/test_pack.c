/* SPDX-License-Identifier: Apache-2.0
 * test_pack.c - msgpack: what Python writes is read, what it cannot read is
 * refused, and no bytes at all hurt.
 *
 * The hex was written by oslo.serialization 5.0.0 with msgpack 1.0.3.
 */
#include "backend.h"
#include "pack.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *at; /* exactly as long: an overrun is an error     */
    size_t n;
};

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct bytes unhex(const char *hex)
{
    struct bytes b = {NULL, strlen(hex) / 2};

    b.at = malloc(b.n > 0 ? b.n : 1);
    for (size_t i = 0; i < b.n; i++)
        b.at[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    return b;
}

static int check(const char *hex, unsigned depth, size_t *offset,
                 const char **rule)
{
    struct bytes b = unhex(hex);
    int rc = sg_pack_check(b.at, b.n, depth, offset, rule);

    free(b.at);
    return rc;
}

static void accepts(const char *hex)
{
    size_t offset = 0;
    const char *rule = hex;

    if (check(hex, 64, &offset, &rule) != SG_OK)
        unit_fail(__FILE__, __LINE__, "%s refused at %zu: %s", hex, offset,
                  rule);
}

static void refuses(const char *hex, size_t at, const char *why)
{
    size_t offset = 99;
    const char *rule = "";

    unit_int(check(hex, 64, &offset, &rule), SG_EMETADATA);
    unit_int((int64_t)offset, (int64_t)at);
    unit_text(rule, why);
}

/* Everything Python writes is one value, for the check and for the skipper. */
static const char *const written_by_python[] = {
    "c0",
    "c3",
    "c2",
    "00",
    "7f",
    "cc80",
    "ccff",
    "cd0100",
    "cdffff",
    "ce00010000",
    "ceffffffff",
    "cf0000000100000000",
    "cf8000000000000000",
    "cfffffffffffffffff",
    "ff",
    "e0",
    "d0df",
    "d080",
    "d1ff7f",
    "d18000",
    "d2ffff7fff",
    "d280000000",
    "d3ffffffff7fffffff",
    "d38000000000000000",
    "cb0000000000000000",
    "cb3ff8000000000000",
    "cbbfb999999999999a",
    "a0",
    "a161",
    "bf61616161616161616161616161616161616161616161616161616161616161",
    "d9206161616161616161616161616161616161616161616161616161616161616161",
    "a56ec3b66465",
    "c400",
    "c40161",
    "90",
    "920102",
    "dc0010000102030405060708090a0b0c0d0e0f",
    "80",
    "81a16101",
    "81a677656967687401",
    "82a16201a16102",
    "de0010a36b303000a36b303101a36b303202a36b303303a36b303404a36b303505a36b"
    "303606a36b303707a36b303808a36b303909a36b31300aa36b31310ba36b31320ca36b"
    "31330da36b31340ea36b31350f",
    "81a16181a16292c081a163c40164",
    "81c4016ba176",
    "c720003132333435363738313233343536373831323334353637383132333435363738",
    "c7380187a364617902a56d6f6e746801a479656172cd07eaa4686f757203a66d696e75"
    "746504a67365636f6e6405ab6d6963726f7365636f6e6406",
    "c7150783a479656172cd07eaa56d6f6e746801a364617902",
    "d5049101",
    "d5059101",
    "85a677656967687401a4686f7374a56ec3b66465a5726174696fcb3fe0000000000000a2"
    "7570c3a46e6f6e65c0",
    "9801ffcd012cce00011170a178c40179c0c2",
    /* not its own, but accepted: longer heads, float32, unknown ext */
    "81c500015381c40c6361706162696c6974696573c0",
    "de0001c4015381c40c6361706162696c6974696573c0",
    "ca3f000000",
    "d46300",
};
enum { WRITTEN = sizeof written_by_python / sizeof *written_by_python };

UNIT(pack, what_python_accepts_is_accepted)
{
    for (size_t i = 0; i < WRITTEN; i++)
        accepts(written_by_python[i]);
}

UNIT(pack, skip_ends_where_the_value_ends)
{
    for (size_t i = 0; i < WRITTEN; i++) {
        struct bytes b = unhex(written_by_python[i]);
        struct sg_pack p = {b.at, b.at + b.n};
        unit_true(sg_pack_skip(&p));
        unit_int(p.at - b.at, (int64_t)b.n);
        free(b.at);
    }
}

UNIT(pack, no_value_cut_short_is_skipped_or_accepted)
{
    size_t offset;
    const char *rule;

    for (size_t i = 0; i < WRITTEN; i++) {
        struct bytes b = unhex(written_by_python[i]);
        for (size_t cut = 0; cut < b.n; cut++) {
            uint8_t *part = malloc(cut > 0 ? cut : 1);
            struct sg_pack p = {part, part + cut};
            memcpy(part, b.at, cut);
            unit_true(!sg_pack_skip(&p));
            unit_true(p.at == part);
            unit_int(sg_pack_check(part, cut, 64, &offset, &rule),
                     SG_EMETADATA);
            free(part);
        }
        free(b.at);
    }
}

UNIT(pack, map_keys_are_str_or_bin)
{
    static const char why[] = "a map key must be a str or a bin";

    refuses("810102", 1, why);
    refuses("81c002", 1, why);
    refuses("819002", 1, why);
    refuses("82a16101cb000000000000000001", 4, why);
    refuses("9181a161810102", 5, why);
}

UNIT(pack, a_str_is_strict_utf8)
{
    static const char why[] = "a str must be valid UTF-8";

    refuses("a1ff", 1, why);
    refuses("a26161a1ff", 3, "bytes follow after the value");
    refuses("a361ffa0", 2, why);
    refuses("81a1ff00", 2, why);
    refuses("a3eda080", 1, why);   /* surrogate U+D800            */
    refuses("a3edbfbf", 1, why);   /* surrogate U+DFFF            */
    refuses("a2c080", 1, why);     /* overlong NUL                */
    refuses("a3e09fbf", 1, why);   /* overlong U+07FF             */
    refuses("a4f08fbfbf", 1, why); /* overlong U+FFFF             */
    refuses("a4f4908080", 1, why); /* U+110000                    */
    refuses("a4f5808080", 1, why);
    refuses("a2e282", 1, why); /* cut in the middle           */
    accepts("a3ed9fbf");
    accepts("a3ee8080");
    accepts("a4f48fbfbf");
    accepts("a4f0908080");
    accepts("a100");
    accepts("c401ff"); /* a bin may hold anything     */
}

UNIT(pack, one_value_and_nothing_else)
{
    refuses("8000", 1, "bytes follow after the value");
    refuses("81c40153", 4, "the value ends in the middle");
    refuses("", 0, "the value ends in the middle");
    refuses("92c1c0", 1, "0xc1 begins no value");
    refuses("dfffffffff", 5, "the value ends in the middle");
    refuses("ddffffffff", 5, "the value ends in the middle");
    refuses("c6ffffffff", 0, "the value ends in the middle");
}

UNIT(pack, depth_is_bounded_where_the_caller_says)
{
    static const char why[] = "arrays and maps are nested too deep";
    uint8_t deep[1026];
    size_t offset = 0;
    const char *rule = "";

    memset(deep, 0x91, sizeof deep);
    deep[64] = 0xc0;
    unit_int(sg_pack_check(deep, 65, 64, &offset, &rule), SG_OK);
    deep[64] = 0x90;
    unit_int(sg_pack_check(deep, 65, 64, &offset, &rule), SG_EMETADATA);
    unit_int((int64_t)offset, 64);
    unit_text(rule, why);
    deep[64] = 0x91;
    deep[1024] = 0xc0;
    unit_int(sg_pack_check(deep, 1025, 1024, &offset, &rule), SG_OK);
    deep[1024] = 0x91;
    deep[1025] = 0xc0;
    unit_int(sg_pack_check(deep, 1026, 5000, &offset, &rule), SG_EMETADATA);
    unit_int((int64_t)offset, 1024);
}

UNIT(pack, skip_is_not_stopped_by_any_depth)
{
    size_t n = 1000000;
    uint8_t *deep = malloc(n);
    struct sg_pack p = {deep, deep + n};

    memset(deep, 0x91, n);
    unit_true(!sg_pack_skip(&p));
    deep[n - 1] = 0x00;
    unit_true(sg_pack_skip(&p));
    unit_true(p.at == p.end);
    free(deep);
}

/* One of these in a group's value and no Python member can read the group. */
UNIT(pack, extensions_hold_what_python_can_build)
{
    refuses("d40000", 0, "ext 0 (UUID) must hold 32 hex digits");
    refuses("c721003132333435363738313233343536373831323334353637383132333435"
            "3637380a",
            0, "ext 0 (UUID) must hold 32 hex digits");
    refuses("c72100313233343536373831323334353637383132333435363738313233343536"
            "373861",
            0, "ext 0 (UUID) must hold 32 hex digits");
    refuses("d4fe00", 0, "an ext code must be -1 to 127");
    refuses("d4ff00", 0,
            "ext -1 (timestamp) must hold 4, 8 or 12 bytes with less than "
            "10^9 nanoseconds");
    accepts("d6ff00000001");
    refuses("d7ffffffffff00000000", 0,
            "ext -1 (timestamp) must hold 4, 8 or 12 bytes with less than "
            "10^9 nanoseconds");
    refuses("d40201", 0, "ext 2 (counter) must hold an array of two integers");
    accepts("c70302920102");
    refuses("d403c0", 0, "ext 3 (IP address) must hold an unsigned integer");
    accepts("d40301");
    refuses("d50491c0c0", 4, "bytes follow after the value");
    refuses("d5049190", 0,
            "ext 4, 5 (sets) must hold an array without arrays, maps, sets "
            "(ext 4) or ext 6");
    refuses("d504a1ff", 0, "a str must be valid UTF-8");
    accepts("d47f00");
    accepts("d40800");
}

UNIT(pack, dates_are_in_range)
{
    static const char why[] =
        "ext 1, 6, 7 (dates) must hold a map with year, month, day and so on, "
        "in range, and no tz but UTC";

    accepts("c7150783a479656172cd07e8a56d6f6e746802a36461791d"); /* leap */
    refuses("c7150783a479656172cd07eaa56d6f6e746802a36461791d", 0, why);
    refuses("c7150783a479656172cd07eaa56d6f6e74680da364617901", 0, why);
    refuses("c7150783a479656172cd07eaa56d6f6e746800a364617901", 0, why);
    refuses("c7150783a479656172cd2710a56d6f6e746801a364617901", 0, why);
    refuses("d40780", 0, why);
    refuses("d40180", 0, why);
}

UNIT(pack, extensions_in_extensions_end)
{
    uint8_t nested[64];
    size_t at = sizeof nested, offset;
    const char *rule = "";

    nested[--at] = 0x90;
    /* each step: ext8, length, code 5, array of one */
    for (int i = 0; i < 12; i++) {
        size_t length = sizeof nested - at + 1;
        nested[--at] = 0x91;
        nested[--at] = 5;
        nested[--at] = (uint8_t)length;
        nested[--at] = 0xc7;
    }
    unit_int(sg_pack_check(nested + at, sizeof nested - at, 64, &offset, &rule),
             SG_EMETADATA);
    unit_text(rule, "extensions are nested too deep");
}

UNIT(pack, readers_read_their_kind_only)
{
    static const uint8_t text[] = {0xa1, 'x',  0xc4, 0x01, 'y',  0x2a,
                                   0xcd, 0x01, 0x00, 0xc3, 0xd0, 0xff};
    struct sg_pack p = {text, text + sizeof text};
    const char *at = NULL;
    size_t length = 0;
    uint64_t number = 0;
    uint32_t count = 7;
    bool flag = false;

    unit_true(!sg_pack_map(&p, &count) && !sg_pack_array(&p, &count));
    unit_true(!sg_pack_uint(&p, &number) && !sg_pack_bool(&p, &flag));
    unit_true(sg_pack_text(&p, &at, &length));
    unit_bytes(at, length, "x", 1);
    unit_true(sg_pack_text(&p, &at, &length));
    unit_bytes(at, length, "y", 1);
    unit_true(!sg_pack_text(&p, &at, &length));
    unit_true(sg_pack_uint(&p, &number));
    unit_int((int64_t)number, 42);
    unit_true(sg_pack_uint(&p, &number));
    unit_int((int64_t)number, 256);
    unit_true(sg_pack_bool(&p, &flag) && flag);
    unit_true(!sg_pack_uint(&p, &number)); /* -1 is none */
    unit_int((int64_t)count, 7);
}

UNIT(pack, heads_of_any_length_are_read)
{
    static const char *const maps[] = {"8f", "de0010", "df00010000", "de0001"};
    static const uint32_t counts[] = {15, 16, 65536, 1};

    for (size_t i = 0; i < 4; i++) {
        struct bytes b = unhex(maps[i]);
        struct sg_pack p = {b.at, b.at + b.n};
        uint32_t count = 0;
        unit_true(sg_pack_map(&p, &count));
        unit_int(count, counts[i]);
        free(b.at);
    }
}

UNIT(pack, negative_numbers_keep_their_sign)
{
    static const char *const numbers[] = {
        "ff", "d080", "d18000", "d280000000", "d3ffffffffffffff7f", "d07f"};
    static const int64_t values[] = {-1, -128, -32768, INT32_MIN, -129, 127};

    for (size_t i = 0; i < 6; i++) {
        struct bytes b = unhex(numbers[i]);
        struct sg_pack p = {b.at, b.at + b.n};
        struct sg_pack_head head = {.kind = SG_PACK_NIL};
        unit_true(sg_pack_next(&p, &head));
        unit_int(head.kind, SG_PACK_INT);
        unit_int((int64_t)head.number, values[i]);
        free(b.at);
    }
}

UNIT(pack, truth_is_pythons)
{
    static const char *const falses[] = {
        "c0",        "c2",     "00",     "a0",
        "c400",      "90",     "80",     "cb0000000000000000",
        "cc00",      "dc0000", "de0000", "d000",
        "ca00000000"};
    static const char *const trues[] = {
        "c3",     "01",   "ff",     "a130", "c40100",
        "90c0ff", "91c0", "81a0c0", "c1",   "cb3ff0000000000000",
        "d40000"};

    for (size_t i = 0; i < sizeof falses / sizeof *falses; i++) {
        struct bytes b = unhex(falses[i]);
        unit_true(!sg_pack_is_true(b.at, b.n));
        free(b.at);
    }
    for (size_t i = 0; i < sizeof trues / sizeof *trues; i++) {
        struct bytes b = unhex(trues[i]);
        /* an empty array is false, bytes behind it or not */
        unit_true(sg_pack_is_true(b.at, b.n) == (i != 5));
        free(b.at);
    }
    unit_true(!sg_pack_is_true("", 0));
}

static void writes(size_t n, const uint8_t *got, const char *hex)
{
    struct bytes b = unhex(hex);

    unit_bytes(got, n, b.at, b.n);
    free(b.at);
}

UNIT(pack, writers_write_the_shortest_form)
{
    uint8_t to[70000];
    char *long_text = calloc(1, 66000);

    writes(sg_pack_put_map(to, 15), to, "8f");
    writes(sg_pack_put_map(to, 16), to, "de0010");
    writes(sg_pack_put_map(to, 65535), to, "deffff");
    writes(sg_pack_put_map(to, 65536), to, "df00010000");
    writes(sg_pack_put_array(to, 15), to, "9f");
    writes(sg_pack_put_array(to, 16), to, "dc0010");
    writes(sg_pack_put_array(to, 65536), to, "dd00010000");
    writes(sg_pack_put_bin(to, "grp1", 4), to, "c40467727031");
    writes(sg_pack_put_bin(to, "", 0), to, "c400");
    writes(sg_pack_put_str(to, "cap", 3), to, "a3636170");
    writes(sg_pack_put_bool(to, true), to, "c3");
    writes(sg_pack_put_bool(to, false), to, "c2");
    unit_int((int64_t)sg_pack_put_bin(to, long_text, 255), 257);
    unit_int((int64_t)sg_pack_put_bin(to, long_text, 256), 259);
    writes(3, to, "c50100");
    unit_int((int64_t)sg_pack_put_bin(to, long_text, 65536), 65541);
    writes(5, to, "c600010000");
    unit_int((int64_t)sg_pack_put_str(to, long_text, 31), 32);
    unit_int((int64_t)sg_pack_put_str(to, long_text, 32), 34);
    writes(2, to, "d920");
    unit_int((int64_t)sg_pack_put_str(to, long_text, 256), 259);
    writes(3, to, "da0100");
    unit_int((int64_t)sg_pack_put_str(to, long_text, 65536), 65541);
    writes(5, to, "db00010000");
    free(long_text);
}

UNIT(marks, survive_writing_and_reading)
{
    struct sg_marks marks = {.disabled = true, .forced_down = true}, got;
    uint8_t to[SG_MARKS_MAX];
    size_t n;

    memset(marks.disabled_reason, 0xfe, SG_REASON_MAX);
    n = sg_marks_write(&marks, to);
    unit_true(n <= SG_MARKS_MAX);
    unit_true(sg_marks_read(to, n, &got));
    unit_true(got.disabled && got.forced_down);
    unit_text(got.disabled_reason, marks.disabled_reason);
    marks = (struct sg_marks){.disabled_reason = "why"};
    n = sg_marks_write(&marks, to);
    unit_true(sg_marks_read(to, n, &got));
    unit_true(!got.disabled && !got.forced_down);
    unit_text(got.disabled_reason, "why");
}

UNIT(marks, are_a_map_with_three_str_keys)
{
    struct sg_marks marks = {.disabled = true, .disabled_reason = "ab"};
    uint8_t to[SG_MARKS_MAX];

    writes(sg_marks_write(&marks, to), to,
           "83a864697361626c6564c3af64697361626c65645f726561736f6ec4026162"
           "ab666f726365645f646f776ec2");
}

UNIT(marks, of_another_writer_are_read_as_far_as_they_go)
{
    struct sg_marks got;
    struct bytes b = unhex("83c40b666f726365645f646f776e01c0a178"
                           "af64697361626c65645f726561736f6e05");

    unit_true(sg_marks_read(b.at, b.n, &got));
    unit_true(got.forced_down && !got.disabled);
    unit_text(got.disabled_reason, "");
    free(b.at);
}

UNIT(marks, a_reason_longer_than_ours_is_cut)
{
    static const uint8_t head[] = "\x81\xaf"
                                  "disabled_reason\xc5\x01\x2c";
    uint8_t bytes[sizeof head - 1 + 300];
    struct sg_marks got;

    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, head, sizeof head - 1);
    unit_true(sg_marks_read(bytes, sizeof bytes, &got));
    unit_int((int64_t)strlen(got.disabled_reason), SG_REASON_MAX);
}

UNIT(marks, that_are_damaged_are_all_false)
{
    struct sg_marks marks = {.forced_down = true}, got;
    uint8_t to[SG_MARKS_MAX];
    size_t n = sg_marks_write(&marks, to);

    for (size_t cut = 0; cut < n; cut++) {
        uint8_t *part = malloc(cut > 0 ? cut : 1);
        memcpy(part, to, cut);
        memset(&got, 0xff, sizeof got);
        unit_true(!sg_marks_read(part, cut, &got));
        unit_true(!got.forced_down && !got.disabled);
        unit_text(got.disabled_reason, "");
        free(part);
    }
    unit_true(!sg_marks_read("\xc0", 1, &got));
}
