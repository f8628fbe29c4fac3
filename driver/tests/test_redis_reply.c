/* SPDX-License-Identifier: Apache-2.0
 * test_redis_reply.c - what Redis says is read for what it is, and nothing
 * more; and the table of the back end.
 */
#include "redis_reply.h"
#include "unit.h"

#include <string.h>

#define TOKEN_A "00000000000000aa"
#define TOKEN_B "00000000000000bb"
#define STAMP_A "sg1 e=7 k=" TOKEN_A " t=500 b=1700000000000"
#define STRANGER "Not dead!"

static struct sg_redis_text text(const char *bytes)
{
    return (struct sg_redis_text){bytes, bytes == NULL ? 0 : strlen(bytes)};
}

static enum sg_reason reason_of(const char *words, const char *secret,
                                struct sg_op *op)
{
    char copy[300];
    redisReply reply = {.type = REDIS_REPLY_ERROR, .str = copy};

    memset(op, 0, sizeof *op);
    snprintf(copy, sizeof copy, "%s", words);
    reply.len = strlen(copy);
    unit_int(sg_redis_reply_refused(op, "redis h:1", "ask", &reply, secret),
             SG_EUNKNOWN);
    return op->reason;
}

UNIT(redis_refused, words_have_reasons)
{
    static const struct {
        const char *words;
        enum sg_reason reason;
    } rows[] = {
        {"READONLY You can't write against a read only replica.",
         SG_WRONG_ROLE},
        {"ERR Error running script (call to f_1): @user_script:1: -READONLY x",
         SG_WRONG_ROLE},
        {"MASTERDOWN Link with MASTER is down", SG_WRONG_ROLE},
        {"WRONGTYPE _tooz_group:g is a string, not a hash", SG_GARBAGE},
        {"LOADING Redis is loading the dataset in memory", SG_SERVER_ERROR},
        {"OOM command not allowed", SG_SERVER_ERROR},
        {"NOAUTH Authentication required.", SG_SERVER_ERROR},
        {"ERR user_script:1: unexpected symbol near 'x'", SG_SERVER_ERROR},
        {"", SG_SERVER_ERROR},
    };
    struct sg_op op;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unit_int(reason_of(rows[i].words, NULL, &op), rows[i].reason);
        unit_true(strstr(op.why, "redis h:1") != NULL);
        unit_true(strncmp(rows[i].words, "ERR Err", 7) == 0 ||
                  strstr(op.why, rows[i].words) != NULL);
    }
}

UNIT(redis_refused, a_password_is_not_repeated)
{
    struct sg_op op;

    reason_of("ERR unknown command `AUTH`, with args: `s3cret`", "s3cret", &op);
    unit_true(strstr(op.why, "s3cret") == NULL);
}

UNIT(redis_refused, control_bytes_are_not_shown)
{
    struct sg_op op;

    reason_of("ERR a\033[2Jb\nc", NULL, &op);
    unit_true(strchr(op.why, '\033') == NULL && strchr(op.why, '\n') == NULL);
    unit_true(strstr(op.why, "a?[2Jb?c") != NULL);
}

UNIT(redis_info, a_line_is_found_by_its_whole_name)
{
    struct sg_redis_text info =
        text("# Replication\r\nmaster_role:no\r\nrole:master\r\nrol:x");
    char value[8];

    unit_true(sg_redis_reply_info(info, "role", value, sizeof value));
    unit_text(value, "master");
    unit_true(sg_redis_reply_info(info, "rol", value, sizeof value));
    unit_text(value, "x");
    unit_true(!sg_redis_reply_info(info, "ro", value, sizeof value));
    unit_true(!sg_redis_reply_info(info, "no", value, sizeof value));
    unit_true(!sg_redis_reply_info(text(""), "role", value, sizeof value));
    unit_true(!sg_redis_reply_info(text(NULL), "role", value, sizeof value));
    info.length = strlen("# Replication\r\nmaster_role:no\r\nrole");
    unit_true(!sg_redis_reply_info(info, "role", value, sizeof value));
}

