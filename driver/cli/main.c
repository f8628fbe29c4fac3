/* SPDX-License-Identifier: Apache-2.0
 * main.c - servicegroup: an operator's tool for moving a fleet.
 */
#include "report.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Exit status; scripts depend on them. */
enum { DONE = 0, NOT_SAFE = 1, USAGE = 2, NOBODY_KNOWS = 3, FAILED = 4 };

struct wish {
    const char *verb, *new_url, *old_url, *group, *records, *step;
    struct sg_config *config;
    char *urls; /* of the configuration, taken apart            */
    double for_s, watch_s;
    bool is_json, is_help;
};

static volatile sig_atomic_t is_over;

static void stop(int signal_number)
{
    (void)signal_number;
    is_over = 1;
}

static int usage(FILE *to, int status)
{
    fputs(
        "usage: servicegroup migrate plan|status|verify OPTIONS\n"
        "\n"
        "  plan     the steps, and which one can be taken now\n"
        "  status   who is up in the old store, in the new one, in either\n"
        "  verify   look for a while, then say whether --step is safe\n"
        "\n"
        "  --old URL       nova-mc://host?service_down_time=60, nova-zk://...\n"
        "  --new URL       kazoo://, memcached:// or redis://\n"
        "  --config FILE   nova.conf with servicegroup_bridge_from, instead\n"
        "  --group NAME    the topic (compute)\n"
        "  --hosts FILE    one \"host [disabled] [forced_down]\" a line, -: "
        "stdin;\n"
        "                  without it, what the stores themselves can list\n"
        "  --step STEP     bridge-readers, roll, switch-readers or drop-old\n"
        "                  (drop-old)\n"
        "  --for SECONDS   how long verify looks (the old store's timeout)\n"
        "  --watch[=S]     status, again every S seconds (2), until Ctrl-C\n"
        "  --json          one JSON document, or one a line with --watch\n"
        "\n"
        "Exit status: 0 done, and safe; 1 not safe, the hosts are named; 2 "
        "wrong use;\n3 a store does not answer, so nobody knows; 4 failed.\n",
        to);
    return status;
}

static int complain(const char *what)
{
    fprintf(stderr, "servicegroup: %s\n", what);
    return USAGE;
}

/* ---- the command line ------------------------------------------------- */

static bool take_number(const char *text, double *ret)
{
    char *end;

    *ret = strtod(text, &end);
    return end != text && *end == '\0' && *ret >= 0 && *ret < 1e7;
}

