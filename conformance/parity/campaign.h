/* SPDX-License-Identifier: Apache-2.0
 * campaign.h - a whole run: kept scripts, then generated ones, and a verdict.
 */
#ifndef PARITY_CAMPAIGN_H
#define PARITY_CAMPAIGN_H

#include "bench.h"

struct parity_campaign {
    struct parity_bench bench;
    uint64_t seed;
    size_t n_ops;               /* to be generated at least                   */
    size_t ops_a_script;        /* 0: as many as the protocol likes           */
    const char *const *replays; /* files; ends with NULL                     */
    const char *keep_dir;       /* where scripts that differ are written      */
    size_t passed, failed;
};

/* The script number `index` of a seed. */
void parity_campaign_script(const struct parity_campaign *campaign,
                            size_t index, struct parity_script *ret_script);

/* What was found is printed. bench.broken says whether it proves anything. */
int parity_campaign_replay(struct parity_campaign *campaign);
int parity_campaign_generated(struct parity_campaign *campaign);
/* The line of figures. */
void parity_campaign_tell(const struct parity_campaign *campaign, FILE *out);

/* A script from a file; says on stderr what is wrong with it. */
int parity_file_read(const char *path, struct parity_script *ret_script);
/* With both transcripts, as comments. *ret_path is the caller's. */
int parity_file_write(const char *dir, const char *name, const char *head,
                      const struct parity_job *job, char **ret_path);

#endif