UNIT(redis_info, a_long_value_is_cut)
{
    char value[4];

    unit_true(
        sg_redis_reply_info(text("role:master"), "role", value, sizeof value));
    unit_text(value, "mas");
}

static bool epoch(const char *digits, uint64_t *ret)
{
    char copy[64];
    redisReply reply = {.type = REDIS_REPLY_STRING, .str = copy};

    snprintf(copy, sizeof copy, "%s", digits);
    reply.len = strlen(copy);
    return sg_redis_reply_epoch(&reply, ret);
}

UNIT(redis_reply, an_epoch_is_digits_above_zero)
{
    static const char *const no[] = {
        "", "0", "-1", "+1", " 1", "1 ", "0x1", "1e3", "18446744073709551617"};
    redisReply integer = {.type = REDIS_REPLY_INTEGER, .integer = 5};
    uint64_t value = 9;

    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        unit_true(!epoch(no[i], &value));
    unit_true(!sg_redis_reply_epoch(&integer, &value));
    unit_true(!sg_redis_reply_epoch(NULL, &value));
    unit_true(value == 9);
    unit_true(epoch("18446744073709551615", &value) && value == UINT64_MAX);
}

UNIT(redis_reply, a_count_has_bounds)
{
    redisReply reply = {.type = REDIS_REPLY_INTEGER, .integer = 2};
    int64_t value = 9;

    unit_true(!sg_redis_reply_count(&reply, 1, &value) && value == 9);
    unit_true(sg_redis_reply_count(&reply, 2, &value) && value == 2);
    reply.integer = -1;
    unit_true(!sg_redis_reply_count(&reply, 2, &value));
    reply = (redisReply){.type = REDIS_REPLY_STRING};
    unit_true(!sg_redis_reply_count(&reply, 2, &value));
    unit_true(!sg_redis_reply_count(NULL, 2, &value));
}

UNIT(redis_reply, beyond_an_array_is_nothing)
{
    redisReply one = {.type = REDIS_REPLY_NIL}, *elements[] = {&one};
    redisReply array = {
        .type = REDIS_REPLY_ARRAY, .elements = 1, .element = elements};

    unit_true(sg_redis_reply_at(&array, 0) == &one);
    unit_true(sg_redis_reply_at(&array, 1) == NULL);
    unit_true(sg_redis_reply_at(&one, 0) == NULL);
    unit_true(sg_redis_reply_at(NULL, 0) == NULL);
}

UNIT(redis_reply, births_differ)
{
    unit_true(sg_redis_reply_birth(text(NULL)) == 0);
    unit_true(sg_redis_reply_birth(text("")) != 0);
    unit_true(sg_redis_reply_birth(text("1")) !=
              sg_redis_reply_birth(text("2")));
    unit_true(sg_redis_reply_birth(text("1")) ==
              sg_redis_reply_birth(text("1")));
}

static struct sg_sight sight_of(bool stands, const char *owner,
                                const char *live)
{
    struct sg_redis_row row = {
        .stands = stands, .owner = text(owner), .live = text(live)};
    struct sg_sight sight = {0};

    sg_redis_reply_sight(&row, &sight);
    return sight;
}

UNIT(redis_sight, ours_alive)
{
    struct sg_sight s = sight_of(true, "7 " TOKEN_A, STAMP_A);

    unit_true(s.entry && s.alive && s.same_owner && s.epoch == 7);
    unit_text(s.token, TOKEN_A);
    unit_int(s.last_seen_ms, 1700000000000);
}

UNIT(redis_sight, ours_expired_keeps_its_epoch)
{
    struct sg_sight s = sight_of(true, "7 " TOKEN_A, NULL);

    unit_true(s.entry && !s.alive && !s.same_owner && s.epoch == 7);
    unit_int(s.last_seen_ms, -1);
    unit_true(!sight_of(true, "7 " TOKEN_A, "").alive);
}

