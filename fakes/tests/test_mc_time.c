/* SPDX-License-Identifier: Apache-2.0
 * test_mc_time.c - when the fake memcached's keys die, to the millisecond.
 */
#include "mc_desk.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

/* The n-th moment after `now_ms` that is `phase_ms` past a whole second. */
static int64_t nth_tick_ms(int64_t now_ms, int64_t phase_ms, int n)
{
    int64_t at_ms = now_ms + 1;

    while (at_ms % 1000 != phase_ms)
        at_ms++;
    return at_ms + (int64_t)(n - 1) * 1000;
}

static void check_life(int64_t phase_ms, int64_t into_second_ms, int exptime)
{
    int64_t now_ms = MC_DESK_START_MS + into_second_ms;
    int64_t death_ms = nth_tick_ms(now_ms, phase_ms, exptime);
    char line[64];
    struct mc_desk d;

    mc_desk_start(&d, phase_ms);
    fake_advance(d.hub, now_ms);
    unit_int(fake_next_due(d.hub), INT64_MAX);
    snprintf(line, sizeof line, "set k 0 %d 1\r\nx\r\n", exptime);
    mc_desk_say(&d, line, strlen(line));
    expect(&d, "STORED\r\n");
    unit_int(fake_next_due(d.hub), death_ms);
    unit_true(death_ms > now_ms + (exptime - 1) * 1000);
    unit_true(death_ms <= now_ms + exptime * 1000);
    fake_advance(d.hub, death_ms - 1);
    ask(&d, "get k\r\n", "VALUE k 0 1\r\nx\r\nEND\r\n");
    fake_advance(d.hub, death_ms);
    ask(&d, "get k\r\n", "END\r\n");
    unit_int(fake_next_due(d.hub), INT64_MAX);
    mc_desk_end(&d);
}

UNIT(mc_time, a_key_dies_at_the_nth_tick_whatever_the_phase)
{
    static const int64_t moments_ms[] = {0, 1, 250, 500, 501, 998, 999};
    static const int exptimes[] = {1, 2, 60};

    for (size_t p = 0; p < 7; p++)
        for (size_t m = 0; m < 7; m++)
            for (size_t e = 0; e < 3; e++)
                check_life(moments_ms[p], moments_ms[m], exptimes[e]);
}

UNIT(mc_time, only_a_phase_within_a_second)
{
    struct fake_hub_options options = {.virtual_clock = true};
    struct fake_hub *hub;
    struct fake *f = NULL;

    unit_int(fake_hub_new(&options, &hub), 0);
    unit_true(fake_memcached_new(hub, -1, &f) < 0);
    unit_true(fake_memcached_new(hub, 1000, &f) < 0);
    unit_true(f == NULL);
    unit_int(fake_memcached_new(hub, 999, &f), 0);
    fake_hub_free(hub);
}

UNIT(mc_time, the_dead_go_in_the_order_of_their_keys)
{
    struct mc_desk d;
    mc_desk_start(&d, 100);
    ask(&d,
        "set c 0 2 1\r\nx\r\nset a 0 2 1\r\nx\r\nset b 0 1 1\r\nx\r\n"
        "set d 0 3 1\r\nx\r\nset e 0 0 1\r\nx\r\n",
        "STORED\r\nSTORED\r\nSTORED\r\nSTORED\r\nSTORED\r\n");
    expect_trace(&d, "memcached set c 2\nmemcached set a 2\nmemcached set b 1\n"
                     "memcached set d 3\nmemcached set e 0\n");
    fake_advance(d.hub, MC_DESK_START_MS + 3000);
    expect_trace(&d, "memcached expired b\nmemcached expired a\n"
                     "memcached expired c\nmemcached expired d\n");
    expect_dump(&d, "e 0 never \"x\"\n");
    mc_desk_end(&d);
}

