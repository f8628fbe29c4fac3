/* SPDX-License-Identifier: Apache-2.0
 * main.c - sg-agent: a member in a process of its own, told what to do in
 * lines of text.
 *
 * The form of a member that can be killed and stopped. It has one handle, with
 * its own heart's thread; the agents of other libraries speak the same lines,
 * and so does the table below, which is also its help.
 */
#include "servicegroup.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often a condition is looked at, and how long a beat is waited for. */
enum { LOOK_MS = 5, BEAT_LIMIT_MS = 20000, WORDS_MAX = 8 };

struct agent {
    struct sg *sg;
    bool is_over;
    size_t words;
    char *word[WORDS_MAX]; /* of the line; the verb is the first            */
};

/* ---- answers ---------------------------------------------------------- */

static void refuse(const char *class, const char *text)
{
    printf("error %s: %s\n", class, text);
}

static void answer(int code)
{
    if (code == SG_PENDING)
        puts("ok pending");
    else if (code == SG_OK)
        puts("ok");
    else
        refuse(sg_error_name(code), sg_why());
}

/* One clock for all processes of the machine: what one says can be compared
 * with what another says. */
static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Between two looks of an `until`, in a process of its own: its bounds are
 * what is asserted, this pause is not. */
static void look_again(void)
{
    struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};

    nanosleep(&pause, NULL);
}

static void tell(const struct sg_verdict *v)
{
    printf("ok %" PRId64 " %s %s %" PRIu64 "\n", now_ms(),
           sg_status_name(v->status), sg_reason_name(v->reason), v->epoch);
}

/* ---- verbs ------------------------------------------------------------ */

static bool take_option(const char *word, struct sg_options *options)
{
    const struct {
        const char *name;
        int64_t *value;
    } known[] = {{"timeout=", &options->timeout_ms},
                 {"deadline=", &options->deadline_ms},
                 {"tick=", &options->tick_ms}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t length = strlen(known[i].name);
        if (strncmp(word, known[i].name, length) != 0)
            continue;
        *known[i].value = strtoll(word + length, NULL, 10);
        return true;
    }
    return false;
}

static void do_open(struct agent *a)
{
    struct sg_options options = {.member = a->word[2]};

    if (a->sg != NULL) {
        refuse("USAGE", "it is open");
        return;
    }
    if (strcmp(a->word[2], "-") == 0)
        options.member = NULL;
    for (size_t i = 3; i < a->words; i++) {
        if (take_option(a->word[i], &options))
            continue;
        refuse("USAGE", "open takes timeout=MS, deadline=MS, tick=MS");
        return;
    }
    answer(sg_open(a->word[1], &options, &a->sg));
}

static void do_join(struct agent *a)
{
    uint64_t epoch;
    int code = sg_join(a->sg, a->word[1], NULL, 0, 0, &epoch);

    if (code == SG_OK)
        printf("ok %" PRIu64 "\n", epoch);
    else
        answer(code);
}

static void do_leave(struct agent *a)
{
    answer(sg_leave(a->sg, a->word[1]));
}

static void do_list(struct agent *a)
{
    struct sg_names *names;
    int code = sg_list(a->sg, a->word[1], &names);

    if (code != SG_OK) {
        answer(code);
        return;
    }
    printf("ok");
    for (size_t i = 0; i < names->count; i++)
        printf(" %s", names->name[i]);
    putchar('\n');
    sg_names_free(names);
}

static void do_who(struct agent *a)
{
    struct sg_verdict verdict;
    int code = sg_verdict(a->sg, a->word[1], a->word[2], &verdict);

    if (code == SG_OK)
        tell(&verdict);
    else
        answer(code);
}

static void do_await(struct agent *a)
{
    int64_t limit_ms = now_ms() + strtoll(a->word[4], NULL, 10);
    uint64_t above = a->words > 5 ? strtoull(a->word[5], NULL, 10) : 0;
    struct sg_verdict v;

    for (;;) {
        int code = sg_verdict(a->sg, a->word[1], a->word[2], &v);
        if (code != SG_OK) {
            answer(code);
            return;
        }
        if (strcmp(sg_status_name(v.status), a->word[3]) == 0 &&
            (a->words < 6 || v.epoch > above)) {
            tell(&v);
            return;
        }
        if (now_ms() >= limit_ms)
            break;
        look_again();
    }
    printf("error LATE: still %s %s, epoch %" PRIu64 "\n",
           sg_status_name(v.status), sg_reason_name(v.reason), v.epoch);
}

