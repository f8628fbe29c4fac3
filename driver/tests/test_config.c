/* SPDX-License-Identifier: Apache-2.0
 * test_config.c - nova's configuration file becomes a URL.
 */
#include "servicegroup.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_text(const char *text, struct sg_config **ret)
{
    char path[] = "/tmp/sg-config-XXXXXX";
    int fd = mkstemp(path), rc;

    unit_true(fd >= 0);
    unit_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    rc = sg_config_read(path, ret);
    unlink(path);
    return rc;
}

static void gives(const char *text, const char *url)
{
    struct sg_config *c = NULL;
    struct sg *sg;

    unit_int(read_text(text, &c), SG_OK);
    if (c == NULL)
        return;
    unit_text(c->url, url);
    unit_int(sg_open(c->url, NULL, &sg), SG_OK); /* and is one */
    sg_close(sg);
    sg_config_free(c);
}

UNIT(config, each_driver_gives_its_url)
{
    gives("[DEFAULT]\nservicegroup_driver = tooz\n"
          "servicegroup_tooz_url = redis://127.0.0.1:6379?timeout=5\n",
          "redis://127.0.0.1:6379?timeout=5");
    gives("[DEFAULT]\nservicegroup_driver=mc\n"
          "memcached_servers = 127.0.0.1:11211, inet:127.0.0.2:11212\n",
          "nova-mc://127.0.0.1:11211,127.0.0.2:11212?service_down_time=60"
          "&era=liberty&key=raw");
    gives("[DEFAULT]\nservicegroup_driver=mc\nservice_down_time=90\n"
          "[cache]\nenabled = true\nbackend = dogpile.cache.memcached\n"
          "memcache_servers = 127.0.0.1:11211\n",
          "nova-mc://127.0.0.1:11211?service_down_time=90&era=mitaka&key=sha1");
    gives("[DEFAULT]\nservicegroup_driver=zk\n[zookeeper]\n"
          "address=127.0.0.1:2181,127.0.0.1:2182\nsg_layout=juno\n",
          "nova-zk://127.0.0.1:2181,127.0.0.1:2182?recv_timeout=4000"
          "&sg_prefix=/servicegroups&layout=juno");
    gives("[DEFAULT]\nservicegroup_driver=tooz\nservicegroup_bridge_from=mc\n"
          "servicegroup_tooz_url=redis://127.0.0.1:6379?timeout=5&namespace=n\n"
          "memcached_servers=127.0.0.1:11211\n",
          "bridge://?new=redis://127.0.0.1:6379?timeout=5%26namespace=n"
          "&old=nova-mc://127.0.0.1:11211?service_down_time=60%26era=liberty"
          "%26key=raw");
}

static void refuses(const char *text, int code, const char *says)
{
    struct sg_config *c = NULL;

    unit_int(read_text(text, &c), code);
    unit_true(c == NULL);
    if (strstr(sg_why(), says) == NULL)
        unit_text(sg_why(), says);
}

UNIT(config, what_is_wrong_is_said)
{
    refuses("", SG_ENOTSUP, "db");
    refuses("[DEFAULT]\nservicegroup_driver=db\n", SG_ENOTSUP, "db");
    refuses("[DEFAULT]\nservicegroup_driver=nope\n", SG_EURL, "tooz, mc or zk");
    refuses("[DEFAULT]\nservicegroup_driver=tooz\n", SG_EURL,
            "servicegroup_tooz_url");
    refuses("[DEFAULT]\nservicegroup_driver=mc\n", SG_EURL,
            "memcached_servers");
    refuses("[DEFAULT]\nservicegroup_driver=zk\n", SG_EURL, "address");
    refuses("[DEFAULT]\nservicegroup_driver=mc\n[cache]\nenabled=1\n", SG_EURL,
            "dogpile.cache.null");
    refuses("[DEFAULT]\nservicegroup_driver=mc\nreport_interval=x\n", SG_EURL,
            "report_interval");
    refuses("[DEFAULT\n", SG_EURL, "line 1");
    unit_int(sg_config_read("/nowhere/nova.conf", &(struct sg_config *){NULL}),
             SG_EURL);
}

#define MC "[DEFAULT]\nservicegroup_driver=mc\n"

static void repeat(char *to, char byte, size_t n)
{
    size_t at = strlen(to);

    memset(to + at, byte, n);
    to[at + n] = '\0';
}

/* A line may have any length, one that is not read included; inih alone takes
 * what is behind its 199th byte for the next line. */
UNIT(config, lines_are_as_long_as_they_are)
{
    static const char *const before[] = {"transport_url = rabbit://",
                                         "[database]\nconnection = mysql://",
                                         "# ", "no_", "[DEFAULT]\nx = y\n # "};
    char text[2000], url[1000] = "redis://127.0.0.1:6379?namespace=";

    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        strcpy(text, MC "memcached_servers = 127.0.0.1:1\n");
        strcat(text, before[i]);
        repeat(text, 'x', 400);
        strcat(text, i == 3 ? "= 1\n" : "\n");
        if (i == 3)
            refuses(text, SG_EURL, "line 4");
        else
            gives(text, "nova-mc://127.0.0.1:1?service_down_time=60"
                        "&era=liberty&key=raw");
    }
    repeat(url, 'n', 600);
    sprintf(text,
            "[DEFAULT]\nservicegroup_driver=tooz\n"
            "servicegroup_tooz_url = %s\n",
            url);
    gives(text, url);
    strcat(text, "what\n");
    refuses(text, SG_EURL, "line 4");
}

