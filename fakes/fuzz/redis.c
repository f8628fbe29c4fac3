/* SPDX-License-Identifier: Apache-2.0
 * redis.c - fuzz: the fake Redis before hostile clients.
 */
#include "common/desk.h"

static const char question[] = "*1\r\n$4\r\nPING\r\n"
                               "SET healthy 1\r\n"
                               "*2\r\n$3\r\nGET\r\n$7\r\nhealthy\r\n";

static bool is_answer(struct fuzz_bytes answer)
{
    static const char want[] = "+PONG\r\n+OK\r\n$1\r\n1\r\n";

    return answer.length == sizeof want - 1 &&
           memcmp(answer.at, want, answer.length) == 0;
}

static const struct desk_kind kind = {
    .make = fake_redis_new,
    .question = {(const uint8_t *)question, sizeof question - 1},
    .is_answer = is_answer,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    desk_run(&kind, bytes, length);
    return 0;
}
