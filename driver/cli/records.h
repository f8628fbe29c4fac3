/* SPDX-License-Identifier: Apache-2.0
 * records.h - which hosts there should be, from an operator's file.
 *
 * "host [enabled|disabled] [forced_down]" a line; # begins a comment.
 */
#ifndef CLI_RECORDS_H
#define CLI_RECORDS_H

#include "fleet.h"

/* `path` "-" is the standard input. False: `why` says file, line and rule. */
bool records_read(struct fleet *f, const char *path, char *why,
                  size_t why_bytes);

#endif
