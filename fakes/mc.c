/* SPDX-License-Identifier: Apache-2.0
 * mc.c - the memcached server as a service of the hub.
 *
 * Understood: get gets bget gat gats set add replace append prepend cas touch
 * delete incr decr flush_all version verbosity stats quit, and their binary
 * forms. Refused and counted: the meta commands, and all that steers the
 * inside of a real server (slabs, lru, watch ...). Nothing is ever evicted
 * for want of memory; fake_evict() does that.
 */
#include "mc_binary.h"
#include "mc_escape.h"
#include "mc_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* READ_BUFFER_SIZE of 1.6.18 */
#define READ_BUFFER 16384

/* ---- clients ---------------------------------------------------------- */

void fake_mc_client_forget(struct fake_mc_client *client)
{
    client->answer_bytes = 0;
    client->mc->sent++;
}

void fake_mc_client_flush(struct fake_mc_client *client)
{
    fake_conn_write(client->conn, client->answers, client->answer_bytes);
    fake_mc_client_forget(client);
}

static bool make_room(struct fake_mc_client *client, size_t length)
{
    size_t room = client->answer_room < 256 ? 256 : client->answer_room;
    uint8_t *answers;

    if (length <= client->answer_room - client->answer_bytes)
        return true;
    while (room - client->answer_bytes < length)
        room *= 2;
    answers = realloc(client->answers, room);
    if (answers == NULL)
        return false;
    client->answers = answers;
    client->answer_room = room;
    return true;
}

/* Without memory to gather it goes at once. */
void fake_mc_client_write(struct fake_mc_client *client, const void *bytes,
                          size_t length)
{
    if (length == 0)
        return;
    if (!make_room(client, length)) {
        fake_mc_client_flush(client);
        fake_conn_write(client->conn, bytes, length);
        return;
    }
    memcpy(client->answers + client->answer_bytes, bytes, length);
    client->answer_bytes += length;
}

void fake_mc_client_close(struct fake_mc_client *client)
{
    fake_mc_client_flush(client);
    fake_mc_client_break(client);
}

void fake_mc_client_break(struct fake_mc_client *client)
{
    fake_mc_client_forget(client);
    client->is_closing = true;
    fake_conn_close(client->conn);
}

static void *open_client(struct fake *f, struct fake_conn *conn)
{
    struct fake_mc_client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return NULL;
    client->mc = fake_state(f);
    client->conn = conn;
    client->mc->connections++;
    client->mc->counters[FAKE_MC_TOTAL_CONNECTIONS]++;
    return client;
}

static void close_client(struct fake *f, void *state)
{
    struct fake_mc_client *client = state;

    (void)f;
    client->mc->connections--;
    fake_mc_server_drop(&client->upload);
    free(client->answers);
    free(client);
}

static void end_upload(struct fake_mc_client *client)
{
    if (client->protocol == FAKE_MC_BINARY)
        fake_mc_binary_uploaded(client);
    else
        fake_mc_text_uploaded(client);
}

static size_t take_value(struct fake_mc_client *client, const uint8_t *bytes,
                         size_t length)
{
    struct fake_mc_upload *upload = &client->upload;
    size_t n = upload->want - upload->got;

    if (n > length)
        n = length;
    memcpy(fake_mc_item_value(upload->item) + upload->got, bytes, n);
    upload->got += n;
    if (upload->got == upload->want)
        end_upload(client);
    return n;
}

static size_t swallow(struct fake_mc_client *client, size_t length)
{
    size_t n =
        length < client->swallow_bytes ? length : (size_t)client->swallow_bytes;

    client->swallow_bytes -= n;
    return n;
}

static bool is_in_body(const struct fake_mc_client *client)
{
    return client->swallow_bytes > 0 || client->upload.item != NULL;
}

static size_t take_body(struct fake_mc_client *client, const uint8_t *bytes,
                        size_t length)
{
    if (client->swallow_bytes > 0)
        return swallow(client, length);
    return take_value(client, bytes, length);
}

/* A command, but not what follows it; 0: it is not yet whole. */
static size_t take_head(struct fake_mc_client *client, const uint8_t *bytes,
                        size_t length)
{
    if (client->protocol == FAKE_MC_UNDECIDED)
        client->protocol = bytes[0] == 0x80 ? FAKE_MC_BINARY : FAKE_MC_TEXT;
    if (client->protocol == FAKE_MC_BINARY)
        return fake_mc_binary_take(client, bytes, length);
    return fake_mc_text_take(client, bytes, length);
}

/* The server reads commands through a buffer. When that is used up, or what
 * is left in it is no whole command, it sends what it has gathered and reads
 * on; in the midst of a value it reads on, past the buffer, without sending.
 * A buffer without a whole line in it grows only for a long get; anything else
 * ends the connection (fake_mc_text_take()). */
struct buffer {
    size_t bytes; /* in it, not yet used                                     */
    size_t room;
};

static void fill(struct buffer *buffer, size_t length)
{
    buffer->bytes = length < buffer->room ? length : buffer->room;
}

static void use(struct buffer *buffer, size_t n)
{
    buffer->bytes -= n < buffer->bytes ? n : buffer->bytes;
}

