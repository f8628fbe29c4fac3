/* SPDX-License-Identifier: Apache-2.0
 * redis.c - fuzz: the whole Redis back end before a hostile server.
 *
 * Inputs as in common/play.h. The first answer of a connection greets: its two
 * (three with a password) INFOs.
 */
#include "redis.h"

#include "common/play.h"

/* An answer is one to this very question: the serial stands in it. (hiredis
 * 0.14 does not look at the two bytes behind a string.) */
static void claim_answered(const struct scene *s, const struct peer *p,
                           const struct sg_op *op)
{
    char digits[32], serial[64];

    (void)op;
    snprintf(digits, sizeof digits, "%llu",
             (unsigned long long)s->b->conn.serial);
    snprintf(serial, sizeof serial, "$%zu\r\n%s", strlen(digits), digits);
    fuzz_claim(peer_has_said(p, serial));
}

static void set_up(struct scene *s, struct peer *p, const uint8_t *how)
{
    (void)p;
    if ((*how & 0x10) != 0)
        s->target.password = SCENE_PASSWORD;
}

static const struct play_peer play = {
    .kind = &sg_redis_kind,
    .set_up = set_up,
    .claim = claim_answered,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    play_peer(&play, bytes, length);
    return 0;
}
