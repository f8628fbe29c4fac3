/* SPDX-License-Identifier: Apache-2.0
 * mc_make_binary.c - requests of memcached's binary protocol, by chance.
 */
#include "mc.h"

#include <stdio.h>
#include <string.h>

static const char *key(struct parity_dice *dice)
{
    static const char *const keys[] = {"~a", "~a", "~b", "~c", "~d", NULL};

    return parity_dice_pick(dice, keys);
}

static const char *make_cas(struct parity_dice *dice, char out[16])
{
    if (!parity_dice_one_in(dice, 3))
        return "0";
    snprintf(out, 16, "#%u", 1 + parity_dice_below(dice, 12));
    return out;
}

static void add_store(struct parity_dice *dice, struct parity_bytes *out)
{
    static const char *const opcodes[] = {"01", "01", "02", "03",
                                          "11", "12", "13", NULL};
    static const char *const joins[] = {"0e", "0f", "19", "1a", NULL};
    static const char *const values[] = {
        "0",      "1",        "9",  "18446744073709551615",
        "-",      "*70",      "1x", "10",
        "*16000", "a\\r\\nb", NULL};
    static const char *const flags[] = {"0", "1", "4294967295", NULL};
    char exptime[32], cas[16];

    if (parity_dice_one_in(dice, 4))
        parity_bytes_format(
            out, "{b %s - %s %s %s}", parity_dice_pick(dice, joins), key(dice),
            parity_dice_pick(dice, values), make_cas(dice, cas));
    else
        parity_bytes_format(
            out, "{b %s 4:%s,4:%s %s %s %s}", parity_dice_pick(dice, opcodes),
            parity_dice_pick(dice, flags),
            parity_mc_make_exptime(dice, exptime, true), key(dice),
            parity_dice_pick(dice, values), make_cas(dice, cas));
}

static void add_get(struct parity_dice *dice, struct parity_bytes *out)
{
    static const char *const gets[] = {"00", "09", "0c", "0d", NULL};
    static const char *const touches[] = {"1c", "1d", "1e", "23", "24", NULL};
    char exptime[32];

    if (parity_dice_one_in(dice, 3))
        parity_bytes_format(
            out, "{b %s 4:%s %s - 0}", parity_dice_pick(dice, touches),
            parity_mc_make_exptime(dice, exptime, true), key(dice));
    else
        parity_bytes_format(out, "{b %s - %s - 0}",
                            parity_dice_pick(dice, gets), key(dice));
}

static void add_delta(struct parity_dice *dice, struct parity_bytes *out)
{
    static const char *const opcodes[] = {"05", "06", "15", "16", NULL};
    static const char *const deltas[] = {
        "1", "1", "2", "0", "18446744073709551615", NULL};
    static const char *const initials[] = {"0", "5", "18446744073709551615",
                                           NULL};
    char exptime[32], cas[16];
    bool may_make = !parity_dice_one_in(dice, 3);

    parity_bytes_format(
        out, "{b %s 8:%s,8:%s,4:%s %s - %s}", parity_dice_pick(dice, opcodes),
        parity_dice_pick(dice, deltas), parity_dice_pick(dice, initials),
        may_make ? parity_mc_make_exptime(dice, exptime, true) : "4294967295",
        key(dice), make_cas(dice, cas));
}

static void add_small(struct parity_dice *dice, struct parity_bytes *out)
{
    static const char *const others[] = {"0a", "0b", NULL};
    char cas[16];

    if (parity_dice_one_in(dice, 4))
        parity_bytes_format(out, "{b %s - - - 0}",
                            parity_dice_pick(dice, others));
    else
        parity_bytes_format(out, "{b %s - %s - %s}",
                            parity_dice_one_in(dice, 4) ? "14" : "04",
                            key(dice), make_cas(dice, cas));
}

/* Wrongly made requests; after most the server closes. Of what it does not
 * know it skips more than there is: digits make that good. */
static void add_bad(struct parity_dice *dice, struct parity_bytes *out)
{
    static const char *const packets[] = {
        "{b 00 - - - 0}",
        "{b 00 4:0 ~a - 0}",
        "{b 00 - ~a x 0}",
        "{b 00 - *250 - 0}",
        "{b 00 - *251 - 0}",
        "{b 01 - ~a x 0}",
        "{b 01 4:0 ~a x 0}",
        "{b 01 4:0,4:0 - x 0}",
        "{b 01 4:0,4:0 *251 x 0}",
        "{b 01 4:0,4:0 ~a *1048577 0}",
        "{b 12 4:0,4:0 ~a *1048577 0}",
        "{b 01 4:0,4:0 ~a *600000 0}",
        "{b 01 4:0,4:0 ~a 1 99}",
        "{b 02 4:0,4:0 ~a 1 99}",
        "{b 04 4:0 ~a - 0}",
        "{b 04 - ~a x 0}",
        "{b 04 - - - 0}",
        "{b 05 - ~a - 0}",
        "{b 05 8:1,8:1,4:0 - - 0}",
        "{b 05 8:1,8:1,4:0 ~a x 0}",
        "{b 0a - ~a - 0}",
        "{b 0a 1:0 - - 0}",
        "{b 0b - ~a - 0}",
        "{b 0e 4:0,4:0 ~a x 0}",
        "{b 0e - - x 0}",
        "{b 1c - ~a - 0}",
        "{b 1c 4:0 ~a x 0}",
        "{b 1d 4:0 - - 0}",
        "{b 1b - - - 0}",
        "{b 30 - - - 0}",
        "{b 30 - ~a - 0}123456789",
        "{b 30 4:0 ~a xyz 0}1234567890123",
        "{b 07 - - - 0}",
        "{b 17 - - - 0}",
        "{b 07 - ~a - 0}",
        "{b 20 - - - 0}",
        "\\x81\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
        "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00",
        "\\x80\\x00\\x00\\x09\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x00"
        "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00ab",
        NULL};

    parity_bytes_text(out, parity_dice_pick(dice, packets));
}

void parity_mc_make_binary(struct parity_dice *dice, struct parity_bytes *out)
{
    unsigned n = parity_dice_below(dice, 100);

    if (n < 32)
        add_store(dice, out);
    else if (n < 62)
        add_get(dice, out);
    else if (n < 80)
        add_delta(dice, out);
    else if (n < 94)
        add_small(dice, out);
    else
        add_bad(dice, out);
}
