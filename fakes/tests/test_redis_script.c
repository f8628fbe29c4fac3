/* SPDX-License-Identifier: Apache-2.0
 * test_redis_script.c - scripts: what they see, how they answer and fail.
 * The answers are those of redis-server 7.0.15 (Debian 12), taken from it.
 */
#include "redis_desk.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

struct row {
    const char *script, *want;
};

/* Each script, with no keys, gives this reply. */
static void run_rows(const struct row *rows, size_t count)
{
    struct redis_desk d;
    char request[1024];

    redis_desk_start(&d);
    redis_ask(&d, 0, "set str v", "+OK\r\n");
    redis_ask(&d, 0, "hset h a 1 b 2", ":2\r\n");
    for (size_t i = 0; i < count; i++) {
        snprintf(request, sizeof request, "eval \"%s\" 0", rows[i].script);
        redis_desk_ask(&d, 0, request, rows[i].want, strlen(rows[i].want),
                       __FILE__, __LINE__);
    }
    redis_desk_end(&d);
}

#define run(rows) run_rows(rows, sizeof rows / sizeof *rows)

UNIT(redis_script, lua_values_become_replies)
{
    static const struct row rows[] = {
        {"return 3.99", ":3\r\n"},
        {"return -3.99", ":-3\r\n"},
        {"return 1e300", ":-9223372036854775808\r\n"},
        {"return 0/0", ":-9223372036854775808\r\n"},
        {"return nil", "$-1\r\n"},
        {"return false", "$-1\r\n"},
        {"return true", ":1\r\n"},
        {"return {1,2,nil,4}", "*2\r\n:1\r\n:2\r\n"},
        {"return {1,{2,'x',{}},true,false,3.5}",
         "*5\r\n:1\r\n*3\r\n:2\r\n$1\r\nx\r\n*0\r\n:1\r\n$-1\r\n:3\r\n"},
        {"return {1,2,foo=3}", "*2\r\n:1\r\n:2\r\n"},
        {"return redis.call", "$-1\r\n"},
        {"return {ok='fine'}", "+fine\r\n"},
        {"return {err='BAD thing'}", "-BAD thing\r\n"},
        {"return {ok=1}", "*0\r\n"},
        {"return {ok='a\\\\nb'}", "+a b\r\n"},
        {"return {err='a\\\\r\\\\nb'}", "-a  b\r\n"},
        {"return {double=1.5}", "$3\r\n1.5\r\n"},
        {"return {map={a=1}}", "*2\r\n$1\r\na\r\n:1\r\n"},
        {"return setmetatable({},{__index=function() return 'x' end})",
         "*0\r\n"},
    };
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "eval \"return 'a\\\\0b'\" 0", "$3\r\na\0b\r\n");
    redis_desk_end(&d);
    run(rows);
}

UNIT(redis_script, replies_become_lua_values)
{
    static const struct row rows[] = {
        {"return redis.call('get','none') == false", ":1\r\n"},
        {"return type(redis.call('strlen','str'))", "$6\r\nnumber\r\n"},
        {"return redis.call('set','str','v').ok", "$2\r\nOK\r\n"},
        {"return redis.call('type','str').ok", "$6\r\nstring\r\n"},
        {"return redis.call('get','str') .. '!'", "$2\r\nv!\r\n"},
        {"return #redis.call('hgetall','h')", ":4\r\n"},
        {"return redis.call('hmget','h','a','none','b')[2] == false", ":1\r\n"},
        {"return redis.pcall('get','h').err",
         "$65\r\nWRONGTYPE Operation against a key holding the wrong kind of "
         "value\r\n"},
        {"return redis.pcall('get','h')",
         "-WRONGTYPE Operation against a key holding the wrong kind of "
         "value\r\n"},
        {"return redis.call('scan','0')",
         "*2\r\n$1\r\n0\r\n*2\r\n$3\r\nstr\r\n$1\r\nh\r\n"},
        {"local ok, e = pcall(redis.call, 'get', 'h') return {ok, e}",
         "*2\r\n$-1\r\n$65\r\nWRONGTYPE Operation against a key holding the "
         "wrong kind of value\r\n"},
        {"redis.call('set','n',0.1) return redis.call('get','n')",
         "$19\r\n0.10000000000000001\r\n"},
        {"redis.call('set','n',1e20) return redis.call('get','n')",
         "$5\r\n1e+20\r\n"},
    };
    run(rows);
}

