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

static const char version[] = "3.8.0-fake, built on 2022-02-25 08:49 UTC";

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

/* The server's root has two names, "" and "/", and counts as two. */
static size_t count_nodes(const struct fake_zk *zk)
{
    return zk->tree.count + 1;
}

/* ---- alive, and how it is doing ---------------------------------------- */

static void ruok(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    (void)c;
    print(w, "imok");
}

static void isro(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    print(w, "%s", is_read_only(c->zk) ? "ro" : "rw");
}

static void summary(const struct fake_zk *zk, struct fake_zk_writer *w)
{
    print(w,
          "Latency min/avg/max: 0/0.0/0\n"
          "Received: %" PRIu64 "\nSent: %" PRIu64 "\nConnections: %u\n"
          "Outstanding: 0\nZxid: 0x%" PRIx64 "\nMode: %s\nNode count: %zu\n",
          zk->n_received, zk->n_sent, count_conns(zk), (uint64_t)zk->zxid,
          is_read_only(zk) ? "read-only" : "standalone", count_nodes(zk));
}

static void srvr(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    print(w, "Zookeeper version: %s\n", version);
    summary(c->zk, w);
}

/* What is not counted here for each connection is shown as nothing. */
static void print_client(const struct fake_zk_conn *c, bool is_brief,
                         struct fake_zk_writer *w)
{
    print(w, " /127.0.0.1:1[%d](queued=0,recved=0,sent=0", c->session != NULL);
    if (c->session != NULL && !is_brief)
        print(w,
              ",sid=0x%" PRIx64 ",lop=NA,est=0,to=%d,lcxid=0x0,lzxid=0x0,"
              "lresp=0,llat=0,minlat=0,avglat=0,maxlat=0",
              (uint64_t)c->session->id, (int)c->session->timeout_ms);
    print(w, ")\n");
}

static void print_clients(const struct fake_zk *zk, bool is_brief,
                          struct fake_zk_writer *w)
{
    for (const struct fake_zk_conn *c = zk->conns; c != NULL; c = c->next)
        print_client(c, is_brief, w);
    print(w, "\n");
}

static void cons(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    print_clients(c->zk, false, w);
}

static void stat_word(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    print(w, "Zookeeper version: %s\nClients:\n", version);
    print_clients(c->zk, true, w);
    summary(c->zk, w);
}

/* Of the server's four hundred lines those that have been there always. */
static void mntr(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    const struct fake_zk *zk = c->zk;
    const struct fake_zk_node *root = zk->tree.root, *node;
    size_t ephemerals = 0, bytes = 0;

    for (node = root; node != NULL; node = fake_zk_node_next(root, node)) {
        ephemerals += node->owner != 0;
        bytes += node->data_length > 0 ? (size_t)node->data_length : 0;
        bytes += strlen(node->path);
    }
    print(w,
          "zk_version\t%s\nzk_server_state\t%s\n"
          "zk_ephemerals_count\t%zu\nzk_num_alive_connections\t%u\n"
          "zk_avg_latency\t0.0\nzk_outstanding_requests\t0\n"
          "zk_znode_count\t%zu\nzk_global_sessions\t%zu\n",
          version, is_read_only(zk) ? "read-only" : "standalone", ephemerals,
          count_conns(zk), count_nodes(zk), zk->sessions.count);
    print(w,
          "zk_packets_sent\t%" PRIu64 "\nzk_packets_received\t%" PRIu64 "\n"
          "zk_watch_count\t%zu\nzk_min_latency\t0\n"
          "zk_approximate_data_size\t%zu\nzk_local_sessions\t0\n"
          "zk_uptime\t%" PRId64 "\nzk_max_latency\t0\n",
          zk->n_sent, zk->n_received, zk->watches.count, bytes,
          fake_now(zk->hub) - fake_started_ms(zk->fake));
}

/* ---- what it is set to ------------------------------------------------- */

static void conf(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    int64_t tick_ms = c->zk->tick_ms;

    print(w,
          "clientPort=%d\nsecureClientPort=-1\ntickTime=%" PRId64 "\n"
          "maxClientCnxns=0\nminSessionTimeout=%" PRId64 "\n"
          "maxSessionTimeout=%" PRId64 "\nclientPortListenBacklog=-1\n"
          "serverId=0\n",
          fake_link_port(fake_conn_link(c->conn)), tick_ms, 2 * tick_ms,
          20 * tick_ms);
}

static void envi(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    (void)c;
    print(w, "Environment:\nzookeeper.version=%s\nhost.name=localhost\n",
          version);
}

static void dirs(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    (void)c;
    print(w, "datadir_size: 0\nlogdir_size: 0\n");
}

static void crst(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    (void)c;
    print(w, "Connection stats reset.\n");
}

static void srst(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    c->zk->n_sent = c->zk->n_received = 0;
    print(w, "Server stats reset.\n");
}

