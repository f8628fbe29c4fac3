/* SPDX-License-Identifier: Apache-2.0
 * test_memcached.c - the memcached back end without a server: its values,
 * its table.
 */
#include "mc_group.h"
#include "mc_groups.h"
#include "mc_marks.h"
#include "op.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_A "aaaaaaaaaaaaaaaa"
#define TOKEN_B "bbbbbbbbbbbbbbbb"

/* ---- the group's value ------------------------------------------------ */

static struct sg_mc_item item_of(const void *bytes, size_t length)
{
    return (struct sg_mc_item){.key = "k",
                               .key_length = 1,
                               .is_there = true,
                               .flags = SG_MC_PACKED,
                               .cas = 1,
                               .value = bytes,
                               .length = length};
}

#define ITEM(text) item_of(text, sizeof(text) - 1)
#define CAPS                                                                   \
    "\xc4\x0c"                                                                 \
    "capabilities"
#define PY(id, caps) "\xc4\x02" id "\x81" CAPS caps
#define OURS(id, caps, owner)                                                  \
    "\xc4\x02" id "\x82" CAPS caps "\xc4\x02sg\xc4\x13" owner
#define A_OWNER "77 " TOKEN_A

UNIT(mc_group, an_entry_of_python_and_one_of_ours)
{
    struct sg_mc_item item =
        ITEM("\x82" PY("py", "\xa1x") OURS("me", "\xc4\x00", A_OWNER));
    struct sg_mc_group group = sg_mc_group_read(&item);
    struct sg_mc_entry entry;

    unit_int(group.standing, SG_MC_STANDS);
    unit_int(group.count, 2);
    unit_true(sg_mc_group_find(&group, "py", &entry));
    unit_true(entry.is_sound && entry.epoch == 0);
    unit_text(entry.token, "");
    unit_bytes(entry.metadata.at,
               (size_t)(entry.metadata.end - entry.metadata.at), "\xa1x", 2);
    unit_true(sg_mc_group_find(&group, "me", &entry));
    unit_int((int64_t)entry.epoch, 77);
    unit_text(entry.token, TOKEN_A);
    unit_true(!sg_mc_group_find(&group, "m", &entry));
    unit_true(!sg_mc_group_find(&group, "mee", &entry));
}

UNIT(mc_group, nil_and_nothing_are_a_missing_group)
{
    struct sg_mc_item nil = ITEM("\xc0"), none = {.key = "k"};

    unit_int(sg_mc_group_read(&nil).standing, SG_MC_MISSING);
    unit_int(sg_mc_group_read(&none).standing, SG_MC_MISSING);
}

UNIT(mc_group, a_value_that_python_cannot_read_is_unreadable)
{
    static const char whole[] =
        "\x82" PY("py", "\xa1x") OURS("me", "\xc4\x00", A_OWNER);
    struct sg_mc_item item;

    for (size_t n = 0; n < sizeof whole - 1; n++) {
        char *part = malloc(n > 0 ? n : 1);
        memcpy(part, whole, n);
        item = item_of(part, n);
        unit_int(sg_mc_group_read(&item).standing, SG_MC_UNREADABLE);
        free(part);
    }
    item = item_of(whole, sizeof whole - 1);
    item.flags = SG_MC_RAW;
    unit_int(sg_mc_group_read(&item).standing, SG_MC_UNREADABLE);
    item = ITEM("\x80\x00");
    unit_int(sg_mc_group_read(&item).standing, SG_MC_UNREADABLE);
    item = ITEM("\x90");
    unit_int(sg_mc_group_read(&item).standing, SG_MC_UNREADABLE);
    item = ITEM("\xc0\xc0");
    unit_int(sg_mc_group_read(&item).standing, SG_MC_UNREADABLE);
    item = ITEM("\xdf\xff\xff\xff\xff");
    unit_int(sg_mc_group_read(&item).standing, SG_MC_UNREADABLE);
}

UNIT(mc_group, odd_entries_are_passed_over_and_kept)
{
    static const char odd[] = "\x05\x80" /* id is a number    */
                              "\xc4\x03"
                              "a b\x80"            /* unsafe name       */
                              "\xc4\x02no\x91\xc0" /* value is no map   */
                              "\xa2st\x82\x05\x06" CAPS "\x81\x01\x02";
    char value[sizeof odd + 1] = "\x84";
    struct sg_mc_item item;
    struct sg_mc_group group, walk;
    struct sg_mc_entry entry;
    struct sg_mc_bytes bytes;
    uint32_t count = 0;
    bool sound[4];

    memcpy(value + 1, odd, sizeof odd - 1);
    item = item_of(value, sizeof odd);
    walk = group = sg_mc_group_read(&item);
    for (int i = 0; i < 4; i++) {
        unit_true(sg_mc_group_next(&walk, &entry));
        sound[i] = entry.is_sound;
    }
    unit_true(!sg_mc_group_next(&walk, &entry));
    unit_true(!sound[0] && !sound[1] && !sound[2] && sound[3]);
    unit_true(sg_mc_group_splice(
        &group, "xx",
        &(struct sg_mc_own){.name = "xx", .token = TOKEN_A, .epoch = 77},
        &bytes, &count));
    unit_int(count, 5);
    unit_int(bytes.at[0], 0x85);
    unit_bytes(bytes.at + 1, sizeof odd - 1, odd, sizeof odd - 1);
    sg_mc_bytes_free(&bytes);
}

