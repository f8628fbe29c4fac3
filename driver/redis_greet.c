/* SPDX-License-Identifier: Apache-2.0
 * redis_greet.c - what is settled once per connection: login, database, and
 * who the server is.
 */
#include "redis_greet.h"

#include <stdlib.h>
#include <string.h>

enum { GREET_AUTH, GREET_SELECT, GREET_SERVER, GREET_REPLICATION, GREETINGS };

static int greet_words(const struct sg_target *target, int step,
                       const char *words[3])
{
    const char *db = target->option(target, "db");
    int n = 0;

    if (step == GREET_AUTH && target->password != NULL) {
        words[n++] = "AUTH";
        if (target->user != NULL)
            words[n++] = target->user;
        words[n++] = target->password;
    } else if (step == GREET_SELECT && db != NULL && *db != '\0') {
        words[n++] = "SELECT";
        words[n++] = db;
    } else if (step >= GREET_SERVER) {
        words[n++] = "INFO";
        words[n++] = step == GREET_SERVER ? "server" : "replication";
    }
    return n;
}

static int greet_send(struct sg_redis_conn *conn, struct sg_op *op)
{
    int rc = SG_OK;

    for (int step = 0; step < GREETINGS && rc == SG_OK; step++) {
        const char *words[3];
        int n = greet_words(conn->target, step, words);
        struct sg_redis_request request;
        if (n == 0)
            continue;
        if (!sg_redis_request_init(&request, op, (size_t)n))
            return sg_op_fail(op, SG_ENOMEM, SG_NO_MEMORY, "out of memory");
        for (int i = 0; i < n; i++)
            sg_redis_request_add(&request, words[i], strlen(words[i]));
        rc = sg_redis_conn_post(conn, op, &request);
    }
    return rc;
}

static int read_server(struct sg_redis_conn *conn, struct sg_op *op,
                       struct sg_redis_text info)
{
    char value[32], *end;
    long long seconds;

    conn->age_ms = -1;
    conn->asked_ms = conn->env->now_ms(conn->env->arg);
    if (sg_redis_reply_info(info, "redis_mode", value, sizeof value) &&
        strcmp(value, "sentinel") == 0)
        return sg_op_fail(op, SG_EUNKNOWN, SG_WRONG_ROLE,
                          "%s is a sentinel, which keeps no data; point the "
                          "URL at the master",
                          conn->where);
    if (!sg_redis_reply_info(info, "uptime_in_seconds", value, sizeof value))
        return SG_OK;
    seconds = strtoll(value, &end, 10);
    if (end != value && *end == '\0' && seconds >= 0 &&
        seconds < INT64_MAX / 2000)
        conn->age_ms = seconds * 1000;
    return SG_OK;
}

static int read_replication(struct sg_redis_conn *conn, struct sg_op *op,
                            struct sg_redis_text info)
{
    char role[32];

    if (!sg_redis_reply_info(info, "role", role, sizeof role))
        return sg_redis_conn_garbage(conn, op, "INFO without a role");
    if (strcmp(role, "master") != 0)
        return sg_op_fail(op, SG_EUNKNOWN, SG_WRONG_ROLE,
                          "%s is a %s, which may be behind; point the URL at "
                          "the master",
                          conn->where,
                          strcmp(role, "slave") == 0 ? "replica"
                                                     : "server that no role "
                                                       "of ours fits");
    return SG_OK;
}

static int greet_read(struct sg_redis_conn *conn, struct sg_op *op, int step,
                      const redisReply *reply)
{
    static const char *const what[GREETINGS] = {"AUTH", "SELECT", "INFO",
                                                "INFO"};
    struct sg_redis_text info;

    if (reply->type == REDIS_REPLY_ERROR)
        return sg_redis_reply_refused(op, conn->where, what[step], reply,
                                      conn->target->password);
    if (step < GREET_SERVER)
        return reply->type == REDIS_REPLY_STATUS
                   ? SG_OK
                   : sg_redis_conn_garbage(conn, op, what[step]);
    if (!sg_redis_reply_text(reply, &info) || info.bytes == NULL)
        return sg_redis_conn_garbage(conn, op, "INFO");
    return step == GREET_SERVER ? read_server(conn, op, info)
                                : read_replication(conn, op, info);
}

/* All questions go out together. */
int sg_redis_greet(struct sg_redis_conn *conn, struct sg_op *op)
{
    const char *words[3];
    int rc = greet_send(conn, op);

    for (int step = 0; step < GREETINGS && rc == SG_OK; step++) {
        redisReply *reply = NULL;
        if (greet_words(conn->target, step, words) == 0)
            continue;
        rc = sg_redis_conn_receive(conn, op, &reply);
        if (rc == SG_OK)
            rc = greet_read(conn, op, step, reply);
        if (reply != NULL)
            freeReplyObject(reply);
    }
    return rc;
}
