/* SPDX-License-Identifier: Apache-2.0
 * zk_instance.c - an instance of the ZooKeeper back end: one session, which
 * carries the registration, and how a verb is run on it.
 *
 * The library trusts its server: a reply with the right xid whose body is
 * too short for a get, a children or a create2 makes it free what stood on
 * its stack, before or after our callback (deserialize_response), and it
 * asserts that it can make its threads. Both end the process and cannot be
 * caught here; what reaches our callbacks is checked there (zk_round.c).
 */
#include "zk_hosts.h"
#include "zk_path.h"
#include "zk_round.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SESSIONS_MAX 3 /* that one verb may find over                 */

/* ---- an instance ------------------------------------------------------ */

static bool is_false(const char *value)
{
    static const char *const no[] = {"0", "false", "no", "off", "f", "n"};

    for (size_t i = 0; value != NULL && i < sizeof no / sizeof *no; i++)
        if (strcasecmp(value, no[i]) == 0)
            return true;
    return false;
}

static const char *option(const struct sg_target *target, const char *name,
                          const char *otherwise)
{
    const char *value = target->option(target, name);

    return value == NULL ? otherwise : value;
}

/* The chroot is put before our paths instead of being given to the library,
 * so that a missing one is made like any other level. */
static bool fill_paths(struct sg_backend *b, const char *ns)
{
    const char *chroot = sg_zk_hosts_chroot(option(b->target, "hosts", ""));

    b->base = sg_zk_path_tree(chroot, ns, "");
    b->marks = sg_zk_path_tree(chroot, ns, "_sg");
    return b->base != NULL && b->marks != NULL;
}

static bool fill_auth(struct sg_backend *b)
{
    const char *user = b->target->user, *password = b->target->password;

    b->acl = &ZOO_OPEN_ACL_UNSAFE;
    if (user == NULL || password == NULL)
        return true;
    b->acl = &ZOO_CREATOR_ALL_ACL;
    return asprintf(&b->auth, "%s:%s", user, password) >= 0 ||
           (b->auth = NULL) != NULL;
}

static bool fill_hosts(struct sg_backend *b)
{
    bool is_shuffled = !is_false(option(b->target, "randomize_hosts", "true"));

    b->hosts =
        sg_zk_hosts_list(b->target, SG_ZK_PORT,
                         is_shuffled ? b->env->random : NULL, b->env->arg);
    return b->hosts != NULL;
}

static void free_texts(struct sg_backend *b)
{
    if (b->auth != NULL)
        explicit_bzero(b->auth, strlen(b->auth));
    free(b->auth);
    free(b->marks);
    free(b->base);
    free(b->hosts);
}

static void init_lock(struct sg_backend *b)
{
    pthread_condattr_t attr;

    pthread_mutex_init(&b->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&b->changed, &attr);
    pthread_condattr_destroy(&attr);
}

int sg_zk_open(const struct sg_target *target, const struct sg_backend_env *env,
               const char *tree, struct sg_backend **ret_b)
{
    struct sg_backend *b = calloc(1, sizeof *b);

    if (b == NULL)
        return SG_ENOMEM;
    b->target = target;
    b->env = env;
    if (!fill_paths(b, tree) || !fill_auth(b) || !fill_hosts(b)) {
        free_texts(b);
        free(b);
        return SG_ENOMEM;
    }
    init_lock(b);
    *ret_b = b;
    return SG_OK;
}

/* Says goodbye, which ends our ephemeral nodes at once; the library waits up
 * to 1.5 s for the reply (3 s more if it cannot even send). */
void sg_zk_close(struct sg_backend *b)
{
    if (b == NULL)
        return;
    sg_zk_session_close(b->session);
    sg_zk_session_close(b->beside);
    sg_zk_session_retire_wait(b);
    sg_zk_own_free(b);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    free_texts(b);
    free(b);
}

void sg_zk_interrupt(struct sg_backend *b)
{
    pthread_mutex_lock(&b->lock);
    b->is_interrupted = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

/* The library's handles are left alone: their threads are not here, their
 * locks may be held by them, and zookeeper_close() would write on the socket
 * that the parent uses. Rounds are freed if no thread was at them. */
void sg_zk_forked(struct sg_backend *b)
{
    struct sg_zk_session *s[] = {b->session, b->beside};

    if (pthread_mutex_trylock(&b->lock) == 0) {
        for (size_t i = 0; i < 2; i++) {
            while (s[i] != NULL && s[i]->rounds != NULL)
                sg_zk_round_free(s[i]->rounds);
            free(s[i]);
        }
    }
    sg_zk_own_free(b);
    free_texts(b);
    free(b);
}

/* ---- running a verb --------------------------------------------------- */

/* Forget interrupts that were meant for earlier slots, and only those. */
static bool begin(struct sg_backend *b)
{
    pthread_mutex_lock(&b->lock);
    b->is_interrupted = false;
    pthread_mutex_unlock(&b->lock);
    return b->env->is_wanted == NULL || b->env->is_wanted(b->env->arg);
}

/* The requests did not leave, and no node hangs on the session: perhaps the
 * server does not know it any more. A fresh one costs nothing. */
static bool is_worth_a_fresh_one(struct sg_backend *b, const struct sg_op *op,
                                 int rc)
{
    return rc == SG_EUNKNOWN && op->reason == SG_UNREACHABLE &&
           b->session != NULL && sg_zk_own_is_empty(b) &&
           sg_zk_session_connects(b->session) > 0;
}

int sg_zk_run(struct sg_backend *b, struct sg_op *op, sg_verb_fn *step)
{
    int rc = SG_OK;

    if (!begin(b))
        return sg_op_fail(op, SG_EUNKNOWN, SG_TIMED_OUT,
                          "given up before it began");
    sg_zk_heal_before(b, op);
    for (int i = 0; i < SESSIONS_MAX; i++) {
        rc = sg_zk_session_ensure(b, op);
        if (rc == SG_OK)
            rc = step(b, op);
        if (rc != SG_ZK_EXPIRED && !is_worth_a_fresh_one(b, op, rc))
            break;
        sg_zk_session_replace(b, NULL);
    }
    if (rc == SG_ZK_EXPIRED)
        rc = sg_op_fail(op, SG_EUNKNOWN, SG_SERVER_ERROR,
                        "ZooKeeper at %.150s ends every session of ours",
                        b->hosts);
    if (rc == SG_ENOMEM && op->reason != SG_NO_MEMORY)
        sg_op_fail(op, rc, SG_NO_MEMORY, "out of memory");
    if (rc == SG_EUNKNOWN)
        sg_zk_heal_after(b, op);
    return rc;
}

size_t sg_zk_owed(struct sg_backend *b)
{
    size_t n;

    pthread_mutex_lock(&b->lock);
    n = b->owed;
    pthread_mutex_unlock(&b->lock);
    return n;
}
