/* SPDX-License-Identifier: Apache-2.0
 * scene.h - a member before its store, or before the two of a bridge.
 */
#ifndef SCENE_H
#define SCENE_H

#include "served.h"
#include "servicegroup.h"

#include <pthread.h>
#include <stdatomic.h>

#define SCENE_STORES 2

struct scene {
    const char *scheme; /* redis, memcached, kazoo, bridge             */
    struct served *served[SCENE_STORES];
    char url[300];
    struct sg *sg;
    atomic_llong ahead_ms; /* of the driver's clock                     */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned wakes;  /* under the lock                              */
    char wrong[400]; /* what went wrong; "" nothing                 */
};

void scene_begin(struct scene *s, const char *scheme);
void scene_end(struct scene *s);
/* A handle on the scene's stores: node-a, or an observer. */
int scene_open(struct scene *s, bool is_member, struct sg **ret_sg);
/* Everything under way is answered, and everything due is done. */
void scene_settle(struct scene *s);
/* The clock goes on to what the heart does next, and that is done. */
void scene_advance(struct scene *s);
/* All that is stored, but for times; the caller frees. */
char *scene_dump(struct scene *s);
void scene_flush(struct scene *s);
/* Keeps the first complaint; false. */
bool scene_wrong(struct scene *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* With memory again: joins, is seen, and leaves. */
void scene_works(struct scene *s);

#endif
