/* SPDX-License-Identifier: Apache-2.0
 * test_target.c - URLs: those of the specification, and those to refuse.
 */
#include "target.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parsed {
    int code;
    const struct sg_backend_kind *kind;
    struct sg_url *url;
    const struct sg_target *target;
    char why[400];
    char log[400];
};

static void take_log(void *arg, const char *sentence)
{
    struct parsed *p = arg;
    size_t used = strlen(p->log);

    snprintf(p->log + used, sizeof p->log - used, "%s\n", sentence);
}

static void parse_with(struct parsed *p, const char *text,
                       const struct sg_backend_kind *kind, int64_t timeout_ms)
{
    struct sg_env env = {.arg = p, .log = take_log};

    *p = (struct parsed){0};
    p->code = sg_url_parse(text, kind, timeout_ms, &env, p->why, sizeof p->why,
                           &p->kind, &p->url);
    if (p->code == SG_OK)
        p->target = &p->url->target;
}

/* The URL is taken; free p->url. */
static void taken(struct parsed *p, const char *text)
{
    parse_with(p, text, NULL, 0);
    if (p->code != SG_OK)
        unit_fail(__FILE__, __LINE__, "%s: %s", text, p->why);
}

static void refused_as(const char *text, int64_t timeout_ms, int code,
                       const char *sentence)
{
    struct parsed p;

    parse_with(&p, text, NULL, timeout_ms);
    if (p.code != code || strstr(p.why, sentence) == NULL)
        unit_fail(__FILE__, __LINE__, "%s: %s, \"%s\"; want %s, \"%s\"", text,
                  sg_error_name(p.code), p.why, sg_error_name(code), sentence);
    unit_true(p.url == NULL && p.kind == NULL);
}

static void refused(const char *text, const char *sentence)
{
    refused_as(text, 0, SG_EURL, sentence);
}

static void host_is(const struct parsed *p, size_t i, const char *name,
                    int port)
{
    unit_true(i < p->target->n_endpoints);
    unit_text(p->target->endpoints[i].name, name);
    unit_int(p->target->endpoints[i].port, port);
}

static const char *option(const struct parsed *p, const char *name)
{
    return p->target->option(p->target, name);
}

/* ---- the URLs of the specification ------------------------------------ */

static void plain(const char *text, const struct sg_backend_kind *kind,
                  const char *host, int port, int64_t timeout_ms)
{
    struct parsed p;

    taken(&p, text);
    unit_true(p.kind == kind);
    unit_text(p.target->scheme, kind->scheme);
    unit_int((int64_t)p.target->n_endpoints, 1);
    host_is(&p, 0, host, port);
    unit_int(p.target->timeout_ms, timeout_ms);
    unit_true(p.target->user == NULL && p.target->password == NULL);
    unit_text(p.target->path, "");
    unit_text(p.log, "");
    sg_url_free(p.url);
}

UNIT(target, the_three_of_the_specification)
{
    plain("kazoo://127.0.0.1:2181?timeout=5", &sg_zookeeper_kind, "127.0.0.1",
          2181, 5000);
    plain("memcached://localhost:11211?timeout=5", &sg_memcached_kind,
          "localhost", 11211, 5000);
    plain("redis://localhost:6379?timeout=5", &sg_redis_kind, "localhost", 6379,
          5000);
}

UNIT(target, what_is_left_out_is_toozs_default)
{
    plain("kazoo://", &sg_zookeeper_kind, "localhost", 2181, 10000);
    plain("memcached://", &sg_memcached_kind, "localhost", 11211, 30000);
    plain("redis://", &sg_redis_kind, "localhost", 6379, 30000);
    plain("zookeeper://zk", &sg_zookeeper_kind, "zk", 2181, 10000);
    plain("redis://:7000", &sg_redis_kind, "localhost", 7000, 30000);
    plain("redis://host:", &sg_redis_kind, "host", 6379, 30000);
    plain("redis://?timeout=7", &sg_redis_kind, "localhost", 6379, 7000);
    plain("REDIS://host", &sg_redis_kind, "host", 6379, 30000);
}

UNIT(target, a_scheme_is_found_whole)
{
    unit_true(sg_kind_find("kazoo", 5) == &sg_zookeeper_kind);
    unit_true(sg_kind_find("zookeeper", 9) == &sg_zookeeper_kind);
    unit_true(sg_kind_find("redis", 4) == NULL);
    unit_true(sg_kind_find("rediss", 6) == NULL);
    unit_true(sg_kind_find("", 0) == NULL);
}

/* ---- hosts ------------------------------------------------------------ */

