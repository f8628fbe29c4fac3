/* SPDX-License-Identifier: Apache-2.0
 * lua.c - fuzz: any text as a script of the fake Redis: it ends, within its
 * limits, with one reply, and the next one is not changed by it.
 */
#include "common/desk.h"

static const char question[] = "EVAL \"return 1 + 1\" 0\r\nPING\r\n";

static bool is_answer(struct fuzz_bytes answer)
{
    static const char want[] = ":2\r\n+PONG\r\n";

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
    char head[64];
    struct desk d;

    desk_open(&d, &kind);
    d.client[0] = net_dial(d.link[0]);
    snprintf(head, sizeof head, "*5\r\n$4\r\nEVAL\r\n$%zu\r\n", length);
    net_say(d.client[0], head, strlen(head));
    net_say(d.client[0], bytes, length);
    snprintf(head, sizeof head, "\r\n$1\r\n1\r\n$1\r\nk\r\n$1\r\na\r\n");
    net_say(d.client[0], head, strlen(head));
    net_settle(d.hub);
    fuzz_claim(net_is_open(d.client[0]));
    fuzz_claim(net_heard(d.client[0]).length > 0);
    desk_close(&d, &kind);
    return 0;
}