/* "%26" and the like, in place. */
static void unquote(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++) {
        unsigned byte;
        if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1) {
            *to++ = (char)byte;
            text += 2;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

/* A configuration that names a bridge names both stores. */
static int take_config(struct wish *w, const char *path)
{
    static const char form[] = "bridge://?new=";
    char *old;

    if (sg_config_read(path, &w->config) != SG_OK)
        return complain(sg_why());
    if (w->config->warning[0] != '\0')
        fprintf(stderr, "servicegroup: %s\n", w->config->warning);
    w->urls = strdup(w->config->url);
    if (w->urls == NULL)
        return complain("out of memory");
    if (strncmp(w->urls, form, sizeof form - 1) != 0)
        return complain("the configuration names one store only; set "
                        "servicegroup_bridge_from to the driver that is left");
    old = strstr(w->urls, "&old=");
    *old = '\0';
    w->new_url = w->urls + sizeof form - 1;
    w->old_url = old + strlen("&old=");
    unquote(w->urls + sizeof form - 1);
    unquote(old + strlen("&old="));
    return DONE;
}

static int take_option(struct wish *w, int option, const char *value)
{
    switch (option) {
    case 'o':
        w->old_url = value;
        return DONE;
    case 'n':
        w->new_url = value;
        return DONE;
    case 'c':
        return take_config(w, value);
    case 'g':
        w->group = value;
        return DONE;
    case 'r':
        w->records = value;
        return DONE;
    case 's':
        w->step = value;
        return step_find(value) == STEPS ? complain("no such step") : DONE;
    case 'f':
        return take_number(value, &w->for_s) ? DONE
                                             : complain("--for wants seconds");
    case 'w':
        w->watch_s = 2;
        return value == NULL || take_number(value, &w->watch_s)
                   ? DONE
                   : complain("--watch wants seconds");
    case 'j':
        w->is_json = true;
        return DONE;
    case 'h':
        w->is_help = true;
        return DONE;
    default:
        return USAGE;
    }
}

static int read_line(struct wish *w, int argc, char **argv)
{
    static const struct option table[] = {
        {"old", required_argument, NULL, 'o'},
        {"new", required_argument, NULL, 'n'},
        {"config", required_argument, NULL, 'c'},
        {"group", required_argument, NULL, 'g'},
        {"hosts", required_argument, NULL, 'r'},
        {"step", required_argument, NULL, 's'},
        {"for", required_argument, NULL, 'f'},
        {"watch", optional_argument, NULL, 'w'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option, status = DONE;

    while (status == DONE &&
           (option = getopt_long(argc, argv, "h", table, NULL)) != -1)
        status = take_option(w, option, optarg);
    if (status != DONE || w->is_help)
        return status;
    if (argc - optind != 2 || strcmp(argv[optind], "migrate") != 0)
        return complain("say: servicegroup migrate plan, status or verify");
    w->verb = argv[optind + 1];
    if (w->new_url == NULL || w->old_url == NULL)
        return complain("two stores are needed: --old and --new, or --config");
    return DONE;
}

/* ---- verbs ------------------------------------------------------------ */

static int status_of(enum safety safety)
{
    return safety == SAFE ? DONE : safety == UNSAFE ? NOT_SAFE : NOBODY_KNOWS;
}

/* Between two looks at the stores: an operator watches a clock on the wall. */
static void nap(double seconds)
{
    struct timespec time = {(time_t)seconds,
                            (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&time, NULL);
}

static int look(struct fleet *f)
{
    if (fleet_look(f) == SG_OK)
        return DONE;
    fprintf(stderr, "servicegroup: %s\n", sg_why());
    return FAILED;
}

static int do_status(struct fleet *f, const struct wish *w)
{
    bool is_screen = isatty(STDOUT_FILENO) && !w->is_json;
    int status;

    do {
        status = look(f);
        if (status != DONE)
            return status;
        if (is_screen && w->watch_s > 0)
            fputs("\033[H\033[2J", stdout);
        if (w->is_json)
            report_json(stdout, f, STEPS, 0);
        else
            report_table(stdout, f);
        fflush(stdout);
        if (w->watch_s > 0 && !is_over)
            nap(w->watch_s);
    } while (w->watch_s > 0 && !is_over);
    return report_count(f).unknown > 0 ? NOBODY_KNOWS : DONE;
}

/* The old store's word lasts so long: whoever is up there only by what it
 * remembers is not any more after that. */
static int64_t needed_ms(const struct fleet *f, const struct wish *w)
{
    const struct sg_bounds *old = &f->bounds[OLD];

    return w->for_s >= 0 ? (int64_t)(w->for_s * 1000)
                         : old->timeout_ms + old->late_ms;
}

static int do_verify(struct fleet *f, const struct wish *w)
{
    enum step step = step_find(w->step);
    bool is_timed = step == STEP_SWITCH || step == STEP_DROP;
    int64_t needed = is_timed ? needed_ms(f, w) : 0;
    double pause_s = (double)needed / 20000;
    int status;

    for (;;) {
        status = look(f);
        if (status != DONE || is_over)
            return status == DONE ? FAILED : status;
        if (f->now_ms - f->began_ms >= needed + 200 || needed == 0)
            break;
        if (isatty(STDERR_FILENO)) {
            fprintf(stderr, "\r%3d%%  ",
                    (int)(100 * (f->now_ms - f->began_ms) / (needed + 200)));
            report_line(stderr, f);
        }
        nap(pause_s < 0.1 ? 0.1 : pause_s > 1 ? 1 : pause_s);
    }
    if (isatty(STDERR_FILENO))
        fputs("\n", stderr);
    if (w->is_json)
        report_json(stdout, f, step, needed);
    else
        report_verdict(stdout, f, step, needed);
    return status_of(step_judge(f, step, needed));
}

/* Without waiting: what would hold each step up as things stand. */
static int do_plan(struct fleet *f, const struct wish *w)
{
    int status = look(f);

    if (status != DONE)
        return status;
    if (w->is_json)
        return report_json(stdout, f, STEPS, 0) ? DONE : FAILED;
    for (int s = 0; s < STEPS; s++) {
        printf("%d. %s\n   ", s + 1, step_text((enum step)s));
        report_verdict(stdout, f, (enum step)s, 0);
    }
    puts("Before a step: servicegroup migrate verify --step NAME, which also "
         "looks for how long.");
    return DONE;
}

static int gather(struct fleet *f, const struct wish *w)
{
    const char *misfit = step_misfit(f);
    size_t listed = 0;
    int wrong = 0;

    if (misfit != NULL)
        return complain(misfit);
    if (w->records != NULL)
        wrong = fleet_add_file(f, w->records);
    else
        listed = fleet_add_listed(f);
    if (wrong < 0)
        fprintf(stderr, "servicegroup: %s: %s\n", w->records, strerror(errno));
    if (wrong > 0)
        fprintf(stderr,
                "servicegroup: %s, line %d: not a host, or a word "
                "beside disabled and forced_down\n",
                w->records, wrong);
    if (wrong != 0)
        return USAGE;
    if (w->records == NULL && listed < STORES) {
        fprintf(stderr,
                "servicegroup: not both stores can list their hosts "
                "(%s); give --hosts\n",
                sg_why());
        return NOBODY_KNOWS;
    }
    return f->n_hosts > 0 ? DONE : complain("no host to ask about");
}

static int run(const struct wish *w)
{
    struct fleet f;
    int status = FAILED;

    if (fleet_open(&f, w->new_url, w->old_url, w->group) != SG_OK)
        status = complain(sg_why());
    else
        status = gather(&f, w);
    if (status == DONE) {
        if (strcmp(w->verb, "status") == 0)
            status = do_status(&f, w);
        else if (strcmp(w->verb, "verify") == 0)
            status = do_verify(&f, w);
        else if (strcmp(w->verb, "plan") == 0)
            status = do_plan(&f, w);
        else
            status = complain("migrate does plan, status and verify");
    }
    fleet_close(&f);
    return status;
}

int main(int argc, char **argv)
{
    struct wish w = {.group = "compute", .step = "drop-old", .for_s = -1};
    struct sigaction action = {.sa_handler = stop};
    int status = read_line(&w, argc, argv);

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (w.is_help)
        status = usage(stdout, DONE);
    else if (status == DONE)
        status = run(&w);
    else
        fputs("servicegroup --help says more\n", stderr);
    free(w.urls);
    sg_config_free(w.config);
    return status;
}
