/* SPDX-License-Identifier: Apache-2.0
 * reader.c - who reads the stores, and which of the two.
 */
#include "reader.h"
#include "pair.h"
#include "servicegroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool readers_add(struct readers *readers, const char *word)
{
    const char *at = strchr(word, '=');
    struct reader *r = &readers->at[readers->n];

    if (readers->n == READERS_MAX)
        return false;
    readers->n++;
    r->path = at == NULL ? word : at + 1;
    snprintf(r->name, sizeof r->name, "%.*s",
             at == NULL ? (int)strlen(word) : (int)(at - word), word);
    return true;
}

static enum reads reads_of(const char *url, const char *new_url,
                           const char *old_url)
{
    char *new_of, *old_of;
    bool is_both;

    if (!pair_of_bridge(url, &new_of, &old_of))
        return pair_is_same(url, new_url)   ? READS_NEW
               : pair_is_same(url, old_url) ? READS_OLD
                                            : READS_NEITHER;
    is_both =
        (pair_is_same(new_of, new_url) && pair_is_same(old_of, old_url)) ||
        (pair_is_same(new_of, old_url) && pair_is_same(old_of, new_url));
    free(new_of);
    free(old_of);
    return is_both ? READS_BOTH : READS_NEITHER;
}

bool readers_read(struct readers *readers, const char *new_url,
                  const char *old_url)
{
    for (size_t i = 0; i < readers->n; i++) {
        struct reader *r = &readers->at[i];
        struct sg_config *config;
        if (sg_config_read(r->path, &config) != SG_OK)
            return false;
        r->reads = reads_of(config->url, new_url, old_url);
        sg_config_free(config);
    }
    return true;
}
