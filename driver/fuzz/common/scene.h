/* SPDX-License-Identifier: Apache-2.0
 * scene.h - one instance of a back end, its verbs run by bytes of an input,
 * and the rules of backend.h claimed after each.
 */
#ifndef FUZZ_SCENE_H
#define FUZZ_SCENE_H

#include "fuzz.h"
#include "op.h"

#define SCENE_TOKEN "00000000000000aa"
#define SCENE_PASSWORD "hunter2"
#define SCENE_VERBS_MAX 8

struct sg_memory;

struct scene {
    const struct sg_backend_kind *kind;
    struct sg_endpoint endpoint;
    struct sg_target target;
    struct sg_backend_env env; /* its arg is the scene                       */
    struct sg_backend *b;      /* NULL: closed                               */
    struct sg_memory *memory;
    int64_t *now_ms;
    uint32_t random;
    unsigned waits;
};

/* Closed yet: `verb` opens it. Time is read from *now_ms. */
void scene_begin(struct scene *s, const struct sg_backend_kind *kind,
                 int64_t *now_ms);
void scene_end(struct scene *s);

/* The low half of `what` is a verb, the high half what is asked of it; the
 * `nth` allocation of it fails (0: none). *ret_task has the answers; drop it.
 * Returns the verb's code, of which every rule that holds for all back ends
 * has been claimed. */
int scene_verb(struct scene *s, uint8_t what, unsigned nth,
               struct sg_task **ret_task);

#endif
