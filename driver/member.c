/* SPDX-License-Identifier: Apache-2.0
 * member.c - the calls of a member: join, leave, metadata, may I still act.
 */
#include "bridge.h"
#include "call.h"
#include "name.h"
#include "pack.h"
#include "why.h"

#include <stdlib.h>
#include <string.h>

static int check_member_call(struct sg *sg, const char *group)
{
    char why[300];
    int rc = sg_check_handle(sg);

    if (rc != SG_OK)
        return rc;
    if (sg->member == NULL)
        return sg_why_set(SG_EINVAL,
                          "this handle is an observer; give sg_options.member");
    if (!(sg->kind->promises & SG_CAN_WRITE))
        return sg_why_set(SG_ENOTSUP, "%s:// cannot write", sg->kind->scheme);
    rc = sg_name_check("group", group, why, sizeof why);
    return rc == SG_OK ? rc : sg_why_set(rc, "%s", why);
}

/* What Python could not read must never get into a group: on memcached one
 * such entry breaks the whole group for every Python member. */
static int check_bytes(const struct sg_backend_kind *kind, const void *bytes,
                       size_t length)
{
    const char *rule;
    size_t offset;

    if (length > kind->metadata_max_bytes)
        return sg_why_set(SG_ETOOBIG,
                          "metadata has %zu bytes; %s:// takes up to %zu",
                          length, kind->scheme, kind->metadata_max_bytes);
    if (sg_pack_check(bytes, length, 64, &offset, &rule) != 0)
        return sg_why_set(SG_EMETADATA,
                          "metadata is not one msgpack value that Python "
                          "reads: at byte %zu: %s",
                          offset, rule);
    return SG_OK;
}

static bool keeps_metadata(const struct sg *store)
{
    return store->kind->promises & SG_HAS_METADATA;
}

/* It goes to the stores that keep metadata; one must. */
static int check_metadata(const struct sg *sg, const void *bytes, size_t length)
{
    size_t keepers = 0;
    int rc = SG_OK;

    if (bytes == NULL && length == 0)
        return SG_OK;
    if (bytes == NULL)
        return sg_why_set(SG_EINVAL, "metadata is NULL and has a length");
    for (size_t i = 0; i < sg->n_stores && rc == SG_OK; i++) {
        if (!keeps_metadata(sg->store[i]))
            continue;
        keepers++;
        rc = check_bytes(sg->store[i]->kind, bytes, length);
    }
    if (rc == SG_OK && keepers == 0)
        rc =
            sg_why_set(SG_ENOTSUP, "%s:// keeps no metadata", sg->kind->scheme);
    return rc;
}

/* What a call puts in place of what stood, so that it can be put back. */
struct change {
    void *given, *before;
    size_t bytes_before;
    bool is_made;
};

/* Lock held. */
static int keep_metadata(struct sg_membership *m, const void *bytes,
                         size_t length, struct change *ret_change)
{
    void *copy = NULL;

    if (bytes != NULL) {
        copy = malloc(length);
        if (copy == NULL)
            return sg_why_set(SG_ENOMEM, "out of memory");
        memcpy(copy, bytes, length);
    }
    *ret_change = (struct change){copy, m->metadata, m->metadata_bytes, true};
    m->metadata = copy;
    m->metadata_bytes = length;
    return SG_OK;
}

/* Lock held. What was refused must not come back with a later join of the
 * heart, which might be refused for it, too. */
static void end_change(struct sg_membership *m, const struct change *change,
                       int code)
{
    bool stays = code == SG_OK || code == SG_PENDING || code == SG_EUNKNOWN;

    if (stays || m->metadata != change->given) {
        free(change->before);
        return;
    }
    free(m->metadata);
    m->metadata = change->before;
    m->metadata_bytes = change->bytes_before;
}

/* ---- a public operation on one group ---------------------------------- */

/* One group of a handle, and what is asked of each of its stores. */
struct act {
    struct sg *sg;
    const char *group;
    struct sg_task *task[SG_STORES_MAX]; /* NULL: nothing to ask            */
    int code[SG_STORES_MAX];
    struct change change[SG_STORES_MAX]; /* of metadata                     */
    struct sg_membership before[SG_STORES_MAX]; /* join: for SG_ENOMEM      */
};

static struct sg_membership *membership(const struct act *act, size_t i)
{
    return sg_membership_find(act->sg->store[i], act->group);
}

/* Post and wait. Lock held on entry and on return. */
static void run_held(struct act *act)
{
    struct sg *sg = act->sg;

    for (size_t i = 0; i < sg->n_stores; i++)
        if (act->task[i] != NULL)
            membership(act, i)->public_calls++;
    sg_run(sg, act->task, act->code, sg_now(sg) + sg->bounds.deadline_ms, NULL);
    for (size_t i = 0; i < sg->n_stores; i++)
        if (act->task[i] != NULL)
            membership(act, i)->public_calls--;
    sg_changed(sg); /* the heart may have looked away from it meanwhile */
}

