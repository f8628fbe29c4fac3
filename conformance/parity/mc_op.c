/* SPDX-License-Identifier: Apache-2.0
 * mc_op.c - the text of an op of memcached, made into bytes.
 */
#include "mc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LETTERS (4 * 1024 * 1024)

/* A word of a directive, which lies within [at, at + length). */
struct word {
    const char *at;
    size_t length;
};

static struct word next_word(const char **at, const char *end)
{
    struct word word;

    while (*at < end && **at == ' ')
        ++*at;
    word.at = *at;
    while (*at < end && **at != ' ')
        ++*at;
    word.length = (size_t)(*at - word.at);
    return word;
}

/* Decimal, with a sign if it may have one. */
static bool read_number(struct word word, bool may_be_negative, uint64_t *ret)
{
    bool is_negative = false;
    uint64_t value = 0;
    size_t i = 0;

    if (may_be_negative && word.length > 0 &&
        (word.at[0] == '-' || word.at[0] == '+'))
        is_negative = word.at[i++] == '-';
    if (i == word.length)
        return false;
    for (; i < word.length; i++) {
        unsigned digit = (unsigned)(word.at[i] - '0');
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = is_negative ? 0 - value : value;
    return true;
}

static int add_letters(struct word word, struct parity_bytes *out)
{
    char letters[256];
    uint64_t n;

    if (!read_number(word, false, &n) || n > MOST_LETTERS)
        return -EINVAL;
    memset(letters, 'x', sizeof letters);
    for (; n > sizeof letters; n -= sizeof letters)
        parity_bytes_add(out, letters, sizeof letters);
    parity_bytes_add(out, letters, (size_t)n);
    return 0;
}

/* ---- binary requests -------------------------------------------------- */

/* -, bytes, or *N */
static int add_field(const struct parity_run *run, struct word word,
                     struct parity_bytes *out)
{
    if (word.length == 1 && word.at[0] == '-')
        return 0;
    if (word.length > 1 && word.at[0] == '*')
        return add_letters((struct word){word.at + 1, word.length - 1}, out);
    return parity_unescape(word.at, word.length, run->prefix, out);
}

static bool read_extra(const struct parity_run *run, struct word word,
                       uint64_t *ret)
{
    if (word.length <= 4 || memcmp(word.at, "unix", 4) != 0)
        return read_number(word, true, ret);
    if (!read_number((struct word){word.at + 4, word.length - 4}, true, ret))
        return false;
    *ret += (uint64_t)parity_mc_unix(run);
    return true;
}

/* - or WIDTH:NUMBER,... */
static int add_extras(const struct parity_run *run, struct word word,
                      struct parity_bytes *out)
{
    const char *at = word.at, *end = word.at + word.length;

    if (word.length == 1 && *at == '-')
        return 0;
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma == NULL ? end : comma;
        struct word number = {at + 2, (size_t)(stop - at) - 2};
        uint64_t value;
        if (stop - at < 3 || at[1] != ':' || at[0] < '1' || at[0] > '8' ||
            !read_extra(run, number, &value))
            return -EINVAL;
        parity_bytes_big(out, value, (size_t)(at[0] - '0'));
        at = comma == NULL ? end : comma + 1;
    }
    return 0;
}

static int read_cas(const struct parity_run *run, struct word word,
                    uint64_t *ret)
{
    const struct parity_mc *mc = run->own;
    bool is_rank = word.length > 0 && word.at[0] == '#';

    if (is_rank) {
        word.at++;
        word.length--;
    }
    if (!read_number(word, false, ret))
        return -EINVAL;
    if (is_rank)
        *ret = parity_rank_value(&mc->ranks, (size_t)*ret, 0);
    return 0;
}

static bool read_opcode(struct word word, uint64_t *ret)
{
    char text[3] = {0}, *end;

    if (word.length == 0 || word.length > 2)
        return false;
    memcpy(text, word.at, word.length);
    *ret = strtoul(text, &end, 16);
    return *end == '\0';
}

