/* SPDX-License-Identifier: Apache-2.0
 * redis_conn.c - connecting to Redis, and asking it.
 */
#include "redis_greet.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* No answer to a question of ours is longer, or has more elements: 10 000
 * members make some 2 MB in 40 000 elements. Beyond, it is not an answer. */
#define ANSWER_MAX_BYTES (64u << 20)
#define ANSWER_MAX_ELEMENTS (4 << 20)

/* ---- life ------------------------------------------------------------- */

/* hiredis would allocate for any count that the server names. An array in an
 * array is in none of our answers. */
static void *make_limited_array(const redisReadTask *task, int elements)
{
    struct sg_redis_conn *conn = task->privdata;

    if (task->parent == NULL && elements <= ANSWER_MAX_ELEMENTS)
        return conn->make_array(task, elements);
    conn->is_odd = true;
    return NULL;
}

int sg_redis_conn_init(struct sg_redis_conn *conn,
                       const struct sg_target *target,
                       const struct sg_backend_env *env)
{
    *conn = (struct sg_redis_conn){
        .target = target, .env = env, .age_ms = -1, .fd = -1};
    if (target->n_endpoints == 0)
        snprintf(conn->where, sizeof conn->where, "redis %.100s", target->path);
    else
        snprintf(conn->where, sizeof conn->where, "redis %.100s:%d",
                 target->endpoints[0].name, target->endpoints[0].port);
    return pthread_mutex_init(&conn->lock, NULL) == 0 ? SG_OK : SG_ENOMEM;
}

static void free_reader(struct sg_redis_conn *conn)
{
    if (conn->reader != NULL)
        redisReaderFree(conn->reader);
    conn->reader = NULL;
}

void sg_redis_conn_drop(struct sg_redis_conn *conn)
{
    int fd;

    pthread_mutex_lock(&conn->lock);
    fd = conn->fd;
    conn->fd = -1;
    pthread_mutex_unlock(&conn->lock);
    if (fd >= 0)
        close(fd);
    free_reader(conn);
}

void sg_redis_conn_free(struct sg_redis_conn *conn)
{
    sg_redis_conn_drop(conn);
    pthread_mutex_destroy(&conn->lock);
}

/* A shut-down socket ends poll() at once, a connecting one included; the
 * descriptor itself is closed by the worker, so its number is not reused. */
void sg_redis_conn_interrupt(struct sg_redis_conn *conn)
{
    pthread_mutex_lock(&conn->lock);
    conn->is_interrupted = true;
    if (conn->fd >= 0)
        shutdown(conn->fd, SHUT_RDWR);
    pthread_mutex_unlock(&conn->lock);
}

/* The lock may be held by a thread that is not in this process, and hiredis
 * may have been left in the middle of a move: then only the descriptor goes. */
void sg_redis_conn_forked(struct sg_redis_conn *conn)
{
    if (conn->fd >= 0)
        close(conn->fd);
    conn->fd = -1;
    if (!__atomic_load_n(&conn->is_inside, __ATOMIC_ACQUIRE))
        free_reader(conn);
}

int64_t sg_redis_conn_age_ms(const struct sg_redis_conn *conn)
{
    if (conn->age_ms < 0)
        return -1;
    return conn->age_ms + conn->env->now_ms(conn->env->arg) - conn->asked_ms;
}

static bool is_interrupted(struct sg_redis_conn *conn)
{
    bool is;

    pthread_mutex_lock(&conn->lock);
    is = conn->is_interrupted;
    pthread_mutex_unlock(&conn->lock);
    return is;
}

/* ---- failures --------------------------------------------------------- */

static int fail_interrupted(struct sg_redis_conn *conn, struct sg_op *op)
{
    return sg_op_fail(op, SG_EUNKNOWN, SG_TIMED_OUT,
                      "%s had not answered by the deadline", conn->where);
}

static int fail_cut(struct sg_redis_conn *conn, struct sg_op *op, int error)
{
    if (is_interrupted(conn))
        return fail_interrupted(conn, op);
    return sg_op_fail(op, SG_EUNKNOWN, SG_CUT,
                      "%s ended the connection before its answer%s%s",
                      conn->where, error == 0 ? "" : ": ",
                      error == 0 ? "" : strerrordesc_np(error));
}

static int fail_unreachable(struct sg_redis_conn *conn, struct sg_op *op,
                            const char *why)
{
    if (is_interrupted(conn))
        return fail_interrupted(conn, op);
    return sg_op_fail(op, SG_EUNKNOWN, SG_UNREACHABLE,
                      "cannot connect to %s: %.80s", conn->where, why);
}

static int fail_memory(struct sg_op *op)
{
    return sg_op_fail(op, SG_ENOMEM, SG_NO_MEMORY, "out of memory");
}

/* The request is out and may be done: not SG_ENOMEM, which says that nothing
 * was. */
static int fail_halfway(struct sg_redis_conn *conn, struct sg_op *op)
{
    return sg_op_fail(op, SG_EUNKNOWN, SG_NO_MEMORY,
                      "out of memory for the answer of %s; ask again",
                      conn->where);
}

