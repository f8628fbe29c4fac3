/* SPDX-License-Identifier: Apache-2.0
 * test_refused.c - what a refused call leaves behind: what stood before it.
 */
#include "rig.h"
#include "unit.h"

#include <string.h>

#define FAILS                                                                  \
    (struct stub_reply)                                                        \
    {                                                                          \
        .code = SG_EUNKNOWN, .reason = SG_UNREACHABLE                          \
    }
#define LOST                                                                   \
    (struct stub_reply)                                                        \
    {                                                                          \
        .liveness = SG_FOUND_MINE, .found = SG_FOUND_NOTHING                   \
    }

static void joined_with(struct rig *rig, const char *text)
{
    struct stub_call call = stub_last(rig->stub, SG_VERB_JOIN);

    unit_bytes(call.metadata, call.metadata_bytes, text, strlen(text));
}

/* By the heart, which may have to join again at any time. */
UNIT(refused, metadata_does_not_come_with_a_later_join)
{
    static const int codes[] = {SG_ETOOBIG, SG_ENOMEM, SG_EREFUSED,
                                SG_ENOTJOINED};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct rig *rig =
            rig_member(SG_CAN_WRITE | SG_HAS_METADATA | SG_HAS_TOKEN);
        unit_int(sg_join(rig->sg, "g", "\xa1x", 2, 0, NULL), SG_OK);
        stub_next(rig->stub, SG_VERB_SET_METADATA,
                  (struct stub_reply){.code = codes[i]});
        unit_int(sg_set_metadata(rig->sg, "g", "\xa1y", 2), codes[i]);
        stub_next(rig->stub, SG_VERB_SET_METADATA,
                  (struct stub_reply){.code = codes[i]});
        unit_int(sg_join(rig->sg, "g", "\xa1y", 2, 0, NULL), codes[i]);
        stub_next(rig->stub, SG_VERB_BEAT, LOST);
        rig_pass(rig, 2 * RIG_BEAT);
        unit_int((int64_t)stub_calls(rig->stub, SG_VERB_JOIN), 2);
        joined_with(rig, "\xa1x");
        rig_free(rig);
    }
}

UNIT(refused, for_want_of_memory_a_pending_join_stays_pending)
{
    struct rig *rig = rig_member(SG_CAN_WRITE | SG_HAS_METADATA | SG_HAS_TOKEN);

    stub_next(rig->stub, SG_VERB_JOIN, FAILS);
    unit_int(sg_join(rig->sg, "g", "\xa1x", 2, 0, NULL), SG_PENDING);
    stub_next(rig->stub, SG_VERB_JOIN, (struct stub_reply){.code = SG_ENOMEM});
    unit_int(sg_join(rig->sg, "g", "\xa1y", 2, 0, NULL), SG_ENOMEM);
    unit_int(rig_standing(rig, "g").state, SG_STATE_PENDING);
    rig_pass(rig, 2 * RIG_BEAT);
    unit_int(rig_standing(rig, "g").state, SG_STATE_JOINED);
    joined_with(rig, "\xa1x");
    rig_expect(rig, 0, "g", SG_EV_JOINED);
    rig_free(rig);
}

UNIT(refused, for_want_of_memory_a_pending_leave_is_still_owed)
{
    struct rig *rig = rig_joined(SG_CAN_WRITE | SG_HAS_TOKEN);

    stub_next(rig->stub, SG_VERB_LEAVE, FAILS);
    unit_int(sg_leave(rig->sg, "g"), SG_PENDING);
    stub_next(rig->stub, SG_VERB_JOIN, (struct stub_reply){.code = SG_ENOMEM});
    unit_int(sg_join(rig->sg, "g", NULL, 0, 0, NULL), SG_ENOMEM);
    rig_pass(rig, 2 * RIG_BEAT);
    unit_int((int64_t)stub_calls(rig->stub, SG_VERB_LEAVE), 2);
    rig_expect(rig, 0, "g", SG_EV_LEFT);
    rig_free(rig);
}
