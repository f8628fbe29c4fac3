/* SPDX-License-Identifier: Apache-2.0
 * memcached.c - fuzz: the fake memcached before hostile clients, who may speak
 * either protocol.
 */
#include "common/desk.h"

static const char question[] = "set healthy 5 0 1\r\n1\r\nget healthy\r\n";

static bool is_answer(struct fuzz_bytes answer)
{
    static const char want[] = "STORED\r\nVALUE healthy 5 1\r\n1\r\nEND\r\n";

    return answer.length == sizeof want - 1 &&
           memcmp(answer.at, want, answer.length) == 0;
}

static int make(struct fake_hub *hub, struct fake **ret_fake)
{
    return fake_memcached_new(hub, 137, ret_fake);
}

static const struct desk_kind kind = {
    .make = make,
    .question = {(const uint8_t *)question, sizeof question - 1},
    .is_answer = is_answer,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    desk_run(&kind, bytes, length);
    return 0;
}
