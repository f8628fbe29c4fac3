/* SPDX-License-Identifier: Apache-2.0
 * pack_ext.c - what oslo.serialization makes of extension values.
 *
 * Python members decode codes 0 to 7 into objects while they read a group
 * (oslo_serialization/msgpackutils.py); a body that their constructors refuse
 * makes the whole group unreadable. Other codes from 8 to 127 are kept as
 * they are; -1 is msgpack's own timestamp; a code below -1 is refused by
 * msgpack.ExtType.
 */
#include "pack.h"

#include "servicegroup.h"

#include <string.h>

static bool is_hex(const uint8_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!((at[i] >= '0' && at[i] <= '9') ||
              (at[i] >= 'a' && at[i] <= 'f') || (at[i] >= 'A' && at[i] <= 'F')))
            return false;
    return true;
}

static const char *uuid_rule(const uint8_t *body, size_t length)
{
    return length == 32 && is_hex(body, length)
               ? NULL
               : "ext 0 (UUID) must hold 32 hex digits";
}

static const char *timestamp_rule(const uint8_t *body, size_t length)
{
    uint32_t top = 0;

    for (size_t i = 0; i < 4 && i < length; i++)
        top = top << 8 | body[i];
    if (length == 4 || (length == 8 && top >> 2 < 1000000000) ||
        (length == 12 && top < 1000000000))
        return NULL;
    return "ext -1 (timestamp) must hold 4, 8 or 12 bytes with less than 10^9 "
           "nanoseconds";
}

/* ---- 1, 6, 7: dates --------------------------------------------------- */

struct date {
    uint64_t year, month, day, hour, minute, second, microsecond;
    unsigned seen; /* a bit for each field, in this order         */
};
enum { DATE_FIELDS = 0x07, TIME_FIELDS = 0x7f };

static bool read_field(struct date *date, struct sg_pack *p, const char *key,
                       size_t length)
{
    static const char *const names[] = {
        "year", "month", "day", "hour", "minute", "second", "microsecond"};
    uint64_t *const fields[] = {&date->year,       &date->month,  &date->day,
                                &date->hour,       &date->minute, &date->second,
                                &date->microsecond};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) != length || memcmp(names[i], key, length) != 0)
            continue;
        date->seen |= 1u << i;
        return sg_pack_uint(p, fields[i]);
    }
    return sg_pack_skip(p);
}

static bool read_date(struct sg_pack p, struct date *date)
{
    uint32_t count;

    if (!sg_pack_map(&p, &count))
        return false;
    while (count-- > 0) {
        struct sg_pack_head key;
        if (!sg_pack_next(&p, &key) || key.kind != SG_PACK_STR)
            return false;
        /* pytz knows some names and not others; "UTC" all of them do. */
        if (key.length == 2 && memcmp(key.body, "tz", 2) == 0) {
            if (!sg_pack_next(&p, &key) || key.kind != SG_PACK_STR ||
                key.length != 3 || memcmp(key.body, "UTC", 3) != 0)
                return false;
        } else if (!read_field(date, &p, (const char *)key.body, key.length)) {
            return false;
        }
    }
    return true;
}

static unsigned days_of(uint64_t year, uint64_t month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30,
                                         31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap ? 1u : 0u);
}

static const char *date_rule(struct sg_pack p, bool has_time)
{
    static const char rule[] = "ext 1, 6, 7 (dates) must hold a map with year, "
                               "month, day and so on, in range, and no tz but "
                               "UTC";
    unsigned needed = has_time ? TIME_FIELDS : DATE_FIELDS;
    struct date d = {0};

    if (!read_date(p, &d) || (d.seen & needed) != needed || d.year < 1 ||
        d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1 ||
        d.day > days_of(d.year, d.month))
        return rule;
    if (has_time && (d.hour > 23 || d.minute > 59 || d.second > 59 ||
                     d.microsecond > 999999))
        return rule;
    return NULL;
}

/* ---- 2: counters, 3: addresses ---------------------------------------- */

static bool is_int(struct sg_pack *p)
{
    struct sg_pack_head head;

    return sg_pack_next(p, &head) &&
           (head.kind == SG_PACK_UINT || head.kind == SG_PACK_INT);
}

static const char *count_rule(struct sg_pack p)
{
    uint32_t count;

    if (sg_pack_array(&p, &count) && count == 2 && is_int(&p) && is_int(&p))
        return NULL;
    return "ext 2 (counter) must hold an array of two integers";
}

static const char *address_rule(struct sg_pack p)
{
    uint64_t value;

    return sg_pack_uint(&p, &value)
               ? NULL
               : "ext 3 (IP address) must hold an unsigned integer";
}

/* ---- 4, 5: sets ------------------------------------------------------- */

/* Python puts only hashable values into a set: no list, dict, set, and no
 * xmlrpc DateTime. */
static const char *set_rule(struct sg_pack p)
{
    static const char rule[] = "ext 4, 5 (sets) must hold an array without "
                               "arrays, maps, sets (ext 4) or ext 6";
    uint32_t count;

    if (!sg_pack_array(&p, &count))
        return rule;
    while (count-- > 0) {
        struct sg_pack_head head;
        if (!sg_pack_next(&p, &head) || head.kind == SG_PACK_ARRAY ||
            head.kind == SG_PACK_MAP ||
            (head.kind == SG_PACK_EXT && (head.code == 4 || head.code == 6)))
            return rule;
    }
    return NULL;
}

const char *sg_pack_ext_rule(int code, const uint8_t *body, size_t length,
                             unsigned ext_depth)
{
    struct sg_pack p = {body, body + length};
    const char *rule;
    size_t offset;

    if (code < -1)
        return "an ext code must be -1 to 127";
    if (code == -1)
        return timestamp_rule(body, length);
    if (code == 0)
        return uuid_rule(body, length);
    if (code > 7)
        return NULL;
    if (ext_depth == 0)
        return "extensions are nested too deep";
    if (sg_pack_check_inside(body, length, 16, ext_depth - 1, &offset, &rule) !=
        SG_OK)
        return rule;
    switch (code) {
    case 2:
        return count_rule(p);
    case 3:
        return address_rule(p);
    case 4:
    case 5:
        return set_rule(p);
    default:
        return date_rule(p, code != 7);
    }
}
