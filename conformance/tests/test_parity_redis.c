/* SPDX-License-Identifier: Apache-2.0
 * test_parity_redis.c - parity's Redis: ops to bytes, bytes to lines.
 */
#include "parity/redis_run.h"
#include "parity/transcript.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

/* A run that is nowhere: its place's clock is at 5 s, its Unix time is
 * 1000 s ahead. */
struct table {
    struct parity_run run;
    struct parity_transcript transcript;
    struct parity_bytes out;
};

static void start(struct table *t)
{
    struct redis_own *own;

    *t = (struct table){0};
    t->run = (struct parity_run){
        .prefix = "pabcdefg", .nominal_ms = 5000, .transcript = &t->transcript};
    unit_int(parity_redis.begin(&t->run), 0);
    own = t->run.own;
    own->wall_less_ms = 1000000;
}

static void end(struct table *t)
{
    parity_redis.end(&t->run);
    parity_transcript_free(&t->transcript);
    parity_bytes_free(&t->out);
}

static void ask(struct table *t, const char *text)
{
    unit_int(parity_redis.encode(&t->run, 0, text, &t->out), 0);
}

static void hear(struct table *t, const char *bytes)
{
    size_t n = strlen(bytes);
    unit_int(parity_redis.take(&t->run, 0, (const uint8_t *)bytes, n),
             (int64_t)n);
}

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

/* ---- ops -------------------------------------------------------------- */

static void bytes_of(const char *text, const char *want, int line)
{
    struct table t;

    start(&t);
    unit_int(parity_redis.encode(&t.run, 0, text, &t.out), 0);
    unit_bytes_at(t.out.at, t.out.length, want, strlen(want), text, __FILE__,
                  line);
    end(&t);
}

UNIT(parity_redis, an_op_is_words_of_requests)
{
    bytes_of("SET ~a \\x20b PX 625",
             "*5\r\n$3\r\nSET\r\n$9\r\npabcdefga\r\n$2\r\n b\r\n$2\r\nPX\r\n"
             "$3\r\n625\r\n",
             __LINE__);
    bytes_of("GET \"\" ; PING",
             "*2\r\n$3\r\nGET\r\n$0\r\n\r\n*1\r\n$4\r\nPING\r\n", __LINE__);
    bytes_of("inline GET ~a", "GET pabcdefga\r\n", __LINE__);
    bytes_of("raw 2 *x\\r\\n", "*x\r\n", __LINE__);
    bytes_of("ECHO @+625", "*2\r\n$4\r\nECHO\r\n$7\r\n1005625\r\n", __LINE__);
    bytes_of("ECHO @s-5", "*2\r\n$4\r\nECHO\r\n$4\r\n1000\r\n", __LINE__);
    bytes_of("EVALSHA sha=return\\x201 0",
             "*3\r\n$7\r\nEVALSHA\r\n$40\r\n"
             "e0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n$1\r\n0\r\n",
             __LINE__);
}

UNIT(parity_redis, other_text_is_no_op)
{
    static const char *const texts[] = {
        "GET \\q", ";",       "GET a ; ; GET b", "GET @+x",
        "GET @s",  "raw x y", "raw 1",           "raw 99999 x"};
    struct table t;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        start(&t);
        unit_int(parity_redis.encode(&t.run, 0, texts[i], &t.out), -EINVAL);
        end(&t);
    }
}

/* ---- answers ---------------------------------------------------------- */

UNIT(parity_redis, an_answer_is_a_line)
{
    struct table t;

    start(&t);
    ask(&t, "A ; B ; C ; D ; E ; F");
    unit_int((int64_t)parity_redis.awaited(&t.run, 0), 6);
    hear(&t, "+OK\r\n-ERR no\r\n:-7\r\n$9\r\npabcdefg\n\r\n$-1\r\n*-1\r\n");
    said(&t, "+OK\n-ERR no\n:-7\n\"~\\x0a\"\nnull\nnull array\n");
    unit_int((int64_t)parity_redis.awaited(&t.run, 0), 0);
    hear(&t, ":1\r\n");
    said(&t, "unasked :1\n");
    end(&t);
}

UNIT(parity_redis, what_has_no_order_is_sorted)
{
    struct table t;

    start(&t);
    ask(&t, "SMEMBERS k ; HGETALL k ; SCAN 0 ; LRANGE k");
    hear(&t, "*2\r\n+b\r\n+a\r\n*4\r\n+y\r\n+1\r\n+x\r\n+2\r\n"
             "*2\r\n$1\r\n7\r\n*2\r\n+b\r\n+a\r\n*2\r\n+b\r\n+a\r\n");
    said(&t, "{+a, +b}\n{+x=+2, +y=+1}\nnot over {+a, +b}\n[+b, +a]\n");
    end(&t);
}

