/* SPDX-License-Identifier: Apache-2.0
 * words.h - a line of the control language as words, and words as numbers.
 */
#ifndef PROGRAM_WORDS_H
#define PROGRAM_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRAM_MOST_WORDS = 16 };

struct program_words {
    const char *at[PROGRAM_MOST_WORDS]; /* each ends with a NUL; with       */
    size_t length[PROGRAM_MOST_WORDS];  /* \x00 it can hold others          */
    size_t count;
};

/* Words stand between blanks; within one, \s is a space, and \n \r \t \\ and
 * \xHH are what they are in C. The line is changed, and the words lie in it.
 * Answers NULL, or what is wrong with the line. `line` needs a byte of room
 * behind its `length` bytes. */
const char *program_words_split(char *line, size_t length,
                                struct program_words *ret_words);

/* Decimal digits, nothing else; `ret` is untouched when it is refused. */
bool program_word_number(const char *word, int64_t least, int64_t most,
                         int64_t *ret);

#endif
