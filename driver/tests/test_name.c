/* SPDX-License-Identifier: Apache-2.0
 * test_name.c - which names are taken, which are refused, and the sentence.
 */
#include "name.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static int check(const char *name, char why[300])
{
    int rc;

    strcpy(why, "untouched");
    rc = sg_name_check("group", name, why, 300);
    if (name != NULL)
        unit_int(sg_name_is_safe(name, strlen(name)), rc == SG_OK);
    return rc;
}

static void taken(const char *name)
{
    char why[300];

    unit_int(check(name, why), SG_OK);
    unit_text(why, "untouched");
}

static void refused(const char *name, const char *sentence)
{
    char why[300];

    unit_int(check(name, why), SG_ENAME);
    unit_true(strstr(why, sentence) != NULL);
}

UNIT(name, usual_names_are_taken)
{
    taken("compute");
    taken("compute:host-1.example.org:3");
    taken("a");
    taken("!\"#$%&'()*+,-.0123456789:;<=>?@AZ[\\]^_`az{|}~");
}

UNIT(name, a_byte_outside_the_safe_set_is_shown)
{
    char text[4] = "ab";

    for (int byte = 1; byte < 256; byte++) {
        bool is_safe = byte > ' ' && byte < 0x7f && byte != '/';
        char want[40];
        text[2] = (char)byte;
        snprintf(want, sizeof want, "byte 0x%02x at offset 2", (unsigned)byte);
        if (is_safe)
            taken(text);
        else
            refused(text, want);
    }
    refused("a b", "printable ASCII");
}

UNIT(name, two_hundred_bytes_are_the_limit)
{
    char text[SG_NAME_MAX + 2];

    memset(text, 'x', sizeof text);
    text[SG_NAME_MAX + 1] = '\0';
    refused(text, "has 201 bytes");
    text[SG_NAME_MAX] = '\0';
    taken(text);
}

UNIT(name, nothing_is_no_name)
{
    refused("", "empty");
    refused(NULL, "empty");
    unit_true(!sg_name_is_safe("x", 0));
}

UNIT(name, words_of_a_layout_are_refused)
{
    static const char *const words[] = {".",      "..",    "LIST",
                                        "leader", "locks", "__created__"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char longer[32];
        refused(words[i], "reserves");
        snprintf(longer, sizeof longer, "%s.", words[i]);
        if (strcmp(longer, "..") != 0)
            taken(longer);
    }
    taken("list");
    taken("LIS");
    taken("LISTS");
    taken("Leader");
}

UNIT(name, the_length_counts_not_the_terminator)
{
    unit_true(!sg_name_is_safe("a\0b", 3));
    unit_true(sg_name_is_safe("ab/", 2));
    unit_true(sg_name_is_safe("LISTING", 7));
    unit_true(!sg_name_is_safe("LISTING", 4));
}

UNIT(name, a_short_buffer_is_not_overrun)
{
    char why[8];

    memset(why, '#', sizeof why);
    unit_int(sg_name_check("member", "a b", why, 5), SG_ENAME);
    unit_text(why, "memb");
    unit_int(why[5], '#');
}

UNIT(name, a_part_has_a_colon_and_something_behind)
{
    unit_true(sg_name_is_part("host", "host:1"));
    unit_true(sg_name_is_part("host", "host::"));
    unit_true(!sg_name_is_part("host", "host"));
    unit_true(!sg_name_is_part("host", "host:"));
    unit_true(!sg_name_is_part("host", "host1:1"));
    unit_true(!sg_name_is_part("host", "hos:1"));
    unit_true(sg_name_is_part("host:1", "host:1:2"));
}
