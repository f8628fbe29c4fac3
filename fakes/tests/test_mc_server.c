/* SPDX-License-Identifier: Apache-2.0
 * test_mc_server.c - the fake memcached as the harness sees it: trace, dump,
 * counts, verbs and conditions.
 */
#include "mc_desk.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

UNIT(mc_server, the_trace_tells_each_change_and_no_value)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d,
        "set a 1 5 6 noreply\r\nsecret\r\nadd a 0 0 1 noreply\r\nx\r\n"
        "add b 0 0 1 noreply\r\n1\r\nreplace b 0 7 1 noreply\r\n2\r\n"
        "append b 0 0 1 noreply\r\n3\r\nprepend b 0 0 1 noreply\r\n4\r\n"
        "incr b 1 noreply\r\ndecr b 1 noreply\r\ntouch b -1 noreply\r\n"
        "cas a 0 3 1 9 noreply\r\nx\r\ncas a 0 3 1 1 noreply\r\nx\r\n"
        "gat 9 a\r\n",
        "VALUE a 0 1\r\nx\r\nEND\r\n");
    expect_trace(&d, "memcached set a 5\nmemcached add b 0\n"
                     "memcached replace b 7\nmemcached append b\n"
                     "memcached prepend b\nmemcached incr b\n"
                     "memcached decr b\nmemcached touch b -1\n"
                     "memcached expired b\nmemcached cas a\n"
                     "memcached touch a 9\n");
    ask(&d, "delete a\r\ndelete a\r\nflush_all\r\n",
        "DELETED\r\nNOT_FOUND\r\nOK\r\n");
    expect_trace(&d, "memcached delete a\nmemcached flushed\n");
    ask(&d, "set a\x01\xff\\ 0 0 0\r\n\r\n", "STORED\r\n");
    expect_trace(&d, "memcached set a\\x01\\xff\\x5c 0\n");
    mc_desk_end(&d);
}

UNIT(mc_server, the_dump_is_sorted_and_knows_when)
{
    struct mc_desk d;
    mc_desk_start(&d, 250);
    expect_dump(&d, "");
    ask(&d,
        "set b 7 0 4 noreply\r\na\n\"\xff\r\nset a 0 9 0 noreply\r\n\r\n"
        "set ab 1 2 2\r\nhi\r\n",
        "STORED\r\n");
    expect_dump(&d, "a 0 1008250 \"\"\nab 1 1001250 \"hi\"\n"
                    "b 7 never \"a\\x0a\"\\xff\"\n");
    mc_desk_end(&d);
}

UNIT(mc_server, counts_each_command_once)
{
    static const struct {
        const char *name;
        unsigned times;
    } rows[] = {
        {"get", 1},   {"gets", 1},   {"set", 3},       {"add", 1},
        {"cas", 1},   {"touch", 1},  {"delete", 2},    {"incr", 1},
        {"decr", 1},  {"gat", 1},    {"flush_all", 1}, {"version", 1},
        {"stats", 1}, {"append", 0}, {NULL, 14},
    };
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d,
        "get a b c\r\ngets a\r\nset a 0 0 1\r\nx\r\nset a 0 0\r\n"
        "set a 0 0 9999999 noreply\r\n",
        "END\r\nEND\r\n");
    mc_desk_redial(&d);
    ask(&d,
        "add a 0 0 1\r\nx\r\ncas a 0 0 1 1\r\nx\r\ntouch a 0\r\ndelete a\r\n"
        "delete a\r\nincr a 1\r\ndecr a 1\r\ngat 1 a\r\nflush_all\r\n"
        "version\r\nstats reset\r\n",
        "STORED\r\nEXISTS\r\nTOUCHED\r\nDELETED\r\nNOT_FOUND\r\nNOT_FOUND\r\n"
        "NOT_FOUND\r\nEND\r\nOK\r\nVERSION 1.6.18\r\nRESET\r\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unit_int_at(fake_count(d.fake, d.link, rows[i].name), rows[i].times,
                    rows[i].name == NULL ? "all" : rows[i].name, __FILE__,
                    __LINE__);
        unit_int(fake_count(d.fake, NULL, rows[i].name), rows[i].times);
    }
    unit_int(fake_refused(d.fake), 0);
    mc_desk_end(&d);
}

