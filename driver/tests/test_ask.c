/* SPDX-License-Identifier: Apache-2.0
 * test_ask.c - verdicts, lists, metadata and marks, as their caller sees them.
 */
#include "rig.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const struct stub_reply FAILS = {.code = SG_EUNKNOWN,
                                        .reason = SG_UNREACHABLE};

static const struct stub_scene UP = {.sight = {.entry = true,
                                               .alive = true,
                                               .same_owner = true,
                                               .epoch = 5,
                                               .last_seen_ms = 42},
                                     .group_exists = true,
                                     .group_birth = 7,
                                     .server_age_ms = -1};
static const struct stub_scene GONE = {.sight = {.last_seen_ms = -1},
                                       .server_age_ms = -1};

static struct rig *observer(const struct stub_scene *scene)
{
    struct rig *rig = rig_new(STUB_HEARS, SG_HAS_MARKS);

    stub_show(rig->stub, scene);
    rig_open_observer(rig);
    return rig;
}

static int64_t asked(struct rig *rig)
{
    return (int64_t)stub_calls(rig->stub, SG_VERB_ASK);
}

/* ---- wrong use -------------------------------------------------------- */

UNIT(ask, wrong_use_is_an_error_and_sends_nothing)
{
    struct rig *rig = observer(&UP);
    const char *names[] = {"x", NULL};
    struct sg_question q = {.group = "g", .member = "x"};
    struct sg_verdict verdict = {.epoch = 99}, two[2];
    struct sg_marks marks = {0};
    bool is_up = true;

    unit_int(sg_ask(rig->sg, NULL, &verdict), SG_EINVAL);
    unit_int(sg_ask(rig->sg, &q, NULL), SG_EINVAL);
    unit_int(sg_ask(NULL, &q, &verdict), SG_EINVAL);
    unit_int(sg_verdict(rig->sg, "a b", "x", &verdict), SG_ENAME);
    unit_int(sg_verdict(rig->sg, "g", "a/b", &verdict), SG_ENAME);
    unit_int(sg_verdict(rig->sg, NULL, "x", &verdict), SG_ENAME);
    unit_int(sg_verdict(rig->sg, "g", NULL, &verdict), SG_ENAME);
    unit_int(sg_verdicts(rig->sg, "g", names, 2, two), SG_ENAME);
    unit_int(sg_verdicts(rig->sg, "g", NULL, 2, two), SG_EINVAL);
    unit_int(sg_verdicts(rig->sg, "g", names, 1, NULL), SG_EINVAL);
    unit_int(sg_is_up(rig->sg, "g", "", &is_up), SG_ENAME);
    unit_int(sg_set_marks(rig->sg, "g", "x", NULL), SG_EINVAL);
    unit_int(sg_set_marks(rig->sg, "g", "", &marks), SG_ENAME);
    unit_int((int64_t)verdict.epoch, 99);
    unit_true(is_up);
    unit_int(stub_counts(rig->stub).opened, 0);
    rig_free(rig);
}

UNIT(ask, nothing_asked_is_answered_without_a_server)
{
    struct rig *rig = observer(&UP);

    unit_int(sg_verdicts(rig->sg, "g", NULL, 0, NULL), SG_OK);
    unit_int(sg_verdicts(rig->sg, "a b", NULL, 0, NULL), SG_ENAME);
    unit_int(asked(rig), 0);
    rig_free(rig);
}

/* ---- verdicts --------------------------------------------------------- */

UNIT(ask, a_verdict_shows_what_the_store_shows)
{
    struct rig *rig = observer(&UP);
    struct sg_verdict verdict = {0};

    unit_int(sg_verdict(rig->sg, "g", "x", &verdict), SG_OK);
    unit_int(verdict.status, SG_UP);
    unit_int((int64_t)verdict.epoch, 5);
    unit_int(verdict.last_seen_ms, 42);
    unit_int(verdict.age_ms, 0);
    unit_text(stub_last(rig->stub, SG_VERB_ASK).group, "g");
    rig_free(rig);
}

