/* SPDX-License-Identifier: Apache-2.0
 * clean.c - nothing is wrong here: every gate must let this pass, or the
 * others prove nothing but that a tool cannot run.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *add_one(void *arg)
{
    int *number = arg;
    ++*number;
    return NULL;
}

int main(void)
{
    pthread_t thread;
    int *number = calloc(1, sizeof *number);
    if (number == NULL || pthread_create(&thread, NULL, add_one, number) != 0)
        return 1;
    pthread_join(thread, NULL);
    printf("%d passed, 0 failed\n", *number);
    free(number);
    return 0;
}
