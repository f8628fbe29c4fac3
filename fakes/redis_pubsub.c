/* SPDX-License-Identifier: Apache-2.0
 * redis_pubsub.c - channels, patterns, and who has subscribed to them.
 */
#include "redis.h"

/* ---- who subscribes --------------------------------------------------- */

static size_t count_of(const struct redis_client *client)
{
    return client->channels.count + client->patterns.count;
}

/* A client stands in the server's list while it has subscriptions. */
static void update(struct redis_client *client)
{
    struct redis_server *server = client->server;
    bool is_one = count_of(client) > 0;

    if (is_one == client->is_subscribed)
        return;
    client->is_subscribed = is_one;
    if (is_one) {
        client->next_subscriber = server->subscribers;
        client->subscriber_before = NULL;
        if (client->next_subscriber != NULL)
            client->next_subscriber->subscriber_before = client;
        server->subscribers = client;
        return;
    }
    if (client->subscriber_before == NULL)
        server->subscribers = client->next_subscriber;
    else
        client->subscriber_before->next_subscriber = client->next_subscriber;
    if (client->next_subscriber != NULL)
        client->next_subscriber->subscriber_before = client->subscriber_before;
}

void fake_redis_unsubscribe_all(struct redis_client *client)
{
    fake_redis_map_clear(&client->channels);
    fake_redis_map_clear(&client->patterns);
    update(client);
}

/* ---- messages --------------------------------------------------------- */

static void add_message(struct redis_out *out, const struct redis_span *pattern,
                        struct redis_span channel, struct redis_span payload)
{
    fake_redis_reply_array(out, pattern == NULL ? 3 : 4);
    fake_redis_reply_bulk(
        out, fake_redis_span(pattern == NULL ? "message" : "pmessage"));
    if (pattern != NULL)
        fake_redis_reply_bulk(out, *pattern);
    fake_redis_reply_bulk(out, channel);
    fake_redis_reply_bulk(out, payload);
}

/* Behind what the client at work is being answered; to another at once. */
static void flush(struct redis_client *client)
{
    if (client != client->server->at_work)
        fake_redis_answer(client);
}

static int64_t give(struct redis_client *client, struct redis_span channel,
                    struct redis_span payload)
{
    int64_t count = 0;

    if (client->is_closing)
        return 0;
    if (fake_redis_map_find(&client->channels, channel) != NULL) {
        add_message(&client->out, NULL, channel, payload);
        count++;
    }
    for (struct redis_entry *e = client->patterns.first; e != NULL;
         e = e->after) {
        struct redis_span pattern = fake_redis_name(e);
        if (!fake_redis_span_matches(channel, pattern))
            continue;
        add_message(&client->out, &pattern, channel, payload);
        count++;
    }
    if (count > 0)
        flush(client);
    return count;
}

int64_t fake_redis_publish_to(struct redis_server *server,
                              struct redis_span channel,
                              struct redis_span payload)
{
    struct redis_client *client = server->subscribers;
    int64_t count = 0;

    for (; client != NULL; client = client->next_subscriber)
        count += give(client, channel, payload);
    return count;
}

void fake_redis_publish(struct redis_call *call)
{
    fake_redis_reply_integer(
        call->out,
        fake_redis_publish_to(call->server, call->args[1], call->args[2]));
}

/* ---- subscribe and unsubscribe ---------------------------------------- */

/* SUBSCRIBE and UNSUBSCRIBE, or their forms with P. */
static struct redis_map *map_of(struct redis_call *call)
{
    return call->command->name[0] == 'p' ? &call->client->patterns
                                         : &call->client->channels;
}

static void say(struct redis_call *call, const struct redis_span *name)
{
    fake_redis_reply_array(call->out, 3);
    fake_redis_reply_bulk(call->out, fake_redis_span(call->command->name));
    if (name == NULL)
        fake_redis_reply_null(call->out);
    else
        fake_redis_reply_bulk(call->out, *name);
    fake_redis_reply_integer(call->out, (int64_t)count_of(call->client));
}

