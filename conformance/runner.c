/* SPDX-License-Identifier: Apache-2.0
 * runner.c - runs every scenario on every place and tells in TAP.
 *
 * A red line is followed by place, virtual time, the trace, and the command
 * that shows it again. BROKEN means that the harness, not the driver, cannot
 * be trusted; it is red, and has an exit status of its own.
 */
#include "runner.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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

#define CHAPTERS_MAX 32

struct tally {
    unsigned passed, failed, skipped, broken;
};
struct run {
    const struct runner_options *options;
    const char *program;
    struct place places[RUNNER_PLACES_MAX];
    struct tally total, by_place[RUNNER_PLACES_MAX];
    struct tally cells[CHAPTERS_MAX][RUNNER_PLACES_MAX];
    const char *chapters[CHAPTERS_MAX];
    size_t n_chapters;
    unsigned number, planned;
    FILE *traces;
    bool on_terminal;
};

static bool is_chosen(const struct run *run, const struct scenario *s)
{
    const struct runner_options *o = run->options;
    char name[300];

    snprintf(name, sizeof name, "%s/%s", s->chapter, s->name);
    return (o->only == NULL || strstr(name, o->only) != NULL) &&
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

static size_t chapter_index(struct run *run, const char *chapter)
{
    size_t i = 0;

    while (i < run->n_chapters && strcmp(run->chapters[i], chapter) != 0)
        i++;
    if (i == run->n_chapters && i < CHAPTERS_MAX - 1)
        run->chapters[run->n_chapters++] = chapter;
    return i;
}

static void add_to(struct tally *t, enum world_end end)
{
    t->passed += end == WORLD_PASSED;
    t->failed += end == WORLD_FAILED;
    t->skipped += end == WORLD_SKIPPED;
    t->broken += end == WORLD_BROKEN;
}

static void print_why(const char *why)
{
    for (const char *at = why; *at != '\0';) {
        size_t n = strcspn(at, "\n");
        printf("#   %.*s\n", (int)n, at);
        at += n + (at[n] == '\n');
    }
}

static void print_option(const char *name, const char *value)
{
    if (value != NULL)
        printf(" --%s '%s'", name, value);
}

static void print_red(const struct run *run, const struct place *place,
                      const struct scenario *s, const struct world *w)
{
    const struct runner_options *o = run->options;

    print_why(w->why);
    printf("# trace, from its last 60 lines:\n");
    trace_print(&w->trace, stdout, "#   ", 60);
    printf("# again: %s --place '%s' --only %s/%s --seed %" PRIu64 " --size %s",
           run->program, place->label, s->chapter, s->name, o->seed, o->size);
    print_option("control", o->control);
    print_option("neighbour", s->needs_neighbour ? o->neighbour : NULL);
    printf("\n");
}

static void print_end(struct run *run, const struct place *place,
                      const struct scenario *s, enum world_end end,
                      const struct world *w)
{
    const char *ok =
        end == WORLD_FAILED || end == WORLD_BROKEN ? "not ok" : "ok";

    printf("%s %u - %s %s/%s # %s%s%s%s\n", ok, ++run->number, place->label,
           s->chapter, s->name, end == WORLD_SKIPPED ? "SKIP " : "",
           end == WORLD_BROKEN ? "BROKEN " : "",
           end == WORLD_SKIPPED && w != NULL ? w->why : s->clauses, "");
    if (w != NULL && (end == WORLD_FAILED || end == WORLD_BROKEN))
        print_red(run, place, s, w);
    fflush(stdout);
}

/* In a child, so that a crash costs one scenario and not the run. */
static enum world_end play_forked(struct run *run, const struct place *place,
                                  const struct scenario *s,
                                  const struct world_options *options)
{
    int status;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        struct world *w;
        enum world_end end = world_play(s, options, &w);
        print_end(run, place, s, end, w);
        fflush(NULL);
        _exit(100 + (int)end);
    }
    run->number++;
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return WORLD_BROKEN;
    if (WIFEXITED(status) && WEXITSTATUS(status) >= 100 &&
        WEXITSTATUS(status) <= 100 + WORLD_BROKEN)
        return (enum world_end)(WEXITSTATUS(status) - 100);
    printf("not ok %u - %s %s/%s # BROKEN the process died, status %d\n",
           run->number, place->label, s->chapter, s->name, status);
    return WORLD_BROKEN;
}

