/* SPDX-License-Identifier: Apache-2.0
 * test_proxy.c - a proxy on one hub before an echo server on another.
 */
#include "echo.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>

/* Two hubs in one thread: the client's calls serve the proxy's hub, and each
 * of its rounds serves the server's. A timer that is always due does that. */
struct pair {
    struct echo server;
    struct echo front; /* its hub, and the link of the proxy                */
    struct fake_timer serve;
};

static void serve_other(void *arg)
{
    struct pair *p = arg;

    fake_poll(p->server.hub, 0);
    fake_timer_set(p->front.hub, &p->serve, fake_now(p->front.hub) + 1);
}

/* On a real clock: the proxy is for real servers. */
static void start_to(struct pair *p, const char *host, int port)
{
    struct fake_hub_options options = {.virtual_clock = false};

    memset(&p->front, 0, sizeof p->front);
    unit_int(fake_hub_new(&options, &p->front.hub), 0);
    unit_int(fake_proxy_new(p->front.hub, host, port, &p->front.fake), 0);
    unit_int(fake_listen(p->front.fake, "front", &p->front.link), 0);
    p->serve = (struct fake_timer){.fire = serve_other, .arg = p};
    fake_timer_set(p->front.hub, &p->serve, 0);
}

static void start(struct pair *p)
{
    echo_start(&p->server, false);
    start_to(p, "127.0.0.1", fake_link_port(p->server.link));
}

static void end(struct pair *p)
{
    fake_hub_free(p->front.hub);
    echo_end(&p->server);
}

/* Serve both hubs until the server has seen so much. */
#define until(p, at, want)                                                     \
    unit_true(echo_until((p)->front.hub, &(p)->server.at, want))

static void until_heard(struct pair *p, const char *all)
{
    for (int i = 0; i < 60000 && strcmp(p->server.heard, all) != 0; i++)
        fake_poll(p->front.hub, 1);
    unit_text(p->server.heard, all);
}

UNIT(proxy, a_line_comes_back_and_the_greeting_is_kept)
{
    struct pair p;
    uint8_t got[64];
    start(&p);
    int fd = echo_dial(p.front.link);
    say(&p.front, fd, "one\n");
    expect_text(&p.front, fd, "one\n");
    unit_text(p.server.heard, "one\n");
    unit_bytes(got, fake_link_greeting(p.front.link, got), "one\n", 4);
    unit_int(fake_count(p.front.fake, p.front.link, "connect"), 1);
    unit_int(fake_count(p.front.fake, p.front.link, NULL), 0);
    close(fd);
    until(&p, closed, 1);
    end(&p);
}

UNIT(proxy, ten_megabytes_go_both_ways)
{
    enum { SIZE = 10 << 20 };
    struct pair p;
    start(&p);
    int fd = echo_dial(p.front.link);
    char *out = malloc(SIZE), *in = malloc(SIZE);
    unit_true(out != NULL && in != NULL);
    for (int i = 0; i < SIZE; i++)
        out[i] = (char)('a' + i % 23);
    out[SIZE - 1] = '\n';
    echo_say(p.front.hub, fd, out, SIZE);
    unit_int((int64_t)echo_hear(p.front.hub, fd, in, SIZE), SIZE);
    unit_bytes(in, SIZE, out, SIZE);
    free(in);
    free(out);
    close(fd);
    end(&p);
}

UNIT(proxy, the_end_of_the_server_is_the_end_of_the_client)
{
    struct pair p;
    start(&p);
    int fd = echo_dial(p.front.link);
    say(&p.front, fd, "quit\n");
    expect_text(&p.front, fd, "bye\n");
    unit_int(echo_how_ended(p.front.hub, fd), 'e');
    close(fd);
    fd = echo_dial(p.front.link);
    say(&p.front, fd, "one\n");
    expect_text(&p.front, fd, "one\n");
    fake_link_reset(p.server.link);
    unit_int(echo_how_ended(p.front.hub, fd), 'r');
    close(fd);
    end(&p);
}

UNIT(proxy, no_server_is_a_reset)
{
    struct pair p;
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    /* Bound and not listening: nobody else gets the port meanwhile. */
    int taken = socket(AF_INET, SOCK_STREAM, 0);
    unit_int(bind(taken, (struct sockaddr *)&name, size), 0);
    unit_int(getsockname(taken, (struct sockaddr *)&name, &size), 0);
    echo_start(&p.server, false);
    start_to(&p, "127.0.0.1", ntohs(name.sin_port));
    int fd = echo_dial(p.front.link);
    unit_int(echo_how_ended(p.front.hub, fd), 'r');
    close(fd);
    close(taken);
    end(&p);
}

