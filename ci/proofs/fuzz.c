/* SPDX-License-Identifier: Apache-2.0
 * fuzz.c - a fuzz target with a bug, if PLANTED says so: the byte behind an
 * input that begins with "ab" is read. ci/fuzz.sh must find it from inputs
 * that do not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length);
    volatile uint8_t last = 0;

    if (copy == NULL)
        return 0;
    memcpy(copy, bytes, length);
    if (length >= 2 && copy[0] == 'a' && copy[1] == 'b')
        last = copy[length - 1 + PLANTED];
    (void)last;
    free(copy);
    return 0;
}
