/* SPDX-License-Identifier: Apache-2.0
 * redis_key.c - commands on keys of any type, and their time to live.
 */
#include "redis.h"

#include <string.h>

void fake_redis_del(struct redis_call *call)
{
    int64_t removed = 0;

    for (size_t i = 1; i < call->count; i++) {
        struct redis_key *key = fake_redis_find(call, call->args[i]);
        if (key == NULL)
            continue;
        fake_redis_delete(call, key);
        removed++;
    }
    fake_redis_reply_integer(call->out, removed);
}

void fake_redis_exists(struct redis_call *call)
{
    int64_t found = 0;
    for (size_t i = 1; i < call->count; i++)
        found += fake_redis_look(call, call->args[i]) != NULL;
    fake_redis_reply_integer(call->out, found);
}

void fake_redis_type(struct redis_call *call)
{
    struct redis_key *key = fake_redis_look(call, call->args[1]);
    fake_redis_reply_status(
        call->out, key == NULL ? "none" : fake_redis_type_name(key->type));
}

static void rename_key(struct redis_call *call, bool only_new)
{
    struct redis_span from = call->args[1], to = call->args[2];
    struct redis_store *store = &call->server->store;
    struct redis_key *key = fake_redis_find(call, from);
    struct redis_key *other = fake_redis_find(call, to);

    if (key == NULL) {
        fake_redis_reply_error(call->out, "ERR no such key");
        return;
    }
    if (other != NULL && only_new) {
        fake_redis_reply_integer(call->out, 0);
        return;
    }
    if (other != key) {
        if (other != NULL)
            fake_redis_store_remove(store, other);
        if (!fake_redis_store_rename(store, key, to)) {
            fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
            return;
        }
        fake_redis_tell(call, REDIS_EVENT_NEW, "new", to);
        fake_redis_touch(call->server, *call->db, to);
        fake_redis_did_member(call, "rename", from, to);
        fake_redis_tell(call, REDIS_EVENT_GENERIC, "rename_from", from);
        fake_redis_tell(call, REDIS_EVENT_GENERIC, "rename_to", to);
    }
    if (only_new)
        fake_redis_reply_integer(call->out, 1);
    else
        fake_redis_reply_status(call->out, "OK");
}

void fake_redis_rename(struct redis_call *call)
{
    rename_key(call, false);
}

void fake_redis_renamenx(struct redis_call *call)
{
    rename_key(call, true);
}

void fake_redis_dbsize(struct redis_call *call)
{
    fake_redis_reply_integer(call->out,
                             (int64_t)call->server->store.dbs[*call->db].count);
}

static void flush(struct redis_call *call, unsigned db)
{
    if (call->count > 2 ||
        (call->count == 2 && !fake_redis_span_is(call->args[1], "sync") &&
         !fake_redis_span_is(call->args[1], "async"))) {
        fake_redis_reply_error(call->out, REDIS_TEXT_SYNTAX);
        return;
    }
    fake_redis_flush(call->server, db);
    if (db == REDIS_DBS)
        fake_note(call->server->fake, "flushall");
    else
        fake_note(call->server->fake, "flushdb @%u", db);
    fake_redis_reply_status(call->out, "OK");
}

void fake_redis_flushdb(struct redis_call *call)
{
    flush(call, *call->db);
}

void fake_redis_flushall(struct redis_call *call)
{
    flush(call, REDIS_DBS);
}

/* ---- time to live ----------------------------------------------------- */

enum { IF_NX = 1, IF_XX = 2, IF_GT = 4, IF_LT = 8 };

static bool take_conditions(struct redis_call *call, unsigned *ret_flags)
{
    static const char *const words[] = {"nx", "xx", "gt", "lt"};

    *ret_flags = 0;
    for (size_t i = 3; i < call->count; i++) {
        unsigned flag = 0;
        for (unsigned w = 0; w < 4; w++)
            if (fake_redis_span_is(call->args[i], words[w]))
                flag = 1u << w;
        if (flag == 0) {
            fake_redis_reply_errorf(call->out, "ERR Unsupported option %.*s",
                                    (int)(call->args[i].length < 4096
                                              ? call->args[i].length
                                              : 4096),
                                    (const char *)call->args[i].at);
            return false;
        }
        *ret_flags |= flag;
    }
    if ((*ret_flags & IF_NX) != 0 && *ret_flags != IF_NX) {
        fake_redis_reply_error(call->out,
                               "ERR NX and XX, GT or LT options at the same "
                               "time are not compatible");
        return false;
    }
    if ((*ret_flags & IF_GT) != 0 && (*ret_flags & IF_LT) != 0) {
        fake_redis_reply_error(call->out, "ERR GT and LT options at the same "
                                          "time are not compatible");
        return false;
    }
    return true;
}

