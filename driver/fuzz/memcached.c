/* SPDX-License-Identifier: Apache-2.0
 * memcached.c - fuzz: the whole memcached back end before a hostile server.
 *
 * The first part of an input says how the server behaves, which allocation
 * fails and which verbs are run; the others are its answers, in order.
 */
#include "common/peer.h"
#include "common/scene.h"

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

static void claim_answered(const struct peer *p, const struct sg_op *op)
{
    static const unsigned reads = 1u << SG_VERB_ASK | 1u << SG_VERB_LIST |
                                  1u << SG_VERB_GROUPS |
                                  1u << SG_VERB_GET_METADATA;

    fuzz_claim(p->n_heard > 0);
    if ((reads >> op->verb & 1) == 0)
        return;
    fuzz_claim(peer_ends_with(p, "END\r\n"));
    if (op->verb == SG_VERB_ASK || op->verb == SG_VERB_LIST)
        for (size_t i = 0; i < op->n_sights; i++)
            claim_shown(p, &op->sights[i]);
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
    scene_begin(&s, &sg_memcached_kind, &p.now_ms);
    for (; head.length > 0 && n < SCENE_VERBS_MAX; n++) {
        struct sg_task *task;
        peer_forget(&p);
        if (scene_verb(&s, fuzz_byte(&head), nth, &task) == SG_OK)
            claim_answered(&p, &task->op);
        sg_task_drop(task);
        nth = 0;
        p.now_ms += 900;
    }
    scene_end(&s);
    peer_end(&p);
    return 0;
}
