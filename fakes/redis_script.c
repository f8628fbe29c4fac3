/* SPDX-License-Identifier: Apache-2.0
 * redis_script.c - EVAL, EVALSHA and SCRIPT.
 */
#include "redis.h"

#include <ctype.h>
#include <string.h>

#include "redis_lua.h"

static struct redis_lua *lua_of(struct redis_call *call)
{
    struct redis_server *server = call->server;

    if (server->lua == NULL)
        server->lua = fake_redis_lua_new();
    if (server->lua == NULL)
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
    return server->lua;
}

/* A script's name in any case; false: it cannot be one. */
static bool take_sha(struct redis_span span, char ret_sha[41])
{
    if (span.length != 40)
        return false;
    for (size_t i = 0; i < 40; i++) {
        if (!isxdigit(span.at[i]))
            return false;
        ret_sha[i] = (char)tolower(span.at[i]);
    }
    ret_sha[40] = '\0';
    return true;
}

bool fake_redis_script_is_known(struct redis_server *server,
                                struct redis_span sha)
{
    char name[41];
    return server->lua != NULL && take_sha(sha, name) &&
           fake_redis_lua_knows(server->lua, name);
}

/* Compile it unless it is known; says why when it cannot. */
static bool load(struct redis_call *call, struct redis_lua *lua,
                 struct redis_span body, const char *sha)
{
    if (fake_redis_lua_knows(lua, sha))
        return true;
    if (body.length >= 2 && memcmp(body.at, "#!", 2) == 0) {
        fake_redis_reply_error(call->out, "ERR the fake runs no script that "
                                          "begins with #!");
        fake_count_refused(call->server->fake, "script");
        return false;
    }
    return fake_redis_lua_load(lua, sha, body, call->out);
}

/* numkeys and what follows. */
static bool take_keys(struct redis_call *call, struct redis_run *run)
{
    int64_t count;

    if (!fake_redis_take_integer(call, call->args[2], &count))
        return false;
    if (count < 0) {
        fake_redis_reply_error(call->out,
                               "ERR Number of keys can't be negative");
        return false;
    }
    if ((uint64_t)count > call->count - 3) {
        fake_redis_reply_error(
            call->out,
            "ERR Number of keys can't be greater than number of args");
        return false;
    }
    run->keys = call->args + 3;
    run->key_count = (size_t)count;
    run->argv = run->keys + count;
    run->argv_count = call->count - 3 - run->key_count;
    return true;
}

static void start(struct redis_call *call, struct redis_run *run)
{
    run->call = call;
    run->db = *call->db;
    run->is_read_only = strstr(call->command->name, "_ro") != NULL;
    fake_redis_lua_run(call->server->lua, run);
}

void fake_redis_eval(struct redis_call *call)
{
    struct redis_run run = {0};
    struct redis_lua *lua;

    if (!take_keys(call, &run))
        return;
    lua = lua_of(call);
    if (lua == NULL)
        return;
    fake_redis_sha1_hex(call->args[1], run.sha);
    if (load(call, lua, call->args[1], run.sha))
        start(call, &run);
}

void fake_redis_evalsha(struct redis_call *call)
{
    struct redis_run run = {0};

    if (call->args[1].length == 40 && !take_keys(call, &run))
        return;
    if (!fake_redis_script_is_known(call->server, call->args[1])) {
        call->client->noscripts++;
        fake_redis_reply_error(call->out, REDIS_TEXT_NOSCRIPT);
        return;
    }
    (void)take_sha(call->args[1], run.sha);
    start(call, &run);
}

void fake_redis_script_load(struct redis_call *call)
{
    struct redis_lua *lua = lua_of(call);
    char sha[41];

    if (lua == NULL)
        return;
    fake_redis_sha1_hex(call->args[2], sha);
    if (!load(call, lua, call->args[2], sha))
        return;
    /* It was brought this way: no EVAL of it is to come. */
    if (call->client->noscripts > 0)
        call->client->noscripts--;
    fake_redis_reply_bulk(call->out, fake_redis_span(sha));
}

void fake_redis_script_exists(struct redis_call *call)
{
    fake_redis_reply_array(call->out, call->count - 2);
    for (size_t i = 2; i < call->count; i++)
        fake_redis_reply_integer(
            call->out, fake_redis_script_is_known(call->server, call->args[i]));
}

void fake_redis_script_flush(struct redis_call *call)
{
    if (call->count > 3 ||
        (call->count == 3 && !fake_redis_span_is(call->args[2], "sync") &&
         !fake_redis_span_is(call->args[2], "async"))) {
        fake_redis_reply_error(
            call->out, "ERR SCRIPT FLUSH only support SYNC|ASYNC option");
        return;
    }
    fake_redis_lua_free(call->server->lua);
    call->server->lua = NULL;
    fake_redis_reply_status(call->out, "OK");
}
