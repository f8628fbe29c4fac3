/* SPDX-License-Identifier: Apache-2.0
 * redis_fill.c - the arguments of the commands that Redis scripts are made of.
 */
#include "redis_make.h"

#include <inttypes.h>
#include <string.h>

/* ---- scripts ---------------------------------------------------------- */

static const struct {
    const char *text, *args;
} pool[] = {
    {"return redis.call('set',KEYS[1],ARGV[1])", "1 $k $v"},
    {"return redis.pcall(ARGV[1],KEYS[1],ARGV[2])", "1 $k $q $v"},
    {"return redis.call(ARGV[1],KEYS[1],ARGV[2])", "1 $k $q $v"},
    {"local r={} for i=1,#ARGV do r[i]=redis.call('hget',KEYS[1],ARGV[i]) end "
     "return r",
     "1 $k $f $f"},
    {"if redis.call('get',KEYS[1])==ARGV[1] then return "
     "redis.call('del',KEYS[1]) end return 0",
     "1 $k $v"},
    {"return redis.call('pexpire',KEYS[1],ARGV[1])", "1 $k $P"},
    {"return {1,'a',{2,false,true},3.7,{ok='fine'},{err='ERR mine'}}", "0"},
    {"return redis.status_reply(ARGV[1])", "0 $v"},
    {"return redis.error_reply(ARGV[1])", "0 $v"},
    {"return redis.call('nosuch')", "0"},
    {"return redis.call('get')", "0"},
    {"error('bad')", "0"},
    {"return redis.call('publish',ARGV[1],ARGV[2])", "0 $c $v"},
    {"local at,t='0',{} repeat local r=redis.call('scan',at,'match',ARGV[1],"
     "'count',200) at=r[1] for _,k in ipairs(r[2]) do t[k]=1 end until at=='0' "
     "local l={} for k in pairs(t) do l[#l+1]=k end table.sort(l) return l",
     "0 ~*"},
    {"local at,n='0',{} repeat local r=redis.call('sscan',KEYS[1],at,'count',"
     "2) at=r[1] for _,k in ipairs(r[2]) do n[#n+1]=k end until at=='0' "
     "table.sort(n) return n",
     "1 $k"},
    {"redis.call('select',ARGV[1]) return redis.call('set',KEYS[1],'x')",
     "1 $k 1"},
    {"redis.call('set',KEYS[1],'a') redis.call('incr',KEYS[1])", "1 $k"},
    {"redis.call('del',KEYS[1]) redis.call('sadd',KEYS[1],'a','b') return "
     "redis.call('scard',KEYS[1])",
     "1 $k"},
    {"return redis.sha1hex(ARGV[1])", "0 $v"},
    {"return #KEYS..'-'..#ARGV", "2 $k $k $v"},
    {"return redis.call('hset',KEYS[1],unpack(ARGV))", "1 $k $f $v $f $v"},
    {"mine=1", "0"},
    {"return nothere", "0"},
    {"return (", "0"},
    {"return redis.call('multi')", "0"},
    {"return tonumber(ARGV[1])", "0 $i"},
    {"local v=redis.call('get',KEYS[1]) return v and #v", "1 $k"},
    {"return redis.call('type',KEYS[1])", "1 $k"},
    {"return redis.call('type',KEYS[1]).ok", "1 $k"},
    {"return redis.call('mget',KEYS[1],KEYS[2])", "2 $k $k"},
};

/* So that no two scripts share one, each has the prefix in it. */
static void add_script(const char *text, struct parity_bytes *out)
{
    for (; *text != '\0'; text++)
        if (*text == ' ')
            parity_bytes_text(out, "\\x20");
        else
            parity_bytes_add(out, text, 1);
    parity_bytes_text(out, "\\x20--~");
}

/* ---- arguments -------------------------------------------------------- */

