/* SPDX-License-Identifier: Apache-2.0
 * redis_lua_math.c - math.random and math.randomseed as the server has them:
 * drand48's generator (rand.c), from the same start, so that scripts draw the
 * same numbers everywhere and in every run.
 */
#include "redis_lua.h"

#include <lauxlib.h>
#include <lua.h>
#include <math.h>

static lua_Number draw(struct redis_lua *lua)
{
    lua->random =
        (lua->random * UINT64_C(0x5deece66d) + 0xb) & UINT64_C(0xffffffffffff);
    return (lua_Number)((lua->random >> 17) % INT32_MAX) /
           (lua_Number)INT32_MAX;
}

static int random_number(lua_State *L)
{
    lua_Number r = draw(fake_redis_lua_of(L));
    lua_Number low = 1, high;

    switch (lua_gettop(L)) {
    case 0:
        lua_pushnumber(L, r);
        return 1;
    case 1:
        high = luaL_checkint(L, 1);
        luaL_argcheck(L, low <= high, 1, "interval is empty");
        break;
    case 2:
        low = luaL_checkint(L, 1);
        high = luaL_checkint(L, 2);
        luaL_argcheck(L, low <= high, 2, "interval is empty");
        break;
    default:
        return luaL_error(L, "wrong number of arguments");
    }
    lua_pushnumber(L, floor(r * (high - low + 1)) + low);
    return 1;
}

static int random_seed(lua_State *L)
{
    uint32_t seed = (uint32_t)luaL_checkint(L, 1);
    fake_redis_lua_of(L)->random = (uint64_t)seed << 16 | 0x330e;
    return 0;
}

void fake_redis_lua_set_random(lua_State *L)
{
    lua_pushcfunction(L, random_number);
    lua_setfield(L, -2, "random");
    lua_pushcfunction(L, random_seed);
    lua_setfield(L, -2, "randomseed");
}
