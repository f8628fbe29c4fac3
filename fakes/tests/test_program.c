/* SPDX-License-Identifier: Apache-2.0
 * test_program.c - the control language: words, every command, every mistake.
 */
#include "program/command.h"
#include "unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- words ------------------------------------------------------------ */

static const char *split(const char *text, struct program_words *words)
{
    static char line[256];

    strcpy(line, text);
    return program_words_split(line, strlen(line), words);
}

UNIT(program_words, stand_between_blanks)
{
    struct program_words w;
    unit_true(split("  one  two three \r", &w) == NULL);
    unit_int((int64_t)w.count, 3);
    unit_text(w.at[0], "one");
    unit_text(w.at[1], "two");
    unit_text(w.at[2], "three");
    unit_true(split("", &w) == NULL && w.count == 0);
    unit_true(split("   ", &w) == NULL && w.count == 0);
    unit_true(split("1 2 3 4 5 6 7 8 9 a b c d e f g", &w) == NULL);
    unit_int((int64_t)w.count, PROGRAM_MOST_WORDS);
    unit_text(split("1 2 3 4 5 6 7 8 9 a b c d e f g h", &w), "too many words");
}

UNIT(program_words, a_backslash_writes_what_a_line_cannot_hold)
{
    struct program_words w;
    unit_true(split("a\\sb\\n\\r\\t\\\\ \\x41\\x6a\\x6A \\x00z", &w) == NULL);
    unit_int((int64_t)w.count, 3);
    unit_text(w.at[0], "a b\n\r\t\\");
    unit_text(w.at[1], "Ajj");
    unit_bytes(w.at[2], w.length[2], "\0z", 2);
    unit_true(split("\\", &w) != NULL);
    unit_true(split("a\\ b", &w) != NULL);
    unit_true(split("\\x", &w) != NULL);
    unit_true(split("\\x4", &w) != NULL);
    unit_true(split("\\x4g", &w) != NULL);
    unit_true(split("\\xg4", &w) != NULL);
    unit_true(split("\\q", &w) != NULL);
}

UNIT(program_words, a_line_holds_no_control_characters)
{
    struct program_words w;
    char nul[8] = "a\0b";
    unit_true(split("a\tb", &w) != NULL);
    unit_true(split("a\x7f", &w) != NULL);
    unit_true(split("a\rb", &w) != NULL);
    unit_true(program_words_split(nul, 3, &w) != NULL);
}

UNIT(program_words, a_number_is_digits_within_its_bounds)
{
    int64_t n = -7;
    unit_true(program_word_number("0", 0, 5, &n) && n == 0);
    unit_true(program_word_number("0005", 0, 5, &n) && n == 5);
    unit_true(program_word_number("9223372036854775807", 0, INT64_MAX, &n));
    unit_int(n, INT64_MAX);
    n = -7;
    unit_true(!program_word_number("9223372036854775808", 0, INT64_MAX, &n));
    unit_true(!program_word_number("", 0, 5, &n));
    unit_true(!program_word_number("6", 0, 5, &n));
    unit_true(!program_word_number("1", 2, 5, &n));
    unit_true(!program_word_number("-1", -5, 5, &n));
    unit_true(!program_word_number("+1", 0, 5, &n));
    unit_true(!program_word_number("1 ", 0, 5, &n));
    unit_true(!program_word_number("1e3", 0, 5000, &n));
    unit_int(n, -7);
}

/* ---- answers ---------------------------------------------------------- */

static void open_some(struct program *p, bool kazoo, bool memcached, bool redis)
{
    struct program_plan plan = {.is_wanted = {kazoo, memcached, redis},
                                .tick_ms = 2000,
                                .is_stopped = true};
    char why[256] = "";

    unit_int(program_open(p, &plan, why, sizeof why), 0);
    unit_text(why, "");
}

static char *answer_bytes(struct program *p, const char *text, size_t length)
{
    char *line = malloc(length + 1), *answer;
    size_t n = 0;

    unit_true(line != NULL);
    memcpy(line, text, length);
    answer = program_answer(p, line, length, &n);
    free(line);
    unit_true(answer != NULL);
    unit_int((int64_t)n, (int64_t)strlen(answer));
    return answer;
}

static bool is_answer(struct program *p, const char *line, const char *want)
{
    char *answer = answer_bytes(p, line, strlen(line));
    bool is_same = strcmp(answer, want) == 0;

    if (!is_same)
        printf("  %s: %s", line, answer);
    free(answer);
    return is_same;
}

static bool is_refused(struct program *p, const char *line)
{
    char *answer = answer_bytes(p, line, strlen(line));
    char *end = strchr(answer, '\n');
    bool is_so = strncmp(answer, "error ", 6) == 0 && end != NULL &&
                 end[1] == '\0' && end > answer + 6;

    if (!is_so)
        printf("  %s: %s", line, answer);
    free(answer);
    return is_so;
}

