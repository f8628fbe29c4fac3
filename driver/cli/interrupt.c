/* SPDX-License-Identifier: Apache-2.0
 * interrupt.c - an operator's Ctrl-C, and the pauses between two looks.
 */
#include "interrupt.h"

#include <signal.h>
#include <time.h>

static sigset_t both(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

/* A shell's background job begins with SIGINT ignored. */
void interrupt_prepare(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t set = both();

    sigprocmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGINT, &standard, NULL);
    sigaction(SIGTERM, &standard, NULL);
}

/* It is left pending, so every later question has the same answer. */
bool interrupt_came(void)
{
    sigset_t set;

    return sigpending(&set) == 0 &&
           (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1);
}

void interrupt_pause(double seconds)
{
    struct timespec time = {(time_t)seconds,
                            (long)((seconds - (double)(time_t)seconds) * 1e9)};
    sigset_t set = both();
    int came = sigtimedwait(&set, NULL, &time);

    if (came > 0)
        raise(came); /* blocked here: pending again */
}
