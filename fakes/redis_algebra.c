/* SPDX-License-Identifier: Apache-2.0
 * redis_algebra.c - commands on more than one set at once.
 */
#include "redis.h"

#include <string.h>

static bool has(const struct redis_key *key, struct redis_span member)
{
    return key != NULL && fake_redis_map_find(&key->map, member) != NULL;
}

/* ---- SINTER, SUNION, SDIFF, and with STORE ---------------------------- */

/* Add to `map` those of this set that belong in the answer. */
static bool gather(struct redis_call *call, char kind, size_t from, size_t at,
                   struct redis_map *map)
{
    struct redis_key *key = fake_redis_find(call, call->args[at]);
    struct redis_entry *e = key == NULL ? NULL : key->map.first;

    for (; e != NULL; e = e->after) {
        struct redis_span member = fake_redis_name(e);
        bool is_in = fake_redis_map_find(map, member) == NULL;
        for (size_t i = from; kind != 'u' && is_in && i < call->count; i++)
            if (i != at && has(fake_redis_find(call, call->args[i]), member) !=
                               (kind == 'i'))
                is_in = false;
        if (is_in && fake_redis_map_add(map, member, NULL) == NULL)
            return false;
    }
    return true;
}

static bool are_sets(struct redis_call *call, size_t from)
{
    struct redis_key *key;

    for (size_t i = from; i < call->count; i++)
        if (!fake_redis_look_type(call, call->args[i], REDIS_SET, &key))
            return false;
    return true;
}

static void reply_members(struct redis_out *out, const struct redis_map *map)
{
    fake_redis_reply_array(out, map->count);
    for (struct redis_entry *e = map->first; e != NULL; e = e->after)
        fake_redis_reply_bulk(out, fake_redis_name(e));
}

/* The destination becomes this set, or goes when the set is empty. */
static void store(struct redis_call *call, struct redis_map *map)
{
    struct redis_span name = call->args[1];
    struct redis_key *old = fake_redis_find(call, name), *key;
    size_t count = map->count;

    if (count == 0) {
        if (old != NULL)
            fake_redis_delete(call, old);
        fake_redis_reply_integer(call->out, 0);
        return;
    }
    if (old != NULL)
        fake_redis_store_remove(&call->server->store, old);
    key = old != NULL ? fake_redis_store_add(&call->server->store, *call->db,
                                             name, REDIS_SET, NULL)
                      : fake_redis_create(call, name, REDIS_SET, NULL);
    if (key == NULL) {
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
        return;
    }
    key->map = *map;
    *map = (struct redis_map){0};
    fake_redis_did(call, call->command->name, name);
    fake_redis_tell(call, REDIS_EVENT_SET, call->command->name, name);
    fake_redis_reply_integer(call->out, (int64_t)count);
}

void fake_redis_set_algebra(struct redis_call *call)
{
    const char *name = call->command->name;
    bool is_store = name[strlen(name) - 1] == 'e';
    size_t from = is_store ? 2 : 1;
    size_t end = name[1] == 'u' ? call->count : from + 1;
    struct redis_map map = {0};

    if (!are_sets(call, from))
        return;
    for (size_t i = from; i < end; i++) {
        if (!gather(call, name[1], from, i, &map)) {
            fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
            goto out;
        }
    }
    if (is_store)
        store(call, &map);
    else
        reply_members(call->out, &map);
out:
    fake_redis_map_clear(&map);
}

/* ---- SMOVE ------------------------------------------------------------ */

static void take_out(struct redis_call *call, struct redis_key *key,
                     struct redis_entry *entry)
{
    fake_redis_map_remove(&key->map, entry);
    fake_redis_did_member(call, "srem", call->args[1], call->args[3]);
    fake_redis_tell(call, REDIS_EVENT_SET, "srem", call->args[1]);
    fake_redis_remove_if_empty(call, key);
}

void fake_redis_smove(struct redis_call *call)
{
    struct redis_span to = call->args[2], member = call->args[3];
    struct redis_key *source = fake_redis_find(call, call->args[1]), *target;
    struct redis_entry *entry;

    if (source == NULL) {
        fake_redis_reply_integer(call->out, 0);
        return;
    }
    if (!fake_redis_find_type(call, call->args[1], REDIS_SET, &source) ||
        !fake_redis_find_type(call, to, REDIS_SET, &target))
        return;
    entry = fake_redis_map_find(&source->map, member);
    if (entry == NULL || source == target) {
        fake_redis_reply_integer(call->out, entry != NULL);
        return;
    }
    take_out(call, source, entry);
    if (target == NULL)
        target = fake_redis_create(call, to, REDIS_SET, NULL);
    if (target == NULL) {
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
        return;
    }
    if (!has(target, member)) {
        if (fake_redis_map_add(&target->map, member, NULL) == NULL) {
            fake_redis_remove_if_empty(call, target);
            fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
            return;
        }
        fake_redis_did_member(call, "sadd", to, member);
        fake_redis_tell(call, REDIS_EVENT_SET, "sadd", to);
    }
    fake_redis_reply_integer(call->out, 1);
}
