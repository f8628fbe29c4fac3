/* SPDX-License-Identifier: Apache-2.0
 * redis_range.c - commands on parts of strings.
 */
#include "redis.h"

#include <string.h>

#define LONGEST (512 * 1024 * 1024) /* of a string: proto-max-bulk-len      */

void fake_redis_strlen(struct redis_call *call)
{
    struct redis_key *key;
    if (fake_redis_find_type(call, call->args[1], REDIS_STRING, &key))
        fake_redis_reply_integer(call->out,
                                 key == NULL ? 0 : (int64_t)key->text->length);
}

/* Both ends count from the end when below zero, and belong to it. */
void fake_redis_getrange(struct redis_call *call)
{
    struct redis_key *key;
    int64_t from, to, length;

    if (!fake_redis_take_integer(call, call->args[2], &from) ||
        !fake_redis_take_integer(call, call->args[3], &to) ||
        !fake_redis_find_type(call, call->args[1], REDIS_STRING, &key))
        return;
    length = key == NULL ? 0 : (int64_t)key->text->length;
    if (from < 0 && to < 0 && from > to)
        length = 0;
    from = from < 0 ? from + length : from;
    to = to < 0 ? to + length : to;
    from = from < 0 ? 0 : from;
    to = to < 0 ? 0 : to >= length ? length - 1 : to;
    if (length == 0 || from > to)
        fake_redis_reply_bulk(call->out, fake_redis_span(""));
    else
        fake_redis_reply_bulk(
            call->out,
            (struct redis_span){key->text->at + from, (size_t)(to - from + 1)});
}

/* What `offset` lies behind is filled with zeros. False: too long. */
static bool lay_over(struct redis_out *text, const struct redis_key *key,
                     int64_t offset, struct redis_span more)
{
    static const uint8_t zeros[256];
    size_t at = (size_t)offset;

    if (offset > LONGEST || more.length > (size_t)(LONGEST - offset))
        return false;
    if (key != NULL)
        fake_redis_add(text, key->text->at, key->text->length);
    while (text->length < at + more.length && !text->is_broken) {
        size_t left = at + more.length - text->length;
        fake_redis_add(text, zeros, left < sizeof zeros ? left : sizeof zeros);
    }
    if (!text->is_broken)
        memcpy(text->at + at, more.at, more.length);
    return true;
}

void fake_redis_setrange(struct redis_call *call)
{
    struct redis_span name = call->args[1], more = call->args[3];
    struct redis_key *key;
    struct redis_out text = {0};
    int64_t offset;

    if (!fake_redis_take_integer(call, call->args[2], &offset))
        return;
    if (offset < 0) {
        fake_redis_reply_error(call->out, "ERR offset is out of range");
        return;
    }
    if (!fake_redis_find_type(call, name, REDIS_STRING, &key))
        return;
    if (more.length == 0) {
        fake_redis_reply_integer(call->out,
                                 key == NULL ? 0 : (int64_t)key->text->length);
        return;
    }
    if (!lay_over(&text, key, offset, more)) {
        fake_redis_reply_error(call->out, "ERR string exceeds maximum allowed "
                                          "size (proto-max-bulk-len)");
    } else if (text.is_broken) {
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
    } else if (fake_redis_set_text(call, name,
                                   (struct redis_span){text.at, text.length},
                                   true)) {
        fake_redis_did(call, "setrange", name);
        fake_redis_tell(call, REDIS_EVENT_STRING, "setrange", name);
        fake_redis_reply_integer(call->out, (int64_t)text.length);
    }
    fake_redis_out_clear(&text);
}

void fake_redis_append(struct redis_call *call)
{
    struct redis_span name = call->args[1], more = call->args[2];
    struct redis_key *key;
    struct redis_out text = {0};

    if (!fake_redis_find_type(call, name, REDIS_STRING, &key))
        return;
    if (key != NULL)
        fake_redis_add(&text, key->text->at, key->text->length);
    fake_redis_add(&text, more.at, more.length);
    if (text.is_broken) {
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
    } else if (fake_redis_set_text(call, name,
                                   (struct redis_span){text.at, text.length},
                                   true)) {
        fake_redis_did(call, "append", name);
        fake_redis_tell(call, REDIS_EVENT_STRING, "append", name);
        fake_redis_reply_integer(call->out, (int64_t)text.length);
    }
    fake_redis_out_clear(&text);
}