UNIT(target, zookeeper_takes_several_hosts)
{
    struct parsed p;

    taken(&p, "kazoo://zk1:2181,zk2:2182,zk3?timeout=5");
    unit_int((int64_t)p.target->n_endpoints, 3);
    host_is(&p, 0, "zk1", 2181);
    host_is(&p, 1, "zk2", 2182);
    host_is(&p, 2, "zk3", 2181);
    unit_int(p.target->timeout_ms, 5000);
    sg_url_free(p.url);

    taken(&p, "kazoo://[::1]:2181,10.0.0.1,[fe80::1]");
    unit_int((int64_t)p.target->n_endpoints, 3);
    host_is(&p, 0, "::1", 2181);
    host_is(&p, 1, "10.0.0.1", 2181);
    host_is(&p, 2, "fe80::1", 2181);
    sg_url_free(p.url);
}

UNIT(target, the_others_take_one_host)
{
    refused("redis://a,b", "takes one server, and the URL names 2");
    refused("memcached://a,b", "exactly one host");
    refused("kazoo://a,,b", "empty or too long host");
    refused("kazoo://a,", "empty or too long host");
    refused("kazoo://a,b c", "host \"b c\"");
}

UNIT(target, so_many_hosts_and_no_more)
{
    char text[64 + 8 * SG_ENDPOINTS_MAX] = "kazoo://a0";
    struct parsed p;

    for (int i = 1; i < SG_ENDPOINTS_MAX; i++)
        sprintf(text + strlen(text), ",a%d", i);
    taken(&p, text);
    unit_int((int64_t)p.target->n_endpoints, SG_ENDPOINTS_MAX);
    host_is(&p, SG_ENDPOINTS_MAX - 1, "a31", 2181);
    sg_url_free(p.url);
    strcat(text, ",b");
    refused(text, "more than 32 hosts");
}

UNIT(target, ipv6_stands_in_brackets)
{
    plain("redis://[::1]:7000", &sg_redis_kind, "::1", 7000, 30000);
    plain("memcached://[2001:db8::7]", &sg_memcached_kind, "2001:db8::7", 11211,
          30000);
    refused("redis://::1:7000", "cannot be read from byte");
    refused("redis://[::1", "cannot be read from byte");
}

UNIT(target, a_port_is_1_to_65535)
{
    plain("redis://h:1", &sg_redis_kind, "h", 1, 30000);
    plain("redis://h:65535", &sg_redis_kind, "h", 65535, 30000);
    refused("redis://h:0", "1 to 65535");
    refused("redis://h:65536", "1 to 65535");
    refused("redis://h:99999999999999999999", "1 to 65535");
    refused("redis://h:-1", "cannot be read");
    refused("redis://h:http", "cannot be read");
    refused("kazoo://a:1,b:0", "1 to 65535");
}

UNIT(target, redis_takes_a_socket)
{
    struct parsed p;

    taken(&p, "redis:///run/redis%20x.sock?timeout=5");
    unit_int((int64_t)p.target->n_endpoints, 0);
    unit_text(p.target->path, "/run/redis x.sock");
    unit_int(p.target->timeout_ms, 5000);
    sg_url_free(p.url);
    taken(&p, "redis://:secret@/run/redis.sock");
    unit_int((int64_t)p.target->n_endpoints, 0);
    unit_text(p.target->path, "/run/redis.sock");
    unit_text(p.target->password, "secret");
    sg_url_free(p.url);
    refused("kazoo:///run/zk.sock", "no host");
    refused("memcached:///run/mc.sock", "exactly one host");
}

UNIT(target, a_lone_slash_is_no_socket)
{
    struct parsed p;

    taken(&p, "redis:///");
    unit_int((int64_t)p.target->n_endpoints, 1);
    sg_url_free(p.url);
    taken(&p, "redis:///?timeout=5");
    unit_int((int64_t)p.target->n_endpoints, 1);
    host_is(&p, 0, "localhost", 6379);
    unit_int(p.target->timeout_ms, 5000);
    sg_url_free(p.url);
}

/* ---- user and password ------------------------------------------------ */

static void user_is(const char *text, const char *user, const char *password)
{
    struct parsed p;

    taken(&p, text);
    unit_text(p.target->user, user);
    unit_text(p.target->password, password);
    host_is(&p, 0, "h", 6379);
    sg_url_free(p.url);
}

