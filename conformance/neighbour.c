/* SPDX-License-Identifier: Apache-2.0
 * neighbour.c - the process of a neighbour: spawned, asked, stopped, killed.
 */
#include "neighbour.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Python starts in a second, and tooz waits one for a lost race; a machine
 * may be 30 times as slow. */
#define ANSWER_LIMIT_MS (60 * SECOND)
#define LINE_MAX_BYTES (4u << 20)

static int64_t real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t limit_ms(const struct neighbour *n)
{
    int64_t limit = n->w->neighbour_limit_ms;

    return real_ms() + (limit > 0 ? limit : ANSWER_LIMIT_MS);
}

/* ---- what went wrong -------------------------------------------------- */

static void say_broken(struct neighbour *n, const char *what)
{
    char text[1500];
    const off_t room = sizeof text - 1;
    struct stat file = {0};
    ssize_t got;

    fstat(n->errors, &file);
    got = pread(n->errors, text, (size_t)room,
                file.st_size > room ? file.st_size - room : 0);
    text[got < 0 ? 0 : got] = '\0';
    world_broken(n->w, "the neighbour %s %s; its stderr:\n%s", n->label, what,
                 text[0] == '\0' ? "(empty)" : text);
}

/* ---- spawning --------------------------------------------------------- */

/* In the child, so nothing here may allocate or lock. It dies with the thread
 * that made it, and reads the end of its input at the latest. Hashes of the
 * same seed give sets the same order, and so one trace. */
