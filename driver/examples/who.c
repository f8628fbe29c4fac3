/* SPDX-License-Identifier: Apache-2.0
 * who.c - list the groups of a store, or the members of a group that are up.
 *
 *     who redis://localhost:6379 compute
 */
#include "servicegroup.h"

#include <signal.h>
#include <stdio.h>

static int usage(void)
{
    fputs("usage: who URL [GROUP]\n"
          "\n"
          "Prints the members of GROUP that are up, one a line; without GROUP\n"
          "the groups. URL is one of\n"
          "\n"
          "    kazoo://127.0.0.1:2181?timeout=5\n"
          "    memcached://localhost:11211?timeout=5\n"
          "    redis://localhost:6379?timeout=5\n"
          "\n"
          "Exit status: 0 listed, 1 nobody knows, 2 wrong use.\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct sg_names *names;
    struct sg *sg;
    int rc;

    if (argc != 2 && argc != 3)
        return usage();
    signal(SIGPIPE, SIG_IGN); /* a server that went away is an answer */
    if (sg_open(argv[1], NULL, &sg) != SG_OK) {
        fprintf(stderr, "who: %s\n", sg_why());
        return usage();
    }
    rc = argc == 3 ? sg_list(sg, argv[2], &names) : sg_groups(sg, &names);
    if (rc != SG_OK) {
        fprintf(stderr, "who: %s: %s\n", sg_error_name(rc), sg_why());
        sg_close(sg);
        return rc == SG_ENAME ? 2 : 1;
    }
    for (size_t i = 0; i < names->count; i++)
        puts(names->name[i]);
    if (names->skipped > 0)
        fprintf(stderr, "who: %zu damaged entries are not shown\n",
                names->skipped);
    sg_names_free(names);
    sg_close(sg);
    return 0;
}
