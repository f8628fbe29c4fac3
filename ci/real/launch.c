/* SPDX-License-Identifier: Apache-2.0
 * launch.c - runs a server detached, under a guardian that outlives its owner.
 */
#include "real.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whoever reads our caller's pipe to its end must not wait for a server, so
 * nothing is inherited but the log. */
static bool detach(const char *log, int keep)
{
    setsid();
    int null = open("/dev/null", O_RDONLY);
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (null < 0 || out < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 ||
        dup2(out, 2) < 0)
        return false;
    if (keep > 3)
        syscall(SYS_close_range, 3u, (unsigned)keep - 1, 0u);
    syscall(SYS_close_range, (unsigned)keep + 1, ~0u, 0u);
    return true;
}

/* The caller may ignore signals (make, a test program), and exec keeps that. */
static void forget_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
}

static int run_server(const char *file, char *const *argv)
{
    struct real_process self;
    if (!real_process_self(&self) || !real_process_write(file, &self))
        return errno != 0 ? errno : EIO;
    execvp(argv[0], argv);
    return errno;
}

/* Reaps the server, and kills it when the owner has ended first. */
static void guard(pid_t server, int owner)
{
    int child = (int)syscall(SYS_pidfd_open, server, 0u);
    struct pollfd ends[2] = {{.fd = child, .events = POLLIN},
                             {.fd = owner, .events = POLLIN}};
    while (child >= 0 && owner >= 0 && ends[0].revents == 0 &&
           ends[1].revents == 0)
        poll(ends, 2, -1);
    if (owner >= 0 && ends[1].revents != 0)
        kill(server, SIGKILL);
    while (waitpid(server, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static void report(int to, int error)
{
    ssize_t n = write(to, &error, sizeof error);
    _exit(n == (ssize_t)sizeof error ? 0 : 1);
}

/* The pipe closes on exec: its end without a word means that the server
 * runs. The owner is looked up before that, while it surely lives. */
static void be_guardian(const char *file, const char *log, pid_t owner_pid,
                        int to, char *const *argv)
{
    if (!detach(log, to))
        report(to, errno);
    forget_signals();
    int owner =
        owner_pid > 0 ? (int)syscall(SYS_pidfd_open, owner_pid, 0u) : -1;
    if (owner_pid > 0 && owner < 0 && errno != ENOSYS)
        report(to, errno);
    pid_t server = fork();
    if (server == 0)
        report(to, run_server(file, argv));
    if (server < 0)
        report(to, errno);
    close(to);
    guard(server, owner);
    _exit(0);
}

int real_launch(const char *file, const char *log, pid_t owner,
                char *const *argv)
{
    int ends[2], error = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    pid_t guardian = fork();
    if (guardian == 0)
        be_guardian(file, log, owner, ends[1], argv);
    close(ends[1]);
    if (guardian < 0)
        error = errno;
    else if (read(ends[0], &error, sizeof error) != (ssize_t)sizeof error)
        error = 0;
    close(ends[0]);
    return error;
}
