/* SPDX-License-Identifier: Apache-2.0
 * test_zk_path.c - paths of ZooKeeper's tree.
 */
#include "unit.h"
#include "zk_path.h"

#include <stdlib.h>
#include <string.h>

static bool is_tree(const char *text)
{
    char why[160] = "";
    bool is = sg_zk_path_is_tree(text, why, sizeof why);

    unit_true(is == (why[0] == '\0'));
    return is;
}

UNIT(zk_path, a_tree_has_levels_of_printable_ascii)
{
    unit_true(is_tree("tooz"));
    unit_true(is_tree("/tooz"));
    unit_true(is_tree("//a//b c/"));
    unit_true(is_tree("..."));
    unit_true(!is_tree(""));
    unit_true(!is_tree("//"));
    unit_true(!is_tree("a/./b"));
    unit_true(!is_tree("a/.."));
    unit_true(!is_tree("a\nb"));
    unit_true(!is_tree("n\xc3\xb6"));
    unit_true(!is_tree("a\x7f"));
}

static void tree(const char *chroot, const char *ns, const char *suffix,
                 const char *want)
{
    char *path = sg_zk_path_tree(chroot, ns, suffix);

    unit_text(path, want);
    free(path);
}

UNIT(zk_path, a_tree_is_written_with_one_slash_a_level)
{
    tree("", "tooz", "", "/tooz");
    tree("", "tooz", "_sg", "/tooz_sg");
    tree("", "//a//b/", "_sg", "/a/b_sg");
    tree("/root", "tooz", "", "/root/tooz");
    tree("/root//deep/", "/a/", "_sg", "/root/deep/a_sg");
}

static void join(const char *group, const char *member, const char *want)
{
    char *path = sg_zk_path_join("/tooz", group, member);

    unit_text(path, want);
    free(path);
}

UNIT(zk_path, a_null_ends_a_path)
{
    join(NULL, NULL, "/tooz");
    join("g", NULL, "/tooz/g");
    join("g", "m", "/tooz/g/m");
}

UNIT(zk_path, levels_are_found_one_after_the_other)
{
    const char *path = "/a/bc/d";

    unit_int((int64_t)sg_zk_path_level(path, 0), 2);
    unit_int((int64_t)sg_zk_path_level(path, 2), 5);
    unit_int((int64_t)sg_zk_path_level(path, 5), 7);
    unit_int((int64_t)sg_zk_path_level(path, 7), 0);
    unit_int((int64_t)sg_zk_path_levels(path), 3);
    unit_int((int64_t)sg_zk_path_levels("/tooz"), 1);
}
