/* SPDX-License-Identifier: Apache-2.0
 * unit.h - one way to write a unit test, two programs that run it.
 *
 * Compiled with -DUNIT_CRITERION a UNIT is a Criterion test (one process
 * each); without, it is a row of a table that ci/unit.c runs in one process,
 * which is the form that memcheck and ThreadSanitizer can judge: under
 * Criterion their findings end in exit status 0.
 *
 *     UNIT(names, a_space_is_refused)
 *     {
 *         unit_true(sg_name_check("a b") != 0);
 *     }
 *
 * A failed check ends its test. What the test allocated before it is lost:
 * a red test may leak.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef UNIT_CRITERION
#include <criterion/criterion.h>
#define UNIT(suite, name) Test(suite, name)
#else
struct unit_row {
    const char *suite, *name;
    void (*run)(void);
    struct unit_row *next;
};
void unit_add(struct unit_row *row);
#define UNIT(suite_, name_)                                                    \
    static void suite_##_##name_(void);                                        \
    __attribute__((constructor)) static void suite_##_##name_##_add(void)      \
    {                                                                          \
        static struct unit_row row = {#suite_, #name_, suite_##_##name_,       \
                                      NULL};                                   \
        unit_add(&row);                                                        \
    }                                                                          \
    static void suite_##_##name_(void)
#endif

/* Ends the test as failed. */
void unit_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4), noreturn));
void unit_true_at(bool is_true, const char *text, const char *file, int line);
void unit_int_at(int64_t got, int64_t want, const char *text, const char *file,
                 int line);
void unit_text_at(const char *got, const char *want, const char *text,
                  const char *file, int line);
void unit_bytes_at(const void *got, size_t got_n, const void *want,
                   size_t want_n, const char *text, const char *file, int line);

#define unit_true(x) unit_true_at((x), #x, __FILE__, __LINE__)
#define unit_int(got, want) unit_int_at((got), (want), #got, __FILE__, __LINE__)
#define unit_text(got, want)                                                   \
    unit_text_at((got), (want), #got, __FILE__, __LINE__)
#define unit_bytes(got, n, want, m)                                            \
    unit_bytes_at((got), (n), (want), (m), #got, __FILE__, __LINE__)

#endif