UNIT(target, user_and_password_are_taken_apart_and_unescaped)
{
    user_is("redis://u:p@h", "u", "p");
    user_is("redis://:p@h", NULL, "p");
    user_is("redis://u@h", "u", NULL);
    user_is("redis://u:@h", "u", "");
    user_is("redis://h", NULL, NULL);
    user_is("redis://a%3Ab:c%40d%2Fe%3a%25@h", "a:b", "c@d/e:%");
    user_is("redis://u:a:b@h", "u", "a:b");
    user_is("redis://u:a,b@h", "u", "a,b");
}

UNIT(target, a_byte_of_zero_is_refused)
{
    refused("redis://u:p%00q@h", "%00");
    refused("redis://a%00b", "%00");
    refused("redis:///run%00/x", "%00");
    refused("redis://h?namespace=a%00b", "%00");
}

/* Every way to be refused, with a password in the URL. */
UNIT(target, a_password_is_in_no_sentence)
{
    static const char *const bad[] = {
        "redis://u:S3CRET@h:0",
        "redis://u:S3CRET@h:x",
        "redis://u:S3CRET@h/ /",
        "redis://u:S3CRET @h",
        "redis://u:S3CRET@@h",
        "redis://u:S3CRET%zz@h",
        "redis://u:S3CRET@a,b",
        "redis://u:S3CRET@h?nonsense=1",
        "redis://u:S3CRET@h?timeout=x",
        "redis://u:S3CRET@h?timeout=0",
        "redis://u:S3CRET@h?ssl=1",
        "redis://u:S3CRET@h?db=x",
        "redis://u:S3CRET@h?sentinel=x",
        "redis://u:S3CRET@h?max_connections=7&encoding=x&nonsense=1",
        "redis://:S3CRET/x@h",
        "redis://:S3CRET?x@h",
        "redis://:S3CRET#x@h",
        "memcached://u:S3CRET@h",
        "nothing://u:S3CRET@h",
        "u:S3CRET@h",
        "kazoo://u:S3CRET@a,",
        "kazoo://u:S3CRET@a,b c",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct parsed p;
        struct sg *sg = NULL;
        parse_with(&p, bad[i], NULL, 0);
        unit_true(p.code < 0);
        unit_true(strstr(p.why, "S3CRET") == NULL);
        unit_true(strstr(p.log, "S3CRET") == NULL);
        unit_true(strlen(p.why) > 0);
        unit_true(sg_open(bad[i], NULL, &sg) < 0 && sg == NULL);
        unit_true(strstr(sg_why(), "S3CRET") == NULL);
    }
    /* A slash in a password makes the rest of it a port. */
    refused("redis://:80123456/x@h", "1 to 65535");
    {
        struct parsed p;
        parse_with(&p, "redis://:80123456/x@h", NULL, 0);
        unit_true(strstr(p.why, "80123456") == NULL);
    }
}

/* ---- options ---------------------------------------------------------- */

UNIT(target, options_are_unescaped_and_the_last_wins)
{
    struct parsed p;

    taken(&p, "redis://h?namespace=a&db=1&namespace=b%26c%3Dd&timeout=5"
              "&timeout=7");
    unit_text(option(&p, "namespace"), "b&c=d");
    unit_text(option(&p, "db"), "1");
    unit_true(option(&p, "encoding") == NULL);
    unit_int(p.target->timeout_ms, 7000);
    sg_url_free(p.url);
}

UNIT(target, only_the_last_one_counts_and_is_checked)
{
    struct parsed p;

    taken(&p, "redis://h?timeout=x&timeout=7&ssl=true&ssl=false");
    unit_int(p.target->timeout_ms, 7000);
    unit_text(option(&p, "ssl"), "false");
    sg_url_free(p.url);
    refused("redis://h?timeout=7&timeout=x", "\"timeout\" is \"x\"");
}

UNIT(target, empty_values_are_dropped)
{
    struct parsed p;

    taken(&p, "redis://h?timeout=5&timeout=&namespace=&db");
    unit_int(p.target->timeout_ms, 5000);
    unit_true(option(&p, "namespace") == NULL);
    unit_true(option(&p, "db") == NULL);
    sg_url_free(p.url);
    taken(&p, "redis://h?");
    sg_url_free(p.url);
    taken(&p, "redis://h?&&nonsense=");
    sg_url_free(p.url);
}

UNIT(target, what_nobody_knows_is_refused)
{
    refused("redis://h?nonsense=1", "redis:// has no option \"nonsense\"");
    refused("redis://h?Timeout=5", "no option \"Timeout\"");
    refused("kazoo://h?membership_timeout=5", "no option");
    refused("etcd://h", "unknown scheme \"etcd\"");
    refused("redis:/h", "no scheme://");
    refused("", "no scheme://");
    refused("://h", "unknown scheme \"\"");
    refused("redis://h h", "cannot be read from byte");
}

