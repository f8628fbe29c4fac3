/* SPDX-License-Identifier: Apache-2.0
 * test_fork.c - a child has nothing of its parent's handle but the memory.
 *
 * The child judges with a line number as its exit status: a failed check must
 * not jump back into the runner, which is the parent's.
 */
#include "rig.h"
#include "unit.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITES (SG_CAN_WRITE | SG_HAS_METADATA | SG_HAS_MARKS)

#define CHILD_TRUE(x)                                                          \
    if (!(x))                                                                  \
    return __LINE__

static const struct stub_reply STANDS = {.stands = true};

static int every_call_refuses(struct sg *sg)
{
    struct sg_question q = {.group = "g", .member = "x", .forced_down = true};
    const char *members[] = {"x"};
    struct sg_names *names = NULL;
    struct sg_standing standing;
    struct sg_verdict verdict;
    struct sg_marks marks = {0};
    struct sg_bounds bounds;
    struct sg_pulse pulse;
    void *metadata = NULL;
    size_t bytes;
    bool is_up;

    CHILD_TRUE(sg_join(sg, "g", NULL, 0, 0, NULL) == SG_EFORKED);
    CHILD_TRUE(strstr(sg_why(), "fork") != NULL);
    CHILD_TRUE(sg_leave(sg, "g") == SG_EFORKED);
    CHILD_TRUE(sg_set_metadata(sg, "g", "\x80", 1) == SG_EFORKED);
    CHILD_TRUE(sg_standing(sg, "g", &standing) == SG_EFORKED);
    CHILD_TRUE(sg_ask(sg, &q, &verdict) == SG_EFORKED);
    CHILD_TRUE(sg_verdict(sg, "g", "x", &verdict) == SG_EFORKED);
    CHILD_TRUE(sg_verdicts(sg, "g", members, 1, &verdict) == SG_EFORKED);
    CHILD_TRUE(sg_is_up(sg, "g", "x", &is_up) == SG_EFORKED);
    CHILD_TRUE(sg_list(sg, "g", &names) == SG_EFORKED);
    CHILD_TRUE(sg_groups(sg, &names) == SG_EFORKED);
    CHILD_TRUE(sg_get_metadata(sg, "g", "x", &metadata, &bytes) == SG_EFORKED);
    CHILD_TRUE(sg_set_marks(sg, "g", "x", &marks) == SG_EFORKED);
    CHILD_TRUE(sg_get_marks(sg, "g", "x", &marks) == SG_EFORKED);
    CHILD_TRUE(sg_get_bounds(sg, &bounds) == SG_EFORKED);
    memset(&pulse, 0xff, sizeof pulse);
    sg_get_pulse(sg, &pulse);
    CHILD_TRUE(pulse.next_due_ms == INT64_MAX && pulse.in_flight == 0);
    sg_step(sg);
    return 0;
}

/* The child has one thread: what the stub counts there, this one did. */
static int child_main(struct rig *rig, size_t calls, unsigned ended)
{
    size_t seen;
    int line = every_call_refuses(rig->sg);
    struct stub_counts counts;

    if (line != 0)
        return line;
    sg_close(rig->sg);
    rig->sg = NULL;
    counts = stub_counts_in_child(rig->stub, &seen);
    CHILD_TRUE(counts.forked == 1);
    CHILD_TRUE(counts.closed == 0 && counts.interrupted == 0);
    CHILD_TRUE(seen == calls);
    CHILD_TRUE(rig->ended == ended);
    return 0;
}

static void await_child(pid_t pid)
{
    int status = 0;

    unit_true(pid > 0);
    unit_true(waitpid(pid, &status, 0) == pid);
    unit_true(WIFEXITED(status));
    if (WEXITSTATUS(status) != 0)
        unit_fail(__FILE__, WEXITSTATUS(status), "in the child");
}

static void fork_beside(struct rig *rig)
{
    size_t calls;
    pid_t pid;

    calls = stub_all_calls(rig->stub);
    pid = fork();
    if (pid == 0)
        _exit(child_main(rig, calls, rig->ended));
    await_child(pid);
}

UNIT(fork, a_child_is_refused_and_the_parent_unharmed)
{
    struct rig *rig = rig_new(STUB_HEARS, WRITES);

    rig_open(rig, NULL);
    unit_int(sg_join(rig->sg, "g", "\x80", 1, 0, NULL), SG_OK);
    rig_settle(rig);
    fork_beside(rig);
    unit_int(stub_counts(rig->stub).forked, 0);
    rig_pass(rig, RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_BEAT), 1);
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    unit_int(stub_counts(rig->stub).opened, 1);
    unit_int(sg_leave(rig->sg, "g"), SG_OK);
    rig_free(rig);
}

UNIT(fork, it_may_come_while_a_beat_is_under_way)
{
    struct rig *rig = rig_new(STUB_HEARS, WRITES);

    rig_open(rig, NULL);
    unit_int(sg_join(rig->sg, "g", NULL, 0, 0, NULL), SG_OK);
    stub_next(rig->stub, SG_VERB_BEAT, STANDS);
    rig_pass(rig, RIG_BEAT);
    unit_int(stub_counts(rig->stub).standing, 1);
    fork_beside(rig);
    stub_release(rig->stub);
    rig_settle(rig);
    rig_free(rig);
}

/* ThreadSanitizer ends a child that makes threads. */
#ifndef __SANITIZE_THREAD__
UNIT(fork, a_handle_of_the_child_works)
{
    struct rig *rig = rig_new(STUB_HEARS, WRITES);
    pid_t pid;

    rig_open(rig, NULL);
    unit_int(sg_join(rig->sg, "g", NULL, 0, 0, NULL), SG_OK);
    pid = fork();
    if (pid == 0) {
        struct stub *stub = stub_new(STUB_HEARS, WRITES, NULL, NULL);
        struct sg_options o = {.member = "c", .kind = stub_kind(stub)};
        struct sg *sg = NULL;
        char url[128];
        int rc;
        stub_url(stub, "127.0.0.1", url, sizeof url);
        rc = sg_open(url, &o, &sg);
        if (rc == SG_OK)
            rc = sg_join(sg, "g", NULL, 0, 0, NULL);
        sg_close(sg);
        sg_close(rig->sg);
        _exit(rc == SG_OK && stub_calls(stub, SG_VERB_LEAVE) == 1 ? 0
                                                                  : __LINE__);
    }
    await_child(pid);
    rig_free(rig);
}
#endif

UNIT(fork, a_heart_of_its_own_stays_with_the_parent)
{
    struct rig *rig = rig_new(STUB_HEARS, WRITES);
    size_t beats;
    pid_t pid;

    rig_use_real_time(rig);
    rig_open(rig, &(struct sg_options){.timeout_ms = 300});
    rig_join(rig, "g");
    pid = fork();
    if (pid == 0) {
        bool is_refused = sg_leave(rig->sg, "g") == SG_EFORKED;
        sg_close(rig->sg);
        _exit(is_refused ? 0 : __LINE__);
    }
    await_child(pid);
    beats = stub_calls(rig->stub, SG_VERB_BEAT);
    stub_await(rig->stub, SG_VERB_BEAT, beats + 2);
    rig_close(rig);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 1);
    rig_free(rig);
}
