/* SPDX-License-Identifier: Apache-2.0
 * pickle_make.c - what the classes make of their arguments that nova's values
 * are written with.
 */
#include "pickle.h"

#include <string.h>

struct sg_pickle *sg_pickle_new(struct sg_op *op, enum sg_pickle_kind kind)
{
    struct sg_pickle *value = sg_op_alloc(op, sizeof *value);

    if (value != NULL)
        value->kind = kind;
    else
        op->reason = SG_NO_MEMORY;
    return value;
}

bool sg_pickle_push(struct sg_op *op, struct sg_pickle *to,
                    struct sg_pickle *child)
{
    struct sg_pickle **more;

    if (to->n == to->room) {
        size_t room = to->room == 0 ? 4 : 2 * to->room;
        more = sg_op_alloc(op, room * sizeof *more);
        if (more == NULL) {
            op->reason = SG_NO_MEMORY;
            return false;
        }
        if (to->n > 0)
            memcpy(more, to->child, to->n * sizeof *more);
        to->child = more;
        to->room = room;
    }
    to->child[to->n++] = child;
    return true;
}

bool sg_pickle_is(const struct sg_pickle *value, const char *text)
{
    return !value->is_wide && value->length == strlen(text) &&
           memcmp(value->bytes, text, value->length) == 0;
}

bool sg_pickle_is_tuple(const struct sg_pickle *value)
{
    return value->kind == SG_PICKLE_TUPLE || value->kind == SG_PICKLE_CACHED;
}

/* So deep no key of anybody's is. */
#define KEY_DEPTH_MAX 50

static bool is_key(const struct sg_pickle *value, int depth)
{
    if (value->kind == SG_PICKLE_LIST || value->kind == SG_PICKLE_DICT ||
        value->kind == SG_PICKLE_SET || depth > KEY_DEPTH_MAX)
        return false;
    for (size_t i = 0; sg_pickle_is_tuple(value) && i < value->n; i++)
        if (!is_key(value->child[i], depth + 1))
            return false;
    return true;
}

bool sg_pickle_is_key(const struct sg_pickle *value)
{
    return is_key(value, 0);
}

const struct sg_pickle *sg_pickle_item(const struct sg_pickle *dict,
                                       const char *key, int python)
{
    for (size_t i = dict->n; i >= 2; i -= 2) {
        const struct sg_pickle *k = dict->child[i - 2];
        if ((k->kind == SG_PICKLE_TEXT ||
             (k->kind == SG_PICKLE_BYTES && python == 2)) &&
            sg_pickle_is(k, key))
            return dict->child[i - 1];
    }
    return NULL;
}

/* ---- datetime --------------------------------------------------------- */

/* Days from 1970 to a date of the Gregorian calendar. */
static int64_t days(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month > 2 ? year : year - 1, era = y / 400, in_era = y % 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year -
           719468;
}

static struct sg_pickle *moment(struct sg_op *op, const int64_t part[7])
{
    struct sg_pickle *value = sg_pickle_new(op, SG_PICKLE_DATETIME);
    int64_t seconds = days(part[0], part[1], part[2]) * 86400 + part[3] * 3600 +
                      part[4] * 60 + part[5];

    if (value != NULL)
        value->millionths = seconds * 1000000 + part[6];
    return value;
}

/* The ten bytes of its state: only the month is looked at (_datetimemodule.c:
 * MONTH_IS_SANE). */
static struct sg_pickle *from_state(struct sg_op *op,
                                    const struct sg_pickle *state)
{
    const uint8_t *s = state->bytes;
    int64_t part[7];

    if (state->length != 10 || state->is_wide || (s[2] & 0x7f) < 1 ||
        (s[2] & 0x7f) > 12)
        return NULL;
    part[0] = s[0] << 8 | s[1];
    part[1] = s[2] & 0x7f;
    for (size_t i = 2; i < 6; i++)
        part[i] = s[i + 1];
    part[6] = s[7] << 16 | s[8] << 8 | s[9];
    return moment(op, part);
}

static struct sg_pickle *from_numbers(struct sg_op *op,
                                      const struct sg_pickle *args)
{
    static const int64_t least[] = {1, 1, 1, 0, 0, 0, 0};
    static const int64_t most[] = {9999, 12, 31, 23, 59, 59, 999999};
    static const int length[] = {31, 28, 31, 30, 31, 30,
                                 31, 31, 30, 31, 30, 31};
    int64_t part[7] = {0};
    bool is_leap;

    if (args->n < 3 || args->n > 8 ||
        (args->n == 8 && args->child[7]->kind != SG_PICKLE_NONE))
        return NULL;
    for (size_t i = 0; i < args->n && i < 7; i++) {
        const struct sg_pickle *arg = args->child[i];
        if (arg->kind != SG_PICKLE_NUMBER || arg->is_float)
            return NULL;
        part[i] = arg->millionths / 1000000;
        if (part[i] < least[i] || part[i] > most[i])
            return NULL;
    }
    is_leap = part[0] % 4 == 0 && (part[0] % 100 != 0 || part[0] % 400 == 0);
    if (part[2] > length[part[1] - 1] + (is_leap && part[1] == 2))
        return NULL;
    return moment(op, part);
}

