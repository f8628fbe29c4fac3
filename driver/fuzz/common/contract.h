/* SPDX-License-Identifier: Apache-2.0
 * contract.h - what every back end owes to the core, whatever a server says.
 */
#ifndef FUZZ_CONTRACT_H
#define FUZZ_CONTRACT_H

#include "judge.h"

/* Claim it of an operation that has ended with `code`. `was_short`: an
 * allocation failed on the way. `secret` (or NULL) must be in no sentence.
 * `promises` are the kind's. */
void contract_claim(const struct sg_op *op, int code, bool was_short,
                    const char *secret, unsigned promises);
/* And of the verdicts that are made of its answers. */
void contract_judge(struct sg_memory *memory, const struct sg_op *op,
                    int64_t now_ms);

#endif
