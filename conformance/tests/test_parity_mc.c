/* SPDX-License-Identifier: Apache-2.0
 * test_parity_mc.c - parity's memcached: ops to bytes, bytes to lines.
 */
#include "parity/mc.h"
#include "parity/script.h"
#include "parity/transcript.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A run on a "real server" whose tick is at x.100 s and says 1000 more. */
struct table {
    struct parity_setting setting;
    struct parity_script script;
    struct parity_run run;
    struct parity_transcript transcript;
    struct parity_bytes out;
};

static void start(struct table *t, const char *first_op)
{
    *t = (struct table){.setting = {.own = {100, 1000, 0}}};
    parity_script_add(&t->script, 0, 0, 0, "%s", first_op);
    t->run = (struct parity_run){.script = &t->script,
                                 .setting = &t->setting,
                                 .prefix = "pabcdefg",
                                 .nominal_ms = 5050,
                                 .transcript = &t->transcript};
    unit_int(parity_memcached.begin(&t->run), 0);
    unit_int(parity_memcached.greet(&t->run, 0, "", &t->out), 0);
    t->out.length = 0;
}

static void end(struct table *t)
{
    parity_memcached.end(&t->run);
    parity_transcript_free(&t->transcript);
    parity_bytes_free(&t->out);
    parity_script_free(&t->script);
}

static void sends_at(struct table *t, const char *text, const char *want,
                     size_t n, int line)
{
    t->out.length = 0;
    unit_int_at(parity_memcached.encode(&t->run, 0, text, &t->out), 0, text,
                __FILE__, line);
    unit_bytes_at(t->out.at, t->out.length, want, n, text, __FILE__, line);
}
#define sends(t, text, want) sends_at(t, text, want, sizeof(want) - 1, __LINE__)

/* Whole, and byte by byte, it is the same. */
static void hears_at(struct table *t, const char *bytes, size_t n,
                     const char *want, int line)
{
    char text[1024] = "";
    size_t at = 0;

    for (size_t end = 1; end <= n; end++) {
        ssize_t taken = parity_memcached.take(
            &t->run, 0, (const uint8_t *)bytes + at, end - at);
        unit_true_at(taken >= 0, want, __FILE__, line);
        at += (size_t)taken;
    }
    unit_int_at((int64_t)at, (int64_t)n, want, __FILE__, line);
    for (size_t i = 0; i < t->transcript.count; i++) {
        strncat(text, t->transcript.lines[i].text,
                sizeof text - strlen(text) - 1);
        strncat(text, "\n", sizeof text - strlen(text) - 1);
    }
    parity_transcript_forget(&t->transcript);
    unit_text_at(text, want, "lines", __FILE__, line);
}
#define hears(t, bytes, want)                                                  \
    hears_at(t, bytes, sizeof(bytes) - 1, want, __LINE__)

static int64_t awaited(const struct table *t)
{
    return (int64_t)parity_memcached.awaited(&t->run, 0);
}

#define ASK "get pabcdefg!\r\n"
#define ANSWER "VALUE pabcdefg! 0 0\r\n\r\nEND\r\n"

UNIT(parity_mc, texts_become_bytes)
{
    struct table t;

    start(&t, "get");
    sends(&t, "set ~a 0 {unix -2} 3\\r\\n{x 3}\\x00\\r\\n",
          "set pabcdefga 0 1002 3\r\nxxx\0\r\n" ASK);
    sends(&t, "{cas 1}{x 0}", "0" ASK);
    hears(&t, "VALUE pabcdefga 7 2 99\r\n\r\n\r\n",
          "VALUE ~a 7 #1 \"\\x0d\\x0a\"\n");
    sends(&t, "{cas 1} {cas 2}", "99 0" ASK);
    end(&t);
}

UNIT(parity_mc, texts_become_packets)
{
    struct table t;

    start(&t, "{b 0a - - - 0}");
    sends(&t, "{b 01 4:1,4:unix+1 ~k *3 #1}",
          "\x80\x01\0\x09\x08\0\0\0\0\0\0\x14\0\0\0\1\0\0\0\0\0\0\0\0"
          "\0\0\0\1\0\0\3\xed"
          "pabcdefgk"
          "xxx"
          "\x80\x0a\0\0\0\0\0\0\0\0\0\0\xfe\0\0\0\0\0\0\0\0\0\0\0");
    unit_int(awaited(&t), 1);
    hears(&t,
          "\x81\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\7"
          "\x81\x0a\0\0\0\0\0\0\0\0\0\0\xfe\0\0\0\0\0\0\0\0\0\0\0",
          "01 status 0 request 1 cas #1 type 0 extras \"\" key \"\" value "
          "\"\"\n");
    unit_int(awaited(&t), 0);
    sends(&t, "{b 4 - - - #1}\\x80",
          "\x80\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\7"
          "\x80"
          "\x80\x0a\0\0\0\0\0\0\0\0\0\0\xfe\0\0\1\0\0\0\0\0\0\0\0");
    end(&t);
}

