/* SPDX-License-Identifier: Apache-2.0
 * interrupt.h - an operator's Ctrl-C, and the pauses between two looks.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/* From here on SIGINT and SIGTERM wait until they are asked for, in threads
 * made later, too: none is lost between a question and a pause. */
void interrupt_prepare(void);
bool interrupt_came(void);
/* Returns early when one comes. */
void interrupt_pause(double seconds);

#endif
