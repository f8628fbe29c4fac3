/* SPDX-License-Identifier: Apache-2.0
 * contract.c - what every back end owes to the core, whatever a server says.
 */
#include "contract.h"

#include "fuzz.h"

static bool is_unknown(enum sg_reason reason)
{
    return reason >= SG_TIMED_OUT && reason <= SG_NO_MEMORY;
}

/* One line, for a log: no control bytes, and no password. */
static void claim_sentence(const struct sg_op *op, const char *secret)
{
    const char *end = memchr(op->why, '\0', sizeof op->why);

    fuzz_claim(end != NULL && end > op->why);
    for (const char *c = op->why; c < end; c++)
        fuzz_claim((unsigned char)*c >= ' ' && *c != 0x7f);
    fuzz_claim(secret == NULL || strstr(op->why, secret) == NULL);
}

/* A back end may leave the sentence of a lack of memory to the core. */
static void claim_failure(const struct sg_op *op, int code, bool was_short,
                          const char *secret)
{
    switch (code) {
    case SG_ENOMEM:
        fuzz_claim(was_short);
        return;
    case SG_EUNKNOWN:
        fuzz_claim(is_unknown(op->reason));
        break;
    case SG_ENOTJOINED:
    case SG_EREPLACED:
    case SG_EINUSE:
    case SG_ETIMEOUT:
    case SG_EREFUSED:
    case SG_ETOOBIG:
        break;
    default:
        fuzz_claim(!"a code of backend.h");
    }
    claim_sentence(op, secret);
}

static void claim_sight(const struct sg_sight *sight)
{
    size_t token = strnlen(sight->token, sizeof sight->token);

    fuzz_claim(sight->member != NULL &&
               sg_name_is_safe(sight->member, strlen(sight->member)));
    fuzz_claim(token == 0 || token == SG_TOKEN_BYTES);
    fuzz_claim(strspn(sight->token, "0123456789abcdef") == token);
    fuzz_claim(sight->entry || (sight->epoch == 0 && token == 0));
    fuzz_claim(token > 0 || sight->epoch == 0);
    fuzz_claim(sight->last_seen_ms >= -1);
    fuzz_claim(memchr(sight->marks.disabled_reason, '\0', SG_REASON_MAX + 1) !=
               NULL);
}

static void claim_sights(const struct sg_op *op)
{
    for (size_t i = 0; i < op->n_sights; i++) {
        const struct sg_sight *sight = &op->sights[i];
        claim_sight(sight);
        fuzz_claim(sight->n_parts == 0 || sight->with_parts);
        for (size_t k = 0; k < sight->n_parts; k++) {
            claim_sight(&sight->parts[k]);
            fuzz_claim(sight->parts[k].n_parts == 0);
            fuzz_claim(sg_name_is_part(sight->member, sight->parts[k].member));
        }
    }
    fuzz_claim(op->server_age_ms >= -1);
}

static void claim_names(const struct sg_op *op)
{
    for (size_t i = 0; i < op->n_names; i++)
        fuzz_claim(sg_name_is_safe(op->names[i], strlen(op->names[i])));
}

/* Every byte of it can be read. */
static void claim_metadata(const struct sg_op_group *group)
{
    const uint8_t *at = group->metadata;
    uint8_t sum = 0;

    fuzz_claim(at != NULL);
    for (size_t i = 0; i < group->metadata_bytes; i++)
        sum ^= at[i];
    fuzz_claim(sum == sum + 0);
}

static void claim_answer(const struct sg_op *op, unsigned promises)
{
    for (size_t i = 0; i < op->n_groups; i++)
        fuzz_claim(op->groups[i].found <= SG_FOUND_ANOTHERS);
    fuzz_claim(op->liveness <= SG_FOUND_ANOTHERS);
    switch (op->verb) {
    case SG_VERB_JOIN:
        if ((promises & SG_HAS_EPOCH) != 0)
            fuzz_claim(op->groups[0].epoch > 0);
        break;
    case SG_VERB_ASK:
    case SG_VERB_LIST:
        claim_sights(op);
        break;
    case SG_VERB_GROUPS:
        claim_names(op);
        break;
    case SG_VERB_GET_METADATA:
        claim_metadata(&op->groups[0]);
        break;
    default:
        break;
    }
}

void contract_claim(const struct sg_op *op, int code, bool was_short,
                    const char *secret, unsigned promises)
{
    if (code == SG_OK)
        claim_answer(op, promises);
    else
        claim_failure(op, code, was_short, secret);
}

static bool is_alive(const struct sg_sight *sight)
{
    if (sight->entry && sight->alive && sight->same_owner)
        return true;
    for (size_t i = 0; i < sight->n_parts; i++)
        if (is_alive(&sight->parts[i]))
            return true;
    return false;
}

/* UP needs an entry that lives; DOWN one of four reasons. */
void contract_judge(struct sg_memory *memory, const struct sg_op *op,
                    int64_t now_ms)
{
    struct sg_scene scene = sg_scene_of(memory, op, now_ms, op->timeout_ms);

    for (size_t i = 0; i < op->n_sights; i++) {
        struct sg_verdict v = sg_judge(&scene, &op->sights[i]);
        if (v.status == SG_UP)
            fuzz_claim(v.reason == SG_NO_REASON && is_alive(&op->sights[i]));
        if (v.status == SG_DOWN)
            fuzz_claim(v.reason >= SG_NOT_A_MEMBER && v.reason <= SG_FORCED);
        if (v.status == SG_UNKNOWN)
            fuzz_claim(v.reason == SG_REPLACED || is_unknown(v.reason));
    }
}