UNIT(ask, forced_down_needs_no_server)
{
    struct rig *rig = observer(&UP);
    struct sg_question q = {.group = "g", .member = "x", .forced_down = true};
    struct sg_verdict verdict = {0};

    unit_int(sg_ask(rig->sg, &q, &verdict), SG_OK);
    unit_int(verdict.status, SG_DOWN);
    unit_int(verdict.reason, SG_FORCED);
    unit_int(verdict.last_seen_ms, -1);
    unit_int(asked(rig), 0);
    q.member = "a b";
    unit_int(sg_ask(rig->sg, &q, &verdict), SG_ENAME);
    rig_free(rig);
}

UNIT(ask, many_are_asked_in_one_call)
{
    struct rig *rig = observer(&UP);
    const char *names[] = {"x", "y", "z"};
    struct sg_verdict verdicts[3] = {{0}};

    unit_int(sg_verdicts(rig->sg, "g", names, 3, verdicts), SG_OK);
    unit_int(asked(rig), 1);
    for (size_t i = 0; i < 3; i++)
        unit_int(verdicts[i].status, SG_UP);
    stub_next(rig->stub, SG_VERB_ASK, FAILS);
    unit_int(sg_verdicts(rig->sg, "g", names, 3, verdicts), SG_OK);
    for (size_t i = 0; i < 3; i++) {
        unit_int(verdicts[i].status, SG_UNKNOWN);
        unit_int(verdicts[i].reason, SG_UNREACHABLE);
    }
    rig_free(rig);
}

/* Whatever a back end says went wrong: a question that failed is no DOWN. */
UNIT(ask, a_failure_is_never_down)
{
    for (int code = SG_EREFUSED; code <= SG_EINVAL; code++) {
        struct rig *rig = observer(&GONE);
        struct sg_verdict verdict = {.status = SG_UP};
        stub_next(rig->stub, SG_VERB_ASK, (struct stub_reply){.code = code});
        unit_int(sg_verdict(rig->sg, "g", "x", &verdict), SG_OK);
        unit_int(verdict.status, SG_UNKNOWN);
        unit_true(verdict.reason != SG_NO_REASON);
        rig_free(rig);
    }
}

UNIT(ask, a_yes_or_no_is_untouched_when_nobody_knows)
{
    struct rig *rig = observer(&UP);
    struct stub_scene replaced = UP;
    bool is_up = false;

    unit_int(sg_is_up(rig->sg, "g", "x", &is_up), SG_OK);
    unit_true(is_up);
    stub_next(rig->stub, SG_VERB_ASK, FAILS);
    unit_int(sg_is_up(rig->sg, "g", "x", &is_up), SG_EUNKNOWN);
    unit_text(sg_why(), "the stub says SG_EUNKNOWN");
    unit_true(is_up);
    replaced.sight.same_owner = false;
    stub_show(rig->stub, &replaced);
    unit_int(sg_is_up(rig->sg, "g", "x", &is_up), SG_EUNKNOWN);
    unit_text(sg_why(), "the store says REPLACED");
    unit_true(is_up);
    stub_show(rig->stub, &GONE);
    unit_int(sg_is_up(rig->sg, "g", "x", &is_up), SG_EUNKNOWN);
    unit_text(sg_why(), "the store says LOST_DATA");
    rig_pass(rig, RIG_T);
    unit_int(sg_is_up(rig->sg, "g", "x", &is_up), SG_OK);
    unit_true(!is_up);
    rig_free(rig);
}

UNIT(ask, a_store_that_lost_its_group_is_doubted_for_T)
{
    struct rig *rig = observer(&UP);
    struct sg_verdict verdict;

    sg_verdict(rig->sg, "g", "x", &verdict);
    stub_show(rig->stub, &GONE);
    sg_verdict(rig->sg, "g", "x", &verdict);
    unit_int(verdict.reason, SG_LOST_DATA);
    rig_pass(rig, RIG_T - 1);
    sg_verdict(rig->sg, "g", "x", &verdict);
    unit_int(verdict.reason, SG_LOST_DATA);
    rig_pass(rig, 1);
    sg_verdict(rig->sg, "g", "x", &verdict);
    unit_int(verdict.reason, SG_NOT_A_MEMBER);
    rig_free(rig);
}

/* ---- the view --------------------------------------------------------- */

