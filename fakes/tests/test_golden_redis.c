/* SPDX-License-Identifier: Apache-2.0
 * test_golden_redis.c - the fake Redis answers Python tooz as Redis 7.0.15
 * did, byte for byte.
 *
 * Of the scripts only the digests are recorded. A recorded EVALSHA must be
 * unknown to the fake; scripts of ours with the same promise run in its stead.
 */
#include "golden.h"
#include "golden_redis.h"
#include "redis_desk.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- scripts ---------------------------------------------------------- */

#define DIGITS 40

struct script {
    const char *recorded, *text;
    char ours[DIGITS + 1];
};

/* The first three are tooz's create, update and delete; the others redis-py's
 * extension and release of a lock. */
static const struct script scripts[] = {
    {"c6ec40a30128b8d86488e3850e926d1c60118037",
     "if redis.call('exists', KEYS[1]) == 1 then return 0 end "
     "redis.call('sadd', KEYS[2], ARGV[1]) "
     "redis.call('hset', KEYS[1], '__created__', '1') return 1",
     ""},
    {"cccb120b934124a8e613a354221a1636a0ced4bd",
     "if redis.call('exists', KEYS[1]) == 0 then return -1 end "
     "if redis.call('hexists', KEYS[1], ARGV[1]) == 0 then return -2 end "
     "redis.call('hset', KEYS[1], ARGV[1], ARGV[2]) return 1",
     ""},
    {"e47a96214548e256ec64eb168ba17283d16099f1",
     "if redis.call('exists', KEYS[1]) == 0 then return -1 end "
     "if redis.call('sismember', KEYS[2], ARGV[1]) == 0 then return -2 end "
     "if redis.call('hlen', KEYS[1]) > 1 then return -3 end "
     "redis.call('srem', KEYS[2], ARGV[1]) redis.call('del', KEYS[1]) return 1",
     ""},
    {"1cac51482acf5858da00f6d685d68f886cd6b6b2",
     "if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end "
     "redis.call('pexpire', KEYS[1], ARGV[2]) return 1",
     ""},
    {"c3f8721cbb97f72bc19e972846bd7aaf91901658",
     "if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end "
     "redis.call('del', KEYS[1]) return 1",
     ""},
};
#define SCRIPTS (sizeof scripts / sizeof *scripts)

static void load(struct redis_desk *d, struct script *script)
{
    char request[700], answer[64];

    snprintf(request, sizeof request, "script load \"%s\"\r\n", script->text);
    redis_desk_say(d, 0, request, strlen(request));
    unit_int((int64_t)redis_desk_hear(d, 0, answer, sizeof answer),
             5 + DIGITS + 2);
    unit_bytes(answer, 5, "$40\r\n", 5);
    memcpy(script->ours, answer + 5, DIGITS);
}

/* The script that a line runs, or NULL; *ret_at: where its digest stands. */
static struct script *script_of(struct script all[SCRIPTS],
                                const struct golden_line *line, size_t *ret_at)
{
    static const char evalsha[] = "EVALSHA\r\n$40\r\n";
    const uint8_t *at = memmem(line->bytes, line->length, evalsha, 14);

    if (at == NULL)
        return NULL;
    *ret_at = (size_t)(at + 14 - line->bytes);
    for (size_t i = 0; i < SCRIPTS; i++)
        if (memcmp(at + 14, all[i].recorded, DIGITS) == 0)
            return &all[i];
    unit_fail(line->step, line->row, "a script that nobody knows");
}

/* ---- answers ---------------------------------------------------------- */

static size_t hear(struct redis_desk *d, const struct golden_line *line,
                   char *got, size_t room)
{
    size_t have = 0, more;

    do {
        more = redis_desk_hear(d, line->client % 3, got + have, room - have);
        have += more;
    } while (more > 0 && have < line->length);
    return have;
}

static void expect(struct redis_desk *d, const struct golden_line *line)
{
    char got[GOLDEN_MAX];
    size_t have = hear(d, line, got, sizeof got);

    unit_bytes_at(got, have, line->bytes, line->length, "answer", line->step,
                  line->row);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Redis promises no order of a set: "*2", and the members sorted. */
static void sort_set(const void *answer, size_t length, char sorted[5][32])
{
    char text[GOLDEN_MAX + 1] = "", *rest = text;
    int n = 0;

    memcpy(text, answer, length);
    memset(sorted, 0, 5 * sizeof *sorted);
    for (char *word; n < 5 && (word = strsep(&rest, "\n")) != NULL; n++)
        snprintf(sorted[n], sizeof *sorted, "%s", word);
    qsort(sorted, 5, sizeof *sorted, by_text);
}

static void expect_set(struct redis_desk *d, const struct golden_line *line)
{
    char got[GOLDEN_MAX], have[5][32], want[5][32];

    sort_set(got, hear(d, line, got, sizeof got), have);
    sort_set(line->bytes, line->length, want);
    unit_bytes_at(have, sizeof have, want, sizeof want, "set", line->step,
                  line->row);
}

/* The rest was not recorded. */
static void expect_start(struct redis_desk *d, const struct golden_line *line)
{
    char got[16384];
    size_t have = hear(d, line, got, sizeof got);

    unit_true(have > line->length && have < sizeof got);
    unit_bytes_at(got, line->length, line->bytes, line->length, "answer",
                  line->step, line->row);
}

/* ---- the record ------------------------------------------------------- */

struct play {
    struct redis_desk desk;
    struct script scripts[SCRIPTS];
    int sent, in_stead, compared, asides;
    bool is_set; /* the last question's answer has no order        */
};

static void say(struct play *p, struct golden_line *line)
{
    size_t at = 0;
    struct script *script = script_of(p->scripts, line, &at);
    static const char unknown[] = "-NOSCRIPT No matching script. "
                                  "Please use EVAL.\r\n";
    struct golden_line no = *line;

    p->is_set = memmem(line->bytes, line->length, "SMEMBERS", 8) != NULL;
    redis_desk_say(&p->desk, line->client % 3, line->bytes, line->length);
    if (script == NULL)
        return;
    p->in_stead++;
    no.length = sizeof unknown - 1;
    memcpy(no.bytes, unknown, no.length);
    expect(&p->desk, &no);
    memcpy(line->bytes + at, script->ours, DIGITS);
    redis_desk_say(&p->desk, line->client % 3, line->bytes, line->length);
}

static void play(struct play *p, struct golden_line *line)
{
    char got[64];

    if (line->what == '<') {
        p->compared++;
        (p->is_set ? expect_set : expect)(&p->desk, line);
    } else if (line->what == '~') {
        expect_start(&p->desk, line);
    } else if (line->what == '>') {
        p->sent++;
        say(p, line);
    } else {
        p->asides++;
        say(p, line);
        line->length = 4;
        unit_true(hear(&p->desk, line, got, sizeof got) >= 4);
        unit_true(got[0] == '+' || got[0] == ':');
    }
}

UNIT(golden_redis, tooz_is_answered_as_redis_did)
{
    struct golden_line line;
    struct play p = {.sent = 0};
    int row = 0;

    redis_desk_start(&p.desk);
    memcpy(p.scripts, scripts, sizeof scripts);
    for (size_t i = 0; i < SCRIPTS; i++)
        load(&p.desk, &p.scripts[i]);
    while (golden_next(golden_redis, &row, &line) != NULL)
        play(&p, &line);
    /* Nothing of the record was passed over; INFO twice has no answer in it. */
    unit_int(p.sent, 140);
    unit_int(p.compared, 138);
    unit_int(p.in_stead, 22);
    unit_int(p.asides, 5);
    redis_desk_end(&p.desk);
}