static void splices(struct sg_mc_item item, const char *name,
                    const struct sg_mc_own *own, const char *want, size_t n)
{
    struct sg_mc_group group = sg_mc_group_read(&item);
    struct sg_mc_bytes bytes;
    uint32_t count;

    unit_true(sg_mc_group_splice(&group, name, own, &bytes, &count));
    unit_bytes(bytes.at, bytes.length, want, n);
    sg_mc_bytes_free(&bytes);
}
#define SPLICES(from, name, own, want)                                         \
    splices(ITEM(from), name, own, want, sizeof(want) - 1)

UNIT(mc_group, a_splice_replaces_in_place_appends_or_removes)
{
    const struct sg_mc_own own = {.name = "me",
                                  .token = TOKEN_A,
                                  .epoch = 77,
                                  .metadata = "\xa1y",
                                  .metadata_bytes = 2};

    SPLICES("\x82" PY("me", "\xc0") PY("py", "\xc0"), "me", &own,
            "\x82" OURS("me", "\xa1y", A_OWNER) PY("py", "\xc0"));
    SPLICES("\x81" PY("py", "\xc0"), "me", &own,
            "\x82" PY("py", "\xc0") OURS("me", "\xa1y", A_OWNER));
    SPLICES("\x80", "me", &own, "\x81" OURS("me", "\xa1y", A_OWNER));
    SPLICES("\xc0", "me", &own, "\x81" OURS("me", "\xa1y", A_OWNER));
    SPLICES("\x81" PY("me", "\xc0"), "me", NULL, "\x80");
    SPLICES("\x82" PY("me", "\xc0") PY("py", "\xc0"), "me", NULL,
            "\x81" PY("py", "\xc0"));
    /* under both kinds of name: both go, one comes */
    SPLICES("\x83"
            "\xa2me\x80" PY("py", "\xc0") PY("me", "\xc0"),
            "me", &own, "\x82" OURS("me", "\xa1y", A_OWNER) PY("py", "\xc0"));
    /* a longer head than needed is read, the shortest is written */
    SPLICES("\xdf\x00\x00\x00\x01" PY("py", "\xc0"), "me", NULL,
            "\x81" PY("py", "\xc0"));
}

UNIT(mc_group, without_metadata_the_value_is_toozs_empty_one)
{
    const struct sg_mc_own own = {.name = "me", .token = TOKEN_A, .epoch = 77};

    SPLICES("\x80", "me", &own, "\x81" OURS("me", "\xc4\x00", A_OWNER));
}

/* 15 to 16 entries: the head grows from one byte to three. */
UNIT(mc_group, the_head_grows_with_the_sixteenth_member)
{
    struct sg_mc_bytes bytes = {NULL, 0, 0};
    struct sg_mc_item item = ITEM("\x80");
    uint32_t count = 0;

    for (char name[] = "a"; name[0] <= 'q'; name[0]++) {
        const struct sg_mc_own own = {
            .name = name, .token = TOKEN_A, .epoch = 1};
        struct sg_mc_group group = sg_mc_group_read(&item);
        struct sg_mc_bytes next;
        unit_true(sg_mc_group_splice(&group, name, &own, &next, &count));
        sg_mc_bytes_free(&bytes);
        bytes = next;
        item = item_of(bytes.at, bytes.length);
        if (count < 16)
            unit_int(bytes.at[0], 0x80 + (int)count);
        else
            unit_bytes(bytes.at, 3,
                       count == 16 ? "\xde\x00\x10" : "\xde\x00\x11", 3);
    }
    unit_int(count, 17);
    sg_mc_bytes_free(&bytes);
}

