/* SPDX-License-Identifier: Apache-2.0
 * zoo.c - libzookeeper's asynchronous calls, answered by a script.
 *
 * Names, constants and zoo_*_op_init() are the real library's: what is
 * defined in a program stands before what a shared library has.
 */
#include "zoo.h"

#include "shortage.h"

#include <errno.h>
#include <pthread.h>

/* Of the library, whose memory is never short here. */
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*main)(void *), void *arg);
int __real_pthread_join(pthread_t thread, void **ret);
int __real_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *lock,
                                  const struct timespec *until);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*main)(void *), void *arg);
int __wrap_pthread_join(pthread_t thread, void **ret);
int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *lock,
                                  const struct timespec *until);

struct _zhandle {
    zhandle_t *next;
    int state, timeout_ms;
    clientid_t id;
    watcher_fn watcher;
    void *context;
};

enum kind { VOID, STAT, CREATE, DATA, NAMES, SYNC };

struct zoo_request {
    struct zoo_request *next;
    zhandle_t *zh;
    enum kind kind;
    const void *arg;
    union {
        void_completion_t on_void;
        stat_completion_t on_stat;
        string_stat_completion_t on_create;
        data_completion_t on_data;
        strings_completion_t on_names;
        string_completion_t on_sync;
    } call;
    struct Stat *stat; /* of a multi's set                                 */
    char path[];
};

static struct zoo *zoo;

/* ---- what was shown --------------------------------------------------- */

void zoo_forget(struct zoo *z)
{
    z->n_shown = 0;
}

static void show(const char *path, const char *child, int rc, int64_t owner,
                 struct fuzz_bytes data)
{
    struct zoo_shown *s = &zoo->shown[zoo->n_shown];

    if (zoo->n_shown == ZOO_SHOWN_MAX)
        return;
    memset(s, 0, sizeof *s);
    s->bytes = data.length;
    if (data.length > 0)
        memcpy(s->data, data.at,
               data.length < sizeof s->data ? data.length : sizeof s->data);
    snprintf(s->path, sizeof s->path, "%s%s%s", path, child == NULL ? "" : "/",
             child == NULL ? "" : child);
    s->is_child = child != NULL;
    s->rc = rc;
    s->owner = owner;
    zoo->n_shown++;
}

const struct zoo_shown *zoo_find(const struct zoo *z, const char *path,
                                 bool is_child)
{
    for (size_t i = z->n_shown; i-- > 0;)
        if (z->shown[i].is_child == is_child &&
            strcmp(z->shown[i].path, path) == 0)
            return &z->shown[i];
    return NULL;
}

/* ---- answers ---------------------------------------------------------- */

static int take_rc(void)
{
    static const int codes[] = {
        ZOK,           ZOK,         ZOK,
        ZOK,           ZNONODE,     ZNODEEXISTS,
        ZBADVERSION,   ZNOAUTH,     ZCONNECTIONLOSS,
        ZNOTREADONLY,  ZINVALIDACL, ZOPERATIONTIMEOUT,
        ZSYSTEMERROR,  ZAUTHFAILED, ZMARSHALLINGERROR,
        ZSESSIONMOVED, 1,           -9999,
    };

    return codes[fuzz_byte(&zoo->script) % (sizeof codes / sizeof *codes)];
}

static int64_t take_owner(const zhandle_t *zh)
{
    switch (fuzz_byte(&zoo->script) % 6) {
    case 0:
    case 1:
        return zh->id.client_id;
    case 2:
        return zh->id.client_id - 1;
    case 3:
        return INT64_MIN;
    case 4:
        return 0x1234;
    default:
        return 0;
    }
}

/* A stat that a server could send, one that none would, or none. */
static const struct Stat *take_stat(const zhandle_t *zh, int bytes,
                                    struct Stat *to)
{
    uint8_t how = fuzz_byte(&zoo->script);

    memset(to, 0, sizeof *to);
    to->czxid = 1 + fuzz_byte(&zoo->script);
    to->mzxid = to->czxid + fuzz_byte(&zoo->script);
    to->version = to->cversion = how & 0x0f;
    to->ephemeralOwner = take_owner(zh);
    to->dataLength = bytes;
    if ((how & 0xf0) == 0xf0)
        return NULL;
    if ((how & 0xf0) == 0xe0)
        for (size_t i = 0; i < sizeof *to; i++)
            ((uint8_t *)to)[i] = fuzz_byte(&zoo->script);
    return to;
}

