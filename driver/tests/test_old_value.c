/* SPDX-License-Identifier: Apache-2.0
 * test_old_value.c - the values and keys of nova's memcache driver. The byte
 * forms were seen with python-memcached 1.53 to 1.62 and dogpile.cache 0.5.7
 * and 1.1.8 on Python 2.7 and 3.11.
 */
#include "legacy/old_place.h"
#include "legacy/old_value.h"
#include "op.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* 2015-04-30 12:34:56.789012 */
#define BEAT_US INT64_C(1430397296789012)
#define STATE "\\x07\\xdf\\x04\\x1e\\x0c\"8\\x0c\\n\\x14"
#define SECOND_US INT64_C(1000000)

static struct sg_old_seen read_as(enum sg_old_era era, int python,
                                  uint32_t flags, const void *bytes, size_t n,
                                  int64_t age_us)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 0, 0);
    struct sg_old_seen seen =
        sg_old_value_read(&task->op, era, python, flags, bytes, n,
                          BEAT_US + age_us, 60 * SECOND_US);

    sg_task_drop(task);
    return seen;
}

static struct sg_old_seen read_text(enum sg_old_era era, int python,
                                    uint32_t flags, const char *text)
{
    return read_as(era, python, flags, text, strlen(text), 0);
}

UNIT(old_value, is_written_in_the_forms_that_all_readers_take)
{
    char value[SG_OLD_VALUE_MAX];
    static const char plain[] =
        "cdatetime\ndatetime\np0\n(c_codecs\nencode\np1\n(V"
        "\\u0007\\u00df\\u0004\\u001e\\u000c\\u0022\\u0038\\u000c\\u000a\\u0014"
        "\np2\nVlatin1\np3\ntp4\nRp5\ntp6\nRp7\n.";

    unit_int((int64_t)sg_old_value_write(SG_OLD_LIBERTY, BEAT_US, value), 136);
    unit_bytes(value, 136, plain, strlen(plain));
    unit_int((int64_t)sg_old_value_write(SG_OLD_MITAKA, BEAT_US, value), 180);
    unit_true(strstr(value, "F1430397296.7890120\n") != NULL);
}

UNIT(old_value, what_we_write_we_read)
{
    for (int python = 2; python <= 3; python++) {
        char value[SG_OLD_VALUE_MAX];
        size_t n = sg_old_value_write(SG_OLD_LIBERTY, BEAT_US, value);
        struct sg_old_seen seen =
            read_as(SG_OLD_LIBERTY, python, 1, value, n, 0);
        unit_int(seen.found, SG_OLD_UP);
        unit_int(seen.beat_us, BEAT_US);
        n = sg_old_value_write(SG_OLD_MITAKA, BEAT_US, value);
        seen = read_as(SG_OLD_MITAKA, python, 1, value, n, 60 * SECOND_US);
        unit_int(seen.found, SG_OLD_UP);
        unit_int(seen.beat_us, BEAT_US);
        seen = read_as(SG_OLD_MITAKA, python, 1, value, n, 60 * SECOND_US + 1);
        unit_int(seen.found, SG_OLD_STALE);
    }
}

