/* SPDX-License-Identifier: Apache-2.0
 * outside.c - what comes to the program by no port: signals, the end of its
 * owner, lines of standard input.
 */
#include "outside.h"
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>

/* ---- birth and death -------------------------------------------------- */

static int watch(struct program_outside *o, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    return epoll_ctl(o->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

/* SIGHUP is not for who was started by nohup. */
static int open_signals(struct program_outside *o)
{
    struct sigaction hup;
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler != SIG_IGN)
        sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -errno;
    o->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return o->signals < 0 ? -errno : watch(o, o->signals);
}

static int open_owner(struct program_outside *o, pid_t owner)
{
    o->owner = pidfd_open(owner, 0);
    return o->owner < 0 ? -errno : watch(o, o->owner);
}

static int open_stdin(struct program_outside *o)
{
    int err;

    o->input = malloc(PROGRAM_LONGEST_LINE + 1);
    if (o->input == NULL)
        return -ENOMEM;
    o->has_stdin = true;
    err = watch(o, STDIN_FILENO);
    o->is_file = err == -EPERM;
    return o->is_file ? 0 : err;
}

int program_outside_open(struct program_outside *o, struct program *p,
                         pid_t owner, bool has_stdin, char *ret_why,
                         size_t size)
{
    const char *what = "cannot watch";
    int err = 0;

    *o = (struct program_outside){.program = p, .signals = -1, .owner = -1};
    o->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (o->epoll < 0)
        err = -errno;
    if (err == 0)
        err = fake_watch_fd(p->hub, o->epoll);
    if (err == 0)
        err = open_signals(o);
    if (err == 0 && owner != 0) {
        err = open_owner(o, owner);
        what = err != 0 ? "--exit-with" : what;
    }
    if (err == 0 && has_stdin) {
        err = open_stdin(o);
        what = "standard input";
    }
    if (err != 0)
        snprintf(ret_why, size, "%s: %s", what, strerror(-err));
    return err;
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void program_outside_close(struct program_outside *o)
{
    close_fd(o->owner);
    close_fd(o->signals);
    close_fd(o->epoll);
    free(o->input);
    *o = (struct program_outside){.epoll = -1, .signals = -1, .owner = -1};
}

/* ---- standard output -------------------------------------------------- */

/* False: it is full, and the end has come meanwhile. */
static bool may_print(struct program_outside *o)
{
    struct pollfd fds[] = {{.fd = STDOUT_FILENO, .events = POLLOUT},
                           {.fd = o->signals, .events = POLLIN},
                           {.fd = o->owner, .events = POLLIN}};
    int n;

    do
        n = poll(fds, sizeof fds / sizeof *fds, -1);
    while (n < 0 && errno == EINTR);
    if (n < 0 || fds[0].revents != 0)
        return n > 0;
    o->program->is_over = true;
    return false;
}

/* So much at once goes into a pipe that has room at all. */
void program_outside_print(struct program_outside *o, const char *text,
                           size_t length)
{
    while (length > 0 && may_print(o)) {
        ssize_t n =
            write(STDOUT_FILENO, text, length < PIPE_BUF ? length : PIPE_BUF);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return;
        text += n > 0 ? n : 0;
        length -= n > 0 ? (size_t)n : 0;
    }
}

static void print(struct program_outside *o, const char *text)
{
    program_outside_print(o, text, strlen(text));
}

/* ---- lines of standard input ------------------------------------------ */

static void answer_line(struct program_outside *o, char *line, size_t length)
{
    size_t n = 0;
    char *answer = program_answer(o->program, line, length, &n);

    if (answer == NULL)
        print(o, "error out of memory\n");
    else
        program_outside_print(o, answer, n);
    free(answer);
}

/* The whole lines of what has come; `is_last`: nothing will follow. */
static void take_lines(struct program_outside *o, bool is_last)
{
    char *at = o->input, *end;
    size_t left = o->have;

    while (!o->program->is_over && left > 0) {
        end = memchr(at, '\n', left);
        size_t length = end == NULL ? left : (size_t)(end - at);
        if (end == NULL && !is_last)
            break;
        if (!o->is_skipping)
            answer_line(o, at, length);
        o->is_skipping = false;
        at += length + (end != NULL);
        left -= length + (end != NULL);
    }
    if (o->is_skipping) {
        left = 0;
    } else if (left == PROGRAM_LONGEST_LINE) {
        print(o, PROGRAM_TOO_LONG);
        o->is_skipping = true;
        left = 0;
    }
    memmove(o->input, at, left);
    o->have = left;
}

static void read_stdin(struct program_outside *o)
{
    ssize_t n =
        read(STDIN_FILENO, o->input + o->have, PROGRAM_LONGEST_LINE - o->have);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        o->have += (size_t)n;
    take_lines(o, n <= 0);
    if (n <= 0)
        o->program->is_over = true;
}

/* ---- what is there ---------------------------------------------------- */

void program_outside_run(struct program_outside *o)
{
    struct epoll_event events[3];
    int n = epoll_wait(o->epoll, events, 3, 0);
    bool has_input = o->is_file;

    for (int i = 0; i < n; i++) {
        if (o->has_stdin && events[i].data.fd == STDIN_FILENO)
            has_input = true;
        else
            o->program->is_over = true;
    }
    if (has_input && !o->program->is_over)
        read_stdin(o);
}