static enum world_end play_here(struct run *run, const struct place *place,
                                const struct scenario *s,
                                const struct world_options *options)
{
    struct world *w;
    enum world_end end = world_play(s, options, &w);

    print_end(run, place, s, end, w);
    if (run->traces != NULL) {
        fprintf(run->traces, "== %s %s/%s\n", place->label, s->chapter,
                s->name);
        trace_print(&w->trace, run->traces, "", SIZE_MAX);
    }
    world_free(w);
    return end;
}

static void play(struct run *run, size_t place_index, const struct scenario *s)
{
    struct place *place = &run->places[place_index];
    struct world_options options = {.place = place,
                                    .seed = run->options->seed,
                                    .size = run->options->size,
                                    .neighbour = run->options->neighbour};
    enum world_end end;

    if (run->on_terminal)
        fprintf(stderr, "\r\033[K%u/%u %s %s/%s", run->number + 1, run->planned,
                place->label, s->chapter, s->name);
    end = run->options->is_forked ? play_forked(run, place, s, &options)
                                  : play_here(run, place, s, &options);
    add_to(&run->total, end);
    add_to(&run->by_place[place_index], end);
    add_to(&run->cells[chapter_index(run, s->chapter)][place_index], end);
}

/* ---- the report ------------------------------------------------------- */

static void print_cell(const struct tally *t)
{
    char text[40];
    unsigned all = t->passed + t->failed + t->broken + t->skipped;
    int n = snprintf(text, sizeof text, "%u/%u", t->passed, all);

    if (t->skipped > 0)
        n += snprintf(text + n, sizeof text - (size_t)n, " s%u", t->skipped);
    if (t->failed > 0)
        n += snprintf(text + n, sizeof text - (size_t)n, " F%u", t->failed);
    if (t->broken > 0)
        snprintf(text + n, sizeof text - (size_t)n, " B%u", t->broken);
    printf(" %16s", text);
}

static void print_matrix(const struct run *run)
{
    size_t n = run->options->n_places;

    printf("#\n# passed of played (s skipped, F failed, B broken)\n# %-12s",
           "");
    for (size_t p = 0; p < n; p++)
        printf(" %16.16s", run->places[p].label);
    for (size_t c = 0; c < run->n_chapters; c++) {
        printf("\n# %-12s", run->chapters[c]);
        for (size_t p = 0; p < n; p++)
            print_cell(&run->cells[c][p]);
    }
    printf("\n# %-12s", "all");
    for (size_t p = 0; p < n; p++)
        print_cell(&run->by_place[p]);
    printf("\n#\n");
}

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

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
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
        p->up_since_ms = monotonic_ms();
    }
    return 0;
}

static int run_all(struct run *run)
{
    size_t count, n_places = run->options->n_places;
    const struct scenario *const *all = runner_scenarios(&count);
    const struct tally *t = &run->total;
    unsigned alone = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < n_places; p++)
            run->planned += is_played_at(run, &run->places[p], all[i]);
        alone += is_chosen(run, all[i]) && !is_played(run, all[i]);
    }
    printf("TAP version 13\n1..%u\n", run->planned);
    for (size_t p = 0; p < n_places; p++)
        for (size_t i = 0; i < count; i++)
            if (is_played_at(run, &run->places[p], all[i]))
                play(run, p, all[i]);
    if (run->on_terminal)
        fprintf(stderr, "\r\033[K");
    if (run->planned == 0) {
        fprintf(stderr, "%s: no scenario is named so%s; see --list\n",
                run->program, alone > 0 ? " that needs no --neighbour" : "");
        return 2;
    }
    print_matrix(run);
    if (alone > 0)
        printf("# %u scenarios need a --neighbour and are no part of this "
               "run\n",
               alone);
    printf("# seed %" PRIu64 ", size %s\n", run->options->seed,
           run->options->size);
    printf("# %u passed, %u failed, %u skipped, %u broken\n", t->passed,
           t->failed, t->skipped, t->broken);
    return t->broken > 0 ? 3 : t->failed > 0 ? 1 : 0;
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
    free(run);
    return status;
}
