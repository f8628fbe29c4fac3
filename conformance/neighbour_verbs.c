/* SPDX-License-Identifier: Apache-2.0
 * neighbour_verbs.c - the vocabulary of neighbours.
 */
#include "neighbour.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has(const struct neighbour *n, enum store_trait trait)
{
    return n->w->place->store->traits & trait;
}

/* An answer is noted without the text of an error: it may hold anything. The
 * world must be sound, or the scenario ends here. The answer is kept until the
 * next one, whatever beats come between. */
static const char *noted(struct neighbour *n, const char *request,
                         const char *answer)
{
    const char *end = answer == NULL ? "" : answer + strlen(answer);

    if (answer == NULL || n->w->end == WORLD_BROKEN)
        world_fail(n->w, WORLD_BROKEN, "%s", n->w->why);
    if (strncmp(answer, "error ", 6) == 0)
        end = answer + 6 + strcspn(answer + 6, ":");
    world_note(n->w, n->label, "%.200s -> %.*s", request,
               (int)(end - answer > 300 ? 300 : end - answer), answer);
    free(n->answer);
    n->answer = n->line;
    n->line = NULL;
    n->length = n->room = 0;
    world_settle(n->w);
    return n->answer;
}

static const char *ask(struct neighbour *n, const char *request)
{
    return noted(n, request, neighbour_ask(n, "%s", request));
}

/* What follows "ok ". */
static const char *need_ok(struct neighbour *n, const char *request,
                           const char *answer)
{
    if (strncmp(answer, "ok", 2) != 0)
        world_fail(n->w, WORLD_FAILED, "%s: %.200s: %.500s", n->label, request,
                   answer);
    return answer + (answer[2] == ' ' ? 3 : 2);
}

static const char *tell(struct neighbour *n, const char *request)
{
    return need_ok(n, request, ask(n, request));
}

static void tell_of(struct neighbour *n, const char *verb, const char *group)
{
    char request[600];

    snprintf(request, sizeof request, "%s %s", verb, group);
    tell(n, request);
}

/* "verb group 81a161.."; freed by the caller. */
static char *with_value(struct neighbour *n, const char *verb,
                        const char *group, const void *value, size_t bytes)
{
    const unsigned char *byte = value;
    size_t at, room = strlen(verb) + strlen(group) + 2 * bytes + 3;
    char *request = malloc(room);

    if (request == NULL)
        world_fail(n->w, WORLD_BROKEN, "out of memory");
    at = (size_t)snprintf(request, room, "%s%s%s ", verb,
                          group[0] == '\0' ? "" : " ", group);
    for (size_t i = 0; i < bytes; i++)
        at += (size_t)snprintf(request + at, room - at, "%02x", byte[i]);
    return request;
}

/* ---- verbs ------------------------------------------------------------ */

static struct neighbour *started(struct neighbour *n)
{
    const char *answer = neighbour_hear(n);

    n->beat_due_ms = world_clock(n->w) + world_beat(n->w);
    need_ok(n, "open", noted(n, "start", answer));
    return n;
}

struct neighbour *neighbour_new(struct world *w, const char *name)
{
    return started(neighbour_open(w, name, name, false));
}

struct neighbour *neighbour_new_text(struct world *w, const char *name)
{
    return started(neighbour_open(w, name, name, true));
}

struct neighbour *neighbour_twin(struct world *w, const char *name)
{
    char label[64];

    snprintf(label, sizeof label, "%.60s''", name);
    return started(neighbour_open(w, name, label, false));
}

void neighbour_create(struct neighbour *n, const char *group)
{
    tell_of(n, "create", group);
}

void neighbour_join(struct neighbour *n, const char *group)
{
    tell_of(n, "join", group);
}

void neighbour_join_with(struct neighbour *n, const char *group,
                         const void *metadata, size_t bytes)
{
    char *request = with_value(n, "join", group, metadata, bytes);

    tell(n, request);
    free(request);
}

