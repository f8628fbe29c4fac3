/* SPDX-License-Identifier: Apache-2.0
 * mc_scene.h - what a question sees: the group, its birth, its marks, and the
 * liveness of names.
 */
#ifndef SG_MC_SCENE_H
#define SG_MC_SCENE_H

#include "mc_group.h"
#include "mc_marks.h"

/* The heads of the gets, in the order of the keys; liveness follows. */
enum {
    SG_MC_SCENE_GROUP,
    SG_MC_SCENE_BORN,
    SG_MC_SCENE_MARKS,
    SG_MC_SCENE_HEADS
};

struct sg_mc_scene {
    struct sg_backend *b;
    struct sg_op *op;
    struct sg_mc_item *items; /* the heads, then liveness of op->sights      */
    struct sg_mc_bytes bytes;
    struct sg_mc_group group;
    struct sg_mc_marks marks;
};
/* One gets of the heads and the liveness of the first `n_lives` sights. The
 * caller frees `bytes`, on failure too. */
int sg_mc_scene_look(struct sg_mc_scene *s, size_t n_lives);
/* The liveness of sights that only the group's value made known. */
int sg_mc_scene_look_lives(struct sg_mc_scene *s, struct sg_sight *sights,
                           size_t n);

/* Sights by name, found quickly; equal names stand side by side. */
struct sg_mc_index {
    struct sg_sight **at;
    size_t n;
};
/* False: out of memory. */
bool sg_mc_index_make(struct sg_op *op, struct sg_sight *sights, size_t n,
                      struct sg_mc_index *ret_index);
/* The first sight of this name, and the number of them. */
struct sg_sight **sg_mc_index_find(const struct sg_mc_index *index,
                                   const char *name, size_t length,
                                   size_t *ret_n);

void sg_mc_show_entry(struct sg_sight *sight, const struct sg_mc_entry *entry);
/* After the entry: the two tokens are compared. */
void sg_mc_show_live(struct sg_sight *sight, const struct sg_mc_item *item);
void sg_mc_show_marks(const struct sg_mc_marks *marks,
                      const struct sg_mc_index *index);

#endif
