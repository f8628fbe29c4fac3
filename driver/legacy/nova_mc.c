/* SPDX-License-Identifier: Apache-2.0
 * nova_mc.c - nova's memcache service group driver, as a back end: to read
 * what it wrote, and to write what it reads.
 *
 *   nova-mc://host[:port][,host[:port]...]?era=liberty|mitaka&key=raw|sha1
 *            &service_down_time=60&python=2|3
 *
 * Presence is the whole protocol: no list, no metadata, no token. A service
 * of several processes has one key. The stores' many ways to be wrong are
 * kept, but one: a server that cannot be asked is UNKNOWN here, not DOWN.
 */
#include "mc.h"
#include "old_place.h"
#include "old_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVERS_MAX 32u

/* The instance that the core calls a struct sg_backend; that name belongs to
 * one connection here. */
struct fleet {
    const struct sg_backend_env *env;
    enum sg_old_era era;
    int python;
    bool is_hashed;
    int64_t down_us;
    size_t n;
    struct sg_backend server[SERVERS_MAX];
};

static struct fleet *fleet_of(struct sg_backend *b)
{
    return (struct fleet *)(void *)b;
}

static struct sg_backend *backend_of(struct fleet *f)
{
    return (struct sg_backend *)(void *)f;
}

/* ---- the URL ---------------------------------------------------------- */

static const struct sg_option options[] = {
    {"service_down_time", SG_OPTION_T_INT},
    {"era", SG_OPTION_HONOURED},
    {"key", SG_OPTION_HONOURED},
    {"python", SG_OPTION_HONOURED},
    {NULL, SG_OPTION_ACCEPTED},
};

static const char *option(const struct sg_target *target, const char *name,
                          const char *otherwise)
{
    const char *value = target->option(target, name);

    return value == NULL ? otherwise : value;
}

static int check_choice(const struct sg_target *target, const char *name,
                        const char *a, const char *b, char *why,
                        size_t why_bytes)
{
    const char *value = option(target, name, a);

    if (strcmp(value, a) == 0 || strcmp(value, b) == 0)
        return SG_OK;
    snprintf(why, why_bytes, "option \"%s\" is \"%.32s\"; it is %s or %s", name,
             value, a, b);
    return SG_EURL;
}

static int check(const struct sg_target *target, char *why, size_t why_bytes)
{
    int rc = check_choice(target, "era", "liberty", "mitaka", why, why_bytes);

    if (rc == SG_OK)
        rc = check_choice(target, "key", "raw", "sha1", why, why_bytes);
    if (rc == SG_OK)
        rc = check_choice(target, "python", "2", "3", why, why_bytes);
    if (rc == SG_OK && (target->user != NULL || target->password != NULL)) {
        snprintf(why, why_bytes, "nova-mc:// knows no user and no password");
        rc = SG_EURL;
    }
    return rc;
}

static bool is_mitaka(const struct sg_target *target)
{
    return strcmp(option(target, "era", "liberty"), "mitaka") == 0;
}

/* Liberty: the server counts whole seconds, up to one second less than asked,
 * and two when its clock skips one. Mitaka: the reader's clock, to the
 * microsecond; the wider of the two is declared for both. */
static struct sg_slack slack(int64_t timeout_ms, int64_t tick_ms)
{
    (void)timeout_ms;
    (void)tick_ms;
    return (struct sg_slack){2000, 0};
}

/* ---- instances -------------------------------------------------------- */

static int open_server(struct fleet *f, const struct sg_endpoint *endpoint)
{
    struct sg_backend *s = &f->server[f->n];

    s->endpoint = endpoint;
    s->env = f->env;
    if (!sg_mc_socket_init(&s->socket, f->env->io_limit_ms))
        return SG_ENOMEM;
    f->n++;
    return SG_OK;
}

static void close_fleet(struct sg_backend *b)
{
    struct fleet *f = fleet_of(b);

    if (f == NULL)
        return;
    for (size_t i = 0; i < f->n; i++)
        sg_mc_socket_free(&f->server[i].socket);
    free(f);
}

static int open_fleet(const struct sg_target *target,
                      const struct sg_backend_env *env,
                      struct sg_backend **ret_b)
{
    struct fleet *f = calloc(1, sizeof *f);

    if (f == NULL)
        return SG_ENOMEM;
    f->env = env;
    f->era = is_mitaka(target) ? SG_OLD_MITAKA : SG_OLD_LIBERTY;
    f->is_hashed = strcmp(option(target, "key", "raw"), "sha1") == 0;
    f->python = option(target, "python", "2")[0] - '0';
    f->down_us = target->timeout_ms * 1000;
    for (size_t i = 0; i < target->n_endpoints && i < SERVERS_MAX; i++) {
        if (open_server(f, &target->endpoints[i]) == SG_OK)
            continue;
        close_fleet(backend_of(f));
        return SG_ENOMEM;
    }
    *ret_b = backend_of(f);
    return SG_OK;
}

