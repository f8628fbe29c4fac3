/* SPDX-License-Identifier: Apache-2.0
 * zookeeper.c - the table of the ZooKeeper back end.
 *
 * libzookeeper-mt 3.8.0, asynchronous calls only (zk_instance.c).
 */
#include "zk_hosts.h"
#include "zk_path.h"
#include "zk_round.h"

#include <stdio.h>

static const char *option(const struct sg_target *target, const char *name,
                          const char *otherwise)
{
    const char *value = target->option(target, name);

    return value == NULL ? otherwise : value;
}

/* ---- verbs ----------------------------------------------------------- */

static int join(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_zk_join);
}

static int leave(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_zk_leave);
}

static int beat(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_zk_beat);
}

static int ask(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_zk_ask);
}

static int list(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_zk_list);
}

static int groups(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_zk_groups);
}

static int get_metadata(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_zk_get_metadata);
}

static int set_metadata(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_zk_set_metadata);
}

static int set_marks(struct sg_backend *b, struct sg_op *op)
{
    return sg_zk_run(b, op, sg_zk_set_marks);
}

/* ---- the table -------------------------------------------------------- */

/* Measured with ticks of 20 to 200 ms: never early, and up to one tick late
 * (ExpiryQueue rounds up to the next tick). */
static struct sg_slack slack(int64_t timeout_ms, int64_t tick_ms)
{
    (void)timeout_ms;
    return (struct sg_slack){.early_ms = 0, .late_ms = tick_ms};
}

static int check(const struct sg_target *target, char *why, size_t why_bytes)
{
    const char *hosts = target->option(target, "hosts");
    const char *ns = option(target, "namespace", SG_ZK_NAMESPACE);
    char fault[160];

    if (hosts != NULL && !sg_zk_hosts_check(hosts, why, why_bytes))
        return SG_EURL;
    if (target->n_endpoints == 0 && hosts == NULL) {
        snprintf(why, why_bytes,
                 "the URL names no host; ZooKeeper has no local socket");
        return SG_EURL;
    }
    if (sg_zk_path_is_tree(ns, fault, sizeof fault))
        return SG_OK;
    snprintf(why, why_bytes, "option \"namespace\": %s", fault);
    return SG_EURL;
}

/* tooz's, by name. */
static const struct sg_option options[] = {
    {"timeout", SG_OPTION_T_INT},
    {"namespace", SG_OPTION_HONOURED},
    {"hosts", SG_OPTION_HONOURED},
    {"randomize_hosts", SG_OPTION_HONOURED},
    {"handler", SG_OPTION_ACCEPTED},
    {"connection_retry", SG_OPTION_ACCEPTED},
    {"command_retry", SG_OPTION_ACCEPTED},
    {"executor", SG_OPTION_ACCEPTED},
    {"use_ssl", SG_OPTION_ENCRYPTION},
    {"verify_certs", SG_OPTION_ACCEPTED},
    {"ca", SG_OPTION_ACCEPTED},
    {"certfile", SG_OPTION_ACCEPTED},
    {"keyfile", SG_OPTION_ACCEPTED},
    {"keyfile_password", SG_OPTION_ACCEPTED},
    {NULL, SG_OPTION_ACCEPTED},
};

static int open_instance(const struct sg_target *target,
                         const struct sg_backend_env *env,
                         struct sg_backend **ret_b)
{
    return sg_zk_open(target, env, option(target, "namespace", SG_ZK_NAMESPACE),
                      ret_b);
}

const struct sg_backend_kind sg_zookeeper_kind = {
    .version = SG_BACKEND_VERSION,
    .scheme = "kazoo",
    .alias = "zookeeper",
    .promises = SG_KEEPS_SESSION | SG_HAS_EPOCH | SG_HAS_TOKEN |
                SG_HAS_METADATA | SG_HAS_MARKS | SG_CAN_WRITE,
    .default_port = SG_ZK_PORT,
    .default_timeout_ms = 10000,
    .min_timeout_ms = 1,
    .max_timeout_ms = INT32_MAX,
    .timeout_rule = "ZooKeeper grants 2 to 20 of its ticks",
    .metadata_max_bytes = 1000000, /* jute.maxbuffer: 1 MiB a packet */
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
            [SG_VERB_GET_METADATA] = get_metadata,
            [SG_VERB_SET_METADATA] = set_metadata,
            [SG_VERB_SET_MARKS] = set_marks,
        },
};
