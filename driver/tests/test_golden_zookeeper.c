/* SPDX-License-Identifier: Apache-2.0
 * test_golden_zookeeper.c - our paths and our values in ZooKeeper are those of
 * Python tooz. What is made of them shows on a server only: see conformance.
 */
#include "golden.h"
#include "golden_zookeeper.h"
#include "unit.h"
#include "zk.h"
#include "zk_path.h"

#include <stdlib.h>
#include <string.h>

#define COUNT (sizeof golden_nodes / sizeof *golden_nodes)

static size_t levels(const struct golden_node *row)
{
    return sg_zk_path_levels(row->path);
}

/* "/tooz/<group>/<member>" cut in pieces, and put together by the driver. */
static void path_is(const struct golden_node *row, int number)
{
    char copy[256], *group, *member;
    char *base = sg_zk_path_tree("", SG_ZK_NAMESPACE, ""), *path;

    unit_true(base != NULL);
    strcpy(copy, row->path);
    strtok_r(copy, "/", &member);
    group = strtok_r(NULL, "/", &member);
    path = sg_zk_path_join(base, group, member[0] == '\0' ? NULL : member);
    unit_true(path != NULL);
    unit_text_at(path, row->path, "path", row->after, number);
    free(path);
    free(base);
}

UNIT(golden_zookeeper, paths_are_toozs)
{
    int nodes = 0, elections = 0;

    for (size_t i = 0; i < COUNT; i++) {
        if (levels(&golden_nodes[i]) > 3) {
            elections++; /* and locks: no business of ours */
            continue;
        }
        nodes++;
        path_is(&golden_nodes[i], (int)i);
    }
    unit_int(nodes, 23);
    unit_int(elections, 5);
}

/* The nodes of elections and locks are no members, and no group. */
UNIT(golden_zookeeper, what_is_no_member_is_skipped)
{
    int skipped = 0, members = 0;

    for (size_t i = 0; i < COUNT; i++) {
        const struct golden_node *row = &golden_nodes[i];
        const char *name = strrchr(row->path, '/') + 1;
        struct Stat stat = {.ephemeralOwner = row->is_ephemeral ? 77 : 0};
        if (levels(row) != 3 || row->data == NULL ||
            strncmp(row->path, "/tooz/locks/", 12) == 0)
            continue;
        if (!sg_name_is_safe(name, strlen(name))) {
            unit_text(name, "leader");
            skipped++;
            continue;
        }
        members++;
        unit_true(sg_zk_is_ephemeral(&stat));
    }
    unit_int(skipped, 1);
    unit_int(members, 12);
}

UNIT(golden_zookeeper, values_are_toozs)
{
    struct sg_op_group group = {.name = "grp1"};
    int bytes = 0, values = 0;
    const char *value = sg_zk_value(&group, &bytes);

    golden_is(value, (size_t)bytes, "<c400>", "default", 0);
    for (size_t i = 0; i < COUNT; i++) {
        const struct golden_node *row = &golden_nodes[i];
        struct golden data = golden_of(row->data);
        if (levels(row) != 3 || row->data == NULL || data.length == 0)
            continue;
        values++;
        group.metadata = data.bytes;
        group.metadata_bytes = data.length;
        value = sg_zk_value(&group, &bytes);
        golden_is(value, (size_t)bytes, row->data, row->after, (int)i);
    }
    unit_int(values, 12);
}
