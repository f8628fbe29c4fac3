/* SPDX-License-Identifier: Apache-2.0
 * pickle.c - the stack machine that a pickle is a program for.
 *
 * github.com/python/cpython/blob/3.11/Lib/pickletools.py says what each opcode
 * does. What is not here (persistent ids, extensions, buffers, sets) makes the
 * pickle one that cannot be read.
 */
#include "pickle.h"
#include "pickle_input.h"

#include <stdio.h>
#include <string.h>

struct machine {
    struct sg_op *op;
    struct sg_pickle_input in;
    int python;
    struct sg_pickle stack; /* its children                                */
    struct sg_pickle memo;  /* pairs of number and value, the last wins    */
    struct sg_pickle *result;
};

/* ---- the stack -------------------------------------------------------- */

static bool push(struct machine *m, struct sg_pickle *value)
{
    return value != NULL && sg_pickle_push(m->op, &m->stack, value);
}

/* NULL: nothing there, or a mark, which is not a value. */
static struct sg_pickle *top(const struct machine *m)
{
    struct sg_pickle *value =
        m->stack.n == 0 ? NULL : m->stack.child[m->stack.n - 1];

    return value == NULL || value->kind == SG_PICKLE_MARK ? NULL : value;
}

static struct sg_pickle *pop(struct machine *m)
{
    struct sg_pickle *value = top(m);

    if (value != NULL)
        m->stack.n--;
    return value;
}

static bool push_kind(struct machine *m, enum sg_pickle_kind kind)
{
    return push(m, sg_pickle_new(m->op, kind));
}

static bool push_millionths(struct machine *m, int64_t millionths)
{
    struct sg_pickle *value = sg_pickle_new(m->op, SG_PICKLE_NUMBER);

    if (value != NULL)
        value->millionths = millionths;
    return push(m, value);
}

static bool push_integer(struct machine *m, int64_t value)
{
    int64_t limit = INT64_MAX / 4000000;

    value = value > limit ? limit : value < -limit ? -limit : value;
    return push_millionths(m, value * 1000000);
}

static bool push_bytes(struct machine *m, const uint8_t *bytes, size_t length)
{
    struct sg_pickle *value = sg_pickle_new(m->op, SG_PICKLE_BYTES);

    if (value != NULL) {
        value->bytes = bytes;
        value->length = length;
    }
    return push(m, value);
}

/* All above the last mark becomes `to`'s, and the mark goes. */
static bool pop_to_mark(struct machine *m, struct sg_pickle *to)
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
};
static const char *const known[] = {
    "datetime datetime", "dogpile.cache.api CachedValue",
    "_codecs encode",    "copyreg _reconstructor",
    "builtins tuple",    "builtins object",
};

static bool push_class(struct machine *m, const uint8_t *module,
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
    return push(m, value);
}

static bool do_global(struct machine *m)
{
    const uint8_t *module, *name;
    size_t module_length, name_length;

    return sg_pickle_take_line(&m->in, &module, &module_length) &&
           sg_pickle_take_line(&m->in, &name, &name_length) &&
           push_class(m, module, module_length, name, name_length);
}

static bool do_stack_global(struct machine *m)
{
    struct sg_pickle *name = pop(m), *module = pop(m);

    return name != NULL && module != NULL && name->kind == SG_PICKLE_TEXT &&
           module->kind == SG_PICKLE_TEXT &&
           push_class(m, module->bytes, module->length, name->bytes,
                      name->length);
}

/* REDUCE and NEWOBJ are the same to the few classes that there are, but that
 * a function is no class. */
static bool do_call(struct machine *m, bool is_new)
{
    struct sg_pickle *args = pop(m), *callee = pop(m);

    if (args == NULL || callee == NULL ||
        (is_new && callee->kind == SG_PICKLE_CLASS &&
         (sg_pickle_is(callee, "_codecs encode") ||
          sg_pickle_is(callee, "copyreg _reconstructor"))))
        return false;
    return push(m, sg_pickle_call(m->op, callee, args));
}

/* ---- containers ------------------------------------------------------- */

