/* SPDX-License-Identifier: Apache-2.0
 * test_memory.c - births, what was missed, first sights, and old verdicts.
 */
#include "memory.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define T 30000
#define NOW 1000000

static bool lost(struct sg_memory *m, bool exists, uint64_t birth,
                 int64_t now_ms)
{
    return sg_memory_group(m, "g", exists, birth, now_ms, T);
}

/* ---- groups ----------------------------------------------------------- */

UNIT(memory, a_group_never_seen_is_not_missed)
{
    struct sg_memory *m = sg_memory_new();

    unit_true(!lost(m, false, 0, NOW));
    unit_true(!lost(m, false, 0, NOW + 1));
    unit_true(!lost(m, true, 7, NOW + 2));
    unit_true(!lost(m, true, 7, NOW + 9 * T));
    sg_memory_free(m);
}

UNIT(memory, a_group_that_went_missing_is_lost_for_T)
{
    struct sg_memory *m = sg_memory_new();

    lost(m, true, 7, NOW);
    unit_true(lost(m, false, 0, NOW + 5));
    unit_true(lost(m, false, 0, NOW + 5 + T - 1));
    unit_true(!lost(m, false, 0, NOW + 5 + T));
    /* ... and then it is simply not there. */
    unit_true(!lost(m, false, 0, NOW + 6 + T));
    unit_true(!lost(m, true, 8, NOW + 7 + T));
    sg_memory_free(m);
}

UNIT(memory, a_group_born_anew_is_lost_for_T_from_then)
{
    struct sg_memory *m = sg_memory_new();

    lost(m, true, 7, NOW);
    unit_true(lost(m, true, 8, NOW + 5));
    unit_true(lost(m, true, 8, NOW + 5 + T - 1));
    unit_true(!lost(m, true, 8, NOW + 5 + T));
    unit_true(!lost(m, true, 8, NOW + 6 + T));
    unit_true(lost(m, true, 9, NOW + 7 + T));
    sg_memory_free(m);
}

UNIT(memory, it_may_be_lost_a_second_time)
{
    struct sg_memory *m = sg_memory_new();

    lost(m, true, 7, NOW);
    unit_true(lost(m, true, 8, NOW + 5));
    unit_true(!lost(m, true, 8, NOW + 2 * T));
    unit_true(lost(m, false, 0, NOW + 9 * T));
    unit_true(!lost(m, false, 0, NOW + 10 * T));
    sg_memory_free(m);
}

UNIT(memory, missed_and_then_born_anew_counts_from_the_birth)
{
    struct sg_memory *m = sg_memory_new();

    lost(m, true, 7, NOW);
    unit_true(lost(m, false, 0, NOW + 5));
    unit_true(lost(m, true, 8, NOW + 20000));
    unit_true(lost(m, true, 8, NOW + 20000 + T - 1));
    unit_true(!lost(m, true, 8, NOW + 20000 + T));
    sg_memory_free(m);
}

UNIT(memory, the_moment_of_missing_is_the_first)
{
    struct sg_memory *m = sg_memory_new();

    lost(m, true, 7, NOW);
    for (int64_t at = 0; at < T; at += 1000)
        unit_true(lost(m, false, 0, NOW + at));
    unit_true(!lost(m, false, 0, NOW + T));
    sg_memory_free(m);
}

UNIT(memory, groups_are_remembered_apart)
{
    struct sg_memory *m = sg_memory_new();

    unit_true(!sg_memory_group(m, "a", true, 1, NOW, T));
    unit_true(!sg_memory_group(m, "b", true, 2, NOW, T));
    unit_true(sg_memory_group(m, "a", false, 0, NOW + 1, T));
    unit_true(!sg_memory_group(m, "b", true, 2, NOW + 1, T));
    sg_memory_free(m);
}

/* ---- first sights ----------------------------------------------------- */

UNIT(memory, a_first_sight_is_kept_per_group_member_and_token)
{
    struct sg_memory *m = sg_memory_new();

    unit_int(sg_memory_replaced(m, "g", "x", "a", 10), 10);
    unit_int(sg_memory_replaced(m, "g", "x", "a", 20), 10);
    unit_int(sg_memory_replaced(m, "g", "x", "b", 30), 30);
    unit_int(sg_memory_replaced(m, "g", "y", "a", 40), 40);
    unit_int(sg_memory_replaced(m, "h", "x", "a", 50), 50);
    unit_int(sg_memory_replaced(m, "g", "x", "a", 60), 10);
    /* A stranger's entry has no token. */
    unit_int(sg_memory_replaced(m, "g", "x", "", 70), 70);
    unit_int(sg_memory_replaced(m, "g", "x", "", 80), 70);
    sg_memory_free(m);
}

UNIT(memory, the_longest_names_are_told_apart)
{
    struct sg_memory *m = sg_memory_new();
    char a[SG_NAME_MAX + 1], b[SG_NAME_MAX + 1];
    const char *token = "aaaaaaaaaaaaaaaa", *other = "aaaaaaaaaaaaaaab";

    memset(a, 'x', SG_NAME_MAX);
    a[SG_NAME_MAX] = '\0';
    strcpy(b, a);
    b[SG_NAME_MAX - 1] = 'y';
    unit_int(sg_memory_replaced(m, a, a, token, 1), 1);
    unit_int(sg_memory_replaced(m, a, b, token, 2), 2);
    unit_int(sg_memory_replaced(m, b, a, token, 3), 3);
    unit_int(sg_memory_replaced(m, a, a, other, 4), 4);
    unit_int(sg_memory_replaced(m, a, a, token, 5), 1);
    sg_memory_free(m);
}

