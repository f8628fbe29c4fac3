/* SPDX-License-Identifier: Apache-2.0
 * mc_line.h - a line of the text protocol, and its words.
 */
#ifndef FAKE_MC_LINE_H
#define FAKE_MC_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The server splits a line into so many words at most, but for keys. */
#define FAKE_MC_MOST_WORDS 23

struct fake_mc_word {
    const uint8_t *at;
    size_t length;
};

struct fake_mc_line {
    struct fake_mc_word words[FAKE_MC_MOST_WORDS];
    size_t count;
    const uint8_t *rest; /* where the first word ends                        */
    const uint8_t *end;
};

/* The line ends at a NUL within it: the server works on C strings. */
void fake_mc_line_split(struct fake_mc_line *line, const uint8_t *bytes,
                        size_t length);
/* Of those that were split; the line must not be empty. */
const struct fake_mc_word *fake_mc_line_last(const struct fake_mc_line *line);
/* The next word at or after *at, which moves behind it. */
bool fake_mc_line_next(const uint8_t **at, const uint8_t *end,
                       struct fake_mc_word *ret);

bool fake_mc_word_is(const struct fake_mc_word *word, const char *text);
bool fake_mc_word_u32(const struct fake_mc_word *word, uint32_t *ret);
bool fake_mc_word_i32(const struct fake_mc_word *word, int32_t *ret);
bool fake_mc_word_u64(const struct fake_mc_word *word, uint64_t *ret);

#endif
