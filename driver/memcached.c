/* SPDX-License-Identifier: Apache-2.0
 * memcached.c - the table of the memcached back end, and its instances.
 *
 * On the wire: the text protocol, the keys of tooz's memcached driver, and
 * keys of our own beside them (see mc.h).
 */
#include "mc.h"

#include <stdio.h>
#include <stdlib.h>

static const struct sg_option options[] = {
    {"timeout", SG_OPTION_T_INT},
    {"membership_timeout", SG_OPTION_T_INT_FIRST},
    {"lock_timeout", SG_OPTION_ACCEPTED},
    {"leader_timeout", SG_OPTION_ACCEPTED},
    {"max_pool_size", SG_OPTION_ACCEPTED},
    {"executor", SG_OPTION_ACCEPTED},
    {"use_ssl", SG_OPTION_ENCRYPTION},
    {"ca_cert", SG_OPTION_ACCEPTED},
    {"ssl_key", SG_OPTION_ACCEPTED},
    {"ssl_cert", SG_OPTION_ACCEPTED},
    {"ssl_key_password", SG_OPTION_ACCEPTED},
    {"ssl_ciphers", SG_OPTION_ACCEPTED},
    {"ssl_check_hostname", SG_OPTION_ACCEPTED},
    {NULL, SG_OPTION_ACCEPTED},
};

/* Never early: what is asked for is more than T by all that the server may
 * take off (mc_live.c), and it never adds any. */
static struct sg_slack slack(int64_t timeout_ms, int64_t tick_ms)
{
    (void)tick_ms;
    return (struct sg_slack){0,
                             sg_mc_exptime_s(timeout_ms) * 1000 - timeout_ms};
}

static int check(const struct sg_target *target, char *why, size_t why_bytes)
{
    if (target->n_endpoints != 1) {
        snprintf(why, why_bytes,
                 "memcached:// takes exactly one host[:port], as tooz does; "
                 "this URL has %zu",
                 target->n_endpoints);
        return SG_EURL;
    }
    if (target->user != NULL || target->password != NULL) {
        snprintf(why, why_bytes,
                 "memcached:// knows no user and no password (tooz would "
                 "ignore them); take them out of the URL");
        return SG_EURL;
    }
    return SG_OK;
}

/* ---- instances -------------------------------------------------------- */

static int open_instance(const struct sg_target *target,
                         const struct sg_backend_env *env,
                         struct sg_backend **ret_b)
{
    struct sg_backend *b = calloc(1, sizeof *b);

    if (b == NULL)
        return SG_ENOMEM;
    b->endpoint = &target->endpoints[0];
    b->env = env;
    if (!sg_mc_socket_init(&b->socket, env->io_limit_ms)) {
        free(b);
        return SG_ENOMEM;
    }
    *ret_b = b;
    return SG_OK;
}

static void close_instance(struct sg_backend *b)
{
    if (b == NULL)
        return;
    sg_mc_socket_free(&b->socket);
    sg_mc_suspects_free(b->suspects);
    free(b);
}

static void interrupt_instance(struct sg_backend *b)
{
    sg_mc_socket_interrupt(&b->socket);
}

static void forget_in_child(struct sg_backend *b)
{
    sg_mc_socket_forked(&b->socket);
    sg_mc_suspects_free(b->suspects);
    free(b);
}

const struct sg_backend_kind sg_memcached_kind = {
    .version = SG_BACKEND_VERSION,
    .scheme = "memcached",
    .promises = SG_HAS_EPOCH | SG_HAS_TOKEN | SG_HAS_METADATA | SG_HAS_MARKS |
                SG_CAN_WRITE | SG_HAS_LAST_SEEN | SG_NEEDS_SWEEP |
                SG_NEEDS_AUDIT,
    .default_port = 11211,
    .default_timeout_ms = 30000,
    .min_timeout_ms = 2000,
    .max_timeout_ms = 2591999000,
    .timeout_rule = "memcached counts in whole seconds and takes more than 30 "
                    "days for a date: T is 2 to 2591999 s",
    .metadata_max_bytes = 900000,
    .options = options,
    .slack = slack,
    .check = check,
    .open = open_instance,
    .close = close_instance,
    .interrupt = interrupt_instance,
    .forked = forget_in_child,
    .verb =
        {
            [SG_VERB_JOIN] = sg_mc_join,
            [SG_VERB_LEAVE] = sg_mc_leave,
            [SG_VERB_BEAT] = sg_mc_beat,
            [SG_VERB_SWEEP] = sg_mc_sweep,
            [SG_VERB_ASK] = sg_mc_ask,
            [SG_VERB_LIST] = sg_mc_list,
            [SG_VERB_GROUPS] = sg_mc_groups,
            [SG_VERB_GET_METADATA] = sg_mc_get_metadata,
            [SG_VERB_SET_METADATA] = sg_mc_set_metadata,
            [SG_VERB_SET_MARKS] = sg_mc_set_marks,
        },
};
