/* SPDX-License-Identifier: Apache-2.0
 * report_json.c - what is told about a fleet, as JSON.
 */
#include "report.h"

#include <jansson.h>

static double seconds(int64_t ms)
{
    return (double)ms / 1000;
}

static json_t *view(const struct fleet *f, const struct host *h, int store)
{
    const struct sg_verdict *v = &h->in[store].verdict;

    return json_pack("{s:s, s:s, s:f}", "status", sg_status_name(v->status),
                     "reason",
                     v->reason == SG_NO_REASON ? "" : sg_reason_name(v->reason),
                     "for_s", seconds(host_for_ms(f, h, store)));
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
    const struct {
        const char *name;
        size_t value;
    } all[] = {
        {"hosts", c.total},
        {"awaited", c.awaited},
        {"moved", c.moved},
        {"up_in_old", c.up[OLD]},
        {"up_in_new", c.up[NEW]},
        {"up_in_both", c.both},
        {"up_in_either", c.either},
        {"only_in_old", c.missing[NEW]},
        {"only_in_new", c.missing[OLD]},
        {"unknown", c.unknown},
        {"silent_in_old", c.silent[OLD]},
        {"silent_in_new", c.silent[NEW]},
    };
    json_t *counts = json_object();

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        json_object_set_new(counts, all[i].name,
                            json_integer((json_int_t)all[i].value));
    return counts;
}

/* ---- steps -------------------------------------------------------------- */

static void add_hold(json_t *held, const char *kind, const char *name,
                     const struct hold *hold)
{
    json_t *one;

    if (hold->why == NULL)
        return;
    one = json_pack("{s:s, s:s}", kind, name, "why", hold->why);
    if (hold->reason != NULL)
        json_object_set_new(one, "reason", json_string(hold->reason));
    if (hold->for_ms >= 0)
        json_object_set_new(one, "for_s", json_real(seconds(hold->for_ms)));
    json_array_append_new(held, one);
}

static json_t *judgement(const struct judgement *j)
{
    static const char *const words[] = {"safe", "unsafe", "unknown"};
    const struct fleet *f = j->fleet;
    json_t *held = json_array();
    struct hold hold;

    for (size_t i = 0; i < f->n_hosts; i++) {
        hold = step_host(j, &f->hosts[i]);
        add_hold(held, "host", f->hosts[i].name, &hold);
    }
    for (size_t i = 0; i < j->readers->n; i++) {
        hold = step_reader(j, &j->readers->at[i]);
        add_hold(held, "reader", j->readers->at[i].name, &hold);
    }
    return json_pack(
        "{s:s, s:s, s:o, s:f, s:f, s:I}", "step", step_name(j->step), "verdict",
        words[step_judge(j)], "held_up_by", held, "looked_s",
        seconds(f->now_ms - f->began_ms), "needed_s", seconds(j->needed_ms),
        "readers", (json_int_t)j->readers->n);
}

static json_t *judgements(const struct judgement *j, size_t n)
{
    json_t *all = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, judgement(&j[i]));
    return all;
}

bool report_json(FILE *to, const struct fleet *f, const struct judgement *j,
                 size_t n)
{
    json_t *hosts = json_array(), *all;
    bool is_written;

    for (size_t i = 0; i < f->n_hosts; i++)
        json_array_append_new(hosts, host(f, &f->hosts[i]));
    all = json_pack("{s:s, s:f, s:o, s:o}", "group", f->group, "at_s",
                    seconds(f->now_ms - f->began_ms), "counts", counts(f),
                    "hosts", hosts);
    if (all != NULL && n == 1)
        json_object_set_new(all, "next", judgement(j));
    if (all != NULL && n > 1) {
        json_object_set_new(all, "steps", judgements(j, n));
        json_object_set_new(all, "next_step",
                            json_string(step_name(step_next(f, j->readers))));
    }
    is_written = all != NULL && json_dumpf(all, to, JSON_COMPACT) == 0;
    fputc('\n', to);
    json_decref(all);
    return is_written && fflush(to) == 0;
}