/* One store had no memory while the other one did it, or may have: SG_ENOMEM
 * would say that nothing was changed. For the one it is as if it had not
 * answered, so that the wish stands in both and the heart completes it. */
static void share_doubt(struct act *act)
{
    bool may_stand = false;

    for (size_t i = 0; i < act->sg->n_stores; i++)
        may_stand = may_stand || sg_bridge_may_stand(act->code[i]);
    for (size_t i = 0; i < act->sg->n_stores; i++)
        if (may_stand && act->code[i] == SG_ENOMEM)
            act->code[i] = SG_EUNKNOWN;
}

static void end_changes(struct act *act)
{
    for (size_t i = 0; i < act->sg->n_stores; i++)
        if (act->change[i].is_made)
            end_change(membership(act, i), &act->change[i], act->code[i]);
}

/* What all stores together answered, said if it is no success. */
static int end_held(struct act *act)
{
    size_t n = act->sg->n_stores;
    int code = sg_bridge_code(act->code, n);
    bool is_said = code == SG_OK;

    for (size_t i = 0; i < n; i++) {
        if (!is_said && act->task[i] != NULL && act->code[i] == code) {
            sg_say(act->task[i], code);
            is_said = true;
        }
        sg_task_drop(act->task[i]);
    }
    return code;
}

/* ---- join ------------------------------------------------------------- */

/* Take a wish to join back: what a lost reply, or another store, may have
 * taken of it is undone by the heart. */
static void withdraw(struct sg *sg, struct sg_membership *m)
{
    sg_membership_wish(m, SG_WISH_LEAVE);
    m->state = SG_STATE_NONE;
    sg_heart_first_beat(sg);
}

/* Nothing was changed: neither is what had been wished before, be it pending
 * or lost, which the heart goes on with. */
static int wish_as_before(struct sg *sg, struct sg_membership *m,
                          const struct sg_membership *before)
{
    sg_membership_wish(m, before->wish);
    m->state = before->state;
    m->is_in_store = before->is_in_store;
    m->was_joined = before->was_joined;
    m->is_todo = before->is_todo;
    if (m->wish != SG_WISH_NONE)
        sg_heart_first_beat(sg);
    return SG_ENOMEM;
}

static int join_answered(struct sg *sg, struct sg_membership *m,
                         const struct sg_membership *before,
                         const struct sg_task *task, int code, unsigned flags)
{
    if (m->wish_number != task->wishes[0])
        return SG_PENDING; /* another thread has wished otherwise since */
    if (code == SG_OK) {
        sg_membership_joined(sg, m, task);
        sg_heart_first_beat(sg);
        return SG_OK;
    }
    if (code == SG_EUNKNOWN && flags & SG_JOIN_ALL_OR_NOTHING) {
        withdraw(sg, m);
        return SG_EUNKNOWN;
    }
    if (code == SG_EUNKNOWN) {
        m->state = SG_STATE_PENDING;
        sg_heart_first_beat(sg);
        return SG_PENDING;
    }
    if (code == SG_ENOMEM)
        return wish_as_before(sg, m, before);
    sg_membership_wish(m, SG_WISH_NONE);
    m->state = SG_STATE_NONE;
    return code;
}

/* Lock held. */
static int begin_join(struct sg *sg, struct sg_membership *m, unsigned flags,
                      struct sg_membership *ret_before,
                      struct sg_task **ret_task)
{
    struct sg_task *task;

    *ret_before = *m;
    sg_membership_wish(m, SG_WISH_JOIN);
    m->state = SG_STATE_PENDING;
    m->is_in_store = false;
    task = sg_membership_task(sg, SG_VERB_JOIN, m);
    if (task == NULL)
        return sg_why_set(wish_as_before(sg, m, ret_before), "out of memory");
    task->op.all_or_nothing = flags & SG_JOIN_ALL_OR_NOTHING;
    *ret_task = task;
    return SG_OK;
}

/* Joined already: only the metadata given may change. Lock held. */
static int begin_again(struct sg *sg, struct sg_membership *m,
                       bool has_metadata, struct sg_task **ret_task)
{
    if (!has_metadata)
        return SG_OK;
    *ret_task = sg_membership_task(sg, SG_VERB_SET_METADATA, m);
    return *ret_task == NULL ? sg_why_set(SG_ENOMEM, "out of memory") : SG_OK;
}

