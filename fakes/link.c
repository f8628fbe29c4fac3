/* SPDX-License-Identifier: Apache-2.0
 * link.c - a listening port of one server, and what the harness does to all
 * connections through it.
 */
#include "hub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

/* ---- birth and death -------------------------------------------------- */

void fake_link_unref(struct fake_link *link)
{
    if (--link->refs > 0)
        return;
    fake_fault_clear(link);
    fake_count_clear(&link->counts);
    free(link);
}

static void listener_closed(uv_handle_t *handle)
{
    fake_link_unref(handle->data);
}

static void has_connection(uv_stream_t *listener, int status)
{
    struct fake_link *link = listener->data;
    struct fake_hub *hub = link->fake->hub;

    hub->has_served = true;
    if (status != 0)
        return;
    fake_hub_enter(hub);
    fake_conn_accept(link);
    fake_hub_leave(hub);
}

static int start_listening(struct fake_link *link, int port)
{
    struct sockaddr_in name;
    int size = sizeof name;
    int err = uv_ip4_addr("127.0.0.1", port, &name);

    if (err == 0)
        err = uv_tcp_bind(&link->listener, (struct sockaddr *)&name, 0);
    if (err == 0)
        err = uv_listen((uv_stream_t *)&link->listener, 1024, has_connection);
    if (err == 0)
        err = uv_tcp_getsockname(&link->listener, (struct sockaddr *)&name,
                                 &size);
    if (err == 0)
        link->port = ntohs(name.sin_port);
    return err;
}

int fake_listen(struct fake *f, const char *label, struct fake_link **ret_link)
{
    return fake_listen_at(f, label, 0, ret_link);
}

int fake_listen_at(struct fake *f, const char *label, int port,
                   struct fake_link **ret_link)
{
    size_t length = label == NULL ? 0 : strlen(label);
    struct fake_link *link, **end = &f->links;

    if (port < 0 || port > 65535)
        return -EINVAL;
    link = calloc(1, sizeof *link + length + 1);
    if (link == NULL)
        return -ENOMEM;
    if (length > 0)
        memcpy(link->label, label, length);
    link->fake = f;
    link->refs = 1;
    uv_tcp_init(&f->hub->loop, &link->listener); /* only sets fields */
    link->listener.data = link;
    int err = start_listening(link, port);
    if (err != 0) {
        uv_close((uv_handle_t *)&link->listener, listener_closed);
        return err;
    }
    while (*end != NULL)
        end = &(*end)->next;
    *end = link;
    *ret_link = link;
    return 0;
}

void fake_link_close(struct fake_link *link)
{
    if (link == NULL || link->is_closed)
        return;
    struct fake_hub *hub = link->fake->hub;
    struct fake_link **at = &link->fake->links;

    fake_hub_enter(hub);
    while (*at != NULL && *at != link)
        at = &(*at)->next;
    if (*at == link)
        *at = link->next;
    link->is_closed = true;
    fake_link_reset(link);
    uv_close((uv_handle_t *)&link->listener, listener_closed);
    fake_hub_leave(hub);
}

int fake_link_port(const struct fake_link *link)
{
    return link->port;
}

const char *fake_link_label(const struct fake_link *link)
{
    return link->label;
}

/* ---- darkness --------------------------------------------------------- */

bool fake_link_is_dark(const struct fake_link *link, enum fake_direction which)
{
    return (link->dark & (unsigned)which) != 0;
}

static void tell_darkness(struct fake_link *link)
{
    struct fake *f = link->fake;

    if (f->service->link_changed != NULL)
        f->service->link_changed(f, link, link->dark != 0);
}

void fake_link_dark(struct fake_link *link, enum fake_direction which)
{
    unsigned dark = link->dark | ((unsigned)which & FAKE_BOTH);

    if (dark == link->dark)
        return;
    fake_hub_enter(link->fake->hub);
    link->dark = dark;
    tell_darkness(link);
    fake_hub_leave(link->fake->hub);
}

/* First what was held, late requests and ends included, then the news: so
 * that a service which takes light for a sign of life does not take it from
 * a client that has gone. */
static void give_on(struct fake_link *link)
{
    for (struct fake_conn *c = link->conns; c != NULL; c = c->next) {
        fake_request_go_on(c);
        fake_reply_go_on(c);
    }
}

void fake_link_light(struct fake_link *link)
{
    if (link->dark == 0)
        return;
    fake_hub_enter(link->fake->hub);
    link->dark = 0;
    give_on(link);
    fake_hub_leave(link->fake->hub);
    fake_hub_enter(link->fake->hub);
    tell_darkness(link);
    fake_hub_leave(link->fake->hub);
}

void fake_link_heal(struct fake_link *link)
{
    fake_hub_enter(link->fake->hub);
    fake_fault_clear(link);
    for (struct fake_conn *c = link->conns; c != NULL; c = c->next) {
        fake_reply_heal(c);
        fake_reply_go_on(c);
    }
    fake_link_light(link);
    if (link->is_retried && link->awaited == 0)
        link->awaited = 1;
    fake_hub_leave(link->fake->hub);
}

/* ---- ends ------------------------------------------------------------- */

void fake_link_abandon(struct fake_link *link)
{
    fake_hub_enter(link->fake->hub);
    for (struct fake_conn *c = link->conns; c != NULL; c = c->next)
        fake_request_abandon(c);
    fake_hub_leave(link->fake->hub);
}

void fake_link_reset(struct fake_link *link)
{
    fake_hub_enter(link->fake->hub);
    for (struct fake_conn *c = link->conns; c != NULL; c = c->next)
        fake_conn_reset(c);
    fake_hub_leave(link->fake->hub);
}

/* ---- questions -------------------------------------------------------- */

bool fake_link_is_holding(const struct fake_link *link)
{
    for (const struct fake_conn *c = link->conns; c != NULL; c = c->next) {
        if (c->is_socket_open &&
            (c->held.first != NULL || c->output.first != NULL ||
             c->strike.is_swallowed || c->is_on_hold))
            return true;
    }
    return false;
}

bool fake_link_is_settled(const struct fake_link *link)
{
    return link->awaited == 0;
}

unsigned fake_link_struck(const struct fake_link *link)
{
    return link->struck;
}

unsigned fake_link_clients(const struct fake_link *link)
{
    unsigned n = 0;

    for (const struct fake_conn *c = link->conns; c != NULL; c = c->next)
        n += c->is_socket_open;
    return n;
}

size_t fake_link_greeting(const struct fake_link *link, uint8_t out[64])
{
    memcpy(out, link->greeting, link->greeting_length);
    return link->greeting_length;
}
