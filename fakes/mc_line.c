/* SPDX-License-Identifier: Apache-2.0
 * mc_line.c - a line of the text protocol, and its words.
 */
#include "mc_line.h"
#include "mc_number.h"

#include <string.h>

bool fake_mc_line_next(const uint8_t **at, const uint8_t *end,
                       struct fake_mc_word *ret)
{
    while (*at < end && **at == ' ')
        ++*at;
    ret->at = *at;
    while (*at < end && **at != ' ')
        ++*at;
    ret->length = (size_t)(*at - ret->at);
    return ret->length > 0;
}

void fake_mc_line_split(struct fake_mc_line *line, const uint8_t *bytes,
                        size_t length)
{
    const uint8_t *nul = memchr(bytes, '\0', length), *at = bytes;

    line->end = nul == NULL ? bytes + length : nul;
    line->count = 0;
    line->rest = line->end;
    while (line->count < FAKE_MC_MOST_WORDS &&
           fake_mc_line_next(&at, line->end, &line->words[line->count])) {
        if (line->count++ == 0)
            line->rest = at;
    }
}

const struct fake_mc_word *fake_mc_line_last(const struct fake_mc_line *line)
{
    return &line->words[line->count - 1];
}

bool fake_mc_word_is(const struct fake_mc_word *word, const char *text)
{
    size_t length = strlen(text);

    return word->length == length && memcmp(word->at, text, length) == 0;
}

bool fake_mc_word_u32(const struct fake_mc_word *word, uint32_t *ret)
{
    return fake_mc_number_u32(word->at, word->length, ret);
}

bool fake_mc_word_i32(const struct fake_mc_word *word, int32_t *ret)
{
    return fake_mc_number_i32(word->at, word->length, ret);
}

bool fake_mc_word_u64(const struct fake_mc_word *word, uint64_t *ret)
{
    return fake_mc_number_u64(word->at, word->length, ret);
}