UNIT(target, an_option_without_effect_is_logged_once)
{
    struct parsed p;

    taken(&p, "redis://h?max_connections=7&encoding=latin1&encoding=utf8");
    unit_text(p.log,
              "option \"max_connections\" of redis:// has no effect here\n"
              "option \"encoding\" of redis:// has no effect here\n");
    sg_url_free(p.url);
}

UNIT(target, encryption_is_refused_when_it_is_asked_for)
{
    static const char *const no[] = {"0", "false", "False", "no", "off"};
    struct parsed p;
    char text[64];

    refused("redis://h?ssl=1", "encryption");
    refused("redis://h?ssl=True", "encryption");
    refused("redis://h?ssl=on", "encryption");
    refused("redis://h?sentinel_ssl=yes", "encryption");
    refused("kazoo://h?use_ssl=true", "encryption");
    refused("memcached://h?use_ssl=true", "encryption");
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        snprintf(text, sizeof text, "kazoo://h?use_ssl=%s", no[i]);
        taken(&p, text);
        sg_url_free(p.url);
    }
}

/* ---- T ---------------------------------------------------------------- */

static void timeout_is(const char *text, int64_t timeout_ms)
{
    struct parsed p;

    taken(&p, text);
    if (p.target->timeout_ms != timeout_ms)
        unit_fail(__FILE__, __LINE__, "%s: T is %lld, want %lld", text,
                  (long long)p.target->timeout_ms, (long long)timeout_ms);
    sg_url_free(p.url);
}

UNIT(target, T_is_whole_seconds_or_what_tooz_reads)
{
    timeout_is("redis://h?timeout=5", 5000);
    timeout_is("redis://h?membership_timeout=4.5", 4500);
    timeout_is("redis://h?membership_timeout=1.9999", 1999);
    timeout_is("redis://h?membership_timeout=4.001", 4001);
    timeout_is("redis://h?membership_timeout=0.3", 300);
    timeout_is("redis://h?membership_timeout=8.", 8000);
    timeout_is("redis://h?membership_timeout=.5", 500);
    timeout_is("redis://h?timeout=5&membership_timeout=7.25", 7250);
    timeout_is("redis://h?membership_timeout=7.25&timeout=5", 7250);
    timeout_is("memcached://h?timeout=5&membership_timeout=7", 7000);
    timeout_is("memcached://h?membership_timeout=7&timeout=5", 7000);
    timeout_is("kazoo://h?timeout=007", 7000);
}

UNIT(target, what_is_no_number_of_seconds_is_refused)
{
    static const char *const values[] = {"4.5", "x",     "5s",   "+5",   "-5",
                                         "0x5", "1e1",   "5%20", "%205", "inf",
                                         "nan", "1.2.3", "."};
    char text[80];

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        snprintf(text, sizeof text, "redis://h?timeout=%s", values[i]);
        refused(text, "not a whole number of seconds");
        snprintf(text, sizeof text, "kazoo://h?timeout=%s", values[i]);
        refused(text, "not a whole number of seconds");
        snprintf(text, sizeof text, "memcached://h?membership_timeout=%s",
                 values[i]);
        refused(text, "not a whole number of seconds");
        if (i == 0)
            continue;
        snprintf(text, sizeof text, "redis://h?membership_timeout=%s",
                 values[i]);
        refused(text, "not a number of seconds");
    }
    refused("redis://h?timeout=99999999999999999999999", "not a whole number");
}

static void impossible(const char *text, int64_t asked_ms, const char *asked,
                       const char *possible, const char *rule)
{
    refused_as(text, asked_ms, SG_ETIMEOUT, asked);
    refused_as(text, asked_ms, SG_ETIMEOUT, possible);
    refused_as(text, asked_ms, SG_ETIMEOUT, rule);
}

UNIT(target, a_T_that_cannot_be_kept_says_what_can)
{
    impossible("memcached://h?timeout=1", 0, "of 1000 ms", "2000 to 2591999000",
               "whole seconds");
    impossible("memcached://h?timeout=2592000", 0, "of 2592000000 ms",
               "2000 to 2591999000", "30 days");
    impossible("redis://h?membership_timeout=0.049", 0, "of 49 ms", "50 to",
               "milliseconds");
    impossible("kazoo://h?timeout=2147484", 0, "of 2147484000 ms",
               "1 to 2147483647", "ticks");
    impossible("memcached://h", 1999, "of 1999 ms", "2000 to 2591999000",
               "whole seconds");
    impossible("redis://h?timeout=0", 0, "of 0 ms", "50 to", "milliseconds");
    timeout_is("memcached://h?timeout=2", 2000);
    timeout_is("memcached://h?timeout=2591999", 2591999000);
    timeout_is("redis://h?membership_timeout=0.05", 50);
}

