/* SPDX-License-Identifier: Apache-2.0
 * nova_zk.c - nova's ZooKeeper service group driver, as a back end: to read
 * what it wrote, and to write what it reads.
 *
 *   nova-zk://host[:port][,host[:port]...]?layout=process|juno
 *            &sg_prefix=/servicegroups&recv_timeout=4000&pid=4711
 *
 * The session is that of kazoo://; the tree and the nodes in it are other.
 */
#include "nova_zk.h"

#include "zk_hosts.h"
#include "zk_path.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "/servicegroups"

static const char *option(const struct sg_target *target, const char *name,
                          const char *otherwise)
{
    const char *value = target->option(target, name);

    return value == NULL ? otherwise : value;
}

bool sg_nova_zk_is_juno(const struct sg_backend *b)
{
    return strcmp(option(b->target, "layout", "process"), "juno") == 0;
}

/* ---- paths ------------------------------------------------------------ */

char *sg_nova_zk_host(struct sg_op *op, const char *group, const char *member)
{
    char host[SG_NAME_MAX + 1], *path;
    const char *part;
    size_t room;

    sg_service_host(group, member, host, &part);
    room = strlen(group) + strlen(host) + 2;
    path = sg_op_alloc(op, room);
    if (path != NULL)
        snprintf(path, room, "%s/%s", group, host);
    return path;
}

/* The old driver named the node of a process by its pid. */
char *sg_nova_zk_leaf(struct sg_backend *b, struct sg_op *op, const char *group)
{
    char host[SG_NAME_MAX + 1], pid[24], *path;
    const char *part;
    size_t room;

    sg_service_host(group, op->member, host, &part);
    if (sg_nova_zk_is_juno(b))
        return sg_op_copy(op, host, strlen(host));
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    if (part == NULL)
        part = option(b->target, "pid", pid);
    room = strlen(host) + strlen(part) + 2;
    path = sg_op_alloc(op, room);
    if (path != NULL)
        snprintf(path, room, "%s/%s", host, part);
    return path;
}

/* ---- verbs ------------------------------------------------------------ */

/* Run a step of kazoo:// for one group at a time, with the leaf of this
 * layout for a member's name. */
static int each_group(struct sg_backend *b, struct sg_op *op, sg_verb_fn *step)
{
    struct sg_op_group *groups = op->groups;
    size_t n = op->n_groups;
    const char *member = op->member;
    int rc = SG_OK;

    for (size_t i = 0; i < n && rc == SG_OK; i++) {
        op->groups = &groups[i];
        op->n_groups = 1;
        op->member = sg_nova_zk_leaf(b, op, groups[i].name);
        rc = op->member == NULL ? SG_ENOMEM : sg_zk_run(b, op, step);
        op->member = member;
    }
    op->groups = groups;
    op->n_groups = n;
    return rc;
}

static int join(struct sg_backend *b, struct sg_op *op)
{
    return each_group(b, op, sg_nova_zk_join);
}

static int leave(struct sg_backend *b, struct sg_op *op)
{
    return each_group(b, op, sg_zk_leave);
}

static int beat(struct sg_backend *b, struct sg_op *op)
{
    return each_group(b, op, sg_zk_beat);
}

static int ask(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_nova_zk_ask);
}

static int list(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_nova_zk_list);
}

static int groups(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_zk_groups);
}

/* ---- the table -------------------------------------------------------- */

static const struct sg_option options[] = {
    {"recv_timeout", SG_OPTION_T_MS},
    {"sg_prefix", SG_OPTION_HONOURED},
    {"layout", SG_OPTION_HONOURED},
    {"pid", SG_OPTION_HONOURED},
    {"sg_retry_interval", SG_OPTION_ACCEPTED}, /* a join never gives up here */
    {NULL, SG_OPTION_ACCEPTED},
};

static struct sg_slack slack(int64_t timeout_ms, int64_t tick_ms)
{
    (void)timeout_ms;
    return (struct sg_slack){.early_ms = 0, .late_ms = tick_ms};
}

static int check(const struct sg_target *target, char *why, size_t why_bytes)
{
    const char *layout = option(target, "layout", "process");
    const char *pid = option(target, "pid", "1");
    char fault[160];

    if (strcmp(layout, "juno") != 0 && strcmp(layout, "process") != 0) {
        snprintf(why, why_bytes,
                 "option \"layout\" is \"%.32s\"; it is process or juno",
                 layout);
        return SG_EURL;
    }
    if (strspn(pid, "0123456789") != strlen(pid) || strlen(pid) > 20) {
        snprintf(why, why_bytes, "option \"pid\" is no process id");
        return SG_EURL;
    }
    if (sg_zk_path_is_tree(option(target, "sg_prefix", PREFIX), fault,
                           sizeof fault))
        return SG_OK;
    snprintf(why, why_bytes, "option \"sg_prefix\": %s", fault);
    return SG_EURL;
}

static int open_instance(const struct sg_target *target,
                         const struct sg_backend_env *env,
                         struct sg_backend **ret_b)
{
    return sg_zk_open(target, env, option(target, "sg_prefix", PREFIX), ret_b);
}

const struct sg_backend_kind sg_nova_zk_kind = {
    .version = SG_BACKEND_VERSION,
    .scheme = "nova-zk",
    .promises = SG_KEEPS_SESSION | SG_HAS_EPOCH | SG_HAS_TOKEN | SG_CAN_WRITE,
    .notice = "nova-zk:// is nova's ZooKeeper service group driver, which is "
              "deprecated: choose kazoo://, memcached:// or redis:// by "
              "servicegroup_tooz_url instead; it goes in release 1.0; how to "
              "move: driver/guides/from-zookeeper.md",
    .default_port = SG_ZK_PORT,
    .default_timeout_ms = 4000,
    .min_timeout_ms = 1,
    .max_timeout_ms = INT32_MAX,
    .timeout_rule = "ZooKeeper grants 2 to 20 of its ticks",
    .options = options,
    .slack = slack,
    .check = check,
    .open = open_instance,
    .close = sg_zk_close,
    .owed = sg_zk_owed,
    .interrupt = sg_zk_interrupt,
    .forked = sg_zk_forked,
    .verb =
        {
            [SG_VERB_JOIN] = join,
            [SG_VERB_LEAVE] = leave,
            [SG_VERB_BEAT] = beat,
            [SG_VERB_ASK] = ask,
            [SG_VERB_LIST] = list,
            [SG_VERB_GROUPS] = groups,
        },
};
