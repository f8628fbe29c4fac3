/* SPDX-License-Identifier: Apache-2.0
 * runner.c - runs every scenario on every place and tells in TAP.
 *
 * A red line is followed by place, virtual time, the trace, and the command
 * that shows it again. BROKEN means that the harness, not the driver, cannot
 * be trusted; it is red, and has an exit status of its own.
 */
#include "runner.h"

#include "crew.h"
#include "tally.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct scenario *added;

void scenario_add(struct scenario *scenario)
{
    scenario->next = added;
    added = scenario;
}

static int by_text(const void *a, const void *b)
{
    const struct scenario *x = *(const struct scenario *const *)a;
    const struct scenario *y = *(const struct scenario *const *)b;
    int order = strcmp(x->chapter, y->chapter);

    return order != 0 ? order : strcmp(x->name, y->name);
}

const struct scenario *const *runner_scenarios(size_t *ret_count)
{
    static const struct scenario *table[1024];
    static size_t count;

    if (count == 0) {
        for (const struct scenario *s = added; s != NULL && count < 1023;
             s = s->next)
            table[count++] = s;
        qsort(table, count, sizeof *table, by_text);
    }
    *ret_count = count;
    return table;
}

bool runner_names_clause(const struct scenario *s, const char *clause)
{
    size_t n = strlen(clause);

    for (const char *at = s->clauses; *at != '\0';) {
        size_t length = strcspn(at, " ");
        if (length == n && strncmp(at, clause, n) == 0)
            return true;
        at += length + strspn(at + length, " ");
    }
    return false;
}

/* ---- one run ---------------------------------------------------------- */

struct play {
    const struct scenario *scenario;
    size_t place;
};
struct run {
    const struct runner_options *options;
    const char *program;
    struct place places[RUNNER_PLACES_MAX];
    struct play *plays;
    size_t n_plays, told;
    struct tally tally;
    FILE *traces;
    bool on_terminal;
};

static bool is_named(const struct runner_options *o, const char *name)
{
    bool is_so = o->n_only == 0;

    for (size_t i = 0; i < o->n_only && !is_so; i++)
        is_so = strstr(name, o->only[i]) != NULL;
    return is_so;
}

static bool is_chosen(const struct run *run, const struct scenario *s)
{
    const struct runner_options *o = run->options;
    char name[300];

    snprintf(name, sizeof name, "%s/%s", s->chapter, s->name);
    return is_named(o, name) &&
           (o->clause == NULL || runner_names_clause(s, o->clause));
}

/* Whose neighbour is missing is no part of the run, and said to be none. */
static bool is_played(const struct run *run, const struct scenario *s)
{
    return is_chosen(run, s) &&
           (!s->needs_neighbour || run->options->neighbour != NULL);
}

/* Migrations are played where there are two stores, and nothing else is. */
static bool is_at_home(const struct place *place, const struct scenario *s)
{
    bool is_pair = place->old != PLACE_ALONE;

    return is_pair == (strcmp(s->chapter, "migration") == 0);
}

static bool is_played_at(const struct run *run, const struct place *place,
                         const struct scenario *s)
{
    return is_played(run, s) && is_at_home(place, s);
}

static void print_why(const char *why, FILE *to)
{
    for (const char *at = why; *at != '\0';) {
        size_t n = strcspn(at, "\n");
        fprintf(to, "#   %.*s\n", (int)n, at);
        at += n + (at[n] == '\n');
    }
}

static void print_option(const char *name, const char *value, FILE *to)
{
    if (value != NULL)
        fprintf(to, " --%s '%s'", name, value);
}

static void print_red(const struct run *run, const struct place *place,
                      const struct scenario *s, const struct world *w, FILE *to)
{
    const struct runner_options *o = run->options;

    print_why(w->why, to);
    fprintf(to, "# trace, from its last 60 lines:\n");
    trace_print(&w->trace, to, "#   ", 60);
    fprintf(to,
            "# again: %s --place '%s' --only %s/%s --seed %" PRIu64
            " --size %s",
            run->program, place->label, s->chapter, s->name, o->seed, o->size);
    print_option("control", o->control, to);
    print_option("old-control", o->old_control, to);
    print_option("neighbour", s->needs_neighbour ? o->neighbour : NULL, to);
    fprintf(to, "\n");
}

