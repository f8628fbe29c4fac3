/* SPDX-License-Identifier: Apache-2.0
 * nova_zk_ask.c - who is up in nova's old ZooKeeper layouts.
 *
 * Both layouts are read, whatever is written: an ephemeral node of the host
 * is a member (J); a persistent one is only if it says "ZKMembers" and a
 * process stands under it (P). In the layout as released (X) there are no
 * host names: then nobody's absence means anything.
 */
#include "nova_zk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_answer(int rc)
{
    return rc == ZOK || rc == ZNONODE;
}

/* ---- one host --------------------------------------------------------- */

/* What was asked about one host: its node, and what stands under it. */
struct seen {
    const struct sg_zk_answer *node, *children;
};

static struct seen post(struct sg_backend *b, struct sg_zk_round *round,
                        const char *host)
{
    size_t node = sg_zk_round_get(round, b->base, host, NULL);
    size_t children = sg_zk_round_children(round, b->base, host);

    return (struct seen){sg_zk_round_answer(round, node),
                         sg_zk_round_answer(round, children)};
}

static bool is_marked(const struct sg_zk_answer *node)
{
    size_t n = sizeof SG_NOVA_ZK_MARK - 1;

    return node->bytes == n && memcmp(node->data, SG_NOVA_ZK_MARK, n) == 0;
}

static bool has_part(const struct seen *seen, const char *part)
{
    for (size_t i = 0; part != NULL && i < seen->children->n_names; i++)
        if (strcmp(seen->children->name[i], part) == 0)
            return true;
    return part == NULL && seen->children->n_names > 0;
}

static void show(struct sg_sight *sight, const struct seen *seen,
                 const char *part)
{
    bool is_juno =
        seen->node->rc == ZOK && sg_zk_is_ephemeral(&seen->node->stat);
    bool is_process =
        seen->node->rc == ZOK && is_marked(seen->node) && has_part(seen, part);

    sight->last_seen_ms = -1;
    sight->entry = sight->alive = sight->same_owner = is_juno || is_process;
    if (!is_juno)
        return;
    sight->epoch = (uint64_t)seen->node->stat.czxid;
    snprintf(sight->token, sizeof sight->token, "%016" PRIx64,
             (uint64_t)seen->node->stat.ephemeralOwner);
}

/* ---- ask -------------------------------------------------------------- */

struct asked {
    struct seen *sights, nobody;
    const struct sg_zk_answer *group;
};

static int post_all(struct sg_backend *b, struct sg_op *op,
                    struct sg_zk_round *round, struct asked *asked)
{
    const char *group = op->groups[0].name;
    char *nobody = sg_nova_zk_host(op, group, SG_NOVA_ZK_NOBODY);

    asked->sights = sg_op_alloc(op, (op->n_sights + 1) * sizeof *asked->sights);
    if (asked->sights == NULL || nobody == NULL)
        return SG_ENOMEM;
    sg_zk_round_sync(round, b->base);
    for (size_t i = 0; i < op->n_sights; i++) {
        char *host = sg_nova_zk_host(op, group, op->sights[i].member);
        if (host == NULL)
            return SG_ENOMEM;
        asked->sights[i] = post(b, round, host);
    }
    asked->nobody = post(b, round, nobody);
    asked->group = sg_zk_round_answer(
        round, sg_zk_round_exists(round, b->base, group, NULL));
    return SG_OK;
}

static int check(struct sg_backend *b, struct sg_op *op,
                 const struct sg_zk_answer *answer, const char *member)
{
    if (is_answer(answer->rc))
        return SG_OK;
    return sg_zk_round_refused(b, op, answer->rc, "reading", b->base,
                               op->groups[0].name, member);
}

static int show_all(struct sg_backend *b, struct sg_op *op,
                    const struct asked *asked)
{
    bool is_nameless = asked->nobody.children->n_names > 0;
    int rc = check(b, op, asked->group, NULL);

    op->server_age_ms = -1;
    op->group_exists = asked->group->rc == ZOK;
    op->group_birth = op->group_exists ? (uint64_t)asked->group->stat.czxid : 0;
    for (size_t i = 0; i < op->n_sights && rc == SG_OK; i++) {
        struct sg_sight *sight = &op->sights[i];
        char host[SG_NAME_MAX + 1];
        const char *part;
        rc = check(b, op, asked->sights[i].node, sight->member);
        if (rc == SG_OK)
            rc = check(b, op, asked->sights[i].children, sight->member);
        if (rc != SG_OK)
            return rc;
        sg_service_host(op->groups[0].name, sight->member, host, &part);
        show(sight, &asked->sights[i], part);
        sight->is_garbage = is_nameless && !sight->entry;
    }
    return rc;
}

int sg_nova_zk_ask(struct sg_backend *b, struct sg_op *op)
{
    struct sg_zk_round *round = sg_zk_round_new(b, 2 * op->n_sights + 4);
    struct asked asked = {.sights = NULL};
    int rc;

    if (round == NULL)
        return SG_ENOMEM;
    rc = post_all(b, op, round, &asked);
    if (rc == SG_OK)
        rc = sg_zk_round_wait(round, op);
    if (rc == SG_OK)
        rc = show_all(b, op, &asked);
    sg_zk_round_drop(round);
    return rc;
}

/* ---- list ------------------------------------------------------------- */

/* A host that a member can have: what is listed can be asked about. */
static bool is_host(const char *group, const char *host)
{
    size_t length = strlen(host);

    return sg_name_is_safe(host, length) &&
           strlen(group) + 1 + length <= SG_NAME_MAX &&
           strcmp(host, SG_NOVA_ZK_NOBODY) != 0;
}

static int add(struct sg_op *op, struct sg_sight *sight, const char *host)
{
    const char *group = op->groups[0].name;
    size_t room = strlen(group) + strlen(host) + 2;
    char *member = sg_op_alloc(op, room);

    if (member == NULL)
        return SG_ENOMEM;
    snprintf(member, room, "%s:%s", group, host);
    *sight = (struct sg_sight){.member = member, .last_seen_ms = -1};
    return SG_OK;
}

/* The hosts by name; then every one is asked about. */
int sg_nova_zk_list(struct sg_backend *b, struct sg_op *op)
{
    const char *group = op->groups[0].name;
    struct sg_zk_round *round = sg_zk_round_new(b, 2);
    const struct sg_zk_answer *hosts;
    int rc;

    op->n_sights = 0;
    op->skipped = 0;
    if (round == NULL)
        return SG_ENOMEM;
    sg_zk_round_sync(round, b->base);
    hosts =
        sg_zk_round_answer(round, sg_zk_round_children(round, b->base, group));
    rc = sg_zk_round_wait(round, op);
    if (rc == SG_OK)
        rc = check(b, op, hosts, NULL);
    if (rc == SG_OK) {
        op->sights = sg_op_alloc(op, (hosts->n_names + 1) * sizeof *op->sights);
        rc = op->sights == NULL ? SG_ENOMEM : SG_OK;
    }
    for (size_t i = 0; rc == SG_OK && i < hosts->n_names; i++) {
        const char *host = hosts->name[i];
        if (!is_host(group, host))
            op->skipped++;
        else
            rc = add(op, &op->sights[op->n_sights++], host);
    }
    sg_zk_round_drop(round);
    return rc == SG_OK ? sg_nova_zk_ask(b, op) : rc;
}
