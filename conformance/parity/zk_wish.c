/* SPDX-License-Identifier: Apache-2.0
 * zk_wish.c - one request of ZooKeeper's at random, in a small tree.
 *
 * Left out, because a real server does not answer them the same way each
 * time: paths that others see (the root), proofs within a pipeline, requests
 * behind a close. Left out, because 3.8.0 ends over them: check outside of a
 * transaction, createTTL without a time. And null as a path to watch, which
 * spoils the server's tables; paths to watch or to sync with that are no
 * UTF-8, which Java gives back as it read them; and in a pipeline a transaction
 * over which Java stumbles (a node with a time to live), for what it had begun
 * is still before the eyes of the next request, and new rights before the last
 * request, for while they are on their way the old ones hold.
 */
#include "zk_wish.h"

#include <string.h>

unsigned parity_zk_below(struct parity_zk_wish *w, unsigned n)
{
    return parity_dice_below(w->dice, n);
}

bool parity_zk_one_in(struct parity_zk_wish *w, unsigned n)
{
    return parity_dice_one_in(w->dice, n);
}

const char *parity_zk_pick(struct parity_zk_wish *w, const char *const *texts)
{
    return parity_dice_pick(w->dice, texts);
}

void parity_zk_write(struct parity_zk_wish *w, const char *text)
{
    parity_bytes_text(&w->text, text);
}

static void write_number(struct parity_zk_wish *w, int number)
{
    parity_bytes_format(&w->text, " %d", number);
}

/* ---- words of requests ------------------------------------------------- */

static void path(struct parity_zk_wish *w)
{
    static const char *const good[] = {
        "/~",       "/~",     "/~/a",   "/~/a",
        "/~/a",     "/~/b",   "/~/b",   "/~/a/x",
        "/~/a/x",   "/~/a/y", "/~/b/x", "/~/b/x/k",
        "/~/a/x/k", "/~/c",   "/~/c/x", "/~/a/\\xc3\\xa9",
        NULL};
    static const char *const numbered[] = {
        "/~/s0000000000",   "/~/s0000000001",   "/~/s0000000002",
        "/~/s0000000003",   "/~/a/s0000000000", "/~/a/s0000000001",
        "/~/a/s0000000002", "/~/b/0000000000",  NULL};
    static const char *const bad[] = {
        "~",        "/~/",      "/~//a",     "/~/a/.", "/~/a/../b", "@",
        "/~/a\\0b", "/~/\\x01", "/~/a\\x7f", "/~/a/",  NULL};

    parity_zk_write(w, " ");
    parity_zk_write(w, parity_zk_pick(w, parity_zk_one_in(w, 20)  ? bad
                                         : parity_zk_one_in(w, 8) ? numbered
                                                                  : good));
}

/* A path was written, and it is the prefix itself: a number behind the prefix
 * itself would count the children of the root, which are everybody's. */
static bool is_top(const struct parity_zk_wish *w)
{
    return w->text.length >= 3 &&
           memcmp(w->text.at + w->text.length - 3, " /~", 3) == 0;
}

static void data(struct parity_zk_wish *w)
{
    static const char *const texts[] = {
        "x",   "\"\"",     "@",
        "abc", "\\0\\xff", "0123456789012345678901234567890123",
        NULL};

    parity_zk_write(w, " ");
    parity_zk_write(w, parity_zk_pick(w, texts));
}

static void acl(struct parity_zk_wish *w)
{
    static const char *const texts[] = {
        "31:auth:",
        "31:auth:",
        "1:world:anyone",
        "15:world:anyone",
        "27:world:anyone,31:auth:",
        "31:digest:user:2Om+GBbT2q/tS6pdvACZbbm7/1A=",
        "1:world:anyone,31:digest:user:2Om+GBbT2q/tS6pdvACZbbm7/1A=",
        "31:digest:bob:fyVmFCwVbTJYrznoSu1koqYEYF0=",
        "31:ip:127.0.0.1",
        "31:ip:127.0.0.0/8",
        "1:ip:10.0.0.1",
        "31:digest:user",
        "31:world:nobody",
        "31:sasl:x",
        "31:ip:nowhere",
        "none",
        "null",
        "31:world:anyone,31:world:anyone",
        NULL};

    parity_zk_write(w, " ");
    parity_zk_write(w,
                    parity_zk_one_in(w, 6) ? parity_zk_pick(w, texts) : "open");
}

