/* SPDX-License-Identifier: Apache-2.0
 * zk_acl.h - who may do what with a node, and who a connection has proved to
 * be.
 */
#ifndef FAKE_ZK_ACL_H
#define FAKE_ZK_ACL_H

#include "zk_wire.h"

enum {
    FAKE_ZK_READ = 1,
    FAKE_ZK_WRITE = 2,
    FAKE_ZK_CREATE = 4,
    FAKE_ZK_DELETE = 8,
    FAKE_ZK_ADMIN = 16,
    FAKE_ZK_ALL = 31,
};

struct fake_zk_ace {
    int32_t perms;
    struct fake_zk_text scheme, id;
};

/* Never changed once made, so nodes share it. Texts stand behind the rows. */
struct fake_zk_acl {
    unsigned refs;
    int32_t count;
    struct fake_zk_ace aces[];
};

struct fake_zk_acl *fake_zk_acl_new_world(int32_t perms);
struct fake_zk_acl *fake_zk_acl_ref(struct fake_zk_acl *acl);
void fake_zk_acl_unref(struct fake_zk_acl *acl); /* NULL is allowed         */

/* The digest identities of a connection ("user:base64(sha1(user:pw))"), in
 * the order of their proof. */
struct fake_zk_auth {
    struct fake_zk_auth *next;
    int32_t length;
    char id[];
};

/* base64(sha1(secret)), without an end mark. (zk_digest.c) */
enum { FAKE_ZK_DIGEST = 28 };
void fake_zk_digest(struct fake_zk_text secret,
                    char ret_digest[FAKE_ZK_DIGEST]);

/* Answers a code of zk.h: 0, FAKE_ZK_AUTH_FAILED or FAKE_ZK_NO_MEMORY. */
int fake_zk_auth_add(struct fake_zk_auth **auths, struct fake_zk_text scheme,
                     struct fake_zk_text secret);
void fake_zk_auth_clear(struct fake_zk_auth **auths);

/* An access list in a request: `reader` is moved behind it and is bad if it
 * does not hold. */
struct fake_zk_reader fake_zk_acl_skip(struct fake_zk_reader *reader);
/* What the server makes of it (fixupACL): 0, FAKE_ZK_INVALID_ACL,
 * FAKE_ZK_MARSHALLING or FAKE_ZK_NO_MEMORY. */
int fake_zk_acl_fix(struct fake_zk_reader raw, const struct fake_zk_auth *auths,
                    struct fake_zk_acl **ret_acl);

/* Is one of `perms` given to these identities? */
bool fake_zk_acl_allows(const struct fake_zk_acl *acl, int32_t perms,
                        const struct fake_zk_auth *auths);
/* `is_hidden`: digests are shown as "user:x", to who may not administrate. */
void fake_zk_write_acl(struct fake_zk_writer *w, const struct fake_zk_acl *acl,
                       bool is_hidden);

#endif
