/* SPDX-License-Identifier: Apache-2.0
 * command.h - the control language: one line in, one answer out.
 *
 * An answer is a line "ok ..." or "error ...". After the "ok" of some commands
 * (help, urls, links, dump) follow lines, and one that is "." alone; a line
 * among them that begins with a dot has one dot more, as in SMTP.
 */
#ifndef PROGRAM_COMMAND_H
#define PROGRAM_COMMAND_H

#include "program.h"
#include "words.h"

struct program_call {
    struct program *program;
    const struct program_words *words;
    FILE *out;
};

struct program_command {
    const char *name;
    const char *usage;   /* what follows the name                           */
    const char *meaning; /* for "help"                                      */
    size_t least, most;  /* words behind the name                           */
    void (*run)(struct program_call *call);
};

/* Carries out one line, of which `line` has `length` bytes and room for one
 * more; it is changed. Answers the text to send, ends of lines included, to
 * be freed; NULL: no memory, and then nobody knows what was done. */
char *program_answer(struct program *p, char *line, size_t length,
                     size_t *ret_length);
/* The answer to a line that is too long to be one. */
#define PROGRAM_TOO_LONG "error the line is too long\n"
enum { PROGRAM_LONGEST_LINE = 65536 };

/* What there is to say, with a line for each command. */
void program_print_commands(FILE *out, const char *indent);

/* ---- for the commands ------------------------------------------------- */

const char *program_word(const struct program_call *call, size_t place);
/* One line each; what a client wrote may stand in it. */
void program_ok(struct program_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void program_refuse(struct program_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Lines below an "ok", and their end. */
void program_lines(struct program_call *call, const char *text);

/* "error ..." for a negative errno of fake.h; "ok" for 0. */
void program_verdict(struct program_call *call, int err);

/* The server that a word names; NULL, and the call is refused. */
struct fake *program_word_server(struct program_call *call, size_t place);
/* The same number, or -1 and the call is refused. */
int64_t program_word_ms(struct program_call *call, size_t place);

/* ---- the tables ------------------------------------------------------- */

/* Each ends with a row without a name. */
extern const struct program_command program_clock_commands[];
extern const struct program_command program_server_commands[];
extern const struct program_command program_link_commands[];

#endif
