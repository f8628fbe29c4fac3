/* SPDX-License-Identifier: Apache-2.0
 * test_parity_zk.c - parity's ZooKeeper: ops to bytes, bytes to lines.
 */
#include "parity/transcript.h"
#include "parity/zk_run.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

/* A run that is nowhere. */
struct table {
    struct parity_setting setting;
    struct parity_run run;
    struct parity_transcript transcript;
    struct parity_bytes out;
};

static void start(struct table *t)
{
    char why[128];

    *t = (struct table){0};
    unit_int(parity_zk_calibrate(NULL, 0, &t->setting, why), 0);
    t->run = (struct parity_run){.prefix = "pabcdefg",
                                 .setting = &t->setting,
                                 .transcript = &t->transcript};
    unit_int(parity_kazoo.begin(&t->run), 0);
}

static void end(struct table *t)
{
    parity_kazoo.end(&t->run);
    parity_transcript_free(&t->transcript);
    parity_bytes_free(&t->out);
}

static void ask(struct table *t, const char *text)
{
    parity_bytes_free(&t->out);
    unit_int(parity_kazoo.encode(&t->run, 0, text, &t->out), 0);
}

static void hear(struct table *t, const char *bytes, size_t n)
{
    unit_int(parity_kazoo.take(&t->run, 0, (const uint8_t *)bytes, n),
             (int64_t)n);
}

#define HEAR(t, bytes) hear((t), (bytes), sizeof(bytes) - 1)

/* The lines said since, each with a line end. */
static void said_at(struct table *t, const char *want, int line)
{
    char text[2048] = "";

    for (size_t i = t->transcript.settled; i < t->transcript.count; i++) {
        strncat(text, t->transcript.lines[i].text,
                sizeof text - strlen(text) - 1);
        strncat(text, "\n", sizeof text - strlen(text) - 1);
    }
    parity_transcript_settle(&t->transcript, 0);
    unit_text_at(text, want, "said", __FILE__, line);
}
#define said(t, want) said_at((t), (want), __LINE__)

/* ---- ops --------------------------------------------------------------- */

static void bytes_of(const char *text, const char *want, size_t n, int line)
{
    struct table t;

    start(&t);
    unit_int_at(parity_kazoo.encode(&t.run, 0, text, &t.out), 0, text, __FILE__,
                line);
    unit_bytes_at(t.out.at, t.out.length, want, n, text, __FILE__, line);
    end(&t);
}
#define BYTES(text, want) bytes_of((text), (want), sizeof(want) - 1, __LINE__)

#define N(n) "\0\0\0" n
#define NONE "\xff\xff\xff\xff"
#define LAST NONE "\1" NONE

UNIT(parity_zk, an_op_is_a_request_or_more)
{
    BYTES("ping", N("\x08") "\xff\xff\xff\xfe" N("\x0b"));
    BYTES("close", N("\x08") N("\1") "\xff\xff\xff\xf5");
    BYTES("exists /~ 1", N("\x16") N("\1") N("\3") N("\x09") "/pabcdefg\1");
    BYTES("delete @ -1 ; delete \"\" 2",
          N("\x10") N("\1") N("\2") NONE NONE N("\x10") N("\2") N("\2") N("\0")
              N("\2"));
    BYTES("create /a @ open 3",
          N("\x31") N("\1") N("\1") N("\2") "/a" NONE N("\1") N("\x1f")
              N("\5") "world" N("\6") "anyone" N("\3"));
}

UNIT(parity_zk, rights_as_words)
{
    BYTES("setacl /a none 0",
          N("\x16") N("\1") N("\7") N("\2") "/a" N("\0") N("\0"));
    BYTES("setacl /a null 0",
          N("\x16") N("\1") N("\7") N("\2") "/a" NONE N("\0"));
    BYTES("setacl /a 1:auth:,2:ip:::1 0",
          N("\x37") N("\1") N("\7") N("\2") "/a" N("\2") N("\1")
              N("\4") "auth" N("\0") N("\2")
                  N("\2") "ip" N("\3") "::1" N("\0"));
}

