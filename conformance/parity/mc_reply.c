/* SPDX-License-Identifier: Apache-2.0
 * mc_reply.c - what a memcached server answers, in its normal form.
 */
#include "mc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The server has no larger items, nor answers to one request. */
#define LARGEST_VALUE (8 * 1024 * 1024)
#define LONGEST_LINE 65536
#define SHORT_VALUE 64

/* As text: itself, or length and hash (FNV-1a). */
static void add_value(const uint8_t *at, size_t n, struct parity_bytes *out)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    if (n <= SHORT_VALUE) {
        parity_bytes_text(out, "\"");
        parity_escape(at, n, out);
        parity_bytes_text(out, "\"");
        return;
    }
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    parity_bytes_format(out, "(%zu bytes, %016" PRIx64 ")", n, hash);
}

static void say(struct parity_run *run, int conn, struct parity_bytes *line)
{
    parity_bytes_add(line, "", 1);
    parity_say(run, conn, "%s",
               line->is_short ? "out of memory" : (const char *)line->at);
    parity_bytes_free(line);
}

static void add_cas(struct parity_mc *mc, uint64_t cas,
                    struct parity_bytes *out)
{
    if (cas == 0)
        parity_bytes_text(out, "0");
    else
        parity_bytes_format(out, "#%zu", parity_rank(&mc->ranks, cas));
}

/* ---- text ------------------------------------------------------------- */

struct value_line {
    const char *key;
    size_t key_bytes, value_bytes;
    unsigned long flags;
    bool has_cas;
    uint64_t cas;
};

/* VALUE <key> <flags> <bytes> [<cas>] */
static bool read_value_line(const char *line, struct value_line *ret)
{
    struct value_line v = {0};
    const char *blank;
    char *end;

    if (strncmp(line, "VALUE ", 6) != 0)
        return false;
    v.key = line + 6;
    blank = strchr(v.key, ' ');
    if (blank == NULL)
        return false;
    v.key_bytes = (size_t)(blank - v.key);
    v.flags = strtoul(blank + 1, &end, 10);
    if (*end != ' ')
        return false;
    v.value_bytes = strtoul(end + 1, &end, 10);
    if (*end == ' ') {
        v.has_cas = true;
        v.cas = strtoull(end + 1, &end, 10);
    }
    *ret = v;
    return *end == '\0' && v.value_bytes <= LARGEST_VALUE;
}

static bool is_question(const struct parity_run *run,
                        const struct value_line *v)
{
    size_t n = strlen(run->prefix);

    return v->key_bytes == n + 1 && v->key[n] == '!' &&
           memcmp(v->key, run->prefix, n) == 0;
}

static void say_value(struct parity_run *run, int conn,
                      const struct value_line *v, const uint8_t *value)
{
    struct parity_bytes line = {0};

    parity_bytes_text(&line, "VALUE ");
    parity_escape(v->key, v->key_bytes, &line);
    parity_bytes_format(&line, " %lu ", v->flags);
    if (v->has_cas) {
        add_cas(run->own, v->cas, &line);
        parity_bytes_text(&line, " ");
    }
    add_value(value, v->value_bytes, &line);
    say(run, conn, &line);
}

/* The value after its line. 0: it is not yet whole. */
static ssize_t take_value(struct parity_run *run, int conn,
                          const struct value_line *v, const uint8_t *bytes,
                          size_t length)
{
    struct parity_mc *mc = run->own;

    if (length < v->value_bytes + 2)
        return 0;
    if (memcmp(bytes + v->value_bytes, "\r\n", 2) != 0)
        return -EPROTO;
    if (is_question(run, v))
        mc->conns[conn].is_answered = true;
    else
        say_value(run, conn, v, bytes);
    return (ssize_t)(v->value_bytes + 2);
}

