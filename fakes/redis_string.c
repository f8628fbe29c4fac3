/* SPDX-License-Identifier: Apache-2.0
 * redis_string.c - commands on strings: set and get in all their forms.
 */
#include "redis.h"

#include <string.h>

/* ---- options of SET and GETEX ----------------------------------------- */

enum { SET_NX = 1, SET_XX = 2, SET_KEEP = 4, SET_GET = 8, SET_PERSIST = 16 };

struct set_options {
    unsigned flags;
    struct redis_span time; /* NULL: none given                              */
    bool is_seconds, is_absolute;
};

/* The same one may stand twice: then the last counts. */
static bool take_time_option(struct set_options *options, const char *word)
{
    bool has_time = options->time.at != NULL;

    static const struct {
        const char *word;
        bool is_seconds, is_absolute;
    } rows[] = {{"ex", true, false},
                {"px", false, false},
                {"exat", true, true},
                {"pxat", false, true}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(word, rows[i].word) != 0)
            continue;
        if (has_time && (options->is_seconds != rows[i].is_seconds ||
                         options->is_absolute != rows[i].is_absolute))
            return false;
        options->is_seconds = rows[i].is_seconds;
        options->is_absolute = rows[i].is_absolute;
        return true;
    }
    return false;
}

/* One option at args[*at]; only one of a pair, only one kind of time. */
static bool take_option(struct redis_call *call, size_t *at, bool is_getex,
                        struct set_options *options)
{
    static const struct {
        const char *word;
        unsigned flag, not_with;
        bool of_set, of_getex;
    } rows[] = {{"nx", SET_NX, SET_XX, true, false},
                {"xx", SET_XX, SET_NX, true, false},
                {"get", SET_GET, 0, true, false},
                {"keepttl", SET_KEEP, SET_PERSIST, true, false},
                {"persist", SET_PERSIST, SET_KEEP, false, true}};
    struct redis_span arg = call->args[*at];
    bool has_time = options->time.at != NULL;
    char word[8] = "";

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!fake_redis_span_is(arg, rows[i].word))
            continue;
        if ((options->flags & rows[i].not_with) != 0 ||
            !(is_getex ? rows[i].of_getex : rows[i].of_set) ||
            ((rows[i].flag & (SET_KEEP | SET_PERSIST)) != 0 && has_time))
            return false;
        options->flags |= rows[i].flag;
        return true;
    }
    if (arg.length < sizeof word)
        for (size_t i = 0; i < arg.length; i++)
            word[i] = (char)(arg.at[i] | 0x20);
    if ((options->flags & (SET_KEEP | SET_PERSIST)) != 0 ||
        *at + 1 >= call->count || !take_time_option(options, word))
        return false;
    options->time = call->args[++*at];
    return true;
}

static bool take_options(struct redis_call *call, size_t from, bool is_getex,
                         struct set_options *options)
{
    for (size_t at = from; at < call->count; at++) {
        if (!take_option(call, &at, is_getex, options)) {
            fake_redis_reply_error(call->out, REDIS_TEXT_SYNTAX);
            return false;
        }
    }
    return true;
}

/* When a key set with this option will be over; REDIS_FOREVER without. */
static bool take_due(struct redis_call *call, const struct set_options *options,
                     int64_t *ret_due_ms)
{
    int64_t value, wall_ms = fake_redis_wall_ms(call->server);

    *ret_due_ms = REDIS_FOREVER;
    if (options->time.at == NULL)
        return true;
    if (!fake_redis_take_integer(call, options->time, &value))
        return false;
    if (value <= 0 ||
        (options->is_seconds && __builtin_mul_overflow(value, 1000, &value)) ||
        (!options->is_absolute &&
         __builtin_add_overflow(value, wall_ms, &value))) {
        fake_redis_reply_errorf(call->out,
                                "ERR invalid expire time in '%s' command",
                                call->command->name);
        return false;
    }
    *ret_due_ms = fake_redis_due_from_wall(call->server, value);
    return true;
}

/* ---- set -------------------------------------------------------------- */