/* ---- the view --------------------------------------------------------- */

UNIT(memory, a_verdict_is_recalled_with_its_age)
{
    struct sg_memory *m = sg_memory_new();
    struct sg_verdict up = {.status = SG_UP, .epoch = 5, .last_seen_ms = 9};
    struct sg_verdict got = {.status = SG_DOWN};

    unit_true(!sg_memory_recall(m, "view k", NOW, 1000, &got));
    unit_int(got.status, SG_DOWN);
    sg_memory_keep(m, "view k", &up, NOW);
    unit_true(sg_memory_recall(m, "view k", NOW + 400, 1000, &got));
    unit_int(got.status, SG_UP);
    unit_int(got.age_ms, 400);
    unit_int((int64_t)got.epoch, 5);
    unit_true(sg_memory_recall(m, "view k", NOW + 1000, 1000, &got));
    unit_true(!sg_memory_recall(m, "view k", NOW + 1001, 1000, &got));
    unit_true(!sg_memory_recall(m, "view other", NOW, 1000, &got));
    sg_memory_free(m);
}

UNIT(memory, a_newer_verdict_takes_the_older_ones_place)
{
    struct sg_memory *m = sg_memory_new();
    struct sg_verdict up = {.status = SG_UP}, down = {.status = SG_DOWN}, got;

    sg_memory_keep(m, "view k", &up, NOW);
    sg_memory_keep(m, "view k", &down, NOW + 500);
    unit_true(sg_memory_recall(m, "view k", NOW + 600, 1000, &got));
    unit_int(got.status, SG_DOWN);
    unit_int(got.age_ms, 100);
    sg_memory_free(m);
}

/* ---- its bound -------------------------------------------------------- */

static size_t recalled(const struct sg_memory *m, int count, int64_t now_ms)
{
    struct sg_verdict got;
    size_t n = 0;
    char key[32];

    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "view 0 g x%d", i);
        n += sg_memory_recall(m, key, now_ms, INT64_MAX, &got);
    }
    return n;
}

static void keep_many(struct sg_memory *m, int count, int64_t now_ms)
{
    struct sg_verdict up = {.status = SG_UP};
    char key[32];

    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "view 0 g x%d", i);
        sg_memory_keep(m, key, &up, now_ms);
    }
}

UNIT(memory, it_is_bounded)
{
    struct sg_memory *m = sg_memory_new();

    keep_many(m, 20000, NOW);
    unit_true(recalled(m, 20000, NOW) <= 4096);
    unit_true(recalled(m, 20000, NOW) > 2000);
    sg_memory_free(m);
}

UNIT(memory, a_thousand_members_fit)
{
    struct sg_memory *m = sg_memory_new();

    keep_many(m, 1000, NOW);
    unit_true(recalled(m, 1000, NOW) > 990);
    sg_memory_free(m);
}

UNIT(memory, the_oldest_goes_first)
{
    struct sg_memory *m = sg_memory_new();
    struct sg_verdict got;

    keep_many(m, 1, NOW);
    for (int64_t i = 0; i < 20000; i++) {
        char key[32];
        snprintf(key, sizeof key, "view 0 h y%d", (int)i);
        sg_memory_keep(m, key, &(struct sg_verdict){0}, NOW + 1 + i);
        if (i % 16 == 0)
            keep_many(m, 1, NOW + 1 + i); /* used again: not the oldest */
    }
    unit_true(sg_memory_recall(m, "view 0 g x0", NOW + 20001, INT64_MAX, &got));
    for (int64_t i = 0; i < 20000; i++) {
        char key[32];
        snprintf(key, sizeof key, "view 0 h y%d", (int)i);
        sg_memory_keep(m, key, &(struct sg_verdict){0}, NOW + 30000 + i);
    }
    unit_true(
        !sg_memory_recall(m, "view 0 g x0", NOW + 60000, INT64_MAX, &got));
    sg_memory_free(m);
}

/* A list of ten thousand verdicts is a convenience; the birth of their group
 * is what keeps a flushed store from being ten thousand DOWNs. */
UNIT(memory, many_verdicts_push_out_no_birth_and_no_first_sight)
{
    struct sg_memory *m = sg_memory_new();

    for (int i = 0; i < 50; i++) {
        char group[16];
        snprintf(group, sizeof group, "g%d", i);
        sg_memory_group(m, group, true, 7, NOW, T);
        sg_memory_replaced(m, group, "x", "a", NOW);
    }
    keep_many(m, 20000, NOW);
    keep_many(m, 20000, NOW + 1);
    for (int i = 0; i < 50; i++) {
        char group[16];
        snprintf(group, sizeof group, "g%d", i);
        unit_true(sg_memory_group(m, group, false, 0, NOW + 2, T));
        unit_int(sg_memory_replaced(m, group, "x", "a", NOW + 2), NOW);
    }
    sg_memory_free(m);
}

UNIT(memory, nothing_can_be_freed)
{
    sg_memory_free(NULL);
}
