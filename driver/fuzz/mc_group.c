/* SPDX-License-Identifier: Apache-2.0
 * mc_group.c - fuzz: memcached values that hold a group, the list of groups or
 * marks: what is not ours is copied as it stands, and what we write can be
 * read, by Python too if it could before.
 */
#include "mc_group.h"

#include "fuzz.h"
#include "mc_groups.h"
#include "mc_marks.h"

#define NAME "node-a"
#define TOKEN "0123456789abcdef"

static struct sg_mc_item item_of(const uint8_t *bytes, size_t length)
{
    return (struct sg_mc_item){.key = "k",
                               .key_length = 1,
                               .is_there = true,
                               .flags = SG_MC_PACKED,
                               .cas = 1,
                               .value = bytes,
                               .length = length};
}

static bool is_pythons(const uint8_t *bytes, size_t length)
{
    const char *rule;
    size_t offset;

    return sg_pack_check(bytes, length, SG_PACK_DEPTH_MAX, &offset, &rule) == 0;
}

/* ---- a group ---------------------------------------------------------- */

static void claim_entry(const struct sg_mc_entry *entry,
                        const struct sg_mc_item *item)
{
    const uint8_t *end = item->value + item->length;

    fuzz_claim(entry->pair.at >= item->value &&
               entry->pair.at < entry->pair.end && entry->pair.end <= end);
    fuzz_claim(strlen(entry->token) ==
               (entry->token[0] == '\0' ? 0 : SG_TOKEN_BYTES));
    if (entry->is_sound)
        fuzz_claim(sg_name_is_safe(entry->name, entry->name_length));
    if (entry->metadata.at != NULL)
        fuzz_claim(entry->metadata.at >= entry->pair.at &&
                   entry->metadata.end <= entry->pair.end);
}

/* The entries that are not `NAME` follow one another in both, byte for byte. */
static void claim_others(struct sg_mc_group before, struct sg_mc_group after)
{
    struct sg_mc_entry a, b;
    bool has_b = sg_mc_group_next(&after, &b);

    while (sg_mc_group_next(&before, &a)) {
        if (sg_mc_entry_is(&a, NAME))
            continue;
        while (has_b && sg_mc_entry_is(&b, NAME))
            has_b = sg_mc_group_next(&after, &b);
        fuzz_claim(has_b && a.pair.end - a.pair.at == b.pair.end - b.pair.at &&
                   memcmp(a.pair.at, b.pair.at,
                          (size_t)(a.pair.end - a.pair.at)) == 0);
        has_b = sg_mc_group_next(&after, &b);
    }
    while (has_b && sg_mc_entry_is(&b, NAME))
        has_b = sg_mc_group_next(&after, &b);
    fuzz_claim(!has_b);
}

static void change_group(const struct sg_mc_group *group,
                         const struct sg_mc_own *own, bool was_pythons)
{
    struct sg_mc_bytes value;
    struct sg_mc_entry entry;
    struct sg_mc_group again;
    struct sg_mc_item item;
    uint32_t count;

    fuzz_claim(sg_mc_group_splice(group, NAME, own, &value, &count));
    fuzz_claim(value.length <= value.room);
    item = item_of(value.at, value.length);
    again = sg_mc_group_read(&item);
    fuzz_claim(again.standing == SG_MC_STANDS && again.count == count);
    fuzz_claim(sg_mc_group_find(&again, NAME, &entry) == (own != NULL));
    if (own != NULL)
        fuzz_claim(entry.is_sound && entry.epoch == own->epoch &&
                   strcmp(entry.token, own->token) == 0);
    if (was_pythons)
        fuzz_claim(is_pythons(value.at, value.length));
    claim_others(*group, again);
    sg_mc_bytes_free(&value);
}

