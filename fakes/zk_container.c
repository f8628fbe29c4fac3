/* SPDX-License-Identifier: Apache-2.0
 * zk_container.c - ZooKeeper's containers: who has had children and has none
 * is removed when the server looks, once a minute from its start.
 */
#include "zk.h"

#include <stdlib.h>

/* znode.container.checkIntervalMs. */
enum { CHECK_MS = 60000 };

static bool is_spent(const struct fake_zk_node *node)
{
    return node->is_container && node->created > 0 && node->n_kids == 0;
}

/* Only while there is something to look for: no other event is planned. */
void fake_zk_container_emptied(struct fake_zk *zk)
{
    int64_t start = fake_started_ms(zk->fake);
    int64_t checks = (fake_now(zk->hub) - start) / CHECK_MS + 1;

    if (!zk->container_check.is_set)
        fake_timer_set(zk->hub, &zk->container_check,
                       start + checks * CHECK_MS);
}

static struct fake_zk_node *find_spent(const struct fake_zk *zk,
                                       int64_t before_zxid)
{
    struct fake_zk_node *root = zk->tree.root, *node = root;

    while (node != NULL && !(is_spent(node) && node->pzxid < before_zxid))
        node = fake_zk_node_next(root, node);
    return node;
}

/* A container that is spent by what this check removes waits for the next:
 * the server has made its list before. */
static void check(void *arg)
{
    struct fake_zk *zk = arg;
    int64_t now_zxid = zk->zxid + 1;
    struct fake_zk_node *node;

    if (!fake_is_up(zk->fake))
        return;
    while ((node = find_spent(zk, now_zxid)) != NULL)
        fake_zk_remove(zk, node, ++zk->zxid);
}

void fake_zk_containers_renew(struct fake_zk *zk)
{
    fake_timer_stop(zk->hub, &zk->container_check);
    if (find_spent(zk, INT64_MAX) != NULL)
        fake_zk_container_emptied(zk);
}

void fake_zk_containers_init(struct fake_zk *zk)
{
    zk->container_check.fire = check;
    zk->container_check.arg = zk;
}
