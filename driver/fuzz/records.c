/* SPDX-License-Identifier: Apache-2.0
 * records.c - fuzz: the liveness value, the owner record, marks and names: what
 * is read can be written, and reads the same again.
 */
#include "backend.h"
#include "fuzz.h"
#include "name.h"

static void claim_token(const char token[SG_TOKEN_BYTES + 1])
{
    fuzz_claim(strspn(token, "0123456789abcdef") == SG_TOKEN_BYTES &&
               token[SG_TOKEN_BYTES] == '\0');
}

static void read_stamp(const uint8_t *bytes, size_t length)
{
    struct sg_stamp stamp, again;
    char text[SG_STAMP_MAX];
    size_t n;

    if (!sg_stamp_read(bytes, length, &stamp))
        return;
    claim_token(stamp.token);
    fuzz_claim(stamp.timeout_ms >= 0 && stamp.beat_ms >= 0);
    n = sg_stamp_write(&stamp, text);
    fuzz_claim(n > 0 && n < SG_STAMP_MAX);
    fuzz_claim(sg_stamp_read(text, n, &again));
    fuzz_claim(again.epoch == stamp.epoch && again.beat_ms == stamp.beat_ms &&
               again.timeout_ms == stamp.timeout_ms &&
               strcmp(again.token, stamp.token) == 0);
}

static void read_owner(const uint8_t *bytes, size_t length)
{
    char token[SG_TOKEN_BYTES + 1], second[SG_TOKEN_BYTES + 1];
    char text[SG_OWNER_MAX];
    uint64_t epoch, again;
    size_t n;

    if (!sg_owner_read(bytes, length, &epoch, token))
        return;
    claim_token(token);
    n = sg_owner_write(epoch, token, text);
    fuzz_claim(n > 0 && n < SG_OWNER_MAX);
    fuzz_claim(sg_owner_read(text, n, &again, second));
    fuzz_claim(again == epoch && strcmp(token, second) == 0);
}

static void read_marks(const uint8_t *bytes, size_t length)
{
    struct sg_marks marks, again;
    uint8_t packed[SG_MARKS_MAX];
    size_t n;

    memset(&marks, 0xa5, sizeof marks);
    if (!sg_marks_read(bytes, length, &marks))
        fuzz_claim(!marks.disabled && !marks.forced_down &&
                   marks.disabled_reason[0] == '\0');
    fuzz_claim(memchr(marks.disabled_reason, '\0', SG_REASON_MAX + 1) != NULL);
    n = sg_marks_write(&marks, packed);
    fuzz_claim(n > 0 && n <= SG_MARKS_MAX);
    fuzz_claim(sg_marks_read(packed, n, &again));
    fuzz_claim(again.disabled == marks.disabled &&
               again.forced_down == marks.forced_down &&
               strcmp(again.disabled_reason, marks.disabled_reason) == 0);
}

static void read_name(const uint8_t *bytes, size_t length)
{
    char *name = fuzz_text((struct fuzz_bytes){bytes, length});
    char why[200] = "";
    bool is_safe = sg_name_is_safe((const char *)bytes, length);
    bool is_text = strlen(name) == length;
    int rc = sg_name_check("member", name, why, sizeof why);

    fuzz_claim(rc == 0 || (rc == SG_ENAME && why[0] != '\0'));
    fuzz_claim(!is_safe || (is_text && length <= SG_NAME_MAX));
    if (is_text)
        fuzz_claim(is_safe == (rc == 0));
    for (const char *c = why; *c != '\0'; c++)
        fuzz_claim(*c >= ' ' && *c <= '~');
    fuzz_claim(!sg_name_is_part(name, name));
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = fuzz_copy((struct fuzz_bytes){bytes, length});

    read_stamp(copy, length);
    read_owner(copy, length);
    read_marks(copy, length);
    read_name(copy, length);
    free(copy);
    return 0;
}
