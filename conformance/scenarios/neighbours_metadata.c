/* SPDX-License-Identifier: Apache-2.0
 * neighbours_metadata.c - chapter 13: metadata between Python and ours, what
 * can be read and what cannot.
 */
#include "scenario.h"

#include <string.h>

struct value {
    const char *bytes;
    size_t length;
};
#define VALUE(text)                                                            \
    {                                                                          \
        text, sizeof(text) - 1                                                 \
    }

/* As Python writes them: the shortest form of everything. */
static const struct value values[] = {
    VALUE("\xc0"),     /* None                          */
    VALUE("\xc4\x00"), /* b'': what 3.1 writes for none */
    VALUE("\xc3"), VALUE("\x7f"), VALUE("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
    VALUE("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"),
    VALUE("\xcb\x3f\xe0\x00\x00\x00\x00\x00\x00"),
    VALUE("\xc4\x03"
          "cap"), /* bytes                         */
    VALUE("\x81\xa1"
          "a\x01"),
    VALUE("\x81\xc4\x01k\xa1v"), /* a key of bytes                */
    /* {'weight': 1, 'host': 'noede' with an umlaut, 'none': None} */
    VALUE("\x83\xa6weight\x01\xa4host\xa5n\xc3\xb6"
          "de\xa4none\xc0"),
    VALUE("\x98\x01\xff\xcd\x01\x2c\xce\x00\x01\x11\x70\xa1x\xc4\x01y\xc0\xc2"),
    VALUE("\xdc\x00\x10\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"
          "\x0d\x0e\x0f"),
    VALUE("\xc7\x20\x00"
          "0123456789abcdef0123456789abcdef"), /* UUID            */
    VALUE("\xc7\x15\x07\x83\xa4year\xcd\x07\xe8\xa5month\x02\xa3"
          "day\x1d"),                  /* date                          */
    VALUE("\xd6\x04\x93\x01\x02\x03"), /* set                           */
    VALUE("\xd5\x63\x01\x02"),         /* an extension nobody knows     */
};
#define N_VALUES (sizeof values / sizeof *values)

NEIGHBOUR_SCENARIO(metadata_of_pythons_is_read_by_ours, "13.sees 6.1")
{
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");

    member_join_with(c, "compute", "\xa1o", 2);
    neighbour_join(p, "compute");
    expect_metadata(b, "compute", "p", "\xc4\x00", 2);
    for (size_t i = 0; i < N_VALUES; i++) {
        neighbour_update(p, "compute", values[i].bytes, values[i].length);
        expect_metadata(b, "compute", "p", values[i].bytes, values[i].length);
    }
    expect_metadata(b, "compute", "c", "\xa1o", 2);
    neighbour_leave(p, "compute");
    expect_no_metadata(b, "compute", "p");
    neighbour_join_with(p, "compute", values[0].bytes, values[0].length);
    expect_metadata(b, "compute", "p", values[0].bytes, values[0].length);
}

NEIGHBOUR_SCENARIO(metadata_of_ours_is_read_by_python, "13.sees 13.harmless")
{
    struct neighbour *p = neighbour_new(w, "p");
    struct member *c = member_joined(w, "c", "compute");

    neighbour_join_with(p, "compute", "\xa1p", 2);
    for (size_t i = 0; i < N_VALUES; i++) {
        member_set_metadata(c, "compute", values[i].bytes, values[i].length);
        expect_neighbour_reads(p, "compute", "c", values[i].bytes,
                               values[i].length);
    }
    expect_neighbour_reads(p, "compute", "p", "\xa1p", 2);
    member_leave(c, "compute");
    expect_neighbour_fails(p, "meta compute c", "MemberNotJoined");
    member_join(c, "compute");
    expect_neighbour_reads(p, "compute", "c", "\xc4\x00", 2);
}

/* Python writes a group of memcached anew, value by value: the same values,
 * perhaps in other bytes, so ours stay theirs and what ours add survives. */
NEIGHBOUR_SCENARIO(what_ours_wrote_survives_a_write_of_pythons, "13.sees 6.1")
{
    const int64_t T = world_T(w, 10 * SECOND);
    struct member *c = member_new(w, "c");
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");
    uint64_t epoch;

    for (size_t i = 0; i < N_VALUES; i++) {
        epoch =
            member_join_with(c, "compute", values[i].bytes, values[i].length);
        neighbour_join(p, "compute");
        neighbour_leave(p, "compute");
        expect_metadata(b, "compute", "c", values[i].bytes, values[i].length);
        expect_up(b, "compute", "c");
        expect_number(w, (int64_t)member_epoch(c, "compute"), (int64_t)epoch);
        member_leave(c, "compute");
    }
    member_join(c, "compute");
    neighbour_join(p, "compute");
    world_pass(w, 2 * T);
    expect_up(b, "compute", "c");
    expect_events(c, SG_EV_REPLACED, 0);
    expect_events(c, SG_EV_LOST, 0);
}

/* tooz writes {1: 2} without a word; no Python reader can read it again. On
 * memcached that is the whole group, for every Python member, and for good. */
NEIGHBOUR_SCENARIO(poison_of_pythons_costs_ours_nothing, "13.harmless 5.3")
{
    struct member *c = member_new(w, "c");
    struct member *d = member_new(w, "d");
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");
    struct neighbour *q = neighbour_new(w, "q");

    member_join_with(c, "compute", "\xa1o", 2);
    neighbour_join(p, "compute");
    neighbour_update(p, "compute", "\x81\x01\x02", 3);
    expect_neighbour_poisoned(q, "compute", "c p");
    expect_neighbour_fails(q, "meta compute p", "SerializationError");

    expect_list(b, "compute", "c p");
    expect_up(b, "compute", "p");
    expect_metadata(b, "compute", "p", "\x81\x01\x02", 3);
    expect_metadata(b, "compute", "c", "\xa1o", 2);
    member_set_metadata(c, "compute", "\xa1x", 2);
    member_join(d, "compute");
    world_pass(w, 2 * world_D(w));
    expect_list(b, "compute", "c d p");
    member_leave(c, "compute");
    expect_list(b, "compute", "d p");
    neighbour_crash(p);
    world_pass(w, world_D(w));
    expect_list(b, "compute", "d");
}

NEIGHBOUR_SCENARIO(a_damaged_entry_stops_nobody_of_ours, "13.harmless 5.3")
{
    struct member *d = member_new(w, "d");
    struct member *b = observer_new(w, "b");
    struct neighbour *p = neighbour_new(w, "p");

    member_joined(w, "c", "compute");
    world_write_damaged(w, "compute", "bad");
    neighbour_join(p, "compute");
    expect_list(b, "compute", "c p");
    member_join(d, "compute");
    world_pass(w, 2 * world_D(w));
    expect_list(b, "compute", "c d p");
    neighbour_leave(p, "compute");
    expect_down(b, "compute", "p", SG_NOT_A_MEMBER);
    expect_list(b, "compute", "c d");
}
