/* SPDX-License-Identifier: Apache-2.0
 * mc.c - memcached for sg-parity.
 */
#include "mc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int make_fake(struct fake_hub *hub, const struct parity_setting *setting,
                     struct fake **ret_fake)
{
    return fake_memcached_new(hub, setting->own[PARITY_MC_PHASE_MS], ret_fake);
}

static int begin(struct parity_run *run)
{
    run->own = calloc(1, sizeof(struct parity_mc));
    return run->own == NULL ? -ENOMEM : 0;
}

static void end(struct parity_run *run)
{
    struct parity_mc *mc = run->own;

    if (mc == NULL)
        return;
    parity_ranks_free(&mc->ranks);
    free(mc);
    run->own = NULL;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The first byte that a client sends decides what is spoken. */
static bool will_be_binary(const struct parity_run *run, int conn)
{
    const struct parity_script *script = run->script;

    for (size_t i = run->op; i < script->count; i++) {
        const char *text = script->ops[i].text;
        if (script->ops[i].conn == conn && !begins(text, "open"))
            return begins(text, "{b ") || begins(text, "\\x80");
    }
    return false;
}

/* What the question after each op asks for must be there. */
static int greet(struct parity_run *run, int conn, const char *args,
                 struct parity_bytes *out)
{
    struct parity_mc *mc = run->own;

    (void)args;
    mc->conns[conn] =
        (struct parity_mc_conn){.is_binary = will_be_binary(run, conn)};
    if (!mc->conns[conn].is_binary) {
        parity_bytes_format(out, "set %s! 0 0 0 noreply\r\n\r\n", run->prefix);
        parity_mc_ask(run, conn, out);
    }
    return 0;
}

static size_t awaited(const struct parity_run *run, int conn)
{
    const struct parity_mc *mc = run->own;

    return mc->conns[conn].awaited;
}

static void gone(struct parity_run *run, int conn)
{
    struct parity_mc *mc = run->own;

    mc->conns[conn] = (struct parity_mc_conn){0};
}

/* The keys that generated scripts use; others are left to their fate. */
static int sweep(struct parity_run *run, int conn, struct parity_bytes *out)
{
    static const char names[] = "abcdn";

    for (const char *name = names; *name != '\0'; name++)
        parity_bytes_format(out, "delete %s%c noreply\r\n", run->prefix, *name);
    parity_mc_ask(run, conn, out);
    parity_bytes_format(out, "delete %s! noreply\r\n", run->prefix);
    return 0;
}

const struct parity_protocol parity_memcached = {
    .name = "memcached",
    .most_connections = 960, /* of the 1024 that it takes by default         */
    .lanes = 480,
    .ops = 40,
    .calibrate = parity_mc_calibrate,
    .still_holds = parity_mc_still_holds,
    .make_fake = make_fake,
    .generate = parity_mc_generate,
    .begin = begin,
    .end = end,
    .greet = greet,
    .encode = parity_mc_encode,
    .take = parity_mc_take,
    .awaited = awaited,
    .gone = gone,
    .sweep = sweep,
};