UNIT(program, every_mistake_has_an_error_line)
{
    static const char *const wrong[] = {
        "",
        "   ",
        "foo",
        "HELP",
        "help me",
        "now 1",
        "stop redis",
        "run 2",
        "rate",
        "rate 0",
        "rate -1",
        "rate inf",
        "rate nan",
        "rate 0x10",
        "rate 1 2",
        "rate 1x",
        "rate 1000001",
        "rate 1e300",
        "rate +1",
        "step",
        "step -1",
        "step 1.5",
        "step 1000000000000001",
        "step 9223372036854775807",
        "step 1 2",
        "urls x",
        "links x",
        "listen",
        "listen foo",
        "listen redis-1",
        "listen redis 0",
        "listen redis 65536",
        "listen redis x",
        "close",
        "close redis-9",
        "count",
        "count foo",
        "count redis-9",
        "dark",
        "dark foo",
        "dark redis up",
        "light foo",
        "fault",
        "fault redis",
        "fault redis foo",
        "fault redis delay",
        "fault redis delay 5",
        "fault redis delay amount",
        "fault redis delay amount x",
        "fault redis delay amount -5",
        "fault redis delay amount 99999999999",
        "fault redis cut amount 5",
        "fault redis cut times 0",
        "fault redis cut skip x",
        "fault redis cut bytes x",
        "fault redis cut match \\x00",
        "fault redis cut cut",
        "fault foo cut",
        "heal foo",
        "reset foo",
        "abandon foo",
        "expire",
        "expire foo",
        "expire redis",
        "stop-server",
        "stop-server foo",
        "start-server redis",
        "start-server redis full",
        "flush foo",
        "evict redis",
        "evict redis nothing",
        "evict kazoo /nothing",
        "evict kazoo /",
        "condition redis",
        "condition redis ill",
        "condition foo healthy",
        "condition memcached loading",
        "condition memcached needs-auth",
        "condition memcached read-only",
        "condition kazoo out-of-memory",
        "condition kazoo loading",
        "condition kazoo needs-auth",
        "age redis",
        "age redis -5",
        "age redis 9223372036854775807",
        "dump",
        "dump foo",
        "refused foo",
        "quit now",
        "now\\n",
        "now\001",
        "evict redis a\\x00b",
    };
    struct program p;
    open_some(&p, true, true, true);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        unit_true(is_refused(&p, wrong[i]));
    unit_true(!p.is_over);
    unit_int(fake_now(p.hub), 0);
    program_close(&p);
}

UNIT(program, a_server_that_is_not_served_is_named)
{
    struct program p;
    open_some(&p, false, true, false);
    unit_true(is_answer(&p, "flush redis", "error redis is not served here\n"));
    unit_true(is_refused(&p, "listen kazoo"));
    unit_true(is_refused(&p, "count kazoo"));
    unit_true(is_refused(&p, "dark kazoo"));
    unit_true(is_answer(&p, "flush memcached", "ok\n"));
    program_close(&p);
}

UNIT(program, what_a_client_wrote_stays_in_one_line)
{
    struct program p;
    open_some(&p, false, false, true);
    unit_true(is_answer(&p, "a\\nok\\x1b",
                        "error no command is called \"a?ok?\": help lists "
                        "them\n"));
    program_close(&p);
}

/* ---- the clock -------------------------------------------------------- */

static bool is_clock(struct program *p, const char *line, int64_t now,
                     const char *rate)
{
    char want[128];

    /* The wall clock follows. */
    snprintf(want, sizeof want, "ok now %" PRId64 " rate %s wall %" PRId64 "\n",
             now, rate, fake_wall_ms(p->hub) - fake_now(p->hub) + now);
    return is_answer(p, line, want);
}

UNIT(program, the_clock_stands_steps_and_runs)
{
    struct program p;
    open_some(&p, true, true, true);
    unit_true(is_clock(&p, "now", 0, "0"));
    unit_true(is_clock(&p, "step 1500", 1500, "0"));
    unit_true(is_clock(&p, "step 0", 1500, "0"));
    fake_poll(p.hub, 5);
    unit_int(fake_now(p.hub), 1500);
    free(answer_bytes(&p, "run", 3));
    unit_true(p.rate == 1);
    fake_poll(p.hub, 5);
    unit_true(fake_now(p.hub) >= 1505);
    free(answer_bytes(&p, "step 100000", 11));
    unit_true(fake_now(p.hub) >= 101505);
    unit_true(p.rate == 1); /* it goes on running */
    int64_t now = fake_now(p.hub);
    fake_poll(p.hub, 5);
    unit_true(fake_now(p.hub) >= now + 5);
    free(answer_bytes(&p, "rate 0.25", 9));
    unit_true(p.rate == 0.25);
    free(answer_bytes(&p, "stop", 4));
    now = fake_now(p.hub);
    fake_poll(p.hub, 5);
    unit_true(is_clock(&p, "now", now, "0"));
    program_close(&p);
}

