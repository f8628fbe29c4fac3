/* SPDX-License-Identifier: Apache-2.0
 * test_pace.c - a virtual clock that runs by itself, and sessions in real time.
 */
#include "echo.h"
#include "unit.h"
#include "zk_raw.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t real_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the clock -------------------------------------------------------- */

UNIT(pace, a_clock_that_runs_serves_each_event_at_its_own_moment)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    say(&e, fd, "later\n");
    unit_true(echo_until_heard(&e, "later\n"));
    unit_int(fake_next_due(e.hub), 1010);
    int64_t begin = real_ms();
    unit_int(fake_set_rate(e.hub, 0.5), 0);
    while (fake_next_due(e.hub) != INT64_MAX)
        unit_true(fake_poll(e.hub, 60000));
    unit_true(real_ms() - begin >= 19);
    expect_text(&e, fd, "later\n");
    close(fd);
    echo_end(&e);
}

UNIT(pace, a_clock_that_runs_goes_as_fast_as_it_was_told)
{
    struct echo e;
    echo_start(&e, false);
    int64_t begin = real_ms();
    unit_int(fake_set_rate(e.hub, 1000), 0);
    fake_poll(e.hub, 20);
    unit_int(fake_set_rate(e.hub, 0), 0);
    int64_t took = real_ms() - begin, gone = fake_now(e.hub) - 1000;
    unit_true(gone >= 19 * 1000 && gone <= (took + 1) * 1000);
    unit_int(fake_wall_ms(e.hub), 5000 + gone);
    fake_poll(e.hub, 20);
    unit_int(fake_now(e.hub), 1000 + gone);
    echo_end(&e);
}

/* A verb, or a request, after an idle hour finds the clock where it belongs. */
UNIT(pace, who_comes_after_a_long_wait_finds_the_present_time)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    unit_int(fake_set_rate(e.hub, 100), 0);
    int64_t begin = real_ms();
    fake_poll(e.hub, 30);
    say(&e, fd, "later\n");
    unit_true(echo_until_heard(&e, "later\n"));
    unit_true(fake_next_due(e.hub) >= 1000 + 29 * 100 + 10 ||
              fake_next_due(e.hub) == INT64_MAX);
    unit_true(real_ms() - begin >= 30);
    close(fd);
    echo_end(&e);
}

UNIT(pace, a_clock_that_runs_is_not_moved_by_hand)
{
    struct echo e;
    echo_start(&e, false);
    unit_int(fake_set_rate(e.hub, 1), 0);
    fake_advance(e.hub, INT64_C(1000000000));
    unit_true(fake_now(e.hub) < 1000000);
    unit_int(fake_set_rate(e.hub, 0), 0);
    fake_advance(e.hub, INT64_C(1000000000));
    unit_int(fake_now(e.hub), 1000000000);
    echo_end(&e);
}

UNIT(pace, a_rate_is_a_number_from_0_to_the_fastest)
{
    struct fake_hub_options real = {.virtual_clock = false};
    struct fake_hub *hub = NULL;
    struct echo e;
    echo_start(&e, false);
    unit_int(fake_set_rate(e.hub, -1), -EINVAL);
    unit_int(fake_set_rate(e.hub, NAN), -EINVAL);
    unit_int(fake_set_rate(e.hub, INFINITY), -EINVAL);
    unit_int(fake_set_rate(e.hub, FAKE_FASTEST * 2), -EINVAL);
    unit_int(fake_set_rate(e.hub, FAKE_FASTEST), 0);
    echo_end(&e);
    unit_int(fake_hub_new(&real, &hub), 0);
    unit_int(fake_set_rate(hub, 1), -ENOTSUP);
    fake_hub_free(hub);
}

UNIT(pace, what_can_be_read_elsewhere_ends_a_wait)
{
    struct echo e;
    int ends[2];
    echo_start(&e, false);
    unit_int(pipe(ends), 0);
    unit_int(fake_watch_fd(e.hub, ends[0]), 0);
    unit_int(fake_watch_fd(e.hub, ends[0]), -EBUSY);
    unit_true(!fake_poll(e.hub, 0));
    unit_int(write(ends[1], "x", 1), 1);
    unit_true(fake_poll(e.hub, INT64_MAX));
    unit_true(fake_poll(e.hub, INT64_MAX)); /* it still can */
    echo_end(&e);
    close(ends[0]);
    close(ends[1]);
}