UNIT(mc_server, what_it_does_not_speak_is_refused_aloud)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "mg a v\r\nmd a\r\nmn\r\nma a\r\nme a\r\n",
        "ERROR\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\n");
    unit_int(fake_refused(d.fake), 5);
    ask(&d, "slabs reassign 1 2\r\nwatch fetchers\r\nstats items\r\n",
        "ERROR\r\nERROR\r\nERROR\r\n");
    unit_int(fake_refused(d.fake), 8);
    unit_int(fake_count(d.fake, NULL, NULL), 0);
    mc_desk_end(&d);
}

/* ---- verbs ------------------------------------------------------------ */

UNIT(mc_server, an_evicted_key_is_gone)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 5 1\r\nx\r\n", "STORED\r\n");
    unit_int(fake_evict(d.fake, "b"), -ENOENT);
    unit_int(fake_evict(d.fake, "a"), 0);
    ask(&d, "get a\r\n", "END\r\n");
    unit_int(fake_next_due(d.hub), INT64_MAX);
    expect_trace(&d, "memcached set a 5\nmemcached evicted a\n");
    mc_desk_end(&d);
}

UNIT(mc_server, a_flush_loses_the_data_and_not_the_numbers)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 5 1\r\nx\r\n", "STORED\r\n");
    unit_int(fake_flush(d.fake), 0);
    unit_int(fake_next_due(d.hub), INT64_MAX);
    ask(&d, "add a 0 0 1\r\nx\r\ngets a\r\n",
        "STORED\r\nVALUE a 0 1 2\r\nx\r\nEND\r\n");
    mc_desk_end(&d);
}

static void restart(struct mc_desk *d, bool keep_data)
{
    unit_int(fake_stop(d->fake), 0);
    unit_int(fake_start(d->fake, keep_data), 0);
    mc_desk_redial(d);
}

UNIT(mc_server, restarted_it_numbers_from_one)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 5 1\r\nx\r\nset a 0 5 1\r\nx\r\nflush_all 9\r\n",
        "STORED\r\nSTORED\r\nOK\r\n");
    restart(&d, false);
    unit_int(fake_next_due(d.hub), INT64_MAX);
    ask(&d, "get a\r\nset a 0 0 1\r\nx\r\ngets a\r\n",
        "END\r\nSTORED\r\nVALUE a 0 1 1\r\nx\r\nEND\r\n");
    restart(&d, true);
    ask(&d, "set b 0 0 1\r\nx\r\ngets a b\r\n",
        "STORED\r\nVALUE a 0 1 1\r\nx\r\nVALUE b 0 1 2\r\nx\r\nEND\r\n");
    mc_desk_end(&d);
}

/* A number of `stats`, or -1. */
static int64_t stat_of(struct mc_desk *d, const char *name)
{
    char wanted[64], text[8192] = "";
    size_t have = 0;

    say(d, "stats\r\n");
    ssize_t n = read(d->fd, text, sizeof text - 1);
    while (n > 0) {
        have += (size_t)n;
        text[have] = '\0';
        n = read(d->fd, text + have, sizeof text - 1 - have);
    }
    unit_true(strstr(text, "\r\nEND\r\n") != NULL);
    snprintf(wanted, sizeof wanted, "STAT %s ", name);
    const char *at = strstr(text, wanted);
    return at == NULL ? -1 : strtoll(at + strlen(wanted), NULL, 10);
}