/* Wherever a long line is cut, no byte of it is lost. */
UNIT(config, a_long_value_keeps_each_byte)
{
    char text[600], url[500];

    for (size_t n = 60; n < 160; n++) {
        struct sg_config *c = NULL;
        strcpy(url, "redis://h?namespace=");
        repeat(url, 'n', n);
        strcat(url, " ;b # c;#d  e");
        repeat(url, 'n', 200);
        sprintf(text,
                "[DEFAULT]\nservicegroup_driver=tooz\n"
                "servicegroup_tooz_url = %s\n",
                url);
        *strchr(text, ';') = '.'; /* inih: a comment behind a space */
        *strchr(url, ';') = '.';
        unit_int(read_text(text, &c), SG_OK);
        if (c == NULL)
            continue;
        unit_text(c->url, url);
        sg_config_free(c);
    }
}

/* As oslo.config has it: a line that begins with a space goes on. */
UNIT(config, values_are_written_as_in_oslo)
{
    static const char want[] = "nova-mc://127.0.0.1:1,127.0.0.2:2"
                               "?service_down_time=60&era=liberty&key=raw";

    gives(MC "memcached_servers = 127.0.0.1:1,\n    127.0.0.2:2\n", want);
    gives(MC "memcached_servers =\n  127.0.0.1:1,\n  127.0.0.2:2\n", want);
    gives(MC "memcached_servers = 9\nmemcached_servers = "
             "'127.0.0.1:1, 127.0.0.2:2'\n",
          want);
    gives(MC "memcached_servers : \"127.0.0.1:1,127.0.0.2:2\"\n", want);
    gives("[DEFAULT]\nservicegroup_driver=tooz\n"
          "servicegroup_tooz_url=redis://:a$$b$@127.0.0.1:1\n",
          "redis://:a$b$@127.0.0.1:1");
    refuses(MC "memcached_servers = $my_ip:11211\n", SG_EURL, "refers to");
    refuses(MC "memcached_servers = ${my_ip}:11211\n", SG_EURL,
            "memcached_servers");
}

UNIT(config, one_tree_for_both_layouts_is_refused)
{
#define ZK                                                                     \
    "[DEFAULT]\nservicegroup_driver=tooz\nservicegroup_bridge_from=zk\n"       \
    "servicegroup_tooz_url=kazoo://127.0.0.1:2181?timeout=5"
    struct sg_config *c = NULL;

    refuses(ZK "\n[zookeeper]\naddress=127.0.0.1:2181\nsg_prefix=/tooz\n",
            SG_EURL, "never die");
    refuses(ZK "&namespace=servicegroups\n[zookeeper]\n"
               "address=127.0.0.1:2181\n",
            SG_EURL, "sg_prefix");
    unit_int(
        read_text(ZK "&namespace=x\n[zookeeper]\naddress=127.0.0.1:2181\n", &c),
        SG_OK);
    sg_config_free(c);
}

/* An old store whose URL is too long is not quietly another one. */
UNIT(config, a_url_that_does_not_fit_is_refused)
{
    char long_prefix[5200], text[5600];
    size_t n = sizeof long_prefix - 1;

    memset(long_prefix, 'p', n);
    long_prefix[0] = '/';
    long_prefix[n] = '\0';
    snprintf(text, sizeof text,
             ZK "\n[zookeeper]\naddress=127.0.0.1:2181\nsg_prefix=%s\n",
             long_prefix);
    refuses(text, SG_EURL, "4095");
    snprintf(text, sizeof text,
             "[DEFAULT]\nservicegroup_driver=zk\n[zookeeper]\n"
             "address=127.0.0.1:2181\nsg_prefix=%s\n",
             long_prefix);
    refuses(text, SG_EURL, "4095");
}

/* nova: R = 10, D = 10 gives 25; R = 60, D = 60 gives 150. */
UNIT(config, service_down_time_is_above_the_interval)
{
    static const char *const text[] = {
        "[DEFAULT]\nservicegroup_driver=mc\nmemcached_servers=127.0.0.1\n",
        "[DEFAULT]\nservicegroup_driver=mc\nmemcached_servers=127.0.0.1\n"
        "report_interval=10\nservice_down_time=10\n",
        "[DEFAULT]\nservicegroup_driver=mc\nmemcached_servers=127.0.0.1\n"
        "report_interval=60\n",
    };
    static const int64_t want_ms[] = {60000, 25000, 150000};

    for (size_t i = 0; i < 3; i++) {
        struct sg_config *c = NULL;
        unit_int(read_text(text[i], &c), SG_OK);
        if (c == NULL)
            continue;
        unit_int(c->service_down_time_ms, want_ms[i]);
        unit_int(c->warning[0] != '\0', i > 0);
        sg_config_free(c);
    }
}
