/* SPDX-License-Identifier: Apache-2.0
 * redis_lua_box.c - the world a script lives in: few globals, none of which
 * it can change.
 *
 * The server patched Lua so that a table can be read-only. The packaged Lua
 * has no such thing, so each table of the world is hidden behind an empty
 * one, its front, that reads from it and refuses to be written; pairs, next,
 * rawget, rawset and setmetatable know about fronts.
 */
#include "redis_lua.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <string.h>

static const char globals_name[] = "fake redis globals";
static const char fronts_name[] = "fake redis fronts";
static const char read_only[] = "Attempt to modify a readonly table";

void fake_redis_lua_push_globals(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, globals_name);
}

/* ---- text to function ------------------------------------------------- */

struct reader {
    struct redis_span text;
    bool has_blank; /* a blank is still to go before the text                */
};

static const char *read_text(lua_State *L, void *arg, size_t *ret_length)
{
    struct reader *reader = arg;
    const char *at = (const char *)reader->text.at;

    (void)L;
    if (reader->has_blank) {
        reader->has_blank = false;
        *ret_length = 1;
        return " ";
    }
    *ret_length = reader->text.length;
    reader->text.length = 0;
    return at;
}

/* Byte code could crash us; the server refuses it as a typing error, and so
 * does Lua when it does not stand first. */
int fake_redis_lua_compile(lua_State *L, struct redis_span text,
                           const char *name)
{
    struct reader reader = {text, text.length > 0 && text.at[0] == 0x1b};
    return lua_load(L, read_text, &reader, name);
}

static int after_load(lua_State *L, int result)
{
    if (result == 0)
        return 1;
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

static int load_string(lua_State *L)
{
    struct redis_span text;
    text.at = (const uint8_t *)luaL_checklstring(L, 1, &text.length);
    return after_load(
        L, fake_redis_lua_compile(L, text,
                                  luaL_optstring(L, 2, (const char *)text.at)));
}

/* The next piece for load(function). It stays at place 3 while it is read;
 * `arg` is whether a piece waits there because a blank had to go first. */
static const char *read_piece(lua_State *L, void *arg, size_t *ret_length)
{
    bool *waits = arg;
    const char *at;

    luaL_checkstack(L, 2, "too many nested functions");
    if (!*waits) {
        bool is_first = lua_isnil(L, 3);
        lua_pushvalue(L, 1);
        lua_call(L, 0, 1);
        if (lua_isnil(L, -1))
            return NULL;
        if (!lua_isstring(L, -1))
            luaL_error(L, "reader function must return a string");
        lua_replace(L, 3);
        at = lua_tolstring(L, 3, ret_length);
        if (!is_first || *at != 0x1b)
            return at;
        *waits = true;
        *ret_length = 1;
        return " ";
    }
    *waits = false;
    return lua_tolstring(L, 3, ret_length);
}

static int load_pieces(lua_State *L)
{
    const char *name = luaL_optstring(L, 2, "=(load)");
    bool waits = false;

    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 3);
    return after_load(L, lua_load(L, read_piece, &waits, name));
}

/* ---- fronts ----------------------------------------------------------- */

/* Replaces a front at this place by what is behind it; true if it was one. */
static bool look_behind(lua_State *L, int at)
{
    lua_getfield(L, LUA_REGISTRYINDEX, fronts_name);
    lua_pushvalue(L, at);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    lua_replace(L, at);
    return true;
}

static int refuse_with_place(lua_State *L)
{
    return luaL_error(L, "%s", read_only);
}

static int refuse(lua_State *L)
{
    lua_pushstring(L, read_only);
    return lua_error(L);
}

/* Puts a front before the table on top; `guard` is the place of what
 * getmetatable shows of it. */
static void hide(lua_State *L, int guard)
{
    lua_newtable(L);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_with_place);
    lua_setfield(L, -2, "__newindex");
    lua_pushvalue(L, guard);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_getfield(L, LUA_REGISTRYINDEX, fronts_name);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -4);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_remove(L, -2);
}

static int box_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    (void)look_behind(L, 1);
    if (lua_next(L, 1) != 0)
        return 2;
    lua_pushnil(L);
    return 1;
}

static int box_pairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushcfunction(L, box_next);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static int box_rawget(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    (void)look_behind(L, 1);
    lua_rawget(L, 1);
    return 1;
}

static int box_rawset(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    if (look_behind(L, 1))
        return refuse(L);
    lua_rawset(L, 1);
    return 1;
}

/* table.insert and the others that write past __newindex: the function itself
 * is the upvalue. */
