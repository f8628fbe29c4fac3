/* SPDX-License-Identifier: Apache-2.0
 * memory.c - what one observer remembers between its questions.
 *
 * One table for all three kinds: a key of text, a time, and a value. Buckets
 * of a few slots, the oldest of a full bucket goes: bounded by construction,
 * and a look-up touches one bucket. Verdicts go before the other two, which
 * are few and cannot be asked for again.
 */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 512u
#define SLOTS 8u

struct note {
    char *key;
    int64_t at_ms; /* group: lost since, or -1; else when noted   */
    int64_t used_ms;
    uint64_t birth;
    struct sg_verdict verdict;
};
struct sg_memory {
    struct note notes[BUCKETS][SLOTS];
};

#define KEY_MAX (3 * SG_NAME_MAX + 32)

struct sg_memory *sg_memory_new(void)
{
    return calloc(1, sizeof(struct sg_memory));
}

void sg_memory_free(struct sg_memory *memory)
{
    if (memory == NULL)
        return;
    for (size_t b = 0; b < BUCKETS; b++)
        for (size_t s = 0; s < SLOTS; s++)
            free(memory->notes[b][s].key);
    free(memory);
}

/* FNV-1a: short names, no hostile keys (an attacker who can choose members'
 * names can at most push out notes of one bucket). */
static size_t bucket_of(const char *key)
{
    uint64_t h = 14695981039346656037u;

    for (; *key != '\0'; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211u;
    return (size_t)(h % BUCKETS);
}

static const struct note *find(const struct sg_memory *memory, const char *key)
{
    const struct note *bucket = memory->notes[bucket_of(key)];

    for (size_t s = 0; s < SLOTS; s++)
        if (bucket[s].key != NULL && strcmp(bucket[s].key, key) == 0)
            return &bucket[s];
    return NULL;
}

static struct note *find_mutable(struct sg_memory *memory, const char *key)
{
    return (struct note *)(uintptr_t)find(memory, key);
}

static void forget(struct note *note)
{
    free(note->key);
    *note = (struct note){0};
}

static bool is_verdict(const struct note *note)
{
    return strncmp(note->key, "view ", 5) == 0;
}

static bool goes_before(const struct note *a, const struct note *b)
{
    if (is_verdict(a) != is_verdict(b))
        return is_verdict(a);
    return a->used_ms < b->used_ms;
}

/* NULL: out of memory, nothing is remembered. */
static struct note *add(struct sg_memory *memory, const char *key,
                        int64_t now_ms)
{
    struct note *bucket = memory->notes[bucket_of(key)], *place = &bucket[0];

    for (size_t s = 0; s < SLOTS; s++) {
        if (bucket[s].key == NULL) {
            place = &bucket[s];
            break;
        }
        if (goes_before(&bucket[s], place))
            place = &bucket[s];
    }
    forget(place);
    place->key = strdup(key);
    if (place->key == NULL)
        return NULL;
    place->at_ms = place->used_ms = now_ms;
    return place;
}

bool sg_memory_group(struct sg_memory *memory, const char *group, bool exists,
                     uint64_t birth, int64_t now_ms, int64_t timeout_ms)
{
    char key[KEY_MAX];
    struct note *note;

    snprintf(key, sizeof key, "group %s", group);
    note = find_mutable(memory, key);
    if (note == NULL) {
        if (exists && (note = add(memory, key, now_ms)) != NULL) {
            note->birth = birth;
            note->at_ms = -1;
        }
        return false;
    }
    note->used_ms = now_ms;
    if (exists && note->birth != birth) {
        note->birth = birth;
        note->at_ms = now_ms;
    } else if (!exists && note->at_ms < 0) {
        note->at_ms = now_ms;
    }
    if (note->at_ms < 0)
        return false;
    if (now_ms - note->at_ms < timeout_ms)
        return true;
    if (exists)
        note->at_ms = -1;
    else
        forget(note); /* missing for T: it is simply not there any more */
    return false;
}

int64_t sg_memory_replaced(struct sg_memory *memory, const char *group,
                           const char *member, const char *token,
                           int64_t now_ms)
{
    char key[KEY_MAX];
    struct note *note;

    snprintf(key, sizeof key, "replaced %s %s %s", group, member, token);
    note = find_mutable(memory, key);
    if (note == NULL)
        note = add(memory, key, now_ms);
    if (note == NULL)
        return now_ms;
    note->used_ms = now_ms;
    return note->at_ms;
}

void sg_memory_keep(struct sg_memory *memory, const char *key,
                    const struct sg_verdict *verdict, int64_t now_ms)
{
    struct note *note = find_mutable(memory, key);

    if (note == NULL)
        note = add(memory, key, now_ms);
    if (note == NULL)
        return;
    note->verdict = *verdict;
    note->at_ms = note->used_ms = now_ms;
}

bool sg_memory_recall(const struct sg_memory *memory, const char *key,
                      int64_t now_ms, int64_t max_age_ms,
                      struct sg_verdict *ret_verdict)
{
    const struct note *note = find(memory, key);

    if (note == NULL || now_ms - note->at_ms > max_age_ms)
        return false;
    *ret_verdict = note->verdict;
    ret_verdict->age_ms = now_ms - note->at_ms;
    return true;
}