/* OPCODE EXTRAS KEY VALUE CAS */
static int add_binary(struct parity_run *run, int conn, const char *at,
                      const char *end, struct parity_bytes *out)
{
    struct parity_mc *mc = run->own;
    struct parity_bytes extras = {0}, key = {0}, value = {0};
    uint64_t opcode, cas = 0;
    int err = -EINVAL;

    if (!read_opcode(next_word(&at, end), &opcode))
        return -EINVAL;
    if (add_extras(run, next_word(&at, end), &extras) == 0 &&
        add_field(run, next_word(&at, end), &key) == 0 &&
        add_field(run, next_word(&at, end), &value) == 0 &&
        read_cas(run, next_word(&at, end), &cas) == 0 && at == end)
        err = 0;
    parity_bytes_big(out, 0x80, 1);
    parity_bytes_big(out, opcode, 1);
    parity_bytes_big(out, key.length, 2);
    parity_bytes_big(out, extras.length, 1);
    parity_bytes_big(out, 0, 3);
    parity_bytes_big(out, extras.length + key.length + value.length, 4);
    parity_bytes_big(out, ++mc->conns[conn].requests, 4);
    parity_bytes_big(out, cas, 8);
    parity_bytes_add(out, extras.at, extras.length);
    parity_bytes_add(out, key.at, key.length);
    parity_bytes_add(out, value.at, value.length);
    out->is_short |= extras.is_short || key.is_short || value.is_short;
    parity_bytes_free(&extras);
    parity_bytes_free(&key);
    parity_bytes_free(&value);
    return err;
}

/* ---- the whole -------------------------------------------------------- */

/* What stands between braces. */
static int add_directive(struct parity_run *run, int conn, const char *at,
                         const char *end, struct parity_bytes *out)
{
    const struct parity_mc *mc = run->own;
    struct word name = next_word(&at, end);
    uint64_t number;

    if (name.length == 1 && name.at[0] == 'b')
        return add_binary(run, conn, at, end, out);
    struct word word = next_word(&at, end);
    if (at != end)
        return -EINVAL;
    if (name.length == 1 && name.at[0] == 'x')
        return add_letters(word, out);
    if (name.length == 3 && memcmp(name.at, "cas", 3) == 0 &&
        read_number(word, false, &number)) {
        number = parity_rank_value(&mc->ranks, (size_t)number, 0);
        parity_bytes_format(out, "%llu", (unsigned long long)number);
        return 0;
    }
    if (name.length == 4 && memcmp(name.at, "unix", 4) == 0 &&
        read_number(word, true, &number)) {
        number += (uint64_t)parity_mc_unix(run);
        parity_bytes_format(out, "%lld", (long long)number);
        return 0;
    }
    return -EINVAL;
}

void parity_mc_ask(struct parity_run *run, int conn, struct parity_bytes *out)
{
    struct parity_mc *mc = run->own;
    struct parity_mc_conn *c = &mc->conns[conn];

    c->awaited++;
    if (!c->is_binary) {
        parity_bytes_format(out, "get %s!\r\n", run->prefix);
        return;
    }
    parity_bytes_add(out, "\x80\x0a\0\0\0\0\0\0\0\0\0", 12);
    parity_bytes_big(out, PARITY_MC_QUESTION | c->questions++, 4);
    parity_bytes_big(out, 0, 8);
}

int parity_mc_encode(struct parity_run *run, int conn, const char *text,
                     struct parity_bytes *out)
{
    int err = 0;

    while (*text != '\0' && err == 0) {
        size_t n = strcspn(text, "{");
        err = parity_unescape(text, n, run->prefix, out);
        text += n;
        if (*text == '\0' || err != 0)
            break;
        const char *end = strchr(text, '}');
        if (end == NULL)
            return -EINVAL;
        err = add_directive(run, conn, text + 1, end, out);
        text = end + 1;
    }
    if (err == 0)
        parity_mc_ask(run, conn, out);
    return err;
}
