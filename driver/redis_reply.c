/* SPDX-License-Identifier: Apache-2.0
 * redis_reply.c - from what Redis answers to sights, numbers and reasons.
 */
#include "redis_reply.h"

#include <stdio.h>
#include <string.h>

const redisReply *sg_redis_reply_at(const redisReply *array, size_t i)
{
    if (array == NULL || array->type != REDIS_REPLY_ARRAY ||
        i >= array->elements)
        return NULL;
    return array->element[i];
}

bool sg_redis_reply_text(const redisReply *reply, struct sg_redis_text *ret)
{
    if (reply == NULL)
        return false;
    if (reply->type == REDIS_REPLY_NIL) {
        *ret = (struct sg_redis_text){NULL, 0};
        return true;
    }
    if (reply->type != REDIS_REPLY_STRING)
        return false;
    *ret = (struct sg_redis_text){reply->str, reply->len};
    return true;
}

bool sg_redis_reply_count(const redisReply *reply, int64_t max, int64_t *ret)
{
    if (reply == NULL || reply->type != REDIS_REPLY_INTEGER ||
        reply->integer < 0 || reply->integer > max)
        return false;
    *ret = reply->integer;
    return true;
}

bool sg_redis_reply_epoch(const redisReply *reply, uint64_t *ret)
{
    struct sg_redis_text text;
    uint64_t value = 0;

    if (!sg_redis_reply_text(reply, &text) || text.length == 0)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        unsigned digit = (unsigned)(unsigned char)text.bytes[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (value == 0)
        return false;
    *ret = value;
    return true;
}

/* FNV-1a: the text is our own, but any text must do. */
uint64_t sg_redis_reply_birth(struct sg_redis_text born)
{
    uint64_t hash = 0xcbf29ce484222325u;

    if (born.bytes == NULL)
        return 0;
    for (size_t i = 0; i < born.length; i++)
        hash = (hash ^ (unsigned char)born.bytes[i]) * 0x100000001b3u;
    return hash == 0 ? 1 : hash;
}

bool sg_redis_reply_info(struct sg_redis_text info, const char *field, char *to,
                         size_t to_bytes)
{
    const char *at = info.bytes == NULL ? "" : info.bytes;
    const char *end = at + info.length;
    size_t name = strlen(field);

    while (at < end) {
        const char *line = at;
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop == NULL ? end : stop) - line);
        at = stop == NULL ? end : stop + 1;
        if (length > 0 && line[length - 1] == '\r')
            length--;
        if (length <= name || memcmp(line, field, name) != 0 ||
            line[name] != ':')
            continue;
        snprintf(to, to_bytes, "%.*s",
                 (int)(length - name - 1 < 100 ? length - name - 1 : 100),
                 line + name + 1);
        return true;
    }
    return false;
}

/* ---- no --------------------------------------------------------------- */

/* The server's error words. Servers before 7 wrap what a script met into
 * "ERR Error running script ...: -OOM ...", so they are looked for anywhere. */
static const struct refusal {
    const char *word;
    enum sg_reason reason;
    const char *advice;
} refusals[] = {
    {"READONLY", SG_WRONG_ROLE, "point the URL at the master"},
    {"MASTERDOWN", SG_WRONG_ROLE, "point the URL at the master"},
    {"WRONGTYPE", SG_GARBAGE,
     "something else uses this key: choose another namespace or remove it"},
    {"LOADING", SG_SERVER_ERROR, "it is reading its data: ask again"},
    {"OOM", SG_SERVER_ERROR, "give it more memory (maxmemory)"},
    {"MISCONF", SG_SERVER_ERROR, "it cannot save to its disk: see its log"},
    {"NOREPLICAS", SG_SERVER_ERROR, "too few replicas follow it"},
    {"NOAUTH", SG_SERVER_ERROR, "put the password into the URL"},
    {"WRONGPASS", SG_SERVER_ERROR, "correct user and password in the URL"},
    {"invalid password", SG_SERVER_ERROR, "correct the password in the URL"},
    {"NOPERM", SG_SERVER_ERROR, "give this user the rights"},
    {"BUSY", SG_SERVER_ERROR, "another script runs for too long"},
    {"max number of clients", SG_SERVER_ERROR, "raise maxclients"},
};

static const struct refusal *refusal_of(const char *text)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (strstr(text, refusals[i].word) != NULL)
            return &refusals[i];
    return NULL;
}

/* A line that can be shown: no control bytes, not for ever long. */
static void show(const redisReply *error, char *to, size_t to_bytes)
{
    size_t n = error->len < to_bytes - 1 ? error->len : to_bytes - 1;

    for (size_t i = 0; i < n; i++)
        to[i] =
            error->str[i] >= ' ' && error->str[i] < 0x7f ? error->str[i] : '?';
    to[n] = '\0';
}

int sg_redis_reply_refused(struct sg_op *op, const char *where,
                           const char *what, const redisReply *error,
                           const char *secret)
{
    const struct refusal *refusal;
    char text[400];

    show(error, text, sizeof text);
    refusal = refusal_of(text);
    /* "unknown command" repeats its arguments. */
    if (secret != NULL && *secret != '\0' && strstr(text, secret) != NULL)
        snprintf(text, sizeof text, "(its words repeat the password)");
    if (refusal == NULL)
        return sg_op_fail(op, SG_EUNKNOWN, SG_SERVER_ERROR,
                          "%.80s refused %.40s: %.120s", where, what, text);
    return sg_op_fail(op, SG_EUNKNOWN, refusal->reason,
                      "%.60s refused %.20s: %.100s; %s", where, what, text,
                      refusal->advice);
}

/* ---- sights ----------------------------------------------------------- */

/* Where the liveness is not one of ours, the entry counts as a stranger's
 * even if an owner record of ours stands beside it: a Python member may have
 * taken the name after a reader removed our entry (a Python reader knows of
 * no owner records), or over it (tooz's join of a name that stands raises,
 * but has written, and callers go on). It says that it lives; so it does. */
void sg_redis_reply_sight(const struct sg_redis_row *row,
                          struct sg_sight *sight)
{
    struct sg_stamp stamp;
    bool is_stamped = row->live.length > 0 &&
                      sg_stamp_read(row->live.bytes, row->live.length, &stamp);
    uint64_t epoch;
    char token[SG_TOKEN_BYTES + 1];
    bool is_owned =
        row->owner.length > 0 &&
        sg_owner_read(row->owner.bytes, row->owner.length, &epoch, token);

    sight->entry = row->stands;
    sight->alive = row->live.length > 0; /* tooz: an empty value is dead */
    sight->last_seen_ms = -1;
    sight->marks = (struct sg_marks){0};
    if (row->marks.length > 0)
        sg_marks_read(row->marks.bytes, row->marks.length, &sight->marks);
    if (!row->stands)
        return;
    if (is_owned && (is_stamped || !sight->alive)) {
        sight->epoch = epoch;
        memcpy(sight->token, token, sizeof token);
        sight->same_owner = is_stamped && strcmp(token, stamp.token) == 0;
    } else {
        sight->same_owner = !is_stamped;
    }
    if (is_stamped && sight->same_owner)
        sight->last_seen_ms = stamp.beat_ms;
}
