/* SPDX-License-Identifier: Apache-2.0
 * names.c - chapter 11: names, URLs, and what must never be sent.
 */
#include "scenario.h"

#include <string.h>

SCENARIO(names, the_safe_set_works, "11.1")
{
    static const char all[] = "!\"#$%&'()*+,-.0123456789:;<=>?@ABCXYZ[\\]^_`"
                              "abcxyz{|}~";
    char longest[SG_NAME_MAX + 1];
    struct member *a = member_new(w, all);
    struct member *b = observer_new(w, "b");
    struct member *c;

    memset(longest, 'n', SG_NAME_MAX);
    longest[SG_NAME_MAX] = '\0';
    c = member_new(w, longest);
    member_join(a, all);
    expect_up(b, all, all);
    expect_list(b, all, all);
    member_join(c, longest);
    expect_up(b, longest, longest);
    world_pass(w, 2 * world_D(w));
    expect_up(b, all, all);
    expect_up(b, longest, longest);
    member_leave(a, all);
    expect_down(b, all, all, SG_NOT_A_MEMBER);
}

SCENARIO(names, every_other_name_is_refused_before_a_byte_is_sent, "11.1 1.5")
{
    static const char *const names[] = {
        "",          "a b",       "a/b",    "/a",        "a/",
        "new\nline", "tab\there", "\x7f",   "n\xc3\xb6", ".",
        "..",        "LIST",      "leader", "locks",     "__created__"};
    char too_long[301];
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");
    struct sg_verdict v;

    memset(too_long, 'n', 300);
    too_long[300] = '\0';
    cost_begin(a);
    cost_begin(b);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        expect_join(a, names[i], 0, SG_ENAME);
        expect_number(w, sg_verdict(member_handle(b), "g", names[i], &v),
                      SG_ENAME);
        expect_number(w, sg_verdict(member_handle(b), names[i], "m", &v),
                      SG_ENAME);
    }
    expect_join(a, too_long, 0, SG_ENAME);
    expect_that(w, strstr(sg_why(), "300") != NULL);
    expect_join(a, "new\nline", 0, SG_ENAME);
    expect_that(w, strstr(sg_why(), "0x0a at offset 3") != NULL);
    expect_cost(a, COST_NOTHING);
    expect_cost(b, COST_NOTHING);
}

SCENARIO(names, a_name_cannot_carry_a_command, "11.2")
{
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "compute");
    world_remember_state(w);
    expect_join(a, "x\r\nflush_all\r\n", 0, SG_ENAME);
    expect_join(a, "*1\r\n$8\r\nFLUSHALL\r\n", 0, SG_ENAME);
    expect_same_state(w);
    expect_up(b, "compute", "a");
}

SCENARIO(names, metadata_cannot_carry_a_command, "11.2 6.1")
{
    static const char text[] = "\xd9\x1bx\r\nflush_all\r\nFLUSHALL\r\n\0END";
    struct member *a = member_new(w, "a");
    struct member *b = observer_new(w, "b");

    member_join(a, "other");
    member_join_with(a, "compute", text, 29);
    expect_metadata(b, "compute", "a", text, 29);
    expect_up(b, "other", "a");
    expect_list(b, "compute", "a");
}

SCENARIO(names, a_timeout_that_cannot_be_kept_is_refused_with_numbers, "11.3")
{
    expect_timeout_refused(w);
}
