/* SPDX-License-Identifier: Apache-2.0
 * report_json.c - what is told about a fleet, as JSON.
 */
#include "report.h"

#include <jansson.h>

static json_t *view(const struct fleet *f, const struct host *h, int store)
{
    const struct sg_verdict *v = &h->in[store].verdict;

    return json_pack("{s:s, s:s, s:f}", "status", sg_status_name(v->status),
                     "reason",
                     v->reason == SG_NO_REASON ? "" : sg_reason_name(v->reason),
                     "for_s", (double)host_for_ms(f, h, store) / 1000);
}

static json_t *host(const struct fleet *f, const struct host *h)
{
    return json_pack("{s:s, s:o, s:o, s:s, s:b, s:b}", "host", h->name, "old",
                     view(f, h, OLD), "new", view(f, h, NEW), "either",
                     sg_status_name(h->either), "disabled", h->is_disabled,
                     "forced_down", h->is_forced_down);
}

static json_t *counts(const struct fleet *f)
{
    struct count c = report_count(f);

    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "hosts",
                     (json_int_t)c.total, "up_in_old", (json_int_t)c.up[OLD],
                     "up_in_new", (json_int_t)c.up[NEW], "up_in_both",
                     (json_int_t)c.both, "up_in_either", (json_int_t)c.either,
                     "only_in_old", (json_int_t)c.missing[NEW], "only_in_new",
                     (json_int_t)c.missing[OLD], "unknown",
                     (json_int_t)c.unknown);
}

static json_t *judgement(const struct fleet *f, enum step step,
                         int64_t needed_ms)
{
    static const char *const words[] = {"safe", "unsafe", "unknown"};
    json_t *held = json_array();
    enum safety one;

    for (size_t i = 0; i < f->n_hosts; i++) {
        const char *why = step_holds(f, step, &f->hosts[i], needed_ms, &one);
        if (why != NULL)
            json_array_append_new(
                held,
                json_pack("{s:s, s:s}", "host", f->hosts[i].name, "why", why));
    }
    return json_pack("{s:s, s:s, s:o}", "step", step_name(step), "verdict",
                     words[step_judge(f, step, needed_ms)], "held_up_by", held);
}

bool report_json(FILE *to, const struct fleet *f, enum step step,
                 int64_t needed_ms)
{
    json_t *hosts = json_array(), *all;
    bool is_written;

    for (size_t i = 0; i < f->n_hosts; i++)
        json_array_append_new(hosts, host(f, &f->hosts[i]));
    all = json_pack("{s:s, s:o, s:o}", "group", f->group, "counts", counts(f),
                    "hosts", hosts);
    if (all != NULL && step != STEPS)
        json_object_set_new(all, "next", judgement(f, step, needed_ms));
    is_written = all != NULL && json_dumpf(all, to, JSON_COMPACT) == 0;
    fputc('\n', to);
    json_decref(all);
    return is_written;
}
