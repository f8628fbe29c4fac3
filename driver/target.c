/* SPDX-License-Identifier: Apache-2.0
 * target.c - a URL, taken apart and checked against a back end's options.
 *
 * uriparser reads the URL; the authority of kazoo:// may be a list of hosts,
 * which no URL library accepts, so it is split at commas first and each host
 * is read as a URL of its own.
 */
#include "target.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uriparser/Uri.h>

static const struct sg_backend_kind *const kinds[] = {
    &sg_redis_kind,  &sg_zookeeper_kind, &sg_memcached_kind,
    &sg_bridge_kind, &sg_nova_mc_kind,   &sg_nova_zk_kind};

/* What the steps of one parse share. */
struct parse {
    struct sg_url *url;
    const struct sg_backend_kind *kind;
    char *why;
    size_t why_bytes;
};

#define PARSE_FAIL(p, code, ...)                                               \
    (snprintf((p)->why, (p)->why_bytes, __VA_ARGS__), (code))

const struct sg_backend_kind *sg_kind_find(const char *scheme, size_t length)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *names[] = {kinds[i]->scheme, kinds[i]->alias};
        for (size_t n = 0; n < 2; n++)
            if (names[n] != NULL && strlen(names[n]) == length &&
                strncasecmp(names[n], scheme, length) == 0)
                return kinds[i];
    }
    return NULL;
}

static char *range_copy(const UriTextRangeA *range)
{
    size_t n;
    char *copy;

    if (range->first == NULL)
        return NULL;
    n = (size_t)(range->afterLast - range->first);
    copy = malloc(n + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, range->first, n);
    copy[n] = '\0';
    uriUnescapeInPlaceA(copy);
    return copy;
}

static int add_endpoint(struct parse *p, const UriUriA *uri)
{
    struct sg_url *url = p->url;
    struct sg_endpoint *e = &url->endpoints[url->target.n_endpoints];
    char *port = range_copy(&uri->portText);
    long number = p->kind->default_port;

    if (url->target.n_endpoints == SG_ENDPOINTS_MAX) {
        free(port);
        return PARSE_FAIL(p, SG_EURL, "more than %d hosts", SG_ENDPOINTS_MAX);
    }
    if (port == NULL && uri->portText.first != NULL)
        return SG_ENOMEM;
    if (port != NULL && *port != '\0') {
        char *end;
        number = strtol(port, &end, 10);
        if (*end != '\0' || number < 1 || number > 65535) {
            free(port);
            /* Not the text: behind a stray slash it is half a password. */
            return PARSE_FAIL(p, SG_EURL, "the port is not 1 to 65535");
        }
    }
    free(port);
    e->name = range_copy(&uri->hostText);
    if (e->name == NULL || *e->name == '\0') {
        free((void *)(uintptr_t)e->name);
        e->name = strdup("localhost"); /* tooz's default of every driver */
    }
    if (e->name == NULL)
        return SG_ENOMEM;
    e->port = (int)number;
    url->target.n_endpoints++;
    return SG_OK;
}

/* One more host of a list: "name:port". */
static int add_host(struct parse *p, const char *text, size_t length)
{
    char whole[300];
    UriUriA uri;
    const char *at;
    int rc;

    if (length == 0 || length > 255)
        return PARSE_FAIL(p, SG_EURL, "an empty or too long host in the list");
    snprintf(whole, sizeof whole, "x://%.*s", (int)length, text);
    if (uriParseSingleUriA(&uri, whole, &at) != URI_SUCCESS)
        return PARSE_FAIL(p, SG_EURL, "cannot read the host \"%.*s\"",
                          (int)length, text);
    rc = add_endpoint(p, &uri);
    uriFreeUriMembersA(&uri);
    return rc;
}

static int add_setting(struct parse *p, const char *name, const char *value)
{
    struct sg_setting *more;
    struct sg_url *url = p->url;

    if (value == NULL || *value == '\0')
        return SG_OK; /* tooz drops empty values */
    for (size_t i = 0; i < url->n_settings; i++) {
        char *copy;
        if (strcmp(url->settings[i].name, name) != 0)
            continue;
        copy = strdup(value); /* the last one wins */
        if (copy == NULL)
            return SG_ENOMEM;
        free(url->settings[i].value);
        url->settings[i].value = copy;
        return SG_OK;
    }
    more = realloc(url->settings, (url->n_settings + 1) * sizeof *more);
    if (more == NULL)
        return SG_ENOMEM;
    url->settings = more;
    more[url->n_settings] = (struct sg_setting){strdup(name), strdup(value)};
    url->n_settings++;
    if (more[url->n_settings - 1].name == NULL ||
        more[url->n_settings - 1].value == NULL)
        return SG_ENOMEM;
    return SG_OK;
}

