/* SPDX-License-Identifier: Apache-2.0
 * scene.c - a member before its store, or before the two of a bridge.
 */
#include "scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Real time only ends a scene that would hang. */
#define HANGING_S 20

bool scene_wrong(struct scene *s, const char *format, ...)
{
    va_list list;

    if (s->wrong[0] != '\0')
        return false;
    va_start(list, format);
    vsnprintf(s->wrong, sizeof s->wrong, format, list);
    va_end(list);
    return false;
}

/* ---- surroundings ----------------------------------------------------- */

static int64_t now_ms(void *arg)
{
    struct scene *s = arg;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 +
           atomic_load(&s->ahead_ms);
}

static void wake(void *arg)
{
    struct scene *s = arg;

    pthread_mutex_lock(&s->lock);
    s->wakes++;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void no_log(void *arg, const char *sentence)
{
    (void)arg;
    (void)sentence;
}

static void wait_for_wake(struct scene *s, unsigned seen)
{
    struct timespec at;
    int rc = 0;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += HANGING_S;
    pthread_mutex_lock(&s->lock);
    while (s->wakes == seen && rc == 0)
        rc = pthread_cond_timedwait(&s->changed, &s->lock, &at);
    pthread_mutex_unlock(&s->lock);
    if (rc != 0)
        scene_wrong(s, "nothing happens for %d s", HANGING_S);
}

static unsigned wakes(struct scene *s)
{
    unsigned seen;

    pthread_mutex_lock(&s->lock);
    seen = s->wakes;
    pthread_mutex_unlock(&s->lock);
    return seen;
}

void scene_settle(struct scene *s)
{
    struct sg_pulse pulse;

    do {
        unsigned seen = wakes(s);
        sg_step(s->sg);
        sg_get_pulse(s->sg, &pulse);
        if (pulse.in_flight > 0)
            wait_for_wake(s, seen);
    } while ((pulse.in_flight > 0 || pulse.next_due_ms <= now_ms(s)) &&
             s->wrong[0] == '\0');
}

void scene_advance(struct scene *s)
{
    struct sg_pulse pulse;
    int64_t now = now_ms(s);

    sg_get_pulse(s->sg, &pulse);
    if (pulse.next_due_ms == INT64_MAX)
        return;
    if (pulse.next_due_ms > now)
        atomic_fetch_add(&s->ahead_ms, pulse.next_due_ms - now);
    scene_settle(s);
}

/* ---- the stores ------------------------------------------------------- */

static bool is_bridge(const struct scene *s)
{
    return strcmp(s->scheme, "bridge") == 0;
}

void scene_begin(struct scene *s, const char *scheme)
{
    static const char form[] = "%s://127.0.0.1:%d?timeout=30";
    char one[2][100];

    *s = (struct scene){.scheme = scheme};
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->served[0] = served_new(is_bridge(s) ? "redis" : scheme);
    s->served[1] = is_bridge(s) ? served_new("memcached") : NULL;
    if (s->served[0] == NULL || (is_bridge(s) && s->served[1] == NULL)) {
        scene_wrong(s, "no fake");
        return;
    }
    snprintf(s->url, sizeof s->url, form, scheme, served_port(s->served[0]));
    if (is_bridge(s)) {
        snprintf(one[0], sizeof *one, form, "redis", served_port(s->served[0]));
        snprintf(one[1], sizeof *one, form, "memcached",
                 served_port(s->served[1]));
        snprintf(s->url, sizeof s->url, "bridge://?new=%s&old=%s", one[0],
                 one[1]);
    }
}

void scene_end(struct scene *s)
{
    sg_close(s->sg);
    for (int i = 0; i < SCENE_STORES; i++)
        served_free(s->served[i]);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
}

int scene_open(struct scene *s, bool is_member, struct sg **ret_sg)
{
    const struct sg_env env = {.arg = s,
                               .now_ms = now_ms,
                               .log = no_log,
                               .wake = wake,
                               .own_heart = true};
    const struct sg_options options = {.member = is_member ? "node-a" : NULL,
                                       .deadline_ms = 8000,
                                       .env = &env};

    return sg_open(s->url, &options, ret_sg);
}

/* Digits after a text say nothing: a moment, or the counter of epochs, which
 * may have gaps. */
static void blank(char *dump, const char *after)
{
    for (char *at = dump; (at = strstr(at, after)) != NULL;) {
        at += strlen(after);
        for (char *c = at; *c >= '0' && *c <= '9'; c++)
            *c = '0';
    }
}

char *scene_dump(struct scene *s)
{
    char *all = strdup("");

    for (int i = 0; i < SCENE_STORES && s->served[i] != NULL; i++) {
        char *one = served_dump(s->served[i]), *both = NULL;
        if (one == NULL || asprintf(&both, "%s%s", all, one) < 0)
            abort();
        free(one);
        free(all);
        all = both;
    }
    blank(all, "\\x20b=");
    blank(all, "_SG_EPOCH 1 never \"");
    return all;
}

void scene_flush(struct scene *s)
{
    for (int i = 0; i < SCENE_STORES && s->served[i] != NULL; i++)
        served_flush(s->served[i]);
}

/* ---- with memory again ------------------------------------------------ */

static void is_seen(struct scene *s, struct sg *eye, enum sg_status want)
{
    struct sg_verdict verdict;
    int rc = sg_verdict(eye, "grp1", "node-a", &verdict);

    if (rc != SG_OK || verdict.status != want)
        scene_wrong(s, "afterwards it is %s, %s, not %s",
                    sg_status_name(verdict.status),
                    sg_reason_name(verdict.reason), sg_status_name(want));
}

static void is_listed(struct scene *s, struct sg *eye)
{
    struct sg_names *names;
    int rc = sg_list(eye, "grp1", &names);

    if (rc != SG_OK) {
        scene_wrong(s, "afterwards a list answers %s", sg_error_name(rc));
        return;
    }
    if (names->count != 1 || strcmp(names->name[0], "node-a") != 0)
        scene_wrong(s, "afterwards %zu are listed", names->count);
    sg_names_free(names);
}

void scene_works(struct scene *s)
{
    struct sg *eye = NULL;
    int rc;

    scene_settle(s);
    rc = sg_join(s->sg, "grp1", NULL, 0, 0, NULL);
    if (rc != SG_OK)
        scene_wrong(s, "afterwards a join answers %s: %s", sg_error_name(rc),
                    sg_why());
    if (scene_open(s, false, &eye) != SG_OK) {
        scene_wrong(s, "afterwards no handle can be opened: %s", sg_why());
        return;
    }
    is_seen(s, eye, SG_UP);
    is_listed(s, eye);
    rc = sg_leave(s->sg, "grp1");
    if (rc != SG_OK)
        scene_wrong(s, "afterwards a leave answers %s: %s", sg_error_name(rc),
                    sg_why());
    is_seen(s, eye, SG_DOWN);
    sg_close(eye);
}
