/* SPDX-License-Identifier: Apache-2.0
 * redis_copy.c - COPY of a key and SWAPDB, which reach into other databases.
 */
#include "redis.h"

#include <stdlib.h>

/* ---- COPY ------------------------------------------------------------- */

static bool take_db(struct redis_call *call, struct redis_span text,
                    unsigned *ret_db)
{
    int64_t db;

    if (!fake_redis_take_integer(call, text, &db))
        return false;
    if (db < INT32_MIN || db > INT32_MAX) {
        fake_redis_reply_error(call->out,
                               "ERR value is out of range, value must between "
                               "-2147483648 and 2147483647");
        return false;
    }
    if (db < 0 || db >= REDIS_DBS) {
        fake_redis_reply_error(call->out, "ERR DB index is out of range");
        return false;
    }
    *ret_db = (unsigned)db;
    return true;
}

static bool take_options(struct redis_call *call, unsigned *db,
                         bool *is_replace)
{
    for (size_t i = 3; i < call->count; i++) {
        if (fake_redis_span_is(call->args[i], "replace")) {
            *is_replace = true;
        } else if (fake_redis_span_is(call->args[i], "db") &&
                   i + 1 < call->count) {
            if (!take_db(call, call->args[++i], db))
                return false;
        } else {
            fake_redis_reply_error(call->out, REDIS_TEXT_SYNTAX);
            return false;
        }
    }
    return true;
}

static bool copy_entries(const struct redis_map *from, struct redis_map *to,
                         bool has_values)
{
    for (struct redis_entry *e = from->first; e != NULL; e = e->after) {
        struct redis_bytes *value = NULL;
        if (has_values) {
            value = fake_redis_bytes(fake_redis_bytes_span(e->value));
            if (value == NULL)
                return false;
        }
        if (fake_redis_map_add(to, fake_redis_name(e), value) == NULL) {
            free(value);
            return false;
        }
    }
    return true;
}

static struct redis_key *copy_key(struct redis_store *store,
                                  const struct redis_key *key, unsigned db,
                                  struct redis_span name)
{
    struct redis_bytes *text = NULL;
    struct redis_key *copy;

    if (key->type == REDIS_STRING) {
        text = fake_redis_bytes(fake_redis_bytes_span(key->text));
        if (text == NULL)
            return NULL;
    }
    copy = fake_redis_store_add(store, db, name, key->type, text);
    if (copy == NULL)
        return NULL;
    if (!copy_entries(&key->map, &copy->map, key->type == REDIS_HASH)) {
        fake_redis_store_remove(store, copy);
        return NULL;
    }
    fake_redis_store_set_due(store, copy, key->due_ms);
    return copy;
}

void fake_redis_copy(struct redis_call *call)
{
    struct redis_store *store = &call->server->store;
    struct redis_span to = call->args[2];
    struct redis_key *key, *other;
    unsigned db = *call->db;
    bool is_replace = false;

    if (!take_options(call, &db, &is_replace))
        return;
    if (db == *call->db && fake_redis_span_equal(call->args[1], to)) {
        fake_redis_reply_error(
            call->out, "ERR source and destination objects are the same");
        return;
    }
    key = fake_redis_look(call, call->args[1]);
    other = fake_redis_store_find(store, db, to);
    if (key == NULL || (other != NULL && !is_replace)) {
        fake_redis_reply_integer(call->out, 0);
        return;
    }
    if (other != NULL)
        fake_redis_store_remove(store, other);
    if (copy_key(store, key, db, to) == NULL) {
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
        return;
    }
    fake_redis_event(call->server, db, REDIS_EVENT_NEW, "new", to);
    fake_redis_changed(call->server, db, "copy", to, call->args[1], 0);
    fake_redis_event(call->server, db, REDIS_EVENT_GENERIC, "copy_to", to);
    fake_redis_reply_integer(call->out, 1);
}

/* ---- SWAPDB ----------------------------------------------------------- */

static bool take_index(struct redis_call *call, size_t at, const char *text,
                       int64_t *ret_db)
{
    if (fake_redis_span_integer(call->args[at], ret_db) &&
        *ret_db >= INT32_MIN && *ret_db <= INT32_MAX)
        return true;
    fake_redis_reply_error(call->out, text);
    return false;
}

/* Whoever watches a name that is in either of them sees a change. */
static void touch_all(struct redis_server *server, unsigned from, unsigned db)
{
    struct redis_entry *e = server->store.dbs[from].first;
    for (; e != NULL; e = e->after)
        fake_redis_touch(server, db, fake_redis_name(e));
}

void fake_redis_swapdb(struct redis_call *call)
{
    int64_t a, b;

    if (!take_index(call, 1, "ERR invalid first DB index", &a) ||
        !take_index(call, 2, "ERR invalid second DB index", &b))
        return;
    if (a < 0 || a >= REDIS_DBS || b < 0 || b >= REDIS_DBS) {
        fake_redis_reply_error(call->out, "ERR DB index is out of range");
        return;
    }
    if (a != b) {
        unsigned one = (unsigned)a, two = (unsigned)b;
        touch_all(call->server, one, one);
        touch_all(call->server, one, two);
        touch_all(call->server, two, one);
        touch_all(call->server, two, two);
        fake_redis_store_swap(&call->server->store, one, two);
        fake_note(call->server->fake, "swapdb %u %u", one, two);
    }
    fake_redis_reply_status(call->out, "OK");
}
