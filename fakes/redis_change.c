/* SPDX-License-Identifier: Apache-2.0
 * redis_change.c - every change of a key: its trace, its watchers, its end.
 */
#include "redis.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- saying so -------------------------------------------------------- */

static void add_name(struct redis_out *out, struct redis_span name)
{
    fake_redis_add_text(out, name.length == 0 ? " \"\"" : " ");
    fake_redis_add_escaped(out, name);
}

void fake_redis_changed(struct redis_server *server, unsigned db,
                        const char *verb, struct redis_span name,
                        struct redis_span detail, int64_t px_ms)
{
    struct redis_out text = {0};

    fake_redis_touch(server, db, name);
    fake_redis_add_text(&text, verb);
    if (db != 0)
        fake_redis_add_format(&text, " @%u", db);
    add_name(&text, name);
    if (detail.at != NULL)
        add_name(&text, detail);
    if (px_ms != 0)
        fake_redis_add_format(&text, " px %" PRId64, px_ms);
    /* Without memory the line is lost; the change is not. */
    if (!text.is_broken)
        fake_note(server->fake, "%.*s", (int)text.length, (char *)text.at);
    fake_redis_out_clear(&text);
}

void fake_redis_did(struct redis_call *call, const char *verb,
                    struct redis_span name)
{
    fake_redis_did_px(call, verb, name, 0);
}

void fake_redis_did_member(struct redis_call *call, const char *verb,
                           struct redis_span name, struct redis_span member)
{
    fake_redis_changed(call->server, *call->db, verb, name, member, 0);
}

void fake_redis_did_px(struct redis_call *call, const char *verb,
                       struct redis_span name, int64_t px_ms)
{
    fake_redis_changed(call->server, *call->db, verb, name,
                       (struct redis_span){NULL, 0}, px_ms);
}

/* ---- the end of keys -------------------------------------------------- */

void fake_redis_tick(struct redis_server *server)
{
    int64_t now_ms = fake_now(server->hub);
    int64_t less_ms = fake_wall_ms(server->hub) - now_ms;

    /* Two real clocks are cut to milliseconds at different moments: one
     * millisecond is not a step of the wall clock. */
    server->now_ms = now_ms;
    if (less_ms - server->wall_less_now_ms > 1 ||
        less_ms - server->wall_less_now_ms < -1)
        server->wall_less_now_ms = less_ms;
    fake_redis_expire_due(server);
}

int64_t fake_redis_wall_ms(const struct redis_server *server)
{
    return server->now_ms + server->wall_less_now_ms;
}

void fake_redis_expire_due(struct redis_server *server)
{
    struct redis_key *key;

    while ((key = fake_redis_store_next_due(&server->store)) != NULL &&
           key->due_ms <= server->now_ms) {
        fake_redis_changed(server, key->db, "expired",
                           fake_redis_name(key->entry),
                           (struct redis_span){NULL, 0}, 0);
        fake_redis_event(server, key->db, REDIS_EVENT_EXPIRED, "expired",
                         fake_redis_name(key->entry));
        fake_redis_store_remove(&server->store, key);
        server->expired++;
    }
}

void fake_redis_arm(struct redis_server *server)
{
    struct redis_key *key = fake_redis_store_next_due(&server->store);

    if (key == NULL)
        fake_timer_stop(server->hub, &server->expiry);
    else if (!server->expiry.is_set || server->expiry.due_ms != key->due_ms)
        fake_timer_set(server->hub, &server->expiry, key->due_ms);
}

void fake_redis_flush(struct redis_server *server, unsigned db)
{
    unsigned first = db == REDIS_DBS ? 0 : db;
    unsigned end = db == REDIS_DBS ? REDIS_DBS : db + 1;

    for (unsigned i = first; i < end; i++) {
        struct redis_entry *entry;
        while ((entry = server->store.dbs[i].first) != NULL) {
            fake_redis_touch(server, i, fake_redis_name(entry));
            fake_redis_store_remove(&server->store, entry->value);
        }
    }
}