UNIT(parity_zk, many_in_one)
{
    BYTES("multi", N("\x11") N("\1") N("\x0e") LAST);
    BYTES("multi check /a 1 | delete /b -1",
          N("\x37") N("\1") N("\x0e") N("\x0d") "\0" NONE N("\2") "/a" N("\1")
              N("\2") "\0" NONE N("\2") "/b" NONE LAST);
    BYTES("read get /a 0",
          N("\x21") N("\1") N("\x16") N("\4") "\0" NONE N("\2") "/a\0" LAST);
}

UNIT(parity_zk, watches_set_again)
{
    BYTES("setwatches 0 c=/a d=/b",
          N("\x28") N("\1") N("\x65") N("\0") N("\0") N("\1")
              N("\2") "/b" N("\0") N("\1") N("\2") "/a");
    BYTES("setwatches 0 r=/a",
          N("\x2a") N("\1") N("\x69") N("\0") N("\0") N("\0") N("\0") N("\0")
              N("\0") N("\1") N("\2") "/a");
}

UNIT(parity_zk, bytes_as_they_are)
{
    BYTES("raw 99 \\x01~", N("\x11") N("\1") N("\x63") "\1pabcdefg");
    BYTES("raw 3 \"\"", N("\x08") N("\1") N("\3"));
}

UNIT(parity_zk, what_is_no_op)
{
    static const char *const texts[] = {"",
                                        "fly",
                                        "create /a",
                                        "exists /a x",
                                        "delete /a",
                                        "exists /a 1 1",
                                        "multi create",
                                        "multi multi",
                                        "setacl /a 31 0",
                                        "setacl /a x:y:z 0",
                                        "setwatches 0 /a",
                                        "multi check /a 1 check /b 1",
                                        "get \\q 0",
                                        "get /a 0 ; fly",
                                        NULL};

    for (const char *const *text = texts; *text != NULL; text++) {
        struct table t;
        start(&t);
        unit_int_at(parity_kazoo.encode(&t.run, 0, *text, &t.out), -EINVAL,
                    *text, __FILE__, __LINE__);
        end(&t);
    }
}

/* ---- sessions ---------------------------------------------------------- */

#define PASSWORD "0123456789abcdef"
#define HELLO(timeout, id)                                                     \
    "\0\0\0\x25\0\0\0\0" timeout "\1\0\0\0\0\0\0" id N("\x10") PASSWORD "\0"

static void open_conn(struct table *t, int conn, const char *args)
{
    parity_bytes_free(&t->out);
    unit_int(parity_kazoo.greet(&t->run, conn, args, &t->out), 0);
}

UNIT(parity_zk, sessions_have_numbers)
{
    struct table t;

    start(&t);
    open_conn(&t, 0, "1000");
    unit_int((int64_t)t.out.length, 49);
    unit_int((int64_t)parity_kazoo.awaited(&t.run, 0), 1);
    HEAR(&t, HELLO("\0\0\x03\xe8", "\x07"));
    said(&t, "session s1 timeout 1000, read-only 0\n");
    unit_int((int64_t)parity_kazoo.awaited(&t.run, 0), 0);
    open_conn(&t, 1, "1500 s1 old");
    unit_bytes(t.out.at, t.out.length,
               N("\x2c") N("\0") N("\0") N("\0") "\0\0\x05\xdc"
                                                 "\1\0\0\0\0\0\0\x07" N("\x10")
                                                     PASSWORD,
               48);
    open_conn(&t, 1, "1500 s1 wrong future");
    unit_bytes(t.out.at + 8, 8, "\x7f\xff\xff\xff\xff\xff\xff\xff", 8);
    unit_bytes(t.out.at + 32, 4,
               "\xcf"
               "123",
               4);
    open_conn(&t, 1, "1500 s9"); /* which there is not */
    unit_bytes(t.out.at + 20, 2, "\x7e\x57", 2);
    end(&t);
}

UNIT(parity_zk, who_is_refused_is_to_be_closed)
{
    struct table t;

    start(&t);
    open_conn(&t, 0, "1000 s9");
    HEAR(&t, "\0\0\0\x25" N("\0") N("\0") N("\0") N("\0") N("\x10") N("\0")
                 N("\0") N("\0") N("\0") "\0");
    said(&t, "no session, timeout 0, read-only 0\n");
    unit_int((int64_t)parity_kazoo.awaited(&t.run, 0), 1);
    parity_kazoo.gone(&t.run, 0);
    unit_int((int64_t)parity_kazoo.awaited(&t.run, 0), 0);
    end(&t);
}

