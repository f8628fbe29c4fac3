/* SPDX-License-Identifier: Apache-2.0
 * test_parity_core.c - parity's small parts: dice, bytes, scripts, lines.
 */
#include "parity/script.h"
#include "parity/transcript.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- dice, bytes, ranks ----------------------------------------------- */

UNIT(parity_core, dice_fall_the_same_everywhere)
{
    static const char *const texts[] = {"a", "b", NULL}, *const none[] = {NULL};
    struct parity_dice dice = {0};

    /* The first numbers of splitmix64 from 0, as published. */
    unit_true(parity_dice_u64(&dice) == UINT64_C(0xe220a8397b1dcdaf));
    unit_true(parity_dice_u64(&dice) == UINT64_C(0x6e789e6aa1b965f4));
    unit_int(parity_dice_below(&dice, 0), 0);
    unit_int(parity_dice_below(&dice, 1), 0);
    unit_true(parity_dice_one_in(&dice, 1));
    unit_true(strstr("a b", parity_dice_pick(&dice, texts)) != NULL);
    unit_text(parity_dice_pick(&dice, none), "");
}

static void unescapes_at(const char *text, const char *want, size_t n, int line)
{
    struct parity_bytes out = {0};

    unit_int_at(parity_unescape(text, strlen(text), "PRE", &out), 0, text,
                __FILE__, line);
    unit_bytes_at(out.at, out.length, want, n, text, __FILE__, line);
    parity_bytes_free(&out);
}
#define unescapes(text, want)                                                  \
    unescapes_at(text, want, sizeof(want) - 1, __LINE__)

UNIT(parity_core, bytes_are_written_as_in_c)
{
    static const char *const bad[] = {"\\",   "\\q",   "\\x",
                                      "\\x1", "\\xg0", "\\x0"};
    struct parity_bytes out = {0};

    unescapes("a~b\\~c", "aPREb~c");
    unescapes("\\r\\n\\t\\0\\\\\\x7F\\xff\\x000", "\r\n\t\0\\\x7f\xff\0"
                                                  "0");
    unescapes("", "");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        unit_int(parity_unescape(bad[i], strlen(bad[i]), "P", &out), -EINVAL);
    out.length = 0;
    parity_escape("a\\\r\xff~", 5, &out);
    unit_bytes(out.at, out.length, "a\\\\\\x0d\\xff~", 12);
    parity_bytes_cut(&out, 3);
    unit_bytes(out.at, out.length, "\\x0d\\xff~", 9);
    parity_bytes_cut(&out, 100);
    unit_int((int64_t)out.length, 0);
    parity_bytes_big(&out, 0x010203, 4);
    unit_bytes(out.at, out.length, "\0\1\2\3", 4);
    parity_bytes_free(&out);
    parity_bytes_free(NULL);
}

UNIT(parity_core, ranks_are_of_first_sight)
{
    struct parity_ranks ranks = {0};

    unit_int((int64_t)parity_rank(&ranks, 900), 1);
    unit_int((int64_t)parity_rank(&ranks, 7), 2);
    unit_int((int64_t)parity_rank(&ranks, 900), 1);
    unit_int((int64_t)parity_rank_value(&ranks, 2, 5), 7);
    unit_int((int64_t)parity_rank_value(&ranks, 0, 5), 5);
    unit_int((int64_t)parity_rank_value(&ranks, 3, 5), 5);
    for (uint64_t i = 1000; i < 1100; i++)
        parity_rank(&ranks, i);
    unit_int((int64_t)parity_rank_value(&ranks, 102, 0), 1099);
    parity_ranks_free(&ranks);
    parity_ranks_free(NULL);
}

/* ---- scripts ---------------------------------------------------------- */

static void prints_at(const struct parity_script *script, const char *want,
                      int line)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    unit_true(out != NULL);
    parity_script_print(script, out);
    unit_int(fclose(out), 0);
    unit_text_at(text, want, "script", __FILE__, line);
    free(text);
}
#define prints(script, want) prints_at(script, want, __LINE__)