/* The next bytes of the script, as many as there are. */
static struct fuzz_bytes take_bytes(size_t n)
{
    struct fuzz_bytes bytes = zoo->script;

    if (bytes.length > n)
        bytes.length = n;
    if (bytes.length > 0)
        zoo->script.at += bytes.length;
    zoo->script.length -= bytes.length;
    return bytes;
}

/* A block of exactly these bytes and a NUL, or without it. */
static char *copy_of(struct fuzz_bytes bytes, bool is_text)
{
    char *copy = __real_malloc(bytes.length + is_text);

    if (bytes.length > 0)
        memcpy(copy, bytes.at, bytes.length);
    if (is_text)
        copy[bytes.length] = '\0';
    return copy;
}

static void answer_data(const struct zoo_request *r, int rc)
{
    struct fuzz_bytes data = take_bytes(fuzz_byte(&zoo->script));
    char *copy = copy_of(data, false);
    int n = (int)data.length;
    struct Stat space;
    const struct Stat *stat = take_stat(r->zh, n, &space);

    show(r->path, NULL, rc, stat == NULL ? 0 : stat->ephemeralOwner, data);
    r->call.on_data(rc, n == 0 ? NULL : copy, n == 0 ? -1 : n, stat, r->arg);
    free(copy);
}

/* Up to seven names, long ones too; or a list that the library made of too few
 * bytes. */
static void answer_names(const struct zoo_request *r, int rc)
{
    char *name[8] = {NULL}, *hole = NULL;
    uint8_t how = fuzz_byte(&zoo->script);
    struct String_vector names = {how % 8, name};
    unsigned most = (how & 0xf0) == 0xb0 ? 256 : 64;

    for (int i = 0; i < how % 8; i++) {
        name[i] = copy_of(take_bytes(fuzz_byte(&zoo->script) % most), true);
        if (rc == ZOK)
            show(r->path, name[i], rc, 0, (struct fuzz_bytes){NULL, 0});
    }
    if ((how & 0xf0) == 0xf0)
        names.count = -1;
    else if ((how & 0xf0) == 0xe0)
        names.data = NULL;
    else if ((how & 0xf0) == 0xd0 && how % 8 > 0) {
        hole = name[0];
        name[0] = NULL;
    }
    r->call.on_names(rc, (how & 0xf0) == 0xc0 ? NULL : &names, r->arg);
    free(hole);
    for (size_t i = 0; i < 8; i++)
        free(name[i]);
}

static void answer_stat(const struct zoo_request *r, int rc)
{
    struct Stat space;
    const struct Stat *stat = take_stat(r->zh, 0, &space);

    show(r->path, NULL, rc, stat == NULL ? 0 : stat->ephemeralOwner,
         (struct fuzz_bytes){NULL, 0});
    r->call.on_stat(rc, stat, r->arg);
}

static void answer(struct zoo_request *r, int rc)
{
    struct Stat stat;

    switch (r->kind) {
    case VOID:
        if (rc == ZOK && r->stat != NULL && take_stat(r->zh, 0, &stat) != NULL)
            *r->stat = stat;
        r->call.on_void(rc, r->arg);
        break;
    case STAT:
        answer_stat(r, rc);
        break;
    case CREATE:
        r->call.on_create(rc, r->path, take_stat(r->zh, 0, &stat), r->arg);
        break;
    case DATA:
        answer_data(r, rc);
        break;
    case NAMES:
        answer_names(r, rc);
        break;
    case SYNC:
        r->call.on_sync(rc, r->path, r->arg);
        break;
    }
    free(r);
}

/* The oldest request of a handle, or of any. */
static struct zoo_request *take_request(const zhandle_t *zh)
{
    struct zoo_request **at = &zoo->first, *r;

    while (*at != NULL && zh != NULL && (*at)->zh != zh)
        at = &(*at)->next;
    r = *at;
    if (r != NULL)
        *at = r->next;
    return r;
}

/* ---- events ----------------------------------------------------------- */

