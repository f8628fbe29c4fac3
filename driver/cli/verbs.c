/* SPDX-License-Identifier: Apache-2.0
 * verbs.c - plan, status and verify.
 */
#include "verbs.h"
#include "interrupt.h"
#include "report.h"
#include "watch.h"

#include <unistd.h>

static int refuse(int rc)
{
    complain(rc == SG_PENDING ? "interrupted" : sg_why());
    return FAILED;
}

static int look(struct fleet *f)
{
    int rc = fleet_look(f);

    return rc == SG_OK ? DONE : refuse(rc);
}

static bool is_past(const struct fleet *f, int64_t ms)
{
    return f->now_ms - f->began_ms >= ms;
}

/* ---- status ------------------------------------------------------------- */

/* Once: who can be known is told. Watched: whether all have moved. */
static int status_of_fleet(const struct fleet *f, bool is_watched)
{
    struct count c = report_count(f);

    if (c.silent[NEW] > 0 || c.silent[OLD] > 0)
        return NOBODY_KNOWS;
    return is_watched && c.moved < c.awaited ? NOT_SAFE : DONE;
}

static bool is_moved(const struct fleet *f)
{
    struct count c = report_count(f);

    return c.moved == c.awaited;
}

static int show(const struct fleet *f, const struct wish *w)
{
    if (w->is_json)
        return report_json(stdout, f, NULL, 0) ? DONE : FAILED;
    if (w->watch_s < 0)
        report_table(stdout, f);
    else
        watch_show(stdout, f, isatty(STDOUT_FILENO) == 1);
    return fflush(stdout) == 0 ? DONE : FAILED;
}

/* A look that an interrupt cuts short is not shown: the one before counts. */
int verb_status(struct fleet *f, const struct wish *w)
{
    bool is_watched = w->watch_s >= 0;

    for (;;) {
        int rc = fleet_look(f), status;
        if (rc == SG_PENDING && f->n_looks > 0)
            break;
        status = rc == SG_OK ? show(f, w) : refuse(rc);
        if (status != DONE)
            return status;
        if (!is_watched || is_moved(f) || interrupt_came() ||
            (w->for_s >= 0 && is_past(f, (int64_t)(w->for_s * 1000))))
            break;
        interrupt_pause(w->watch_s < 0.1 ? 0.1 : w->watch_s);
    }
    return status_of_fleet(f, is_watched);
}

/* ---- verify ------------------------------------------------------------- */

static int64_t memory_ms(const struct sg_bounds *b)
{
    return b->timeout_ms + b->late_ms;
}

/* A store's word lasts so long: whoever is up only by what one of the two
 * remembers is not any more after that. */
static int64_t needed_ms(const struct fleet *f, const struct wish *w,
                         enum step step)
{
    int64_t old_ms = memory_ms(&f->bounds[OLD]);
    int64_t new_ms = memory_ms(&f->bounds[NEW]);

    if (!step_is_timed(step))
        return 0;
    if (w->for_s >= 0)
        return (int64_t)(w->for_s * 1000);
    return old_ms > new_ms ? old_ms : new_ms;
}

static void progress(const struct fleet *f, int64_t until_ms)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r%3d%%  ",
            (int)(100 * (f->now_ms - f->began_ms) / until_ms));
    report_line(stderr, f);
}

static int look_for(struct fleet *f, int64_t needed)
{
    double pause_s = (double)needed / 20000;
    int status = look(f);

    pause_s = pause_s < 0.1 ? 0.1 : pause_s > 1 ? 1 : pause_s;
    while (status == DONE && !is_past(f, needed)) {
        progress(f, needed);
        interrupt_pause(pause_s);
        status = look(f);
    }
    if (needed > 0 && isatty(STDERR_FILENO))
        fputs("\n", stderr);
    return status;
}

int verb_verify(struct fleet *f, const struct wish *w)
{
    static const int status_of[] = {DONE, NOT_SAFE, NOBODY_KNOWS};
    struct judgement j = {
        .step = step_find(w->step), .fleet = f, .readers = &w->readers};
    int status;

    j.needed_ms = needed_ms(f, w, j.step);
    status = look_for(f, j.needed_ms);
    if (status != DONE)
        return status;
    if (!w->is_json)
        report_verdict(stdout, &j);
    else if (!report_json(stdout, f, &j, 1))
        return FAILED;
    return status_of[step_judge(&j)];
}

/* ---- plan --------------------------------------------------------------- */

static void print_memory(const struct fleet *f)
{
    static const char *const names[] = {[OLD] = "old", [NEW] = "new"};

    for (int s = STORES; s-- > 0;)
        printf("The %s store: a dead host is up for at most %.1f s, a restart "
               "is hidden if it is shorter than %.1f s.\n",
               names[s], (double)memory_ms(&f->bounds[s]) / 1000,
               (double)(f->bounds[s].timeout_ms - f->bounds[s].early_ms -
                        f->bounds[s].beat_ms) /
                   1000);
}

/* Without waiting: what would hold each step up as things stand. */
int verb_plan(struct fleet *f, const struct wish *w)
{
    struct judgement j[STEPS];
    int status = look(f);

    if (status != DONE)
        return status;
    for (int s = 0; s < STEPS; s++)
        j[s] = (struct judgement){
            .step = (enum step)s, .fleet = f, .readers = &w->readers};
    if (w->is_json)
        return report_json(stdout, f, j, STEPS) ? DONE : FAILED;
    print_memory(f);
    for (int s = 0; s < STEPS; s++) {
        printf("%d. %s\n   ", s + 1, step_text((enum step)s));
        report_verdict(stdout, &j[s]);
    }
    printf("Next, as far as the stores show: %s. Before a step: servicegroup "
           "migrate verify --step NAME, which also looks for how long.\n",
           step_name(step_next(f, &w->readers)));
    return DONE;
}
