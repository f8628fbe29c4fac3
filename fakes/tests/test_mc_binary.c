/* SPDX-License-Identifier: Apache-2.0
 * test_mc_binary.c - the fake memcached's binary protocol, packet by packet.
 *
 * Every expected answer was given by memcached 1.6.18 of Debian 12.
 */
#include "mc_desk.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* A packet, request or response, as a test writes it. The literals hold
 * bytes of any kind, so their lengths go with them. */
struct packet {
    uint8_t opcode;
    uint16_t status; /* of a response                                       */
    uint64_t cas;
    const char *extras;
    size_t extras_bytes;
    const char *key;
    size_t key_bytes;
    const char *value;
    size_t value_bytes;
};

#define EXTRAS(x) .extras = (x), .extras_bytes = sizeof(x) - 1
#define KEY(x) .key = (x), .key_bytes = sizeof(x) - 1
#define VALUE(x) .value = (x), .value_bytes = sizeof(x) - 1
#define NOTHING EXTRAS("\0\0\0\0\0\0\0\0")

struct bytes {
    uint8_t at[1024];
    size_t length;
};

static void put_number(struct bytes *b, uint64_t value, size_t length)
{
    for (size_t i = length; i > 0; i--) {
        b->at[b->length + i - 1] = (uint8_t)value;
        value >>= 8;
    }
    b->length += length;
}

static void put_bytes(struct bytes *b, const char *bytes, size_t length)
{
    if (length > 0)
        memcpy(b->at + b->length, bytes, length);
    b->length += length;
}

static void put(struct bytes *b, uint8_t magic, const struct packet *p)
{
    put_number(b, magic, 1);
    put_number(b, p->opcode, 1);
    put_number(b, p->key_bytes, 2);
    put_number(b, p->extras_bytes, 1);
    put_number(b, 0, 1);
    put_number(b, p->status, 2);
    put_number(b, p->extras_bytes + p->key_bytes + p->value_bytes, 4);
    put_number(b, 0xdeadbeef, 4);
    put_number(b, p->cas, 8);
    put_bytes(b, p->extras, p->extras_bytes);
    put_bytes(b, p->key, p->key_bytes);
    put_bytes(b, p->value, p->value_bytes);
}

static void send_packet(struct mc_desk *d, struct packet p)
{
    struct bytes b = {.length = 0};

    put(&b, 0x80, &p);
    mc_desk_say(d, b.at, b.length);
}

static void expect_packet(struct mc_desk *d, struct packet p, int line)
{
    struct bytes b = {.length = 0};

    put(&b, 0x81, &p);
    mc_desk_expect(d, b.at, b.length, __FILE__, line);
}

/* The first argument is the opcode. */
#define tell(d, ...) send_packet((d), (struct packet){.opcode = __VA_ARGS__})
#define hear(d, ...)                                                           \
    expect_packet((d), (struct packet){.opcode = __VA_ARGS__}, __LINE__)

UNIT(mc_binary, stores_and_gives_back)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    tell(&d, 0x01, KEY("a"), VALUE("val"), EXTRAS("\0\0\0\5\0\0\0\0"));
    hear(&d, 0x01, .cas = 1);
    tell(&d, 0x00, KEY("a"));
    hear(&d, 0x00, .cas = 1, EXTRAS("\0\0\0\5"), VALUE("val"));
    tell(&d, 0x0c, KEY("a"));
    hear(&d, 0x0c, .cas = 1, EXTRAS("\0\0\0\5"), KEY("a"), VALUE("val"));
    tell(&d, 0x00, KEY("b"));
    hear(&d, 0x00, .status = 1, VALUE("Not found"));
    tell(&d, 0x0c, KEY("b"));
    hear(&d, 0x0c, .status = 1, KEY("b"));
    tell(&d, 0x01, KEY("a b\n\0c"), NOTHING);
    hear(&d, 0x01, .cas = 2);
    tell(&d, 0x0c, KEY("a b\n\0c"));
    hear(&d, 0x0c, .cas = 2, EXTRAS("\0\0\0\0"), KEY("a b\n\0c"));
    mc_desk_end(&d);
}