static void tell(zhandle_t *zh, int state)
{
    struct zoo_request *r;

    zh->state = state;
    zh->watcher(zh, ZOO_SESSION_EVENT, state, "", zh->context);
    if (state != ZOO_CONNECTED_STATE && state != ZOO_READONLY_STATE)
        while ((r = take_request(zh)) != NULL)
            answer(r, state == ZOO_CONNECTING_STATE ? ZCONNECTIONLOSS
                                                    : ZSESSIONEXPIRED);
}

static zhandle_t *take_handle(uint8_t which)
{
    zhandle_t *zh = zoo->handles;

    if (which % 2 == 1 && zh != NULL && zh->next != NULL)
        zh = zh->next;
    return zh;
}

static bool take_event(void)
{
    const int states[] = {ZOO_CONNECTED_STATE, ZOO_CONNECTING_STATE,
                          ZOO_EXPIRED_SESSION_STATE, ZOO_AUTH_FAILED_STATE,
                          ZOO_READONLY_STATE};
    uint8_t what = fuzz_byte(&zoo->script);
    zhandle_t *zh = take_handle(what >> 4);
    struct zoo_request *r;

    if (what % 16 < 5 && zh != NULL) {
        tell(zh, states[what % 16]);
        return true;
    }
    r = what % 16 == 5 ? NULL : take_request(NULL);
    if (r != NULL && r->zh->state == ZOO_CONNECTING_STATE)
        tell(r->zh, ZOO_CONNECTED_STATE);
    if (r != NULL)
        answer(r, take_rc());
    return r != NULL;
}

int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *lock,
                                  const struct timespec *until)
{
    bool is_served;

    if (zoo == NULL)
        return __real_pthread_cond_timedwait(cond, lock, until);
    pthread_mutex_unlock(lock);
    is_served = zoo->script.length > 0 && take_event();
    pthread_mutex_lock(lock);
    zoo->now_ms += is_served ? 1 : 800;
    return is_served ? 0 : ETIMEDOUT;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*main)(void *), void *arg)
{
    if (zoo == NULL)
        return __real_pthread_create(thread, attr, main, arg);
    main(arg);
    return 0;
}

int __wrap_pthread_join(pthread_t thread, void **ret)
{
    return zoo == NULL ? __real_pthread_join(thread, ret) : 0;
}

void zoo_begin(struct zoo *z)
{
    zoo = z;
}

void zoo_end(struct zoo *z)
{
    fuzz_claim(z->first == NULL && z->handles == NULL);
    zoo = NULL;
}

/* ---- the library's calls ---------------------------------------------- */

zhandle_t *zookeeper_init2(const char *host, watcher_fn fn, int timeout_ms,
                           const clientid_t *id, void *context, int flags,
                           log_callback_fn log)
{
    zhandle_t *zh = __real_calloc(1, sizeof *zh), **end = &zoo->handles;

    (void)id;
    (void)flags;
    (void)log;
    fuzz_claim(host[0] != '\0');
    zh->timeout_ms = zoo->granted_ms > 0 ? zoo->granted_ms : timeout_ms;
    zh->watcher = fn;
    zh->context = context;
    zh->id.client_id = 0x100000000000000 + ++zoo->last_id;
    zh->state = ZOO_CONNECTING_STATE;
    while (*end != NULL)
        end = &(*end)->next;
    *end = zh;
    return zh;
}

/* What is not answered yet is called, or never, as in the library. */
int zookeeper_close(zhandle_t *zh)
{
    zhandle_t **at = &zoo->handles;
    struct zoo_request *r;

    while (*at != zh)
        at = &(*at)->next;
    *at = zh->next;
    while ((r = take_request(zh)) != NULL) {
        if (zoo->last_id % 2 == 0)
            free(r);
        else
            answer(r, ZCLOSING);
    }
    free(zh);
    return ZOK;
}

int zoo_state(zhandle_t *zh)
{
    return zh->state;
}

int is_unrecoverable(zhandle_t *zh)
{
    return zh->state == ZOO_EXPIRED_SESSION_STATE ||
                   zh->state == ZOO_AUTH_FAILED_STATE
               ? ZINVALIDSTATE
               : ZOK;
}

const clientid_t *zoo_client_id(zhandle_t *zh)
{
    return &zh->id;
}

int zoo_recv_timeout(zhandle_t *zh)
{
    return zh->timeout_ms;
}

