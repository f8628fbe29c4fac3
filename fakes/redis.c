/* SPDX-License-Identifier: Apache-2.0
 * redis.c - the Redis fake as the hub knows it: clients, verbs, its clock.
 */
#include "redis.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redis_lua.h"

/* ---- clients ---------------------------------------------------------- */

static void *open_client(struct fake *f, struct fake_conn *conn)
{
    struct redis_server *server = fake_state(f);
    struct redis_client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return NULL;
    client->server = server;
    client->conn = conn;
    client->id = ++server->last_client_id;
    client->next = server->clients;
    if (client->next != NULL)
        client->next->before = client;
    server->clients = client;
    server->client_count++;
    return client;
}

static void close_client(struct fake *f, void *state)
{
    struct redis_client *client = state;

    (void)f;
    fake_redis_discard_all(client);
    fake_redis_unsubscribe_all(client);
    if (client->before == NULL)
        client->server->clients = client->next;
    else
        client->before->next = client->next;
    if (client->next != NULL)
        client->next->before = client->before;
    client->server->client_count--;
    free(client->name);
    fake_redis_request_clear(&client->request);
    fake_redis_out_clear(&client->out);
    free(client);
}

/* Answer what was asked, all in one write: a request that brought three
 * commands gets one reply, for the faults of a link. */
void fake_redis_answer(struct redis_client *client)
{
    if (client->out.is_broken)
        client->is_closing = true;
    else if (client->out.length > 0)
        fake_conn_write(client->conn, client->out.at, client->out.length);
    fake_redis_out_clear(&client->out);
    if (client->is_closing)
        fake_conn_close(client->conn);
}

static size_t take(struct fake *f, void *state, const uint8_t *bytes,
                   size_t length)
{
    struct redis_client *client = state;
    struct redis_request *request = &client->request;
    size_t used = 0;

    client->server->at_work = client;
    while (!client->is_closing) {
        bool is_stranger = fake_condition_of(f) == FAKE_NEEDS_AUTH &&
                           !client->is_authenticated;
        size_t one = 0;
        enum redis_read read = fake_redis_read(
            request, bytes + used, length - used, is_stranger, &one);
        if (read == REDIS_READ_MORE)
            break;
        if (read == REDIS_READ_BAD) {
            if (request->error[0] != '\0') {
                fake_redis_reply_error(&client->out, request->error);
                fake_count_refused(f, "protocol");
            }
            client->is_closing = true;
            break;
        }
        used += one;
        if (request->count > 0)
            fake_redis_receive(client, request->args, request->count);
    }
    fake_redis_arm(client->server);
    if (client->is_closing)
        used = length;
    client->server->at_work = NULL;
    fake_redis_answer(client);
    return used;
}

/* ---- verbs ------------------------------------------------------------ */

/* Forty digits that say which server and which of its starts this is, the
 * same in every run of a seed. */
static void new_run_id(struct redis_server *server)
{
    char text[64];

    server->starts++;
    snprintf(text, sizeof text, "redis %llu start %u",
             (unsigned long long)server->serial, server->starts);
    fake_redis_sha1_hex(fake_redis_span(text), server->run_id);
}

static void wipe(struct fake *f)
{
    struct redis_server *server = fake_state(f);
    fake_redis_flush(server, REDIS_DBS);
    fake_redis_arm(server);
}

/* Scripts are only in memory: a restart forgets them, data kept or not. */
static void restarted(struct fake *f, bool kept_data)
{
    struct redis_server *server = fake_state(f);

    if (!kept_data)
        wipe(f);
    fake_redis_lua_free(server->lua);
    server->lua = NULL;
    server->commands = server->expired = 0;
    server->events = 0;
    new_run_id(server);
    fake_redis_tick(server);
    fake_redis_arm(server);
}

static int evict(struct fake *f, const char *name)
{
    struct redis_server *server = fake_state(f);
    struct redis_span span = fake_redis_span(name);
    int result = -ENOENT;

    for (unsigned db = 0; db < REDIS_DBS; db++) {
        struct redis_key *key = fake_redis_store_find(&server->store, db, span);
        if (key == NULL)
            continue;
        fake_redis_touch(server, db, span);
        fake_redis_event(server, db, REDIS_EVENT_EVICTED, "evicted", span);
        fake_redis_store_remove(&server->store, key);
        result = 0;
    }
    fake_redis_arm(server);
    return result;
}

static char *dump(const struct fake *f)
{
    const struct redis_server *server = fake_state(f);
    return fake_redis_store_dump(&server->store);
}

static void free_server(struct redis_server *server)
{
    fake_timer_stop(server->hub, &server->expiry);
    fake_redis_store_clear(&server->store);
    fake_redis_lua_free(server->lua);
    free(server);
}

static void free_state(struct fake *f)
{
    free_server(fake_state(f));
}

static void expiry_fired(void *arg)
{
    struct redis_server *server = arg;
    fake_redis_tick(server);
    fake_redis_arm(server);
}

int fake_redis_new(struct fake_hub *hub, struct fake **ret_fake)
{
    static const struct fake_service service = {
        .name = "redis",
        .open = open_client,
        .data = take,
        .close = close_client,
        .wipe = wipe,
        .restarted = restarted,
        .evict = evict,
        .dump = dump,
        .free = free_state,
    };
    struct redis_server *server = calloc(1, sizeof *server);
    int result;

    if (server == NULL)
        return -ENOMEM;
    server->hub = hub;
    fake_redis_store_init(&server->store);
    server->expiry.fire = expiry_fired;
    server->expiry.arg = server;
    /* The hub numbers its timers: a number that no other server of this hub
     * has, and the same in every run. */
    fake_timer_set(hub, &server->expiry, INT64_MAX);
    server->serial = server->expiry.order;
    fake_timer_stop(hub, &server->expiry);
    new_run_id(server);
    result = fake_new(hub, &service, server, &server->fake);
    if (result < 0) {
        free_server(server);
        return result;
    }
    *ret_fake = server->fake;
    return 0;
}