UNIT(mc_group, an_owner_record_that_is_none_is_a_strangers)
{
    struct sg_mc_item item =
        ITEM("\x82" OURS("me", "\xc0", "77_" TOKEN_A) "\xc4\x02yo\x82" CAPS
                                                      "\xc0\xc4\x02sg\x05");
    struct sg_mc_group group = sg_mc_group_read(&item);
    struct sg_mc_entry entry;

    unit_true(sg_mc_group_find(&group, "me", &entry));
    unit_true(entry.is_sound && entry.token[0] == '\0' && entry.epoch == 0);
    unit_true(sg_mc_group_find(&group, "yo", &entry));
    unit_true(entry.is_sound && entry.token[0] == '\0');
}

/* ---- the list of groups ----------------------------------------------- */

static void lists(struct sg_mc_item item, const char *const *groups, size_t n,
                  const char *want, size_t want_n)
{
    struct sg_mc_bytes bytes;

    unit_true(sg_mc_groups_with(&item, groups, n, &bytes));
    unit_bytes(bytes.at, bytes.length, want, want_n);
    sg_mc_bytes_free(&bytes);
}

/* The bytes that tooz 3.1.0 writes for the same. */
UNIT(mc_groups, are_added_as_tooz_adds_them)
{
    static const char *const names[] = {"grp1", "grp2"};
    struct sg_mc_item none = {.key = "k"};

    lists(none, names, 1, "\x91\xc4\x04grp1", 7);
    lists(ITEM("\x91\xc4\x04grp1"), names + 1, 1,
          "\x92\xc4\x04grp1\xc4\x04grp2", 13);
    lists(ITEM("\x90"), names, 2, "\x92\xc4\x04grp1\xc4\x04grp2", 13);
}

UNIT(mc_groups, are_found_as_bin_and_as_str)
{
    struct sg_mc_item list = ITEM("\x94\xc4\x01"
                                  "a\xa2"
                                  "bc\x05\xc4\x01"
                                  "d");

    unit_true(sg_mc_groups_is_sound(&list));
    unit_true(sg_mc_groups_has(&list, "a") && sg_mc_groups_has(&list, "bc"));
    unit_true(sg_mc_groups_has(&list, "d"));
    unit_true(!sg_mc_groups_has(&list, "b") && !sg_mc_groups_has(&list, ""));
}

UNIT(mc_groups, a_damaged_list_is_left_alone)
{
    struct sg_mc_item list = ITEM("\x92\xc4\x01"
                                  "a");

    unit_true(!sg_mc_groups_is_sound(&list));
    list = ITEM("\x91\xc4\x01"
                "aa");
    unit_true(!sg_mc_groups_is_sound(&list));
    list = ITEM("\x81\xc4\x01"
                "a\xc0");
    unit_true(!sg_mc_groups_is_sound(&list));
    list = ITEM("\x91\xc4\x01"
                "a");
    unit_true(sg_mc_groups_is_sound(&list));
    list.flags = SG_MC_RAW;
    unit_true(!sg_mc_groups_is_sound(&list));
}

/* ---- marks ------------------------------------------------------------ */

UNIT(mc_marks, of_one_name_change_and_the_others_stay)
{
    const struct sg_marks down = {.forced_down = true},
                          none = {false, false, ""};
    struct sg_mc_item item = ITEM("\x82\xc4\x01"
                                  "a\x81\xa1x\x05\xc4\x01"
                                  "b\xc0");
    struct sg_mc_bytes bytes;
    struct sg_mc_marks all;
    struct sg_mc_mark mark = {.member = ""};

    unit_true(sg_mc_marks_read(&item, &all));
    unit_true(sg_mc_marks_with(&all, "b", &down, &bytes));
    unit_bytes(bytes.at, 7,
               "\x82\xc4\x01"
               "a\x81\xa1x",
               7);
    item = item_of(bytes.at, bytes.length);
    unit_true(sg_mc_marks_read(&item, &all));
    unit_true(sg_mc_marks_next(&all, &mark) && !mark.marks.forced_down);
    unit_true(sg_mc_marks_next(&all, &mark) && mark.marks.forced_down);
    unit_bytes(mark.member, mark.member_length, "b", 1);
    unit_true(!sg_mc_marks_next(&all, &mark));
    sg_mc_bytes_free(&bytes);
    item = ITEM("\x81\xc4\x01"
                "b\xc0");
    unit_true(sg_mc_marks_read(&item, &all));
    unit_true(sg_mc_marks_with(&all, "b", &none, &bytes));
    unit_bytes(bytes.at, bytes.length, "\x80", 1);
    sg_mc_bytes_free(&bytes);
}

UNIT(mc_marks, that_are_damaged_are_no_marks)
{
    struct sg_mc_item item = ITEM("\x81\xc4\x01"
                                  "a"),
                      none = {.key = "k"};
    struct sg_mc_marks all;

    unit_true(!sg_mc_marks_read(&item, &all));
    item = ITEM("\x80\xc0");
    unit_true(!sg_mc_marks_read(&item, &all));
    item = ITEM("\xc0");
    unit_true(!sg_mc_marks_read(&item, &all));
    unit_true(sg_mc_marks_read(&none, &all));
    unit_int(all.count, 0);
}

