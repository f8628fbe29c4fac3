/* SPDX-License-Identifier: Apache-2.0
 * mc_binary.c - memcached's binary protocol (protocol_binary.h of memcached).
 *
 * Statuses, texts and the order of tests follow proto_bin.c of 1.6.18. Two
 * habits of it that surprise: a quiet command is quiet about success only,
 * and a malformed one is answered and the connection closed.
 */
#include "mc_binary.h"
#include "mc_packet.h"
#include "mc_stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct opcode {
    const char *name; /* as the text protocol calls it; NULL: none    */
    void (*run)(struct fake_mc_client *c, const struct opcode *self);
    uint8_t extras_bytes;
    bool has_key, has_value;
    bool is_quiet, is_own_traffic, may_lack_extras;
    bool is_touch, wants_key, is_without_value, is_decrement;
    enum fake_mc_verb verb;
};

static void succeed(struct fake_mc_client *c, uint64_t cas)
{
    struct fake_mc_response r = {.cas = cas};

    if (!c->is_noreply)
        fake_mc_packet_write(c, &r);
}

static void fail_protocol(struct fake_mc_client *c)
{
    fake_mc_packet_fail(c, FAKE_MC_EINVAL);
    fake_mc_client_close(c);
}

/* ---- storage ---------------------------------------------------------- */

static enum fake_mc_status status_of(enum fake_mc_verb verb,
                                     enum fake_mc_answer answer)
{
    if (answer == FAKE_MC_DONE)
        return FAKE_MC_OK;
    if (answer == FAKE_MC_EXISTS)
        return FAKE_MC_KEY_EEXISTS;
    if (answer == FAKE_MC_NOT_FOUND)
        return FAKE_MC_KEY_ENOENT;
    if (verb == FAKE_MC_ADD)
        return FAKE_MC_KEY_EEXISTS;
    return verb == FAKE_MC_REPLACE ? FAKE_MC_KEY_ENOENT : FAKE_MC_ENOT_STORED;
}

void fake_mc_binary_uploaded(struct fake_mc_client *c)
{
    enum fake_mc_verb verb = c->upload.verb;
    uint64_t cas = 0;
    enum fake_mc_status status =
        status_of(verb, fake_mc_server_finish(c->mc, &c->upload, &cas));

    if (status == FAKE_MC_OK)
        succeed(c, cas);
    else
        fake_mc_packet_fail(c, status);
}

/* set add replace: extras are flags and exptime; append prepend: none. A
 * store that names a cas is a compare-and-swap whatever its verb. */
static void run_store(struct fake_mc_client *c, const struct opcode *self)
{
    bool has_extras = self->extras_bytes > 0;
    uint32_t flags = has_extras ? (uint32_t)fake_mc_packet_extra(c, 0, 4) : 0;
    int64_t exptime = has_extras ? (int64_t)fake_mc_packet_extra(c, 4, 4) : 0;
    enum fake_mc_answer answer = fake_mc_server_begin(
        c->mc, self->verb, fake_mc_packet_key(c), flags, exptime,
        fake_mc_packet_value_bytes(c), &c->upload);

    if (answer != FAKE_MC_DONE) {
        c->swallow_bytes = fake_mc_packet_value_bytes(c);
        if (answer == FAKE_MC_TOO_LARGE)
            fake_mc_packet_fail(c, FAKE_MC_E2BIG);
        else
            fake_mc_packet_say(c, FAKE_MC_ENOMEM,
                               "Out of memory allocating item");
        return;
    }
    c->upload.item->cas = fake_mc_packet_cas(c);
    c->upload.want = (size_t)fake_mc_packet_value_bytes(c);
    if (has_extras && fake_mc_packet_cas(c) != 0)
        c->upload.verb = FAKE_MC_CAS;
    if (c->upload.want == 0)
        fake_mc_binary_uploaded(c);
}

/* ---- reading ---------------------------------------------------------- */

static void miss(struct fake_mc_client *c, const struct opcode *self)
{
    struct fake_mc_response r = {.status = FAKE_MC_KEY_ENOENT};

    if (c->is_noreply)
        return;
    if (!self->wants_key) {
        fake_mc_packet_fail(c, FAKE_MC_KEY_ENOENT);
        return;
    }
    r.key = fake_mc_packet_key(c);
    fake_mc_packet_write(c, &r);
}