UNIT(mc_binary, add_replace_append_prepend)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    tell(&d, 0x03, KEY("a"), VALUE("x"), NOTHING);
    hear(&d, 0x03, .status = 1, VALUE("Not found"));
    tell(&d, 0x0e, KEY("a"), VALUE("x"));
    hear(&d, 0x0e, .status = 5, VALUE("Not stored."));
    tell(&d, 0x02, KEY("a"), VALUE("x"), EXTRAS("\0\0\0\1\0\0\0\0"));
    hear(&d, 0x02, .cas = 1);
    tell(&d, 0x02, KEY("a"), VALUE("y"), NOTHING);
    hear(&d, 0x02, .status = 2, VALUE("Data exists for key."));
    tell(&d, 0x0e, KEY("a"), VALUE(">"));
    hear(&d, 0x0e, .cas = 2);
    tell(&d, 0x0f, KEY("a"), VALUE("<"));
    hear(&d, 0x0f, .cas = 3);
    tell(&d, 0x00, KEY("a"));
    hear(&d, 0x00, .cas = 3, EXTRAS("\0\0\0\1"), VALUE("<x>"));
    tell(&d, 0x03, KEY("a"), VALUE("y"), NOTHING);
    hear(&d, 0x03, .cas = 4);
    mc_desk_end(&d);
}

UNIT(mc_binary, a_cas_in_the_header_must_match)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    tell(&d, 0x01, KEY("a"), VALUE("x"), NOTHING, .cas = 1);
    hear(&d, 0x01, .status = 1, VALUE("Not found"));
    tell(&d, 0x01, KEY("a"), VALUE("1"), NOTHING);
    hear(&d, 0x01, .cas = 1);
    tell(&d, 0x03, KEY("a"), VALUE("y"), NOTHING, .cas = 2);
    hear(&d, 0x03, .status = 2, VALUE("Data exists for key."));
    tell(&d, 0x0e, KEY("a"), VALUE("y"), .cas = 2);
    hear(&d, 0x0e, .status = 2, VALUE("Data exists for key."));
    tell(&d, 0x04, KEY("a"), .cas = 2);
    hear(&d, 0x04, .status = 2, VALUE("Data exists for key."));
    tell(&d, 0x05, KEY("a"), .cas = 2,
         EXTRAS("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0"));
    hear(&d, 0x05, .status = 2, VALUE("Data exists for key."));
    tell(&d, 0x01, KEY("a"), VALUE("y"), NOTHING, .cas = 1);
    hear(&d, 0x01, .cas = 2);
    tell(&d, 0x04, KEY("a"), .cas = 2);
    hear(&d, 0x04);
    tell(&d, 0x04, KEY("a"));
    hear(&d, 0x04, .status = 1, VALUE("Not found"));
    unit_int(fake_count(d.fake, NULL, "cas"), 3);
    unit_int(fake_count(d.fake, NULL, "set"), 1);
    unit_int(fake_count(d.fake, NULL, "replace"), 0);
    mc_desk_end(&d);
}