/* One step; *taken grows. False: nothing more can be taken now. */
static bool take(struct fake_mc_client *client, struct buffer *buffer,
                 const uint8_t *bytes, size_t length, size_t *taken)
{
    size_t n;

    if (is_in_body(client)) {
        n = take_body(client, bytes + *taken, length - *taken);
        use(buffer, n);
        *taken += n;
        return true;
    }
    if (buffer->bytes == 0) {
        fake_mc_client_flush(client);
        fill(buffer, length - *taken);
    }
    n = take_head(client, bytes + *taken, buffer->bytes);
    use(buffer, n);
    *taken += n;
    if (n > 0 || client->is_closing)
        return true;
    bool is_all = buffer->bytes == length - *taken;
    if (buffer->bytes == buffer->room)
        buffer->room *= 2;
    buffer->bytes = 0;
    return !is_all;
}

static size_t take_data(struct fake *f, void *state, const uint8_t *bytes,
                        size_t length)
{
    struct fake_mc_client *client = state;
    struct fake_mc *mc = fake_state(f);
    struct buffer buffer = {0, READ_BUFFER};
    size_t taken = 0;

    /* On a real clock keys may be dead whose timer has not fired yet. */
    fake_mc_server_settle(mc);
    while (taken < length && !client->is_closing &&
           take(client, &buffer, bytes, length, &taken))
        fake_mc_server_settle(mc);
    if (!is_in_body(client) && !client->is_closing)
        fake_mc_client_flush(client);
    return taken;
}

/* ---- verbs ------------------------------------------------------------ */

static void wipe(struct fake *f)
{
    struct fake_mc *mc = fake_state(f);

    fake_mc_store_clear(&mc->store);
    fake_mc_server_settle(mc);
}

/* A new process: its own wall clock, unique numbers from 1, no planned
 * flush. Kept data (which no real memcached has) keep their numbers; data
 * that are not kept have been wiped before. */
static void restarted(struct fake *f, bool kept_data)
{
    struct fake_mc *mc = fake_state(f);

    fake_mc_time_start(&mc->time, mc->hub, mc->time.phase_ms);
    memset(mc->counters, 0, sizeof mc->counters);
    mc->is_flush_planned = false;
    mc->flush_s = FAKE_MC_AT_ONCE;
    mc->runs++;
    if (!kept_data)
        mc->store.cas = 0;
    fake_mc_server_settle(mc);
}

static int evict(struct fake *f, const char *key)
{
    struct fake_mc *mc = fake_state(f);
    struct fake_mc_item *item;

    fake_mc_server_settle(mc);
    item = fake_mc_store_find(&mc->store, key, strlen(key));
    if (item == NULL)
        return -ENOENT;
    fake_mc_store_remove(&mc->store, item);
    fake_mc_server_settle(mc);
    return 0;
}

static void write_row(FILE *out, const struct fake_mc *mc,
                      struct fake_mc_item *item, char *text)
{
    fake_mc_escape(item->bytes, item->key_bytes, text);
    fprintf(out, "%s %" PRIu32 " ", text, item->flags);
    if (item->expiry_s == FAKE_MC_NEVER)
        fputs("never ", out);
    else
        fprintf(out, "%" PRId64 " ",
                fake_mc_time_due_ms(&mc->time, item->expiry_s));
    fake_mc_escape(fake_mc_item_value(item), item->value_bytes, text);
    fprintf(out, "\"%s\"\n", text);
}

static size_t longest_text(struct fake_mc_item *const *items)
{
    size_t longest = FAKE_MC_KEY_MAX;

    for (; *items != NULL; items++)
        if ((*items)->value_bytes > longest)
            longest = (*items)->value_bytes;
    return FAKE_MC_ESCAPED(longest);
}

/* "<key> <flags> <expiry in hub ms, or never> "<value>"", sorted by key. */
static char *dump(const struct fake *f)
{
    const struct fake_mc *mc = fake_state(f);
    char *text = NULL, *scratch = NULL;
    struct fake_mc_item **items;
    size_t length;
    FILE *out = NULL;

    items = fake_mc_store_sorted(&mc->store);
    if (items == NULL)
        return NULL;
    scratch = malloc(longest_text(items));
    if (scratch == NULL)
        goto out;
    out = open_memstream(&text, &length);
    if (out == NULL)
        goto out;
    for (size_t i = 0; items[i] != NULL; i++)
        write_row(out, mc, items[i], scratch);
    bool is_whole = !ferror(out);
    if (fclose(out) != 0 || !is_whole) {
        free(text);
        text = NULL;
    }
out:
    free(scratch);
    free(items);
    return text;
}

/* ---- the service ------------------------------------------------------ */

static void free_server(struct fake *f)
{
    struct fake_mc *mc = fake_state(f);

    fake_timer_stop(mc->hub, &mc->timer);
    fake_mc_store_end(&mc->store);
    free(mc);
}

static void tick(void *arg)
{
    fake_mc_server_settle(arg);
}

static const struct fake_service service = {
    .name = "memcached",
    .open = open_client,
    .data = take_data,
    .close = close_client,
    .wipe = wipe,
    .restarted = restarted,
    .evict = evict,
    .dump = dump,
    .free = free_server,
};

int fake_memcached_new(struct fake_hub *hub, int64_t phase_ms,
                       struct fake **ret_fake)
{
    struct fake_mc *mc;
    int status;

    if (phase_ms < 0 || phase_ms > 999)
        return -EINVAL;
    mc = calloc(1, sizeof *mc);
    if (mc == NULL)
        return -ENOMEM;
    mc->hub = hub;
    mc->timer.fire = tick;
    mc->timer.arg = mc;
    mc->flush_s = FAKE_MC_AT_ONCE;
    fake_mc_time_start(&mc->time, hub, phase_ms);
    status = fake_new(hub, &service, mc, &mc->fake);
    if (status != 0) {
        free(mc);
        return status;
    }
    *ret_fake = mc->fake;
    return 0;
}
