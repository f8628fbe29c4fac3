/* SPDX-License-Identifier: Apache-2.0
 * zk_raw.h - a ZooKeeper client made of bytes, for tests: same thread as the
 * hub, which is polled while an answer is awaited.
 */
#ifndef ZK_RAW_H
#define ZK_RAW_H

#include "fake.h"
#include "zk_wire.h"

struct raw_hub {
    struct fake_hub *hub;
    struct fake *zk;
    struct fake_link *link; /* the first link, label "a"                    */
    char trace[8192];
};

/* A virtual hub, tick 2000, its clock at `start_ms`. */
void raw_hub_open(struct raw_hub *h, int64_t start_ms);
void raw_hub_close(struct raw_hub *h);
struct fake_link *raw_link(struct raw_hub *h, const char *label);

struct raw {
    struct raw_hub *h;
    int fd;
    int32_t xid;
    int64_t session;
    int32_t timeout_ms;
    uint8_t password[16];
    struct fake_zk_writer in; /* what came and was not taken yet            */
    struct fake_zk_writer out;
};

/* Connected, nothing said. */
void raw_dial(struct raw *c, struct raw_hub *h, struct fake_link *link);
/* The greeting: a new session, or the one `of` has (NULL: none). */
void raw_greet(struct raw *c, int32_t timeout_ms, const struct raw *of,
               int64_t last_zxid);
/* Dial, greet and take the welcome. */
void raw_open(struct raw *c, struct raw_hub *h, struct fake_link *link,
              int32_t timeout_ms);
/* The same session by a new connection; true: it was taken in. */
bool raw_reopen(struct raw *c, struct raw_hub *h, struct fake_link *link,
                const struct raw *of);
bool raw_take_welcome(struct raw *c);
void raw_hang_up(struct raw *c);

void raw_send(struct raw *c, const void *bytes, size_t length);
/* What can be served without waiting is served. */
void raw_settle(struct raw_hub *h);
/* True when the server has closed the connection and all was read. */
bool raw_is_closed(struct raw *c);

struct raw_reply {
    int32_t xid, error;
    int64_t zxid;
    struct fake_zk_reader body; /* good until the next request              */
    struct fake_zk_writer frame;
    char events[512]; /* came before: "created /a;children /;"              */
};

/* A request begins with raw_op(), its body is written into c->out, and
 * raw_ask() sends it and waits for its answer. */
struct fake_zk_writer *raw_op(struct raw *c, int32_t op);
struct fake_zk_writer *raw_op_xid(struct raw *c, int32_t op, int32_t xid);
void raw_go(struct raw *c);
/* False: nothing came, or the connection was closed. */
bool raw_take(struct raw *c, struct raw_reply *ret_reply);
void raw_reply_clear(struct raw_reply *reply);

/* Answer: the error. Paths and data are C strings. */
int raw_create(struct raw *c, const char *path, int flags);
int raw_set(struct raw *c, const char *path, const char *data, int version);
int raw_delete(struct raw *c, const char *path, int version);
int raw_exists(struct raw *c, const char *path, bool watch);
int raw_get(struct raw *c, const char *path, bool watch);
int raw_children(struct raw *c, const char *path, bool watch);
int raw_ask(struct raw *c);
/* As the last of these, with what came before the answer. */
extern struct raw_reply raw_last;

void raw_put_text(struct fake_zk_writer *w, const char *text);
void raw_put_open_acl(struct fake_zk_writer *w);
void raw_put_create(struct fake_zk_writer *w, const char *path,
                    const char *data, int flags);

#endif
