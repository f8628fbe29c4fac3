/* SPDX-License-Identifier: Apache-2.0
 * test_neighbour.c - the process of a neighbour, played by shell scripts: no
 * Python is needed to see that it is heard, stepped, stopped and outlived.
 */
#include "neighbour.h"
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Plays one scenario with this agent; the reason stays until the next. */
static char why[2048];

static enum world_end play(void (*scenario)(struct world *w),
                           const char *command, int64_t limit_ms)
{
    const struct scenario row = {.chapter = "unit",
                                 .name = "neighbour",
                                 .clauses = "13.sees",
                                 .play = scenario};
    struct place place;
    struct world_options options = {.place = &place,
                                    .seed = 1,
                                    .size = "check",
                                    .neighbour = command,
                                    .neighbour_limit_ms = limit_ms};
    struct world *w;
    enum world_end end;

    unit_int(place_parse("fake:redis", NULL, 0, &place, why, sizeof why), 0);
    end = world_play(&row, &options, &w);
    unit_true(w != NULL);
    snprintf(why, sizeof why, "%s", w->why);
    world_free(w);
    return end;
}

/* Answers "ok" to all; "list" counts the beats, "groups" says much, "meta"
 * fails. */
static const char obedient[] =
    "sh -c 'n=0; while read -r verb rest; do case $verb in "
    "beat) n=$((n + 1)); echo ok;; list) echo ok $n;; "
    "groups) printf \"ok %09000d\\n\" 7;; "
    "meta) echo error Bad: no;; *) echo ok;; esac; "
    "[ $verb != close ] || exit 0; done'";

/* ---- hearing ---------------------------------------------------------- */

static void hear(struct world *w)
{
    char much[9001];
    struct neighbour *n = neighbour_new(w, "n");

    memset(much, '0', 8999);
    strcpy(much + 8999, "7");
    neighbour_join(n, "g");
    expect_neighbour_sees(n, "g", "0");
    expect_neighbour_groups(n, much);
    expect_neighbour_fails(n, "meta g n", "Bad");
    neighbour_close(n);
    expect_number(w, n->pid, 0);
}

UNIT(neighbour, is_heard_however_much_it_says)
{
    unit_int(play(hear, obedient, 0), WORLD_PASSED);
    unit_text(why, "");
}

static void hear_wrong(struct world *w)
{
    expect_neighbour_sees(neighbour_new(w, "n"), "g", "a b");
}

UNIT(neighbour, another_list_fails_the_scenario)
{
    unit_int(play(hear_wrong, obedient, 0), WORLD_FAILED);
    unit_true(strstr(why, "got \"0\", want \"a b\"") != NULL);
}

static void hear_success(struct world *w)
{
    expect_neighbour_fails(neighbour_new(w, "n"), "leave g", "Bad");
}

UNIT(neighbour, a_success_where_an_error_is_due_fails)
{
    unit_int(play(hear_success, obedient, 0), WORLD_FAILED);
}

static void hear_error(struct world *w)
{
    struct neighbour *n = neighbour_new(w, "n");

    expect_neighbour_fails(n, "meta g n", "Bad");
    expect_neighbour_reads(n, "g", "n", "\xc0", 1);
}

UNIT(neighbour, an_error_where_metadata_is_due_fails)
{
    unit_int(play(hear_error, obedient, 0), WORLD_FAILED);
    unit_true(strstr(why, "error Bad: no") != NULL);
}

/* ---- time ------------------------------------------------------------- */

static void step(struct world *w)
{
    struct neighbour *n;

    world_T(w, 9 * SECOND);
    n = neighbour_new(w, "n");
    world_pass(w, 2999);
    expect_neighbour_sees(n, "g", "0");
    world_pass(w, 1);
    expect_neighbour_sees(n, "g", "1");
    world_pass(w, 6000);
    expect_neighbour_sees(n, "g", "3");

    neighbour_pause(n);
    world_pass(w, 60 * SECOND);
    neighbour_resume(n);
    expect_neighbour_sees(n, "g", "3");
    world_pass(w, 3000);
    expect_neighbour_sees(n, "g", "4");
    neighbour_beat(n);
    expect_neighbour_sees(n, "g", "5");
    neighbour_crash(n);
    world_pass(w, 60 * SECOND);
    expect_number(w, n->pid, 0);
}

