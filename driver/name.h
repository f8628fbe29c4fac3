/* SPDX-License-Identifier: Apache-2.0
 * name.h - which names every store can hold, and why another cannot.
 */
#ifndef SG_NAME_H
#define SG_NAME_H

#include "backend.h"

/* 0, or SG_ENAME with the offending byte and the rule in `why`. NULL is
 * refused. `what` is "group" or "member". */
int sg_name_check(const char *what, const char *name, char *why,
                  size_t why_bytes);

#endif
