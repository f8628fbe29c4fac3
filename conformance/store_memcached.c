/* SPDX-License-Identifier: Apache-2.0
 * store_memcached.c - raw access to memcached, with libmemcached.
 *
 * Groups are msgpack maps member -> {capabilities: ...}; the maps are read and
 * written here with msgpack-c, so that a misreading in the driver's own reader
 * is not shared.
 */
#include "store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmemcached/memcached.h>
#include <msgpack.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct store {
    memcached_st *mc;
    char host[64];
    int port;
};

#define FLAGS_RAW 1u     /* pymemcache's marks for tooz: bytes, ...        */
#define FLAGS_MSGPACK 2u /* ... and msgpack                                */
#define DAY_S 86400

static int code(memcached_return_t rc)
{
    return rc == MEMCACHED_SUCCESS || rc == MEMCACHED_NOTFOUND ? 0 : -EIO;
}

static int mc_connect(const char *host, int port, struct store **ret_store)
{
    struct store *s = calloc(1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->mc = memcached_create(NULL);
    if (s->mc == NULL || memcached_server_add(s->mc, host, (in_port_t)port) !=
                             MEMCACHED_SUCCESS) {
        memcached_free(s->mc);
        free(s);
        return -ECONNREFUSED;
    }
    memcached_behavior_set(s->mc, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
    memcached_behavior_set(s->mc, MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1);
    snprintf(s->host, sizeof s->host, "%s", host);
    s->port = port;
    *ret_store = s;
    return 0;
}

static void mc_disconnect(struct store *s)
{
    memcached_free(s->mc);
    free(s);
}

static int mc_wipe(struct store *s)
{
    return code(memcached_flush(s->mc, 0));
}

/* ---- keys ------------------------------------------------------------- */

struct key {
    char text[260];
    size_t length;
};

static struct key key_of(const char *format, ...)
{
    struct key key;
    va_list list;

    va_start(list, format);
    key.length = (size_t)vsnprintf(key.text, sizeof key.text, format, list);
    va_end(list);
    return key;
}

static int set(struct store *s, struct key key, const void *value,
               size_t length, time_t exptime, uint32_t flags)
{
    return code(memcached_set(s->mc, key.text, key.length, value, length,
                              exptime, flags));
}

static int drop(struct store *s, struct key key)
{
    return code(memcached_delete(s->mc, key.text, key.length, 0));
}

/* ---- groups ----------------------------------------------------------- */

static void pack_bin(msgpack_packer *pk, const char *text)
{
    msgpack_pack_bin(pk, strlen(text));
    msgpack_pack_bin_body(pk, text, strlen(text));
}

/* What is put in place of, or beside, the entries that stand. */
enum change { ADD_PYTHON, ADD_DAMAGED, REMOVE };

static void pack_entry(msgpack_packer *pk, const char *member,
                       enum change change)
{
    pack_bin(pk, change == ADD_PYTHON ? member : "a b");
    if (change == ADD_PYTHON) {
        msgpack_pack_map(pk, 1);
        pack_bin(pk, "capabilities");
        pack_bin(pk, "");
    } else {
        msgpack_pack_int(pk, 7);
    }
}

static bool is_key(const msgpack_object *key, const char *member)
{
    return key->type == MSGPACK_OBJECT_BIN &&
           key->via.bin.size == strlen(member) &&
           memcmp(key->via.bin.ptr, member, key->via.bin.size) == 0;
}

static void pack_changed(msgpack_packer *pk, const msgpack_object *map,
                         const char *member, enum change change)
{
    uint32_t n = map->type == MSGPACK_OBJECT_MAP ? map->via.map.size : 0;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n; i++)
        kept += !is_key(&map->via.map.ptr[i].key, member);
    msgpack_pack_map(pk, kept + (change != REMOVE));
    for (uint32_t i = 0; i < n; i++) {
        if (is_key(&map->via.map.ptr[i].key, member))
            continue;
        msgpack_pack_object(pk, map->via.map.ptr[i].key);
        msgpack_pack_object(pk, map->via.map.ptr[i].val);
    }
    if (change != REMOVE)
        pack_entry(pk, member, change);
}

static int change_group(struct store *s, const char *group, const char *member,
                        enum change change)
{
    struct key key = key_of("_TOOZ_GROUP_%s", group);
    msgpack_sbuffer out;
    msgpack_packer pk;
    msgpack_unpacked old;
    memcached_return_t rc;
    uint32_t flags;
    size_t length = 0;
    char *value =
        memcached_get(s->mc, key.text, key.length, &length, &flags, &rc);

    msgpack_unpacked_init(&old);
    if (value != NULL)
        msgpack_unpack_next(&old, value, length, NULL);
    msgpack_sbuffer_init(&out);
    msgpack_packer_init(&pk, &out, msgpack_sbuffer_write);
    pack_changed(&pk, &old.data, member, change);
    rc = set(s, key, out.data, out.size, 0, FLAGS_MSGPACK) == 0
             ? MEMCACHED_SUCCESS
             : MEMCACHED_FAILURE;
    msgpack_sbuffer_destroy(&out);
    msgpack_unpacked_destroy(&old);
    free(value);
    return code(rc);
}

static int make_list(struct store *s, const char *group)
{
    struct key key = key_of("_TOOZ_GROUP_LIST");
    msgpack_sbuffer out;
    msgpack_packer pk;
    int rc;

    msgpack_sbuffer_init(&out);
    msgpack_packer_init(&pk, &out, msgpack_sbuffer_write);
    msgpack_pack_array(&pk, 1);
    pack_bin(&pk, group);
    rc = set(s, key, out.data, out.size, 0, FLAGS_MSGPACK);
    msgpack_sbuffer_destroy(&out);
    return rc;
}

static int live(struct store *s, const char *member)
{
    return set(s, key_of("_TOOZ_MEMBER_%s", member), "It's alive!", 11, DAY_S,
               FLAGS_RAW);
}

static int mc_write_python(struct store *s, const char *group,
                           const char *member)
{
    int rc = live(s, member);

    return rc != 0 ? rc : change_group(s, group, member, ADD_PYTHON);
}

static int mc_write_damaged(struct store *s, const char *group,
                            const char *member)
{
    return change_group(s, group, member, ADD_DAMAGED);
}

static int mc_populate(struct store *s, const char *group, const char *prefix,
                       size_t n)
{
    msgpack_sbuffer out;
    msgpack_packer pk;
    char member[260];
    int rc = make_list(s, group);

    msgpack_sbuffer_init(&out);
    msgpack_packer_init(&pk, &out, msgpack_sbuffer_write);
    msgpack_pack_map(&pk, n);
    for (size_t i = 0; i < n && rc == 0; i++) {
        snprintf(member, sizeof member, "%s%zu", prefix, i);
        pack_entry(&pk, member, ADD_PYTHON);
        rc = live(s, member);
    }
    if (rc == 0)
        rc = set(s, key_of("_TOOZ_GROUP_%s", group), out.data, out.size, 0,
                 FLAGS_MSGPACK);
    msgpack_sbuffer_destroy(&out);
    return rc;
}

static int mc_evict(struct store *s, enum world_thing thing, const char *group,
                    const char *member)
{
    switch (thing) {
    case WORLD_LIVENESS:
        return drop(s, key_of("_TOOZ_MEMBER_%s", member));
    case WORLD_GROUP:
        return drop(s, key_of("_TOOZ_GROUP_%s", group));
    case WORLD_ENTRY:
        return change_group(s, group, member, REMOVE);
    case WORLD_LIST:
        return drop(s, key_of("_TOOZ_GROUP_LIST"));
    }
    return -ENOTSUP;
}

/* ---- digest ----------------------------------------------------------- */

static int dial(const struct store *s)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)s->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || inet_pton(AF_INET, s->host, &to.sin_addr) != 1 ||
        connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

