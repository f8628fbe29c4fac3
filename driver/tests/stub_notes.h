/* SPDX-License-Identifier: Apache-2.0
 * stub_notes.h - the calls that a stub has seen. Locked by the stub.
 */
#ifndef STUB_NOTES_H
#define STUB_NOTES_H

#include "stub_backend.h"

#define STUB_NOTES_MAX 4096 /* later ones push out the first               */

struct stub_notes {
    struct stub_call calls[STUB_NOTES_MAX];
    size_t count;
};

void stub_notes_add(struct stub_notes *notes, const struct sg_op *op,
                    int64_t at_ms, unsigned instance, bool was_wanted);
size_t stub_notes_count(const struct stub_notes *notes, enum sg_verb verb);
/* The call number `index` of `verb`, or NULL. */
const struct stub_call *stub_notes_find(const struct stub_notes *notes,
                                        enum sg_verb verb, size_t index);

#endif
