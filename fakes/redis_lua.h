/* SPDX-License-Identifier: Apache-2.0
 * redis_lua.h - scripts: one Lua 5.1 per server, and the scripts it knows.
 *
 * Everything that may raise a Lua error runs under lua_cpcall, so that no
 * script and no lack of memory can reach Lua's panic, which would abort.
 */
#ifndef FAKE_REDIS_LUA_H
#define FAKE_REDIS_LUA_H

#include "redis.h"

struct lua_State;

/* One run of a script. */
struct redis_run {
    struct redis_call *call; /* the EVAL or EVALSHA                          */
    char sha[41];
    const struct redis_span *keys, *argv;
    size_t key_count, argv_count;
    bool is_read_only;        /* EVAL_RO                                     */
    bool is_dirty;            /* has written: short memory stops it no more  */
    unsigned db;              /* SELECT in a script ends with it             */
    struct redis_out scratch; /* the reply of a command it called            */
    struct redis_out reply;
};

struct redis_lua {
    struct lua_State *state;
    size_t used_bytes;
    uint64_t instructions; /* of this run, allocations among them            */
    uint64_t random;       /* drand48's 48 bits                              */
    struct redis_run *run; /* NULL: none                                     */
};

struct redis_lua *fake_redis_lua_new(void); /* NULL: out of memory           */
void fake_redis_lua_free(struct redis_lua *lua);
bool fake_redis_lua_knows(struct redis_lua *lua, const char *sha);
/* Keep a script under its name. False: `error` has the reply. */
bool fake_redis_lua_load(struct redis_lua *lua, const char *sha,
                         struct redis_span body, struct redis_out *error);
/* Run a script that is known; its answer goes to run->call->out. */
void fake_redis_lua_run(struct redis_lua *lua, struct redis_run *run);

/* ---- between the sources of it ---------------------------------------- */

struct redis_lua *fake_redis_lua_of(struct lua_State *L);
/* redis_lua_box.c: what a script sees as global. */
void fake_redis_lua_build(struct lua_State *L);
void fake_redis_lua_push_globals(struct lua_State *L);
/* Compile text, never byte code; pushes function or message. */
int fake_redis_lua_compile(struct lua_State *L, struct redis_span text,
                           const char *name);
/* redis_lua_api.c: pushes the table `redis`. */
void fake_redis_lua_push_api(struct lua_State *L);
/* redis_lua_math.c: random numbers of the server's own, into the table on
 * top: libc's are shared by the whole process. */
void fake_redis_lua_set_random(struct lua_State *L);
/* redis_lua_value.c */
void fake_redis_lua_push_reply(struct lua_State *L, struct redis_span reply);
void fake_redis_lua_push_error(struct lua_State *L, struct redis_span text);
void fake_redis_lua_reply(struct lua_State *L, struct redis_out *out);

#endif
