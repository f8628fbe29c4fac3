/* SPDX-License-Identifier: Apache-2.0
 * mc_exchange.h - a request goes out, its answer comes back, or a sentence
 * says why not.
 */
#ifndef SG_MC_EXCHANGE_H
#define SG_MC_EXCHANGE_H

#include "mc.h"

/* Connect unless that is done. A connection that has failed stays so. */
int sg_mc_ready(struct sg_backend *b, struct sg_op *op);

/* Looks at all that has come and says whether it is the whole answer. */
typedef enum sg_mc_step sg_mc_step_fn(void *arg,
                                      const struct sg_mc_bytes *bytes,
                                      struct sg_mc_said *ret_said);
/* Send `parts`, collect the answer in `bytes`. `command` is for sentences. */
int sg_mc_exchange(struct sg_backend *b, struct sg_op *op, const char *command,
                   struct iovec *parts, size_t n_parts,
                   struct sg_mc_bytes *bytes, sg_mc_step_fn *step, void *arg);

/* Give the connection up and say why; returns SG_EUNKNOWN. */
int sg_mc_fail(struct sg_backend *b, struct sg_op *op, enum sg_reason reason,
               const char *command, const char *what);

#endif
