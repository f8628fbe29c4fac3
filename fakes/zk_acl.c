/* SPDX-License-Identifier: Apache-2.0
 * zk_acl.c - access lists: read from requests, completed as the server does,
 * and asked. Schemes: world, digest, auth, ip.
 */
#include "zk_acl.h"
#include "zk.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* More rows than this in one list are refused: the server has no such limit
 * but that of the frame, and compares each with each. */
enum { MOST_ACES = 1024 };

/* ---- shared lists ----------------------------------------------------- */

struct fake_zk_acl *fake_zk_acl_new_world(int32_t perms)
{
    struct fake_zk_acl *acl = malloc(sizeof *acl + sizeof acl->aces[0]);

    if (acl == NULL)
        return NULL;
    acl->refs = 1;
    acl->count = 1;
    acl->aces[0].perms = perms;
    acl->aces[0].scheme = fake_zk_text("world");
    acl->aces[0].id = fake_zk_text("anyone");
    return acl;
}

struct fake_zk_acl *fake_zk_acl_ref(struct fake_zk_acl *acl)
{
    acl->refs++;
    return acl;
}

void fake_zk_acl_unref(struct fake_zk_acl *acl)
{
    if (acl != NULL && --acl->refs == 0)
        free(acl);
}

/* ---- identities ------------------------------------------------------- */

/* DigestAuthenticationProvider.generateDigest: what stands before the first
 * colon, and the hash of the whole. */
static struct fake_zk_auth *digest(struct fake_zk_text secret)
{
    size_t length = (size_t)secret.length, user = 0;

    while (user < length && secret.at[user] != ':')
        user++;
    size_t whole = user + 1 + FAKE_ZK_DIGEST;
    struct fake_zk_auth *auth = calloc(1, sizeof *auth + whole);
    if (auth == NULL)
        return NULL;
    if (user > 0)
        memcpy(auth->id, secret.at, user);
    auth->id[user] = ':';
    fake_zk_digest(secret, auth->id + user + 1);
    auth->length = (int32_t)whole;
    return auth;
}

static struct fake_zk_text id_of(const struct fake_zk_auth *auth)
{
    struct fake_zk_text id = {auth->id, auth->length};
    return id;
}

int fake_zk_auth_add(struct fake_zk_auth **auths, struct fake_zk_text scheme,
                     struct fake_zk_text secret)
{
    /* Everybody has proved the address already. */
    if (fake_zk_text_is(scheme, "ip"))
        return FAKE_ZK_OK;
    if (!fake_zk_text_is(scheme, "digest") || secret.length < 0)
        return FAKE_ZK_AUTH_FAILED;
    struct fake_zk_auth *auth = digest(secret);
    if (auth == NULL)
        return FAKE_ZK_NO_MEMORY;
    for (; *auths != NULL; auths = &(*auths)->next) {
        if (fake_zk_text_equal(id_of(*auths), id_of(auth))) {
            free(auth);
            return FAKE_ZK_OK;
        }
    }
    *auths = auth;
    return FAKE_ZK_OK;
}

void fake_zk_auth_clear(struct fake_zk_auth **auths)
{
    while (*auths != NULL) {
        struct fake_zk_auth *auth = *auths;
        *auths = auth->next;
        free(auth);
    }
}

/* ---- lists in requests ------------------------------------------------ */

static struct fake_zk_ace read_ace(struct fake_zk_reader *r)
{
    struct fake_zk_ace ace;

    ace.perms = fake_zk_read_int(r);
    ace.scheme = fake_zk_read_text(r);
    ace.id = fake_zk_read_text(r);
    return ace;
}

struct fake_zk_reader fake_zk_acl_skip(struct fake_zk_reader *r)
{
    struct fake_zk_reader raw = *r;
    int32_t count = fake_zk_read_int(r);

    if (count > MOST_ACES)
        r->is_bad = true;
    for (int32_t i = 0; i < count && !r->is_bad; i++)
        (void)read_ace(r);
    raw.left -= r->left;
    return raw;
}

