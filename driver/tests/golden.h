/* SPDX-License-Identifier: Apache-2.0
 * golden.h - recorded bytes of Python tooz, and a back end before a server
 * that answers what the test says and keeps what it heard.
 *
 * In a recorded text, <81c4 06> stands for bytes that are no text.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include "op.h"

#include <pthread.h>

#define GOLDEN_MAX 1024

struct golden {
    uint8_t bytes[GOLDEN_MAX];
    size_t length;
};
/* NULL is nothing at all. */
struct golden golden_of(const char *text);
/* Is `got` what the text stands for? `what` is said when it is not. */
void golden_is(const void *got, size_t length, const char *text,
               const char *what, int row);

/* Hears a request, which ends with CR LF, and gives the next answer; ends
 * after the last. */
#define GOLDEN_TURNS 12
struct golden_server {
    int listener;
    pthread_t thread;
    struct golden heard[GOLDEN_TURNS], answers[GOLDEN_TURNS];
    size_t n_answers, n_heard;
    const char *greeting_ends; /* the first request                          */
};

struct golden_scene {
    struct golden_server server;
    struct sg_endpoint endpoint;
    struct sg_target target;
    struct sg_backend_env env;
    struct sg_backend *b;
    const struct sg_backend_kind *kind;
    struct sg_task *task;
};
/* An instance of `kind` and a task: member node-a, T 30 s, group grp1. The
 * answers end with NULL. */
void golden_begin(struct golden_scene *s, const struct sg_backend_kind *kind,
                  enum sg_verb verb, const char *const *answers);
/* Run the verb, until SG_OK; what was heard can be looked at. */
struct sg_op *golden_run(struct golden_scene *s);
void golden_end(struct golden_scene *s);

#endif