static void print_end(const struct run *run, size_t i, enum world_end end,
                      const struct world *w, FILE *to)
{
    const struct place *place = &run->places[run->plays[i].place];
    const struct scenario *s = run->plays[i].scenario;
    bool is_red = end == WORLD_FAILED || end == WORLD_BROKEN;

    fprintf(to, "%s %zu - %s %s/%s # %s%s\n", is_red ? "not ok" : "ok", i + 1,
            place->label, s->chapter, s->name,
            end == WORLD_SKIPPED  ? "SKIP "
            : end == WORLD_BROKEN ? "BROKEN "
                                  : "",
            end == WORLD_SKIPPED && w != NULL ? w->why : s->clauses);
    if (w != NULL && is_red)
        print_red(run, place, s, w, to);
    fflush(to);
}

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- one play --------------------------------------------------------- */

static enum world_end play(void *arg, size_t i, FILE *tap, FILE *trace)
{
    struct run *run = arg;
    const struct scenario *s = run->plays[i].scenario;
    struct place *place = &run->places[run->plays[i].place];
    struct world_options options = {.place = place,
                                    .seed = run->options->seed,
                                    .size = run->options->size,
                                    .neighbour = run->options->neighbour};
    int64_t began = monotonic_ms();
    struct world *w;
    enum world_end end = world_play(s, &options, &w);

    print_end(run, i, end, w, tap);
    if (!place->is_fake) /* there time is money; on a fake it is nothing */
        fprintf(tap, "#   %.1f s\n", (double)(monotonic_ms() - began) / 1000);
    if (trace != NULL && w != NULL) {
        fprintf(trace, "== %s %s/%s\n", place->label, s->chapter, s->name);
        trace_print(&w->trace, trace, "", SIZE_MAX);
    }
    world_free(w);
    return end;
}

static void add(struct run *run, size_t i, enum world_end end)
{
    const struct play *p = &run->plays[i];

    tally_add(&run->tally, p->scenario->chapter, p->place, end);
    run->told++;
}

static void say_next(const struct run *run, size_t i)
{
    if (run->on_terminal && i < run->n_plays)
        fprintf(stderr, "\r\033[K%zu/%zu %s %s/%s", i + 1, run->n_plays,
                run->places[run->plays[i].place].label,
                run->plays[i].scenario->chapter, run->plays[i].scenario->name);
}

static void take(void *arg, size_t i, enum world_end end, const char *tap,
                 const char *trace)
{
    struct run *run = arg;

    fputs(tap, stdout);
    fflush(stdout);
    if (run->traces != NULL)
        fputs(trace, run->traces);
    add(run, i, end);
    say_next(run, i + 1);
}

static void died(void *arg, size_t i, int status)
{
    struct run *run = arg;

    print_end(run, i, WORLD_BROKEN, NULL, stdout);
    printf("#   the process that played it ended with the wait status %d\n",
           status);
    fflush(stdout);
    add(run, i, WORLD_BROKEN);
}

/* Worlds on fakes are side by side, those on one server are not. */
static size_t workers(const struct run *run)
{
    size_t n = run->options->jobs > 0 ? run->options->jobs : crew_room();

    for (size_t p = 0; p < run->options->n_places; p++)
        if (!run->places[p].is_fake)
            n = 1;
    return n < run->n_plays ? n : run->n_plays;
}

static int play_all(struct run *run)
{
    const struct crew_work work = {.n = run->n_plays,
                                   .arg = run,
                                   .play = play,
                                   .take = take,
                                   .died = died};
    size_t n = workers(run);

    say_next(run, 0);
    if (n > 1 || run->options->is_forked)
        return crew_run(&work, n, run->options->is_forked, run->traces != NULL);
    for (size_t i = 0; i < run->n_plays; i++) {
        add(run, i, play(run, i, stdout, run->traces));
        say_next(run, i + 1);
    }
    return 0;
}

/* ---- the report ------------------------------------------------------- */

