/* SPDX-License-Identifier: Apache-2.0
 * mc_text.c - memcached's text protocol (doc/protocol.txt of memcached).
 *
 * Words of answers and the order of tests follow proto_text.c of 1.6.18;
 * compared with the packaged server of Debian 12.
 */
#include "mc_text.h"
#include "mc_escape.h"
#include "mc_line.h"
#include "mc_stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Without a line end after this much, only `get` and `gets` may go on. */
#define LONGEST_LINE 2048
/* The real server goes on for ever; ours ends somewhere. */
#define LONGEST_GET (8 * 1024 * 1024)

#define BAD_FORMAT "CLIENT_ERROR bad command line format"

struct command {
    const char *name;
    size_t least, most; /* words, its own included                           */
    void (*run)(struct fake_mc_client *c, const struct fake_mc_line *line,
                const struct command *self);
    enum fake_mc_verb verb;
    bool has_cas, is_own_traffic;
    bool is_touch, is_decrement;
};

static struct fake_mc_key key_of(const struct fake_mc_line *line)
{
    return (struct fake_mc_key){line->words[1].at, line->words[1].length};
}

/* ---- answers ---------------------------------------------------------- */

static void write_text(struct fake_mc_client *c, const char *text)
{
    fake_mc_client_write(c, text, strlen(text));
}

/* Errors too are kept from a client that said noreply. */
static void say(struct fake_mc_client *c, const char *text)
{
    if (c->is_noreply)
        return;
    write_text(c, text);
    write_text(c, "\r\n");
}

/* Every command that can be quiet says so with its last word. */
static bool hear_noreply(struct fake_mc_client *c,
                         const struct fake_mc_line *line)
{
    c->is_noreply = fake_mc_word_is(fake_mc_line_last(line), "noreply");
    return c->is_noreply;
}

/* ---- storage ---------------------------------------------------------- */

static void say_stored(struct fake_mc_client *c, enum fake_mc_answer answer)
{
    switch (answer) {
    case FAKE_MC_DONE:
        say(c, "STORED");
        break;
    case FAKE_MC_EXISTS:
        say(c, "EXISTS");
        break;
    case FAKE_MC_NOT_FOUND:
        say(c, "NOT_FOUND");
        break;
    case FAKE_MC_TOO_LARGE:
        say(c, "SERVER_ERROR object too large for cache");
        break;
    case FAKE_MC_NO_MEMORY:
        say(c, "SERVER_ERROR out of memory storing object");
        break;
    case FAKE_MC_NOT_STORED:
    case FAKE_MC_NON_NUMERIC:
    default:
        say(c, "NOT_STORED");
        break;
    }
}

void fake_mc_text_uploaded(struct fake_mc_client *c)
{
    const struct fake_mc_item *item = c->upload.item;
    const uint8_t *end = item->bytes + item->key_bytes + item->value_bytes;
    uint64_t cas;

    if (memcmp(end, "\r\n", 2) != 0) {
        fake_mc_server_drop(&c->upload);
        say(c, "CLIENT_ERROR bad data chunk");
        return;
    }
    say_stored(c, fake_mc_server_finish(c->mc, &c->upload, &cas));
}

/* <verb> <key> <flags> <exptime> <bytes> [<cas>] [noreply] */
static void run_update(struct fake_mc_client *c,
                       const struct fake_mc_line *line,
                       const struct command *self)
{
    const struct fake_mc_word *words = line->words;
    struct fake_mc_key key = key_of(line);
    enum fake_mc_answer answer;
    int32_t exptime, value_bytes;
    uint64_t cas = 0;
    uint32_t flags;

    hear_noreply(c, line);
    if (key.length > FAKE_MC_KEY_MAX || !fake_mc_word_u32(&words[2], &flags) ||
        !fake_mc_word_i32(&words[3], &exptime) ||
        !fake_mc_word_i32(&words[4], &value_bytes) ||
        (self->has_cas && !fake_mc_word_u64(&words[5], &cas)) ||
        value_bytes < 0 || value_bytes > INT32_MAX - 2) {
        say(c, BAD_FORMAT);
        return;
    }
    answer = fake_mc_server_begin(c->mc, self->verb, key, flags, exptime,
                                  (uint64_t)value_bytes, &c->upload);
    if (answer != FAKE_MC_DONE) {
        say_stored(c, answer);
        c->swallow_bytes = (uint64_t)value_bytes + 2;
        return;
    }
    c->upload.item->cas = cas;
    c->upload.want = (size_t)value_bytes + 2;
}