static void interrupt_fleet(struct sg_backend *b)
{
    struct fleet *f = fleet_of(b);

    for (size_t i = 0; i < f->n; i++)
        sg_mc_socket_interrupt(&f->server[i].socket);
}

static void forget_in_child(struct sg_backend *b)
{
    struct fleet *f = fleet_of(b);

    for (size_t i = 0; i < f->n; i++)
        sg_mc_socket_forked(&f->server[i].socket);
    free(f);
}

/* ---- where a key is --------------------------------------------------- */

/* One question's key, and the servers tried for it. */
struct place {
    char key[SG_OLD_KEY_MAX];
    size_t length;
    uint32_t hash;
    unsigned attempt;
    unsigned dead; /* servers that could not be asked             */
};

static struct place place_of(const struct fleet *f, const char *group,
                             const char *member)
{
    struct place p = {.attempt = 0};

    p.length = sg_old_key(group, member, f->is_hashed, p.key);
    p.hash = sg_old_hash(p.key, p.length);
    return p;
}

/* A connection that failed is made anew once: old clients mark the server
 * dead for half a minute, and then look elsewhere. */
static struct sg_backend *fresh(struct sg_backend *s)
{
    if (!s->is_dead)
        return s;
    sg_mc_socket_close(&s->socket);
    s->is_dead = s->is_connected = s->has_heard = s->has_stats = false;
    return s;
}

static bool place_again(struct place *p)
{
    p->dead++;
    p->hash = sg_old_rehash(p->hash, p->attempt);
    return ++p->attempt < SG_OLD_TRIES;
}

/* ---- to read ---------------------------------------------------------- */

static void show(struct sg_sight *sight, struct sg_old_seen seen)
{
    sight->last_seen_ms = seen.beat_us < 0 ? -1 : seen.beat_us / 1000;
    sight->entry = seen.found == SG_OLD_UP || seen.found == SG_OLD_STALE;
    sight->alive = seen.found == SG_OLD_UP;
    sight->same_owner = true;
    sight->is_garbage = seen.found == SG_OLD_RAISES;
}

static void note_age(struct sg_op *op, int64_t age_ms)
{
    if (age_ms >= 0 && (op->server_age_ms < 0 || age_ms < op->server_age_ms))
        op->server_age_ms = age_ms;
}

/* What one key of an answer shows. */
static int show_item(struct fleet *f, struct sg_op *op,
                     const struct sg_mc_item *item, struct sg_sight *sight)
{
    struct sg_old_seen seen = {SG_OLD_NOTHING, -1};

    if (item->is_there)
        seen = sg_old_value_read(op, f->era, f->python, item->flags,
                                 item->value, item->length,
                                 f->env->wall_us(f->env->arg), f->down_us);
    if (seen.found == SG_OLD_NO_MEMORY)
        return sg_op_fail(op, SG_ENOMEM, SG_NO_MEMORY, "out of memory");
    op->reason = SG_NO_REASON;
    show(sight, seen);
    return SG_OK;
}

/* `n` keys of one server, in one question. */
static int look(struct fleet *f, struct sg_op *op, struct sg_backend *server,
                struct sg_mc_item *items, size_t n, struct sg_sight *sights)
{
    struct sg_mc_bytes bytes = {NULL, 0, 0};
    int64_t age_ms = -1;
    int rc = sg_mc_age(server, op, &age_ms);

    if (rc == SG_OK)
        rc = sg_mc_gets(server, op, items, n, &bytes);
    if (rc == SG_OK)
        note_age(op, age_ms);
    for (size_t i = 0; i < n && rc == SG_OK; i++)
        rc = show_item(f, op, &items[i], &sights[i]);
    sg_mc_bytes_free(&bytes);
    return rc;
}

static bool is_wanted(const struct fleet *f)
{
    return f->env->is_wanted == NULL || f->env->is_wanted(f->env->arg);
}

/* Found on the server where it belongs, or where it moves when that one is
 * down. Not found, and a server that may hold it was silent: unknown. */
static int ask_one(struct fleet *f, struct sg_op *op, struct sg_sight *sight)
{
    struct place p = place_of(f, op->groups[0].name, sight->member);
    int rc;

    do {
        struct sg_mc_item item = {.key = p.key, .key_length = p.length};
        rc = look(f, op, fresh(&f->server[p.hash % f->n]), &item, 1, sight);
        if (rc == SG_OK && (sight->entry || sight->is_garbage || p.dead == 0))
            return SG_OK;
        if (rc == SG_OK)
            return sg_op_fail(op, SG_EUNKNOWN, SG_UNREACHABLE,
                              "%u of %zu memcached servers could not be asked "
                              "for %.64s",
                              p.dead, f->n, p.key);
        if (rc == SG_ENOMEM || f->n == 1 || !is_wanted(f))
            return rc;
    } while (place_again(&p));
    return rc;
}