UNIT(ask, a_verdict_of_a_good_age_is_not_asked_for_again)
{
    struct rig *rig = observer(&UP);
    struct sg_question q = {.group = "g", .member = "x", .max_age_ms = 1000};
    struct sg_verdict verdict;

    unit_int(sg_ask(rig->sg, &q, &verdict), SG_OK);
    unit_int(verdict.age_ms, 0);
    rig_pass(rig, 1000);
    unit_int(sg_ask(rig->sg, &q, &verdict), SG_OK);
    unit_int(verdict.age_ms, 1000);
    unit_int(verdict.status, SG_UP);
    unit_int(asked(rig), 1);
    rig_pass(rig, 1);
    unit_int(sg_ask(rig->sg, &q, &verdict), SG_OK);
    unit_int(verdict.age_ms, 0);
    unit_int(asked(rig), 2);
    /* Another question is another answer. */
    q.any_part = true;
    sg_ask(rig->sg, &q, &verdict);
    unit_int(asked(rig), 3);
    q.any_part = false;
    q.max_age_ms = 0;
    sg_ask(rig->sg, &q, &verdict);
    unit_int(asked(rig), 4);
    rig_free(rig);
}

UNIT(ask, a_failure_is_not_remembered)
{
    struct rig *rig = observer(&UP);
    struct sg_question q = {.group = "g", .member = "x", .max_age_ms = 1000};
    struct sg_verdict verdict;

    sg_ask(rig->sg, &q, &verdict);
    rig_pass(rig, 1001);
    stub_next(rig->stub, SG_VERB_ASK, FAILS);
    sg_ask(rig->sg, &q, &verdict);
    unit_int(verdict.status, SG_UNKNOWN);
    sg_ask(rig->sg, &q, &verdict);
    unit_int(verdict.status, SG_UP);
    unit_int(asked(rig), 3);
    rig_free(rig);
}

/* ---- lists ------------------------------------------------------------ */

UNIT(ask, a_list_is_sorted_and_counts_the_damaged)
{
    struct stub_scene scene = UP;
    struct sg_names *names = NULL;
    struct rig *rig;

    scene.n_names = 3;
    scene.skipped = 2;
    scene.names[0] = "zebra";
    scene.names[1] = "ant";
    scene.names[2] = "m";
    rig = observer(&scene);
    unit_int(sg_list(rig->sg, "g", &names), SG_OK);
    unit_int((int64_t)names->count, 3);
    unit_int((int64_t)names->skipped, 2);
    unit_text(names->name[0], "ant");
    unit_text(names->name[1], "m");
    unit_text(names->name[2], "zebra");
    sg_names_free(names);
    names = NULL;
    unit_int(sg_groups(rig->sg, &names), SG_OK);
    unit_int((int64_t)names->count, 3);
    unit_int((int64_t)names->skipped, 2);
    unit_text(names->name[0], "ant");
    sg_names_free(names);
    rig_free(rig);
}

UNIT(ask, only_who_is_up_is_in_a_list)
{
    struct stub_scene scene = UP;
    struct sg_names *names = NULL;
    struct rig *rig;

    scene.n_names = 2;
    scene.names[0] = "x";
    scene.names[1] = "y";
    rig = observer(&scene);
    scene.sight.alive = false;
    stub_show(rig->stub, &scene);
    unit_int(sg_list(rig->sg, "g", &names), SG_OK);
    unit_int((int64_t)names->count, 0);
    sg_names_free(names);
    scene.sight.alive = true;
    scene.sight.marks.forced_down = true;
    stub_show(rig->stub, &scene);
    unit_int(sg_list(rig->sg, "g", &names), SG_OK);
    unit_int((int64_t)names->count, 0);
    sg_names_free(names);
    rig_free(rig);
}

UNIT(ask, a_list_of_a_store_in_doubt_is_none)
{
    struct rig *rig = observer(&UP);
    struct sg_names *names = NULL;

    unit_int(sg_list(rig->sg, "g", &names), SG_OK);
    sg_names_free(names);
    names = NULL;
    stub_show(rig->stub, &GONE);
    unit_int(sg_list(rig->sg, "g", &names), SG_EUNKNOWN);
    unit_true(strstr(sg_why(), "lost its data") != NULL);
    unit_true(names == NULL);
    rig_pass(rig, RIG_T);
    unit_int(sg_list(rig->sg, "g", &names), SG_OK);
    unit_int((int64_t)names->count, 0);
    sg_names_free(names);
    rig_free(rig);
}