void neighbour_leave(struct neighbour *n, const char *group)
{
    tell_of(n, "leave", group);
}

void neighbour_update(struct neighbour *n, const char *group,
                      const void *metadata, size_t bytes)
{
    char *request = with_value(n, "update", group, metadata, bytes);

    tell(n, request);
    free(request);
}

void neighbour_delete(struct neighbour *n, const char *group)
{
    tell_of(n, "delete", group);
}

void neighbour_elect(struct neighbour *n, const char *group)
{
    tell_of(n, "elect", group);
}

void neighbour_lock(struct neighbour *n, const char *name)
{
    tell_of(n, "lock", name);
}

void neighbour_watch(struct neighbour *n, const char *group)
{
    tell_of(n, "watch", group);
}

void neighbour_beat(struct neighbour *n)
{
    n->beat_due_ms = world_clock(n->w) + world_beat(n->w);
    tell(n, "beat");
}

/* What it sent last may come after its answer: told when all is there. */
void neighbour_close(struct neighbour *n)
{
    const char *answer = neighbour_ask(n, "close");

    if (answer != NULL)
        neighbour_await_end(n);
    need_ok(n, "close", noted(n, "close", answer));
}

void neighbour_kill(struct neighbour *n)
{
    world_note(n->w, n->label, "killed");
    neighbour_signal(n, SIGKILL);
    neighbour_await_end(n);
}

void neighbour_crash(struct neighbour *n)
{
    neighbour_beat(n);
    neighbour_kill(n);
}

/* Its network is dark meanwhile, as a member's is: a fake ZooKeeper would
 * take a session that stands for one that pings. */
void neighbour_pause(struct neighbour *n)
{
    world_note(n->w, n->label, "pause");
    n->is_stopped = true;
    neighbour_signal(n, SIGSTOP);
    neighbour_set_dark(n, true);
    world_settle(n->w);
}

/* Whatever its client library does when it wakes is over with the answer. */
void neighbour_resume(struct neighbour *n)
{
    world_note(n->w, n->label, "resume");
    neighbour_set_dark(n, false);
    neighbour_signal(n, SIGCONT);
    n->is_stopped = false;
    n->beat_due_ms = world_clock(n->w) + world_beat(n->w);
    tell(n, "wake");
}

/* Where readers remove nothing it is answered at once. */
void neighbour_list_begins(struct neighbour *n, const char *group)
{
    const char *answer;

    if (!has(n, STORE_SHARES_LIVENESS))
        return;
    tell(n, "hold");
    if (neighbour_tell(n, "list %s", group) != 0)
        world_fail(n->w, WORLD_BROKEN, "%s", n->w->why);
    answer = neighbour_hear(n);
    n->is_asked = true; /* it hears nothing but "go", no beat either */
    answer = noted(n, "list", answer);
    if (strncmp(answer, "error", 5) == 0)
        need_ok(n, "list", answer);
    if (strcmp(answer, "held") != 0)
        world_fail(n->w, WORLD_BROKEN, "%s lists %s and removes nobody: %.200s",
                   n->label, group, answer);
}

void neighbour_list_ends(struct neighbour *n)
{
    if (has(n, STORE_SHARES_LIVENESS))
        tell(n, "go");
}

/* ---- expectations ----------------------------------------------------- */

static void expect_answer(struct neighbour *n, const char *request,
                          const char *want)
{
    const char *got = tell(n, request);

    expect_that_at(n->w, true, "");
    if (strcmp(got, want) != 0)
        world_fail(n->w, WORLD_FAILED,
                   "%s: %.100s: got \"%.300s\", want \"%.300s\"", n->label,
                   request, got, want);
}

static void expect_answer_of(struct neighbour *n, const char *verb,
                             const char *group, const char *want)
{
    char request[600];

    snprintf(request, sizeof request, "%s %s", verb, group);
    expect_answer(n, request, want);
}

