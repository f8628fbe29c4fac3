/* SPDX-License-Identifier: Apache-2.0
 * redis_server.c - commands about connection and server: PING, AUTH, INFO ...
 */
#include "redis.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- the connection --------------------------------------------------- */

void fake_redis_ping(struct redis_call *call)
{
    if (call->count > 2) {
        fake_redis_reply_error(
            call->out, "ERR wrong number of arguments for 'ping' command");
    } else if (call->client->is_subscribed) {
        fake_redis_reply_array(call->out, 2);
        fake_redis_reply_bulk(call->out, fake_redis_span("pong"));
        fake_redis_reply_bulk(
            call->out, call->count == 2 ? call->args[1] : fake_redis_span(""));
    } else if (call->count == 2) {
        fake_redis_reply_bulk(call->out, call->args[1]);
    } else {
        fake_redis_reply_status(call->out, "PONG");
    }
}

void fake_redis_echo(struct redis_call *call)
{
    fake_redis_reply_bulk(call->out, call->args[1]);
}

void fake_redis_quit(struct redis_call *call)
{
    fake_redis_reply_status(call->out, "OK");
    call->client->is_closing = true;
}

void fake_redis_select(struct redis_call *call)
{
    int64_t db;

    if (!fake_redis_take_integer(call, call->args[1], &db))
        return;
    if (db < INT32_MIN || db > INT32_MAX) {
        fake_redis_reply_error(call->out,
                               "ERR value is out of range, value must between "
                               "-2147483648 and 2147483647");
    } else if (db < 0 || db >= REDIS_DBS) {
        fake_redis_reply_error(call->out, "ERR DB index is out of range");
    } else {
        *call->db = (unsigned)db;
        fake_redis_reply_status(call->out, "OK");
    }
}

/* While no password is asked for, the user "default" gets in with any. */
bool fake_redis_log_in(struct redis_call *call, const struct redis_span *user,
                       struct redis_span password)
{
    bool is_asked = fake_condition_of(call->server->fake) == FAKE_NEEDS_AUTH;

    if ((user != NULL &&
         !fake_redis_span_equal(*user, fake_redis_span("default"))) ||
        (is_asked &&
         !fake_redis_span_equal(password, fake_redis_span("secret")))) {
        fake_redis_reply_error(call->out, "WRONGPASS invalid username-password "
                                          "pair or user is disabled.");
        return false;
    }
    call->client->is_authenticated = true;
    return true;
}

/* AUTH password, or AUTH default password. */
void fake_redis_auth(struct redis_call *call)
{
    bool is_asked = fake_condition_of(call->server->fake) == FAKE_NEEDS_AUTH;
    struct redis_span password = call->args[call->count - 1];

    if (call->count > 3) {
        fake_redis_reply_error(call->out, REDIS_TEXT_SYNTAX);
        return;
    }
    if (call->count == 2 && !is_asked) {
        fake_redis_reply_error(
            call->out, "ERR AUTH <password> called without any password "
                       "configured for the default user. Are you sure your "
                       "configuration is correct?");
        return;
    }
    if (fake_redis_log_in(call, call->count == 3 ? &call->args[1] : NULL,
                          password))
        fake_redis_reply_status(call->out, "OK");
}

void fake_redis_client_id(struct redis_call *call)
{
    fake_redis_reply_integer(call->out, call->client->id);
}

void fake_redis_client_getname(struct redis_call *call)
{
    if (call->client->name == NULL)
        fake_redis_reply_null(call->out);
    else
        fake_redis_reply_bulk(call->out,
                              fake_redis_bytes_span(call->client->name));
}

bool fake_redis_set_client_name(struct redis_call *call, struct redis_span name)
{
    struct redis_bytes *bytes = NULL;

    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] < '!' || name.at[i] > '~') {
            fake_redis_reply_error(call->out,
                                   "ERR Client names cannot contain spaces, "
                                   "newlines or special characters.");
            return false;
        }
    }
    if (name.length > 0) {
        bytes = fake_redis_bytes(name);
        if (bytes == NULL) {
            fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
            return false;
        }
    }
    free(call->client->name);
    call->client->name = bytes;
    return true;
}

void fake_redis_client_setname(struct redis_call *call)
{
    if (fake_redis_set_client_name(call, call->args[2]))
        fake_redis_reply_status(call->out, "OK");
}

/* ---- the server ------------------------------------------------------- */

void fake_redis_empty_array(struct redis_call *call)
{
    fake_redis_reply_array(call->out, 0);
}

/* Seconds and microseconds; the hub's wall clock has milliseconds. */
void fake_redis_time(struct redis_call *call)
{
    int64_t wall_ms = fake_redis_wall_ms(call->server);
    struct redis_out text = {0};
    size_t split;

    fake_redis_add_format(&text, "%" PRId64, wall_ms / 1000);
    split = text.length;
    fake_redis_add_format(&text, "%" PRId64, wall_ms % 1000 * 1000);
    if (text.is_broken) {
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
    } else {
        fake_redis_reply_array(call->out, 2);
        fake_redis_reply_bulk(call->out, (struct redis_span){text.at, split});
        fake_redis_reply_bulk(
            call->out,
            (struct redis_span){text.at + split, text.length - split});
    }
    fake_redis_out_clear(&text);
}

static bool is_replica(const struct redis_server *server)
{
    return fake_condition_of(server->fake) == FAKE_READ_ONLY;
}

