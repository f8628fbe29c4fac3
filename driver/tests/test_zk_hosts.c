/* SPDX-License-Identifier: Apache-2.0
 * test_zk_hosts.c - the option `hosts`, and the list libzookeeper gets.
 */
#include "unit.h"
#include "zk_hosts.h"

#include <stdlib.h>
#include <string.h>

static bool is_hosts(const char *option)
{
    char why[200] = "";
    bool is = sg_zk_hosts_check(option, why, sizeof why);

    unit_true(is == (why[0] == '\0'));
    return is;
}

UNIT(zk_hosts, the_form_of_the_option_is_checked)
{
    unit_true(is_hosts("a"));
    unit_true(is_hosts("a:1,b:65535"));
    unit_true(is_hosts("10.0.0.1,[::1]:2181/chroot/deep"));
    unit_true(is_hosts("a/"));
    unit_true(is_hosts("/chroot"));
    unit_true(!is_hosts(","));
    unit_true(!is_hosts("a,"));
    unit_true(!is_hosts("a,,b"));
    unit_true(!is_hosts("a,/x"));
    unit_true(!is_hosts("a:"));
    unit_true(!is_hosts("a:0"));
    unit_true(!is_hosts("a:65536"));
    unit_true(!is_hosts("a:12x"));
    unit_true(!is_hosts(":1"));
    unit_true(!is_hosts("a b"));
    unit_true(!is_hosts("[::1"));
    unit_true(!is_hosts("[::1]x:1"));
    unit_true(!is_hosts("a/../b"));
}

UNIT(zk_hosts, the_chroot_begins_at_the_first_slash)
{
    unit_text(sg_zk_hosts_chroot("a,b:1/x/y"), "/x/y");
    unit_text(sg_zk_hosts_chroot("a,b:1"), "");
}

static const char *option_hosts(const struct sg_target *target,
                                const char *name)
{
    return strcmp(name, "hosts") == 0 ? target->options : NULL;
}

/* A generator that always says `arg`. */
static void say(void *arg, void *to, size_t bytes)
{
    memset(to, *(int *)arg, bytes);
}

static void list(const char *option, const int *shuffle, const char *want)
{
    static const struct sg_endpoint endpoint[] = {
        {"zk1", "10.0.0.1", 2181}, {"v6", "::1", 2182}, {"lost", "", 2181}};
    struct sg_target target = {.endpoints = endpoint,
                               .n_endpoints = 3,
                               .option = option_hosts,
                               .options = option};
    int byte = shuffle == NULL ? 0 : *shuffle;
    char *text =
        sg_zk_hosts_list(&target, 2181, shuffle == NULL ? NULL : say, &byte);

    unit_text(text, want);
    free(text);
}

UNIT(zk_hosts, endpoints_come_first_and_the_option_adds)
{
    list(NULL, NULL, "10.0.0.1:2181,::1:2182");
    list("10.0.0.2,10.0.0.3:99/x", NULL,
         "10.0.0.1:2181,::1:2182,10.0.0.2:2181,10.0.0.3:99");
    list("[fe80::1]:7", NULL, "10.0.0.1:2181,::1:2182,fe80::1:7");
}

UNIT(zk_hosts, what_an_endpoint_names_is_not_added_again)
{
    list("zk1:2181,lost,10.0.0.1:2181", NULL, "10.0.0.1:2181,::1:2182");
    list("zk1:5", NULL, "10.0.0.1:2181,::1:2182,zk1:5");
}

UNIT(zk_hosts, the_order_is_shuffled_by_the_given_generator)
{
    int zero = 0, one = 1;

    list(NULL, &zero, "::1:2182,10.0.0.1:2181");
    list(NULL, &one, "10.0.0.1:2181,::1:2182");
}
