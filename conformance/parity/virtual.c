/* SPDX-License-Identifier: Apache-2.0
 * virtual.c - one lane through a fake, on a clock that jumps.
 */
#include "bench.h"

#include <errno.h>

/* Any moment will do, and each fake begins at the same. */
#define BEGIN_MS INT64_C(1000000000)
#define BEGIN_UNIX_MS INT64_C(1700000000000)
/* Rounds of a millisecond in which nothing comes: nothing will. */
#define PATIENCE 200
/* The same for a socket whose end the fake is to see. */
#define PATIENCE_END 20

struct stage {
    struct fake_hub *hub;
    struct fake *fake;
    struct fake_link *link;
    struct parity_lane lane;
    unsigned refused;
    size_t refused_op; /* counted up to this one                             */
};

static int64_t begin_ms(const struct parity_setting *setting)
{
    int64_t period_ms = setting->period_ms > 0 ? setting->period_ms : 1;

    return BEGIN_MS - BEGIN_MS % period_ms + setting->offset_ms;
}

/* The fake sees all that was sent, and what was closed. */
static void drain(struct stage *stage)
{
    while (fake_poll(stage->hub, 0))
        ;
    for (int i = 0; i < PATIENCE_END && fake_link_clients(stage->link) >
                                            parity_lane_conns(&stage->lane);
         i++)
        fake_poll(stage->hub, 1);
}

static void count_refused(struct stage *stage)
{
    unsigned refused = fake_refused(stage->fake);

    if (refused != stage->refused &&
        stage->refused_op != stage->lane.run.op + 1) {
        stage->lane.outcome->refused_ops++;
        stage->refused_op = stage->lane.run.op + 1;
    }
    stage->refused = refused;
}

static void await_bytes(struct stage *stage, int *rounds)
{
    if (fake_poll(stage->hub, 0)) {
        *rounds = 0;
        count_refused(stage);
    } else if (++*rounds < PATIENCE) {
        /* Bytes may be between the two sockets, or on ours already. */
        fake_poll(stage->hub, *rounds < 4 ? 0 : 1);
        count_refused(stage);
    } else {
        parity_lane_give_up(&stage->lane);
    }
}

static void run(struct stage *stage)
{
    enum parity_lane_stand stand = PARITY_LANE_BYTES;
    int rounds = 0;

    while (stand != PARITY_LANE_OVER) {
        stand = parity_lane_step(&stage->lane, fake_now(stage->hub));
        if (stand == PARITY_LANE_BYTES) {
            await_bytes(stage, &rounds);
            continue;
        }
        rounds = 0;
        drain(stage);
        if (stand == PARITY_LANE_TIME)
            fake_advance(stage->hub, stage->lane.wake_ms);
    }
}

int parity_virtual_run(struct parity_bench *bench, struct parity_job *job)
{
    const struct parity_setting *setting = &bench->setting;
    struct fake_hub_options options = {
        true, begin_ms(setting), BEGIN_UNIX_MS + begin_ms(setting) - BEGIN_MS};
    struct stage stage = {0};

    parity_outcome_free(&job->fake);
    int err = fake_hub_new(&options, &stage.hub);
    if (err != 0)
        return err;
    err = bench->protocol->make_fake(stage.hub, setting, &stage.fake);
    if (err == 0)
        err = fake_listen(stage.fake, "parity", &stage.link);
    if (err != 0)
        goto out;
    struct parity_place place = {setting, stage.hub, "127.0.0.1",
                                 fake_link_port(stage.link)};
    err = parity_lane_begin(&stage.lane, bench->protocol, job->script, &place,
                            options.start_ms, job->prefix, &job->fake);
    if (err != 0)
        goto out;
    run(&stage);
    parity_lane_end(&stage.lane);
out:
    fake_hub_free(stage.hub);
    return err;
}