UNIT(parity_redis, times_are_cut_to_the_grid)
{
    struct table t;

    start(&t);
    ask(&t, "PTTL k ; PTTL k ; PTTL k ; TTL k ; PEXPIRETIME k ; EXPIRETIME k");
    hear(&t, ":-1\r\n:999\r\n:999000\r\n:2\r\n:1006030\r\n:2004\r\n");
    said(&t, ":-1\n1 x 500 ms\nabout 1000 s\n:2\n2 x 500 ms\nabout 1000 s\n");
    end(&t);
}

UNIT(parity_redis, scripts_and_clients_are_ranks)
{
    struct table t;

    start(&t);
    ask(&t, "SCRIPT LOAD a ; SCRIPT LOAD b ; SCRIPT LOAD a ; CLIENT ID");
    hear(&t, "+e0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n"
             "-x ffe1f9fabfc9d4800c877a703b823ac0578ff8db.\r\n"
             "+e0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n:77\r\n");
    said(&t, "+<sha 1>\n-x <sha 2>.\n+<sha 1>\n:#1\n");
    end(&t);
}

UNIT(parity_redis, a_transaction_answers_in_the_form_of_its_commands)
{
    struct table t;

    start(&t);
    ask(&t, "MULTI ; SMEMBERS k ; GET k ; PTTL k ; EXEC ; SMEMBERS k");
    hear(&t, "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n"
             "*3\r\n*2\r\n+b\r\n+a\r\n*2\r\n+b\r\n+a\r\n:999\r\n"
             "*2\r\n+b\r\n+a\r\n");
    said(&t, "+OK\n+QUEUED\n+QUEUED\n+QUEUED\n"
             "exec [{+a, +b}, [+b, +a], 1 x 500 ms]\n{+a, +b}\n");
    end(&t);
}

UNIT(parity_redis, all_steps_of_a_loop_are_one_listing)
{
    static const char first[] =
        "*4\r\n$5\r\nSSCAN\r\n$1\r\nk\r\n$1\r\n0\r\n$5\r\nCOUNT\r\n";
    static const char next[] =
        "*4\r\n$5\r\nSSCAN\r\n$1\r\nk\r\n$2\r\n17\r\n$5\r\nCOUNT\r\n";
    struct table t;

    start(&t);
    ask(&t, "loop SSCAN k % COUNT");
    unit_bytes(t.out.at, t.out.length, first, sizeof first - 1);
    hear(&t, "*2\r\n$2\r\n17\r\n*2\r\n+b\r\n+a\r\n");
    t.out.length = 0;
    ask(&t, "loop SSCAN k % COUNT");
    unit_bytes(t.out.at, t.out.length, next, sizeof next - 1);
    hear(&t, "*2\r\n$1\r\n0\r\n*2\r\n+c\r\n+b\r\n");
    t.out.length = 0;
    ask(&t, "loop SSCAN k % COUNT");
    unit_int((int64_t)t.out.length, 0);
    unit_int((int64_t)parity_redis.awaited(&t.run, 0), 0);
    said(&t, "");
    ask(&t, "loopend");
    said(&t, "loop over: +a +b +c\n");
    ask(&t, "loop SSCAN k % COUNT");
    hear(&t, "-ERR no\r\n");
    ask(&t, "loopend");
    said(&t, "-ERR no\nloop over:\n");
    end(&t);
}

/* ---- messages --------------------------------------------------------- */

UNIT(parity_redis, messages_come_between_answers)
{
    struct table t;

    start(&t);
    ask(&t, "SUBSCRIBE a b");
    hear(&t, "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"
             "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n");
    unit_int((int64_t)parity_redis.awaited(&t.run, 0), 1);
    hear(&t, "*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n");
    unit_int((int64_t)parity_redis.awaited(&t.run, 0), 0);
    said(&t, "[\"subscribe\", \"a\", :1]\npush [\"message\", \"a\", \"x\"]\n"
             "[\"subscribe\", \"b\", :2]\n");
    t.out.length = 0;
    unit_int(parity_redis.barrier(&t.run, 0, &t.out), 0);
    unit_true(t.out.length > 0);
    hear(&t, "*2\r\n$4\r\npong\r\n$1\r\n|\r\n");
    said(&t, "");
    ask(&t, "UNSUBSCRIBE");
    hear(&t, "*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:1\r\n"
             "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n");
    said(&t, "\"unsubscribe\" \"a\"\n\"unsubscribe\" \"b\"\n:0 left\n");
    t.out.length = 0;
    unit_int(parity_redis.barrier(&t.run, 0, &t.out), 0);
    unit_int((int64_t)t.out.length, 0);
    end(&t);
}

