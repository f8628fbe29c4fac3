/* SPDX-License-Identifier: Apache-2.0
 * redis_event.c - keyspace events: who subscribed is told what happened.
 * Classes, their letters and the order of both messages are those of
 * notify.c of 7.0.
 */
#include "redis.h"

#include <string.h>

#define KEYSPACE 1u
#define KEYEVENT 2u

/* In the order in which CONFIG GET writes them. */
static const struct {
    char letter;
    unsigned flag;
} rows[] = {{'g', REDIS_EVENT_GENERIC},
            {'$', REDIS_EVENT_STRING},
            {'l', REDIS_EVENT_LIST},
            {'s', REDIS_EVENT_SET},
            {'h', REDIS_EVENT_HASH},
            {'z', REDIS_EVENT_ZSET},
            {'x', REDIS_EVENT_EXPIRED},
            {'e', REDIS_EVENT_EVICTED},
            {'t', REDIS_EVENT_STREAM},
            {'d', REDIS_EVENT_MODULE},
            {'n', REDIS_EVENT_NEW},
            {'K', KEYSPACE},
            {'E', KEYEVENT},
            {'m', REDIS_EVENT_MISS}};

#define ROWS (sizeof rows / sizeof *rows)
#define ALL_ROWS 10 /* as many of them are in "A" */

static unsigned all_flags(void)
{
    unsigned flags = 0;
    for (size_t i = 0; i < ALL_ROWS; i++)
        flags |= rows[i].flag;
    return flags;
}

bool fake_redis_events_take(struct redis_span letters, unsigned *ret_flags)
{
    unsigned flags = 0;

    for (size_t i = 0; i < letters.length; i++) {
        unsigned flag = letters.at[i] == 'A' ? all_flags() : 0;
        for (size_t row = 0; row < ROWS; row++)
            if (letters.at[i] == (uint8_t)rows[row].letter)
                flag = rows[row].flag;
        if (flag == 0)
            return false;
        flags |= flag;
    }
    *ret_flags = flags;
    return true;
}

/* With all of them as "A", the server forgets to say "n". */
void fake_redis_events_write(unsigned flags, char ret_letters[16])
{
    bool is_all = (flags & all_flags()) == all_flags();
    size_t n = 0;

    if (is_all)
        ret_letters[n++] = 'A';
    for (size_t row = 0; row < ROWS; row++)
        if ((flags & rows[row].flag) != 0 &&
            !(is_all && (row < ALL_ROWS || rows[row].flag == REDIS_EVENT_NEW)))
            ret_letters[n++] = rows[row].letter;
    ret_letters[n] = '\0';
}

static void publish(struct redis_server *server, unsigned db, const char *kind,
                    struct redis_span what, struct redis_span payload)
{
    struct redis_out channel = {0};

    fake_redis_add_format(&channel, "__%s@%u__:", kind, db);
    fake_redis_add(&channel, what.at, what.length);
    if (!channel.is_broken)
        fake_redis_publish_to(
            server, (struct redis_span){channel.at, channel.length}, payload);
    fake_redis_out_clear(&channel);
}

void fake_redis_event(struct redis_server *server, unsigned db, unsigned kind,
                      const char *event, struct redis_span name)
{
    struct redis_span text = fake_redis_span(event);

    if ((server->events & kind) == 0 || server->subscribers == NULL)
        return;
    if ((server->events & KEYSPACE) != 0)
        publish(server, db, "keyspace", name, text);
    if ((server->events & KEYEVENT) != 0)
        publish(server, db, "keyevent", text, name);
}

void fake_redis_tell(struct redis_call *call, unsigned kind, const char *event,
                     struct redis_span name)
{
    fake_redis_event(call->server, *call->db, kind, event, name);
}