static int64_t some_life(struct redis_maker *m)
{
    static const int64_t lines[] = {0, 1, 1, 2, 2, 3, 5, 8, 20};
    return REDIS_GRID_MS / 2 +
           REDIS_GRID_MS *
               lines[parity_dice_below(m->dice, sizeof lines / sizeof *lines)];
}

static int64_t fresh_life(struct redis_maker *m)
{
    int64_t life_ms = some_life(m);

    while (!parity_redis_is_free(m, m->now_ms + life_ms))
        life_ms += REDIS_GRID_MS;
    return life_ms;
}

static const char *const *list_of(char what)
{
    static const char *const some_keys[] = {"~a", "~b", "~c", "~d",
                                            "~e", "~f", NULL};
    static const char *const values[] = {"\"\"",
                                         "1",
                                         "-5",
                                         "x",
                                         "10",
                                         "9223372036854775807",
                                         "a\\r\\nb",
                                         "\\xff\\0",
                                         "3.5",
                                         "01",
                                         "\\x20b",
                                         "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                                         "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
                                         NULL};
    static const char *const fields[] = {"f", "g", "h", "\\0", "\"\"", NULL};
    static const char *const members[] = {"1", "2",    "300",   "a",
                                          "b", "\"\"", "\\xfe", NULL};
    static const char *const numbers[] = {"0",
                                          "1",
                                          "2",
                                          "5",
                                          "-1",
                                          "-3",
                                          "x",
                                          "01",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "1.5",
                                          "\"\"",
                                          NULL};
    static const char *const channels[] = {"~c1", "~c2", "~c3", NULL};
    static const char *const patterns[] = {"*",     "[a-c]*", "?", "c*", "[^a]",
                                           "\\\\a", "c[12]",  "f", NULL};
    static const char *const commands[] = {
        "get",    "incr",     "hget",  "sadd",   "set",
        "append", "hgetall",  "type",  "strlen", "incrby",
        "del",    "smembers", "SETNX", "hlen",   NULL};

    switch (what) {
    case 'k':
        return some_keys;
    case 'v':
        return values;
    case 'f':
        return fields;
    case 'm':
        return members;
    case 'i':
        return numbers;
    case 'c':
        return channels;
    case 'g':
        return patterns;
    default:
        return commands;
    }
}

static void add_life(struct redis_maker *m, char what, struct parity_bytes *out)
{
    int64_t life_ms = what == 'P' ? some_life(m) : fresh_life(m);

    parity_redis_note_life(m, life_ms);
    parity_bytes_format(out, what == 'A' ? "@+%" PRId64 : "%" PRId64, life_ms);
}

static void add_seconds(struct redis_maker *m, char what,
                        struct parity_bytes *out)
{
    unsigned seconds = 1 + parity_dice_below(m->dice, 3);

    if (what == 'B')
        seconds = 1000 * (1 + m->long_lives++);
    else
        parity_redis_note_life(m, seconds * INT64_C(1000));
    parity_bytes_format(out, "%u", seconds);
}

static void add_one(struct redis_maker *m, char what, struct parity_bytes *out)
{
    size_t script = parity_dice_below(m->dice, sizeof pool / sizeof *pool);

    switch (what) {
    case 'P':
    case 'G':
    case 'A':
        add_life(m, what, out);
        break;
    case 'n':
    case 'B':
        add_seconds(m, what, out);
        break;
    case 'l':
        add_script(pool[script].text, out);
        break;
    case 's':
    case 'h':
        parity_bytes_text(out, what == 'h' ? "sha=" : "");
        add_script(pool[script].text, out);
        parity_bytes_text(out, " ");
        parity_redis_fill(m, pool[script].args, out);
        break;
    default:
        parity_bytes_text(out, parity_dice_pick(m->dice, list_of(what)));
        break;
    }
}

void parity_redis_fill(struct redis_maker *m, const char *template,
                       struct parity_bytes *out)
{
    for (; *template != '\0'; template ++) {
        if (*template == '$' && template[1] != '\0')
            add_one(m, *++template, out);
        else
            parity_bytes_add(out, template, 1);
    }
}
