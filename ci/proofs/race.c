/* SPDX-License-Identifier: Apache-2.0
 * race.c - two threads write one number unguarded: ThreadSanitizer must go
 * red.
 */
#include <pthread.h>
#include <stdio.h>

static int number;

static void *add_one(void *arg)
{
    (void)arg;
    number++;
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    for (unsigned i = 0; i < 2; i++) {
        if (pthread_create(&threads[i], NULL, add_one, NULL) != 0)
            return 1;
    }
    for (unsigned i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    printf("1 passed, 0 failed\n");
    return 0;
}
