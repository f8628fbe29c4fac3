/* SPDX-License-Identifier: Apache-2.0
 * zk_word.c - the answers to four-letter words, as far as a script can know
 * them: the names of lines, the values that are the same everywhere, and of
 * lists what is under the script's own prefix.
 */
#include "zk_run.h"

#include <stdlib.h>
#include <string.h>

/* With their values; all but the words of lists are told line by line. */
static const char *const certain[] = {
    "imok",
    "rw",
    "ro",
    "Mode: ",
    "zk_server_state\t",
    "tickTime=",
    "maxClientCnxns=",
    "minSessionTimeout=",
    "maxSessionTimeout=",
    "secureClientPort=",
    "clientPortListenBacklog=",
    "serverId=",
    "Connection stats reset.",
    "Server stats reset.",
    NULL,
};

/* Without: what counts, measures or names the machine. */
static const char *const named[] = {
    "Zookeeper version: 3.8.0",
    "Clients:",
    "Latency min/avg/max: ",
    "Received: ",
    "Sent: ",
    "Connections: ",
    "Outstanding: ",
    "Zxid: 0x",
    "Node count: ",
    "zk_version\t3.8.0",
    "zk_ephemerals_count\t",
    "zk_num_alive_connections\t",
    "zk_avg_latency\t",
    "zk_outstanding_requests\t",
    "zk_znode_count\t",
    "zk_global_sessions\t",
    "zk_packets_sent\t",
    "zk_packets_received\t",
    "zk_watch_count\t",
    "zk_min_latency\t",
    "zk_approximate_data_size\t",
    "zk_local_sessions\t",
    "zk_uptime\t",
    "zk_max_latency\t",
    "clientPort=",
    "Environment:",
    "zookeeper.version=3.8.0",
    "host.name=",
    "SessionTracker dump:",
    "Session Sets (",
    "ephemeral nodes dump:",
    "Sessions with Ephemerals (",
    "Connections dump:",
    "Connections Sets (",
    "datadir_size: ",
    "logdir_size: ",
    "Total watches:",
    NULL,
};

static const char *find(const char *const *list, const char *line,
                        size_t length)
{
    for (; *list != NULL; list++)
        if (length >= strlen(*list) && memcmp(line, *list, strlen(*list)) == 0)
            return *list;
    return NULL;
}

static void keep_line(struct parity_run *run, int conn, const char *line,
                      size_t length, char ***list, size_t *count, size_t *room)
{
    struct parity_zk *zk = run->own;
    const char *name = find(named, line, length);
    const char *word = zk->conns[conn].word;
    bool is_list = strcmp(word, "dump") == 0 || strcmp(word, "wchc") == 0 ||
                   strcmp(word, "wchp") == 0;

    if (find(certain, line, length) != NULL ||
        (is_list &&
         memmem(line, length, run->prefix, strlen(run->prefix)) != NULL))
        parity_zk_keep(zk, list, count, room, line, length);
    else if (name != NULL)
        parity_zk_keep(zk, list, count, room, name, strlen(name));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted: the order of most lines is that of a hash table. */
void parity_zk_say_word(struct parity_run *run, int conn)
{
    struct parity_zk *zk = run->own;
    struct parity_zk_conn *c = &zk->conns[conn];
    const char *at = (const char *)c->heard.at;
    const char *end = at + c->heard.length;
    size_t count = 0, room = 0;
    char **lines = NULL;

    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        keep_line(run, conn, at, (size_t)(stop - at), &lines, &count, &room);
        at = stop + 1;
    }
    if (count > 0)
        qsort(lines, count, sizeof *lines, by_text);
    parity_say(run, conn, "word %s %s", c->word,
               c->heard.length > 0 ? "answered" : "nothing");
    for (size_t i = 0; i < count; i++) {
        struct parity_bytes line = {0};
        parity_escape(lines[i], strlen(lines[i]), &line);
        parity_zk_say(run, conn, &line);
        free(lines[i]);
    }
    free(lines);
}
