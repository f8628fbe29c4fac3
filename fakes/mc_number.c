/* SPDX-License-Identifier: Apache-2.0
 * mc_number.c - decimal numbers as memcached reads them.
 */
#include "mc_number.h"

#include <string.h>

struct number {
    uint64_t magnitude;
    bool is_negative;
    bool is_too_large; /* for 64 bits                                        */
};

/* isspace() of the C locale. */
static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(const uint8_t *text, size_t length, size_t i)
{
    return i < length && text[i] >= '0' && text[i] <= '9';
}

static void add_digit(struct number *n, unsigned digit)
{
    if (n->magnitude > (UINT64_MAX - digit) / 10)
        n->is_too_large = true;
    else
        n->magnitude = n->magnitude * 10 + digit;
}

static bool parse(const uint8_t *text, size_t length, struct number *ret)
{
    struct number n = {0};
    size_t i = 0;

    while (i < length && is_blank(text[i]))
        i++;
    if (i < length && (text[i] == '-' || text[i] == '+'))
        n.is_negative = text[i++] == '-';
    if (!is_digit(text, length, i))
        return false;
    for (; is_digit(text, length, i); i++)
        add_digit(&n, text[i] - '0');
    if (i < length && text[i] != '\0' && !is_blank(text[i]))
        return false;
    *ret = n;
    return true;
}

bool fake_mc_number_u64(const void *text, size_t length, uint64_t *ret)
{
    struct number n;

    if (!parse(text, length, &n) || n.is_too_large)
        return false;
    uint64_t value = n.is_negative ? 0 - n.magnitude : n.magnitude;
    /* The server looks for the sign anywhere in the text. */
    if (value > INT64_MAX && memchr(text, '-', length) != NULL)
        return false;
    *ret = value;
    return true;
}

bool fake_mc_number_u32(const void *text, size_t length, uint32_t *ret)
{
    uint64_t value;

    if (!fake_mc_number_u64(text, length, &value))
        return false;
    *ret = (uint32_t)value;
    return true;
}

bool fake_mc_number_i32(const void *text, size_t length, int32_t *ret)
{
    struct number n;

    if (!parse(text, length, &n) || n.is_too_large ||
        n.magnitude > (uint64_t)INT64_MAX + (n.is_negative ? 1 : 0))
        return false;
    uint32_t low = (uint32_t)(n.is_negative ? 0 - n.magnitude : n.magnitude);
    *ret = (int32_t)low;
    return true;
}