static bool do_tuple(struct machine *m, size_t n)
{
    struct sg_pickle *tuple = sg_pickle_new(m->op, SG_PICKLE_TUPLE);

    if (tuple == NULL || m->stack.n < n)
        return false;
    for (size_t i = m->stack.n - n; i < m->stack.n; i++)
        if (m->stack.child[i]->kind == SG_PICKLE_MARK ||
            !sg_pickle_push(m->op, tuple, m->stack.child[i]))
            return false;
    m->stack.n -= n;
    return push(m, tuple);
}

static bool do_marked(struct machine *m, enum sg_pickle_kind kind)
{
    struct sg_pickle *value = sg_pickle_new(m->op, kind);

    if (!pop_to_mark(m, value))
        return false;
    if (kind != SG_PICKLE_DICT)
        return push(m, value);
    if (value->n % 2 != 0)
        return false;
    for (size_t i = 0; i < value->n; i += 2)
        if (value->child[i]->kind == SG_PICKLE_LIST ||
            value->child[i]->kind == SG_PICKLE_DICT)
            return false; /* unhashable */
    return push(m, value);
}

static bool add_items(struct machine *m, struct sg_pickle *dict,
                      const struct sg_pickle *items)
{
    if (dict == NULL || items->n % 2 != 0 ||
        (items->n > 0 && dict->kind != SG_PICKLE_DICT))
        return false;
    for (size_t i = 0; i < items->n; i++) {
        enum sg_pickle_kind kind = items->child[i]->kind;
        if (i % 2 == 0 && (kind == SG_PICKLE_LIST || kind == SG_PICKLE_DICT))
            return false;
        if (!sg_pickle_push(m->op, dict, items->child[i]))
            return false;
    }
    return true;
}

static bool do_setitem(struct machine *m)
{
    struct sg_pickle pair = {.kind = SG_PICKLE_TUPLE};
    struct sg_pickle *value = pop(m), *key = pop(m);

    return value != NULL && key != NULL && sg_pickle_push(m->op, &pair, key) &&
           sg_pickle_push(m->op, &pair, value) && add_items(m, top(m), &pair);
}

static bool do_setitems(struct machine *m)
{
    struct sg_pickle items = {.kind = SG_PICKLE_TUPLE};

    return pop_to_mark(m, &items) && add_items(m, top(m), &items);
}

static bool do_append(struct machine *m)
{
    struct sg_pickle *value = pop(m), *list = top(m);

    return value != NULL && list != NULL && list->kind == SG_PICKLE_LIST &&
           sg_pickle_push(m->op, list, value);
}

static bool do_appends(struct machine *m)
{
    struct sg_pickle items = {.kind = SG_PICKLE_TUPLE};
    struct sg_pickle *list;

    if (!pop_to_mark(m, &items) || (list = top(m)) == NULL ||
        (items.n > 0 && list->kind != SG_PICKLE_LIST))
        return false;
    for (size_t i = 0; i < items.n; i++)
        if (!sg_pickle_push(m->op, list, items.child[i]))
            return false;
    return true;
}

/* ---- the memo --------------------------------------------------------- */

static bool memo_put(struct machine *m, uint64_t number)
{
    struct sg_pickle *key, *value = top(m);

    if (value == NULL || number > UINT32_MAX)
        return false;
    key = sg_pickle_new(m->op, SG_PICKLE_NUMBER);
    if (key == NULL)
        return false;
    key->millionths = (int64_t)number;
    return sg_pickle_push(m->op, &m->memo, key) &&
           sg_pickle_push(m->op, &m->memo, value);
}

static bool memo_get(struct machine *m, uint64_t number)
{
    for (size_t i = m->memo.n; i >= 2; i -= 2)
        if ((uint64_t)m->memo.child[i - 2]->millionths == number)
            return push(m, m->memo.child[i - 1]);
    return false;
}

static bool take_index(struct machine *m, uint64_t *ret)
{
    const uint8_t *line;
    size_t length;
    int64_t millionths;

    if (!sg_pickle_take_line(&m->in, &line, &length) ||
        !sg_pickle_number(line, length, false, &millionths) || millionths < 0)
        return false;
    *ret = (uint64_t)(millionths / 1000000);
    return true;
}

