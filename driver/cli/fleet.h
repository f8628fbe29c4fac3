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
    int64_t since_ms; /* when it was first seen to say so, without a break */
};

struct host {
    char *name;
    bool is_disabled, is_forced_down; /* in the operator's records        */
    struct view in[STORES];
    enum sg_status either; /* by the bridge's rule                        */
    enum sg_reason reason;
};

struct fleet {
    const char *group;
    const char *url[STORES];
    struct sg *sg[STORES];
    struct sg_bounds bounds[STORES];
    struct host *hosts;
    size_t n_hosts;
    int64_t now_ms, began_ms; /* of the last look, of the first              */
};

/* SG_OK, or an error that sg_why() tells. Close it in either case. */
int fleet_open(struct fleet *f, const char *new_url, const char *old_url,
               const char *group);
void fleet_close(struct fleet *f);
/* One more host; known ones are left as they are. False: out of memory, or
 * no name. */
bool fleet_add(struct fleet *f, const char *name, bool is_disabled,
               bool is_forced_down);
/* Records: "host [disabled] [forced_down]" a line, # begins a comment. 0, or
 * the line that is wrong, or -1: unreadable. */
int fleet_add_file(struct fleet *f, const char *path);
/* What the stores themselves can list; how many of the two could. */
size_t fleet_add_listed(struct fleet *f);
/* Ask both stores about every host. SG_OK also when they did not answer. */
int fleet_look(struct fleet *f);

bool host_is_up(const struct host *h, int store);
/* How long a store has said so, as far as was looked. */
int64_t host_for_ms(const struct fleet *f, const struct host *h, int store);
/* "new", "old". */
const char *store_name(int store);

#endif
