/* SPDX-License-Identifier: Apache-2.0
 * pickle_machine.h - the stack machine that a pickle is a program for.
 */
#ifndef SG_LEGACY_PICKLE_MACHINE_H
#define SG_LEGACY_PICKLE_MACHINE_H

#include "pickle.h"
#include "pickle_input.h"

struct sg_pickle_machine {
    struct sg_op *op;
    struct sg_pickle_input in;
    int python;
    struct sg_pickle stack; /* its children                                */
    struct sg_pickle memo;  /* pairs of number and value, the last wins    */
    struct sg_pickle *result;
};

bool sg_pickle_put(struct sg_pickle_machine *m, struct sg_pickle *value);
bool sg_pickle_put_kind(struct sg_pickle_machine *m, enum sg_pickle_kind kind);
/* NULL: nothing there, or a mark, which is not a value. */
struct sg_pickle *sg_pickle_top(const struct sg_pickle_machine *m);
struct sg_pickle *sg_pickle_pop(struct sg_pickle_machine *m);
/* All above the last mark becomes `to`'s, and the mark goes. */
bool sg_pickle_pop_to_mark(struct sg_pickle_machine *m, struct sg_pickle *to);

/* Opcodes; false: Python would raise. */
bool sg_pickle_do_global(struct sg_pickle_machine *m);
bool sg_pickle_do_stack_global(struct sg_pickle_machine *m);
bool sg_pickle_do_call(struct sg_pickle_machine *m, bool is_new);
bool sg_pickle_do_instance(struct sg_pickle_machine *m, bool is_named);
bool sg_pickle_do_new_ex(struct sg_pickle_machine *m);
bool sg_pickle_do_build(struct sg_pickle_machine *m);
bool sg_pickle_do_tuple(struct sg_pickle_machine *m, size_t n);
bool sg_pickle_do_marked(struct sg_pickle_machine *m, enum sg_pickle_kind kind);
bool sg_pickle_do_setitem(struct sg_pickle_machine *m);
bool sg_pickle_do_setitems(struct sg_pickle_machine *m);
bool sg_pickle_do_append(struct sg_pickle_machine *m);
bool sg_pickle_do_appends(struct sg_pickle_machine *m);
bool sg_pickle_do_set_items(struct sg_pickle_machine *m, bool is_frozen);

#endif
