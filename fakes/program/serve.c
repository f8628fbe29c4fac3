/* SPDX-License-Identifier: Apache-2.0
 * serve.c - serving until it is told to end.
 */
#include "serve.h"
#include "control.h"
#include "outside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>

/* ---- the trace -------------------------------------------------------- */

struct trace {
    const struct program *program;
    struct program_outside *outside;
    FILE *out; /* NULL: standard output                                     */
};

static void write_trace(void *arg, const char *line)
{
    const struct trace *trace = arg;
    int64_t now_ms = fake_now(trace->program->hub);
    char *text;
    int length;

    if (trace->out != NULL) {
        fprintf(trace->out, "%" PRId64 " %s\n", now_ms, line);
        fflush(trace->out);
        return;
    }
    length = asprintf(&text, "%" PRId64 " %s\n", now_ms, line);
    if (length < 0)
        return;
    program_outside_print(trace->outside, text, (size_t)length);
    free(text);
}

static int open_trace(struct trace *trace, struct program *p, const char *name,
                      char *ret_why, size_t size)
{
    int err;

    trace->program = p;
    if (name == NULL)
        return 0;
    if (strcmp(name, "-") != 0)
        trace->out = fopen(name, "we");
    if (trace->out == NULL && strcmp(name, "-") != 0) {
        err = -errno;
        snprintf(ret_why, size, "cannot write %s: %s", name, strerror(-err));
        return err;
    }
    fake_set_trace(p->hub, write_trace, trace);
    return 0;
}

static void close_trace(struct trace *trace)
{
    if (trace->out != NULL)
        fclose(trace->out);
}

/* ---- ready ------------------------------------------------------------ */

/* Who waits for the file finds all of it. */
static int write_ready(const struct program *p, const char *name, char *ret_why,
                       size_t size)
{
    size_t length = strlen(name) + sizeof ".new";
    char *draft = malloc(length);
    FILE *out = NULL;
    int err = -ENOMEM;

    if (draft != NULL) {
        snprintf(draft, length, "%s.new", name);
        out = fopen(draft, "we");
        err = out == NULL ? -errno : 0;
    }
    if (out != NULL) {
        program_print_urls(p, out);
        if (fclose(out) != 0 || rename(draft, name) != 0)
            err = -errno;
    }
    if (err != 0)
        snprintf(ret_why, size, "cannot write %s: %s", name, strerror(-err));
    free(draft);
    return err;
}

static int say_ready(const struct program *p, const char *file, char *ret_why,
                     size_t size)
{
    int err = file == NULL ? 0 : write_ready(p, file, ret_why, size);

    if (err != 0)
        return err;
    errno = 0;
    program_print_urls(p, stdout);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    err = errno != 0 ? -errno : -EIO;
    snprintf(ret_why, size, "standard output: %s", strerror(-err));
    return err;
}

/* ---- all of it -------------------------------------------------------- */

/* A thousand clients need a thousand descriptors. */
static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_control(struct program *p, const struct program_options *o,
                        struct program_control **ret_control, char *ret_why,
                        size_t size)
{
    int err = 0;

    *ret_control = NULL;
    if (!o->is_control_stdin)
        err = program_control_open(p, o->control_port, ret_control);
    if (err != 0)
        snprintf(ret_why, size, "control cannot listen on port %d: %s",
                 o->control_port, strerror(-err));
    return err;
}

static void serve(struct program *p, struct program_control *control,
                  struct program_outside *outside)
{
    while (!p->is_over) {
        fake_poll(p->hub, outside->is_file ? 0 : INT64_MAX);
        program_outside_run(outside);
        if (control != NULL)
            program_control_run(control);
    }
    if (control != NULL)
        program_control_end(control);
}

int program_serve(const struct program_options *options)
{
    struct program_outside outside = {.epoll = -1, .signals = -1, .owner = -1};
    struct program_control *control = NULL;
    struct trace trace = {.outside = &outside};
    struct program p;
    char why[512];
    int err;

    raise_limit();
    err = program_open(&p, &options->plan, why, sizeof why);
    if (err == 0)
        err = open_control(&p, options, &control, why, sizeof why);
    if (err == 0)
        err = open_trace(&trace, &p, options->trace, why, sizeof why);
    if (err == 0)
        err = program_outside_open(&outside, &p, options->owner,
                                   options->is_control_stdin, why, sizeof why);
    if (err == 0)
        err = say_ready(&p, options->ready, why, sizeof why);
    if (err == 0)
        serve(&p, control, &outside);
    else
        fprintf(stderr, "fakes: %s\n", why);
    program_close(&p);
    program_outside_close(&outside);
    close_trace(&trace);
    return err == 0 ? 0 : 1;
}
