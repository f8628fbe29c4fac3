/* SPDX-License-Identifier: Apache-2.0
 * golden.c - recorded bytes of Python tooz, and a back end before a server
 * that answers what the test says.
 */
#include "golden.h"
#include "unit.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- bytes ------------------------------------------------------------ */

/* The bytes between '<' and '>'; where it ends, or NULL. */
static const char *read_hex(const char *at, struct golden *g)
{
    while (*at != '\0' && *at != '>') {
        char digits[3] = {at[0], at[1], '\0'}, *end;
        if (*at == ' ') {
            at++;
            continue;
        }
        if (g->length == GOLDEN_MAX)
            return NULL;
        g->bytes[g->length++] = (uint8_t)strtoul(digits, &end, 16);
        if (end != digits + 2)
            return NULL;
        at += 2;
    }
    return *at == '>' ? at + 1 : NULL;
}

struct golden golden_of(const char *text)
{
    struct golden g = {.length = 0};
    const char *at = text == NULL ? "" : text;

    while (at != NULL && *at != '\0' && g.length < GOLDEN_MAX) {
        if (*at == '<')
            at = read_hex(at + 1, &g);
        else
            g.bytes[g.length++] = (uint8_t)*at++;
    }
    if (at == NULL || *at != '\0')
        unit_fail(text, 0, "this cannot be read");
    return g;
}

void golden_is(const void *got, size_t length, const char *text,
               const char *what, int row)
{
    struct golden want = golden_of(text);

    unit_bytes_at(got, length, want.bytes, want.length, "what is written", what,
                  row);
}

/* ---- the server ------------------------------------------------------- */

static bool ends_with(const struct golden *g, const char *end)
{
    size_t n = strlen(end);

    return g->length >= n && memcmp(g->bytes + g->length - n, end, n) == 0;
}

/* One request, whole; false: none comes any more. */
static bool hear(int fd, struct golden *heard, const char *end)
{
    while (!ends_with(heard, end)) {
        ssize_t n = recv(fd, heard->bytes + heard->length,
                         GOLDEN_MAX - heard->length, 0);
        if (n <= 0)
            return false;
        heard->length += (size_t)n;
    }
    return true;
}

static void *serve(void *arg)
{
    struct golden_server *server = arg;
    int fd = accept(server->listener, NULL, NULL);

    while (server->n_heard < server->n_answers) {
        const struct golden *answer = &server->answers[server->n_heard];
        if (!hear(fd, &server->heard[server->n_heard],
                  server->n_heard == 0 ? server->greeting_ends : "\r\n"))
            break;
        server->n_heard++;
        if (send(fd, answer->bytes, answer->length, MSG_NOSIGNAL) < 0)
            break;
    }
    close(fd);
    return NULL;
}

static int listen_here(struct golden_server *server)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof at;

    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unit_int(bind(server->listener, (struct sockaddr *)&at, bytes), 0);
    unit_int(listen(server->listener, 1), 0);
    getsockname(server->listener, (struct sockaddr *)&at, &bytes);
    return ntohs(at.sin_port);
}

/* ---- the back end ----------------------------------------------------- */

static int64_t now_ms(void *arg)
{
    (void)arg;
    return 1000;
}

static int64_t wall_us(void *arg)
{
    (void)arg;
    return INT64_C(1700000000000000);
}

static void noise(void *arg, void *to, size_t bytes)
{
    (void)arg;
    memset(to, 7, bytes);
}

static void waited(void *arg)
{
    (void)arg;
}

static const char *no_option(const struct sg_target *target, const char *name)
{
    (void)target;
    (void)name;
    return NULL;
}

void golden_begin(struct golden_scene *s, const struct sg_backend_kind *kind,
                  enum sg_verb verb, const char *const *answers)
{
    memset(s, 0, sizeof *s);
    for (; answers[s->server.n_answers] != NULL; s->server.n_answers++)
        s->server.answers[s->server.n_answers] =
            golden_of(answers[s->server.n_answers]);
    /* Redis is greeted by two requests at once. */
    s->server.greeting_ends =
        kind == &sg_redis_kind ? "replication\r\n" : "\r\n";
    s->kind = kind;
    s->endpoint =
        (struct sg_endpoint){"localhost", "127.0.0.1", listen_here(&s->server)};
    s->target = (struct sg_target){.scheme = kind->scheme,
                                   .endpoints = &s->endpoint,
                                   .n_endpoints = 1,
                                   .path = "",
                                   .timeout_ms = 30000,
                                   .option = no_option};
    s->env = (struct sg_backend_env){.now_ms = now_ms,
                                     .wall_us = wall_us,
                                     .random = noise,
                                     .waited = waited,
                                     .io_limit_ms = 20000};
    unit_int(kind->open(&s->target, &s->env, &s->b), SG_OK);
    s->task = sg_task_new(verb, 1, verb == SG_VERB_GET_METADATA);
    unit_true(s->task != NULL);
    s->task->op.member = "node-a";
    s->task->op.token = "00000000000000aa";
    s->task->op.timeout_ms = 30000;
    s->task->op.beat_ms = 10000;
    s->task->op.groups[0].name = "grp1";
    pthread_create(&s->server.thread, NULL, serve, &s->server);
}

struct sg_op *golden_run(struct golden_scene *s)
{
    struct sg_op *op = &s->task->op;
    int rc = s->kind->verb[op->verb](s->b, op);

    s->kind->close(s->b);
    pthread_join(s->server.thread, NULL);
    close(s->server.listener);
    if (rc != SG_OK)
        unit_fail(__FILE__, __LINE__, "the verb fails: %s", op->why);
    unit_int((int64_t)s->server.n_heard, (int64_t)s->server.n_answers);
    return op;
}

void golden_end(struct golden_scene *s)
{
    sg_task_drop(s->task);
}