void fake_redis_remove_if_empty(struct redis_call *call, struct redis_key *key)
{
    if (key->map.count == 0)
        fake_redis_delete(call, key);
}

/* ---- what the commands share ------------------------------------------ */

struct redis_key *fake_redis_find(struct redis_call *call,
                                  struct redis_span name)
{
    return fake_redis_store_find(&call->server->store, *call->db, name);
}

struct redis_key *fake_redis_look(struct redis_call *call,
                                  struct redis_span name)
{
    struct redis_key *key = fake_redis_find(call, name);

    if (key == NULL)
        fake_redis_tell(call, REDIS_EVENT_MISS, "keymiss", name);
    return key;
}

struct redis_key *fake_redis_create(struct redis_call *call,
                                    struct redis_span name,
                                    enum redis_type type,
                                    struct redis_bytes *text)
{
    struct redis_key *key =
        fake_redis_store_add(&call->server->store, *call->db, name, type, text);

    if (key != NULL)
        fake_redis_tell(call, REDIS_EVENT_NEW, "new", name);
    return key;
}

void fake_redis_delete(struct redis_call *call, struct redis_key *key)
{
    struct redis_span name = fake_redis_name(key->entry);

    fake_redis_did(call, "del", name);
    fake_redis_tell(call, REDIS_EVENT_GENERIC, "del", name);
    fake_redis_store_remove(&call->server->store, key);
}

static bool is_of(struct redis_call *call, struct redis_key *key,
                  enum redis_type type, struct redis_key **ret_key)
{
    if (key != NULL && key->type != type) {
        fake_redis_reply_error(call->out, REDIS_TEXT_TYPE);
        return false;
    }
    *ret_key = key;
    return true;
}

bool fake_redis_look_type(struct redis_call *call, struct redis_span name,
                          enum redis_type type, struct redis_key **ret_key)
{
    return is_of(call, fake_redis_look(call, name), type, ret_key);
}

bool fake_redis_find_type(struct redis_call *call, struct redis_span name,
                          enum redis_type type, struct redis_key **ret_key)
{
    if ((call->command->flags & REDIS_WRITE) == 0)
        return fake_redis_look_type(call, name, type, ret_key);
    return is_of(call, fake_redis_find(call, name), type, ret_key);
}

bool fake_redis_set_text(struct redis_call *call, struct redis_span name,
                         struct redis_span text, bool keeps_due)
{
    struct redis_store *store = &call->server->store;
    struct redis_key *key = fake_redis_find(call, name);
    struct redis_bytes *bytes = fake_redis_bytes(text);

    if (bytes == NULL)
        goto out;
    if (key == NULL) {
        if (fake_redis_create(call, name, REDIS_STRING, bytes) != NULL)
            return true;
        goto out;
    }
    fake_redis_map_clear(&key->map);
    free(key->text);
    key->type = REDIS_STRING;
    key->text = bytes;
    if (!keeps_due)
        fake_redis_store_set_due(store, key, REDIS_FOREVER);
    return true;
out:
    fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
    return false;
}

bool fake_redis_take_integer(struct redis_call *call, struct redis_span span,
                             int64_t *ret_value)
{
    if (fake_redis_span_integer(span, ret_value))
        return true;
    fake_redis_reply_error(call->out, REDIS_TEXT_INTEGER);
    return false;
}

int64_t fake_redis_due_from_wall(const struct redis_server *server,
                                 int64_t wall_ms)
{
    int64_t due_ms;

    if (__builtin_sub_overflow(wall_ms, server->wall_less_now_ms, &due_ms))
        return wall_ms < 0 ? INT64_MIN : REDIS_FOREVER - 1;
    return due_ms == REDIS_FOREVER ? due_ms - 1 : due_ms;
}
