/* SPDX-License-Identifier: Apache-2.0
 * test_golden_memcached.c - what Python tooz leaves in memcached is read for
 * what it is, and what we write is the same, but for what is ours: a second
 * entry `sg` in the map of each member of ours, and a liveness value that says
 * who lives (tooz asks only whether it is true).
 */
#include "golden.h"
#include "golden_memcached.h"
#include "mc_group.h"
#include "mc_groups.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define COUNT (sizeof golden_items / sizeof *golden_items)
#define TOKEN "00000000000000aa"
#define LIVE "It's alive!"

static struct sg_mc_item item_of(const struct golden_item *row,
                                 const struct golden *value)
{
    return (struct sg_mc_item){.key = row->key,
                               .key_length = strlen(row->key),
                               .is_there = row->value != NULL,
                               .flags = row->flags,
                               .cas = 1,
                               .value = value->bytes,
                               .length = value->length};
}

/* The row of one moment: its value, as an item that lives as long as *g. */
static struct sg_mc_item item_after(const char *after, const char *key,
                                    struct golden *g)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct golden_item *row = &golden_items[i];
        if (strcmp(row->after, after) != 0 || strcmp(row->key, key) != 0)
            continue;
        *g = golden_of(row->value);
        return item_of(row, g);
    }
    unit_fail(after, 0, "no such row of %s", key);
}

static bool is_list(const struct golden_item *row)
{
    return strcmp(row->key, "_TOOZ_GROUP_LIST") == 0;
}

static bool is_group(const struct golden_item *row)
{
    return strncmp(row->key, "_TOOZ_GROUP_", 12) == 0 && !is_list(row);
}

static bool is_live(const struct golden_item *row)
{
    return strncmp(row->key, "_TOOZ_MEMBER_", 13) == 0;
}

/* ---- reading ---------------------------------------------------------- */

/* "node-a=<capabilities> node-b=<capabilities>" */
static struct golden holds(struct sg_mc_group walk, const char *after, int row)
{
    struct golden text = {.length = 0};
    struct sg_mc_entry entry;

    while (sg_mc_group_next(&walk, &entry)) {
        uint8_t *to = text.bytes + text.length;
        size_t bytes = (size_t)(entry.metadata.end - entry.metadata.at);
        unit_true(entry.is_sound && entry.epoch == 0);
        unit_text_at(entry.token, "", "token", after, row);
        to += sprintf((char *)to, "%s%.*s=", text.length > 0 ? " " : "",
                      (int)entry.name_length, entry.name);
        memcpy(to, entry.metadata.at, bytes);
        text.length = (size_t)(to - text.bytes) + bytes;
    }
    return text;
}

UNIT(golden_memcached, groups_are_read)
{
    int groups = 0, gone = 0;

    for (size_t i = 0; i < COUNT; i++) {
        const struct golden_item *row = &golden_items[i];
        struct golden value = golden_of(row->value), got;
        struct sg_mc_item item = item_of(row, &value);
        struct sg_mc_group group;
        if (!is_group(row))
            continue;
        groups++;
        gone += row->value == NULL;
        group = sg_mc_group_read(&item);
        unit_int_at(group.standing,
                    row->value == NULL ? SG_MC_MISSING : SG_MC_STANDS,
                    "standing", row->after, (int)i);
        got = holds(group, row->after, (int)i);
        golden_is(got.bytes, got.length, row->holds, row->after, (int)i);
    }
    unit_int(groups, 22);
    unit_int(gone, 2);
}

UNIT(golden_memcached, a_group_that_is_being_deleted_is_missing)
{
    const struct golden_item nil = {"delete_group", "k", 2, 0, "<c0>", ""};
    struct golden value = golden_of(nil.value);
    struct sg_mc_item item = item_of(&nil, &value);

    unit_int(sg_mc_group_read(&item).standing, SG_MC_MISSING);
}

