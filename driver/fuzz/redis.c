/* SPDX-License-Identifier: Apache-2.0
 * redis.c - fuzz: the whole Redis back end before a hostile server.
 *
 * The first part of an input says how the server behaves, which allocation
 * fails and which verbs are run; the others are its answers, in order. The
 * first answer of a connection greets: its two (three with a password) INFOs.
 */
#include "redis.h"

#include "common/peer.h"
#include "common/scene.h"

/* An answer is one to this very question: the serial stands in it. (hiredis
 * 0.14 does not look at the two bytes behind a string.) */
static void claim_answered(const struct peer *p, const struct sg_backend *b)
{
    char digits[32], serial[64];

    snprintf(digits, sizeof digits, "%llu", (unsigned long long)b->conn.serial);
    snprintf(serial, sizeof serial, "$%zu\r\n%s", strlen(digits), digits);
    fuzz_claim(peer_has_said(p, serial));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_bytes all = {bytes, length}, head;
    struct peer p = {.now_ms = 1000000};
    unsigned nth, n = 0;
    struct scene s;
    uint8_t how;

    if (!fuzz_part(&all, &head) || head.length < 3)
        return 0;
    how = fuzz_byte(&head);
    nth = fuzz_byte(&head);
    p.script = all;
    p.end = (enum peer_end)(how % 3);
    p.refuses = (how & 0xf0) == 0xf0;
    p.piece = (how & 4) != 0 ? 1 : (how & 8) != 0 ? 13 : SIZE_MAX / 2;
    peer_begin(&p);
    scene_begin(&s, &sg_redis_kind, &p.now_ms);
    if ((how & 0x10) != 0)
        s.target.password = SCENE_PASSWORD;
    for (; head.length > 0 && n < SCENE_VERBS_MAX; n++) {
        struct sg_task *task;
        peer_forget(&p);
        if (scene_verb(&s, fuzz_byte(&head), nth, &task) == SG_OK)
            claim_answered(&p, s.b);
        sg_task_drop(task);
        nth = 0;
        p.now_ms += 900;
    }
    scene_end(&s);
    peer_end(&p);
    return 0;
}