/* ---- reading ---------------------------------------------------------- */

static void write_item(struct fake_mc_client *c, struct fake_mc_item *item,
                       bool has_cas)
{
    char head[64];

    write_text(c, "VALUE ");
    fake_mc_client_write(c, item->bytes, item->key_bytes);
    snprintf(head, sizeof head, " %" PRIu32 " %zu", item->flags,
             item->value_bytes);
    write_text(c, head);
    if (has_cas) {
        snprintf(head, sizeof head, " %" PRIu64, item->cas);
        write_text(c, head);
    }
    write_text(c, "\r\n");
    fake_mc_client_write(c, fake_mc_item_value(item), item->value_bytes + 2);
}

/* One key that is too long spoils the whole answer, not the touches before;
 * and those that were gathered go with it (proto_text.c: "kill any stacked
 * responses we had"). */
static bool has_long_key(const uint8_t *at, const uint8_t *end)
{
    struct fake_mc_word word;

    while (fake_mc_line_next(&at, end, &word))
        if (word.length > FAKE_MC_KEY_MAX)
            return true;
    return false;
}

/* get|gets <key>*, gat|gats <exptime> <key>* */
static void run_get(struct fake_mc_client *c, const struct fake_mc_line *line,
                    const struct command *self)
{
    const uint8_t *at = line->rest;
    struct fake_mc_item *item;
    int32_t exptime = 0;
    struct fake_mc_word word;

    if (self->is_touch && (!fake_mc_line_next(&at, line->end, &word) ||
                           !fake_mc_word_i32(&word, &exptime))) {
        say(c, "CLIENT_ERROR invalid exptime argument");
        return;
    }
    bool is_spoilt = has_long_key(at, line->end);
    while (fake_mc_line_next(&at, line->end, &word)) {
        struct fake_mc_key key = {word.at, word.length};
        if (key.length > FAKE_MC_KEY_MAX)
            break;
        item = self->is_touch ? fake_mc_server_touch(c->mc, key, exptime)
                              : fake_mc_server_get(c->mc, key);
        if (item != NULL && !is_spoilt)
            write_item(c, item, self->has_cas);
    }
    if (is_spoilt) {
        fake_mc_client_forget(c);
        say(c, BAD_FORMAT);
    } else {
        say(c, "END");
        fake_mc_client_flush(c);
    }
}

/* ---- one key ---------------------------------------------------------- */

/* touch <key> <exptime> [noreply] */
static void run_touch(struct fake_mc_client *c, const struct fake_mc_line *line,
                      const struct command *self)
{
    struct fake_mc_key key = key_of(line);
    int32_t exptime;

    (void)self;
    hear_noreply(c, line);
    if (key.length > FAKE_MC_KEY_MAX)
        say(c, BAD_FORMAT);
    else if (!fake_mc_word_i32(&line->words[2], &exptime))
        say(c, "CLIENT_ERROR invalid exptime argument");
    else if (fake_mc_server_touch(c->mc, key, exptime) != NULL)
        say(c, "TOUCHED");
    else
        say(c, "NOT_FOUND");
}

/* A second word may be the old "hold" time, which must be 0. */
static bool is_delete_well_formed(struct fake_mc_client *c,
                                  const struct fake_mc_line *line)
{
    if (line->count == 2)
        return true;
    bool is_zero = fake_mc_word_is(&line->words[2], "0");
    bool is_quiet = hear_noreply(c, line);
    return line->count == 3 ? is_zero || is_quiet : is_zero && is_quiet;
}

/* delete <key> [0] [noreply] */
static void run_delete(struct fake_mc_client *c,
                       const struct fake_mc_line *line,
                       const struct command *self)
{
    struct fake_mc_key key = key_of(line);

    (void)self;
    if (!is_delete_well_formed(c, line))
        say(c, BAD_FORMAT ".  Usage: delete <key> [noreply]");
    else if (key.length > FAKE_MC_KEY_MAX)
        say(c, BAD_FORMAT);
    else if (fake_mc_server_delete(c->mc, key, 0) == FAKE_MC_DONE)
        say(c, "DELETED");
    else
        say(c, "NOT_FOUND");
}

