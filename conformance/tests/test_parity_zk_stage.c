/* SPDX-License-Identifier: Apache-2.0
 * test_parity_zk_stage.c - parity's ZooKeeper scripts: what is made, and what
 * the fake answers to some, in its own time.
 */
#include "parity/bench.h"
#include "parity/zk_run.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPTS 200
#define OPS 40

static void make(uint64_t seed, struct parity_script *script)
{
    struct parity_dice dice = {seed};

    *script = (struct parity_script){0};
    parity_zk_generate(&dice, script, OPS);
    unit_true(!script->is_short);
    unit_true(script->count >= OPS / 4);
}

UNIT(parity_zk_stage, a_seed_gives_one_script)
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
    unit_true(same < one.count / 2);
    parity_script_free(&one);
    parity_script_free(&two);
    parity_script_free(&other);
}

/* Ops lie whole ticks apart, and sessions live whole ticks: so no end of one
 * is near an op. */
static void check_time(const struct parity_op *op)
{
    int64_t timeout_ms = 0;

    unit_int(op->wait_ms % PARITY_ZK_TICK_MS, 0);
    if (strncmp(op->text, "open ", 5) == 0 &&
        sscanf(op->text + 5, "%ld", &timeout_ms) == 1 && timeout_ms < 1000000)
        unit_int(timeout_ms % PARITY_ZK_TICK_MS, 0);
}

UNIT(parity_zk_stage, one_op_in_five_lies_after_a_wait)
{
    size_t ops = 0, waits = 0;

    for (uint64_t seed = 0; seed < SCRIPTS; seed++) {
        struct parity_script script;
        make(seed, &script);
        for (size_t i = 0; i < script.count; i++) {
            check_time(&script.ops[i]);
            waits += script.ops[i].wait_ms > 0;
        }
        ops += script.count;
        parity_script_free(&script);
    }
    unit_true(waits * 5 > ops);
    unit_true(waits * 2 < ops);
}

/* A verb, a kind of node, a way to come back: each is among some scripts. */
UNIT(parity_zk_stage, all_that_is_promised_comes)
{
    static const char *const words[] = {
        "create /",     "create2 /",   "container /",   "ttl /",
        "delete /",     "set /",       "exists /",      "get /",
        "children ",    "children2 ",  "getacl /",      "setacl /",
        "sync /",       "below /",     "ephemerals",    "whoami",
        "multi ",       "read ",       "check /",       "addwatch",
        "checkwatches", "setwatches",  "removewatches", "close",
        "drop",         "auth digest", "auth sasl",     "word ruok",
        "word wchp",    "word conf",   " wrong",        " future",
        " seen",        " old",        "raw 999",       "open raw",
        " open 1",      " open 2",     " open 3",       "31:auth:",
        " ; ",          NULL};
    struct parity_bytes all = {0};

    for (uint64_t seed = 0; seed < 2 * SCRIPTS; seed++) {
        struct parity_script script;
        make(seed, &script);
        for (size_t i = 0; i < script.count; i++)
            parity_bytes_format(&all, "%s\n", script.ops[i].text);
        parity_script_free(&script);
    }
    parity_bytes_add(&all, "", 1);
    unit_true(!all.is_short);
    for (const char *const *word = words; *word != NULL; word++)
        if (strstr((const char *)all.at, *word) == NULL)
            unit_fail(__FILE__, __LINE__, "no '%s'", *word);
    parity_bytes_free(&all);
}

/* ---- on the fake ------------------------------------------------------- */

static void answers_at(const char *text, const char *want, int line)
{
    struct parity_bench bench = {.protocol = &parity_kazoo};
    struct parity_script script;
    struct parity_job job = {.script = &script, .prefix = "pabcdefg"};
    char why[128], said[4096] = "";
    size_t at;

    unit_int(parity_script_parse(text, &script, &at), 0);
    unit_int(parity_kazoo.calibrate(NULL, 0, &bench.setting, why), 0);
    unit_int(parity_virtual_run(&bench, &job), 0);
    unit_int(job.fake.error, 0);
    unit_true(!job.fake.is_silent);
    for (size_t i = 0; i < job.fake.transcript.count; i++) {
        const struct parity_line *l = &job.fake.transcript.lines[i];
        size_t used = strlen(said);
        snprintf(said + used, sizeof said - used, "%zu c%d %s\n", l->op + 1,
                 l->conn, l->text);
    }
    unit_text_at(said, want, text, __FILE__, line);
    parity_job_free(&job);
    parity_script_free(&script);
}
#define ANSWERS(text, want) answers_at((text), (want), __LINE__)

UNIT(parity_zk_stage, every_script_can_be_run)
{
    struct parity_bench bench = {.protocol = &parity_kazoo};
    char why[128];

    unit_int(parity_kazoo.calibrate(NULL, 0, &bench.setting, why), 0);
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct parity_script script;
        struct parity_job job = {.script = &script, .prefix = "pabcdefg"};
        make(seed, &script);
        unit_int(parity_virtual_run(&bench, &job), 0);
        unit_int(job.fake.error, 0);
        unit_true(!job.fake.is_silent);
        unit_true(job.fake.transcript.count > OPS / 4);
        parity_job_free(&job);
        parity_script_free(&script);
    }
}

UNIT(parity_zk_stage, a_dropped_session_lives_on_for_its_time)
{
    ANSWERS("protocol kazoo\n"
            "c0 open 1000\n"
            "c0 create /~ x open 1\n"
            "c1 exists /~ 1\n"
            "c0 drop\n"
            "+1000 c0 open 1000 s1\n"
            "c0 drop\n"
            "+1500 c0 open 1000 s1\n",
            "1 c0 session s1 timeout 1000, read-only 0\n"
            "2 c0 create 0 z=#1 /~\n"
            "3 c1 session s2 timeout 4000, read-only 0\n"
            "3 c1 exists 0 c=1 m=1 +0 v=0 cv=0 av=0 owner=s1 size=1 kids=0 "
            "p=1\n"
            "5 c0 session s1 timeout 1000, read-only 0\n"
            "7 c0 no session, timeout 0, read-only 0\n"
            "7 c0 closed\n"
            "7 c1 event deleted /~\n");
}

UNIT(parity_zk_stage, a_session_that_moves_leaves_its_old_connection)
{
    ANSWERS("protocol kazoo\n"
            "c0 open 1000\n"
            "c1 open 1500 s1\n"
            "c0 open 1000 s1 wrong\n"
            "c2 open 1000 s1 future\n",
            "1 c0 session s1 timeout 1000, read-only 0\n"
            "2 c1 session s1 timeout 1500, read-only 0\n"
            "2 c0 closed\n"
            "3 c0 no session, timeout 0, read-only 0\n"
            "3 c0 closed\n"
            "3 c1 closed\n"
            "4 c2 closed\n");
}