static void take_line(struct parity_run *run, int conn, const char *text,
                      size_t length)
{
    struct parity_mc *mc = run->own;
    struct parity_mc_conn *c = &mc->conns[conn];
    struct parity_bytes line = {0};

    if (c->is_answered && strcmp(text, "END") == 0) {
        c->is_answered = false;
        if (c->awaited > 0)
            c->awaited--;
        return;
    }
    parity_escape(text, length, &line);
    say(run, conn, &line);
}

static ssize_t take_text(struct parity_run *run, int conn, const uint8_t *bytes,
                         size_t length)
{
    const uint8_t *end = memchr(bytes, '\n', length);
    struct value_line v;
    ssize_t n = 0;
    char *text;

    if (end == NULL)
        return length > LONGEST_LINE ? -EPROTO : 0;
    size_t taken = (size_t)(end - bytes) + 1;
    size_t line_bytes = taken - 1;
    if (line_bytes > 0 && bytes[line_bytes - 1] == '\r')
        line_bytes--;
    text = strndup((const char *)bytes, line_bytes);
    if (text == NULL)
        return -ENOMEM;
    if (read_value_line(text, &v)) {
        n = take_value(run, conn, &v, bytes + taken, length - taken);
        taken = n > 0 ? taken + (size_t)n : 0;
    } else {
        take_line(run, conn, text, strlen(text));
    }
    free(text);
    return n < 0 ? n : (ssize_t)taken;
}

/* ---- binary ----------------------------------------------------------- */

static uint64_t load(const uint8_t *at, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | at[i];
    return value;
}

static void say_packet(struct parity_run *run, int conn, const uint8_t *packet)
{
    size_t key_bytes = (size_t)load(packet + 2, 2), extras_bytes = packet[4];
    size_t body_bytes = (size_t)load(packet + 8, 4);
    const uint8_t *at = packet + PARITY_MC_HEADER;
    struct parity_bytes line = {0};

    parity_bytes_format(&line, "%02x status %u request %u cas ", packet[1],
                        (unsigned)load(packet + 6, 2),
                        (unsigned)load(packet + 12, 4));
    add_cas(run->own, load(packet + 16, 8), &line);
    parity_bytes_format(&line, " type %u extras ", packet[5]);
    add_value(at, extras_bytes, &line);
    parity_bytes_text(&line, " key ");
    add_value(at + extras_bytes, key_bytes, &line);
    parity_bytes_text(&line, " value ");
    add_value(at + extras_bytes + key_bytes,
              body_bytes - extras_bytes - key_bytes, &line);
    say(run, conn, &line);
}

static ssize_t take_packet(struct parity_run *run, int conn,
                           const uint8_t *bytes, size_t length)
{
    struct parity_mc *mc = run->own;
    struct parity_mc_conn *c = &mc->conns[conn];

    if (bytes[0] != 0x81)
        return -EPROTO;
    if (length < PARITY_MC_HEADER)
        return 0;
    size_t body_bytes = (size_t)load(bytes + 8, 4);
    if (body_bytes > LARGEST_VALUE ||
        load(bytes + 2, 2) + bytes[4] > body_bytes)
        return -EPROTO;
    if (length < PARITY_MC_HEADER + body_bytes)
        return 0;
    if (bytes[1] == 0x0a &&
        (load(bytes + 12, 4) & PARITY_MC_QUESTION) == PARITY_MC_QUESTION) {
        if (c->awaited > 0)
            c->awaited--;
    } else {
        say_packet(run, conn, bytes);
    }
    return (ssize_t)(PARITY_MC_HEADER + body_bytes);
}

ssize_t parity_mc_take(struct parity_run *run, int conn, const uint8_t *bytes,
                       size_t length)
{
    const struct parity_mc *mc = run->own;
    size_t taken = 0;

    while (taken < length) {
        ssize_t n = mc->conns[conn].is_binary
                        ? take_packet(run, conn, bytes + taken, length - taken)
                        : take_text(run, conn, bytes + taken, length - taken);
        if (n < 0)
            return n;
        if (n == 0)
            break;
        taken += (size_t)n;
    }
    return (ssize_t)taken;
}
