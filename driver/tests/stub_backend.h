/* SPDX-License-Identifier: Apache-2.0
 * stub_backend.h - a back end without a store, told what to answer.
 *
 * One stub is one "store": a table to give to sg_options.kind and a URL that
 * finds it again (its address is the URL's path, so nothing is global). It
 * notes every call. A call may stand still until it is released, as one does
 * in a client library whose server has gone dark.
 */
#ifndef STUB_BACKEND_H
#define STUB_BACKEND_H

#include "backend.h"

#define STUB_NAMES_MAX 8

struct stub;

struct stub_reply {
    int code;
    enum sg_reason reason;
    enum sg_found liveness, found;
    bool stands;  /* until stub_release() or an interrupt        */
    bool is_deaf; /* ... which it does not hear                  */
};

/* A call as it came; `group` is the first of `n_groups`. */
struct stub_call {
    enum sg_verb verb;
    int64_t at_ms;
    unsigned instance; /* 1, 2, ...: which open() made it             */
    bool was_wanted;   /* env->is_wanted() at its beginning           */
    char group[SG_NAME_MAX + 1], second[SG_NAME_MAX + 1];
    char member[SG_NAME_MAX + 1], token[SG_TOKEN_BYTES + 1];
    size_t n_groups;
    bool audit, is_last, all_or_nothing;
    uint64_t epoch;
    char metadata[32];
    size_t metadata_bytes;
    struct sg_marks marks;
};

struct stub_counts {
    unsigned opened, closed, interrupted, forgotten, forked;
    unsigned standing; /* calls that stand still now                  */
};

enum stub_form {
    STUB_DEAF,  /* blocking, no interrupt                      */
    STUB_HEARS, /* blocking, with interrupt                    */
    STUB_EVENTED,
};

/* `promises` beside SG_EVENTED. `changed` hears of each call that begins to
 * stand still; may be NULL. Fails the test when memory is out. */
struct stub *stub_new(enum stub_form form, unsigned promises,
                      void (*changed)(void *arg), void *arg);
/* After the handle has ended. NULL is allowed. */
void stub_free(struct stub *stub);

/* To be changed before sg_open(). */
struct sg_backend_kind *stub_kind(struct stub *stub);
/* "stub://127.0.0.1/...", or with another host. */
void stub_url(const struct stub *stub, const char *host, char *to,
              size_t bytes);

/* The next call of `verb` is answered so; several form a queue. */
void stub_next(struct stub *stub, enum sg_verb verb, struct stub_reply reply);
/* All calls of `verb` for which nothing is queued. At first: SG_OK, MINE. */
void stub_always(struct stub *stub, enum sg_verb verb, struct stub_reply reply);
/* What the store shows of every name asked for, and of the group. LIST shows
 * `names` so, of which `skipped` more were damaged. */
struct stub_scene {
    struct sg_sight sight;
    bool group_exists;
    uint64_t group_birth;
    int64_t server_age_ms;
    size_t group_size, skipped, n_names;
    const char *names[STUB_NAMES_MAX];
    const void *metadata; /* of GET_METADATA                             */
    size_t metadata_bytes;
};
void stub_show(struct stub *stub, const struct stub_scene *scene);
/* open() fails with this code. */
void stub_fail_open(struct stub *stub, int code);

/* Let go of everything that stands now. */
void stub_release(struct stub *stub);
/* ... and nothing stands any more. */
void stub_release_for_ever(struct stub *stub);
/* Stand still like a call, in the name of a resolver. */
void stub_stand(struct stub *stub);

struct stub_counts stub_counts(struct stub *stub);
/* Without the lock, which a thread may hold that did not come along; and the
 * number of all calls. */
struct stub_counts stub_counts_in_child(const struct stub *stub,
                                        size_t *ret_calls);
size_t stub_calls(struct stub *stub, enum sg_verb verb);
size_t stub_all_calls(struct stub *stub);
/* The call number `index` (0 the first) of `verb`; fails the test when there
 * was none. */
struct stub_call stub_call(struct stub *stub, enum sg_verb verb, size_t index);
struct stub_call stub_last(struct stub *stub, enum sg_verb verb);
/* Real waiting, for handles with a heart of their own: until there were
 * `count` calls of `verb`. */
void stub_await(struct stub *stub, enum sg_verb verb, size_t count);

#endif
