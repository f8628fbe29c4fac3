/* SPDX-License-Identifier: Apache-2.0
 * golden_msgpack.h - msgpack as Python tooz writes and reads it.
 *
 * Recorded on Debian 12: what tooz 3.1.0 (oslo.serialization 5.0.0 on msgpack
 * 1.0.3) makes of Python values, what it refuses to read, and what it reads
 * though it would not write it. The notation of the bytes is golden.h's.
 */
#ifndef GOLDEN_MSGPACK_H
#define GOLDEN_MSGPACK_H

#include <stddef.h>

struct golden_value {
    const char *what, *bytes;
};

static const struct golden_value golden_written[] = {
    {"None", "<c0>"},
    {"True", "<c3>"},
    {"False", "<c2>"},
    {"0", "<00>"},
    {"127", "<7f>"},
    {"128", "<cc80>"},
    {"255", "<ccff>"},
    {"256", "<cd0100>"},
    {"65535", "<cdffff>"},
    {"65536", "<ce00010000>"},
    {"4294967295", "<ceffffffff>"},
    {"4294967296", "<cf0000000100000000>"},
    {"9223372036854775808", "<cf8000000000000000>"},
    {"18446744073709551615", "<cfffffffffffffffff>"},
    {"-1", "<ff>"},
    {"-32", "<e0>"},
    {"-33", "<d0df>"},
    {"-128", "<d080>"},
    {"-129", "<d1ff7f>"},
    {"-32768", "<d18000>"},
    {"-32769", "<d2ffff7fff>"},
    {"-2147483648", "<d280000000>"},
    {"-2147483649", "<d3ffffffff7fffffff>"},
    {"-9223372036854775808", "<d38000000000000000>"},
    {"0.0", "<cb0000000000000000>"},
    {"1.5", "<cb3ff8000000000000>"},
    {"-0.1", "<cbbfb999999999999a>"},
    {"''", "<a0>"},
    {"'a'", "<a1>a"},
    {"31 times a", "<bf>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"32 times a", "<d9> aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"256 times a",
     "<da0100>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"'n<c3b6>de'", "<a5>n<c3b6>de"},
    {"b''", "<c400>"},
    {"b'a'", "<c401>a"},
    {"255 bytes x",
     "<c4ff>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
    {"256 bytes x",
     "<c50100>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
    {"[]", "<90>"},
    {"[1, 2]", "<920102>"},
    {"(1, 2)", "<920102>"},
    {"[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]",
     "<dc0010000102030405060708090a0b0c0d0e0f>"},
    {"{}", "<80>"},
    {"{'a': 1}", "<81a1>a<01>"},
    {"{'weight': 1}", "<81a6>weight<01>"},
    {"{'b': 1, 'a': 2}", "<82a1>b<01a1>a<02>"},
    {"{'k00': 0, ... 'k15': 15}",
     "<de0010a3>k00<00a3>k01<01a3>k02<02a3>k03<03a3>k04<04a3>k05<05a3>k06"
     "<06a3>k07<07a3>k08<08a3>k09<09a3>k10<0aa3>k11<0ba3>k12<0ca3>k13<0da3>k14"
     "<0ea3>k15<0f>"},
    {"{'a': {'b': [None, {'c': b'd'}]}}", "<81a1>a<81a1>b<92c081a1>c<c401>d"},
    {"{b'k': 'v'}", "<81c401>k<a1>v"},
    {"UUID('12345678-1234-5678-1234-567812345678')",
     "<c72000>12345678123456781234567812345678"},
    {"datetime.datetime(2026, 1, 2, 3, 4, 5, 6)",
     "<c7>8<0187a3>day<02a5>month<01a4>year<cd07eaa4>hour<03a6>minute<04a6>"
     "second<05ab>microsecond<06>"},
    {"datetime.date(2026, 1, 2)",
     "<c7150783a4>year<cd07eaa5>month<01a3>day<02>"},
    {"{1}", "<d5049101>"},
    {"frozenset({1})", "<d5059101>"},
};

/* The rule of ours that each breaks, and the offset of the byte. */
static const struct {
    const char *what, *bytes, *rule;
    size_t offset;
} golden_refused[] = {
    {"map key is an integer", "<810102>", "a map key must be a str or a bin",
     1},
    {"map key is nil", "<81c002>", "a map key must be a str or a bin", 1},
    {"map key is an array", "<819002>", "a map key must be a str or a bin", 1},
    {"str is not valid UTF-8", "<a1ff>", "a str must be valid UTF-8", 1},
    {"trailing byte", "<8000>", "bytes follow after the value", 1},
    {"truncated", "<81c401>S", "the value ends in the middle", 4},
    {"empty input", "", "the value ends in the middle", 0},
};

static const struct golden_value golden_read[] = {
    {"bin16 header where bin8 would do", "<81c50001>S<81c40c>capabilities<c0>"},
    {"map16 header where fixmap would do",
     "<de0001c401>S<81c40c>capabilities<c0>"},
    {"float32", "<ca3f000000>"},
    {"unknown ext type 99 (kept and written back)", "<d4>c<00>"},
};

#endif