UNIT(redis_script, failures_say_where)
{
    static const struct row rows[] = {
        {"error('boom')",
         "-ERR user_script:1: boom script: "
         "82903a0434f1503e152f89c03c9acd881a0e8150, on @user_script:1.\r\n"},
        {"error({err='MYERR boom'})",
         "-MYERR boom script: 600444ab00b1281c55abc9ff7e35bea4f11a3742, on "
         "@user_script:1.\r\n"},
        {"error({foo=1})",
         "-ERR unknown error script: a6e3b9fddac4146e42a1bf4726eabe0a594caa92, "
         "on @user_script:1.\r\n"},
        {"error(nil)", "-ERR nil script: "
                       "c402aa49952c86c38f35fb311d54977d08f3bf01, on "
                       "@user_script:1.\r\n"},
        {"return redis.call('nosuch')",
         "-ERR Unknown Redis command called from script script: "
         "206396248e12c6e742fd7296250433c8d7343b74, on @user_script:1.\r\n"},
        {"return redis.call('get')",
         "-ERR Wrong number of args calling Redis command from script script: "
         "f187dee77f607f7cff00bbabc9df38507582c78d, on @user_script:1.\r\n"},
        {"return redis.call()",
         "-ERR Please specify at least one argument for this redis lib call "
         "script: 0a907e1429221a4d85516cab7fd219a82a9439d8, on "
         "@user_script:1.\r\n"},
        {"return redis.call('set','a',{})",
         "-ERR Lua redis lib command arguments must be strings or integers "
         "script: f852c2a3a94e72447f50c0bcf1c270021162ffaf, on "
         "@user_script:1.\r\n"},
        {"return redis.call('multi')",
         "-ERR This Redis command is not allowed from script script: "
         "c329a1a294be6bf95b44144f7502610661ae925a, on @user_script:1.\r\n"},
        {"local a = 'x' .. nil",
         "-ERR user_script:1: attempt to concatenate a nil value script: "
         "9cf51494d662c46d1873c7f3107a4308a7febf11, on @user_script:1.\r\n"},
        {"return redis.pcall('nosuch')",
         "-ERR Unknown Redis command called from script\r\n"},
    };
    run(rows);
}

UNIT(redis_script, a_typing_error_is_an_answer)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "eval \"local a = ;\" 0",
              "-ERR Error compiling script (new function): user_script:1: "
              "unexpected symbol near ';'\r\n");
    redis_ask(&d, 0, "script load \"return (\"",
              "-ERR Error compiling script (new function): user_script:1: "
              "unexpected symbol near '<eof>'\r\n");
    redis_ask(&d, 0, "eval \"\\x1bLuaQ\" 0",
              "-ERR Error compiling script (new function): user_script:1: "
              "unexpected symbol near 'char(27)'\r\n");
    redis_ask(&d, 0,
              "eval \"local f, e = loadstring(string.dump(function() end)) "
              "return {f == nil, e:find('unexpected symbol') ~= nil}\" 0",
              "*2\r\n:1\r\n:1\r\n");
    redis_ask(&d, 0, "eval \"return 1\" 0", ":1\r\n");
    redis_desk_end(&d);
}