static struct sg_pickle *datetime(struct sg_op *op,
                                  const struct sg_pickle *args)
{
    const struct sg_pickle *first;

    /* The second would be a time zone. */
    if (args->n != 1 &&
        (args->n != 2 || args->child[1]->kind != SG_PICKLE_NONE))
        return from_numbers(op, args);
    first = args->child[0];
    return first->kind == SG_PICKLE_BYTES || first->kind == SG_PICKLE_TEXT
               ? from_state(op, first)
               : NULL;
}

/* ---- the others ------------------------------------------------------- */

static struct sg_pickle *encode(struct sg_op *op, const struct sg_pickle *args)
{
    struct sg_pickle *bytes;
    const struct sg_pickle *text;

    if (args->n != 2 || args->child[0]->kind != SG_PICKLE_TEXT ||
        args->child[0]->is_wide ||
        (args->child[1]->kind != SG_PICKLE_TEXT &&
         args->child[1]->kind != SG_PICKLE_BYTES) ||
        (!sg_pickle_is(args->child[1], "latin1") &&
         !sg_pickle_is(args->child[1], "latin-1")))
        return NULL;
    bytes = sg_pickle_new(op, SG_PICKLE_BYTES);
    text = args->child[0];
    if (bytes != NULL) {
        bytes->bytes = text->bytes;
        bytes->length = text->length;
    }
    return bytes;
}

static struct sg_pickle *cached(struct sg_op *op, const struct sg_pickle *items)
{
    struct sg_pickle *value = sg_pickle_new(op, SG_PICKLE_CACHED);

    for (size_t i = 0; i < items->n && value != NULL; i++)
        if (!sg_pickle_push(op, value, items->child[i]))
            return NULL;
    return value;
}

/* builtins.tuple(); of a dict or a text it would be of keys or characters,
 * which are no time of caching, whoever they are. */
static struct sg_pickle *tuple(struct sg_op *op, enum sg_pickle_kind kind,
                               const struct sg_pickle *items)
{
    static const struct sg_pickle nothing = {.kind = SG_PICKLE_TUPLE};
    struct sg_pickle *value;

    switch (items->kind) {
    case SG_PICKLE_TUPLE:
    case SG_PICKLE_CACHED:
    case SG_PICKLE_LIST:
        break;
    case SG_PICKLE_TEXT:
    case SG_PICKLE_BYTES:
    case SG_PICKLE_DICT:
    case SG_PICKLE_SET:
        items = &nothing;
        break;
    default:
        return NULL;
    }
    value = cached(op, items);
    if (value != NULL)
        value->kind = kind;
    return value;
}

static bool is_class(const struct sg_pickle *value, const char *name)
{
    return value->kind == SG_PICKLE_CLASS && sg_pickle_is(value, name);
}

/* copyreg._reconstructor(class, base, state): base.__new__(class, state) */
static struct sg_pickle *reconstruct(struct sg_op *op,
                                     const struct sg_pickle *args)
{
    bool is_cached;

    if (args->n != 3)
        return NULL;
    is_cached = is_class(args->child[0], "dogpile.cache.api CachedValue");
    if (is_class(args->child[0], "builtins object") &&
        is_class(args->child[1], "builtins object"))
        return sg_pickle_new(op, SG_PICKLE_OTHER);
    if ((!is_cached && !is_class(args->child[0], "builtins tuple")) ||
        !is_class(args->child[1], "builtins tuple"))
        return NULL;
    return tuple(op, is_cached ? SG_PICKLE_CACHED : SG_PICKLE_TUPLE,
                 args->child[2]);
}

/* What the classes of Python itself make of none, or one of their own. */
static struct sg_pickle *builtin(struct sg_op *op,
                                 const struct sg_pickle *callee,
                                 const struct sg_pickle *args)
{
    if (is_class(callee, "builtins object"))
        return args->n == 0 ? sg_pickle_new(op, SG_PICKLE_OTHER) : NULL;
    if (is_class(callee, "builtins bytes"))
        return args->n == 0 ? sg_pickle_new(op, SG_PICKLE_BYTES) : NULL;
    if (is_class(callee, "builtins tuple") && args->n == 0)
        return sg_pickle_new(op, SG_PICKLE_TUPLE);
    if (is_class(callee, "builtins tuple") && args->n == 1)
        return tuple(op, SG_PICKLE_TUPLE, args->child[0]);
    return NULL;
}

struct sg_pickle *sg_pickle_call(struct sg_op *op,
                                 const struct sg_pickle *callee,
                                 const struct sg_pickle *args)
{
    if (callee->kind != SG_PICKLE_CLASS || !sg_pickle_is_tuple(args))
        return NULL;
    if (sg_pickle_is(callee, "datetime datetime"))
        return datetime(op, args);
    if (sg_pickle_is(callee, "dogpile.cache.api CachedValue"))
        return args->n == 2 ? cached(op, args) : NULL;
    if (sg_pickle_is(callee, "_codecs encode"))
        return encode(op, args);
    if (sg_pickle_is(callee, "copyreg _reconstructor"))
        return reconstruct(op, args);
    return builtin(op, callee, args);
}
