/* SPDX-License-Identifier: Apache-2.0
 * report.c - what is told about a fleet, as text.
 */
#include "report.h"

struct count report_count(const struct fleet *f)
{
    struct count c = {.total = f->n_hosts};

    for (size_t i = 0; i < f->n_hosts; i++) {
        const struct host *h = &f->hosts[i];
        bool in_new = host_is_up(h, NEW), in_old = host_is_up(h, OLD);
        c.up[NEW] += in_new;
        c.up[OLD] += in_old;
        c.both += in_new && in_old;
        c.either += h->either == SG_UP;
        c.missing[NEW] += in_old && !in_new;
        c.missing[OLD] += in_new && !in_old;
        c.unknown += h->either == SG_UNKNOWN;
    }
    return c;
}

void report_line(FILE *to, const struct fleet *f)
{
    struct count c = report_count(f);

    fprintf(to,
            "%s: %zu hosts, %zu up in old, %zu in new, %zu in both, %zu only "
            "in old, %zu unknown",
            f->group, c.total, c.up[OLD], c.up[NEW], c.both, c.missing[NEW],
            c.unknown);
}

static void print_view(FILE *to, const struct fleet *f, const struct host *h,
                       int store)
{
    const struct sg_verdict *v = &h->in[store].verdict;
    char text[60];

    snprintf(text, sizeof text, "%s%s%s", sg_status_name(v->status),
             v->reason == SG_NO_REASON ? "" : " ",
             v->reason == SG_NO_REASON ? "" : sg_reason_name(v->reason));
    fprintf(to, " %-22s %6.1f s", text,
            (double)host_for_ms(f, h, store) / 1000);
}

void report_table(FILE *to, const struct fleet *f)
{
    fprintf(to, "%-24s %-31s %-31s %s\n", "HOST", "OLD, for", "NEW, for",
            "EITHER");
    for (size_t i = 0; i < f->n_hosts; i++) {
        const struct host *h = &f->hosts[i];
        fprintf(to, "%-24s", h->name);
        print_view(to, f, h, OLD);
        print_view(to, f, h, NEW);
        fprintf(to, " %s%s%s\n", sg_status_name(h->either),
                h->is_disabled ? " disabled" : "",
                h->is_forced_down ? " forced_down" : "");
    }
    report_line(to, f);
    fputc('\n', to);
}

void report_verdict(FILE *to, const struct fleet *f, enum step step,
                    int64_t needed_ms)
{
    static const char *const words[] = {"safe", "NOT SAFE", "UNKNOWN"};
    enum safety safety = step_judge(f, step, needed_ms), one;

    fprintf(to, "%s: %s\n", step_name(step), words[safety]);
    for (size_t i = 0; i < f->n_hosts; i++) {
        const char *why = step_holds(f, step, &f->hosts[i], needed_ms, &one);
        if (why != NULL)
            fprintf(to, "  %s %s\n", f->hosts[i].name, why);
    }
}
