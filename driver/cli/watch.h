/* SPDX-License-Identifier: Apache-2.0
 * watch.h - a live view of a fleet that is rolled.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "report.h"

/* A look, shown: on a terminal the screen anew, else what changed. */
void watch_show(FILE *to, const struct fleet *f, bool is_screen);

#endif
