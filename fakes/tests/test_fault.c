/* SPDX-License-Identifier: Apache-2.0
 * test_fault.c - what each fault of a link does to a request and its reply.
 */
#include "echo.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void strike(struct echo *e, enum fake_fault_kind kind, int64_t amount)
{
    struct fake_fault fault = {.kind = kind, .amount = amount, .times = 1};
    unit_int(fake_link_fault(e->link, &fault), 0);
}

/* A server and one client of it, whose first request is struck. */
static int start_struck(struct echo *e, enum fake_fault_kind kind,
                        int64_t amount)
{
    echo_start(e, false);
    strike(e, kind, amount);
    return echo_dial(e->link);
}

static int start_with(struct echo *e, const struct fake_fault *fault)
{
    echo_start(e, false);
    unit_int(fake_link_fault(e->link, fault), 0);
    return echo_dial(e->link);
}

static void end(struct echo *e, int fd)
{
    close(fd);
    echo_end(e);
}

UNIT(fault, refuse_resets_the_new_connection_only)
{
    struct echo e;
    echo_start(&e, false);
    int old = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    strike(&e, FAKE_REFUSE, 0);
    say(&e, old, "old\n");
    expect_text(&e, old, "old\n");
    int fd = echo_dial(e.link);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    unit_int(fake_link_struck(e.link), 1);
    close(fd);
    fd = echo_dial(e.link);
    say(&e, fd, "new\n");
    expect_text(&e, fd, "new\n");
    unit_int(e.opened, 2);
    close(fd);
    end(&e, old);
}

/* Nobody would own them; memcheck would say so. */
UNIT(fault, what_refuses_a_connection_keeps_no_bytes)
{
    const struct fake_fault fault = {
        .kind = FAKE_REFUSE, .bytes = "lie", .length = 3};
    struct echo e;
    int fd = start_with(&e, &fault);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    end(&e, fd);
}

UNIT(fault, cut_keeps_the_request_from_the_server)
{
    struct echo e;
    int fd = start_struck(&e, FAKE_CUT, 0);
    say(&e, fd, "one\n");
    unit_int(echo_how_ended(e.hub, fd), 'r');
    unit_text(e.heard, "");
    unit_int(e.closed, 1);
    unit_int(fake_link_struck(e.link), 1);
    end(&e, fd);
}

UNIT(fault, cut_after_lets_the_server_do_it_and_swallows_the_answer)
{
    struct echo e;
    int fd = start_struck(&e, FAKE_CUT_AFTER, 0);
    say(&e, fd, "one\n");
    unit_int(echo_how_ended(e.hub, fd), 'r');
    unit_text(e.heard, "one\n");
    unit_int(e.closed, 1);
    end(&e, fd);
}

/* A request can take several reads; its reply is what comes at last. */
UNIT(fault, cut_after_waits_for_the_answer_of_a_request_in_pieces)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    strike(&e, FAKE_CUT_AFTER, 0);
    say(&e, fd, "o");
    while (fake_link_struck(e.link) == 0)
        unit_true(fake_poll(e.hub, 60000));
    say(&e, fd, "ne\n");
    unit_int(echo_how_ended(e.hub, fd), 'r');
    unit_text(e.heard, "one\n");
    end(&e, fd);
}

UNIT(fault, cut_reply_cuts_at_every_byte)
{
    for (size_t cut = 0; cut <= 10; cut++) {
        struct echo e;
        char got[16];
        int fd = start_struck(&e, FAKE_CUT_REPLY, (int64_t)cut);
        say(&e, fd, "123456789\n");
        unit_bytes(got, echo_hear(e.hub, fd, got, cut), "123456789\n", cut);
        unit_int(echo_how_ended(e.hub, fd), 'r');
        unit_text(e.heard, "123456789\n");
        unit_int(e.closed, 1);
        end(&e, fd);
    }
}

/* More than the kernel keeps: nothing of what may pass is lost. */
UNIT(fault, cut_reply_delivers_megabytes_before_the_reset)
{
    enum { SIZE = 8 << 20 };
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    char *out = malloc(SIZE), *in = malloc(SIZE);
    unit_true(out != NULL && in != NULL);
    memset(out, 'x', SIZE);
    out[SIZE - 1] = '\n';
    unit_true(echo_until(e.hub, &e.opened, 1));
    echo_say(e.hub, fd, out, SIZE / 2);
    strike(&e, FAKE_CUT_REPLY, SIZE - 1);
    echo_say(e.hub, fd, out + SIZE / 2, SIZE / 2);
    for (int i = 0; i < 50; i++) /* the kernel's buffers are full by then */
        fake_poll(e.hub, 1);
    unit_int((int64_t)echo_hear(e.hub, fd, in, SIZE - 1), SIZE - 1);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    free(in);
    free(out);
    end(&e, fd);
}

