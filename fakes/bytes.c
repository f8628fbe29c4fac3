/* SPDX-License-Identifier: Apache-2.0
 * bytes.c - bytes on their way: chunks, queues of them, and growing buffers.
 */
#include "hub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fake_chunk *fake_chunk_new(const void *bytes, size_t length)
{
    struct fake_chunk *chunk;

    if (length > UINT32_MAX) /* the loop's buffers end there */
        return NULL;
    chunk = malloc(sizeof *chunk + length);
    if (chunk == NULL)
        return NULL;
    memset(chunk, 0, sizeof *chunk);
    chunk->length = length;
    if (length > 0)
        memcpy(chunk->bytes, bytes, length);
    return chunk;
}

void fake_queue_add(struct fake_queue *queue, struct fake_chunk *chunk)
{
    chunk->next = NULL;
    if (queue->first == NULL)
        queue->first = chunk;
    else
        queue->last->next = chunk;
    queue->last = chunk;
}

struct fake_chunk *fake_queue_take(struct fake_queue *queue)
{
    struct fake_chunk *chunk = queue->first;
    if (chunk != NULL)
        queue->first = chunk->next;
    return chunk;
}

void fake_queue_clear(struct fake_queue *queue)
{
    while (queue->first != NULL)
        free(fake_queue_take(queue));
}

int fake_bytes_add(struct fake_bytes *bytes, const void *more, size_t length)
{
    if (length > SIZE_MAX / 2 - bytes->length)
        return -ENOMEM;
    if (bytes->length + length > bytes->room) {
        size_t room = bytes->room < 256 ? 256 : bytes->room;
        while (room < bytes->length + length)
            room *= 2;
        uint8_t *at = realloc(bytes->at, room);
        if (at == NULL)
            return -ENOMEM;
        bytes->at = at;
        bytes->room = room;
    }
    if (length > 0)
        memcpy(bytes->at + bytes->length, more, length);
    bytes->length += length;
    return 0;
}

void fake_bytes_drop(struct fake_bytes *bytes, size_t length)
{
    bytes->length -= length;
    if (bytes->length > 0 && length > 0)
        memmove(bytes->at, bytes->at + length, bytes->length);
}

void fake_bytes_clear(struct fake_bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct fake_bytes){0};
}
