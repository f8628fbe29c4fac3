/* SPDX-License-Identifier: Apache-2.0
 * report.h - what is told about a fleet, as text or as JSON.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "step.h"

#include <stdio.h>

struct count {
    size_t total, up[STORES], both, either, missing[STORES], unknown;
};
struct count report_count(const struct fleet *f);

/* One line: how far the roll is. */
void report_line(FILE *to, const struct fleet *f);
void report_table(FILE *to, const struct fleet *f);
void report_verdict(FILE *to, const struct fleet *f, enum step step,
                    int64_t needed_ms);
/* One document; `step` STEPS: without a judgement. False: out of memory. */
bool report_json(FILE *to, const struct fleet *f, enum step step,
                 int64_t needed_ms);

#endif
