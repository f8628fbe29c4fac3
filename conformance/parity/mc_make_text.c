/* SPDX-License-Identifier: Apache-2.0
 * mc_make_text.c - requests of memcached's text protocol, by chance.
 */
#include "mc.h"

#include <stdio.h>
#include <string.h>

#define END "\\r\\n"

static const char *const keys[] = {"~a", "~a", "~b", "~c", "~d", NULL};
/* With the prefix of 8 letters: the longest key there may be, and one more. */
static const char *const odd_keys[] = {"~{x 242}", "~{x 243}", NULL};

static const char *key(struct parity_dice *dice)
{
    return parity_dice_one_in(dice, 40) ? parity_dice_pick(dice, odd_keys)
                                        : parity_dice_pick(dice, keys);
}

static const char *noreply(struct parity_dice *dice)
{
    return parity_dice_one_in(dice, 10) ? " noreply" : "";
}

/* A value, as a script writes it, and its length. */
static void make_value(struct parity_dice *dice, char out[128],
                       size_t *ret_bytes)
{
    /* What counts as a number, nearly, and where counting wraps. No sign: from
     * 2^63 on the server looks for one behind the value too, in what the
     * memory held before (strchr() in safe_strtoull() of 1.6.18). */
    static const char *const numbers[] = {"0",
                                          "1",
                                          "9",
                                          "10",
                                          "99",
                                          "00",
                                          " 5",
                                          "5 ",
                                          "+7",
                                          "1x",
                                          "18446744073709551615",
                                          "0x10",
                                          "3 4",
                                          "18446744073709551616",
                                          "9223372036854775808",
                                          NULL};
    static const unsigned sizes[] = {65,     1000,   16000,   60000,
                                     500000, 524200, 1048300, 1048576};
    const char *text = parity_dice_pick(dice, numbers);
    unsigned n;

    switch (parity_dice_below(dice, 8)) {
    case 0:
        n = parity_dice_below(dice, 30);
        break;
    case 1:
        /* Large ones are few: the server has 64 MiB for all scripts. */
        n = sizes[parity_dice_below(dice,
                                    parity_dice_one_in(dice, 30) ? 8 : 3)];
        break;
    case 2:
        snprintf(out, 128, "a\\r\\nb\\x00\\xff");
        *ret_bytes = 6;
        return;
    default:
        snprintf(out, 128, "%s", text);
        *ret_bytes = strlen(text);
        return;
    }
    snprintf(out, 128, "{x %u}", n);
    *ret_bytes = n;
}

static const char *make_flags(struct parity_dice *dice, char out[16])
{
    static const char *const odd[] = {"1",  "4294967295", "4294967296",
                                      "-1", "2147483648", NULL};

    if (parity_dice_one_in(dice, 6))
        return parity_dice_pick(dice, odd);
    snprintf(out, 16, "%u", parity_dice_below(dice, 3));
    return out;
}

static void add_store(struct parity_dice *dice, struct parity_bytes *out)
{
    static const char *const verbs[] = {"set",     "set",    "add",
                                        "replace", "append", "prepend",
                                        "cas",     "cas",    NULL};
    const char *verb = parity_dice_pick(dice, verbs);
    char value[128], flags[16], exptime[32], cas[32] = "";
    size_t value_bytes;

    make_value(dice, value, &value_bytes);
    if (strcmp(verb, "cas") == 0)
        snprintf(cas, sizeof cas, " {cas %u}", 1 + parity_dice_below(dice, 12));
    parity_bytes_format(out, "%s %s %s %s %zu%s%s" END "%s" END, verb,
                        key(dice), make_flags(dice, flags),
                        parity_mc_make_exptime(dice, exptime, false),
                        value_bytes, cas, noreply(dice), value);
}

static void add_get(struct parity_dice *dice, struct parity_bytes *out)
{
    bool has_cas = !parity_dice_one_in(dice, 3);
    char exptime[32];

    if (parity_dice_one_in(dice, 4))
        parity_bytes_format(out, "gat%s %s", has_cas ? "s" : "",
                            parity_mc_make_exptime(dice, exptime, false));
    else
        parity_bytes_format(out, "get%s", has_cas ? "s" : "");
    do
        parity_bytes_format(out, " %s", key(dice));
    while (parity_dice_one_in(dice, 3));
    parity_bytes_text(out, END);
}

static void add_delta(struct parity_dice *dice, struct parity_bytes *out)
{
    static const char *const deltas[] = {
        "1", "1", "2", "10", "0", "18446744073709551615", "9223372036854775808",
        NULL};

    parity_bytes_format(
        out, "%s %s %s%s" END, parity_dice_one_in(dice, 2) ? "incr" : "decr",
        key(dice), parity_dice_pick(dice, deltas), noreply(dice));
}

