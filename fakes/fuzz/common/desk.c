/* SPDX-License-Identifier: Apache-2.0
 * desk.c - one fake, hostile clients that an input plays, and a healthy one.
 */
#include "desk.h"

#include "hub.h"

#define STEPS_MAX 64

/* A line of the trace is one line. */
static void claim_line(void *arg, const char *line)
{
    (void)arg;
    for (; *line != '\0'; line++)
        fuzz_claim((unsigned char)*line >= ' ' && *line != 0x7f);
}

static void greet(struct desk *d, const struct desk_kind *kind)
{
    d->healthy = net_dial(d->own);
    fuzz_claim(d->healthy != NULL);
    net_say(d->healthy, kind->hello.at, kind->hello.length);
    net_settle(d->hub);
    fuzz_claim(net_heard(d->healthy).length == kind->hello_bytes);
}

void desk_open(struct desk *d, const struct desk_kind *kind)
{
    const struct fake_hub_options options = {.virtual_clock = true,
                                             .start_ms = 1000000,
                                             .wall_start_ms = 1700000000000};

    memset(d, 0, sizeof *d);
    net_begin();
    fuzz_claim(fake_hub_new(&options, &d->hub) == 0);
    fuzz_claim(kind->make(d->hub, &d->fake) == 0);
    fuzz_claim(fake_listen(d->fake, "even", &d->link[0]) == 0);
    fuzz_claim(fake_listen(d->fake, "odd", &d->link[1]) == 0);
    fuzz_claim(fake_listen(d->fake, "own", &d->own) == 0);
    fake_set_trace(d->hub, claim_line, NULL);
    greet(d, kind);
}

/* ---- steps ------------------------------------------------------------ */

static void say(struct desk *d, int client, struct fuzz_bytes what,
                size_t piece)
{
    if (!net_is_open(d->client[client]))
        d->client[client] = net_dial(d->link[client % 2]);
    while (what.length > 0 && d->client[client] != NULL) {
        size_t n = what.length < piece ? what.length : piece;
        uint8_t *copy = fuzz_copy((struct fuzz_bytes){what.at, n});
        net_say(d->client[client], copy, n);
        free(copy);
        what.at += n;
        what.length -= n;
    }
}

static void wait(struct desk *d, struct fuzz_bytes ms)
{
    int64_t wait_ms = fuzz_byte(&ms);

    wait_ms = wait_ms << 8 | fuzz_byte(&ms);
    wait_ms = wait_ms << 8 | fuzz_byte(&ms);
    fake_advance(d->hub, fake_now(d->hub) + wait_ms);
}

static void do_verb(struct desk *d, struct fuzz_bytes what)
{
    uint8_t verb = fuzz_byte(&what);
    char *key;

    switch (verb % 8) {
    case 0:
        d->was_stopped = fake_stop(d->fake) == 0 || d->was_stopped;
        break;
    case 1:
        fake_start(d->fake, true);
        break;
    case 2:
        fake_start(d->fake, false);
        break;
    case 3:
        fake_flush(d->fake);
        break;
    case 4:
        fake_set_age(d->fake, (int64_t)fuzz_byte(&what) * 1000);
        break;
    case 5:
        fake_set_condition(d->fake,
                           (enum fake_condition)(fuzz_byte(&what) % 5));
        break;
    case 6:
        fake_expire_sessions(d->fake, d->link[0]);
        break;
    default:
        key = fuzz_text(what);
        fake_evict(d->fake, key);
        free(key);
        break;
    }
}

static void do_link(struct desk *d, int client, uint8_t what)
{
    struct fake_link *link = d->link[client % 2];

    switch (what % 8) {
    case 0:
        fake_link_light(link);
        break;
    case 1:
    case 2:
    case 3:
        fake_link_dark(link, (enum fake_direction)(what % 8));
        break;
    case 4:
        fake_link_heal(link);
        break;
    case 5:
        fake_link_abandon(link);
        break;
    case 6:
        fake_link_reset(link);
        break;
    default:
        (void)fake_link_is_holding(link);
        (void)fake_link_is_settled(link);
        fuzz_claim(fake_link_clients(link) <= NET_ENDS_MAX);
        break;
    }
}

