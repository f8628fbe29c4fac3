/* SPDX-License-Identifier: Apache-2.0
 * hub.c - one loop and its servers: birth, serving, the trace, the end.
 */
#include "hub.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- birth and death -------------------------------------------------- */

static void was_woken(uv_async_t *wake)
{
    struct fake_hub *hub = wake->data;
    hub->has_served = true;
}

int fake_hub_new(const struct fake_hub_options *options,
                 struct fake_hub **ret_hub)
{
    struct fake_hub *hub = calloc(1, sizeof *hub);
    int err;

    if (hub == NULL)
        return -ENOMEM;
    hub->is_virtual = options->virtual_clock;
    hub->now_ms = options->start_ms;
    hub->wall_less_now_ms = options->wall_start_ms - options->start_ms;
    hub->ending_end = &hub->ending;
    err = uv_loop_init(&hub->loop);
    if (err != 0) {
        free(hub);
        return err;
    }
    uv_timer_init(&hub->loop, &hub->alarm); /* only sets fields */
    err = uv_async_init(&hub->loop, &hub->wake, was_woken);
    if (err != 0) {
        uv_close((uv_handle_t *)&hub->alarm, NULL);
        uv_run(&hub->loop, UV_RUN_DEFAULT);
        uv_loop_close(&hub->loop);
        free(hub);
        return err;
    }
    hub->wake.data = hub;
    *ret_hub = hub;
    return 0;
}

void fake_hub_free(struct fake_hub *hub)
{
    if (hub == NULL)
        return;
    fake_hub_enter(hub);
    for (struct fake *f = hub->fakes; f != NULL; f = f->next)
        fake_server_close_links(f);
    fake_hub_leave(hub);
    fake_reply_flush(hub);
    for (struct fake *f = hub->fakes; f != NULL; f = f->next)
        fake_server_free_state(f);
    uv_close((uv_handle_t *)&hub->wake, NULL);
    uv_close((uv_handle_t *)&hub->alarm, NULL);
    if (hub->is_watching)
        uv_close((uv_handle_t *)&hub->watch, NULL);
    uv_run(&hub->loop, UV_RUN_DEFAULT); /* the last handles are let go */
    while (hub->fakes != NULL) {
        struct fake *f = hub->fakes;
        hub->fakes = f->next;
        fake_server_free(f);
    }
    uv_loop_close(&hub->loop);
    free(hub);
}

/* ---- serving ---------------------------------------------------------- */

void fake_hub_enter(struct fake_hub *hub)
{
    fake_vclock_catch_up(hub);
    hub->depth++;
}

void fake_hub_leave(struct fake_hub *hub)
{
    struct fake_conn *conn;

    while (hub->depth == 1 && (conn = hub->ending) != NULL) {
        hub->ending = conn->next_ending;
        if (hub->ending == NULL)
            hub->ending_end = &hub->ending;
        fake_conn_finish_server(conn);
        fake_conn_free_if_done(conn);
    }
    hub->depth--;
}

static void accept_due(struct fake_hub *hub)
{
    hub->is_accept_due = false;
    for (struct fake *f = hub->fakes; f != NULL; f = f->next) {
        for (struct fake_link *l = f->links; l != NULL; l = l->next) {
            if (l->is_accept_due)
                fake_conn_accept(l);
        }
    }
}

/* All that needs no event of the loop. */
static void serve_planned(struct fake_hub *hub)
{
    fake_hub_enter(hub);
    if (hub->is_accept_due)
        accept_due(hub);
    fake_hub_leave(hub);
    if (fake_vclock_fire_due(hub))
        hub->has_served = true;
    fake_hub_enter(hub);
    if (fake_reply_flush(hub))
        hub->has_served = true;
    fake_hub_leave(hub);
}

static void alarm_rang(uv_timer_t *alarm)
{
    (void)alarm;
}

static int64_t wait_ms(const struct fake_hub *hub, int64_t until_ms)
{
    int64_t now = fake_vclock_real_ms();
    int64_t wait = until_ms == INT64_MAX ? INT64_MAX : until_ms - now;
    int64_t due = fake_vclock_wait_ms(hub);

    if (due < wait)
        wait = due;
    if ((hub->dirty != NULL || hub->is_accept_due) && wait > 1)
        wait = 1; /* no event will say when these can go on */
    return hub->has_served || wait < 0 ? 0 : wait;
}

static void run_loop(struct fake_hub *hub, int64_t until_ms)
{
    int64_t wait = wait_ms(hub, until_ms);

    if (wait == 0) {
        uv_run(&hub->loop, UV_RUN_NOWAIT);
        return;
    }
    if (wait != INT64_MAX) {
        uv_update_time(&hub->loop); /* or it counts from the last run */
        /* Repeating: when this thread is held up before it waits, the first
         * alarm is over by then, and nothing else would end the wait. */
        uv_timer_start(&hub->alarm, alarm_rang, (uint64_t)wait, (uint64_t)wait);
    }
    uv_run(&hub->loop, UV_RUN_ONCE);
    uv_timer_stop(&hub->alarm);
}

bool fake_poll(struct fake_hub *hub, int64_t max_real_ms)
{
    int64_t now = fake_vclock_real_ms();
    int64_t until =
        max_real_ms >= INT64_MAX - now ? INT64_MAX : now + max_real_ms;

    hub->has_served = false;
    do {
        serve_planned(hub);
        run_loop(hub, until);
        serve_planned(hub);
    } while (!hub->has_served && fake_vclock_real_ms() < until);
    return hub->has_served;
}

static void can_be_read(uv_poll_t *watch, int status, int events)
{
    struct fake_hub *hub = watch->data;

    (void)status;
    (void)events;
    hub->has_served = true;
}

int fake_watch_fd(struct fake_hub *hub, int fd)
{
    int err;

    if (hub->is_watching)
        return -EBUSY;
    err = uv_poll_init(&hub->loop, &hub->watch, fd);
    if (err != 0)
        return err;
    hub->watch.data = hub;
    hub->is_watching = true;
    return uv_poll_start(&hub->watch, UV_READABLE, can_be_read);
}

void fake_wake(struct fake_hub *hub)
{
    uv_async_send(&hub->wake);
}

/* ---- the trace -------------------------------------------------------- */

void fake_set_trace(struct fake_hub *hub, fake_trace_fn *fn, void *arg)
{
    hub->trace = fn;
    hub->trace_arg = arg;
}

void fake_note(struct fake *f, const char *format, ...)
{
    char text[4096];
    va_list list;
    int n;

    if (f->hub->trace == NULL)
        return;
    n = snprintf(text, sizeof text, "%s ", f->service->name);
    va_start(list, format);
    vsnprintf(text + n, sizeof text - (size_t)n, format, list);
    va_end(list);
    /* One line each, whatever a client put into a key. */
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    }
    f->hub->trace(f->hub->trace_arg, text);
}
