/* SPDX-License-Identifier: Apache-2.0
 * step.c - the steps of a migration, and whether the next one is safe.
 *
 * With readers that look at both stores ("either") no live service is ever
 * down while its fleet is rolled; what can go wrong is to take a step while
 * somebody still depends on what it takes away.
 */
#include "step.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *text;
} steps[STEPS] = {
    [STEP_BRIDGE] = {"bridge-readers",
                     "give every reader (api, scheduler, conductor, ...) the "
                     "bridge: it reads both stores"},
    [STEP_ROLL] = {"roll",
                   "restart the services one after the other with the new "
                   "store, or with the bridge to write both"},
    [STEP_SWITCH] = {"switch-readers", "give every reader the new store alone"},
    [STEP_DROP] = {"drop-old", "stop writing the old store and shut it down"},
};

enum step step_find(const char *name)
{
    int s = 0;

    while (s < STEPS && strcmp(steps[s].name, name) != 0)
        s++;
    return (enum step)s;
}

const char *step_name(enum step step)
{
    return steps[step].name;
}

const char *step_text(enum step step)
{
    return steps[step].text;
}

/* ---- is it safe? ------------------------------------------------------ */

static bool is_silent(const struct host *h, int store)
{
    return h->in[store].verdict.status == SG_UNKNOWN;
}

/* Both must answer, or a reader of both would not know either. */
static const char *holds_reading(const struct host *h, enum safety *ret)
{
    *ret = UNKNOWN;
    if (is_silent(h, OLD))
        return "the old store does not say";
    if (is_silent(h, NEW))
        return "the new store does not say";
    return NULL;
}

const char *step_holds(const struct fleet *f, enum step step,
                       const struct host *h, int64_t needed_ms,
                       enum safety *ret)
{
    const char *why = holds_reading(h, ret);

    if (why != NULL)
        return why;
    *ret = UNSAFE;
    /* Whoever is up nowhere loses nothing by either step. */
    if (h->is_forced_down || step == STEP_BRIDGE || step == STEP_ROLL)
        return NULL;
    if (host_is_up(h, OLD) && !host_is_up(h, NEW))
        return "is up in the old store only";
    if (host_is_up(h, NEW) && host_for_ms(f, h, NEW) < needed_ms)
        return "has not been up in the new store for long enough";
    return NULL;
}

enum safety step_judge(const struct fleet *f, enum step step, int64_t needed_ms)
{
    enum safety worst = SAFE, one;

    for (size_t i = 0; i < f->n_hosts; i++)
        if (step_holds(f, step, &f->hosts[i], needed_ms, &one) != NULL &&
            (worst == SAFE || one == UNKNOWN))
            worst = one;
    return worst;
}

/* ---- URLs that must not be used together ------------------------------ */

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The value of an option of a URL, without slashes around it. */
static void option(const char *url, const char *name, const char *otherwise,
                   char to[200])
{
    const char *at = strchr(url, '?');
    size_t n = strlen(name), length;

    while (at != NULL && !(strncmp(at + 1, name, n) == 0 && at[n + 1] == '='))
        at = strchr(at + 1, '&');
    at = at == NULL ? otherwise : at + n + 2;
    at += strspn(at, "/");
    length = strcspn(at, "&");
    while (length > 0 && at[length - 1] == '/')
        length--;
    snprintf(to, 200, "%.*s", (int)length, at);
}

/* In one tree of ZooKeeper the persistent host nodes of the old layout would
 * be members of the new one that never die. */
const char *step_misfit(const struct fleet *f)
{
    const char *n = f->url[NEW], *o = f->url[OLD];
    char ns[200], prefix[200];

    if (strcmp(n, o) == 0)
        return "both stores are the same URL";
    if ((!starts(n, "kazoo://") && !starts(n, "zookeeper://")) ||
        !starts(o, "nova-zk://"))
        return NULL;
    option(n, "namespace", "tooz", ns);
    option(o, "sg_prefix", "servicegroups", prefix);
    return strcmp(ns, prefix) == 0
               ? "the namespace of kazoo:// is the sg_prefix of nova-zk://; "
                 "left-over nodes there would be members that never die; "
                 "choose another namespace"
               : NULL;
}
