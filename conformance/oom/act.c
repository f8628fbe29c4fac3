/* SPDX-License-Identifier: Apache-2.0
 * act.c - what is done while memory fails, and what may come of it.
 */
#include "act.h"

#include "fail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A1                                                                     \
    "\x81\xa1"                                                                 \
    "a\x01"
#define B                                                                      \
    "\xa5"                                                                     \
    "other"

/* ---- being a member --------------------------------------------------- */

static int join(struct scene *s)
{
    return sg_join(s->sg, "grp1", NULL, 0, 0, NULL);
}

static int join_wholly(struct scene *s)
{
    uint64_t epoch = 77;
    int rc = sg_join(s->sg, "grp1", A1, sizeof A1 - 1, SG_JOIN_ALL_OR_NOTHING,
                     &epoch);

    if ((rc == SG_OK) == (epoch == 77))
        scene_wrong(s, "the epoch is %llu", (unsigned long long)epoch);
    return rc;
}

static int join_again(struct scene *s)
{
    return sg_join(s->sg, "grp1", B, sizeof B - 1, 0, NULL);
}

static int join_second(struct scene *s)
{
    return sg_join(s->sg, "grp2", NULL, 0, 0, NULL);
}

static int set_metadata(struct scene *s)
{
    return sg_set_metadata(s->sg, "grp1", B, sizeof B - 1);
}

static int leave(struct scene *s)
{
    return sg_leave(s->sg, "grp1");
}

/* The clock goes on to the next beat, whatever memory does. */
static int beat(struct scene *s)
{
    for (int i = 0; i < 3; i++)
        scene_advance(s);
    return SG_OK;
}

static int put_back(struct scene *s)
{
    scene_flush(s);
    return beat(s);
}

static int close_it(struct scene *s)
{
    sg_close(s->sg);
    s->sg = NULL;
    return SG_OK;
}

/* What was refused for want of memory must not come with a later return. */
static void metadata_is(struct scene *s, int code)
{
    const char *want = code == SG_OK || code == SG_PENDING ? B : A1;
    struct sg *eye = NULL;
    void *got = NULL;
    size_t bytes = 0;
    int rc;

    scene_settle(s);
    scene_flush(s);
    for (int i = 0; i < 4; i++)
        scene_advance(s);
    scene_open(s, false, &eye);
    rc = sg_get_metadata(eye, "grp1", "node-a", &got, &bytes);
    if (code == SG_EUNKNOWN) /* either */
        want = rc == SG_OK && bytes == sizeof B - 1 ? B : A1;
    if (rc != SG_OK || bytes != strlen(want) || memcmp(got, want, bytes) != 0)
        scene_wrong(s, "after %s and a loss of data it has other metadata (%s)",
                    sg_error_name(code), sg_error_name(rc));
    free(got);
    sg_close(eye);
}

/* It is there, by its heart alone. */
static void is_back(struct scene *s, int code)
{
    struct sg_standing standing = {SG_STATE_NONE, 0, 0};

    (void)code;
    scene_settle(s);
    for (int i = 0; i < 8 && standing.state != SG_STATE_JOINED; i++) {
        scene_advance(s);
        sg_standing(s->sg, "grp1", &standing);
    }
    if (standing.state != SG_STATE_JOINED)
        scene_wrong(s, "its heart does not put it back: state %d",
                    (int)standing.state);
}

/* SG_OK is a word about every store. */
static void is_everywhere(struct scene *s, int code)
{
    for (int i = 0; i < SCENE_STORES && s->served[i] != NULL; i++) {
        char *dump = served_dump(s->served[i]);
        if (code == SG_OK && strstr(dump, "node-a") == NULL)
            scene_wrong(s, "SG_OK, and it is not in store %d", i);
        free(dump);
    }
}

/* A leave that could not even be begun: the heart owes it. */
static void leave_later(struct scene *s)
{
    int rc;

    fail_arm(1, true);
    rc = sg_leave(s->sg, "grp1");
    fail_disarm();
    if (rc != SG_PENDING)
        scene_wrong(s, "a leave without memory answers %s", sg_error_name(rc));
}