UNIT(pace, a_link_listens_where_it_is_told)
{
    struct fake_link *link = NULL, *other = NULL;
    struct echo e;
    echo_start(&e, false);
    int port = fake_link_port(e.link);
    unit_int(fake_listen_at(e.fake, "b", port, &link), -EADDRINUSE);
    unit_int(fake_listen_at(e.fake, "b", 65536, &link), -EINVAL);
    unit_int(fake_listen_at(e.fake, "b", -1, &link), -EINVAL);
    fake_link_close(e.link);
    fake_poll(e.hub, 0);
    unit_int(fake_listen_at(e.fake, "b", port, &other), 0);
    unit_int(fake_link_port(other), port);
    int fd = echo_dial(other);
    say(&e, fd, "one\n");
    expect_text(&e, fd, "one\n");
    close(fd);
    echo_end(&e);
}

/* ---- sessions --------------------------------------------------------- */

static struct fake_link *fast_server(struct raw_hub *h, int64_t tick_ms)
{
    struct fake *zk = NULL;
    struct fake_link *link = NULL;

    raw_hub_open(h, 1000);
    unit_int(fake_zookeeper_new(h->hub, tick_ms, &zk), 0);
    unit_int(fake_listen(zk, "fast", &link), 0);
    return link;
}

UNIT(pace, a_session_ages_in_real_time_only)
{
    struct raw_hub h;
    struct raw c;
    raw_hub_open(&h, 1000);
    raw_open(&c, &h, h.link, 4000);
    unit_int(fake_next_due(h.hub), INT64_MAX);
    unit_int(fake_set_rate(h.hub, 1), 0);
    unit_int(fake_next_due(h.hub), 6000);
    unit_int(fake_set_rate(h.hub, 0), 0);
    unit_int(fake_next_due(h.hub), INT64_MAX);
    fake_advance(h.hub, 100000);
    unit_int(fake_set_rate(h.hub, 1.5), 0);
    unit_int(fake_next_due(h.hub), INT64_MAX);
    unit_int(fake_set_rate(h.hub, 1), 0);
    unit_int(fake_next_due(h.hub), 106000);
    raw_hang_up(&c); /* a lost connection is no sign of life */
    unit_int(fake_next_due(h.hub), 106000);
    raw_hub_close(&h);
}

UNIT(pace, in_real_time_a_client_that_is_silent_expires)
{
    struct raw_hub h;
    struct raw c;
    struct fake_link *link = fast_server(&h, 1);
    raw_open(&c, &h, link, 20);
    unit_int(fake_set_rate(h.hub, 1), 0);
    while (strstr(h.trace, "expired") == NULL)
        unit_true(fake_poll(h.hub, 60000));
    unit_text(h.trace, "zookeeper expired session of fast;");
    unit_true(fake_now(h.hub) >= 1020);
    unit_true(raw_is_closed(&c));
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(pace, in_real_time_each_ping_is_a_new_lease)
{
    struct raw_hub h;
    struct raw c;
    struct fake_link *link = fast_server(&h, 100);
    raw_open(&c, &h, link, 2000);
    unit_int(fake_set_rate(h.hub, 1), 0);
    int64_t due_ms = fake_next_due(h.hub);
    unit_true(due_ms >= 3000);
    fake_poll(h.hub, 110);
    unit_int(fake_next_due(h.hub), due_ms);
    raw_op_xid(&c, 11, -2);
    raw_go(&c);
    raw_settle(&h);
    unit_true(fake_next_due(h.hub) > due_ms);
    raw_hang_up(&c);
    raw_hub_close(&h);
}

UNIT(pace, in_real_time_the_light_is_no_sign_of_life)
{
    struct raw_hub h;
    struct raw c;
    struct fake_link *link = fast_server(&h, 100);
    raw_open(&c, &h, link, 2000);
    unit_int(fake_set_rate(h.hub, 1), 0);
    int64_t due_ms = fake_next_due(h.hub);
    fake_link_dark(link, FAKE_BOTH);
    unit_int(fake_next_due(h.hub), due_ms); /* nobody else's patience */
    fake_poll(h.hub, 110);
    fake_link_light(link);
    unit_int(fake_next_due(h.hub), due_ms);
    raw_hang_up(&c);
    raw_hub_close(&h);
}
