/* SPDX-License-Identifier: Apache-2.0
 * script.c - scripts as text: read, written, copied in part.
 */
#include "script.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A day: longer waits are a mistake, and sums of them stay numbers. */
#define LONGEST_WAIT_MS 86400000

/* ---- making ----------------------------------------------------------- */

/* Takes the text over. */
static void add(struct parity_script *script, const struct parity_op *op)
{
    if (op->text == NULL)
        script->is_short = true;
    if (script->count == script->room && !script->is_short) {
        size_t room = script->room == 0 ? 16 : script->room * 2;
        struct parity_op *ops = realloc(script->ops, room * sizeof *ops);
        if (ops == NULL) {
            script->is_short = true;
        } else {
            script->ops = ops;
            script->room = room;
        }
    }
    if (script->is_short)
        free(op->text);
    else
        script->ops[script->count++] = *op;
}

void parity_script_add(struct parity_script *script, int64_t wait_ms, int conn,
                       size_t split, const char *format, ...)
{
    struct parity_op op = {wait_ms, conn, split, NULL};
    va_list args;

    va_start(args, format);
    if (vasprintf(&op.text, format, args) < 0)
        op.text = NULL;
    va_end(args);
    add(script, &op);
}

static void add_options(struct parity_script *script, const char *text,
                        size_t n)
{
    size_t length = script->options == NULL ? 0 : strlen(script->options);
    char *options = realloc(script->options, length + n + 1);

    if (options == NULL) {
        script->is_short = true;
        return;
    }
    memcpy(options + length, text, n);
    options[length + n] = '\0';
    script->options = options;
}

void parity_script_option(struct parity_script *script, const char *name,
                          const char *value)
{
    char *line;

    if (asprintf(&line, "%s %s\n", name, value) < 0) {
        script->is_short = true;
        return;
    }
    add_options(script, line, strlen(line));
    free(line);
}

void parity_script_free(struct parity_script *script)
{
    if (script == NULL)
        return;
    for (size_t i = 0; i < script->count; i++)
        free(script->ops[i].text);
    free(script->ops);
    free(script->options);
    *script = (struct parity_script){0};
}

void parity_script_part(const struct parity_script *script, const bool *keep,
                        struct parity_script *ret_part)
{
    struct parity_script part = {0};
    int64_t wait_ms = 0;

    if (script->options != NULL)
        add_options(&part, script->options, strlen(script->options));
    for (size_t i = 0; i < script->count; i++) {
        struct parity_op op = script->ops[i];
        wait_ms += op.wait_ms;
        if (!keep[i])
            continue;
        op.wait_ms = wait_ms;
        op.text = strdup(op.text);
        add(&part, &op);
        wait_ms = 0;
    }
    part.is_short |= script->is_short;
    *ret_part = part;
}

/* ---- options ---------------------------------------------------------- */

const char *parity_script_text(const struct parity_script *script,
                               const char *name, size_t *ret_length)
{
    size_t n = strlen(name);

    for (const char *at = script->options; at != NULL && *at != '\0';) {
        const char *end = strchr(at, '\n');
        if (end == NULL)
            return NULL;
        if (strncmp(at, name, n) == 0 && at[n] == ' ') {
            *ret_length = (size_t)(end - at) - n - 1;
            return at + n + 1;
        }
        at = end + 1;
    }
    return NULL;
}

int64_t parity_script_number(const struct parity_script *script,
                             const char *name, int64_t otherwise)
{
    size_t length;
    const char *text = parity_script_text(script, name, &length);
    char *end;

    if (text == NULL || length == 0)
        return otherwise;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    return errno != 0 || end != text + length ? otherwise : value;
}

/* ---- reading ---------------------------------------------------------- */

/* Digits, at most `most`; moves *at behind them. */
static bool read_number(const char **at, int64_t most, int64_t *ret)
{
    int64_t value = 0;

    if (**at < '0' || **at > '9')
        return false;
    for (; **at >= '0' && **at <= '9'; ++*at) {
        value = value * 10 + (**at - '0');
        if (value > most)
            return false;
    }
    *ret = value;
    return true;
}

static bool read_blank(const char **at)
{
    if (**at != ' ')
        return false;
    ++*at;
    return true;
}

/* [+MS] cN [split=K] TEXT */
static bool read_op(const char *line, struct parity_op *ret)
{
    int64_t wait_ms = 0, conn, split = 0;

    if (*line == '+') {
        line++;
        if (!read_number(&line, LONGEST_WAIT_MS, &wait_ms) ||
            !read_blank(&line))
            return false;
    }
    if (*line++ != 'c' || !read_number(&line, PARITY_CONNS - 1, &conn) ||
        !read_blank(&line))
        return false;
    if (strncmp(line, "split=", 6) == 0) {
        line += 6;
        if (!read_number(&line, INT32_MAX, &split) || !read_blank(&line))
            return false;
    }
    if (*line == '\0')
        return false;
    *ret = (struct parity_op){wait_ms, (int)conn, (size_t)split, strdup(line)};
    return true;
}

/* lower-case name, blank, value */
static bool is_option(const char *line)
{
    size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz_");

    return n > 0 && line[n] == ' ' && line[n + 1] != '\0';
}

static bool read_line(struct parity_script *script, const char *line)
{
    struct parity_op op;

    if (*line == '\0' || *line == '#')
        return true;
    if (read_op(line, &op)) {
        add(script, &op);
        return true;
    }
    if (script->count > 0 || !is_option(line))
        return false;
    add_options(script, line, strlen(line));
    add_options(script, "\n", 1);
    return true;
}

int parity_script_parse(const char *text, struct parity_script *ret_script,
                        size_t *ret_line)
{
    struct parity_script script = {0};
    bool is_good = true;
    size_t number = 0;

    while (*text != '\0' && is_good && !script.is_short) {
        size_t n = strcspn(text, "\n");
        char *line = strndup(text, n);
        if (line == NULL)
            script.is_short = true;
        else
            is_good = read_line(&script, line);
        free(line);
        number++;
        text += n + (text[n] == '\n');
    }
    *ret_line = number;
    if (is_good && !script.is_short) {
        *ret_script = script;
        return 0;
    }
    int err = is_good ? -ENOMEM : -EINVAL;
    parity_script_free(&script);
    *ret_script = (struct parity_script){0};
    return err;
}

/* ---- writing ---------------------------------------------------------- */

void parity_script_print(const struct parity_script *script, FILE *out)
{
    if (script->options != NULL)
        fputs(script->options, out);
    for (size_t i = 0; i < script->count; i++) {
        const struct parity_op *op = &script->ops[i];
        if (op->wait_ms > 0)
            fprintf(out, "+%" PRId64 " ", op->wait_ms);
        fprintf(out, "c%d ", op->conn);
        if (op->split > 0)
            fprintf(out, "split=%zu ", op->split);
        fprintf(out, "%s\n", op->text);
    }
}
