/* SPDX-License-Identifier: Apache-2.0
 * config.c - nova's configuration file, as a URL and options.
 *
 * inih reads the file (config_text.c). What the names mean, and which of them
 * rule the form of the old memcache values, is nova's: with
 * [DEFAULT]memcached_servers keys are raw and the server expires them (Kilo,
 * Liberty); with [cache] they are hashed, and the reader's clock decides
 * (Mitaka and later).
 */
#include "config_text.h"
#include "servicegroup.h"
#include "why.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum key {
    DRIVER,
    TOOZ_URL,
    BRIDGE_FROM,
    REPORT_INTERVAL,
    DOWN_TIME,
    MC_SERVERS,
    MC_ERA,
    CACHE_ENABLED,
    CACHE_BACKEND,
    CACHE_SERVERS,
    ZK_ADDRESS,
    ZK_RECV_TIMEOUT,
    ZK_PREFIX,
    ZK_LAYOUT,
    KEYS
};
static const char *const names[KEYS][2] = {
    [DRIVER] = {"DEFAULT", "servicegroup_driver"},
    [TOOZ_URL] = {"DEFAULT", "servicegroup_tooz_url"},
    [BRIDGE_FROM] = {"DEFAULT", "servicegroup_bridge_from"},
    [REPORT_INTERVAL] = {"DEFAULT", "report_interval"},
    [DOWN_TIME] = {"DEFAULT", "service_down_time"},
    [MC_SERVERS] = {"DEFAULT", "memcached_servers"},
    [MC_ERA] = {"DEFAULT", "servicegroup_mc_era"},
    [CACHE_ENABLED] = {"cache", "enabled"},
    [CACHE_BACKEND] = {"cache", "backend"},
    [CACHE_SERVERS] = {"cache", "memcache_servers"},
    [ZK_ADDRESS] = {"zookeeper", "address"},
    [ZK_RECV_TIMEOUT] = {"zookeeper", "recv_timeout"},
    [ZK_PREFIX] = {"zookeeper", "sg_prefix"},
    [ZK_LAYOUT] = {"zookeeper", "sg_layout"},
};

struct reading {
    const char *path;
    char *value[KEYS]; /* NULL: not given                             */
    bool is_out_of_memory;
    struct sg_config *config;
    char url[4096];
    size_t length; /* of the URL; sizeof url: it was too long     */
};

/* ---- values ----------------------------------------------------------- */

/* "old", a line's end if it was one, and "value". */
static char *longer(const char *old, const char *value, bool is_line)
{
    size_t n = strlen(old) + strlen(value) + 2;
    char *text = malloc(n);

    if (text != NULL)
        snprintf(text, n, "%s%s%s", old, is_line ? "\n" : "", value);
    return text;
}

static int take(void *arg, const char *section, const char *name,
                const char *value, enum sg_config_link link)
{
    struct reading *r = arg;

    for (int k = 0; k < KEYS; k++) {
        const char *old = r->value[k] == NULL ? "" : r->value[k];
        char *copy;
        if (strcmp(section, names[k][0]) != 0 || strcmp(name, names[k][1]) != 0)
            continue;
        /* the last one wins, as in oslo.config */
        copy = link == SG_CONFIG_BEGINS
                   ? strdup(value)
                   : longer(old, value, link == SG_CONFIG_NEXT_LINE);
        if (copy == NULL)
            r->is_out_of_memory = true;
        free(r->value[k]);
        r->value[k] = copy;
    }
    return 1;
}

static int bad(const struct reading *r, enum key key, const char *rule)
{
    return sg_why_set(SG_EURL, "%.200s: [%s] %s: %s", r->path, names[key][0],
                      names[key][1], rule);
}

/* oslo.config takes quotes away, and $name for another option's value, which
 * this reader does not know; $$ is one $. */
static int clean(struct reading *r, enum key key)
{
    char *text = r->value[key], *to = text;
    size_t n = text == NULL ? 0 : strlen(text);

    if (n > 1 && (*text == '"' || *text == '\'') && text[n - 1] == *text) {
        text[n - 1] = '\0';
        text++;
    }
    for (; n > 0 && *text != '\0'; text++) {
        if (*text == '$' && (isalpha((unsigned char)text[1]) ||
                             text[1] == '_' || text[1] == '{'))
            return bad(r, key,
                       "refers to another option by $, which only nova "
                       "resolves; write its value out, and $$ for a $");
        if (*text == '$' && text[1] == '$')
            text++;
        *to++ = *text;
    }
    if (n > 0)
        *to = '\0';
    return SG_OK;
}

static const char *value(const struct reading *r, enum key key,
                         const char *otherwise)
{
    const char *text = r->value[key];

    return text == NULL || *text == '\0' ? otherwise : text;
}

static bool is_true(const char *text)
{
    static const char *const yes[] = {"true", "1", "yes", "on"};

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (strcasecmp(text, yes[i]) == 0)
            return true;
    return false;
}

