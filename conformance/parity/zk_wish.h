/* SPDX-License-Identifier: Apache-2.0
 * zk_wish.h - one request of ZooKeeper's at random, as a script writes it.
 */
#ifndef PARITY_ZK_WISH_H
#define PARITY_ZK_WISH_H

#include "parity.h"

struct parity_zk_wish {
    struct parity_dice *dice;
    struct parity_bytes text;
    bool is_piped;    /* the request is one of several                       */
    bool is_followed; /* and not the last of them                            */
};

unsigned parity_zk_below(struct parity_zk_wish *w, unsigned n);
bool parity_zk_one_in(struct parity_zk_wish *w, unsigned n);
const char *parity_zk_pick(struct parity_zk_wish *w, const char *const *texts);

void parity_zk_write(struct parity_zk_wish *w, const char *text);
void parity_zk_write_request(struct parity_zk_wish *w);
/* A body that ends too early, or an operation nobody knows. */
void parity_zk_write_nonsense(struct parity_zk_wish *w);

#endif
