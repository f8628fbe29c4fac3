/* SPDX-License-Identifier: Apache-2.0
 * test_mc_text.c - the fake memcached's text protocol, answer by answer.
 *
 * Every expected answer was given by memcached 1.6.18 of Debian 12.
 */
#include "mc_desk.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

UNIT(mc_text, stores_and_gives_back)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 5 0 3\r\nabc\r\n", "STORED\r\n");
    ask(&d, "get a\r\n", "VALUE a 5 3\r\nabc\r\nEND\r\n");
    ask(&d, "gets a\r\n", "VALUE a 5 3 1\r\nabc\r\nEND\r\n");
    ask(&d, "get b\r\n", "END\r\n");
    ask(&d, "set a 4294967295 0 0\r\n\r\n", "STORED\r\n");
    ask(&d, "gets a\r\n", "VALUE a 4294967295 0 2\r\n\r\nEND\r\n");
    ask(&d, "set b 0 0 4\r\n\r\n\0x\r\n", "STORED\r\n");
    ask(&d, "get a no b a\r\n",
        "VALUE a 4294967295 0\r\n\r\nVALUE b 0 4\r\n\r\n\0x\r\n"
        "VALUE a 4294967295 0\r\n\r\nEND\r\n");
    ask(&d, "gats 0 b\r\n", "VALUE b 0 4 3\r\n\r\n\0x\r\nEND\r\n");
    ask(&d, "gat 0 no\r\n", "END\r\n");
    mc_desk_end(&d);
}

UNIT(mc_text, add_replace_append_prepend)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "replace a 0 0 1\r\nx\r\n", "NOT_STORED\r\n");
    ask(&d, "append a 0 0 1\r\nx\r\n", "NOT_STORED\r\n");
    ask(&d, "prepend a 0 0 1\r\nx\r\n", "NOT_STORED\r\n");
    ask(&d, "add a 1 0 1\r\nx\r\n", "STORED\r\n");
    ask(&d, "add a 2 0 1\r\ny\r\n", "NOT_STORED\r\n");
    ask(&d, "append a 9 9 2\r\n>>\r\n", "STORED\r\n");
    ask(&d, "prepend a 9 9 1\r\n<\r\n", "STORED\r\n");
    ask(&d, "gets a\r\n", "VALUE a 1 4 3\r\n<x>>\r\nEND\r\n");
    ask(&d, "replace a 2 0 1\r\ny\r\n", "STORED\r\n");
    ask(&d, "gets a\r\n", "VALUE a 2 1 4\r\ny\r\nEND\r\n");
    mc_desk_end(&d);
}

UNIT(mc_text, cas_stores_only_over_what_was_seen)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "cas a 0 0 1 1\r\nx\r\n", "NOT_FOUND\r\n");
    ask(&d, "set a 0 0 1\r\nx\r\n", "STORED\r\n");
    ask(&d, "cas a 0 0 1 0\r\ny\r\n", "EXISTS\r\n");
    ask(&d, "cas a 0 0 1 2\r\ny\r\n", "EXISTS\r\n");
    ask(&d, "cas a 3 0 1 1\r\ny\r\n", "STORED\r\n");
    ask(&d, "cas a 3 0 1 1\r\nz\r\n", "EXISTS\r\n");
    ask(&d, "gets a\r\n", "VALUE a 3 1 2\r\ny\r\nEND\r\n");
    ask(&d, "cas a 3 0 1 2 noreply\r\nz\r\ngets a\r\n",
        "VALUE a 3 1 3\r\nz\r\nEND\r\n");
    ask(&d, "cas a 0 0 1 x\r\n", "CLIENT_ERROR bad command line format\r\n");
    ask(&d, "cas a 0 0 1\r\n", "ERROR\r\n");
    mc_desk_end(&d);
}

