/* SPDX-License-Identifier: Apache-2.0
 * zookeeper.c - fuzz: the whole ZooKeeper back end above a library that says
 * anything, or nothing, in any order.
 *
 * An input begins with what goes wrong and with which verbs are run; what
 * follows the first cut is the script of zoo.c.
 */
#include "zk.h"

#include "common/scene.h"
#include "common/zoo.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_bytes all = {bytes, length}, head;
    static struct zoo z;
    unsigned nth, n = 0;
    struct scene s;
    uint8_t how;

    if (!fuzz_part(&all, &head) || head.length < 3)
        return 0;
    how = fuzz_byte(&head);
    nth = fuzz_byte(&head);
    z = (struct zoo){.script = all, .now_ms = 1000000};
    z.fails_at = (how & 1) != 0 ? how >> 3 : 0;
    z.granted_ms = (how & 2) != 0 ? 4000 : 0;
    z.last_id = (how & 0x80) != 0;
    zoo_begin(&z);
    scene_begin(&s, &sg_zookeeper_kind, &z.now_ms);
    if ((how & 4) != 0) {
        s.target.user = "u";
        s.target.password = SCENE_PASSWORD;
    }
    for (; head.length > 0 && n < SCENE_VERBS_MAX; n++) {
        struct sg_task *task;
        zoo_forget(&z);
        if (scene_verb(&s, fuzz_byte(&head), nth, &task) == SG_OK)
            claim_shown(&z, &task->op);
        sg_task_drop(task);
        nth = 0;
        z.now_ms += 900;
    }
    scene_end(&s);
    zoo_end(&z);
    return 0;
}
