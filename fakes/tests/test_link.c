/* SPDX-License-Identifier: Apache-2.0
 * test_link.c - a server behind a link: darkness, abandoned requests, ends.
 */
#include "echo.h"
#include "hub.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the clear way ---------------------------------------------------- */

UNIT(link, a_line_comes_back)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    say(&e, fd, "one\n");
    expect_text(&e, fd, "one\n");
    unit_true(!fake_link_is_holding(e.link));
    unit_true(!fake_poll(e.hub, 0));
    close(fd);
    unit_true(echo_until(e.hub, &e.closed, 1));
    echo_end(&e);
}

UNIT(link, a_request_in_pieces_and_two_in_one_piece_are_understood)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    say(&e, fd, "on");
    unit_true(echo_until(e.hub, &e.opened, 1));
    say(&e, fd, "e\ntwo\nth");
    expect_text(&e, fd, "one\ntwo\n");
    say(&e, fd, "ree\n");
    expect_text(&e, fd, "three\n");
    unit_text(e.heard, "one\ntwo\nthree\n");
    close(fd);
    echo_end(&e);
}

UNIT(link, the_last_answer_is_written_before_the_end)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    say(&e, fd, "one\nquit\ntwo\n");
    expect_text(&e, fd, "one\nbye\n");
    unit_int(echo_how_ended(e.hub, fd), 'e');
    unit_text(e.heard, "one\nquit\n");
    unit_int(e.closed, 1);
    close(fd);
    echo_end(&e);
}

UNIT(link, a_client_that_the_service_refuses_is_reset)
{
    struct echo e;
    echo_start(&e, false);
    e.has_refused = true;
    int fd = echo_dial(e.link);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    close(fd);
    echo_end(&e);
}

UNIT(link, ten_megabytes_go_both_ways)
{
    enum { SIZE = 10 << 20 };
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    char *out = malloc(SIZE), *in = malloc(SIZE);
    unit_true(out != NULL && in != NULL);
    for (int i = 0; i < SIZE; i++)
        out[i] = (char)('a' + i % 23);
    out[SIZE - 1] = '\n';
    echo_say(e.hub, fd, out, SIZE);
    unit_int((int64_t)echo_hear(e.hub, fd, in, SIZE), SIZE);
    unit_bytes(in, SIZE, out, SIZE);
    free(in);
    free(out);
    close(fd);
    echo_end(&e);
}

UNIT(link, commands_are_counted_by_link_and_by_server)
{
    struct echo e;
    struct fake_link *other = NULL;
    echo_start(&e, false);
    unit_int(fake_listen(e.fake, "other", &other), 0);
    unit_true(fake_link_port(other) != fake_link_port(e.link));
    int a = echo_dial(e.link), b = echo_dial(other);
    say(&e, a, "one\ntwo\n");
    say(&e, b, "three\n");
    expect_text(&e, a, "one\ntwo\n");
    expect_text(&e, b, "three\n");
    unit_int(fake_count(e.fake, e.link, "line"), 2);
    unit_int(fake_count(e.fake, other, "line"), 1);
    unit_int(fake_count(e.fake, NULL, "line"), 3);
    unit_int(fake_count(e.fake, NULL, "open"), 2);
    unit_int(fake_count(e.fake, NULL, NULL), 3);
    unit_int(fake_count(e.fake, other, NULL), 1);
    unit_int(fake_count(e.fake, NULL, "never"), 0);
    fake_count_refused(e.fake, "a\nb");
    unit_int(fake_refused(e.fake), 1);
    unit_text(e.trace, "echo refused a?b\n");
    close(a);
    close(b);
    echo_end(&e);
}

/* ---- darkness --------------------------------------------------------- */

UNIT(link, dark_to_the_server_holds_the_request)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    fake_link_dark(e.link, FAKE_TO_SERVER);
    unit_int(e.dark, 1);
    unit_true(fake_link_is_dark(e.link, FAKE_TO_SERVER));
    unit_true(!fake_link_is_dark(e.link, FAKE_TO_CLIENT));
    unit_true(!fake_link_is_holding(e.link));
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    unit_text(e.heard, "");
    fake_link_light(e.link);
    unit_int(e.dark, 0);
    unit_text(e.heard, "one\n");
    expect_text(&e, fd, "one\n");
    unit_true(!fake_link_is_holding(e.link));
    close(fd);
    echo_end(&e);
}

