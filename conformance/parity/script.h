/* SPDX-License-Identifier: Apache-2.0
 * script.h - scripts as text: read, written, copied in part.
 *
 *     # comments
 *     protocol memcached
 *     NAME VALUE                    options
 *     [+MS] cN [split=K] TEXT       ops
 *
 * Comments stand on lines of their own. After the first op there are no more
 * options.
 */
#ifndef PARITY_SCRIPT_H
#define PARITY_SCRIPT_H

#include "parity.h"

#include <stdio.h>

/* The name of the protocol is its option "protocol". -EINVAL: not a script,
 * *ret_line is the line at fault; -ENOMEM. The script is empty on failure. */
int parity_script_parse(const char *text, struct parity_script *ret_script,
                        size_t *ret_line);
void parity_script_print(const struct parity_script *script, FILE *out);
void parity_script_free(struct parity_script *script); /* NULL allowed      */

/* The text of an option, up to its line's end; NULL: none. */
const char *parity_script_text(const struct parity_script *script,
                               const char *name, size_t *ret_length);

/* The ops that keep[i] says, with the waits of those left out added to the
 * next one kept. */
void parity_script_part(const struct parity_script *script, const bool *keep,
                        struct parity_script *ret_part);

#endif