static void version(struct parity_zk_wish *w)
{
    static const int versions[] = {-1, -1, -1, 0, 0, 1, 2, -2};

    write_number(w, versions[parity_zk_below(w, 8)]);
}

/* ---- requests ---------------------------------------------------------- */

static void create(struct parity_zk_wish *w)
{
    static const char *const verbs[] = {"create", "create", "create2", NULL};
    static const int flags[] = {0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, -1};

    parity_zk_write(w, parity_zk_pick(w, verbs));
    path(w);
    if (parity_zk_one_in(w, 6))
        parity_zk_write(w, "/s");
    bool is_alone = is_top(w);
    data(w);
    acl(w);
    write_number(w, flags[parity_zk_below(
                        w, is_alone                                 ? 7
                           : w->is_piped || !parity_zk_one_in(w, 8) ? 9
                                                                    : 14)]);
}

static void container(struct parity_zk_wish *w)
{
    static const int flags[] = {4, 4, 4, 0, 2, 5};

    parity_zk_write(w, "container");
    path(w);
    bool is_alone = is_top(w);
    data(w);
    acl(w);
    write_number(w, flags[parity_zk_below(w, is_alone      ? 4
                                             : w->is_piped ? 5
                                                           : 6)]);
}

static void ttl(struct parity_zk_wish *w)
{
    static const int flags[] = {5, 6, 0, 1, 4, 7};

    parity_zk_write(w, "ttl");
    path(w);
    data(w);
    acl(w);
    write_number(w, flags[parity_zk_below(w, 6)]);
    write_number(w, (int)parity_zk_below(w, 2000));
}

static void delete_node(struct parity_zk_wish *w)
{
    parity_zk_write(w, "delete");
    path(w);
    version(w);
}

static void set(struct parity_zk_wish *w)
{
    parity_zk_write(w, "set");
    path(w);
    data(w);
    version(w);
}

static void check(struct parity_zk_wish *w)
{
    parity_zk_write(w, "check");
    path(w);
    version(w);
}

static void read_node(struct parity_zk_wish *w)
{
    static const char *const verbs[] = {"exists",   "exists",    "get", "get",
                                        "children", "children2", NULL};

    parity_zk_write(w, parity_zk_pick(w, verbs));
    path(w);
    write_number(w, (int)parity_zk_below(w, 2));
}

static void ask_about(struct parity_zk_wish *w)
{
    static const char *const verbs[] = {"getacl", "getacl",     "sync",
                                        "below",  "ephemerals", NULL};
    static const char *const synced[] = {"/~", "/~/none", "@", "~", NULL};
    const char *verb;

    if (parity_zk_one_in(w, 8)) {
        parity_zk_write(w, "whoami");
        return;
    }
    verb = parity_zk_pick(w, verbs);
    parity_zk_write(w, verb);
    if (strcmp(verb, "sync") == 0) {
        parity_zk_write(w, " ");
        parity_zk_write(w, parity_zk_pick(w, synced));
    } else {
        path(w);
    }
}

static void set_acl(struct parity_zk_wish *w)
{
    if (w->is_followed) {
        set(w);
        return;
    }
    parity_zk_write(w, "setacl");
    path(w);
    acl(w);
    version(w);
}