UNIT(target, the_options_T_beats_the_URLs)
{
    struct parsed p;

    parse_with(&p, "redis://h?timeout=5&membership_timeout=7", NULL, 1234);
    unit_int(p.code, SG_OK);
    unit_int(p.target->timeout_ms, 1234);
    sg_url_free(p.url);
    parse_with(&p, "memcached://h?timeout=1", NULL, 4500);
    unit_int(p.code, SG_OK);
    unit_int(p.target->timeout_ms, 4500);
    sg_url_free(p.url);
}

UNIT(target, a_back_end_of_ones_own_beats_the_scheme)
{
    struct parsed p;

    parse_with(&p, "mine://h/p/q?timeout=5", &sg_redis_kind, 0);
    unit_int(p.code, SG_OK);
    unit_true(p.kind == &sg_redis_kind);
    host_is(&p, 0, "h", 6379);
    unit_text(p.target->path, "/p/q");
    sg_url_free(p.url);
}

/* ---- damaged URLs ----------------------------------------------------- */

UNIT(target, a_damaged_url_is_an_error_and_no_more)
{
    static const char good[] =
        "kazoo://us%65r:p%40ss@[::1]:2181,h2:2182/a/b?timeout=5&namespace=x#f";
    static const char bytes[] = {'\1', ' ', '%', '[', ']', '@', ':',
                                 '/',  '?', '#', '&', '=', ',', '\xff'};
    char text[sizeof good];
    struct parsed p;

    taken(&p, good);
    sg_url_free(p.url);
    for (size_t n = 0; n < sizeof good - 1; n++) {
        char *cut = strndup(good, n);
        parse_with(&p, cut, NULL, 0);
        unit_true(p.code == SG_OK || strlen(p.why) > 0);
        sg_url_free(p.code == SG_OK ? p.url : NULL);
        free(cut);
        for (size_t i = 0; i < sizeof bytes; i++) {
            memcpy(text, good, sizeof good);
            text[n] = bytes[i];
            parse_with(&p, text, NULL, 0);
            unit_true(p.code == SG_OK || strlen(p.why) > 0);
            sg_url_free(p.code == SG_OK ? p.url : NULL);
        }
    }
}

UNIT(target, a_short_buffer_for_the_sentence_is_not_overrun)
{
    const struct sg_backend_kind *kind = NULL;
    struct sg_env env = {.log = take_log};
    struct sg_url *url = NULL;
    char why[8] = "#######";

    unit_int(sg_url_parse("etcd://h", NULL, 0, &env, why, 4, &kind, &url),
             SG_EURL);
    unit_text(why, "unk");
    unit_int(why[4], '#');
}

/* ---- addresses -------------------------------------------------------- */

static int look_up(void *arg, const char *host, char numeric[SG_NUMERIC_MAX])
{
    unsigned *count = arg;

    ++*count;
    if (strcmp(host, "known") != 0)
        return -1;
    strcpy(numeric, "10.1.2.3");
    return 0;
}

static int resolve(const char *text, struct sg_resolved *to, unsigned *count)
{
    struct sg_env env = {.arg = count, .resolve = look_up};
    struct parsed p;
    int rc;

    taken(&p, text);
    *count = 0;
    rc = sg_url_resolve(p.url, &env, to);
    unit_true(to->target.endpoints == to->endpoints);
    sg_url_free(p.url);
    return rc;
}

UNIT(target, names_are_looked_up_and_numbers_are_not)
{
    struct sg_resolved to;
    unsigned count;

    unit_int(resolve("kazoo://known,10.0.0.1,[::1],gone", &to, &count), 0);
    unit_int(count, 2);
    unit_text(to.endpoints[0].address, "10.1.2.3");
    unit_text(to.endpoints[1].address, "10.0.0.1");
    unit_text(to.endpoints[2].address, "::1");
    unit_text(to.endpoints[3].address, "");
    unit_int(to.endpoints[1].port, 2181);
    unit_int(resolve("kazoo://gone,lost", &to, &count), -1);
    unit_int(resolve("redis:///run/redis.sock", &to, &count), 0);
    unit_int(count, 0);
}

UNIT(target, nothing_can_be_freed)
{
    sg_url_free(NULL);
}
