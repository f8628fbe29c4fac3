/* SPDX-License-Identifier: Apache-2.0
 * peek.c - what a configuration file of nova's comes to: the URL, or what a
 * service with it says of hosts.
 *
 *     peek nova.conf              the URL
 *     peek nova.conf GROUP HOST...    a line each: HOST up, down or unknown
 */
#include "servicegroup.h"

#include <stdio.h>

static int ask(struct sg *sg, const char *group, const char *host)
{
    static const char *const words[] = {
        [SG_UNKNOWN] = "unknown", [SG_DOWN] = "down", [SG_UP] = "up"};
    char member[SG_NAME_MAX + 1];
    struct sg_question question = {
        .group = group, .member = member, .any_part = true};
    struct sg_verdict verdict;
    int rc = sg_service_member(group, host, NULL, member);

    if (rc == SG_OK)
        rc = sg_ask(sg, &question, &verdict);
    if (rc == SG_OK)
        printf("%s %s\n", host, words[verdict.status]);
    return rc;
}

int main(int argc, char **argv)
{
    struct sg_config *config = NULL;
    struct sg *sg = NULL;
    int rc = argc < 2 ? SG_EINVAL : sg_config_read(argv[1], &config);

    if (rc == SG_OK && argc == 2)
        puts(config->url);
    if (rc == SG_OK && argc > 2)
        rc = sg_open(config->url, NULL, &sg);
    for (int i = 3; i < argc && rc == SG_OK; i++)
        rc = ask(sg, argv[2], argv[i]);
    if (rc != SG_OK)
        fprintf(stderr, "peek: %s\n", sg_why());
    sg_close(sg);
    sg_config_free(config);
    return rc != SG_OK;
}
