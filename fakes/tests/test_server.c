/* SPDX-License-Identifier: Apache-2.0
 * test_server.c - a server's age, its stops and starts, and who is awaited.
 */
#include "echo.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

UNIT(server, a_stopped_one_resets_and_refuses)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    unit_int(fake_stop(e.fake), 0);
    unit_true(!fake_is_up(e.fake));
    unit_int(e.closed, 1);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    close(fd);
    fd = echo_dial(e.link);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    close(fd);
    unit_int(e.opened, 1);
    unit_int(fake_start(e.fake, true), 0);
    fd = echo_dial(e.link);
    say(&e, fd, "one\n");
    expect_text(&e, fd, "one\n");
    close(fd);
    echo_end(&e);
}

UNIT(server, who_comes_to_a_parking_one_is_served_when_it_is_up)
{
    struct echo e;
    echo_start(&e, true);
    unit_int(fake_stop(e.fake), 0);
    int fd = echo_dial(e.link), left = echo_dial(e.link);
    say(&e, left, "left\n");
    unit_true(echo_until_holding(&e, true));
    close(left);
    unit_true(echo_until_holding(&e, false));
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    unit_int(e.opened, 0);
    unit_int(fake_start(e.fake, true), 0);
    unit_text(e.heard, "one\n");
    expect_text(&e, fd, "one\n");
    close(fd);
    echo_end(&e);
}

UNIT(server, parked_in_the_dark_it_is_served_when_both_are_over)
{
    struct echo e;
    echo_start(&e, true);
    unit_int(fake_stop(e.fake), 0);
    fake_link_dark(e.link, FAKE_BOTH);
    int fd = echo_dial(e.link);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    fake_link_light(e.link);
    unit_int(e.opened, 0);
    unit_true(fake_link_is_holding(e.link));
    unit_int(fake_start(e.fake, true), 0);
    expect_text(&e, fd, "one\n");
    close(fd);
    echo_end(&e);
}

UNIT(server, parked_in_the_dark_it_is_reset_when_light_shows_no_server)
{
    struct echo e;
    echo_start(&e, false);
    unit_int(fake_stop(e.fake), 0);
    fake_link_dark(e.link, FAKE_BOTH);
    int fd = echo_dial(e.link);
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    fake_link_light(e.link);
    unit_int(echo_how_ended(e.hub, fd), 'r');
    unit_text(e.heard, "");
    close(fd);
    echo_end(&e);
}

UNIT(server, is_a_day_old_and_young_again_after_a_start)
{
    struct echo e;
    echo_start(&e, false);
    unit_int(fake_started_ms(e.fake), 1000 - 86400000);
    unit_int(fake_set_age(e.fake, 300), 0);
    unit_int(fake_started_ms(e.fake), 700);
    unit_int(fake_set_age(e.fake, -1), -EINVAL);
    unit_int(fake_stop(e.fake), 0);
    fake_advance(e.hub, 4000);
    unit_int(fake_start(e.fake, true), 0);
    unit_int(fake_started_ms(e.fake), 4000);
    echo_end(&e);
}

UNIT(server, its_verbs_reach_the_service_and_the_trace)
{
    struct echo e;
    echo_start(&e, false);
    unit_int(fake_stop(e.fake), 0);
    unit_int(fake_stop(e.fake), 0);
    unit_int(fake_start(e.fake, true), 0);
    unit_int(fake_start(e.fake, true), 0);
    unit_int(e.wiped, 0);
    unit_int(e.restarted_kept, 1);
    unit_int(fake_stop(e.fake), 0);
    unit_int(fake_start(e.fake, false), 0);
    unit_int(e.wiped, 1);
    unit_int(e.restarted_empty, 1);
    unit_int(fake_flush(e.fake), 0);
    unit_int(e.wiped, 2);
    unit_int(fake_evict(e.fake, "there"), 0);
    unit_int(fake_evict(e.fake, "nowhere"), -ENOENT);
    unit_int(fake_expire_sessions(e.fake, e.link), -ENOTSUP);
    unit_true(fake_dump(e.fake) == NULL);
    unit_int(fake_condition_of(e.fake), FAKE_HEALTHY);
    unit_int(fake_set_condition(e.fake, FAKE_LOADING), 0);
    unit_int(fake_condition_of(e.fake), FAKE_LOADING);
    unit_text(e.trace, "echo stopped\necho started with its data\n"
                       "echo stopped\necho started empty\n"
                       "echo flushed\necho evicted there\n");
    echo_end(&e);
}

