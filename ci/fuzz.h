/* SPDX-License-Identifier: Apache-2.0
 * fuzz.h - what every fuzz target begins with: parts of an input, and claims.
 *
 * A target is one file that defines LLVMFuzzerTestOneInput(); libFuzzer brings
 * main(). An input that needs structure is cut into parts by FUZZ_CUT, bytes
 * that no protocol here has, so that a mutation of one part leaves the others
 * where they are.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_CUT "\xff\xf5\xfe"
#define FUZZ_CUT_BYTES 3

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A claim about what was just done; libFuzzer keeps the input that breaks it.*/
#define fuzz_claim(condition)                                                  \
    ((condition) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #condition))

static inline void fuzz_broken(const char *file, int line, const char *claim)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, claim);
    abort();
}

struct fuzz_bytes {
    const uint8_t *at;
    size_t length;
};

/* The next part of what is left of the input; false at its end. */
static inline bool fuzz_part(struct fuzz_bytes *left, struct fuzz_bytes *ret)
{
    const uint8_t *cut;

    if (left->at == NULL)
        return false;
    cut = memmem(left->at, left->length, FUZZ_CUT, FUZZ_CUT_BYTES);
    ret->at = left->at;
    ret->length = cut == NULL ? left->length : (size_t)(cut - left->at);
    left->at = cut == NULL ? NULL : cut + FUZZ_CUT_BYTES;
    left->length -= ret->length + (cut == NULL ? 0 : FUZZ_CUT_BYTES);
    return true;
}

/* The next byte; 0 at the end. */
static inline uint8_t fuzz_byte(struct fuzz_bytes *left)
{
    if (left->length == 0)
        return 0;
    left->length--;
    return *left->at++;
}

/* The same bytes in a block of exactly their size, so that AddressSanitizer
 * sees the first byte read beyond. free() it. */
static inline uint8_t *fuzz_copy(struct fuzz_bytes bytes)
{
    uint8_t *copy = malloc(bytes.length);

    if (bytes.length > 0)
        memcpy(copy, bytes.at, bytes.length);
    return copy;
}

/* The same as a text, which ends at the first NUL. free() it. */
static inline char *fuzz_text(struct fuzz_bytes bytes)
{
    char *copy = malloc(bytes.length + 1);

    if (bytes.length > 0)
        memcpy(copy, bytes.at, bytes.length);
    copy[bytes.length] = '\0';
    return copy;
}

#endif
