/* SPDX-License-Identifier: Apache-2.0
 * zk.c - the fake ZooKeeper as a service: connections, frames, the verbs.
 */
#include "zk.h"

#include <errno.h>
#include <stdlib.h>

/* jute.maxbuffer: the server's default is one byte less than a mebibyte. */
enum { LONGEST_FRAME = 0xfffff };

/* ---- frames ----------------------------------------------------------- */

void fake_zk_hang_up(struct fake_zk_conn *c)
{
    c->is_over = true;
    fake_conn_close(c->conn);
}

void fake_zk_send(struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    fake_zk_write_int_at(w, 0, (int32_t)(w->length - 4));
    /* An answer or an event that is missing would be a lie; a connection that
     * ends is not. */
    if (w->has_failed)
        fake_zk_hang_up(c);
    else
        fake_conn_write(c->conn, w->bytes, w->length);
    c->zk->n_sent++;
    fake_zk_writer_clear(w);
}

static size_t zk_data(struct fake *f, void *client, const uint8_t *bytes,
                      size_t length)
{
    struct fake_zk_conn *c = client;
    size_t used = 0;

    (void)f;
    while (!c->is_over && length - used >= 4) {
        struct fake_zk_reader r = fake_zk_reader(bytes + used, 4);
        int32_t n = fake_zk_read_int(&r);
        if (c->session == NULL && fake_zk_four_letters(c, bytes + used))
            break;
        if (n < 0 || n > LONGEST_FRAME) {
            fake_zk_hang_up(c);
            break;
        }
        if (length - used - 4 < (size_t)n)
            break;
        c->zk->n_received++;
        if (c->session == NULL) {
            fake_zk_greet(c, bytes + used + 4, (size_t)n);
        } else {
            /* A request held by the dark is a sign of life when it comes,
             * though its sender may have gone since. */
            fake_zk_session_heard(c);
            fake_zk_request(c, bytes + used + 4, (size_t)n);
        }
        used += 4 + (size_t)n;
    }
    return c->is_over ? length : used;
}

/* ---- connections ------------------------------------------------------ */

static void gives_up(void *arg)
{
    struct fake_zk_conn *c = arg;

    fake_conn_abandon(c->conn);
}

static void *zk_open(struct fake *f, struct fake_conn *conn)
{
    struct fake_zk *zk = fake_state(f);
    struct fake_zk_conn *c = calloc(1, sizeof *c), **end = &zk->conns;

    if (c == NULL)
        return NULL;
    c->zk = zk;
    c->conn = conn;
    c->gives_up.fire = gives_up;
    c->gives_up.arg = c;
    while (*end != NULL) {
        c->prev = *end;
        end = &(*end)->next;
    }
    *end = c;
    return c;
}

static void zk_close(struct fake *f, void *client)
{
    struct fake_zk *zk = fake_state(f);
    struct fake_zk_conn *c = client;

    fake_timer_stop(zk->hub, &c->gives_up);
    fake_zk_watch_drop_all(c);
    fake_zk_session_left(c);
    fake_zk_auth_clear(&c->auths);
    if (c->prev == NULL)
        zk->conns = c->next;
    else
        c->prev->next = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    free(c);
}

static void zk_link_changed(struct fake *f, struct fake_link *link,
                            bool is_dark)
{
    struct fake_zk *zk = fake_state(f);

    (void)is_dark; /* each connection asks which way it is dark */
    for (struct fake_zk_conn *c = zk->conns; c != NULL; c = c->next)
        if (fake_conn_link(c->conn) == link)
            fake_zk_session_weigh(c);
}

static void zk_time_changed(struct fake *f)
{
    struct fake_zk *zk = fake_state(f);

    for (struct fake_zk_conn *c = zk->conns; c != NULL; c = c->next)
        fake_zk_session_weigh(c);
}

/* ---- verbs ------------------------------------------------------------ */

/* As an operator's "deleteall" of each: watchers are told. */
static void zk_wipe(struct fake *f)
{
    struct fake_zk *zk = fake_state(f);
    struct fake_zk_node *root = zk->tree.root;
    int64_t zxid = ++zk->zxid;

    for (size_t i = root->n_kids; i-- > 0;)
        if (!fake_zk_path_is_special(fake_zk_text(root->kids[i]->path)))
            fake_zk_remove_all(zk, root->kids[i], zxid);
}

static void zk_restarted(struct fake *f, bool kept_data)
{
    struct fake_zk *zk = fake_state(f);
    struct fake_zk_tree tree;

    if (kept_data) {
        fake_zk_sessions_renew(zk);
        fake_zk_containers_renew(zk);
        return;
    }
    fake_timer_stop(zk->hub, &zk->container_check);
    fake_zk_sessions_clear(zk);
    zk->zxid = 0;
    /* Without memory for a new one the wiped tree must do. */
    if (fake_zk_tree_init(&tree) != 0)
        return;
    fake_zk_tree_clear(&zk->tree);
    zk->tree = tree;
}

static int zk_evict(struct fake *f, const char *key)
{
    struct fake_zk *zk = fake_state(f);
    struct fake_zk_node *node = fake_zk_tree_find(&zk->tree, fake_zk_text(key));

    if (node == NULL)
        return -ENOENT;
    if (node->parent == NULL || fake_zk_path_is_special(fake_zk_text(key)))
        return -EINVAL;
    fake_zk_remove_all(zk, node, ++zk->zxid);
    return 0;
}

static void zk_free(struct fake *f)
{
    struct fake_zk *zk = fake_state(f);

    fake_zk_watches_clear(zk);
    fake_zk_sessions_clear(zk);
    fake_timer_stop(zk->hub, &zk->sessions.timer);
    fake_timer_stop(zk->hub, &zk->container_check);
    fake_zk_tree_clear(&zk->tree);
    free(zk);
}

static const struct fake_service service = {
    .name = "zookeeper",
    .open = zk_open,
    .data = zk_data,
    .close = zk_close,
    .link_changed = zk_link_changed,
    .time_changed = zk_time_changed,
    .wipe = zk_wipe,
    .restarted = zk_restarted,
    .evict = zk_evict,
    .expire_sessions = fake_zk_expire_sessions,
    .dump = fake_zk_dump,
    .free = zk_free,
    .parks_when_down = true,
    .clients_return = true,
};

int fake_zookeeper_new(struct fake_hub *hub, int64_t tick_ms,
                       struct fake **ret_fake)
{
    struct fake_zk *zk = calloc(1, sizeof *zk);
    int error = -ENOMEM;

    if (zk == NULL)
        return -ENOMEM;
    zk->hub = hub;
    zk->tick_ms = tick_ms;
    if (tick_ms < 1 || tick_ms > INT32_MAX / 20)
        error = -EINVAL;
    else
        error = fake_zk_tree_init(&zk->tree);
    fake_zk_sessions_init(zk);
    fake_zk_containers_init(zk);
    if (error == 0)
        error = fake_new(hub, &service, zk, &zk->fake);
    if (error != 0) {
        fake_zk_tree_clear(&zk->tree);
        free(zk);
        return error;
    }
    *ret_fake = zk->fake;
    return 0;
}
