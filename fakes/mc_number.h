/* SPDX-License-Identifier: Apache-2.0
 * mc_number.h - decimal numbers as memcached reads them.
 *
 * The server reads with strtoull() and friends and then asks only that a
 * blank or the end follows (util.c, safe_strtoull): leading blanks and signs
 * pass, 32-bit values are cut down from 64, and "-1" is refused only because
 * it wraps to a number with the top bit set. All three answer false, and
 * leave the output untouched, when the text is no such number.
 */
#ifndef FAKE_MC_NUMBER_H
#define FAKE_MC_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool fake_mc_number_u64(const void *text, size_t length, uint64_t *ret);
bool fake_mc_number_u32(const void *text, size_t length, uint32_t *ret);
bool fake_mc_number_i32(const void *text, size_t length, int32_t *ret);

#endif