/* get getk touch gat gatk: an item is never kept back by quietness. */
static void run_get(struct fake_mc_client *c, const struct opcode *self)
{
    struct fake_mc_item *item;
    uint8_t flags[4];

    if (self->is_touch)
        item = fake_mc_server_touch(c->mc, fake_mc_packet_key(c),
                                    (int64_t)fake_mc_packet_extra(c, 0, 4));
    else
        item = fake_mc_server_get(c->mc, fake_mc_packet_key(c));
    if (item == NULL) {
        miss(c, self);
        return;
    }
    fake_mc_packet_save(flags, sizeof flags, item->flags);
    struct fake_mc_response r = {
        .cas = item->cas, .extras = flags, .extras_bytes = sizeof flags};
    if (self->wants_key)
        r.key = fake_mc_server_key_of(item);
    if (!self->is_without_value) {
        r.value = fake_mc_item_value(item);
        r.value_bytes = item->value_bytes;
        fake_mc_server_hold(c->mc, item);
    }
    fake_mc_packet_write(c, &r);
}

/* ---- one key ---------------------------------------------------------- */

static void run_delete(struct fake_mc_client *c, const struct opcode *self)
{
    enum fake_mc_answer answer = fake_mc_server_delete(
        c->mc, fake_mc_packet_key(c), fake_mc_packet_cas(c));

    (void)self;
    if (answer == FAKE_MC_DONE)
        succeed(c, 0);
    else
        fake_mc_packet_fail(c, answer == FAKE_MC_EXISTS ? FAKE_MC_KEY_EEXISTS
                                                        : FAKE_MC_KEY_ENOENT);
}

static void say_number(struct fake_mc_client *c, uint64_t value, uint64_t cas)
{
    uint8_t bytes[8];
    struct fake_mc_response r = {
        .cas = cas, .value = bytes, .value_bytes = sizeof bytes};

    fake_mc_packet_save(bytes, sizeof bytes, value);
    if (!c->is_noreply)
        fake_mc_packet_write(c, &r);
}

/* The number is not there: its first value, unless exptime forbids. */
static void make_number(struct fake_mc_client *c)
{
    uint64_t initial = fake_mc_packet_extra(c, 8, 8), cas = 0;
    int64_t exptime = (int64_t)fake_mc_packet_extra(c, 16, 4);
    struct fake_mc_upload upload = {0};
    char digits[24];

    if (exptime == UINT32_MAX) {
        fake_mc_packet_fail(c, FAKE_MC_KEY_ENOENT);
        return;
    }
    size_t n = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, initial);
    if (fake_mc_server_begin(c->mc, FAKE_MC_ADD, fake_mc_packet_key(c), 0,
                             exptime, n, &upload) != FAKE_MC_DONE) {
        fake_mc_packet_say(c, FAKE_MC_ENOMEM,
                           "Out of memory allocating new item");
        return;
    }
    memcpy(fake_mc_item_value(upload.item), digits, n);
    if (fake_mc_server_finish(c->mc, &upload, &cas) == FAKE_MC_DONE)
        say_number(c, initial, cas);
    else
        fake_mc_packet_fail(c, FAKE_MC_ENOT_STORED);
}

/* Extras: delta, first value, exptime of the first value. */
static void run_delta(struct fake_mc_client *c, const struct opcode *self)
{
    struct fake_mc_delta delta = {.is_decrement = self->is_decrement,
                                  .by = fake_mc_packet_extra(c, 0, 8),
                                  .cas = fake_mc_packet_cas(c)};
    struct fake_mc_item *item;
    enum fake_mc_answer answer;
    uint64_t value;

    answer = fake_mc_server_delta(c->mc, fake_mc_packet_key(c), &delta, &value,
                                  &item);
    if (answer == FAKE_MC_DONE)
        say_number(c, value, item->cas);
    else if (answer == FAKE_MC_NOT_FOUND)
        make_number(c);
    else if (answer == FAKE_MC_EXISTS)
        fake_mc_packet_fail(c, FAKE_MC_KEY_EEXISTS);
    else if (answer == FAKE_MC_NO_MEMORY)
        fake_mc_packet_say(c, FAKE_MC_ENOMEM,
                           "Out of memory incrementing value");
    else
        fake_mc_packet_fail(c, FAKE_MC_DELTA_BADVAL);
}

/* ---- the server ------------------------------------------------------- */

static void run_flush(struct fake_mc_client *c, const struct opcode *self)
{
    (void)self;
    fake_mc_server_flush(c->mc, fake_mc_packet_extras_bytes(c) == 0
                                    ? 0
                                    : (int64_t)fake_mc_packet_extra(c, 0, 4));
    succeed(c, 0);
}

static void run_noop(struct fake_mc_client *c, const struct opcode *self)
{
    (void)self;
    succeed(c, 0);
    fake_mc_client_flush(c);
}

