/* SPDX-License-Identifier: Apache-2.0
 * pickle_number.c - numbers as pickles and memcached values spell them.
 *
 * What Python 3.11 takes was seen with its pickle and its int(). No strtod():
 * the point is a comma in the locale of some applications.
 */
#include "pickle.h"

#include <string.h>

#define FOREVER (INT64_MAX / 4)

static int64_t scaled(double value)
{
    double millionths = value * 1e6;

    if (!(millionths < (double)FOREVER)) /* nan, too: nothing is later */
        return FOREVER;
    return millionths < -(double)FOREVER ? -FOREVER : (int64_t)millionths;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool takes_sign(const uint8_t *line, size_t length, size_t *i)
{
    if (*i == length || (line[*i] != '-' && line[*i] != '+'))
        return false;
    return line[(*i)++] == '-';
}

/* ---- float ------------------------------------------------------------ */

static bool is_endless(const uint8_t *at, size_t length)
{
    static const char *const words[] = {"inf", "infinity", "nan"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (length == strlen(words[i]) &&
            strncasecmp((const char *)at, words[i], length) == 0)
            return true;
    return false;
}

/* Digits from *i on are added to *value; how many there were. */
static size_t digits(const uint8_t *line, size_t length, size_t *i,
                     double *value)
{
    size_t first = *i;

    for (; *i < length && is_digit(line[*i]); ++*i)
        *value = *value * 10 + (line[*i] - '0');
    return *i - first;
}

/* *value times ten to the power that is written behind an e. */
static bool raise(const uint8_t *line, size_t length, size_t *i, double *value)
{
    bool is_negative;
    double exponent = 0;

    if (*i == length || (line[*i] | 0x20) != 'e')
        return true;
    ++*i;
    is_negative = takes_sign(line, length, i);
    if (digits(line, length, i, &exponent) == 0)
        return false;
    for (int n = exponent > 1000 ? 1000 : (int)exponent; n > 0; n--)
        *value = is_negative ? *value / 10 : *value * 10;
    return true;
}

/* Neither blanks nor underscores; Python looks at no more than a C string. */
bool sg_pickle_float(const uint8_t *line, size_t length,
                     int64_t *ret_millionths)
{
    double value = 0, fraction = 0;
    size_t i = 0, n, behind = 0;
    bool is_negative;

    length = strnlen((const char *)line, length);
    is_negative = takes_sign(line, length, &i);
    if (is_endless(line + i, length - i)) {
        *ret_millionths = is_negative ? -FOREVER : FOREVER;
        return true;
    }
    n = digits(line, length, &i, &value);
    if (i < length && line[i] == '.') {
        i++;
        behind = digits(line, length, &i, &fraction);
    }
    for (size_t k = 0; k < behind; k++)
        fraction /= 10;
    value += fraction;
    if (n + behind == 0 || !raise(line, length, &i, &value) || i != length)
        return false;
    *ret_millionths = scaled(is_negative ? -value : value);
    return true;
}

/* ---- int -------------------------------------------------------------- */

static int digit_of(uint8_t c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* The base that a prefix names, and whether there is one. */
static int prefix(const uint8_t *at, size_t left)
{
    if (left < 2 || at[0] != '0')
        return 10;
    switch (at[1] | 0x20) {
    case 'x':
        return 16;
    case 'o':
        return 8;
    case 'b':
        return 2;
    default:
        return 10;
    }
}

bool sg_pickle_integer(const uint8_t *line, size_t length, int base,
                       int64_t *ret_millionths)
{
    bool is_negative, is_free = base != 0, has_digit = false, was_line = true;
    double value = 0;
    size_t i = 0;

    while (length > 0 && is_space(line[length - 1]))
        length--;
    while (i < length && is_space(line[i]))
        i++;
    is_negative = takes_sign(line, length, &i);
    if (base == 0) {
        base = prefix(line + i, length - i);
        is_free = base != 10 || i == length || line[i] != '0';
        i += base != 10 ? 2 : 0;
        was_line = base == 10; /* one may follow a prefix */
    }
    for (; i < length; i++) {
        int digit = digit_of(line[i]);
        if (line[i] == '_' && !(was_line && !has_digit) &&
            !(has_digit && was_line)) {
            was_line = true;
            continue;
        }
        if (digit >= base || (digit > 0 && !is_free))
            return false; /* 010 is neither eight nor ten */
        value = value * base + digit;
        has_digit = true;
        was_line = false;
    }
    if (!has_digit || was_line)
        return false;
    *ret_millionths = scaled(is_negative ? -value : value);
    return true;
}
