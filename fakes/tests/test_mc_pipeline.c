/* SPDX-License-Identifier: Apache-2.0
 * test_mc_pipeline.c - when the fake memcached sends what it has gathered.
 *
 * Found by sg-parity; every expected answer was given by memcached 1.6.18 of
 * Debian 12.
 */
#include "mc_desk.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZEROS_8 "\0\0\0\0\0\0\0\0"
#define NOOP "\x80\x0a\0\0\0\0\0\0" ZEROS_8 ZEROS_8
#define NOOP_ANSWER "\x81\x0a\0\0\0\0\0\0" ZEROS_8 ZEROS_8
#define VERSION_PACKET "\x80\x0b\0\0\0\0\0\0" ZEROS_8 ZEROS_8
#define NONSENSE "\x81\0\0\0\0\0\0\0" ZEROS_8 ZEROS_8
/* quiet get and incr by one of "a" */
#define GETQ "\x80\x09\0\1\0\0\0\0\0\0\0\1\0\0\0\0" ZEROS_8 "a"
#define DECR_1                                                                 \
    "\x80\x06\0\1\x14\0\0\0\0\0\0\x15\0\0\0\0" ZEROS_8 "\0\0\0\0\0\0\0\1"      \
    "\0\0\0\0\0\0\0\0\0\0\0\0a"
#define DECR_ANSWER(value_, cas_)                                              \
    "\x81\x06\0\0\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0" cas_                \
    "\0\0\0\0\0\0\0" value_

UNIT(mc_pipeline, nonsense_at_its_end_takes_the_answers_along)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    say(&d, "touch a 0\r\nHEAD / HTTP/1.0\r\n");
    expect_end(&d);
    /* ... but not those that a get has sent on. */
    ask(&d, "touch a 0\r\nget a\r\ntouch a 0\r\nHEAD / HTTP/1.0\r\n",
        "NOT_FOUND\r\nEND\r\n");
    expect_end(&d);
    say(&d, VERSION_PACKET NONSENSE);
    expect_end(&d);
    ask(&d, NOOP NONSENSE, NOOP_ANSWER);
    expect_end(&d);
    ask(&d, "touch a 0\r\nquit\r\n", "NOT_FOUND\r\n");
    expect_end(&d);
    mc_desk_end(&d);
}

UNIT(mc_pipeline, an_answer_waits_for_a_value_that_has_begun)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "touch a 0\r\nset a 0 0 2\r\n", "");
    ask(&d, "xy\r\n", "NOT_FOUND\r\nSTORED\r\n");
    ask(&d, "touch b 0\r\nset a 0 0 2000000\r\n", "");
    mc_desk_redial(&d);
    ask(&d, "get b\r\nset a 0 0 2\r\n", "END\r\n");
    mc_desk_end(&d);
}

UNIT(mc_pipeline, what_followed_a_value_read_on_is_not_lost)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 0 6\r\nabc", "");
    ask(&d, "def\r\nHEAD / HTTP/1.0\r\n", "STORED\r\n");
    expect_end(&d);
    say(&d, "set a 0 0 6\r\nabcdef\r\nHEAD / HTTP/1.0\r\n");
    expect_end(&d);
    ask(&d, "touch no 0\r\nset a 0 0 2000000\r\nabc", "");
    mc_desk_end(&d);
}

UNIT(mc_pipeline, a_get_with_a_long_key_forgets_what_was_gathered)
{
    char line[400];
    struct mc_desk d;
    int n;

    mc_desk_start(&d, 0);
    n = snprintf(line, sizeof line, "touch a 0\r\nget a %0251d\r\nversion\r\n",
                 0);
    mc_desk_say(&d, line, (size_t)n);
    expect(&d, "CLIENT_ERROR bad command line format\r\nVERSION 1.6.18\r\n");
    mc_desk_end(&d);
}

UNIT(mc_pipeline, a_key_touched_to_death_is_found_once)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 0 1\r\nx\r\ngat -1 a a\r\n",
        "STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
    ask(&d, "get a\r\n", "END\r\n");
    mc_desk_end(&d);
}

UNIT(mc_pipeline, a_touch_leaves_a_value_in_the_stream)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    /* 1c: extras of 4, a key of 1, and a body of one more: "x" is no magic. */
    ask(&d,
        "\x80\x1c\0\1\4\0\0\0\0\0\0\6\0\0\0\0" ZEROS_8 "\0\0\0\0ax"
        "12345678901234567890123",
        "\x81\x1c\0\0\0\0\0\1\0\0\0\x09\0\0\0\0" ZEROS_8 "Not found");
    expect_end(&d);
    mc_desk_end(&d);
}

UNIT(mc_pipeline, a_number_somebody_still_reads_is_not_written_over)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 0 2\r\n10\r\ndecr a 1\r\nget a\r\n",
        "STORED\r\n9\r\nVALUE a 0 2\r\n9 \r\nEND\r\n");
    ask(&d, "set a 0 0 2\r\n10\r\nget a\r\ndecr a 1\r\nget a\r\n",
        "STORED\r\nVALUE a 0 2\r\n10\r\nEND\r\n9\r\n"
        "VALUE a 0 2\r\n9 \r\nEND\r\n");
    ask(&d, "set a 0 0 2\r\n10\r\n", "STORED\r\n");
    mc_desk_redial(&d);
    ask(&d, GETQ DECR_1 NOOP,
        "\x81\x09\0\0\4\0\0\0\0\0\0\6\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0\0"
        "10" DECR_ANSWER("\x09", "\6") NOOP_ANSWER);
    mc_desk_redial(&d);
    ask(&d, "get a\r\n", "VALUE a 0 1\r\n9\r\nEND\r\n");
    mc_desk_end(&d);
}

/* The line after a set that is refused: with 16 KiB in all it is read. */
static void say_long_line(struct mc_desk *d, size_t bytes)
{
    static const char head[] = "set a x 0 1\r\n";
    char *text = malloc(bytes);

    unit_true(text != NULL);
    memset(text, 'x', bytes);
    memcpy(text, head, sizeof head - 1);
    memcpy(text + bytes - 2, "\r\n", 2);
    mc_desk_say(d, text, bytes);
    free(text);
}

UNIT(mc_pipeline, a_line_must_fit_the_buffer_it_begins_in)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    say_long_line(&d, 16384);
    expect(&d, "CLIENT_ERROR bad command line format\r\nERROR\r\n");
    say_long_line(&d, 16385);
    expect_end(&d);
    mc_desk_end(&d);
}
