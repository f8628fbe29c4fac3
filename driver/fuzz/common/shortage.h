/* SPDX-License-Identifier: Apache-2.0
 * shortage.h - memory that ends when an input says so.
 */
#ifndef FUZZ_SHORTAGE_H
#define FUZZ_SHORTAGE_H

#include <stdbool.h>

/* The `nth` allocation of the driver from now on fails, and no other; 0:
 * none does. */
void fuzz_shortage(unsigned nth);
/* A library that is played here says that memory was short. */
void fuzz_shortage_came(void);
/* Has it failed? */
bool fuzz_was_short(void);

#endif
