/* SPDX-License-Identifier: Apache-2.0
 * zk_raw.c - a ZooKeeper client made of bytes, for tests.
 */
#include "zk_raw.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

struct raw_reply raw_last;

static void keep_line(void *arg, const char *line)
{
    struct raw_hub *h = arg;
    size_t used = strlen(h->trace);

    snprintf(h->trace + used, sizeof h->trace - used, "%s;", line);
}

void raw_hub_open(struct raw_hub *h, int64_t start_ms)
{
    struct fake_hub_options options = {.virtual_clock = true,
                                       .start_ms = start_ms,
                                       .wall_start_ms = 1700000000000};

    memset(h, 0, sizeof *h);
    unit_int(fake_hub_new(&options, &h->hub), 0);
    fake_set_trace(h->hub, keep_line, h);
    unit_int(fake_zookeeper_new(h->hub, 2000, &h->zk), 0);
    h->link = raw_link(h, "a");
}

struct fake_link *raw_link(struct raw_hub *h, const char *label)
{
    struct fake_link *link = NULL;

    unit_int(fake_listen(h->zk, label, &link), 0);
    return link;
}

void raw_hub_close(struct raw_hub *h)
{
    raw_reply_clear(&raw_last);
    fake_hub_free(h->hub);
}

/* ---- bytes ------------------------------------------------------------ */

void raw_settle(struct raw_hub *h)
{
    /* Loopback may take a moment between two sockets of one thread: idle is
     * idle twenty times. */
    for (int idle = 0; idle < 20; idle++)
        while (fake_poll(h->hub, 0))
            idle = 0;
}

void raw_dial(struct raw *c, struct raw_hub *h, struct fake_link *link)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;

    memset(c, 0, sizeof *c);
    c->h = h;
    to.sin_port = htons((uint16_t)fake_link_port(link));
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unit_true(c->fd >= 0);
    /* Nagle would hold small pieces back, for real time. */
    unit_int(setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    unit_int(connect(c->fd, (struct sockaddr *)&to, sizeof to), 0);
    unit_true(fcntl(c->fd, F_SETFL, O_NONBLOCK) == 0);
}

void raw_hang_up(struct raw *c)
{
    if (c->fd > 0)
        close(c->fd);
    c->fd = 0;
    fake_zk_writer_clear(&c->in);
    fake_zk_writer_clear(&c->out);
    raw_settle(c->h);
}

