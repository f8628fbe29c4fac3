/* SPDX-License-Identifier: Apache-2.0
 * redis_txn.c - MULTI, EXEC and the keys that are watched.
 */
#include "redis.h"

#include <stdlib.h>
#include <string.h>

/* ---- watching --------------------------------------------------------- */

void fake_redis_touch(struct redis_server *server, unsigned db,
                      struct redis_span name)
{
    struct redis_client *client;

    if (server->watch_count == 0)
        return;
    for (client = server->clients; client != NULL; client = client->next) {
        for (struct redis_watch *w = client->watches; w != NULL; w = w->next) {
            struct redis_span watched = {w->name, w->length};
            if (w->db == db && fake_redis_span_equal(watched, name))
                client->is_touched = true;
        }
    }
}

void fake_redis_unwatch_all(struct redis_client *client)
{
    while (client->watches != NULL) {
        struct redis_watch *watch = client->watches;
        client->watches = watch->next;
        client->server->watch_count--;
        free(watch);
    }
    client->is_touched = false;
}

static bool watch_one(struct redis_client *client, struct redis_span name)
{
    struct redis_watch *watch = malloc(sizeof *watch + name.length);

    if (watch == NULL)
        return false;
    watch->db = client->db;
    watch->length = name.length;
    if (name.length > 0)
        memcpy(watch->name, name.at, name.length);
    watch->next = client->watches;
    client->watches = watch;
    client->server->watch_count++;
    return true;
}

void fake_redis_watch(struct redis_call *call)
{
    if (call->client->is_multi) {
        fake_redis_reply_error(call->out,
                               "ERR WATCH inside MULTI is not allowed");
        return;
    }
    for (size_t i = 1; i < call->count; i++) {
        if (!watch_one(call->client, call->args[i])) {
            fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
            return;
        }
    }
    fake_redis_reply_status(call->out, "OK");
}

void fake_redis_unwatch(struct redis_call *call)
{
    fake_redis_unwatch_all(call->client);
    fake_redis_reply_status(call->out, "OK");
}

/* ---- the queue -------------------------------------------------------- */

/* One block: the head, the spans, and the bytes they point to. */
static struct redis_queued *copy_request(const struct redis_call *call)
{
    size_t size =
        sizeof(struct redis_queued) + call->count * sizeof(struct redis_span);
    size_t at = size;
    struct redis_queued *queued;

    for (size_t i = 0; i < call->count; i++)
        size += call->args[i].length;
    queued = malloc(size);
    if (queued == NULL)
        return NULL;
    queued->next = NULL;
    queued->command = call->command;
    queued->count = call->count;
    for (size_t i = 0; i < call->count; i++) {
        uint8_t *to = (uint8_t *)queued + at;
        if (call->args[i].length > 0)
            memcpy(to, call->args[i].at, call->args[i].length);
        queued->args[i] = (struct redis_span){to, call->args[i].length};
        at += call->args[i].length;
    }
    return queued;
}

void fake_redis_queue(struct redis_call *call)
{
    struct redis_client *client = call->client;
    struct redis_queued *queued = copy_request(call);

    if (queued == NULL) {
        client->is_aborted = true;
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
        return;
    }
    if (client->last == NULL)
        client->first = queued;
    else
        client->last->next = queued;
    client->last = queued;
    client->all_flags = client->queued == 0
                            ? queued->command->flags
                            : client->all_flags & queued->command->flags;
    client->any_flags |= queued->command->flags;
    client->queued++;
    fake_redis_reply_status(call->out, "QUEUED");
}

void fake_redis_discard_all(struct redis_client *client)
{
    while (client->first != NULL) {
        struct redis_queued *queued = client->first;
        client->first = queued->next;
        free(queued);
    }
    client->last = NULL;
    client->queued = 0;
    client->any_flags = client->all_flags = 0;
    client->is_multi = client->is_aborted = false;
    fake_redis_unwatch_all(client);
}

/* ---- the commands ----------------------------------------------------- */

void fake_redis_multi(struct redis_call *call)
{
    if (call->client->is_multi) {
        fake_redis_reply_error(call->out, "ERR MULTI calls can not be nested");
        return;
    }
    call->client->is_multi = true;
    fake_redis_reply_status(call->out, "OK");
}

void fake_redis_discard(struct redis_call *call)
{
    if (!call->client->is_multi) {
        fake_redis_reply_error(call->out, "ERR DISCARD without MULTI");
        return;
    }
    fake_redis_discard_all(call->client);
    fake_redis_reply_status(call->out, "OK");
}

/* The queue is taken off the client first: what runs sees no transaction,
 * and no watch of its own. */
static void run_queue(struct redis_call *call)
{
    struct redis_client *client = call->client;
    struct redis_queued *queued = client->first;

    fake_redis_reply_array(call->out, client->queued);
    client->first = NULL;
    fake_redis_discard_all(client);
    while (queued != NULL) {
        struct redis_queued *next = queued->next;
        struct redis_call one = *call;
        one.command = queued->command;
        one.args = queued->args;
        one.count = queued->count;
        fake_redis_run(&one);
        free(queued);
        queued = next;
    }
}

void fake_redis_exec(struct redis_call *call)
{
    struct redis_client *client = call->client;

    if (!client->is_multi) {
        fake_redis_reply_error(call->out, "ERR EXEC without MULTI");
        return;
    }
    if (client->is_aborted || client->is_touched) {
        bool is_aborted = client->is_aborted;
        fake_redis_discard_all(client);
        if (is_aborted)
            fake_redis_reply_error(call->out,
                                   "EXECABORT Transaction discarded because "
                                   "of previous errors.");
        else
            fake_redis_reply_null_array(call->out);
        return;
    }
    run_queue(call);
}
