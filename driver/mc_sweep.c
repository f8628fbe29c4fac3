/* SPDX-License-Identifier: Apache-2.0
 * mc_sweep.c - the hearts' clean-up: entries of ours whose members are dead.
 *
 * One cleaner at a time, by a lease that expires. An entry goes when its
 * liveness is gone; when another token lives under its name, once this heart
 * has seen that for T (that heart then goes on without the lease, which it may
 * not get again for long). Strangers' entries stay: Python removes them. A
 * member that comes back writes the group by cas, so a clean-up that looked
 * before loses, and a lost cas is left to the next one.
 */
#include "mc_group.h"

#include <stdlib.h>
#include <string.h>

/* ---- entries whose name lives under another token --------------------- */

#define SUSPECTS_MAX 1024u

struct suspect {
    char group[SG_NAME_MAX + 1], member[SG_NAME_MAX + 1];
    char token[SG_TOKEN_BYTES + 1];
    int64_t since_ms;
    bool is_seen; /* in the clean-up that is going on            */
};
struct sg_mc_suspects {
    size_t n, room;
    struct suspect at[];
};

void sg_mc_suspects_free(struct sg_mc_suspects *suspects)
{
    free(suspects);
}

static struct suspect *find_suspect(struct sg_mc_suspects *s, const char *group,
                                    const char *member, const char *token)
{
    for (size_t i = 0; s != NULL && i < s->n; i++)
        if (strcmp(s->at[i].group, group) == 0 &&
            strcmp(s->at[i].member, member) == 0 &&
            strcmp(s->at[i].token, token) == 0)
            return &s->at[i];
    return NULL;
}

static struct suspect *add_suspect(struct sg_backend *b)
{
    struct sg_mc_suspects *s = b->suspects;
    size_t n = s == NULL ? 0 : s->n, room = s == NULL ? 0 : s->room;

    if (n == room) {
        room = room == 0 ? 8 : 2 * room;
        if (room > SUSPECTS_MAX)
            return NULL;
        s = realloc(s, sizeof *s + room * sizeof *s->at);
        if (s == NULL)
            return NULL;
        s->n = n;
        s->room = room;
        b->suspects = s;
    }
    return &s->at[s->n++];
}

/* Has this been so for T? Without memory for the first sight: not yet. */
static bool is_old_suspect(struct sg_backend *b, struct sg_op *op,
                           const char *member, const char *token)
{
    const char *group = op->groups[0].name;
    int64_t now_ms = b->env->now_ms(b->env->arg);
    struct suspect *suspect = find_suspect(b->suspects, group, member, token);

    if (suspect == NULL) {
        suspect = add_suspect(b);
        if (suspect == NULL)
            return false;
        strcpy(suspect->group, group);
        strcpy(suspect->member, member);
        strcpy(suspect->token, token);
        suspect->since_ms = now_ms;
    }
    suspect->is_seen = true;
    return now_ms - suspect->since_ms >= op->timeout_ms;
}

static bool has_suspects(const struct sg_backend *b, const char *group)
{
    for (size_t i = 0; b->suspects != NULL && i < b->suspects->n; i++)
        if (strcmp(b->suspects->at[i].group, group) == 0)
            return true;
    return false;
}

static void begin_sights(struct sg_backend *b)
{
    for (size_t i = 0; b->suspects != NULL && i < b->suspects->n; i++)
        b->suspects->at[i].is_seen = false;
}

/* Who was not seen again in this group is none any more. */
static void end_sights(struct sg_backend *b, const char *group)
{
    struct sg_mc_suspects *s = b->suspects;
    size_t kept = 0;

    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n; i++)
        if (s->at[i].is_seen || strcmp(s->at[i].group, group) != 0)
            s->at[kept++] = s->at[i];
    s->n = kept;
}

/* ---- one clean-up ----------------------------------------------------- */

struct sweep {
    struct sg_backend *b;
    struct sg_op *op;
    struct sg_mc_item group_item;
    struct sg_mc_bytes group_bytes, live_bytes;
    struct sg_mc_group group;
    struct sg_mc_item *lives; /* of the entries that may go, in their order  */
    size_t n_lives;
    bool *is_dropped; /* by index of the entry                       */
    size_t n_dropped;
};

static int take_lease(struct sg_backend *b, struct sg_op *op, bool *ret_taken)
{
    char key[SG_MC_KEY_MAX];
    struct sg_mc_write write = {
        .command = "add",
        .key = key,
        .flags = SG_MC_RAW,
        .exptime_s = (op->timeout_ms + 999) / 1000,
        .value = op->token,
        .length = SG_TOKEN_BYTES,
    };

    write.key_length = sg_mc_key_write(SG_MC_CLEAN, op->groups[0].name,
                                       strlen(op->groups[0].name), key);
    return sg_mc_write(b, op, &write, ret_taken);
}

