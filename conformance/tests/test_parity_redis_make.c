/* SPDX-License-Identifier: Apache-2.0
 * test_parity_redis_make.c - the generator of parity's Redis scripts.
 */
#include "parity/redis_run.h"
#include "parity/script.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPTS 200

static void make(uint64_t seed, struct parity_script *script)
{
    struct parity_dice dice = {seed};

    *script = (struct parity_script){0};
    parity_redis_generate(&dice, script, 50);
    unit_true(!script->is_short);
    unit_true(script->count >= 50);
}

UNIT(parity_redis_make, a_seed_gives_one_script)
{
    struct parity_script one, two, other;
    size_t same = 0;

    make(1, &one);
    make(1, &two);
    make(2, &other);
    unit_int((int64_t)one.count, (int64_t)two.count);
    for (size_t i = 0; i < one.count; i++) {
        unit_text(one.ops[i].text, two.ops[i].text);
        same +=
            i < other.count && strcmp(one.ops[i].text, other.ops[i].text) == 0;
    }
    unit_true(same < one.count);
    parity_script_free(&one);
    parity_script_free(&two);
    parity_script_free(&other);
}

/* Every op can be sent. */
UNIT(parity_redis_make, every_op_is_one)
{
    for (uint64_t seed = 0; seed < SCRIPTS; seed++) {
        struct parity_script script;
        struct parity_run run = {.prefix = "pabcdefg"};
        make(seed, &script);
        run.script = &script;
        unit_int(parity_redis.begin(&run), 0);
        for (size_t i = 0; i < script.count; i++) {
            struct parity_bytes out = {0};
            unit_int_at(parity_redis.encode(&run, script.ops[i].conn,
                                            script.ops[i].text, &out),
                        0, script.ops[i].text, __FILE__, __LINE__);
            parity_bytes_free(&out);
        }
        parity_redis.end(&run);
        parity_script_free(&script);
    }
}

/* A number behind `word`, at least so far from the end of the text. */
static int64_t number_after(const char *text, const char *word)
{
    const char *at = strstr(text, word);
    return at == NULL ? -1 : strtoll(at + strlen(word), NULL, 10);
}

/* Ops lie on the grid but for those that give whole seconds to live, which
 * lie half between; and at least one in five lies after a wait. */
UNIT(parity_redis_make, ops_lie_on_the_grid)
{
    size_t ops = 0, waits = 0, between = 0;

    for (uint64_t seed = 0; seed < SCRIPTS; seed++) {
        struct parity_script script;
        int64_t now_ms = 0;
        make(seed, &script);
        for (size_t i = 0; i < script.count; i++) {
            const char *text = script.ops[i].text;
            now_ms += script.ops[i].wait_ms;
            waits += script.ops[i].wait_ms > 0;
            if (now_ms % REDIS_GRID_MS == 0)
                continue;
            between++;
            unit_int(now_ms % REDIS_GRID_MS, REDIS_GRID_MS / 2);
            unit_true(strncmp(text, "SETEX ", 6) == 0 ||
                      strncmp(text, "EXPIRE ", 7) == 0 ||
                      strstr(text, " EX ") != NULL);
        }
        ops += script.count;
        parity_script_free(&script);
    }
    unit_true(waits * 5 > ops);
    unit_true(between > 0);
}

/* No key that lives for milliseconds ends on the grid. */
UNIT(parity_redis_make, keys_end_between_ops)
{
    size_t seen = 0;

    for (uint64_t seed = 0; seed < SCRIPTS; seed++) {
        struct parity_script script;
        make(seed, &script);
        for (size_t i = 0; i < script.count; i++) {
            int64_t life_ms = number_after(script.ops[i].text, " PX ");
            if (life_ms <= 1)
                life_ms = number_after(script.ops[i].text, " @+");
            if (life_ms <= 1)
                continue;
            seen++;
            unit_int(life_ms % REDIS_GRID_MS, REDIS_GRID_MS / 2);
        }
        parity_script_free(&script);
    }
    unit_true(seen > 100);
}

/* All of what must be compared is. */
UNIT(parity_redis_make, everything_is_generated)
{
    static const char *const words[] = {
        "SET ",        "HSET ",       "SADD ",
        "PEXPIRE ",    "SETEX ",      "PEXPIREAT ",
        " GT",         " LT",         "PERSIST ",
        "GETEX ",      "SCAN 0 ",     "loop SSCAN",
        "loop HSCAN",  "loopend",     "WATCH ",
        "MULTI",       "EXEC",        "DISCARD",
        "EVAL ",       "EVALSHA ",    "SCRIPT LOAD ",
        "EVAL_RO ",    "SUBSCRIBE ",  "PSUBSCRIBE ",
        "UNSUBSCRIBE", "PUBLISH ",    "PUBSUB NUMS",
        "__keyspace@", "__keyevent@", "INFO",
        "ROLE",        "AUTH ",       "SELECT ",
        "HELLO",       "RESET",       "QUIT",
        "CONFIG GET",  "NOSUCH",      "redis.call('publish'",
        "COPY ",       "SMOVE ",      "SETRANGE ",
        "MSETNX "};
    bool is_seen[sizeof words / sizeof *words] = {false};
    size_t splits = 0, pipelines = 0;

    for (uint64_t seed = 0; seed < SCRIPTS * 5; seed++) {
        struct parity_script script;
        make(seed, &script);
        for (size_t i = 0; i < script.count; i++) {
            splits += script.ops[i].split > 0;
            pipelines += strstr(script.ops[i].text, " ; ") != NULL;
            for (size_t w = 0; w < sizeof words / sizeof *words; w++)
                is_seen[w] |= strstr(script.ops[i].text, words[w]) != NULL;
        }
        parity_script_free(&script);
    }
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        unit_true_at(is_seen[w], words[w], __FILE__, __LINE__);
    unit_true(splits > 100);
    unit_true(pipelines > 100);
}
