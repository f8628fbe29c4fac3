/* SPDX-License-Identifier: Apache-2.0
 * unit.c - the checks of unit.h, and the plain program that runs the table.
 * Last line: "N passed, N failed"; status 1 when one failed or none ran.
 */
#include "unit.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifdef UNIT_CRITERION

void unit_fail(const char *file, int line, const char *format, ...)
{
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    cr_assert_fail("%s:%d: %s", file, line, text);
    __builtin_unreachable();
}

/* A write to a server that has gone is an answer here, not a death. */
__attribute__((constructor)) static void ignore_sigpipe(void)
{
    signal(SIGPIPE, SIG_IGN);
}

#else

static struct unit_row *rows, **rows_end = &rows;
static jmp_buf out_of_test;

void unit_add(struct unit_row *row)
{
    *rows_end = row;
    rows_end = &row->next;
}

void unit_fail(const char *file, int line, const char *format, ...)
{
    va_list list;
    printf("  %s:%d: ", file, line);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
    longjmp(out_of_test, 1);
}

static bool run_one(const struct unit_row *row)
{
    if (setjmp(out_of_test) != 0)
        return false;
    row->run();
    return true;
}

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "";
    unsigned passed = 0, failed = 0;

    signal(SIGPIPE, SIG_IGN);
    for (struct unit_row *row = rows; row != NULL; row = row->next) {
        char name[256];
        snprintf(name, sizeof name, "%s/%s", row->suite, row->name);
        if (strstr(name, only) == NULL)
            continue;
        if (run_one(row)) {
            passed++;
        } else {
            failed++;
            printf("not ok %s\n  again: %s %s\n", name, argv[0], name);
        }
        fflush(stdout);
    }
    printf("%u passed, %u failed\n", passed, failed);
    fflush(stdout); /* LeakSanitizer ends the process before stdio would */
    return passed > 0 && failed == 0 ? 0 : 1;
}

#endif

void unit_true_at(bool is_true, const char *text, const char *file, int line)
{
    if (!is_true)
        unit_fail(file, line, "not true: %s", text);
}

void unit_int_at(int64_t got, int64_t want, const char *text, const char *file,
                 int line)
{
    if (got != want)
        unit_fail(file, line, "%s is %" PRId64 ", want %" PRId64, text, got,
                  want);
}

void unit_text_at(const char *got, const char *want, const char *text,
                  const char *file, int line)
{
    if (got == NULL || want == NULL ? got != want : strcmp(got, want) != 0)
        unit_fail(file, line, "%s is \"%s\", want \"%s\"", text,
                  got == NULL ? "(null)" : got, want == NULL ? "(null)" : want);
}

void unit_bytes_at(const void *got, size_t got_n, const void *want,
                   size_t want_n, const char *text, const char *file, int line)
{
    if (got_n == want_n && (got_n == 0 || memcmp(got, want, got_n) == 0))
        return;
    unit_fail(file, line, "%s: %zu bytes differ from the %zu wanted", text,
              got_n, want_n);
}