UNIT(parity_zk, the_older_connection_of_a_session_is_to_be_closed)
{
    struct table t;

    start(&t);
    open_conn(&t, 1, "1000");
    unit_int(parity_kazoo.take(
                 &t.run, 1, (const uint8_t *)HELLO("\0\0\x03\xe8", "\x07"), 41),
             41);
    unit_int((int64_t)parity_kazoo.awaited(&t.run, 1), 0);
    open_conn(&t, 0, "1000 s1");
    HEAR(&t, HELLO("\0\0\x03\xe8", "\x07"));
    unit_int((int64_t)parity_kazoo.awaited(&t.run, 1), 1);
    parity_bytes_free(&t.out);
    unit_int(parity_kazoo.barrier(&t.run, 1, &t.out), 0);
    unit_int((int64_t)t.out.length, 0);
    end(&t);
}

/* ---- answers ----------------------------------------------------------- */

static void talk(struct table *t)
{
    open_conn(t, 0, "1000");
    HEAR(t, HELLO("\0\0\x03\xe8", "\x07"));
    said(t, "session s1 timeout 1000, read-only 0\n");
}

#define ZXID(z) "\0\0\0\0\0\0\0" z
#define TIME "\0\0\x01\x8b\xcf\xe5\x68\0"
#define LATER "\0\0\x01\x8b\xcf\xe5\x6b\xf0" /* 1008 ms */
#define STAT(c, m, p)                                                          \
    ZXID(c)                                                                    \
    ZXID(m)                                                                    \
    TIME LATER N("\1") N("\2") N("\3") "\1\0\0\0\0\0\0\7" N("\4") N("\5")      \
        ZXID(p)

UNIT(parity_zk, answers_are_lines)
{
    struct table t;

    start(&t);
    talk(&t);
    ask(&t, "create /~/a x open 0");
    HEAR(&t, N("\x1f") N("\1") ZXID("\x30") N("\0") N("\x0b") "/pabcdefg/a");
    said(&t, "create 0 z=#1 /~/a\n");
    ask(&t, "exists /~ 0");
    HEAR(&t,
         N("\x54") N("\2") ZXID("\x40") N("\0") STAT("\x30", "\x44", "\x30"));
    said(&t, "exists 0 c=1 m=2 +2 v=1 cv=2 av=3 owner=s1 size=4 kids=5 p=1\n");
    ask(&t, "get /~ 0");
    HEAR(&t, N("\x10") N("\3") ZXID("\x40") "\xff\xff\xff\x9b");
    said(&t, "get -101\n");
    ask(&t, "children /~ 0");
    HEAR(&t, N("\x1e") N("\4") ZXID("\x40") N("\0") N("\2")
                 N("\1") "b" N("\1") "a");
    said(&t, "children 0 2 [a b]\n");
    ask(&t, "multi");
    HEAR(&t, N("\x3e") N("\5") ZXID("\x41") N("\0") N("\1") "\0" N("\0")
                 N("\x0b") "/pabcdefg/b" NONE "\0"
                           "\xff\xff\xff\xfe"
                           "\xff\xff\xff\xfe" LAST);
    said(&t, "multi 0 z=#3 (create 0 /~/b) (error -2 -2)\n");
    unit_int((int64_t)parity_kazoo.awaited(&t.run, 0), 0);
    end(&t);
}

UNIT(parity_zk, answers_that_do_not_hold)
{
    struct table t;

    start(&t);
    talk(&t);
    ask(&t, "exists /~ 0 ; sync /~ ; ping");
    HEAR(&t, N("\x12") N("\1") ZXID("\x30") N("\0") "\1\2");
    said(&t, "exists 0 c=0 m=0 +0 v=0 cv=0 av=0 owner=0 size=0 kids=0 p=0 and "
             "does not hold\n");
    HEAR(&t, N("\x17") N("\2") ZXID("\x30") N("\0") N("\1") "/xx");
    said(&t, "sync 0 / and 2 bytes more\n");
    HEAR(&t, N("\x10") N("\x63") ZXID("\x30") N("\0"));
    said(&t, "an answer nobody asked for: 0\n");
    HEAR(&t, N("\3") "abc");
    said(&t, "a frame of 3 bytes\n");
    unit_int(parity_kazoo.take(&t.run, 0, (const uint8_t *)NONE, 4), -EPROTO);
    unit_int(parity_kazoo.take(&t.run, 0, (const uint8_t *)"\0\0\0\7ab", 6), 0);
    end(&t);
}

