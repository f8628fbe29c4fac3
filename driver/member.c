/* SPDX-License-Identifier: Apache-2.0
 * member.c - the calls of a member: join, leave, metadata, may I still act.
 */
#include "core.h"
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
static int check_metadata(const struct sg *sg, const void *bytes, size_t length)
{
    const char *rule;
    size_t offset;

    if (bytes == NULL && length == 0)
        return SG_OK;
    if (bytes == NULL)
        return sg_why_set(SG_EINVAL, "metadata is NULL and has a length");
    if (!(sg->kind->promises & SG_HAS_METADATA))
        return sg_why_set(SG_ENOTSUP, "%s:// keeps no metadata",
                          sg->kind->scheme);
    if (length > sg->kind->metadata_max_bytes)
        return sg_why_set(
            SG_ETOOBIG, "metadata has %zu bytes; %s:// takes up to %zu", length,
            sg->kind->scheme, sg->kind->metadata_max_bytes);
    if (sg_pack_check(bytes, length, 64, &offset, &rule) != 0)
        return sg_why_set(SG_EMETADATA,
                          "metadata is not one msgpack value that Python "
                          "reads: at byte %zu: %s",
                          offset, rule);
    return SG_OK;
}

/* Lock held. */
static int keep_metadata(struct sg_membership *m, const void *bytes,
                         size_t length)
{
    void *copy = NULL;

    if (bytes != NULL) {
        copy = malloc(length);
        if (copy == NULL)
            return SG_ENOMEM;
        memcpy(copy, bytes, length);
    }
    free(m->metadata);
    m->metadata = copy;
    m->metadata_bytes = length;
    return SG_OK;
}

/* ---- a public operation on one membership ----------------------------- */

/* Post and wait. Lock held on entry and on return; `m` is found again,
 * because the table may have moved meanwhile. */
static int run_held(struct sg *sg, struct sg_membership **m,
                    struct sg_task *task)
{
    char group[SG_NAME_MAX + 1];
    int64_t deadline_ms = sg_now(sg) + sg->bounds.deadline_ms;
    int code;

    strcpy(group, (*m)->group);
    (*m)->public_calls++;
    sg_unlock(sg);
    code = sg_run(sg, task, deadline_ms);
    sg_lock(sg);
    *m = sg_membership_find(sg, group);
    (*m)->public_calls--;
    sg_changed(sg); /* the heart may have looked away from it meanwhile */
    return code;
}

/* ---- join ------------------------------------------------------------- */

/* A join that was not confirmed. All or nothing: the wish is taken back, and
 * what a lost reply may have left is undone by the heart. */
static int join_unconfirmed(struct sg *sg, struct sg_membership *m,
                            unsigned flags)
{
    if (flags & SG_JOIN_ALL_OR_NOTHING) {
        sg_membership_wish(m, SG_WISH_LEAVE);
        m->state = SG_STATE_NONE;
        sg_heart_first_beat(sg);
        return SG_EUNKNOWN;
    }
    m->state = SG_STATE_PENDING;
    sg_heart_first_beat(sg);
    return SG_PENDING;
}

static int join_answered(struct sg *sg, struct sg_membership *m,
                         const struct sg_task *task, int code, unsigned flags)
{
    if (m->wish_number != task->wishes[0])
        return SG_PENDING; /* another thread has wished otherwise since */
    if (code == SG_OK) {
        sg_membership_joined(sg, m, task);
        sg_heart_first_beat(sg);
        return SG_OK;
    }
    if (code == SG_EUNKNOWN)
        return join_unconfirmed(sg, m, flags);
    sg_membership_wish(m, SG_WISH_NONE);
    m->state = SG_STATE_NONE;
    return code;
}

/* Lock held, and again after. */
static int join_now(struct sg *sg, struct sg_membership *m, unsigned flags,
                    uint64_t *ret_epoch)
{
    struct sg_task *task;
    int code;

    sg_membership_wish(m, SG_WISH_JOIN);
    m->state = SG_STATE_PENDING;
    m->is_in_store = false;
    task = sg_membership_task(sg, SG_VERB_JOIN, m);
    if (task == NULL) {
        sg_membership_wish(m, SG_WISH_NONE);
        m->state = SG_STATE_NONE;
        return sg_why_set(SG_ENOMEM, "out of memory");
    }
    task->op.all_or_nothing = flags & SG_JOIN_ALL_OR_NOTHING;
    code = run_held(sg, &m, task);
    code = join_answered(sg, m, task, code, flags);
    if (code == SG_OK && ret_epoch != NULL)
        *ret_epoch = m->epoch;
    if (code != SG_OK)
        sg_say(task, code);
    sg_task_drop(task);
    return code;
}

/* Lock held. Joined already: only the metadata given may change. */
static int join_again(struct sg *sg, struct sg_membership *m, bool has_metadata,
                      uint64_t *ret_epoch)
{
    struct sg_task *task;
    int code = SG_OK;

    if (has_metadata) {
        task = sg_membership_task(sg, SG_VERB_SET_METADATA, m);
        if (task == NULL)
            return sg_why_set(SG_ENOMEM, "out of memory");
        code = run_held(sg, &m, task);
        if (code != SG_OK)
            sg_say(task, code);
        sg_task_drop(task);
    }
    if (ret_epoch != NULL)
        *ret_epoch = m->epoch;
    return code;
}

