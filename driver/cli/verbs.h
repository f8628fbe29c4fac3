/* SPDX-License-Identifier: Apache-2.0
 * verbs.h - plan, status and verify.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "fleet.h"
#include "wish.h"

/* Each says what it has to say, and returns the exit status. */
int verb_plan(struct fleet *f, const struct wish *w);
int verb_status(struct fleet *f, const struct wish *w);
int verb_verify(struct fleet *f, const struct wish *w);

#endif
