/* SPDX-License-Identifier: Apache-2.0
 * main.c - the verbs of build/real, for ci/real.sh.
 */
#include "real.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char usage[] =
    "usage: real free N                     N free ports, one a line\n"
    "       real launch FILE LOG CMD...     run CMD; its process in FILE\n"
    "       real await FILE PORT ASK WANT MS  until that process answers so\n"
    "       real is FILE gone|stopped|running\n"
    "       real signal FILE KILL|TERM|STOP|CONT MS  until it took effect\n"
    "REAL_OWNER=PID: what is launched ends with that process.\n";

int64_t real_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void real_nap(void)
{
    poll(NULL, 0, 5);
}

static int say_free(unsigned n)
{
    int ports[32];
    if (n == 0 || n > 32 || !real_port_free(n, ports))
        return 1;
    for (unsigned i = 0; i < n; i++)
        printf("%d\n", ports[i]);
    return 0;
}

static int launch(const char *file, const char *log, char *const *argv)
{
    const char *owner = getenv("REAL_OWNER");
    int error = real_launch(file, log, owner == NULL ? 0 : atoi(owner), argv);
    if (error != 0)
        fprintf(stderr, "real: cannot run %s: %s\n", argv[0], strerror(error));
    return error == 0 ? 0 : 1;
}

/* Both are looked at after the answer: an older server on the same port would
 * have answered for one that died of it. */
static int await(const struct real_process *process, int port, const char *ask,
                 const char *want, int64_t limit_ms)
{
    int64_t until_ms = real_now_ms() + limit_ms;
    for (;;) {
        bool is_answered = real_port_answers(port, ask, want);
        if (real_process_state(process) == REAL_GONE) {
            fprintf(stderr, "real: the server of port %d ended\n", port);
            return 1;
        }
        if (is_answered && real_port_is_of(port, process))
            return 0;
        if (is_answered) {
            fprintf(stderr, "real: port %d is another server's\n", port);
            return 1;
        }
        if (real_now_ms() >= until_ms)
            return 1;
        real_nap();
    }
}

static int is_in_state(const struct real_process *process, const char *name)
{
    static const char *const names[] = {"gone", "stopped", "running"};
    return strcmp(names[real_process_state(process)], name) == 0 ? 0 : 1;
}

static int send_signal(const struct real_process *process, const char *name,
                       int64_t limit_ms)
{
    static const struct {
        const char *name;
        int number;
    } known[] = {{"KILL", SIGKILL},
                 {"TERM", SIGTERM},
                 {"STOP", SIGSTOP},
                 {"CONT", SIGCONT}};
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, name) == 0)
            return real_process_signal(process, known[i].number, limit_ms) ? 0
                                                                           : 1;
    }
    fputs(usage, stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct real_process process;
    if (argc == 3 && strcmp(argv[1], "free") == 0)
        return say_free((unsigned)atoi(argv[2]));
    if (argc >= 5 && strcmp(argv[1], "launch") == 0)
        return launch(argv[2], argv[3], argv + 4);
    if (argc < 3) {
        fputs(usage, stderr);
        return 2;
    }
    if (!real_process_read(argv[2], &process))
        process = (struct real_process){0}; /* never one: it is gone */
    if (argc == 7 && strcmp(argv[1], "await") == 0)
        return await(&process, atoi(argv[3]), argv[4], argv[5], atoll(argv[6]));
    if (argc == 4 && strcmp(argv[1], "is") == 0)
        return is_in_state(&process, argv[3]);
    if (argc == 5 && strcmp(argv[1], "signal") == 0)
        return send_signal(&process, argv[3], atoll(argv[4]));
    fputs(usage, stderr);
    return 2;
}
