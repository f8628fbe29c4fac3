/* SPDX-License-Identifier: Apache-2.0
 * zk_4lw.c - the four-letter words that monitors send instead of a greeting.
 */
#include "zk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static __attribute__((format(printf, 2, 3))) void
print(struct fake_zk_writer *w, const char *format, ...)
{
    char line[512];
    va_list list;

    va_start(list, format);
    int n = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (n > 0)
        fake_zk_write_raw(
            w, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

static bool is_read_only(const struct fake_zk *zk)
{
    return fake_condition_of(zk->fake) == FAKE_READ_ONLY;
}

static unsigned count_conns(const struct fake_zk *zk)
{
    unsigned n = 0;

    for (const struct fake_zk_conn *c = zk->conns; c != NULL; c = c->next)
        n++;
    return n;
}

static void ruok(const struct fake_zk *zk, struct fake_zk_writer *w)
{
    (void)zk;
    print(w, "imok");
}

static void isro(const struct fake_zk *zk, struct fake_zk_writer *w)
{
    print(w, "%s", is_read_only(zk) ? "ro" : "rw");
}

static void srvr(const struct fake_zk *zk, struct fake_zk_writer *w)
{
    print(w,
          "Zookeeper version: 3.8.0-fake\nLatency min/avg/max: 0/0.0/0\n"
          "Received: %" PRIu64 "\nSent: %" PRIu64 "\nConnections: %u\n"
          "Outstanding: 0\nZxid: 0x%" PRIx64 "\nMode: %s\nNode count: %zu\n",
          zk->n_received, zk->n_sent, count_conns(zk), (uint64_t)zk->zxid,
          is_read_only(zk) ? "read-only" : "standalone", zk->tree.count);
}

static void cons(const struct fake_zk *zk, struct fake_zk_writer *w)
{
    for (const struct fake_zk_conn *c = zk->conns; c != NULL; c = c->next)
        print(w, " /127.0.0.1[1](queued=0,sid=0x%" PRIx64 ",to=%d)\n",
              (uint64_t)(c->session != NULL ? c->session->id : 0),
              c->session != NULL ? (int)c->session->timeout_ms : 0);
    print(w, "\n");
}

static void stat_word(const struct fake_zk *zk, struct fake_zk_writer *w)
{
    print(w, "Zookeeper version: 3.8.0-fake\nClients:\n");
    cons(zk, w);
    srvr(zk, w);
}

static void mntr(const struct fake_zk *zk, struct fake_zk_writer *w)
{
    print(w,
          "zk_version\t3.8.0-fake\nzk_server_state\t%s\n"
          "zk_packets_received\t%" PRIu64 "\nzk_packets_sent\t%" PRIu64 "\n"
          "zk_num_alive_connections\t%u\nzk_outstanding_requests\t0\n"
          "zk_znode_count\t%zu\nzk_watch_count\t%zu\n"
          "zk_global_sessions\t%zu\n",
          is_read_only(zk) ? "read-only" : "standalone", zk->n_received,
          zk->n_sent, count_conns(zk), zk->tree.count, zk->watches.count,
          zk->sessions.count);
}

static void conf(const struct fake_zk *zk, struct fake_zk_writer *w)
{
    print(w,
          "tickTime=%" PRId64 "\nmaxClientCnxns=0\n"
          "minSessionTimeout=%" PRId64 "\nmaxSessionTimeout=%" PRId64 "\n"
          "serverId=0\n",
          zk->tick_ms, 2 * zk->tick_ms, 20 * zk->tick_ms);
}

static void dump(const struct fake_zk *zk, struct fake_zk_writer *w)
{
    const struct fake_zk_sessions *table = &zk->sessions;

    print(w, "SessionTracker dump:\nSessions (%zu):\n", table->count);
    for (size_t i = 0; i < table->count; i++)
        print(w, "\t0x%" PRIx64 "\n", (uint64_t)table->all[i]->id);
    print(w, "ephemeral nodes dump:\n");
    for (size_t i = 0; i < table->count; i++) {
        if (table->all[i]->n_nodes > 0)
            print(w, "0x%" PRIx64 ":\n", (uint64_t)table->all[i]->id);
        for (size_t j = 0; j < table->all[i]->n_nodes; j++)
            print(w, "\t%s\n", table->all[i]->nodes[j]->path);
    }
}

static const struct word {
    const char *text;
    void (*say)(const struct fake_zk *zk, struct fake_zk_writer *w);
} words[] = {
    {"ruok", ruok},      {"isro", isro}, {"srvr", srvr}, {"cons", cons},
    {"stat", stat_word}, {"mntr", mntr}, {"conf", conf}, {"dump", dump},
};

bool fake_zk_four_letters(struct fake_zk_conn *c, const uint8_t word[4])
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct fake_zk_writer w = {0};
        if (memcmp(word, words[i].text, 4) != 0)
            continue;
        fake_count_command(c->conn, words[i].text, true);
        words[i].say(c->zk, &w);
        if (!w.has_failed)
            fake_conn_write(c->conn, w.bytes, w.length);
        fake_zk_writer_clear(&w);
        fake_zk_hang_up(c);
        return true;
    }
    return false;
}
