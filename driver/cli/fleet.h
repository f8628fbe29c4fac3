/* SPDX-License-Identifier: Apache-2.0
 * fleet.h - the hosts of one group as two stores show them, and since when.
 */
#ifndef CLI_FLEET_H
#define CLI_FLEET_H

#include "servicegroup.h"

enum { NEW, OLD, STORES };

/* What one store says of one host. */
struct view {
    struct sg_verdict verdict;
    enum sg_status before; /* at the look before this one                  */
    int64_t since_ms; /* when it was first seen to say so, without a break */
};

struct host {
    char *name;
    bool is_disabled, is_forced_down; /* in the operator's records        */
    struct view in[STORES];
    enum sg_status either; /* by the bridge's rule                        */
};

struct fleet {
    const char *group;
    const char *url[STORES];
    struct sg *sg[STORES];
    struct sg_bounds bounds[STORES];
    struct host *hosts; /* sorted by name                                 */
    size_t n_hosts, room;
    size_t n_looks;
    int64_t now_ms, began_ms; /* of the last look, and of the first         */
    bool (*is_over)(void);    /* the operator wants no more; may be NULL     */
};

/* SG_OK, or an error that sg_why() tells. Close it in either case. */
int fleet_open(struct fleet *f, const char *new_url, const char *old_url,
               const char *group);
void fleet_close(struct fleet *f);
/* The host of that name, put there if it is new. NULL: out of memory, or no
 * name. Pointers to hosts are good until the next one is put there. */
struct host *fleet_add(struct fleet *f, const char *name);
/* What the stores themselves can list; how many of the two could. */
size_t fleet_add_listed(struct fleet *f);
/* Ask both stores about every host, and for hosts that are new. SG_OK also
 * when they did not answer, and SG_PENDING: is_over. */
int fleet_look(struct fleet *f);

bool host_is_up(const struct host *h, int store);
/* How long a store has said so, as far as was looked. */
int64_t host_for_ms(const struct fleet *f, const struct host *h, int store);
/* An operator's word, in the records or in the store that is moved to, says
 * that it is down, now and after every step. */
bool host_is_forced(const struct host *h);
/* By the records it should be up. */
bool host_is_awaited(const struct host *h);

#endif
