/* SPDX-License-Identifier: Apache-2.0
 * bridge.c - fuzz: the URL of a bridge: what is quoted comes out as it went
 * in, each store is judged as it would be alone, and no sentence tells a
 * password.
 *
 * An input is the new store's URL, and behind a cut the old one's.
 */
#include "bridge.h"

#include "fuzz.h"
#include "target.h"

#define SECRET "hunter2"

static void take_log(void *arg, const char *sentence)
{
    (void)arg;
    fuzz_claim(sentence[0] != '\0');
}

static const struct sg_env env = {.log = take_log, .own_heart = true};

/* As the README says, and the harder way: every byte. */
static char *quoted(const char *text, bool is_all)
{
    char *to = malloc(3 * strlen(text) + 1), *at = to;

    for (; *text != '\0'; text++)
        if (is_all || strchr("&%#+ ", *text) != NULL)
            at += sprintf(at, "%%%02x", (unsigned char)*text);
        else
            *at++ = *text;
    *at = '\0';
    return to;
}

static char *bridge_of(const char *new_url, const char *old_url, bool is_all)
{
    char *one = quoted(new_url, is_all), *two = quoted(old_url, is_all);
    char *url = NULL;

    if (asprintf(&url, "bridge://?new=%s&old=%s", one, two) < 0)
        abort();
    free(one);
    free(two);
    return url;
}

/* ---- opened as a whole ------------------------------------------------ */

static bool is_refusal(int rc)
{
    return rc == SG_EURL || rc == SG_ETIMEOUT;
}

static void claim_bounds(const struct sg *sg)
{
    for (size_t i = 0; i < sg->n_stores; i++) {
        const struct sg_bounds *s = &sg->store[i]->bounds, *b = &sg->bounds;
        fuzz_claim(b->timeout_ms >= s->timeout_ms && b->beat_ms <= s->beat_ms &&
                   b->deadline_ms >= s->deadline_ms);
        fuzz_claim(b->timeout_ms - b->early_ms >= s->timeout_ms - s->early_ms);
        fuzz_claim(b->timeout_ms + b->late_ms >= s->timeout_ms + s->late_ms);
    }
}

static int open_it(const char *url)
{
    const struct sg_options options = {.env = &env};
    struct sg *sg = NULL;
    int rc = sg_open(url, &options, &sg);

    fuzz_claim((rc == SG_OK) == (sg != NULL));
    if (rc != SG_OK) {
        fuzz_claim(is_refusal(rc) && sg_why()[0] != '\0');
        return rc;
    }
    claim_bounds(sg);
    sg_close(sg);
    return rc;
}

/* ---- taken apart ------------------------------------------------------ */

/* What one store's URL says alone. */
static int parse(const char *text, const struct sg_backend_kind **ret_kind)
{
    const struct sg_backend_kind *kind = NULL;
    struct sg_url *url = NULL;
    char why[400];
    int rc = sg_url_parse(text, NULL, 0, &env, why, sizeof why, &kind, &url);

    *ret_kind = kind;
    sg_url_free(url);
    return rc;
}

static void claim_option(const struct sg_url *url, const char *name,
                         const char *text)
{
    const char *value = url->target.option(&url->target, name);

    fuzz_claim(value != NULL && strcmp(value, text) == 0);
}

/* True: it is a bridge, whatever its stores are. */
static bool unquote(const char *text, const char *new_url, const char *old_url)
{
    const struct sg_backend_kind *kind = NULL;
    struct sg_url *url = NULL;
    char why[400];
    int rc = sg_url_parse(text, NULL, 0, &env, why, sizeof why, &kind, &url);

    if (rc != SG_OK) {
        fuzz_claim(rc == SG_EURL && why[0] != '\0');
        return false;
    }
    fuzz_claim(kind == &sg_bridge_kind);
    claim_option(url, "new", new_url);
    claim_option(url, "old", old_url);
    sg_url_free(url);
    return true;
}

static void build(const char *new_url, const char *old_url, bool is_all)
{
    char *url = bridge_of(new_url, old_url, is_all);
    const struct sg_backend_kind *new_kind, *old_kind;
    int new_rc = parse(new_url, &new_kind), old_rc = parse(old_url, &old_kind);
    int rc = open_it(url);

    if (unquote(url, new_url, old_url)) {
        bool is_new_bad = new_rc != SG_OK || new_kind == &sg_bridge_kind;
        bool is_old_bad = old_rc != SG_OK || old_kind == &sg_bridge_kind;
        fuzz_claim((rc == SG_OK) == (!is_new_bad && !is_old_bad));
        if (rc != SG_OK)
            fuzz_claim(strstr(sg_why(), is_new_bad ? "the new store"
                                                   : "the old store") != NULL);
    } else {
        fuzz_claim(rc == SG_EURL);
        /* Every byte but NUL can be said so. */
        fuzz_claim(!is_all || *new_url == '\0' || *old_url == '\0');
    }
    free(url);
}

/* ---- as somebody types it --------------------------------------------- */

static void type(const char *form, const char *new_url, const char *old_url)
{
    char *url;

    if (asprintf(&url, form, new_url, old_url) < 0)
        abort();
    (void)open_it(url);
    fuzz_claim(strstr(new_url, SECRET) != NULL ||
               strstr(old_url, SECRET) != NULL ||
               strstr(sg_why(), SECRET) == NULL);
    free(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_bytes all = {bytes, length}, part[2] = {{NULL, 0}, {NULL, 0}};
    char *text[2];

    for (size_t i = 0; i < 2; i++) {
        (void)fuzz_part(&all, &part[i]);
        text[i] = fuzz_text(part[i]);
    }
    build(text[0], text[1], false);
    build(text[0], text[1], true);
    type("bridge://?new=%s&old=%s", text[0], text[1]);
    type("bridge://%s?old=%s", text[0], text[1]);
    type("bridge://?new=redis://u:" SECRET "@%s&old=%s", text[0], text[1]);
    type("bridge://?new=redis://u:x&" SECRET "@%s&old=%s", text[0], text[1]);
    free(text[0]);
    free(text[1]);
    return 0;
}
