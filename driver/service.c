/* SPDX-License-Identifier: Apache-2.0
 * service.c - nova's services as members: topic, host and part in one id.
 *
 * The one place that knows the rule; writers, readers, the bridge, the old
 * layouts and the tool all come here.
 */
#include "backend.h"
#include "name.h"
#include "why.h"

#include <stdio.h>
#include <string.h>

static int refuse(const char *what, const char *text, const char *rule)
{
    return sg_why_set(SG_ENAME, "%s \"%.64s\" %s", what, text, rule);
}

int sg_service_member(const char *topic, const char *host, const char *part,
                      char ret_member[SG_NAME_MAX + 1])
{
    char id[3 * SG_NAME_MAX + 8], why[300];
    int rc;

    if (topic == NULL || host == NULL || ret_member == NULL)
        return sg_why_set(SG_EINVAL, "topic or host is NULL");
    if (*topic == '\0' || strchr(topic, ':') != NULL)
        return refuse("topic", topic, "is empty or holds a colon");
    if (*host == '\0' || strchr(host, ':') != NULL)
        return refuse("host", host,
                      "is empty or holds a colon, which parts the id");
    if (part != NULL && *part == '\0')
        return refuse("part", part, "is empty");
    if (strlen(topic) > SG_NAME_MAX || strlen(host) > SG_NAME_MAX ||
        (part != NULL && strlen(part) > SG_NAME_MAX))
        return refuse("service", host, "has a name of more than 200 bytes");
    snprintf(id, sizeof id, "%s:%s%s%s", topic, host, part == NULL ? "" : ":",
             part == NULL ? "" : part);
    rc = sg_name_check("member", id, why, sizeof why);
    if (rc != SG_OK)
        return sg_why_set(rc, "%s", why);
    memcpy(ret_member, id, strlen(id) + 1);
    return SG_OK;
}

void sg_service_host(const char *group, const char *member,
                     char ret_host[SG_NAME_MAX + 1], const char **ret_part)
{
    size_t n = strlen(group), length;

    if (strncmp(member, group, n) == 0 && member[n] == ':' &&
        member[n + 1] != '\0')
        member += n + 1;
    length = strcspn(member, ":");
    if (length == 0 || length > SG_NAME_MAX)
        length = strnlen(member, SG_NAME_MAX);
    memcpy(ret_host, member, length);
    ret_host[length] = '\0';
    *ret_part = member[length] == ':' && member[length + 1] != '\0'
                    ? member + length + 1
                    : NULL;
}