UNIT(golden_memcached, the_list_of_groups_is_read)
{
    int lists = 0;

    for (size_t i = 0; i < COUNT; i++) {
        const struct golden_item *row = &golden_items[i];
        struct golden value = golden_of(row->value);
        struct sg_mc_item item = item_of(row, &value);
        if (!is_list(row))
            continue;
        lists++;
        unit_true(sg_mc_groups_is_sound(&item));
        unit_int_at(sg_mc_groups_has(&item, "grp1"),
                    strstr(row->holds, "grp1") != NULL, "grp1", row->after,
                    (int)i);
        unit_int_at(sg_mc_groups_has(&item, "grp2"),
                    strstr(row->holds, "grp2") != NULL, "grp2", row->after,
                    (int)i);
    }
    unit_int(lists, 4);
}

UNIT(golden_memcached, a_member_of_tooz_lives_as_a_stranger)
{
    int lives = 0, others = 0;

    for (size_t i = 0; i < COUNT; i++) {
        const struct golden_item *row = &golden_items[i];
        struct golden value = golden_of(row->value);
        struct sg_mc_item item = item_of(row, &value);
        struct sg_mc_live live = sg_mc_live_read(&item);
        others += !is_live(row) && !is_group(row) && !is_list(row);
        if (!is_live(row))
            continue;
        lives++;
        unit_true(live.is_alive == (row->value != NULL) && !live.is_stamp);
    }
    unit_int(lives, 7);
    unit_int(others, 4); /* locks: no business of ours */
}

/* ---- whole verbs before a server -------------------------------------- */

#define TWO                                                                    \
    "<82c406>node-a<81c40c>capabilities<81a1>a<01c406>node-b<81c40c>"          \
    "capabilities<a5>cap-b"

UNIT(golden_memcached, a_list_of_toozs_members)
{
    static const char *const answers[] = {
        "STAT uptime 86400\r\nEND\r\n",
        "VALUE _TOOZ_GROUP_grp1 2 57 20\r\n" TWO "\r\nEND\r\n",
        "VALUE _TOOZ_MEMBER_node-a 1 11 1\r\n" LIVE
        "\r\nVALUE _TOOZ_MEMBER_node-b 1 11 2\r\n" LIVE "\r\nEND\r\n",
        NULL};
    struct golden_scene s;
    struct sg_op *op;

    golden_begin(&s, &sg_memcached_kind, SG_VERB_LIST, answers);
    op = golden_run(&s);
    golden_is(s.server.heard[2].bytes, s.server.heard[2].length,
              "gets _TOOZ_MEMBER_node-a _TOOZ_MEMBER_node-b\r\n", "list", 2);
    unit_int((int64_t)op->n_sights, 2);
    unit_text(op->sights[0].member, "node-a");
    unit_text(op->sights[1].member, "node-b");
    for (int i = 0; i < 2; i++) {
        unit_true(op->sights[i].entry && op->sights[i].alive);
        unit_true(op->sights[i].same_owner && op->sights[i].epoch == 0);
    }
    golden_end(&s);
}

UNIT(golden_memcached, capabilities_of_tooz_are_metadata)
{
    static const char *const answers[] = {
        "VALUE _TOOZ_GROUP_grp1 2 57 20\r\n" TWO "\r\nEND\r\n", NULL};
    struct golden_scene s;
    struct sg_op *op;

    golden_begin(&s, &sg_memcached_kind, SG_VERB_GET_METADATA, answers);
    s.task->op.sights[0].member = "node-b";
    op = golden_run(&s);
    golden_is(op->groups[0].metadata, op->groups[0].metadata_bytes, "<a5>cap-b",
              "get_metadata", 0);
    golden_end(&s);
}

UNIT(golden_memcached, the_groups_of_tooz)
{
    static const char *const answers[] = {
        "VALUE _TOOZ_GROUP_LIST 2 13 4\r\n<92c404>grp1<c404>grp2\r\nEND\r\n",
        NULL};
    struct golden_scene s;
    struct sg_op *op;

    golden_begin(&s, &sg_memcached_kind, SG_VERB_GROUPS, answers);
    op = golden_run(&s);
    unit_int((int64_t)op->n_names, 2);
    unit_text(op->names[0], "grp1");
    unit_text(op->names[1], "grp2");
    golden_end(&s);
}