static void read_group(const uint8_t *bytes, size_t length)
{
    struct sg_mc_item item = item_of(bytes, length);
    struct sg_mc_group group = sg_mc_group_read(&item), walk = group;
    const struct sg_mc_own own = {.name = NAME, .token = TOKEN, .epoch = 7},
                           given = {.name = NAME,
                                    .token = TOKEN,
                                    .epoch = UINT64_MAX,
                                    .metadata = "\x81\xa1k\x01",
                                    .metadata_bytes = 4};
    struct sg_mc_entry entry;
    uint32_t n = 0;
    bool was_pythons;

    for (; sg_mc_group_next(&walk, &entry); n++)
        claim_entry(&entry, &item);
    if (group.standing == SG_MC_UNREADABLE)
        return;
    fuzz_claim(n == group.count);
    was_pythons = group.standing == SG_MC_MISSING || is_pythons(bytes, length);
    change_group(&group, NULL, was_pythons);
    change_group(&group, &own, was_pythons);
    change_group(&group, &given, was_pythons);
}

/* ---- the list of groups, and marks ------------------------------------ */

static void read_groups(const uint8_t *bytes, size_t length)
{
    static const char *const more[] = {"g1", NAME};
    struct sg_mc_item item = item_of(bytes, length), again;
    struct sg_mc_bytes value;

    (void)sg_mc_groups_has(&item, NAME); /* of a damaged one too */
    if (!sg_mc_groups_is_sound(&item))
        return;
    fuzz_claim(sg_mc_groups_with(&item, more, 2, &value));
    fuzz_claim(value.length <= value.room);
    again = item_of(value.at, value.length);
    fuzz_claim(sg_mc_groups_is_sound(&again));
    fuzz_claim(sg_mc_groups_has(&again, "g1") &&
               sg_mc_groups_has(&again, NAME));
    if (is_pythons(bytes, length))
        fuzz_claim(is_pythons(value.at, value.length));
    sg_mc_bytes_free(&value);
}

static bool find_mark(struct sg_mc_marks walk, struct sg_mc_mark *ret)
{
    struct sg_mc_mark mark;
    bool is_found = false;

    while (sg_mc_marks_next(&walk, &mark)) {
        if (mark.member_length != strlen(NAME) ||
            memcmp(mark.member, NAME, mark.member_length) != 0)
            continue;
        *ret = mark;
        is_found = true;
    }
    return is_found;
}

static void read_marks(const uint8_t *bytes, size_t length)
{
    static const struct sg_marks marks[] = {
        {.disabled = false},
        {.disabled = true, .disabled_reason = "disk"},
        {.forced_down = true},
    };
    struct sg_mc_item item = item_of(bytes, length);
    struct sg_mc_marks all;

    if (!sg_mc_marks_read(&item, &all))
        return;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        struct sg_mc_bytes value;
        struct sg_mc_marks again;
        struct sg_mc_item changed;
        struct sg_mc_mark mark;
        fuzz_claim(sg_mc_marks_with(&all, NAME, &marks[i], &value));
        fuzz_claim(value.length <= value.room);
        changed = item_of(value.at, value.length);
        fuzz_claim(sg_mc_marks_read(&changed, &again));
        fuzz_claim(find_mark(again, &mark) == (i > 0));
        if (i > 0)
            fuzz_claim(mark.marks.disabled == marks[i].disabled &&
                       mark.marks.forced_down == marks[i].forced_down &&
                       strcmp(mark.marks.disabled_reason,
                              marks[i].disabled_reason) == 0);
        sg_mc_bytes_free(&value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = fuzz_copy((struct fuzz_bytes){bytes, length});
    struct sg_mc_item item = item_of(copy, length);

    item.flags = SG_MC_RAW;
    (void)sg_mc_live_read(&item);
    (void)sg_mc_birth_read(&item);
    item.flags = SG_MC_PACKED;
    (void)sg_mc_live_read(&item);
    read_group(copy, length);
    read_groups(copy, length);
    read_marks(copy, length);
    free(copy);
    return 0;
}
