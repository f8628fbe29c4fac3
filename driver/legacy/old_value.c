/* SPDX-License-Identifier: Apache-2.0
 * old_value.c - the values of nova's memcache service group driver, written
 * and read as its readers read them.
 *
 * Measured with python-memcached 1.54 to 1.62 and dogpile.cache 0.5.7 and
 * 1.1.8: what a value is taken for depends on its flags first.
 */
#include "old_value.h"

#include "pickle.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

/* ---- to write --------------------------------------------------------- */

/* The ten bytes of a datetime's state, each as \u00NN: ASCII only, so that
 * neither quoting nor the reader's idea of a str matters. */
static void write_state(int64_t wall_us, char to[61])
{
    time_t seconds = (time_t)(wall_us / 1000000);
    unsigned us = (unsigned)(wall_us % 1000000);
    struct tm tm = {0};
    unsigned year;

    gmtime_r(&seconds, &tm);
    year = (unsigned)(tm.tm_year + 1900);
    snprintf(to, 61,
             "\\u00%02x\\u00%02x\\u00%02x\\u00%02x\\u00%02x"
             "\\u00%02x\\u00%02x\\u00%02x\\u00%02x\\u00%02x",
             year >> 8 & 0xff, year & 0xff, (unsigned)tm.tm_mon + 1,
             (unsigned)tm.tm_mday, (unsigned)tm.tm_hour, (unsigned)tm.tm_min,
             (unsigned)tm.tm_sec, us >> 16, us >> 8 & 0xff, us & 0xff);
}

size_t sg_old_value_write(enum sg_old_era era, int64_t wall_us,
                          char to[SG_OLD_VALUE_MAX])
{
    char state[61];
    int n;

    if (wall_us < 0)
        wall_us = 0;
    write_state(wall_us, state);
    if (era == SG_OLD_LIBERTY)
        n = snprintf(to, SG_OLD_VALUE_MAX,
                     "cdatetime\ndatetime\np0\n(c_codecs\nencode\np1\n(V%s\n"
                     "p2\nVlatin1\np3\ntp4\nRp5\ntp6\nRp7\n.",
                     state);
    else
        n = snprintf(to, SG_OLD_VALUE_MAX,
                     "cdogpile.cache.api\nCachedValue\n(cdatetime\ndatetime\n"
                     "(c_codecs\nencode\n(V%s\nVlatin1\ntRtR(dVct\nF%lld.%06d0"
                     "\nsVv\nI1\nstR.",
                     state, (long long)(wall_us / 1000000),
                     (int)(wall_us % 1000000));
    return (size_t)n;
}

/* ---- to read ---------------------------------------------------------- */

struct reading {
    struct sg_op *op;
    enum sg_old_era era;
    int python;
    int64_t now_us, down_us;
};

static struct sg_old_seen seen(enum sg_old_found found, int64_t beat_us)
{
    return (struct sg_old_seen){found, beat_us};
}

/* dogpile's region: payload, and metadata with the time of caching. The Kilo
 * and Liberty readers would call it up for ever; that is a fault of theirs
 * that nobody wants back. */
static struct sg_old_seen read_cached(const struct reading *r,
                                      const struct sg_pickle *value)
{
    const struct sg_pickle *ct;

    if (value->n < 2 || value->child[1]->kind != SG_PICKLE_DICT)
        return seen(SG_OLD_RAISES, -1);
    ct = sg_pickle_item(value->child[1], "ct", r->python);
    if (ct == NULL || ct->kind != SG_PICKLE_NUMBER)
        return seen(SG_OLD_RAISES, -1);
    if (r->now_us - ct->millionths > r->down_us)
        return seen(SG_OLD_STALE, ct->millionths);
    if (value->child[0]->kind == SG_PICKLE_NONE)
        return seen(SG_OLD_NOTHING, ct->millionths);
    return seen(SG_OLD_UP, ct->millionths);
}

/* What is no CachedValue is a beat to the older readers, who only ask whether
 * something came, and an AttributeError to the newer ones. */
static struct sg_old_seen read_plain(const struct reading *r, int64_t beat_us)
{
    return seen(r->era == SG_OLD_LIBERTY ? SG_OLD_UP : SG_OLD_RAISES, beat_us);
}

static struct sg_old_seen read_pickle(const struct reading *r,
                                      const uint8_t *bytes, size_t length)
{
    const struct sg_pickle *value;

    r->op->reason = SG_NO_REASON;
    value = sg_pickle_read(r->op, bytes, length, r->python);
    if (value == NULL)
        return seen(r->op->reason == SG_NO_MEMORY ? SG_OLD_NO_MEMORY
                                                  : SG_OLD_NOTHING,
                    -1);
    switch (value->kind) {
    case SG_PICKLE_NONE:
        return seen(SG_OLD_NOTHING, -1);
    case SG_PICKLE_CACHED:
        return read_cached(r, value);
    case SG_PICKLE_DATETIME:
        return read_plain(r, value->millionths);
    default:
        return read_plain(r, -1);
    }
}

static struct sg_old_seen read_number(const struct reading *r,
                                      const uint8_t *bytes, size_t length)
{
    int64_t ignored;

    return sg_pickle_integer(bytes, length, 10, &ignored)
               ? read_plain(r, -1)
               : seen(SG_OLD_RAISES, -1);
}

#define TEXT 16u
#define PACKED 8u
#define LONG 4u
#define INTEGER 2u

static struct sg_old_seen read_flat(const struct reading *r, uint32_t flags,
                                    const uint8_t *bytes, size_t length)
{
    if (flags == 0)
        return read_plain(r, -1);
    if (flags & TEXT && r->python != 2)
        return sg_pickle_utf8(r->op, bytes, length) != NULL
                   ? read_plain(r, -1)
                   : seen(SG_OLD_RAISES, -1);
    if (flags & (INTEGER | LONG))
        return read_number(r, bytes, length);
    if (flags & SG_OLD_PICKLED)
        return read_pickle(r, bytes, length);
    return seen(SG_OLD_RAISES, -1);
}

/* What unpacks to more is no beat of anybody's. */
#define UNPACKED_MAX 65536

struct sg_old_seen sg_old_value_read(struct sg_op *op, enum sg_old_era era,
                                     int python, uint32_t flags,
                                     const uint8_t *bytes, size_t length,
                                     int64_t now_us, int64_t down_us)
{
    const struct reading r = {op, era, python, now_us, down_us};
    uLongf unpacked_length = UNPACKED_MAX;
    uint8_t *unpacked;

    if (!(flags & PACKED))
        return read_flat(&r, flags, bytes, length);
    unpacked = sg_op_alloc(op, UNPACKED_MAX);
    if (unpacked == NULL)
        return seen(SG_OLD_NO_MEMORY, -1);
    if (uncompress(unpacked, &unpacked_length, bytes, (uLong)length) != Z_OK)
        return seen(SG_OLD_RAISES, -1);
    return read_flat(&r, flags & ~PACKED, unpacked, unpacked_length);
}
