/* SPDX-License-Identifier: Apache-2.0
 * wish.h - what the command line asks for.
 */
#ifndef CLI_WISH_H
#define CLI_WISH_H

#include "reader.h"

/* Exit status; scripts depend on them. */
enum { DONE = 0, NOT_SAFE = 1, USAGE = 2, NOBODY_KNOWS = 3, FAILED = 4 };

struct wish {
    const char *verb, *group, *records, *step;
    char *new_url, *old_url;
    struct readers readers;
    double for_s, watch_s; /* -1: not said                                */
    bool is_json, is_help;
};

/* DONE, or another status, and what is wrong was said. Free it either way. */
int wish_read(struct wish *w, int argc, char **argv);
void wish_free(struct wish *w);

/* Say it on the standard error; USAGE. */
int complain(const char *what);
int usage(void);

#endif