void raw_send(struct raw *c, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;

    while (length > 0) {
        ssize_t n = send(c->fd, at, length, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return;
        if (n > 0) {
            at += n;
            length -= (size_t)n;
        }
        raw_settle(c->h);
    }
}

/* False: the end. */
static bool receive(struct raw *c)
{
    uint8_t bytes[65536];
    ssize_t n;

    while ((n = recv(c->fd, bytes, sizeof bytes, 0)) > 0)
        fake_zk_write_raw(&c->in, bytes, (size_t)n);
    return n < 0 && errno == EAGAIN;
}

bool raw_is_closed(struct raw *c)
{
    raw_settle(c->h);
    return !receive(c);
}

static bool take_frame(struct raw *c, struct fake_zk_writer *ret_frame)
{
    for (int i = 0; i < 2; i++) {
        struct fake_zk_reader r = fake_zk_reader(c->in.bytes, c->in.length);
        size_t n = (size_t)fake_zk_read_int(&r);
        if (!r.is_bad && r.left >= n) {
            memset(ret_frame, 0, sizeof *ret_frame);
            fake_zk_write_raw(ret_frame, r.at, n);
            c->in.length -= 4 + n;
            memmove(c->in.bytes, c->in.bytes + 4 + n, c->in.length);
            return true;
        }
        raw_settle(c->h);
        receive(c);
    }
    return false;
}

/* ---- the greeting ----------------------------------------------------- */

void raw_greet(struct raw *c, int32_t timeout_ms, const struct raw *of,
               int64_t last_zxid)
{
    static const uint8_t none[16];
    struct fake_zk_writer w = {0};

    fake_zk_write_int(&w, 45);
    fake_zk_write_int(&w, 0);
    fake_zk_write_long(&w, last_zxid);
    fake_zk_write_int(&w, timeout_ms);
    fake_zk_write_long(&w, of == NULL ? 0 : of->session);
    fake_zk_write_int(&w, 16);
    fake_zk_write_raw(&w, of == NULL ? none : of->password, 16);
    fake_zk_write_bool(&w, false);
    raw_send(c, w.bytes, w.length);
    fake_zk_writer_clear(&w);
}

bool raw_take_welcome(struct raw *c)
{
    struct fake_zk_writer frame;
    struct fake_zk_reader r;

    if (!take_frame(c, &frame))
        return false;
    r = fake_zk_reader(frame.bytes, frame.length);
    fake_zk_read_int(&r);
    c->timeout_ms = fake_zk_read_int(&r);
    c->session = fake_zk_read_long(&r);
    unit_int(fake_zk_read_int(&r), 16);
    unit_true(r.left >= 16);
    memcpy(c->password, r.at, 16);
    fake_zk_writer_clear(&frame);
    return true;
}

void raw_open(struct raw *c, struct raw_hub *h, struct fake_link *link,
              int32_t timeout_ms)
{
    raw_dial(c, h, link);
    raw_greet(c, timeout_ms, NULL, 0);
    unit_true(raw_take_welcome(c));
    unit_true(c->session != 0);
}

bool raw_reopen(struct raw *c, struct raw_hub *h, struct fake_link *link,
                const struct raw *of)
{
    raw_dial(c, h, link);
    raw_greet(c, of->timeout_ms, of, 0);
    unit_true(raw_take_welcome(c));
    return c->session == of->session;
}

/* ---- requests --------------------------------------------------------- */

struct fake_zk_writer *raw_op_xid(struct raw *c, int32_t op, int32_t xid)
{
    c->out.length = 0;
    fake_zk_write_int(&c->out, 0);
    fake_zk_write_int(&c->out, xid);
    fake_zk_write_int(&c->out, op);
    return &c->out;
}

struct fake_zk_writer *raw_op(struct raw *c, int32_t op)
{
    return raw_op_xid(c, op, ++c->xid);
}

void raw_go(struct raw *c)
{
    fake_zk_write_int_at(&c->out, 0, (int32_t)(c->out.length - 4));
    raw_send(c, c->out.bytes, c->out.length);
}

static void keep_event(struct raw_reply *reply, struct fake_zk_reader *r)
{
    static const char *const names[] = {"?", "created", "deleted", "changed",
                                        "children"};
    size_t used = strlen(reply->events);
    int32_t type = fake_zk_read_int(r);

    unit_int(fake_zk_read_int(r), 3);
    struct fake_zk_text path = fake_zk_read_text(r);
    unit_true(type >= 1 && type <= 4 && !r->is_bad);
    snprintf(reply->events + used, sizeof reply->events - used, "%s %.*s;",
             names[type], path.length, path.at);
}

bool raw_take(struct raw *c, struct raw_reply *ret_reply)
{
    raw_reply_clear(ret_reply);
    while (take_frame(c, &ret_reply->frame)) {
        struct fake_zk_reader r =
            fake_zk_reader(ret_reply->frame.bytes, ret_reply->frame.length);
        ret_reply->xid = fake_zk_read_int(&r);
        ret_reply->zxid = fake_zk_read_long(&r);
        ret_reply->error = fake_zk_read_int(&r);
        ret_reply->body = r;
        if (ret_reply->xid != -1)
            return true;
        keep_event(ret_reply, &ret_reply->body);
        fake_zk_writer_clear(&ret_reply->frame);
    }
    return false;
}

void raw_reply_clear(struct raw_reply *reply)
{
    fake_zk_writer_clear(&reply->frame);
    memset(reply, 0, sizeof *reply);
}

int raw_ask(struct raw *c)
{
    raw_go(c);
    unit_true(raw_take(c, &raw_last));
    return raw_last.error;
}

/* ---- the common ones -------------------------------------------------- */

void raw_put_text(struct fake_zk_writer *w, const char *text)
{
    struct fake_zk_text none = {NULL, -1};

    fake_zk_write_text(w, text == NULL ? none : fake_zk_text(text));
}

void raw_put_open_acl(struct fake_zk_writer *w)
{
    fake_zk_write_int(w, 1);
    fake_zk_write_int(w, 31);
    raw_put_text(w, "world");
    raw_put_text(w, "anyone");
}

void raw_put_create(struct fake_zk_writer *w, const char *path,
                    const char *data, int flags)
{
    raw_put_text(w, path);
    raw_put_text(w, data);
    raw_put_open_acl(w);
    fake_zk_write_int(w, flags);
}

int raw_create(struct raw *c, const char *path, int flags)
{
    raw_put_create(raw_op(c, 1), path, "x", flags);
    return raw_ask(c);
}

int raw_set(struct raw *c, const char *path, const char *data, int version)
{
    struct fake_zk_writer *w = raw_op(c, 5);

    raw_put_text(w, path);
    raw_put_text(w, data);
    fake_zk_write_int(w, version);
    return raw_ask(c);
}

int raw_delete(struct raw *c, const char *path, int version)
{
    struct fake_zk_writer *w = raw_op(c, 2);

    raw_put_text(w, path);
    fake_zk_write_int(w, version);
    return raw_ask(c);
}

static int ask_watched(struct raw *c, int32_t op, const char *path, bool watch)
{
    struct fake_zk_writer *w = raw_op(c, op);

    raw_put_text(w, path);
    fake_zk_write_bool(w, watch);
    return raw_ask(c);
}

int raw_exists(struct raw *c, const char *path, bool watch)
{
    return ask_watched(c, 3, path, watch);
}

int raw_get(struct raw *c, const char *path, bool watch)
{
    return ask_watched(c, 4, path, watch);
}

int raw_children(struct raw *c, const char *path, bool watch)
{
    return ask_watched(c, 8, path, watch);
}