/* What one store must be asked; the task stays NULL when nothing. */
static int begin_one(struct act *act, size_t i, const void *metadata,
                     size_t bytes, unsigned flags)
{
    struct sg *sg = act->sg->store[i];
    struct sg_membership *m = membership(act, i);
    bool is_joined;
    int rc = SG_OK;

    if (m == NULL)
        m = sg_membership_add(sg, act->group);
    if (m == NULL)
        return sg_why_set(SG_ENOMEM, "out of memory");
    if (!keeps_metadata(sg)) {
        metadata = NULL;
        bytes = 0;
    }
    is_joined = m->wish == SG_WISH_JOIN && m->state == SG_STATE_JOINED;
    /* A wish that stands keeps the metadata that it came with. */
    if (metadata != NULL || m->wish != SG_WISH_JOIN)
        rc = keep_metadata(m, metadata, bytes, &act->change[i]);
    if (rc != SG_OK)
        return rc;
    return is_joined ? begin_again(sg, m, metadata != NULL, &act->task[i])
                     : begin_join(sg, m, flags, &act->before[i], &act->task[i]);
}

/* Refused by one store, or all or nothing: it must stand in none. */
static void undo_others(struct act *act)
{
    for (size_t i = 0; i < act->sg->n_stores; i++)
        if (act->code[i] == SG_OK || act->code[i] == SG_PENDING)
            withdraw(act->sg->store[i], membership(act, i));
}

/* Lock held. */
static void join_all(struct act *act, unsigned flags)
{
    struct sg *sg = act->sg;
    bool is_refused = false, is_new = false;

    run_held(act);
    share_doubt(act);
    for (size_t i = 0; i < sg->n_stores; i++) {
        struct sg_task *task = act->task[i];
        if (task == NULL || task->op.verb != SG_VERB_JOIN)
            continue;
        is_new = true;
        act->code[i] =
            join_answered(sg->store[i], membership(act, i), &act->before[i],
                          task, act->code[i], flags);
        is_refused = is_refused || act->code[i] < 0;
    }
    if (is_new && is_refused && sg->n_stores > 1)
        undo_others(act);
}

/* No memory before anything was sent: nothing is. Lock held. */
static void stop_join(struct act *act)
{
    for (size_t i = 0; i < act->sg->n_stores; i++) {
        struct sg_task *task = act->task[i];
        if (task != NULL && task->op.verb == SG_VERB_JOIN)
            wish_as_before(act->sg->store[i], membership(act, i),
                           &act->before[i]);
        act->task[i] = NULL;
        act->code[i] = SG_ENOMEM;
        sg_task_drop(task);
    }
}

int sg_join(struct sg *sg, const char *group, const void *metadata,
            size_t metadata_bytes, unsigned flags, uint64_t *ret_epoch)
{
    struct act act = {.sg = sg, .group = group};
    int rc = check_member_call(sg, group);

    if (rc == SG_OK)
        rc = check_metadata(sg, metadata, metadata_bytes);
    if (rc != SG_OK)
        return rc;
    sg_lock(sg);
    for (size_t i = 0; i < sg->n_stores && rc == SG_OK; i++)
        rc = begin_one(&act, i, metadata, metadata_bytes, flags);
    if (rc == SG_OK)
        join_all(&act, flags);
    else
        stop_join(&act);
    end_changes(&act);
    rc = end_held(&act);
    if (rc == SG_OK && ret_epoch != NULL)
        *ret_epoch = membership(&act, 0)->epoch;
    sg_unlock(sg);
    return rc;
}

/* ---- leave ------------------------------------------------------------ */

static int leave_answered(struct sg *sg, struct sg_membership *m,
                          const struct sg_task *task, int code)
{
    if (m->wish_number != task->wishes[0])
        return SG_PENDING;
    if (code == SG_EUNKNOWN || code == SG_EREFUSED || code == SG_ENOMEM) {
        sg_heart_first_beat(sg);
        return SG_PENDING;
    }
    sg_membership_wish(m, SG_WISH_NONE);
    m->state = SG_STATE_NONE;
    m->is_in_store = false;
    return code;
}

/* What one store is asked, or why not. Lock held. */
static int begin_leave(struct sg *sg, const char *group,
                       struct sg_task **ret_task)
{
    struct sg_membership *m = sg_membership_find(sg, group);

    if (m != NULL && m->wish == SG_WISH_JOIN) {
        sg_membership_wish(m, SG_WISH_LEAVE);
        m->state = SG_STATE_PENDING;
        *ret_task = sg_membership_task(sg, SG_VERB_LEAVE, m);
        if (*ret_task == NULL)
            return sg_why_set(SG_PENDING,
                              "out of memory; the heart will leave");
        return SG_OK;
    }
    if (m != NULL && m->state == SG_STATE_REPLACED)
        return sg_why_set(SG_EREPLACED,
                          "a newer incarnation of %s holds its place in "
                          "%s; nothing was removed",
                          sg->member, group);
    return sg_why_set(SG_ENOTJOINED, "%s has not joined %s", sg->member, group);
}

