/* SPDX-License-Identifier: Apache-2.0
 * leak_in_child.c - a forked child loses a block, and its parent does not ask
 * how it ended: memcheck must go red all the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile block;

int main(void)
{
    pid_t child = fork();
    if (child == 0) {
        block = malloc(17);
        block = NULL;
        return 0;
    }
    waitpid(child, NULL, 0);
    printf("1 passed, 0 failed\n");
    return 0;
}
