/* SPDX-License-Identifier: Apache-2.0
 * test_mc_reply.c - what a memcached server may answer, and what it means.
 */
#include "mc.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* All bytes at once, in a block of exactly their length. */
static enum sg_mc_step values(const char *text, size_t n,
                              struct sg_mc_item *items, size_t n_items,
                              struct sg_mc_said *said)
{
    struct sg_mc_values v = {.items = items, .n_items = n_items};
    uint8_t *copy = malloc(n > 0 ? n : 1);
    enum sg_mc_step step;

    memcpy(copy, text, n);
    step = sg_mc_values_step(&v, copy, n, said);
    for (size_t i = 0; i < n_items; i++)
        if (items[i].is_there)
            unit_true(items[i].offset + items[i].length <= n);
    free(copy);
    return step;
}

static enum sg_mc_step values_of(const char *text)
{
    struct sg_mc_item items[] = {{.key = "a", .key_length = 1},
                                 {.key = "b", .key_length = 1}};
    struct sg_mc_said said;

    return values(text, strlen(text), items, 2, &said);
}

UNIT(mc_reply, values_come_with_flags_and_versions)
{
    static const char text[] = "VALUE a 2 3 77\r\n\r\n\0\r\n"
                               "VALUE c 4294967295 0 18446744073709551615\r\n"
                               "\r\nEND\r\n";
    struct sg_mc_item items[] = {{.key = "a", .key_length = 1},
                                 {.key = "b", .key_length = 1},
                                 {.key = "c", .key_length = 1}};
    struct sg_mc_said said;

    unit_int(values(text, sizeof text - 1, items, 3, &said), SG_MC_DONE);
    unit_true(items[0].is_there && !items[1].is_there && items[2].is_there);
    unit_int(items[0].flags, 2);
    unit_int((int64_t)items[0].cas, 77);
    unit_int((int64_t)items[0].offset, 16);
    unit_int((int64_t)items[0].length, 3);
    unit_int(items[2].flags, UINT32_MAX);
    unit_true(items[2].cas == UINT64_MAX);
    unit_int((int64_t)items[2].length, 0);
}

UNIT(mc_reply, an_answer_cut_anywhere_is_not_complete)
{
    static const char text[] = "VALUE a 2 5 77\r\nhello\r\nEND\r\n";

    for (size_t n = 0; n < sizeof text - 1; n++) {
        struct sg_mc_item item = {.key = "a", .key_length = 1};
        struct sg_mc_said said;
        unit_int(values(text, n, &item, 1, &said), SG_MC_MORE);
    }
}

UNIT(mc_reply, an_answer_byte_by_byte_is_the_same)
{
    static const char text[] = "VALUE a 2 5 77\r\nhello\r\n"
                               "VALUE b 1 2 78\r\n\r\n\r\nEND\r\n";
    struct sg_mc_item items[] = {{.key = "a", .key_length = 1},
                                 {.key = "b", .key_length = 1}};
    struct sg_mc_values v = {.items = items, .n_items = 2};
    struct sg_mc_said said;

    for (size_t n = 1; n < sizeof text - 1; n++)
        unit_int(sg_mc_values_step(&v, (const uint8_t *)text, n, &said),
                 SG_MC_MORE);
    unit_int(
        sg_mc_values_step(&v, (const uint8_t *)text, sizeof text - 1, &said),
        SG_MC_DONE);
    unit_bytes(text + items[0].offset, items[0].length, "hello", 5);
    unit_bytes(text + items[1].offset, items[1].length, "\r\n", 2);
}

UNIT(mc_reply, what_was_not_asked_is_garbage)
{
    static const char *const lies[] = {
        "VALUE x 2 1 7\r\nx\r\nEND\r\n",
        "VALUE a 2 1 7\r\nx\r\nVALUE a 2 1 7\r\nx\r\nEND\r\n",
        "VALUE b 2 1 7\r\nx\r\nVALUE a 2 1 7\r\nx\r\nEND\r\n",
        "VALUE a 2 1\r\nx\r\nEND\r\n",
        "VALUE a 2 1 7 8\r\nx\r\nEND\r\n",
        "VALUE a 2 1 7\r\nxyEND\r\n",
        "VALUE a 2 1 7\r\nxyzEND\r\n",
        "VALUE a 4294967296 1 7\r\nx\r\nEND\r\n",
        "VALUE a 2 18446744073709551614 7\r\nx\r\nEND\r\n",
        "VALUE a 2 -1 7\r\nx\r\nEND\r\n",
        "VALUE a 2 1 18446744073709551616\r\nx\r\nEND\r\n",
        "VALUE  2 1 7\r\nx\r\nEND\r\n",
        "VALUE a\r\n",
        "END\r\nEND\r\n",
        "END\r\n\r\n",
        "END\n",
        "ENDx\n",
        "END \r\n",
        "\r\n",
        "\n",
        "OK\r\n",
        "5\r\n",
        "STORED\r\n",
        "NOT_FOUND\r\n",
        "ERROR\r\n",
        "value a 2 1 7\r\n",
    };

    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
        if (values_of(lies[i]) != SG_MC_GARBAGE)
            unit_fail(__FILE__, __LINE__, "taken for an answer: %s", lies[i]);
}