/* ---- liveness --------------------------------------------------------- */

static struct sg_mc_live live_of(const char *text, uint32_t flags)
{
    struct sg_mc_item item = item_of(text, strlen(text));

    item.flags = flags;
    return sg_mc_live_read(&item);
}

UNIT(mc_live, is_what_python_takes_for_true)
{
    struct sg_mc_item none = {.key = "k"};

    unit_true(live_of("It's alive!", SG_MC_RAW).is_alive);
    unit_true(!live_of("It's alive!", SG_MC_RAW).is_stamp);
    unit_true(!live_of("", SG_MC_RAW).is_alive);
    unit_true(!live_of("\xc0", SG_MC_PACKED).is_alive);
    unit_true(live_of("\xc0", SG_MC_RAW).is_alive);
    unit_true(live_of("\xc3", SG_MC_PACKED).is_alive);
    unit_true(live_of("x", 0).is_alive);
    unit_true(!sg_mc_live_read(&none).is_alive);
}

UNIT(mc_live, is_ours_under_our_token)
{
    struct sg_mc_live live =
        live_of("sg1 e=77 k=" TOKEN_A " t=2000 b=5", SG_MC_RAW);

    unit_true(sg_mc_live_is(&live, TOKEN_A));
    unit_true(!sg_mc_live_is(&live, TOKEN_B));
    live = live_of("It's alive!", SG_MC_RAW);
    unit_true(!sg_mc_live_is(&live, ""));
}

UNIT(mc_live, is_asked_for_longer_than_the_server_may_take_off)
{
    unit_int(sg_mc_exptime_s(2000), 4);
    unit_int(sg_mc_exptime_s(2001), 5);
    unit_int(sg_mc_exptime_s(30000), 32);
    /* above 30 days it would be a date, in 1970 */
    unit_int(sg_mc_exptime_s(sg_memcached_kind.max_timeout_ms), 2592000);
}

/* ---- the table -------------------------------------------------------- */

UNIT(memcached, keys_lie_beside_toozs_and_fit)
{
    char key[SG_MC_KEY_MAX], name[SG_NAME_MAX];

    memset(name, 'x', sizeof name);
    sg_mc_key_write(SG_MC_GROUP, "grp1", 4, key);
    unit_text(key, "_TOOZ_GROUP_grp1");
    sg_mc_key_write(SG_MC_MEMBER, "node-a", 6, key);
    unit_text(key, "_TOOZ_MEMBER_node-a");
    sg_mc_key_write(SG_MC_LIST, "", 0, key);
    unit_text(key, "_TOOZ_GROUP_LIST");
    sg_mc_key_write(SG_MC_EPOCH, "", 0, key);
    unit_text(key, "_SG_EPOCH");
    unit_int((int64_t)sg_mc_key_write(SG_MC_MEMBER, name, sizeof name, key),
             213);
    unit_int((int64_t)strlen(key), 213);
}

UNIT(memcached, slack_is_what_is_asked_for_above_t)
{
    struct sg_slack slack = sg_memcached_kind.slack(2000, 0);

    unit_int(slack.early_ms, 0);
    unit_int(slack.late_ms, 2000);
    unit_int(sg_memcached_kind.slack(2500, 0).late_ms, 2500);
}

static int check(size_t n, const char *user, char why[200])
{
    const struct sg_endpoint endpoints[2] = {{"h", "127.0.0.1", 1},
                                             {"i", "127.0.0.1", 1}};
    const struct sg_target target = {
        .endpoints = endpoints, .n_endpoints = n, .user = user, .path = ""};

    why[0] = '\0';
    return sg_memcached_kind.check(&target, why, 200);
}

UNIT(memcached, one_server_and_no_user)
{
    char why[200];

    unit_int(check(1, NULL, why), SG_OK);
    unit_int(check(2, NULL, why), SG_EURL);
    unit_true(strstr(why, "exactly one") != NULL);
    unit_int(check(0, NULL, why), SG_EURL);
    unit_int(check(1, "me", why), SG_EURL);
    unit_true(strstr(why, "me,") == NULL);
}

UNIT(memcached, the_table_is_whole)
{
    const struct sg_backend_kind *kind = &sg_memcached_kind;

    unit_int(kind->version, SG_BACKEND_VERSION);
    for (int i = 0; i < SG_VERBS; i++)
        unit_true(kind->verb[i] != NULL);
    unit_true(kind->open != NULL && kind->close != NULL);
    unit_true(kind->forked != NULL && kind->slack != NULL);
}
