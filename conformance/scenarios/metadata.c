/* SPDX-License-Identifier: Apache-2.0
 * metadata.c - chapter 6: what a member says of itself.
 */
#include "scenario.h"

#include <string.h>

SCENARIO(metadata, any_value_that_python_reads_round_trips, "6.1")
{
    static const uint8_t values[][24] = {
        {1, 0xc0},                               /* None               */
        {1, 0xc3},                               /* True               */
        {9, 0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0}, /* 1.5                */
        {9, 0xcf, 255, 255, 255, 255, 255, 255, 255, 255},
        {3, 0xc5, 0x00, 0x00},                     /* a wide header      */
        {5, 0xca, 0x3f, 0, 0, 0},                  /* float32            */
        {8, 0x81, 0xc4, 0x01, 'k', 0x93, 1, 2, 3}, /* a bin key          */
        {4, 0xa3, 0xe2, 0x82, 0xac},               /* a euro sign        */
        {4, 0xd5, 99, 1, 2},                       /* an unknown ext     */
    };
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        member_set_metadata(a, "compute", values[i] + 1, values[i][0]);
        expect_metadata(b, "compute", "a", values[i] + 1, values[i][0]);
    }
}

SCENARIO(metadata, what_python_could_not_read_is_refused, "6.1 11.2")
{
    static const uint8_t values[][8] = {
        {3, 0x81, 0x01, 0x02},       /* an integer key                       */
        {3, 0x81, 0xc0, 0x02},       /* a nil key                            */
        {2, 0xa1, 0xff},             /* no UTF-8                             */
        {2, 0x80, 0x00},             /* a byte too many                      */
        {1, 0x81},                   /* cut short                            */
        {4, 0xa3, 0xed, 0xa0, 0x80}, /* a surrogate                          */
        {1, 0xc1},                   /* no msgpack at all                    */
    };
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    static const uint8_t good[] = {0xa2, 'o', 'k'};

    member_join_with(a, "compute", good, sizeof good);
    world_remember_state(w);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        expect_set_metadata(a, "compute", values[i] + 1, values[i][0],
                            SG_EMETADATA);
    expect_same_state(w);
    expect_metadata(b, "compute", "a", good, sizeof good);
}

SCENARIO(metadata, too_deep_is_refused_and_the_bound_is_kept, "6.1")
{
    uint8_t deep[66];
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    memset(deep, 0x91, sizeof deep);
    deep[64] = 0xc0;
    member_join(a, "compute");
    member_set_metadata(a, "compute", deep, 65);
    expect_metadata(b, "compute", "a", deep, 65);
    deep[64] = 0x91;
    deep[65] = 0xc0;
    expect_set_metadata(a, "compute", deep, 66, SG_EMETADATA);
}

SCENARIO(metadata, too_large_is_refused_before_it_is_sent, "6.1 1.5")
{
    static uint8_t large[1100000];
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    large[0] = 0xc6; /* bin32 */
    large[1] = 0;
    large[2] = (uint8_t)((sizeof large - 5) >> 16);
    large[3] = (uint8_t)((sizeof large - 5) >> 8);
    large[4] = (uint8_t)(sizeof large - 5);
    cost_begin(a);
    expect_join_with(a, "compute", large, sizeof large, SG_ETOOBIG);
    expect_cost(a, COST_NOTHING);
    expect_down(b, "compute", "a", SG_NOT_A_MEMBER);
}

SCENARIO(metadata, an_update_is_seen_at_once_and_keeps_liveness, "6.2 6.6")
{
    static const uint8_t one[] = {0x01}, two[] = {0x02};
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    uint64_t epoch = member_join_with(a, "compute", one, 1);
    const struct sg_question q = {.group = "compute", .member = "a"};
    struct sg_verdict before = expect_verdict(b, &q, SG_UP), after;

    world_pass(w, world_beat(w) / 2);
    member_set_metadata(a, "compute", two, 1);
    expect_metadata(b, "compute", "a", two, 1);
    after = expect_verdict(b, &q, SG_UP);
    expect_that(w, after.epoch == epoch);
    expect_that(w, after.last_seen_ms == before.last_seen_ms);
}

SCENARIO(metadata, of_who_is_not_joined_there_is_none, "6.4")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    expect_no_metadata(b, "nowhere", "a");
    member_join(a, "compute");
    expect_no_metadata(b, "compute", "nobody");
    expect_set_metadata(a, "network", "\xc0", 1, SG_ENOTJOINED);
}

SCENARIO(metadata, of_two_members_never_mixes, "6.5")
{
    static const uint8_t one[] = {0x01}, two[] = {0x02}, three[] = {0x03};
    struct member *a = member_new(w, "a");
    struct member *c = member_new(w, "ab");
    struct member *b = observer_new(w, "b");

    member_join_with(a, "compute", one, 1);
    member_join_with(c, "compute", two, 1);
    expect_metadata(b, "compute", "a", one, 1);
    expect_metadata(b, "compute", "ab", two, 1);
    member_set_metadata(c, "compute", three, 1);
    expect_metadata(b, "compute", "a", one, 1);
    member_leave(c, "compute");
    expect_metadata(b, "compute", "a", one, 1);
    expect_no_metadata(b, "compute", "ab");
}

SCENARIO(metadata, a_newer_incarnation_keeps_its_own, "6.5 10.2")
{
    static const uint8_t one[] = {0x01}, two[] = {0x02};
    struct member *a = member_new(w, "a");
    struct member *twin = member_twin(a);
    struct member *b = observer_new(w, "b");

    member_join_with(a, "compute", one, 1);
    member_join_with(twin, "compute", two, 1);
    expect_set_metadata(a, "compute", one, 1, SG_EREPLACED);
    expect_metadata(b, "compute", "a", two, 1);
}

SCENARIO(metadata, only_beats_move_the_last_seen_time, "6.6")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    const struct sg_question q = {.group = "compute", .member = "a"};
    struct sg_verdict first, second;

    member_join(a, "compute");
    member_beat(a);
    first = expect_verdict(b, &q, SG_UP);
    member_beat(a);
    second = expect_verdict(b, &q, SG_UP);
    /* -1 stays -1 where the store knows no beats (ZooKeeper). */
    expect_that(w, first.last_seen_ms == -1
                       ? second.last_seen_ms == -1
                       : second.last_seen_ms > first.last_seen_ms);
}