UNIT(mc_text, incr_and_decr)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "incr i 1\r\n", "NOT_FOUND\r\n");
    ask(&d, "decr i 1\r\n", "NOT_FOUND\r\n");
    ask(&d, "set i 7 0 2\r\n10\r\n", "STORED\r\n");
    ask(&d, "incr i 1\r\n", "11\r\n");
    ask(&d, "decr i 2\r\n", "9\r\n");
    ask(&d, "gets i\r\n", "VALUE i 7 2 3\r\n9 \r\nEND\r\n");
    ask(&d, "incr i 91\r\n", "100\r\n");
    ask(&d, "gets i\r\n", "VALUE i 7 3 4\r\n100\r\nEND\r\n");
    ask(&d, "decr i 1000\r\n", "0\r\n");
    ask(&d, "get i\r\n", "VALUE i 7 3\r\n0  \r\nEND\r\n");
    ask(&d, "incr i 18446744073709551615\r\n", "18446744073709551615\r\n");
    ask(&d, "incr i 3\r\n", "2\r\n");
    ask(&d, "incr i 18446744073709551616\r\n",
        "CLIENT_ERROR invalid numeric delta argument\r\n");
    ask(&d, "incr i -1\r\n", "CLIENT_ERROR invalid numeric delta argument\r\n");
    ask(&d, "set i 0 0 1\r\nx\r\n", "STORED\r\n");
    ask(&d, "incr i 1\r\n",
        "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n");
    ask(&d, "set i 0 0 0\r\n\r\n", "STORED\r\n");
    ask(&d, "decr i 1\r\n",
        "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n");
    mc_desk_end(&d);
}

UNIT(mc_text, delete_touch_and_flush)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "delete a\r\n", "NOT_FOUND\r\n");
    ask(&d, "touch a 9\r\n", "NOT_FOUND\r\n");
    ask(&d, "set a 0 0 1\r\nx\r\n", "STORED\r\n");
    ask(&d, "touch a 9\r\n", "TOUCHED\r\n");
    ask(&d, "touch a x\r\n", "CLIENT_ERROR invalid exptime argument\r\n");
    ask(&d, "gat x a\r\n", "CLIENT_ERROR invalid exptime argument\r\n");
    ask(&d, "delete a 1\r\n",
        "CLIENT_ERROR bad command line format.  "
        "Usage: delete <key> [noreply]\r\n");
    ask(&d, "delete a 0\r\n", "DELETED\r\n");
    ask(&d, "set a 0 0 1\r\nx\r\n", "STORED\r\n");
    ask(&d, "flush_all\r\nget a\r\n", "OK\r\nEND\r\n");
    /* The flush has drawn a number of its own. */
    ask(&d, "set a 0 0 1\r\nx\r\ngets a\r\n",
        "STORED\r\nVALUE a 0 1 4\r\nx\r\nEND\r\n");
    ask(&d, "flush_all noreply\r\nget a\r\n", "END\r\n");
    ask(&d, "set a 0 0 1\r\nx\r\n", "STORED\r\n");
    ask(&d, "flush_all noreply 0\r\n",
        "CLIENT_ERROR invalid exptime argument\r\n");
    ask(&d, "flush_all x\r\n", "CLIENT_ERROR invalid exptime argument\r\n");
    ask(&d, "flush_all -1\r\nget a\r\n", "OK\r\nEND\r\n");
    mc_desk_end(&d);
}

UNIT(mc_text, noreply_is_silent_about_errors_too)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d,
        "set n 0 0 1 noreply\r\nx\r\nadd n 0 0 1 noreply\r\ny\r\n"
        "set n x 0 1 noreply\r\nset n 0 0 1 noreply\r\nyyy\r\nget n\r\n",
        "ERROR\r\nVALUE n 0 1\r\nx\r\nEND\r\n");
    ask(&d,
        "touch n 0 noreply\r\nincr n 1 noreply\r\nverbosity 1 noreply\r\n"
        "verbosity noreply\r\ndelete n noreply\r\ndelete n 0 noreply\r\n"
        "delete n 1 noreply\r\nflush_all noreply\r\nflush_all 0 noreply\r\n"
        "decr n x noreply\r\nget n\r\n",
        "END\r\n");
    mc_desk_end(&d);
}

