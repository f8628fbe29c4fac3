/* SPDX-License-Identifier: Apache-2.0
 * zk_own.c - which member nodes our session made, or may have made.
 */
#include "zk.h"

#include <stdlib.h>
#include <string.h>

static void own_free(struct sg_zk_own *own)
{
    free(own->group);
    free(own->member);
    free(own);
}

struct sg_zk_own *sg_zk_own_find(struct sg_backend *b, const struct sg_op *op)
{
    for (struct sg_zk_own *own = b->own; own != NULL; own = own->next)
        if (strcmp(own->group, op->groups[0].name) == 0 &&
            strcmp(own->member, op->member) == 0)
            return own;
    return NULL;
}

struct sg_zk_own *sg_zk_own_add(struct sg_backend *b, const struct sg_op *op)
{
    struct sg_zk_own *own = sg_zk_own_find(b, op);

    if (own == NULL) {
        own = calloc(1, sizeof *own);
        if (own == NULL)
            return NULL;
        own->group = strdup(op->groups[0].name);
        own->member = strdup(op->member);
        if (own->group == NULL || own->member == NULL) {
            own_free(own);
            return NULL;
        }
        own->next = b->own;
        b->own = own;
    }
    own->is_leaving = false;
    strncpy(own->token, op->token, SG_TOKEN_BYTES);
    return own;
}

void sg_zk_own_remove(struct sg_backend *b, struct sg_zk_own *own)
{
    for (struct sg_zk_own **at = &b->own; *at != NULL; at = &(*at)->next) {
        if (*at != own)
            continue;
        *at = own->next;
        own_free(own);
        return;
    }
}

void sg_zk_own_expired(struct sg_backend *b)
{
    struct sg_zk_own **at = &b->own;

    while (*at != NULL) {
        struct sg_zk_own *own = *at;
        if (own->is_leaving) {
            at = &own->next;
            continue;
        }
        *at = own->next;
        own_free(own);
    }
}

bool sg_zk_own_is_empty(const struct sg_backend *b)
{
    return b->own == NULL;
}

void sg_zk_own_free(struct sg_backend *b)
{
    while (b->own != NULL)
        sg_zk_own_remove(b, b->own);
}