/* A key without a time has, for GT and LT, one that never comes. */
static bool does_apply(const struct redis_key *key, unsigned flags,
                       int64_t due_ms)
{
    bool has_time = key->due_ms != REDIS_FOREVER;

    return !(((flags & IF_NX) != 0 && has_time) ||
             ((flags & IF_XX) != 0 && !has_time) ||
             ((flags & IF_GT) != 0 && due_ms <= key->due_ms) ||
             ((flags & IF_LT) != 0 && has_time && due_ms >= key->due_ms));
}

/* EXPIRE PEXPIRE EXPIREAT PEXPIREAT: the name says the unit and the start. */
static bool take_due(struct redis_call *call, int64_t *ret_due_ms)
{
    const char *name = call->command->name;
    bool is_seconds = name[0] != 'p';
    bool is_absolute = name[strlen(name) - 1] == 't';
    int64_t value;

    if (!fake_redis_take_integer(call, call->args[2], &value))
        return false;
    if ((is_seconds && __builtin_mul_overflow(value, 1000, &value)) ||
        (!is_absolute &&
         __builtin_add_overflow(value, fake_redis_wall_ms(call->server),
                                &value))) {
        fake_redis_reply_errorf(
            call->out, "ERR invalid expire time in '%s' command", name);
        return false;
    }
    *ret_due_ms = fake_redis_due_from_wall(call->server, value);
    return true;
}

void fake_redis_expire(struct redis_call *call)
{
    int64_t due_ms, now_ms = call->server->now_ms;
    struct redis_key *key;
    unsigned flags;

    if (!take_conditions(call, &flags) || !take_due(call, &due_ms))
        return;
    key = fake_redis_find(call, call->args[1]);
    if (key == NULL || !does_apply(key, flags, due_ms)) {
        fake_redis_reply_integer(call->out, 0);
        return;
    }
    if (due_ms <= now_ms) {
        fake_redis_delete(call, key);
    } else {
        fake_redis_store_set_due(&call->server->store, key, due_ms);
        fake_redis_did_px(call, "pexpire", call->args[1], due_ms - now_ms);
        fake_redis_tell(call, REDIS_EVENT_GENERIC, "expire", call->args[1]);
    }
    fake_redis_reply_integer(call->out, 1);
}

void fake_redis_persist(struct redis_call *call)
{
    struct redis_key *key = fake_redis_find(call, call->args[1]);

    if (key == NULL || key->due_ms == REDIS_FOREVER) {
        fake_redis_reply_integer(call->out, 0);
        return;
    }
    fake_redis_store_set_due(&call->server->store, key, REDIS_FOREVER);
    fake_redis_did(call, "persist", call->args[1]);
    fake_redis_tell(call, REDIS_EVENT_GENERIC, "persist", call->args[1]);
    fake_redis_reply_integer(call->out, 1);
}

/* TTL PTTL EXPIRETIME PEXPIRETIME. Seconds are rounded, as ttlGenericCommand
 * does: 1500 ms left are 2 s. */
void fake_redis_ttl(struct redis_call *call)
{
    const char *name = call->command->name;
    bool is_seconds = name[0] != 'p';
    bool is_absolute = name[strlen(name) - 1] == 'e';
    struct redis_key *key = fake_redis_look(call, call->args[1]);
    int64_t value;

    if (key == NULL || key->due_ms == REDIS_FOREVER) {
        fake_redis_reply_integer(call->out, key == NULL ? -2 : -1);
        return;
    }
    value = key->due_ms - call->server->now_ms;
    if (is_absolute)
        value += fake_redis_wall_ms(call->server);
    if (is_seconds)
        value = value / 1000 + (value % 1000 >= 500 ? 1 : 0);
    fake_redis_reply_integer(call->out, value);
}