UNIT(program, no_number_of_steps_leaves_time)
{
    struct program p;
    open_some(&p, true, true, true);
    unit_true(is_clock(&p, "step 999999999999999", 999999999999999, "0"));
    unit_true(is_clock(&p, "step 1", 1000000000000000, "0"));
    unit_true(is_answer(&p, "step 1", "error that is too far\n"));
    program_close(&p);
}

UNIT(program, the_clock_begins_at_the_time_of_day)
{
    struct program p;
    int64_t before_s = time(NULL);
    open_some(&p, false, false, true);
    unit_true(fake_wall_ms(p.hub) / 1000 >= before_s);
    unit_true(fake_wall_ms(p.hub) / 1000 <= time(NULL));
    program_close(&p);
}

/* ---- servers and links ------------------------------------------------ */

UNIT(program, urls_name_the_first_link_of_each_server)
{
    struct program p;
    char want[256];
    open_some(&p, true, false, true);
    p.control_port = 77;
    snprintf(want, sizeof want,
             "ok\nkazoo://127.0.0.1:%d\nredis://127.0.0.1:%d\n"
             "control 127.0.0.1:77\n.\n",
             fake_link_port(p.links->link),
             fake_link_port(p.links->next->link));
    free(answer_bytes(&p, "listen kazoo", 12));
    unit_true(is_answer(&p, "urls", want));
    program_close(&p);
}

UNIT(program, links_come_and_go_under_names_of_their_own)
{
    struct program p;
    struct program_link *link;
    char want[256];
    open_some(&p, false, false, true);
    char *answer = answer_bytes(&p, "listen redis", 12);
    link = p.links->next;
    unit_true(link != NULL);
    snprintf(want, sizeof want, "ok redis-2 redis://127.0.0.1:%d\n",
             fake_link_port(link->link));
    unit_text(answer, want);
    free(answer);
    snprintf(want, sizeof want, "listen redis %d", fake_link_port(link->link));
    unit_true(is_refused(&p, want)); /* taken */
    unit_true(is_answer(&p, "close redis-2", "ok\n"));
    unit_true(p.links->next == NULL);
    free(answer_bytes(&p, "listen redis", 12));
    unit_text(p.links->next->name, "redis-3");
    unit_true(is_answer(&p, "dark redis-3 to-client", "ok\n"));
    unit_true(is_answer(&p,
                        "fault redis-1 lie bytes a\\x00b\\r\\n times 2 "
                        "skip 3 match GET",
                        "ok\n"));
    snprintf(want, sizeof want,
             "ok\nredis-1 redis://127.0.0.1:%d clients 0 struck 0\n"
             "redis-3 redis://127.0.0.1:%d clients 0 struck 0\n.\n",
             fake_link_port(p.links->link),
             fake_link_port(p.links->next->link));
    unit_true(is_answer(&p, "links", want));
    unit_true(is_answer(&p, "heal redis", "ok\n"));
    unit_true(is_answer(&p, "close redis", "ok\n")); /* both */
    unit_true(p.links == NULL);
    unit_true(is_answer(&p, "links", "ok\n.\n"));
    program_close(&p);
}

UNIT(program, every_verb_is_carried_out)
{
    static const char *const right[] = {
        "stop-server kazoo",
        "start-server kazoo keep",
        "stop-server redis",
        "start-server redis empty",
        "flush memcached",
        "condition redis read-only",
        "condition redis loading",
        "condition redis out-of-memory",
        "condition kazoo read-only",
        "condition kazoo healthy",
        "condition memcached healthy",
        "condition memcached out-of-memory",
        "condition redis needs-auth",
        "condition redis healthy",
        "age kazoo 5",
        "dark kazoo",
        "dark redis-1 to-server",
        "dark memcached both",
        "light kazoo",
        "light memcached",
        "fault redis refuse",
        "fault redis cut-after",
        "fault redis cut-reply amount 3",
        "fault redis delay amount 5",
        "fault redis dribble amount 1",
        "fault redis noise",
        "fault redis cut",
        "heal redis",
        "reset redis",
        "abandon kazoo-1",
        "expire kazoo",
    };
    struct program p;
    open_some(&p, true, true, true);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        unit_true(is_answer(&p, right[i], "ok\n"));
    unit_true(is_answer(&p, "count redis", "ok 0\n"));
    unit_true(is_answer(&p, "count kazoo-1 exists", "ok 0\n"));
    unit_true(is_answer(&p, "refused memcached", "ok 0\n"));
    unit_true(is_answer(&p, "dump memcached", "ok\n.\n"));
    unit_true(is_answer(&p, "quit", "ok\n"));
    unit_true(p.is_over);
    program_close(&p);
}

