/* SPDX-License-Identifier: Apache-2.0
 * store_kazoo.c - raw access to ZooKeeper, with libzookeeper's sync calls.
 */
#include "store.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zookeeper/zookeeper.h>

struct store {
    zhandle_t *zh;
    bool is_connected;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

/* The most a server here grants: 20 ticks of 2 s. Populated members live as
 * long as this session. */
#define SESSION_MS 40000
#define NONE "\xc4\x00"

static int code(int rc)
{
    return rc == ZOK ? 0 : -EIO;
}

static void watch(zhandle_t *zh, int type, int state, const char *path,
                  void *context)
{
    struct store *s = context;

    (void)zh;
    (void)path;
    if (type != ZOO_SESSION_EVENT)
        return;
    pthread_mutex_lock(&s->lock);
    s->is_connected = state == ZOO_CONNECTED_STATE;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void zk_disconnect(struct store *s)
{
    if (s->zh != NULL)
        zookeeper_close(s->zh);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static void no_log(const char *message)
{
    (void)message;
}

static int open_session(const char *host, int port, const clientid_t *id,
                        struct store **ret_store)
{
    struct store *s = calloc(1, sizeof *s);
    struct timespec limit;
    char where[100];
    int rc = 0;

    if (s == NULL)
        return -ENOMEM;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    snprintf(where, sizeof where, "%s:%d", host, port);
    s->zh = zookeeper_init2(where, watch, SESSION_MS, id, s, 0, no_log);
    if (s->zh == NULL) {
        zk_disconnect(s);
        return -ENOMEM;
    }
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 20;
    pthread_mutex_lock(&s->lock);
    while (!s->is_connected && rc == 0)
        rc = pthread_cond_timedwait(&s->changed, &s->lock, &limit);
    pthread_mutex_unlock(&s->lock);
    if (rc != 0) {
        zk_disconnect(s);
        return -ETIMEDOUT;
    }
    *ret_store = s;
    return 0;
}

static int zk_connect(const char *host, int port, struct store **ret_store)
{
    zoo_set_debug_level((ZooLogLevel)0);
    return open_session(host, port, NULL, ret_store);
}

/* ---- trees ------------------------------------------------------------ */

static int delete_tree(struct store *s, const char *path)
{
    struct String_vector names = {0};
    int rc = zoo_get_children(s->zh, path, 0, &names);

    if (rc != ZOK)
        return rc == ZNONODE ? 0 : -EIO;
    rc = 0;
    for (int32_t i = 0; i < names.count && rc == 0; i++) {
        char child[600];
        snprintf(child, sizeof child, "%s/%s",
                 strcmp(path, "/") == 0 ? "" : path, names.data[i]);
        if (strcmp(child, "/zookeeper") != 0)
            rc = delete_tree(s, child);
    }
    deallocate_String_vector(&names);
    if (rc != 0 || strcmp(path, "/") == 0)
        return rc;
    rc = zoo_delete(s->zh, path, -1);
    return rc == ZOK || rc == ZNONODE ? 0 : -EIO;
}

static int zk_wipe(struct store *s)
{
    return delete_tree(s, "/");
}

static int make(struct store *s, const char *path)
{
    int rc = zoo_create(s->zh, path, "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0);

    return rc == ZOK || rc == ZNODEEXISTS ? 0 : -EIO;
}

static int make_group(struct store *s, const char *group, char path[300])
{
    int rc = make(s, "/tooz");

    snprintf(path, 300, "/tooz/%s", group);
    return rc != 0 ? rc : make(s, path);
}

/* Ten thousand creates one after the other outlast the patience of a busy
 * ensemble now and then (seen: a connection lost in one of three gates). The
 * library returns by itself, with the session and its nodes; what was made
 * without an answer stands. */
#define TRIES 20

static int add(struct store *s, const char *group, const char *member,
               int flags)
{
    char path[600];
    int rc = ZCONNECTIONLOSS, tries;

    snprintf(path, sizeof path, "/tooz/%s/%s", group, member);
    for (tries = 0;
         tries < TRIES && (rc == ZCONNECTIONLOSS || rc == ZOPERATIONTIMEOUT);
         tries++)
        rc = zoo_create(s->zh, path, NONE, 2, &ZOO_OPEN_ACL_UNSAFE, flags, NULL,
                        0);
    return rc == ZNODEEXISTS && tries > 1 ? 0 : code(rc);
}

static int zk_write_python(struct store *s, const char *group,
                           const char *member)
{
    char path[300];
    int rc = make_group(s, group, path);

    return rc != 0 ? rc : add(s, group, member, ZOO_EPHEMERAL);
}

static int zk_populate(struct store *s, const char *group, const char *prefix,
                       size_t n)
{
    char path[300], member[260];
    int rc = make_group(s, group, path);

    for (size_t i = 0; i < n && rc == 0; i++) {
        snprintf(member, sizeof member, "%s%zu", prefix, i);
        rc = add(s, group, member, ZOO_EPHEMERAL);
    }
    return rc;
}

/* An election of tooz leaves this child behind, persistent. */
static int zk_write_damaged(struct store *s, const char *group,
                            const char *member)
{
    char path[600];
    int rc;

    snprintf(path, sizeof path, "/tooz/%s/leader", group);
    rc = make(s, path);
    snprintf(path, sizeof path, "/tooz/%s/leader/%s", group, member);
    return rc != 0 ? rc : make(s, path);
}

static int zk_evict(struct store *s, enum world_thing thing, const char *group,
                    const char *member)
{
    char path[600];

    switch (thing) {
    case WORLD_LIVENESS: /* the node is entry and liveness in one            */
    case WORLD_ENTRY:
        snprintf(path, sizeof path, "/tooz/%s/%s", group, member);
        return code(zoo_delete(s->zh, path, -1));
    case WORLD_GROUP:
        snprintf(path, sizeof path, "/tooz/%s", group);
        return delete_tree(s, path);
    case WORLD_LIST:
        return delete_tree(s, "/tooz");
    }
    return -ENOTSUP;
}

/* ---- digest ----------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int digest_tree(struct store *s, FILE *out, const char *path)
{
    struct String_vector names = {0};
    struct Stat stat;
    int rc = zoo_get_children2(s->zh, path, 0, &names, &stat);

    if (rc != ZOK)
        return rc == ZNONODE ? 0 : -EIO;
    fprintf(out, "%s %lld %lld %d %d\n", path, (long long)stat.czxid,
            (long long)stat.mzxid, stat.version, stat.cversion);
    if (names.count > 0)
        qsort(names.data, (size_t)names.count, sizeof *names.data, by_text);
    rc = 0;
    for (int32_t i = 0; i < names.count && rc == 0; i++) {
        char child[600];
        snprintf(child, sizeof child, "%s/%s",
                 strcmp(path, "/") == 0 ? "" : path, names.data[i]);
        if (strcmp(child, "/zookeeper") != 0)
            rc = digest_tree(s, out, child);
    }
    deallocate_String_vector(&names);
    return rc;
}

static int zk_digest(struct store *s, char **ret_text)
{
    size_t size;
    FILE *out = open_memstream(ret_text, &size);
    int rc;

    if (out == NULL)
        return -ENOMEM;
    rc = digest_tree(s, out, "/");
    fclose(out);
    return rc;
}

/* ---- sessions --------------------------------------------------------- */

/* A ConnectResponse: length 4, protocol 4, timeout 4, session id 8, password
 * length 4, password 16. A second handle takes the session over, which the
 * server allows, and ends it. */
static int zk_end_session(const char *host, int port, const uint8_t *greeting,
                          size_t length)
{
    clientid_t id = {0};
    struct store *s;
    int rc;

    if (length < 40)
        return -EIO;
    for (int i = 0; i < 8; i++)
        id.client_id =
            (int64_t)((uint64_t)id.client_id << 8 | greeting[12 + i]);
    memcpy(id.passwd, greeting + 24, 16);
    zoo_set_debug_level((ZooLogLevel)0);
    rc = open_session(host, port, &id, &s);
    if (rc == 0)
        zk_disconnect(s);
    return rc;
}

/* Only a member of an ensemble that lost its quorum is read-only, and no server
 * tells its clients about a limit of memory. */
static int zk_nothing(struct store *s)
{
    (void)s;
    return 0;
}

static int zk_unsupported(struct store *s)
{
    (void)s;
    return -ENOTSUP;
}

const struct store_kind store_kazoo = {
    .scheme = "kazoo",
    .traits = STORE_HEALS_IN_TWO | STORE_HAS_REPLICAS | STORE_ELECTS_INSIDE,
    .connect = zk_connect,
    .disconnect = zk_disconnect,
    .wipe = zk_wipe,
    .populate = zk_populate,
    .evict = zk_evict,
    .write_damaged = zk_write_damaged,
    .write_python = zk_write_python,
    .digest = zk_digest,
    .read_only = zk_unsupported,
    .out_of_memory = zk_unsupported,
    .healthy = zk_nothing,
    .end_session = zk_end_session,
};