UNIT(parity_core, a_script_is_read_and_written)
{
    struct parity_script script = {0};
    size_t line;

    unit_int(parity_script_parse("# why\n\nprotocol redis\nphase 30\n"
                                 "c0 a  b\n+20 c3 split=4 +5 c1 x\n# end",
                                 &script, &line),
             0);
    unit_int((int64_t)script.count, 2);
    unit_int(script.ops[1].wait_ms, 20);
    unit_int(script.ops[1].conn, 3);
    unit_int((int64_t)script.ops[1].split, 4);
    unit_int(parity_script_number(&script, "phase", 1), 30);
    unit_int(parity_script_number(&script, "protocol", 1), 1);
    unit_int(parity_script_number(&script, "phas", 1), 1);
    prints(&script, "protocol redis\nphase 30\nc0 a  b\n"
                    "+20 c3 split=4 +5 c1 x\n");
    parity_script_free(&script);
    parity_script_free(NULL);
}

UNIT(parity_core, what_is_no_script_is_refused)
{
    static const struct {
        const char *text;
        int64_t line;
    } rows[] = {
        {"c4 x", 1},
        {"c0 x\nc0", 2},
        {"c0 ", 1},
        {"c0", 1},
        {"+ c0 x", 1},
        {"+99999999999999999999 c0 x", 1},
        {"+5c0 x", 1},
        {"c0 split= x", 1},
        {"c0 split=9999999999 x", 1},
        {"c0 x\nprotocol late\n", 2},
        {"NAME value\n", 1},
        {"name\n", 1},
        {"\x01\n", 1},
    };
    struct parity_script script = {0};
    size_t line;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unit_int_at(parity_script_parse(rows[i].text, &script, &line), -EINVAL,
                    rows[i].text, __FILE__, __LINE__);
        unit_int_at((int64_t)line, rows[i].line, rows[i].text, __FILE__,
                    __LINE__);
        unit_int((int64_t)script.count, 0);
    }
}

UNIT(parity_core, a_part_keeps_the_time_of_its_ops)
{
    static const bool keep[] = {true, false, false, true, false};
    struct parity_script script = {0}, part;

    parity_script_option(&script, "protocol", "x");
    parity_script_add(&script, 1, 0, 0, "%s", "a");
    parity_script_add(&script, 20, 1, 0, "b");
    parity_script_add(&script, 0, 1, 3, "c");
    parity_script_add(&script, 300, 2, 7, "d");
    parity_script_add(&script, 4000, 2, 0, "e");
    parity_script_part(&script, keep, &part);
    prints(&part, "protocol x\n+1 c0 a\n+320 c2 split=7 d\n");
    parity_script_free(&part);
    parity_script_free(&script);
}

/* ---- transcripts ------------------------------------------------------ */

static void add(struct parity_transcript *t, size_t op, int conn,
                const char *format, ...) __attribute__((format(printf, 4, 5)));
static void add(struct parity_transcript *t, size_t op, int conn,
                const char *format, ...)
{
    va_list args;

    va_start(args, format);
    parity_transcript_add(t, op, conn, "pre", format, args);
    va_end(args);
}

UNIT(parity_core, lines_of_an_op_are_put_in_order)
{
    struct parity_transcript t = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    unit_true(out != NULL);
    add(&t, 0, 3, "%s", "prepreX pr e");
    parity_transcript_settle(&t, 0);
    add(&t, 1, 3, "late");
    add(&t, 1, 0, "first of 0");
    add(&t, 1, 2, "own");
    add(&t, 1, 0, "second of 0");
    parity_transcript_settle(&t, 2);
    add(&t, 2, 0, "gone");
    parity_transcript_forget(&t);
    parity_transcript_print(&t, "> ", out);
    unit_int(fclose(out), 0);
    unit_text(text, "> 1 c3 ~~X pr e\n> 2 c2 own\n> 2 c0 first of 0\n"
                    "> 2 c0 second of 0\n> 2 c3 late\n");
    free(text);
    parity_transcript_free(&t);
    parity_transcript_free(NULL);
}

UNIT(parity_core, the_first_op_that_differs_is_found)
{
    struct parity_transcript a = {0}, b = {0};

    unit_true(parity_transcript_compare(&a, &b) == SIZE_MAX);
    add(&a, 0, 0, "x");
    unit_int((int64_t)parity_transcript_compare(&a, &b), 0);
    add(&b, 0, 0, "x");
    unit_true(parity_transcript_compare(&a, &b) == SIZE_MAX);
    add(&a, 3, 0, "x");
    add(&b, 2, 0, "x");
    unit_int((int64_t)parity_transcript_compare(&a, &b), 2);
    parity_transcript_free(&b);
    add(&b, 0, 0, "x");
    add(&b, 3, 1, "x");
    unit_int((int64_t)parity_transcript_compare(&a, &b), 3);
    parity_transcript_free(&a);
    parity_transcript_free(&b);
}
