/* SPDX-License-Identifier: Apache-2.0
 * zookeeper.c - fuzz: the whole ZooKeeper back end above a library that says
 * anything, or nothing, in any order.
 * Inputs as in common/play.h.
 */
#include "zk.h"

#include "common/play.h"

/* What is alive was shown so in an answer of this very verb, and so was what
 * is missing. */
static void claim_asked(const struct zoo *z, const struct sg_sight *sight)
{
    const struct zoo_shown *shown;
    char path[SG_NAME_MAX + 32];

    snprintf(path, sizeof path, "/tooz/g/%s", sight->member);
    shown = zoo_find(z, path, false);
    fuzz_claim(shown != NULL);
    if (sight->entry)
        fuzz_claim(sight->alive && shown->rc == ZOK && shown->owner != 0 &&
                   shown->owner != INT64_MIN);
    else
        fuzz_claim(shown->rc == ZNONODE || shown->owner == 0 ||
                   shown->owner == INT64_MIN);
}

static void claim_child(const struct zoo *z, const struct sg_sight *sight)
{
    char path[SG_NAME_MAX + 32];

    snprintf(path, sizeof path, "/tooz/g/%s", sight->member);
    if (sight->entry)
        fuzz_claim(zoo_find(z, path, true) != NULL);
}

static void claim_shown(const struct zoo *z, const struct sg_op *op)
{
    for (size_t i = 0; i < op->n_sights; i++) {
        if (op->verb == SG_VERB_LIST)
            claim_child(z, &op->sights[i]);
        if (op->verb != SG_VERB_ASK)
            continue;
        claim_asked(z, &op->sights[i]);
        for (size_t k = 0; k < op->sights[i].n_parts; k++)
            claim_child(z, &op->sights[i].parts[k]);
    }
}

static const struct play_zoo play = {
    .kind = &sg_zookeeper_kind,
    .claim = claim_shown,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    play_zoo(&play, bytes, length);
    return 0;
}