/* One server has them all. */
static int ask_together(struct fleet *f, struct sg_op *op)
{
    struct sg_mc_item *items =
        sg_op_alloc(op, (op->n_sights + 1) * sizeof *items);

    if (items == NULL)
        return sg_op_fail(op, SG_ENOMEM, SG_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < op->n_sights; i++) {
        struct place p = place_of(f, op->groups[0].name, op->sights[i].member);
        items[i] = (struct sg_mc_item){.key = sg_op_copy(op, p.key, p.length),
                                       .key_length = p.length};
        if (items[i].key == NULL)
            return sg_op_fail(op, SG_ENOMEM, SG_NO_MEMORY, "out of memory");
    }
    return look(f, op, fresh(&f->server[0]), items, op->n_sights, op->sights);
}

static int ask(struct sg_backend *b, struct sg_op *op)
{
    struct fleet *f = fleet_of(b);
    int rc = SG_OK;

    op->group_exists = true; /* there is no record of it to lose */
    op->server_age_ms = -1;
    if (f->n == 1)
        return ask_together(f, op);
    for (size_t i = 0; i < op->n_sights && rc == SG_OK; i++)
        rc = ask_one(f, op, &op->sights[i]);
    return rc;
}

/* ---- to write --------------------------------------------------------- */

static int write_one(struct fleet *f, struct sg_op *op, struct place *p,
                     const struct sg_mc_write *write)
{
    bool is_stored;
    int rc;

    do {
        rc = sg_mc_write(fresh(&f->server[p->hash % f->n]), op, write,
                         &is_stored);
        if (rc == SG_OK || rc == SG_ENOMEM || f->n == 1 || !is_wanted(f))
            return rc;
    } while (place_again(p));
    return rc;
}

static int beat_group(struct fleet *f, struct sg_op *op, const char *group)
{
    struct place p = place_of(f, group, op->member);
    char value[SG_OLD_VALUE_MAX];
    struct sg_mc_write write = {
        .command = "set",
        .key = p.key,
        .key_length = p.length,
        .flags = SG_OLD_PICKLED,
        .exptime_s = f->era == SG_OLD_LIBERTY ? f->down_us / 1000000 : 0,
        .value = value,
    };

    write.length =
        sg_old_value_write(f->era, f->env->wall_us(f->env->arg), value);
    return write_one(f, op, &p, &write);
}

static int beat(struct sg_backend *b, struct sg_op *op)
{
    struct fleet *f = fleet_of(b);

    for (size_t i = 0; i < op->n_groups; i++) {
        int rc = beat_group(f, op, op->groups[i].name);
        if (rc != SG_OK)
            return rc;
        op->groups[i].found = SG_FOUND_MINE;
    }
    op->liveness = SG_FOUND_MINE;
    return SG_OK;
}

/* The old driver never left; its key ran out. The key of a service of several
 * processes is not one process's to take away, so there it still does. */
static int leave(struct sg_backend *b, struct sg_op *op)
{
    struct fleet *f = fleet_of(b);
    const char *group = op->groups[0].name, *part;
    struct place p = place_of(f, group, op->member);
    char host[SG_NAME_MAX + 1];
    const struct sg_mc_write write = {
        .command = "set",
        .key = p.key,
        .key_length = p.length,
        .exptime_s = -1, /* gone at once */
        .value = "",
    };

    op->groups[0].found = SG_FOUND_MINE;
    sg_service_host(group, op->member, host, &part);
    return part != NULL ? SG_OK : write_one(f, op, &p, &write);
}

const struct sg_backend_kind sg_nova_mc_kind = {
    .version = SG_BACKEND_VERSION,
    .scheme = "nova-mc",
    .promises = SG_CAN_WRITE | SG_HAS_LAST_SEEN,
    .notice = "nova-mc:// is nova's memcache service group driver, which is "
              "deprecated: choose memcached://, redis:// or kazoo:// by "
              "servicegroup_tooz_url instead; it goes in release 1.0; how to "
              "move: driver/guides/from-memcache.md",
    .default_port = 11211,
    .default_timeout_ms = 60000,
    .min_timeout_ms = 2000,
    .max_timeout_ms = 2591999000,
    .timeout_rule = "memcached counts in whole seconds and takes more than 30 "
                    "days for a date: service_down_time is 2 to 2591999 s",
    .options = options,
    .slack = slack,
    .check = check,
    .open = open_fleet,
    .close = close_fleet,
    .interrupt = interrupt_fleet,
    .forked = forget_in_child,
    .verb =
        {
            [SG_VERB_JOIN] = beat,
            [SG_VERB_BEAT] = beat,
            [SG_VERB_LEAVE] = leave,
            [SG_VERB_ASK] = ask,
        },
};
