/* SPDX-License-Identifier: Apache-2.0
 * test_hub.c - serving, waiting and waking.
 */
#include "echo.h"
#include "unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/socket.h>

static int64_t real_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

UNIT(hub, a_poll_without_work_waits_as_long_as_it_may)
{
    struct rusage before, after;
    struct echo e;
    echo_start(&e, false);
    unit_true(!fake_poll(e.hub, 0));
    int64_t begin = real_ms();
    unit_int(getrusage(RUSAGE_THREAD, &before), 0);
    unit_true(!fake_poll(e.hub, 30));
    unit_true(real_ms() - begin >= 30);
    unit_int(getrusage(RUSAGE_THREAD, &after), 0);
    unit_true(after.ru_nvcsw > before.ru_nvcsw); /* it slept */
    echo_end(&e);
}

/* The loop itself wakes to let go of a closed handle. */
UNIT(hub, what_is_no_news_does_not_end_a_wait)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    unit_true(echo_until(e.hub, &e.opened, 1));
    fake_link_abandon(e.link);
    int64_t begin = real_ms();
    unit_true(!fake_poll(e.hub, 30));
    unit_true(real_ms() - begin >= 30);
    close(fd);
    echo_end(&e);
}

static void *wake(void *hub)
{
    fake_wake(hub);
    return NULL;
}

UNIT(hub, another_thread_wakes_a_poll_that_would_wait_for_ever)
{
    struct echo e;
    pthread_t thread;
    echo_start(&e, false);
    unit_int(pthread_create(&thread, NULL, wake, e.hub), 0);
    unit_true(fake_poll(e.hub, INT64_MAX));
    unit_int(pthread_join(thread, NULL), 0);
    unit_true(!fake_poll(e.hub, 0));
    echo_end(&e);
}

UNIT(hub, a_virtual_timer_does_not_end_a_wait)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    say(&e, fd, "later\n");
    unit_true(echo_until_heard(&e, "later\n"));
    unit_int(fake_next_due(e.hub), 1010);
    unit_true(!fake_poll(e.hub, 30));
    unit_int(fake_now(e.hub), 1000);
    unit_int(fake_next_due(e.hub), 1010);
    close(fd);
    echo_end(&e);
}

/* The kernel takes no more until the client reads: then there is news. */
UNIT(hub, the_end_of_a_write_that_had_to_wait_is_news)
{
    enum { SIZE = 8 << 20 };
    struct echo e;
    bool has_news = false;
    size_t have = 0;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    char *text = malloc(SIZE);
    unit_true(text != NULL);
    memset(text, 'x', SIZE);
    text[SIZE - 1] = '\n';
    echo_say(e.hub, fd, text, SIZE);
    while (fake_count(e.fake, NULL, "line") == 0)
        unit_true(fake_poll(e.hub, 60000));
    unit_true(!fake_poll(e.hub, 10));
    while (have < SIZE) {
        ssize_t n = recv(fd, text, SIZE, MSG_DONTWAIT);
        have += n > 0 ? (size_t)n : 0;
        has_news = fake_poll(e.hub, 1) || has_news;
    }
    unit_true(has_news);
    free(text);
    close(fd);
    echo_end(&e);
}

UNIT(hub, two_hubs_know_nothing_of_each_other)
{
    struct echo a, b;
    echo_start(&a, false);
    echo_start(&b, false);
    fake_advance(a.hub, 9000);
    unit_int(fake_now(b.hub), 1000);
    int fd = echo_dial(b.link);
    say(&b, fd, "one\n");
    expect_text(&b, fd, "one\n");
    unit_text(a.heard, "");
    unit_true(!fake_poll(a.hub, 0));
    close(fd);
    echo_end(&a);
    echo_end(&b);
}

UNIT(hub, what_an_advance_says_is_written_by_the_next_poll)
{
    struct echo e;
    echo_start(&e, false);
    int fd = echo_dial(e.link);
    say(&e, fd, "later\n");
    unit_true(echo_until_heard(&e, "later\n"));
    fake_advance(e.hub, 5000);
    unit_true(echo_is_silent(fd));
    unit_true(fake_poll(e.hub, 0));
    expect_text(&e, fd, "later\n");
    close(fd);
    echo_end(&e);
}
