/* SPDX-License-Identifier: Apache-2.0
 * redis_span.c - questions about a run of bytes: same, integer, pattern.
 */
#include "redis_resp.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct redis_span fake_redis_span(const char *text)
{
    return (struct redis_span){(const uint8_t *)text, strlen(text)};
}

bool fake_redis_span_is(struct redis_span span, const char *text)
{
    return span.length == strlen(text) &&
           (span.length == 0 ||
            strncasecmp((const char *)span.at, text, span.length) == 0);
}

bool fake_redis_span_equal(struct redis_span a, struct redis_span b)
{
    return a.length == b.length &&
           (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

int fake_redis_span_compare(struct redis_span a, struct redis_span b)
{
    size_t least = a.length < b.length ? a.length : b.length;
    int order = least == 0 ? 0 : memcmp(a.at, b.at, least);
    if (order != 0)
        return order;
    return a.length < b.length ? -1 : a.length > b.length;
}

bool fake_redis_span_integer(struct redis_span span, int64_t *ret_value)
{
    bool is_negative = span.length > 0 && span.at[0] == '-';
    size_t at = is_negative ? 1 : 0;
    int64_t value = 0;

    if (span.length == 1 && span.at[0] == '0') {
        *ret_value = 0;
        return true;
    }
    if (at == span.length || span.at[at] == '0')
        return false;
    /* Counted below zero, where there is one number more. */
    for (; at < span.length; at++) {
        if (span.at[at] < '0' || span.at[at] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, span.at[at] - '0', &value))
            return false;
    }
    if (!is_negative && __builtin_sub_overflow(0, value, &value))
        return false;
    *ret_value = value;
    return true;
}

/* One [class] at pattern[*at]; leaves *at behind it. An unclosed class ends
 * with the pattern, as in the server (util.c, stringmatchlen). */
static bool class_matches(struct redis_span pattern, size_t *at, uint8_t byte)
{
    size_t i = *at + 1;
    bool is_inverted = i < pattern.length && pattern.at[i] == '^';
    bool is_in = false;

    if (is_inverted)
        i++;
    for (; i < pattern.length && pattern.at[i] != ']'; i++) {
        if (pattern.at[i] == '\\' && i + 1 < pattern.length) {
            i++;
            is_in = is_in || pattern.at[i] == byte;
        } else if (i + 2 < pattern.length && pattern.at[i + 1] == '-') {
            uint8_t low = pattern.at[i], high = pattern.at[i + 2];
            if (low > high) {
                uint8_t keep = low;
                low = high;
                high = keep;
            }
            is_in = is_in || (byte >= low && byte <= high);
            i += 2;
        } else {
            is_in = is_in || pattern.at[i] == byte;
        }
    }
    *at = i < pattern.length ? i + 1 : i;
    return is_in != is_inverted;
}

static bool one_matches(struct redis_span pattern, size_t *at, uint8_t byte)
{
    switch (pattern.at[*at]) {
    case '?':
        ++*at;
        return true;
    case '[':
        return class_matches(pattern, at, byte);
    case '\\':
        if (*at + 1 < pattern.length)
            ++*at;
        break;
    default:
        break;
    }
    return pattern.at[(*at)++] == byte;
}

bool fake_redis_span_matches(struct redis_span span, struct redis_span pattern)
{
    size_t at = 0, in = 0, star = SIZE_MAX, star_in = 0;

    /* Only the latest star need ever be tried again, so this is no worse
     * than length times length. */
    while (in < span.length) {
        if (at < pattern.length && pattern.at[at] == '*') {
            star = ++at;
            star_in = in;
        } else if (at < pattern.length &&
                   one_matches(pattern, &at, span.at[in])) {
            in++;
        } else if (star != SIZE_MAX) {
            at = star;
            in = ++star_in;
        } else {
            return false;
        }
    }
    while (at < pattern.length && pattern.at[at] == '*')
        at++;
    return at == pattern.length;
}