static int box_table(lua_State *L)
{
    lua_CFunction function = lua_tocfunction(L, lua_upvalueindex(1));

    if (lua_gettop(L) > 0) {
        lua_pushvalue(L, 1);
        if (look_behind(L, lua_gettop(L)))
            return refuse(L);
        lua_pop(L, 1);
    }
    return function(L);
}

static void set_table_functions(lua_State *L)
{
    static const char *const names[] = {"insert", "remove", "setn", "sort"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lua_getfield(L, -1, names[i]);
        lua_pushcclosure(L, box_table, 1);
        lua_setfield(L, -2, names[i]);
    }
}

/* ---- functions that differ -------------------------------------------- */

static int box_setmetatable(lua_State *L)
{
    int type = lua_type(L, 2);

    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 2,
                  "nil or table expected");
    if (look_behind(L, 1))
        return refuse(L);
    if (luaL_getmetafield(L, 1, "__metatable"))
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

/* Errors of redis.call are tables; pcall hands their text, as luaRedisPcall
 * does for the sake of old scripts. */
static int box_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0) == 0) {
        lua_pushboolean(L, 1);
        lua_insert(L, 1);
        return lua_gettop(L);
    }
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "err");
        if (!lua_isstring(L, -1))
            lua_pop(L, 1);
    }
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int miss_global(lua_State *L)
{
    const char *name = lua_tostring(L, 2);
    return luaL_error(
        L, "Script attempted to access nonexistent global variable '%s'",
        name == NULL ? "?" : name);
}

/* ---- the world -------------------------------------------------------- */

static void open_libraries(lua_State *L)
{
    static const luaL_Reg libraries[] = {{"", luaopen_base},
                                         {LUA_TABLIBNAME, luaopen_table},
                                         {LUA_STRLIBNAME, luaopen_string},
                                         {LUA_MATHLIBNAME, luaopen_math}};
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        lua_pushcfunction(L, libraries[i].func);
        lua_pushstring(L, libraries[i].name);
        lua_call(L, 1, 0);
    }
}

/* The fields of the new globals, which are on top. */
static void fill_globals(lua_State *L)
{
    static const char *const kept[] = {
        "_VERSION",     "assert", "collectgarbage", "error",  "gcinfo",
        "getmetatable", "ipairs", "rawequal",       "select", "tonumber",
        "tostring",     "type",   "unpack",         "xpcall"};
    static const luaL_Reg own[] = {
        {"load", load_pieces},  {"loadstring", load_string},
        {"next", box_next},     {"pairs", box_pairs},
        {"pcall", box_pcall},   {"rawget", box_rawget},
        {"rawset", box_rawset}, {"setmetatable", box_setmetatable}};

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        lua_getfield(L, LUA_GLOBALSINDEX, kept[i]);
        lua_setfield(L, -2, kept[i]);
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        lua_pushcfunction(L, own[i].func);
        lua_setfield(L, -2, own[i].name);
    }
}

static void add_hidden(lua_State *L, int globals, int guard, const char *name)
{
    hide(L, guard);
    lua_setfield(L, globals, name);
}

static void add_libraries(lua_State *L, int globals, int guard)
{
    static const char *const names[] = {"coroutine", "math", "string", "table"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lua_getfield(L, LUA_GLOBALSINDEX, names[i]);
        if (strcmp(names[i], "math") == 0)
            fake_redis_lua_set_random(L);
        if (strcmp(names[i], "table") == 0)
            set_table_functions(L);
        add_hidden(L, globals, guard, names[i]);
    }
    fake_redis_lua_push_api(L);
    add_hidden(L, globals, guard, "redis");
    /* All strings share one metatable. */
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, guard);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

void fake_redis_lua_build(lua_State *L)
{
    int globals, guard;

    open_libraries(L);
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, fronts_name);
    /* What getmetatable() shows: nothing, and read-only. */
    lua_pushboolean(L, 0);
    lua_newtable(L);
    hide(L, lua_gettop(L) - 1);
    guard = lua_gettop(L);
    lua_newtable(L);
    globals = lua_gettop(L);
    fill_globals(L);
    add_libraries(L, globals, guard);
    lua_pushvalue(L, globals);
    lua_setfield(L, LUA_REGISTRYINDEX, globals_name);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, miss_global);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, globals);
    lua_pushvalue(L, globals);
    hide(L, guard);
    lua_pushvalue(L, -1);
    lua_setfield(L, globals, "_G");
    lua_replace(L, LUA_GLOBALSINDEX);
    lua_settop(L, 0);
}