UNIT(redis_script, globals_are_guarded)
{
    static const struct row rows[] = {
        {"x=1", "-ERR user_script:1: Attempt to modify a readonly table "
                "script: 7caf6056913504f0508c65faf2dc3f94ff65bcfd, on "
                "@user_script:1.\r\n"},
        {"return x",
         "-ERR user_script:1: Script attempted to access nonexistent global "
         "variable 'x' script: 03c387736bb5cc009ff35151572cee04677aa374, on "
         "@user_script:1.\r\n"},
        {"rawset(_G,'x',1) return x",
         "-ERR Attempt to modify a readonly table script: "
         "eae11c0375163fe1c4ff4d972df572fe0a10d22b, on @user_script:1.\r\n"},
        {"setmetatable(_G,nil)",
         "-ERR Attempt to modify a readonly table script: "
         "363cd756dc20f58a9f4a1d92f45ec7a5f14fbaed, on @user_script:1.\r\n"},
        {"redis.foo=1",
         "-ERR user_script:1: Attempt to modify a readonly table script: "
         "cd875cfa317576330f03d4f48ba27897c2608c59, on @user_script:1.\r\n"},
        {"getmetatable(_G).__newindex=nil",
         "-ERR user_script:1: Attempt to modify a readonly table script: "
         "9ffe9430befa3614ff237027fd01eacb05904fac, on @user_script:1.\r\n"},
        {"getmetatable('').__index=nil",
         "-ERR user_script:1: Attempt to modify a readonly table script: "
         "50b90bcffe84981181a1c3a9ab8a455a795a314b, on @user_script:1.\r\n"},
        {"table.insert(string,1)",
         "-ERR Attempt to modify a readonly table script: "
         "88e24227b7ae37de8c151ae1137f61049fe748ad, on @user_script:1.\r\n"},
        {"KEYS[1]='mine' return KEYS", "*1\r\n$4\r\nmine\r\n"},
        {"return #KEYS", ":0\r\n"},
        {"local n = 0 for k in pairs(_G) do n = n + 1 end return n > 20",
         ":1\r\n"},
        {"for _, k in ipairs({'print','dofile','loadfile','require','io','os',"
         "'debug','package','getfenv','setfenv','module','newproxy'}) do "
         "if rawget(_G, k) then return k end end return 'none'",
         "$4\r\nnone\r\n"},
    };
    run(rows);
}

UNIT(redis_script, the_table_redis)
{
    static const struct row rows[] = {
        {"return redis.error_reply('FOO bar')", "-FOO bar\r\n"},
        {"return redis.error_reply('-FOO bar')", "-FOO bar\r\n"},
        {"return redis.error_reply('foo')", "-ERR foo\r\n"},
        {"return redis.error_reply(1)",
         "-ERR wrong number or type of arguments\r\n"},
        {"return redis.status_reply('FINE')", "+FINE\r\n"},
        {"return redis.sha1hex('abc')",
         "$40\r\na9993e364706816aba3e25717850c26c9cd0d89d\r\n"},
        {"return redis.sha1hex(('x'):rep(55)) .. redis.sha1hex(('x'):rep(56))",
         "$80\r\ncef734ba81a024479e09eb5a75b6ddae62e6abf1"
         "901305367c259952f4e7af8323f480d59f81335b\r\n"},
        {"return redis.replicate_commands()", ":1\r\n"},
        {"return redis.log(redis.LOG_WARNING, 'x')", "$-1\r\n"},
        {"return math.random(100)", ":40\r\n"},
        {"return {math.random(100),math.random(100),math.random(5,10)}",
         "*3\r\n:85\r\n:36\r\n:7\r\n"},
        {"math.randomseed(5) return tostring(math.random())",
         "$16\r\n0.52483957937213\r\n"},
    };
    run(rows);
}

UNIT(redis_script, it_gets_keys_and_arguments)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0,
              "eval \"return {KEYS[1],ARGV[1],ARGV[2],#KEYS,#ARGV}\" 1 "
              "\"a\\x00\" \"b\\r\\n\" c",
              "*5\r\n$2\r\na\0\r\n$3\r\nb\r\n\r\n$1\r\nc\r\n:1\r\n:2\r\n");
    redis_ask(&d, 0, "eval \"return 1\" x",
              "-ERR value is not an integer or out of range\r\n");
    redis_ask(&d, 0, "eval \"return 1\" -1",
              "-ERR Number of keys can't be negative\r\n");
    redis_ask(&d, 0, "eval \"return 1\" 1",
              "-ERR Number of keys can't be greater than number of args\r\n");
    redis_desk_end(&d);
}