static void add_fault(struct desk *d, int client, struct fuzz_bytes what)
{
    struct fake_fault fault = {
        .kind = (enum fake_fault_kind)(1 + fuzz_byte(&what) % 8)};
    char *match;

    fault.skip = fuzz_byte(&what) % 4;
    fault.times = fuzz_byte(&what) % 8;
    fault.amount = fuzz_byte(&what);
    match = fuzz_text(what);
    if (match[0] != '\0')
        fault.match = match;
    if (strlen(match) < what.length) {
        fault.bytes = what.at + strlen(match) + 1;
        fault.length = what.length - strlen(match) - 1;
    }
    (void)fake_link_fault(d->link[client % 2], &fault);
    free(match);
}

static void dump(struct desk *d)
{
    char *first = fake_dump(d->fake), *second = fake_dump(d->fake);

    fuzz_claim((first == NULL) == (d->fake->service->dump == NULL));
    fuzz_claim(first == NULL || strcmp(first, second) == 0);
    free(first);
    free(second);
}

void desk_step(struct desk *d, struct fuzz_bytes step)
{
    uint8_t what = fuzz_byte(&step);
    int client = what >> 4 & (DESK_CLIENTS - 1);

    switch ((what & 0x0f) % DESK_STEPS) {
    case DESK_SAY:
        say(d, client, step, SIZE_MAX);
        break;
    case DESK_DRIBBLE:
        say(d, client, step, 1);
        break;
    case DESK_HANG_UP:
        net_hang_up(d->client[client]);
        break;
    case DESK_WAIT:
        wait(d, step);
        break;
    case DESK_VERB:
        do_verb(d, step);
        break;
    case DESK_LINK:
        do_link(d, client, fuzz_byte(&step));
        break;
    case DESK_FAULT:
        add_fault(d, client, step);
        break;
    case DESK_STICK:
        if (net_is_open(d->client[client]))
            net_stick(d->client[client], fuzz_byte(&step) % 2 == 0);
        break;
    case DESK_DUMP:
        dump(d);
        break;
    default:
        net_settle(d->hub);
        break;
    }
}

/* ---- the healthy client ----------------------------------------------- */

static bool is_served(struct desk *d, const struct desk_kind *kind)
{
    net_forget(d->healthy);
    net_say(d->healthy, kind->question.at, kind->question.length);
    net_settle(d->hub);
    return kind->is_answer(net_heard(d->healthy));
}

void desk_close(struct desk *d, const struct desk_kind *kind)
{
    net_settle(d->hub);
    fake_set_condition(d->fake, FAKE_HEALTHY);
    fake_start(d->fake, true);
    net_settle(d->hub);
    fuzz_claim(d->was_stopped || kind->may_be_closed ||
               net_is_open(d->healthy));
    /* A stop resets it, or parks its next words for good. */
    if (d->was_stopped || !net_is_open(d->healthy)) {
        net_hang_up(d->healthy);
        greet(d, kind);
    }
    /* memcached: what is stored in the second of a flush_all is not there. */
    if (!is_served(d, kind)) {
        fake_advance(d->hub, fake_now(d->hub) + 2000);
        fuzz_claim(is_served(d, kind));
    }
    dump(d);
    fake_hub_free(d->hub);
    net_end();
}

void desk_run(const struct desk_kind *kind, const uint8_t *bytes, size_t length)
{
    struct fuzz_bytes all = {bytes, length}, step;
    struct desk d;

    desk_open(&d, kind);
    for (int i = 0; i < STEPS_MAX && fuzz_part(&all, &step); i++)
        if (step.length > 0)
            desk_step(&d, step);
    desk_close(&d, kind);
}
