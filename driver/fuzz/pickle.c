/* SPDX-License-Identifier: Apache-2.0
 * pickle.c - fuzz: the values of nova's old driver: any pickle, packed or not,
 * as each reader of the old days; the first byte is the flags.
 */
#include "legacy/pickle.h"

#include "fuzz.h"
#include "legacy/old_value.h"
#include "op.h"

#define NOW_US INT64_C(1430397296789012)
#define DOWN_US INT64_C(60000000)

/* What was read can be walked: every child and every byte is there. It may
 * hold itself. */
static unsigned walk(const struct sg_pickle *value, unsigned depth)
{
    unsigned sum = (unsigned)value->kind;

    fuzz_claim(value->kind <= SG_PICKLE_MARK && value->n <= value->room);
    for (size_t i = 0; i < value->length; i++)
        sum += value->bytes[i];
    if (value->kind == SG_PICKLE_DICT)
        fuzz_claim(value->n % 2 == 0);
    for (size_t i = 0; i < value->n && depth < 8 && i < 64; i++)
        sum += walk(value->child[i], depth + 1);
    return sum;
}

static void read_pickle(const uint8_t *bytes, size_t length, int python)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 0, 0);
    const struct sg_pickle *value =
        sg_pickle_read(&task->op, bytes, length, python);
    volatile unsigned sum;

    fuzz_claim(value != NULL || task->op.reason != SG_NO_MEMORY);
    if (value != NULL) {
        sum = walk(value, 0);
        (void)sum;
        (void)sg_pickle_item(value, "ct", python);
    }
    sg_task_drop(task);
}

static void read_value(uint32_t flags, const uint8_t *bytes, size_t length,
                       enum sg_old_era era, int python)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 0, 0);
    struct sg_old_seen seen = sg_old_value_read(&task->op, era, python, flags,
                                                bytes, length, NOW_US, DOWN_US);

    fuzz_claim(seen.found < SG_OLD_NO_MEMORY);
    if (seen.found == SG_OLD_STALE)
        fuzz_claim(NOW_US - seen.beat_us > DOWN_US);
    sg_task_drop(task);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_bytes all = {bytes, length};
    uint32_t flags = fuzz_byte(&all);
    uint8_t *copy = fuzz_copy(all);

    for (int python = 2; python <= 3; python++) {
        read_pickle(copy, all.length, python);
        read_value(flags, copy, all.length, SG_OLD_LIBERTY, python);
        read_value(flags, copy, all.length, SG_OLD_MITAKA, python);
    }
    free(copy);
    return 0;
}