UNIT(link, dark_to_the_client_holds_the_answer)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    fake_link_dark(e.link, FAKE_TO_CLIENT);
    say(&e, fd, "one\nlater\n");
    unit_true(echo_until_holding(&e, true));
    unit_text(e.heard, "one\nlater\n");
    fake_advance(e.hub, 1010);
    fake_poll(e.hub, 0);
    unit_true(echo_is_silent(fd));
    fake_link_light(e.link);
    unit_true(!fake_link_is_holding(e.link));
    expect_text(&e, fd, "one\nlater\n");
    close(fd);
    echo_end(&e);
}

UNIT(link, what_the_server_says_by_itself_comes_over_a_clear_link)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    say(&e, fd, "later\n");
    unit_true(echo_until_heard(&e, "later\n"));
    fake_advance(e.hub, 1009);
    unit_true(!fake_poll(e.hub, 0));
    fake_advance(e.hub, 1010);
    expect_text(&e, fd, "later\n");
    close(fd);
    echo_end(&e);
}

UNIT(link, who_comes_in_the_dark_waits_and_the_oldest_is_served_first)
{
    struct echo e;
    echo_start(&e, false);
    fake_link_dark(e.link, FAKE_BOTH);
    int a = echo_dial(e.link);
    unit_true(fake_poll(e.hub, 60000));
    int b = echo_dial(e.link);
    unit_true(fake_poll(e.hub, 60000));
    unit_true(!fake_link_is_holding(e.link));
    say(&e, b, "b\n");
    unit_true(echo_until_holding(&e, true));
    say(&e, a, "a\n");
    unit_true(fake_poll(e.hub, 60000));
    unit_int(e.opened, 0);
    fake_link_light(e.link);
    unit_text(e.heard, "a\nb\n");
    expect_text(&e, a, "a\n");
    expect_text(&e, b, "b\n");
    close(a);
    close(b);
    echo_end(&e);
}

UNIT(link, the_server_hears_of_a_client_that_left_in_the_dark_when_it_is_lit)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link), quiet = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 2));
    fake_link_dark(e.link, FAKE_TO_SERVER);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    close(fd);
    unit_true(echo_until_holding(&e, false));
    close(quiet);
    unit_true(fake_poll(e.hub, 60000));
    unit_int(e.closed, 0);
    unit_text(e.heard, "");
    fake_link_light(e.link);
    unit_text(e.heard, "one\n");
    unit_int(e.closed, 2);
    echo_end(&e);
}

UNIT(link, an_abandoned_request_arrives_late)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    fake_link_dark(e.link, FAKE_TO_SERVER);
    say(&e, fd, "one\ntw");
    unit_true(echo_until_holding(&e, true));
    fake_link_abandon(e.link);
    unit_true(!fake_link_is_holding(e.link));
    unit_int(echo_how_ended(e.hub, fd), 'r');
    unit_int(e.closed, 0);
    close(fd);
    fd = echo_dial(e.link);
    say(&e, fd, "new\n");
    unit_true(echo_until_holding(&e, true));
    fake_link_light(e.link);
    unit_text(e.heard, "one\nnew\n");
    unit_int(e.closed, 1);
    expect_text(&e, fd, "new\n");
    close(fd);
    echo_end(&e);
}

UNIT(link, what_nobody_had_read_is_abandoned_too_and_arrives)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    fake_link_dark(e.link, FAKE_TO_SERVER);
    say(&e, fd, "one\n");
    fake_link_abandon(e.link);
    fake_link_light(e.link);
    unit_text(e.heard, "one\n");
    unit_int(e.closed, 1);
    close(fd);
    echo_end(&e);
}

/* Found by fuzzing: the client's half had gone before the server's half was
 * ended, and nobody was left to free the connection. */
UNIT(link, one_that_the_server_never_heard_of_ends_with_its_link)
{
    struct echo e;
    echo_start(&e, false);
    fake_link_dark(e.link, FAKE_TO_SERVER);
    int fd = echo_dial(e.link);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    fake_link_abandon(e.link);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    while (fake_poll(e.hub, 0)) /* the loop lets go of its socket */
        ;
    unit_true(e.link->conns != NULL); /* what it sent is on its way */
    fake_link_reset(e.link);
    unit_true(e.link->conns == NULL);
    unit_int(e.opened, 0);
    close(fd);
    echo_end(&e);
}

UNIT(link, abandoned_on_a_clear_link_the_server_hears_at_once)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    fake_link_abandon(e.link);
    unit_int(e.closed, 1);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    close(fd);
    echo_end(&e);
}

