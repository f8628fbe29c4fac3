/* SPDX-License-Identifier: Apache-2.0
 * redis_call.c - from a request to a command that runs, or to a refusal.
 * The order of the checks is processCommand's (server.c of 7.0).
 */
#include "redis.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- which command ---------------------------------------------------- */

/* As %.*s prints in the server: up to a NUL, at most so many bytes. */
static int shown(struct redis_span span, size_t most)
{
    const uint8_t *nul =
        span.length == 0 ? NULL : memchr(span.at, 0, span.length);
    size_t length = nul == NULL ? span.length : (size_t)(nul - span.at);
    return (int)(length < most ? length : most);
}

static void say_unknown(const struct redis_span *args, size_t count,
                        struct redis_out *out)
{
    char list[160] = "";
    size_t length = 0;

    for (size_t i = 1; i < count && length < 128; i++)
        length += (size_t)snprintf(list + length, sizeof list - length,
                                   "'%.*s' ", shown(args[i], 128 - length),
                                   (const char *)args[i].at);
    fake_redis_reply_errorf(
        out, "ERR unknown command '%.*s', with args beginning with: %s",
        shown(args[0], 128), (const char *)args[0].at, list);
}

static const struct redis_command *
find_command(const struct redis_command *list, struct redis_span name)
{
    for (; list->name != NULL; list++) {
        const char *bar = strchr(list->name, '|');
        if (fake_redis_span_is(name, bar == NULL ? list->name : bar + 1))
            return list;
    }
    return NULL;
}

const struct redis_command *fake_redis_lookup(const struct redis_span *args,
                                              size_t count,
                                              struct redis_out *out)
{
    const struct redis_command *command =
        find_command(fake_redis_commands, args[0]);
    const struct redis_command *sub;

    if (command == NULL && out != NULL)
        say_unknown(args, count, out);
    if (command == NULL || command->subs == NULL || count < 2)
        return command;
    sub = find_command(command->subs, args[1]);
    if (sub == NULL && out != NULL) {
        char upper[16];
        size_t i = 0;
        for (; command->name[i] != '\0' && i + 1 < sizeof upper; i++)
            upper[i] = (char)toupper((unsigned char)command->name[i]);
        upper[i] = '\0';
        fake_redis_reply_errorf(
            out, "ERR unknown subcommand '%.*s'. Try %s HELP.",
            shown(args[1], 128), (const char *)args[1].at, upper);
    }
    return sub;
}

bool fake_redis_arity_fits(const struct redis_command *command, size_t count)
{
    if (command->arity >= 0)
        return count == (size_t)command->arity;
    return count >= (size_t)-command->arity;
}

/* ---- counting --------------------------------------------------------- */

/* Under the command's own name in capitals, except what only looks for a
 * script or brings it: EVALSHA that finds none, and the EVAL after it. */
static void count_it(struct redis_client *client,
                     const struct redis_command *command,
                     const struct redis_span *args, size_t count)
{
    char name[16];
    size_t i = 0;
    bool is_own = (command->flags & REDIS_OWN) != 0;

    if (command->run == fake_redis_evalsha && count >= 2 &&
        !fake_redis_script_is_known(client->server, args[1])) {
        fake_count_command(client->conn, "NOSCRIPT", true);
        return;
    }
    if (command->run == fake_redis_eval && client->noscripts > 0) {
        client->noscripts--;
        is_own = true;
    }
    for (; i + 1 < sizeof name && command->name[i] != '\0' &&
           command->name[i] != '|';
         i++)
        name[i] = (char)toupper((unsigned char)command->name[i]);
    name[i] = '\0';
    fake_count_command(client->conn, name, is_own);
}

/* ---- may it run ------------------------------------------------------- */

static bool is_write(const struct redis_client *client,
                     const struct redis_command *command)
{
    return (command->flags & REDIS_WRITE) != 0 ||
           (command->run == fake_redis_exec &&
            (client->any_flags & REDIS_WRITE) != 0);
}

/* While memory is short nothing more may be queued either. */
static bool is_too_big(const struct redis_client *client,
                       const struct redis_command *command)
{
    return (command->flags & REDIS_DENYOOM) != 0 ||
           (command->run == fake_redis_exec &&
            (client->any_flags & REDIS_DENYOOM) != 0) ||
           (client->is_multi && (command->flags & REDIS_UNQUEUED) == 0);
}

static bool is_for_loaded(const struct redis_client *client,
                          const struct redis_command *command)
{
    return (command->flags & REDIS_LOADING_OK) == 0 ||
           (command->run == fake_redis_exec && client->queued > 0 &&
            (client->all_flags & REDIS_LOADING_OK) == 0);
}

/* Why it may not (perhaps in `text`); NULL: it may. */
static const char *refusal(const struct redis_client *client,
                           const struct redis_command *command, char text[160])
{
    enum fake_condition condition = fake_condition_of(client->server->fake);

    if (condition == FAKE_NEEDS_AUTH && !client->is_authenticated &&
        (command->flags & REDIS_NO_AUTH) == 0)
        return "NOAUTH Authentication required.";
    if (condition == FAKE_OUT_OF_MEMORY && is_too_big(client, command))
        return REDIS_TEXT_OOM;
    if (condition == FAKE_READ_ONLY && is_write(client, command))
        return REDIS_TEXT_READONLY;
    if (client->is_subscribed && (command->flags & REDIS_PUBSUB_OK) == 0) {
        snprintf(text, 160,
                 "ERR Can't execute '%s': only (P|S)SUBSCRIBE / "
                 "(P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this "
                 "context",
                 command->name);
        return text;
    }
    if (condition == FAKE_LOADING && is_for_loaded(client, command))
        return "LOADING Redis is loading the dataset in memory";
    return NULL;
}

/* A refused command spoils the transaction it was meant for; EXEC itself
 * ends it. */
static void refuse(struct redis_call *call, const char *text)
{
    if (call->command->run == fake_redis_exec) {
        fake_redis_discard_all(call->client);
        if (strncmp(text, "ERR ", 4) == 0)
            text += 4;
        fake_redis_reply_errorf(
            call->out, "EXECABORT Transaction discarded because of: %s", text);
        return;
    }
    if (call->client->is_multi)
        call->client->is_aborted = true;
    fake_redis_reply_error(call->out, text);
}

/* ---- run -------------------------------------------------------------- */

void fake_redis_run(struct redis_call *call)
{
    call->server->commands++;
    call->command->run(call);
    /* It may have set a time that is over already. */
    fake_redis_expire_due(call->server);
}

static void count_unknown(struct redis_client *client)
{
    fake_count_refused(client->server->fake, "command");
    if (client->is_multi)
        client->is_aborted = true;
}

void fake_redis_receive(struct redis_client *client,
                        const struct redis_span *args, size_t count)
{
    const struct redis_command *command =
        fake_redis_lookup(args, count, &client->out);
    struct redis_call call = {client->server, client,      command,     args,
                              count,          &client->db, &client->out};
    const char *text;
    char room[160];

    if (command == NULL) {
        count_unknown(client);
        return;
    }
    count_it(client, command, args, count);
    fake_redis_tick(client->server);
    if (!fake_redis_arity_fits(command, count)) {
        char wrong[80];
        snprintf(wrong, sizeof wrong,
                 "ERR wrong number of arguments for '%s' command",
                 command->name);
        refuse(&call, wrong);
        return;
    }
    text = refusal(client, command, room);
    if (text != NULL)
        refuse(&call, text);
    else if (client->is_multi && (command->flags & REDIS_UNQUEUED) == 0)
        fake_redis_queue(&call);
    else
        fake_redis_run(&call);
}