UNIT(redis_sight, another_token_lives)
{
    struct sg_sight s = sight_of(true, "7 " TOKEN_B, STAMP_A);

    unit_true(s.entry && s.alive && !s.same_owner && s.epoch == 7);
    unit_text(s.token, TOKEN_B);
    unit_int(s.last_seen_ms, -1);
}

UNIT(redis_sight, a_stranger_lives)
{
    struct sg_sight s = sight_of(true, NULL, STRANGER);

    unit_true(s.entry && s.alive && s.same_owner && s.epoch == 0);
    unit_text(s.token, "");
    unit_int(s.last_seen_ms, -1);
}

UNIT(redis_sight, a_strangers_entry_under_our_live_token)
{
    struct sg_sight s = sight_of(true, NULL, STAMP_A);

    unit_true(s.entry && s.alive && !s.same_owner && s.epoch == 0);
}

UNIT(redis_sight, a_stranger_took_over_our_entry)
{
    struct sg_sight s = sight_of(true, "7 " TOKEN_A, STRANGER);

    unit_true(s.entry && s.alive && s.same_owner && s.epoch == 0);
    unit_text(s.token, "");
}

UNIT(redis_sight, a_damaged_owner_is_none)
{
    struct sg_sight s = sight_of(true, "7 " TOKEN_A "x", STAMP_A);

    unit_true(s.entry && s.alive && !s.same_owner && s.epoch == 0);
}

UNIT(redis_sight, no_entry_whatever_else_stands)
{
    struct sg_sight s = sight_of(false, "7 " TOKEN_A, STAMP_A);

    unit_true(!s.entry && s.alive && !s.same_owner && s.epoch == 0);
    unit_int(s.last_seen_ms, -1);
}

/* ---- the table -------------------------------------------------------- */

static const char *asked_name, *asked_value;

static const char *one_option(const struct sg_target *target, const char *name)
{
    (void)target;
    if (asked_name == NULL || strcmp(name, asked_name) != 0)
        return NULL;
    return asked_value;
}

static int check_with(const char *name, const char *value, size_t endpoints,
                      const char *path, char why[200])
{
    static const struct sg_endpoint two[2] = {{"a", "127.0.0.1", 1},
                                              {"b", "127.0.0.1", 2}};
    struct sg_target target = {.scheme = "redis",
                               .endpoints = two,
                               .n_endpoints = endpoints,
                               .path = path,
                               .option = one_option};

    asked_name = name;
    asked_value = value;
    return sg_redis_kind.check(&target, why, 200);
}

UNIT(redis_table, what_cannot_be_done_is_refused)
{
    char why[200] = "", path[200];

    unit_int(check_with(NULL, NULL, 1, "", why), SG_OK);
    unit_int(check_with("db", "15", 1, "", why), SG_OK);
    unit_int(check_with(NULL, NULL, 0, "/run/redis.sock", why), SG_OK);
    unit_int(check_with("sentinel", "mymaster", 1, "", why), SG_EURL);
    unit_true(strstr(why, "\"sentinel\"") != NULL);
    unit_int(check_with("sentinel_fallback", "h:1", 1, "", why), SG_EURL);
    unit_int(check_with("db", "x", 1, "", why), SG_EURL);
    unit_int(check_with("db", "-1", 1, "", why), SG_EURL);
    unit_int(check_with("db", "12345678", 1, "", why), SG_EURL);
    unit_int(check_with(NULL, NULL, 2, "", why), SG_EURL);
    unit_int(check_with(NULL, NULL, 0, "", why), SG_EURL);
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    unit_int(check_with(NULL, NULL, 0, path, why), SG_EURL);
}

UNIT(redis_table, every_option_of_tooz_stands_once)
{
    const struct sg_option *options = sg_redis_kind.options;
    size_t n = 0;

    for (; options[n].name != NULL; n++)
        for (size_t i = 0; i < n; i++)
            unit_true(strcmp(options[i].name, options[n].name) != 0);
    unit_int((int64_t)n, 22);
}