static void multi(struct parity_zk_wish *w)
{
    unsigned n = parity_zk_below(w, 5);

    parity_zk_write(w, "multi");
    for (unsigned i = 0; i < n; i++) {
        parity_zk_write(w, i == 0 ? " " : " | ");
        switch (parity_zk_below(w, 8)) {
        case 0:
            check(w);
            break;
        case 1:
            container(w);
            break;
        case 2:
        case 3:
            delete_node(w);
            break;
        case 4:
        case 5:
            set(w);
            break;
        default:
            create(w);
        }
    }
}

static void read_many(struct parity_zk_wish *w)
{
    static const char *const verbs[] = {"get", "children", NULL};
    unsigned n = parity_zk_below(w, 4);

    parity_zk_write(w, "read");
    for (unsigned i = 0; i < n; i++) {
        parity_zk_write(w, i == 0 ? " " : " | ");
        parity_zk_write(w, parity_zk_pick(w, verbs));
        path(w);
        write_number(w, (int)parity_zk_below(w, 2));
    }
}

static void set_watches(struct parity_zk_wish *w)
{
    static const char *const lists[] = {
        "d=", "d=", "e=", "e=", "c=", "c=", "p=", "r=", NULL};
    unsigned n = parity_zk_below(w, 5);

    parity_zk_write(w, "setwatches ");
    if (parity_zk_one_in(w, 2))
        parity_zk_write(w, parity_zk_one_in(w, 3) ? "0" : "seen");
    else
        parity_bytes_format(&w->text, "%u", 1 + parity_zk_below(w, 20));
    for (unsigned i = 0; i < n; i++) {
        parity_bytes_format(&w->text, " %s/~%s", parity_zk_pick(w, lists),
                            parity_zk_one_in(w, 3)   ? ""
                            : parity_zk_one_in(w, 2) ? "/a"
                                                     : "/b");
    }
}

static void watch(struct parity_zk_wish *w)
{
    static const char *const verbs[] = {"addwatch", "addwatch", "checkwatches",
                                        "removewatches", NULL};
    static const char *const paths[] = {"/~",   "/~",     "/~/a",   "/~/a",
                                        "/~/b", "/~/a/x", "/~/b/x", "/~/c",
                                        "~",    "/~/",    NULL};
    const char *verb;

    if (parity_zk_one_in(w, 3)) {
        set_watches(w);
        return;
    }
    verb = parity_zk_pick(w, verbs);
    parity_zk_write(w, verb);
    parity_zk_write(w, " ");
    parity_zk_write(w, parity_zk_pick(w, paths));
    write_number(
        w, verb[0] == 'a'
               ? (int)parity_zk_below(w, parity_zk_one_in(w, 20) ? 3 : 2)
               : 1 + (int)parity_zk_below(w, parity_zk_one_in(w, 20) ? 4 : 3));
}

/* Bodies that end too early, and operations nobody knows. */
void parity_zk_write_nonsense(struct parity_zk_wish *w)
{
    static const int ops[] = {1,  2,  3,  4,   5,   6,   7,  8,  12,
                              14, 15, 19, 101, 104, 106, 99, 23, 999};
    static const char *const bodies[] = {"\"\"", "\\0\\0\\0\\x02/~",
                                         "\\x7f\\xff\\xff\\xff",
                                         "\\0\\0\\0\\x09/~", NULL};

    parity_bytes_format(&w->text, "raw %d %s", ops[parity_zk_below(w, 18)],
                        parity_zk_pick(w, bodies));
}

void parity_zk_write_request(struct parity_zk_wish *w)
{
    static const struct {
        unsigned weight;
        void (*write)(struct parity_zk_wish *w);
    } rows[] = {
        {26, create}, {3, container},  {1, ttl},       {12, delete_node},
        {10, set},    {26, read_node}, {6, ask_about}, {3, set_acl},
        {9, multi},   {2, read_many},  {7, watch},
    };
    unsigned all = 0, at, i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        all += rows[i].weight;
    at = parity_zk_below(w, all);
    for (i = 0; at >= rows[i].weight; i++)
        at -= rows[i].weight;
    rows[i].write(w);
}