static void say_delta(struct fake_mc_client *c, enum fake_mc_answer answer,
                      uint64_t value)
{
    char digits[24];

    if (answer == FAKE_MC_DONE) {
        snprintf(digits, sizeof digits, "%" PRIu64, value);
        say(c, digits);
    } else if (answer == FAKE_MC_NOT_FOUND) {
        say(c, "NOT_FOUND");
    } else if (answer == FAKE_MC_NO_MEMORY) {
        say(c, "SERVER_ERROR out of memory");
    } else {
        say(c, "CLIENT_ERROR cannot increment or decrement non-numeric value");
    }
}

/* incr|decr <key> <delta> [noreply] */
static void run_delta(struct fake_mc_client *c, const struct fake_mc_line *line,
                      const struct command *self)
{
    struct fake_mc_delta delta = {.is_decrement = self->is_decrement};
    struct fake_mc_key key = key_of(line);
    struct fake_mc_item *item;
    enum fake_mc_answer answer;
    uint64_t value = 0;

    hear_noreply(c, line);
    if (key.length > FAKE_MC_KEY_MAX) {
        say(c, BAD_FORMAT);
        return;
    }
    if (!fake_mc_word_u64(&line->words[2], &delta.by)) {
        say(c, "CLIENT_ERROR invalid numeric delta argument");
        return;
    }
    answer = fake_mc_server_delta(c->mc, key, &delta, &value, &item);
    say_delta(c, answer, value);
}

/* ---- the server ------------------------------------------------------- */

/* flush_all [<delay>] [noreply] */
static void run_flush(struct fake_mc_client *c, const struct fake_mc_line *line,
                      const struct command *self)
{
    int32_t delay = 0;

    (void)self;
    hear_noreply(c, line);
    if (line->count != (c->is_noreply ? 2 : 1) &&
        !fake_mc_word_i32(&line->words[1], &delay)) {
        say(c, "CLIENT_ERROR invalid exptime argument");
        return;
    }
    fake_mc_server_flush(c->mc, delay);
    say(c, "OK");
}

static void run_version(struct fake_mc_client *c,
                        const struct fake_mc_line *line,
                        const struct command *self)
{
    (void)line;
    (void)self;
    say(c, "VERSION " FAKE_MC_VERSION);
}

/* verbosity <level> [noreply]: nobody reads our log. */
static void run_verbosity(struct fake_mc_client *c,
                          const struct fake_mc_line *line,
                          const struct command *self)
{
    uint32_t level;

    (void)self;
    hear_noreply(c, line);
    say(c, fake_mc_word_u32(&line->words[1], &level) ? "OK" : BAD_FORMAT);
}

static void run_quit(struct fake_mc_client *c, const struct fake_mc_line *line,
                     const struct command *self)
{
    (void)line;
    (void)self;
    fake_mc_client_close(c);
}

static void write_stat(void *arg, const char *name, const char *value)
{
    struct fake_mc_client *c = arg;

    write_text(c, "STAT ");
    write_text(c, name);
    write_text(c, " ");
    write_text(c, value);
    write_text(c, "\r\n");
}

static void refuse(struct fake_mc_client *c, const struct fake_mc_word *word)
{
    char name[FAKE_MC_ESCAPED(32)];

    fake_mc_escape(word->at, word->length < 32 ? word->length : 32, name);
    fake_count_refused(c->mc->fake, name);
    say(c, "ERROR");
}

/* stats [settings | reset] */
static void run_stats(struct fake_mc_client *c, const struct fake_mc_line *line,
                      const struct command *self)
{
    (void)self;
    if (line->count == 1) {
        fake_mc_stats_general(c->mc, write_stat, c);
    } else if (fake_mc_word_is(&line->words[1], "settings")) {
        fake_mc_stats_settings(write_stat, c);
    } else if (fake_mc_word_is(&line->words[1], "reset")) {
        fake_mc_stats_reset(c->mc);
        say(c, "RESET");
        return;
    } else {
        refuse(c, &line->words[1]);
        return;
    }
    say(c, "END");
}