UNIT(mc_text, the_server_about_itself)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "version\r\n", "VERSION 1.6.18\r\n");
    ask(&d, "verbosity 1\r\n", "OK\r\n");
    ask(&d, "verbosity\r\n", "ERROR\r\n");
    ask(&d, "verbosity x\r\n", "CLIENT_ERROR bad command line format\r\n");
    ask(&d, "stats reset\r\n", "RESET\r\n");
    ask(&d, "stats no such\r\n", "ERROR\r\n");
    ask(&d, "stats settings\r\n",
        "STAT maxbytes 67108864\r\nSTAT maxconns 1024\r\nSTAT evictions on\r\n"
        "STAT cas_enabled yes\r\nSTAT binding_protocol auto-negotiate\r\n"
        "STAT auth_enabled_sasl no\r\nSTAT item_size_max 1048576\r\n"
        "STAT flush_enabled yes\r\nEND\r\n");
    say(&d, "version\r\nquit\r\nset a 0 0 1\r\nx\r\n");
    expect(&d, "VERSION 1.6.18\r\n");
    expect_end(&d);
    ask(&d, "get a\r\n", "END\r\n");
    mc_desk_end(&d);
}

/* ---- lines ------------------------------------------------------------ */

UNIT(mc_text, too_few_and_too_many_words)
{
    static const char *const lines[] = {
        "",
        " ",
        "x",
        "set",
        "set a",
        "set a 0 0",
        "get",
        "gets",
        "gat",
        "touch a",
        "incr a",
        "delete",
        "flush_all 1 2 3",
        "set a 0 0 1 2 3",
        "GET a",
        "gett a",
        "delete a b c d",
    };
    struct mc_desk d;
    mc_desk_start(&d, 0);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        mc_desk_say(&d, lines[i], strlen(lines[i]));
        ask(&d, "\r\n", "ERROR\r\n");
    }
    ask(&d, "gat 1\r\n", "END\r\n");
    mc_desk_end(&d);
}

UNIT(mc_text, odd_blanks_and_line_ends)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set k 1 60 2 \r\nab\r\n", "STORED\r\n");
    ask(&d, "  get   k   \r\n", "VALUE k 1 2\r\nab\r\nEND\r\n");
    ask(&d, "get k\n", "VALUE k 1 2\r\nab\r\nEND\r\n");
    ask(&d, "set k 0 0 1\nx\r\n", "STORED\r\n");
    ask(&d, "get k\0 more\r\n", "VALUE k 0 1\r\nx\r\nEND\r\n");
    ask(&d, "set k 1\t2 0 01\r\ny\r\n", "STORED\r\n");
    ask(&d, "get k\r\n", "VALUE k 1 1\r\ny\r\nEND\r\n");
    ask(&d, "set a\x01\tb\xff 0 0 1\r\nx\r\n", "STORED\r\n");
    ask(&d, "get a\x01\tb\xff\r\n", "VALUE a\x01\tb\xff 0 1\r\nx\r\nEND\r\n");
    mc_desk_end(&d);
}

UNIT(mc_text, malformed_numbers)
{
    static const char *const lines[] = {
        "set a x 0 1",          "set a 0 x 1",
        "set a 0 0 x",          "set a 0 0 -1",
        "set a 0 0 2147483646", "set a -1 0 1",
        "set a 1x 0 1",         "cas a 0 0 1 99999999999999999999",
    };
    struct mc_desk d;
    mc_desk_start(&d, 0);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        mc_desk_say(&d, lines[i], strlen(lines[i]));
        ask(&d, "\r\n", "CLIENT_ERROR bad command line format\r\n");
    }
    mc_desk_end(&d);
}

#define K50 "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
#define K250 K50 K50 K50 K50 K50

