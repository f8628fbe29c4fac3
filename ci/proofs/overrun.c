/* SPDX-License-Identifier: Apache-2.0
 * overrun.c - reads one byte behind a block: memcheck and AddressSanitizer
 * must go red.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    volatile size_t length = 17;
    volatile char *block = calloc(length, 1);
    if (block == NULL)
        return 1;
    char byte = block[length];
    free((void *)(size_t)block);
    printf("1 passed, 0 failed\n");
    return byte & 0;
}