/* Java's id.split(":").length == 2: empty parts at the end do not count. */
static bool is_digest_id(struct fake_zk_text id)
{
    unsigned colons = 0;

    while (id.length > 0 && id.at[id.length - 1] == ':')
        id.length--;
    for (int32_t i = 0; i < id.length; i++)
        colons += id.at[i] == ':';
    return colons == 1;
}

/* "address" or "address/bits". */
static bool parse_ip(struct fake_zk_text id, uint32_t *ret_ip, int *ret_bits)
{
    char text[64], *slash, *end;
    struct in6_addr six;
    struct in_addr four;

    if (id.length <= 0 || id.length >= (int32_t)sizeof text)
        return false;
    memcpy(text, id.at, (size_t)id.length);
    text[id.length] = '\0';
    slash = strchr(text, '/');
    if (slash != NULL)
        *slash = '\0';
    bool is_four = inet_pton(AF_INET, text, &four) == 1;
    if (!is_four && inet_pton(AF_INET6, text, &six) != 1)
        return false;
    long most = is_four ? 32 : 128;
    long bits = slash == NULL ? most : strtol(slash + 1, &end, 10);
    if (slash != NULL && (end == slash + 1 || *end != '\0'))
        return false;
    *ret_ip = is_four ? ntohl(four.s_addr) : 0;
    *ret_bits = is_four ? (int)bits : -1;
    return bits >= 0 && bits <= most;
}

/* Every client of a fake comes from 127.0.0.1. */
static bool is_loopback(struct fake_zk_text id)
{
    uint32_t ip;
    int bits;

    if (!parse_ip(id, &ip, &bits) || bits < 0)
        return false;
    return bits == 0 || (ip ^ INADDR_LOOPBACK) >> (32 - bits) == 0;
}

static int check_ace(const struct fake_zk_ace *ace)
{
    uint32_t ip;
    int bits;
    bool is_digest = fake_zk_text_is(ace->scheme, "digest");

    if (fake_zk_text_is(ace->scheme, "world"))
        return fake_zk_text_is(ace->id, "anyone") ? FAKE_ZK_OK
               : ace->id.at == NULL               ? FAKE_ZK_MARSHALLING
                                                  : FAKE_ZK_INVALID_ACL;
    if (!is_digest && !fake_zk_text_is(ace->scheme, "ip"))
        return FAKE_ZK_INVALID_ACL;
    if (ace->id.at == NULL)
        return FAKE_ZK_MARSHALLING;
    if (is_digest ? is_digest_id(ace->id) : parse_ip(ace->id, &ip, &bits))
        return FAKE_ZK_OK;
    return FAKE_ZK_INVALID_ACL;
}

static void add_ace(struct fake_zk_acl *acl, const struct fake_zk_ace *ace)
{
    for (int32_t i = 0; i < acl->count; i++) {
        const struct fake_zk_ace *other = &acl->aces[i];
        if (other->perms == ace->perms &&
            fake_zk_text_equal(other->scheme, ace->scheme) &&
            fake_zk_text_equal(other->id, ace->id))
            return;
    }
    acl->aces[acl->count++] = *ace;
}

/* The rows of `raw`, "auth" replaced by all that the connection has proved.
 * Their texts are still the request's. */
static int collect(struct fake_zk_reader raw, const struct fake_zk_auth *auths,
                   struct fake_zk_acl *acl)
{
    int32_t count = fake_zk_read_int(&raw);

    if (count <= 0)
        return FAKE_ZK_INVALID_ACL;
    while (count-- > 0) {
        struct fake_zk_ace ace = read_ace(&raw);
        if (!fake_zk_text_is(ace.scheme, "auth")) {
            int error = check_ace(&ace);
            if (error != 0)
                return error;
            add_ace(acl, &ace);
            continue;
        }
        if (auths == NULL)
            return FAKE_ZK_INVALID_ACL;
        ace.scheme = fake_zk_text("digest");
        for (const struct fake_zk_auth *a = auths; a != NULL; a = a->next) {
            ace.id = id_of(a);
            add_ace(acl, &ace);
        }
    }
    return FAKE_ZK_OK;
}

