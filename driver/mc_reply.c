/* SPDX-License-Identifier: Apache-2.0
 * mc_reply.c - the text protocol's answers, read without trust.
 */
#include "mc_reply.h"

#include <string.h>

struct line {
    const char *at, *end; /* without its CR LF                           */
    size_t whole;         /* with it                                     */
};

static enum sg_mc_step next_line(const uint8_t *bytes, size_t length,
                                 struct line *ret)
{
    size_t limit = length < SG_MC_LINE_MAX ? length : SG_MC_LINE_MAX;
    const uint8_t *lf = limit > 0 ? memchr(bytes, '\n', limit) : NULL;

    if (lf == NULL)
        return length < SG_MC_LINE_MAX ? SG_MC_MORE : SG_MC_GARBAGE;
    if (lf == bytes || lf[-1] != '\r')
        return SG_MC_GARBAGE;
    ret->at = (const char *)bytes;
    ret->end = (const char *)lf - 1;
    ret->whole = (size_t)(lf - bytes) + 1;
    return SG_MC_DONE;
}

static bool is_word(const struct line *line, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(line->end - line->at) == n &&
           memcmp(line->at, word, n) == 0;
}

static bool take_word(struct line *line, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(line->end - line->at) < n || memcmp(line->at, word, n) != 0)
        return false;
    line->at += n;
    return true;
}

static bool take_number(struct line *line, uint64_t max, uint64_t *ret)
{
    const char *start = line->at;
    uint64_t value = 0;

    for (; line->at < line->end && *line->at >= '0' && *line->at <= '9';
         line->at++) {
        unsigned digit = (unsigned)(*line->at - '0');
        if (value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    return line->at > start;
}

/* "ERROR Too many open connections", "SERVER_ERROR out of memory ...",
 * "CLIENT_ERROR unauthenticated": the server has understood and says no. A
 * bare "ERROR" is what something else than memcached would say. */
static enum sg_mc_step refused(const struct line *line, struct sg_mc_said *ret)
{
    static const char *const words[] = {"SERVER_ERROR ", "CLIENT_ERROR ",
                                        "ERROR "};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct line rest = *line;
        if (!take_word(&rest, words[i]))
            continue;
        ret->text = line->at;
        ret->length = (size_t)(line->end - line->at);
        return SG_MC_REFUSED;
    }
    return SG_MC_GARBAGE;
}

/* ---- VALUE <key> <flags> <bytes> <cas>, the value, ..., END ----------- */

/* "not asked for" includes a key that has answered already. */
static struct sg_mc_item *find_item(struct sg_mc_values *v, const char *key,
                                    size_t length)
{
    for (; v->next_item < v->n_items; v->next_item++) {
        struct sg_mc_item *item = &v->items[v->next_item];
        if (item->key_length == length && memcmp(item->key, key, length) == 0) {
            v->next_item++;
            return item;
        }
    }
    return NULL;
}

static bool read_value_line(struct line line, uint32_t *ret_flags,
                            uint64_t *ret_length, uint64_t *ret_cas)
{
    uint64_t flags;

    if (!take_word(&line, " ") || !take_number(&line, UINT32_MAX, &flags) ||
        !take_word(&line, " ") ||
        !take_number(&line, SIZE_MAX / 4, ret_length) ||
        !take_word(&line, " ") || !take_number(&line, UINT64_MAX, ret_cas) ||
        line.at != line.end)
        return false;
    *ret_flags = (uint32_t)flags;
    return true;
}

static enum sg_mc_step value_step(struct sg_mc_values *v, struct line line,
                                  const uint8_t *bytes, size_t length)
{
    size_t start = v->parsed + line.whole;
    size_t saved = v->next_item;
    const char *key = line.at;
    struct sg_mc_item *item;
    uint64_t value_length, cas;
    uint32_t flags;

    while (line.at < line.end && *line.at != ' ')
        line.at++;
    if (!read_value_line(line, &flags, &value_length, &cas))
        return SG_MC_GARBAGE;
    item = find_item(v, key, (size_t)(line.at - key));
    if (item == NULL)
        return SG_MC_GARBAGE;
    if (value_length + 2 > length - start) {
        v->next_item = saved; /* comes again with more bytes */
        return SG_MC_MORE;
    }
    if (memcmp(bytes + start + value_length, "\r\n", 2) != 0)
        return SG_MC_GARBAGE;
    item->is_there = true;
    item->flags = flags;
    item->cas = cas;
    item->offset = start;
    item->length = (size_t)value_length;
    v->parsed = start + (size_t)value_length + 2;
    return SG_MC_DONE;
}

enum sg_mc_step sg_mc_values_step(struct sg_mc_values *v, const uint8_t *bytes,
                                  size_t length, struct sg_mc_said *ret_said)
{
    for (;;) {
        struct line line;
        enum sg_mc_step step =
            next_line(bytes + v->parsed, length - v->parsed, &line);
        if (step != SG_MC_DONE)
            return step;
        if (is_word(&line, "END"))
            return v->parsed + line.whole == length ? SG_MC_DONE
                                                    : SG_MC_GARBAGE;
        if (!take_word(&line, "VALUE "))
            return refused(&line, ret_said);
        step = value_step(v, line, bytes, length);
        if (step != SG_MC_DONE)
            return step;
    }
}

/* ---- answers of one line ---------------------------------------------- */

static bool read_word(const struct line *line, struct sg_mc_line *ret)
{
    static const struct {
        const char *text;
        enum sg_mc_word word;
    } words[] = {
        {"STORED", SG_MC_STORED},
        {"NOT_STORED", SG_MC_NOT_STORED},
        {"EXISTS", SG_MC_EXISTS},
        {"NOT_FOUND", SG_MC_NOT_FOUND},
        {"TOUCHED", SG_MC_TOUCHED},
        {"SERVER_ERROR object too large for cache", SG_MC_TOO_LARGE},
    };
    struct line digits = *line;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!is_word(line, words[i].text))
            continue;
        ret->word = words[i].word;
        return true;
    }
    ret->word = SG_MC_NUMBER;
    return take_number(&digits, UINT64_MAX, &ret->number) &&
           digits.at == digits.end;
}

