/* SPDX-License-Identifier: Apache-2.0
 * redis_value.c - answers of Redis's protocol (RESP2) as values.
 */
#include "redis_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEEPEST 8
#define MOST_ITEMS (1 << 20)
#define LONGEST (64 << 20)

/* ---- lines ------------------------------------------------------------ */

/* Length of the line that begins here, with its end; 0: not whole. */
static size_t line_of(const uint8_t *bytes, size_t length)
{
    const uint8_t *end = memchr(bytes, '\n', length);
    return end == NULL ? 0 : (size_t)(end - bytes) + 1;
}

/* The number of a line such as ":-12\r\n". */
static bool number_of(const uint8_t *line, size_t length, int64_t *ret)
{
    bool is_negative = length > 3 && line[1] == '-';
    size_t at = is_negative ? 2 : 1;
    int64_t value = 0;

    if (length < at + 3 || line[length - 2] != '\r')
        return false;
    /* Counted below zero, where there is one number more. */
    for (; at < length - 2; at++)
        if (line[at] < '0' || line[at] > '9' ||
            __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, line[at] - '0', &value))
            return false;
    if (!is_negative && __builtin_sub_overflow(0, value, &value))
        return false;
    *ret = value;
    return true;
}

/* ---- how long --------------------------------------------------------- */

static ssize_t measure(const uint8_t *bytes, size_t length, int depth)
{
    size_t line = length == 0 ? 0 : line_of(bytes, length);
    int64_t number = 0;

    if (length > 0 && memchr("+-:$*", bytes[0], 5) == NULL)
        return -EPROTO;
    if (line == 0)
        return length > LONGEST ? -EPROTO : 0;
    if (line < 3 || bytes[line - 2] != '\r')
        return -EPROTO;
    if (bytes[0] == '+' || bytes[0] == '-')
        return (ssize_t)line;
    if (!number_of(bytes, line, &number))
        return -EPROTO;
    if (bytes[0] == ':' || number == -1)
        return (ssize_t)line;
    if (number < 0 || number > (bytes[0] == '$' ? LONGEST : MOST_ITEMS))
        return -EPROTO;
    if (bytes[0] == '$') {
        size_t whole = line + (size_t)number + 2;
        if (length >= whole && memcmp(bytes + whole - 2, "\r\n", 2) != 0)
            return -EPROTO;
        return length >= whole ? (ssize_t)whole : 0;
    }
    if (depth == DEEPEST)
        return -EPROTO;
    for (int64_t i = 0; i < number; i++) {
        ssize_t one = measure(bytes + line, length - line, depth + 1);
        if (one <= 0)
            return one;
        line += (size_t)one;
    }
    return (ssize_t)line;
}

ssize_t parity_redis_measure(const uint8_t *bytes, size_t length)
{
    return measure(bytes, length, 0);
}

/* ---- reading ---------------------------------------------------------- */

/* Only of what has been measured. Returns its length; 0: out of memory. */
static size_t read_value(const uint8_t *bytes, size_t length,
                         struct redis_value *ret)
{
    size_t line = line_of(bytes, length);

    *ret = (struct redis_value){
        .kind = (char)bytes[0], .at = bytes + 1, .length = line - 3};
    if (bytes[0] == '+' || bytes[0] == '-')
        return line;
    (void)number_of(bytes, line, &ret->number);
    if (bytes[0] == ':')
        return line;
    if (ret->number < 0) {
        ret->kind = bytes[0] == '$' ? '_' : '0';
        return line;
    }
    if (bytes[0] == '$') {
        ret->at = bytes + line;
        ret->length = (size_t)ret->number;
        return line + ret->length + 2;
    }
    if (ret->number == 0)
        return line;
    ret->items = calloc((size_t)ret->number, sizeof *ret->items);
    if (ret->items == NULL)
        return 0;
    while (ret->count < (size_t)ret->number) {
        size_t one =
            read_value(bytes + line, length - line, &ret->items[ret->count]);
        ret->count++;
        if (one == 0)
            return 0;
        line += one;
    }
    return line;
}

bool parity_redis_read(const uint8_t *bytes, size_t length,
                       struct redis_value *ret_value)
{
    if (read_value(bytes, length, ret_value) > 0)
        return true;
    parity_redis_value_free(ret_value);
    return false;
}

void parity_redis_value_free(struct redis_value *value)
{
    for (size_t i = 0; i < value->count; i++)
        parity_redis_value_free(&value->items[i]);
    free(value->items);
    *value = (struct redis_value){0};
}

bool parity_redis_is(const struct redis_value *value, const char *text)
{
    return value->kind != ':' && value->kind != '*' && value->kind != '_' &&
           value->kind != '0' && value->length == strlen(text) &&
           memcmp(value->at, text, value->length) == 0;
}