UNIT(neighbour, beats_when_the_world_says_so)
{
    unit_int(play(step, obedient, 0), WORLD_PASSED);
    unit_text(why, "");
}

/* A beat that is due at the moment of an answer is not taken for it. */
static void answer_at_a_beat(struct world *w)
{
    struct neighbour *n;

    world_T(w, 9 * SECOND);
    n = neighbour_new(w, "n");
    n->beat_due_ms = world_clock(w);
    expect_neighbour_sees(n, "g", "0");
    expect_neighbour_sees(n, "g", "1");
}

UNIT(neighbour, keeps_an_answer_while_it_beats)
{
    unit_int(play(answer_at_a_beat, obedient, 0), WORLD_PASSED);
    unit_text(why, "");
}

/* ---- the harness distrusts it ----------------------------------------- */

static void start(struct world *w)
{
    expect_that(w, neighbour_new(w, "n") != NULL);
}

UNIT(neighbour, that_is_silent_breaks_the_scenario_and_shows_its_stderr)
{
    unit_int(play(start, "sh -c 'echo hm >&2; exec sleep 600'", 300),
             WORLD_BROKEN);
    unit_true(strstr(why, "does not answer") != NULL);
    unit_true(strstr(why, "hm\n") != NULL);
}

UNIT(neighbour, that_dies_breaks_the_scenario_and_shows_its_stderr)
{
    unit_int(play(start, "sh -c 'read -r l; echo no tooz >&2; exit 3'", 0),
             WORLD_BROKEN);
    unit_true(strstr(why, "died") != NULL);
    unit_true(strstr(why, "no tooz\n") != NULL);
}

static void outlast(struct world *w)
{
    struct neighbour *n = neighbour_new(w, "n");

    expect_that(w, n != NULL);
    world_pass(w, MINUTE);
}

UNIT(neighbour, that_dies_while_time_passes_breaks_the_scenario)
{
    unit_int(play(outlast, "sh -c 'read -r l; echo ok; read -r l'", 0),
             WORLD_BROKEN);
    unit_true(strstr(why, "died") != NULL);
}

UNIT(neighbour, without_a_command_breaks_the_scenario)
{
    unit_int(play(start, NULL, 0), WORLD_BROKEN);
    unit_true(strstr(why, "--neighbour") != NULL);
}

static void refuse(struct world *w)
{
    neighbour_new(w, "n");
}

UNIT(neighbour, that_does_not_start_fails_the_scenario)
{
    unit_int(play(refuse, "sh -c 'read -r l; echo error Conn: refused'", 0),
             WORLD_FAILED);
    unit_true(strstr(why, "Conn: refused") != NULL);
}

/* ---- nobody is left behind -------------------------------------------- */

static const char sleeper[] = "sh -c 'read -r l; echo ok; exec sleep 600'";

static void tell_pid_and_die(struct world *w)
{
    struct neighbour *n = neighbour_new(w, "n");

    if (write(STDOUT_FILENO, &n->pid, sizeof n->pid) == sizeof n->pid)
        kill(getpid(), SIGKILL);
}

/* The orphan becomes ours to wait for, and the wait ends when it does. */
UNIT(neighbour, does_not_outlive_a_harness_that_is_killed)
{
    pid_t harness, agent = 0;
    int talk[2], status = 0;

    unit_int(pipe(talk), 0);
    unit_int(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    harness = fork();
    if (harness == 0) {
        dup2(talk[1], STDOUT_FILENO);
        play(tell_pid_and_die, sleeper, 0);
        _exit(1);
    }
    close(talk[1]);
    unit_int(read(talk[0], &agent, sizeof agent), sizeof agent);
    close(talk[0]);
    unit_int(waitpid(harness, &status, 0), harness);
    unit_true(WIFSIGNALED(status));
    unit_true(agent > 1);
    unit_int(waitpid(agent, &status, 0), agent);
    unit_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static pid_t left; /* set by the scenario, read by its test */

static void leave_it(struct world *w)
{
    left = neighbour_new(w, "n")->pid;
    expect_that(w, left > 1);
}

UNIT(neighbour, is_reaped_with_its_world)
{
    unit_int(play(leave_it, sleeper, 0), WORLD_PASSED);
    unit_int(waitpid(left, NULL, 0), -1);
    unit_int(errno, ECHILD);
}
