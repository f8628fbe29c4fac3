/* SPDX-License-Identifier: Apache-2.0
 * pickle_stack.c - the stack of a pickle, and the containers and calls that
 * are made of what lies on it.
 */
#include "pickle_machine.h"

#include <stdio.h>
#include <string.h>

/* ---- the stack -------------------------------------------------------- */

bool sg_pickle_put(struct sg_pickle_machine *m, struct sg_pickle *value)
{
    return value != NULL && sg_pickle_push(m->op, &m->stack, value);
}

/* NULL: nothing there, or a mark, which is not a value. */
struct sg_pickle *sg_pickle_top(const struct sg_pickle_machine *m)
{
    struct sg_pickle *value =
        m->stack.n == 0 ? NULL : m->stack.child[m->stack.n - 1];

    return value == NULL || value->kind == SG_PICKLE_MARK ? NULL : value;
}

struct sg_pickle *sg_pickle_pop(struct sg_pickle_machine *m)
{
    struct sg_pickle *value = sg_pickle_top(m);

    if (value != NULL)
        m->stack.n--;
    return value;
}

bool sg_pickle_put_kind(struct sg_pickle_machine *m, enum sg_pickle_kind kind)
{
    return sg_pickle_put(m, sg_pickle_new(m->op, kind));
}

/* All above the last mark becomes `to`'s, and the mark goes. */
bool sg_pickle_pop_to_mark(struct sg_pickle_machine *m, struct sg_pickle *to)
{
    size_t first = m->stack.n;

    while (first > 0 && m->stack.child[first - 1]->kind != SG_PICKLE_MARK)
        first--;
    if (first == 0 || to == NULL)
        return false;
    for (size_t i = first; i < m->stack.n; i++)
        if (!sg_pickle_push(m->op, to, m->stack.child[i]))
            return false;
    m->stack.n = first - 1;
    return true;
}

/* ---- classes ---------------------------------------------------------- */

/* Python 3 reads the names of Python 2's modules (pickle: fix_imports). */
static const char *const renamed[][2] = {
    {"copy_reg _reconstructor", "copyreg _reconstructor"},
    {"__builtin__ tuple", "builtins tuple"},
    {"__builtin__ object", "builtins object"},
    {"__builtin__ bytes", "builtins bytes"},
};
static const char *const known[] = {
    "datetime datetime", "dogpile.cache.api CachedValue",
    "_codecs encode",    "copyreg _reconstructor",
    "builtins tuple",    "builtins object",
    "builtins bytes",
};

static bool push_class(struct sg_pickle_machine *m, const uint8_t *module,
                       size_t module_length, const uint8_t *name,
                       size_t name_length)
{
    char text[100];
    const char *found = NULL;
    struct sg_pickle *value;

    if (module_length > 40 || name_length > 40)
        return false;
    snprintf(text, sizeof text, "%.*s %.*s", (int)module_length,
             (const char *)module, (int)name_length, (const char *)name);
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
        if (strcmp(text, renamed[i][0]) == 0)
            strcpy(text, renamed[i][1]);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(text, known[i]) == 0)
            found = known[i];
    if (found == NULL)
        return false;
    value = sg_pickle_new(m->op, SG_PICKLE_CLASS);
    if (value == NULL)
        return false;
    value->bytes = (const uint8_t *)found;
    value->length = strlen(found);
    return sg_pickle_put(m, value);
}

bool sg_pickle_do_global(struct sg_pickle_machine *m)
{
    const uint8_t *module, *name;
    size_t module_length, name_length;

    return sg_pickle_take_line(&m->in, &module, &module_length) &&
           sg_pickle_take_line(&m->in, &name, &name_length) &&
           push_class(m, module, module_length, name, name_length);
}

bool sg_pickle_do_stack_global(struct sg_pickle_machine *m)
{
    struct sg_pickle *name = sg_pickle_pop(m), *module = sg_pickle_pop(m);

    return name != NULL && module != NULL && name->kind == SG_PICKLE_TEXT &&
           module->kind == SG_PICKLE_TEXT &&
           push_class(m, module->bytes, module->length, name->bytes,
                      name->length);
}

/* REDUCE and NEWOBJ are the same to the few classes that there are, but that
 * a function is no class. */
bool sg_pickle_do_call(struct sg_pickle_machine *m, bool is_new)
{
    struct sg_pickle *args = sg_pickle_pop(m), *callee = sg_pickle_pop(m);

    if (args == NULL || callee == NULL ||
        (is_new && callee->kind == SG_PICKLE_CLASS &&
         (sg_pickle_is(callee, "_codecs encode") ||
          sg_pickle_is(callee, "copyreg _reconstructor"))))
        return false;
    return sg_pickle_put(m, sg_pickle_call(m->op, callee, args));
}

/* INST and OBJ: the arguments lie on the stack, the class is named behind, or
 * lies below them. */