/* ---- lines ------------------------------------------------------------ */

static const struct command commands[] = {
    {"get", 2, SIZE_MAX, run_get, 0, .has_cas = false},
    {"gets", 2, SIZE_MAX, run_get, 0, .has_cas = true},
    {"bget", 2, SIZE_MAX, run_get, 0, .has_cas = false},
    {"gat", 2, SIZE_MAX, run_get, 0, .is_touch = true},
    {"gats", 2, SIZE_MAX, run_get, 0, .is_touch = true, .has_cas = true},
    {"set", 5, 6, run_update, FAKE_MC_SET, .has_cas = false},
    {"add", 5, 6, run_update, FAKE_MC_ADD, .has_cas = false},
    {"replace", 5, 6, run_update, FAKE_MC_REPLACE, .has_cas = false},
    {"append", 5, 6, run_update, FAKE_MC_APPEND, .has_cas = false},
    {"prepend", 5, 6, run_update, FAKE_MC_PREPEND, .has_cas = false},
    {"cas", 6, 7, run_update, FAKE_MC_CAS, .has_cas = true},
    {"touch", 3, 4, run_touch, 0, .is_touch = true},
    {"delete", 2, 4, run_delete, 0, .has_cas = false},
    {"incr", 3, 4, run_delta, 0, .is_decrement = false},
    {"decr", 3, 4, run_delta, 0, .is_decrement = true},
    {"flush_all", 1, 3, run_flush, 0, .has_cas = false},
    {"version", 1, SIZE_MAX, run_version, 0, .is_own_traffic = true},
    {"verbosity", 2, 3, run_verbosity, 0, .is_own_traffic = true},
    {"stats", 1, SIZE_MAX, run_stats, 0, .is_own_traffic = true},
    {"quit", 1, SIZE_MAX, run_quit, 0, .is_own_traffic = true},
};

static const struct command *command_of(const struct fake_mc_word *word)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (fake_mc_word_is(word, commands[i].name))
            return &commands[i];
    return NULL;
}

/* A web browser is sent away without a word, unless its line could have
 * been a command (proto_text.c looks at the first letter first). */
static bool is_http(const struct fake_mc_line *line)
{
    const struct fake_mc_word *first = &line->words[0];
    const struct fake_mc_word *last = fake_mc_line_last(line);

    return first->length >= 2 && memchr("gsacidt", first->at[0], 7) == NULL &&
           last->length >= 5 && memcmp(last->at, "HTTP/", 5) == 0;
}

static void run(struct fake_mc_client *c, const struct fake_mc_line *line)
{
    const struct command *command;

    c->is_noreply = false;
    if (line->count == 0) {
        say(c, "ERROR");
        return;
    }
    command = command_of(&line->words[0]);
    if (command == NULL) {
        if (is_http(line))
            fake_mc_client_break(c);
        else
            refuse(c, &line->words[0]);
        return;
    }
    fake_count_command(c->conn, command->name, command->is_own_traffic);
    if (line->count < command->least || line->count > command->most)
        say(c, "ERROR");
    else
        command->run(c, line, command);
}

static bool may_go_on(const uint8_t *bytes, size_t length)
{
    size_t blanks = 0;

    if (length <= LONGEST_LINE)
        return true;
    while (blanks < length && bytes[blanks] == ' ')
        blanks++;
    if (blanks > 100 || length > LONGEST_GET)
        return false;
    return memcmp(bytes + blanks, "get ", 4) == 0 ||
           memcmp(bytes + blanks, "gets ", 5) == 0;
}

size_t fake_mc_text_take(struct fake_mc_client *c, const uint8_t *bytes,
                         size_t length)
{
    const uint8_t *end = memchr(bytes, '\n', length);
    struct fake_mc_line line;

    if (end == NULL) {
        if (!may_go_on(bytes, length))
            fake_mc_client_break(c);
        return 0;
    }
    size_t taken = (size_t)(end - bytes) + 1;
    if (end - bytes > 1 && end[-1] == '\r')
        end--;
    fake_mc_line_split(&line, bytes, (size_t)(end - bytes));
    run(c, &line);
    return taken;
}
