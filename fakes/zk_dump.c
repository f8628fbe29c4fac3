/* SPDX-License-Identifier: Apache-2.0
 * zk_dump.c - ZooKeeper's nodes as text: one line each, sorted, without ids,
 * zxids or times, so that two moments and two runs can be compared.
 */
#include "zk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct fake_zk_writer *w, const char *text)
{
    fake_zk_write_raw(w, text, strlen(text));
}

static void put_escaped(struct fake_zk_writer *w, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    char text[8];

    for (size_t i = 0; i < n; i++) {
        bool is_plain =
            at[i] > ' ' && at[i] < 0x7f && at[i] != '"' && at[i] != '\\';
        snprintf(text, sizeof text, is_plain || at[i] == ' ' ? "%c" : "\\x%02x",
                 at[i]);
        put(w, text);
    }
}

static void put_acl(struct fake_zk_writer *w, const struct fake_zk_acl *acl)
{
    char perms[16];

    for (int32_t i = 0; i < acl->count; i++) {
        const struct fake_zk_ace *ace = &acl->aces[i];
        if (acl->count == 1 && ace->perms == FAKE_ZK_ALL &&
            fake_zk_text_is(ace->scheme, "world"))
            return;
        put(w, i == 0 ? " acl " : ",");
        put_escaped(w, ace->scheme.at, (size_t)ace->scheme.length);
        put(w, ":");
        put_escaped(w, ace->id.at, (size_t)ace->id.length);
        snprintf(perms, sizeof perms, ":%d", (int)ace->perms);
        put(w, perms);
    }
}

/* Births in the order of time: what was made together has one rank. */
struct births {
    int64_t *at;
    size_t count;
};

static size_t rank_of(const struct births *births, int64_t czxid)
{
    size_t low = 0, high = births->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (births->at[middle] < czxid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void put_node(struct fake_zk_writer *w, const struct births *births,
                     const struct fake_zk_node *node)
{
    char text[64];

    put_escaped(w, node->path, strlen(node->path));
    if (node->owner != 0)
        put(w, " ephemeral");
    if (node->is_container)
        put(w, " container");
    snprintf(text, sizeof text, " v%d c%zu ", (int)node->version,
             rank_of(births, node->czxid));
    put(w, text);
    if (node->data_length < 0) {
        put(w, "null");
    } else {
        put(w, "\"");
        put_escaped(w, node->data, (size_t)node->data_length);
        put(w, "\"");
    }
    put_acl(w, node->acl);
    put(w, "\n");
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static bool find_births(const struct fake_zk *zk, struct births *ret_births)
{
    const struct fake_zk_node *root = zk->tree.root, *node;
    size_t n = 0, kept = 0;
    int64_t *at = calloc(zk->tree.count + 1, sizeof *at);

    if (at == NULL)
        return false;
    for (node = root; node != NULL; node = fake_zk_node_next(root, node))
        at[n++] = node->czxid;
    qsort(at, n, sizeof *at, by_number);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || at[kept - 1] != at[i])
            at[kept++] = at[i];
    ret_births->at = at;
    ret_births->count = kept;
    return true;
}

char *fake_zk_dump(const struct fake *f)
{
    const struct fake_zk *zk = fake_state(f);
    const struct fake_zk_node *root = zk->tree.root, *node;
    struct fake_zk_writer w = {0};
    struct births births;

    if (!find_births(zk, &births))
        return NULL;
    for (node = root; node != NULL; node = fake_zk_node_next(root, node))
        put_node(&w, &births, node);
    fake_zk_write_raw(&w, "", 1);
    free(births.at);
    if (w.has_failed)
        fake_zk_writer_clear(&w);
    return (char *)w.bytes;
}