/* It is owed still, if the join was refused; and it is not, if it was not. */
static void is_left(struct scene *s, int code)
{
    struct sg *eye = NULL;
    struct sg_verdict verdict;

    for (int i = 0; i < 3; i++)
        scene_advance(s);
    scene_open(s, false, &eye);
    sg_verdict(eye, "grp1", "node-a", &verdict);
    if (verdict.status != (code == SG_ENOMEM ? SG_DOWN : SG_UP))
        scene_wrong(s, "after %s it is %s", sg_error_name(code),
                    sg_status_name(verdict.status));
    sg_close(eye);
}

/* ---- asking ----------------------------------------------------------- */

/* UNKNOWN is allowed, a wrong word is not. */
static void is_right(struct scene *s, const struct sg_verdict *v,
                     enum sg_status want)
{
    if (v->status == SG_UNKNOWN ? v->reason != SG_NO_MEMORY : v->status != want)
        scene_wrong(s, "it is %s, %s", sg_status_name(v->status),
                    sg_reason_name(v->reason));
}

static int ask(struct scene *s, const struct sg_question *question,
               enum sg_status want)
{
    struct sg_verdict verdict = {.last_seen_ms = 77};
    int rc = sg_ask(s->sg, question, &verdict);

    if (rc == SG_OK)
        is_right(s, &verdict, want);
    else if (verdict.last_seen_ms != 77)
        scene_wrong(s, "a verdict beside an error");
    return rc;
}

static int ask_up(struct scene *s)
{
    const struct sg_question q = {.group = "grp1", .member = "node-a"};

    return ask(s, &q, SG_UP);
}

static int ask_down(struct scene *s)
{
    const struct sg_question q = {.group = "grp1", .member = "nobody"};

    return ask(s, &q, SG_DOWN);
}

static int ask_parts(struct scene *s)
{
    const struct sg_question q = {
        .group = "grp1", .member = "node", .any_part = true};

    return ask(s, &q, SG_DOWN);
}

/* The second is answered from what the first left. */
static int ask_twice(struct scene *s)
{
    const struct sg_question q = {
        .group = "grp1", .member = "node-a", .max_age_ms = 60000};
    int rc = ask(s, &q, SG_UP);

    return rc == SG_OK ? ask(s, &q, SG_UP) : rc;
}

static int ask_many(struct scene *s)
{
    static const char *const names[] = {"nobody", "node-a", "no-one"};
    struct sg_verdict verdicts[3];
    int rc = sg_verdicts(s->sg, "grp1", names, 3, verdicts);

    for (int i = 0; i < 3 && rc == SG_OK; i++)
        is_right(s, &verdicts[i], i == 1 ? SG_UP : SG_DOWN);
    return rc;
}

static int ask_is_up(struct scene *s)
{
    bool is_up = false;
    int rc = sg_is_up(s->sg, "grp1", "node-a", &is_up);

    if (is_up != (rc == SG_OK))
        scene_wrong(s, "is_up is %d beside %s", is_up, sg_error_name(rc));
    return rc;
}

static int names_of(struct scene *s, int rc, struct sg_names *names,
                    const char *want)
{
    if (rc != SG_OK) {
        if (names != NULL)
            scene_wrong(s, "names beside %s", sg_error_name(rc));
        return rc;
    }
    if (names->count != 1 || strcmp(names->name[0], want) != 0)
        scene_wrong(s, "%zu names where %s is one", names->count, want);
    sg_names_free(names);
    return rc;
}

static int list(struct scene *s)
{
    struct sg_names *names = NULL;
    int rc = sg_list(s->sg, "grp1", &names);

    return names_of(s, rc, names, "node-a");
}

static int groups(struct scene *s)
{
    struct sg_names *names = NULL;
    int rc = sg_groups(s->sg, &names);

    return names_of(s, rc, names, "grp1");
}

