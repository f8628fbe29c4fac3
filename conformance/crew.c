/* SPDX-License-Identifier: Apache-2.0
 * crew.c - processes that share a list of plays.
 *
 * A world on a fake is one clock and some threads that take turns: a second
 * CPU only makes each turn dearer (a third of the time goes into waking it,
 * measured). Worlds side by side are the better use of it, so each worker has
 * one CPU.
 */
#include "crew.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS_MAX 64
#define NOTHING SIZE_MAX

struct answer {
    size_t i;
    enum world_end end;
    size_t tap_bytes, trace_bytes;
};

/* What came of a play, until it is its turn to be told. */
struct outcome {
    bool is_there;
    int status; /* of its process, where that ended badly      */
    enum world_end end;
    char *tap, *trace;
};

struct worker {
    pid_t pid; /* 0: none                                     */
    int fd;
    int cpu;
    size_t playing; /* NOTHING: it has been told to end            */
};

struct crew {
    const struct crew_work *work;
    struct outcome *outcomes;
    size_t next, told;
    bool is_forked, with_traces;
    size_t n;
    struct worker workers[WORKERS_MAX];
};

/* ---- bytes ------------------------------------------------------------ */

static int send_all(int fd, const void *from, size_t bytes)
{
    const char *at = from;

    while (bytes > 0) {
        ssize_t n = write(fd, at, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        bytes -= (size_t)n;
    }
    return 0;
}

static int receive_all(int fd, void *to, size_t bytes)
{
    char *at = to;

    while (bytes > 0) {
        ssize_t n = read(fd, at, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        bytes -= (size_t)n;
    }
    return 0;
}

static char *receive_text(int fd, size_t bytes)
{
    char *text = malloc(bytes + 1);

    if (text == NULL || receive_all(fd, text, bytes) != 0) {
        free(text);
        return NULL;
    }
    text[bytes] = '\0';
    return text;
}

/* ---- in a worker ------------------------------------------------------ */

static int play_one(const struct crew *c, int fd, size_t i)
{
    struct answer a = {.i = i};
    char *tap = NULL, *trace = NULL;
    FILE *tap_file = open_memstream(&tap, &a.tap_bytes), *trace_file = NULL;
    int rc = -1;

    if (c->with_traces)
        trace_file = open_memstream(&trace, &a.trace_bytes);
    if (tap_file == NULL || (c->with_traces && trace_file == NULL))
        goto out;
    a.end = c->work->play(c->work->arg, i, tap_file, trace_file);
    rc = fclose(tap_file);
    tap_file = NULL;
    if (trace_file != NULL)
        rc |= fclose(trace_file);
    trace_file = NULL;
    if (rc == 0 &&
        (send_all(fd, &a, sizeof a) != 0 ||
         send_all(fd, tap, a.tap_bytes) != 0 ||
         (c->with_traces && send_all(fd, trace, a.trace_bytes) != 0)))
        rc = -1;
out:
    if (tap_file != NULL)
        fclose(tap_file);
    if (trace_file != NULL)
        fclose(trace_file);
    free(tap);
    free(trace);
    return rc;
}

static void be_worker(const struct crew *c, int fd, int cpu)
{
    cpu_set_t one;
    size_t i;
    int rc = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    CPU_ZERO(&one);
    CPU_SET((unsigned)cpu, &one);
    sched_setaffinity(0, sizeof one, &one); /* only makes it faster */
    while (rc == 0 && receive_all(fd, &i, sizeof i) == 0 && i != NOTHING)
        rc = play_one(c, fd, i);
    /* By exit(): a leak is told then. */
    exit(rc == 0 ? 0 : 1);
}

/* ---- outside ---------------------------------------------------------- */

size_t crew_room(void)
{
    cpu_set_t ours;

    CPU_ZERO(&ours);
    if (sched_getaffinity(0, sizeof ours, &ours) != 0)
        return 1;
    return (size_t)CPU_COUNT(&ours);
}

static int nth_cpu(size_t n)
{
    cpu_set_t ours;
    int cpu = 0;

    CPU_ZERO(&ours);
    if (sched_getaffinity(0, sizeof ours, &ours) != 0 || CPU_COUNT(&ours) == 0)
        return 0;
    n %= (size_t)CPU_COUNT(&ours);
    while (!CPU_ISSET((unsigned)cpu, &ours) || n-- > 0)
        cpu++;
    return cpu;
}

static int start(struct crew *c, struct worker *w)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    fflush(NULL);
    w->pid = fork();
    if (w->pid < 0) {
        w->pid = 0;
        close(pair[0]);
        close(pair[1]);
        return -1;
    }
    if (w->pid == 0) {
        for (size_t i = 0; i < c->n; i++)
            if (c->workers[i].fd >= 0)
                close(c->workers[i].fd);
        close(pair[0]);
        be_worker(c, pair[1], w->cpu);
    }
    close(pair[1]);
    w->fd = pair[0];
    w->playing = NOTHING;
    return 0;
}

/* The next play of the list; after the last one, and after each when plays are
 * not to share a process, the word to end. */
static void give_work(struct crew *c, struct worker *w, bool is_new)
{
    bool is_over = c->next == c->work->n || (c->is_forked && !is_new);
    size_t i = is_over ? NOTHING : c->next++;

    w->playing = i;
    send_all(w->fd, &i, sizeof i); /* if it is dead, its end tells */
}

static void tell(struct crew *c)
{
    for (; c->told < c->work->n && c->outcomes[c->told].is_there; c->told++) {
        struct outcome *o = &c->outcomes[c->told];
        if (o->status != 0)
            c->work->died(c->work->arg, c->told, o->status);
        else
            c->work->take(c->work->arg, c->told, o->end, o->tap,
                          o->trace == NULL ? "" : o->trace);
        free(o->tap);
        free(o->trace);
        o->tap = o->trace = NULL;
    }
}

/* A leak is told at the end of a process: it is put to the last play's
 * account. */
static void bury(struct crew *c, struct worker *w, size_t last)
{
    int status = 0;

    close(w->fd);
    w->fd = -1;
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    w->pid = 0;
    if (last == NOTHING)
        return;
    /* It ended without a word, and without a reason. */
    if (!c->outcomes[last].is_there && status == 0)
        status = -1;
    c->outcomes[last].is_there = true;
    c->outcomes[last].status = status;
}

static int take_answer(struct crew *c, struct worker *w)
{
    struct answer a;
    struct outcome o = {.is_there = true};

    if (receive_all(w->fd, &a, sizeof a) != 0 || a.i != w->playing)
        return -1;
    o.end = a.end;
    o.tap = receive_text(w->fd, a.tap_bytes);
    if (o.tap != NULL && c->with_traces)
        o.trace = receive_text(w->fd, a.trace_bytes);
    if (o.tap == NULL || (c->with_traces && o.trace == NULL)) {
        free(o.tap);
        return -1;
    }
    c->outcomes[a.i] = o;
    return 0;
}

/* One worker has spoken, or ended. */
static int serve(struct crew *c, struct worker *w)
{
    size_t played = w->playing;

    if (take_answer(c, w) == 0) {
        give_work(c, w, false);
        if (w->playing != NOTHING)
            return 0;
    }
    bury(c, w, played);
    if (c->next == c->work->n)
        return 0;
    if (start(c, w) != 0)
        return -1;
    give_work(c, w, true);
    return 0;
}

static int round_of(struct crew *c)
{
    struct pollfd fds[WORKERS_MAX];

    for (size_t i = 0; i < c->n; i++)
        fds[i] = (struct pollfd){.fd = c->workers[i].fd, .events = POLLIN};
    if (poll(fds, c->n, -1) < 0)
        return errno == EINTR ? 0 : -1;
    for (size_t i = 0; i < c->n; i++)
        if (fds[i].revents != 0 && serve(c, &c->workers[i]) != 0)
            return -1;
    tell(c);
    return 0;
}

static bool is_working(const struct crew *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->workers[i].pid != 0)
            return true;
    return false;
}

