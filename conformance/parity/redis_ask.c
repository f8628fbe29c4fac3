/* SPDX-License-Identifier: Apache-2.0
 * redis_ask.c - ops of Redis scripts to requests, and what each awaits.
 */
#include "redis_run.h"

#include <errno.h>
#include <inttypes.h>
#include <nettle/sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_WORDS 400

struct request {
    struct parity_bytes words[MOST_WORDS];
    size_t count;
};

static void clear(struct request *request)
{
    while (request->count > 0)
        parity_bytes_free(&request->words[--request->count]);
}

/* ---- words ------------------------------------------------------------ */

static int add_sha(struct parity_bytes *word, struct parity_bytes *text)
{
    struct sha1_ctx sha1;
    uint8_t digest[SHA1_DIGEST_SIZE];

    sha1_init(&sha1);
    sha1_update(&sha1, text->length,
                text->length == 0 ? (const uint8_t *)"" : text->at);
    sha1_digest(&sha1, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        parity_bytes_format(word, "%02x", digest[i]);
    return 0;
}

/* @+MS or @s+S; both may be below zero. */
static int add_time(const struct parity_run *run, const char *text,
                    size_t length, struct parity_bytes *word)
{
    bool is_seconds = length > 1 && text[1] == 's';
    char digits[24], *end;
    size_t from = is_seconds ? 2 : 1;

    if (length <= from || length - from >= sizeof digits)
        return -EINVAL;
    memcpy(digits, text + from, length - from);
    digits[length - from] = '\0';
    int64_t value = strtoll(digits, &end, 10);
    if (*end != '\0' || llabs(value) > INT64_C(1000000000000000))
        return -EINVAL;
    int64_t now_ms = parity_redis_wall_ms(run);
    value += is_seconds ? now_ms / 1000 : now_ms;
    parity_bytes_format(word, "%" PRId64, value);
    return 0;
}

static int add_word(struct parity_run *run, const char *text, size_t length,
                    struct parity_bytes *word)
{
    const struct redis_own *own = run->own;

    if (length == 2 && memcmp(text, "\"\"", 2) == 0)
        return 0;
    if (length > 1 && text[0] == '@' && (text[1] == '+' || text[1] == 's'))
        return add_time(run, text, length, word);
    if (length == 1 && text[0] == '%') {
        parity_bytes_add(word, own->cursor.at, own->cursor.length);
        return 0;
    }
    if (length > 4 && memcmp(text, "sha=", 4) == 0) {
        struct parity_bytes script = {0};
        int err = parity_unescape(text + 4, length - 4, run->prefix, &script);
        if (err == 0)
            err = add_sha(word, &script);
        parity_bytes_free(&script);
        return err;
    }
    return parity_unescape(text, length, run->prefix, word);
}

/* One request's words, up to a lone semicolon. */
static int take_words(struct parity_run *run, const char **text,
                      struct request *request)
{
    for (;;) {
        *text += strspn(*text, " ");
        size_t length = strcspn(*text, " ");
        if (length == 0)
            return 0;
        if (length == 1 && **text == ';') {
            ++*text;
            return 0;
        }
        if (request->count == MOST_WORDS)
            return -EINVAL;
        struct parity_bytes *word = &request->words[request->count++];
        *word = (struct parity_bytes){0};
        int err = add_word(run, *text, length, word);
        if (err != 0 || word->is_short)
            return err != 0 ? err : -ENOMEM;
        *text += length;
    }
}

/* ---- what is awaited -------------------------------------------------- */

static bool is_word(const struct request *request, size_t at, const char *text)
{
    return at < request->count && request->words[at].length == strlen(text) &&
           strncasecmp((const char *)request->words[at].at, text,
                       strlen(text)) == 0;
}

static enum redis_shape shape_of(const struct request *request)
{
    static const struct {
        const char *name, *sub;
        enum redis_shape shape;
    } rows[] = {{"SMEMBERS", NULL, REDIS_SORTED},
                {"KEYS", NULL, REDIS_SORTED},
                {"HKEYS", NULL, REDIS_SORTED},
                {"HVALS", NULL, REDIS_SORTED},
                {"SINTER", NULL, REDIS_SORTED},
                {"SUNION", NULL, REDIS_SORTED},
                {"SDIFF", NULL, REDIS_SORTED},
                {"PUBSUB", "CHANNELS", REDIS_SORTED},
                {"PUBSUB", "NUMPAT", REDIS_SOME},
                {"HGETALL", NULL, REDIS_PAIRS},
                {"CONFIG", "GET", REDIS_PAIRS},
                {"SCAN", NULL, REDIS_SCAN},
                {"SSCAN", NULL, REDIS_SCAN},
                {"HSCAN", NULL, REDIS_SCAN_PAIRS},
                {"DBSIZE", NULL, REDIS_SOME},
                {"TIME", NULL, REDIS_TIME},
                {"PTTL", NULL, REDIS_LEFT_MS},
                {"TTL", NULL, REDIS_LEFT_S},
                {"PEXPIRETIME", NULL, REDIS_UNTIL_MS},
                {"EXPIRETIME", NULL, REDIS_UNTIL_S},
                {"CLIENT", "ID", REDIS_ID},
                {"HELLO", NULL, REDIS_HELLO},
                {"INFO", NULL, REDIS_INFO},
                {"SUBSCRIBE", NULL, REDIS_SUBSCRIBE},
                {"PSUBSCRIBE", NULL, REDIS_SUBSCRIBE},
                {"UNSUBSCRIBE", NULL, REDIS_UNSUBSCRIBE},
                {"PUNSUBSCRIBE", NULL, REDIS_UNSUBSCRIBE},
                {"EXEC", NULL, REDIS_EXEC},
                {"DISCARD", NULL, REDIS_DISCARD},
                {"RESET", NULL, REDIS_DISCARD}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_word(request, 0, rows[i].name) &&
            (rows[i].sub == NULL || is_word(request, 1, rows[i].sub)))
            return rows[i].shape;
    return REDIS_PLAIN;
}

static bool await_request(struct redis_conn *conn,
                          const struct request *request, enum redis_shape shape)
{
    if (!parity_redis_await(conn, shape, request->count - 1))
        return false;
    conn->awaited[conn->first + conn->count - 1].is_pattern =
        is_word(request, 0, "PSUBSCRIBE") ||
        is_word(request, 0, "PUNSUBSCRIBE");
    return !is_word(request, 0, "QUIT") ||
           parity_redis_await(conn, REDIS_END, 0);
}

/* ---- requests --------------------------------------------------------- */

static void write_array(const struct request *request, struct parity_bytes *out)
{
    parity_bytes_format(out, "*%zu\r\n", request->count);
    for (size_t i = 0; i < request->count; i++) {
        parity_bytes_format(out, "$%zu\r\n", request->words[i].length);
        parity_bytes_add(out, request->words[i].at, request->words[i].length);
        parity_bytes_text(out, "\r\n");
    }
}

static void write_inline(const struct request *request,
                         struct parity_bytes *out)
{
    for (size_t i = 0; i < request->count; i++) {
        parity_bytes_text(out, i > 0 ? " " : "");
        parity_bytes_add(out, request->words[i].at, request->words[i].length);
    }
    parity_bytes_text(out, "\r\n");
}

void parity_redis_add_request(struct parity_bytes *out, size_t count,
                              const char *const *words)
{
    parity_bytes_format(out, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++)
        parity_bytes_format(out, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
}

static int ask_one(struct parity_run *run, struct redis_conn *conn,
                   const char **text, struct parity_bytes *out)
{
    bool is_inline = strncmp(*text, "inline ", 7) == 0;
    struct request *request = calloc(1, sizeof *request);
    int err = -ENOMEM;

    if (request == NULL)
        return err;
    *text += is_inline ? 7 : 0;
    err = take_words(run, text, request);
    if (err == 0 && request->count == 0)
        err = -EINVAL;
    if (err != 0)
        goto out;
    if (is_inline)
        write_inline(request, out);
    else
        write_array(request, out);
    err = await_request(conn, request, shape_of(request)) ? 0 : -ENOMEM;
out:
    clear(request);
    free(request);
    return err;
}

/* raw N BYTES */
static int ask_raw(struct parity_run *run, struct redis_conn *conn,
                   const char *text, struct parity_bytes *out)
{
    char *end;
    unsigned long answers = strtoul(text, &end, 10);

    if (end == text || *end != ' ' || answers > MOST_WORDS)
        return -EINVAL;
    while (answers-- > 0)
        if (!parity_redis_await(conn, REDIS_PLAIN, 0))
            return -ENOMEM;
    return parity_unescape(end + 1, strlen(end + 1), run->prefix, out);
}

static int ask_step(struct parity_run *run, struct redis_conn *conn,
                    const char *text, struct parity_bytes *out)
{
    struct redis_own *own = run->own;

    if (own->is_loop_over)
        return 0;
    if (own->cursor.length == 0)
        parity_bytes_text(&own->cursor, "0");
    int err = ask_one(run, conn, &text, out);
    if (err == 0)
        conn->awaited[conn->first + conn->count - 1].shape = REDIS_LOOP;
    return err;
}

/* Each once: the server may give one twice while a table grows. */
static void end_loop(struct parity_run *run, int conn)
{
    struct redis_own *own = run->own;
    struct parity_bytes all = {0};

    parity_redis_sort(&own->loop);
    for (size_t i = 0; i < own->loop.count; i++)
        if (i == 0 || strcmp(own->loop.lines[i - 1], own->loop.lines[i]) != 0)
            parity_bytes_format(&all, " %s", own->loop.lines[i]);
    parity_bytes_add(&all, "", 1);
    parity_say(run, conn, "loop %s:%s", own->is_loop_over ? "over" : "not over",
               all.is_short ? " (short of memory)" : (const char *)all.at);
    parity_bytes_free(&all);
    parity_redis_drop(&own->loop);
    parity_bytes_cut(&own->cursor, own->cursor.length);
    own->is_loop_over = false;
}

int parity_redis_encode(struct parity_run *run, int conn, const char *text,
                        struct parity_bytes *out)
{
    struct redis_own *own = run->own;
    struct redis_conn *c = &own->conns[conn];

    if (strncmp(text, "raw ", 4) == 0)
        return ask_raw(run, c, text + 4, out);
    if (strncmp(text, "loop ", 5) == 0)
        return ask_step(run, c, text + 5, out);
    if (strcmp(text, "loopend") == 0) {
        end_loop(run, conn);
        return 0;
    }
    while (*(text += strspn(text, " ")) != '\0') {
        int err = ask_one(run, c, &text, out);
        if (err != 0)
            return err;
    }
    return 0;
}
