/* SPDX-License-Identifier: Apache-2.0
 * test_stamp.c - the liveness value and the owner record, both ways.
 */
#include "backend.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN "0123456789abcdef"
#define GOOD "sg1 e=7 k=" TOKEN " t=30000 b=1795000000123"

/* Read from a block of exactly the length, so that memcheck sees a read too
 * far. */
static bool read_stamp(const char *text, size_t length, struct sg_stamp *ret)
{
    char *copy = malloc(length > 0 ? length : 1);
    bool is_ours;

    memcpy(copy, text, length);
    is_ours = sg_stamp_read(copy, length, ret);
    free(copy);
    return is_ours;
}

static bool read_text(const char *text)
{
    struct sg_stamp stamp;

    return read_stamp(text, strlen(text), &stamp);
}

UNIT(stamp, is_written_as_the_format_says)
{
    struct sg_stamp stamp = {.epoch = 7,
                             .token = TOKEN,
                             .timeout_ms = 30000,
                             .beat_ms = INT64_C(1795000000123)};
    char text[SG_STAMP_MAX];

    unit_int((int64_t)sg_stamp_write(&stamp, text), (int64_t)strlen(GOOD));
    unit_text(text, GOOD);
}

UNIT(stamp, is_read_back)
{
    struct sg_stamp stamp;

    unit_true(read_stamp(GOOD, strlen(GOOD), &stamp));
    unit_int((int64_t)stamp.epoch, 7);
    unit_text(stamp.token, TOKEN);
    unit_int(stamp.timeout_ms, 30000);
    unit_int(stamp.beat_ms, INT64_C(1795000000123));
}

UNIT(stamp, the_largest_fits)
{
    struct sg_stamp stamp = {.epoch = UINT64_MAX,
                             .token = "ffffffffffffffff",
                             .timeout_ms = INT64_MAX,
                             .beat_ms = INT64_MAX};
    struct sg_stamp back;
    char text[SG_STAMP_MAX];
    size_t n = sg_stamp_write(&stamp, text);

    unit_true(n > 0 && n < SG_STAMP_MAX);
    unit_true(read_stamp(text, n, &back));
    unit_true(back.epoch == UINT64_MAX);
    unit_true(back.timeout_ms == INT64_MAX && back.beat_ms == INT64_MAX);
}

UNIT(stamp, a_strangers_value_is_none)
{
    static const char *const strangers[] = {
        "",
        "Alive!",
        "\xa6"
        "Alive!",
        "sg1",
        "sg2 e=7 k=" TOKEN " t=1 b=1",
        "sg1 e= k=" TOKEN " t=1 b=1",
        "sg1 e=7 k=0123456789abcde t=1 b=1",
        "sg1 e=7 k=0123456789abcdeF t=1 b=1",
        "sg1 e=7 k=0123456789abcdeg t=1 b=1",
        "sg1 e=7 k=" TOKEN "0 t=1 b=1",
        "sg1 e=-7 k=" TOKEN " t=1 b=1",
        "sg1 e=7 k=" TOKEN " t=-1 b=1",
        "sg1 e=7 k=" TOKEN " t=1 b=",
        "sg1 e=7 k=" TOKEN " t=1 b=1 ",
        "sg1 e=7 k=" TOKEN " t=1 b=1x",
        "sg1  e=7 k=" TOKEN " t=1 b=1",
        "sg1 e=18446744073709551616 k=" TOKEN " t=1 b=1",
        "sg1 e=7 k=" TOKEN " t=9223372036854775808 b=1",
        "sg1 e=7 k=" TOKEN " t=1 b=9223372036854775808",
    };

    unit_true(read_text("sg1 e=7 k=" TOKEN " t=1 b=1"));
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        unit_true(!read_text(strangers[i]));
}

UNIT(stamp, one_cut_anywhere_is_none_and_leaves_the_answer_alone)
{
    struct sg_stamp stamp = {.epoch = 99};

    /* The last number may be cut and still be a number. */
    for (size_t n = 0; n <= strlen(GOOD) - strlen("1795000000123"); n++)
        unit_true(!read_stamp(GOOD, n, &stamp));
    unit_int((int64_t)stamp.epoch, 99);
}

UNIT(stamp, any_bytes_may_come)
{
    char text[] = GOOD;
    struct sg_stamp stamp;

    for (size_t i = 0; i < strlen(GOOD); i++)
        for (int byte = 0; byte < 256; byte++) {
            text[i] = (char)byte;
            if (read_stamp(text, strlen(GOOD), &stamp))
                unit_int((int64_t)strlen(stamp.token), SG_TOKEN_BYTES);
            text[i] = GOOD[i];
        }
}

static bool read_owner(const char *text, uint64_t *epoch, char token[17])
{
    size_t n = strlen(text);
    char *copy = malloc(n > 0 ? n : 1);
    bool is_ours;

    memcpy(copy, text, n);
    is_ours = sg_owner_read(copy, n, epoch, token);
    free(copy);
    return is_ours;
}

UNIT(owner, is_written_and_read_back)
{
    static const uint64_t epochs[] = {0, 7, UINT64_MAX};

    for (size_t i = 0; i < 3; i++) {
        char text[SG_OWNER_MAX], token[SG_TOKEN_BYTES + 1];
        uint64_t epoch = 1;
        size_t n = sg_owner_write(epochs[i], TOKEN, text);
        unit_int((int64_t)n, (int64_t)strlen(text));
        unit_true(n > 0 && n < SG_OWNER_MAX);
        unit_true(read_owner(text, &epoch, token));
        unit_true(epoch == epochs[i]);
        unit_text(token, TOKEN);
    }
}

UNIT(owner, anything_else_is_refused_and_leaves_the_answer_alone)
{
    static const char *const strangers[] = {
        "",
        "7",
        "7 ",
        " " TOKEN,
        "7" TOKEN,
        "7  " TOKEN,
        "x " TOKEN,
        "7 0123456789ABCDEF",
        "7 " TOKEN " ",
        "7 0123456789abcde",
        "18446744073709551616 " TOKEN,
    };
    char token[SG_TOKEN_BYTES + 1] = "mine";
    uint64_t epoch = 99;

    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        unit_true(!read_owner(strangers[i], &epoch, token));
    unit_int((int64_t)epoch, 99);
    unit_text(token, "mine");
}
