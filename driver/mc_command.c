/* SPDX-License-Identifier: Apache-2.0
 * mc_command.c - one command to memcached, and its answer.
 *
 * github.com/memcached/memcached/blob/master/doc/protocol.txt
 */
#include "mc_exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The command as the sentences show it: without value and CR LF. */
static void name_command(char to[100], const char *command, const char *key,
                         size_t length)
{
    snprintf(to, 100, "%s %.*s", command, (int)length, key);
}

/* ---- gets ------------------------------------------------------------- */

static enum sg_mc_step values_step(void *arg, const struct sg_mc_bytes *bytes,
                                   struct sg_mc_said *ret_said)
{
    return sg_mc_values_step(arg, bytes->at, bytes->length, ret_said);
}

static char *gets_line(const struct sg_mc_item *items, size_t n_items,
                       size_t *ret_length)
{
    size_t length = sizeof "gets" - 1 + sizeof "\r\n" - 1, at = 4;
    char *line;

    for (size_t i = 0; i < n_items; i++)
        length += 1 + items[i].key_length;
    line = malloc(length);
    if (line == NULL)
        return NULL;
    memcpy(line, "gets", 4);
    for (size_t i = 0; i < n_items; i++) {
        line[at++] = ' ';
        memcpy(line + at, items[i].key, items[i].key_length);
        at += items[i].key_length;
    }
    memcpy(line + at, "\r\n", 2);
    *ret_length = length;
    return line;
}

int sg_mc_gets(struct sg_backend *b, struct sg_op *op, struct sg_mc_item *items,
               size_t n_items, struct sg_mc_bytes *ret_bytes)
{
    struct sg_mc_values values = {.items = items, .n_items = n_items};
    char name[100];
    struct iovec part;
    int rc;

    *ret_bytes = (struct sg_mc_bytes){NULL, 0, 0};
    rc = sg_mc_ready(b, op);
    if (rc != SG_OK)
        return rc;
    part.iov_base = gets_line(items, n_items, &part.iov_len);
    if (part.iov_base == NULL)
        return sg_op_fail(op, SG_ENOMEM, SG_NO_MEMORY, "out of memory");
    name_command(name, "gets", items[0].key, items[0].key_length);
    void *line = part.iov_base;
    b->env->waited(b->env->arg);
    rc = sg_mc_exchange(b, op, name, &part, 1, ret_bytes, values_step, &values);
    free(line);
    if (rc != SG_OK)
        return rc;
    for (size_t i = 0; i < n_items; i++)
        if (items[i].is_there)
            items[i].value = ret_bytes->at + items[i].offset;
    return SG_OK;
}

/* ---- commands answered by one line ------------------------------------ */

static enum sg_mc_step line_step(void *arg, const struct sg_mc_bytes *bytes,
                                 struct sg_mc_said *ret_said)
{
    return sg_mc_line_step(bytes->at, bytes->length, arg, ret_said);
}

static int ask_line(struct sg_backend *b, struct sg_op *op, const char *name,
                    struct iovec *parts, size_t n_parts,
                    struct sg_mc_line *ret_line)
{
    struct sg_mc_bytes bytes = {NULL, 0, 0};
    int rc = sg_mc_ready(b, op);

    if (rc != SG_OK)
        return rc;
    b->env->waited(b->env->arg);
    rc = sg_mc_exchange(b, op, name, parts, n_parts, &bytes, line_step,
                        ret_line);
    sg_mc_bytes_free(&bytes);
    return rc;
}

static int fail_word(struct sg_backend *b, struct sg_op *op, const char *name)
{
    return sg_mc_fail(b, op, SG_GARBAGE, name, "that answers another command");
}

static int judge_write(struct sg_backend *b, struct sg_op *op, const char *name,
                       enum sg_mc_word word, bool is_cas, bool *ret_stored)
{
    if (word == SG_MC_TOO_LARGE)
        return sg_op_fail(op, SG_ETOOBIG, SG_NO_REASON,
                          "memcached %.60s:%d, %.90s: larger than the server "
                          "allows (memcached -I); give less metadata",
                          b->endpoint->name, b->endpoint->port, name);
    *ret_stored = word == SG_MC_STORED;
    if (word == SG_MC_STORED || (word == SG_MC_NOT_STORED && !is_cas) ||
        ((word == SG_MC_EXISTS || word == SG_MC_NOT_FOUND) && is_cas))
        return SG_OK;
    return fail_word(b, op, name);
}

