/* SPDX-License-Identifier: Apache-2.0
 * redis_lua_api.c - the table `redis` of a script: call, pcall and friends.
 * Texts and checks are those of script.c and script_lua.c of 7.0.
 */
#include "redis_lua.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

static int raise(lua_State *L, const char *text)
{
    fake_redis_lua_push_error(L, fake_redis_span(text));
    return lua_error(L);
}

/* ---- call and pcall --------------------------------------------------- */

/* Why this script may not have this command run; NULL: it may. */
static const char *refusal(struct redis_run *run, const struct redis_call *call)
{
    const struct redis_command *command = call->command;
    enum fake_condition condition = fake_condition_of(call->server->fake);

    if (command == NULL)
        return "ERR Unknown Redis command called from script";
    if (!fake_redis_arity_fits(command, call->count))
        return "ERR Wrong number of args calling Redis command from script";
    if ((command->flags & REDIS_NOSCRIPT) != 0)
        return "ERR This Redis command is not allowed from script";
    if ((command->flags & (REDIS_WRITE | REDIS_MAY_SPREAD)) != 0 &&
        run->is_read_only)
        return "ERR Write commands are not allowed from read-only scripts.";
    if ((command->flags & REDIS_WRITE) != 0 && condition == FAKE_READ_ONLY)
        return REDIS_TEXT_READONLY;
    if ((command->flags & REDIS_DENYOOM) != 0 && !run->is_dirty &&
        condition == FAKE_OUT_OF_MEMORY)
        return REDIS_TEXT_OOM;
    return NULL;
}

/* Lua's strings stay where they are while they are on its stack; numbers are
 * written with 17 digits and put there. False: something else is there. */
static bool take_args(lua_State *L, int count, struct redis_span *args)
{
    for (int i = 1; i <= count; i++) {
        if (lua_type(L, i) == LUA_TNUMBER) {
            char text[64];
            snprintf(text, sizeof text, "%.17g", lua_tonumber(L, i));
            lua_pushstring(L, text);
            lua_replace(L, i);
        }
        if (lua_type(L, i) != LUA_TSTRING)
            return false;
        args[i - 1].at =
            (const uint8_t *)lua_tolstring(L, i, &args[i - 1].length);
    }
    return true;
}

/* Pushes what the command answers, or {err = ...}. */
static void call_command(lua_State *L)
{
    struct redis_run *run = fake_redis_lua_of(L)->run;
    int count = lua_gettop(L);
    struct redis_call call = *run->call;
    struct redis_span *args;
    const char *text = NULL;

    if (count == 0) {
        text = "ERR Please specify at least one argument for this redis lib "
               "call";
        goto out;
    }
    args = lua_newuserdata(L, (size_t)count * sizeof *args);
    if (!take_args(L, count, args)) {
        text = "ERR Lua redis lib command arguments must be strings or "
               "integers";
        goto out;
    }
    call.args = args;
    call.count = (size_t)count;
    call.command = fake_redis_lookup(args, call.count, NULL);
    call.db = &run->db;
    call.out = &run->scratch;
    text = refusal(run, &call);
    if (text != NULL)
        goto out;
    if ((call.command->flags & REDIS_WRITE) != 0)
        run->is_dirty = true;
    run->scratch.length = 0;
    fake_redis_run(&call);
    if (!run->scratch.is_broken) {
        fake_redis_lua_push_reply(
            L, (struct redis_span){run->scratch.at, run->scratch.length});
        return;
    }
    fake_redis_out_clear(&run->scratch);
    text = REDIS_TEXT_MEMORY;
out:
    fake_redis_lua_push_error(L, fake_redis_span(text));
}

static int api_pcall(lua_State *L)
{
    call_command(L);
    return 1;
}

static int api_call(lua_State *L)
{
    bool is_error = false;

    call_command(L);
    if (lua_istable(L, -1)) {
        lua_pushliteral(L, "err");
        lua_rawget(L, -2);
        is_error = !lua_isnil(L, -1);
        lua_pop(L, 1);
    }
    return is_error ? lua_error(L) : 1;
}

/* ---- replies by hand -------------------------------------------------- */

static bool has_one_string(lua_State *L)
{
    return lua_gettop(L) == 1 && lua_type(L, 1) == LUA_TSTRING;
}