UNIT(proxy, darkness_holds_and_a_request_of_one_who_left_arrives)
{
    struct pair p;
    start(&p);
    int fd = echo_dial(p.front.link);
    until(&p, opened, 1);
    fake_link_dark(p.front.link, FAKE_TO_SERVER);
    say(&p.front, fd, "one\n");
    unit_true(echo_until_holding(&p.front, true));
    int late = echo_dial(p.front.link); /* has no connection behind it yet */
    say(&p.front, late, "two\n");
    for (int i = 0; i < 20; i++)
        fake_poll(p.front.hub, 1);
    unit_text(p.server.heard, "");
    fake_link_abandon(p.front.link);
    unit_int(echo_how_ended(p.front.hub, fd), 'r');
    unit_int(echo_how_ended(p.front.hub, late), 'r');
    unit_int(p.server.closed, 0);
    fake_link_light(p.front.link);
    until_heard(&p, "one\ntwo\n");
    until(&p, closed, 2);
    close(fd);
    close(late);
    end(&p);
}

UNIT(proxy, cut_after_waits_for_the_real_answer)
{
    struct pair p;
    struct fake_fault cut = {.kind = FAKE_CUT_AFTER, .times = 1};
    start(&p);
    int fd = echo_dial(p.front.link);
    unit_int(fake_link_fault(p.front.link, &cut), 0);
    say(&p.front, fd, "one\n");
    unit_int(echo_how_ended(p.front.hub, fd), 'r');
    unit_text(p.server.heard, "one\n");
    until(&p, closed, 1);
    close(fd);
    end(&p);
}

UNIT(proxy, a_delay_lasts_its_real_milliseconds)
{
    struct pair p;
    struct fake_fault delay = {.kind = FAKE_DELAY, .times = 1, .amount = 60};
    start(&p);
    int fd = echo_dial(p.front.link);
    unit_int(fake_link_fault(p.front.link, &delay), 0);
    int64_t begin = fake_now(p.front.hub);
    say(&p.front, fd, "one\n");
    expect_text(&p.front, fd, "one\n");
    unit_true(fake_now(p.front.hub) - begin >= 60);
    close(fd);
    end(&p);
}

/* The server's hub is not served: what is sent stays with the proxy. */
UNIT(proxy, a_hub_ends_with_bytes_on_their_way_to_a_server_that_does_not_read)
{
    enum { SIZE = 16 << 20 };
    struct pair p;
    start(&p);
    fake_timer_stop(p.front.hub, &p.serve);
    int fd = echo_dial(p.front.link);
    char *out = calloc(1, SIZE);
    unit_true(out != NULL);
    echo_say(p.front.hub, fd, out, SIZE);
    free(out);
    close(fd);
    for (int i = 0; i < 50; i++)
        fake_poll(p.front.hub, 1);
    end(&p);
}

UNIT(proxy, is_not_a_server_that_can_be_stopped)
{
    struct pair p;
    start(&p);
    unit_int(fake_stop(p.front.fake), -ENOTSUP);
    unit_int(fake_start(p.front.fake, false), -ENOTSUP);
    unit_int(fake_flush(p.front.fake), -ENOTSUP);
    unit_int(fake_evict(p.front.fake, "a"), -ENOTSUP);
    unit_int(fake_set_age(p.front.fake, 1), -ENOTSUP);
    unit_int(fake_set_condition(p.front.fake, FAKE_LOADING), -ENOTSUP);
    unit_int(fake_expire_sessions(p.front.fake, p.front.link), -ENOTSUP);
    end(&p);
}

UNIT(proxy, only_numbers_are_an_address)
{
    struct pair p;
    struct fake *f = NULL;
    start(&p);
    unit_true(fake_proxy_new(p.front.hub, "localhost", 1, &f) < 0);
    unit_true(fake_proxy_new(p.front.hub, "127.0.0.1", 0, &f) < 0);
    unit_true(fake_proxy_new(p.front.hub, "127.0.0.1", 65536, &f) < 0);
    unit_true(f == NULL);
    unit_int(fake_proxy_new(p.front.hub, "::1", 1, &f), 0);
    end(&p);
}