UNIT(parity_mc, bad_texts_are_refused)
{
    static const char *const texts[] = {"{",
                                        "{}",
                                        "{x}",
                                        "{x -1}",
                                        "{x 9999999}",
                                        "{cas}",
                                        "{cas x}",
                                        "{cas 1 2}",
                                        "{unix x}",
                                        "{b}",
                                        "{b 00}",
                                        "{b xx - - - 0}",
                                        "{b 100 - - - 0}",
                                        "{b 00 4 - - 0}",
                                        "{b 00 4: - - 0}",
                                        "{b 00 9:1 - - 0}",
                                        "{b 00 4:1, - - 0 0}",
                                        "{b 00 - \\q - 0}",
                                        "{b 00 - - - x}",
                                        "{b 00 - - - #}",
                                        "\\q",
                                        "{nothing 1}"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct table t;
        start(&t, "get");
        unit_int_at(parity_memcached.encode(&t.run, 0, texts[i], &t.out),
                    -EINVAL, texts[i], __FILE__, __LINE__);
        end(&t);
    }
}

UNIT(parity_mc, the_question_ends_each_answer)
{
    struct table t;

    start(&t, "get");
    unit_int(awaited(&t), 1);
    hears(&t, ANSWER, "");
    unit_int(awaited(&t), 0);
    sends(&t, "get ~a\\r\\n", "get pabcdefga\r\n" ASK);
    hears(&t, "VALUE pabcdefga 0 1\r\nx\r\nEND\r\n" ANSWER,
          "VALUE ~a 0 \"x\"\nEND\n");
    unit_int(awaited(&t), 0);
    hears(&t, "VALUE pabcdefg! 0 1\r\n!\r\nERROR\r\nEND\r\nEND\r\n",
          "ERROR\nEND\n");
    end(&t);
}

UNIT(parity_mc, long_values_are_told_by_their_hash)
{
    char text[128], line[256];
    struct table t;

    start(&t, "get");
    snprintf(text, sizeof text, "VALUE a 0 65\r\n%065d\r\n", 0);
    hears_at(&t, text, strlen(text), "VALUE a 0 (65 bytes, 38537887c3003baf)\n",
             __LINE__);
    snprintf(text, sizeof text, "VALUE a 0 64\r\n%064d\r\n", 0);
    snprintf(line, sizeof line, "VALUE a 0 \"%064d\"\n", 0);
    hears_at(&t, text, strlen(text), line, __LINE__);
    end(&t);
}

UNIT(parity_mc, hostile_bytes_are_not_framed)
{
    static const struct {
        const char *first, *bytes;
        size_t n;
    } rows[] = {
        {"get", "VALUE a 0 1\r\nxyz\r\n", 19},
        {"{b", "\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24},
        {"{b", "\x81\0\0\0\0\0\0\0\x7f\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24},
        {"{b ", "\x81\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24},
        {"{b ", "x", 1},
    };
    struct parity_dice dice = {1};
    uint8_t noise[512];
    struct table t;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(&t, i == 0 ? "get" : "{b 0a - - - 0}");
        unit_int_at(parity_memcached.take(
                        &t.run, 0, (const uint8_t *)rows[i].bytes, rows[i].n),
                    -EPROTO, "rows", __FILE__, (int)i);
        end(&t);
    }
    for (int i = 0; i < 400; i++) {
        start(&t, i % 2 == 0 ? "get" : "{b 0a - - - 0}");
        for (size_t j = 0; j < sizeof noise; j++)
            noise[j] = (uint8_t)parity_dice_below(&dice, i % 3 ? 256 : 16);
        memcpy(noise, i % 2 == 0 ? "VALUE a 0 " : "\x81\0\0\0\0\0\0\0\0\0\0\20",
               i % 2 == 0 ? 10 : 12);
        unit_true(parity_memcached.take(&t.run, 0, noise, sizeof noise) <=
                  (ssize_t)sizeof noise);
        end(&t);
    }
}

UNIT(parity_mc, generated_scripts_are_good_and_always_the_same)
{
    size_t ops = 0, waits = 0, binary = 0;

    for (uint64_t seed = 0; seed < 60; seed++) {
        struct parity_dice dice = {seed}, again = {seed};
        struct parity_script a = {0}, b = {0};
        struct table t;
        parity_memcached.generate(&dice, &a, 40);
        parity_memcached.generate(&again, &b, 40);
        unit_int((int64_t)a.count, 40);
        start(&t, a.ops[0].text);
        for (size_t i = 0; i < a.count; i++) {
            const struct parity_op *op = &a.ops[i];
            unit_text(op->text, b.ops[i].text);
            unit_int_at(
                parity_memcached.encode(&t.run, op->conn, op->text, &t.out), 0,
                op->text, __FILE__, __LINE__);
            unit_true(op->wait_ms == 0 || op->wait_ms >= 900);
            waits += op->wait_ms > 0;
            binary += strncmp(op->text, "{b", 2) == 0;
            ops++;
        }
        end(&t);
        parity_script_free(&a);
        parity_script_free(&b);
    }
    unit_true(waits * 5 >= ops);
    unit_true(binary > ops / 5 && binary < ops * 4 / 5);
}