/* ---- writing ---------------------------------------------------------- */

/* The value that tooz wrote, in which node-`id` is a member of ours: its map
 * has two entries, and ours is the second. It must be the last member. */
static struct golden with_ours(const struct golden *toozs, const char *id,
                               const char *owner)
{
    struct golden g = *toozs;
    uint8_t *name = memmem(g.bytes, g.length, id, strlen(id));

    unit_true(name != NULL && name[strlen(id)] == 0x81);
    name[strlen(id)] = 0x82;
    g.length +=
        (size_t)sprintf((char *)g.bytes + g.length, "\xc4\x02sg\xc4%c%s",
                        (char)strlen(owner), owner);
    return g;
}

static void splices(const char *before, const struct sg_mc_own *own,
                    const char *after)
{
    struct golden from, to;
    struct sg_mc_item item = item_after(before, "_TOOZ_GROUP_grp1", &from);
    struct sg_mc_group group = sg_mc_group_read(&item);
    struct sg_mc_bytes bytes;
    uint32_t count;

    item_after(after, "_TOOZ_GROUP_grp1", &to);
    to = with_ours(&to, own->name, "7 " TOKEN);
    unit_true(sg_mc_group_splice(&group, own->name, own, &bytes, &count));
    unit_bytes_at(bytes.at, bytes.length, to.bytes, to.length, "value", after,
                  0);
    sg_mc_bytes_free(&bytes);
}

UNIT(golden_memcached, joins_are_toozs_with_our_entry_after)
{
    static const struct {
        const char *after, *caps;
        size_t bytes;
    } rows[] = {
        {"node-a join_group(b'grp1', None)", "\xc0", 1},
        {"node-a update_capabilities {}", "\x80", 1},
        {"node-a update_capabilities str 'cap'",
         "\xa3"
         "cap",
         4},
        {"node-a update_capabilities bytes b'cap'",
         "\xc4\x03"
         "cap",
         5},
        {"node-a update_capabilities {'a':1}",
         "\x81\xa1"
         "a\x01",
         4},
    };
    struct sg_mc_own own = {.name = "node-a", .token = TOKEN, .epoch = 7};

    splices("create_group(b'grp1')", &own,
            "node-a join_group(b'grp1') default caps");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        own.metadata = rows[i].caps;
        own.metadata_bytes = rows[i].bytes;
        splices("create_group(b'grp1')", &own, rows[i].after);
        splices("node-a join_group(b'grp1', None)", &own, rows[i].after);
    }
    own.name = "node-b";
    own.metadata = "\xa5"
                   "cap-b";
    own.metadata_bytes = 6;
    splices("node-a update_capabilities {'a':1}", &own,
            "node-b join_group str 'cap-b'");
}

static void leaves(const char *before, const char *id, const char *after)
{
    struct golden from, to;
    struct sg_mc_item item = item_after(before, "_TOOZ_GROUP_grp1", &from);
    struct sg_mc_group group = sg_mc_group_read(&item);
    struct sg_mc_bytes bytes;
    uint32_t count;

    item_after(after, "_TOOZ_GROUP_grp1", &to);
    unit_true(sg_mc_group_splice(&group, id, NULL, &bytes, &count));
    unit_bytes_at(bytes.at, bytes.length, to.bytes, to.length, "value", after,
                  0);
    sg_mc_bytes_free(&bytes);
}

UNIT(golden_memcached, what_is_left_is_toozs)
{
    leaves("node-a join_group(b'grp1') default caps", "node-a",
           "node-a leave_group");
    leaves("run_watchers join", "node-c", "run_watchers after C.stop");
    leaves("run_watchers after C.stop", "node-a", "node-a stop");
    leaves("node-a stop", "node-b", "node-b stop");
}

