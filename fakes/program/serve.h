/* SPDX-License-Identifier: Apache-2.0
 * serve.h - serving until it is told to end.
 */
#ifndef PROGRAM_SERVE_H
#define PROGRAM_SERVE_H

#include "options.h"

/* Prints the URLs, serves, ends. 0, or 1 after a sentence on stderr. */
int program_serve(const struct program_options *options);

#endif