/* A beat moves the one event; it does not leave the old one behind. */
UNIT(mc_time, only_the_earliest_expiry_is_planned)
{
    const int64_t t = MC_DESK_START_MS;
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 5 1\r\nx\r\nset b 0 9 1\r\nx\r\n", "STORED\r\nSTORED\r\n");
    unit_int(fake_next_due(d.hub), t + 5000);
    ask(&d, "touch a 20\r\n", "TOUCHED\r\n");
    unit_int(fake_next_due(d.hub), t + 9000);
    ask(&d, "set b 0 30 1\r\nx\r\n", "STORED\r\n");
    unit_int(fake_next_due(d.hub), t + 20000);
    ask(&d, "gat 40 a\r\n", "VALUE a 0 1\r\nx\r\nEND\r\n");
    unit_int(fake_next_due(d.hub), t + 30000);
    ask(&d, "delete b\r\n", "DELETED\r\n");
    unit_int(fake_next_due(d.hub), t + 40000);
    ask(&d, "append a 0 1 1\r\ny\r\n", "STORED\r\n");
    unit_int(fake_next_due(d.hub), t + 40000);
    ask(&d, "touch a 0\r\n", "TOUCHED\r\n");
    unit_int(fake_next_due(d.hub), INT64_MAX);
    mc_desk_end(&d);
}

UNIT(mc_time, a_replaced_key_has_the_new_expiry_only)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 1 1\r\nx\r\nset a 0 3 1\r\ny\r\n", "STORED\r\nSTORED\r\n");
    fake_advance(d.hub, MC_DESK_START_MS + 2999);
    ask(&d, "get a\r\n", "VALUE a 0 1\r\ny\r\nEND\r\n");
    fake_advance(d.hub, MC_DESK_START_MS + 3000);
    ask(&d, "get a\r\n", "END\r\n");
    mc_desk_end(&d);
}

/* incr in place and incr to more digits both keep the expiry. */
UNIT(mc_time, incr_keeps_the_expiry)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 2 1\r\n8\r\nincr a 1\r\nincr a 1\r\n",
        "STORED\r\n9\r\n10\r\n");
    unit_int(fake_next_due(d.hub), MC_DESK_START_MS + 2000);
    mc_desk_end(&d);
}

/* ---- never, at once, absolute ----------------------------------------- */

UNIT(mc_time, negative_is_at_once)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 -1 1\r\nx\r\nget a\r\n", "STORED\r\nEND\r\n");
    ask(&d, "set a 0 0 1\r\nx\r\nreplace a 0 -5 1\r\ny\r\nget a\r\n",
        "STORED\r\nSTORED\r\nEND\r\n");
    ask(&d, "add a 0 -1 1\r\nx\r\nadd a 0 -1 1\r\nx\r\n",
        "STORED\r\nSTORED\r\n");
    ask(&d, "set a 0 0 1\r\nx\r\ntouch a -1\r\nget a\r\n",
        "STORED\r\nTOUCHED\r\nEND\r\n");
    ask(&d, "set a 0 0 1\r\nx\r\ngat -1 a\r\nget a\r\n",
        "STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\nEND\r\n");
    unit_int(fake_next_due(d.hub), INT64_MAX);
    mc_desk_end(&d);
}

UNIT(mc_time, thirty_days_are_relative_and_more_is_a_date)
{
    const int64_t days_ms = INT64_C(2592000) * 1000;
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 2592000 1\r\nx\r\n", "STORED\r\n");
    unit_int(fake_next_due(d.hub), MC_DESK_START_MS + days_ms);
    ask(&d, "set a 0 2592001 1\r\nx\r\nget a\r\n", "STORED\r\nEND\r\n");
    mc_desk_end(&d);
}

