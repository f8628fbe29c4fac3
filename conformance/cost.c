/* SPDX-License-Identifier: Apache-2.0
 * cost.c - what a call cost: commands counted by the fake, waits by the driver.
 *
 * On a real server only the waits can be counted; the commands are the same
 * ones, sent by the same code.
 */
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const commands[COMMANDS_MAX] = {
    "EVALSHA", "EVAL",   "SMEMBERS",    "HGET",    "HSET",   "GET",  "SET",
    "MGET",    "HKEYS",  "HGETALL",     "exists",  "get",    "set",  "create",
    "create2", "delete", "getChildren", "multi",   "sync",   "gets", "cas",
    "add",     "incr",   "touch",       "replace", "append", "decr",
};

static unsigned count(struct member *m, const char *command)
{
    return fake_count(m->w->servers[0], m->links[0], command);
}

static uint64_t waits(struct member *m)
{
    struct sg_pulse pulse;

    sg_get_pulse(m->sg, &pulse);
    return pulse.waits;
}

void cost_begin(struct member *m)
{
    m->waits_before = waits(m);
    for (size_t i = 0; i < COMMANDS_MAX && commands[i] != NULL; i++)
        m->counts_before[i] = count(m, commands[i]);
    m->counts_before[COMMANDS_MAX - 1] = count(m, NULL);
}

/* How often `text` ("gets 1 cas 2") says that `command` is sent. */
static unsigned priced(const char *text, const char *command)
{
    char name[32];
    unsigned n;
    int used;

    for (; sscanf(text, " %31s %u%n", name, &n, &used) == 2; text += used)
        if (strcmp(name, command) == 0)
            return n;
    return 0;
}

static void write_counts(struct member *m, char *to, size_t bytes)
{
    size_t at = 0;

    to[0] = '\0';
    for (size_t i = 0; i < COMMANDS_MAX && commands[i] != NULL; i++) {
        unsigned n = count(m, commands[i]) - m->counts_before[i];
        if (n > 0 && at < bytes)
            at +=
                (size_t)snprintf(to + at, bytes - at, "%s %u ", commands[i], n);
    }
}

void expect_cost(struct member *m, enum world_cost cost)
{
    struct price price = place_price(m->w->place, cost);
    uint64_t waited = waits(m) - m->waits_before;
    unsigned total = count(m, NULL) - m->counts_before[COMMANDS_MAX - 1];
    unsigned wanted = 0;
    bool is_same = waited == price.waits;
    char got[300];

    write_counts(m, got, sizeof got);
    for (size_t i = 0; i < COMMANDS_MAX && commands[i] != NULL; i++) {
        unsigned n = priced(price.commands, commands[i]);
        wanted += n;
        if (m->w->place->is_fake &&
            n != count(m, commands[i]) - m->counts_before[i])
            is_same = false;
    }
    if (m->w->place->is_fake && total != wanted)
        is_same = false;
    expect_that_at(m->w, true, "");
    if (!is_same)
        world_fail(m->w, WORLD_FAILED,
                   "%s: cost %u commands (%s) and %" PRIu64
                   " waits, want (%s) and %u waits",
                   m->label, total, got, waited, price.commands, price.waits);
    world_note(m->w, m->label, "cost %s, %u waits", price.commands,
               price.waits);
}
