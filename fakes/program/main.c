/* SPDX-License-Identifier: Apache-2.0
 * main.c - build/fakes: the three fakes as a program, for clients in any
 * language.
 */
#include "serve.h"

#include <fcntl.h>
#include <unistd.h>

/* Who is started without them must not get a socket in their place: libuv
 * ends the program over one that is to be closed there. */
static void hold_standard_files(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    struct program_options options;
    char why[512];

    hold_standard_files();
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