UNIT(mc_binary, incr_makes_the_number_unless_forbidden)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    tell(&d, 0x05, KEY("i"),
         EXTRAS("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\5\xff\xff\xff\xff"));
    hear(&d, 0x05, .status = 1, VALUE("Not found"));
    tell(&d, 0x05, KEY("i"),
         EXTRAS("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\x0a\0\0\0\2"));
    hear(&d, 0x05, .cas = 1, VALUE("\0\0\0\0\0\0\0\x0a"));
    unit_int(fake_next_due(d.hub), MC_DESK_START_MS + 2000);
    tell(&d, 0x05, KEY("i"),
         EXTRAS("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\x0a\0\0\0\0"));
    hear(&d, 0x05, .cas = 2, VALUE("\0\0\0\0\0\0\0\x0b"));
    tell(&d, 0x06, KEY("i"),
         EXTRAS("\0\0\0\0\0\0\0\x64\0\0\0\0\0\0\0\x0a\0\0\0\0"));
    hear(&d, 0x06, .cas = 3, VALUE("\0\0\0\0\0\0\0\0"));
    tell(&d, 0x00, KEY("i"));
    hear(&d, 0x00, .cas = 3, EXTRAS("\0\0\0\0"), VALUE("0 "));
    /* Nothing is no number, whatever its cas. */
    tell(&d, 0x01, KEY("i"), NOTHING);
    hear(&d, 0x01, .cas = 4);
    tell(&d, 0x05, KEY("i"), .cas = 77,
         EXTRAS("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\5\0\0\0\0"));
    hear(&d, 0x05, .status = 6,
         VALUE("Non-numeric server-side value for incr or decr"));
    tell(&d, 0x01, KEY("i"), VALUE("x"), NOTHING);
    hear(&d, 0x01, .cas = 5);
    tell(&d, 0x05, KEY("i"),
         EXTRAS("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\5\0\0\0\0"));
    hear(&d, 0x05, .status = 6,
         VALUE("Non-numeric server-side value for incr or decr"));
    mc_desk_end(&d);
}

UNIT(mc_binary, touch_and_gat)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    tell(&d, 0x1c, KEY("t"), EXTRAS("\0\0\0\5"));
    hear(&d, 0x1c, .status = 1, VALUE("Not found"));
    tell(&d, 0x01, KEY("t"), VALUE("v"), EXTRAS("\0\0\0\3\0\0\0\0"));
    hear(&d, 0x01, .cas = 1);
    tell(&d, 0x1c, KEY("t"), EXTRAS("\0\0\0\5"));
    hear(&d, 0x1c, .cas = 1, EXTRAS("\0\0\0\3"));
    unit_int(fake_next_due(d.hub), MC_DESK_START_MS + 5000);
    tell(&d, 0x1d, KEY("t"), EXTRAS("\0\0\0\7"));
    hear(&d, 0x1d, .cas = 1, EXTRAS("\0\0\0\3"), VALUE("v"));
    unit_int(fake_next_due(d.hub), MC_DESK_START_MS + 7000);
    tell(&d, 0x23, KEY("t"), EXTRAS("\0\0\0\7"));
    hear(&d, 0x23, .cas = 1, EXTRAS("\0\0\0\3"), KEY("t"), VALUE("v"));
    /* No sign here: the largest number is the year 2106. */
    tell(&d, 0x1c, KEY("t"), EXTRAS("\xff\xff\xff\xff"));
    hear(&d, 0x1c, .cas = 1, EXTRAS("\0\0\0\3"));
    unit_int(fake_next_due(d.hub),
             MC_DESK_START_MS + (UINT32_MAX - MC_DESK_WALL_S) * 1000);
    mc_desk_end(&d);
}

UNIT(mc_binary, quiet_commands_tell_failures_only)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    tell(&d, 0x11, KEY("q"), VALUE("1"), NOTHING);
    tell(&d, 0x15, KEY("q"),
         EXTRAS("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\5\0\0\0\0"));
    tell(&d, 0x19, KEY("q"), VALUE("x"));
    tell(&d, 0x09, KEY("no"));
    tell(&d, 0x0d, KEY("no"));
    tell(&d, 0x1e, KEY("no"), EXTRAS("\0\0\0\0"));
    tell(&d, 0x0d, KEY("q"));
    hear(&d, 0x0d, .cas = 3, EXTRAS("\0\0\0\0"), KEY("q"), VALUE("2x"));
    tell(&d, 0x12, KEY("q"), VALUE("1"), NOTHING);
    hear(&d, 0x12, .status = 2, VALUE("Data exists for key."));
    tell(&d, 0x14, KEY("q"));
    tell(&d, 0x14, KEY("q"));
    hear(&d, 0x14, .status = 1, VALUE("Not found"));
    tell(&d, 0x18);
    tell(&d, 0x0a);
    hear(&d, 0x0a);
    tell(&d, 0x17);
    expect_end(&d);
    mc_desk_end(&d);
}

