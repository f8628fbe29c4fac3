/* SPDX-License-Identifier: Apache-2.0
 * main.c - the command line of sg-parity.
 */
#include "campaign.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const struct parity_protocol *const protocols[] = {
    &parity_memcached,
    &parity_redis,
    &parity_kazoo,
};

static void usage(FILE *out)
{
    fputs("usage: sg-parity PROTOCOL --real HOST:PORT [option ...]\n"
          "Runs scripts on the real server and on the fake, and compares.\n"
          "  --real HOST:PORT  the server (numeric host); it gets garbage\n"
          "  --seed N          of the generated scripts (default: the time)\n"
          "  --ops N           generate so many ops (default 2000; 0: none)\n"
          "  --script-ops N    so many a script\n"
          "  --lanes N         so many scripts at once\n"
          "  --replay FILE     run this script; may stand more than once;\n"
          "                    then nothing is generated unless --ops says so\n"
          "  --generate        print the scripts instead of running them\n"
          "  --keep DIR        where scripts that differ are written\n"
          "                    (default build/parity)\n"
          "  --help\n"
          "Status 0: no difference. 1: a difference. 2: wrong use, or BROKEN:\n"
          "what was run proves nothing.\n"
          "protocols:",
          out);
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        fprintf(out, " %s", protocols[i]->name);
    fputs("\n", out);
}

struct wishes {
    struct parity_campaign campaign;
    const char **replays;
    size_t n_replays;
    char *host;
    bool has_ops, wants_generate, wants_help;
};

static bool read_number(const char *text, uint64_t most, uint64_t *ret)
{
    char *end;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *text == '-' ||
        value > most)
        return false;
    *ret = value;
    return true;
}

static bool read_real(struct wishes *wishes, const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t port;

    if (colon == NULL || !read_number(colon + 1, 65535, &port) || port == 0)
        return false;
    free(wishes->host);
    wishes->host = strndup(text, (size_t)(colon - text));
    wishes->campaign.bench.host = wishes->host;
    wishes->campaign.bench.port = (int)port;
    return wishes->host != NULL;
}

enum {
    OPTION_REAL = 256,
    OPTION_SEED,
    OPTION_OPS,
    OPTION_SCRIPT_OPS,
    OPTION_LANES,
    OPTION_REPLAY,
    OPTION_GENERATE,
    OPTION_KEEP,
    OPTION_HELP,
};

static const struct option options[] = {
    {"real", required_argument, NULL, OPTION_REAL},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"ops", required_argument, NULL, OPTION_OPS},
    {"script-ops", required_argument, NULL, OPTION_SCRIPT_OPS},
    {"lanes", required_argument, NULL, OPTION_LANES},
    {"replay", required_argument, NULL, OPTION_REPLAY},
    {"generate", no_argument, NULL, OPTION_GENERATE},
    {"keep", required_argument, NULL, OPTION_KEEP},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static bool take_number(size_t *to, const char *text, uint64_t most)
{
    uint64_t value;

    if (!read_number(text, most, &value))
        return false;
    *to = (size_t)value;
    return true;
}

static bool take_option(struct wishes *wishes, int option)
{
    struct parity_campaign *campaign = &wishes->campaign;

    switch (option) {
    case OPTION_REAL:
        return read_real(wishes, optarg);
    case OPTION_SEED:
        return read_number(optarg, UINT64_MAX, &campaign->seed);
    case OPTION_OPS:
        wishes->has_ops = true;
        return take_number(&campaign->n_ops, optarg, 1000000000);
    case OPTION_SCRIPT_OPS:
        return take_number(&campaign->ops_a_script, optarg, 10000);
    case OPTION_LANES:
        return take_number(&campaign->bench.lanes, optarg, 10000) &&
               campaign->bench.lanes > 0;
    case OPTION_REPLAY:
        wishes->replays[wishes->n_replays++] = optarg;
        return true;
    case OPTION_GENERATE:
        return wishes->wants_generate = true;
    case OPTION_KEEP:
        campaign->keep_dir = optarg;
        return true;
    case OPTION_HELP:
        return wishes->wants_help = true;
    default:
        return false;
    }
}