static bool set_until(struct redis_call *call, struct redis_span name,
                      struct redis_span text, int64_t due_ms, bool keeps_due)
{
    if (!fake_redis_set_text(call, name, text, keeps_due))
        return false;
    fake_redis_tell(call, REDIS_EVENT_STRING, "set", name);
    if (due_ms == REDIS_FOREVER) {
        fake_redis_did(call, "set", name);
        return true;
    }
    fake_redis_store_set_due(&call->server->store, fake_redis_find(call, name),
                             due_ms);
    fake_redis_did_px(call, "set", name, due_ms - call->server->now_ms);
    fake_redis_tell(call, REDIS_EVENT_GENERIC, "expire", name);
    return true;
}

static void reply_text(struct redis_out *out, const struct redis_key *key)
{
    if (key == NULL)
        fake_redis_reply_null(out);
    else
        fake_redis_reply_bulk(out, fake_redis_bytes_span(key->text));
}

/* SET and GETSET: what `reply` holds is the answer once the text is set. */
static void set_and_reply(struct redis_call *call, int64_t due_ms,
                          bool keeps_due, struct redis_out *reply)
{
    if (reply->is_broken)
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
    else if (set_until(call, call->args[1], call->args[2], due_ms, keeps_due))
        fake_redis_add(call->out, reply->at, reply->length);
}

void fake_redis_set(struct redis_call *call)
{
    struct set_options options = {0};
    struct redis_key *key;
    struct redis_out reply = {0};
    bool is_get;
    int64_t due_ms;

    if (!take_options(call, 3, false, &options) ||
        !take_due(call, &options, &due_ms))
        return;
    is_get = (options.flags & SET_GET) != 0;
    key = is_get ? fake_redis_look(call, call->args[1])
                 : fake_redis_find(call, call->args[1]);
    if (is_get && key != NULL && key->type != REDIS_STRING) {
        fake_redis_reply_error(call->out, REDIS_TEXT_TYPE);
        return;
    }
    if (((options.flags & SET_NX) != 0 && key != NULL) ||
        ((options.flags & SET_XX) != 0 && key == NULL)) {
        reply_text(call->out, is_get ? key : NULL);
        return;
    }
    if (is_get)
        reply_text(&reply, key);
    else
        fake_redis_reply_status(&reply, "OK");
    set_and_reply(call, due_ms, (options.flags & SET_KEEP) != 0, &reply);
    fake_redis_out_clear(&reply);
}

void fake_redis_getset(struct redis_call *call)
{
    struct redis_key *key;
    struct redis_out reply = {0};

    if (!fake_redis_look_type(call, call->args[1], REDIS_STRING, &key))
        return;
    reply_text(&reply, key);
    set_and_reply(call, REDIS_FOREVER, false, &reply);
    fake_redis_out_clear(&reply);
}

void fake_redis_setex(struct redis_call *call)
{
    struct set_options options = {0};
    int64_t due_ms;

    options.time = call->args[2];
    options.is_seconds = call->command->name[0] == 's';
    if (take_due(call, &options, &due_ms) &&
        set_until(call, call->args[1], call->args[3], due_ms, false))
        fake_redis_reply_status(call->out, "OK");
}

void fake_redis_setnx(struct redis_call *call)
{
    if (fake_redis_find(call, call->args[1]) != NULL)
        fake_redis_reply_integer(call->out, 0);
    else if (set_until(call, call->args[1], call->args[2], REDIS_FOREVER,
                       false))
        fake_redis_reply_integer(call->out, 1);
}

static bool set_pairs(struct redis_call *call)
{
    for (size_t i = 1; i < call->count; i += 2)
        if (!set_until(call, call->args[i], call->args[i + 1], REDIS_FOREVER,
                       false))
            return false;
    return true;
}

static bool has_pairs(struct redis_call *call)
{
    if (call->count % 2 == 1)
        return true;
    fake_redis_reply_errorf(call->out,
                            "ERR wrong number of arguments for '%s' command",
                            call->command->name);
    return false;
}

void fake_redis_mset(struct redis_call *call)
{
    if (has_pairs(call) && set_pairs(call))
        fake_redis_reply_status(call->out, "OK");
}

