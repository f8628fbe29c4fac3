/* SPDX-License-Identifier: Apache-2.0
 * command.c - the control language: finding the command, wording the answer.
 */
#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- answers ---------------------------------------------------------- */

static void put_line(FILE *out, const char *begin, const char *format,
                     va_list list)
{
    char text[1024];

    vsnprintf(text, sizeof text, format, list);
    /* One line, whatever a word of the client's may hold. */
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    fprintf(out, "%s%s%s\n", begin, *text == '\0' ? "" : " ", text);
}

void program_ok(struct program_call *call, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    put_line(call->out, "ok", format, list);
    va_end(list);
}

void program_refuse(struct program_call *call, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    put_line(call->out, "error", format, list);
    va_end(list);
}

void program_lines(struct program_call *call, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        fprintf(call->out, "%s%.*s\n", *text == '.' ? "." : "", (int)length,
                text);
        text += length + (text[length] == '\n');
    }
    fputs(".\n", call->out);
}

void program_verdict(struct program_call *call, int err)
{
    switch (err) {
    case 0:
        program_ok(call, "%s", "");
        break;
    case -ENOTSUP:
        program_refuse(call, "this server has no such thing");
        break;
    case -ENOENT:
        program_refuse(call, "there is no such key");
        break;
    default:
        program_refuse(call, "%s", strerror(-err));
        break;
    }
}

/* ---- words ------------------------------------------------------------ */

const char *program_word(const struct program_call *call, size_t place)
{
    return place < call->words->count ? call->words->at[place] : NULL;
}

struct fake *program_word_server(struct program_call *call, size_t place)
{
    const char *word = program_word(call, place);
    enum program_kind kind = program_kind_of(word);

    if (kind == PROGRAM_KINDS)
        program_refuse(call,
                       "no server is called \"%s\": "
                       "kazoo, memcached, redis",
                       word);
    else if (call->program->fakes[kind] == NULL)
        program_refuse(call, "%s is not served here", word);
    else
        return call->program->fakes[kind];
    return NULL;
}

int64_t program_word_ms(struct program_call *call, size_t place)
{
    int64_t ms = -1;

    if (!program_word_number(program_word(call, place), 0, INT64_MAX, &ms))
        program_refuse(call, "\"%s\" is no number of milliseconds",
                       program_word(call, place));
    return ms;
}

/* ---- help, and the end ------------------------------------------------ */

static void help(struct program_call *call)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (out != NULL)
        program_print_commands(out, "");
    if (out == NULL || fclose(out) != 0) {
        program_verdict(call, -ENOMEM);
    } else {
        program_ok(call, "%s", "");
        program_lines(call, text);
    }
    free(text);
}

static void quit(struct program_call *call)
{
    call->program->is_over = true;
    program_ok(call, "%s", "");
}

static const struct program_command general_commands[] = {
    {"help", "", "these lines", 0, 0, help},
    {"quit", "", "end the program", 0, 0, quit},
    {0},
};

static const struct program_command *const tables[] = {
    general_commands, program_clock_commands, program_server_commands,
    program_link_commands};

enum { TABLES = sizeof tables / sizeof *tables };

void program_print_commands(FILE *out, const char *indent)
{
    for (size_t i = 0; i < TABLES; i++) {
        const struct program_command *row;
        for (row = tables[i]; row->name != NULL; row++) {
            int n = (int)strlen(row->name);
            fprintf(out, "%s%s %-*s %s\n", indent, row->name,
                    n < 33 ? 33 - n : 0, row->usage, row->meaning);
        }
    }
    fprintf(out,
            "%sSERVER is kazoo, memcached or redis. LINK is one of its ports, "
            "such as redis-1;\n"
            "%sa server's name there means each of its links. In TEXT and KEY, "
            "\\s is a space,\n"
            "%sand \\n \\r \\t \\\\ \\xHH are known.\n",
            indent, indent, indent);
}

/* ---- one line --------------------------------------------------------- */

static const struct program_command *find(const char *name)
{
    for (size_t i = 0; i < TABLES; i++) {
        const struct program_command *row;
        for (row = tables[i]; row->name != NULL; row++)
            if (strcmp(row->name, name) == 0)
                return row;
    }
    return NULL;
}

/* Words that a verb takes as C strings must be such; `bytes TEXT`, which need
 * not, is the business of "fault". */
static bool has_nul(const struct program_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (strlen(words->at[i]) != words->length[i] &&
            (i == 0 || strcmp(words->at[i - 1], "bytes") != 0))
            return true;
    return false;
}

static void carry_out(struct program_call *call, char *line, size_t length)
{
    const struct program_command *row;
    struct program_words words;
    const char *wrong = program_words_split(line, length, &words);

    call->words = &words;
    if (wrong != NULL) {
        program_refuse(call, "%s", wrong);
    } else if (words.count == 0) {
        program_refuse(call, "an empty line: help lists the commands");
    } else if (has_nul(&words)) {
        program_refuse(call, "\\x00 can stand in the TEXT of \"bytes\" only");
    } else if ((row = find(words.at[0])) == NULL) {
        program_refuse(call,
                       "no command is called \"%s\": "
                       "help lists them",
                       words.at[0]);
    } else if (words.count - 1 < row->least || words.count - 1 > row->most) {
        program_refuse(call, "it is: %s%s%s", row->name,
                       *row->usage == '\0' ? "" : " ", row->usage);
    } else {
        row->run(call);
    }
    call->words = NULL;
}

char *program_answer(struct program *p, char *line, size_t length,
                     size_t *ret_length)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, ret_length);
    struct program_call call = {.program = p, .out = out};
    bool has_failed;

    if (out == NULL)
        return NULL;
    carry_out(&call, line, length);
    has_failed = ferror(out) != 0;
    if (fclose(out) == 0 && !has_failed)
        return text;
    free(text);
    return NULL;
}