static struct fake_zk_text keep(char **at, struct fake_zk_text text)
{
    struct fake_zk_text kept = {*at, text.length};

    memcpy(*at, text.at, (size_t)text.length);
    *at += text.length;
    return kept;
}

static struct fake_zk_acl *copy_of(const struct fake_zk_acl *acl)
{
    size_t rows = (size_t)acl->count * sizeof acl->aces[0], texts = 0;

    for (int32_t i = 0; i < acl->count; i++)
        texts +=
            (size_t)acl->aces[i].scheme.length + (size_t)acl->aces[i].id.length;
    struct fake_zk_acl *copy = malloc(sizeof *copy + rows + texts);
    if (copy == NULL)
        return NULL;
    char *at = (char *)copy + sizeof *copy + rows;
    copy->refs = 1;
    copy->count = acl->count;
    for (int32_t i = 0; i < acl->count; i++) {
        copy->aces[i].perms = acl->aces[i].perms;
        copy->aces[i].scheme = keep(&at, acl->aces[i].scheme);
        copy->aces[i].id = keep(&at, acl->aces[i].id);
    }
    return copy;
}

int fake_zk_acl_fix(struct fake_zk_reader raw, const struct fake_zk_auth *auths,
                    struct fake_zk_acl **ret_acl)
{
    struct fake_zk_reader peek = raw;
    int32_t count = fake_zk_read_int(&peek);
    size_t each = 1, rows = count > 0 ? (size_t)count : 0;

    for (const struct fake_zk_auth *a = auths; a != NULL; a = a->next)
        each++;
    struct fake_zk_acl *acl =
        calloc(1, sizeof *acl + rows * each * sizeof acl->aces[0]);
    if (acl == NULL)
        return FAKE_ZK_NO_MEMORY;
    int error = collect(raw, auths, acl);
    if (error == 0) {
        *ret_acl = copy_of(acl);
        error = *ret_acl != NULL ? FAKE_ZK_OK : FAKE_ZK_NO_MEMORY;
    }
    free(acl);
    return error;
}

/* ---- asking ----------------------------------------------------------- */

static bool is_one_of(struct fake_zk_text id, const struct fake_zk_auth *auths)
{
    for (; auths != NULL; auths = auths->next)
        if (fake_zk_text_equal(id, id_of(auths)))
            return true;
    return false;
}

bool fake_zk_acl_allows(const struct fake_zk_acl *acl, int32_t perms,
                        const struct fake_zk_auth *auths)
{
    for (int32_t i = 0; i < acl->count; i++) {
        const struct fake_zk_ace *ace = &acl->aces[i];
        if ((ace->perms & perms) == 0)
            continue;
        if (fake_zk_text_is(ace->scheme, "world"))
            return true;
        if (fake_zk_text_is(ace->scheme, "ip") && is_loopback(ace->id))
            return true;
        if (fake_zk_text_is(ace->scheme, "digest") && is_one_of(ace->id, auths))
            return true;
    }
    return false;
}

void fake_zk_write_acl(struct fake_zk_writer *w, const struct fake_zk_acl *acl,
                       bool is_hidden)
{
    fake_zk_write_int(w, acl->count);
    for (int32_t i = 0; i < acl->count; i++) {
        struct fake_zk_text id = acl->aces[i].id;
        const char *colon = memchr(id.at, ':', (size_t)id.length);
        fake_zk_write_int(w, acl->aces[i].perms);
        fake_zk_write_text(w, acl->aces[i].scheme);
        if (is_hidden && colon != NULL &&
            fake_zk_text_is(acl->aces[i].scheme, "digest")) {
            int32_t user = (int32_t)(colon - id.at);
            fake_zk_write_int(w, user + 2);
            fake_zk_write_raw(w, id.at, (size_t)user);
            fake_zk_write_raw(w, ":x", 2);
        } else {
            fake_zk_write_text(w, id);
        }
    }
}
