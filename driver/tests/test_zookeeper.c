/* SPDX-License-Identifier: Apache-2.0
 * test_zookeeper.c - the table of the ZooKeeper back end, without a server.
 */
#include "op.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const struct sg_backend_kind *const kind = &sg_zookeeper_kind;

/* The options of a target: "name=value" texts. */
static const char *option(const struct sg_target *target, const char *name)
{
    const char *const *texts = target->options;
    size_t n = strlen(name);

    for (; texts != NULL && *texts != NULL; texts++)
        if (strncmp(*texts, name, n) == 0 && (*texts)[n] == '=')
            return *texts + n + 1;
    return NULL;
}

/* One endpoint that has no address: nothing is ever sent. */
static const struct sg_endpoint nowhere = {"nowhere", "", 2181};

static struct sg_target target_of(const char *const *texts)
{
    return (struct sg_target){.scheme = "kazoo",
                              .endpoints = &nowhere,
                              .n_endpoints = 1,
                              .path = "",
                              .timeout_ms = 10000,
                              .option = option,
                              .options = texts};
}

static int check(const char *text, size_t endpoints)
{
    const char *texts[] = {text, NULL};
    struct sg_target target = target_of(texts);
    char why[256] = "";
    int rc;

    target.n_endpoints = endpoints;
    rc = kind->check(&target, why, sizeof why);
    unit_true((rc == SG_OK) == (why[0] == '\0'));
    return rc;
}

UNIT(zookeeper, what_cannot_be_a_path_is_refused)
{
    unit_int(check(NULL, 1), SG_OK);
    unit_int(check("namespace=/a/b/", 1), SG_OK);
    unit_int(check("namespace=/", 1), SG_EURL);
    unit_int(check("namespace=a/../b", 1), SG_EURL);
    unit_int(check("hosts=a:1,b:2/root", 1), SG_OK);
    unit_int(check("hosts=a:1,/root", 1), SG_EURL);
}

UNIT(zookeeper, a_host_is_needed)
{
    unit_int(check(NULL, 0), SG_EURL);
    unit_int(check("hosts=a", 0), SG_OK);
}

UNIT(zookeeper, every_option_of_tooz_is_known)
{
    static const char *const names[] = {
        "timeout",          "namespace",     "hosts",   "randomize_hosts",
        "handler",          "executor",      "use_ssl", "connection_retry",
        "keyfile_password", "command_retry", "ca",      "certfile",
        "keyfile",          "verify_certs"};
    size_t n = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct sg_option *o = kind->options;
        while (o->name != NULL && strcmp(o->name, names[i]) != 0)
            o++;
        unit_true(o->name != NULL);
    }
    while (kind->options[n].name != NULL)
        n++;
    unit_int((int64_t)n, sizeof names / sizeof *names);
}

UNIT(zookeeper, an_expiry_is_late_by_a_tick_and_never_early)
{
    struct sg_slack slack = kind->slack(10000, 200);

    unit_int(slack.early_ms, 0);
    unit_int(slack.late_ms, 200);
}

/* ---- an instance that can reach nobody -------------------------------- */

struct lent {
    unsigned waits;
    bool is_wanted;
};

static int64_t now_ms(void *arg)
{
    (void)arg;
    return 1000;
}

static void noise(void *arg, void *to, size_t bytes)
{
    (void)arg;
    memset(to, 7, bytes);
}

static void waited(void *arg)
{
    struct lent *lent = arg;
    lent->waits++;
}

static bool is_wanted(void *arg)
{
    const struct lent *lent = arg;
    return lent->is_wanted;
}

static struct sg_backend_env env_of(struct lent *lent)
{
    return (struct sg_backend_env){.arg = lent,
                                   .now_ms = now_ms,
                                   .random = noise,
                                   .waited = waited,
                                   .io_limit_ms = 100,
                                   .is_wanted = is_wanted};
}

static enum sg_reason ask(struct sg_backend *b)
{
    struct sg_task *task = sg_task_new(SG_VERB_ASK, 1, 1);
    enum sg_reason reason;

    unit_true(task != NULL);
    task->op.groups[0].name = "g";
    task->op.sights[0].member = "m";
    unit_int(kind->verb[SG_VERB_ASK](b, &task->op), SG_EUNKNOWN);
    unit_true(task->op.why[0] != '\0');
    reason = task->op.reason;
    sg_task_drop(task);
    return reason;
}

UNIT(zookeeper, without_an_address_there_is_no_connection)
{
    struct lent lent = {.is_wanted = true};
    struct sg_backend_env env = env_of(&lent);
    struct sg_target target = target_of(NULL);
    struct sg_backend *b;

    unit_int(kind->open(&target, &env, &b), SG_OK);
    unit_int(ask(b), SG_UNREACHABLE);
    unit_int(lent.waits, 0);
    kind->close(b);
}

UNIT(zookeeper, what_was_given_up_before_it_began_does_not_begin)
{
    struct lent lent = {.is_wanted = false};
    struct sg_backend_env env = env_of(&lent);
    struct sg_target target = target_of(NULL);
    struct sg_backend *b;

    unit_int(kind->open(&target, &env, &b), SG_OK);
    kind->interrupt(b);
    unit_int(ask(b), SG_TIMED_OUT);
    lent.is_wanted = true; /* and the interrupt was for that one only */
    unit_int(ask(b), SG_UNREACHABLE);
    kind->close(b);
}

UNIT(zookeeper, a_forked_instance_is_only_freed)
{
    struct lent lent = {.is_wanted = true};
    struct sg_backend_env env = env_of(&lent);
    struct sg_target target = target_of(NULL);
    struct sg_backend *b;

    target.user = "user";
    target.password = "password";
    unit_int(kind->open(&target, &env, &b), SG_OK);
    kind->forked(b);
}

UNIT(zookeeper, closing_nothing_is_allowed)
{
    kind->close(NULL);
}