int sg_leave(struct sg *sg, const char *group)
{
    struct act act = {.sg = sg, .group = group};
    int rc = check_member_call(sg, group);

    if (rc != SG_OK)
        return rc;
    sg_lock(sg);
    for (size_t i = 0; i < sg->n_stores; i++)
        act.code[i] = begin_leave(sg->store[i], group, &act.task[i]);
    run_held(&act);
    for (size_t i = 0; i < sg->n_stores; i++)
        if (act.task[i] != NULL)
            act.code[i] = leave_answered(sg->store[i], membership(&act, i),
                                         act.task[i], act.code[i]);
    rc = end_held(&act);
    sg_unlock(sg);
    return rc;
}

/* ---- metadata --------------------------------------------------------- */

/* Lock held. Metadata for a join that was sent without it: the answer to that
 * one is nobody's any more, and the heart joins once again. */
static int wish_again(struct sg_membership *m)
{
    bool was_joined = m->was_joined;

    sg_membership_wish(m, SG_WISH_JOIN);
    m->was_joined = was_joined;
    m->is_in_store = false;
    return sg_why_set(SG_PENDING, "kept; it goes with the pending join");
}

/* What one store is asked, or why not. Lock held. */
static int begin_set(struct act *act, size_t i, const void *metadata,
                     size_t bytes)
{
    struct sg *sg = act->sg->store[i];
    struct sg_membership *m = membership(act, i);
    int rc;

    if (!keeps_metadata(sg))
        return SG_ENOTSUP;
    if (m == NULL || m->wish != SG_WISH_JOIN)
        return sg_why_set(SG_ENOTJOINED, "%s has not joined %s", sg->member,
                          act->group);
    rc = keep_metadata(m, metadata, bytes, &act->change[i]);
    if (rc != SG_OK)
        return rc;
    return m->state == SG_STATE_JOINED ? begin_again(sg, m, true, &act->task[i])
                                       : wish_again(m);
}

int sg_set_metadata(struct sg *sg, const char *group, const void *metadata,
                    size_t metadata_bytes)
{
    struct act act = {.sg = sg, .group = group};
    int rc = check_member_call(sg, group);

    if (rc == SG_OK && metadata == NULL)
        rc = sg_why_set(SG_EINVAL, "metadata is NULL");
    if (rc == SG_OK)
        rc = check_metadata(sg, metadata, metadata_bytes);
    if (rc != SG_OK)
        return rc;
    sg_lock(sg);
    for (size_t i = 0; i < sg->n_stores; i++)
        act.code[i] = begin_set(&act, i, metadata, metadata_bytes);
    run_held(&act);
    share_doubt(&act);
    end_changes(&act);
    rc = end_held(&act);
    sg_unlock(sg);
    return rc;
}

/* ---- may I still act -------------------------------------------------- */

/* Lock held. */
static struct sg_standing standing_in(const struct sg *sg,
                                      const struct sg_membership *m)
{
    struct sg_standing s = {m->state, m->epoch, 0};

    if (s.state != SG_STATE_JOINED)
        return s;
    s.safe_ms =
        sg->bounds.timeout_ms - sg->bounds.early_ms - (sg_now(sg) - m->sent_ms);
    if (s.safe_ms <= 0) {
        s.safe_ms = 0;
        s.state = SG_STATE_LOST;
    }
    return s;
}

/* Of two stores the worse: an observer may look at either alone. */
static void add_standing(struct sg_standing *all, struct sg_standing more)
{
    static const int badness[] = {
        [SG_STATE_JOINED] = 0,
        [SG_STATE_PENDING] = 1,
        [SG_STATE_LOST] = 2,
        [SG_STATE_REPLACED] = 3,
    };

    if (all->state == SG_STATE_NONE) {
        *all = more;
        return;
    }
    if (badness[more.state] > badness[all->state])
        all->state = more.state;
    if (more.safe_ms < all->safe_ms)
        all->safe_ms = more.safe_ms;
}

int sg_standing(struct sg *sg, const char *group,
                struct sg_standing *ret_standing)
{
    struct sg_standing all = {0};
    int rc = check_member_call(sg, group);

    if (rc != SG_OK)
        return rc;
    sg_lock(sg);
    for (size_t i = 0; i < sg->n_stores; i++) {
        const struct sg_membership *m = sg_membership_find(sg->store[i], group);
        if (m != NULL && m->state != SG_STATE_NONE)
            add_standing(&all, standing_in(sg->store[i], m));
    }
    sg_unlock(sg);
    if (all.state == SG_STATE_NONE)
        return sg_why_set(SG_ENOTJOINED, "%s has not joined %s", sg->member,
                          group);
    *ret_standing = all;
    return SG_OK;
}