static void run_version(struct fake_mc_client *c, const struct opcode *self)
{
    (void)self;
    fake_mc_packet_say(c, FAKE_MC_OK, FAKE_MC_VERSION);
}

static void run_quit(struct fake_mc_client *c, const struct opcode *self)
{
    (void)self;
    succeed(c, 0);
    fake_mc_client_close(c);
}

static void write_stat(void *arg, const char *name, const char *value)
{
    struct fake_mc_response r = {
        .key = {(const uint8_t *)name, strlen(name)},
        .value = value,
        .value_bytes = strlen(value),
    };

    fake_mc_packet_write(arg, &r);
}

static bool begins(struct fake_mc_key key, const char *text)
{
    size_t length = strlen(text);

    return key.length >= length && memcmp(key.bytes, text, length) == 0;
}

static void run_stats(struct fake_mc_client *c, const struct opcode *self)
{
    struct fake_mc_key key = fake_mc_packet_key(c);

    (void)self;
    if (key.length == 0) {
        fake_mc_stats_general(c->mc, write_stat, c);
    } else if (begins(key, "settings")) {
        fake_mc_stats_settings(write_stat, c);
    } else if (begins(key, "reset")) {
        fake_mc_stats_reset(c->mc);
    } else {
        fake_count_refused(c->mc->fake, "binary stats");
        fake_mc_packet_fail(c, FAKE_MC_KEY_ENOENT);
        return;
    }
    write_stat(c, "", "");
}

/* What the server does not know it skips by the length of the body, though
 * it has taken extras and key already. */
static void refuse(struct fake_mc_client *c)
{
    char what[16];

    snprintf(what, sizeof what, "binary 0x%02x", c->header[1]);
    fake_count_refused(c->mc->fake, what);
    c->swallow_bytes = fake_mc_packet_body_bytes(c);
    fake_mc_packet_fail(c, FAKE_MC_UNKNOWN_COMMAND);
}

/* Not switched on: as unknown, but that the key is not counted twice. */
static void run_sasl(struct fake_mc_client *c, const struct opcode *self)
{
    (void)self;
    refuse(c);
    c->swallow_bytes =
        fake_mc_packet_body_bytes(c) - fake_mc_packet_key_bytes(c);
}

/* ---- requests --------------------------------------------------------- */

#define STORE(name_, verb_, extras_)                                           \
    .name = name_, .run = run_store, .verb = verb_, .extras_bytes = extras_,   \
    .has_key = true, .has_value = true
#define GET(name_) .name = name_, .run = run_get, .has_key = true
#define DELTA(name_) .name = name_, .run = run_delta, .extras_bytes = 20
#define OWN(name_) .name = name_, .is_own_traffic = true
#define QUIET .is_quiet = true

static const struct opcode opcodes[] = {
    [0x00] = {GET("get")},
    [0x01] = {STORE("set", FAKE_MC_SET, 8)},
    [0x02] = {STORE("add", FAKE_MC_ADD, 8)},
    [0x03] = {STORE("replace", FAKE_MC_REPLACE, 8)},
    [0x04] = {.name = "delete", .run = run_delete, .has_key = true},
    [0x05] = {DELTA("incr"), .has_key = true},
    [0x06] = {DELTA("decr"), .has_key = true, .is_decrement = true},
    [0x07] = {OWN("quit"), .run = run_quit},
    [0x08] = {.name = "flush_all",
              .run = run_flush,
              .extras_bytes = 4,
              .may_lack_extras = true},
    [0x09] = {GET("gets"), QUIET},
    [0x0a] = {OWN("noop"), .run = run_noop},
    [0x0b] = {OWN("version"), .run = run_version},
    [0x0c] = {GET("get"), .wants_key = true},
    [0x0d] = {GET("gets"), QUIET, .wants_key = true},
    [0x0e] = {STORE("append", FAKE_MC_APPEND, 0)},
    [0x0f] = {STORE("prepend", FAKE_MC_PREPEND, 0)},
    [0x10] = {OWN("stats"), .run = run_stats, .has_value = true},
    [0x11] = {STORE("set", FAKE_MC_SET, 8), QUIET},
    [0x12] = {STORE("add", FAKE_MC_ADD, 8), QUIET},
    [0x13] = {STORE("replace", FAKE_MC_REPLACE, 8), QUIET},
    [0x14] = {.name = "delete", .run = run_delete, .has_key = true, QUIET},
    [0x15] = {DELTA("incr"), .has_key = true, QUIET},
    [0x16] = {DELTA("decr"), .has_key = true, .is_decrement = true, QUIET},
    [0x17] = {OWN("quit"), .run = run_quit, QUIET},
    [0x18] = {.name = "flush_all",
              .run = run_flush,
              .extras_bytes = 4,
              .may_lack_extras = true,
              QUIET},
    [0x19] = {STORE("append", FAKE_MC_APPEND, 0), QUIET},
    [0x1a] = {STORE("prepend", FAKE_MC_PREPEND, 0), QUIET},
    [0x1c] = {GET("touch"), .extras_bytes = 4, .is_touch = true,
              .is_without_value = true},
    [0x1d] = {GET("gat"), .extras_bytes = 4, .is_touch = true},
    [0x1e] = {GET("gat"), .extras_bytes = 4, .is_touch = true, QUIET},
    [0x20] = {OWN("sasl"), .run = run_sasl},
    [0x21] = {OWN("sasl"), .run = run_sasl, .has_key = true, .has_value = true},
    [0x22] = {OWN("sasl"), .run = run_sasl, .has_key = true, .has_value = true},
    [0x23] = {GET("gat"), .extras_bytes = 4, .is_touch = true,
              .wants_key = true},
    [0x24] = {GET("gat"), .extras_bytes = 4, .is_touch = true,
              .wants_key = true, QUIET},
};