/* A replica's master is nobody in particular. */
void fake_redis_role(struct redis_call *call)
{
    if (!is_replica(call->server)) {
        fake_redis_reply_array(call->out, 3);
        fake_redis_reply_bulk(call->out, fake_redis_span("master"));
        fake_redis_reply_integer(call->out, 0);
        fake_redis_reply_array(call->out, 0);
        return;
    }
    fake_redis_reply_array(call->out, 5);
    fake_redis_reply_bulk(call->out, fake_redis_span("slave"));
    fake_redis_reply_bulk(call->out, fake_redis_span("127.0.0.1"));
    fake_redis_reply_integer(call->out, 6379);
    fake_redis_reply_bulk(call->out, fake_redis_span("connected"));
    fake_redis_reply_integer(call->out, 0);
}

/* ---- INFO ------------------------------------------------------------- */

static void info_server(struct redis_server *s, struct redis_out *out)
{
    int64_t up_s = (s->now_ms - fake_started_ms(s->fake)) / 1000;

    fake_redis_add_format(out,
                          "redis_version:7.0.15\r\n"
                          "redis_git_sha1:00000000\r\n"
                          "redis_git_dirty:0\r\n"
                          "redis_mode:standalone\r\n"
                          "arch_bits:64\r\n"
                          "run_id:%s\r\n"
                          "server_time_usec:%" PRId64 "\r\n"
                          "uptime_in_seconds:%" PRId64 "\r\n"
                          "uptime_in_days:%" PRId64 "\r\n",
                          s->run_id, fake_redis_wall_ms(s) * 1000, up_s,
                          up_s / 86400);
}

static void info_clients(struct redis_server *s, struct redis_out *out)
{
    fake_redis_add_format(out,
                          "connected_clients:%zu\r\n"
                          "cluster_connections:0\r\n"
                          "maxclients:10000\r\n"
                          "blocked_clients:0\r\n",
                          s->client_count);
}

static void info_memory(struct redis_server *s, struct redis_out *out)
{
    bool is_full = fake_condition_of(s->fake) == FAKE_OUT_OF_MEMORY;

    fake_redis_add_format(out,
                          "used_memory:1048576\r\n"
                          "maxmemory:%d\r\n"
                          "maxmemory_policy:noeviction\r\n",
                          is_full ? 1 : 0);
}

static void info_persistence(struct redis_server *s, struct redis_out *out)
{
    bool is_loading = fake_condition_of(s->fake) == FAKE_LOADING;

    fake_redis_add_format(out,
                          "loading:%d\r\n"
                          "async_loading:0\r\n"
                          "aof_enabled:0\r\n",
                          is_loading ? 1 : 0);
}

static void info_stats(struct redis_server *s, struct redis_out *out)
{
    fake_redis_add_format(out,
                          "total_commands_processed:%" PRIu64 "\r\n"
                          "expired_keys:%" PRIu64 "\r\n"
                          "evicted_keys:0\r\n"
                          "pubsub_channels:%zu\r\n"
                          "pubsub_patterns:%zu\r\n",
                          s->commands, s->expired,
                          fake_redis_count_names(s, false),
                          fake_redis_count_names(s, true));
}

static void info_replication(struct redis_server *s, struct redis_out *out)
{
    if (is_replica(s))
        fake_redis_add_text(out, "role:slave\r\n"
                                 "master_host:127.0.0.1\r\n"
                                 "master_port:6379\r\n"
                                 "master_link_status:up\r\n"
                                 "master_last_io_seconds_ago:0\r\n"
                                 "master_sync_in_progress:0\r\n"
                                 "slave_read_only:1\r\n");
    else
        fake_redis_add_text(out, "role:master\r\n");
    fake_redis_add_text(out, "connected_slaves:0\r\n"
                             "master_failover_state:no-failover\r\n");
}

static void info_cluster(struct redis_server *s, struct redis_out *out)
{
    (void)s;
    fake_redis_add_text(out, "cluster_enabled:0\r\n");
}

/* avg_ttl is an estimate in the server; here it is not made. */
static void info_keyspace(struct redis_server *s, struct redis_out *out)
{
    for (unsigned db = 0; db < REDIS_DBS; db++) {
        const struct redis_map *map = &s->store.dbs[db];
        size_t expires = 0;
        if (map->count == 0)
            continue;
        for (struct redis_entry *e = map->first; e != NULL; e = e->after)
            expires += ((struct redis_key *)e->value)->due_ms != REDIS_FOREVER;
        fake_redis_add_format(out, "db%u:keys=%zu,expires=%zu,avg_ttl=0\r\n",
                              db, map->count, expires);
    }
}

/* Which sections: none named, or "all", "everything", "default": each. */
static bool is_asked_for(const struct redis_call *call, const char *section)
{
    if (call->count == 1)
        return true;
    for (size_t i = 1; i < call->count; i++)
        if (fake_redis_span_is(call->args[i], section) ||
            fake_redis_span_is(call->args[i], "all") ||
            fake_redis_span_is(call->args[i], "everything") ||
            fake_redis_span_is(call->args[i], "default"))
            return true;
    return false;
}

void fake_redis_info(struct redis_call *call)
{
    static const struct {
        const char *name;
        void (*add)(struct redis_server *s, struct redis_out *out);
    } rows[] = {{"Server", info_server},   {"Clients", info_clients},
                {"Memory", info_memory},   {"Persistence", info_persistence},
                {"Stats", info_stats},     {"Replication", info_replication},
                {"Cluster", info_cluster}, {"Keyspace", info_keyspace}};
    struct redis_out text = {0};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!is_asked_for(call, rows[i].name))
            continue;
        fake_redis_add_format(&text, "%s# %s\r\n",
                              text.length > 0 ? "\r\n" : "", rows[i].name);
        rows[i].add(call->server, &text);
    }
    fake_redis_reply_bulk(call->out, (struct redis_span){text.at, text.length});
    call->out->is_broken = call->out->is_broken || text.is_broken;
    fake_redis_out_clear(&text);
}