/* ---- sessions and watches ---------------------------------------------- */

static void print_id(const struct fake_zk_session *session, const char *before,
                     const char *after, struct fake_zk_writer *w)
{
    print(w, "%s0x%" PRIx64 "%s\n", before,
          (uint64_t)(session != NULL ? session->id : 0), after);
}

static void print_path(const char *before, const char *path,
                       struct fake_zk_writer *w)
{
    fake_zk_write_raw(w, before, strlen(before));
    fake_zk_write_raw(w, path, strlen(path));
    fake_zk_write_raw(w, "\n", 1);
}

static void dump(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    const struct fake_zk_sessions *table = &c->zk->sessions;
    size_t owners = 0;

    for (size_t i = 0; i < table->count; i++)
        owners += table->all[i]->n_nodes > 0;
    print(w, "SessionTracker dump:\nSession Sets (%d)/(%zu):\n",
          table->count > 0, table->count);
    for (size_t i = 0; i < table->count; i++)
        print_id(table->all[i], "\t", "", w);
    print(w, "ephemeral nodes dump:\nSessions with Ephemerals (%zu):\n",
          owners);
    for (size_t i = 0; i < table->count; i++) {
        const struct fake_zk_session *session = table->all[i];
        if (session->n_nodes > 0)
            print_id(session, "", ":", w);
        for (size_t j = 0; j < session->n_nodes; j++)
            print_path("\t", session->nodes[j]->path, w);
    }
    print(w, "Connections dump:\nConnections Sets (1)/(%u):\n",
          count_conns(c->zk));
}

/* The three words show the watches of nodes, not those of children. */
static void wchs(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    const struct fake_zk_watches *table = &c->zk->watches;
    const struct fake_zk_watch *watch;
    size_t conns = 0, paths = 0, count = 0;

    for (const struct fake_zk_conn *k = c->zk->conns; k != NULL; k = k->next) {
        for (watch = k->watches; watch != NULL; watch = watch->conn_next)
            if (watch->row->kind == FAKE_ZK_WATCH_DATA)
                break;
        conns += watch != NULL;
    }
    for (size_t i = 0; i < table->n_slots; i++) {
        const struct fake_zk_watch_row *row = table->rows[i];
        for (; row != NULL; row = row->next) {
            paths += row->kind == FAKE_ZK_WATCH_DATA;
            count += row->kind == FAKE_ZK_WATCH_DATA ? row->count : 0;
        }
    }
    print(w, "%zu connections watching %zu paths\nTotal watches:%zu\n", conns,
          paths, count);
}

static void wchc(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    const struct fake_zk_watch *watch;
    bool has_any;

    for (const struct fake_zk_conn *k = c->zk->conns; k != NULL; k = k->next) {
        has_any = false;
        for (watch = k->watches; watch != NULL; watch = watch->conn_next) {
            if (watch->row->kind != FAKE_ZK_WATCH_DATA)
                continue;
            if (!has_any)
                print_id(k->session, "", "", w);
            has_any = true;
            print_path("\t", watch->row->path, w);
        }
    }
    print(w, "\n");
}

static void wchp(const struct fake_zk_conn *c, struct fake_zk_writer *w)
{
    const struct fake_zk_watches *table = &c->zk->watches;
    const struct fake_zk_watch *watch;

    for (size_t i = 0; i < table->n_slots; i++) {
        const struct fake_zk_watch_row *row = table->rows[i];
        for (; row != NULL; row = row->next) {
            if (row->kind != FAKE_ZK_WATCH_DATA)
                continue;
            print_path("", row->path, w);
            for (watch = row->first; watch != NULL; watch = watch->next)
                print_id(watch->conn->session, "\t", "", w);
        }
    }
    print(w, "\n");
}

static const struct word {
    const char *text;
    void (*say)(const struct fake_zk_conn *c, struct fake_zk_writer *w);
} words[] = {
    {"ruok", ruok},      {"isro", isro}, {"srvr", srvr}, {"cons", cons},
    {"stat", stat_word}, {"mntr", mntr}, {"conf", conf}, {"dump", dump},
    {"envi", envi},      {"dirs", dirs}, {"crst", crst}, {"srst", srst},
    {"wchs", wchs},      {"wchc", wchc}, {"wchp", wchp},
};

bool fake_zk_four_letters(struct fake_zk_conn *c, const uint8_t word[4])
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct fake_zk_writer w = {0};
        if (memcmp(word, words[i].text, 4) != 0)
            continue;
        fake_count_command(c->conn, words[i].text, true);
        words[i].say(c, &w);
        if (!w.has_failed)
            fake_conn_write(c->conn, w.bytes, w.length);
        fake_zk_writer_clear(&w);
        fake_zk_hang_up(c);
        return true;
    }
    return false;
}
