/* SPDX-License-Identifier: Apache-2.0
 * memcached.c - fuzz: the whole memcached back end before a hostile server.
 * Inputs as in common/play.h.
 */
#include "common/play.h"

/* What is alive was shown alive, and what is missing is missing in an answer
 * that is complete. */
static void claim_shown(const struct peer *p, const struct sg_sight *sight)
{
    char line[SG_NAME_MAX + 32];

    fuzz_claim(!sight->entry || peer_has_said(p, "VALUE _TOOZ_GROUP_g "));
    snprintf(line, sizeof line, "VALUE _TOOZ_MEMBER_%s ", sight->member);
    fuzz_claim(!sight->alive || peer_has_said(p, line));
    for (size_t i = 0; i < sight->n_parts; i++)
        claim_shown(p, &sight->parts[i]);
}

static void claim_answered(const struct scene *s, const struct peer *p,
                           const struct sg_op *op)
{
    static const unsigned reads = 1u << SG_VERB_ASK | 1u << SG_VERB_LIST |
                                  1u << SG_VERB_GROUPS |
                                  1u << SG_VERB_GET_METADATA;

    (void)s;
    fuzz_claim(p->n_heard > 0);
    if ((reads >> op->verb & 1) == 0)
        return;
    fuzz_claim(peer_ends_with(p, "END\r\n"));
    if (op->verb == SG_VERB_ASK || op->verb == SG_VERB_LIST)
        for (size_t i = 0; i < op->n_sights; i++)
            claim_shown(p, &op->sights[i]);
}

static const struct play_peer play = {
    .kind = &sg_memcached_kind,
    .claim = claim_answered,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    play_peer(&play, bytes, length);
    return 0;
}
