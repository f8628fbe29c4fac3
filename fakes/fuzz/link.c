/* SPDX-License-Identifier: Apache-2.0
 * link.c - fuzz: links, faults and darkness before a server that echoes: what
 * a client hears is what it said, as long as nothing was to change that.
 */
#include "common/desk.h"
#include "service.h"

/* ---- the server ------------------------------------------------------- */

static void *echo_open(struct fake *f, struct fake_conn *conn)
{
    (void)f;
    return conn;
}

/* Requests are lines, so that a part of one waits. */
static size_t echo_data(struct fake *f, void *client, const uint8_t *bytes,
                        size_t length)
{
    const uint8_t *end = memchr(bytes, '\n', length);
    size_t n = end == NULL ? 0 : (size_t)(end - bytes) + 1;

    (void)f;
    fake_conn_write(client, bytes, n);
    if (n == 4 && memcmp(bytes, "bye\n", 4) == 0)
        fake_conn_close(client);
    return n;
}

static void echo_close(struct fake *f, void *client)
{
    (void)f;
    fuzz_claim(client != NULL);
}

static void echo_wipe(struct fake *f)
{
    (void)f;
}

static char *echo_dump(const struct fake *f)
{
    (void)f;
    return strdup("");
}

static const struct fake_service service = {
    .name = "echo",
    .open = echo_open,
    .data = echo_data,
    .close = echo_close,
    .wipe = echo_wipe,
    .dump = echo_dump,
};

static int make(struct fake_hub *hub, struct fake **ret_fake)
{
    return fake_new(hub, &service, NULL, ret_fake);
}

/* ---- the healthy client ----------------------------------------------- */

static const char question[] = "one\ntwo\n";

static bool is_answer(struct fuzz_bytes answer)
{
    return answer.length == sizeof question - 1 &&
           memcmp(answer.at, question, answer.length) == 0;
}

static const struct desk_kind kind = {
    .make = make,
    .question = {(const uint8_t *)question, sizeof question - 1},
    .is_answer = is_answer,
};

/* ---- one client that only darkness and delays may hold up ------------- */

/* Steps that let every byte arrive in the end. */
static bool is_gentle(struct fuzz_bytes step)
{
    uint8_t what = fuzz_byte(&step), how;

    switch ((what & 0x0f) % DESK_STEPS) {
    case DESK_HANG_UP:
    case DESK_VERB:
        return false;
    case DESK_LINK:
        how = fuzz_byte(&step) % 8;
        return how != 5 && how != 6;
    case DESK_FAULT:
        how = 1 + fuzz_byte(&step) % 8;
        return how == FAKE_DELAY || how == FAKE_DRIBBLE;
    default:
        return true;
    }
}

static void claim_echo(const struct net_end *end, const uint8_t *said,
                       size_t length)
{
    struct fuzz_bytes heard;

    if (end == NULL)
        return;
    heard = net_heard(end);
    while (length > 0 && said[length - 1] != '\n')
        length--;
    fuzz_claim(heard.length == length);
    fuzz_claim(length == 0 || memcmp(heard.at, said, length) == 0);
}

static void run_gently(struct fuzz_bytes all)
{
    uint8_t *said = malloc(all.length + 1);
    struct fuzz_bytes step;
    size_t n = 0;
    struct desk d;

    desk_open(&d, &kind);
    for (int i = 0; i < 64 && fuzz_part(&all, &step); i++) {
        uint8_t what = step.length > 0 ? step.at[0] : 0;
        if (step.length == 0 || !is_gentle(step) || (what & 0x30) != 0 ||
            memmem(step.at, step.length, "bye\n", 4) != NULL)
            continue;
        if ((what & 0x0f) % DESK_STEPS <= DESK_DRIBBLE) {
            memcpy(said + n, step.at + 1, step.length - 1);
            n += step.length - 1;
        }
        desk_step(&d, step);
    }
    if (d.client[0] != NULL)
        net_stick(d.client[0], false);
    fake_link_heal(d.link[0]);
    net_settle(d.hub);
    claim_echo(d.client[0], said, n);
    fuzz_claim(!fake_link_is_holding(d.link[0]));
    desk_close(&d, &kind);
    free(said);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    desk_run(&kind, bytes, length);
    run_gently((struct fuzz_bytes){bytes, length});
    return 0;
}