int sg_mc_write(struct sg_backend *b, struct sg_op *op,
                const struct sg_mc_write *write, bool *ret_stored)
{
    static char crlf[] = "\r\n";
    char name[100], head[SG_MC_KEY_MAX + 100];
    bool is_cas = strcmp(write->command, "cas") == 0;
    struct iovec parts[3];
    struct sg_mc_line line;
    int n, rc;

    name_command(name, write->command, write->key, write->key_length);
    if (is_cas && write->cas == 0)
        return sg_mc_fail(b, op, SG_SERVER_ERROR, name,
                          "the server keeps no versions; start it without -C");
    n = snprintf(head, sizeof head, "%s %.*s %" PRIu32 " %" PRId64 " %zu",
                 write->command, (int)write->key_length, write->key,
                 write->flags, write->exptime_s, write->length);
    if (is_cas)
        n += snprintf(head + n, sizeof head - (size_t)n, " %" PRIu64,
                      write->cas);
    memcpy(head + n, "\r\n", 2);
    parts[0] = (struct iovec){head, (size_t)n + 2};
    parts[1].iov_base = (void *)(uintptr_t)write->value; /* only read */
    parts[1].iov_len = write->length;
    parts[2] = (struct iovec){crlf, 2};
    rc = ask_line(b, op, name, parts, 3, &line);
    return rc == SG_OK ? judge_write(b, op, name, line.word, is_cas, ret_stored)
                       : rc;
}

int sg_mc_replace(struct sg_backend *b, struct sg_op *op,
                  const struct sg_mc_item *seen, uint32_t flags,
                  int64_t exptime_s, const void *value, size_t length,
                  bool *ret_stored)
{
    const struct sg_mc_write write = {
        .command = seen->is_there ? "cas" : "add",
        .key = seen->key,
        .key_length = seen->key_length,
        .flags = flags,
        .exptime_s = exptime_s,
        .value = value,
        .length = length,
        .cas = seen->cas,
    };

    return sg_mc_write(b, op, &write, ret_stored);
}

int sg_mc_incr(struct sg_backend *b, struct sg_op *op, const char *key,
               uint64_t by, bool *ret_is_there, uint64_t *ret_value)
{
    char name[100], text[SG_MC_KEY_MAX + 40];
    struct iovec part = {text, 0};
    struct sg_mc_line line;
    int rc;

    name_command(name, "incr", key, strlen(key));
    part.iov_len =
        (size_t)snprintf(text, sizeof text, "incr %s %" PRIu64 "\r\n", key, by);
    rc = ask_line(b, op, name, &part, 1, &line);
    if (rc != SG_OK)
        return rc;
    if (line.word != SG_MC_NUMBER && line.word != SG_MC_NOT_FOUND)
        return fail_word(b, op, name);
    *ret_is_there = line.word == SG_MC_NUMBER;
    *ret_value = line.number;
    return SG_OK;
}

int sg_mc_touch(struct sg_backend *b, struct sg_op *op, const char *key,
                int64_t exptime_s, bool *ret_is_there)
{
    char name[100], text[SG_MC_KEY_MAX + 40];
    struct iovec part = {text, 0};
    struct sg_mc_line line;
    int rc;

    name_command(name, "touch", key, strlen(key));
    part.iov_len = (size_t)snprintf(text, sizeof text,
                                    "touch %s %" PRId64 "\r\n", key, exptime_s);
    rc = ask_line(b, op, name, &part, 1, &line);
    if (rc != SG_OK)
        return rc;
    if (line.word != SG_MC_TOUCHED && line.word != SG_MC_NOT_FOUND)
        return fail_word(b, op, name);
    *ret_is_there = line.word == SG_MC_TOUCHED;
    return SG_OK;
}

/* ---- the server's age ------------------------------------------------- */

static enum sg_mc_step stats_step(void *arg, const struct sg_mc_bytes *bytes,
                                  struct sg_mc_said *ret_said)
{
    return sg_mc_stats_step(bytes->at, bytes->length, arg, ret_said);
}

/* Part of the connection's set-up, so no wait of a verb. */
static int ask_stats(struct sg_backend *b, struct sg_op *op)
{
    static char text[] = "stats\r\n";
    struct sg_mc_bytes bytes = {NULL, 0, 0};
    struct iovec part = {text, sizeof text - 1};
    int64_t uptime_s = -1;
    int rc =
        sg_mc_exchange(b, op, "stats", &part, 1, &bytes, stats_step, &uptime_s);

    sg_mc_bytes_free(&bytes);
    if (rc != SG_OK)
        return rc;
    /* A server that has just started says 2 (memcached.c: process_started is
     * two seconds early, so that no item is as old as the epoch). */
    b->uptime_ms = uptime_s > 2 ? (uptime_s - 2) * 1000 : 0;
    if (uptime_s < 0)
        b->uptime_ms = -1;
    b->uptime_at_ms = b->env->now_ms(b->env->arg);
    b->has_stats = true;
    return SG_OK;
}

int sg_mc_age(struct sg_backend *b, struct sg_op *op, int64_t *ret_age_ms)
{
    int rc = sg_mc_ready(b, op);

    if (rc == SG_OK && !b->has_stats)
        rc = ask_stats(b, op);
    if (rc != SG_OK)
        return rc;
    *ret_age_ms = -1;
    if (b->uptime_ms >= 0)
        *ret_age_ms =
            b->uptime_ms + b->env->now_ms(b->env->arg) - b->uptime_at_ms;
    return SG_OK;
}
