/* SPDX-License-Identifier: Apache-2.0
 * mc_make.c - scripts for memcached, by chance.
 *
 * Every op lies 200 to 300 ms after a tick of the server's one-second clock:
 * its timer drifts, and what is compared must be certain. So waits are whole
 * seconds, and the place within the second moves once in a while. All scripts
 * of a length wait as long in sum, as they run side by side. What would touch
 * other scripts on the same server (flush_all, stats) is not here.
 */
#include "mc.h"

#include <stdio.h>
#include <string.h>

/* Where in the second: there, or so much later. */
#define STEP_MS 100
/* One op in so many has bytes cut in two, or others behind it. */
#define RARELY_SPLIT 7
#define RARELY_PIPED 6

const char *parity_mc_make_exptime(struct parity_dice *dice, char out[32],
                                   bool is_binary)
{
    /* 30 days are the last that count from now. */
    static const char *const odd[] = {"-1",         "2592000",    "2592001",
                                      "1000000000", "2147483647", "-2147483648",
                                      "-3600",      NULL};
    int seconds;

    switch (parity_dice_below(dice, 10)) {
    case 0:
    case 1:
    case 2:
        return "0";
    case 3:
        return parity_dice_pick(dice, odd);
    case 4:
        seconds = (int)parity_dice_below(dice, 7) - 2;
        snprintf(out, 32, is_binary ? "unix%+d" : "{unix %+d}", seconds);
        return out;
    default:
        snprintf(out, 32, "%u", 1 + parity_dice_below(dice, 4));
        return out;
    }
}

/* A quarter of the ops waits; one in four of these waits a second more. */
struct waits {
    size_t ops, waits, longer; /* still to come                              */
    bool is_stepped;
};

static bool is_chosen(struct parity_dice *dice, size_t of, size_t from)
{
    return parity_dice_below(dice, (unsigned)from) < of;
}

static int64_t next_wait(struct parity_dice *dice, struct waits *w)
{
    bool was_stepped = w->is_stepped;
    int64_t wait_ms = 1000;

    if (!is_chosen(dice, w->waits, w->ops--))
        return 0;
    if (is_chosen(dice, w->longer, w->waits--)) {
        w->longer--;
        wait_ms += 1000;
    }
    if (parity_dice_one_in(dice, 4))
        w->is_stepped = !was_stepped;
    return wait_ms + ((int64_t)w->is_stepped - was_stepped) * STEP_MS;
}

void parity_mc_generate(struct parity_dice *dice, struct parity_script *script,
                        size_t n_ops)
{
    int n_conns = 1 + (int)parity_dice_below(dice, 2);
    int first_binary = (int)parity_dice_below(dice, 3);
    struct waits waits = {n_ops, n_ops / 4, n_ops / 16, false};

    for (size_t i = 0; i < n_ops; i++) {
        int64_t wait_ms = next_wait(dice, &waits);
        int conn = (int)parity_dice_below(dice, (unsigned)n_conns);
        struct parity_bytes text = {0};
        size_t split = 0;
        do {
            if (conn >= first_binary)
                parity_mc_make_binary(dice, &text);
            else
                parity_mc_make_text(dice, &text);
        } while (parity_dice_one_in(dice, RARELY_PIPED));
        if (parity_dice_one_in(dice, RARELY_SPLIT))
            split = 1 + parity_dice_below(dice, 60);
        parity_bytes_add(&text, "", 1);
        script->is_short |= text.is_short;
        if (!text.is_short)
            parity_script_add(script, wait_ms, conn, split, "%s",
                              (const char *)text.at);
        parity_bytes_free(&text);
    }
}
