/* SPDX-License-Identifier: Apache-2.0
 * redis_lua_value.c - replies to Lua values and back, as Redis converts them
 * ("Scripting with Lua", data type conversion; script_lua.c of 7.0).
 */
#include "redis_lua.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

/* ---- reply -> Lua ----------------------------------------------------- */

/* {err = text}, `text` without its dash. */
void fake_redis_lua_push_error(lua_State *L, struct redis_span text)
{
    lua_createtable(L, 0, 2);
    lua_pushlstring(L, (const char *)text.at, text.length);
    lua_setfield(L, -2, "err");
}

static void push_one(lua_State *L, const uint8_t **at, const uint8_t *end);

static void push_array(lua_State *L, int64_t count, const uint8_t **at,
                       const uint8_t *end)
{
    lua_createtable(L, 0, 0);
    for (int64_t i = 0; i < count; i++) {
        push_one(L, at, end);
        lua_rawseti(L, -2, (int)(i + 1));
    }
}

/* The reply is our own, so it is whole and well formed. */
static void push_one(lua_State *L, const uint8_t **at, const uint8_t *end)
{
    const uint8_t *start = *at;
    const uint8_t *cr = memchr(start, '\r', (size_t)(end - start));
    struct redis_span line = {start + 1, (size_t)(cr - start) - 1};
    int64_t number = 0;

    luaL_checkstack(L, 8, "reply is too deep");
    *at = cr + 2;
    if (*start == '+') {
        lua_createtable(L, 0, 1);
        lua_pushlstring(L, (const char *)line.at, line.length);
        lua_setfield(L, -2, "ok");
        return;
    }
    if (*start == '-') {
        fake_redis_lua_push_error(L, line);
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "ignore_error_stats_update");
        return;
    }
    (void)fake_redis_span_integer(line, &number);
    if (*start == ':') {
        lua_pushnumber(L, (lua_Number)number);
    } else if (number < 0) {
        lua_pushboolean(L, 0);
    } else if (*start == '*') {
        push_array(L, number, at, end);
    } else {
        lua_pushlstring(L, (const char *)*at, (size_t)number);
        *at += number + 2;
    }
}

void fake_redis_lua_push_reply(lua_State *L, struct redis_span reply)
{
    push_one(L, &reply.at, reply.at + reply.length);
}

/* ---- Lua -> reply ----------------------------------------------------- */

/* Truncated; what does not fit is what the processor makes of it. */
static int64_t to_integer(lua_Number number)
{
    if (number >= -9223372036854775808.0 && number < 9223372036854775808.0)
        return (int64_t)number;
    return INT64_MIN;
}

static struct redis_span to_span(lua_State *L)
{
    struct redis_span span;
    span.at = (const uint8_t *)lua_tolstring(L, -1, &span.length);
    return span;
}

/* The table's field, raw, if it has this type; else pushes nothing. */
static bool push_field(lua_State *L, const char *name, int type)
{
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    if (lua_type(L, -1) == type)
        return true;
    lua_pop(L, 1);
    return false;
}

/* Header of elements that are written already: their number was not known
 * before. */
static void insert_header(struct redis_out *out, size_t start, size_t count)
{
    struct redis_out header = {0};

    fake_redis_reply_array(&header, count);
    fake_redis_add(&header, "", 1);
    if (header.is_broken)
        out->is_broken = true;
    else
        fake_redis_insert(out, start, (const char *)header.at);
    fake_redis_out_clear(&header);
}

/* RESP3 has maps and sets; RESP2 gets them flat. */
static void reply_pairs(lua_State *L, struct redis_out *out, bool values)
{
    size_t start = out->length, count = 0;

    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        lua_pushvalue(L, -2);
        fake_redis_lua_reply(L, out);
        count++;
        if (values) {
            fake_redis_lua_reply(L, out);
            count++;
        } else {
            lua_pop(L, 1);
        }
    }
    insert_header(out, start, count);
}

static void reply_list(lua_State *L, struct redis_out *out)
{
    size_t start = out->length, count = 0;

    for (;; count++) {
        lua_rawgeti(L, -1, (int)(count + 1));
        if (lua_isnil(L, -1))
            break;
        fake_redis_lua_reply(L, out);
    }
    lua_pop(L, 1);
    insert_header(out, start, count);
}

/* Error and status end at a NUL; no line end may stand in them. */
static void reply_line(lua_State *L, struct redis_out *out, char kind)
{
    fake_redis_reply_line(out, kind, fake_redis_span(lua_tostring(L, -1)));
}

static void reply_big_number(lua_State *L, struct redis_out *out)
{
    struct redis_out text = {0};
    struct redis_span span = to_span(L);

    fake_redis_add(&text, span.at, span.length);
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] == '\r' || text.at[i] == '\n')
            text.at[i] = ' ';
    fake_redis_reply_bulk(out, (struct redis_span){text.at, text.length});
    out->is_broken = out->is_broken || text.is_broken;
    fake_redis_out_clear(&text);
}

/* {verbatim_string = {string = ..., format = ...}}, both or it is a list. */
static bool push_verbatim(lua_State *L)
{
    if (!push_field(L, "verbatim_string", LUA_TTABLE))
        return false;
    if (push_field(L, "format", LUA_TSTRING)) {
        lua_pop(L, 1);
        if (push_field(L, "string", LUA_TSTRING))
            return true;
    }
    lua_pop(L, 1);
    return false;
}

static void reply_double(lua_State *L, struct redis_out *out)
{
    struct redis_out text = {0};

    fake_redis_add_format(&text, "%.17g", lua_tonumber(L, -1));
    fake_redis_reply_bulk(out, (struct redis_span){text.at, text.length});
    fake_redis_out_clear(&text);
}

static void reply_table(lua_State *L, struct redis_out *out)
{
    int top = lua_gettop(L);

    if (push_field(L, "err", LUA_TSTRING))
        reply_line(L, out, '-');
    else if (push_field(L, "ok", LUA_TSTRING))
        reply_line(L, out, '+');
    else if (push_field(L, "double", LUA_TNUMBER))
        reply_double(L, out);
    else if (push_field(L, "map", LUA_TTABLE))
        reply_pairs(L, out, true);
    else if (push_field(L, "set", LUA_TTABLE))
        reply_pairs(L, out, false);
    else if (push_field(L, "big_number", LUA_TSTRING))
        reply_big_number(L, out);
    else if (push_verbatim(L))
        fake_redis_reply_bulk(out, to_span(L));
    else
        reply_list(L, out);
    lua_settop(L, top);
}

/* Takes the value from the top. Tables may be deep, or in themselves: what
 * ends it is Lua's own limit of its stack, as in the server. */
void fake_redis_lua_reply(lua_State *L, struct redis_out *out)
{
    if (!lua_checkstack(L, 8)) {
        fake_redis_reply_error(out, "ERR reached lua stack limit");
        lua_pop(L, 1);
        return;
    }
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        fake_redis_reply_bulk(out, to_span(L));
        break;
    case LUA_TBOOLEAN:
        if (lua_toboolean(L, -1))
            fake_redis_reply_integer(out, 1);
        else
            fake_redis_reply_null(out);
        break;
    case LUA_TNUMBER:
        fake_redis_reply_integer(out, to_integer(lua_tonumber(L, -1)));
        break;
    case LUA_TTABLE:
        reply_table(L, out);
        break;
    default:
        fake_redis_reply_null(out);
        break;
    }
    lua_pop(L, 1);
}
