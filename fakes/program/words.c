/* SPDX-License-Identifier: Apache-2.0
 * words.c - a line of the control language as words, and words as numbers.
 */
#include "words.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What follows a backslash at *at, which moves behind it; -1: nothing known.
 * `end` can be read, and is a NUL. */
static int escaped(const char **at)
{
    char c = *(*at)++;
    int high, low;

    switch (c) {
    case 's':
        return ' ';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '\\':
        return '\\';
    case 'x':
        high = hex(**at);
        low = high < 0 ? -1 : hex((*at)[1]);
        *at += 2;
        return low < 0 ? -1 : high * 16 + low;
    default:
        return -1;
    }
}

/* Copies one word to where it began: it never grows. */
static bool take_word(const char **at, char *to, size_t *ret_length)
{
    char *begin = to;

    while (**at != '\0' && **at != ' ') {
        int c = (unsigned char)*(*at)++;
        if (c == '\\')
            c = escaped(at);
        if (c < 0)
            return false;
        *to++ = (char)c;
    }
    *ret_length = (size_t)(to - begin);
    return true;
}

static bool is_clean(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            return false;
    return true;
}

const char *program_words_split(char *line, size_t length,
                                struct program_words *ret_words)
{
    const char *at = line;
    bool is_last;

    ret_words->count = 0;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    line[length] = '\0';
    if (!is_clean(line, length))
        return "a control character in the line: write \\n, \\t or \\xHH";
    do {
        size_t place = ret_words->count;
        while (*at == ' ')
            at++;
        if (*at == '\0')
            return NULL;
        if (place == PROGRAM_MOST_WORDS)
            return "too many words";
        char *begin = line + (at - line);
        if (!take_word(&at, begin, &ret_words->length[place]))
            return "a backslash stands before s, n, r, t, \\ or xHH";
        is_last = *at == '\0';
        at++;
        begin[ret_words->length[place]] = '\0';
        ret_words->at[place] = begin;
        ret_words->count++;
    } while (!is_last);
    return NULL;
}

bool program_word_number(const char *word, int64_t least, int64_t most,
                         int64_t *ret)
{
    int64_t number = 0;

    if (*word == '\0')
        return false;
    for (; *word != '\0'; word++) {
        if (*word < '0' || *word > '9' ||
            __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, *word - '0', &number))
            return false;
    }
    if (number < least || number > most)
        return false;
    *ret = number;
    return true;
}
