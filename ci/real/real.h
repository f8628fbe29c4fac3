/* SPDX-License-Identifier: Apache-2.0
 * real.h - what ci/real.sh needs of the system and a shell cannot do.
 *
 * A process is known by its id and its start time (field 22 of
 * /proc/PID/stat), kept in a file: an id that the system has given to a
 * stranger meanwhile is never signalled.
 */
#ifndef REAL_H
#define REAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct real_process {
    pid_t pid;
    unsigned long long start; /* in clock ticks since the machine started    */
};

enum real_state {
    REAL_GONE,    /* no such process, or only its last thread's remains  */
    REAL_STOPPED, /* every thread of it is stopped                       */
    REAL_RUNNING,
};

int64_t real_now_ms(void);
void real_nap(void); /* the pause between two looks: 5 ms */

/* process.c */
bool real_process_self(struct real_process *ret_process);
bool real_process_read(const char *file, struct real_process *ret_process);
bool real_process_write(const char *file, const struct real_process *process);
enum real_state real_process_state(const struct real_process *process);
/* Sends `signal` and waits until it has taken effect. */
bool real_process_signal(const struct real_process *process, int signal,
                         int64_t limit_ms);

/* port.c */
/* Sets n ports of loopback that nobody holds, below the range from which the
 * system takes the ports of outgoing connections. */
bool real_port_free(unsigned n, int *ret_ports);
/* True when the server on `port` answers `ask` with bytes that hold `want`. */
bool real_port_answers(int port, const char *ask, const char *want);
/* True when the socket that listens on `port` is one of the process. */
bool real_port_is_of(int port, const struct real_process *process);

/* launch.c */
/* Runs argv detached, its output in `log`, its process in `file`. When the
 * process `owner` (0: none) ends, however it ends, what was launched is
 * killed. Returns 0 once the program runs, or an errno. */
int real_launch(const char *file, const char *log, pid_t owner,
                char *const *argv);

#endif