static const struct opcode *opcode_of(const struct fake_mc_client *c)
{
    uint8_t opcode = c->header[1];

    if (opcode >= sizeof opcodes / sizeof opcodes[0] ||
        opcodes[opcode].name == NULL)
        return NULL;
    return &opcodes[opcode];
}

static bool is_well_formed(const struct fake_mc_client *c,
                           const struct opcode *opcode)
{
    if (fake_mc_packet_extras_bytes(c) != opcode->extras_bytes &&
        !(opcode->may_lack_extras && fake_mc_packet_extras_bytes(c) == 0))
        return false;
    /* stats takes a key or none. */
    if (opcode->run != run_stats &&
        opcode->has_key != (fake_mc_packet_key_bytes(c) > 0))
        return false;
    /* Nobody looks whether a touch has a value: it stays in the stream. */
    return opcode->has_value || opcode->is_touch ||
           fake_mc_packet_value_bytes(c) == 0;
}

/* A chain of quiet gets, ended by a noop or by a get that answers, is one
 * question to many keys: it counts as one "gets". */
static void count(struct fake_mc_client *c, const struct opcode *opcode)
{
    bool was_in_chain = c->is_in_chain;
    bool is_get = opcode->run == run_get && !opcode->is_touch;
    const char *name = opcode->name;

    c->is_in_chain = is_get && opcode->is_quiet;
    if (was_in_chain && (is_get || opcode->run == run_noop))
        return;
    if (opcode->run == run_store && opcode->extras_bytes > 0 &&
        fake_mc_packet_cas(c) != 0)
        name = "cas";
    fake_count_command(c->conn, name, opcode->is_own_traffic);
}

static void run(struct fake_mc_client *c)
{
    const struct opcode *opcode = opcode_of(c);

    if (fake_mc_packet_key_bytes(c) + fake_mc_packet_extras_bytes(c) >
        fake_mc_packet_body_bytes(c)) {
        fake_mc_packet_fail(c, FAKE_MC_UNKNOWN_COMMAND);
        fake_mc_client_close(c);
        return;
    }
    if (fake_mc_packet_key_bytes(c) > FAKE_MC_KEY_MAX) {
        fail_protocol(c);
        return;
    }
    if (opcode == NULL) {
        c->is_in_chain = false;
        refuse(c);
        return;
    }
    count(c, opcode);
    c->is_noreply = opcode->is_quiet;
    if (is_well_formed(c, opcode))
        opcode->run(c, opcode);
    else
        fail_protocol(c);
}

size_t fake_mc_binary_take(struct fake_mc_client *c, const uint8_t *bytes,
                           size_t length)
{
    if (length < FAKE_MC_HEADER_BYTES)
        return 0;
    memcpy(c->header, bytes, FAKE_MC_HEADER_BYTES);
    if (c->header[0] != 0x80) {
        fake_mc_client_break(c);
        return 0;
    }
    size_t taken = FAKE_MC_HEADER_BYTES + fake_mc_packet_extras_bytes(c) +
                   fake_mc_packet_key_bytes(c);
    if (length < taken)
        return 0;
    c->request = bytes + FAKE_MC_HEADER_BYTES;
    run(c);
    c->request = NULL;
    return taken;
}
