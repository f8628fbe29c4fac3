/* SPDX-License-Identifier: Apache-2.0
 * fault.c - the rows of faults of a link, and which of them strikes.
 */
#include "hub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void fake_strike_end(struct fake_strike *strike)
{
    free(strike->bytes);
    *strike = (struct fake_strike){0};
}

static void free_row(struct fake_fault_row *row)
{
    if (row == NULL)
        return;
    free((void *)(uintptr_t)row->fault.match);
    free((void *)(uintptr_t)row->fault.bytes);
    free(row);
}

void fake_fault_clear(struct fake_link *link)
{
    while (link->faults != NULL) {
        struct fake_fault_row *row = link->faults;
        link->faults = row->next;
        free_row(row);
    }
}

int fake_link_fault(struct fake_link *link, const struct fake_fault *fault)
{
    struct fake_fault_row *row, **end = &link->faults;
    const struct fake_fault *f = fault;
    uint8_t *bytes;

    if (f->kind < FAKE_REFUSE || f->kind > FAKE_LIE || f->amount < 0 ||
        (f->bytes == NULL && f->length > 0))
        return -EINVAL;
    row = calloc(1, sizeof *row);
    if (row == NULL)
        return -ENOMEM;
    row->fault = *f;
    row->fault.match = f->match == NULL ? NULL : strdup(f->match);
    row->fault.bytes = bytes = malloc(f->length + 1);
    if ((f->match != NULL && row->fault.match == NULL) || bytes == NULL) {
        free_row(row);
        return -ENOMEM;
    }
    if (f->length > 0)
        memcpy(bytes, f->bytes, f->length);
    while (*end != NULL)
        end = &(*end)->next;
    *end = row;
    return 0;
}

static bool is_match(const struct fake_fault *fault, const uint8_t *bytes,
                     size_t length)
{
    if ((fault->kind == FAKE_REFUSE) != (bytes == NULL))
        return false;
    return bytes == NULL || fault->match == NULL ||
           memmem(bytes, length, fault->match, strlen(fault->match)) != NULL;
}

static int start(const struct fake_fault *fault, struct fake_strike *strike)
{
    /* What refuses a connection has no reply that would own them. */
    if (fault->kind == FAKE_LIE && fault->length > 0) {
        strike->bytes = malloc(fault->length);
        if (strike->bytes == NULL)
            return -ENOMEM;
        memcpy(strike->bytes, fault->bytes, fault->length);
    }
    strike->length = fault->length;
    strike->kind = fault->kind;
    strike->amount = fault->amount;
    return 0;
}

/* The first row that is not to be skipped strikes; rows behind it do not see
 * the request. */
int fake_fault_strike(struct fake_link *link, const uint8_t *bytes,
                      size_t length, struct fake_strike *ret_strike)
{
    struct fake_fault_row *row, **at = &link->faults;

    *ret_strike = (struct fake_strike){0};
    for (; (row = *at) != NULL; at = &row->next) {
        if (!is_match(&row->fault, bytes, length))
            continue;
        if (row->fault.skip == 0)
            break;
        row->fault.skip--;
    }
    if (row == NULL)
        return 0;
    if (start(&row->fault, ret_strike) != 0)
        return -ENOMEM;
    link->struck++;
    if (row->fault.times == 1) { /* 0 means for ever */
        *at = row->next;
        free_row(row);
    } else if (row->fault.times > 1) {
        row->fault.times--;
    }
    return 0;
}
