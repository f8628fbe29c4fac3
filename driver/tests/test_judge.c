/* SPDX-License-Identifier: Apache-2.0
 * test_judge.c - every sight in every scene, and the verdict on it.
 */
#include "judge.h"
#include "unit.h"

#include <string.h>

#define T 30000
#define NOW 1000000

struct view {
    bool entry, alive, same_owner, forced, is_lost;
    enum sg_status status;
    enum sg_reason reason;
};

static const struct view UP = {
    .entry = true, .alive = true, .same_owner = true};
static const struct view EXPIRED = {.entry = true};
static const struct view REPLACED = {.entry = true, .alive = true};
static const struct view NOTHING = {0};
static const struct view FORCED = {
    .entry = true, .alive = true, .same_owner = true, .forced = true};

static struct sg_sight sight_of(const struct view *v)
{
    return (struct sg_sight){.member = "x",
                             .entry = v->entry,
                             .alive = v->alive,
                             .same_owner = v->same_owner,
                             .epoch = 5,
                             .token = "aaaaaaaaaaaaaaaa",
                             .last_seen_ms = 42,
                             .marks = {.forced_down = v->forced}};
}

static struct sg_scene scene_at(struct sg_memory *memory, int64_t now_ms)
{
    return (struct sg_scene){
        .memory = memory, .group = "g", .now_ms = now_ms, .timeout_ms = T};
}

static struct sg_verdict judge_at(struct sg_memory *memory, int64_t now_ms,
                                  const struct sg_sight *sight)
{
    struct sg_scene scene = scene_at(memory, now_ms);

    return sg_judge(&scene, sight);
}

UNIT(judge, the_table_of_sights)
{
    static const struct view table[] = {
        /* entry alive same forced lost */
        {0, 0, 0, 0, 0, SG_DOWN, SG_NOT_A_MEMBER},
        {0, 0, 0, 0, 1, SG_UNKNOWN, SG_LOST_DATA},
        {0, 0, 1, 0, 0, SG_DOWN, SG_NOT_A_MEMBER},
        {0, 1, 0, 0, 0, SG_DOWN, SG_NOT_A_MEMBER},
        {0, 1, 0, 0, 1, SG_UNKNOWN, SG_LOST_DATA},
        {0, 1, 1, 0, 0, SG_DOWN, SG_NOT_A_MEMBER},
        {0, 1, 1, 0, 1, SG_UNKNOWN, SG_LOST_DATA},
        {1, 0, 0, 0, 0, SG_DOWN, SG_EXPIRED},
        {1, 0, 0, 0, 1, SG_UNKNOWN, SG_LOST_DATA},
        {1, 0, 1, 0, 0, SG_DOWN, SG_EXPIRED},
        {1, 0, 1, 0, 1, SG_UNKNOWN, SG_LOST_DATA},
        {1, 1, 0, 0, 0, SG_UNKNOWN, SG_REPLACED},
        {1, 1, 0, 0, 1, SG_UNKNOWN, SG_REPLACED},
        {1, 1, 1, 0, 0, SG_UP, SG_NO_REASON},
        {1, 1, 1, 0, 1, SG_UP, SG_NO_REASON},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct sg_memory *memory = sg_memory_new();
        struct sg_scene scene = scene_at(memory, NOW);
        struct sg_sight sight = sight_of(&table[i]);
        struct sg_verdict verdict;
        scene.is_lost = table[i].is_lost;
        verdict = sg_judge(&scene, &sight);
        unit_int(verdict.status, table[i].status);
        unit_int(verdict.reason, table[i].reason);
        unit_int((int64_t)verdict.epoch, table[i].entry ? 5 : 0);
        unit_int(verdict.last_seen_ms, 42);
        unit_int(verdict.age_ms, 0);
        sg_memory_free(memory);
    }
}

UNIT(judge, an_operators_word_beats_everything)
{
    struct sg_memory *memory = sg_memory_new();

    for (unsigned bits = 0; bits < 16; bits++) {
        struct view v = {bits & 1, bits & 2, bits & 4, true,
                         bits & 8, SG_DOWN,  SG_FORCED};
        struct sg_scene scene = scene_at(memory, NOW);
        struct sg_sight sight = sight_of(&v);
        scene.is_lost = v.is_lost;
        unit_int(sg_judge(&scene, &sight).status, SG_DOWN);
        unit_int(sg_judge(&scene, &sight).reason, SG_FORCED);
    }
    sg_memory_free(memory);
}

