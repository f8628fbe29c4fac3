/* SPDX-License-Identifier: Apache-2.0
 * mc_escape.h - keys and values as printable text, for trace and dump.
 */
#ifndef FAKE_MC_ESCAPE_H
#define FAKE_MC_ESCAPE_H

#include <stddef.h>

/* Room for `length` bytes escaped, with the final NUL. */
#define FAKE_MC_ESCAPED(length) (4 * (length) + 1)

/* Letters, digits and signs as they are; backslash and anything that is not
 * a printable character, and the blank, as \xNN. Returns the length. */
size_t fake_mc_escape(const void *bytes, size_t length, char *out);

#endif