/* libmemcached's memcached_exist() adds with a date in 1970. */
UNIT(mc_time, to_ask_by_adding_in_1970_creates_nothing)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "add k 0 2678400 0\r\n\r\nget k\r\n", "STORED\r\nEND\r\n");
    ask(&d, "set k 0 0 1\r\nx\r\nadd k 0 2678400 0\r\n\r\nget k\r\n",
        "STORED\r\nNOT_STORED\r\nVALUE k 0 1\r\nx\r\nEND\r\n");
    /* And a compare-and-swap with such a date is a compare-and-delete. */
    ask(&d, "cas k 0 2678400 0 1\r\n\r\nadd k 0 0 1\r\nx\r\n",
        "EXISTS\r\nNOT_STORED\r\n");
    ask(&d, "cas k 0 2678400 0 2\r\n\r\nadd k 0 0 1\r\nx\r\n",
        "STORED\r\nSTORED\r\n");
    mc_desk_end(&d);
}

static void set_until(struct mc_desk *d, int64_t unix_s)
{
    char line[64];

    snprintf(line, sizeof line, "set k 0 %lld 1\r\nx\r\n", (long long)unix_s);
    mc_desk_say(d, line, strlen(line));
    expect(d, "STORED\r\n");
}

/* The server's Unix time is the wall clock's whole seconds at its ticks. */
UNIT(mc_time, a_date_is_the_first_tick_at_or_after_it)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    set_until(&d, MC_DESK_WALL_S + 100);
    unit_int(fake_next_due(d.hub), MC_DESK_START_MS + 100000);
    set_until(&d, MC_DESK_WALL_S);
    ask(&d, "get k\r\n", "END\r\n");
    set_until(&d, MC_DESK_WALL_S + 1);
    fake_advance(d.hub, MC_DESK_START_MS + 999);
    ask(&d, "get k\r\n", "VALUE k 0 1\r\nx\r\nEND\r\n");
    fake_advance(d.hub, MC_DESK_START_MS + 1000);
    ask(&d, "get k\r\n", "END\r\n");
    mc_desk_end(&d);

    mc_desk_start(&d, 300);
    set_until(&d, MC_DESK_WALL_S + 100);
    unit_int(fake_next_due(d.hub), MC_DESK_START_MS + 100300);
    mc_desk_end(&d);
}

/* ---- flush_all with a delay ------------------------------------------- */

/* items.c: `flush_all n` strikes at tick n - 1, and strikes all that is
 * stored in that second as well. Seen with the real server. */
UNIT(mc_time, a_delayed_flush_strikes_a_second_early_and_for_a_second)
{
    const int64_t t = MC_DESK_START_MS;
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "set a 0 0 1\r\nx\r\nflush_all 3\r\nget a\r\n",
        "STORED\r\nOK\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
    unit_int(fake_next_due(d.hub), t + 2000);
    fake_advance(d.hub, t + 1999);
    ask(&d, "set b 0 0 1\r\nx\r\nget a b\r\n",
        "STORED\r\nVALUE a 0 1\r\nx\r\nVALUE b 0 1\r\nx\r\nEND\r\n");
    fake_advance(d.hub, t + 2000);
    ask(&d, "get a b\r\n", "END\r\n");
    fake_advance(d.hub, t + 2999);
    ask(&d, "set a 0 0 1\r\nx\r\nget a\r\n", "STORED\r\nEND\r\n");
    fake_advance(d.hub, t + 3000);
    ask(&d, "set a 0 0 1\r\nx\r\nget a\r\n",
        "STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
    unit_int(fake_next_due(d.hub), INT64_MAX);
    mc_desk_end(&d);
}

UNIT(mc_time, a_new_flush_replaces_a_planned_one)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    ask(&d, "flush_all 10\r\nflush_all\r\nset a 0 0 1\r\nx\r\n",
        "OK\r\nOK\r\nSTORED\r\n");
    unit_int(fake_next_due(d.hub), INT64_MAX);
    ask(&d, "flush_all 2592001\r\nget a\r\n",
        "OK\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
    ask(&d, "flush_all 1\r\nget a\r\n", "OK\r\nEND\r\n");
    mc_desk_end(&d);
}