UNIT(redis_script, they_are_known_by_their_sha1)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0, "evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0",
              "-NOSCRIPT No matching script. Please use EVAL.\r\n");
    redis_ask(&d, 0, "eval \"return 1\" 0", ":1\r\n");
    redis_ask(&d, 0, "evalsha E0E1F9FABFC9D4800C877A703B823AC0578FF8DB 0",
              ":1\r\n");
    redis_ask(&d, 0, "script exists e0e1f9fabfc9d4800c877a703b823ac0578ff8db x",
              "*2\r\n:1\r\n:0\r\n");
    redis_ask(&d, 0, "script flush", "+OK\r\n");
    redis_ask(&d, 0, "evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0",
              "-NOSCRIPT No matching script. Please use EVAL.\r\n");
    redis_ask(&d, 0, "evalsha x 0",
              "-NOSCRIPT No matching script. Please use EVAL.\r\n");
    redis_desk_end(&d);
}

UNIT(redis_script, its_writes_are_traced_and_expire)
{
    struct redis_desk d;
    redis_desk_start(&d);
    redis_ask(&d, 0,
              "eval \"redis.call('set',KEYS[1],'v','px',10) "
              "redis.call('hset','h','f',1) "
              "return redis.call('pttl',KEYS[1])\" 1 k",
              ":10\r\n");
    redis_desk_pass(&d, 10);
    redis_trace(&d, "redis set k px 10\nredis hset h f\nredis expired k\n");
    redis_ask(&d, 0,
              "eval \"redis.call('set','k','v','pxat',1) "
              "return redis.call('get','k')\" 0",
              "$-1\r\n");
    redis_ask(&d, 0,
              "eval \"redis.call('select','3') "
              "return redis.call('dbsize')\" 0",
              ":0\r\n");
    redis_ask(&d, 0, "dbsize", ":1\r\n");
    redis_ask(&d, 0, "eval_ro \"return redis.call('set','a','b')\" 0",
              "-ERR Write commands are not allowed from read-only scripts. "
              "script: ff967d0ae0e68b4f9e360fa91c54598bc25ad9b6, on "
              "@user_script:1.\r\n");
    redis_desk_end(&d);
}

/* Whatever a script does, the server answers and goes on. */
UNIT(redis_script, none_can_hold_or_break_the_server)
{
    static const char *const scripts[] = {
        "while true do end",
        "while true do pcall(error) end",
        "while true do pcall(function() while true do end end) end",
        "local function f() return 1 + f() end return f()",
        "local c = coroutine.wrap(function() while true do end end) c()",
        "while true do coroutine.wrap(function() for i=1,500 do end end)() end",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do t[#t+1] = {} end",
        "return ('x'):rep(1e9)",
        "return load(function() return '1' end)",
        "local a = {} a[1] = a return a",
        "error(setmetatable({}, {__tostring = error, __index = error}))",
        "return unpack({}, 1, 1e8)",
        "return redis.call(unpack({'del', unpack({}, 1, 7000)}))",
        "collectgarbage('stop') return 1",
        "string.rep = nil",
        "return coroutine.yield(1)",
    };
    struct redis_desk d;
    char request[256], got[70000];

    redis_desk_start(&d);
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        snprintf(request, sizeof request, "eval \"%s\" 0\r\n", scripts[i]);
        redis_desk_say(&d, 0, request, strlen(request));
        unit_true(redis_desk_hear(&d, 0, got, sizeof got) > 0);
        redis_desk_hang_up(&d, 0);
        redis_ask(&d, 0, "eval \"return ('x'):rep(3)\" 0", "$3\r\nxxx\r\n");
    }
    redis_desk_end(&d);
}
