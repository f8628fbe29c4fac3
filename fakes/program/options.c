/* SPDX-License-Identifier: Apache-2.0
 * options.c - what the command line of build/fakes says.
 */
#include "options.h"
#include "command.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: fakes [OPTION]... [kazoo|memcached|redis]...   (default: all)\n"
    "ZooKeeper, memcached and Redis on 127.0.0.1, in memory, on one clock.\n"
    "\n"
    "  --port SERVER=PORT  that port instead of a free one\n"
    "  --control PORT      the control port; default: a free one\n"
    "  --control -         control on standard input; ends with it\n"
    "  --stopped           the clock stands until it is told to run\n"
    "  --tick MS           ZooKeeper's tickTime (2000): sessions live 2 to 20\n"
    "  --phase MS          when in a second memcached's clock ticks (0)\n"
    "  --trace FILE        write each change, with its time; - is stdout\n"
    "  --ready-file FILE   write there, before, what is printed first\n"
    "  --exit-with PID     end when that process does; \"parent\": who "
    "started this\n"
    "  --help              this text\n"
    "\n"
    "Printed first, a line each: kazoo://127.0.0.1:PORT, memcached://...,\n"
    "redis://..., control 127.0.0.1:PORT. Ends on SIGTERM, SIGINT, SIGHUP or\n"
    "\"quit\". Status: 0, 1 it failed, 2 a wrong command line.\n"
    "\n"
    "The control port takes a command a line, and answers \"ok ...\" or\n"
    "\"error ...\"; what answers \"lines\" ends them with a line \".\":\n"
    "\n";

void program_print_help(FILE *out)
{
    fputs(usage, out);
    program_print_commands(out, "  ");
}

/* ---- one option ------------------------------------------------------- */

enum key {
    KEY_PORT = 256,
    KEY_CONTROL,
    KEY_STOPPED,
    KEY_TICK,
    KEY_PHASE,
    KEY_TRACE,
    KEY_READY,
    KEY_OWNER,
    KEY_HELP
};

static const struct option known[] = {
    {"port", required_argument, NULL, KEY_PORT},
    {"control", required_argument, NULL, KEY_CONTROL},
    {"stopped", no_argument, NULL, KEY_STOPPED},
    {"tick", required_argument, NULL, KEY_TICK},
    {"phase", required_argument, NULL, KEY_PHASE},
    {"trace", required_argument, NULL, KEY_TRACE},
    {"ready-file", required_argument, NULL, KEY_READY},
    {"exit-with", required_argument, NULL, KEY_OWNER},
    {"help", no_argument, NULL, KEY_HELP},
    {0},
};

struct reading {
    struct program_options *options;
    bool has_names;
    char *why;
    size_t size;
};

static bool refuse(const struct reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse(const struct reading *r, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(r->why, r->size, format, list);
    va_end(list);
    return false;
}

static bool take_port(const struct reading *r, const char *text)
{
    const char *equals = strchr(text, '=');
    char name[16] = "";
    int64_t port = 0;

    if (equals != NULL && (size_t)(equals - text) < sizeof name)
        memcpy(name, text, (size_t)(equals - text));
    if (program_kind_of(name) == PROGRAM_KINDS ||
        !program_word_number(equals + 1, 1, 65535, &port))
        return refuse(r, "--port wants SERVER=PORT, not \"%s\"", text);
    r->options->plan.port[program_kind_of(name)] = (int)port;
    return true;
}

static bool take_control(const struct reading *r, const char *text)
{
    int64_t port = 0;

    r->options->is_control_stdin = strcmp(text, "-") == 0;
    if (!r->options->is_control_stdin &&
        !program_word_number(text, 0, 65535, &port))
        return refuse(r, "--control wants a port or -, not \"%s\"", text);
    r->options->control_port = (int)port;
    return true;
}

static bool take_owner(const struct reading *r, const char *text)
{
    int64_t pid = getppid();

    if (strcmp(text, "parent") != 0 &&
        !program_word_number(text, 1, INT32_MAX, &pid))
        return refuse(r,
                      "--exit-with wants a process or \"parent\", not "
                      "\"%s\"",
                      text);
    r->options->owner = (pid_t)pid;
    return true;
}

static bool take_ms(const struct reading *r, const char *name, const char *text,
                    int64_t least, int64_t most, int64_t *ret_ms)
{
    if (program_word_number(text, least, most, ret_ms))
        return true;
    return refuse(r, "--%s wants a number from %d to %d, not \"%s\"", name,
                  (int)least, (int)most, text);
}

static bool take_option(struct reading *r, int key, const char *text,
                        char **argv)
{
    struct program_options *o = r->options;

    switch (key) {
    case KEY_PORT:
        return take_port(r, text);
    case KEY_CONTROL:
        return take_control(r, text);
    case KEY_STOPPED:
        o->plan.is_stopped = true;
        return true;
    case KEY_TICK:
        return take_ms(r, "tick", text, 1, INT32_MAX / 20, &o->plan.tick_ms);
    case KEY_PHASE:
        return take_ms(r, "phase", text, 0, 999, &o->plan.phase_ms);
    case KEY_TRACE:
        o->trace = text;
        return true;
    case KEY_READY:
        o->ready = text;
        return true;
    case KEY_OWNER:
        return take_owner(r, text);
    case KEY_HELP:
        o->is_help = true;
        return true;
    case ':':
        return refuse(r, "%s wants a value", argv[optind - 1]);
    default:
        return refuse(r, "unknown option \"%s\"", argv[optind - 1]);
    }
}

/* ---- the whole line --------------------------------------------------- */

static bool take_name(struct reading *r, const char *name)
{
    enum program_kind kind = program_kind_of(name);

    if (kind == PROGRAM_KINDS)
        return refuse(r, "no server is called \"%s\": kazoo, memcached, redis",
                      name);
    r->options->plan.is_wanted[kind] = r->has_names = true;
    return true;
}

static bool is_sound(const struct reading *r)
{
    const struct program_options *o = r->options;

    for (int kind = 0; kind < PROGRAM_KINDS; kind++)
        if (o->plan.port[kind] != 0 && !o->plan.is_wanted[kind])
            return refuse(r, "a port for %s, which is not to be served",
                          program_kind_name((enum program_kind)kind));
    if (o->is_control_stdin && o->trace != NULL && strcmp(o->trace, "-") == 0)
        return refuse(r, "the trace and the answers cannot share stdout");
    return true;
}

bool program_options_read(int argc, char **argv,
                          struct program_options *ret_options, char *ret_why,
                          size_t size)
{
    struct reading r = {.options = ret_options, .why = ret_why, .size = size};
    int key;

    *ret_options = (struct program_options){.plan.tick_ms = 2000};
    optind = 0; /* glibc: begin anew */
    while ((key = getopt_long(argc, argv, ":", known, NULL)) != -1)
        if (!take_option(&r, key, optarg, argv))
            return false;
    for (int i = optind; i < argc; i++)
        if (!take_name(&r, argv[i]))
            return false;
    for (int kind = 0; kind < PROGRAM_KINDS && !r.has_names; kind++)
        ret_options->plan.is_wanted[kind] = true;
    return is_sound(&r);
}