/* MEMOIZE numbers by how many there are, each counted once. */
static bool memoize(struct machine *m)
{
    uint64_t n = 0;

    for (size_t i = 0; i < m->memo.n; i += 2) {
        bool is_first = true;
        for (size_t j = 0; j < i && is_first; j += 2)
            is_first =
                m->memo.child[j]->millionths != m->memo.child[i]->millionths;
        n += is_first;
    }
    return n < 4096 && memo_put(m, n);
}

/* ---- values ----------------------------------------------------------- */

static bool do_line(struct machine *m, uint8_t opcode)
{
    const uint8_t *line;
    size_t length;
    int64_t millionths;

    if (!sg_pickle_take_line(&m->in, &line, &length))
        return false;
    switch (opcode) {
    case 'S':
        return push(m, sg_pickle_quoted(m->op, line, length, m->python));
    case 'V':
        return push(m, sg_pickle_escaped(m->op, line, length));
    case 'L':
        length -= length > 0 && line[length - 1] == 'L';
        break;
    default:
        break;
    }
    return sg_pickle_number(line, length, opcode == 'F', &millionths) &&
           push_millionths(m, millionths);
}

/* IEEE 754, big-endian. What is no number is later than everything. */
static bool do_float(struct machine *m)
{
    const uint8_t *at = sg_pickle_take(&m->in, 8);
    uint64_t bits = 0;
    double value;

    if (at == NULL)
        return false;
    for (size_t i = 0; i < 8; i++)
        bits = bits << 8 | at[i];
    memcpy(&value, &bits, sizeof value);
    if (value <= -1e12)
        return push_integer(m, INT64_MIN / 2);
    if (!(value < 1e12))
        return push_integer(m, INT64_MAX / 2);
    return push_millionths(m, (int64_t)(value * 1e6));
}

/* LONG1, LONG4: two's complement, little-endian, any length. */
static bool do_long(struct machine *m, size_t n)
{
    const uint8_t *bytes;
    size_t length;
    int64_t value = 0;

    if (!sg_pickle_take_counted(&m->in, n, &bytes, &length))
        return false;
    if (length > 7)
        return push_integer(m, bytes[length - 1] & 0x80 ? INT64_MIN / 2
                                                        : INT64_MAX / 2);
    for (size_t i = 0; i < length; i++)
        value |= (int64_t)bytes[i] << (8 * i);
    if (length > 0 && bytes[length - 1] & 0x80)
        value -= (int64_t)1 << (8 * length);
    return push_integer(m, value);
}

static bool do_counted(struct machine *m, uint8_t opcode)
{
    static const struct {
        uint8_t opcode, width;
        char what;
    } table[] = {{'X', 4, 'u'}, {0x8c, 1, 'u'}, {0x8d, 8, 'u'}, {'U', 1, 's'},
                 {'T', 4, 's'}, {'C', 1, 'b'},  {'B', 4, 'b'},  {0x8e, 8, 'b'}};
    const uint8_t *bytes;
    size_t length, i = 0;

    while (i < sizeof table / sizeof *table && table[i].opcode != opcode)
        i++;
    if (i == sizeof table / sizeof *table ||
        !sg_pickle_take_counted(&m->in, table[i].width, &bytes, &length))
        return false;
    if (table[i].what == 'u')
        return push(m, sg_pickle_utf8(m->op, bytes, length));
    if (table[i].what == 's' && m->python != 2) {
        for (size_t k = 0; k < length; k++)
            if (bytes[k] >= 0x80)
                return false;
        return push(m, sg_pickle_utf8(m->op, bytes, length));
    }
    return push_bytes(m, bytes, length);
}

