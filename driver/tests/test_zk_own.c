/* SPDX-License-Identifier: Apache-2.0
 * test_zk_own.c - the memory of nodes that are ours, or may be.
 */
#include "unit.h"
#include "zk.h"

#include <string.h>

static struct sg_op_group group_g = {.name = "g"}, group_h = {.name = "h"};

static struct sg_op op_of(struct sg_op_group *group, const char *token)
{
    return (struct sg_op){
        .member = "m", .token = token, .groups = group, .n_groups = 1};
}

UNIT(zk_own, one_entry_for_a_group_and_member)
{
    struct sg_backend b = {.own = NULL};
    struct sg_op g = op_of(&group_g, "0123456789abcdef");
    struct sg_op again = op_of(&group_g, "fedcba9876543210");
    struct sg_op h = op_of(&group_h, "0123456789abcdef");
    struct sg_zk_own *own = sg_zk_own_add(&b, &g);

    unit_true(sg_zk_own_find(&b, &h) == NULL);
    unit_true(sg_zk_own_add(&b, &h) != own);
    unit_true(sg_zk_own_add(&b, &again) == own);
    unit_text(own->token, "fedcba9876543210");
    unit_true(!sg_zk_own_is_empty(&b));
    sg_zk_own_free(&b);
    unit_true(sg_zk_own_is_empty(&b));
}

UNIT(zk_own, a_join_ends_a_leave)
{
    struct sg_backend b = {.own = NULL};
    struct sg_op g = op_of(&group_g, "0123456789abcdef");
    struct sg_zk_own *own = sg_zk_own_add(&b, &g);

    own->is_leaving = true;
    sg_zk_own_add(&b, &g);
    unit_true(!own->is_leaving);
    sg_zk_own_remove(&b, own);
    unit_true(sg_zk_own_is_empty(&b));
}

UNIT(zk_own, an_expired_session_leaves_only_leaves)
{
    struct sg_backend b = {.own = NULL};
    struct sg_op g = op_of(&group_g, "0123456789abcdef");
    struct sg_op h = op_of(&group_h, "0123456789abcdef");

    sg_zk_own_add(&b, &g);
    sg_zk_own_add(&b, &h)->is_leaving = true;
    sg_zk_own_expired(&b);
    unit_true(sg_zk_own_find(&b, &g) == NULL);
    unit_true(sg_zk_own_find(&b, &h) != NULL);
    sg_zk_own_free(&b);
}
