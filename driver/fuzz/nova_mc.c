/* SPDX-License-Identifier: Apache-2.0
 * nova_mc.c - fuzz: nova's old memcache driver, one or two servers, before
 * hostile ones. Inputs as in common/play.h.
 */
#include "common/play.h"

enum { MITAKA = 0x10, PYTHON_3 = 0x20, HASHED = 0x40, TWO_SERVERS = 0x80 };

static const char *option(const struct sg_target *target, const char *name)
{
    uint8_t how = *(const uint8_t *)target->options;

    if (strcmp(name, "era") == 0)
        return (how & MITAKA) != 0 ? "mitaka" : "liberty";
    if (strcmp(name, "python") == 0)
        return (how & PYTHON_3) != 0 ? "3" : "2";
    if (strcmp(name, "key") == 0)
        return (how & HASHED) != 0 ? "sha1" : "raw";
    return NULL;
}

static void claim_answered(const struct scene *s, const struct peer *p,
                           const struct sg_op *op)
{
    (void)s;
    fuzz_claim(p->n_heard > 0);
    if (op->verb != SG_VERB_ASK)
        return;
    fuzz_claim(peer_ends_with(p, "END\r\n"));
    for (size_t i = 0; i < op->n_sights; i++)
        if (op->sights[i].entry || op->sights[i].is_garbage)
            fuzz_claim(peer_has_said(p, "VALUE "));
}

static void set_up(struct scene *s, struct peer *p, const uint8_t *how)
{
    static const struct sg_endpoint two[2] = {{"a", "127.0.0.1", 1},
                                              {"b", "127.0.0.1", 2}};

    p->end = (enum peer_end)((*how & 3) % 3);
    p->refuses = false; /* the bits say something else */
    s->target.endpoints = two;
    s->target.n_endpoints = (*how & TWO_SERVERS) != 0 ? 2 : 1;
    s->target.option = option;
    s->target.options = how;
}

static const struct play_peer play = {
    .kind = &sg_nova_mc_kind,
    .set_up = set_up,
    .claim = claim_answered,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    play_peer(&play, bytes, length);
    return 0;
}