static void let_go(struct crew *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->workers[i].pid != 0) {
            kill(c->workers[i].pid, SIGKILL);
            bury(c, &c->workers[i], NOTHING);
        }
    for (size_t i = 0; i < c->work->n; i++) {
        free(c->outcomes[i].tap);
        free(c->outcomes[i].trace);
    }
    free(c->outcomes);
}

int crew_run(const struct crew_work *work, size_t n_workers, bool is_forked,
             bool with_traces)
{
    struct crew c = {
        .work = work, .is_forked = is_forked, .with_traces = with_traces};
    int rc = 0, saved;

    c.outcomes = calloc(work->n + 1, sizeof *c.outcomes);
    if (c.outcomes == NULL)
        return -1;
    c.n = n_workers < WORKERS_MAX ? n_workers : WORKERS_MAX;
    for (size_t i = 0; i < c.n; i++)
        c.workers[i] = (struct worker){.fd = -1, .cpu = nth_cpu(i)};
    for (size_t i = 0; i < c.n && c.next < work->n && rc == 0; i++) {
        rc = start(&c, &c.workers[i]);
        if (rc == 0)
            give_work(&c, &c.workers[i], true);
    }
    while (rc == 0 && is_working(&c))
        rc = round_of(&c);
    saved = errno;
    tell(&c);
    let_go(&c);
    errno = saved;
    return rc;
}