int sg_join(struct sg *sg, const char *group, const void *metadata,
            size_t metadata_bytes, unsigned flags, uint64_t *ret_epoch)
{
    struct sg_membership *m;
    int rc = check_member_call(sg, group);

    if (rc == SG_OK)
        rc = check_metadata(sg, metadata, metadata_bytes);
    if (rc != SG_OK)
        return rc;
    sg_lock(sg);
    m = sg_membership_find(sg, group);
    if (m == NULL)
        m = sg_membership_add(sg, group);
    if (m == NULL) {
        rc = sg_why_set(SG_ENOMEM, "out of memory");
    } else if (m->wish == SG_WISH_JOIN && m->state == SG_STATE_JOINED) {
        if (metadata != NULL)
            rc = keep_metadata(m, metadata, metadata_bytes);
        if (rc == SG_OK)
            rc = join_again(sg, m, metadata != NULL, ret_epoch);
    } else {
        /* A wish that stands keeps the metadata that it came with. */
        if (metadata != NULL || m->wish != SG_WISH_JOIN)
            rc = keep_metadata(m, metadata, metadata_bytes);
        if (rc == SG_OK)
            rc = join_now(sg, m, flags, ret_epoch);
    }
    sg_unlock(sg);
    return rc;
}

/* ---- leave ------------------------------------------------------------ */

static int leave_now(struct sg *sg, struct sg_membership *m)
{
    struct sg_task *task;
    int code;

    sg_membership_wish(m, SG_WISH_LEAVE);
    m->state = SG_STATE_PENDING;
    task = sg_membership_task(sg, SG_VERB_LEAVE, m);
    if (task == NULL)
        return sg_why_set(SG_PENDING, "out of memory; the heart will leave");
    code = run_held(sg, &m, task);
    if (m->wish_number != task->wishes[0]) {
        code = SG_PENDING;
    } else if (code == SG_EUNKNOWN || code == SG_EREFUSED ||
               code == SG_ENOMEM) {
        sg_heart_first_beat(sg);
        code = SG_PENDING;
    } else {
        sg_membership_wish(m, SG_WISH_NONE);
        m->state = SG_STATE_NONE;
        m->is_in_store = false;
    }
    if (code != SG_OK)
        sg_say(task, code);
    sg_task_drop(task);
    return code;
}

int sg_leave(struct sg *sg, const char *group)
{
    struct sg_membership *m;
    int rc = check_member_call(sg, group);

    if (rc != SG_OK)
        return rc;
    sg_lock(sg);
    m = sg_membership_find(sg, group);
    if (m == NULL || m->wish != SG_WISH_JOIN)
        rc = m != NULL && m->state == SG_STATE_REPLACED
                 ? sg_why_set(SG_EREPLACED,
                              "a newer incarnation of %s holds its place in "
                              "%s; nothing was removed",
                              sg->member, group)
                 : sg_why_set(SG_ENOTJOINED, "%s has not joined %s", sg->member,
                              group);
    else
        rc = leave_now(sg, m);
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

int sg_set_metadata(struct sg *sg, const char *group, const void *metadata,
                    size_t metadata_bytes)
{
    struct sg_membership *m;
    int rc = check_member_call(sg, group);

    if (rc == SG_OK && metadata == NULL)
        rc = sg_why_set(SG_EINVAL, "metadata is NULL");
    if (rc == SG_OK)
        rc = check_metadata(sg, metadata, metadata_bytes);
    if (rc != SG_OK)
        return rc;
    sg_lock(sg);
    m = sg_membership_find(sg, group);
    if (m == NULL || m->wish != SG_WISH_JOIN) {
        rc = sg_why_set(SG_ENOTJOINED, "%s has not joined %s", sg->member,
                        group);
    } else if ((rc = keep_metadata(m, metadata, metadata_bytes)) == SG_OK &&
               m->state == SG_STATE_JOINED) {
        rc = join_again(sg, m, true, NULL);
    } else if (rc == SG_OK) {
        rc = wish_again(m);
    }
    sg_unlock(sg);
    return rc;
}

/* ---- may I still act -------------------------------------------------- */

int sg_standing(struct sg *sg, const char *group,
                struct sg_standing *ret_standing)
{
    const struct sg_membership *m;
    int rc = check_member_call(sg, group);

    if (rc != SG_OK)
        return rc;
    sg_lock(sg);
    m = sg_membership_find(sg, group);
    if (m == NULL || m->state == SG_STATE_NONE) {
        rc = sg_why_set(SG_ENOTJOINED, "%s has not joined %s", sg->member,
                        group);
    } else {
        int64_t left_ms = 0;
        enum sg_state state = m->state;
        if (state == SG_STATE_JOINED) {
            left_ms = sg->bounds.timeout_ms - sg->bounds.early_ms -
                      (sg_now(sg) - m->sent_ms);
            if (left_ms <= 0) {
                left_ms = 0;
                state = SG_STATE_LOST;
            }
        }
        *ret_standing = (struct sg_standing){state, m->epoch, left_ms};
    }
    sg_unlock(sg);
    return rc;
}