void fake_redis_subscribe(struct redis_call *call)
{
    struct redis_map *map = map_of(call);

    for (size_t i = 1; i < call->count; i++) {
        if (fake_redis_map_find(map, call->args[i]) == NULL &&
            fake_redis_map_add(map, call->args[i], NULL) == NULL) {
            fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
            break;
        }
        say(call, &call->args[i]);
    }
    update(call->client);
}

/* Without a name: from all; and where there is none it says so once. */
void fake_redis_unsubscribe(struct redis_call *call)
{
    struct redis_map *map = map_of(call);

    if (call->count == 1 && map->count == 0)
        say(call, NULL);
    while (call->count == 1 && map->first != NULL) {
        struct redis_span name = fake_redis_name(map->first);
        size_t left = count_of(call->client) - 1;
        fake_redis_reply_array(call->out, 3);
        fake_redis_reply_bulk(call->out, fake_redis_span(call->command->name));
        fake_redis_reply_bulk(call->out, name);
        fake_redis_reply_integer(call->out, (int64_t)left);
        fake_redis_map_remove(map, map->first);
    }
    for (size_t i = 1; i < call->count; i++) {
        struct redis_entry *entry = fake_redis_map_find(map, call->args[i]);
        if (entry != NULL)
            fake_redis_map_remove(map, entry);
        say(call, &call->args[i]);
    }
    update(call->client);
}

/* ---- PUBSUB ----------------------------------------------------------- */

/* The names of all subscribers' channels, or patterns, each once. */
static bool collect(const struct redis_server *server, bool of_patterns,
                    struct redis_map *names)
{
    const struct redis_client *client = server->subscribers;

    for (; client != NULL; client = client->next_subscriber) {
        const struct redis_map *map =
            of_patterns ? &client->patterns : &client->channels;
        for (struct redis_entry *e = map->first; e != NULL; e = e->after)
            if (fake_redis_map_find(names, fake_redis_name(e)) == NULL &&
                fake_redis_map_add(names, fake_redis_name(e), NULL) == NULL)
                return false;
    }
    return true;
}

static void add_names(struct redis_out *out, const struct redis_map *names,
                      const struct redis_span *pattern)
{
    struct redis_out found = {0};
    size_t count = 0;

    for (struct redis_entry *e = names->first; e != NULL; e = e->after) {
        if (pattern != NULL &&
            !fake_redis_span_matches(fake_redis_name(e), *pattern))
            continue;
        fake_redis_reply_bulk(&found, fake_redis_name(e));
        count++;
    }
    fake_redis_reply_array(out, count);
    fake_redis_add(out, found.at, found.length);
    out->is_broken = out->is_broken || found.is_broken;
    fake_redis_out_clear(&found);
}

void fake_redis_pubsub_channels(struct redis_call *call)
{
    struct redis_map names = {0};

    if (call->count > 3)
        fake_redis_reply_errorf(
            call->out,
            "ERR unknown subcommand or wrong number of arguments for '%.*s'. "
            "Try PUBSUB HELP.",
            (int)call->args[1].length, (const char *)call->args[1].at);
    else if (!collect(call->server, false, &names))
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
    else
        add_names(call->out, &names, call->count == 3 ? &call->args[2] : NULL);
    fake_redis_map_clear(&names);
}

void fake_redis_pubsub_numsub(struct redis_call *call)
{
    fake_redis_reply_array(call->out, (call->count - 2) * 2);
    for (size_t i = 2; i < call->count; i++) {
        const struct redis_client *client = call->server->subscribers;
        int64_t count = 0;
        for (; client != NULL; client = client->next_subscriber)
            count +=
                fake_redis_map_find(&client->channels, call->args[i]) != NULL;
        fake_redis_reply_bulk(call->out, call->args[i]);
        fake_redis_reply_integer(call->out, count);
    }
}

size_t fake_redis_count_names(const struct redis_server *server,
                              bool of_patterns)
{
    struct redis_map names = {0};
    size_t count;

    (void)collect(server, of_patterns, &names);
    count = names.count;
    fake_redis_map_clear(&names);
    return count;
}

void fake_redis_pubsub_numpat(struct redis_call *call)
{
    fake_redis_reply_integer(
        call->out, (int64_t)fake_redis_count_names(call->server, true));
}
