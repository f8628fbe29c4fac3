/* SPDX-License-Identifier: Apache-2.0
 * leak.c - loses one block: memcheck and LeakSanitizer must go red.
 */
#include <stdio.h>
#include <stdlib.h>

/* Volatile, or the compiler would see that nobody needs the block. */
static void *volatile block;

int main(void)
{
    block = malloc(17);
    block = NULL;
    printf("1 passed, 0 failed\n");
    return 0;
}