static int get_metadata(struct scene *s)
{
    void *got = NULL;
    size_t bytes = 77;
    int rc = sg_get_metadata(s->sg, "grp1", "node-a", &got, &bytes);

    if (rc == SG_OK ? bytes != sizeof A1 - 1 || memcmp(got, A1, bytes) != 0
                    : got != NULL || bytes != 77)
        scene_wrong(s, "metadata of %zu bytes beside %s", bytes,
                    sg_error_name(rc));
    free(got);
    return rc;
}

/* ---- an operator's word ----------------------------------------------- */

static int set_marks(struct scene *s)
{
    const struct sg_marks marks = {.disabled = true,
                                   .disabled_reason = "for now"};

    return sg_set_marks(s->sg, "grp1", "other", &marks);
}

static int get_marks(struct scene *s)
{
    struct sg_marks marks = {.forced_down = true};
    int rc = sg_get_marks(s->sg, "grp1", "node-b", &marks);

    if (rc == SG_OK ? !marks.disabled || marks.forced_down : !marks.forced_down)
        scene_wrong(s, "other marks beside %s", sg_error_name(rc));
    return rc;
}

/* ---- opening ---------------------------------------------------------- */

static int open_and_close(const char *url, bool has_heart)
{
    const struct sg_env env = {.own_heart = !has_heart};
    const struct sg_options options = {.member = "node-a", .env = &env};
    struct sg *sg = NULL;
    int rc = sg_open(url, &options, &sg);

    sg_close(sg);
    return rc;
}

static int open_it(struct scene *s)
{
    return open_and_close(s->url, true);
}

/* Everything that a URL may have; nobody is connected. */
static int open_urls(struct scene *s)
{
    static const char *const urls[] = {
        "redis://user:pass%40word@[::1]:1/?db=3&timeout=9&namespace=n%20s",
        "redis:///run/redis.sock?timeout=5&membership_timeout=4.5",
        "memcached://localhost?timeout=5&timeout=6&max_pool_size=3",
        "kazoo://u:p@h1:1,h2:2?hosts=h3:3/root&namespace=a/b&timeout=8",
        "bridge://?new=redis://h?timeout=5%26db=2&old=memcached://h?timeout=5",
    };
    int rc = SG_OK;

    (void)s;
    for (size_t i = 0; i < sizeof urls / sizeof *urls && rc == SG_OK; i++)
        rc = open_and_close(urls[i], false);
    return rc;
}

const struct act acts[] = {
    {"open", false, true, NULL, open_it, NULL, false},
    {"open_urls", false, true, NULL, open_urls, NULL, false},
    {"join", false, true, NULL, join, is_everywhere, false},
    {"join_wholly", false, true, NULL, join_wholly, is_everywhere, false},
    {"join_again", true, true, NULL, join_again, metadata_is, false},
    {"join_second", true, true, NULL, join_second, is_everywhere, false},
    {"join_while_leaving", true, true, leave_later, join, is_left, false},
    {"set_metadata", true, true, NULL, set_metadata, metadata_is, false},
    {"leave", true, true, NULL, leave, NULL, false},
    {"beat", true, false, NULL, beat, is_back, false},
    {"put_back", true, false, NULL, put_back, is_back, false},
    {"close", true, false, NULL, close_it, NULL, true},
    {"ask_up", true, true, NULL, ask_up, NULL, false},
    {"ask_down", true, true, NULL, ask_down, NULL, false},
    {"ask_parts", true, true, NULL, ask_parts, NULL, false},
    {"ask_twice", true, true, NULL, ask_twice, NULL, false},
    {"ask_many", true, true, NULL, ask_many, NULL, false},
    {"ask_is_up", true, true, NULL, ask_is_up, NULL, false},
    {"list", true, true, NULL, list, NULL, false},
    {"groups", true, true, NULL, groups, NULL, false},
    {"get_metadata", true, true, NULL, get_metadata, NULL, false},
    {"set_marks", true, true, NULL, set_marks, NULL, false},
    {"get_marks", true, true, NULL, get_marks, NULL, false},
    {NULL, false, false, NULL, NULL, NULL, false},
};