/* ---- who comes back --------------------------------------------------- */

UNIT(server, a_client_is_awaited_until_it_is_back)
{
    struct echo e;
    echo_start(&e, true);
    int fd = echo_dial(e.link);
    say(&e, fd, "one\n");
    expect_text(&e, fd, "one\n");
    unit_true(fake_link_is_settled(e.link));
    fake_link_reset(e.link);
    unit_true(!fake_link_is_settled(e.link));
    close(fd);
    fd = echo_dial(e.link);
    say(&e, fd, "two\n");
    expect_text(&e, fd, "two\n");
    unit_true(fake_link_is_settled(e.link));
    fake_link_abandon(e.link);
    unit_true(!fake_link_is_settled(e.link));
    close(fd);
    unit_int(fake_stop(e.fake), 0);
    fd = echo_dial(e.link); /* parked counts as back */
    say(&e, fd, "one\n");
    unit_true(echo_until_holding(&e, true));
    unit_true(fake_link_is_settled(e.link));
    close(fd);
    echo_end(&e);
}

UNIT(server, a_client_that_left_first_or_said_goodbye_is_not_awaited)
{
    struct echo e;
    echo_start(&e, true);
    int fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    close(fd);
    unit_true(echo_until(e.hub, &e.closed, 1));
    unit_true(fake_link_is_settled(e.link));
    fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 2));
    say(&e, fd, "one\n");
    expect_text(&e, fd, "one\n");
    close(fd); /* not read by the hub yet */
    fake_link_reset(e.link);
    unit_true(fake_link_is_settled(e.link));
    fd = echo_dial(e.link);
    say(&e, fd, "quit\n");
    expect_text(&e, fd, "bye\n");
    unit_int(echo_how_ended(e.hub, fd), 'e');
    unit_true(fake_link_is_settled(e.link));
    close(fd);
    echo_end(&e);
}

/* Its library thinks of it as a server that does not answer, and takes time
 * of its own before it comes back. */
UNIT(server, a_client_that_never_got_a_byte_is_not_awaited)
{
    struct echo e;
    struct fake_fault cut = {.kind = FAKE_CUT_AFTER, .times = 1};
    echo_start(&e, true);
    int fd = echo_dial(e.link);
    unit_int(fake_link_fault(e.link, &cut), 0);
    say(&e, fd, "one\n");
    unit_int(echo_how_ended(e.hub, fd), 'r');
    unit_text(e.heard, "one\n");
    unit_true(fake_link_is_settled(e.link));
    close(fd);
    echo_end(&e);
}

UNIT(server, one_that_closes_by_itself_awaits_its_client)
{
    struct echo e;
    echo_start(&e, true);
    int fd = echo_dial(e.link);
    say(&e, fd, "one\n");
    expect_text(&e, fd, "one\n");
    fake_conn_close(e.last);
    unit_int(echo_how_ended(e.hub, fd), 'e');
    unit_int(e.closed, 1);
    unit_true(!fake_link_is_settled(e.link));
    close(fd);
    echo_end(&e);
}

UNIT(server, where_clients_do_not_return_none_is_awaited)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    say(&e, fd, "one\n");
    expect_text(&e, fd, "one\n");
    fake_link_reset(e.link);
    unit_true(fake_link_is_settled(e.link));
    close(fd);
    echo_end(&e);
}