UNIT(mc_binary, the_server_about_itself)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    tell(&d, 0x0b);
    hear(&d, 0x0b, VALUE("1.6.18"));
    tell(&d, 0x10, KEY("reset"));
    hear(&d, 0x10);
    tell(&d, 0x10, KEY("no such"));
    hear(&d, 0x10, .status = 1, VALUE("Not found"));
    tell(&d, 0x08, EXTRAS("\0\0\0\0"));
    hear(&d, 0x08);
    tell(&d, 0x07);
    hear(&d, 0x07);
    expect_end(&d);
    mc_desk_end(&d);
}

/* ---- refusals --------------------------------------------------------- */

UNIT(mc_binary, unknown_opcodes_are_refused_and_counted)
{
    static const uint8_t opcodes[] = {0x1b, 0x1f, 0x20, 0x25, 0x30, 0xff};
    struct mc_desk d;
    mc_desk_start(&d, 0);
    for (size_t i = 0; i < sizeof opcodes; i++) {
        tell(&d, opcodes[i]);
        hear(&d, opcodes[i], .status = 0x81, VALUE("Unknown command"));
    }
    unit_int(fake_refused(d.fake), sizeof opcodes);
    tell(&d, 0x21, KEY("PLAIN"), VALUE("\0user\0secret"));
    hear(&d, 0x21, .status = 0x81, VALUE("Unknown command"));
    tell(&d, 0x0a);
    hear(&d, 0x0a);
    mc_desk_end(&d);
}

UNIT(mc_binary, the_malformed_is_answered_and_the_connection_closed)
{
    static const struct packet malformed[] = {
        {.opcode = 0x00},
        {.opcode = 0x00, KEY("a"), VALUE("x")},
        {.opcode = 0x01, KEY("a"), VALUE("x")},
        {.opcode = 0x01, NOTHING},
        {.opcode = 0x04, KEY("a"), EXTRAS("\0")},
        {.opcode = 0x05, KEY("a"), NOTHING},
        {.opcode = 0x07, KEY("a")},
        {.opcode = 0x0a, VALUE("x")},
        {.opcode = 0x0b, EXTRAS("\0")},
        {.opcode = 0x08, EXTRAS("\0")},
        {.opcode = 0x1c, KEY("a")},
        {.opcode = 0x22},
    };
    struct mc_desk d;
    mc_desk_start(&d, 0);
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        send_packet(&d, malformed[i]);
        hear(&d, malformed[i].opcode, .status = 4, VALUE("Invalid arguments"));
        expect_end(&d);
    }
    mc_desk_end(&d);
}

