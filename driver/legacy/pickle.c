/* SPDX-License-Identifier: Apache-2.0
 * pickle.c - the stack machine that a pickle is a program for.
 *
 * github.com/python/cpython/blob/3.11/Lib/pickletools.py says what each opcode
 * does. What is not here (persistent ids, extensions, buffers) makes the pickle
 * one that cannot be read.
 */
#include "pickle_machine.h"

#include <string.h>

static bool push_millionths(struct sg_pickle_machine *m, int64_t millionths)
{
    struct sg_pickle *value = sg_pickle_new(m->op, SG_PICKLE_NUMBER);

    if (value != NULL)
        value->millionths = millionths;
    return sg_pickle_put(m, value);
}

static bool push_float(struct sg_pickle_machine *m, int64_t millionths)
{
    if (!push_millionths(m, millionths))
        return false;
    sg_pickle_top(m)->is_float = true;
    return true;
}

static bool push_integer(struct sg_pickle_machine *m, int64_t value)
{
    int64_t limit = INT64_MAX / 4000000;

    value = value > limit ? limit : value < -limit ? -limit : value;
    return push_millionths(m, value * 1000000);
}

static bool push_bytes(struct sg_pickle_machine *m, const uint8_t *bytes,
                       size_t length)
{
    struct sg_pickle *value = sg_pickle_new(m->op, SG_PICKLE_BYTES);

    if (value != NULL) {
        value->bytes = bytes;
        value->length = length;
    }
    return sg_pickle_put(m, value);
}

/* ---- the memo --------------------------------------------------------- */

static bool memo_put(struct sg_pickle_machine *m, uint64_t number)
{
    struct sg_pickle *key, *value = sg_pickle_top(m);

    if (value == NULL || number > UINT32_MAX)
        return false;
    key = sg_pickle_new(m->op, SG_PICKLE_NUMBER);
    if (key == NULL)
        return false;
    key->millionths = (int64_t)number;
    return sg_pickle_push(m->op, &m->memo, key) &&
           sg_pickle_push(m->op, &m->memo, value);
}

static bool memo_get(struct sg_pickle_machine *m, uint64_t number)
{
    for (size_t i = m->memo.n; i >= 2; i -= 2)
        if ((uint64_t)m->memo.child[i - 2]->millionths == number)
            return sg_pickle_put(m, m->memo.child[i - 1]);
    return false;
}

static bool take_index(struct sg_pickle_machine *m, uint64_t *ret)
{
    const uint8_t *line;
    size_t length;
    int64_t millionths;

    if (!sg_pickle_take_line(&m->in, &line, &length) ||
        !sg_pickle_integer(line, strnlen((const char *)line, length), 10,
                           &millionths) ||
        millionths < 0)
        return false;
    *ret = (uint64_t)(millionths / 1000000);
    return true;
}

/* MEMOIZE numbers by how many there are, each counted once. */
static bool memoize(struct sg_pickle_machine *m)
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

/* I00 and I01: False and True. */
static bool is_truth(const uint8_t *line, size_t length)
{
    return length == 2 && line[0] == '0' && (line[1] == '0' || line[1] == '1');
}

/* INT alone is read by C's strtol() first, to whom 010 is eight. */
static bool is_octal(const uint8_t *line, size_t length)
{
    size_t i = length > 0 && (line[0] == '-' || line[0] == '+');

    if (i == length || line[i] != '0')
        return false;
    while (i < length && line[i] >= '0' && line[i] <= '7')
        i++;
    return i == length;
}

static bool do_line(struct sg_pickle_machine *m, uint8_t opcode)
{
    const uint8_t *line;
    size_t length;
    int64_t millionths;
    int base = 0;

    if (!sg_pickle_take_line(&m->in, &line, &length))
        return false;
    switch (opcode) {
    case 'S':
        return sg_pickle_put(m,
                             sg_pickle_quoted(m->op, line, length, m->python));
    case 'V':
        return sg_pickle_put(m, sg_pickle_escaped(m->op, line, length));
    case 'F':
        return sg_pickle_float(line, length, &millionths) &&
               push_float(m, millionths);
    case 'L':
        length -= length > 0 && line[length - 1] == 'L';
        break;
    default:
        if (is_truth(line, length))
            return push_integer(m, line[1] - '0');
        if (is_octal(line, length))
            base = 8;
        break;
    }
    /* Python looks at no more than a C string. */
    length = strnlen((const char *)line, length);
    return sg_pickle_integer(line, length, base, &millionths) &&
           push_millionths(m, millionths);
}

/* IEEE 754, big-endian. What is no number is later than everything. */
static bool do_float(struct sg_pickle_machine *m)
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
        return push_float(m, INT64_MIN / 4);
    if (!(value < 1e12))
        return push_float(m, INT64_MAX / 4);
    return push_float(m, (int64_t)(value * 1e6));
}