void expect_neighbour_sees(struct neighbour *n, const char *group,
                           const char *names)
{
    expect_answer_of(n, "list", group, names);
}

void expect_neighbour_groups(struct neighbour *n, const char *names)
{
    expect_answer(n, "groups", names);
}

void expect_neighbour_told(struct neighbour *n, const char *changes)
{
    expect_answer(n, "changes", changes);
}

void expect_neighbour_reads(struct neighbour *n, const char *group,
                            const char *name, const void *metadata,
                            size_t bytes)
{
    char request[600], *want = with_value(n, "ok", "", metadata, bytes);
    const char *answer;
    bool is_same;

    snprintf(request, sizeof request, "meta %s %s", group, name);
    answer = ask(n, request);
    is_same = strcmp(answer, want) == 0;
    free(want);
    expect_that_at(n->w, true, "");
    if (!is_same)
        world_fail(n->w, WORLD_FAILED,
                   "%s: %s: got \"%.300s\", not the %zu bytes wanted", n->label,
                   request, answer, bytes);
}

void expect_neighbour_fails(struct neighbour *n, const char *request,
                            const char *error)
{
    const char *answer = ask(n, request);
    size_t length = strlen(error);

    expect_that_at(n->w, true, "");
    if (strncmp(answer, "error ", 6) != 0 ||
        strncmp(answer + 6, error, length) != 0 || answer[6 + length] != ':')
        world_fail(n->w, WORLD_FAILED, "%s: %.200s: got \"%.300s\", want %s",
                   n->label, request, answer, error);
}

void expect_neighbour_poisoned(struct neighbour *n, const char *group,
                               const char *names)
{
    char request[600];

    snprintf(request, sizeof request, "list %s", group);
    if (has(n, STORE_GROUP_IS_ONE_VALUE))
        expect_neighbour_fails(n, request, "SerializationError");
    else
        expect_answer(n, request, names);
}

void expect_neighbour_sees_elected(struct neighbour *n, const char *group,
                                   const char *names,
                                   const char *names_with_leader)
{
    bool is_inside = has(n, STORE_ELECTS_INSIDE);

    expect_neighbour_sees(n, group, is_inside ? names_with_leader : names);
}

void expect_neighbour_deletes_elected(struct neighbour *n, const char *group)
{
    char request[600];

    snprintf(request, sizeof request, "delete %s", group);
    if (has(n, STORE_ELECTS_INSIDE))
        expect_neighbour_fails(n, request, "GroupNotEmpty");
    else
        tell(n, request);
}

void expect_neighbour_groups_locked(struct neighbour *n, const char *names,
                                    const char *names_with_locks)
{
    bool is_inside = has(n, STORE_ELECTS_INSIDE);

    expect_neighbour_groups(n, is_inside ? names_with_locks : names);
}

void expect_neighbour_join_refused(struct neighbour *n, const char *group,
                                   const void *metadata, size_t bytes)
{
    char *request = with_value(n, "join", group, metadata, bytes);

    expect_neighbour_fails(n, request, "MemberAlreadyExist");
    free(request);
}

void expect_taken_where_shared(struct member *m, const char *group)
{
    if (m->w->place->store->traits & STORE_SHARES_LIVENESS) {
        expect_state(m, group, SG_STATE_REPLACED);
        expect_safe(m, group, 0, 0);
        expect_events(m, SG_EV_REPLACED, 1);
    } else {
        expect_state(m, group, SG_STATE_JOINED);
        expect_events(m, SG_EV_REPLACED, 0);
    }
}

void expect_metadata_after_refusal(struct member *m, const char *group,
                                   const char *name, const void *before,
                                   const void *refused, size_t bytes)
{
    bool is_written = m->w->place->store->traits & STORE_REFUSED_JOIN_WRITES;

    expect_metadata(m, group, name, is_written ? refused : before, bytes);
}