UNIT(mc_text, a_key_has_250_bytes_at_most)
{
    static const char bad[] = "CLIENT_ERROR bad command line format\r\n";
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set " K250 " 0 0 1\r\nx\r\n", "STORED\r\n");
    ask(&d, "get " K250 "\r\n", "VALUE " K250 " 0 1\r\nx\r\nEND\r\n");
    ask(&d, "set " K250 "k 0 0 1\r\n", bad);
    ask(&d, "get " K250 "k\r\n", bad);
    ask(&d, "delete " K250 "k\r\n", bad);
    ask(&d, "touch " K250 "k 0\r\n", bad);
    ask(&d, "incr " K250 "k 1\r\n", bad);
    /* It spoils the whole answer, but not the touches before it. */
    ask(&d, "gat -1 " K250 " " K250 "k\r\n", bad);
    ask(&d, "get " K250 "\r\n", "END\r\n");
    ask(&d, "set a 0 0 1\r\nx\r\n", "STORED\r\n");
    ask(&d, "gat -1 " K250 "k a\r\n", bad);
    ask(&d, "get a\r\n", "VALUE a 0 1\r\nx\r\nEND\r\n");
    mc_desk_end(&d);
}

UNIT(mc_text, a_long_line_may_only_be_a_get)
{
    char line[3000];
    struct mc_desk d;
    mc_desk_start(&d, 0);
    memset(line, 'a', sizeof line);
    mc_desk_say(&d, line, 2048);
    ask(&d, "\r\n", "ERROR\r\n");
    mc_desk_say(&d, line, 2049);
    expect_end(&d);
    for (size_t i = 0; i < sizeof line; i += 2)
        line[i] = ' ';
    memcpy(line, "  gets", 6);
    mc_desk_say(&d, line, sizeof line);
    ask(&d, "\r\n", "END\r\n");
    memcpy(line, "gat 0 ", 6);
    mc_desk_say(&d, line, sizeof line);
    expect_end(&d);
    memset(line, ' ', 101);
    memcpy(line + 101, "get ", 4);
    mc_desk_say(&d, line, sizeof line);
    expect_end(&d);
    say(&d, "GET / HTTP/1.0\r\n");
    expect_end(&d);
    /* Of so many words the last that it looks at is the 23rd. */
    say(&d, "POST b c d e f g h i j k l m n o p q r s t u v HTTP/ x\r\n");
    expect_end(&d);
    ask(&d, "search / HTTP/1.0\r\n", "ERROR\r\n");
    mc_desk_end(&d);
}

UNIT(mc_text, a_hundred_keys_in_one_get)
{
    char line[1024] = "get";
    struct mc_desk d;
    mc_desk_start(&d, 0);
    for (size_t i = 0; i < 100; i++)
        strcat(line, " no");
    strcat(line, " a\r\n");
    ask(&d, "set a 0 0 1\r\nx\r\n", "STORED\r\n");
    mc_desk_say(&d, line, strlen(line));
    expect(&d, "VALUE a 0 1\r\nx\r\nEND\r\n");
    unit_int(fake_count(d.fake, NULL, "get"), 1);
    mc_desk_end(&d);
}

/* ---- streams ---------------------------------------------------------- */

UNIT(mc_text, a_bad_chunk_ends_where_its_length_says)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set k 0 0 1\r\n1\r\n", "STORED\r\n");
    ask(&d, "set k 0 0 3\r\nabcdef\r\n",
        "CLIENT_ERROR bad data chunk\r\nERROR\r\n");
    ask(&d, "set k 0 0 3\r\nab\r\nget k\r\n",
        "CLIENT_ERROR bad data chunk\r\nERROR\r\n");
    ask(&d, "get k\r\n", "VALUE k 0 1\r\n1\r\nEND\r\n");
    mc_desk_end(&d);
}

/* pymemcache sends `set ... noreply` and the next command in one segment;
 * the stream may be cut anywhere. */
