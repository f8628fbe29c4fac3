/* SPDX-License-Identifier: Apache-2.0
 * test_golden_redis.c - what Python tooz leaves in Redis is read for what it
 * is, and our scripts are given tooz's keys and tooz's values. What the
 * scripts do with them shows on a server only: see conformance.
 */
#include "golden.h"
#include "golden_redis.h"
#include "redis_reply.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT (sizeof golden_records / sizeof *golden_records)
#define TOKEN "00000000000000aa"
/* The two INFO answers that a connection begins with. */
#define HELLO                                                                  \
    "$25\r\nuptime_in_seconds:86400\r\n\r\n"                                   \
    "$11\r\nrole:master\r\n"
#define DEAD "$9\r\nNot dead!\r\n"

static bool is_group(const struct golden_record *row)
{
    return strncmp(row->key, "_tooz_group:", 12) == 0;
}

static bool is_beat(const struct golden_record *row)
{
    return strncmp(row->key, "_tooz_beats:", 12) == 0;
}

/* A member's entry that stands. */
static bool is_entry(const struct golden_record *row)
{
    return is_group(row) && row->value != NULL &&
           strcmp(row->field, "__created__") != 0;
}

/* ---- what is sent ----------------------------------------------------- */

/* The words of a request after EVALSHA and the digest, as recorded texts. */
static void words_are(const struct golden *heard, const char *const *words)
{
    const char *at = (const char *)heard->bytes, *end = at + heard->length;
    char *next;
    long n = strtol(at + 1, &next, 10);

    at = next + 2;
    for (long i = 0; i < n; i++) {
        long bytes = strtol(at + 1, &next, 10);
        at = next + 2;
        unit_true(bytes >= 0 && bytes <= end - at);
        if (i >= 2) {
            unit_true(words[i - 2] != NULL);
            golden_is(at, (size_t)bytes, words[i - 2], words[i - 2], (int)i);
        }
        at += bytes + 2;
    }
    unit_true(at == end && words[n - 2] == NULL);
}

static void join_says(const void *metadata, size_t bytes, const char *text)
{
    static const char *const answers[] = {
        HELLO, "*4\r\n$1\r\n1\r\n:1\r\n$1\r\n7\r\n:1\r\n", NULL};
    const char *const words[] = {"7",
                                 "_tooz_groups",
                                 "_tooz_group:grp1",
                                 "_tooz_sg_owners:grp1",
                                 "_tooz_beats:node-a",
                                 "_tooz_sg_epoch",
                                 "_tooz_sg_born:grp1",
                                 "_tooz_sg_seen:grp1",
                                 "1",
                                 "grp1",
                                 "node-a",
                                 TOKEN,
                                 "30000",
                                 text,
                                 NULL};
    struct golden_scene s;

    golden_begin(&s, &sg_redis_kind, SG_VERB_JOIN, answers);
    s.task->op.groups[0].metadata = metadata;
    s.task->op.groups[0].metadata_bytes = bytes;
    golden_run(&s);
    words_are(&s.server.heard[1], words);
    golden_end(&s);
}

UNIT(golden_redis, a_join_says_toozs_keys_and_values)
{
    int joins = 0;

    join_says(NULL, 0, "<c400>"); /* tooz's default, until 8.x */
    for (size_t i = 0; i < COUNT; i++) {
        const struct golden_record *row = &golden_records[i];
        struct golden caps = golden_of(row->value);
        if (!is_entry(row) || strcmp(row->field, "node-a") != 0)
            continue;
        joins++;
        join_says(caps.bytes, caps.length, row->value);
    }
    unit_int(joins, 11);
}