static void warn(struct reading *r, const char *format, long long a,
                 long long b, long long c)
{
    char *to = r->config->warning;
    size_t n = strlen(to);

    if (n > 0)
        n += (size_t)snprintf(to + n, sizeof r->config->warning - n, " ");
    if (n < sizeof r->config->warning)
        snprintf(to + n, sizeof r->config->warning - n, format, a, b, c);
}

static int take_seconds(const struct reading *r, enum key key,
                        int64_t otherwise_s, int64_t *ret_ms)
{
    const char *text = r->value[key];
    char *end;
    long long seconds;

    *ret_ms = otherwise_s * 1000;
    if (text == NULL)
        return SG_OK;
    seconds = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || seconds < 0 || seconds > 1000000000)
        return bad(r, key, "is not a whole number of seconds");
    *ret_ms = seconds * 1000;
    return SG_OK;
}

/* nova's rule (nova/servicegroup/api.py): a service must be able to miss a
 * report. */
static int take_times(struct reading *r)
{
    struct sg_config *c = r->config;
    int rc = take_seconds(r, REPORT_INTERVAL, 10, &c->report_interval_ms);

    if (rc == SG_OK)
        rc = take_seconds(r, DOWN_TIME, 60, &c->service_down_time_ms);
    if (rc != SG_OK || c->report_interval_ms < c->service_down_time_ms)
        return rc;
    warn(r,
         "service_down_time (%lld s) is not above report_interval (%lld s) "
         "and was taken for %lld s.",
         c->service_down_time_ms / 1000, c->report_interval_ms / 1000,
         c->report_interval_ms * 5 / 2 / 1000);
    c->service_down_time_ms = c->report_interval_ms * 5 / 2 / 1000 * 1000;
    return SG_OK;
}

/* ---- URLs ------------------------------------------------------------- */

static void add(struct reading *r, const char *text)
{
    size_t n = strlen(text);

    if (r->length + n >= sizeof r->url) {
        r->length = sizeof r->url;
        return;
    }
    memcpy(r->url + r->length, text, n + 1);
    r->length += n;
}

static void add_number(struct reading *r, const char *name, int64_t number)
{
    char text[64];

    snprintf(text, sizeof text, "%s%lld", name, (long long)number);
    add(r, text);
}

/* A URL inside a URL: what would end it, or be taken for a space. */
static void add_quoted(struct reading *r, const char *text)
{
    for (; *text != '\0'; text++) {
        char one[4] = {*text, '\0'};
        if (strchr("&%#+ ", *text) != NULL)
            snprintf(one, sizeof one, "%%%02X", (unsigned char)*text);
        add(r, one);
    }
}

/* "a:1, inet6:[::1]:2" as the hosts of a URL. */
static void add_hosts(struct reading *r, const char *list)
{
    static const char *const prefix[] = {"inet:", "inet6:"};
    bool is_first = true;

    while (*list != '\0') {
        size_t n = strcspn(list, ", \t\n");
        char host[300];
        const char *at = host;
        snprintf(host, sizeof host, "%.*s", (int)n, list);
        for (size_t i = 0; i < 2; i++)
            if (strncmp(at, prefix[i], strlen(prefix[i])) == 0)
                at += strlen(prefix[i]);
        if (n > 0 && !is_first)
            add(r, ",");
        if (n > 0)
            is_first = false;
        add(r, at);
        list += n;
        list += strspn(list, ", \t\n");
    }
}

static int write_mc(struct reading *r)
{
    const char *servers = value(r, MC_SERVERS, NULL);
    const char *era = value(r, MC_ERA, "liberty");
    bool is_hashed = false;

    if (is_true(value(r, CACHE_ENABLED, "false"))) {
        if (strcmp(value(r, CACHE_BACKEND, "dogpile.cache.null"),
                   "dogpile.cache.null") == 0)
            return bad(r, CACHE_BACKEND,
                       "dogpile.cache.null keeps nothing, so every service "
                       "would be down; name a memcached backend");
        servers = value(r, CACHE_SERVERS, "localhost:11211");
        era = value(r, MC_ERA, "mitaka");
        is_hashed = true;
    }
    if (servers == NULL)
        return bad(r, MC_SERVERS,
                   "is missing, and [cache] is not enabled; one of both says "
                   "where memcached is");
    if (strcmp(era, "liberty") != 0 && strcmp(era, "mitaka") != 0)
        return bad(r, MC_ERA, "is liberty or mitaka");
    add(r, "nova-mc://");
    add_hosts(r, servers);
    add_number(r,
               "?service_down_time=", r->config->service_down_time_ms / 1000);
    add(r, "&era=");
    add(r, era);
    add(r, is_hashed ? "&key=sha1" : "&key=raw");
    return SG_OK;
}

static int write_zk(struct reading *r)
{
    const char *address = value(r, ZK_ADDRESS, NULL);

    if (address == NULL)
        return bad(r, ZK_ADDRESS, "is missing: host:port,host:port");
    add(r, "nova-zk://");
    add_hosts(r, address);
    add(r, "?recv_timeout=");
    add(r, value(r, ZK_RECV_TIMEOUT, "4000"));
    add(r, "&sg_prefix=");
    add(r, value(r, ZK_PREFIX, "/servicegroups"));
    add(r, "&layout=");
    add(r, value(r, ZK_LAYOUT, "process"));
    return SG_OK;
}

