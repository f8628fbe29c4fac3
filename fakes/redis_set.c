/* SPDX-License-Identifier: Apache-2.0
 * redis_set.c - commands on sets.
 */
#include "redis.h"

static bool find_set(struct redis_call *call, struct redis_key **ret_key)
{
    return fake_redis_find_type(call, call->args[1], REDIS_SET, ret_key);
}

static bool is_member(const struct redis_key *key, struct redis_span member)
{
    return key != NULL && fake_redis_map_find(&key->map, member) != NULL;
}

void fake_redis_sadd(struct redis_call *call)
{
    struct redis_key *key;
    int64_t added = 0;

    if (!find_set(call, &key))
        return;
    if (key == NULL)
        key = fake_redis_create(call, call->args[1], REDIS_SET, NULL);
    for (size_t i = 2; key != NULL && i < call->count; i++) {
        if (is_member(key, call->args[i]))
            continue;
        if (fake_redis_map_add(&key->map, call->args[i], NULL) == NULL)
            break;
        fake_redis_did_member(call, "sadd", call->args[1], call->args[i]);
        added++;
    }
    /* Every member is in it now, unless memory has ended. */
    if (added > 0)
        fake_redis_tell(call, REDIS_EVENT_SET, "sadd", call->args[1]);
    if (is_member(key, call->args[call->count - 1])) {
        fake_redis_reply_integer(call->out, added);
        return;
    }
    if (key != NULL && key->map.count == 0)
        fake_redis_store_remove(&call->server->store, key);
    fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
}

void fake_redis_srem(struct redis_call *call)
{
    struct redis_key *key;
    int64_t removed = 0;

    if (!find_set(call, &key))
        return;
    for (size_t i = 2; key != NULL && i < call->count; i++) {
        struct redis_entry *entry =
            fake_redis_map_find(&key->map, call->args[i]);
        if (entry == NULL)
            continue;
        fake_redis_map_remove(&key->map, entry);
        fake_redis_did_member(call, "srem", call->args[1], call->args[i]);
        removed++;
    }
    if (removed > 0)
        fake_redis_tell(call, REDIS_EVENT_SET, "srem", call->args[1]);
    if (key != NULL)
        fake_redis_remove_if_empty(call, key);
    fake_redis_reply_integer(call->out, removed);
}

void fake_redis_smembers(struct redis_call *call)
{
    struct redis_key *key;

    if (!find_set(call, &key))
        return;
    fake_redis_reply_array(call->out, key == NULL ? 0 : key->map.count);
    for (struct redis_entry *e = key == NULL ? NULL : key->map.first; e != NULL;
         e = e->after)
        fake_redis_reply_bulk(call->out, fake_redis_name(e));
}

void fake_redis_sismember(struct redis_call *call)
{
    struct redis_key *key;
    if (find_set(call, &key))
        fake_redis_reply_integer(call->out, is_member(key, call->args[2]));
}

void fake_redis_smismember(struct redis_call *call)
{
    struct redis_key *key;

    if (!find_set(call, &key))
        return;
    fake_redis_reply_array(call->out, call->count - 2);
    for (size_t i = 2; i < call->count; i++)
        fake_redis_reply_integer(call->out, is_member(key, call->args[i]));
}

void fake_redis_scard(struct redis_call *call)
{
    struct redis_key *key;
    if (find_set(call, &key))
        fake_redis_reply_integer(call->out,
                                 key == NULL ? 0 : (int64_t)key->map.count);
}

void fake_redis_sscan(struct redis_call *call)
{
    fake_redis_scan_value(call, REDIS_SET);
}