static int add_query(struct parse *p, const UriUriA *uri)
{
    UriQueryListA *list = NULL;
    int count, rc = SG_OK;

    if (uri->query.first == NULL)
        return SG_OK;
    if (uriDissectQueryMallocA(&list, &count, uri->query.first,
                               uri->query.afterLast) != URI_SUCCESS)
        return SG_ENOMEM;
    for (UriQueryListA *q = list; q != NULL && rc == SG_OK; q = q->next)
        rc = add_setting(p, q->key, q->value);
    uriFreeQueryListA(list);
    return rc;
}

static int add_user(struct parse *p, const UriUriA *uri)
{
    char *info, *colon;

    if (uri->userInfo.first == NULL)
        return SG_OK;
    /* The parts are unescaped one by one: a %3a in a password is no colon. */
    info = strndup(uri->userInfo.first,
                   (size_t)(uri->userInfo.afterLast - uri->userInfo.first));
    if (info == NULL)
        return SG_ENOMEM;
    colon = strchr(info, ':');
    if (colon != NULL) {
        *colon = '\0';
        uriUnescapeInPlaceA(colon + 1);
        p->url->target.password = strdup(colon + 1);
    }
    uriUnescapeInPlaceA(info);
    if (*info != '\0')
        p->url->target.user = strdup(info);
    explicit_bzero(info, strlen(info));
    free(info);
    return colon != NULL && p->url->target.password == NULL ? SG_ENOMEM : SG_OK;
}

static int add_path(struct parse *p, const UriUriA *uri)
{
    size_t bytes = 1;
    char *path;

    for (UriPathSegmentA *s = uri->pathHead; s != NULL; s = s->next)
        bytes += 1 + (size_t)(s->text.afterLast - s->text.first);
    path = calloc(1, bytes);
    if (path == NULL)
        return SG_ENOMEM;
    for (UriPathSegmentA *s = uri->pathHead; s != NULL; s = s->next) {
        strcat(path, "/");
        strncat(path, s->text.first,
                (size_t)(s->text.afterLast - s->text.first));
    }
    uriUnescapeInPlaceA(path);
    p->url->target.path = path;
    return SG_OK;
}

/* The URL without all hosts but the first, which uriparser can read. */
static char *first_host_only(const char *text, const char *comma,
                             const char *authority_end)
{
    size_t head = (size_t)(comma - text);
    char *copy = malloc(strlen(text) + 1);

    if (copy != NULL) {
        memcpy(copy, text, head);
        strcpy(copy + head, authority_end);
    }
    return copy;
}

static int read_url(struct parse *p, const char *text, const char *authority)
{
    const char *end = authority + strcspn(authority, "/?#");
    const char *at = memrchr(authority, '@', (size_t)(end - authority));
    const char *hosts = at == NULL ? authority : at + 1;
    const char *comma = memchr(hosts, ',', (size_t)(end - hosts)), *error;
    bool is_socket = end == hosts && *end == '/' && strcspn(end + 1, "?#") > 0;
    char *simple = first_host_only(text, comma == NULL ? end : comma, end);
    UriUriA uri;
    int rc;

    if (simple == NULL)
        return SG_ENOMEM;
    if (uriParseSingleUriA(&uri, simple, &error) != URI_SUCCESS) {
        size_t offset = (size_t)(error - simple);
        /* Not the URL itself: a password may stand in it. */
        snprintf(p->why, p->why_bytes,
                 "the URL cannot be read from byte %zu on; the form is "
                 "scheme://[user:password@]host[:port][/path][?option=value]",
                 offset);
        free(simple);
        return SG_EURL;
    }
    rc = add_user(p, &uri);
    if (rc == SG_OK)
        rc = add_path(p, &uri);
    if (rc == SG_OK && !is_socket)
        rc = add_endpoint(p, &uri);
    while (rc == SG_OK && comma != NULL && comma < end) {
        const char *host = comma + 1;
        comma = memchr(host, ',', (size_t)(end - host));
        rc = add_host(p, host, (size_t)((comma == NULL ? end : comma) - host));
    }
    if (rc == SG_OK)
        rc = add_query(p, &uri);
    uriFreeUriMembersA(&uri);
    explicit_bzero(simple, strlen(simple));
    free(simple);
    return rc;
}