UNIT(mc_text, a_pipeline_may_be_cut_at_any_byte)
{
    static const char stream[] =
        "set a 1 0 4 noreply\r\nx\r\ny\r\ncas a 0 0 2 1\r\nzz\r\n"
        "gets a no a\r\nset b 0 0 9 noreply\r\nlong\r\nnot\r\ndelete a\r\n";
    static const char answer[] =
        "STORED\r\nVALUE a 0 2 2\r\nzz\r\nVALUE a 0 2 2\r\nzz\r\nEND\r\n"
        "DELETED\r\n";
    size_t length = sizeof stream - 1;

    for (size_t cut = 1; cut <= length; cut++) {
        struct mc_desk d;
        mc_desk_start(&d, 0);
        mc_desk_say(&d, stream, cut);
        mc_desk_say(&d, stream + cut, length - cut);
        mc_desk_expect(&d, answer, sizeof answer - 1, __FILE__, (int)cut);
        mc_desk_end(&d);
    }
}

UNIT(mc_text, byte_by_byte)
{
    static const char stream[] = "set a 1 0 2\r\nhi\r\nget a\r\n";
    struct mc_desk d;
    mc_desk_start(&d, 0);
    for (size_t i = 0; i < sizeof stream - 1; i++)
        mc_desk_say(&d, stream + i, 1);
    expect(&d, "STORED\r\nVALUE a 1 2\r\nhi\r\nEND\r\n");
    mc_desk_end(&d);
}

/* ---- size ------------------------------------------------------------- */

/* The command, then a value that begins so and is blank to its length. */
static void say_item(struct mc_desk *d, const char *command, const char *value,
                     int length)
{
    size_t room = (size_t)length + 3;
    char *text = malloc(room);

    unit_true(text != NULL);
    snprintf(text, room, "%-*s\r\n", length, value);
    mc_desk_say(d, command, strlen(command));
    mc_desk_say(d, text, room - 1);
    free(text);
}

UNIT(mc_text, an_item_of_one_mebibyte_is_the_largest)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    say_item(&d, "set L 0 0 1048500\r\n", "v", 1048500);
    expect(&d, "STORED\r\n");
    say_item(&d, "set L 0 0 1048516\r\n", "v", 1048516);
    expect(&d, "STORED\r\n");
    say_item(&d, "cas L 0 0 1048517 1\r\n", "v", 1048517);
    expect(&d, "SERVER_ERROR object too large for cache\r\n");
    ask(&d, "touch L 0\r\n", "TOUCHED\r\n");
    say_item(&d, "set L 1 0 1048513\r\n", "v", 1048513);
    expect(&d, "SERVER_ERROR object too large for cache\r\n");
    /* Better none than a stale one. */
    ask(&d, "get L\r\n", "END\r\n");
    say_item(&d, "set L 0 0 1048576 noreply\r\n", "v", 1048576);
    ask(&d, "get L\r\n", "END\r\n");
    expect_trace(&d, "memcached set L 0\nmemcached set L 0\n"
                     "memcached touch L 0\nmemcached delete L\n");
    mc_desk_end(&d);
}

UNIT(mc_text, what_together_is_too_large_is_not_appended)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    say_item(&d, "set L 0 0 600000\r\n", "v", 600000);
    expect(&d, "STORED\r\n");
    say_item(&d, "append L 0 0 600000\r\n", "v", 600000);
    expect(&d, "NOT_STORED\r\n");
    mc_desk_end(&d);
}

/* What is over half the limit, 524288 bytes with the 60 of an item's head, is
 * kept in pieces, which incr does not read. */
UNIT(mc_text, a_number_may_have_many_blanks_but_not_any)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    say_item(&d, "set L 0 0 524229\r\n", "7", 524229);
    expect(&d, "STORED\r\n");
    ask(&d, "incr L 1\r\n",
        "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n");
    say_item(&d, "set L 0 0 524228\r\n", "7", 524228);
    expect(&d, "STORED\r\n");
    ask(&d, "incr L 1\r\n", "8\r\n");
    mc_desk_end(&d);
}
