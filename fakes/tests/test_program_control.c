/* SPDX-License-Identifier: Apache-2.0
 * test_program_control.c - the control port, and the command line.
 */
#include "program/command.h"
#include "program/control.h"
#include "program/options.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>

/* ---- the port --------------------------------------------------------- */

struct desk {
    struct program p;
    struct program_control *control;
};

static void open_desk(struct desk *d)
{
    struct program_plan plan = {.is_wanted = {false, true, true},
                                .is_stopped = true};
    char why[256] = "";

    unit_int(program_open(&d->p, &plan, why, sizeof why), 0);
    unit_int(program_control_open(&d->p, 0, &d->control), 0);
}

static int dial(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    unit_true(fd >= 0);
    unit_int(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void serve(struct desk *d)
{
    fake_poll(d->p.hub, 1);
    program_control_run(d->control);
}

/* At most a minute. */
#define serve_until(d, is_so)                                                  \
    do {                                                                       \
        for (int i_ = 0; i_ < 60000 && !(is_so); i_++)                         \
            serve(d);                                                          \
        unit_true(is_so);                                                      \
    } while (0)

/* Serves until so much has come, or the end. */
static void expect(struct desk *d, int fd, const char *want)
{
    char got[512];
    size_t have = 0;

    for (int i = 0; i < 60000 && have < strlen(want); i++) {
        ssize_t n = recv(fd, got + have, strlen(want) - have, MSG_DONTWAIT);
        if (n == 0)
            break;
        if (n > 0)
            have += (size_t)n;
        else
            serve(d);
    }
    got[have] = '\0';
    unit_text(got, want);
}

static void send_text(int fd, const char *text)
{
    size_t length = strlen(text);

    unit_int(send(fd, text, length, MSG_NOSIGNAL), (int64_t)length);
}

UNIT(program_control, lines_are_answered_in_their_order)
{
    struct desk d;
    open_desk(&d);
    int fd = dial(d.p.control_port);
    send_text(fd, "count redis\nfoo\nfl");
    expect(&d, fd,
           "ok 0\nerror no command is called \"foo\": help lists "
           "them\n");
    send_text(fd, "ush redis\r\ndump redis\n");
    expect(&d, fd, "ok\nok\n.\n");
    close(fd);
    program_close(&d.p);
}

/* A step of the clock from within a request would leave what it ended half
 * done until the request is over. */
UNIT(program_control, a_step_is_made_between_two_polls)
{
    struct desk d;
    char set[] = "set a 0 5 1\r\nx\r\nget a\r\n";
    open_desk(&d);
    int fd = dial(d.p.control_port);
    int mc = dial(fake_link_port(d.p.links->link));
    send_text(mc, set);
    expect(&d, mc, "STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
    send_text(fd, "step 5000\ndump memcached\n");
    while (fake_now(d.p.hub) == 0) {
        unit_true(fake_poll(d.p.hub, 60000));
        unit_int(fake_now(d.p.hub), 0);
        program_control_run(d.control);
    }
    char want[64];
    snprintf(want, sizeof want, "ok now 5000 rate 0 wall %lld\nok\n.\n",
             (long long)fake_wall_ms(d.p.hub));
    expect(&d, fd, want);
    close(mc);
    close(fd);
    program_close(&d.p);
}

UNIT(program_control, what_was_sent_before_leaving_is_done)
{
    struct desk d;
    open_desk(&d);
    int fd = dial(d.p.control_port);
    send_text(fd, "step 1000\nstep 100\nlisten redis\n");
    close(fd);
    serve_until(&d, fake_now(d.p.hub) >= 1100);
    unit_true(d.p.links->next->next != NULL);
    program_close(&d.p);
}

UNIT(program_control, a_line_without_end_is_refused)
{
    enum { SIZE = 2 * PROGRAM_LONGEST_LINE };
    struct desk d;
    char *text = malloc(SIZE);
    size_t sent = 0;
    open_desk(&d);
    unit_true(text != NULL);
    memset(text, 'x', SIZE);
    int fd = dial(d.p.control_port);
    int other = dial(d.p.control_port);
    while (sent < PROGRAM_LONGEST_LINE + 1) {
        ssize_t n = send(fd, text + sent, SIZE - sent, MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
        serve(&d);
    }
    expect(&d, fd, PROGRAM_TOO_LONG);
    send_text(other, "count redis\n");
    expect(&d, other, "ok 0\n");
    free(text);
    close(fd);
    close(other);
    program_close(&d.p);
}

UNIT(program_control, quit_is_answered_and_ends_in_order)
{
    struct desk d;
    char byte;
    open_desk(&d);
    int fd = dial(d.p.control_port);
    send_text(fd, "quit\nnow\n");
    serve_until(&d, d.p.is_over);
    program_control_end(d.control);
    program_close(&d.p);
    char got[8] = "";
    unit_int(recv(fd, got, 3, MSG_WAITALL), 3);
    unit_text(got, "ok\n");
    unit_int(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

UNIT(program_control, bytes_that_are_no_language_are_answered_too)
{
    struct desk d;
    open_desk(&d);
    int fd = dial(d.p.control_port);
    unit_int(send(fd, "\0\xff\n", 3, 0), 3);
    expect(&d, fd,
           "error a control character in the line: write \\n, \\t or \\xHH\n");
    close(fd);
    program_close(&d.p);
}

/* ---- the command line ------------------------------------------------- */

static bool read_words(const char *text, struct program_options *o, char *why,
                       size_t size)
{
    static char copy[256];
    static char name[] = "fakes";
    char *argv[32] = {name}, *save = NULL;
    int argc = 1;

    strcpy(copy, text);
    for (char *word = strtok_r(copy, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    return program_options_read(argc, argv, o, why, size);
}

UNIT(program_options, what_is_not_said_has_a_default)
{
    struct program_options o;
    char why[256] = "";
    unit_true(read_words("", &o, why, sizeof why));
    unit_true(o.plan.is_wanted[PROGRAM_KAZOO] && o.plan.is_wanted[1] &&
              o.plan.is_wanted[2]);
    unit_int(o.plan.tick_ms, 2000);
    unit_int(o.plan.phase_ms, 0);
    unit_int(o.control_port, 0);
    unit_int(o.owner, 0);
    unit_true(!o.plan.is_stopped && !o.is_help && !o.is_control_stdin);
    unit_true(o.trace == NULL && o.ready == NULL);
}

UNIT(program_options, what_is_said_is_done)
{
    struct program_options o;
    char why[256] = "";
    unit_true(read_words("--port kazoo=2181 redis --tick 250 --phase=999 "
                         "--stopped --control 7 --trace t --ready-file r "
                         "--exit-with 12 kazoo --port redis=6379",
                         &o, why, sizeof why));
    unit_true(o.plan.is_wanted[PROGRAM_KAZOO]);
    unit_true(!o.plan.is_wanted[PROGRAM_MEMCACHED]);
    unit_true(o.plan.is_wanted[PROGRAM_REDIS]);
    unit_int(o.plan.port[PROGRAM_KAZOO], 2181);
    unit_int(o.plan.port[PROGRAM_REDIS], 6379);
    unit_int(o.plan.tick_ms, 250);
    unit_int(o.plan.phase_ms, 999);
    unit_true(o.plan.is_stopped);
    unit_int(o.control_port, 7);
    unit_text(o.trace, "t");
    unit_text(o.ready, "r");
    unit_int(o.owner, 12);
    unit_true(
        read_words("--control - --exit-with parent", &o, why, sizeof why));
    unit_true(o.is_control_stdin);
    unit_int(o.owner, getppid());
    unit_true(read_words("--help", &o, why, sizeof why));
    unit_true(o.is_help);
}

UNIT(program_options, what_nobody_knows_is_refused_with_a_sentence)
{
    static const char *const rows[][2] = {
        {"foo", "no server is called \"foo\": kazoo, memcached, redis"},
        {"--foo", "unknown option \"--foo\""},
        {"-x", "unknown option \"-x\""},
        {"--tick", "--tick wants a value"},
        {"--tick 0", "--tick wants a number from 1 to 107374182, not \"0\""},
        {"--phase 1000", "--phase wants a number from 0 to 999, not \"1000\""},
        {"--port", "--port wants a value"},
        {"--port 5", "--port wants SERVER=PORT, not \"5\""},
        {"--port foo=5", "--port wants SERVER=PORT, not \"foo=5\""},
        {"--port redis=", "--port wants SERVER=PORT, not \"redis=\""},
        {"--port redis=0", "--port wants SERVER=PORT, not \"redis=0\""},
        {"--port redis=65536", "--port wants SERVER=PORT, not \"redis=65536\""},
        {"--port redis=5 kazoo", "a port for redis, which is not to be served"},
        {"--control x", "--control wants a port or -, not \"x\""},
        {"--control 65536", "--control wants a port or -, not \"65536\""},
        {"--exit-with x",
         "--exit-with wants a process or \"parent\", not \"x\""},
        {"--exit-with 0",
         "--exit-with wants a process or \"parent\", not \"0\""},
        {"--control - --trace -",
         "the trace and the answers cannot share stdout"},
    };
    struct program_options o;
    char why[256];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        why[0] = '\0';
        unit_true(!read_words(rows[i][0], &o, why, sizeof why));
        unit_text(why, rows[i][1]);
    }
}
