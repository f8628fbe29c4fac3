/* SPDX-License-Identifier: Apache-2.0
 * join.c - be a member of a group until SIGINT, and tell what happens.
 *
 *     join redis://localhost:6379 compute host-1
 */
#include "servicegroup.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

static int usage(void)
{
    fputs(
        "usage: join URL GROUP NAME\n"
        "\n"
        "Joins GROUP as NAME and stays, beating at a third of the timeout in\n"
        "URL, until SIGINT or SIGTERM; then leaves. Prints one line for each\n"
        "event: joined, lost, rejoined, replaced. URL is one of\n"
        "\n"
        "    kazoo://127.0.0.1:2181?timeout=5\n"
        "    memcached://localhost:11211?timeout=5\n"
        "    redis://localhost:6379?timeout=5\n"
        "\n"
        "Exit status: 0 left, 1 could not join, 2 wrong use.\n",
        stderr);
    return 2;
}

static void tell(void *arg, const struct sg_event *event)
{
    static const char *const words[] = {
        [SG_EV_JOINED] = "joined",     [SG_EV_LOST] = "lost",
        [SG_EV_REJOINED] = "rejoined", [SG_EV_REPLACED] = "replaced",
        [SG_EV_LEFT] = "left",         [SG_EV_REFUSED] = "refused"};

    (void)arg;
    printf("%s %s, epoch %" PRIu64 "\n", words[event->kind], event->group,
           event->epoch);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct sg_options options = {.on_event = tell};
    sigset_t stop;
    uint64_t epoch;
    struct sg *sg;
    int rc, got;

    if (argc != 4)
        return usage();
    /* Blocked before the library makes its threads, which inherit it: the
     * signal is then taken by sigwait() alone. */
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    options.member = argv[3];
    if (sg_open(argv[1], &options, &sg) != SG_OK) {
        fprintf(stderr, "join: %s\n", sg_why());
        return usage();
    }
    rc = sg_join(sg, argv[2], NULL, 0, 0, &epoch);
    if (rc == SG_OK)
        tell(NULL, &(struct sg_event){SG_EV_JOINED, argv[2], epoch, 0, NULL});
    else
        fprintf(stderr, "join: %s: %s\n", sg_error_name(rc), sg_why());
    if (rc >= 0) { /* SG_PENDING: the heart completes it, and tells */
        fflush(stdout);
        sigwait(&stop, &got);
    }
    sg_close(sg);
    return rc < 0;
}
