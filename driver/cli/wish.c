/* SPDX-License-Identifier: Apache-2.0
 * wish.c - what the command line asks for.
 */
#include "wish.h"
#include "pair.h"
#include "servicegroup.h"
#include "step.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int usage(void)
{
    fputs(
        "usage: servicegroup migrate plan|status|verify OPTIONS\n"
        "\n"
        "  plan     the steps, which one is next, and what holds each up\n"
        "  status   who is up in the old store, in the new one, in either\n"
        "  verify   look for a while, then say whether --step is safe\n"
        "\n"
        "  --old URL       nova-mc://host?service_down_time=60, nova-zk://...\n"
        "  --new URL       kazoo://, memcached:// or redis://\n"
        "  --config FILE   nova.conf instead: with servicegroup_bridge_from "
        "it\n"
        "                  names both, else one; may be given twice\n"
        "  --group NAME    the topic (compute)\n"
        "  --hosts FILE    one \"host [enabled|disabled] [forced_down]\" a "
        "line,\n"
        "                  -: stdin; without it, what the stores themselves "
        "list\n"
        "  --reader NAME=FILE   nova.conf of one who reads (api, scheduler, "
        "...):\n"
        "                  plan and verify then also judge what it reads\n"
        "  --step STEP     bridge-readers, roll, switch-readers or drop-old\n"
        "                  (drop-old)\n"
        "  --for SECONDS   how long verify looks (the longer timeout of the "
        "two),\n"
        "                  and --watch at most\n"
        "  --watch[=S]     status, again every S seconds (2), until all have "
        "moved\n"
        "  --json          one JSON document, or one a line with --watch\n"
        "\n"
        "Exit status: 0 done, and safe; 1 not safe, the hosts are named, or "
        "with\n--watch not all have moved; 2 wrong use; 3 a store does not "
        "answer, so\nnobody knows; 4 failed, or interrupted before an "
        "answer.\n",
        stdout);
    return DONE;
}

int complain(const char *what)
{
    fprintf(stderr, "servicegroup: %s\n", what);
    return USAGE;
}

/* ---- options ----------------------------------------------------------- */

static bool take_number(const char *text, double *ret)
{
    char *end;

    *ret = strtod(text, &end);
    return end != text && *end == '\0' && *ret >= 0 && *ret < 1e7;
}

static int take_url(char **to, const char *url)
{
    free(*to);
    *to = strdup(url);
    return *to == NULL ? complain("out of memory") : DONE;
}

/* A bridge names both stores; an old driver the one that is left. */
static int take_config(struct wish *w, const char *path)
{
    struct sg_config *config;
    char *new_url, *old_url;
    int status = DONE;

    if (sg_config_read(path, &config) != SG_OK)
        return complain(sg_why());
    if (config->warning[0] != '\0')
        complain(config->warning);
    if (pair_of_bridge(config->url, &new_url, &old_url)) {
        free(w->new_url);
        free(w->old_url);
        w->new_url = new_url;
        w->old_url = old_url;
    } else if (strncmp(config->url, "nova-", 5) == 0) {
        status = take_url(&w->old_url, config->url);
    } else {
        status = take_url(&w->new_url, config->url);
    }
    sg_config_free(config);
    return status;
}

static int take_option(struct wish *w, int option, const char *value)
{
    switch (option) {
    case 'o':
        return take_url(&w->old_url, value);
    case 'n':
        return take_url(&w->new_url, value);
    case 'c':
        return take_config(w, value);
    case 'g':
        w->group = value;
        return DONE;
    case 'r':
        w->records = value;
        return DONE;
    case 'R':
        return readers_add(&w->readers, value) ? DONE
                                               : complain("too many readers");
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

static int check(struct wish *w)
{
    static const char *const verbs[] = {"plan", "status", "verify"};
    const char *misfit;
    size_t v = 0;

    while (v < 3 && strcmp(w->verb, verbs[v]) != 0)
        v++;
    if (v == 3)
        return complain("migrate does plan, status and verify");
    if (w->new_url == NULL || w->old_url == NULL)
        return complain("two stores are needed: --old and --new, or --config; "
                        "a configuration names both if it has "
                        "servicegroup_bridge_from");
    if (w->watch_s >= 0 && v != 1)
        return complain("--watch goes with status");
    misfit = pair_misfit(w->new_url, w->old_url);
    if (misfit != NULL)
        return complain(misfit);
    return readers_read(&w->readers, w->new_url, w->old_url)
               ? DONE
               : complain(sg_why());
}

int wish_read(struct wish *w, int argc, char **argv)
{
    static const struct option table[] = {
        {"old", required_argument, NULL, 'o'},
        {"new", required_argument, NULL, 'n'},
        {"config", required_argument, NULL, 'c'},
        {"group", required_argument, NULL, 'g'},
        {"hosts", required_argument, NULL, 'r'},
        {"reader", required_argument, NULL, 'R'},
        {"step", required_argument, NULL, 's'},
        {"for", required_argument, NULL, 'f'},
        {"watch", optional_argument, NULL, 'w'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option, status = DONE;

    *w = (struct wish){
        .group = "compute", .step = "drop-old", .for_s = -1, .watch_s = -1};
    while (status == DONE &&
           (option = getopt_long(argc, argv, "h", table, NULL)) != -1)
        status = take_option(w, option, optarg);
    if (status != DONE || w->is_help)
        return status;
    if (argc - optind != 2 || strcmp(argv[optind], "migrate") != 0)
        return complain("say: servicegroup migrate plan, status or verify");
    w->verb = argv[optind + 1];
    return check(w);
}

void wish_free(struct wish *w)
{
    free(w->new_url);
    free(w->old_url);
}
