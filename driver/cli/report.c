/* SPDX-License-Identifier: Apache-2.0
 * report.c - what is told about a fleet, as text.
 */
#include "report.h"

#include <string.h>

static const char *const store_names[] = {[NEW] = "new", [OLD] = "old"};

struct count report_count(const struct fleet *f)
{
    struct count c = {.total = f->n_hosts};

    for (size_t i = 0; i < f->n_hosts; i++) {
        const struct host *h = &f->hosts[i];
        bool in_new = host_is_up(h, NEW), in_old = host_is_up(h, OLD);
        bool is_awaited = host_is_awaited(h);
        for (int s = 0; s < STORES; s++) {
            c.up[s] += host_is_up(h, s);
            c.silent[s] += h->in[s].verdict.status == SG_UNKNOWN;
        }
        c.both += in_new && in_old;
        c.either += h->either == SG_UP;
        c.missing[NEW] += in_old && !in_new;
        c.missing[OLD] += in_new && !in_old;
        c.unknown += h->either == SG_UNKNOWN;
        c.awaited += is_awaited;
        c.moved += is_awaited && in_new;
    }
    return c;
}

void report_line(FILE *to, const struct fleet *f)
{
    struct count c = report_count(f);

    fprintf(to,
            "%s: %zu/%zu moved, %zu hosts, %zu up in old, %zu in new, %zu in "
            "both, %zu only in old, %zu unknown",
            f->group, c.moved, c.awaited, c.total, c.up[OLD], c.up[NEW], c.both,
            c.missing[NEW], c.unknown);
    for (int s = 0; s < STORES; s++)
        if (c.silent[s] > 0)
            fprintf(to, ", the %s store is silent about %zu", store_names[s],
                    c.silent[s]);
}

/* ---- hosts -------------------------------------------------------------- */

static void name_verdict(const struct sg_verdict *v, char to[60])
{
    snprintf(to, 60, "%s%s%s", sg_status_name(v->status),
             v->reason == SG_NO_REASON ? "" : " ",
             v->reason == SG_NO_REASON ? "" : sg_reason_name(v->reason));
}

static void print_view(FILE *to, const struct fleet *f, const struct host *h,
                       int store)
{
    char text[60];

    name_verdict(&h->in[store].verdict, text);
    fprintf(to, " %-22s %6.1f s", text,
            (double)host_for_ms(f, h, store) / 1000);
}

void report_heading(FILE *to)
{
    fprintf(to, "%-24s %-31s %-31s %s\n", "HOST", "OLD, for", "NEW, for",
            "EITHER");
}

void report_host(FILE *to, const struct fleet *f, const struct host *h)
{
    fprintf(to, "%-24s", h->name);
    print_view(to, f, h, OLD);
    print_view(to, f, h, NEW);
    fprintf(to, " %s%s%s\n", sg_status_name(h->either),
            h->is_disabled ? " disabled" : "",
            h->is_forced_down ? " forced_down" : "");
}

void report_table(FILE *to, const struct fleet *f)
{
    report_heading(to);
    for (size_t i = 0; i < f->n_hosts; i++)
        report_host(to, f, &f->hosts[i]);
    report_line(to, f);
    fputc('\n', to);
}

static size_t print_change(FILE *to, const struct fleet *f,
                           const struct host *h, int store)
{
    const struct view *v = &h->in[store];
    char text[60];

    if (v->before == v->verdict.status)
        return 0;
    name_verdict(&v->verdict, text);
    fprintf(to, "%7.1f s  %s is %s in %s, was %s\n",
            (double)(f->now_ms - f->began_ms) / 1000, h->name, text,
            store_names[store], sg_status_name(v->before));
    return 1;
}

size_t report_changes(FILE *to, const struct fleet *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_hosts; i++)
        for (int s = STORES; s-- > 0;)
            n += print_change(to, f, &f->hosts[i], s);
    return n;
}

/* ---- steps -------------------------------------------------------------- */

static void print_hold(FILE *to, const struct judgement *j, const char *name,
                       const struct hold *hold)
{
    fprintf(to, "  %s %s", name, hold->why);
    if (hold->reason != NULL)
        fprintf(to, " (%s)", hold->reason);
    if (hold->for_ms >= 0 && j->fleet->n_looks > 1)
        fprintf(to, "; for %.1f s", (double)hold->for_ms / 1000);
    fputc('\n', to);
}

void report_verdict(FILE *to, const struct judgement *j)
{
    static const char *const words[] = {"safe", "NOT SAFE", "UNKNOWN"};
    const struct fleet *f = j->fleet;
    struct hold hold;

    fprintf(to, "%s: %s", step_name(j->step), words[step_judge(j)]);
    if (f->n_looks > 1)
        fprintf(to, ", looked for %.1f s, %.1f s are needed",
                (double)(f->now_ms - f->began_ms) / 1000,
                (double)j->needed_ms / 1000);
    fputc('\n', to);
    for (size_t i = 0; i < f->n_hosts; i++) {
        hold = step_host(j, &f->hosts[i]);
        if (hold.why != NULL)
            print_hold(to, j, f->hosts[i].name, &hold);
    }
    for (size_t i = 0; i < j->readers->n; i++) {
        hold = step_reader(j, &j->readers->at[i]);
        if (hold.why != NULL)
            print_hold(to, j, j->readers->at[i].name, &hold);
    }
    if (j->readers->n == 0 && (j->step == STEP_ROLL || j->step == STEP_DROP))
        fputs("  (no store knows who reads it: give --reader NAME=FILE of "
              "each)\n",
              to);
}