#define EVENT(type, path) /* of one letter */                                  \
    N("\x1e")                                                                  \
    NONE "\xff\xff\xff\xff\xff\xff\xff\xff" N("\0") N(type) N("\3") N("\2") path

UNIT(parity_zk, events_come_before_the_answer)
{
    struct table t;

    start(&t);
    talk(&t);
    ask(&t, "ping");
    HEAR(&t, EVENT("\2", "/b") EVENT("\1", "/a"));
    said(&t, "");
    HEAR(&t, N("\x10") "\xff\xff\xff\xfe" ZXID("\x30") N("\0"));
    said(&t, "event deleted /b\nevent created /a\nping 0\n");
    /* Sorted where a session's end may have brought them. */
    ask(&t, "close");
    t.run.op = 1;
    HEAR(&t, EVENT("\2", "/b") EVENT("\2", "/a"));
    HEAR(&t, N("\x10") N("\1") ZXID("\x30") N("\0"));
    said(&t, "event deleted /a\nevent deleted /b\nclose 0 z=#1\n");
    end(&t);
}

/* A wait ends in one list, however many pings it took. */
UNIT(parity_zk, a_ping_within_a_wait_is_not_heard)
{
    struct table t;

    start(&t);
    talk(&t);
    t.run.op = 1;
    unit_int(parity_kazoo.keepalive(&t.run, 0, &t.out), 0);
    unit_int(parity_kazoo.barrier(&t.run, 0, &t.out), 0);
    HEAR(&t, EVENT("\2", "/b"));
    HEAR(&t, N("\x10") "\xff\xff\xff\xfe" ZXID("\x30") N("\0"));
    HEAR(&t, EVENT("\2", "/a"));
    said(&t, "");
    HEAR(&t, N("\x10") "\xff\xff\xff\xfe" ZXID("\x30") N("\0"));
    said(&t, "event deleted /a\nevent deleted /b\n");
    end(&t);
}

UNIT(parity_zk, hostile_bytes_are_lines_or_an_end)
{
    struct parity_dice dice = {7};

    for (int round = 0; round < 2000; round++) {
        static const char *const texts[] = {
            "exists / 0", "get / 0", "multi", "children2 / 0",
            "getacl /",   "whoami",  NULL};
        uint8_t bytes[128] = {0};
        struct table t;
        start(&t);
        talk(&t);
        ask(&t, parity_dice_pick(&dice, texts));
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = parity_dice_one_in(&dice, 3)
                           ? (uint8_t)parity_dice_u64(&dice)
                           : (uint8_t)parity_dice_below(&dice, 4);
        memcpy(bytes, N("\x7c") N("\1"), 8);
        if (parity_dice_one_in(&dice, 2))
            memset(bytes + 16, 0, 4);
        unit_true(parity_kazoo.take(&t.run, 0, bytes, sizeof bytes) <=
                  (ssize_t)sizeof bytes);
        end(&t);
    }
}

/* ---- words ------------------------------------------------------------- */

UNIT(parity_zk, words_without_what_differs_by_right)
{
    struct table t;

    start(&t);
    open_conn(&t, 0, "word srvr");
    unit_bytes(t.out.at, t.out.length, "srvr", 4);
    HEAR(&t, "Zookeeper version: 3.8.0-x\nReceived: 7\nMo");
    HEAR(&t, "de: standalone\nweather: fine\n");
    unit_int((int64_t)parity_kazoo.awaited(&t.run, 0), 1);
    parity_kazoo.gone(&t.run, 0);
    said(&t, "word srvr answered\nMode: standalone\nReceived: \n"
             "Zookeeper version: 3.8.0\n");
    open_conn(&t, 0, "word dump");
    HEAR(&t, "0x12:\n\t/pabcdefg/b\n\t/other\n\t/pabcdefg/a\n");
    parity_kazoo.gone(&t.run, 0);
    said(&t, "word dump answered\n\\x09/~/a\n\\x09/~/b\n");
    open_conn(&t, 0, "word hash");
    parity_kazoo.gone(&t.run, 0);
    said(&t, "word hash nothing\n");
    end(&t);
}
