/* SPDX-License-Identifier: Apache-2.0
 * dice.c - seeded chance, the same on every machine.
 */
#include "parity.h"

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, 2014). */
uint64_t parity_dice_u64(struct parity_dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

unsigned parity_dice_below(struct parity_dice *dice, unsigned n)
{
    return n == 0 ? 0 : (unsigned)(parity_dice_u64(dice) % n);
}

bool parity_dice_one_in(struct parity_dice *dice, unsigned n)
{
    return parity_dice_below(dice, n) == 0;
}

const char *parity_dice_pick(struct parity_dice *dice, const char *const *texts)
{
    unsigned n = 0;

    while (texts[n] != NULL)
        n++;
    return n == 0 ? "" : texts[parity_dice_below(dice, n)];
}