/* Ours by its tag, and not this very member's: that one's heart decides. */
static bool may_go(const struct sweep *s, const struct sg_mc_entry *entry)
{
    return entry->is_sound && entry->token[0] != '\0' &&
           strcmp(entry->token, s->op->token) != 0;
}

static int ask_group(struct sweep *s)
{
    int rc;

    if (!sg_mc_item_ask(s->op, SG_MC_GROUP, s->op->groups[0].name,
                        &s->group_item))
        return SG_ENOMEM;
    rc = sg_mc_gets(s->b, s->op, &s->group_item, 1, &s->group_bytes);
    if (rc != SG_OK)
        return rc;
    s->group = sg_mc_group_read(&s->group_item);
    return s->group.standing == SG_MC_UNREADABLE
               ? sg_mc_group_unreadable(s->b, s->op, &s->group_item)
               : SG_OK;
}

static int ask_lives(struct sweep *s)
{
    struct sg_mc_group walk = s->group;
    struct sg_mc_entry entry;

    s->lives = sg_op_alloc(s->op, s->group.count * sizeof *s->lives);
    s->is_dropped = sg_op_alloc(s->op, s->group.count + 1);
    if (s->lives == NULL || s->is_dropped == NULL)
        return SG_ENOMEM;
    while (sg_mc_group_next(&walk, &entry)) {
        const char *name;
        if (!may_go(s, &entry))
            continue;
        name = sg_op_copy(s->op, entry.name, entry.name_length);
        if (name == NULL ||
            !sg_mc_item_ask(s->op, SG_MC_MEMBER, name, &s->lives[s->n_lives++]))
            return SG_ENOMEM;
    }
    return s->n_lives == 0
               ? SG_OK
               : sg_mc_gets(s->b, s->op, s->lives, s->n_lives, &s->live_bytes);
}

static bool is_dead(struct sweep *s, const struct sg_mc_entry *entry,
                    const struct sg_mc_item *item)
{
    struct sg_mc_live live = sg_mc_live_read(item);
    char name[SG_NAME_MAX + 1];

    if (!live.is_alive)
        return true;
    if (sg_mc_live_is(&live, entry->token))
        return false;
    memcpy(name, entry->name, entry->name_length);
    name[entry->name_length] = '\0';
    return is_old_suspect(s->b, s->op, name, entry->token);
}

static void judge(struct sweep *s)
{
    struct sg_mc_group walk = s->group;
    struct sg_mc_entry entry;
    size_t live = 0;

    begin_sights(s->b);
    for (uint32_t i = 0; sg_mc_group_next(&walk, &entry); i++) {
        if (!may_go(s, &entry))
            continue;
        s->is_dropped[i] = is_dead(s, &entry, &s->lives[live++]);
        s->n_dropped += s->is_dropped[i];
    }
    end_sights(s->b, s->op->groups[0].name);
}

static bool is_dropped(const void *arg, uint32_t index,
                       const struct sg_mc_entry *entry)
{
    const bool *drops = arg;

    (void)entry;
    return drops[index];
}

static int write_rest(struct sweep *s)
{
    struct sg_mc_bytes value;
    uint32_t count;
    bool is_stored;
    int rc;

    if (!sg_mc_group_rewrite(&s->group, is_dropped, s->is_dropped, NULL, &value,
                             &count))
        return SG_ENOMEM;
    rc = sg_mc_replace(s->b, s->op, &s->group_item, SG_MC_PACKED, 0, value.at,
                       value.length, &is_stored);
    sg_mc_bytes_free(&value);
    return rc;
}

int sg_mc_sweep(struct sg_backend *b, struct sg_op *op)
{
    struct sweep s = {.b = b, .op = op};
    bool has_lease = false;
    int rc = take_lease(b, op, &has_lease);

    if (rc != SG_OK || (!has_lease && !has_suspects(b, op->groups[0].name)))
        return rc;
    rc = ask_group(&s);
    if (rc == SG_OK && s.group.standing == SG_MC_STANDS)
        rc = ask_lives(&s);
    if (rc == SG_OK && s.group.standing == SG_MC_STANDS)
        judge(&s);
    if (rc == SG_OK && s.n_dropped > 0)
        rc = write_rest(&s);
    sg_mc_bytes_free(&s.group_bytes);
    sg_mc_bytes_free(&s.live_bytes);
    return rc;
}
