/* SPDX-License-Identifier: Apache-2.0
 * main.c - every call of the driver, with its n-th allocation failing, for
 * n = 1, 2, 3 ... until none fails any more.
 *
 *   sg-oom [SCHEME [ACT [N]]]      default: all
 *
 * Nothing may crash or leak (AddressSanitizer judges that), no verdict may be
 * wrong, SG_ENOMEM means that nothing was changed, and with memory again the
 * handle works. Last line: "N passed, N failed".
 */
#include "act.h"
#include "fail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 400 /* no call allocates more often */

static void set_up(struct scene *s, const struct act *act)
{
    const struct sg_marks marks = {.disabled = true};

    if (s->wrong[0] != '\0')
        return;
    if (scene_open(s, true, &s->sg) != SG_OK)
        scene_wrong(s, "open: %s", sg_why());
    else if (act->is_joined &&
             (sg_join(s->sg, "grp1",
                      "\x81\xa1"
                      "a\x01",
                      4, 0, NULL) != SG_OK ||
              sg_set_marks(s->sg, "grp1", "node-b", &marks) != SG_OK))
        scene_wrong(s, "join: %s", sg_why());
    if (act->prepare != NULL && s->wrong[0] == '\0')
        act->prepare(s);
}

/* Was there memory for it, or was it said that there was not? */
static bool is_said(int code)
{
    return code == SG_OK || code == SG_PENDING || code == SG_ENOMEM ||
           code == SG_EUNKNOWN;
}

static long play(struct scene *s, const struct act *act, long n, bool for_good)
{
    char *before = scene_dump(s), *now;
    long failed;
    int code;

    fail_arm(n, for_good);
    code = act->run(s);
    failed = fail_disarm();
    now = scene_dump(s);
    if (!is_said(code) || (failed == 0 && code != SG_OK))
        scene_wrong(s, "%s: %s", sg_error_name(code), sg_why());
    if (act->is_told && code == SG_ENOMEM && strcmp(before, now) != 0)
        scene_wrong(s, "SG_ENOMEM, and something was changed:\n%s\n%s", before,
                    now);
    free(before);
    free(now);
    if (act->after != NULL)
        act->after(s, code);
    if (!act->is_lossy)
        scene_works(s);
    return failed;
}

/* False: it went wrong. *ret_failed 0: memory sufficed. */
static bool run_one(const char *scheme, const struct act *act, long n,
                    bool for_good, long *ret_failed)
{
    struct scene s;
    bool is_right;

    scene_begin(&s, scheme);
    set_up(&s, act);
    *ret_failed = s.wrong[0] == '\0' ? play(&s, act, n, for_good) : 0;
    scene_end(&s);
    is_right = s.wrong[0] == '\0';
    if (!is_right)
        printf("not ok %s %s %ld%s: %s\n", scheme, act->name, n,
               for_good ? " for good" : "", s.wrong);
    return is_right;
}

struct tally {
    const char *scheme, *act; /* only these; NULL: all                   */
    long n;                   /* only this; 0: all                       */
    unsigned passed, failed;
};

static bool is_wanted(const char *only, const char *name)
{
    return only == NULL || strcmp(only, name) == 0;
}

static void run_all(struct tally *tally, const char *scheme,
                    const struct act *act, bool for_good)
{
    long failures = 1, n = tally->n > 0 ? tally->n - 1 : 0;

    while (failures > 0 && ++n < MOST) {
        if (tally->act != NULL) { /* so that a crash has a number */
            printf("%s %s %ld\n", scheme, act->name, n);
            fflush(stdout);
        }
        if (run_one(scheme, act, n, for_good, &failures))
            tally->passed++;
        else
            tally->failed++;
        if (tally->n > 0)
            return;
    }
    if (n == MOST || n < 2) {
        printf("not ok %s %s: it fails for ever, or never\n", scheme,
               act->name);
        tally->failed++;
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const char *const schemes[] = {"redis", "memcached", "kazoo",
                                          "bridge"};
    struct tally tally = {.scheme = argc > 1 ? argv[1] : NULL,
                          .act = argc > 2 ? argv[2] : NULL,
                          .n = argc > 3 ? strtol(argv[3], NULL, 10) : 0};

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        for (const struct act *act = acts; act->name != NULL; act++) {
            if (!is_wanted(tally.scheme, schemes[i]) ||
                !is_wanted(tally.act, act->name))
                continue;
            run_all(&tally, schemes[i], act, false);
            run_all(&tally, schemes[i], act, true);
        }
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    return tally.failed == 0 && tally.passed > 0 ? 0 : 1;
}