int zoo_set_servers_resolution_delay(zhandle_t *zh, int delay_ms)
{
    (void)zh;
    (void)delay_ms;
    return ZOK;
}

int zoo_add_auth(zhandle_t *zh, const char *scheme, const char *cert, int bytes,
                 void_completion_t completion, const void *data)
{
    (void)scheme;
    (void)completion;
    (void)data;
    fuzz_claim((size_t)bytes == strlen(cert));
    return zh->state == ZOO_CONNECTING_STATE ? ZINVALIDSTATE : ZOK;
}

/* NULL: not taken. */
static struct zoo_request *post(zhandle_t *zh, enum kind kind, const char *path,
                                const void *arg)
{
    size_t length = strlen(path);
    struct zoo_request *r, **end = &zoo->first;

    fuzz_claim(path[0] == '/' && strstr(path, "//") == NULL);
    if (is_unrecoverable(zh) != ZOK)
        return NULL;
    if (zoo->fails_at > 0 && --zoo->fails_at == 0) {
        fuzz_shortage_came();
        return NULL;
    }
    r = __real_calloc(1, sizeof *r + length + 1);
    r->zh = zh;
    r->kind = kind;
    r->arg = arg;
    memcpy(r->path, path, length);
    while (*end != NULL)
        end = &(*end)->next;
    *end = r;
    return r;
}

static int refusal(zhandle_t *zh)
{
    return is_unrecoverable(zh) != ZOK ? ZINVALIDSTATE : ZMARSHALLINGERROR;
}

int zoo_async(zhandle_t *zh, const char *path, string_completion_t completion,
              const void *data)
{
    struct zoo_request *r = post(zh, SYNC, path, data);

    if (r == NULL)
        return refusal(zh);
    r->call.on_sync = completion;
    return ZOK;
}

int zoo_aexists(zhandle_t *zh, const char *path, int watch,
                stat_completion_t completion, const void *data)
{
    struct zoo_request *r = post(zh, STAT, path, data);

    (void)watch;
    if (r == NULL)
        return refusal(zh);
    r->call.on_stat = completion;
    return ZOK;
}

int zoo_aget(zhandle_t *zh, const char *path, int watch,
             data_completion_t completion, const void *data)
{
    struct zoo_request *r = post(zh, DATA, path, data);

    (void)watch;
    if (r == NULL)
        return refusal(zh);
    r->call.on_data = completion;
    return ZOK;
}

int zoo_aget_children(zhandle_t *zh, const char *path, int watch,
                      strings_completion_t completion, const void *data)
{
    struct zoo_request *r = post(zh, NAMES, path, data);

    (void)watch;
    if (r == NULL)
        return refusal(zh);
    r->call.on_names = completion;
    return ZOK;
}

int zoo_aset(zhandle_t *zh, const char *path, const char *buffer, int bytes,
             int version, stat_completion_t completion, const void *data)
{
    struct zoo_request *r = post(zh, STAT, path, data);

    (void)buffer;
    (void)version;
    fuzz_claim(bytes >= 0);
    if (r == NULL)
        return refusal(zh);
    r->call.on_stat = completion;
    return ZOK;
}

int zoo_acreate2(zhandle_t *zh, const char *path, const char *value, int bytes,
                 const struct ACL_vector *acl, int mode,
                 string_stat_completion_t completion, const void *data)
{
    struct zoo_request *r = post(zh, CREATE, path, data);

    (void)value;
    (void)mode;
    fuzz_claim(bytes >= 0 && acl->count > 0);
    if (r == NULL)
        return refusal(zh);
    r->call.on_create = completion;
    return ZOK;
}

/* The steps may end with the call; the stat stays. */
int zoo_amulti(zhandle_t *zh, int count, const zoo_op_t *ops,
               zoo_op_result_t *results, void_completion_t completion,
               const void *data)
{
    struct zoo_request *r = post(zh, VOID, "/multi", data);

    fuzz_claim(count > 0 && results != NULL);
    if (r == NULL)
        return refusal(zh);
    r->call.on_void = completion;
    for (int i = 0; i < count; i++)
        if (ops[i].type == 5) /* ZOO_SETDATA_OP, of the library's proto.h */
            r->stat = ops[i].set_op.stat;
    return ZOK;
}
