/* SPDX-License-Identifier: Apache-2.0
 * test_redis_peer.c - the Redis back end before a peer that says whatever a
 * server may not: it ends with a reason, soon, and never with an answer.
 */
#include "op.h"
#include "unit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The two INFO answers that a connection begins with. */
#define HELLO                                                                  \
    "$25\r\nuptime_in_seconds:86400\r\n\r\n"                                   \
    "$11\r\nrole:master\r\n"

/* The row of a name of which nothing stands but its entry. */
#define ROW ":1\r\n$0\r\n\r\n:1\r\n$-1\r\n$-1\r\n$-1\r\n"

/* A server that hears one request, or the begin of one, and says its text. */
struct peer {
    int listener, port;
    const char *says;
    size_t step;          /* bytes at a time                             */
    struct sg_backend *b; /* interrupt it instead of ending              */
    bool is_ended;
    pthread_t thread;
};

/* An interrupted wait hangs up, long before io_limit_ms. */
static void peer_interrupt(struct peer *p, int fd)
{
    struct pollfd end = {.fd = fd, .events = POLLIN};

    sg_redis_kind.interrupt(p->b);
    p->is_ended = poll(&end, 1, 10000) == 1;
}

static void *peer_main(void *arg)
{
    struct peer *p = arg;
    int fd = accept(p->listener, NULL, NULL);
    size_t left = strlen(p->says), n;
    const char *at = p->says;
    char heard[8192];

    if (recv(fd, heard, sizeof heard, 0) <= 0)
        left = 0;
    for (; left > 0; left -= n, at += n) {
        n = p->step < left ? p->step : left;
        if (send(fd, at, n, MSG_NOSIGNAL) != (ssize_t)n)
            break;
    }
    if (p->b == NULL)
        shutdown(fd, SHUT_WR);
    else if (recv(fd, heard, sizeof heard, 0) > 0)
        peer_interrupt(p, fd); /* the question is here: it waits */
    while (recv(fd, heard, sizeof heard, 0) > 0)
        ;
    close(fd);
    return NULL;
}

static void peer_listen(struct peer *p)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof at;

    p->listener = socket(AF_INET, SOCK_STREAM, 0);
    unit_int(bind(p->listener, (struct sockaddr *)&at, bytes), 0);
    unit_int(listen(p->listener, 4), 0);
    getsockname(p->listener, (struct sockaddr *)&at, &bytes);
    p->port = ntohs(at.sin_port);
}

static int64_t no_time(void *arg)
{
    (void)arg;
    return 1000;
}

static void count_wait(void *arg)
{
    ++*(unsigned *)arg;
}

static const char *no_option(const struct sg_target *target, const char *name)
{
    (void)target;
    (void)name;
    return NULL;
}

/* One instance before one peer. */
struct scene {
    struct sg_endpoint endpoint;
    struct sg_target target;
    struct sg_backend_env env;
    unsigned waits;
    struct sg_backend *b;
    struct sg_task *task;
};

static void scene_open(struct scene *s, int port)
{
    *s = (struct scene){.endpoint = {"localhost", "127.0.0.1", port}};
    s->target = (struct sg_target){.scheme = "redis",
                                   .endpoints = &s->endpoint,
                                   .n_endpoints = 1,
                                   .path = "",
                                   .option = no_option};
    s->env = (struct sg_backend_env){.arg = &s->waits,
                                     .now_ms = no_time,
                                     .waited = count_wait,
                                     .io_limit_ms = 20000};
    unit_int(sg_redis_kind.open(&s->target, &s->env, &s->b), SG_OK);
}

static int scene_run(struct scene *s, enum sg_verb verb)
{
    struct sg_op *op;

    sg_task_drop(s->task);
    s->task = sg_task_new(verb, 1, verb == SG_VERB_LIST ? 0 : 1);
    unit_true(s->task != NULL);
    op = &s->task->op;
    op->member = "m";
    op->token = "00000000000000aa";
    op->timeout_ms = 5000;
    op->groups[0].name = "g";
    if (op->n_sights > 0)
        op->sights[0].member = "m";
    return sg_redis_kind.verb[verb](s->b, op);
}

static void scene_close(struct scene *s)
{
    sg_task_drop(s->task);
    sg_redis_kind.close(s->b);
}

/* Ask a peer that says `says`; the reason of the failure, or NO_REASON. */
static enum sg_reason ask_peer(const char *says, size_t step, enum sg_verb verb,
                               int *ret_code)
{
    struct peer p = {.says = says, .step = step};
    struct scene s;
    enum sg_reason reason;

    peer_listen(&p);
    scene_open(&s, p.port);
    pthread_create(&p.thread, NULL, peer_main, &p);
    *ret_code = scene_run(&s, verb);
    reason = s.task->op.reason;
    scene_close(&s);
    pthread_join(p.thread, NULL);
    close(p.listener);
    return reason;
}

