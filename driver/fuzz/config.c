/* SPDX-License-Identifier: Apache-2.0
 * config.c - fuzz: nova's configuration file: it is read or refused with a
 * sentence, and the URL of a bridge holds that of its new store unharmed.
 */
#include "fuzz.h"
#include "target.h"

#include <sys/mman.h>
#include <unistd.h>

static void take_log(void *arg, const char *sentence)
{
    (void)arg;
    fuzz_claim(sentence[0] != '\0');
}

static const struct sg_env env = {.log = take_log, .own_heart = true};

static int read_bytes(struct fuzz_bytes text, struct sg_config **ret)
{
    int fd = memfd_create("nova.conf", MFD_CLOEXEC), rc;
    char path[40];

    fuzz_claim(fd >= 0 &&
               write(fd, text.at, text.length) == (ssize_t)text.length);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    rc = sg_config_read(path, ret);
    close(fd);
    return rc;
}

static void claim_read(const struct sg_config *c)
{
    int64_t r_ms = c->report_interval_ms, d_ms = c->service_down_time_ms;

    fuzz_claim(c->url != NULL && strlen(c->url) < 4096);
    fuzz_claim(memchr(c->warning, '\0', sizeof c->warning) != NULL);
    fuzz_claim(r_ms >= 0 && r_ms % 1000 == 0 && d_ms % 1000 == 0);
    fuzz_claim(d_ms > r_ms || r_ms == 0);
}

/* Whatever the values are: it opens, or says why not. */
static void open_it(const char *url)
{
    const struct sg_options options = {.env = &env};
    struct sg *sg = NULL;
    int rc = sg_open(url, &options, &sg);

    fuzz_claim((rc == SG_OK) == (sg != NULL));
    fuzz_claim(rc == SG_OK || rc == SG_EURL || rc == SG_ETIMEOUT);
    fuzz_claim(rc == SG_OK || sg_why()[0] != '\0');
    sg_close(sg);
}

/* The same file, in which nothing is left. NULL where that is hard to say: the
 * option's name stands elsewhere, too. */
static struct sg_config *read_without_bridge(struct fuzz_bytes text)
{
    static const char name[] = "\nservicegroup_bridge_from";
    struct sg_config *config = NULL;
    uint8_t *copy = fuzz_copy(text), *at;

    at = memmem(copy, text.length, name, sizeof name - 1);
    if (at != NULL) {
        memset(at + 1, 'x', sizeof name - 2);
        text.at = copy;
        if (memmem(copy, text.length, name + 1, sizeof name - 2) == NULL)
            (void)read_bytes(text, &config);
    }
    free(copy);
    return config;
}

static void claim_bridge(const char *bridge, const char *new_url)
{
    const struct sg_backend_kind *kind;
    struct sg_url *url;
    char why[400];

    if (sg_url_parse(bridge, NULL, 0, &env, why, sizeof why, &kind, &url) !=
        SG_OK)
        return;
    fuzz_claim(strcmp(url->target.option(&url->target, "new"), new_url) == 0);
    sg_url_free(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_bytes text = {bytes, length};
    struct sg_config *config = NULL, *plain;
    int rc = read_bytes(text, &config);

    fuzz_claim((rc == SG_OK) == (config != NULL));
    if (rc != SG_OK) {
        fuzz_claim((rc == SG_EURL || rc == SG_ENOTSUP) && sg_why()[0] != '\0');
        return 0;
    }
    claim_read(config);
    open_it(config->url);
    if (strncmp(config->url, "bridge://?", 10) == 0 &&
        (plain = read_without_bridge(text)) != NULL) {
        claim_bridge(config->url, plain->url);
        sg_config_free(plain);
    }
    sg_config_free(config);
    return 0;
}