int sg_redis_conn_garbage(struct sg_redis_conn *conn, struct sg_op *op,
                          const char *what)
{
    sg_redis_conn_drop(conn);
    return sg_op_fail(op, SG_EUNKNOWN, SG_GARBAGE,
                      "%s answered what is no answer: %.100s", conn->where,
                      what);
}

/* ---- bytes ------------------------------------------------------------ */

/* Stand still until the socket is ready. io_limit_ms is a backstop for each
 * time; the deadline of the whole is the core's, which interrupts. */
static int wait_for(struct sg_redis_conn *conn, struct sg_op *op, short events)
{
    struct pollfd ready = {.fd = conn->fd, .events = events};
    int64_t limit = conn->env->io_limit_ms;
    int n;

    if (limit <= 0 || limit > INT_MAX)
        limit = INT_MAX;
    do {
        n = poll(&ready, 1, (int)limit);
    } while (n < 0 && errno == EINTR);
    if (is_interrupted(conn))
        return fail_interrupted(conn, op);
    if (n < 0)
        return fail_cut(conn, op, errno);
    if (n == 0)
        return sg_op_fail(op, SG_EUNKNOWN, SG_TIMED_OUT,
                          "%s has not answered for %lld ms", conn->where,
                          (long long)limit);
    return SG_OK;
}

/* A peer that is gone is found by reading: its last words may be there, as
 * those of a server that has too many clients. */
static int transmit(struct sg_redis_conn *conn, struct sg_op *op,
                    const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = send(conn->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            bytes += n;
            length -= (size_t)n;
        } else if (errno == EAGAIN) {
            int rc = wait_for(conn, op, POLLOUT);
            if (rc != SG_OK)
                return rc;
        } else if (errno != EINTR) {
            return SG_OK;
        }
    }
    return SG_OK;
}