/* LONG1, LONG4: two's complement, little-endian, any length. */
static bool do_long(struct sg_pickle_machine *m, size_t n)
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

static bool do_counted(struct sg_pickle_machine *m, uint8_t opcode)
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
        return sg_pickle_put(m, sg_pickle_utf8(m->op, bytes, length));
    if (table[i].what == 's' && m->python != 2) {
        for (size_t k = 0; k < length; k++)
            if (bytes[k] >= 0x80)
                return false;
        return sg_pickle_put(m, sg_pickle_utf8(m->op, bytes, length));
    }
    return push_bytes(m, bytes, length);
}

static bool do_byte_array(struct sg_pickle_machine *m)
{
    const uint8_t *bytes;
    size_t length;

    return sg_pickle_take_counted(&m->in, 8, &bytes, &length) &&
           sg_pickle_put_kind(m, SG_PICKLE_OTHER);
}

static bool do_memo(struct sg_pickle_machine *m, uint8_t opcode)
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

static bool do_proto(struct sg_pickle_machine *m)
{
    uint64_t version;

    return sg_pickle_take_number(&m->in, 1, &version) && version <= 5;
}

static bool do_frame(struct sg_pickle_machine *m)
{
    uint64_t length;

    return sg_pickle_take_number(&m->in, 8, &length) && length <= m->in.left;
}

static bool do_int(struct sg_pickle_machine *m, size_t width)
{
    uint64_t value;

    return sg_pickle_take_number(&m->in, width, &value) &&
           push_integer(m, width == 4 ? (int32_t)value : (int64_t)value);
}

static bool do_dup(struct sg_pickle_machine *m)
{
    return sg_pickle_put(m, sg_pickle_top(m));
}

static bool do_pop(struct sg_pickle_machine *m)
{
    if (m->stack.n == 0)
        return false;
    m->stack.n--;
    return true;
}

static bool do_pop_mark(struct sg_pickle_machine *m)
{
    struct sg_pickle gone = {.kind = SG_PICKLE_TUPLE};

    return sg_pickle_pop_to_mark(m, &gone);
}

/* ---- the machine ------------------------------------------------------ */

static bool step(struct sg_pickle_machine *m, uint8_t opcode)
{
    switch (opcode) {
    case '(':
        return sg_pickle_put_kind(m, SG_PICKLE_MARK);
    case '0':
        return do_pop(m);
    case '1':
        return do_pop_mark(m);
    case '2':
        return do_dup(m);
    case 'N':
        return sg_pickle_put_kind(m, SG_PICKLE_NONE);
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
        return sg_pickle_put_kind(m, SG_PICKLE_TUPLE);
    case ']':
        return sg_pickle_put_kind(m, SG_PICKLE_LIST);
    case '}':
        return sg_pickle_put_kind(m, SG_PICKLE_DICT);
    case 't':
        return sg_pickle_do_marked(m, SG_PICKLE_TUPLE);
    case 'l':
        return sg_pickle_do_marked(m, SG_PICKLE_LIST);
    case 'd':
        return sg_pickle_do_marked(m, SG_PICKLE_DICT);
    case 0x85:
    case 0x86:
    case 0x87:
        return sg_pickle_do_tuple(m, opcode - 0x84u);
    case 'a':
        return sg_pickle_do_append(m);
    case 'e':
        return sg_pickle_do_appends(m);
    case 's':
        return sg_pickle_do_setitem(m);
    case 'u':
        return sg_pickle_do_setitems(m);
    case 'c':
        return sg_pickle_do_global(m);
    case 0x93:
        return sg_pickle_do_stack_global(m);
    case 'R':
        return sg_pickle_do_call(m, false);
    case 0x81:
        return sg_pickle_do_call(m, true);
    case 0x80:
        return do_proto(m);
    case 0x95:
        return do_frame(m);
    case 0x96:
        return do_byte_array(m);
    case 0x92:
        return sg_pickle_do_new_ex(m);
    case 'i':
        return sg_pickle_do_instance(m, true);
    case 'o':
        return sg_pickle_do_instance(m, false);
    case 'b':
        return sg_pickle_do_build(m);
    case 0x8f:
        return sg_pickle_put_kind(m, SG_PICKLE_SET);
    case 0x90:
        return sg_pickle_do_set_items(m, false);
    case 0x91:
        return sg_pickle_do_set_items(m, true);
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
    struct sg_pickle_machine m = {
        .op = op, .in = {bytes, length}, .python = python};
    const uint8_t *opcode;

    while ((opcode = sg_pickle_take(&m.in, 1)) != NULL) {
        if (*opcode == '.')
            return sg_pickle_pop(&m);
        if (!step(&m, *opcode))
            return NULL;
    }
    return NULL;
}
