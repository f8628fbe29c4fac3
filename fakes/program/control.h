/* SPDX-License-Identifier: Apache-2.0
 * control.h - the control port: the control language, served like the rest.
 */
#ifndef PROGRAM_CONTROL_H
#define PROGRAM_CONTROL_H

#include "program.h"

struct program_control;

/* Sets p->control_port. It is freed with the hub. -errno: no such port. */
int program_control_open(struct program *p, int port,
                         struct program_control **ret_control);
/* Carries out the lines that fake_poll() has brought: those of all clients in
 * the order of their coming. Not from within fake_poll(): a step of the clock
 * must find every connection at rest. */
void program_control_run(struct program_control *control);
/* Gives the clients a second to take their last answers. */
void program_control_end(struct program_control *control);

#endif