UNIT(old_value, each_client_of_the_old_days_is_read)
{
    static const char kilo[] =
        "cdatetime\ndatetime\np1\n(S'" STATE "'\ntRp2\n.";
    static const char liberty[] =
        "cdatetime\ndatetime\np0\n(S'" STATE "'\np1\ntp2\nRp3\n.";
    static const char mitaka[] =
        "cdogpile.cache.api\nCachedValue\np0\n(cdatetime\ndatetime\np1\n("
        "S'" STATE
        "'\np2\ntp3\nRp4\n(dp5\nS'v'\np6\nI1\nsS'ct'\np7\nF1430397296.789012\n"
        "stp8\nRp9\n.";
    struct sg_old_seen seen = read_text(SG_OLD_LIBERTY, 2, 1, kilo);

    unit_int(seen.found, SG_OLD_UP);
    unit_int(seen.beat_us, BEAT_US);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 1, liberty).beat_us, BEAT_US);
    seen = read_text(SG_OLD_MITAKA, 2, 1, mitaka);
    unit_int(seen.found, SG_OLD_UP);
    unit_true(seen.beat_us >= BEAT_US - 1 && seen.beat_us <= BEAT_US + 1);
    /* Python 3 cannot decode their strings, and an error is no entry. */
    unit_int(read_text(SG_OLD_LIBERTY, 3, 1, liberty).found, SG_OLD_NOTHING);
    unit_int(read_text(SG_OLD_MITAKA, 3, 1, mitaka).found, SG_OLD_NOTHING);
    /* A reader of one era raises over the other's value, or hides it. */
    unit_int(read_text(SG_OLD_MITAKA, 2, 1, liberty).found, SG_OLD_RAISES);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 1, mitaka).found, SG_OLD_UP);
}

UNIT(old_value, the_flags_come_first)
{
    unit_int(read_text(SG_OLD_LIBERTY, 2, 0, "x").found, SG_OLD_UP);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 0, "").found, SG_OLD_UP);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 2, "17").found, SG_OLD_UP);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 2, "x").found, SG_OLD_RAISES);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 16, "x").found, SG_OLD_RAISES);
    unit_int(read_text(SG_OLD_LIBERTY, 3, 16, "x").found, SG_OLD_UP);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 1, "junk").found, SG_OLD_NOTHING);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 1, "N.").found, SG_OLD_NOTHING);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 1, "I5\n.").found, SG_OLD_UP);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 32, "x").found, SG_OLD_RAISES);
    unit_int(read_text(SG_OLD_LIBERTY, 2, 8, "x").found, SG_OLD_RAISES);
    unit_int(read_text(SG_OLD_MITAKA, 3, 0, "x").found, SG_OLD_RAISES);
    unit_int(read_text(SG_OLD_MITAKA, 3, 1, "junk").found, SG_OLD_NOTHING);
}

/* Each was once read otherwise than nova's memcache driver reads it (Debian's
 * 26.2, python-memcached 1.59, dogpile.cache 1.1.8, Python 3.11). */
