/* SPDX-License-Identifier: Apache-2.0
 * mc_group.h - the value of a group, read and changed; no I/O.
 *
 * One msgpack map holds all members: id (bin; str by some Python members) to
 * a map with the bin key "capabilities". Our entries have the bin key "sg"
 * beside it, with the owner record; Python keeps it when it rewrites the map.
 * Everything that is not ours is copied byte for byte, never re-encoded.
 */
#ifndef SG_MC_GROUP_H
#define SG_MC_GROUP_H

#include "mc.h"
#include "pack.h"

enum sg_mc_standing {
    SG_MC_MISSING, /* or nil, which tooz writes before it deletes */
    SG_MC_STANDS,
    SG_MC_UNREADABLE, /* no map, cut, or flags no Python member reads */
};

struct sg_mc_group {
    enum sg_mc_standing standing;
    uint32_t count;
    struct sg_pack body; /* `count` pairs, all whole                    */
};
struct sg_mc_group sg_mc_group_read(const struct sg_mc_item *item);
/* "unreadable" as a sentence; `b`, `op` and the item that was read. */
int sg_mc_group_unreadable(struct sg_backend *b, struct sg_op *op,
                           const struct sg_mc_item *item);

struct sg_mc_entry {
    const char *name; /* not terminated                              */
    size_t name_length;
    bool is_sound;           /* a safe name, and a map; else leave it alone */
    struct sg_pack pair;     /* key and value as they stand                 */
    struct sg_pack metadata; /* at == NULL: none                            */
    uint64_t epoch;          /* 0: a stranger's                             */
    char token[SG_TOKEN_BYTES + 1]; /* "" a stranger's                     */
};
/* The next pair of a walk that begins with a copy of the group. */
bool sg_mc_group_next(struct sg_mc_group *walk, struct sg_mc_entry *ret_entry);
/* The entry of `name`; of several the last, as in Python. */
bool sg_mc_group_find(const struct sg_mc_group *group, const char *name,
                      struct sg_mc_entry *ret_entry);
bool sg_mc_entry_is(const struct sg_mc_entry *entry, const char *name);

/* An entry of our own, as it shall stand. */
struct sg_mc_own {
    const char *name, *token;
    uint64_t epoch;
    const void *metadata; /* NULL: tooz's empty value                    */
    size_t metadata_bytes;
};
/* The group's new value: without the entries that `is_dropped` names, and
 * with `own` (may be NULL) in the first one's place, or last. False: out of
 * memory. Release with sg_mc_bytes_free(). */
typedef bool sg_mc_dropped_fn(const void *arg, uint32_t index,
                              const struct sg_mc_entry *entry);
bool sg_mc_group_rewrite(const struct sg_mc_group *group,
                         sg_mc_dropped_fn *is_dropped, const void *arg,
                         const struct sg_mc_own *own,
                         struct sg_mc_bytes *ret_value, uint32_t *ret_count);
/* Without `name`, or with `own` in its place. */
bool sg_mc_group_splice(const struct sg_mc_group *group, const char *name,
                        const struct sg_mc_own *own,
                        struct sg_mc_bytes *ret_value, uint32_t *ret_count);

#endif
