/* SPDX-License-Identifier: Apache-2.0
 * report.h - what is told about a fleet, as text or as JSON.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "step.h"

#include <stdio.h>

struct count {
    size_t total, up[STORES], both, either, missing[STORES], unknown;
    size_t silent[STORES]; /* hosts about which that store does not say    */
    size_t awaited, moved; /* should be up; of these, up in the new store  */
};
struct count report_count(const struct fleet *f);

/* One line, without its end: how far the roll is. */
void report_line(FILE *to, const struct fleet *f);
void report_host(FILE *to, const struct fleet *f, const struct host *h);
void report_heading(FILE *to);
void report_table(FILE *to, const struct fleet *f);
/* A line for each host that a store now speaks otherwise of; how many. */
size_t report_changes(FILE *to, const struct fleet *f);
void report_verdict(FILE *to, const struct judgement *j);

/* One document, in one line. `j`: `n` judgements, none, the one that was
 * asked for ("next") or all ("steps"). False: out of memory, or not written. */
bool report_json(FILE *to, const struct fleet *f, const struct judgement *j,
                 size_t n);

#endif
