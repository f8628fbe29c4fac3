/* SPDX-License-Identifier: Apache-2.0
 * nova_zk.c - fuzz: the old ZooKeeper layouts as a hostile server may show
 * them. Inputs as in common/play.h.
 */
#include "legacy/nova_zk.h"

#include "common/play.h"

enum { JUNO = 0x40 };

static const char *option(const struct sg_target *target, const char *name)
{
    uint8_t how = *(const uint8_t *)target->options;

    if (strcmp(name, "layout") == 0)
        return (how & JUNO) != 0 ? "juno" : "process";
    return strcmp(name, "pid") == 0 ? "4711" : NULL;
}

static void set_up(struct scene *s, const uint8_t *how)
{
    s->target.option = option;
    s->target.options = how;
}

static bool has_child(const struct zoo *z, const char *path)
{
    size_t n = strlen(path);

    for (size_t i = 0; i < z->n_shown; i++)
        if (z->shown[i].is_child && strncmp(z->shown[i].path, path, n) == 0 &&
            z->shown[i].path[n] == '/')
            return true;
    return false;
}

/* A member is an ephemeral node, or a marked one with a process under it; both
 * shown in answers of this very verb, and so is what is none. */
static void claim_sight(const struct zoo *z, const struct sg_sight *sight)
{
    const struct zoo_shown *node;
    char host[SG_NAME_MAX + 1], path[SG_NAME_MAX + 32];
    bool is_juno, is_marked;
    const char *part;

    sg_service_host("g", sight->member, host, &part);
    snprintf(path, sizeof path, "/servicegroups/g/%s", host);
    node = zoo_find(z, path, false);
    fuzz_claim(node != NULL && (node->rc == ZOK || node->rc == ZNONODE));
    is_juno = node->rc == ZOK && node->owner != 0 && node->owner != INT64_MIN;
    is_marked = node->rc == ZOK && node->bytes == strlen(SG_NOVA_ZK_MARK) &&
                memcmp(node->data, SG_NOVA_ZK_MARK, node->bytes) == 0;
    fuzz_claim(sight->entry == sight->alive &&
               sight->entry == sight->same_owner);
    fuzz_claim(!sight->entry || is_juno || (is_marked && has_child(z, path)));
    fuzz_claim(!is_juno || (sight->entry && sight->epoch > 0));
    fuzz_claim(!(sight->entry && sight->is_garbage));
}

static void claim_listed(const struct zoo *z, const struct sg_sight *sight)
{
    char path[SG_NAME_MAX + 32];

    fuzz_claim(strncmp(sight->member, "g:", 2) == 0);
    snprintf(path, sizeof path, "/servicegroups/g/%s", sight->member + 2);
    fuzz_claim(zoo_find(z, path, true) != NULL);
    fuzz_claim(strcmp(sight->member + 2, SG_NOVA_ZK_NOBODY) != 0);
}

static void claim_shown(const struct zoo *z, const struct sg_op *op)
{
    if (op->verb != SG_VERB_ASK && op->verb != SG_VERB_LIST)
        return;
    for (size_t i = 0; i < op->n_sights; i++) {
        claim_sight(z, &op->sights[i]);
        if (op->verb == SG_VERB_LIST)
            claim_listed(z, &op->sights[i]);
    }
}

static const struct play_zoo play = {
    .kind = &sg_nova_zk_kind,
    .set_up = set_up,
    .claim = claim_shown,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    play_zoo(&play, bytes, length);
    return 0;
}
