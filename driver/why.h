/* SPDX-License-Identifier: Apache-2.0
 * why.h - the sentence about this thread's last failure.
 */
#ifndef SG_WHY_H
#define SG_WHY_H

#include "servicegroup.h"

/* Keep the sentence and return `code`. */
int sg_why_set(int code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
