/* SPDX-License-Identifier: Apache-2.0
 * test_bridge.c - two answers make one, and what is said about a bad bridge.
 */
#include "bridge.h"
#include "unit.h"

#include <string.h>

static struct sg_verdict say(enum sg_status status, enum sg_reason reason)
{
    return (struct sg_verdict){.status = status, .reason = reason};
}

static void both(struct sg_verdict a, struct sg_verdict b, enum sg_status s,
                 enum sg_reason r)
{
    struct sg_verdict two[] = {a, b}, swapped[] = {b, a};

    unit_int(sg_bridge_verdict(two, 2).status, s);
    unit_int(sg_bridge_verdict(two, 2).reason, r);
    unit_int(sg_bridge_verdict(swapped, 2).status, s);
    unit_int(sg_bridge_verdict(swapped, 2).reason, r);
}

UNIT(bridge, up_if_any_down_only_if_both_else_unknown)
{
    struct sg_verdict up = say(SG_UP, SG_NO_REASON);
    struct sg_verdict none = say(SG_DOWN, SG_NOT_A_MEMBER);
    struct sg_verdict expired = say(SG_DOWN, SG_EXPIRED);
    struct sg_verdict silent = say(SG_UNKNOWN, SG_TIMED_OUT);
    struct sg_verdict forced = say(SG_DOWN, SG_FORCED);

    both(up, up, SG_UP, SG_NO_REASON);
    both(up, none, SG_UP, SG_NO_REASON);
    both(up, silent, SG_UP, SG_NO_REASON);
    both(none, none, SG_DOWN, SG_NOT_A_MEMBER);
    both(none, expired, SG_DOWN, SG_EXPIRED);
    both(none, silent, SG_UNKNOWN, SG_TIMED_OUT);
    both(expired, silent, SG_UNKNOWN, SG_TIMED_OUT);
    both(silent, silent, SG_UNKNOWN, SG_TIMED_OUT);
    both(forced, up, SG_DOWN, SG_FORCED);
    both(forced, silent, SG_DOWN, SG_FORCED);
}

UNIT(bridge, a_mark_of_either_store_is_shown)
{
    struct sg_verdict two[] = {say(SG_UP, SG_NO_REASON),
                               say(SG_DOWN, SG_EXPIRED)};

    unit_true(!sg_bridge_verdict(two, 2).disabled);
    two[1].disabled = true;
    unit_true(sg_bridge_verdict(two, 2).disabled);
}

static void codes(int a, int b, int want)
{
    int two[] = {a, b}, swapped[] = {b, a};

    unit_int(sg_bridge_code(two, 2), want);
    unit_int(sg_bridge_code(swapped, 2), want);
}

UNIT(bridge, a_call_says_the_worse_of_two_answers)
{
    codes(SG_OK, SG_OK, SG_OK);
    codes(SG_OK, SG_PENDING, SG_PENDING);
    codes(SG_OK, SG_ENOTJOINED, SG_OK);
    codes(SG_OK, SG_ENOTSUP, SG_OK);
    codes(SG_OK, SG_EUNKNOWN, SG_EUNKNOWN);
    codes(SG_PENDING, SG_EINUSE, SG_EINUSE);
    codes(SG_ENOTJOINED, SG_ENOTJOINED, SG_ENOTJOINED);
    codes(SG_ENOTJOINED, SG_ENOTSUP, SG_ENOTJOINED);
    codes(SG_EREPLACED, SG_OK, SG_EREPLACED);
}

UNIT(bridge, no_memory_is_said_only_if_nothing_was_changed)
{
    codes(SG_ENOMEM, SG_ENOMEM, SG_ENOMEM);
    codes(SG_ENOMEM, SG_OK, SG_EUNKNOWN);
    codes(SG_ENOMEM, SG_PENDING, SG_EUNKNOWN);
    codes(SG_ENOMEM, SG_EUNKNOWN, SG_EUNKNOWN);
    codes(SG_ENOMEM, SG_ENOTJOINED, SG_ENOMEM);
    codes(SG_ENOMEM, SG_ENOTSUP, SG_ENOMEM);
    codes(SG_ENOMEM, SG_EREFUSED, SG_EREFUSED);
}

static void refused(const char *url, const char *says)
{
    struct sg *sg = NULL;

    unit_int(sg_open(url, NULL, &sg), SG_EURL);
    unit_true(sg == NULL);
    if (strstr(sg_why(), says) == NULL)
        unit_text(sg_why(), says);
}

UNIT(bridge, a_bad_url_says_which_store)
{
    refused("bridge://?new=redis://h", "\"old\" one is missing");
    refused("bridge://?old=redis://h", "\"new\" one is missing");
    refused("bridge://?new=redis://h&old=nope://h", "the old store");
    refused("bridge://?new=redis://h?bad=1&old=redis://h", "the new store");
    refused("bridge://?new=redis://h&old=redis://h&more=1", "no option");
    refused("bridge://?new=redis://h&old=bridge://?new=redis://x%26old="
            "redis://y",
            "a bridge between bridges");
}

/* A password with a & that is not written %26 ends there; what is behind it
 * is read as an option. */
UNIT(bridge, half_a_password_is_not_said)
{
    const char *url =
        "bridge://?new=redis://u:a&secret@h?timeout=5&old=redis://h";

    refused(url, "%26");
    unit_true(strstr(sg_why(), "secret") == NULL);
}

UNIT(bridge, its_bounds_are_the_later_of_both)
{
    struct sg *sg;
    struct sg_bounds b;

    unit_int(sg_open("bridge://?new=redis://127.0.0.1:1?timeout=5&old="
                     "memcached://127.0.0.1:1?timeout=60",
                     NULL, &sg),
             SG_OK);
    unit_int(sg_get_bounds(sg, &b), SG_OK);
    unit_int(b.timeout_ms, 60000);
    unit_int(b.timeout_ms - b.early_ms >= 60000, 1);
    unit_true(b.late_ms >= 0);
    unit_int(b.beat_ms, 5000 / 3);
    sg_close(sg);
}