UNIT(fault, delay_ends_at_exactly_its_millisecond)
{
    struct echo e;
    int fd = start_struck(&e, FAKE_DELAY, 250);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    unit_text(e.heard, "one\n");
    unit_int(fake_next_due(e.hub), 1250);
    fake_advance(e.hub, 1249);
    fake_poll(e.hub, 0);
    unit_true(echo_is_silent(fd));
    unit_true(fake_link_is_holding(e.link));
    fake_advance(e.hub, 1250);
    unit_true(!fake_link_is_holding(e.link));
    expect_text(&e, fd, "one\n");
    end(&e, fd);
}

UNIT(fault, an_answer_behind_a_delayed_one_waits_its_turn)
{
    struct echo e;
    int fd = start_struck(&e, FAKE_DELAY, 250);
    say(&e, fd, "one\n");
    unit_true(echo_until_heard(&e, "one\n"));
    say(&e, fd, "two\n");
    unit_true(echo_until_heard(&e, "one\ntwo\n"));
    fake_poll(e.hub, 0);
    unit_true(echo_is_silent(fd));
    fake_advance(e.hub, 1250);
    expect_text(&e, fd, "one\ntwo\n");
    unit_int(fake_link_struck(e.link), 1);
    end(&e, fd);
}

UNIT(fault, a_delay_that_ends_in_the_dark_waits_for_light)
{
    struct echo e;
    int fd = start_struck(&e, FAKE_DELAY, 250);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    fake_link_dark(e.link, FAKE_TO_CLIENT);
    fake_advance(e.hub, 1300);
    fake_poll(e.hub, 0);
    unit_true(echo_is_silent(fd));
    unit_true(fake_link_is_holding(e.link));
    fake_link_light(e.link);
    expect_text(&e, fd, "one\n");
    end(&e, fd);
}

UNIT(fault, a_delayed_answer_to_one_who_left_is_forgotten)
{
    struct echo e;
    int fd = start_struck(&e, FAKE_DELAY, 250);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    close(fd);
    unit_true(echo_until(e.hub, &e.closed, 1));
    unit_int(fake_next_due(e.hub), INT64_MAX);
    echo_end(&e);
}

UNIT(fault, dribble_gives_one_byte_a_step)
{
    struct echo e;
    int fd = start_struck(&e, FAKE_DRIBBLE, 80);
    say(&e, fd, "12\n");
    unit_true(echo_until_holding(&e, true));
    fake_advance(e.hub, 1079);
    fake_poll(e.hub, 0);
    unit_true(echo_is_silent(fd));
    fake_advance(e.hub, 1080);
    expect_text(&e, fd, "1");
    unit_true(echo_is_silent(fd));
    unit_int(fake_next_due(e.hub), 1160);
    unit_true(fake_link_is_holding(e.link));
    fake_advance(e.hub, 1239);
    expect_text(&e, fd, "2");
    unit_true(echo_is_silent(fd));
    fake_advance(e.hub, 1240);
    unit_true(!fake_link_is_holding(e.link));
    expect_text(&e, fd, "\n");
    unit_int(fake_next_due(e.hub), INT64_MAX);
    end(&e, fd);
}

UNIT(fault, a_close_comes_after_what_dribbles)
{
    struct echo e;
    int fd = start_struck(&e, FAKE_DRIBBLE, 10);
    say(&e, fd, "quit\n");
    unit_true(echo_until(e.hub, &e.closed, 1));
    fake_advance(e.hub, 1030);
    expect_text(&e, fd, "bye");
    unit_true(echo_is_silent(fd));
    fake_advance(e.hub, 1040);
    expect_text(&e, fd, "\n");
    unit_int(echo_how_ended(e.hub, fd), 'e');
    end(&e, fd);
}

UNIT(fault, noise_keeps_the_length_and_the_end_of_a_line)
{
    struct echo e;
    int fd = start_struck(&e, FAKE_NOISE, 0);
    say(&e, fd, "123\n");
    expect_text(&e, fd, "\xfe\xfe\r\n");
    unit_true(!fake_link_is_holding(e.link));
    say(&e, fd, "456\n");
    expect_text(&e, fd, "456\n");
    end(&e, fd);
}

UNIT(fault, noise_to_a_client_that_returns_keeps_its_first_four_bytes)
{
    struct echo e;
    echo_start(&e, true);
    int fd = echo_dial(e.link);
    strike(&e, FAKE_NOISE, 0);
    say(&e, fd, "12345\n");
    expect_text(&e, fd, "1234\xfe\xfe");
    unit_true(!fake_link_is_holding(e.link));
    end(&e, fd);
}

UNIT(fault, lie_stands_in_place_of_all_answers_of_one_read)
{
    struct echo e;
    char text[] = "LIE";
    struct fake_fault lie = {
        .kind = FAKE_LIE, .times = 1, .bytes = text, .length = 3};
    int fd = start_with(&e, &lie);
    memset(text, '?', 3); /* it was copied */
    say(&e, fd, "one\ntwo\nlater\n");
    expect_text(&e, fd, "LIE");
    fake_advance(e.hub, 1010); /* still of the same reply */
    say(&e, fd, "three\n");
    expect_text(&e, fd, "three\n");
    unit_text(e.heard, "one\ntwo\nlater\nthree\n");
    end(&e, fd);
}

