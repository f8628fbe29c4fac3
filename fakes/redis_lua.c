/* SPDX-License-Identifier: Apache-2.0
 * redis_lua.c - run a script within limits of memory and time.
 */
#include "redis_lua.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_LIMIT (64u * 1024 * 1024)
/* The real server lets a script run until somebody sends SCRIPT KILL; here
 * nobody could. Ten thousand members need some hundred thousand. */
#define INSTRUCTION_LIMIT 3000000u
#define HOOK_STEP 100

static const char scripts_name[] = "fake redis scripts";

struct redis_lua *fake_redis_lua_of(lua_State *L)
{
    void *lua;
    lua_getallocf(L, &lua);
    return lua;
}

static void *allocate(void *arg, void *at, size_t old_size, size_t size)
{
    struct redis_lua *lua = arg;
    void *to;

    if (size == 0) {
        free(at);
        lua->used_bytes -= old_size;
        return NULL;
    }
    if (size > old_size && size - old_size > MEMORY_LIMIT - lua->used_bytes)
        return NULL;
    to = realloc(at, size);
    /* Lua does not expect that becoming smaller fails. */
    if (to == NULL && size <= old_size)
        to = at;
    if (to == NULL)
        return NULL;
    lua->used_bytes = lua->used_bytes - old_size + size;
    /* Memory costs time as well, and threads too short to be counted. */
    if (at == NULL)
        lua->instructions += 10 + size / 64;
    return to;
}

static int build(lua_State *L)
{
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, scripts_name);
    fake_redis_lua_build(L);
    return 0;
}

struct redis_lua *fake_redis_lua_new(void)
{
    struct redis_lua *lua = calloc(1, sizeof *lua);

    if (lua == NULL)
        return NULL;
    lua->random = UINT64_C(0x1234abcd330e);
    lua->state = lua_newstate(allocate, lua);
    if (lua->state == NULL || lua_cpcall(lua->state, build, NULL) != 0) {
        fake_redis_lua_free(lua);
        return NULL;
    }
    return lua;
}

void fake_redis_lua_free(struct redis_lua *lua)
{
    if (lua == NULL)
        return;
    if (lua->state != NULL)
        lua_close(lua->state);
    free(lua);
}

/* ---- known scripts ---------------------------------------------------- */

struct load {
    const char *sha;
    struct redis_span body;
    struct redis_out *error;
    bool is_done;
};

static int look_up(lua_State *L)
{
    struct load *load = lua_touserdata(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, scripts_name);
    lua_getfield(L, -1, load->sha);
    load->is_done = lua_isfunction(L, -1);
    return 0;
}

bool fake_redis_lua_knows(struct redis_lua *lua, const char *sha)
{
    struct load load = {.sha = sha};
    if (lua_cpcall(lua->state, look_up, &load) != 0)
        lua_settop(lua->state, 0);
    return load.is_done;
}

static int compile(lua_State *L)
{
    struct load *load = lua_touserdata(L, 1);

    lua_getfield(L, LUA_REGISTRYINDEX, scripts_name);
    if (fake_redis_lua_compile(L, load->body, "@user_script") != 0) {
        fake_redis_reply_errorf(load->error,
                                "ERR Error compiling script (new function): %s",
                                lua_tostring(L, -1));
        return 0;
    }
    lua_setfield(L, -2, load->sha);
    load->is_done = true;
    return 0;
}

bool fake_redis_lua_load(struct redis_lua *lua, const char *sha,
                         struct redis_span body, struct redis_out *error)
{
    struct load load = {sha, body, error, false};

    if (lua_cpcall(lua->state, compile, &load) != 0) {
        lua_settop(lua->state, 0);
        fake_redis_reply_error(error, REDIS_TEXT_MEMORY);
    }
    return load.is_done;
}

/* ---- one run ---------------------------------------------------------- */

/* Once over the limit every instruction raises it again, so that no pcall in
 * the script can go on. */
static void count_instructions(lua_State *L, lua_Debug *where)
{
    struct redis_lua *lua = fake_redis_lua_of(L);

    (void)where;
    lua->instructions += HOOK_STEP;
    if (lua->instructions < INSTRUCTION_LIMIT)
        return;
    lua_sethook(L, count_instructions, LUA_MASKCOUNT, 1);
    luaL_error(L, "Script ended by the fake: it ran too long");
}

