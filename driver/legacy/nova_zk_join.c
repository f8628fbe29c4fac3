/* SPDX-License-Identifier: Apache-2.0
 * nova_zk_join.c - our node in nova's old ZooKeeper layouts.
 *
 * The old driver never made the node of a group in layout P, and so failed on
 * an empty ensemble; every level is made here, with the data that its readers
 * look for. It refused a name that another session held and gave up; here the
 * newest join wins, as everywhere.
 */
#include "nova_zk.h"

#include "zk_path.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 3

struct join {
    struct sg_backend *b;
    struct sg_op *op;
    char *group, *host, *leaf; /* paths; leaf is host in layout J            */
    char data[32];             /* the session's token, as the old driver's   */
    uint64_t epoch;
    int said;
};

/* The decimal text of a float in [0, 1), which is what random.random() made
 * of it; ours comes from the token of the incarnation. */
static void write_data(struct join *join)
{
    uint64_t number = 0;

    if (join->op->token != NULL)
        number = strtoull(join->op->token, NULL, 16);
    snprintf(join->data, sizeof join->data, "0.%016" PRIu64,
             number % UINT64_C(10000000000000000));
}

static bool has_host_node(const struct join *join)
{
    return strcmp(join->host, join->leaf) != 0;
}

static int create(struct join *join, bool with_levels)
{
    struct sg_zk_round *round =
        sg_zk_round_new(join->b, sg_zk_path_levels(join->group) + 4);
    size_t leaf;
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    if (with_levels) {
        sg_zk_round_create_levels(round, join->b->base);
        sg_zk_round_create(round, join->group, SG_NOVA_ZK_MARK,
                           sizeof SG_NOVA_ZK_MARK - 1, 0);
        if (has_host_node(join))
            sg_zk_round_create(round, join->host, SG_NOVA_ZK_MARK,
                               sizeof SG_NOVA_ZK_MARK - 1, 0);
    }
    leaf = sg_zk_round_create(round, join->leaf, join->data,
                              (int)strlen(join->data), ZOO_EPHEMERAL);
    rc = sg_zk_round_wait(round, join->op);
    join->said = sg_zk_round_answer(round, leaf)->rc;
    join->epoch = (uint64_t)sg_zk_round_answer(round, leaf)->stat.czxid;
    sg_zk_round_drop(round);
    return rc;
}

/* As in zk_join.c: in one transaction, with the version of the node above
 * bumped, which a late leave of the old owner checks. */
static int take_over(struct join *join)
{
    struct sg_zk_round *round = sg_zk_round_new(join->b, 1);
    zoo_op_t step[3];
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    zoo_set_op_init(&step[0], join->group, SG_NOVA_ZK_MARK,
                    sizeof SG_NOVA_ZK_MARK - 1, -1, sg_zk_round_stat(round));
    zoo_delete_op_init(&step[1], join->leaf, -1);
    zoo_create_op_init(&step[2], join->leaf, join->data,
                       (int)strlen(join->data), join->b->acl, ZOO_EPHEMERAL,
                       NULL, 0);
    sg_zk_round_multi(round, step, 3);
    rc = sg_zk_round_wait(round, join->op);
    join->said = sg_zk_round_answer(round, 0)->rc;
    join->epoch = (uint64_t)sg_zk_round_stat(round)->mzxid;
    /* A reply that is too short leaves the stat as it was made. */
    if (rc == SG_OK && join->said == ZOK && sg_zk_round_stat(round)->mzxid <= 0)
        rc = sg_op_fail(join->op, SG_EUNKNOWN, SG_GARBAGE,
                        "ZooKeeper at %.150s sent what is no answer",
                        join->b->hosts);
    sg_zk_round_drop(round);
    return rc;
}

static int make(struct join *join)
{
    int rc = create(join, false);

    for (int i = 0; rc == SG_OK && join->said != ZOK && i < TRIES; i++) {
        if (join->said == ZNODEEXISTS)
            rc = take_over(join);
        else if (join->said == ZNONODE)
            rc = create(join, true);
        else
            break;
    }
    if (rc != SG_OK || join->said == ZOK)
        return rc;
    if (join->said == ZNOCHILDRENFOREPHEMERALS)
        return sg_op_fail(join->op, SG_EREFUSED, SG_SERVER_ERROR,
                          "%.100s is a node of the Juno layout that still "
                          "lives; stop that service first, or write with "
                          "layout=juno",
                          join->host);
    if (join->said == ZNOTEMPTY)
        return sg_op_fail(join->op, SG_EREFUSED, SG_SERVER_ERROR,
                          "%.100s has processes in the layout of Kilo; write "
                          "with layout=process",
                          join->host);
    return sg_zk_round_refused(join->b, join->op, join->said, "joining",
                               join->b->base, join->op->groups[0].name,
                               join->op->member);
}

/* Our own node of this very token stands already: a reply was lost. */
static bool stands(struct join *join, int *ret_rc)
{
    struct sg_zk_own *own = sg_zk_own_find(join->b, join->op);
    struct sg_zk_standing standing;

    if (own == NULL || own->is_leaving || join->op->token == NULL ||
        strcmp(own->token, join->op->token) != 0)
        return false;
    *ret_rc = sg_zk_standing(join->b, join->op, &standing);
    if (*ret_rc == SG_ENOTJOINED || *ret_rc == SG_EREPLACED)
        return false;
    join->epoch = standing.epoch;
    return true;
}

static int join_paths(struct join *join)
{
    struct sg_op *op = join->op;
    struct sg_zk_own *own;
    int rc;

    if (stands(join, &rc))
        return rc;
    op->reason = SG_NO_REASON;
    own = sg_zk_own_add(join->b, op);
    if (own == NULL)
        return SG_ENOMEM;
    rc = make(join);
    if (rc != SG_OK && rc != SG_ZK_EXPIRED &&
        (rc != SG_EUNKNOWN || op->reason == SG_UNREACHABLE))
        sg_zk_own_remove(join->b, own); /* refused, or never sent */
    return rc;
}

/* op->member is the leaf here: "<host>" or "<host>/<pid>". */
int sg_nova_zk_join(struct sg_backend *b, struct sg_op *op)
{
    struct join join = {.b = b, .op = op};
    char host[SG_NAME_MAX + 1];
    int rc = sg_zk_session_connect(b, op);

    if (rc == SG_OK)
        rc = sg_zk_check_timeout(b, op);
    if (rc != SG_OK)
        return rc;
    snprintf(host, sizeof host, "%.*s", (int)strcspn(op->member, "/"),
             op->member);
    join.group = sg_zk_path_join(b->base, op->groups[0].name, NULL);
    join.host = sg_zk_path_join(b->base, op->groups[0].name, host);
    join.leaf = sg_zk_path_join(b->base, op->groups[0].name, op->member);
    write_data(&join);
    rc = join.group == NULL || join.host == NULL || join.leaf == NULL
             ? SG_ENOMEM
             : join_paths(&join);
    if (rc == SG_OK) {
        op->groups[0].epoch = join.epoch;
        op->groups[0].found = SG_FOUND_MINE;
        b->is_lost = false;
    }
    free(join.leaf);
    free(join.host);
    free(join.group);
    return rc;
}