static const struct {
    const char *says;
    enum sg_reason reason;
} wrong[] = {
    {"", SG_CUT},
    {"$", SG_CUT},
    {HELLO, SG_CUT},
    {HELLO "*9\r\n$1\r\n1\r\n", SG_CUT},
    {"-ERR max number of clients reached\r\n", SG_SERVER_ERROR},
    {HELLO "-OOPS\r\n", SG_SERVER_ERROR},
    {"$3\r\nabc\r\n$10\r\nrole:slave\r\n", SG_WRONG_ROLE},
    {"$19\r\nredis_mode:sentinel\r\n$0\r\n\r\n", SG_WRONG_ROLE},
    {"%2\r\n", SG_GARBAGE}, /* RESP3 */
    {":1\r\n", SG_GARBAGE},
    {"$-1\r\n", SG_GARBAGE},
    {"$3\r\nabc\r\n$4\r\nrole\r\n", SG_GARBAGE}, /* no role */
    {HELLO "HTTP/1.1 400 Bad Request\r\n\r\n", SG_GARBAGE},
    {HELLO "+OK\r\n", SG_GARBAGE},
    {HELLO ":9223372036854775808\r\n", SG_GARBAGE},
    {HELLO "$9999999999999999999\r\n", SG_GARBAGE},
    {HELLO "$-7\r\n", SG_GARBAGE},
    {HELLO "*-5\r\n", SG_GARBAGE},
    {HELLO "*-1\r\n", SG_GARBAGE},
    {HELLO "*0\r\n", SG_GARBAGE},
    {HELLO "*1000000000\r\n", SG_GARBAGE},
    {HELLO "*4611686018427387904\r\n", SG_GARBAGE},
    {HELLO "*1\r\n*1\r\n", SG_GARBAGE},
    /* another question's serial; a group that is 7; one value too many */
    {HELLO "*9\r\n$1\r\n2\r\n:1\r\n$-1\r\n" ROW, SG_GARBAGE},
    {HELLO "*9\r\n$1\r\n1\r\n:7\r\n$-1\r\n" ROW, SG_GARBAGE},
    {HELLO "*10\r\n$1\r\n1\r\n:1\r\n$-1\r\n" ROW ":1\r\n", SG_GARBAGE},
    /* no row; the row of question 2; liveness that is a number */
    {HELLO "*3\r\n$1\r\n1\r\n:1\r\n$-1\r\n", SG_GARBAGE},
    {HELLO "*9\r\n$1\r\n1\r\n:1\r\n$-1\r\n"
           ":2\r\n$0\r\n\r\n:1\r\n$-1\r\n$-1\r\n$-1\r\n",
     SG_GARBAGE},
    {HELLO "*9\r\n$1\r\n1\r\n:1\r\n$-1\r\n"
           ":1\r\n$0\r\n\r\n:1\r\n:5\r\n$-1\r\n$-1\r\n",
     SG_GARBAGE},
    /* a part, though none was asked for */
    {HELLO "*15\r\n$1\r\n1\r\n:1\r\n$-1\r\n"
           ":1\r\n$0\r\n\r\n:1\r\n$-1\r\n$-1\r\n$-1\r\n"
           ":1\r\n$3\r\nm:1\r\n:1\r\n$-1\r\n$-1\r\n$-1\r\n",
     SG_GARBAGE},
};

UNIT(redis_peer, what_is_no_answer_is_unknown)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int code;
        unit_int(ask_peer(wrong[i].says, 65536, SG_VERB_ASK, &code),
                 wrong[i].reason);
        unit_int(code, SG_EUNKNOWN);
    }
}

UNIT(redis_peer, rows_come_in_the_order_asked)
{
    static const char says[] =
        HELLO "*15\r\n$1\r\n1\r\n:1\r\n$-1\r\n"
              ":2\r\n$0\r\n\r\n:1\r\n$-1\r\n$-1\r\n$-1\r\n" ROW;
    struct peer p = {.says = says, .step = 65536};
    struct scene s;
    struct sg_op *op;

    peer_listen(&p);
    scene_open(&s, p.port);
    pthread_create(&p.thread, NULL, peer_main, &p);
    s.task = sg_task_new(SG_VERB_ASK, 1, 2);
    unit_true(s.task != NULL);
    op = &s.task->op;
    op->groups[0].name = "g";
    op->sights[0].member = "m";
    op->sights[1].member = "n";
    unit_int(sg_redis_kind.verb[SG_VERB_ASK](s.b, op), SG_EUNKNOWN);
    unit_int(op->reason, SG_GARBAGE);
    scene_close(&s);
    pthread_join(p.thread, NULL);
    close(p.listener);
}

