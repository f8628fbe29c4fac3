/* SPDX-License-Identifier: Apache-2.0
 * watch.c - print each change of the verdict on one member, until SIGINT.
 *
 *     watch redis://localhost:6379 compute host-1
 */
#include "servicegroup.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

static int usage(void)
{
    fputs("usage: watch URL GROUP NAME\n"
          "\n"
          "Asks once a second whether NAME is up in GROUP and prints each "
          "change\n"
          "with the time: UP, DOWN with its reason, or UNKNOWN when nobody "
          "could\n"
          "answer, which is not DOWN. URL is one of\n"
          "\n"
          "    kazoo://127.0.0.1:2181?timeout=5\n"
          "    memcached://localhost:11211?timeout=5\n"
          "    redis://localhost:6379?timeout=5\n",
          stderr);
    return 2;
}

static void print(const struct sg_verdict *v)
{
    time_t now = time(NULL);
    char text[32] = "";
    struct tm tm;

    if (localtime_r(&now, &tm) != NULL)
        strftime(text, sizeof text, "%H:%M:%S", &tm);
    printf("%s %s %s epoch %" PRIu64 "%s\n", text, sg_status_name(v->status),
           sg_reason_name(v->reason), v->epoch, v->disabled ? " disabled" : "");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const struct timespec second = {.tv_sec = 1};
    struct sg_verdict last = {0}, now;
    bool is_first = true;
    int rc;
    sigset_t stop;
    struct sg *sg;

    if (argc != 4)
        return usage();
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (sg_open(argv[1], NULL, &sg) != SG_OK) {
        fprintf(stderr, "watch: %s\n", sg_why());
        return usage();
    }
    do {
        rc = sg_verdict(sg, argv[2], argv[3], &now);
        if (rc != SG_OK) {
            fprintf(stderr, "watch: %s\n", sg_why());
            break;
        }
        if (is_first || now.status != last.status ||
            now.reason != last.reason || now.epoch != last.epoch ||
            now.disabled != last.disabled)
            print(&now);
        is_first = false;
        last = now;
    } while (sigtimedwait(&stop, NULL, &second) < 0);
    sg_close(sg);
    return rc == SG_OK ? 0 : 2;
}
