/* SPDX-License-Identifier: Apache-2.0
 * control.c - the control port: the control language, served like the rest.
 */
#include "control.h"
#include "command.h"
#include "service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct client {
    struct client *next, *prev;
    struct program_control *control;
    struct fake_conn *conn;
    bool is_over; /* nothing more is read                                   */
};

struct line {
    struct line *next;
    struct client *client; /* NULL: it has gone, what it asked for is done   */
    bool is_too_long;
    size_t length;
    char text[];
};

struct program_control {
    struct program *program;
    struct fake *fake;
    struct fake_link *link;
    struct client *clients;
    struct line *first, **end;
};

/* ---- the service ------------------------------------------------------ */

static void *open_client(struct fake *f, struct fake_conn *conn)
{
    struct program_control *control = fake_state(f);
    struct client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return NULL;
    client->control = control;
    client->conn = conn;
    client->next = control->clients;
    if (client->next != NULL)
        client->next->prev = client;
    control->clients = client;
    return client;
}

static void close_client(struct fake *f, void *state)
{
    struct program_control *control = fake_state(f);
    struct client *client = state;

    for (struct line *line = control->first; line != NULL; line = line->next)
        if (line->client == client)
            line->client = NULL;
    if (client->prev == NULL)
        control->clients = client->next;
    else
        client->prev->next = client->next;
    if (client->next != NULL)
        client->next->prev = client->prev;
    free(client);
}

static void add_line(struct client *client, const uint8_t *text, size_t length)
{
    struct program_control *control = client->control;
    bool is_too_long = length > PROGRAM_LONGEST_LINE;
    struct line *line;

    if (is_too_long)
        length = 0;
    line = malloc(sizeof *line + length + 1);
    if (line == NULL) {
        client->is_over = true;
        fake_conn_close(client->conn);
        return;
    }
    line->next = NULL;
    line->client = client;
    line->is_too_long = is_too_long;
    line->length = length;
    memcpy(line->text, text, length);
    *control->end = line;
    control->end = &line->next;
    if (is_too_long)
        client->is_over = true;
}

static size_t take(struct fake *f, void *state, const uint8_t *bytes,
                   size_t length)
{
    struct client *client = state;
    size_t used = 0;

    (void)f;
    while (!client->is_over && used < length) {
        const uint8_t *end = memchr(bytes + used, '\n', length - used);
        size_t n = end == NULL ? length - used : (size_t)(end - bytes) - used;
        if (end == NULL && n <= PROGRAM_LONGEST_LINE)
            return used;
        add_line(client, bytes + used, n);
        used += n + 1;
    }
    return length;
}

static void free_control(struct fake *f)
{
    struct program_control *control = fake_state(f);

    while (control->first != NULL) {
        struct line *line = control->first;
        control->first = line->next;
        free(line);
    }
    free(control);
}

static const struct fake_service service = {.name = "control",
                                            .open = open_client,
                                            .data = take,
                                            .close = close_client,
                                            .free = free_control};

int program_control_open(struct program *p, int port,
                         struct program_control **ret_control)
{
    struct program_control *control = calloc(1, sizeof *control);
    int err;

    if (control == NULL)
        return -ENOMEM;
    control->program = p;
    control->end = &control->first;
    err = fake_new(p->hub, &service, control, &control->fake);
    if (err != 0) {
        free(control);
        return err;
    }
    err = fake_listen_at(control->fake, "control", port, &control->link);
    if (err != 0)
        return err;
    p->control_port = fake_link_port(control->link);
    *ret_control = control;
    return 0;
}

/* ---- between two polls ------------------------------------------------ */

static void drop_first(struct program_control *control)
{
    struct line *line = control->first;

    control->first = line->next;
    if (control->first == NULL)
        control->end = &control->first;
    free(line);
}

static void run_line(struct program_control *control, struct line *line)
{
    size_t length = strlen(PROGRAM_TOO_LONG);
    char *answer = NULL;

    if (!line->is_too_long)
        answer =
            program_answer(control->program, line->text, line->length, &length);
    /* What was asked for may have ended who asked. */
    if (line->client == NULL) {
        free(answer);
        return;
    }
    if (line->is_too_long)
        fake_conn_write(line->client->conn, PROGRAM_TOO_LONG, length);
    else if (answer != NULL)
        fake_conn_write(line->client->conn, answer, length);
    if (answer == NULL)
        fake_conn_close(line->client->conn);
    free(answer);
}

void program_control_run(struct program_control *control)
{
    while (control->first != NULL && !control->program->is_over) {
        run_line(control, control->first);
        drop_first(control);
    }
}

void program_control_end(struct program_control *control)
{
    for (struct client *client = control->clients; client != NULL;
         client = client->next)
        fake_conn_close(client->conn);
    for (int i = 0; i < 100 && fake_link_clients(control->link) > 0; i++)
        fake_poll(control->program->hub, 10);
}