UNIT(mc_binary, lengths_that_cannot_be)
{
    char key[251];
    struct packet p = {.key = key, .key_bytes = sizeof key};
    struct mc_desk d;
    mc_desk_start(&d, 0);
    memset(key, 'k', sizeof key);
    send_packet(&d, p);
    hear(&d, 0x00, .status = 4, VALUE("Invalid arguments"));
    expect_end(&d);
    /* A key longer than its body. */
    mc_desk_say(&d,
                "\x80\0\0\3\0\0\0\0\0\0\0\1\xde\xad\xbe\xef\0\0\0\0\0\0\0\0abc",
                27);
    hear(&d, 0x00, .status = 0x81, VALUE("Unknown command"));
    expect_end(&d);
    tell(&d, 0x0a);
    hear(&d, 0x0a);
    mc_desk_say(&d, "\x81\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
    expect_end(&d);
    mc_desk_end(&d);
}

UNIT(mc_binary, too_large_and_out_of_memory)
{
    size_t length = 1048517;
    char *value = calloc(1, length);
    struct bytes b = {.length = 0};
    struct packet p = {.opcode = 0x01, KEY("L"), NOTHING};
    struct mc_desk d;
    mc_desk_start(&d, 0);
    unit_true(value != NULL);
    tell(&d, 0x01, KEY("L"), VALUE("x"), NOTHING);
    hear(&d, 0x01, .cas = 1);
    put(&b, 0x80, &p);
    /* The length of the body: extras, key and value. */
    memcpy(b.at + 8, "\x00\x0f\xff\xce", 4);
    mc_desk_say(&d, b.at, b.length);
    mc_desk_say(&d, value, length);
    hear(&d, 0x01, .status = 3, VALUE("Too large."));
    tell(&d, 0x00, KEY("L"));
    hear(&d, 0x00, .status = 1, VALUE("Not found"));
    unit_int(fake_set_condition(d.fake, FAKE_OUT_OF_MEMORY), 0);
    tell(&d, 0x11, KEY("a"), VALUE("get a\r\n"), NOTHING);
    hear(&d, 0x11, .status = 0x82, VALUE("Out of memory allocating item"));
    tell(&d, 0x05, KEY("i"),
         EXTRAS("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\5\0\0\0\0"));
    hear(&d, 0x05, .status = 0x82, VALUE("Out of memory allocating new item"));
    mc_desk_end(&d);
    free(value);
}

/* ---- streams and counts ----------------------------------------------- */

UNIT(mc_binary, a_stream_may_be_cut_at_any_byte)
{
    struct bytes stream = {.length = 0}, answer = {.length = 0};
    const struct packet requests[] = {
        {.opcode = 0x11, KEY("a"), VALUE("\x80x"), NOTHING},
        {.opcode = 0x0d, KEY("a")},
        {.opcode = 0x0a},
    };
    const struct packet answers[] = {
        {.opcode = 0x0d,
         .cas = 1,
         EXTRAS("\0\0\0\0"),
         KEY("a"),
         VALUE("\x80x")},
        {.opcode = 0x0a},
    };

    for (size_t i = 0; i < 3; i++)
        put(&stream, 0x80, &requests[i]);
    for (size_t i = 0; i < 2; i++)
        put(&answer, 0x81, &answers[i]);
    for (size_t cut = 1; cut < stream.length; cut++) {
        struct mc_desk d;
        mc_desk_start(&d, 0);
        mc_desk_say(&d, stream.at, cut);
        mc_desk_say(&d, stream.at + cut, stream.length - cut);
        mc_desk_expect(&d, answer.at, answer.length, __FILE__, (int)cut);
        mc_desk_end(&d);
    }
}

UNIT(mc_binary, a_chain_of_quiet_gets_is_one_question)
{
    struct mc_desk d;
    mc_desk_start(&d, 0);
    for (int i = 0; i < 3; i++)
        tell(&d, 0x0d, KEY("a"));
    tell(&d, 0x0a);
    hear(&d, 0x0a);
    unit_int(fake_count(d.fake, NULL, "gets"), 1);
    unit_int(fake_count(d.fake, NULL, "noop"), 0);
    tell(&d, 0x09, KEY("a"));
    tell(&d, 0x00, KEY("a"));
    hear(&d, 0x00, .status = 1, VALUE("Not found"));
    unit_int(fake_count(d.fake, NULL, "gets"), 2);
    unit_int(fake_count(d.fake, NULL, "get"), 0);
    tell(&d, 0x00, KEY("a"));
    hear(&d, 0x00, .status = 1, VALUE("Not found"));
    tell(&d, 0x0a);
    hear(&d, 0x0a);
    unit_int(fake_count(d.fake, NULL, "get"), 1);
    unit_int(fake_count(d.fake, NULL, "noop"), 1);
    unit_int(fake_count(d.fake, NULL, NULL), 3);
    tell(&d, 0x11, KEY("a"), NOTHING);
    tell(&d, 0x0a);
    hear(&d, 0x0a);
    unit_int(fake_count(d.fake, NULL, "noop"), 2);
    mc_desk_end(&d);
}