static const struct parity_protocol *protocol_of(const char *name)
{
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (strcmp(name, protocols[i]->name) == 0)
            return protocols[i];
    return NULL;
}

static bool read_wishes(struct wishes *wishes, int argc, char **argv)
{
    struct parity_campaign *campaign = &wishes->campaign;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (!take_option(wishes, option)) {
            if (option != '?')
                fprintf(stderr, "sg-parity: not understood: %s\n", optarg);
            return false;
        }
    }
    if (wishes->wants_help)
        return true;
    if (optind != argc - 1)
        return false;
    campaign->bench.protocol = protocol_of(argv[optind]);
    if (campaign->bench.protocol == NULL) {
        fprintf(stderr, "sg-parity: no protocol %s\n", argv[optind]);
        return false;
    }
    if (wishes->n_replays > 0 && !wishes->has_ops)
        campaign->n_ops = 0;
    if (campaign->bench.lanes == 0)
        campaign->bench.lanes = campaign->bench.protocol->lanes;
    return wishes->wants_generate || wishes->host != NULL;
}

static int generate(const struct parity_campaign *campaign)
{
    size_t ops = 0;

    for (size_t i = 0; ops < campaign->n_ops; i++) {
        struct parity_script script;
        parity_campaign_script(campaign, i, &script);
        printf("# script %zu of seed %" PRIu64 "\n", i, campaign->seed);
        parity_script_print(&script, stdout);
        bool is_empty = script.count == 0 || script.is_short;
        ops += script.count;
        parity_script_free(&script);
        if (is_empty)
            return 2;
    }
    return 0;
}

static int run(struct parity_campaign *campaign)
{
    struct parity_bench *bench = &campaign->bench;
    char why[128] = "";
    int err = bench->protocol->calibrate(bench->host, bench->port,
                                         &bench->setting, why);

    if (err != 0) {
        parity_bench_break(bench, "the real server: %s",
                           why[0] == '\0' ? strerror(-err) : why);
    } else {
        err = parity_campaign_replay(campaign);
        if (err == 0 && campaign->n_ops > 0)
            err = parity_campaign_generated(campaign);
    }
    if (err != 0)
        parity_bench_break(bench, "%s", strerror(-err));
    parity_campaign_tell(campaign, stdout);
    bool is_broken = bench->broken[0] != '\0';
    if (is_broken)
        printf("BROKEN: %s\n", bench->broken);
    if (is_broken && campaign->failed == 0)
        campaign->failed = 1;
    printf("%zu passed, %zu failed\n", campaign->passed, campaign->failed);
    if (bench->divergences > 0)
        return 1;
    return is_broken || campaign->failed > 0 ? 2 : 0;
}

/* Hundreds of lanes have more sockets than a shell likes to give. */
static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Two runs on one server must not meet in their prefixes. */
static uint64_t first_prefix(void)
{
    struct timespec now;
    struct parity_dice dice;

    clock_gettime(CLOCK_REALTIME, &now);
    dice.state = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec +
                 ((uint64_t)getpid() << 32);
    return parity_dice_u64(&dice) >> 8;
}

int main(int argc, char **argv)
{
    struct wishes wishes = {0};
    int status = 2;

    wishes.replays = calloc((size_t)argc + 1, sizeof *wishes.replays);
    if (wishes.replays == NULL)
        return 2;
    wishes.campaign.n_ops = 2000;
    wishes.campaign.seed = (uint64_t)time(NULL);
    wishes.campaign.keep_dir = "build/parity";
    wishes.campaign.replays = wishes.replays;
    wishes.campaign.bench.prefixes = first_prefix();
    wishes.campaign.bench.is_on_terminal = isatty(STDERR_FILENO) == 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    raise_limit();
    if (!read_wishes(&wishes, argc, argv))
        usage(stderr);
    else if (wishes.wants_help)
        usage(stdout);
    else if (wishes.wants_generate)
        status = generate(&wishes.campaign);
    else
        status = run(&wishes.campaign);
    if (wishes.wants_help)
        status = 0;
    free(wishes.host);
    free(wishes.replays);
    return status;
}