static void check_help(char *answer)
{
    unit_true(strncmp(answer, "ok\nhelp ", 8) == 0);
    unit_true(strstr(answer, "\nstep MS") != NULL);
    unit_true(strstr(answer, "\nfault LINK KIND") != NULL);
    unit_text(answer + strlen(answer) - 3, "\n.\n");
}

UNIT(program, help_lists_the_commands_as_lines)
{
    struct program p;
    open_some(&p, false, false, true);
    char *answer = answer_bytes(&p, "help", 4);
    check_help(answer);
    free(answer);
    program_close(&p);
}

UNIT(program, a_line_that_begins_with_a_dot_has_one_more)
{
    struct program_words words = {0};
    struct program_call call = {.words = &words};
    char *text = NULL;
    size_t length;
    call.out = open_memstream(&text, &length);
    unit_true(call.out != NULL);
    program_lines(&call, ".a\nb.\n.\n\nlast");
    fclose(call.out);
    unit_text(text, "..a\nb.\n..\n\nlast\n.\n");
    free(text);
}

UNIT(program, a_taken_port_is_said_by_server_and_number)
{
    struct program p, q;
    char why[256] = "", want[256];
    open_some(&p, false, false, true);
    int port = fake_link_port(p.links->link);
    struct program_plan plan = {.is_wanted = {false, true, false},
                                .port = {0, port, 0}};
    unit_true(program_open(&q, &plan, why, sizeof why) < 0);
    snprintf(want, sizeof want,
             "memcached cannot listen on port %d: Address already in use",
             port);
    unit_text(why, want);
    program_close(&p);
}

/* ---- noise ------------------------------------------------------------ */

static uint64_t dice(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static const char *const words[] = {
    "help",         "now",         "stop",   "run",     "rate",    "step",
    "urls",         "links",       "listen", "close",   "count",   "dark",
    "light",        "fault",       "heal",   "reset",   "abandon", "expire",
    "flush",        "evict",       "age",    "dump",    "refused", "condition",
    "start-server", "stop-server", /* 26 commands, then 6 of whom            */
    "kazoo",        "memcached",   "redis",  "redis-1", "kazoo-2", "9",
    "both",         "delay",       "lie",    "cut",     "amount",  "times",
    "match",        "bytes",       "skip",   "1",       "0",       "-1",
    "0.5",          "\\x00",       "\\",     "keep",    "empty",   "loading",
    "noise",        "to-server",   "/",      ".."};

/* Words of the language, the first two often where they belong, and bytes
 * that are none. */
static size_t make_line(uint64_t *state, char line[512])
{
    size_t n = 0, count = dice(state) % 7;

    for (size_t i = 0; i < count; i++) {
        size_t from = i == 1 ? 26 : 0;
        size_t among = i < 2 ? 26 - i * 20 : sizeof words / sizeof *words;
        if (dice(state) % 12 == 0) {
            for (uint64_t k = dice(state) % 9; k > 0; k--)
                line[n++] = (char)dice(state);
        } else {
            n += (size_t)sprintf(line + n, "%s",
                                 words[from + dice(state) % among]);
        }
        if (dice(state) % 20 != 0)
            line[n++] = ' ';
    }
    return n;
}

static bool is_well_formed(const char *answer)
{
    size_t n = strlen(answer);
    const char *end = strchr(answer, '\n');

    if (end == NULL || answer[n - 1] != '\n')
        return false;
    if (strncmp(answer, "error ", 6) == 0)
        return end[1] == '\0';
    if (strncmp(answer, "ok", 2) != 0 ||
        (answer[2] != '\n' && answer[2] != ' '))
        return false;
    return end[1] == '\0' || strcmp(answer + n - 3, "\n.\n") == 0;
}

UNIT(program, any_line_at_all_has_one_answer)
{
    enum { LINES = 20000 };
    uint64_t state = 20260101;
    unsigned n_ok = 0;
    struct program p;
    char line[512];
    open_some(&p, true, true, true);
    for (int i = 0; i < LINES; i++) {
        char *answer = answer_bytes(&p, line, make_line(&state, line));
        if (!is_well_formed(answer))
            unit_fail(__FILE__, __LINE__, "line %d: %s", i, answer);
        n_ok += answer[0] == 'o';
        free(answer);
        /* Ports are few, and random listening takes them all. */
        while (p.links != NULL && p.links->next != NULL &&
               p.links->next->next != NULL && p.links->next->next->next != NULL)
            program_unlisten(&p, p.links);
        fake_poll(p.hub, 0);
    }
    unit_true(n_ok > LINES / 20 && n_ok < LINES / 2);
    unit_true(is_answer(&p, "stop-server redis", "ok\n"));
    program_close(&p);
}