UNIT(golden_redis, other_verbs_say_toozs_keys)
{
    static const struct {
        enum sg_verb verb;
        const char *answer, *words[12];
    } rows[] = {
        {SG_VERB_LEAVE,
         "*2\r\n$1\r\n1\r\n:1\r\n",
         {"4", "_tooz_group:grp1", "_tooz_sg_owners:grp1", "_tooz_sg_seen:grp1",
          "_tooz_beats:node-a", "1", "node-a", TOKEN, "0", NULL}},
        {SG_VERB_BEAT,
         "*3\r\n$1\r\n1\r\n:1\r\n:1\r\n",
         {"6", "_tooz_beats:node-a", "_tooz_groups", "_tooz_group:grp1",
          "_tooz_sg_owners:grp1", "_tooz_sg_clean:grp1", "_tooz_sg_seen:grp1",
          "1", TOKEN, "30000", "_tooz_beats:"}},
        {SG_VERB_GROUPS, "*1\r\n$1\r\n1\r\n", {"1", "_tooz_groups", "1", NULL}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *answers[] = {HELLO, rows[i].answer, NULL};
        const char *words[14] = {NULL};
        struct golden_scene s;
        memcpy(words, rows[i].words, sizeof rows[i].words);
        if (rows[i].verb == SG_VERB_BEAT)
            words[11] = "grp1";
        golden_begin(&s, &sg_redis_kind, rows[i].verb, answers);
        golden_run(&s);
        words_are(&s.server.heard[1], words);
        golden_end(&s);
    }
}

/* ---- what is read ----------------------------------------------------- */

static void metadata_is(const struct golden_record *row, int number)
{
    struct golden value = golden_of(row->value);
    char text[GOLDEN_MAX];
    const char *answers[] = {HELLO, text, NULL};
    const char *words[] = {"1", row->key, "1", row->field, NULL};
    struct golden_scene s;
    struct sg_op *op;

    snprintf(text, sizeof text, "*2\r\n$1\r\n1\r\n$%zu\r\n%s\r\n", value.length,
             row->value);
    golden_begin(&s, &sg_redis_kind, SG_VERB_GET_METADATA, answers);
    s.task->op.sights[0].member = row->field;
    op = golden_run(&s);
    words_are(&s.server.heard[1], words);
    golden_is(op->groups[0].metadata, op->groups[0].metadata_bytes, row->value,
              row->after, number);
    golden_end(&s);
}

UNIT(golden_redis, capabilities_of_tooz_are_metadata)
{
    int entries = 0;

    for (size_t i = 0; i < COUNT; i++) {
        if (!is_entry(&golden_records[i]))
            continue;
        entries++;
        metadata_is(&golden_records[i], (int)i);
    }
    unit_int(entries, 13);
}

UNIT(golden_redis, a_list_of_toozs_members)
{
    static const char *const answers[] = {
        HELLO,
        "*15\r\n$1\r\n1\r\n:1\r\n$-1\r\n"
        "$6\r\nnode-a\r\n$-1\r\n" DEAD "$-1\r\n"
        "$6\r\nnode-b\r\n$-1\r\n" DEAD "$-1\r\n"
        "$6\r\nnode-c\r\n$-1\r\n$-1\r\n$-1\r\n",
        NULL};
    static const char *const words[] = {"4",
                                        "_tooz_group:grp1",
                                        "_tooz_sg_owners:grp1",
                                        "_tooz_sg_marks:grp1",
                                        "_tooz_sg_born:grp1",
                                        "1",
                                        "_tooz_beats:",
                                        NULL};
    struct golden_scene s;
    struct sg_op *op;

    golden_begin(&s, &sg_redis_kind, SG_VERB_LIST, answers);
    op = golden_run(&s);
    words_are(&s.server.heard[1], words);
    unit_int((int64_t)op->n_sights, 3);
    for (int i = 0; i < 3; i++) {
        unit_true(op->sights[i].entry && op->sights[i].epoch == 0);
        unit_true(op->sights[i].alive == (i < 2));
        unit_true(op->sights[i].same_owner);
    }
    unit_text(op->sights[1].member, "node-b");
    golden_end(&s);
}

UNIT(golden_redis, a_member_of_tooz_lives_as_a_stranger)
{
    int beats = 0, groups = 0, locks = 0;

    for (size_t i = 0; i < COUNT; i++) {
        const struct golden_record *record = &golden_records[i];
        struct golden value = golden_of(record->value);
        struct sg_redis_row row = {.stands = true};
        struct sg_sight sight = {.member = "node-a"};
        groups += strcmp(record->key, "_tooz_groups") == 0;
        locks += strstr(record->key, "_lock") != NULL;
        if (!is_beat(record))
            continue;
        beats++;
        if (record->value != NULL)
            row.live =
                (struct sg_redis_text){(char *)value.bytes, value.length};
        sg_redis_reply_sight(&row, &sight);
        unit_true(sight.alive == (record->value != NULL));
        unit_true(sight.same_owner && sight.epoch == 0);
        unit_int(record->ttl_ms, record->value == NULL ? 0 : 30000);
    }
    unit_int(beats, 7);
    unit_int(groups, 4);
    unit_int(locks, 10); /* no business of ours */
}