void fake_redis_msetnx(struct redis_call *call)
{
    if (!has_pairs(call))
        return;
    for (size_t i = 1; i < call->count; i += 2) {
        if (fake_redis_find(call, call->args[i]) != NULL) {
            fake_redis_reply_integer(call->out, 0);
            return;
        }
    }
    if (set_pairs(call))
        fake_redis_reply_integer(call->out, 1);
}

/* ---- get -------------------------------------------------------------- */

void fake_redis_get(struct redis_call *call)
{
    struct redis_key *key;
    if (fake_redis_find_type(call, call->args[1], REDIS_STRING, &key))
        reply_text(call->out, key);
}

void fake_redis_mget(struct redis_call *call)
{
    fake_redis_reply_array(call->out, call->count - 1);
    for (size_t i = 1; i < call->count; i++) {
        struct redis_key *key = fake_redis_look(call, call->args[i]);
        reply_text(call->out,
                   key != NULL && key->type == REDIS_STRING ? key : NULL);
    }
}

void fake_redis_getdel(struct redis_call *call)
{
    struct redis_key *key;

    if (!fake_redis_look_type(call, call->args[1], REDIS_STRING, &key))
        return;
    reply_text(call->out, key);
    if (key != NULL)
        fake_redis_delete(call, key);
}

void fake_redis_getex(struct redis_call *call)
{
    struct set_options options = {0};
    struct redis_key *key;
    int64_t due_ms, now_ms = call->server->now_ms;

    if (!take_options(call, 2, true, &options) ||
        !fake_redis_look_type(call, call->args[1], REDIS_STRING, &key))
        return;
    if (key == NULL) {
        fake_redis_reply_null(call->out);
        return;
    }
    if (!take_due(call, &options, &due_ms))
        return;
    reply_text(call->out, key);
    if (due_ms <= now_ms) {
        fake_redis_delete(call, key);
    } else if (due_ms != REDIS_FOREVER) {
        fake_redis_store_set_due(&call->server->store, key, due_ms);
        fake_redis_did_px(call, "pexpire", call->args[1], due_ms - now_ms);
        fake_redis_tell(call, REDIS_EVENT_GENERIC, "expire", call->args[1]);
    } else if ((options.flags & SET_PERSIST) != 0 &&
               key->due_ms != REDIS_FOREVER) {
        fake_redis_store_set_due(&call->server->store, key, REDIS_FOREVER);
        fake_redis_did(call, "persist", call->args[1]);
        fake_redis_tell(call, REDIS_EVENT_GENERIC, "persist", call->args[1]);
    }
}

/* ---- numbers ---------------------------------------------------------- */

static void add_to(struct redis_call *call, int64_t step)
{
    struct redis_span name = call->args[1];
    struct redis_key *key;
    struct redis_out text = {0};
    int64_t value = 0;

    if (!fake_redis_find_type(call, name, REDIS_STRING, &key) ||
        (key != NULL && !fake_redis_take_integer(
                            call, fake_redis_bytes_span(key->text), &value)))
        return;
    if (__builtin_add_overflow(value, step, &value)) {
        fake_redis_reply_error(call->out,
                               "ERR increment or decrement would overflow");
        return;
    }
    fake_redis_add_format(&text, "%lld", (long long)value);
    if (text.is_broken) {
        fake_redis_reply_error(call->out, REDIS_TEXT_MEMORY);
    } else if (fake_redis_set_text(call, name,
                                   (struct redis_span){text.at, text.length},
                                   true)) {
        fake_redis_did(call, "incr", name);
        fake_redis_tell(call, REDIS_EVENT_STRING, "incrby", name);
        fake_redis_reply_integer(call->out, value);
    }
    fake_redis_out_clear(&text);
}

void fake_redis_incr(struct redis_call *call)
{
    add_to(call, 1);
}

void fake_redis_decr(struct redis_call *call)
{
    add_to(call, -1);
}

void fake_redis_incrby(struct redis_call *call)
{
    int64_t step;
    if (fake_redis_take_integer(call, call->args[2], &step))
        add_to(call, step);
}

void fake_redis_decrby(struct redis_call *call)
{
    int64_t step;

    if (!fake_redis_take_integer(call, call->args[2], &step))
        return;
    if (step == INT64_MIN)
        fake_redis_reply_error(call->out, "ERR decrement would overflow");
    else
        add_to(call, -step);
}