/* "key=K exp=E la=L cas=C fetch=no ..." of every item, without the fields that
 * a mere reading moves. A cas number changes with every write but a touch, and
 * exp with that. By the hash table: a crawl along the LRU lists misses items
 * that have just been read (seen), and so does libmemcached's dump. */
static void keep_line(FILE *out, const char *line)
{
    char key[300], expiry[40], cas[40];

    if (sscanf(line, "key=%299s exp=%39s la=%*s cas=%39s", key, expiry, cas) ==
        3)
        fprintf(out, "%s %s %s\n", key, expiry, cas);
}

static int read_dump(int fd, FILE *out)
{
    FILE *in = fdopen(fd, "r+");
    char *line = NULL;
    size_t room = 0;
    int rc = -EIO;

    if (in == NULL)
        return -ENOMEM;
    fputs("lru_crawler metadump hash\r\n", in);
    fflush(in);
    while (rc != 0 && getline(&line, &room, in) >= 0) {
        if (strncmp(line, "END", 3) == 0)
            rc = 0;
        else if (strncmp(line, "key=", 4) != 0)
            break;
        keep_line(out, line);
    }
    free(line);
    fclose(in);
    return rc;
}

static int by_line(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int sorted(char *text, char **ret_text)
{
    char *lines[4096];
    size_t n = 0, size;
    FILE *out = open_memstream(ret_text, &size);

    if (out == NULL)
        return -ENOMEM;
    for (char *rest, *line = strtok_r(text, "\n", &rest);
         line != NULL && n < 4096; line = strtok_r(NULL, "\n", &rest))
        lines[n++] = line;
    qsort(lines, n, sizeof *lines, by_line);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s\n", lines[i]);
    fclose(out);
    return 0;
}

static int mc_digest(struct store *s, char **ret_text)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int rc = -EIO, fd = dial(s);

    if (out == NULL)
        return -ENOMEM;
    if (fd >= 0)
        rc = read_dump(fd, out);
    fclose(out);
    if (rc == 0)
        rc = sorted(text, ret_text);
    free(text);
    return rc;
}

/* ---- conditions ------------------------------------------------------- */

/* memcached has no replicas: its reads are what they always are. */
static int mc_nothing(struct store *s)
{
    (void)s;
    return 0;
}

/* A cache with room left evicts before it refuses; it cannot be made to say
 * "out of memory" from outside. */
static int mc_unsupported(struct store *s)
{
    (void)s;
    return -ENOTSUP;
}

const struct store_kind store_memcached = {
    .scheme = "memcached",
    .traits = STORE_TELLS_AGE | STORE_SHARES_LIVENESS | STORE_EPOCHS_LAST |
              STORE_GROUP_IS_ONE_VALUE,
    .connect = mc_connect,
    .disconnect = mc_disconnect,
    .wipe = mc_wipe,
    .populate = mc_populate,
    .evict = mc_evict,
    .write_damaged = mc_write_damaged,
    .write_python = mc_write_python,
    .digest = mc_digest,
    .read_only = mc_nothing,
    .out_of_memory = mc_unsupported,
    .healthy = mc_nothing,
};