UNIT(parity_redis, other_messages_keep_their_order)
{
    struct table t;

    start(&t);
    hear(&t, "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nz\r\n"
             "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\na\r\n");
    said(&t, "push [\"message\", \"c\", \"z\"]\n"
             "push [\"message\", \"c\", \"a\"]\n");
    end(&t);
}

UNIT(parity_redis, who_subscribes_in_a_transaction_listens)
{
    struct table t;

    start(&t);
    ask(&t, "MULTI ; PSUBSCRIBE a ; EXEC");
    hear(&t, "+OK\r\n+QUEUED\r\n"
             "*1\r\n*3\r\n$10\r\npsubscribe\r\n$1\r\na\r\n:1\r\n");
    said(&t, "+OK\n+QUEUED\nexec [[\"psubscribe\", \"a\", :1]]\n");
    t.out.length = 0;
    unit_int(parity_redis.barrier(&t.run, 0, &t.out), 0);
    unit_true(t.out.length > 0);
    hear(&t, "*2\r\n$4\r\npong\r\n$1\r\n|\r\n");
    ask(&t, "RESET");
    hear(&t, "+RESET\r\n");
    t.out.length = 0;
    unit_int(parity_redis.barrier(&t.run, 0, &t.out), 0);
    unit_int((int64_t)t.out.length, 0);
    end(&t);
}

UNIT(parity_redis, messages_of_one_moment_are_sorted)
{
    static const char expired_b[] = "*3\r\n$7\r\nmessage\r\n"
                                    "$15\r\n__keyspace@0__:\r\n"
                                    "$7\r\nexpired\r\n";
    struct table t;

    start(&t);
    hear(&t, "*4\r\n$8\r\npmessage\r\n$2\r\nb*\r\n$1\r\nc\r\n$1\r\nx\r\n"
             "*4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$1\r\nc\r\n$1\r\nx\r\n"
             "*4\r\n$8\r\npmessage\r\n$2\r\nA*\r\n$1\r\nc\r\n$1\r\ny\r\n");
    hear(&t, "*3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:expired\r\n"
             "$9\r\npabcdefgz\r\n"
             "*3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:expired\r\n"
             "$5\r\nother\r\n");
    hear(&t, expired_b);
    ask(&t, "PING");
    hear(&t, "+PONG\r\n");
    said(&t, "push [\"pmessage\", \"a*\", \"c\", \"x\"]\n"
             "push [\"pmessage\", \"b*\", \"c\", \"x\"]\n"
             "push [\"pmessage\", \"A*\", \"c\", \"y\"]\n"
             "push [\"message\", \"__keyevent@0__:expired\", \"~z\"]\n"
             "push [\"message\", \"__keyspace@0__:\", \"expired\"]\n"
             "+PONG\n");
    end(&t);
}

/* ---- the end of a connection ------------------------------------------ */

UNIT(parity_redis, who_quits_awaits_the_end)
{
    struct table t;

    start(&t);
    ask(&t, "SUBSCRIBE a");
    hear(&t, "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    ask(&t, "QUIT");
    hear(&t, "+OK\r\n");
    unit_int((int64_t)parity_redis.awaited(&t.run, 0), 1);
    parity_redis.gone(&t.run, 0);
    unit_int((int64_t)parity_redis.awaited(&t.run, 0), 0);
    t.out.length = 0;
    unit_int(parity_redis.barrier(&t.run, 0, &t.out), 0);
    unit_int((int64_t)t.out.length, 0);
    end(&t);
}

UNIT(parity_redis, hostile_bytes_are_refused_or_awaited)
{
    static const struct {
        const char *bytes;
        int64_t want;
    } rows[] = {
        {"", 0},
        {"+OK", 0},
        {"+OK\r", 0},
        {"\r\n", -EPROTO},
        {"+OK\n", -EPROTO},
        {"?x\r\n", -EPROTO},
        {":\r\n", -EPROTO},
        {":1x\r\n", -EPROTO},
        {":9223372036854775808\r\n", -EPROTO},
        {"$5\r\nab", 0},
        {"$2\r\nabc\r\n", -EPROTO},
        {"$-2\r\n", -EPROTO},
        {"$999999999999\r\n", -EPROTO},
        {"*1048577\r\n", -EPROTO},
        {"*1000000\r\n:1\r\n", 0},
        {"*2\r\n:1\r\nx\r\n", -EPROTO},
        {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
         -EPROTO},
    };
    struct table t;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(&t);
        unit_int_at(parity_redis.take(&t.run, 0, (const uint8_t *)rows[i].bytes,
                                      strlen(rows[i].bytes)),
                    rows[i].want, rows[i].bytes, __FILE__, __LINE__);
        end(&t);
    }
}