UNIT(golden_memcached, the_list_of_groups_is_toozs)
{
    static const char *const names[] = {"grp1", "grp2"};
    static const char *const after[] = {"create_group(b'grp1')",
                                        "create_group(b'grp2')"};
    struct golden from = {.length = 0}, to;
    struct sg_mc_item list = {.key = "_TOOZ_GROUP_LIST"};

    for (int i = 0; i < 2; i++) {
        struct sg_mc_item next = item_after(after[i], list.key, &to);
        struct sg_mc_bytes bytes;
        unit_true(sg_mc_groups_with(&list, &names[i], 1, &bytes));
        unit_bytes_at(bytes.at, bytes.length, to.bytes, to.length, "list",
                      after[i], 0);
        sg_mc_bytes_free(&bytes);
        from = to;
        list = next;
        list.value = from.bytes;
    }
}

/* Keys, flags and times of a join into nothing, on the wire. */
UNIT(golden_memcached, a_join_says_what_tooz_says)
{
    static const char *const answers[] = {
        "END\r\n",    "NOT_FOUND\r\n", "STORED\r\n", "STORED\r\n",
        "STORED\r\n", "STORED\r\n",    "STORED\r\n", NULL};
    /* A server with whole seconds lets a key live up to one less than asked,
     * so we ask for more than T; tooz asks for T and gets less. */
    static const char live[] = "add _TOOZ_MEMBER_node-a 1 32 ";
    struct golden_scene s;
    struct golden value;
    char head[64];

    golden_begin(&s, &sg_memcached_kind, SG_VERB_JOIN, answers);
    golden_run(&s);
    golden_is(s.server.heard[0].bytes, s.server.heard[0].length,
              "gets _TOOZ_GROUP_grp1 _TOOZ_MEMBER_node-a _TOOZ_GROUP_LIST "
              "_SG_BORN_grp1\r\n",
              "join", 0);
    unit_bytes(s.server.heard[3].bytes, sizeof live - 1, live, sizeof live - 1);
    item_after("node-a join_group(b'grp1') default caps", "_TOOZ_GROUP_grp1",
               &value);
    value = with_ours(&value, "node-a", "1700000000000000 " TOKEN);
    memcpy(value.bytes + value.length, "\r\n", 2);
    snprintf(head, sizeof head, "add _TOOZ_GROUP_grp1 2 0 %zu\r\n",
             value.length);
    unit_bytes(s.server.heard[4].bytes, strlen(head), head, strlen(head));
    unit_bytes(s.server.heard[4].bytes + strlen(head),
               s.server.heard[4].length - strlen(head), value.bytes,
               value.length + 2);
    golden_is(s.server.heard[6].bytes, s.server.heard[6].length,
              "add _TOOZ_GROUP_LIST 2 0 7\r\n<91c404>grp1\r\n", "join", 6);
    golden_end(&s);
}

UNIT(golden_memcached, keys_are_toozs)
{
    char key[SG_MC_KEY_MAX];
    int keys = 0;

    for (size_t i = 0; i < COUNT; i++) {
        const struct golden_item *row = &golden_items[i];
        enum sg_mc_space space = is_list(row)    ? SG_MC_LIST
                                 : is_group(row) ? SG_MC_GROUP
                                                 : SG_MC_MEMBER;
        const char *name = strrchr(row->key, '_') + 1;
        if (!is_list(row) && !is_group(row) && !is_live(row))
            continue;
        keys++;
        if (space == SG_MC_LIST)
            name = "";
        sg_mc_key_write(space, name, strlen(name), key);
        unit_text_at(key, row->key, "key", row->after, (int)i);
        if (row->value != NULL)
            unit_int_at(row->flags, is_live(row) ? SG_MC_RAW : SG_MC_PACKED,
                        "flags", row->after, (int)i);
    }
    unit_int(keys, 33);
}
