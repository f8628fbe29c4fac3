/* SPDX-License-Identifier: Apache-2.0
 * stub_notes.c - the calls that a stub has seen.
 */
#include "stub_notes.h"

#include <stdio.h>
#include <string.h>

static void copy_text(char *to, const char *text, size_t bytes)
{
    snprintf(to, bytes, "%s", text == NULL ? "" : text);
}

static void copy_group(struct stub_call *call, const struct sg_op_group *group)
{
    copy_text(call->group, group->name, sizeof call->group);
    call->audit = group->audit;
    call->is_last = group->is_last;
    call->epoch = group->epoch;
    call->metadata_bytes = group->metadata_bytes;
    if (group->metadata_bytes <= sizeof call->metadata &&
        group->metadata_bytes > 0)
        memcpy(call->metadata, group->metadata, group->metadata_bytes);
}

void stub_notes_add(struct stub_notes *notes, const struct sg_op *op,
                    int64_t at_ms, unsigned instance, bool was_wanted)
{
    struct stub_call *call = &notes->calls[notes->count % STUB_NOTES_MAX];

    *call = (struct stub_call){.verb = op->verb,
                               .at_ms = at_ms,
                               .instance = instance,
                               .was_wanted = was_wanted,
                               .n_groups = op->n_groups,
                               .marks = op->marks,
                               .all_or_nothing = op->all_or_nothing};
    copy_text(call->member, op->member, sizeof call->member);
    copy_text(call->token, op->token, sizeof call->token);
    if (op->n_groups > 0)
        copy_group(call, &op->groups[0]);
    if (op->n_groups > 1)
        copy_text(call->second, op->groups[1].name, sizeof call->second);
    notes->count++;
}

static size_t kept(const struct stub_notes *notes)
{
    return notes->count < STUB_NOTES_MAX ? notes->count : STUB_NOTES_MAX;
}

size_t stub_notes_count(const struct stub_notes *notes, enum sg_verb verb)
{
    size_t n = kept(notes), count = 0;

    for (size_t i = 0; i < n; i++)
        count += notes->calls[i].verb == verb;
    return count;
}

const struct stub_call *stub_notes_find(const struct stub_notes *notes,
                                        enum sg_verb verb, size_t index)
{
    size_t n = kept(notes);

    for (size_t i = 0; i < n; i++)
        if (notes->calls[i].verb == verb && index-- == 0)
            return &notes->calls[i];
    return NULL;
}
