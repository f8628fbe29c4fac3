/* SPDX-License-Identifier: Apache-2.0
 * pickle.h - enough of Python's pickle to know what a nova service stored.
 *
 * Nothing is executed: a class is a name, and only the few that such values
 * are made of are known. Any other name is what it would be to a Python that
 * has no such module: an error. Protocols 0 to 4, as python-memcached and
 * dogpile write them.
 */
#ifndef SG_LEGACY_PICKLE_H
#define SG_LEGACY_PICKLE_H

#include "backend.h"

enum sg_pickle_kind {
    SG_PICKLE_NONE,
    SG_PICKLE_NUMBER, /* bool, int, float                             */
    SG_PICKLE_TEXT,
    SG_PICKLE_BYTES,
    SG_PICKLE_TUPLE,
    SG_PICKLE_LIST,
    SG_PICKLE_DICT,
    SG_PICKLE_CLASS,    /* a name: "module name"                        */
    SG_PICKLE_DATETIME, /* datetime.datetime                            */
    SG_PICKLE_CACHED,   /* dogpile's CachedValue: children as in TUPLE  */
    SG_PICKLE_SET,      /* a set: its items are nobody's business       */
    SG_PICKLE_OTHER,    /* anything else that is not None               */
    SG_PICKLE_MARK,     /* on the machine's stack only                  */
};

struct sg_pickle {
    enum sg_pickle_kind kind;
    int64_t millionths;   /* NUMBER, saturated; DATETIME: Unix us         */
    const uint8_t *bytes; /* TEXT (Latin-1), BYTES, CLASS                 */
    size_t length;
    bool is_wide;             /* TEXT: holds more than Latin-1                */
    bool is_float;            /* NUMBER                                       */
    struct sg_pickle **child; /* TUPLE, LIST; DICT: key, value, key, ...     */
    size_t n, room;
};

/* What such a value would become, in memory of the op. NULL: Python would
 * raise (or there is no memory: then op->reason is SG_NO_MEMORY). `python`:
 * 2 or 3, who differ in what a plain string may hold. Total. */
struct sg_pickle *sg_pickle_read(struct sg_op *op, const uint8_t *bytes,
                                 size_t length, int python);

/* The last value set under a text key; NULL: none. Only to Python 2 is a key
 * of bytes the same. */
const struct sg_pickle *sg_pickle_item(const struct sg_pickle *dict,
                                       const char *key, int python);

/* pickle_make.c: what calling a class gives; NULL: Python would raise. */
struct sg_pickle *sg_pickle_call(struct sg_op *op,
                                 const struct sg_pickle *callee,
                                 const struct sg_pickle *args);
struct sg_pickle *sg_pickle_new(struct sg_op *op, enum sg_pickle_kind kind);
bool sg_pickle_push(struct sg_op *op, struct sg_pickle *to,
                    struct sg_pickle *child);
bool sg_pickle_is(const struct sg_pickle *value, const char *text);
/* A tuple, or a CachedValue, which is one. */
bool sg_pickle_is_tuple(const struct sg_pickle *value);
/* May be the key of a dict. */
bool sg_pickle_is_key(const struct sg_pickle *value);

/* pickle_text.c: the texts of opcodes; NULL: Python would raise. */
struct sg_pickle *sg_pickle_quoted(struct sg_op *op, const uint8_t *line,
                                   size_t length, int python);
struct sg_pickle *sg_pickle_escaped(struct sg_op *op, const uint8_t *line,
                                    size_t length);
struct sg_pickle *sg_pickle_utf8(struct sg_op *op, const uint8_t *bytes,
                                 size_t length);

/* pickle_number.c: numbers as text. */
bool sg_pickle_float(const uint8_t *line, size_t length,
                     int64_t *ret_millionths);
/* As int() does, in base 10, or 0: by the prefix. */
bool sg_pickle_integer(const uint8_t *line, size_t length, int base,
                       int64_t *ret_millionths);

#endif