UNIT(ask, a_list_that_failed_is_an_error)
{
    struct rig *rig = observer(&UP);
    struct sg_names *names = NULL;

    stub_next(rig->stub, SG_VERB_LIST, FAILS);
    unit_int(sg_list(rig->sg, "g", &names), SG_EUNKNOWN);
    stub_next(rig->stub, SG_VERB_GROUPS, FAILS);
    unit_int(sg_groups(rig->sg, &names), SG_EUNKNOWN);
    unit_true(names == NULL);
    unit_int(sg_list(rig->sg, "a b", &names), SG_ENAME);
    unit_int(sg_list(NULL, "g", &names), SG_EINVAL);
    unit_int(sg_groups(NULL, &names), SG_EINVAL);
    sg_names_free(NULL);
    rig_free(rig);
}

/* ---- metadata and marks ----------------------------------------------- */

UNIT(ask, metadata_is_the_callers_copy)
{
    struct stub_scene scene = UP;
    struct rig *rig;
    void *got = NULL;
    size_t bytes = 0;

    scene.metadata = "\xa3"
                     "a\0b";
    scene.metadata_bytes = 4;
    rig = observer(&scene);
    unit_int(sg_get_metadata(rig->sg, "g", "x", &got, &bytes), SG_OK);
    unit_bytes(got, bytes, scene.metadata, 4);
    free(got);
    scene.metadata_bytes = 0;
    stub_show(rig->stub, &scene);
    unit_int(sg_get_metadata(rig->sg, "g", "x", &got, &bytes), SG_OK);
    unit_int((int64_t)bytes, 0);
    free(got);
    got = NULL;
    stub_next(rig->stub, SG_VERB_GET_METADATA,
              (struct stub_reply){.code = SG_ENOTJOINED});
    unit_int(sg_get_metadata(rig->sg, "g", "x", &got, &bytes), SG_ENOTJOINED);
    unit_true(got == NULL);
    rig_free(rig);
}

UNIT(ask, marks_are_read_in_the_same_wait_as_a_verdict)
{
    struct stub_scene scene = GONE;
    struct sg_marks marks = {0};
    struct rig *rig;

    scene.sight.marks = (struct sg_marks){true, true, "broken disk"};
    rig = observer(&scene);
    unit_int(sg_get_marks(rig->sg, "g", "x", &marks), SG_OK);
    unit_true(marks.disabled && marks.forced_down);
    unit_text(marks.disabled_reason, "broken disk");
    unit_int(asked(rig), 1);
    stub_next(rig->stub, SG_VERB_ASK, FAILS);
    unit_int(sg_get_marks(rig->sg, "g", "x", &marks), SG_EUNKNOWN);
    unit_text(marks.disabled_reason, "broken disk");
    rig_free(rig);
}

UNIT(ask, marks_are_set_where_they_are_kept)
{
    struct rig *rig = observer(&UP), *none = rig_new(STUB_HEARS, 0);
    struct sg_marks marks = {.disabled = true, .disabled_reason = "disk"}, got;

    unit_int(sg_set_marks(rig->sg, "g", "x", &marks), SG_OK);
    got = stub_last(rig->stub, SG_VERB_SET_MARKS).marks;
    unit_true(got.disabled && !got.forced_down);
    unit_text(got.disabled_reason, "disk");
    /* A text without an end gets one. */
    memset(marks.disabled_reason, 'x', sizeof marks.disabled_reason);
    unit_int(sg_set_marks(rig->sg, "g", "x", &marks), SG_OK);
    got = stub_last(rig->stub, SG_VERB_SET_MARKS).marks;
    unit_int((int64_t)strnlen(got.disabled_reason, sizeof got.disabled_reason),
             SG_REASON_MAX);
    rig_open_observer(none);
    unit_int(sg_set_marks(none->sg, "g", "x", &marks), SG_ENOTSUP);
    unit_int(stub_counts(none->stub).opened, 0);
    rig_free(rig);
    rig_free(none);
}