UNIT(fault, a_swallowed_answer_is_held_for_ever)
{
    struct echo e;
    struct fake_fault lie = {.kind = FAKE_LIE, .times = 1};
    int fd = start_with(&e, &lie);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    unit_true(echo_is_silent(fd));
    say(&e, fd, "two\n");
    expect_text(&e, fd, "two\n");
    unit_true(!fake_link_is_holding(e.link));
    end(&e, fd);
}

UNIT(fault, match_skip_and_times_choose_the_requests)
{
    struct echo e;
    char match[] = "set";
    struct fake_fault fault = {
        .kind = FAKE_NOISE, .match = match, .skip = 1, .times = 2};
    int fd = start_with(&e, &fault);
    memset(match, '?', 3); /* it was copied */
    const char *const lines[][2] = {
        {"get\n", "get\n"},   {"set1\n", "set1\n"},
        {"get\n", "get\n"},   {"set2\n", "\xfe\xfe\xfe\r\n"},
        {"get\n", "get\n"},   {"set3\n", "\xfe\xfe\xfe\r\n"},
        {"set4\n", "set4\n"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        say(&e, fd, lines[i][0]);
        expect_text(&e, fd, lines[i][1]);
    }
    unit_int(fake_link_struck(e.link), 2);
    end(&e, fd);
}

UNIT(fault, the_first_row_strikes_and_the_next_does_not_see_it)
{
    struct echo e;
    struct fake_fault noise = {.kind = FAKE_NOISE, .times = 1};
    struct fake_fault lie = {
        .kind = FAKE_LIE, .times = 1, .skip = 1, .bytes = "L", .length = 1};
    int fd = start_with(&e, &noise);
    unit_int(fake_link_fault(e.link, &lie), 0);
    say(&e, fd, "1\n");
    expect_text(&e, fd, "\r\n");
    say(&e, fd, "2\n");
    expect_text(&e, fd, "2\n");
    say(&e, fd, "3\n");
    expect_text(&e, fd, "L");
    end(&e, fd);
}

UNIT(fault, until_healed_and_healing_lets_go_at_once)
{
    struct echo e;
    struct fake_fault delay = {.kind = FAKE_DELAY, .amount = 50};
    int fd = start_with(&e, &delay);
    for (int i = 0; i < 3; i++) {
        say(&e, fd, "one\n");
        unit_true(echo_until_holding(&e, true));
        fake_advance(e.hub, fake_now(e.hub) + 50);
        expect_text(&e, fd, "one\n");
    }
    say(&e, fd, "two\n");
    unit_true(echo_until_holding(&e, true));
    fake_link_dark(e.link, FAKE_BOTH);
    fake_link_heal(e.link);
    unit_true(!fake_link_is_holding(e.link));
    unit_true(!fake_link_is_dark(e.link, FAKE_BOTH));
    expect_text(&e, fd, "two\n");
    say(&e, fd, "three\n");
    expect_text(&e, fd, "three\n");
    unit_int(fake_link_struck(e.link), 4);
    unit_int(fake_next_due(e.hub), INT64_MAX);
    end(&e, fd);
}

UNIT(fault, healing_in_the_middle_of_a_dribble_gives_the_rest)
{
    struct echo e;
    int fd = start_struck(&e, FAKE_DRIBBLE, 10);
    say(&e, fd, "12345\n");
    unit_true(echo_until_holding(&e, true));
    fake_advance(e.hub, 1020);
    expect_text(&e, fd, "12");
    fake_link_heal(e.link);
    expect_text(&e, fd, "345\n");
    end(&e, fd);
}

UNIT(fault, a_fault_strikes_what_the_dark_had_held_when_it_is_lit)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    fake_link_dark(e.link, FAKE_TO_SERVER);
    strike(&e, FAKE_CUT, 0);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    unit_int(fake_link_struck(e.link), 0);
    fake_link_light(e.link);
    unit_int(fake_link_struck(e.link), 1);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    unit_text(e.heard, "");
    end(&e, fd);
}

UNIT(fault, nonsense_is_not_taken)
{
    struct echo e;
    echo_start(&e, false);
    struct fake_fault none = {0}, past = {.kind = FAKE_DELAY, .amount = -1},
                      no_bytes = {.kind = FAKE_LIE, .length = 3},
                      unknown = {.kind = (enum fake_fault_kind)99};
    unit_int(fake_link_fault(e.link, &none), -EINVAL);
    unit_int(fake_link_fault(e.link, &past), -EINVAL);
    unit_int(fake_link_fault(e.link, &no_bytes), -EINVAL);
    unit_int(fake_link_fault(e.link, &unknown), -EINVAL);
    echo_end(&e);
}