static void push_wrong_args(lua_State *L)
{
    fake_redis_lua_push_error(
        L, fake_redis_span("ERR wrong number or type of arguments"));
}

/* "CODE text" keeps its code, a single word gets ERR before it. */
static int api_error_reply(lua_State *L)
{
    struct redis_span text;

    if (!has_one_string(L)) {
        push_wrong_args(L);
        return 1;
    }
    text.at = (const uint8_t *)lua_tolstring(L, 1, &text.length);
    text.length = strlen((const char *)text.at);
    if (text.length > 0 && text.at[0] == '-') {
        text.at++;
        text.length--;
    }
    while (text.length > 0 && (text.at[text.length - 1] == '\n' ||
                               text.at[text.length - 1] == '\r'))
        text.length--;
    lua_pushlstring(L, (const char *)text.at, text.length);
    if (text.length == 0 || memchr(text.at, ' ', text.length) == NULL) {
        lua_pushliteral(L, "ERR ");
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    lua_createtable(L, 0, 1);
    lua_insert(L, -2);
    lua_setfield(L, -2, "err");
    return 1;
}

static int api_status_reply(lua_State *L)
{
    if (!has_one_string(L)) {
        push_wrong_args(L);
        return 1;
    }
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "ok");
    return 1;
}

/* ---- the rest --------------------------------------------------------- */

static int api_sha1hex(lua_State *L)
{
    struct redis_span text = {(const uint8_t *)"", 0};
    const char *given;
    char hex[41];

    if (lua_gettop(L) != 1)
        return raise(L, "ERR wrong number of arguments");
    given = lua_tolstring(L, 1, &text.length);
    if (given == NULL)
        text.length = 0;
    else
        text.at = (const uint8_t *)given;
    fake_redis_sha1_hex(text, hex);
    lua_pushstring(L, hex);
    return 1;
}

/* Checked, and dropped. */
static int api_log(lua_State *L)
{
    lua_Number level;

    if (lua_gettop(L) < 2)
        return raise(L, "ERR redis.log() requires two arguments or more.");
    if (!lua_isnumber(L, 1))
        return raise(L, "ERR First argument must be a number (log level).");
    level = lua_tonumber(L, 1);
    if (!(level > -1 && level < 4))
        return raise(L, "ERR Invalid debug level.");
    return 0;
}

static int api_setresp(lua_State *L)
{
    if (lua_gettop(L) != 1)
        return raise(L, "ERR redis.setresp() requires one argument.");
    if (lua_tonumber(L, 1) != 2)
        return raise(L, "ERR RESP version must be 2 or 3.");
    return 0;
}

static int api_true(lua_State *L)
{
    lua_pushboolean(L, 1);
    return 1;
}

static int api_false(lua_State *L)
{
    lua_pushboolean(L, 0);
    return 1;
}

static int api_nothing(lua_State *L)
{
    (void)L;
    return 0;
}

void fake_redis_lua_push_api(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"acl_check_cmd", api_true},
        {"breakpoint", api_false},
        {"call", api_call},
        {"debug", api_nothing},
        {"error_reply", api_error_reply},
        {"log", api_log},
        {"pcall", api_pcall},
        {"replicate_commands", api_true},
        {"set_repl", api_nothing},
        {"setresp", api_setresp},
        {"sha1hex", api_sha1hex},
        {"status_reply", api_status_reply},
    };
    static const struct {
        const char *name;
        int value;
    } numbers[] = {{"LOG_DEBUG", 0},  {"LOG_VERBOSE", 1},
                   {"LOG_NOTICE", 2}, {"LOG_WARNING", 3},
                   {"REPL_NONE", 0},  {"REPL_AOF", 1},
                   {"REPL_SLAVE", 2}, {"REPL_REPLICA", 2},
                   {"REPL_ALL", 3},   {"REDIS_VERSION_NUM", 0x7000f}};

    lua_newtable(L);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        lua_pushcfunction(L, functions[i].func);
        lua_setfield(L, -2, functions[i].name);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        lua_pushinteger(L, numbers[i].value);
        lua_setfield(L, -2, numbers[i].name);
    }
    lua_pushliteral(L, "7.0.15");
    lua_setfield(L, -2, "REDIS_VERSION");
}