static int write_old(struct reading *r, enum key key, const char *driver)
{
    if (strcmp(driver, "mc") == 0)
        return write_mc(r);
    if (strcmp(driver, "zk") == 0)
        return write_zk(r);
    return bad(r, key, key == DRIVER ? "is tooz, mc or zk" : "is mc or zk");
}

/* The tree of a kazoo:// URL is that of the old driver. */
static bool is_one_tree(const char *url, const char *prefix)
{
    static const char option[] = "namespace=";
    const char *at = strstr(url, option);
    size_t n;

    if (strncmp(url, "kazoo://", 8) != 0 &&
        strncmp(url, "zookeeper://", 12) != 0)
        return false;
    at = at == NULL ? "tooz" : at + sizeof option - 1;
    at += strspn(at, "/");
    prefix += strspn(prefix, "/");
    n = strcspn(at, "/&");
    return n == strcspn(prefix, "/") && strncmp(at, prefix, n) == 0;
}

/* What did not fit has not been written, and is an error of its own. */
static int need_room(struct reading *r)
{
    return r->length < sizeof r->url
               ? SG_OK
               : bad(r, DRIVER, "its URL would have more than 4095 bytes");
}

static int write_tooz(struct reading *r)
{
    const char *url = value(r, TOOZ_URL, NULL);
    const char *from = value(r, BRIDGE_FROM, NULL);
    char *old;
    int rc;

    if (url == NULL)
        return bad(r, TOOZ_URL,
                   "is missing: kazoo://, memcached:// or redis://");
    if (from == NULL) {
        add(r, url);
        return SG_OK;
    }
    rc = write_old(r, BRIDGE_FROM, from);
    if (rc == SG_OK)
        rc = need_room(r); /* what is cut off here would be missed by nobody */
    if (rc != SG_OK)
        return rc;
    if (strcmp(from, "zk") == 0 &&
        is_one_tree(url, value(r, ZK_PREFIX, "/servicegroups")))
        return bad(r, ZK_PREFIX,
                   "is the namespace of servicegroup_tooz_url, too; left-over "
                   "nodes of the old driver would be members that never die; "
                   "choose another namespace");
    old = strdup(r->url);
    if (old == NULL)
        return sg_why_set(SG_ENOMEM, "out of memory");
    r->length = 0;
    add(r, "bridge://?new=");
    add_quoted(r, url);
    add(r, "&old=");
    add_quoted(r, old);
    free(old);
    return SG_OK;
}

static int write_url(struct reading *r)
{
    const char *driver = value(r, DRIVER, "db");
    int rc;

    if (strcmp(driver, "db") == 0)
        return sg_why_set(SG_ENOTSUP,
                          "%.200s: servicegroup_driver is db, nova's own, "
                          "which this library leaves alone",
                          r->path);
    rc = strcmp(driver, "tooz") == 0 ? write_tooz(r)
                                     : write_old(r, DRIVER, driver);
    return rc == SG_OK ? need_room(r) : rc;
}

/* ---- reading ---------------------------------------------------------- */

static int read_file(struct reading *r)
{
    int line = sg_config_parse(r->path, take, r);

    if (r->is_out_of_memory || line == -2)
        return sg_why_set(SG_ENOMEM, "out of memory");
    if (line == -1)
        return sg_why_set(SG_EURL, "%.200s cannot be read", r->path);
    if (line > 0)
        return sg_why_set(SG_EURL,
                          "%.200s: line %d is neither a section nor "
                          "an option",
                          r->path, line);
    for (int k = 0; k < KEYS; k++) {
        int rc = clean(r, (enum key)k);
        if (rc != SG_OK)
            return rc;
    }
    return SG_OK;
}

int sg_config_read(const char *path, struct sg_config **ret_config)
{
    struct reading *r;
    int rc;

    if (path == NULL || ret_config == NULL)
        return sg_why_set(SG_EINVAL, "no path, or nowhere to put it");
    r = calloc(1, sizeof *r);
    if (r == NULL)
        return sg_why_set(SG_ENOMEM, "out of memory");
    r->path = path;
    r->config = calloc(1, sizeof *r->config);
    rc = r->config == NULL ? sg_why_set(SG_ENOMEM, "out of memory")
                           : read_file(r);
    if (rc == SG_OK)
        rc = take_times(r);
    if (rc == SG_OK)
        rc = write_url(r);
    if (rc == SG_OK && (r->config->url = strdup(r->url)) == NULL)
        rc = sg_why_set(SG_ENOMEM, "out of memory");
    for (int k = 0; k < KEYS; k++)
        free(r->value[k]);
    if (rc == SG_OK)
        *ret_config = r->config;
    else
        sg_config_free(r->config);
    explicit_bzero(r->url, sizeof r->url);
    free(r);
    return rc;
}

void sg_config_free(struct sg_config *config)
{
    if (config == NULL)
        return;
    free(config->url);
    free(config);
}