/* The real server's uptime begins at 2. */
UNIT(mc_server, stats_tell_its_age)
{
    struct mc_desk d;
    mc_desk_start(&d, 500);
    unit_int(stat_of(&d, "uptime"), 86402);
    unit_int(stat_of(&d, "time"), MC_DESK_WALL_S - 1);
    int64_t pid = stat_of(&d, "pid");
    restart(&d, false);
    unit_true(stat_of(&d, "pid") != pid);
    unit_int(stat_of(&d, "uptime"), 2);
    fake_advance(d.hub, MC_DESK_START_MS + 499);
    unit_int(stat_of(&d, "uptime"), 2);
    fake_advance(d.hub, MC_DESK_START_MS + 500);
    unit_int(stat_of(&d, "uptime"), 3);
    unit_int(stat_of(&d, "time"), MC_DESK_WALL_S);
    unit_int(fake_set_age(d.fake, 100000), 0);
    unit_int(stat_of(&d, "uptime"), 102);
    mc_desk_end(&d);
}

UNIT(mc_server, stats_count)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d,
        "set a 0 0 1\r\nx\r\nset b 1 0 1\r\nx\r\nget a b c\r\ntouch a 0\r\n",
        "STORED\r\nSTORED\r\nVALUE a 0 1\r\nx\r\nVALUE b 1 1\r\nx\r\nEND\r\n"
        "TOUCHED\r\n");
    unit_int(stat_of(&d, "curr_items"), 2);
    unit_int(stat_of(&d, "bytes"), 2 * (48 + 2 + 3 + 8) + 4);
    unit_int(stat_of(&d, "cmd_set"), 2);
    unit_int(stat_of(&d, "get_hits"), 2);
    unit_int(stat_of(&d, "get_misses"), 1);
    unit_int(stat_of(&d, "touch_hits"), 1);
    unit_int(stat_of(&d, "curr_connections"), 1);
    mc_desk_redial(&d);
    unit_int(stat_of(&d, "curr_connections"), 1);
    unit_int(stat_of(&d, "total_connections"), 2);
    mc_desk_end(&d);
}

/* ---- out of memory ---------------------------------------------------- */

UNIT(mc_server, without_memory_it_stores_nothing_new)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 0 1\r\n8\r\nset b 0 0 1\r\nx\r\ngets b\r\n",
        "STORED\r\nSTORED\r\nVALUE b 0 1 2\r\nx\r\nEND\r\n");
    unit_int(fake_set_condition(d.fake, FAKE_OUT_OF_MEMORY), 0);
    ask(&d, "add c 0 0 4\r\nget \r\nget c\r\n",
        "SERVER_ERROR out of memory storing object\r\nEND\r\n");
    ask(&d, "append a 0 0 1\r\n8\r\ncas b 0 0 1 2\r\ny\r\n",
        "SERVER_ERROR out of memory storing object\r\n"
        "SERVER_ERROR out of memory storing object\r\n");
    ask(&d, "replace b 0 0 1 noreply\r\ny\r\nget b\r\n",
        "VALUE b 0 1\r\nx\r\nEND\r\n");
    /* Over itself a number needs none; longer it does. */
    ask(&d, "incr a 1\r\nincr a 1\r\nget a\r\n",
        "9\r\nSERVER_ERROR out of memory\r\nVALUE a 0 1\r\n9\r\nEND\r\n");
    /* Better no value than a stale one. */
    ask(&d, "set b 0 0 1\r\ny\r\nget b\r\n",
        "SERVER_ERROR out of memory storing object\r\nEND\r\n");
    unit_int(fake_set_condition(d.fake, FAKE_HEALTHY), 0);
    ask(&d, "add c 0 0 1\r\ny\r\n", "STORED\r\n");
    mc_desk_end(&d);
}

/* A client that goes in the middle of a value leaves nothing behind. */
UNIT(mc_server, half_a_value_is_forgotten)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    say(&d, "set a 0 0 10\r\nhalf");
    mc_desk_redial(&d);
    ask(&d, "get a\r\n", "END\r\n");
    mc_desk_end(&d);
}