UNIT(judge, disabled_is_shown_and_changes_nothing)
{
    struct sg_memory *memory = sg_memory_new();

    for (unsigned bits = 0; bits < 8; bits++) {
        struct view v = {
            .entry = bits & 1, .alive = bits & 2, .same_owner = bits & 4};
        struct sg_sight sight = sight_of(&v);
        struct sg_verdict plain = judge_at(memory, NOW, &sight), marked;
        sight.marks.disabled = true;
        marked = judge_at(memory, NOW, &sight);
        unit_true(!plain.disabled && marked.disabled);
        unit_int(marked.status, plain.status);
        unit_int(marked.reason, plain.reason);
    }
    sg_memory_free(memory);
}

/* ---- REPLACED, in time ------------------------------------------------ */

UNIT(judge, replaced_is_unknown_for_T_from_the_first_sight)
{
    struct sg_memory *memory = sg_memory_new();
    struct sg_sight sight = sight_of(&REPLACED);

    unit_int(judge_at(memory, NOW, &sight).status, SG_UNKNOWN);
    unit_int(judge_at(memory, NOW + T - 1, &sight).status, SG_UNKNOWN);
    unit_int(judge_at(memory, NOW + T, &sight).status, SG_DOWN);
    unit_int(judge_at(memory, NOW + T, &sight).reason, SG_REPLACED);
    unit_int(judge_at(memory, NOW + 9 * T, &sight).status, SG_DOWN);
    sg_memory_free(memory);
}

UNIT(judge, another_token_member_or_group_is_seen_for_the_first_time)
{
    struct sg_memory *memory = sg_memory_new();
    struct sg_sight sight = sight_of(&REPLACED);
    struct sg_scene scene = scene_at(memory, NOW + T);

    judge_at(memory, NOW, &sight);
    strcpy(sight.token, "bbbbbbbbbbbbbbbb");
    unit_int(sg_judge(&scene, &sight).status, SG_UNKNOWN);
    strcpy(sight.token, "aaaaaaaaaaaaaaaa");
    unit_int(sg_judge(&scene, &sight).status, SG_DOWN);
    sight.member = "y";
    unit_int(sg_judge(&scene, &sight).status, SG_UNKNOWN);
    sight.member = "x";
    scene.group = "h";
    unit_int(sg_judge(&scene, &sight).status, SG_UNKNOWN);
    sg_memory_free(memory);
}

/* ---- parts ------------------------------------------------------------ */

static struct sg_verdict judge_parts(const struct view *whole,
                                     const struct view *first,
                                     const struct view *second)
{
    struct sg_memory *memory = sg_memory_new();
    struct sg_sight parts[2], sight = sight_of(whole);
    struct sg_verdict verdict;

    parts[0] = sight_of(first);
    parts[0].member = "x:1";
    parts[0].epoch = 11;
    sight.parts = parts;
    sight.n_parts = 1;
    if (second != NULL) {
        parts[1] = sight_of(second);
        parts[1].member = "x:2";
        parts[1].epoch = 12;
        sight.n_parts = 2;
    }
    verdict = judge_at(memory, NOW, &sight);
    sg_memory_free(memory);
    return verdict;
}

static void parts_give(const struct view *whole, const struct view *first,
                       const struct view *second, enum sg_status status,
                       enum sg_reason reason, uint64_t epoch)
{
    struct sg_verdict verdict = judge_parts(whole, first, second);

    unit_int(verdict.status, status);
    unit_int(verdict.reason, reason);
    unit_int((int64_t)verdict.epoch, (int64_t)epoch);
}

UNIT(judge, the_part_most_alive_speaks_for_the_whole)
{
    parts_give(&NOTHING, &UP, NULL, SG_UP, SG_NO_REASON, 11);
    parts_give(&NOTHING, &UP, &EXPIRED, SG_UP, SG_NO_REASON, 11);
    parts_give(&NOTHING, &EXPIRED, &UP, SG_UP, SG_NO_REASON, 12);
    parts_give(&UP, &EXPIRED, &EXPIRED, SG_UP, SG_NO_REASON, 5);
    parts_give(&NOTHING, &EXPIRED, &REPLACED, SG_UNKNOWN, SG_REPLACED, 12);
    parts_give(&NOTHING, &REPLACED, &EXPIRED, SG_UNKNOWN, SG_REPLACED, 11);
    parts_give(&NOTHING, &UP, &REPLACED, SG_UP, SG_NO_REASON, 11);
    parts_give(&NOTHING, &EXPIRED, &EXPIRED, SG_DOWN, SG_EXPIRED, 12);
    parts_give(&EXPIRED, &EXPIRED, NULL, SG_DOWN, SG_EXPIRED, 11);
    parts_give(&NOTHING, &NOTHING, NULL, SG_DOWN, SG_NOT_A_MEMBER, 0);
}