bool sg_pickle_do_instance(struct sg_pickle_machine *m, bool is_named)
{
    struct sg_pickle *args = sg_pickle_new(m->op, SG_PICKLE_TUPLE), *callee;

    if (!sg_pickle_pop_to_mark(m, args))
        return false;
    if (is_named) {
        if (!sg_pickle_do_global(m))
            return false;
        callee = sg_pickle_pop(m);
    } else {
        if (args->n == 0)
            return false;
        callee = args->child[0];
        args->child++;
        args->n--;
        args->room--;
    }
    return sg_pickle_put(m, sg_pickle_call(m->op, callee, args));
}

/* The classes here take no keywords that a pickler would write. */
bool sg_pickle_do_new_ex(struct sg_pickle_machine *m)
{
    struct sg_pickle *keywords = sg_pickle_pop(m);

    return keywords != NULL && keywords->kind == SG_PICKLE_DICT &&
           keywords->n == 0 && sg_pickle_do_call(m, true);
}

/* Nothing here has a state to set; None is none. */
bool sg_pickle_do_build(struct sg_pickle_machine *m)
{
    struct sg_pickle *state = sg_pickle_pop(m);

    return state != NULL && state->kind == SG_PICKLE_NONE &&
           sg_pickle_top(m) != NULL;
}

/* ---- containers ------------------------------------------------------- */

bool sg_pickle_do_tuple(struct sg_pickle_machine *m, size_t n)
{
    struct sg_pickle *tuple = sg_pickle_new(m->op, SG_PICKLE_TUPLE);

    if (tuple == NULL || m->stack.n < n)
        return false;
    for (size_t i = m->stack.n - n; i < m->stack.n; i++)
        if (m->stack.child[i]->kind == SG_PICKLE_MARK ||
            !sg_pickle_push(m->op, tuple, m->stack.child[i]))
            return false;
    m->stack.n -= n;
    return sg_pickle_put(m, tuple);
}

bool sg_pickle_do_marked(struct sg_pickle_machine *m, enum sg_pickle_kind kind)
{
    struct sg_pickle *value = sg_pickle_new(m->op, kind);

    if (!sg_pickle_pop_to_mark(m, value))
        return false;
    if (kind != SG_PICKLE_DICT)
        return sg_pickle_put(m, value);
    if (value->n % 2 != 0)
        return false;
    for (size_t i = 0; i < value->n; i += 2)
        if (!sg_pickle_is_key(value->child[i]))
            return false;
    return sg_pickle_put(m, value);
}

static bool add_items(struct sg_pickle_machine *m, struct sg_pickle *dict,
                      const struct sg_pickle *items)
{
    if (dict == NULL || items->n % 2 != 0 ||
        (items->n > 0 && dict->kind != SG_PICKLE_DICT))
        return false;
    for (size_t i = 0; i < items->n; i++) {
        if (i % 2 == 0 && !sg_pickle_is_key(items->child[i]))
            return false;
        if (!sg_pickle_push(m->op, dict, items->child[i]))
            return false;
    }
    return true;
}

bool sg_pickle_do_setitem(struct sg_pickle_machine *m)
{
    struct sg_pickle pair = {.kind = SG_PICKLE_TUPLE};
    struct sg_pickle *value = sg_pickle_pop(m), *key = sg_pickle_pop(m);

    return value != NULL && key != NULL && sg_pickle_push(m->op, &pair, key) &&
           sg_pickle_push(m->op, &pair, value) &&
           add_items(m, sg_pickle_top(m), &pair);
}

bool sg_pickle_do_setitems(struct sg_pickle_machine *m)
{
    struct sg_pickle items = {.kind = SG_PICKLE_TUPLE};

    return sg_pickle_pop_to_mark(m, &items) &&
           add_items(m, sg_pickle_top(m), &items);
}

bool sg_pickle_do_append(struct sg_pickle_machine *m)
{
    struct sg_pickle *value = sg_pickle_pop(m), *list = sg_pickle_top(m);

    return value != NULL && list != NULL && list->kind == SG_PICKLE_LIST &&
           sg_pickle_push(m->op, list, value);
}

bool sg_pickle_do_appends(struct sg_pickle_machine *m)
{
    struct sg_pickle items = {.kind = SG_PICKLE_TUPLE};
    struct sg_pickle *list;

    if (!sg_pickle_pop_to_mark(m, &items) ||
        (list = sg_pickle_top(m)) == NULL ||
        (items.n > 0 && list->kind != SG_PICKLE_LIST))
        return false;
    for (size_t i = 0; i < items.n; i++)
        if (!sg_pickle_push(m->op, list, items.child[i]))
            return false;
    return true;
}

/* What is in a set is nobody's business, as long as it may be. */
bool sg_pickle_do_set_items(struct sg_pickle_machine *m, bool is_frozen)
{
    struct sg_pickle items = {.kind = SG_PICKLE_TUPLE};
    struct sg_pickle *set;

    if (!sg_pickle_pop_to_mark(m, &items))
        return false;
    set = is_frozen ? NULL : sg_pickle_top(m);
    if (!is_frozen &&
        (set == NULL || (items.n > 0 && set->kind != SG_PICKLE_SET)))
        return false;
    for (size_t i = 0; i < items.n; i++)
        if (!sg_pickle_is_key(items.child[i]))
            return false;
    return !is_frozen || sg_pickle_put_kind(m, SG_PICKLE_OTHER);
}
