/* SPDX-License-Identifier: Apache-2.0
 * redis_hash.c - commands on hashes.
 */
#include "redis.h"

#include <stdlib.h>

static struct redis_bytes *find_field(const struct redis_key *key,
                                      struct redis_span field)
{
    struct redis_entry *entry =
        key == NULL ? NULL : fake_redis_map_find(&key->map, field);
    return entry == NULL ? NULL : entry->value;
}

static void reply_field(struct redis_out *out, const struct redis_bytes *value)
{
    if (value == NULL)
        fake_redis_reply_null(out);
    else
        fake_redis_reply_bulk(out, fake_redis_bytes_span(value));
}

static bool find_hash(struct redis_call *call, struct redis_key **ret_key)
{
    return fake_redis_find_type(call, call->args[1], REDIS_HASH, ret_key);
}

/* ---- write ------------------------------------------------------------ */

/* 1: a new field, 0: an old one, -1: no memory. */
static int put_field(struct redis_call *call, struct redis_key **key,
                     struct redis_span field, struct redis_span text)
{
    struct redis_bytes *value = fake_redis_bytes(text);
    struct redis_entry *entry;

    if (value == NULL)
        return -1;
    if (*key == NULL)
        *key = fake_redis_create(call, call->args[1], REDIS_HASH, NULL);
    if (*key == NULL)
        goto out;
    entry = fake_redis_map_find(&(*key)->map, field);
    if (entry != NULL) {
        free(entry->value);
        entry->value = value;
        fake_redis_did_member(call, "hset", call->args[1], field);
        return 0;
    }
    if (fake_redis_map_add(&(*key)->map, field, value) == NULL)
        goto out;
    fake_redis_did_member(call, "hset", call->args[1], field);
    return 1;
out:
    if (*key != NULL && (*key)->map.count == 0)
        fake_redis_store_remove(&call->server->store, *key);
    free(value);
    return -1;
}

static void say_done(struct redis_call *call, const char *event, int64_t value)
{
    fake_redis_tell(call, REDIS_EVENT_HASH, event, call->args[1]);
    fake_redis_reply_integer(call->out, value);
}

void fake_redis_hset(struct redis_call *call)
{
    struct redis_key *key;
    int64_t added = 0;

    if (call->count % 2 == 1) {
        fake_redis_reply_errorf(
            call->out, "ERR wrong number of arguments for '%s' command",
            call->command->name);
        return;
    }
    if (!find_hash(call, &key))
        return;
    for (size_t i = 2; i < call->count; i += 2) {
        int result = put_field(call, &key, call->args[i], call->args[i + 1]);
        if (result < 0) {
            fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
            return;
        }
        added += result;
    }
    fake_redis_tell(call, REDIS_EVENT_HASH, "hset", call->args[1]);
    if (call->command->name[1] == 'm')
        fake_redis_reply_status(call->out, "OK");
    else
        fake_redis_reply_integer(call->out, added);
}

void fake_redis_hsetnx(struct redis_call *call)
{
    struct redis_key *key;

    if (!find_hash(call, &key))
        return;
    if (find_field(key, call->args[2]) != NULL)
        fake_redis_reply_integer(call->out, 0);
    else if (put_field(call, &key, call->args[2], call->args[3]) < 0)
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
    else
        say_done(call, "hset", 1);
}

void fake_redis_hdel(struct redis_call *call)
{
    struct redis_key *key;
    int64_t removed = 0;

    if (!find_hash(call, &key))
        return;
    for (size_t i = 2; key != NULL && i < call->count; i++) {
        struct redis_entry *entry =
            fake_redis_map_find(&key->map, call->args[i]);
        if (entry == NULL)
            continue;
        fake_redis_map_remove(&key->map, entry);
        fake_redis_did_member(call, "hdel", call->args[1], call->args[i]);
        removed++;
    }
    if (removed > 0)
        fake_redis_tell(call, REDIS_EVENT_HASH, "hdel", call->args[1]);
    if (key != NULL)
        fake_redis_remove_if_empty(call, key);
    fake_redis_reply_integer(call->out, removed);
}

void fake_redis_hincrby(struct redis_call *call)
{
    struct redis_key *key;
    struct redis_bytes *old;
    struct redis_out text = {0};
    int64_t step, value = 0;

    if (!fake_redis_take_integer(call, call->args[3], &step) ||
        !find_hash(call, &key))
        return;
    old = find_field(key, call->args[2]);
    if (old != NULL &&
        !fake_redis_span_integer(fake_redis_bytes_span(old), &value)) {
        fake_redis_reply_error(call->out, "ERR hash value is not an integer");
        return;
    }
    if (__builtin_add_overflow(value, step, &value)) {
        fake_redis_reply_error(call->out,
                               "ERR increment or decrement would overflow");
        return;
    }
    fake_redis_add_format(&text, "%lld", (long long)value);
    if (text.is_broken ||
        put_field(call, &key, call->args[2],
                  (struct redis_span){text.at, text.length}) < 0)
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
    else
        say_done(call, "hincrby", value);
    fake_redis_out_clear(&text);
}

/* ---- read ------------------------------------------------------------- */

void fake_redis_hget(struct redis_call *call)
{
    struct redis_key *key;
    if (find_hash(call, &key))
        reply_field(call->out, find_field(key, call->args[2]));
}

void fake_redis_hmget(struct redis_call *call)
{
    struct redis_key *key;

    if (!find_hash(call, &key))
        return;
    fake_redis_reply_array(call->out, call->count - 2);
    for (size_t i = 2; i < call->count; i++)
        reply_field(call->out, find_field(key, call->args[i]));
}

static void reply_all(struct redis_call *call, bool names, bool values)
{
    struct redis_key *key;
    size_t count;

    if (!find_hash(call, &key))
        return;
    count = key == NULL ? 0 : key->map.count;
    fake_redis_reply_array(call->out, names && values ? count * 2 : count);
    for (struct redis_entry *e = key == NULL ? NULL : key->map.first; e != NULL;
         e = e->after) {
        if (names)
            fake_redis_reply_bulk(call->out, fake_redis_name(e));
        if (values)
            reply_field(call->out, e->value);
    }
}

void fake_redis_hgetall(struct redis_call *call)
{
    reply_all(call, true, true);
}

void fake_redis_hkeys(struct redis_call *call)
{
    reply_all(call, true, false);
}

void fake_redis_hvals(struct redis_call *call)
{
    reply_all(call, false, true);
}

void fake_redis_hlen(struct redis_call *call)
{
    struct redis_key *key;
    if (find_hash(call, &key))
        fake_redis_reply_integer(call->out,
                                 key == NULL ? 0 : (int64_t)key->map.count);
}

void fake_redis_hexists(struct redis_call *call)
{
    struct redis_key *key;
    if (find_hash(call, &key))
        fake_redis_reply_integer(call->out,
                                 find_field(key, call->args[2]) != NULL);
}

void fake_redis_hstrlen(struct redis_call *call)
{
    struct redis_key *key;
    struct redis_bytes *value;

    if (!find_hash(call, &key))
        return;
    value = find_field(key, call->args[2]);
    fake_redis_reply_integer(call->out,
                             value == NULL ? 0 : (int64_t)value->length);
}

void fake_redis_hscan(struct redis_call *call)
{
    fake_redis_scan_value(call, REDIS_HASH);
}