UNIT(redis_peer, a_byte_at_a_time_is_no_different)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int code;
        unit_int(ask_peer(wrong[i].says, 1, SG_VERB_ASK, &code),
                 wrong[i].reason);
        unit_int(code, SG_EUNKNOWN);
    }
}

UNIT(redis_peer, an_answer_is_one_cut_anywhere_is_none)
{
    static const char whole[] =
        HELLO "*9\r\n$1\r\n1\r\n:1\r\n$-1\r\n"
              ":1\r\n$0\r\n\r\n:1\r\n$-1\r\n$-1\r\n$-1\r\n";
    char part[sizeof whole];
    int code;

    unit_int(ask_peer(whole, 1, SG_VERB_ASK, &code), SG_NO_REASON);
    unit_int(code, SG_OK);
    for (size_t n = 0; n < sizeof whole - 1; n += 7) {
        memcpy(part, whole, n);
        part[n] = '\0';
        unit_int(ask_peer(part, 65536, SG_VERB_ASK, &code), SG_CUT);
        unit_int(code, SG_EUNKNOWN);
    }
}

UNIT(redis_peer, no_verb_takes_a_bare_serial)
{
    static const enum sg_verb verbs[] = {
        SG_VERB_JOIN, SG_VERB_LEAVE,        SG_VERB_BEAT,        SG_VERB_ASK,
        SG_VERB_LIST, SG_VERB_GET_METADATA, SG_VERB_SET_METADATA};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        int code;
        unit_int(ask_peer(HELLO "*1\r\n$1\r\n1\r\n", 65536, verbs[i], &code),
                 SG_GARBAGE);
        unit_int(code, SG_EUNKNOWN);
    }
}

/* A server that was told it may say it whenever it likes. */
UNIT(redis_peer, a_password_is_not_repeated_in_any_sentence)
{
    struct peer p = {.says = "+OK\r\n" HELLO "-OOPS s3cret\r\n", .step = 65536};
    struct scene s;

    peer_listen(&p);
    scene_open(&s, p.port);
    s.target.password = "s3cret";
    pthread_create(&p.thread, NULL, peer_main, &p);
    unit_int(scene_run(&s, SG_VERB_ASK), SG_EUNKNOWN);
    unit_int(s.task->op.reason, SG_SERVER_ERROR);
    unit_true(strstr(s.task->op.why, "s3cret") == NULL);
    scene_close(&s);
    pthread_join(p.thread, NULL);
    close(p.listener);
}

UNIT(redis_peer, an_interrupt_ends_the_wait)
{
    struct peer p = {.says = HELLO, .step = 65536};
    struct scene s;

    peer_listen(&p);
    scene_open(&s, p.port);
    p.b = s.b;
    pthread_create(&p.thread, NULL, peer_main, &p);
    unit_int(scene_run(&s, SG_VERB_ASK), SG_EUNKNOWN);
    unit_int(s.task->op.reason, SG_TIMED_OUT);
    unit_true(strstr(s.task->op.why, "by the deadline") != NULL);
    /* and for good */
    unit_int(scene_run(&s, SG_VERB_ASK), SG_EUNKNOWN);
    unit_int(s.task->op.reason, SG_TIMED_OUT);
    scene_close(&s);
    pthread_join(p.thread, NULL);
    unit_true(p.is_ended);
    close(p.listener);
}

UNIT(redis_peer, an_interrupt_before_connecting_holds)
{
    struct peer p = {0};
    struct scene s;

    peer_listen(&p);
    scene_open(&s, p.port);
    sg_redis_kind.interrupt(s.b);
    unit_int(scene_run(&s, SG_VERB_ASK), SG_EUNKNOWN);
    unit_int(s.task->op.reason, SG_TIMED_OUT);
    scene_close(&s);
    close(p.listener);
}

UNIT(redis_peer, nobody_there_is_unreachable)
{
    struct peer p = {0};
    struct scene s;

    peer_listen(&p);
    scene_open(&s, p.port);
    close(p.listener);
    unit_int(scene_run(&s, SG_VERB_ASK), SG_EUNKNOWN);
    unit_int(s.task->op.reason, SG_UNREACHABLE);
    unit_int(s.waits, 0);
    scene_close(&s);
}
