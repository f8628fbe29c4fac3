/* SPDX-License-Identifier: Apache-2.0
 * pack.c - fuzz: msgpack of anybody's: the validator, the skipper, the
 * cursor, extensions, and what all of them must agree on.
 */
#include "pack.h"

#include "fuzz.h"
#include "servicegroup.h"

/* A reader that fails has not moved; one that succeeds has, and stays inside.
 */
static void read_all(const uint8_t *bytes, size_t length)
{
    struct sg_pack p = {bytes, bytes + length};
    struct sg_pack_head head;

    for (;;) {
        const uint8_t *before = p.at;
        bool is_read = sg_pack_next(&p, &head);
        fuzz_claim(p.at <= p.end && (is_read ? p.at > before : p.at == before));
        if (!is_read)
            return;
        if (head.kind == SG_PACK_STR || head.kind == SG_PACK_BIN ||
            head.kind == SG_PACK_EXT)
            fuzz_claim(head.body >= before && head.length <= length &&
                       head.body + head.length == p.at);
    }
}

static void read_kinds(const uint8_t *bytes, size_t length)
{
    const struct sg_pack start = {bytes, bytes + length};
    struct sg_pack p = start;
    const char *text;
    size_t text_length;
    uint32_t count;
    uint64_t number;
    bool flag;

    fuzz_claim(sg_pack_map(&p, &count) || p.at == bytes);
    p = start;
    fuzz_claim(sg_pack_array(&p, &count) || p.at == bytes);
    p = start;
    if (sg_pack_text(&p, &text, &text_length))
        fuzz_claim((const uint8_t *)text + text_length == p.at);
    else
        fuzz_claim(p.at == bytes);
    p = start;
    fuzz_claim(sg_pack_bool(&p, &flag) || p.at == bytes);
    p = start;
    fuzz_claim(sg_pack_uint(&p, &number) || p.at == bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const unsigned depths[] = {0, 1, 3, SG_PACK_DEPTH_MAX};
    uint8_t *copy = fuzz_copy((struct fuzz_bytes){bytes, length});
    struct sg_pack p = {copy, copy + length};
    bool was_fine = false, is_whole = sg_pack_skip(&p) && p.at == p.end;

    fuzz_claim(p.at <= p.end);
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        size_t offset = SIZE_MAX;
        const char *rule = NULL;
        bool is_fine =
            sg_pack_check(copy, length, depths[i], &offset, &rule) == 0;
        fuzz_claim(is_fine || (offset <= length && rule != NULL));
        /* What Python can read is one whole value, however deep it may be. */
        fuzz_claim(!is_fine || is_whole);
        fuzz_claim(!was_fine || is_fine);
        was_fine = is_fine;
    }
    (void)sg_pack_is_true(copy, length);
    read_all(copy, length);
    read_kinds(copy, length);
    free(copy);
    return 0;
}
