/* SPDX-License-Identifier: Apache-2.0
 * test_service.c - topic, host and part in one id, and out of it again.
 */
#include "backend.h"
#include "unit.h"

#include <string.h>

UNIT(service, one_rule_makes_the_id)
{
    char id[SG_NAME_MAX + 1];

    unit_int(sg_service_member("compute", "node1", NULL, id), SG_OK);
    unit_text(id, "compute:node1");
    unit_int(sg_service_member("conductor", "n.example", "3", id), SG_OK);
    unit_text(id, "conductor:n.example:3");
}

UNIT(service, what_it_refuses_leaves_the_answer_alone)
{
    static const char *const bad[][3] = {
        {"", "node1", NULL},      {"a:b", "node1", NULL},
        {"compute", "", NULL},    {"compute", "::1", NULL},
        {"compute", "n 1", NULL}, {"compute", "n", ""},
        {"compute", "n", "a/b"},
    };
    char id[SG_NAME_MAX + 1] = "before", longest[SG_NAME_MAX + 2];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        unit_int(sg_service_member(bad[i][0], bad[i][1], bad[i][2], id),
                 SG_ENAME);
        unit_text(id, "before");
        unit_true(strlen(sg_why()) > 0);
    }
    memset(longest, 'n', sizeof longest - 1);
    longest[SG_NAME_MAX + 1] = '\0';
    unit_int(sg_service_member("compute", longest, NULL, id), SG_ENAME);
    longest[SG_NAME_MAX] = '\0';
    unit_int(sg_service_member("compute", longest, NULL, id), SG_ENAME);
    longest[SG_NAME_MAX - strlen("compute:")] = '\0';
    unit_int(sg_service_member("compute", longest, NULL, id), SG_OK);
    unit_int(sg_service_member(NULL, "n", NULL, id), SG_EINVAL);
}

static void host_is(const char *group, const char *member, const char *want,
                    const char *want_part)
{
    char host[SG_NAME_MAX + 1];
    const char *part;

    sg_service_host(group, member, host, &part);
    unit_text(host, want);
    unit_true((part == NULL) == (want_part == NULL));
    if (part != NULL && want_part != NULL)
        unit_text(part, want_part);
}

UNIT(service, and_takes_it_apart)
{
    host_is("compute", "compute:node1", "node1", NULL);
    host_is("compute", "compute:node1:7", "node1", "7");
    host_is("compute", "compute:node1:7:8", "node1", "7:8");
    host_is("compute", "node1", "node1", NULL);
    host_is("compute", "node1:7", "node1", "7");
    host_is("compute", "computer:x", "computer", "x");
    host_is("compute", "compute:", "compute", NULL);
    host_is("compute", "compute", "compute", NULL);
    host_is("compute", ":x", ":x", NULL);
    host_is("compute", "compute::x", ":x", NULL);
}
