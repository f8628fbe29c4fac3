/* SPDX-License-Identifier: Apache-2.0
 * zk_round.c - requests that are sent together, and one wait for them all.
 */
#include "zk_round.h"

#include "zk_path.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS_MAX 3
/* Of an answer: it came, and there was no memory for it. The library's own
 * codes are negative. */
#define NO_MEMORY 1

struct sg_zk_round {
    struct sg_backend *b;
    struct sg_zk_session *session;
    uint64_t connects; /* of the session when the round began         */
    bool was_connected;
    /* guarded by the instance's lock */
    struct sg_zk_round *next, **at;
    size_t pending;
    bool is_forgotten;

    zoo_op_result_t result[STEPS_MAX];
    struct Stat stat;
    size_t n, room;
    bool is_synced;
    struct sg_zk_answer answer[]; /* `room`, and one for the sync */
};

struct sg_zk_round *sg_zk_round_new_on(struct sg_zk_session *s, size_t n)
{
    struct sg_backend *b = s->b;
    struct sg_zk_round *round;

    if (n > (SIZE_MAX / 2 - sizeof *round) / sizeof round->answer[0])
        return NULL;
    round = calloc(1, sizeof *round + (n + 1) * sizeof round->answer[0]);
    if (round == NULL)
        return NULL;
    round->b = b;
    round->session = s;
    round->room = n;
    pthread_mutex_lock(&b->lock);
    round->connects = s->connects;
    round->was_connected = s->is_connected;
    round->next = s->rounds;
    round->at = &s->rounds;
    if (s->rounds != NULL)
        s->rounds->at = &round->next;
    s->rounds = round;
    pthread_mutex_unlock(&b->lock);
    return round;
}

struct sg_zk_round *sg_zk_round_new(struct sg_backend *b, size_t n)
{
    return sg_zk_round_new_on(b->session, n);
}

/* Lock held, or nobody is left to take it. */
void sg_zk_round_free(struct sg_zk_round *round)
{
    *round->at = round->next;
    if (round->next != NULL)
        round->next->at = round->at;
    if (round->is_forgotten)
        round->b->owed--;
    for (size_t i = 0; i < round->n; i++) {
        free(round->answer[i].data);
        free(round->answer[i].name);
    }
    free(round);
}

void sg_zk_round_drop(struct sg_zk_round *round)
{
    struct sg_backend *b;

    if (round == NULL)
        return;
    b = round->b;
    pthread_mutex_lock(&b->lock);
    if (round->pending == 0) {
        sg_zk_round_free(round);
    } else {
        round->is_forgotten = true;
        b->owed++;
    }
    pthread_mutex_unlock(&b->lock);
}

/* ---- answers, on the library's thread --------------------------------- */

static struct sg_zk_answer *answer_of(const void *data)
{
    return (struct sg_zk_answer *)(uintptr_t)data;
}