UNIT(old_value, odd_pickles_are_what_nova_takes_them_for)
{
#define META "(dVct\nF1430397296.5\ns"
#define CACHED "cdogpile.cache.api\nCachedValue\n"
#define REBUILD "ccopyreg\n_reconstructor\n(" CACHED "cbuiltins\ntuple\n"
    static const struct {
        const char *text;
        size_t length; /* 0: of the text                              */
        enum sg_old_found found;
    } table[] = {
        /* Numbers: C's strtol(), then Python's int() with a prefix. */
        {"F1_0.5\n.", 0, SG_OLD_NOTHING},
        {"F 1.5\n.", 0, SG_OLD_NOTHING},
        {"F1e3\n.", 0, SG_OLD_RAISES},
        {"F-.5E-1\n.", 0, SG_OLD_RAISES},
        {"F1e\n.", 0, SG_OLD_NOTHING},
        {"F.\n.", 0, SG_OLD_NOTHING},
        {"F-inf\n.", 0, SG_OLD_RAISES},
        {"F1\0x\n.", 6, SG_OLD_RAISES},
        {"I0x1f\n.", 0, SG_OLD_RAISES},
        {"I0xg\n.", 0, SG_OLD_NOTHING},
        {"I010\n.", 0, SG_OLD_RAISES},
        {"I08\n.", 0, SG_OLD_NOTHING},
        {"L010\n.", 0, SG_OLD_NOTHING},
        {"L0b1_1L\n.", 0, SG_OLD_RAISES},
        {"I1__0\n.", 0, SG_OLD_NOTHING},
        {"I5\0x\n.", 6, SG_OLD_RAISES},
        /* A str ends at its quote. */
        {"S'a'\n.", 0, SG_OLD_RAISES},
        {"S'a' \n.", 0, SG_OLD_NOTHING},
        /* datetime takes integers, and None for a time zone. */
        {"cdatetime\ndatetime\n(F2020.0\nI1\nI1\ntR.", 0, SG_OLD_NOTHING},
        {"cdatetime\ndatetime\n(I2020\nI1\nI1\nI1\nI1\nI1\nI1\nNtR.", 0,
         SG_OLD_RAISES},
        /* A key of bytes is not the text. */
        {CACHED "(I1\n(dc_codecs\nencode\n(Vct\nVlatin1\ntRF1430397296.5\n"
                "stR.",
         0, SG_OLD_RAISES},
        /* A tuple of whatever can be gone through. */
        {REBUILD "(I1\n" META "ttR.", 0, SG_OLD_UP},
        {REBUILD "C\2abtR.", 0, SG_OLD_RAISES},
        {REBUILD "(Va\nI1\ndtR.", 0, SG_OLD_RAISES},
        {REBUILD "I1\ntR.", 0, SG_OLD_NOTHING},
        {"cbuiltins\ntuple\n(tR.", 0, SG_OLD_RAISES},
        {"c__builtin__\nbytes\n)R.", 0, SG_OLD_RAISES},
        /* Opcodes that such values have no need of. */
        {CACHED "(I1\n" META "tRNb.", 0, SG_OLD_UP},
        {CACHED "(I1\n" META "tRI1\nb.", 0, SG_OLD_NOTHING},
        {CACHED "(I1\n" META "t}\x92.", 0, SG_OLD_UP},
        {"(I1\n" META "idogpile.cache.api\nCachedValue\n.", 0, SG_OLD_UP},
        {"(" CACHED "I1\n" META "o.", 0, SG_OLD_UP},
        {"(o.", 0, SG_OLD_NOTHING},
        {"\x8f(I1\n\x90.", 0, SG_OLD_RAISES},
        {"\x8f((lI1\n\x90.", 0, SG_OLD_NOTHING},
        {"(I1\n\x91.", 0, SG_OLD_RAISES},
        {"}((ttI1\ns.", 0, SG_OLD_RAISES},
        {"}((ltI1\ns.", 0, SG_OLD_NOTHING},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t n =
            table[i].length > 0 ? table[i].length : strlen(table[i].text);
        enum sg_old_found found =
            read_as(SG_OLD_MITAKA, 3, 1, table[i].text, n, 0).found;
        if (found != table[i].found)
            unit_text("", table[i].text);
        unit_int(found, table[i].found);
    }
    unit_int(read_text(SG_OLD_MITAKA, 2, 1, "S'a' \n.").found, SG_OLD_RAISES);
}

/* No prefix of a value is a beat, and none reads outside itself. */
UNIT(old_value, cut_anywhere_it_is_no_entry)
{
    char value[SG_OLD_VALUE_MAX];
    size_t n = sg_old_value_write(SG_OLD_MITAKA, BEAT_US, value);

    for (size_t i = 0; i < n; i++) {
        char *cut = strndup(value, i);
        unit_int(read_as(SG_OLD_MITAKA, 3, 1, cut, i, 0).found, SG_OLD_NOTHING);
        free(cut);
    }
}

UNIT(old_value, keys_and_places_are_the_old_clients)
{
    char key[SG_OLD_KEY_MAX];

    unit_int((int64_t)sg_old_key("compute", "compute:node1", 0, key), 13);
    unit_text(key, "compute:node1");
    sg_old_key("conductor", "conductor:n:7", 0, key);
    unit_text(key, "conductor:n");
    unit_int((int64_t)sg_old_key("compute", "compute:mit1", 1, key), 40);
    unit_text(key, "b2e64534b25bb26c5346063faf4dd195673b537e");
    unit_int(sg_old_hash("compute:host1", 13), 25598);
    unit_int(sg_old_rehash(25598, 0), sg_old_hash("255980", 6));
}