static int fill(struct sg_redis_conn *conn, struct sg_op *op,
                size_t *ret_length)
{
    char bytes[16384];
    ssize_t n;
    int rc = wait_for(conn, op, POLLIN);

    if (rc != SG_OK)
        return rc;
    n = recv(conn->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return SG_OK;
    if (n <= 0)
        return fail_cut(conn, op, n == 0 ? 0 : errno);
    if (redisReaderFeed(conn->reader, bytes, (size_t)n) != REDIS_OK)
        return fail_halfway(conn, op);
    *ret_length += (size_t)n;
    return SG_OK;
}

static int fail_reading(struct sg_redis_conn *conn, struct sg_op *op)
{
    const redisReader *reader = conn->reader;
    char what[sizeof reader->errstr];

    if (reader->err == REDIS_ERR_OOM && !conn->is_odd)
        return fail_halfway(conn, op);
    snprintf(what, sizeof what, "%s",
             conn->is_odd ? "an array that was not asked for" : reader->errstr);
    for (char *c = what; *c != '\0'; c++)
        if (*c < ' ' || *c == 0x7f)
            *c = '?';
    return sg_redis_conn_garbage(conn, op, what);
}

int sg_redis_conn_receive(struct sg_redis_conn *conn, struct sg_op *op,
                          redisReply **ret)
{
    size_t length = 0;

    for (;;) {
        redisReader *reader = conn->reader;
        void *reply = NULL;
        int rc;
        if (redisReaderGetReply(reader, &reply) != REDIS_OK)
            return fail_reading(conn, op);
        *ret = reply;
        if (reply != NULL)
            return SG_OK;
        rc = fill(conn, op, &length);
        if (rc != SG_OK)
            return rc;
        if (length > ANSWER_MAX_BYTES)
            return sg_redis_conn_garbage(conn, op, "it has no end");
    }
}

/* Bytes that nobody asked for, or the end: the connection is of no use. */
static bool is_stale(const struct sg_redis_conn *conn)
{
    struct pollfd ready = {.fd = conn->fd, .events = POLLIN};
    const redisReader *reader = conn->reader;

    return reader->len > reader->pos || poll(&ready, 1, 0) != 0;
}

/* ---- requests --------------------------------------------------------- */

bool sg_redis_request_init(struct sg_redis_request *request, struct sg_op *op,
                           size_t room)
{
    *request = (struct sg_redis_request){0};
    if (room > INT_MAX / 2)
        return false;
    request->room = (int)room;
    request->argv = sg_op_alloc(op, room * sizeof *request->argv);
    request->bytes = sg_op_alloc(op, room * sizeof *request->bytes);
    return request->argv != NULL && request->bytes != NULL;
}

void sg_redis_request_add(struct sg_redis_request *request, const void *bytes,
                          size_t length)
{
    if (request->count >= request->room)
        return;
    request->argv[request->count] = bytes;
    request->bytes[request->count++] = length;
}

/* The formatted text may hold a password. */
int sg_redis_conn_post(struct sg_redis_conn *conn, struct sg_op *op,
                       const struct sg_redis_request *request)
{
    char *text = NULL;
    int length = redisFormatCommandArgv(&text, request->count, request->argv,
                                        request->bytes);
    int rc;

    if (length < 0 || text == NULL)
        return fail_memory(op);
    rc = transmit(conn, op, text, (size_t)length);
    explicit_bzero(text, (size_t)length);
    redisFreeCommand(text);
    return rc;
}

static void enter(struct sg_redis_conn *conn, bool is_inside)
{
    __atomic_store_n(&conn->is_inside, is_inside, __ATOMIC_RELEASE);
}

int sg_redis_conn_ask(struct sg_redis_conn *conn, struct sg_op *op,
                      const struct sg_redis_request *request, redisReply **ret)
{
    int rc;

    enter(conn, true);
    rc = sg_redis_conn_post(conn, op, request);
    if (rc == SG_OK)
        rc = sg_redis_conn_receive(conn, op, ret);
    if (rc != SG_OK)
        sg_redis_conn_drop(conn);
    enter(conn, false);
    return rc;
}

/* ---- connecting ------------------------------------------------------- */

/* The address of the server; it is numeric, so nothing is looked up. */
static int find_address(struct sg_redis_conn *conn, struct sg_op *op,
                        struct sockaddr_storage *to, socklen_t *to_bytes)
{
    const struct sg_target *target = conn->target;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct sockaddr_un *path = (struct sockaddr_un *)to;
    struct addrinfo *found;
    char port[16];
    int error;

    memset(to, 0, sizeof *to);
    if (target->n_endpoints == 0) {
        path->sun_family = AF_UNIX;
        snprintf(path->sun_path, sizeof path->sun_path, "%s", target->path);
        *to_bytes = sizeof *path;
        return SG_OK;
    }
    snprintf(port, sizeof port, "%d", target->endpoints[0].port);
    error = getaddrinfo(target->endpoints[0].address, port, &hints, &found);
    if (error == EAI_MEMORY)
        return fail_memory(op);
    if (error != 0)
        return fail_unreachable(conn, op, gai_strerror(error));
    memcpy(to, found->ai_addr, found->ai_addrlen);
    *to_bytes = found->ai_addrlen;
    freeaddrinfo(found);
    return SG_OK;
}

/* hiredis gives a large buffer back when it is idle, and ends the process if
 * it then finds no small one: it may keep it. */
static int make_reader(struct sg_redis_conn *conn, struct sg_op *op)
{
    redisReader *reader = redisReaderCreate();

    if (reader == NULL)
        return fail_memory(op);
    conn->readers = *reader->fn;
    conn->make_array = conn->readers.createArray;
    conn->readers.createArray = make_limited_array;
    reader->fn = &conn->readers;
    reader->privdata = conn;
    reader->maxbuf = 0;
    conn->is_odd = false;
    conn->reader = reader;
    return SG_OK;
}

/* From here on the door of interrupt() is open. A request after a beat would
 * stand for 40 ms without TCP_NODELAY; a local socket refuses it. */
static int open_socket(struct sg_redis_conn *conn, struct sg_op *op)
{
    struct sockaddr_storage address;
    socklen_t bytes = 0;
    int fd, on = 1, rc = find_address(conn, op, &address, &bytes);

    if (rc == SG_OK)
        rc = make_reader(conn, op);
    if (rc != SG_OK)
        return rc;
    fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                0);
    if (fd < 0)
        return fail_unreachable(conn, op, strerrordesc_np(errno));
    pthread_mutex_lock(&conn->lock);
    conn->fd = fd;
    pthread_mutex_unlock(&conn->lock);
    if (is_interrupted(conn))
        return fail_interrupted(conn, op);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&address, bytes) != 0 &&
        errno != EINPROGRESS)
        return fail_unreachable(conn, op, strerrordesc_np(errno));
    return SG_OK;
}

static int await_socket(struct sg_redis_conn *conn, struct sg_op *op)
{
    int error = 0;
    socklen_t bytes = sizeof error;
    int rc = wait_for(conn, op, POLLOUT);

    if (rc != SG_OK && op->reason == SG_CUT)
        return fail_unreachable(conn, op, "poll failed");
    if (rc != SG_OK)
        return rc;
    if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &bytes) != 0)
        error = errno;
    if (error != 0)
        return fail_unreachable(conn, op, strerrordesc_np(error));
    return SG_OK;
}

int sg_redis_conn_ready(struct sg_redis_conn *conn, struct sg_op *op)
{
    int rc = SG_OK;

    enter(conn, true);
    if (conn->fd >= 0 && is_stale(conn))
        sg_redis_conn_drop(conn);
    if (conn->fd < 0) {
        rc = open_socket(conn, op);
        if (rc == SG_OK)
            rc = await_socket(conn, op);
        if (rc == SG_OK)
            rc = sg_redis_greet(conn, op);
        if (rc != SG_OK)
            sg_redis_conn_drop(conn);
    }
    enter(conn, false);
    return rc;
}
