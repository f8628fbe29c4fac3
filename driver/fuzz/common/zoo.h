/* SPDX-License-Identifier: Apache-2.0
 * zoo.h - libzookeeper's asynchronous calls, answered by a script.
 *
 * A reply that is too short for its kind ends the process inside the library
 * (zookeeper.c says which), so nothing hostile can be sent through it. What
 * does reach our callbacks is given to them here instead: any code, any stat,
 * any data and names, in any order with news of the session, or never.
 */
#ifndef FUZZ_ZOO_H
#define FUZZ_ZOO_H

#include "fuzz.h"

#include <zookeeper/zookeeper.h>

#define ZOO_SHOWN_MAX 128

/* A node as it was last shown: by exists or get, or as one of a node's
 * children. */
struct zoo_shown {
    char path[256];
    bool is_child;
    int rc;
    int64_t owner;
    char data[16]; /* get: the first bytes                                */
    size_t bytes;  /* get: how many there were                            */
};

struct zoo_request;
struct zoo {
    struct fuzz_bytes script; /* what is left                                */
    int64_t now_ms;
    unsigned fails_at; /* this request is not taken by the library; 0: none  */
    int granted_ms;    /* 0: what was asked                                  */

    struct zoo_request *first; /* not answered yet, oldest first             */
    zhandle_t *handles;
    int64_t last_id;
    struct zoo_shown shown[ZOO_SHOWN_MAX];
    size_t n_shown;
};

/* From now on, and until zoo_end(), the one library of the process: threads
 * are not made but run at once, and waits for a condition serve the script. */
void zoo_begin(struct zoo *z);
void zoo_end(struct zoo *z);
/* A verb begins: what was shown before is another's. */
void zoo_forget(struct zoo *z);
/* How this node was shown last; NULL: it was not. */
const struct zoo_shown *zoo_find(const struct zoo *z, const char *path,
                                 bool is_child);

#endif