static const char *get_option(const struct sg_target *target, const char *name)
{
    const struct sg_url *url = target->options;

    for (size_t i = url->n_settings; i > 0; i--)
        if (strcmp(url->settings[i - 1].name, name) == 0)
            return url->settings[i - 1].value;
    return NULL;
}

static bool asks_for_encryption(const char *value)
{
    static const char *const no[] = {"0", "false", "no", "off", "f", "n"};

    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (strcasecmp(value, no[i]) == 0)
            return false;
    return true;
}

static const struct sg_option *rule_of(const struct sg_backend_kind *kind,
                                       const char *name)
{
    for (const struct sg_option *o = kind->options; o->name != NULL; o++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

/* What no option is called is not said: behind a & that is not written %26 it
 * may be half a password. */
static int no_such_option(struct parse *p, const char *name)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    if (name[strspn(name, word)] == '\0')
        return PARSE_FAIL(p, SG_EURL, "%s:// has no option \"%.64s\"",
                          p->kind->scheme, name);
    return PARSE_FAIL(p, SG_EURL,
                      "%s:// has no option that is no word; a & inside a "
                      "value or a password is written %%26",
                      p->kind->scheme);
}

static int check_setting(struct parse *p, const struct sg_setting *setting,
                         const struct sg_env *log)
{
    const struct sg_option *o = rule_of(p->kind, setting->name);
    char line[200];

    if (o == NULL)
        return no_such_option(p, setting->name);
    if (o->rule == SG_OPTION_ENCRYPTION && asks_for_encryption(setting->value))
        return PARSE_FAIL(p, SG_EURL,
                          "option \"%s\" asks for encryption, which the client "
                          "library of %s:// here cannot do; use a tunnel and "
                          "leave the option away",
                          o->name, p->kind->scheme);
    if (o->rule == SG_OPTION_ACCEPTED) {
        snprintf(line, sizeof line, "option \"%s\" of %s:// has no effect here",
                 o->name, p->kind->scheme);
        log->log(log->arg, line);
    }
    return SG_OK;
}

/* Seconds as tooz reads them, to whole milliseconds (cut, not rounded). Not
 * by strtod(): the point is a comma in the locale of some applications. */
static bool to_ms(const char *value, bool takes_point, int64_t *ret_ms)
{
    static const char digits[] = "0123456789";
    size_t whole = strspn(value, digits);
    const char *rest = value + whole;
    size_t part = takes_point && *rest == '.' ? strspn(rest + 1, digits) : 0;
    int64_t ms = 0;

    if (takes_point && *rest == '.')
        rest += 1 + part;
    if (*rest != '\0' || whole + part == 0 || whole > 12)
        return false;
    for (size_t i = 0; i < whole; i++)
        ms = ms * 10 + (value[i] - '0');
    for (size_t i = 0; i < 3; i++)
        ms = ms * 10 + (i < part ? value[whole + 1 + i] - '0' : 0);
    *ret_ms = ms;
    return true;
}

static int read_seconds(struct parse *p, const struct sg_option *o,
                        const char *value, int64_t *ret_ms)
{
    bool takes_point = o->rule == SG_OPTION_T_FLOAT;

    if (to_ms(value, takes_point, ret_ms)) {
        if (o->rule == SG_OPTION_T_MS)
            *ret_ms /= 1000;
        return SG_OK;
    }
    return PARSE_FAIL(
        p, SG_EURL, "option \"%s\" is \"%.32s\", not a %s", o->name, value,
        takes_point                 ? "number of seconds"
        : o->rule == SG_OPTION_T_MS ? "whole number of milliseconds"
                                    : "whole number of seconds");
}

static int find_timeout(struct parse *p, int64_t asked_ms)
{
    struct sg_target *target = &p->url->target;
    bool is_finer = false;

    target->timeout_ms = p->kind->default_timeout_ms;
    for (size_t i = 0; i < p->url->n_settings; i++) {
        const struct sg_setting *s = &p->url->settings[i];
        const struct sg_option *o = rule_of(p->kind, s->name);
        int64_t ms;
        int rc;
        if (o->rule < SG_OPTION_T_INT)
            continue;
        rc = read_seconds(p, o, s->value, &ms);
        if (rc != SG_OK)
            return rc;
        if (o->rule == SG_OPTION_T_INT && is_finer)
            continue;
        is_finer = is_finer || o->rule != SG_OPTION_T_INT;
        target->timeout_ms = ms;
    }
    if (asked_ms > 0)
        target->timeout_ms = asked_ms;
    if (target->timeout_ms < p->kind->min_timeout_ms ||
        target->timeout_ms > p->kind->max_timeout_ms)
        return PARSE_FAIL(p, SG_ETIMEOUT,
                          "a membership timeout of %lld ms cannot be kept; "
                          "%s:// can keep %lld to %lld ms: %s",
                          (long long)target->timeout_ms, p->kind->scheme,
                          (long long)p->kind->min_timeout_ms,
                          (long long)p->kind->max_timeout_ms,
                          p->kind->timeout_rule);
    return SG_OK;
}

static int check_url(struct parse *p, int64_t timeout_ms,
                     const struct sg_env *log)
{
    int rc;

    for (size_t i = 0; i < p->url->n_settings; i++) {
        rc = check_setting(p, &p->url->settings[i], log);
        if (rc != SG_OK)
            return rc;
    }
    rc = find_timeout(p, timeout_ms);
    if (rc == SG_OK && p->kind->check != NULL)
        rc = p->kind->check(&p->url->target, p->why, p->why_bytes);
    return rc;
}

int sg_url_parse(const char *text, const struct sg_backend_kind *kind,
                 int64_t timeout_ms, const struct sg_env *log, char *why,
                 size_t why_bytes, const struct sg_backend_kind **ret_kind,
                 struct sg_url **ret_url)
{
    struct parse p = {NULL, kind, why, why_bytes};
    const char *colon = strstr(text, "://");
    int rc;

    snprintf(why, why_bytes, "out of memory");
    if (colon == NULL)
        return PARSE_FAIL(&p, SG_EURL, "no scheme:// in the URL");
    if (strstr(text, "%00") != NULL)
        return PARSE_FAIL(&p, SG_EURL, "%%00 ends a text too early");
    if (p.kind == NULL)
        p.kind = sg_kind_find(text, (size_t)(colon - text));
    if (p.kind == NULL)
        return PARSE_FAIL(&p, SG_EURL,
                          "unknown scheme \"%.*s\"; there are kazoo, "
                          "zookeeper, memcached, redis, bridge, nova-mc "
                          "and nova-zk",
                          (int)(colon - text > 32 ? 32 : colon - text), text);
    p.url = calloc(1, sizeof *p.url);
    if (p.url == NULL)
        return SG_ENOMEM;
    p.url->target.scheme = p.kind->scheme;
    p.url->target.endpoints = p.url->endpoints;
    p.url->target.option = get_option;
    p.url->target.options = p.url;
    rc = read_url(&p, text, colon + 3);
    if (rc == SG_OK)
        rc = check_url(&p, timeout_ms, log);
    if (rc != SG_OK) {
        sg_url_free(p.url);
        return rc;
    }
    *ret_kind = p.kind;
    *ret_url = p.url;
    return SG_OK;
}

static void free_const(const void *p)
{
    free((void *)(uintptr_t)p);
}

void sg_url_free(struct sg_url *url)
{
    if (url == NULL)
        return;
    for (size_t i = 0; i < url->target.n_endpoints; i++)
        free_const(url->endpoints[i].name);
    for (size_t i = 0; i < url->n_settings; i++) {
        free(url->settings[i].name);
        free(url->settings[i].value);
    }
    free(url->settings);
    if (url->target.password != NULL)
        explicit_bzero((void *)(uintptr_t)url->target.password,
                       strlen(url->target.password));
    free_const(url->target.password);
    free_const(url->target.user);
    free_const(url->target.path);
    free(url);
}

static bool is_numeric(const char *name)
{
    unsigned char space[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, name, space) == 1 ||
           inet_pton(AF_INET6, name, space) == 1;
}

int sg_url_resolve(const struct sg_url *url, const struct sg_env *env,
                   struct sg_resolved *to)
{
    size_t found = 0;

    to->target = url->target;
    to->target.endpoints = to->endpoints;
    for (size_t i = 0; i < url->target.n_endpoints; i++) {
        const char *name = url->endpoints[i].name;
        char *address = to->addresses[i];
        to->endpoints[i] = url->endpoints[i];
        to->endpoints[i].address = address;
        if (is_numeric(name) && strlen(name) < SG_NUMERIC_MAX)
            strcpy(address, name);
        else if (env->resolve(env->arg, name, address) != 0)
            address[0] = '\0';
        found += address[0] != '\0';
    }
    return found > 0 || url->target.n_endpoints == 0 ? 0 : -1;
}
