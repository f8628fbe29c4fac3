/* SPDX-License-Identifier: Apache-2.0
 * zookeeper.c - fuzz: the fake ZooKeeper before hostile clients.
 */
#include "common/desk.h"

/* ConnectRequest: version 0, nothing seen, 4 s, no session, a password of 16
 * zero bytes, read-only not asked for. */
static const uint8_t hello[] = {
    0, 0,  0,   45, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0, 0,
    0, 15, 160, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0,
    0, 0,  0,   0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
/* Its answer: length, version, timeout, session, password, read-only. */
#define WELCOME_BYTES (4 + 4 + 4 + 8 + 20 + 1)

/* exists "/", xid 1, no watch. */
static const uint8_t question[] = {
    0, 0, 0, 14, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 1, '/', 0,
};

/* Length, xid 1, zxid, no error, and a stat of 68 bytes. */
static bool is_answer(struct fuzz_bytes answer)
{
    static const uint8_t head[] = {0, 0, 0, 84, 0, 0, 0, 1};
    static const uint8_t no_error[4];

    return answer.length == 88 && memcmp(answer.at, head, 8) == 0 &&
           memcmp(answer.at + 16, no_error, 4) == 0;
}

static int make(struct fake_hub *hub, struct fake **ret_fake)
{
    return fake_zookeeper_new(hub, 500, ret_fake);
}

static const struct desk_kind kind = {
    .make = make,
    .hello = {hello, sizeof hello},
    .hello_bytes = WELCOME_BYTES,
    .question = {question, sizeof question},
    .is_answer = is_answer,
    /* Who names a session ends its connection, even with a wrong password. */
    .may_be_closed = true,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    desk_run(&kind, bytes, length);
    return 0;
}