static void become(const char *command, const int fds[3], pid_t parent)
{
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    for (int fd = 0; fd < 3; fd++)
        if (dup2(fds[fd], fd) < 0)
            _exit(127);
    if (close_range(3, ~0U, 0) != 0)
        _exit(127);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static int spawn(struct neighbour *n)
{
    pid_t parent = getpid();
    char command[1000];
    int pair[2];

    if (snprintf(command, sizeof command, "PYTHONHASHSEED=0 exec %s",
                 n->w->neighbour) >= (int)sizeof command)
        return -1;
    n->errors = memfd_create("neighbour", MFD_CLOEXEC);
    if (n->errors < 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    n->talk = pair[0];
    fcntl(n->talk, F_SETFL, O_NONBLOCK);
    n->pid = fork();
    if (n->pid == 0) {
        const int fds[3] = {pair[1], pair[1], n->errors};
        become(command, fds, parent);
    }
    close(pair[1]);
    if (n->pid < 0)
        n->pid = 0;
    return n->pid > 0 ? 0 : -1;
}

/* What makes the member of this store live for T, and lets no timer of the
 * client library fire in real time. memcached expires up to a second early,
 * so a member asks for one more, as ours do; tooz takes whole seconds there
 * and on ZooKeeper. */
static void write_url(const struct neighbour *n, char *url, size_t bytes)
{
    const struct store_kind *store = n->w->place->store;
    int64_t seconds = (n->w->T + SECOND - 1) / SECOND;
    size_t at = (size_t)snprintf(url, bytes, "%s://", store->scheme);

    for (size_t i = 0; i < n->w->n_servers; i++)
        at += (size_t)snprintf(url + at, bytes - at, "%s127.0.0.1:%d",
                               i > 0 ? "," : "", fake_link_port(n->links[i]));
    if (store == &store_redis)
        snprintf(url + at, bytes - at, "?membership_timeout=%.3f&timeout=60",
                 (double)n->w->T / (double)SECOND);
    else if (store == &store_memcached)
        snprintf(url + at, bytes - at, "?membership_timeout=%d&timeout=60",
                 (int)seconds + 1);
    else
        snprintf(url + at, bytes - at, "?timeout=%d", (int)seconds);
}

struct neighbour *neighbour_open(struct world *w, const char *name,
                                 const char *label, bool is_text)
{
    struct neighbour *n = calloc(1, sizeof *n);
    char url[600];

    if (n == NULL)
        world_fail(w, WORLD_BROKEN, "out of memory");
    n->w = w;
    n->talk = n->errors = -1;
    n->is_text = is_text;
    snprintf(n->label, sizeof n->label, "%s", label);
    snprintf(n->name, sizeof n->name, "%s", name);
    *w->neighbours_end = n;
    w->neighbours_end = &n->next;
    if (w->neighbour == NULL)
        world_fail(w, WORLD_BROKEN, "no --neighbour was given");
    for (size_t i = 0; i < w->n_servers; i++)
        if (fake_listen(w->servers[i], label, &n->links[i]) != 0)
            world_fail(w, WORLD_BROKEN, "no port for %s", label);
    if (spawn(n) != 0)
        world_fail(w, WORLD_BROKEN, "no process for %s", label);
    write_url(n, url, sizeof url);
    neighbour_tell(n, "open %s %s%s", url, name, is_text ? " text" : "");
    return n;
}

/* ---- talking ---------------------------------------------------------- */

int neighbour_tell(struct neighbour *n, const char *format, ...)
{
    char *line = NULL;
    ssize_t sent = -1;
    va_list list;
    int bytes;

    va_start(list, format);
    bytes = vasprintf(&line, format, list);
    va_end(list);
    if (bytes >= 0) {
        line[bytes++] = '\n'; /* where the 0 was */
        sent = send(n->talk, line, (size_t)bytes, MSG_NOSIGNAL);
        free(line);
    }
    free(n->line);
    n->line = NULL;
    n->length = n->room = 0;
    n->is_asked = true;
    if (bytes >= 0 && sent == bytes)
        return 0;
    say_broken(n, "cannot be told anything");
    return -1;
}

/* More of its answer: 1 when the line is whole, 0 not yet, -1 never. */
static int take_bytes(struct neighbour *n)
{
    ssize_t got;

    if (n->length + 2 > n->room) {
        size_t room = n->room == 0 ? 4096 : 2 * n->room;
        char *more = room > LINE_MAX_BYTES ? NULL : realloc(n->line, room);
        if (more == NULL)
            return -1;
        n->line = more;
        n->room = room;
    }
    got = recv(n->talk, n->line + n->length, n->room - n->length - 1, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got <= 0)
        return -1;
    n->length += (size_t)got;
    if (n->line[n->length - 1] != '\n')
        return 0;
    n->line[n->length - 1] = '\0';
    return 1;
}

const char *neighbour_hear(struct neighbour *n)
{
    int64_t limit = limit_ms(n);
    int state = take_bytes(n);

    while (state == 0 && real_ms() < limit) {
        world_serve(n->w, 2);
        state = take_bytes(n);
    }
    n->is_asked = state == 0;
    if (state == 1)
        return n->line;
    say_broken(n, state == 0 ? "does not answer" : "died, or says too much");
    return NULL;
}

const char *neighbour_ask(struct neighbour *n, const char *format, ...)
{
    char *line = NULL;
    va_list list;
    int bytes, rc;

    va_start(list, format);
    bytes = vasprintf(&line, format, list);
    va_end(list);
    if (bytes < 0)
        return NULL;
    rc = n->w->end == WORLD_BROKEN ? -1 : neighbour_tell(n, "%s", line);
    free(line);
    return rc == 0 ? neighbour_hear(n) : NULL;
}

/* ---- being stepped ---------------------------------------------------- */

int64_t neighbour_due(const struct neighbour *n)
{
    return n->pid == 0 || n->is_stopped || n->is_dark || n->is_asked ||
                   n->w->end == WORLD_BROKEN
               ? INT64_MAX
               : n->beat_due_ms;
}

/* A beat that fails is Python's to tell; what comes of it is the scenario's. */
void neighbour_step(struct neighbour *n)
{
    n->beat_due_ms = world_clock(n->w) + world_beat(n->w);
    neighbour_ask(n, "beat");
}

/* ---- ending ----------------------------------------------------------- */

static unsigned clients(const struct neighbour *n)
{
    unsigned count = 0;

    for (size_t i = 0; i < n->w->n_servers; i++)
        count += n->links[i] == NULL ? 0 : fake_link_clients(n->links[i]);
    return count;
}

void neighbour_await_end(struct neighbour *n)
{
    int64_t limit = limit_ms(n);
    bool is_reaped = false;

    while (n->pid != 0 && (!is_reaped || clients(n) > 0)) {
        if (!is_reaped && waitpid(n->pid, NULL, WNOHANG) == n->pid)
            is_reaped = true;
        world_serve(n->w, 2);
        if (real_ms() > limit) {
            say_broken(n, "does not end");
            break;
        }
    }
    if (is_reaped)
        n->pid = 0;
    world_settle(n->w);
}

void neighbour_set_dark(struct neighbour *n, bool is_dark)
{
    n->is_dark = is_dark;
    for (size_t i = 0; i < n->w->n_servers; i++)
        if (is_dark)
            fake_link_dark(n->links[i], FAKE_BOTH);
        else
            fake_link_light(n->links[i]);
}

void neighbour_signal(struct neighbour *n, int signal)
{
    if (n->pid > 0)
        kill(n->pid, signal);
}

void neighbour_end(struct neighbour *n)
{
    if (n->pid > 0) {
        kill(n->pid, SIGKILL);
        waitpid(n->pid, NULL, 0);
    }
    n->pid = 0;
}

void neighbour_free(struct neighbour *n)
{
    if (n->talk >= 0)
        close(n->talk);
    if (n->errors >= 0)
        close(n->errors);
    free(n->line);
    free(n->answer);
    free(n);
}
