/* SPDX-License-Identifier: Apache-2.0
 * fail.c - the allocations of the driver fail when asked.
 */
#include "fail.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands behind names of libc has no other place to keep its state. */
static struct {
    atomic_bool is_armed, is_for_good;
    atomic_long left, failed;
} state;

void fail_arm(long n, bool for_good)
{
    atomic_store(&state.left, n);
    atomic_store(&state.failed, 0);
    atomic_store(&state.is_for_good, for_good);
    atomic_store(&state.is_armed, true);
}

long fail_disarm(void)
{
    atomic_store(&state.is_armed, false);
    return atomic_load(&state.failed);
}

static bool fails(void)
{
    long left;

    if (!atomic_load(&state.is_armed))
        return false;
    left = atomic_fetch_sub(&state.left, 1);
    if (left > 1 || (left < 1 && !atomic_load(&state.is_for_good)))
        return false;
    atomic_fetch_add(&state.failed, 1);
    errno = ENOMEM;
    return true;
}

/* ---- what the driver calls -------------------------------------------- */

void *oom_malloc(size_t bytes);
void *oom_calloc(size_t n, size_t bytes);
void *oom_realloc(void *at, size_t bytes);
char *oom_strdup(const char *text);
char *oom_strndup(const char *text, size_t most);
int oom_asprintf(char **ret_text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int oom_pthread_create(pthread_t *ret_thread, const pthread_attr_t *attr,
                       void *(*run)(void *arg), void *arg);

void *oom_malloc(size_t bytes)
{
    return fails() ? NULL : malloc(bytes);
}

void *oom_calloc(size_t n, size_t bytes)
{
    return fails() ? NULL : calloc(n, bytes);
}

void *oom_realloc(void *at, size_t bytes)
{
    return fails() ? NULL : realloc(at, bytes);
}

char *oom_strdup(const char *text)
{
    return fails() ? NULL : strdup(text);
}

char *oom_strndup(const char *text, size_t most)
{
    return fails() ? NULL : strndup(text, most);
}

/* After a failure *ret_text means nothing (asprintf(3)). */
int oom_asprintf(char **ret_text, const char *format, ...)
{
    va_list list;
    int n;

    if (fails())
        return -1;
    va_start(list, format);
    n = vasprintf(ret_text, format, list);
    va_end(list);
    return n;
}

int oom_pthread_create(pthread_t *ret_thread, const pthread_attr_t *attr,
                       void *(*run)(void *arg), void *arg)
{
    return fails() ? EAGAIN : pthread_create(ret_thread, attr, run, arg);
}