/* What the server's own handler adds to an error: where it came from. */
static int add_place(lua_State *L)
{
    lua_Debug at;
    bool is_placed = lua_getstack(L, 1, &at) && lua_getinfo(L, "Sl", &at);

    if (is_placed && strcmp(at.what, "C") == 0)
        is_placed = lua_getstack(L, 2, &at) && lua_getinfo(L, "Sl", &at);
    lua_settop(L, 1);
    lua_newtable(L);
    if (lua_istable(L, 1)) {
        lua_pushliteral(L, "err");
        lua_rawget(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING) {
            lua_pop(L, 1);
            lua_pushliteral(L, "ERR unknown error");
        }
    } else if (lua_isstring(L, 1)) {
        lua_pushfstring(L, "ERR %s", lua_tostring(L, 1));
    } else {
        lua_pushfstring(L, "ERR %s",
                        lua_type(L, 1) != LUA_TBOOLEAN ? luaL_typename(L, 1)
                        : lua_toboolean(L, 1)          ? "true"
                                                       : "false");
    }
    lua_setfield(L, 2, "err");
    if (is_placed) {
        lua_pushstring(L, at.source);
        lua_setfield(L, 2, "source");
        lua_pushinteger(L, at.currentline);
        lua_setfield(L, 2, "line");
    }
    return 1;
}

static void reply_failure(lua_State *L, struct redis_run *run)
{
    const char *text, *source;

    /* Out of memory never saw the handler. */
    if (!lua_istable(L, -1)) {
        text = lua_tostring(L, -1);
        fake_redis_reply_errorf(&run->reply, "ERR %s script: %s",
                                text == NULL ? "unknown error" : text,
                                run->sha);
        return;
    }
    lua_getfield(L, -1, "err");
    lua_getfield(L, -2, "source");
    lua_getfield(L, -3, "line");
    text = lua_tostring(L, -3);
    source = lua_tostring(L, -2);
    if (source != NULL)
        fake_redis_reply_errorf(&run->reply, "%s script: %s, on %s:%d.", text,
                                run->sha, source, (int)lua_tointeger(L, -1));
    else
        fake_redis_reply_errorf(&run->reply, "%s script: %s", text, run->sha);
}

static void set_list(lua_State *L, const char *name,
                     const struct redis_span *list, size_t count)
{
    lua_createtable(L, (int)(count < 4096 ? count : 4096), 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushlstring(L, (const char *)list[i].at, list[i].length);
        lua_rawseti(L, -2, (int)(i + 1));
    }
    lua_pushstring(L, name);
    lua_insert(L, -2);
    lua_rawset(L, -3);
}

static int run_protected(lua_State *L)
{
    struct redis_lua *lua = fake_redis_lua_of(L);
    struct redis_run *run = lua_touserdata(L, 1);
    int result;

    lua_gc(L, LUA_GCRESTART, 0);
    if (lua->used_bytes > MEMORY_LIMIT / 2)
        lua_gc(L, LUA_GCCOLLECT, 0);
    fake_redis_lua_push_globals(L);
    set_list(L, "KEYS", run->keys, run->key_count);
    set_list(L, "ARGV", run->argv, run->argv_count);
    lua_settop(L, 0);
    lua_pushcfunction(L, add_place);
    lua_getfield(L, LUA_REGISTRYINDEX, scripts_name);
    lua_getfield(L, -1, run->sha);
    lua_remove(L, -2);
    lua->instructions = 0;
    lua_sethook(L, count_instructions, LUA_MASKCOUNT, HOOK_STEP);
    result = lua_pcall(L, 0, 1, 1);
    lua_sethook(L, NULL, 0, 0);
    if (result != 0)
        reply_failure(L, run);
    else
        fake_redis_lua_reply(L, &run->reply);
    return 0;
}

void fake_redis_lua_run(struct redis_lua *lua, struct redis_run *run)
{
    struct redis_out *out = run->call->out;

    lua->run = run;
    if (lua_cpcall(lua->state, run_protected, run) != 0) {
        run->reply.length = 0;
        fake_redis_reply_error(&run->reply, REDIS_TEXT_MEMORY);
    }
    lua_sethook(lua->state, NULL, 0, 0);
    lua_settop(lua->state, 0);
    lua->run = NULL;
    fake_redis_add(out, run->reply.at, run->reply.length);
    out->is_broken = out->is_broken || run->reply.is_broken;
    fake_redis_out_clear(&run->reply);
    fake_redis_out_clear(&run->scratch);
}
