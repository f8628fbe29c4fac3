/* SPDX-License-Identifier: Apache-2.0
 * test_mc_client.c - the fake memcached before libmemcached, which blocks and
 * so works on a thread of its own while the test serves the hub.
 */
#include "fake.h"
#include "unit.h"

#include <libmemcached/memcached.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
    struct fake_hub *hub;
    struct fake *fake;
    memcached_st *handle;
    bool is_binary;
    void (*work)(struct client *c);
    pthread_t thread;
    atomic_bool is_done;
    char wrong[256]; /* what went wrong first; "": nothing                  */
};

/* On the client's thread, where a test cannot be ended. */
static void check_at(struct client *c, bool is_right, const char *what,
                     int line)
{
    if (!is_right && c->wrong[0] == '\0')
        snprintf(c->wrong, sizeof c->wrong, "line %d: %s", line, what);
}

#define check(c, x) check_at((c), (x), #x, __LINE__)

static void *run_client(void *arg)
{
    struct client *c = arg;

    c->work(c);
    memcached_free(c->handle);
    atomic_store(&c->is_done, true);
    fake_wake(c->hub);
    return NULL;
}

static memcached_st *handle_for(const struct fake_link *link, bool is_binary)
{
    memcached_st *handle = memcached_create(NULL);

    unit_true(handle != NULL);
    memcached_behavior_set(handle, MEMCACHED_BEHAVIOR_BINARY_PROTOCOL,
                           is_binary);
    memcached_behavior_set(handle, MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1);
    memcached_behavior_set(handle, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
    unit_int(memcached_server_add(handle, "127.0.0.1",
                                  (in_port_t)fake_link_port(link)),
             MEMCACHED_SUCCESS);
    return handle;
}

/* Let the work be done, by either protocol. The hub is the caller's to free:
 * it can be asked what has been seen. */
static void run(struct client *c, void (*work)(struct client *c),
                bool is_binary)
{
    struct fake_hub_options options = {.virtual_clock = true,
                                       .start_ms = 1000000,
                                       .wall_start_ms = INT64_C(1700000000000)};
    struct fake_link *link;

    memset(c, 0, sizeof *c);
    c->work = work;
    c->is_binary = is_binary;
    unit_int(fake_hub_new(&options, &c->hub), 0);
    unit_int(fake_memcached_new(c->hub, 0, &c->fake), 0);
    unit_int(fake_listen(c->fake, "client", &link), 0);
    c->handle = handle_for(link, is_binary);
    unit_int(pthread_create(&c->thread, NULL, run_client, c), 0);
    while (!atomic_load(&c->is_done))
        fake_poll(c->hub, 1000);
    pthread_join(c->thread, NULL);
    unit_text(c->wrong, "");
    unit_int(fake_refused(c->fake), 0);
}

static void run_both(void (*work)(struct client *c))
{
    for (int is_binary = 0; is_binary < 2; is_binary++) {
        struct client c;
        run(&c, work, is_binary);
        fake_hub_free(c.hub);
    }
}

/* ---- single steps of the work ----------------------------------------- */

static bool has_value(struct client *c, const char *key, const char *want,
                      uint32_t want_flags)
{
    size_t length = 0;
    uint32_t flags = 0;
    memcached_return_t status;
    char *got =
        memcached_get(c->handle, key, strlen(key), &length, &flags, &status);
    bool is = got != NULL && length == strlen(want) &&
              memcmp(got, want, length) == 0 && flags == want_flags;

    free(got);
    return is;
}

static memcached_return_t set(struct client *c, const char *key,
                              const char *value, time_t exptime, uint32_t flags)
{
    return memcached_set(c->handle, key, strlen(key), value, strlen(value),
                         exptime, flags);
}

static void work_values(struct client *c)
{
    memcached_st *h = c->handle;
    memcached_return_t taken =
        c->is_binary ? MEMCACHED_DATA_EXISTS : MEMCACHED_NOTSTORED;

    check(c, !has_value(c, "a", "", 0));
    check(c, set(c, "a", "one", 0, 7) == MEMCACHED_SUCCESS);
    check(c, has_value(c, "a", "one", 7));
    check(c, memcached_add(h, "a", 1, "x", 1, 0, 0) == taken);
    check(c, memcached_add(h, "b", 1, "x", 1, 0, 2) == MEMCACHED_SUCCESS);
    check(c, memcached_append(h, "b", 1, "y", 1, 0, 0) == MEMCACHED_SUCCESS);
    check(c, memcached_prepend(h, "b", 1, "w", 1, 0, 0) == MEMCACHED_SUCCESS);
    check(c, has_value(c, "b", "wxy", 2));
    check(c, memcached_replace(h, "b", 1, "z", 1, 0, 0) == MEMCACHED_SUCCESS);
    check(c, memcached_replace(h, "no", 2, "z", 1, 0, 0) != MEMCACHED_SUCCESS);
    check(c, memcached_delete(h, "b", 1, 0) == MEMCACHED_SUCCESS);
    check(c, memcached_delete(h, "b", 1, 0) == MEMCACHED_NOTFOUND);
    check(c, memcached_flush(h, 0) == MEMCACHED_SUCCESS);
    check(c, !has_value(c, "a", "one", 7));
    check(c, memcached_version(h) == MEMCACHED_SUCCESS);
    check(c, memcached_server_micro_version(
                 memcached_server_instance_by_position(h, 0)) == 18);
}

UNIT(mc_client, values_come_and_go)
{
    run_both(work_values);
}

static void work_numbers(struct client *c)
{
    memcached_st *h = c->handle;
    uint64_t n = 0;

    check(c, memcached_increment(h, "i", 1, 1, &n) == MEMCACHED_NOTFOUND);
    check(c, set(c, "i", "10", 0, 0) == MEMCACHED_SUCCESS);
    check(c, memcached_increment(h, "i", 1, 5, &n) == MEMCACHED_SUCCESS);
    check(c, n == 15);
    check(c, memcached_decrement(h, "i", 1, 6, &n) == MEMCACHED_SUCCESS);
    check(c, n == 9);
    if (!c->is_binary)
        return;
    check(c, memcached_increment_with_initial(h, "j", 1, 1, 77, 0, &n) ==
                 MEMCACHED_SUCCESS);
    check(c, n == 77);
}

UNIT(mc_client, numbers_are_added_to)
{
    run_both(work_numbers);
}

/* ---- many keys, and compare-and-swap ---------------------------------- */

/* Asks for a, b and no; returns how many came, and the cas of "a". */
static int ask_three(struct client *c, uint64_t *ret_cas)
{
    const char *const keys[] = {"a", "no", "b"};
    const size_t lengths[] = {1, 2, 1};
    memcached_return_t status;
    memcached_result_st *result;
    int n = 0;

    check(c, memcached_mget(c->handle, keys, lengths, 3) == MEMCACHED_SUCCESS);
    while ((result = memcached_fetch_result(c->handle, NULL, &status)) !=
           NULL) {
        n++;
        if (memcached_result_key_value(result)[0] == 'a')
            *ret_cas = memcached_result_cas(result);
        memcached_result_free(result);
    }
    return n;
}

static void work_cas(struct client *c)
{
    memcached_st *h = c->handle;
    uint64_t cas = 0;

    check(c, memcached_cas(h, "a", 1, "x", 1, 0, 0, 5) == MEMCACHED_NOTFOUND);
    check(c, set(c, "a", "one", 0, 0) == MEMCACHED_SUCCESS);
    check(c, set(c, "b", "two", 0, 0) == MEMCACHED_SUCCESS);
    check(c, ask_three(c, &cas) == 2);
    check(c, cas == 1);
    check(c, memcached_cas(h, "a", 1, "x", 1, 0, 3, cas) == MEMCACHED_SUCCESS);
    check(c,
          memcached_cas(h, "a", 1, "y", 1, 0, 3, cas) == MEMCACHED_DATA_EXISTS);
    check(c, has_value(c, "a", "x", 3));
}

static void check_cas(bool is_binary)
{
    struct client c;

    run(&c, work_cas, is_binary);
    unit_int(fake_count(c.fake, NULL, "cas"), 3);
    unit_int(fake_count(c.fake, NULL, "set"), 2);
    /* With SUPPORT_CAS the text protocol asks `gets` for a single get too. */
    unit_int(fake_count(c.fake, NULL, "gets"), is_binary ? 1 : 2);
    unit_int(fake_count(c.fake, NULL, "get"), is_binary ? 1 : 0);
    unit_int(fake_count(c.fake, NULL, NULL), 7);
    fake_hub_free(c.hub);
}

UNIT(mc_client, three_keys_are_one_question_and_cas_counts)
{
    check_cas(false);
    check_cas(true);
}

/* ---- expiry ----------------------------------------------------------- */

static void work_beats(struct client *c)
{
    memcached_st *h = c->handle;

    check(c, memcached_touch(h, "a", 1, 9) == MEMCACHED_NOTFOUND);
    check(c, set(c, "a", "x", 5, 0) == MEMCACHED_SUCCESS);
    check(c, memcached_touch(h, "a", 1, 60) == MEMCACHED_SUCCESS);
    check(c, set(c, "b", "y", 5, 0) == MEMCACHED_SUCCESS);
    /* Asked by adding with a date in 1970. */
    check(c, memcached_exist(h, "a", 1) == MEMCACHED_SUCCESS);
    check(c, memcached_exist(h, "no", 2) == MEMCACHED_NOTFOUND);
    check(c, memcached_exist(h, "no", 2) == MEMCACHED_NOTFOUND);
}

UNIT(mc_client, touched_keys_live_on_and_asking_creates_none)
{
    for (int is_binary = 0; is_binary < 2; is_binary++) {
        struct client c;
        char *dump;
        run(&c, work_beats, is_binary);
        fake_advance(c.hub, 1005000);
        dump = fake_dump(c.fake);
        unit_true(dump != NULL);
        unit_text(dump, "a 0 1060000 \"x\"\n");
        free(dump);
        fake_hub_free(c.hub);
    }
}

/* ---- the rest --------------------------------------------------------- */

static void work_stats(struct client *c)
{
    memcached_return_t status;
    memcached_stat_st *stats;

    check(c, set(c, "a", "x", 0, 0) == MEMCACHED_SUCCESS);
    stats = memcached_stat(c->handle, NULL, &status);
    check(c, stats != NULL && status == MEMCACHED_SUCCESS);
    if (stats == NULL)
        return;
    check(c, strcmp(stats->version, "1.6.18") == 0);
    check(c, stats->uptime == 86402);
    check(c, stats->time == 1700000000);
    check(c, stats->curr_items == 1);
    check(c, stats->cmd_set == 1);
    memcached_stat_free(c->handle, stats);
    memcached_quit(c->handle);
    check(c, has_value(c, "a", "x", 0));
}

UNIT(mc_client, stats_are_read)
{
    run_both(work_stats);
}

static void work_large(struct client *c)
{
    size_t length = 1048576;
    char *value = calloc(1, length);
    memcached_return_t status;

    check(c, value != NULL);
    if (value == NULL)
        return;
    status = memcached_set(c->handle, "L", 1, value, 1048500, 0, 0);
    check(c, status == MEMCACHED_SUCCESS);
    status = memcached_set(c->handle, "L", 1, value, length, 0, 0);
    check(c, status == MEMCACHED_E2BIG);
    check(c, set(c, "a", "x", 0, 0) == MEMCACHED_SUCCESS);
    check(c, has_value(c, "a", "x", 0));
    check(c, !has_value(c, "L", "", 0));
    free(value);
}

UNIT(mc_client, what_is_too_large_is_refused_and_the_stream_goes_on)
{
    run_both(work_large);
}
