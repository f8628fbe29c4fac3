/* SPDX-License-Identifier: Apache-2.0
 * main.c - build/fakes: the three fakes as a program, for clients in any
 * language.
 */
#include "serve.h"

int main(int argc, char **argv)
{
    struct program_options options;
    char why[512];

    if (!program_options_read(argc, argv, &options, why, sizeof why)) {
        fprintf(stderr, "fakes: %s\nfakes --help says more\n", why);
        return 2;
    }
    if (options.is_help) {
        program_print_help(stdout);
        return 0;
    }
    return program_serve(&options);
}
