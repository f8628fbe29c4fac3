/* SPDX-License-Identifier: Apache-2.0
 * shortage.c - malloc() and its kin as the linker's --wrap gives them to what
 * is linked statically: the driver.
 */
#include "shortage.h"

#include <stddef.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

static unsigned left; /* allocations up to the one that fails              */
static bool has_failed;

void fuzz_shortage(unsigned nth)
{
    left = nth;
    has_failed = false;
}

void fuzz_shortage_came(void)
{
    has_failed = true;
}

bool fuzz_was_short(void)
{
    return has_failed;
}

static bool fails(void)
{
    if (left == 0 || --left > 0)
        return false;
    has_failed = true;
    return true;
}

void *__wrap_malloc(size_t bytes)
{
    return fails() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
    return fails() ? NULL : __real_calloc(n, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    return fails() ? NULL : __real_realloc(old, bytes);
}