static void answered(struct sg_zk_answer *answer, int rc)
{
    struct sg_zk_round *round = answer->round;
    struct sg_backend *b = round->b;

    answer->rc = rc;
    pthread_mutex_lock(&b->lock);
    round->pending--;
    if (round->pending == 0 && round->is_forgotten)
        sg_zk_round_free(round);
    else if (round->pending == 0)
        pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

/* A server may send any code; above ZOK there is none. */
static int code_of(int rc)
{
    return rc > ZOK ? ZRUNTIMEINCONSISTENCY : rc;
}

/* The library does not notice that a reply was too short for a stat, and
 * hands out whatever stood on its stack. Only the root has czxid 0. */
static int take_stat(struct sg_zk_answer *answer, int rc,
                     const struct Stat *stat)
{
    if (rc != ZOK)
        return code_of(rc);
    if (stat == NULL || stat->czxid <= 0 || stat->mzxid < stat->czxid ||
        stat->version < 0 || stat->dataLength < 0 || stat->numChildren < 0)
        return ZRUNTIMEINCONSISTENCY;
    answer->stat = *stat;
    return ZOK;
}

static void on_stat(int rc, const struct Stat *stat, const void *data)
{
    struct sg_zk_answer *answer = answer_of(data);

    answered(answer, take_stat(answer, rc, stat));
}

static void on_create(int rc, const char *path, const struct Stat *stat,
                      const void *data)
{
    (void)path;
    on_stat(rc, stat, data);
}

static void on_data(int rc, const char *value, int bytes,
                    const struct Stat *stat, const void *data)
{
    struct sg_zk_answer *answer = answer_of(data);

    rc = take_stat(answer, rc, stat);
    if (rc == ZOK && bytes > 0 && bytes != stat->dataLength)
        rc = ZRUNTIMEINCONSISTENCY;
    if (rc == ZOK && value != NULL && bytes > 0) {
        answer->data = malloc((size_t)bytes);
        if (answer->data != NULL) {
            memcpy(answer->data, value, (size_t)bytes);
            answer->bytes = (size_t)bytes;
        } else {
            rc = NO_MEMORY;
        }
    }
    answered(answer, rc);
}

/* A short reply leaves a count without names. */
static bool is_whole(const struct String_vector *names)
{
    if (names == NULL || names->count < 0 ||
        (names->count > 0 && names->data == NULL))
        return false;
    for (int32_t i = 0; i < names->count; i++)
        if (names->data[i] == NULL)
            return false;
    return true;
}

/* Pointers and texts in one block. */
static char **copy_names(const struct String_vector *names, size_t n)
{
    size_t bytes = n * sizeof(char *);
    char **copy, *to;

    for (size_t i = 0; i < n; i++)
        bytes += strlen(names->data[i]) + 1;
    copy = malloc(bytes);
    if (copy == NULL)
        return NULL;
    to = (char *)(copy + n);
    for (size_t i = 0; i < n; i++) {
        copy[i] = to;
        to = stpcpy(to, names->data[i]) + 1;
    }
    return copy;
}

static void on_names(int rc, const struct String_vector *names,
                     const void *data)
{
    struct sg_zk_answer *answer = answer_of(data);

    if (rc == ZOK && !is_whole(names)) {
        rc = ZRUNTIMEINCONSISTENCY;
    } else if (rc != ZOK) {
        rc = code_of(rc);
    } else if (names->count > 0) {
        answer->n_names = (size_t)names->count;
        answer->name = copy_names(names, answer->n_names);
        if (answer->name == NULL)
            rc = NO_MEMORY;
    }
    answered(answer, rc);
}

static void on_void(int rc, const void *data)
{
    answered(answer_of(data), code_of(rc));
}

static void on_sync(int rc, const char *path, const void *data)
{
    (void)path;
    answered(answer_of(data), code_of(rc));
}

/* ---- requests --------------------------------------------------------- */

static struct sg_zk_answer *begin(struct sg_zk_round *round)
{
    struct sg_zk_answer *answer = &round->answer[round->n++];

    answer->round = round;
    pthread_mutex_lock(&round->b->lock);
    round->pending++;
    pthread_mutex_unlock(&round->b->lock);
    return answer;
}

/* The library has not taken the request: nobody will answer it. It says
 * ZMARSHALLINGERROR when it finds no memory; from a server that is its own. */
static size_t sent(struct sg_zk_round *round, struct sg_zk_answer *answer,
                   int rc)
{
    if (rc != ZOK) {
        answer->rc = rc == ZMARSHALLINGERROR ? NO_MEMORY : rc;
        pthread_mutex_lock(&round->b->lock);
        round->pending--;
        pthread_mutex_unlock(&round->b->lock);
    }
    return (size_t)(answer - round->answer);
}

void sg_zk_round_sync(struct sg_zk_round *round, const char *base)
{
    struct sg_zk_answer *answer = &round->answer[round->room];

    answer->round = round;
    round->is_synced = true;
    pthread_mutex_lock(&round->b->lock);
    round->pending++;
    pthread_mutex_unlock(&round->b->lock);
    sent(round, answer, zoo_async(round->session->zh, base, on_sync, answer));
}

size_t sg_zk_round_exists(struct sg_zk_round *round, const char *base,
                          const char *group, const char *member)
{
    struct sg_zk_answer *answer = begin(round);
    char *path = sg_zk_path_join(base, group, member);
    int rc = path == NULL
                 ? NO_MEMORY
                 : zoo_aexists(round->session->zh, path, 0, on_stat, answer);

    free(path);
    return sent(round, answer, rc);
}

size_t sg_zk_round_get(struct sg_zk_round *round, const char *base,
                       const char *group, const char *member)
{
    struct sg_zk_answer *answer = begin(round);
    char *path = sg_zk_path_join(base, group, member);
    int rc = path == NULL
                 ? NO_MEMORY
                 : zoo_aget(round->session->zh, path, 0, on_data, answer);

    free(path);
    return sent(round, answer, rc);
}

size_t sg_zk_round_children(struct sg_zk_round *round, const char *base,
                            const char *group)
{
    struct sg_zk_answer *answer = begin(round);
    char *path = sg_zk_path_join(base, group, NULL);
    int rc = path == NULL ? NO_MEMORY
                          : zoo_aget_children(round->session->zh, path, 0,
                                              on_names, answer);

    free(path);
    return sent(round, answer, rc);
}

size_t sg_zk_round_set(struct sg_zk_round *round, const char *path,
                       const void *data, int bytes)
{
    struct sg_zk_answer *answer = begin(round);

    return sent(
        round, answer,
        zoo_aset(round->session->zh, path, data, bytes, -1, on_stat, answer));
}

/* Op 15, create2: its answer holds the czxid, which op 1's does not. */
size_t sg_zk_round_create(struct sg_zk_round *round, const char *path,
                          const void *data, int bytes, int flags)
{
    struct sg_zk_answer *answer = begin(round);

    return sent(round, answer,
                zoo_acreate2(round->session->zh, path, data, bytes,
                             round->b->acl, flags, on_create, answer));
}

void sg_zk_round_create_levels(struct sg_zk_round *round, const char *path)
{
    for (size_t at = 0; (at = sg_zk_path_level(path, at)) != 0;) {
        char *level = strndup(path, at);
        if (level == NULL) {
            sent(round, begin(round), NO_MEMORY);
            continue;
        }
        sg_zk_round_create(round, level, "", 0, 0);
        free(level);
    }
}

size_t sg_zk_round_multi(struct sg_zk_round *round, const zoo_op_t *step, int n)
{
    struct sg_zk_answer *answer = begin(round);

    return sent(round, answer,
                zoo_amulti(round->session->zh, n, step, round->result, on_void,
                           answer));
}

struct Stat *sg_zk_round_stat(struct sg_zk_round *round)
{
    return &round->stat;
}

const struct sg_zk_answer *sg_zk_round_answer(const struct sg_zk_round *round,
                                              size_t i)
{
    return &round->answer[i];
}

/* ---- the wait --------------------------------------------------------- */

/* The limit is a backstop for an interrupt that never comes. */
static struct timespec limit_at(int64_t limit_ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += limit_ms / 1000;
    at.tv_nsec += limit_ms % 1000 * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}

static bool stand_still(struct sg_zk_round *round)
{
    struct sg_backend *b = round->b;
    struct timespec at = limit_at(b->env->io_limit_ms);
    bool is_answered;
    int rc = 0;

    pthread_mutex_lock(&b->lock);
    while (round->pending > 0 && !b->is_interrupted && rc == 0)
        rc = pthread_cond_timedwait(&b->changed, &b->lock, &at);
    is_answered = round->pending == 0;
    pthread_mutex_unlock(&b->lock);
    return is_answered;
}

/* Had the requests a connection to go out on? If not, they never left. */
static bool was_sent(const struct sg_zk_round *round)
{
    return round->was_connected ||
           sg_zk_session_connects(round->session) != round->connects;
}

static int lost(const struct sg_zk_round *round, struct sg_op *op)
{
    if (was_sent(round))
        return sg_op_fail(op, SG_EUNKNOWN, SG_CUT,
                          "the connection to ZooKeeper at %.150s ended before "
                          "the answer",
                          round->b->hosts);
    return sg_op_fail(op, SG_EUNKNOWN, SG_UNREACHABLE,
                      "no connection to ZooKeeper at %.150s; is it running?",
                      round->b->hosts);
}

/* SG_ENOMEM says that nothing was done, and holds while nothing was sent. */
static int no_memory(const struct sg_zk_round *round, struct sg_op *op)
{
    for (size_t i = 0; i < round->n; i++)
        if (round->answer[i].rc != NO_MEMORY)
            return sg_op_fail(op, SG_EUNKNOWN, SG_NO_MEMORY,
                              "out of memory halfway through a round of "
                              "requests");
    return sg_op_fail(op, SG_ENOMEM, SG_NO_MEMORY, "out of memory");
}

/* Codes that are no answer of the server to this very request. */
static int no_answer(const struct sg_zk_round *round, struct sg_op *op, int rc)
{
    const char *hosts = round->b->hosts;

    switch (rc) {
    case NO_MEMORY:
        return no_memory(round, op);
    case ZCONNECTIONLOSS:
    case ZSYSTEMERROR:
    case ZSESSIONMOVED:
    case ZCLOSING:
        return lost(round, op);
    case ZOPERATIONTIMEOUT:
        return sg_op_fail(op, SG_EUNKNOWN, SG_TIMED_OUT,
                          "ZooKeeper at %.150s is silent", hosts);
    case ZINVALIDSTATE:
    case ZSESSIONEXPIRED:
        if (zoo_state(round->session->zh) != ZOO_AUTH_FAILED_STATE)
            return SG_ZK_EXPIRED;
        /* fall through */
    case ZAUTHFAILED:
    case ZSESSIONCLOSEDREQUIRESASLAUTH:
        return sg_op_fail(op, SG_EUNKNOWN, SG_SERVER_ERROR,
                          "ZooKeeper at %.150s does not accept the user and "
                          "password of the URL",
                          hosts);
    case ZMARSHALLINGERROR:
    case ZRUNTIMEINCONSISTENCY:
    case ZDATAINCONSISTENCY:
        return sg_op_fail(op, SG_EUNKNOWN, SG_GARBAGE,
                          "ZooKeeper at %.150s sent what is no answer", hosts);
    default:
        return SG_OK;
    }
}

static int judge(const struct sg_zk_round *round, struct sg_op *op)
{
    for (size_t i = 0; i < round->n; i++) {
        int rc = no_answer(round, op, round->answer[i].rc);
        if (rc != SG_OK)
            return rc;
    }
    if (round->is_synced) {
        int rc = round->answer[round->room].rc;
        int code = no_answer(round, op, rc);
        if (code != SG_OK || rc == ZOK)
            return code;
        return sg_zk_round_refused(round->b, op, rc, "catching up for",
                                   round->b->base, NULL, NULL);
    }
    return SG_OK;
}

int sg_zk_round_wait_quietly(struct sg_zk_round *round, struct sg_op *op)
{
    if (stand_still(round))
        return judge(round, op);
    return sg_op_fail(op, SG_EUNKNOWN, SG_TIMED_OUT,
                      "no answer from ZooKeeper at %.150s in time",
                      round->b->hosts);
}

int sg_zk_round_wait(struct sg_zk_round *round, struct sg_op *op)
{
    round->b->env->waited(round->b->env->arg);
    return sg_zk_round_wait_quietly(round, op);
}

int sg_zk_round_refused(struct sg_backend *b, struct sg_op *op, int rc,
                        const char *what, const char *base, const char *group,
                        const char *member)
{
    bool is_question = op->verb == SG_VERB_ASK || op->verb == SG_VERB_BEAT;
    int code = SG_EUNKNOWN;
    enum sg_reason reason = SG_SERVER_ERROR;

    if (rc == ZNOTREADONLY)
        reason = SG_WRONG_ROLE;
    else if ((rc == ZNOAUTH || rc == ZINVALIDACL) && !is_question)
        code = SG_EREFUSED;
    return sg_op_fail(op, code, reason, "%s %.60s/%.50s%s%.50s at %.50s: %s",
                      what, base, group == NULL ? "" : group,
                      member == NULL ? "" : "/", member == NULL ? "" : member,
                      b->hosts, zerror(rc));
}
