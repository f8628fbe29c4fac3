/* SPDX-License-Identifier: Apache-2.0
 * proxy.c - fuzz: the proxy between hostile clients and a server that may be
 * as hostile. Steps of client 3 are the server's.
 */
#include "common/desk.h"

static const char question[] = "to the server";

static bool is_answer(struct fuzz_bytes answer)
{
    return answer.length == 0; /* the server says nothing by itself */
}

static int make(struct fake_hub *hub, struct fake **ret_fake)
{
    return fake_proxy_new(hub, "127.0.0.1", 1, ret_fake);
}

static const struct desk_kind kind = {
    .make = make,
    .question = {(const uint8_t *)question, sizeof question - 1},
    .is_answer = is_answer,
};

/* `spared` is the healthy client's server. */
static void serve(struct desk *d, const struct net_end *spared,
                  struct fuzz_bytes step)
{
    uint8_t what = fuzz_byte(&step);
    struct net_end *up;

    net_settle(d->hub);
    up = net_upstream();
    if (up == NULL || up == spared)
        return;
    if ((what & 0x0f) == DESK_HANG_UP)
        net_hang_up(up);
    else if ((what & 0x0f) == DESK_STICK)
        net_stick(up, fuzz_byte(&step) % 2 == 0);
    else
        net_say(up, step.at, step.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_bytes all = {bytes, length}, step;
    const struct net_end *spared;
    struct desk d;

    desk_open(&d, &kind);
    spared = net_upstream();
    for (int i = 0; i < 64 && fuzz_part(&all, &step); i++) {
        if (step.length == 0)
            continue;
        if ((step.at[0] & 0x30) == 0x30)
            serve(&d, spared, step);
        else if ((step.at[0] & 0x0f) != DESK_DUMP)
            desk_step(&d, step);
    }
    desk_close(&d, &kind);
    return 0;
}
