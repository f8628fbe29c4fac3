/* SPDX-License-Identifier: Apache-2.0
 * nova_mc.c - fuzz: nova's old memcache driver, one or two servers, before
 * hostile ones. Inputs as those of memcached.c.
 */
#include "common/peer.h"
#include "common/scene.h"

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

static void claim_answered(const struct peer *p, const struct sg_op *op)
{
    fuzz_claim(p->n_heard > 0);
    if (op->verb != SG_VERB_ASK)
        return;
    fuzz_claim(peer_ends_with(p, "END\r\n"));
    for (size_t i = 0; i < op->n_sights; i++)
        if (op->sights[i].entry || op->sights[i].is_garbage)
            fuzz_claim(peer_has_said(p, "VALUE "));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const struct sg_endpoint two[2] = {{"a", "127.0.0.1", 1},
                                              {"b", "127.0.0.1", 2}};
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
    p.end = (enum peer_end)((how & 3) % 3);
    p.piece = (how & 4) != 0 ? 1 : (how & 8) != 0 ? 13 : SIZE_MAX / 2;
    peer_begin(&p);
    scene_begin(&s, &sg_nova_mc_kind, &p.now_ms);
    s.target.endpoints = two;
    s.target.n_endpoints = (how & TWO_SERVERS) != 0 ? 2 : 1;
    s.target.option = option;
    s.target.options = &how;
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
