/* SPDX-License-Identifier: Apache-2.0
 * overflow.c - a signed sum that does not fit: UBSan must go red.
 */
#include <limits.h>
#include <stdio.h>

int main(void)
{
    volatile int number = INT_MAX;
    number = number + 1;
    printf("1 passed, 0 failed\n");
    return 0;
}
