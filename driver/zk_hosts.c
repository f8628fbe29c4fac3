/* SPDX-License-Identifier: Apache-2.0
 * zk_hosts.c - the servers of an ensemble, as libzookeeper wants them.
 */
#include "zk_hosts.h"

#include "zk_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One "host[:port]" of the option; an IPv6 address stands in brackets. */
struct host {
    const char *name;
    size_t length;
    int port;
};

static bool read_port(const char *text, size_t length, int *ret_port)
{
    int port = 0;

    if (length == 0 || length > 5)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (text[i] - '0');
    }
    if (port < 1 || port > 65535)
        return false;
    *ret_port = port;
    return true;
}

static bool read_host(const char *text, size_t length, struct host *ret)
{
    const char *end = text + length;
    const char *close = *text == '[' ? memchr(text, ']', length) : NULL;
    const char *colon =
        memchr(close == NULL ? text : close, ':',
               length - (size_t)(close == NULL ? 0 : close - text));
    const char *name_end = colon == NULL ? end : colon;

    if (*text == '[' && (close == NULL || close + 1 != name_end))
        return false;
    ret->name = close == NULL ? text : text + 1;
    ret->length = (size_t)((close == NULL ? name_end : close) - ret->name);
    if (ret->length == 0 || ret->length > 255)
        return false;
    for (size_t i = 0; i < ret->length; i++)
        if (ret->name[i] <= ' ' || ret->name[i] > '~')
            return false;
    return colon == NULL ||
           read_port(colon + 1, (size_t)(end - colon - 1), &ret->port);
}

const char *sg_zk_hosts_chroot(const char *option)
{
    return option + strcspn(option, "/");
}

/* The next host of the list at *at, or false: at its end, or at a fault. */
static bool next_host(const char **at, int default_port, struct host *ret)
{
    size_t length = strcspn(*at, ",/");

    ret->port = default_port;
    if (length == 0 || !read_host(*at, length, ret))
        return false;
    *at += length;
    if (**at == ',')
        ++*at;
    return true;
}

bool sg_zk_hosts_check(const char *option, char *why, size_t why_bytes)
{
    const char *chroot = sg_zk_hosts_chroot(option), *at = option;
    char fault[160];
    struct host host;

    while (at < chroot && next_host(&at, 1, &host))
        ;
    if (at != chroot || (chroot > option && chroot[-1] == ',')) {
        snprintf(why, why_bytes,
                 "option \"hosts\" cannot be read at \"%.64s\"; the form is "
                 "host[:port],host[:port][/chroot]",
                 at);
        return false;
    }
    if (*chroot == '\0' || chroot[strspn(chroot, "/")] == '\0' ||
        sg_zk_path_is_tree(chroot, fault, sizeof fault))
        return true;
    snprintf(why, why_bytes, "the chroot of option \"hosts\": %s", fault);
    return false;
}

/* ---- the list --------------------------------------------------------- */

struct list {
    char **host;
    size_t n;
};

static void list_free(struct list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->host[i]);
    free(list->host);
}

/* libzookeeper takes what follows the last colon for the port, so an IPv6
 * address needs no brackets there, and getaddrinfo() would not take them. */
static bool list_add(struct list *list, const char *name, size_t length,
                     int port)
{
    char *host = malloc(length + sizeof ":65535");
    char **more;

    if (host == NULL)
        return false;
    sprintf(host, "%.*s:%d", (int)length, name, port);
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->host[i], host) == 0) {
            free(host);
            return true;
        }
    }
    more = realloc(list->host, (list->n + 1) * sizeof *more);
    if (more == NULL) {
        free(host);
        return false;
    }
    list->host = more;
    more[list->n++] = host;
    return true;
}

static const struct sg_endpoint *find(const struct sg_target *target,
                                      const struct host *host)
{
    for (size_t i = 0; i < target->n_endpoints; i++) {
        const struct sg_endpoint *e = &target->endpoints[i];
        if (e->port == host->port && strlen(e->name) == host->length &&
            memcmp(e->name, host->name, host->length) == 0)
            return e;
    }
    return NULL;
}

static bool list_fill(struct list *list, const struct sg_target *target,
                      int default_port)
{
    const char *option = target->option(target, "hosts");
    struct host host;

    for (size_t i = 0; i < target->n_endpoints; i++) {
        const struct sg_endpoint *e = &target->endpoints[i];
        if (e->address[0] != '\0' &&
            !list_add(list, e->address, strlen(e->address), e->port))
            return false;
    }
    while (option != NULL && *option != '/' &&
           next_host(&option, default_port, &host))
        if (find(target, &host) == NULL &&
            !list_add(list, host.name, host.length, host.port))
            return false;
    return true;
}

static void shuffle(struct list *list,
                    void (*random)(void *arg, void *to, size_t bytes),
                    void *arg)
{
    for (size_t i = list->n; i > 1; i--) {
        uint32_t r;
        char *host = list->host[i - 1];
        random(arg, &r, sizeof r);
        list->host[i - 1] = list->host[r % i];
        list->host[r % i] = host;
    }
}

static char *list_text(const struct list *list)
{
    size_t bytes = 1;
    char *text, *at;

    for (size_t i = 0; i < list->n; i++)
        bytes += strlen(list->host[i]) + 1;
    at = text = malloc(bytes);
    if (text == NULL)
        return NULL;
    *text = '\0';
    for (size_t i = 0; i < list->n; i++)
        at += sprintf(at, "%s%s", i == 0 ? "" : ",", list->host[i]);
    return text;
}

char *sg_zk_hosts_list(const struct sg_target *target, int default_port,
                       void (*random)(void *arg, void *to, size_t bytes),
                       void *arg)
{
    struct list list = {NULL, 0};
    char *text = NULL;

    if (list_fill(&list, target, default_port)) {
        if (random != NULL)
            shuffle(&list, random, arg);
        text = list_text(&list);
    }
    list_free(&list);
    return text;
}
