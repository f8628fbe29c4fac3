/* SPDX-License-Identifier: Apache-2.0
 * redis.c - the table of the Redis back end: options, limits, life.
 *
 * The keys of tooz, where <ns> is the option `namespace`, used raw:
 *     <ns>_groups          set: the groups
 *     <ns>_group:<g>       hash: __created__, and member -> metadata
 *     <ns>_beats:<m>       string that expires: member m lives
 * and ours, outside every name that tooz reads:
 *     <ns>_sg_owners:<g>   hash: member -> "<epoch> <token>"
 *     <ns>_sg_marks:<g>    hash: name -> an operator's word, msgpack
 *     <ns>_sg_born:<g>     string: which creation of the group this is
 *     <ns>_sg_epoch        counter
 *     <ns>_sg_clean:<g>    string that expires: the group was cleaned
 *     <ns>_sg_seen:<g>     hash: member -> since when it is seen replaced
 *
 * Whatever must be consistent is one script (driver/redis/). They name keys
 * of several hash slots: Redis Cluster cannot run them, nor tooz.
 */
#include "redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static const struct sg_option options[] = {
    {"timeout", SG_OPTION_T_INT},
    {"membership_timeout", SG_OPTION_T_FLOAT},
    {"namespace", SG_OPTION_HONOURED},
    {"db", SG_OPTION_HONOURED},
    {"encoding", SG_OPTION_ACCEPTED},
    {"retry_on_timeout", SG_OPTION_ACCEPTED},
    {"socket_keepalive", SG_OPTION_ACCEPTED},
    {"socket_timeout", SG_OPTION_ACCEPTED},
    {"socket_connect_timeout", SG_OPTION_ACCEPTED},
    {"health_check_interval", SG_OPTION_ACCEPTED},
    {"lock_timeout", SG_OPTION_ACCEPTED},
    {"executor", SG_OPTION_ACCEPTED},
    {"max_connections", SG_OPTION_ACCEPTED},
    {"ssl", SG_OPTION_ENCRYPTION},
    {"sentinel_ssl", SG_OPTION_ENCRYPTION},
    {"ssl_certfile", SG_OPTION_ACCEPTED},
    {"ssl_keyfile", SG_OPTION_ACCEPTED},
    {"ssl_ca_certs", SG_OPTION_ACCEPTED},
    {"sentinel", SG_OPTION_HONOURED}, /* by refusing it, below */
    {"sentinel_fallback", SG_OPTION_HONOURED},
    {"sentinel_username", SG_OPTION_HONOURED},
    {"sentinel_password", SG_OPTION_HONOURED},
    {NULL, 0},
};

/* Never early. Redis lets a key go at its millisecond when it is read, but a
 * reader's request may meet the server's own cycle: at most 7 ms late were
 * seen at hz 100 (Redis 7.0.15). */
static struct sg_slack slack(int64_t timeout_ms, int64_t tick_ms)
{
    (void)timeout_ms;
    (void)tick_ms;
    return (struct sg_slack){.early_ms = 0, .late_ms = 15};
}

static bool is_database(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return text[digits] == '\0' && digits <= 6;
}

static int check(const struct sg_target *target, char *why, size_t why_bytes)
{
    static const char *const impossible[] = {"sentinel", "sentinel_fallback",
                                             "sentinel_username",
                                             "sentinel_password"};
    const char *db = target->option(target, "db");
    size_t path_max = sizeof((struct sockaddr_un *)NULL)->sun_path - 1;

    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        if (target->option(target, impossible[i]) == NULL)
            continue;
        snprintf(why, why_bytes,
                 "redis:// cannot ask a sentinel yet (option \"%s\"); give the "
                 "address of the master itself",
                 impossible[i]);
        return SG_EURL;
    }
    if (db != NULL && !is_database(db)) {
        snprintf(why, why_bytes,
                 "option \"db\" is \"%.32s\", not a database number", db);
        return SG_EURL;
    }
    if (target->n_endpoints > 1) {
        snprintf(why, why_bytes,
                 "redis:// takes one server, and the URL names %zu",
                 target->n_endpoints);
        return SG_EURL;
    }
    if (target->n_endpoints == 0 && *target->path == '\0') {
        snprintf(why, why_bytes,
                 "redis:// needs a host, or the path of a socket as in "
                 "redis:///run/redis.sock");
        return SG_EURL;
    }
    if (target->n_endpoints == 0 && strlen(target->path) > path_max) {
        snprintf(why, why_bytes,
                 "the path of the socket is %zu bytes long, and %zu are "
                 "possible",
                 strlen(target->path), path_max);
        return SG_EURL;
    }
    return SG_OK;
}

static int open_instance(const struct sg_target *target,
                         const struct sg_backend_env *env,
                         struct sg_backend **ret_b)
{
    struct sg_backend *b = calloc(1, sizeof *b);
    const char *space = target->option(target, "namespace");

    if (b == NULL || sg_redis_conn_init(&b->conn, target, env) != SG_OK) {
        free(b);
        return SG_ENOMEM;
    }
    /* tooz drops empty options. */
    b->space = space == NULL || *space == '\0' ? "_tooz" : space;
    *ret_b = b;
    return SG_OK;
}

static void close_instance(struct sg_backend *b)
{
    if (b == NULL)
        return;
    sg_redis_conn_free(&b->conn);
    free(b);
}

static void interrupt_instance(struct sg_backend *b)
{
    sg_redis_conn_interrupt(&b->conn);
}

static void forked_instance(struct sg_backend *b)
{
    sg_redis_conn_forked(&b->conn);
    free(b);
}

const struct sg_backend_kind sg_redis_kind = {
    .version = SG_BACKEND_VERSION,
    .scheme = "redis",
    .promises = SG_HAS_EPOCH | SG_HAS_TOKEN | SG_HAS_METADATA | SG_HAS_MARKS |
                SG_CAN_WRITE | SG_HAS_LAST_SEEN,
    .default_port = 6379,
    .default_timeout_ms = 30000,
    .min_timeout_ms = 50,
    .max_timeout_ms = INT64_C(315360000000), /* ten years */
    .timeout_rule = "Redis keeps milliseconds, and a member needs three beats "
                    "in a T: at least 50 ms, at most ten years",
    .metadata_max_bytes = 1 << 20,
    .options = options,
    .slack = slack,
    .check = check,
    .open = open_instance,
    .close = close_instance,
    .interrupt = interrupt_instance,
    .forked = forked_instance,
    .verb =
        {
            [SG_VERB_JOIN] = sg_redis_join,
            [SG_VERB_LEAVE] = sg_redis_leave,
            [SG_VERB_BEAT] = sg_redis_beat,
            [SG_VERB_ASK] = sg_redis_ask,
            [SG_VERB_LIST] = sg_redis_list,
            [SG_VERB_GROUPS] = sg_redis_groups,
            [SG_VERB_GET_METADATA] = sg_redis_get_metadata,
            [SG_VERB_SET_METADATA] = sg_redis_set_metadata,
            [SG_VERB_SET_MARKS] = sg_redis_set_marks,
        },
};
