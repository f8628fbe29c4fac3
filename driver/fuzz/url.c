/* SPDX-License-Identifier: Apache-2.0
 * url.c - fuzz: a URL is taken or refused with a sentence; what is taken keeps
 * its promises, and the lists and paths that ZooKeeper makes of it do too.
 */
#include "fuzz.h"
#include "target.h"
#include "zk_hosts.h"
#include "zk_path.h"

#define SECRET "hunter2"

static void take_log(void *arg, const char *sentence)
{
    (void)arg;
    fuzz_claim(sentence[0] != '\0');
}

/* The shortest address, the longest, or none. */
static int resolve(void *arg, const char *host, char ret[SG_NUMERIC_MAX])
{
    (void)arg;
    if (host[0] == 'x')
        return -1;
    memset(ret, 'f', SG_NUMERIC_MAX - 1);
    ret[host[0] == 'y' ? SG_NUMERIC_MAX - 1 : 1] = '\0';
    return 0;
}

static void no_random(void *arg, void *to, size_t bytes)
{
    (void)arg;
    memset(to, 0x5a, bytes);
}

static void walk_path(const char *path)
{
    size_t levels = 0;

    for (size_t at = 0; (at = sg_zk_path_level(path, at)) != 0; levels++)
        fuzz_claim(at <= strlen(path));
    fuzz_claim(levels == sg_zk_path_levels(path));
    fuzz_claim(path[0] == '/' && strstr(path, "//") == NULL);
}

static void make_path(const char *chroot, const char *ns)
{
    char *tree = sg_zk_path_tree(chroot, ns, "_sg");
    char *path = sg_zk_path_join(tree, "g", "m");

    walk_path(tree);
    walk_path(path);
    fuzz_claim(strncmp(tree, path, strlen(tree)) == 0);
    free(path);
    free(tree);
}

static void make_list(const struct sg_target *target)
{
    const char *hosts = target->option(target, "hosts");
    const char *ns = target->option(target, "namespace");
    char *list = sg_zk_hosts_list(target, 2181, NULL, NULL);
    char *shuffled = sg_zk_hosts_list(target, 2181, no_random, NULL);

    fuzz_claim(strlen(list) == strlen(shuffled));
    fuzz_claim(strspn(list, ",") == 0 && strstr(list, ",,") == NULL);
    make_path(hosts == NULL ? "" : sg_zk_hosts_chroot(hosts),
              ns == NULL ? SG_ZK_NAMESPACE : ns);
    free(shuffled);
    free(list);
}

static void claim_target(const struct sg_backend_kind *kind,
                         const struct sg_target *target)
{
    fuzz_claim(target->timeout_ms >= kind->min_timeout_ms &&
               target->timeout_ms <= kind->max_timeout_ms);
    fuzz_claim(target->n_endpoints <= SG_ENDPOINTS_MAX);
    for (size_t i = 0; i < target->n_endpoints; i++)
        fuzz_claim(target->endpoints[i].port >= 1 &&
                   target->endpoints[i].port <= 65535 &&
                   target->endpoints[i].name[0] != '\0');
}

static void parse(const char *text, int64_t timeout_ms)
{
    static struct sg_resolved resolved;
    const struct sg_env env = {.log = take_log, .resolve = resolve};
    const struct sg_backend_kind *kind = NULL;
    struct sg_url *url = NULL;
    char why[128];
    int rc;

    rc = sg_url_parse(text, NULL, timeout_ms, &env, why, sizeof why, &kind,
                      &url);
    fuzz_claim(memchr(why, '\0', sizeof why) != NULL);
    if (rc != SG_OK) {
        fuzz_claim(rc == SG_EURL || rc == SG_ETIMEOUT);
        fuzz_claim(why[0] != '\0' && url == NULL && kind == NULL);
        return;
    }
    claim_target(kind, &url->target);
    (void)sg_url_resolve(url, &env, &resolved);
    claim_target(kind, &resolved.target);
    if (kind == &sg_zookeeper_kind)
        make_list(&resolved.target);
    sg_url_free(url);
}

/* The password of an URL that is otherwise read is in no sentence. */
static void keep_secret(const char *text)
{
    const struct sg_env env = {.log = take_log};
    const struct sg_backend_kind *kind;
    struct sg_url *url = NULL;
    char why[400], *whole;

    if (strstr(text, SECRET) != NULL ||
        asprintf(&whole, "redis://u:%s@%s", SECRET, text) < 0)
        return;
    (void)sg_url_parse(whole, NULL, 0, &env, why, sizeof why, &kind, &url);
    fuzz_claim(strstr(why, SECRET) == NULL);
    sg_url_free(url);
    free(whole);
}

static void check_texts(const char *text)
{
    char why[160] = "";

    if (!sg_zk_hosts_check(text, why, sizeof why))
        fuzz_claim(why[0] != '\0');
    why[0] = '\0';
    if (sg_zk_path_is_tree(text, why, sizeof why))
        make_path("", text);
    else
        fuzz_claim(why[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = fuzz_text((struct fuzz_bytes){bytes, length});

    parse(text, 0);
    parse(text, 5000);
    keep_secret(text);
    check_texts(text);
    free(text);
    return 0;
}
