/* SPDX-License-Identifier: Apache-2.0
 * list.c - who is up, and which groups there are.
 */
#include "call.h"
#include "judge.h"
#include "why.h"

#include <stdlib.h>
#include <string.h>

void sg_names_free(struct sg_names *names)
{
    if (names == NULL)
        return;
    for (size_t i = 0; i < names->count; i++)
        free(names->name[i]);
    free(names->name);
    free(names);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct sg_names *names_new(size_t room)
{
    struct sg_names *names = calloc(1, sizeof *names);

    if (names == NULL)
        return NULL;
    names->name = calloc(room + 1, sizeof *names->name);
    if (names->name != NULL)
        return names;
    free(names);
    return NULL;
}

static bool names_add(struct sg_names *names, const char *name)
{
    names->name[names->count] = strdup(name);
    if (names->name[names->count] == NULL)
        return false;
    names->count++;
    return true;
}

/* Sorted, each once: two stores may have told the same. */
static int names_done(struct sg_names *names, bool is_whole,
                      struct sg_names **ret_names)
{
    size_t kept = 0;

    if (!is_whole) {
        sg_names_free(names);
        return sg_why_set(SG_ENOMEM, "out of memory");
    }
    qsort(names->name, names->count, sizeof *names->name, by_name);
    for (size_t i = 0; i < names->count; i++) {
        if (kept > 0 && strcmp(names->name[kept - 1], names->name[i]) == 0)
            free(names->name[i]);
        else
            names->name[kept++] = names->name[i];
    }
    names->count = kept;
    *ret_names = names;
    return SG_OK;
}

/* The members that a single question would call UP. While the store must be
 * taken to have lost data, a list would be a list of DOWNs by silence: false.
 * Lock held. */
static bool add_up(struct sg *store, const struct sg_op *op,
                   struct sg_names *names, bool *is_whole)
{
    struct sg_scene scene =
        sg_scene_of(store->memory, op, sg_now(store), store->bounds.timeout_ms);

    names->skipped += op->skipped;
    for (size_t i = 0; i < op->n_sights && *is_whole; i++)
        if (sg_judge(&scene, &op->sights[i]).status == SG_UP)
            *is_whole = names_add(names, op->sights[i].member);
    return !scene.is_lost;
}

static int list_up(struct sg_call *call, struct sg_names **ret_names)
{
    struct sg *sg = call->sg;
    bool is_whole, is_trusted = true;
    struct sg_names *names;
    size_t room = 0;

    for (size_t s = 0; s < sg->n_stores; s++)
        room += call->task[s]->op.n_sights;
    names = names_new(room);
    is_whole = names != NULL;
    sg_lock(sg);
    for (size_t s = 0; s < sg->n_stores && is_whole; s++)
        is_trusted =
            add_up(sg->store[s], &call->task[s]->op, names, &is_whole) &&
            is_trusted;
    sg_unlock(sg);
    if (is_whole && !is_trusted) {
        sg_names_free(names);
        return sg_why_set(SG_EUNKNOWN,
                          "the store lost its data less than %lld ms ago; ask "
                          "again, or ask for one",
                          (long long)sg->bounds.timeout_ms);
    }
    return names_done(names, is_whole, ret_names);
}

int sg_list(struct sg *sg, const char *group, struct sg_names **ret_names)
{
    struct sg_call call;
    int rc = sg_call_check(sg, group, NULL, 0);

    if (rc == SG_OK)
        rc = sg_call_begin(&call, sg, SG_VERB_LIST, 0, group, NULL, 0);
    if (rc != SG_OK)
        return rc;
    sg_call_run(&call, 0, NULL);
    rc = sg_call_whole(&call);
    if (rc == SG_OK)
        rc = list_up(&call, ret_names);
    sg_call_end(&call);
    return rc;
}

static int list_groups(const struct sg_call *call, struct sg_names **ret_names)
{
    struct sg_names *names;
    bool is_whole;
    size_t room = 0;

    for (size_t s = 0; s < call->sg->n_stores; s++)
        room += call->task[s]->op.n_names;
    names = names_new(room);
    is_whole = names != NULL;
    for (size_t s = 0; s < call->sg->n_stores && is_whole; s++) {
        const struct sg_op *op = &call->task[s]->op;
        names->skipped += op->skipped;
        for (size_t i = 0; i < op->n_names && is_whole; i++)
            is_whole = names_add(names, op->names[i]);
    }
    return names_done(names, is_whole, ret_names);
}

int sg_groups(struct sg *sg, struct sg_names **ret_names)
{
    struct sg_call call;
    int rc = sg_check_handle(sg);

    if (rc == SG_OK)
        rc = sg_call_begin(&call, sg, SG_VERB_GROUPS, 0, "-", NULL, 0);
    if (rc != SG_OK)
        return rc;
    sg_call_run(&call, 0, NULL);
    rc = sg_call_whole(&call);
    if (rc == SG_OK)
        rc = list_groups(&call, ret_names);
    sg_call_end(&call);
    return rc;
}
