/* SPDX-License-Identifier: Apache-2.0
 * redis_config.c - CONFIG, for the few settings that clients ask about.
 */
#include "redis.h"

#include <string.h>

static const char events_name[] = "notify-keyspace-events";

/* What a server says that was started with nothing but a port. */
static const struct {
    const char *name, *value;
} fixed[] = {{"appendonly", "no"}, {"databases", "16"},
             {"maxmemory", "0"},   {"maxmemory-policy", "noeviction"},
             {"requirepass", ""},  {"save", ""},
             {"timeout", "0"}};

/* ---- get -------------------------------------------------------------- */

/* The server writes a name that was asked for as it was asked for, and one
 * that a pattern found as it is. */
static void add_pair(struct redis_out *out, struct redis_span name,
                     const char *value, size_t *count)
{
    fake_redis_reply_bulk(out, name);
    fake_redis_reply_bulk(out, fake_redis_span(value));
    *count += 2;
}

static bool is_pattern(struct redis_span name)
{
    for (size_t i = 0; i < name.length; i++)
        if (strchr("[*?", name.at[i]) != NULL && name.at[i] != '\0')
            return true;
    return false;
}

static void get_one(const struct redis_server *server, struct redis_span asked,
                    const char *name, const char *value, struct redis_out *out,
                    size_t *count)
{
    char letters[16];

    if (value == NULL) {
        fake_redis_events_write(server->events, letters);
        value = letters;
    }
    if (is_pattern(asked)) {
        if (fake_redis_span_matches(fake_redis_span(name), asked))
            add_pair(out, fake_redis_span(name), value, count);
    } else if (fake_redis_span_is(asked, name)) {
        add_pair(out, asked, value, count);
    }
}

void fake_redis_config_get(struct redis_call *call)
{
    struct redis_out found = {0};
    size_t count = 0;

    for (size_t i = 2; i < call->count; i++) {
        struct redis_span asked = call->args[i];
        for (size_t row = 0; row < sizeof fixed / sizeof *fixed; row++)
            get_one(call->server, asked, fixed[row].name, fixed[row].value,
                    &found, &count);
        get_one(call->server, asked, events_name, NULL, &found, &count);
    }
    fake_redis_reply_array(call->out, count);
    fake_redis_add(call->out, found.at, found.length);
    call->out->is_broken = call->out->is_broken || found.is_broken;
    fake_redis_out_clear(&found);
}

/* ---- set -------------------------------------------------------------- */

static void say_failed(struct redis_call *call, const char *why)
{
    fake_redis_reply_errorf(call->out,
                            "ERR CONFIG SET failed (possibly related to "
                            "argument '%s') - %s",
                            events_name, why);
}

/* The server takes back what it had from the text of that, in which "n" may
 * be missing. */
static void say_unknown_class(struct redis_call *call)
{
    char letters[16];

    fake_redis_events_write(call->server->events, letters);
    (void)fake_redis_events_take(fake_redis_span(letters),
                                 &call->server->events);
    say_failed(call, "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
}

/* Only one setting can be set; any other is refused as the server refuses
 * what it has never heard of, and that is counted. */
void fake_redis_config_set(struct redis_call *call)
{
    struct redis_span name = call->args[2];

    if (call->count % 2 != 0) {
        fake_redis_reply_error(call->out, REDIS_TEXT_SYNTAX);
        return;
    }
    for (size_t i = 2; i < call->count; i += 2) {
        if (fake_redis_span_is(call->args[i], events_name))
            continue;
        name = call->args[i];
        fake_redis_reply_errorf(
            call->out,
            "ERR Unknown option or number of arguments for CONFIG SET - '%.*s'",
            (int)(name.length < 128 ? name.length : 128),
            (const char *)name.at);
        fake_count_refused(call->server->fake, "config");
        return;
    }
    if (call->count > 4)
        say_failed(call, "duplicate parameter");
    else if (!fake_redis_events_take(call->args[3], &call->server->events))
        say_unknown_class(call);
    else
        fake_redis_reply_status(call->out, "OK");
}

void fake_redis_config_resetstat(struct redis_call *call)
{
    call->server->commands = call->server->expired = 0;
    fake_redis_reply_status(call->out, "OK");
}