static bool do_memo(struct machine *m, uint8_t opcode)
{
    uint64_t number;

    switch (opcode) {
    case 'p':
        return take_index(m, &number) && memo_put(m, number);
    case 'g':
        return take_index(m, &number) && memo_get(m, number);
    case 'q':
        return sg_pickle_take_number(&m->in, 1, &number) && memo_put(m, number);
    case 'r':
        return sg_pickle_take_number(&m->in, 4, &number) && memo_put(m, number);
    case 'h':
        return sg_pickle_take_number(&m->in, 1, &number) && memo_get(m, number);
    case 'j':
        return sg_pickle_take_number(&m->in, 4, &number) && memo_get(m, number);
    default:
        return memoize(m);
    }
}

static bool do_proto(struct machine *m)
{
    uint64_t version;

    return sg_pickle_take_number(&m->in, 1, &version) && version <= 5;
}

static bool do_frame(struct machine *m)
{
    uint64_t length;

    return sg_pickle_take_number(&m->in, 8, &length) && length <= m->in.left;
}

static bool do_int(struct machine *m, size_t width)
{
    uint64_t value;

    return sg_pickle_take_number(&m->in, width, &value) &&
           push_integer(m, width == 4 ? (int32_t)value : (int64_t)value);
}

static bool do_dup(struct machine *m)
{
    return push(m, top(m));
}

static bool do_pop(struct machine *m)
{
    if (m->stack.n == 0)
        return false;
    m->stack.n--;
    return true;
}

static bool do_pop_mark(struct machine *m)
{
    struct sg_pickle gone = {.kind = SG_PICKLE_TUPLE};

    return pop_to_mark(m, &gone);
}

/* ---- the machine ------------------------------------------------------ */

static bool step(struct machine *m, uint8_t opcode)
{
    switch (opcode) {
    case '(':
        return push_kind(m, SG_PICKLE_MARK);
    case '0':
        return do_pop(m);
    case '1':
        return do_pop_mark(m);
    case '2':
        return do_dup(m);
    case 'N':
        return push_kind(m, SG_PICKLE_NONE);
    case 0x88:
        return push_integer(m, 1);
    case 0x89:
        return push_integer(m, 0);
    case 'I':
    case 'L':
    case 'F':
    case 'S':
    case 'V':
        return do_line(m, opcode);
    case 'J':
        return do_int(m, 4);
    case 'K':
        return do_int(m, 1);
    case 'M':
        return do_int(m, 2);
    case 0x8a:
        return do_long(m, 1);
    case 0x8b:
        return do_long(m, 4);
    case 'G':
        return do_float(m);
    case ')':
        return push_kind(m, SG_PICKLE_TUPLE);
    case ']':
        return push_kind(m, SG_PICKLE_LIST);
    case '}':
        return push_kind(m, SG_PICKLE_DICT);
    case 't':
        return do_marked(m, SG_PICKLE_TUPLE);
    case 'l':
        return do_marked(m, SG_PICKLE_LIST);
    case 'd':
        return do_marked(m, SG_PICKLE_DICT);
    case 0x85:
    case 0x86:
    case 0x87:
        return do_tuple(m, opcode - 0x84u);
    case 'a':
        return do_append(m);
    case 'e':
        return do_appends(m);
    case 's':
        return do_setitem(m);
    case 'u':
        return do_setitems(m);
    case 'c':
        return do_global(m);
    case 0x93:
        return do_stack_global(m);
    case 'R':
        return do_call(m, false);
    case 0x81:
        return do_call(m, true);
    case 0x80:
        return do_proto(m);
    case 0x95:
        return do_frame(m);
    case 'p':
    case 'g':
    case 'q':
    case 'r':
    case 'h':
    case 'j':
    case 0x94:
        return do_memo(m, opcode);
    default:
        return do_counted(m, opcode);
    }
}

struct sg_pickle *sg_pickle_read(struct sg_op *op, const uint8_t *bytes,
                                 size_t length, int python)
{
    struct machine m = {.op = op, .in = {bytes, length}, .python = python};
    const uint8_t *opcode;

    while ((opcode = sg_pickle_take(&m.in, 1)) != NULL) {
        if (*opcode == '.')
            return pop(&m);
        if (!step(&m, *opcode))
            return NULL;
    }
    return NULL;
}
