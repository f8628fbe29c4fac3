/* SPDX-License-Identifier: Apache-2.0
 * redis_hello.c - how a connection begins, and begins again: HELLO, RESET.
 */
#include "redis.h"

#include <stdlib.h>

#define PROTOCOL 2

/* ---- HELLO ------------------------------------------------------------ */

struct greeting {
    struct redis_span user, password, name; /* NULL: not given               */
};

/* The protocol wished for. The real server speaks 3 as well; this one says
 * so in its words for versions that nobody speaks, and is counted. */
static bool take_version(struct redis_call *call)
{
    int64_t version;

    if (call->count < 2)
        return true;
    if (!fake_redis_span_integer(call->args[1], &version)) {
        fake_redis_reply_error(call->out, "ERR Protocol version is not an "
                                          "integer or out of range");
        return false;
    }
    if (version == PROTOCOL)
        return true;
    fake_redis_reply_error(call->out, "NOPROTO unsupported protocol version");
    if (version == 3)
        fake_count_refused(call->server->fake, "RESP3");
    return false;
}

static bool take_options(struct redis_call *call, struct greeting *greeting)
{
    for (size_t i = 2; i < call->count; i++) {
        struct redis_span word = call->args[i];
        size_t more = call->count - 1 - i;
        if (fake_redis_span_is(word, "auth") && more >= 2) {
            greeting->user = call->args[++i];
            greeting->password = call->args[++i];
        } else if (fake_redis_span_is(word, "setname") && more >= 1) {
            greeting->name = call->args[++i];
        } else {
            fake_redis_reply_errorf(
                call->out, "ERR Syntax error in HELLO option '%.*s'",
                (int)(word.length < 128 ? word.length : 128),
                (const char *)word.at);
            return false;
        }
    }
    return true;
}

static bool log_in(struct redis_call *call, const struct greeting *greeting)
{
    if (greeting->user.at != NULL &&
        !fake_redis_log_in(call, &greeting->user, greeting->password))
        return false;
    if (fake_condition_of(call->server->fake) != FAKE_NEEDS_AUTH ||
        call->client->is_authenticated)
        return true;
    fake_redis_reply_error(
        call->out,
        "NOAUTH HELLO must be called with the client already authenticated, "
        "otherwise the HELLO <proto> AUTH <user> <pass> option can be used to "
        "authenticate the client and select the RESP protocol version at the "
        "same time");
    return false;
}

static void add_text(struct redis_out *out, const char *name, const char *text)
{
    fake_redis_reply_bulk(out, fake_redis_span(name));
    fake_redis_reply_bulk(out, fake_redis_span(text));
}

static void add_number(struct redis_out *out, const char *name, int64_t value)
{
    fake_redis_reply_bulk(out, fake_redis_span(name));
    fake_redis_reply_integer(out, value);
}

void fake_redis_hello(struct redis_call *call)
{
    struct greeting greeting = {0};
    bool is_replica = fake_condition_of(call->server->fake) == FAKE_READ_ONLY;

    if (!take_version(call) || !take_options(call, &greeting) ||
        !log_in(call, &greeting) ||
        (greeting.name.at != NULL &&
         !fake_redis_set_client_name(call, greeting.name)))
        return;
    fake_redis_reply_array(call->out, 14);
    add_text(call->out, "server", "redis");
    add_text(call->out, "version", "7.0.15");
    add_number(call->out, "proto", PROTOCOL);
    add_number(call->out, "id", call->client->id);
    add_text(call->out, "mode", "standalone");
    add_text(call->out, "role", is_replica ? "replica" : "master");
    fake_redis_reply_bulk(call->out, fake_redis_span("modules"));
    fake_redis_reply_array(call->out, 0);
}

/* ---- RESET ------------------------------------------------------------ */

/* As if the client had just come: no transaction, no watch, no
 * subscription, database 0, no name, and whoever needs a password must give
 * it again. */
void fake_redis_reset(struct redis_call *call)
{
    struct redis_client *client = call->client;

    fake_redis_discard_all(client);
    fake_redis_unsubscribe_all(client);
    client->db = 0;
    client->is_authenticated = false;
    free(client->name);
    client->name = NULL;
    fake_redis_reply_status(call->out, "RESET");
}