UNIT(mc_reply, an_endless_line_is_garbage)
{
    char line[SG_MC_LINE_MAX + 1];

    memset(line, 'x', sizeof line);
    line[SG_MC_LINE_MAX] = '\0';
    unit_int(values_of(line), SG_MC_GARBAGE);
    line[SG_MC_LINE_MAX - 1] = '\0';
    unit_int(values_of(line), SG_MC_MORE);
}

UNIT(mc_reply, an_error_is_never_not_found)
{
    static const char *const errors[] = {
        "ERROR Too many open connections\r\n",
        "SERVER_ERROR out of memory writing get response\r\n",
        "CLIENT_ERROR unauthenticated\r\n",
        "VALUE a 2 1 7\r\nx\r\nSERVER_ERROR out of memory\r\n",
    };
    struct sg_mc_item items[] = {{.key = "a", .key_length = 1}};
    struct sg_mc_said said = {"", 0};

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        unit_int(values_of(errors[i]), SG_MC_REFUSED);
    unit_int(
        sg_mc_values_step(&(struct sg_mc_values){.items = items, .n_items = 1},
                          (const uint8_t *)"SERVER_ERROR x\r\n", 16, &said),
        SG_MC_REFUSED);
    unit_bytes(said.text, said.length, "SERVER_ERROR x", 14);
}

static enum sg_mc_step line_of(const char *text, struct sg_mc_line *line)
{
    struct sg_mc_said said;

    return sg_mc_line_step((const uint8_t *)text, strlen(text), line, &said);
}

UNIT(mc_reply, one_line_is_one_word)
{
    struct sg_mc_line line = {.number = 0};

    unit_int(line_of("STORED\r\n", &line), SG_MC_DONE);
    unit_int(line.word, SG_MC_STORED);
    unit_int(line_of("NOT_STORED\r\n", &line), SG_MC_DONE);
    unit_int(line.word, SG_MC_NOT_STORED);
    unit_int(line_of("EXISTS\r\n", &line), SG_MC_DONE);
    unit_int(line.word, SG_MC_EXISTS);
    unit_int(line_of("NOT_FOUND\r\n", &line), SG_MC_DONE);
    unit_int(line.word, SG_MC_NOT_FOUND);
    unit_int(line_of("TOUCHED\r\n", &line), SG_MC_DONE);
    unit_int(line.word, SG_MC_TOUCHED);
    unit_int(line_of("SERVER_ERROR object too large for cache\r\n", &line),
             SG_MC_DONE);
    unit_int(line.word, SG_MC_TOO_LARGE);
    unit_int(line_of("18446744073709551615\r\n", &line), SG_MC_DONE);
    unit_int(line.word, SG_MC_NUMBER);
    unit_true(line.number == UINT64_MAX);
}

UNIT(mc_reply, other_lines_are_garbage_refusals_or_unfinished)
{
    struct sg_mc_line line;

    unit_int(line_of("18446744073709551616\r\n", &line), SG_MC_GARBAGE);
    unit_int(line_of("12x\r\n", &line), SG_MC_GARBAGE);
    unit_int(line_of("-1\r\n", &line), SG_MC_GARBAGE);
    unit_int(line_of("STORED\r\nSTORED\r\n", &line), SG_MC_GARBAGE);
    unit_int(line_of("OK\r\n", &line), SG_MC_GARBAGE);
    unit_int(line_of("STOREDX\r\n", &line), SG_MC_GARBAGE);
    unit_int(line_of("ERROR\r\n", &line), SG_MC_GARBAGE);
    unit_int(line_of("\r\n", &line), SG_MC_GARBAGE);
    unit_int(line_of("SERVER_ERROR out of memory storing object\r\n", &line),
             SG_MC_REFUSED);
    unit_int(line_of("STORED", &line), SG_MC_MORE);
    unit_int(line_of("STORED\r", &line), SG_MC_MORE);
    unit_int(line_of("", &line), SG_MC_MORE);
}

UNIT(mc_reply, the_uptime_is_found_among_the_statistics)
{
    static const char text[] = "STAT pid 5\r\nSTAT uptime 1234\r\n"
                               "STAT uptime_x 9\r\nEND\r\n";
    struct sg_mc_said said;
    int64_t uptime_s = -1;

    for (size_t n = 0; n < sizeof text - 1; n++)
        unit_int(sg_mc_stats_step((const uint8_t *)text, n, &uptime_s, &said),
                 SG_MC_MORE);
    unit_int(uptime_s, -1);
    unit_int(sg_mc_stats_step((const uint8_t *)text, sizeof text - 1, &uptime_s,
                              &said),
             SG_MC_DONE);
    unit_int(uptime_s, 1234);
    uptime_s = -1;
    unit_int(sg_mc_stats_step((const uint8_t *)"STAT uptime x\r\nEND\r\n", 20,
                              &uptime_s, &said),
             SG_MC_DONE);
    unit_int(uptime_s, -1);
    unit_int(sg_mc_stats_step((const uint8_t *)"END\r\nEND\r\n", 10, &uptime_s,
                              &said),
             SG_MC_GARBAGE);
    unit_int(
        sg_mc_stats_step((const uint8_t *)"STORED\r\n", 8, &uptime_s, &said),
        SG_MC_GARBAGE);
}