static void do_beat(struct agent *a)
{
    int64_t limit_ms = now_ms() + BEAT_LIMIT_MS;
    struct sg_pulse pulse;
    uint64_t before;

    sg_get_pulse(a->sg, &pulse);
    before = pulse.beats;
    while (pulse.beats == before && now_ms() < limit_ms) {
        look_again();
        sg_get_pulse(a->sg, &pulse);
    }
    if (pulse.beats == before)
        refuse("LATE", "it does not beat");
    else
        printf("ok %" PRId64 "\n", now_ms());
}

static void do_standing(struct agent *a)
{
    static const char *const names[] = {
        [SG_STATE_NONE] = "NONE",         [SG_STATE_PENDING] = "PENDING",
        [SG_STATE_JOINED] = "JOINED",     [SG_STATE_LOST] = "LOST",
        [SG_STATE_REPLACED] = "REPLACED",
    };
    struct sg_standing s;
    int code = sg_standing(a->sg, a->word[1], &s);

    if (code == SG_OK)
        printf("ok %s %" PRIu64 " %" PRId64 "\n", names[s.state], s.epoch,
               s.safe_ms);
    else
        answer(code);
}

static void do_bounds(struct agent *a)
{
    struct sg_bounds b;
    int code = sg_get_bounds(a->sg, &b);

    if (code == SG_OK)
        printf("ok %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
               "\n",
               b.timeout_ms, b.early_ms, b.late_ms, b.beat_ms, b.deadline_ms);
    else
        answer(code);
}

static void do_clock(struct agent *a)
{
    (void)a;
    printf("ok %" PRId64 "\n", now_ms());
}

static void do_close(struct agent *a)
{
    sg_close(a->sg);
    a->sg = NULL;
    a->is_over = true;
    puts("ok");
}

/* ---- lines ------------------------------------------------------------ */

struct verb {
    const char *name, *usage;
    size_t least; /* words behind it                                        */
    bool needs_handle;
    void (*run)(struct agent *a);
};

static const struct verb verbs[] = {
    {"open", "URL NAME|- [timeout=MS] [deadline=MS] [tick=MS]", 2, false,
     do_open},
    {"join", "GROUP                     -> EPOCH, or pending", 1, true,
     do_join},
    {"leave", "GROUP", 1, true, do_leave},
    {"list", "GROUP                     -> NAME...", 1, true, do_list},
    {"who", "GROUP NAME                 -> AT STATUS REASON EPOCH", 2, true,
     do_who},
    {"await", "GROUP NAME STATUS LIMIT [ABOVE]  -> the same, once it is so", 4,
     true, do_await},
    {"beat", "                          -> AT: of its heart's next beat", 0,
     true, do_beat},
    {"standing", "GROUP                 -> STATE EPOCH SAFE", 1, true,
     do_standing},
    {"bounds", "                        -> T EARLY LATE BEAT DEADLINE", 0, true,
     do_bounds},
    {"clock", "                         -> AT", 0, false, do_clock},
    {"close", "", 0, true, do_close},
};

enum { VERBS = sizeof verbs / sizeof *verbs };

static int help(void)
{
    fputs("usage: sg-agent\n"
          "Takes a line at a time on standard input, and answers each with\n"
          "\"ok WORD...\" or \"error CLASS: text\". Ends with its input.\n"
          "AT and durations are milliseconds; ABOVE is an epoch.\n\n",
          stderr);
    for (size_t i = 0; i < VERBS; i++)
        fprintf(stderr, "    %s %s\n", verbs[i].name, verbs[i].usage);
    return 2;
}

static const struct verb *find(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

/* False: there are too many words. */
static bool split(struct agent *a, char *line)
{
    char *rest = NULL;

    a->words = 0;
    for (char *word = strtok_r(line, " \n", &rest); word != NULL;
         word = strtok_r(NULL, " \n", &rest)) {
        if (a->words == WORDS_MAX)
            return false;
        a->word[a->words++] = word;
    }
    return true;
}

static void obey(struct agent *a, char *line)
{
    const struct verb *verb;

    if (!split(a, line) || a->words == 0)
        refuse("USAGE", "no such line");
    else if ((verb = find(a->word[0])) == NULL)
        refuse("USAGE", "no such verb");
    else if (a->words - 1 < verb->least)
        refuse("USAGE", verb->usage);
    else if (verb->needs_handle && a->sg == NULL)
        refuse("USAGE", "nothing is open");
    else
        verb->run(a);
}

int main(int argc, char **argv)
{
    struct agent a = {0};
    char *line = NULL;
    size_t room = 0;

    (void)argv;
    if (argc != 1)
        return help();
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (!a.is_over && getline(&line, &room, stdin) >= 0)
        obey(&a, line);
    free(line);
    sg_close(a.sg);
    return 0;
}