static bool has_a_home(const struct run *run, const struct scenario *s)
{
    bool is_so = run->options->n_places == 0;

    for (size_t p = 0; p < run->options->n_places && !is_so; p++)
        is_so = is_at_home(&run->places[p], s);
    return is_so;
}

static int list(const struct run *run)
{
    size_t count;
    const struct scenario *const *all = runner_scenarios(&count);

    for (size_t i = 0; i < count; i++)
        if (is_chosen(run, all[i]) && has_a_home(run, all[i]))
            printf("%s/%s # %s%s\n", all[i]->chapter, all[i]->name,
                   all[i]->clauses,
                   is_played(run, all[i]) ? "" : ", with --neighbour");
    return 0;
}

static int parse_places(struct run *run)
{
    char why[300];

    for (size_t i = 0; i < run->options->n_places; i++) {
        struct place *p = &run->places[i];
        if (place_parse(run->options->places[i], run->options->control,
                        run->options->tick_ms, p, why, sizeof why) != 0) {
            fprintf(stderr, "%s: %s\n", run->program, why);
            return -1;
        }
        if (!p->is_fake && p->control == NULL && !run->options->is_list) {
            fprintf(stderr,
                    "%s: %s: scenarios empty the server; say that "
                    "they may, with --control 'COMMAND' (or "
                    "--control false: no verbs)\n",
                    run->program, p->label);
            return -1;
        }
        p->old_control = run->options->old_control;
        p->up_since_ms = monotonic_ms();
    }
    return 0;
}

/* What is played, in order; how many of the chosen are not. */
static int plan(struct run *run, unsigned *ret_alone)
{
    size_t count, n_places = run->options->n_places;
    const struct scenario *const *all = runner_scenarios(&count);

    run->plays = calloc(count * n_places + 1, sizeof *run->plays);
    if (run->plays == NULL)
        return -1;
    for (size_t p = 0; p < n_places; p++)
        for (size_t i = 0; i < count; i++)
            if (is_played_at(run, &run->places[p], all[i]))
                run->plays[run->n_plays++] = (struct play){all[i], p};
    *ret_alone = 0;
    for (size_t i = 0; i < count; i++)
        *ret_alone += is_chosen(run, all[i]) && !is_played(run, all[i]);
    return 0;
}

static int run_all(struct run *run)
{
    const struct tally_cell *t = &run->tally.total;
    unsigned alone;
    int rc;

    if (plan(run, &alone) != 0)
        return 3;
    printf("TAP version 13\n1..%zu\n", run->n_plays);
    rc = play_all(run);
    if (run->on_terminal)
        fprintf(stderr, "\r\033[K");
    if (rc != 0)
        fprintf(stderr, "%s: the workers: %s\n", run->program, strerror(errno));
    if (run->n_plays == 0) {
        fprintf(stderr, "%s: no scenario is named so%s; see --list\n",
                run->program, alone > 0 ? " that needs no --neighbour" : "");
        return 2;
    }
    tally_print(&run->tally, run->places, run->options->n_places);
    if (alone > 0)
        printf("# %u scenarios need a --neighbour and are no part of this "
               "run\n",
               alone);
    printf("# seed %" PRIu64 ", size %s\n", run->options->seed,
           run->options->size);
    printf("# %u passed, %u failed, %u skipped, %u broken\n", t->passed,
           t->failed, t->skipped, t->broken);
    if (rc != 0 || run->told != run->n_plays || t->broken > 0)
        return 3;
    return t->failed > 0 ? 1 : 0;
}

int runner_run(const struct runner_options *options, const char *program)
{
    struct run *run = calloc(1, sizeof *run);
    int status = 2;

    if (run == NULL)
        return 3;
    run->options = options;
    run->program = program;
    run->on_terminal = isatty(STDERR_FILENO);
    if (options->trace_file != NULL) {
        run->traces = fopen(options->trace_file, "w");
        if (run->traces == NULL) {
            perror(options->trace_file);
            free(run);
            return 2;
        }
    }
    if (parse_places(run) == 0)
        status = options->is_list ? list(run) : run_all(run);
    if (run->traces != NULL && fclose(run->traces) != 0)
        status = 3;
    free(run->plays);
    free(run);
    return status;
}
