/* SPDX-License-Identifier: Apache-2.0
 * stamp.c - the liveness value and the owner record, written and read.
 */
#include "backend.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A cursor that cannot run past the end. */
struct scan {
    const char *at, *end;
};

static bool scan_text(struct scan *s, const char *text)
{
    size_t n = strlen(text);

    if ((size_t)(s->end - s->at) < n || memcmp(s->at, text, n) != 0)
        return false;
    s->at += n;
    return true;
}

static bool scan_number(struct scan *s, uint64_t *ret)
{
    uint64_t value = 0;
    const char *start = s->at;

    for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
        unsigned digit = (unsigned)(*s->at - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (s->at == start)
        return false;
    *ret = value;
    return true;
}

static bool scan_token(struct scan *s, char ret_token[SG_TOKEN_BYTES + 1])
{
    if (s->end - s->at < SG_TOKEN_BYTES)
        return false;
    for (int i = 0; i < SG_TOKEN_BYTES; i++) {
        char c = s->at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        ret_token[i] = c;
    }
    ret_token[SG_TOKEN_BYTES] = '\0';
    s->at += SG_TOKEN_BYTES;
    return true;
}

size_t sg_stamp_write(const struct sg_stamp *stamp, char to[SG_STAMP_MAX])
{
    int n = snprintf(
        to, SG_STAMP_MAX, "sg1 e=%" PRIu64 " k=%.16s t=%" PRId64 " b=%" PRId64,
        stamp->epoch, stamp->token, stamp->timeout_ms, stamp->beat_ms);
    return n < 0 || n >= SG_STAMP_MAX ? 0 : (size_t)n;
}

bool sg_stamp_read(const void *bytes, size_t length, struct sg_stamp *ret)
{
    struct scan s = {bytes, (const char *)bytes + length};
    struct sg_stamp stamp = {0};
    uint64_t timeout, beat;

    if (length == 0 || !scan_text(&s, "sg1 e=") ||
        !scan_number(&s, &stamp.epoch) || !scan_text(&s, " k=") ||
        !scan_token(&s, stamp.token) || !scan_text(&s, " t=") ||
        !scan_number(&s, &timeout) || !scan_text(&s, " b=") ||
        !scan_number(&s, &beat) || s.at != s.end || timeout > INT64_MAX ||
        beat > INT64_MAX)
        return false;
    stamp.timeout_ms = (int64_t)timeout;
    stamp.beat_ms = (int64_t)beat;
    *ret = stamp;
    return true;
}

size_t sg_owner_write(uint64_t epoch, const char *token, char to[SG_OWNER_MAX])
{
    int n = snprintf(to, SG_OWNER_MAX, "%" PRIu64 " %.16s", epoch, token);
    return n < 0 || n >= SG_OWNER_MAX ? 0 : (size_t)n;
}

bool sg_owner_read(const void *bytes, size_t length, uint64_t *ret_epoch,
                   char ret_token[SG_TOKEN_BYTES + 1])
{
    struct scan s = {bytes, (const char *)bytes + length};
    uint64_t epoch;
    char token[SG_TOKEN_BYTES + 1];

    if (length == 0 || !scan_number(&s, &epoch) || !scan_text(&s, " ") ||
        !scan_token(&s, token) || s.at != s.end)
        return false;
    *ret_epoch = epoch;
    memcpy(ret_token, token, sizeof token);
    return true;
}