UNIT(judge, of_two_that_are_up_the_newer_speaks)
{
    parts_give(&UP, &UP, &UP, SG_UP, SG_NO_REASON, 12);
    parts_give(&NOTHING, &UP, &UP, SG_UP, SG_NO_REASON, 12);
}

UNIT(judge, a_mark_on_the_whole_holds_for_its_parts)
{
    struct view forced = NOTHING;

    forced.forced = true;
    parts_give(&forced, &UP, &UP, SG_DOWN, SG_FORCED, 0);
}

UNIT(judge, a_mark_on_a_part_is_its_own)
{
    parts_give(&NOTHING, &FORCED, &UP, SG_UP, SG_NO_REASON, 12);
    parts_give(&NOTHING, &UP, &FORCED, SG_UP, SG_NO_REASON, 11);
    parts_give(&NOTHING, &FORCED, NULL, SG_DOWN, SG_FORCED, 11);
}

/* In which order the store shows the parts says nothing. */
UNIT(judge, disabled_comes_from_the_whole_or_the_part_that_speaks)
{
    for (unsigned bits = 0; bits < 8; bits++) {
        struct sg_memory *memory = sg_memory_new();
        struct sg_sight parts[2], sight = sight_of(&NOTHING);
        sight.marks.disabled = bits & 1;
        parts[0] = sight_of(&UP);
        parts[0].member = "x:1";
        parts[0].epoch = 11;
        parts[0].marks.disabled = bits & 2;
        parts[1] = sight_of(&UP);
        parts[1].member = "x:2";
        parts[1].epoch = 12;
        parts[1].marks.disabled = bits & 4;
        sight.parts = parts;
        sight.n_parts = 2;
        unit_int(judge_at(memory, NOW, &sight).disabled, (bits & 5) != 0);
        sg_memory_free(memory);
    }
}

/* ---- the scene, and silence ------------------------------------------- */

static bool scene_is_lost(struct sg_memory *memory, bool exists, uint64_t birth,
                          int64_t server_age_ms, int64_t now_ms)
{
    struct sg_op_group group = {.name = "g"};
    struct sg_op op = {.groups = &group,
                       .n_groups = 1,
                       .group_exists = exists,
                       .group_birth = birth,
                       .server_age_ms = server_age_ms};
    struct sg_scene scene = sg_scene_of(memory, &op, now_ms, T);

    unit_text(scene.group, "g");
    unit_int(scene.now_ms, now_ms);
    unit_int(scene.timeout_ms, T);
    return scene.is_lost;
}

UNIT(judge, a_young_server_may_have_lost_everything)
{
    struct sg_memory *memory = sg_memory_new();

    unit_true(scene_is_lost(memory, false, 0, 0, NOW));
    unit_true(scene_is_lost(memory, false, 0, T - 1, NOW));
    unit_true(!scene_is_lost(memory, false, 0, T, NOW));
    unit_true(!scene_is_lost(memory, false, 0, -1, NOW)); /* cannot know */
    sg_memory_free(memory);
}

UNIT(judge, a_group_born_anew_was_lost)
{
    struct sg_memory *memory = sg_memory_new();

    unit_true(!scene_is_lost(memory, true, 7, -1, NOW));
    unit_true(scene_is_lost(memory, true, 8, -1, NOW + 1));
    unit_true(!scene_is_lost(memory, true, 8, -1, NOW + 1 + T));
    sg_memory_free(memory);
}

UNIT(judge, silence_is_unknown_with_its_reason)
{
    static const enum sg_reason reasons[] = {
        SG_TIMED_OUT,  SG_UNREACHABLE, SG_CUT,       SG_GARBAGE,
        SG_WRONG_ROLE, SG_BUSY,        SG_NO_MEMORY, SG_SERVER_ERROR};

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        unit_int(sg_judge_silence(reasons[i]).status, SG_UNKNOWN);
        unit_int(sg_judge_silence(reasons[i]).reason, reasons[i]);
        unit_int(sg_judge_silence(reasons[i]).last_seen_ms, -1);
    }
    unit_int(sg_judge_silence(SG_NO_REASON).status, SG_UNKNOWN);
    unit_true(sg_judge_silence(SG_NO_REASON).reason != SG_NO_REASON);
}
