/* SPDX-License-Identifier: Apache-2.0
 * watch.c - a live view of a fleet that is rolled.
 */
#include "watch.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define BAR 40

static void print_bar(FILE *to, const struct fleet *f)
{
    struct count c = report_count(f);
    size_t full = c.awaited > 0 ? BAR * c.moved / c.awaited : 0;

    fputc('[', to);
    for (size_t i = 0; i < BAR; i++)
        fputc(i < full ? '#' : '.', to);
    fprintf(to, "] %zu/%zu moved, %.0f s\n", c.moved, c.awaited,
            (double)(f->now_ms - f->began_ms) / 1000);
}

static size_t rows(FILE *to)
{
    struct winsize size;

    return ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_row > 0
               ? size.ws_row
               : 24;
}

static bool has_moved(const struct host *h)
{
    return host_is_up(h, NEW) || !host_is_awaited(h);
}

/* As many hosts as there is room for; who has not moved comes first. */
static void print_screen(FILE *to, const struct fleet *f)
{
    size_t room = rows(to), shown = 0;

    room = room > 7 ? room - 6 : 1;
    fputs("\033[H\033[2J", to);
    print_bar(to, f);
    report_line(to, f);
    fputs("\n\n", to);
    report_heading(to);
    for (int moved = 0; moved < 2; moved++)
        for (size_t i = 0; i < f->n_hosts && shown < room; i++) {
            if (has_moved(&f->hosts[i]) != (moved == 1))
                continue;
            report_host(to, f, &f->hosts[i]);
            shown++;
        }
    if (shown < f->n_hosts)
        fprintf(to, "... and %zu more\n", f->n_hosts - shown);
}

void watch_show(FILE *to, const struct fleet *f, bool is_screen)
{
    if (is_screen) {
        print_screen(to, f);
    } else if (f->n_looks == 1) {
        report_table(to, f);
    } else if (report_changes(to, f) > 0) {
        fprintf(to, "%7.1f s  ", (double)(f->now_ms - f->began_ms) / 1000);
        report_line(to, f);
        fputc('\n', to);
    }
}