/* As the service does for a client whose patience it measures. */
UNIT(link, one_connection_is_abandoned_and_the_others_are_not)
{
    struct echo e;
    echo_start(&e, true);
    int other = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    int fd = echo_dial(e.link);
    say(&e, fd, "new\n");
    expect_text(&e, fd, "new\n");
    fake_link_dark(e.link, FAKE_TO_SERVER);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    fake_conn_abandon(e.last);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    unit_true(!fake_link_is_settled(e.link));
    fake_link_light(e.link);
    unit_text(e.heard, "new\none\n");
    unit_int(e.closed, 1);
    say(&e, other, "two\n");
    expect_text(&e, other, "two\n");
    close(fd);
    close(other);
    echo_end(&e);
}

/* What else it had sent and is unread comes after this request: the service
 * is not called while it works. */
UNIT(link, a_client_is_abandoned_in_the_middle_of_its_own_request)
{
    enum { SIZE = 300000 }; /* several reads */
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    char *text = malloc(SIZE);
    unit_true(text != NULL);
    memset(text, 'x', SIZE);
    memcpy(text, "leave\n", 6);
    text[SIZE - 1] = '\n';
    echo_say(e.hub, fd, text, SIZE);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    unit_text(e.heard, "leave\n");
    unit_int(e.closed, 1);
    free(text);
    close(fd);
    echo_end(&e);
}

UNIT(link, what_is_never_answered_is_held)
{
    struct echo e;
    echo_start(&e, false);
    unit_text(fake_link_label(e.link), "client");
    int fd = echo_dial(e.link);
    say(&e, fd, "hold\n");
    unit_true(echo_until_holding(&e, true));
    fake_link_abandon(e.link);
    unit_true(!fake_link_is_holding(e.link));
    close(fd);
    echo_end(&e);
}

UNIT(link, an_answer_held_for_one_who_left_is_dropped)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    fake_link_dark(e.link, FAKE_TO_CLIENT);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    close(fd);
    unit_true(echo_until(e.hub, &e.closed, 1));
    unit_true(!fake_link_is_holding(e.link));
    fake_link_light(e.link);
    echo_end(&e);
}

/* ---- ends ------------------------------------------------------------- */

UNIT(link, reset_ends_both_sides)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    fake_link_dark(e.link, FAKE_BOTH);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    fake_link_reset(e.link);
    unit_int(e.closed, 1);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    fake_link_light(e.link);
    unit_text(e.heard, "");
    close(fd);
    echo_end(&e);
}

UNIT(link, a_closed_link_resets_its_clients_and_takes_no_new_one)
{
    struct echo e;
    struct fake_link *other = NULL;
    echo_start(&e, false);
    unit_int(fake_listen(e.fake, NULL, &other), 0);
    int a = echo_dial(e.link), b = echo_dial(other);
    unit_true(echo_until(e.hub, &e.opened, 2));
    fake_link_close(other);
    unit_int(e.closed, 1);
    unit_int(echo_how_ended(e.hub, b), 'r');
    say(&e, a, "one\n");
    expect_text(&e, a, "one\n");
    fake_link_close(NULL);
    close(a);
    close(b);
    echo_end(&e);
}

UNIT(link, a_hub_ends_with_its_connections_open_half_dead_and_unborn)
{
    struct echo e;
    echo_start(&e, false);
    int open = echo_dial(e.link), dead = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 2));
    fake_link_dark(e.link, FAKE_BOTH);
    say(&e, dead, "one\n");
    say(&e, open, "two\n");
    unit_true(echo_until_holding(&e, true));
    close(dead);
    int parked = echo_dial(e.link);
    say(&e, parked, "three\n");
    unit_true(fake_poll(e.hub, 60000));
    int unborn = echo_dial(e.link);
    echo_end(&e);
    fake_hub_free(NULL);
    close(open);
    close(parked);
    close(unborn);
}

UNIT(link, greeting_is_what_the_newest_connection_was_told_first)
{
    struct echo e;
    uint8_t got[64];
    char line[101];
    echo_start(&e, false);
    int a = echo_dial(e.link);
    unit_int((int64_t)fake_link_greeting(e.link, got), 0);
    say(&e, a, "one\n");
    expect_text(&e, a, "one\n");
    say(&e, a, "two\n");
    expect_text(&e, a, "two\n");
    unit_bytes(got, fake_link_greeting(e.link, got), "one\ntwo\n", 8);
    int b = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 2));
    unit_int((int64_t)fake_link_greeting(e.link, got), 0);
    say(&e, a, "old\n");
    expect_text(&e, a, "old\n");
    memset(line, 'x', 99);
    memcpy(line + 99, "\n", 2);
    say(&e, b, line);
    expect_text(&e, b, line);
    unit_bytes(got, fake_link_greeting(e.link, got), line, 64);
    close(a);
    close(b);
    echo_end(&e);
}