enum sg_mc_step sg_mc_line_step(const uint8_t *bytes, size_t length,
                                struct sg_mc_line *ret_line,
                                struct sg_mc_said *ret_said)
{
    struct line line;
    enum sg_mc_step step = next_line(bytes, length, &line);

    if (step != SG_MC_DONE)
        return step;
    if (!read_word(&line, ret_line))
        return refused(&line, ret_said);
    return line.whole == length ? SG_MC_DONE : SG_MC_GARBAGE;
}

/* ---- STAT <name> <value>, ..., END ------------------------------------ */

enum sg_mc_step sg_mc_stats_step(const uint8_t *bytes, size_t length,
                                 int64_t *ret_uptime_s,
                                 struct sg_mc_said *ret_said)
{
    size_t parsed = 0;
    int64_t uptime_s = -1;

    for (;;) {
        struct line line;
        uint64_t number;
        enum sg_mc_step step =
            next_line(bytes + parsed, length - parsed, &line);
        if (step != SG_MC_DONE)
            return step;
        parsed += line.whole;
        if (is_word(&line, "END"))
            break;
        if (!take_word(&line, "STAT "))
            return refused(&line, ret_said);
        if (take_word(&line, "uptime ") &&
            take_number(&line, INT32_MAX, &number) && line.at == line.end)
            uptime_s = (int64_t)number;
    }
    if (parsed != length)
        return SG_MC_GARBAGE;
    if (uptime_s >= 0)
        *ret_uptime_s = uptime_s;
    return SG_MC_DONE;
}