static void add_small(struct parity_dice *dice, struct parity_bytes *out)
{
    char exptime[32];

    switch (parity_dice_below(dice, 5)) {
    case 0:
        parity_bytes_text(out, "version" END);
        break;
    case 1:
    case 2:
        parity_bytes_format(out, "delete %s%s" END, key(dice), noreply(dice));
        break;
    default:
        parity_bytes_format(out, "touch %s %s%s" END, key(dice),
                            parity_mc_make_exptime(dice, exptime, false),
                            noreply(dice));
        break;
    }
}

/* Not among them: a value of blanks alone. The server's incr would read on
 * behind it, in what the memory held before (strtoull in do_add_delta).
 *
 * Whole in the end: nothing after them waits for bytes. */
static void add_bad(struct parity_dice *dice, struct parity_bytes *out)
{
    static const char *const lines[] = {
        "get" END,
        "bget ~a ~b" END,
        "gets" END,
        "gat" END,
        "gat 0" END,
        "gat x ~a" END,
        "gats 1" END,
        "set ~a 0 0" END,
        "set ~a x 0 3" END "abc" END,
        "set ~a 0 x 3" END "abc" END,
        "set ~a 0 0 x" END,
        "set ~a 0 0 -1" END,
        "set ~a 0 0 -2147483648" END,
        "set ~a 0 0 2147483647" END,
        "set ~a 0 0 4294967297" END "a" END,
        "set ~a 0 0 3 bogus" END "abc" END,
        "set ~a 0 0 3 noreply bogus" END "abc" END,
        "set ~a 0 0 3 noreply" END "abcdef" END,
        "set ~a 0 0 5" END "abcdefgh" END,
        "set ~a 0 0 5" END "abcde\\nx",
        "set ~a 0 0 3\\nabc" END,
        "set ~{x 243} 0 0 3" END "abc" END,
        "set ~a 0 99999999999 3" END "abc" END,
        "add ~{x 300} 0 0 3 noreply" END "abc" END,
        "cas ~a 0 0 3" END "abc" END,
        "cas ~a 0 0 3 x" END "abc" END,
        "cas ~a 0 0 3 -1" END "abc" END,
        "cas ~a 0 0 3 0" END "abc" END,
        "cas ~a 0 0 3 99999999999999999999" END "abc" END,
        "incr ~a" END,
        "incr ~a x" END,
        "set ~a 0 0 2" END "-1" END "incr ~a 1" END "delete ~a" END,
        "incr ~a -1" END,
        "decr ~a -1" END,
        "incr ~a 18446744073709551616" END,
        "incr ~a 1 2" END,
        "incr ~a 1 2 3" END,
        "touch ~a" END,
        "touch ~a x" END,
        "touch ~a 1 2" END,
        "touch ~a 99999999999" END,
        "touch ~a 1 noreply x" END,
        "delete ~a 0" END,
        "delete ~a 5" END,
        "delete ~a 0 noreply" END,
        "delete ~a 5 noreply" END,
        "delete ~a noreply 0" END,
        "delete" END,
        "delete ~a 0 0 0" END,
        "flush_all x" END,
        "flush_all x noreply" END,
        "version bogus" END,
        "verbosity" END,
        "verbosity 0" END,
        "verbosity 0 noreply" END,
        "verbosity x" END,
        "" END,
        " " END,
        "\\n",
        "\\r" END,
        "GET ~a" END,
        "get  ~a   ~b " END,
        " get ~a" END,
        "get ~a\\n",
        "get ~a\\r" END,
        "get\\t~a" END,
        "get ~a\\x00 ~b" END,
        "\\x00get ~a" END,
        "\\xff\\xfe" END,
        "noreply" END,
        "get noreply" END,
        "bogus" END,
        "bogus noreply" END,
        "stats bogus" END,
        "get / HTTP/1.0" END,
        "HEAD / HTTP/1.0" END,
        "PUT / HTTP/1.0" END,
        "get ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a ~a "
        "~a ~a ~a ~a ~a ~a ~b" END,
        "touch ~a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 "
        "23 24 25 26 27 28 noreply" END,
        "set ~a 0 0 600000" END "{x 600000}" END,
        "set ~a 0 0 1048577" END "{x 1048577}" END,
        "append ~a 0 0 1048570" END "{x 1048570}" END,
        "quit" END,
        "quit noreply" END,
        "quit bogus" END,
        NULL};

    parity_bytes_text(out, parity_dice_pick(dice, lines));
}

void parity_mc_make_text(struct parity_dice *dice, struct parity_bytes *out)
{
    unsigned n = parity_dice_below(dice, 100);

    if (n < 34)
        add_store(dice, out);
    else if (n < 62)
        add_get(dice, out);
    else if (n < 78)
        add_delta(dice, out);
    else if (n < 92)
        add_small(dice, out);
    else
        add_bad(dice, out);
}
